#!/usr/bin/env python3
"""--verify finds every single change of a figure, and gives the same digest however the same logs
were imported."""

import os
import random
import shutil
import sqlite3
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "support"))

import e2e_support
import query_support

CHANGES = e2e_support.tries(300, 60)
# What no other figure depends on: when and by what it was imported, and what things are called.
FREE = {"scan_metadata": {"scan_id", "source_file", "scan_timestamp", "import_timestamp", "filesystem",
                          "format", "flawed", "scan_errors", "saturated", "age_by",
                          "fstally_version", "source_size", "source_mtime"},
        "histogram_bucket": {"label", "lower", "upper", "kind", "bucket_index"}}
TABLES = ("directories", "directory_stats", "owner_usage", "owner_summary", "group_summary",
          "access_histogram", "size_histogram", "scan_metadata", "facts_owner")


class Verify(query_support.QueryCase):
    def verified(self, *databases):
        """-> a row for each, as dicts."""
        lines = self.query("--verify", "--format", "tsv", *databases).decode().splitlines()
        head = lines[0].split("\t")
        return [dict(zip(head, line.split("\t"))) for line in lines[1:]]

    def log(self, seed, **options):
        return self.generated_log(f"20260111_site_{seed}.log", "gpfs", e2e_support.scaled(6000, 1500),
                                  "inode", seed=seed, multi_owner=30, missing_directories=10,
                                  **options)

    def test_the_same_digest_however_imported(self):
        log = self.log(71)
        lines = self.read(log).splitlines(keepends=True)
        random.Random(5).shuffle(lines)
        os.makedirs(self.path("other"))
        shuffled = self.write(os.path.join("other", os.path.basename(log)), b"".join(lines))
        digests = set()
        for number, (path, options) in enumerate((
                (log, ("-j", "1")), (log, ("-j", "7")), (log, ("--writer", "sql")), (shuffled, ()))):
            database = self.path(f"same{number}.db")
            self.import_ok("--db", database, "-f", f"name{number}", *options, path)
            digests.add(self.verified(database)[0]["digest"])
        self.assertEqual(len(digests), 1)
        self.import_ok("--db", self.path("else.db"), "-f", "x", self.log(72))
        self.assertNotIn(self.verified(self.path("else.db"))[0]["digest"], digests)

    def test_the_order_of_logs_and_adding(self):
        logs = [self.log(73), self.log(74)]
        digests = set()
        for number, order in enumerate((logs, logs[::-1])):
            once, turn = self.path(f"once{number}.db"), self.path(f"turn{number}.db")
            self.import_ok("--db", once, "-f", "x", *order)
            for log in order:
                self.import_ok("--db", turn, "-f", "x", log)
            digests.update(row["digest"] for row in self.verified(once, turn))
        self.assertEqual(len(digests), 1)

    def test_figures(self):
        database = self.path("figures.db")
        self.import_ok("--db", database, "-f", "x", self.log(75))
        with sqlite3.connect(database) as tables:
            expected = tables.execute("SELECT count(*), sum(file_count_nr), sum(total_size_nr) "
                                      "FROM directory_stats").fetchone()
        (row,) = self.verified(database)
        self.assertEqual(tuple(int(row[key]) for key in
                               ("directories", "file_count", "total_size")), expected)

    def test_every_change_is_found(self):
        whole = self.path("whole.db")
        self.import_ok("--db", whole, "-f", "x", self.log(76))
        dice = random.Random(9)
        changed = self.path("changed.db")
        for number in range(CHANGES):
            shutil.copyfile(whole, changed)
            database = sqlite3.connect(changed)
            table = dice.choice(TABLES)
            columns = [row[1] for row in database.execute(f"PRAGMA table_info({table})")]
            column = dice.choice([c for c in columns if c not in FREE.get(table, ())])
            (count,) = database.execute(f"SELECT count(*) FROM {table}").fetchone()
            place = dice.randrange(count)
            key = ", ".join(columns[:2])
            where = (f"({key}) = (SELECT {key} FROM {table} ORDER BY {key} LIMIT 1 OFFSET {place})")
            (old,) = database.execute(f"SELECT {column} FROM {table} WHERE {where}").fetchone()
            if isinstance(old, int):
                new = dice.choice([old + 1, old - 1, 0, -1, 2**40])
            elif isinstance(old, str) and column.startswith("max_"):
                new = dice.choice([old[:-1] + ("1" if old[-1] != "1" else "2"), None])
            else:
                new = dice.choice([None, "x", b"/x", 7, "2020-01-01 00:00:00"])
            try:
                database.execute(f"UPDATE {table} SET {column} = ? WHERE {where}", (new,))
                database.commit()
            except sqlite3.IntegrityError:
                new = old
            database.close()
            if new == old:
                continue
            with self.subTest(number=number, table=table, column=column, old=old, new=new):
                self.assertIn("damaged database", self.refused(1, "--verify", changed))

    def test_a_byte_of_the_facts(self):
        whole = self.path("facts.db")
        self.import_ok("--db", whole, "-f", "x", self.log(77))
        dice = random.Random(10)
        changed = self.path("changed.db")
        found = 0
        for _ in range(CHANGES):
            shutil.copyfile(whole, changed)
            with sqlite3.connect(changed) as database:
                (data,) = database.execute("SELECT data FROM facts WHERE block = 0").fetchone()
                data = bytearray(data)
                data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
                database.execute("UPDATE facts SET data = ? WHERE block = 0", (bytes(data),))
            result = self.run_query("--verify", changed)
            self.assertIn(result.returncode, (0, 1))
            found += result.returncode
        # Bits that no value reaches, of paddings and bounds that stay true, may be any.
        self.assertGreater(found, CHANGES * 9 // 10)

    def test_an_index(self):
        database = self.path("index.db")
        self.import_ok("--db", database, "-f", "x", self.log(78))
        tables = sqlite3.connect(database)
        tables.execute("PRAGMA writable_schema = ON")
        # The index of another column under the name of this one.
        tables.execute("UPDATE sqlite_master SET sql = replace(sql, 'depth', 'last_id') "
                       "WHERE name = 'ix_directories_depth'")
        tables.commit()
        tables.close()
        self.assertIn("ix_directories_depth", self.refused(1, "--verify", database))

    def test_several_of_which_one_is_damaged(self):
        good, bad = self.path("good.db"), self.path("bad.db")
        self.import_ok("--db", good, "-f", "x", self.log(79))
        shutil.copyfile(good, bad)
        with sqlite3.connect(bad) as tables:
            tables.execute("UPDATE directory_stats SET total_size_r = total_size_r + 1 "
                           "WHERE dir_id = 2")
        result = self.run_query("--verify", "--format", "tsv", good, bad)
        self.assertEqual(result.returncode, 1)
        self.assertEqual(result.stdout.count(b"\n"), 2)    # the head and the good one

    def test_goes_with_no_filter(self):
        database = self.path("filter.db")
        self.import_ok("--db", database, "-f", "x", self.log(80))
        self.assertIn("--verify", self.refused(2, "--verify", "-u", "0", database))


if __name__ == "__main__":
    e2e_support.main()
