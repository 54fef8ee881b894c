#!/usr/bin/env python3
"""The same input gives the same rows, whatever the number of threads, the place of the cuts, the
order of the lines."""

import itertools
import os

import e2e_support
from e2e_support import Case, compare_database, make_nasty_logs, scaled

CHUNK_SIZES = scaled((1, 7, 64, 4096, 1000000, None), (1, 64, None))
THREADS = scaled((1, 2, 7), (7,))


def fits(path, chunk_size):
    """Is the log short enough for that many chunks? Each costs an import some system calls."""
    return chunk_size is None or os.path.getsize(path) <= 4000 * chunk_size


class SameDump(Case):
    def dump(self, *arguments, without=(), **environment):
        database = self.path("one.db")
        if os.path.exists(database):
            os.remove(database)
        self.import_ok("--db", database, "-f", "same", "--max-rejects", "100%", *arguments,
                       **environment)
        return compare_database.dump(database, without)

    def assert_same_dump(self, dump, expected):
        for table, rows in expected.items():
            self.assertEqual(dump[table], rows, table)

    def test_cuts_and_threads_on_nasty_logs(self):
        """Every log is short enough for some tiny chunks, and some for all."""
        written, logs_before = {}, None
        for fmt, chunk_size in itertools.product(("gpfs", "lustre", "find"), CHUNK_SIZES):
            if fmt not in written:
                written[fmt] = self.nasty_logs(fmt)
            logs = [path for path, _ in written[fmt] if fits(path, chunk_size)]
            self.assertGreater(len(logs), 20)
            knob = {} if chunk_size is None else {"FSTALLY_CHUNK_SIZE": str(chunk_size)}
            rejects = self.path("rejects")
            if logs != logs_before:
                expected = self.dump("-j", 1, "--rejects", rejects, *logs)
                expected_rejects = e2e_support.read_rejects(rejects)
                logs_before = logs
            for threads in THREADS:
                with self.subTest(format=fmt, chunk_size=chunk_size, threads=threads):
                    found = self.dump("-j", threads, "--rejects", rejects, *logs, **knob)
                    self.assert_same_dump(found, expected)
                    self.assertEqual(e2e_support.read_rejects(rejects), expected_rejects)

    def test_cuts_and_threads_on_records_that_end_in_nul(self):
        for fmt in ("gpfs", "lustre", "find"):
            logs = [path for path, _ in self.nasty_logs(fmt, make_nasty_logs.null_ended_logs)]
            expected = self.dump("--null", "-j", 1, *logs)
            self.assertGreater(len(expected["directories"]), 3)
            for threads, chunk_size in itertools.product(THREADS, (1, 7, 64)):
                with self.subTest(format=fmt, chunk_size=chunk_size, threads=threads):
                    found = self.dump("--null", "-j", threads, *logs,
                                      FSTALLY_CHUNK_SIZE=str(chunk_size))
                    self.assert_same_dump(found, expected)

    def test_threads_on_a_generated_log(self):
        log = self.generated_log("20260111_site_threads.log", "gpfs", scaled(100000, 4000),
                                 "inode", seed=11, multi_owner=20, damaged=5)
        rejects = self.path("rejects")
        expected = self.dump("-j", 1, "--rejects", rejects, log)
        expected_rejects = self.read(rejects)
        for threads, chunk_size in ((2, None), (7, None), (1, 4096), (2, 4096), (7, 4096),
                                    (7, 100000)):
            with self.subTest(threads=threads, chunk_size=chunk_size):
                knob = {} if chunk_size is None else {"FSTALLY_CHUNK_SIZE": str(chunk_size)}
                found = self.dump("-j", threads, "--rejects", rejects, log, **knob)
                self.assert_same_dump(found, expected)
                self.assertEqual(self.read(rejects), expected_rejects)

    def test_batch_size_changes_nothing(self):
        log = self.generated_log("20260111_site_batch.log", "find", scaled(20000, 2000), "inode",
                                 seed=12, multi_owner=20)
        expected = self.dump(log)
        for rows in (1, 1000, 10**9):
            with self.subTest(batch_size=rows):
                self.assert_same_dump(self.dump("-b", rows, log), expected)

    def test_order_of_the_lines(self):
        without = ("source_mtime",)
        for fmt in ("gpfs", "lustre", "find"):
            with self.subTest(fmt):
                dumps = []
                for order in ("tree", "inode", "shuffle"):
                    log = self.generated_log(
                        f"{order}/20260111_site_order.log", fmt, scaled(40000, 3000), order,
                        seed=13, multi_owner=20, missing_directories=10, damaged=5)
                    dumps.append(self.dump(log, without=without))
                self.assert_same_dump(dumps[1], dumps[0])
                self.assert_same_dump(dumps[2], dumps[0])

    def test_order_of_the_inputs(self):
        """scan_metadata has its rows in the order of the command line; nothing else tells it."""
        logs = [path for path, _ in self.nasty_logs("find")]
        expected = self.dump(*logs)
        turned = self.dump(*reversed(logs))
        for table in expected:
            if table != "scan_metadata":
                self.assertEqual(turned[table], expected[table], table)


if __name__ == "__main__":
    e2e_support.main()
