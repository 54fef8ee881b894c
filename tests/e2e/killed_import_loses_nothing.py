#!/usr/bin/env python3
"""An import that is killed, interrupted or fails leaves the old database as it was, byte for byte,
and the next import works and clears away what was left."""

import contextlib
import os
import random
import shutil
import signal
import subprocess
import sqlite3
import time

import e2e_support
from e2e_support import Case, compare_database, scaled, tries

KILLS = tries(30, 6)


class Interrupted(Case):
    """A database with something in it, and a log to add to it."""

    def setUp(self):
        super().setUp()
        self.site = self.make_folder("site")
        self.database = self.path("site", "fs.db")
        self.first = self.generated_log("20260111_site_fs.first.log", "gpfs", scaled(20000, 2000),
                                        "inode", seed=31, multi_owner=20)
        self.second = self.generated_log("20260111_site_fs.second.log", "gpfs",
                                         scaled(60000, 3000), "inode", seed=32, multi_owner=20)
        self.import_ok("--db", self.database, self.first)
        self.saved = self.path("saved.db")
        shutil.copyfile(self.database, self.saved)
        self.old_bytes = self.read(self.database)

    def restore(self):
        """Puts the old database back; whatever lies beside it stays."""
        shutil.copyfile(self.saved, self.database)

    def assert_old(self):
        self.assertEqual(self.read(self.database), self.old_bytes,
                         "the old database has changed")

    def import_at_work(self, *options):
        """An import in the middle of its log.

        Cut into pieces of a byte, even the small log takes an import many seconds, so that a
        second after its begin it is at work."""
        process = self.start_import("-q", "--db", self.database, *options, self.second,
                                    FSTALLY_CHUNK_SIZE="1")
        time.sleep(1)
        if process.poll() is not None:
            self.fail(f"ended with {process.returncode}: {process.communicate()[1]}")
        return process


class Killed(Interrupted):
    def killed_at_many_moments(self, *options):
        started = time.monotonic()
        self.import_ok("--db", self.database, *options, self.second)
        whole = time.monotonic() - started
        new = compare_database.dump(self.database)
        moments = random.Random(20260111)
        outcomes = {"old": 0, "new": 0}
        for _ in range(KILLS):
            self.restore()
            process = self.start_import("--db", self.database, *options, self.second)
            time.sleep(moments.uniform(0, 1.1 * whole))
            process.kill()
            process.communicate()
            if self.read(self.database) == self.old_bytes:
                outcomes["old"] += 1
            else:
                outcomes["new"] += 1
                self.assertEqual(compare_database.dump(self.database), new)
                self.restore()
            # What was left must neither hinder nor be taken for data.
            self.import_ok("--db", self.database, *options, self.second)
            self.assert_only(self.site, "fs.db")
            self.assertEqual(compare_database.dump(self.database), new)
        self.assertEqual(sum(outcomes.values()), KILLS)

    def test_while_adding(self):
        self.killed_at_many_moments()

    def test_while_replacing(self):
        self.killed_at_many_moments("--replace")

    def test_while_making_the_first_database(self):
        """Where there was none, there is none or a whole one."""
        moments = random.Random(20260112)
        new_site = self.make_folder("new")
        database = self.path("new", "fs.db")
        started = time.monotonic()
        self.import_ok("--db", database, self.second)
        whole = time.monotonic() - started
        new = compare_database.dump(database)
        for _ in range(KILLS):
            os.remove(database)
            process = self.start_import("--db", database, self.second)
            time.sleep(moments.uniform(0, 1.1 * whole))
            process.kill()
            process.communicate()
            if os.path.exists(database):
                self.assertEqual(compare_database.dump(database), new)
                os.remove(database)
            self.import_ok("--db", database, self.second)
            self.assert_only(new_site, "fs.db")
            self.assertEqual(compare_database.dump(database), new)

    def test_while_it_reads(self):
        process = self.import_at_work()
        process.kill()
        process.communicate()
        self.assert_old()
        self.import_ok("--db", self.database, self.second)
        self.assert_only(self.site, "fs.db")
        self.assert_matches(self.database, [self.first, self.second])


