#!/usr/bin/env python3
"""Allocations fail, one or all from one on. A program ends with one clear line, the old database and
nothing beside it, or with what it should have done."""

import os
import random
import shutil
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "support"))

import e2e_support
import query_support
from e2e_support import compare_database, scaled, tries

SHIM = os.environ.get("FSTALLY_ALLOCSHIM")
IMPORT = os.environ.get("FSTALLY_IMPORT_LIBC")

LOG = b"".join(b"%d s=%d b=8 u=%d g=5 type=f a=%d -- /d/%d/f%d\n" % (i, i * 100, i % 3, i, i % 7, i)
               for i in range(40)) + b"no record\n"
QUESTIONS = [
    [], ["--group-by", "owner"], ["--histogram", "both", "--top", "2"], ["--cold", "1y"],
    ["--cold", "1y", "--hot-spots"], ["-N", "*[0-9]", "-P", "/d", "-E", "/d/3"], ["--summary"],
    ["-u", "1", "--format", "json"], ["--format", "ncdu"], ["--verify", "--format", "csv"],
    ["--format", "table"],
]


@unittest.skipUnless(SHIM, "sanitizers bring an allocator of their own")
class FailingAllocations(query_support.QueryCase):
    def each(self, run, most):
        """Runs it with the shim's settings, for at most `most` of the allocations -> how many failed."""
        report = self.path("report")
        last, failed = 1, 0
        while os.path.exists(report) or last == 1:    # how many there are
            if os.path.exists(report):
                os.remove(report)
            last *= 2
            run({"LD_PRELOAD": SHIM, "FAULT_NTH": str(last), "FAULT_REPORT": report})
        dice = random.Random(3)
        # The first ones, of all libraries' beginnings, always.
        chosen = range(1, last) if last <= most else sorted(
            {*range(1, 50), *dice.sample(range(1, last), most)})
        for nth in chosen:
            for lasting in ({}, {"FAULT_LASTING": "1"}):
                run({"LD_PRELOAD": SHIM, "FAULT_NTH": str(nth), "FAULT_REPORT": report, **lasting})
                failed += os.path.exists(report)
                if os.path.exists(report):
                    os.remove(report)
        return failed

    def check_end(self, program, what, result):
        """Failed, in one line; the loader's own failures, before the program begins, have another."""
        text = result.stderr.decode() if isinstance(result.stderr, bytes) else result.stderr
        if result.returncode == 127:
            return
        self.assertIn(result.returncode, (1, 2), f"{what}: {text}")
        self.assertRegex(text, rf"\A({program}[a-z-]*: [^\n]+\n)+\Z", what)

    @staticmethod
    def dump(database):
        """Without the names of users, of which the C library has others where memory is short."""
        tables = compare_database.dump(database)
        return {name: rows for name, rows in tables.items() if name not in ("user_info", "group_info")}

    def imports(self, *options, **environment):
        site = self.make_folder("site")
        database = os.path.join(site, "fs.db")
        first = self.write("20260111_fs.first.log", LOG)
        second = self.write("20260111_fs.second.log", LOG.replace(b"/d/", b"/e/"))
        old = self.path("old.db")
        self.import_ok("--db", old, "-f", "fs", "--max-rejects", "5%", first)
        shutil.copyfile(old, database)
        arguments = ("-q", "--db", database, "-f", "fs", "--max-rejects", "5%", "-j2",
                     "--rejects", self.path("rejects"), *options, second)
        self.import_ok(*arguments)
        new = self.dump(database)
        old_bytes = self.read(old)

        def run(settings):
            shutil.copyfile(old, database)
            result = self.run_command([IMPORT, *arguments], {**settings, **environment})
            what = f"{options} {settings}"
            with self.subTest(what):
                if result.returncode == 0:
                    self.assertEqual(self.dump(database), new, what)
                else:
                    self.check_end("fstally-import", what, result)
                    self.assertEqual(self.read(database), old_bytes, what)
                self.assertEqual(os.listdir(site), ["fs.db"], what)
        return self.each(run, tries(200, 40))

    def run_command(self, command, settings):
        import subprocess
        return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False,
                              env=self.query_environment(**settings), timeout=60)

    def test_adding(self):
        self.assertGreater(self.imports(), 50)

    def test_in_runs(self):
        self.assertGreater(self.imports(FSTALLY_DIRECTORY_BYTES="1", FSTALLY_CHUNK_SIZE="500"), 50)

    def test_replacing_through_sql(self):
        self.assertGreater(self.imports("--replace", "--writer", "sql"), 50)

    def test_questions(self):
        database = self.path("fs.db")
        self.import_ok("-q", "--db", database, "-f", "fs", "--max-rejects", "5%",
                       self.write("20260111_fs.log", LOG))
        failed = 0
        for question in QUESTIONS:
            command = self.query_command(*question, database)
            answer = self.run_command(command, {}).stdout

            def run(settings):
                result = self.run_command(command, settings)
                what = f"{question} {settings}"
                with self.subTest(what):
                    if result.returncode == 0:
                        self.assertEqual(result.stdout, answer, what)
                    else:
                        self.check_end("fstally-query", what, result)
            failed += self.each(run, tries(60, 20))
        self.assertGreater(failed, 500)


if __name__ == "__main__":
    e2e_support.main()
