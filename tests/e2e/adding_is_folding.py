#!/usr/bin/env python3
"""Logs added one import after another, or imported on their own and merged, give what they give all
at once, or as one long log."""

import contextlib
import os
import shutil
import sqlite3

import e2e_support
from e2e_support import Case, compare_database, scaled

DATE = ("--scan-date", "2026-01-11")


def gpfs(path, kind="f", s=1, a=1, u=1000, g=100, ac="2025-12-08 19:08:54"):
    """A line; g=None and ac=None leave the key out."""
    mode = "drwxr-xr-x" if kind == "d" else "-rw-r--r--"
    group = "" if g is None else f" g={g}"
    access = "" if ac is None else f" ac={ac}"
    return f"<1> 5 6 0  s={s} a={a} u={u}{group} p={mode}{access} -- {path}\n"


# What a second log may change about a directory that the first has already told of.
TURNS = {
    "a second owner": ([gpfs("/fs/d/x", u=1)], [gpfs("/fs/d/y", u=2)]),
    "a second group": ([gpfs("/fs/d/x", g=1)], [gpfs("/fs/d/y", g=2)]),
    "a group where none was recorded": ([gpfs("/fs/d/x", g=None)], [gpfs("/fs/d/y", g=2)]),
    "a second owner further up": ([gpfs("/fs/d/x", u=1), gpfs("/fs/x", u=1)],
                                  [gpfs("/fs/e/y", u=2)]),
    "a third owner": ([gpfs("/fs/d/x", u=1), gpfs("/fs/d/y", u=2)], [gpfs("/fs/d/z", u=3)]),
    "the same owner": ([gpfs("/fs/d/x", u=1)], [gpfs("/fs/d/y", u=1)]),
    "the first file": ([gpfs("/fs/d", "d")], [gpfs("/fs/d/y")]),
    "no file": ([gpfs("/fs/d/x")], [gpfs("/fs/d", "d"), gpfs("/fs/d/e", "d")]),
    "a later atime": ([gpfs("/fs/d/x", ac="2020-01-01 00:00:00")],
                      [gpfs("/fs/d/y", ac="2021-01-01 00:00:00")]),
    "an earlier atime": ([gpfs("/fs/d/x", ac="2021-01-01 00:00:00")],
                         [gpfs("/fs/d/y", ac="2020-01-01 00:00:00")]),
    "an atime where there was none": ([gpfs("/fs/d/x", ac=None)], [gpfs("/fs/d/y")]),
    "no atime": ([gpfs("/fs/d/x")], [gpfs("/fs/d/y", ac=None)]),
    "the same file": ([gpfs("/fs/d/x")], [gpfs("/fs/d/x"), gpfs("/fs/d/x")]),
    "the same directory": ([gpfs("/fs/d", "d")], [gpfs("/fs/d", "d")]),
    "a sibling before": ([gpfs("/fs/m/x")], [gpfs("/fs/b/y"), gpfs("/fs/b-c/y")]),
    "a sibling after": ([gpfs("/fs/b/x")], [gpfs("/fs/m/y")]),
    "a directory between": ([gpfs("/fs/a/b/x"), gpfs("/fs/a-b/x")], [gpfs("/fs/a/!/x")]),
    "another tree": ([gpfs("/fs/d/x")], [gpfs("/zfs/d/x"), gpfs("/afs/d/x")]),
    "the root as a parent": ([gpfs("/fs/d/x")], [gpfs("/x")]),
    "the root, listed": ([gpfs("/fs/d/x")], [gpfs("/", "d")]),
    "more below a stored root": ([gpfs("/x")], [gpfs("/fs/d/x", u=7)]),
    "a directory further up": ([gpfs("/fs/d/e/x")], [gpfs("/fs/x")]),
    "an owner of another directory": ([gpfs("/fs/d/x", u=1), gpfs("/fs/e/x", u=2)],
                                      [gpfs("/fs/e/y", u=1), gpfs("/fs/d/y", u=1)]),
    "several owners, then one more file": (
        [gpfs("/fs/d/x", u=1, g=1), gpfs("/fs/d/y", u=2, g=2, ac=None)],
        [gpfs("/fs/d/z", u=2, g=2), gpfs("/fs/d/z", u=2, g=None)]),
    "the largest owner": ([gpfs("/fs/d/x", u=4294967294)],
                          [gpfs("/fs/d/y", u=4294967293, g=4294967294)]),
}