class Signalled(Interrupted):
    def signalled(self, number, *options):
        process = self.import_at_work(*options)
        process.send_signal(number)
        _, errors = process.communicate(timeout=e2e_support.HANGS_AFTER)
        # A shell shows both an exit with 128+N and a death by signal N as 128+N.
        self.assertIn(process.returncode, (128 + number, -number), errors)
        return errors

    def test_interrupted_and_terminated(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            with self.subTest(number.name):
                self.assert_one_line(self.signalled(number))
                self.assert_old()
                self.assert_only(self.site, "fs.db")

    def test_while_replacing(self):
        self.assert_one_line(self.signalled(signal.SIGTERM, "--replace"))
        self.assert_old()
        self.assert_only(self.site, "fs.db")

    def test_second_signal(self):
        """Twice in a row, as a hand on Ctrl-C does, is no different."""
        process = self.import_at_work()
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=e2e_support.HANGS_AFTER)
        self.assertIn(process.returncode, (130, -signal.SIGINT), errors)
        self.assert_old()

    def test_a_summary_that_nobody_reads(self):
        """The database is there; the program waits for its reader, and a signal ends it."""
        reader, writer = os.pipe()
        os.set_blocking(writer, False)
        with self.assertRaises(BlockingIOError):
            while True:
                os.write(writer, bytes(65536))
        os.set_blocking(writer, True)
        new = self.path("site", "new.db")
        process = subprocess.Popen([e2e_support.program("FSTALLY_IMPORT"), "--db", new, self.first],
                                   stdout=writer, stderr=subprocess.PIPE)
        while not os.path.exists(new):
            time.sleep(0.01)
        time.sleep(1)
        process.terminate()
        _, errors = process.communicate(timeout=e2e_support.HANGS_AFTER)
        os.close(reader)
        os.close(writer)
        self.assertEqual(process.returncode, 143)
        self.assertIn(b"new.db: interrupted; it had been published already", errors)
        self.assert_only(self.site, "fs.db", "new.db")

    def test_at_any_moment(self):
        moments = random.Random(20260113)
        started = time.monotonic()
        self.import_ok("--db", self.database, self.second)
        whole = time.monotonic() - started
        new = compare_database.dump(self.database)
        for attempt in range(tries(40, 6)):
            self.restore()
            process = self.start_import("-q", "--db", self.database, self.second)
            time.sleep(moments.uniform(0.8 * (attempt % 2), 1) * whole)    # every other near its end
            process.send_signal(signal.SIGTERM)
            _, errors = process.communicate(timeout=e2e_support.HANGS_AFTER)
            self.assert_only(self.site, "fs.db")
            if process.returncode == 0:      # it was done first
                self.assertEqual(compare_database.dump(self.database), new)
            elif process.returncode == -signal.SIGTERM:
                self.assert_old()            # before the program could ask for signals
            else:
                self.assertEqual(process.returncode, 143, errors)
                self.assert_one_line(errors)
                if "had been published already" in errors:
                    self.assertEqual(compare_database.dump(self.database), new)
                else:
                    self.assert_old()


class Failed(Interrupted):
    def failed(self, status, *arguments):
        result = self.run_import("-q", "--db", self.database, *arguments)
        self.assertEqual(result.returncode, status, result.stderr)
        self.assert_old()
        self.assert_only(self.site, "fs.db")
        return result.stderr

    def test_too_many_rejects(self):
        log = self.write("20260111_site_fs.bad.log", self.read(self.second) + b"not a line\n" * 5000)
        self.failed(3, log)
        self.failed(3, "--replace", log)

    def test_second_input_missing(self):
        self.assert_one_line(self.failed(1, "-f", "fs", self.second,
                                         self.path("missing.log")),
                             "missing.log")

    def test_total_beyond_64_bits_by_adding(self):
        """Sums stay at 2^63-1, and the import that reaches it says where; nothing is refused."""
        line = b"1 2 3 s=%d a=0 u=1 g=1 p=-rw-r--r-- -- /fs/%d\n"
        most = 2**63 - 1
        first = self.write("first_half.log", line % (most - 5, 1))
        database = self.path("halves", "fs.db")
        self.make_folder("halves")
        date = ("--scan-date", "2026-01-11")
        self.import_ok("--db", database, "-f", "fs", *date, first)
        fits = self.write("fits.log", line % (5, 2))
        over = self.write("over.log", line % (6, 2))
        self.import_ok("--db", database, "-f", "fs", *date, fits)
        self.assert_matches(database, [first, fits], filesystem="fs", scan_date="2026-01-11")
        result = self.run_import("-q", "--db", database, "-f", "fs", *date, "--json", over)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn('"saturated":true', result.stdout)
        with contextlib.closing(sqlite3.connect(database)) as connection:
            self.assertEqual(connection.execute(
                "SELECT total_size_nr, total_size_r FROM directory WHERE path = '/fs'").fetchall(),
                [(most, most)])


    def test_database_that_is_none(self):
        for content in (b"this is no database\n" * 100, b"SQLite format 3\0" + b"\xff" * 4096):
            with self.subTest(content[:16]):
                target = self.write("other/fs.db", content)
                result = self.run_import("-q", "--db", target, self.second)
                self.assertEqual(result.returncode, 1, result.stderr)
                self.assert_one_line(result.stderr, "fs.db")
                self.assertEqual(self.read(target), content)
                self.assert_only(self.path("other"), "fs.db")

    def test_another_programs_database(self):
        """An SQLite file that is not fstally's is neither added to nor replaced."""
        target = self.path("site", "other.db")
        connection = sqlite3.connect(target)
        connection.execute("CREATE TABLE directories(dir_id INTEGER PRIMARY KEY, path TEXT)")
        connection.commit()
        connection.close()
        content = self.read(target)
        for options in ((), ("--replace",)):
            with self.subTest(options):
                result = self.run_import("-q", "--db", target, *options, self.second)
                self.assertEqual(result.returncode, 1, result.stderr)
                self.assert_one_line(result.stderr, "other.db")
                self.assertEqual(self.read(target), content)
        self.assert_only(self.site, "fs.db", "other.db")


if __name__ == "__main__":
    e2e_support.main()
