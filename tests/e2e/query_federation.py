#!/usr/bin/env python3
"""Several databases answer as one: one list, one limit, owners added up; and one that cannot be
read is reported without hiding the others."""

import os
import sqlite3
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "support"))

import query_support
import e2e_support


def entry(path, size, owner):
    return f"1 s={size} b=1 u={owner} g=7 type=f a=0 -- {path}\n".encode()


class Federation(query_support.QueryCase):
    def setUp(self):
        super().setUp()
        self.make_database("a", entry("/a/x/f", 30, 770001) + entry("/a/y/f", 10, 770002))
        self.make_database("b", entry("/b/x/f", 20, 770001))
        self.make_database("c", entry("/c/x/f", 5, 770003))

    def paths(self, *arguments):
        _, rows = self.rows("--leaves-only", *arguments)
        return [(row[b"filesystem"].decode(), row[b"path"].decode()) for row in rows]

    def test_one_list_and_one_limit(self):
        everything = [("a", "/a/x"), ("b", "/b/x"), ("a", "/a/y"), ("c", "/c/x")]
        self.assertEqual(self.paths(), everything)
        self.assertEqual(self.paths("all"), everything)
        self.assertEqual(self.paths("-n", 2, "all"), everything[:2])
        self.assertEqual(self.paths("c", "a"), [everything[0], everything[2], everything[3]])
        self.assertEqual(self.paths("c", self.path("data", "b.db")), [everything[1], everything[3]])

    def test_no_database_twice(self):
        for names in (["a", "a"], ["a", "all"], [self.path("data", "a.db"), "b", "a"]):
            self.assertTrue(self.refused(2, *names).endswith("a.db: is named twice"))

    def test_owners_are_added_up(self):
        _, rows = self.rows("--group-by", "owner")
        self.assertEqual([(row[b"owner_uid"], row[b"total_size"]) for row in rows],
                         [(770001, 50), (770002, 10), (770003, 5)])

    def test_verbose_tells_the_parts(self):
        self.assertEqual(self.run_query("--group-by", "owner", "-v", "-n", 2).stdout, b"""\
FILESYSTEM  SIZE  ALLOCATED  FILES  DIRS    ACCESSED  OWNER
all         50 B    1.0 KiB      2     2  1970-01-01  770001
a           30 B      512 B      1     1  1970-01-01  770001
b           20 B      512 B      1     1  1970-01-01  770001
all         10 B      512 B      1     1  1970-01-01  770002
a           10 B      512 B      1     1  1970-01-01  770002
(the first 2; --limit 0 shows all)
""")
        _, rows = query_support.read_tsv(self.run_query("--group-by", "group", "-v", "b", "c",
                                                        "--format", "tsv").stdout)
        self.assertEqual([(row[b"filesystem"], row[b"owner_gid"], row[b"total_size"])
                          for row in rows], [(None, 7, 25), (b"b", 7, 20), (b"c", 7, 5)])
        columns, _ = query_support.read_tsv(self.run_query("--group-by", "group", "-v", "b",
                                                           "--format", "tsv").stdout)
        self.assertEqual(columns[:2], [b"filesystem", b"owner_gid"])    # also for a single database

    def assert_hides_nothing(self, path, *reasons):
        """Beside the database at path the others answer every kind of question, and status is 1."""
        for question in (["--leaves-only"], ["--group-by", "owner"], ["--summary"], ["-u", 770001],
                         ["-n", 0, "--sort-by", "path", "--format", "json"]):
            with self.subTest(path=path, question=question):
                result = self.run_query(*question, "all")
                good = self.run_query(*question, *[name for name in "abc"
                                                   if self.path("data", name + ".db") != path])
                self.assertEqual((good.returncode, good.stderr), (0, b""))
                self.assertEqual((result.returncode, result.stdout), (1, good.stdout))
                text = result.stderr.decode()
                self.assertTrue(text.startswith(f"fstally-query: {path}: "), text)
                self.assertEqual(text.count("\n"), 1, text)
                self.assertTrue(any(reason in text for reason in reasons), text)

    def change(self, name, sql):
        with sqlite3.connect(self.path("data", name)) as database:
            database.execute(sql)
        database.close()

    def test_none_hides_another(self):
        bad = self.write("data/bad.db", b"x" * 5000)
        self.assert_hides_nothing(bad, "not a SQLite database")
        self.write("data/bad.db", b"")
        self.assert_hides_nothing(bad, "empty")
        self.write("data/bad.db", self.read(self.path("data", "a.db"))[:-4096])
        self.assert_hides_nothing(bad, "damaged database")
        os.remove(bad)
        self.change("bad.db", "CREATE TABLE directories(x)")
        self.assert_hides_nothing(bad, "not one of fstally's")
        os.remove(bad)
        self.change("c.db", "PRAGMA user_version = 1000")
        self.assert_hides_nothing(self.path("data", "c.db"), "written by schema version 1000")

    def test_one_that_fails_on_the_way(self):
        """Its pages are overwritten behind the first: it may fail with the first row or later. The
        others' rows are all there, and nothing is there twice."""
        log = self.generated_log("big.log", "find", e2e_support.scaled(20000, 5000), seed=3)
        self.import_ok("--db", self.path("data", "big.db"), "-f", "big", log)
        data = self.read(self.path("data", "big.db"))
        failed = 0
        for part in range(1, 8):
            begin = len(data) * part // 8 // 4096 * 4096
            self.write("data/big.db", data[:begin] + b"\xa5" * 40960 + data[begin + 40960:])
            for question in (["-n", 0], ["--group-by", "owner"]):
                result = self.run_query(*question, "--format", "tsv", "all")
                if result.returncode == 0:
                    continue
                failed += 1
                self.assertEqual(result.returncode, 1)
                self.assertEqual(result.stderr.count(b"\n"), 1, result.stderr)
                self.assertIn(b"big.db: damaged database", result.stderr)
                found = result.stdout.splitlines()
                good = self.query(*question, "--format", "tsv", "a", "b", "c").splitlines()
                if question[0] == "--group-by":
                    self.assertEqual(found, good)    # no half of its figures
                else:
                    self.assertEqual([line for line in found if not line.startswith(b"big\t")],
                                     good)
                    self.assertEqual(len(found), len(set(found)))
        self.assertGreater(failed, 0)

    def test_none_can_be_read(self):
        for name in "abc":
            self.write(f"data/{name}.db", b"x" * 100)
        result = self.run_query("all")
        self.assertEqual((result.returncode, result.stdout), (1, b""))
        lines = result.stderr.splitlines()
        self.assertEqual(len(lines), 4)
        self.assertEqual(lines[3], b"fstally-query: all databases: none can be read")

    def test_a_wrong_question_is_told_once(self):
        self.assertEqual(self.refused(1, "-P", "/no", "a", "b"),
                         "all databases: no directory /no; it is in none of them")
        self.assertEqual(self.refused(2, "-u", "4294967295", "all"),
                         "--owner-id: 4294967295 is not an owner; the largest is 4294967294")


if __name__ == "__main__":
    query_support.main()