class Adding(Case):
    def without_metadata(self, database):
        dump = compare_database.dump(database)
        del dump["scan_metadata"]
        return dump

    def import_in_turn(self, name, logs, *options):
        database = self.path(name)
        for log in logs:
            self.import_ok("--db", database, "-f", "fs", *options, log)
        return database

    def import_at_once(self, name, logs, *options):
        database = self.path(name)
        self.import_ok("--db", database, "-f", "fs", *options, *logs)
        return database

    def assert_folds(self, label, logs):
        """In turn, at once and as one log: the same rows, and the reference's."""
        in_turn = self.import_in_turn(f"{label}.turn.db", logs, *DATE)
        at_once = self.import_at_once(f"{label}.once.db", logs, *DATE)
        whole = self.write(f"{label}.whole.log", b"".join(self.read(log) for log in logs))
        as_one = self.import_at_once(f"{label}.one.db", [whole], *DATE)
        self.assert_matches(in_turn, logs, scan_date=DATE[1], filesystem="fs")
        self.assert_matches(at_once, logs, scan_date=DATE[1], filesystem="fs")
        self.assertEqual(compare_database.dump(in_turn), compare_database.dump(at_once))
        self.assertEqual(self.without_metadata(in_turn), self.without_metadata(as_one))

    def assert_merges(self, label, logs):
        """A database of each log, merged in any order and with logs: what all logs give at once."""
        parts = [self.import_at_once(f"{label}.part{number}.db", [log], *DATE)
                 for number, log in enumerate(logs)]
        at_once = self.import_at_once(f"{label}.all.db", logs, *DATE)
        merged = self.import_at_once(f"{label}.merged.db", parts)
        self.assertEqual(compare_database.dump(merged), compare_database.dump(at_once))
        for name, inputs in (("turned", parts[::-1]), ("mixed", parts[:1] + logs[1:])):
            other = self.import_at_once(f"{label}.{name}.db", inputs, *DATE)
            self.assertEqual(self.without_metadata(other), self.without_metadata(at_once))
            self.assert_verified(other)

    def test_databases_of_every_turn(self):
        for number, (what, (first, second)) in enumerate(TURNS.items()):
            with self.subTest(what):
                self.assert_merges(f"m{number}", [
                    self.write(f"m{number}.{part}.log", "".join(lines).encode())
                    for part, lines in enumerate((first, second))])

    def test_databases_of_a_generated_log(self):
        log = self.generated_log("whole.log", "lustre", scaled(30000, 2400), "inode", seed=46,
                                 multi_owner=30, missing_directories=10)
        lines = self.read(log).splitlines(keepends=True)
        third = len(lines) // 3
        self.assert_merges("generated", [
            self.write(f"some.{number}.log", b"".join(part))
            for number, part in enumerate((lines[:third], lines[third:-9], lines[-9:]))])

    def test_every_turn(self):
        for number, (what, (first, second)) in enumerate(TURNS.items()):
            with self.subTest(what):
                logs = [self.write(f"{number}.{part}.log", "".join(lines).encode())
                        for part, lines in enumerate((first, second))]
                self.assert_folds(str(number), logs)

    def test_every_turn_the_other_way(self):
        for number, (what, (first, second)) in enumerate(TURNS.items()):
            with self.subTest(what):
                logs = [self.write(f"{number}.{part}.log", "".join(lines).encode())
                        for part, lines in enumerate((second, first))]
                self.assert_folds(str(number), logs)

    def test_nothing_more(self):
        for number, more in enumerate((b"", b"[I] nothing\n")):
            self.assert_folds(f"nothing{number}", [
                self.write(f"some.{number}.log", gpfs("/fs/d/x").encode()),
                self.write(f"none.{number}.log", more)])

    def test_parts_of_a_generated_log(self):
        log = self.generated_log("whole.log", "gpfs", scaled(30000, 2400), "inode", seed=41,
                                 multi_owner=30, missing_directories=10)
        lines = self.read(log).splitlines(keepends=True)
        third = len(lines) // 3
        parts = [lines[:third], lines[third:third + 7], lines[third + 7:]]
        self.assert_folds("parts", [self.write(f"part.{number}.log", b"".join(part))
                                    for number, part in enumerate(parts)])

    def test_ages_are_by_each_logs_own_date(self):
        logs = [self.write(f"{date}_site_fs.log", gpfs(f"/fs/{date}").encode())
                for date in ("20251209", "20260111", "20280101")]
        in_turn = self.import_in_turn("dates.turn.db", logs, "--add")
        at_once = self.import_at_once("dates.once.db", logs)
        self.assert_matches(in_turn, logs, filesystem="fs")
        self.assertEqual(compare_database.dump(in_turn), compare_database.dump(at_once))

    def test_formats_may_differ(self):
        """One file system may be scanned by one tool today and by another tomorrow."""
        logs = [self.generated_log(f"20260111_site_{fmt}.log", fmt, 800, seed=43)
                for fmt in ("gpfs", "lustre", "find")]
        database = self.import_in_turn("formats.db", logs)
        self.assert_matches(database, logs, filesystem="fs")


