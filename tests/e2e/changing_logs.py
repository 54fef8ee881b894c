#!/usr/bin/env python3
"""A log that is changed while it is imported is never published in part, and crashes nothing: bytes
overwritten, cut off, cut and written again, replaced by another file, unlinked."""

import os
import random
import time

import e2e_support
from e2e_support import Case, scaled, tries

TRIES = tries(6, 3)    # of each way, with each of these options
LINES = scaled(15000, 4000)
MTIME = (10**18, 10**18)
OPTIONS = [[], ["--exclude", "*cache*"], ["--under", "/gpfs"], ["--unescape", "percent"],
           ["--unescape", "backslash", "--root", "/gpfs/csfs1"]]


def overwrite(dice, file, size, log):
    """Bytes that move what has been found in a line: no ends, no slashes, other lines, zeros."""
    del log
    way = dice.randrange(5)
    what = {0: lambda: dice.randbytes(300), 1: lambda: b"\n" * dice.randrange(1, 5000),
            2: lambda: b"x" * dice.randrange(1, 100000), 3: lambda: b"/" * dice.randrange(1, 1000),
            4: lambda: b"\0" * dice.randrange(1, 100000)}[way]
    for _ in range(20):
        os.pwrite(file, what(), dice.randrange(size))


def cut(dice, file, size, log):
    del log
    os.ftruncate(file, dice.randrange(size))


def cut_and_grow(dice, file, size, log):
    with open(log, "rb") as old:
        data = old.read()
    os.ftruncate(file, 0)
    os.pwrite(file, data[:dice.randrange(size)], 0)
    os.ftruncate(file, size)    # as long as before: zeros


def append(dice, file, size, log):
    del log
    os.pwrite(file, b"1 s=1 u=1 type=f -- /late/%d\n" % dice.randrange(1000), size)


class ChangingLogs(Case):
    def setUp(self):
        super().setUp()
        self.dice = random.Random(20260111)
        self.make_folder("whole")
        self.whole = self.generated_log("whole/20260111_fs.log", "gpfs", LINES, "inode", seed=5,
                                        multi_owner=10)
        os.utime(self.whole, ns=MTIME)
        self.old = self.read(self.whole)
        self.site = self.make_folder("site")
        self.database = self.path("site", "fs.db")
        self.log = self.path("20260111_fs.log")

    def start(self, options):
        """An import in the middle of its log: pieces of a few bytes take it long enough."""
        with open(self.log, "wb") as file:
            file.write(self.old)
        # The clock of a file's times ticks every few milliseconds: a change must come later.
        os.utime(self.log, ns=MTIME)
        process = self.start_import("-q", "-j2", "--db", self.database, "--max-rejects", "100%",
                                    *options, self.log, FSTALLY_CHUNK_SIZE=str(len(self.old) // 400))
        while process.poll() is None and not self.has_opened(process):
            time.sleep(0.001)
        time.sleep(self.dice.uniform(0.0, 0.1))
        return process

    def has_opened(self, process):
        """Whether it has the log open: what is changed before is none of its business."""
        folder = f"/proc/{process.pid}/fd"
        try:
            return any(os.path.realpath(os.path.join(folder, fd)) == os.path.realpath(self.log)
                       for fd in os.listdir(folder))
        except OSError:    # it ends just now
            return False

    def change_and_wait(self, change, process):
        """-> whether the change came before the import had ended"""
        file = os.open(self.log, os.O_RDWR)
        change(self.dice, file, len(self.old), self.whole)
        in_time = process.poll() is None
        os.close(file)
        stderr = process.communicate(timeout=e2e_support.HANGS_AFTER)[1]
        return in_time, process.returncode, stderr

    def changed(self, change):
        ended = {0: 0, 1: 0}
        for i in range(TRIES * len(OPTIONS)):
            options = OPTIONS[i % len(OPTIONS)]
            if os.path.exists(self.database):
                os.remove(self.database)
            _, status, stderr = self.change_and_wait(change, self.start(options))
            with self.subTest(options=options, i=i):
                self.assertIn(status, (0, 1), stderr)
                ended[status] += 1
                if status == 1:
                    self.assertEqual(len(stderr.splitlines()), 1, stderr)
                    self.assertIn("20260111_fs.log", stderr)
                    self.assertFalse(os.path.exists(self.database))
                self.assertLessEqual(set(os.listdir(self.site)), {"fs.db"})
                # One that was published had been read to its end before.
                if status == 0 and options == []:
                    self.assert_matches(self.database, [self.whole])
        return ended

    def test_overwritten(self):
        self.assertGreater(self.changed(overwrite)[1], 0)

    def test_cut(self):
        self.assertGreater(self.changed(cut)[1], 0)

    def test_cut_and_written_again(self):
        self.assertGreater(self.changed(cut_and_grow)[1], 0)

    def test_appended_to(self):
        self.assertGreater(self.changed(append)[1], 0)

    def test_replaced_or_unlinked(self):
        """The file that was opened is read to its end, whatever its name means by now."""
        for replaced in (False, True):
            if os.path.exists(self.database):
                os.remove(self.database)
            process = self.start([])
            if replaced:
                os.replace(self.write("other", b"1 s=1 u=1 type=f -- /other/f\n"), self.log)
            else:
                os.remove(self.log)
            stderr = process.communicate(timeout=e2e_support.HANGS_AFTER)[1]
            self.assertEqual(process.returncode, 0, stderr)
            self.assert_matches(self.database, [self.whole])


if __name__ == "__main__":
    e2e_support.main()
