#!/usr/bin/env python3
"""Whatever is wrong in a database, a question ends with an answer or with one line that says so, and
an import to it leaves it as it was or replaces it."""

import os
import random
import shutil
import sqlite3
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "support"))

import e2e_support
import query_support

DATABASES = e2e_support.tries(120, 25)
QUESTIONS_EACH = 4
VALUES = [0, -1, 1, 2**31, 2**32, 2**63 - 1, -2**63, -5, 4096, 4097, None, "x", b"\xff", 1.5]
TABLES = ["directories", "directory_stats", "owner_usage", "owner_summary", "facts_owner",
          "scan_metadata", "histogram_bucket", "user_info", "access_histogram"]
FACTS_HEADER = 1000    # about

QUESTIONS = [
    [], ["-n", "0", "--sort-by", "path"], ["--sort-by", "avg_size"], ["-N", "*d1*"], ["-N", "*[0-9]"],
    ["-u", "3"], ["-u", "3", "-g", "1", "--sort-by", "owner_size"], ["--group-by", "owner"],
    ["--group-by", "owner,group", "--cold", "1y"], ["--histogram", "both"],
    ["--histogram", "both", "--top", "3", "-P", "/r/d1"], ["--cold", "30d"],
    ["--cold", "1y", "-u", "2", "--hot-spots", "50"], ["--hot-spots"], ["--summary"],
    ["--format", "ncdu"], ["-P", "/r/d"], ["-P", "/q/x"],
    ["--accessed-before", "1yrs", "--min-size", "1"], ["-s", "-d", "3", "--sort-by", "depth"],
    ["--leaves-only", "--sort-by", "mtime", "--reverse"],
]


def change_rows(dice, path):
    """Values, rows and tables that no import writes."""
    database = sqlite3.connect(path)
    for _ in range(dice.choice([1, 1, 2, 5])):
        table = dice.choice(TABLES)
        columns = [row[1] for row in database.execute(f"PRAGMA table_info({table})")]
        (count,) = database.execute(f"SELECT count(*) FROM {table}").fetchone()
        column = dice.choice(columns)
        value = dice.choice(VALUES)
        try:
            if dice.random() < 0.2:
                database.execute(f"INSERT INTO {table} VALUES ({','.join('?' * len(columns))})",
                                 [dice.choice(VALUES) for _ in columns])
            elif count > 0 and dice.random() < 0.3:
                database.execute(f"DELETE FROM {table} WHERE {columns[0]} = (SELECT {columns[0]} "
                                 f"FROM {table} LIMIT 1 OFFSET {dice.randrange(count)})")
            elif count > 0:
                database.execute(
                    f"UPDATE {table} SET {column} = ? WHERE {columns[0]} IN (SELECT {columns[0]} FROM "
                    f"{table} LIMIT {dice.choice([1, 1, 1000])} OFFSET {dice.randrange(count)})",
                    (value,))
        except sqlite3.Error:
            pass    # a value that the column does not take
    if dice.random() < 0.2:
        table = dice.choice(TABLES)
        database.execute(f"ALTER TABLE {table} RENAME TO kept")
        database.execute(f"CREATE VIEW {table} AS " + dice.choice([
            "SELECT * FROM kept",
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i, i, i FROM n"]))
    database.commit()
    database.close()


def change_facts(dice, path):
    """A block of facts: cut short, too long, other bytes, other numbers in its header."""
    database = sqlite3.connect(path)
    block, data = dice.choice(database.execute("SELECT block, data FROM facts").fetchall())
    data = bytearray(data)
    header = min(len(data), FACTS_HEADER)
    way = dice.randrange(6)
    if way == 0:
        del data[dice.randrange(len(data)):]
    elif way == 1:
        data += bytes(dice.randrange(1, 5000))
    elif way == 2:
        at = dice.randrange(header // 4) * 4
        data[at:at + 4] = struct.pack("<I", dice.choice(
            [0, 1, 0xffffffff, 0x7fffffff, 0x80000000, 4096, 4097, len(data), dice.getrandbits(32)]))
    elif way == 3:
        at = dice.randrange(header // 8) * 8
        data[at:at + 8] = struct.pack("<q", dice.choice(
            [0, 1, -1, 2**63 - 1, -2**63, dice.getrandbits(40)]))
    else:
        for _ in range(dice.choice([1, 10, 100])):
            data[dice.randrange(header if way == 4 else len(data))] = dice.randrange(256)
    database.execute("UPDATE facts SET data = ? WHERE block = ?", (bytes(data), block))
    database.commit()
    database.close()


def change_bytes(dice, path):
    """Any bytes of the file, those of the first page and of the pages' heads above all."""
    with open(path, "r+b") as file:
        size = os.path.getsize(path)
        for _ in range(dice.choice([1, 5, 50])):
            file.seek(dice.choice([dice.randrange(size), dice.randrange(4096),
                                   dice.randrange(size // 4096) * 4096 + dice.randrange(16)]))
            file.write(bytes([dice.randrange(256)]))


class DamagedDatabases(query_support.QueryCase):
    def setUp(self):
        super().setUp()
        self.dice = random.Random(20260111)
        lines = []
        for i in range(12000):    # more than one block of facts, and directories of several owners
            names = [f"d{self.dice.randrange(6)}".encode() for _ in range(self.dice.randrange(1, 7))]
            if self.dice.random() < 0.02:
                names.append(b"\xe9")
            lines.append(b"%d s=%d b=8 u=%d g=%d type=f a=%d m=%d -- /r/%s/f%d\n" % (
                i, self.dice.choice([0, 5, 1 << 20, 1 << 40, 1 << 62]), self.dice.randrange(9),
                self.dice.randrange(4), self.dice.randrange(1, 1768000000),
                self.dice.randrange(1, 1768000000), b"/".join(names), i))
        log = self.write("20260111_good.log", b"".join(lines))
        self.more = self.write("20260111_more.log", b"1 s=5 b=8 u=1 g=1 type=f a=5 -- /r/z/f\n")
        self.good = self.path("good.db")
        self.bad = self.path("site", "bad.db")
        self.make_folder("site")
        self.import_ok("--db", self.good, "-f", "x", log)

    def expect_an_end(self, what, status, stderr):
        lines = [line for line in stderr.decode("utf-8", "replace").splitlines() if "taking those" not in line]
        self.assertIn(status, (0, 1), (what, stderr))
        self.assertEqual(len(lines), status if lines != ["fstally-query: nothing matches"] else 1,
                         (what, stderr))

    def ask_and_add(self, change):
        for i in range(DATABASES):
            shutil.copyfile(self.good, self.bad)
            change(self.dice, self.bad)
            before = self.read(self.bad)
            for question in self.dice.sample(QUESTIONS, QUESTIONS_EACH):
                with self.subTest(database=i, question=question):
                    result = self.run_query(*question, self.bad, environment=self.query_environment(
                        FSTALLY_BLOCKS_A_THREAD="1"))
                    self.expect_an_end(question, result.returncode, result.stderr)
            with self.subTest(database=i, question="import"):
                result = self.run_import("-q", "--db", self.bad, "-f", "x", self.more)
                self.expect_an_end("import", result.returncode, result.stderr.encode("utf-8", "surrogateescape"))
                if result.returncode != 0:
                    self.assertEqual(self.read(self.bad), before)
                self.assert_only(self.path("site"), "bad.db")

    def test_rows(self):
        self.ask_and_add(change_rows)

    def test_facts(self):
        self.ask_and_add(change_facts)

    def test_bytes(self):
        self.ask_and_add(change_bytes)


if __name__ == "__main__":
    query_support.main()