class Merging(Case):
    def setUp(self):
        super().setUp()
        for name, date in (("a", "2026-01-11"), ("b", "2026-01-11"), ("c", "2026-01-18")):
            log = self.write(f"{name}.log", gpfs(f"/fs/{name}/x").encode())
            self.import_ok("--db", self.path(f"{name}.db"), "-f", name, "--scan-date", date, log)
        self.a, self.b, self.c = (self.path(f"{name}.db") for name in "abc")
        self.all = self.path("all.db")

    def refuse(self, *arguments, says, status=1):
        before = sorted(os.listdir(self.path("")))
        result = self.run_import("-q", *arguments)
        self.assertEqual(result.returncode, status)
        self.assert_one_line(result.stderr, *says)
        self.assertEqual(sorted(os.listdir(self.path(""))), before)

    def directories(self, database):
        with contextlib.closing(sqlite3.connect(database)) as connection:
            return [path for path, in connection.execute("SELECT path FROM directories")]

    def test_no_name_is_needed(self):
        summary = self.import_ok("--db", self.all, self.a, self.b).stdout
        self.assertIn("merged       2 logs with 2 files of other databases", summary)
        self.assertEqual(self.directories(self.all), ["/fs", "/fs/a", "/fs/b"])
        log = self.write("d.log", gpfs("/fs/d/x").encode())
        self.import_ok("-r", "--db", self.all, *DATE, self.a, log, self.b)
        with contextlib.closing(sqlite3.connect(self.all)) as connection:
            self.assertEqual(connection.execute(
                "SELECT source_file, filesystem FROM scan_metadata ORDER BY scan_id").fetchall(),
                [("a.log", "a"), ("b.log", "b"), ("d.log", "d")])
        self.refuse(self.a, self.b, says=["a.db: is a database", "--db", "--filesystem"], status=2)

    def test_a_log_counts_once(self):
        shutil.copy2(self.a, self.path("copy.db"))
        self.refuse("--db", self.all, self.a, self.path("copy.db"),
                    says=["copy.db: holds the log a.log, as ", "a.db does"])
        self.refuse("--db", self.all, "-f", "fs", *DATE, self.a, self.path("a.log"),
                    says=["a.log: already imported into ", "a.db"])
        self.refuse("--db", self.b, self.path("copy.db"), self.a, says=["holds the log a.log"])
        os.symlink(self.a, self.path("link.db"))
        result = self.run_import("--db", self.all, self.a, self.path("link.db"))
        self.assertEqual(result.returncode, 0)
        self.assert_one_line(result.stderr, "link.db: skipped: is the same file as ")

    def test_the_database_that_is_added_to(self):
        result = self.run_import("--db", self.a, self.a, self.b)
        self.assertEqual(result.returncode, 0)
        self.assert_one_line(result.stderr, "a.db: skipped as an input")
        self.assertEqual(self.directories(self.a), ["/fs", "/fs/a", "/fs/b"])
        self.import_ok("-r", "--db", self.b, self.b, "-f", "fs")
        self.assertEqual(self.directories(self.b), ["/fs", "/fs/b"])

    def test_other_dates(self):
        self.refuse("--db", self.all, self.a, self.c,
                    says=["a.db: holds a scan of 2026-01-11, and ", "c.db is of 2026-01-18",
                          "use --add"])
        self.refuse("--db", self.a, self.c, says=["--replace, or add to it with --add"])
        self.import_ok("--add", "--db", self.all, self.a, self.c)
        self.assertEqual(self.directories(self.all), ["/fs", "/fs/a", "/fs/c"])

    def test_a_fifo_is_not_opened(self):
        """Else whoever writes to it would be ended by SIGPIPE."""
        os.mkfifo(self.path("fifo"))
        with open(os.open(self.path("fifo"), os.O_RDWR), "rb+", buffering=0) as fifo:
            fifo.write(b"SQLite format 3\0")
            self.refuse("--db", self.all, "-f", "fs", self.path("fifo"),
                        says=["fifo: not a regular file"])
            self.assertEqual(fifo.read(16), b"SQLite format 3\0")

    def test_verbose(self):
        result = self.run_import("-v", "--db", self.all, self.a, self.b)
        self.assertIn("a.db: a database, whose logs are added up", result.stderr)
        self.assertIn("b.db: a database, whose logs are added up", result.stderr)

    def test_what_cannot_be_merged(self):
        self.refuse("--db", self.all, "--exclude", "/fs/a", self.a,
                    says=["a.db: is a database, to which --exclude does not apply"], status=2)
        self.refuse("--db", self.all, "--under", "/fs", self.a, says=["--under"], status=2)
        self.refuse("--db", self.all, "--rejects", self.a, self.a, self.b,
                    says=["--rejects ", "is an input"], status=2)
        self.refuse("--db", self.all, "--age-by", "mtime", self.a, says=["a.db", "use --age-by"])
        with open(self.b, "r+b") as file:
            file.seek(8192)
            file.write(b"\xff" * 4096)
        self.refuse("--db", self.all, self.a, self.b, says=["b.db"])


