#!/usr/bin/env python3
"""Every table of an import equals the slow reference's answer: for nasty logs written by hand, for
generated logs of every format, and for a real scan of this machine."""

import itertools
import os
import subprocess

import e2e_support
from e2e_support import Case, make_nasty_logs, scaled

FIND_LINE = "%i s=%s b=%b u=%U g=%G type=%y perm=%m a=%A@ m=%T@ c=%C@ -- %p\n"


class NastyLogs(Case):
    def test_each(self):
        self.assert_each(self.nasty_logs())

    def test_each_that_ends_records_in_nul(self):
        self.assert_each(self.nasty_logs(which=make_nasty_logs.null_ended_logs), "--null",
                         null=True)

    def assert_nothing_published(self, database, *arguments):
        """A log of no entries makes no database."""
        result = self.run_import("-q", "--db", database, *arguments)
        self.assertEqual(result.returncode, 1)
        self.assertIn("nothing to publish", result.stderr)
        self.assertFalse(os.path.exists(database))

    def assert_each(self, logs, *arguments, **options):
        for path, nasty in logs:
            with self.subTest(nasty.name):
                database = self.path("db", nasty.name + ".db")
                os.makedirs(self.path("db"), exist_ok=True)
                rejects = self.path("rejects")
                if nasty.files + nasty.directories == 0:
                    self.assert_nothing_published(database, *arguments, path)
                    continue
                summary = self.import_summary("--db", database, "--max-rejects", "100%",
                                              "--rejects", rejects, *arguments, path)
                self.assertEqual(
                    [summary[key] for key in
                     ("lines", "headers", "files", "directories", "rejected")],
                    [nasty.lines, nasty.headers, nasty.files, nasty.directories,
                     len(nasty.rejected)])
                self.assertEqual(summary["flawed"], len(nasty.flawed))
                self.assertEqual(summary["scan_errors"], nasty.scan_errors)
                reference = self.assert_matches(database, [path], **options)
                self.assert_same_rejects(rejects, reference)

    def test_glued_lustre_records_are_told_as_such(self):
        """Whatever else is wrong with a line of two records, that is what the reject says."""
        for path, nasty in self.nasty_logs("lustre"):
            if nasty.name != "glued.lustre":
                continue
            rejects = self.path("rejects")
            self.import_ok("--db", self.path("glued.db"), "--max-rejects", "100%",
                           "--rejects", rejects, path)
            self.assertEqual({r.line: r.reason for r in e2e_support.read_rejects(rejects)},
                             nasty.rejected)

    def test_all_of_a_format_at_once(self):
        for fmt in ("gpfs", "lustre", "find"):
            with self.subTest(fmt):
                logs = [path for path, _ in self.nasty_logs(fmt)]
                database = self.path(fmt + ".db")
                rejects = self.path("rejects")
                self.import_ok("--db", database, "-f", "nasty", "--scan-date", "2026-02-03",
                               "--max-rejects", "100%", "--rejects", rejects, *logs)
                reference = self.assert_matches(database, logs, scan_date="2026-02-03",
                                                filesystem="nasty")
                self.assert_same_rejects(rejects, reference)

    def test_format_given(self):
        """--format holds even where the lines are of another format: then they are rejected."""
        log = self.write("two.log",
                         b"131 s=1 b=1 u=1 g=1 type=f -- /a/b\n"
                         b"1 2 3 s=1 a=1 u=1 g=1 p=-rw-r--r-- -- /a/c\n"
                         b"1 2 3 s=1 a=1 u=1 g=1 p=drwxr-xr-x type=f -- /a/d\n")
        for fmt in ("gpfs", "find"):
            with self.subTest(fmt):
                database = self.path(fmt + ".db")
                self.import_ok("--db", database, "--format", fmt, "--max-rejects", "100%", log)
                self.assert_matches(database, [log], fmt=fmt)


