#!/usr/bin/env python3
"""Several imports into one database at the same time, and readers while databases are published:
each import is in or refused, each answer is that of one database."""

import contextlib
import os
import sqlite3
import subprocess
import threading

import e2e_support
from e2e_support import Case, program, tries

DATE = ("--scan-date", "2026-01-11")


def find_list(folder, files):
    return "".join(f"{i} s={i} b=1 u=1 g=1 type=f a=1700000000 -- /{folder}/{i % 7}/{i}\n"
                   for i in range(files)).encode()


class AtTheSameTime(Case):
    def test_imports(self):
        """As many files as in the logs whose imports said that they are in."""
        database = self.path("x.db")
        logs = [self.write(f"{i}.find", find_list(i, 10 ** (i % 4))) for i in range(4)]
        refused = 0
        for attempt in range(tries(60, 15)):
            running = [self.start_import("-q", "-f", "x", "--db", database, *DATE, log)
                       for log in logs]
            in_it = 0
            for log, process in zip(logs, running):
                _, text = process.communicate()
                if process.returncode == 0:
                    in_it += 10 ** (logs.index(log) % 4)
                    continue
                refused += 1
                self.assertEqual(process.returncode, 1)
                self.assert_one_line(text, "x.db: another import is writing this database")
            with self.subTest(attempt=attempt):
                with contextlib.closing(sqlite3.connect(database)) as connection:
                    self.assertEqual(connection.execute(
                        "SELECT sum(total_files) FROM owner_summary").fetchone(), (in_it,))
                self.assert_verified(database)
            os.remove(database)
        self.assertGreater(refused, 0)

    def test_readers(self):
        """Questions go on while the database is replaced by another again and again."""
        database = self.path("x.db")
        logs = [self.write(f"{i}.find", find_list(i, 1000 * (i + 1))) for i in range(2)]
        self.import_ok("-q", "-f", "x", "--db", database, *DATE, logs[0])
        old = sqlite3.connect(database)
        self.addCleanup(old.close)
        before = old.execute("SELECT count(*), sum(total_size_nr) FROM directory_stats").fetchone()
        done = threading.Event()
        answers, failures = [], []

        def ask():
            while not done.is_set():
                result = subprocess.run(
                    [program("FSTALLY_QUERY"), database, "--group-by", "owner", "--format", "tsv"],
                    stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False,
                    env=e2e_support.clean_environment(self.folder))
                if result.returncode != 0 or result.stderr:
                    failures.append(result)
                answers.append(result.stdout)

        threads = [threading.Thread(target=ask) for _ in range(3)]
        for thread in threads:
            thread.start()
        for i in range(tries(60, 15)):
            self.import_ok("-q", "-r", "-f", "x", "--db", database, *DATE, logs[(i + 1) % 2])
        done.set()
        for thread in threads:
            thread.join()
        self.assertEqual(failures, [])
        self.assertGreater(len(answers), 15)
        self.assertEqual(len(set(answers)), 2)
        # Whoever has the first database open still reads that one.
        self.assertEqual(old.execute(
            "SELECT count(*), sum(total_size_nr) FROM directory_stats").fetchone(), before)


if __name__ == "__main__":
    e2e_support.main()