class Replacing(Case):
    def test_replace(self):
        first = self.generated_log("20260111_site_fs.log", "gpfs", 2000, seed=44)
        second = self.generated_log("20260211_site_fs.log", "lustre", 1500, seed=45)
        database = self.path("fs.db")
        self.import_ok("--db", database, first)
        self.import_ok("--db", database, "--replace", second)
        self.assert_matches(database, [second])
        self.import_ok("--db", database, "-r", first)
        self.assert_matches(database, [first])

    def test_replace_where_nothing_is(self):
        log = self.generated_log("20260111_site_fs.log", "gpfs", 500, seed=44)
        database = self.path("fs.db")
        self.import_ok("--db", database, "--replace", log)
        self.assert_matches(database, [log])

    def test_replace_by_the_same_log(self):
        log = self.generated_log("20260111_site_fs.log", "gpfs", 500, seed=44)
        database = self.path("fs.db")
        self.import_ok("--db", database, log)
        self.import_ok("--db", database, "--replace", log)
        self.assert_matches(database, [log])

    def test_replaced_from_scratch(self):
        """Nothing of the old rows is left: the same rows as in a new database."""
        first = self.generated_log("20260111_site_fs.log", "gpfs", 2000, seed=44)
        second = self.generated_log("20260211_site_fs.log", "gpfs", 1500, seed=45)
        replaced, fresh = self.path("replaced.db"), self.path("fresh.db")
        self.import_ok("--db", replaced, first)
        self.import_ok("--db", replaced, "--replace", second)
        self.import_ok("--db", fresh, second)
        self.assertEqual(compare_database.dump(replaced), compare_database.dump(fresh))