class Options(Case):
    """What is left out, and which time ages go by, for trees with names of every kind."""

    CHOICES = [
        {"under": "/fs"}, {"under": "/fs/a"}, {"under": "/"}, {"under": "/nowhere"},
        {"root": "/fs"}, {"root": "/fs/a"}, {"root": "/fs/a/b/c"}, {"root": "/nowhere"},
        {"excludes": ("/fs/a",)}, {"excludes": ("/fs/a", "/other")}, {"excludes": ("a*",)},
        {"excludes": ("*.b", "b", "[a-c]-b")}, {"excludes": ("/fs/*/b",)},
        {"excludes": ("*/d/*",)}, {"excludes": ("/fs/a?b",)}, {"excludes": ("/",)},
        {"excludes": ("f1", "file", "x")}, {"excludes": (r"/fs/\*\?\[x\]",)},
        {"excludes": ("?",)}, {"excludes": ("[!a-z]",)}, {"excludes": ("a/", "/fs/[b-z]*/")},
        {"under": "/fs/a/f"}, {"root": "/fs/a/f"}, {"root": "/fs/a", "under": "/fs/a/b"},
        {"age_by": "mtime"}, {"age_by": "latest"},
        {"root": "/fs", "under": "/fs/a", "excludes": ("b",), "age_by": "latest"},
    ]
    NAMES = ("names_around_slash", "odd_names", "missing_directories", "slashes", "mtimes",
             "owners")

    @staticmethod
    def arguments(options):
        for name, value in options.items():
            if name == "excludes":
                for pattern in value:
                    yield from ("--exclude", pattern)
            else:
                yield from ("--" + name.replace("_", "-"), value)

    def test_each(self):
        database, rejects = self.path("x.db"), self.path("rejects")
        for fmt, options in itertools.product(("gpfs", "lustre", "find"), self.CHOICES):
            with self.subTest(format=fmt, **options):
                logs = [path for path, nasty in self.nasty_logs(fmt)
                        if nasty.name.split(".")[0] in self.NAMES]
                self.assertEqual(len(logs), len(self.NAMES))
                if os.path.exists(database):
                    os.remove(database)
                self.import_ok("--db", database, "-f", "fs", "--scan-date", "2026-01-11",
                               "--max-rejects", "100%", "--rejects", rejects,
                               *self.arguments(options), *logs)
                reference = self.assert_matches(database, logs, scan_date="2026-01-11",
                                                filesystem="fs", **options)
                self.assert_same_rejects(rejects, reference)


class GeneratedLogs(Case):
    def test_formats_and_orders(self):
        lines = scaled(30000, 2000)
        for fmt, order in itertools.product(("gpfs", "lustre", "find"), ("tree", "inode")):
            with self.subTest(format=fmt, order=order):
                log = self.generated_log(
                    f"20260111_site_{fmt}{order}.log", fmt, lines, order, seed=7,
                    multi_owner=20, missing_directories=10, damaged=5)
                database = self.path(f"{fmt}-{order}.db")
                rejects = self.path("rejects")
                self.import_ok("--db", database, "--max-rejects", "5%", "--rejects", rejects, log)
                reference = self.assert_matches(database, [log])
                self.assert_same_rejects(rejects, reference)
                self.assertGreater(reference.logs[0].rejected, 0)

    def test_several_parts_with_their_own_dates(self):
        """Each log's ages are by its own scan date; the tree is one."""
        logs = [self.generated_log(f"{date}_site_parts.{part}.log", "gpfs", scaled(8000, 800),
                                   "inode", seed=part, multi_owner=30)
                for part, date in enumerate(("20200101", "20260111", "20231231"))]
        database = self.path("parts.db")
        self.import_ok("--db", database, *logs)
        self.assert_matches(database, logs)


class RealScan(Case):
    def test_find(self):
        log = self.path("machine.find")
        most = scaled(100000, 5000)
        for folder in ("/usr/share", "/usr/lib", "/usr/share/doc", "/usr/include", "/etc"):
            with open(log, "wb") as file:
                subprocess.run(["find", folder, "-printf", FIND_LINE], stdout=file,
                               stderr=subprocess.DEVNULL, check=False)
            lines = self.read(log).count(b"\n")
            if 100 <= lines <= most:
                break
        else:
            self.skipTest("no folder of a fitting size on this machine")
        database = self.path("machine.db")
        self.import_ok("--db", database, log)
        reference = self.assert_matches(database, [log])
        self.assertEqual(reference.logs[0].rejected, 0)


if __name__ == "__main__":
    e2e_support.main()
