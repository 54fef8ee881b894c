#!/usr/bin/env python3
"""Each system call of an import fails once, in turn. The import ends with one clear line and the old
database, or well and with the new one; nothing is left beside it."""

import os
import re
import shutil
import unittest

import e2e_support
from e2e_support import Case, compare_database

SHIM = os.environ.get("FSTALLY_FAULTSHIM")

EIO, ENOSPC, ESTALE, EDQUOT, HALF, KILLED = 5, 28, 116, 122, 0, -1
CALLS = {
    "open": (EIO, ESTALE), "stat": (EIO, ESTALE), "fstat": (EIO,), "read": (EIO, HALF),
    "pread": (EIO, HALF), "write": (ENOSPC, HALF), "pwrite": (ENOSPC, EDQUOT, HALF),
    "fsync": (EIO, ENOSPC), "ftruncate": (EIO, ENOSPC), "rename": (EIO, ENOSPC), "unlink": (EIO,),
    "fchmod": (EIO,), "fcntl": (EIO,), "mmap": (EIO,), "sync_file_range": (EIO,),
}
LOG = b"".join(b"%d s=%d b=8 u=%d g=5 type=f a=%d -- /d/%d/f%d\n" % (i, i * 100, i % 3, i, i % 7, i)
               for i in range(40))
MORE = LOG.replace(b"/d/", b"/e/")


@unittest.skipUnless(SHIM, "sanitizers want to be the first library")
class FailingCalls(Case):
    def setUp(self):
        super().setUp()
        self.site = self.make_folder("site")
        self.database = self.path("site", "fs.db")
        self.first = self.write("site/20260111_fs.first.log", LOG)
        self.second = self.write("site/20260111_fs.second.log", MORE)
        self.part = self.path("site", "part.db")
        self.report = self.path("report")

    def keep(self, *logs):
        """What the database is before each import; nothing: there is none."""
        for name in ("old.db", "new.db"):
            if os.path.exists(self.path(name)):
                os.remove(self.path(name))
        if logs:
            self.import_ok("--db", self.path("old.db"), *logs)
        self.old = self.read(self.path("old.db")) if logs else None

    def restore(self):
        if self.old is None:
            if os.path.exists(self.database):
                os.remove(self.database)
        else:
            shutil.copyfile(self.path("old.db"), self.database)

    def check(self, what, result, call):
        """The import's end, whatever failed."""
        found = self.read(self.database) if os.path.exists(self.database) else None
        beside = sorted(set(os.listdir(self.site)) - {os.path.basename(path) for path in (
            self.first, self.second, self.database, self.part)})
        if result.returncode == 0:
            self.assertEqual(compare_database.dump(self.database), self.new, what)
        else:
            self.assertEqual(result.returncode, 1, f"{what}: {result.stderr}")
            lines = result.stderr.splitlines()
            self.assertEqual(len(lines), 1, f"{what}: {result.stderr}")
            self.assertRegex(lines[0], r"^fstally-import: .+: .+", what)
            if "is published" in lines[0]:
                self.assertEqual(compare_database.dump(self.database), self.new, what)
            else:
                self.assertEqual(found, self.old, what)
        if call != "unlink":
            self.assertEqual(beside, [], what)

    def import_undisturbed(self, options):
        self.restore()
        self.import_ok("-q", "--db", self.database, "-j2", *options, self.second)
        self.new = compare_database.dump(self.database)

    def import_disturbed(self, call, nth, error, options, environment):
        """-> how an import ended whose nth call of that name meets this error; there is a report if
        it has an nth."""
        self.restore()
        if os.path.exists(self.report):
            os.remove(self.report)
        return self.run_import(
            "-q", "--db", self.database, "-j2", *options, self.second, LD_PRELOAD=SHIM,
            FAULT_CALL=call, FAULT_NTH=str(nth), FAULT_ERRNO=str(error), FAULT_UNDER=self.site,
            FAULT_REPORT=self.report, **environment)

    def each_call_fails(self, *options, **environment):
        """-> the number of failures"""
        self.import_undisturbed(options)
        count = 0
        for call, errors in CALLS.items():
            for error in errors:
                nth = 0
                while True:
                    nth += 1
                    what = f"{call} {nth}: {os.strerror(error) if error else 'half'}"
                    result = self.import_disturbed(call, nth, error, options, environment)
                    with self.subTest(what):
                        self.check(what, result, call)
                    # What may be left where unlink fails hinders nobody.
                    for name in os.listdir(self.site):
                        if re.match(r"\..*\.build", name):
                            os.remove(os.path.join(self.site, name))
                    if not os.path.exists(self.report):
                        break
                    count += 1
        return count

    def each_call_kills(self, *options, **environment):
        """Killed before each call -> how often. What is left hinders no import."""
        self.import_undisturbed(options)
        count = 0
        for call in CALLS:
            nth = 0
            while True:
                nth += 1
                result = self.import_disturbed(call, nth, KILLED, options, environment)
                if not os.path.exists(self.report):
                    break
                count += 1
                with self.subTest(f"killed before {call} {nth}"):
                    self.assertEqual(result.returncode, -9)
                    found = self.read(self.database) if os.path.exists(self.database) else None
                    if found != self.old:
                        self.assertEqual(compare_database.dump(self.database), self.new)
                    self.import_ok("-q", "-r", "--db", self.database, self.second)
                    left = sorted(set(os.listdir(self.site)) - {os.path.basename(path) for path in (
                        self.first, self.second, self.database, self.part)})
                    self.assertEqual(left, [])
        return count

    def test_killed(self):
        self.keep(self.first)
        self.assertGreater(self.each_call_kills("--replace"), 50)

    def test_killed_in_runs(self):
        self.keep()
        self.assertGreater(self.each_call_kills(FSTALLY_DIRECTORY_BYTES="1",
                                                FSTALLY_CHUNK_SIZE="500"), 50)

    def test_new(self):
        self.keep()
        self.assertGreater(self.each_call_fails(), 100)

    def test_adding(self):
        self.keep(self.first)
        self.assertGreater(self.each_call_fails(), 100)

    def test_merging(self):
        """A database is an input, too."""
        self.keep()
        third = self.write("20260111_fs.third.log", LOG.replace(b"/d/", b"/f/"))
        self.import_ok("--db", self.part, "-f", "fs", third)
        part = self.read(self.part)
        self.assertGreater(self.each_call_fails("-f", "fs", self.part), 100)
        self.assertEqual(self.read(self.part), part)

    def test_in_runs(self):
        """With temporary files for directories that do not fit into memory."""
        self.keep(self.first)
        self.assertGreater(self.each_call_fails(FSTALLY_DIRECTORY_BYTES="1",
                                                FSTALLY_CHUNK_SIZE="500"), 150)

    def test_replacing(self):
        self.keep(self.first)
        self.assertGreater(self.each_call_fails("--replace"), 100)


if __name__ == "__main__":
    e2e_support.main()