class Twice(Case):
    def setUp(self):
        super().setUp()
        self.site = self.make_folder("site")
        self.database = self.path("site", "fs.db")
        self.log = self.generated_log("20260111_site_fs.log", "gpfs", 500, seed=46)
        self.other = self.generated_log("20260112_site_fs.log", "gpfs", 500, seed=47)

    def assert_refused(self, *logs):
        before = self.read(self.database) if os.path.exists(self.database) else None
        result = self.run_import("-q", "--add", "--db", self.database, *logs)
        self.assertEqual(result.returncode, 1, result.stderr)
        self.assert_one_line(result.stderr, "20260111_site_fs.log")
        if before is None:
            self.assert_only(self.site)
        else:
            self.assertEqual(self.read(self.database), before)
            self.assert_only(self.site, "fs.db")

    def test_a_log_imported_before(self):
        self.import_ok("--db", self.database, self.log)
        self.assert_refused(self.log)
        self.assert_refused(self.other, self.log)

    def test_a_log_imported_before_the_last(self):
        self.import_ok("--db", self.database, self.log)
        self.import_ok("--add", "--db", self.database, self.other)
        self.assert_refused(self.log)

    def test_the_same_log_elsewhere(self):
        """A log is known by its name, size and time, not by its folder."""
        self.import_ok("--db", self.database, self.log)
        self.make_folder("elsewhere")
        copy = shutil.copy2(self.log, self.path("elsewhere"))
        self.assert_refused(copy)

    def test_twice_on_one_command_line(self):
        """One file by whatever link counts once; that is no error."""
        link = self.path("20260111_site_link.log")
        os.symlink(self.log, link)
        again = os.path.join(self.folder, ".", os.path.basename(self.log))
        result = self.import_ok("-f", "fs", "--db", self.database, self.log, again, link)
        self.assertEqual(result.stderr.count(": skipped: is the same file as "), 2, result.stderr)
        self.assert_matches(self.database, [self.log], filesystem="fs")

    def test_a_copy_on_one_command_line(self):
        """Another file of the same name, size and time is the same log."""
        self.make_folder("elsewhere")
        self.assert_refused(self.log, shutil.copy2(self.log, self.path("elsewhere")))

    def test_another_date(self):
        """A job that forgot --replace must not double every figure."""
        self.import_ok("--db", self.database, self.log)
        before = self.read(self.database)
        result = self.run_import("-q", "--db", self.database, self.other)
        self.assertEqual(result.returncode, 1, result.stderr)
        self.assert_one_line(result.stderr, "holds a scan of 2026-01-11", "of 2026-01-12",
                             "--replace", "--add")
        self.assertEqual(self.read(self.database), before)

    def test_a_log_that_has_changed(self):
        """Another time or size is another log."""
        self.import_ok("--db", self.database, self.log)
        lines = self.read(self.log).count(b"\n")
        with open(self.log, "ab") as file:
            file.write(gpfs("/fs/new").encode())
        os.utime(self.log, (1, 1))
        self.import_ok("--db", self.database, self.log)
        connection = compare_database.open_read_only(self.database)
        self.addCleanup(connection.close)
        self.assertEqual(
            [count for (count,) in connection.execute(
                "SELECT lines FROM scan_metadata ORDER BY scan_id")], [lines, lines + 1])

    def test_the_same_content_under_another_name(self):
        copy = shutil.copy2(self.log, self.path("20260111_site_copy.log"))
        self.import_ok("--db", self.database, "-f", "fs", self.log)
        self.import_ok("--db", self.database, "-f", "fs", copy)
        self.assert_matches(self.database, [self.log, copy], filesystem="fs")


if __name__ == "__main__":
    e2e_support.main()
