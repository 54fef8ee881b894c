#!/usr/bin/env python3
"""What goes wrong around an import or a question: it ends soon, with one clear line, and nothing is
lost."""

import os
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "support"))

import e2e_support
import query_support

LINE = b"%d s=%d b=8 u=1 g=1 type=f a=1700000000 -- /fs/d%d/f%d\n"
JOURNAL = b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7"


def lines(count, first=0):
    return b"".join(LINE % (i, i, i % 100, i) for i in range(first, first + count))


class Imports(e2e_support.Case):
    def setUp(self):
        super().setUp()
        self.database = self.path("fs.db")
        self.log = self.write("20260111_site_fs.log", lines(1000))

    def refused(self, *arguments, status=1):
        """Must fail, and leave what was there -> standard error."""
        before = self.read(self.database) if os.path.exists(self.database) else None
        result = self.run_import("-q", "--db", self.database, *arguments)
        self.assertEqual(result.returncode, status, result.stderr)
        after = self.read(self.database) if os.path.exists(self.database) else None
        self.assertEqual(after, before)
        return result.stderr

    def test_a_fifo_that_nobody_reads(self):
        os.mkfifo(self.path("fifo"))
        self.assert_one_line(self.refused("--rejects", self.path("fifo"), self.log), "nobody reads")

    def test_a_fifo_that_somebody_reads(self):
        os.mkfifo(self.path("fifo"))
        with subprocess.Popen(["sh", "-c", "cat <>'%s' & sleep 5; kill $!" % self.path("fifo")],
                              stdout=subprocess.PIPE) as reader:
            time.sleep(0.5)
            self.import_ok("--db", self.database, "--max-rejects", "50%", "--rejects",
                           self.path("fifo"), self.write("b.log", lines(9) + b"no record\n"))
            self.assertIn(b"no record", reader.stdout.read())

    def test_a_directory_as_database(self):
        for name in ("", "new/"):
            result = self.run_import("--db", self.path("") + name, self.log)
            self.assertEqual(result.returncode, 2)
            self.assert_one_line(result.stderr, "is a directory")
            self.assertFalse(os.path.exists(self.path("new")))

    def test_a_line_of_more_than_64_mib(self):
        first = lines(1000)
        for mib, rejected in ((63, 0), (65, 1), (129, 1)):
            with self.subTest(mib=mib):
                log = self.write("long.log", first + LINE[:-1] % (7, 7, 7, 7) + b"x" * (mib << 20) +
                                 b"\n" + lines(1000, 1000))
                rejects = self.path("rejects")
                summary = self.import_summary("-r", "--db", self.database, "-j2", "--rejects", rejects,
                                              "--max-rejects", "100%", log)
                self.assertEqual((summary["lines"], summary["rejected"]), (2001, rejected))
                self.assertEqual(summary["files"], 2001 - rejected)
                for reject in e2e_support.read_rejects(rejects):
                    self.assertEqual((reject.line, reject.offset), (1001, len(first)))

    def test_a_hole_of_nuls(self):
        log = self.write("hole.log", lines(10000) + b"\0" * 1000000 + b"\n" + lines(100))
        self.import_ok("--db", self.database, self.log)
        error = self.refused("-r", log, status=3)
        self.assertIn("too many rejected bytes: 1000000 of", error)
        self.import_ok("-r", "--db", self.database, "--max-rejects", "80%", log)

    def test_a_last_line_without_an_end(self):
        log = self.write("cut.log", lines(100)[:-3])
        result = self.run_import("--db", self.database, log)
        self.assertEqual(result.returncode, 0)
        self.assertIn("its last line does not end", result.stderr)
        result = self.run_import("-r", "--db", self.database, self.log)
        self.assertNotIn("its last line", result.stderr)

    def test_adding_where_the_books_do_not_balance(self):
        import sqlite3
        self.import_ok("--db", self.database, self.log)
        whole = self.read(self.database)
        more = self.write("20260111_site_fs.more.log", lines(10))
        for sql in ("owner_summary SET total_size = total_size + 1",
                    "group_summary SET total_files = total_files - 1",
                    "access_histogram SET file_count = file_count + 1",
                    "size_histogram SET total_size = total_size + 1",
                    "scan_metadata SET lines = lines + 1", "scan_metadata SET total_alloc = 7",
                    "directory_stats SET file_count_r = 1 WHERE dir_id = 1"):
            with self.subTest(sql):
                self.write(self.database, whole)
                with sqlite3.connect(self.database) as tables:
                    tables.execute("UPDATE " + sql)
                tables.close()
                self.assert_one_line(self.refused(more), "do not balance", "--replace")

    def test_views_in_place_of_tables(self):
        import sqlite3
        self.import_ok("--db", self.database, self.log)
        with sqlite3.connect(self.database) as tables:
            tables.executescript(
                "DROP TABLE group_info; CREATE VIEW group_info AS WITH RECURSIVE endless(gid, "
                "groupname) AS (SELECT 1, 'x' UNION ALL SELECT gid + 1, 'x' FROM endless) "
                "SELECT * FROM endless")
        tables.close()
        self.assert_one_line(self.refused(self.write("more.log", lines(10)), "--add"), "missing")


class Questions(query_support.QueryCase):
    def setUp(self):
        super().setUp()
        self.database = self.path("fs.db")
        self.import_ok("--db", self.database, "-f", "fs", self.write("a.log", lines(1000)))
        self.answer = self.query(self.database)

    def test_what_lies_beside_a_database(self):
        for suffix in ("-journal", "-wal"):
            for data in (b"junk that is no journal of any kind", b"\0" * 4096, JOURNAL[:4]):
                with self.subTest(suffix=suffix, data=data[:8]):
                    self.write(self.database + suffix, data)
                    self.assertEqual(self.query(self.database), self.answer)
            os.remove(self.database + suffix)

    def test_a_journal_of_another_program(self):
        header = JOURNAL + b"\0\0\0\1" + b"\0\0\0\1" + b"\0\0\0\1" + b"\0\0\2\0" + b"\0\0\x40\0"
        self.write(self.database + "-journal", header.ljust(20000, b"\1"))
        self.assertIn("another program", self.refused(1, self.database))
        os.remove(self.database + "-journal")
        self.assertEqual(self.query(self.database), self.answer)

    def test_names_cannot_steer_the_terminal(self):
        name = "evil\u202egpj.exe\x85\u2066"
        database = self.path("evil.db")
        self.import_ok("--db", database, "-f", "fs",
                       self.write("e.log", LINE[:-1].replace(b"f%d", name.encode()) % (1, 1, 1) + b"/f\n"))
        environment = self.query_environment(LC_ALL="C.UTF-8")
        table = self.run_query(database, "--format", "table", environment=environment).stdout
        self.assertIn(b"evil", table)
        error = self.run_query(database, "-P", "/" + name, environment=environment).stderr
        self.assertIn(b"evil", error)
        for sequence in ("\u202e", "\x85", "\u2066"):
            self.assertNotIn(sequence.encode(), table + error)

    def test_a_database_that_is_cut_short_meanwhile(self):
        big = self.path("big.db")
        self.import_ok("--db", big, "-f", "fs", self.generated_log(
            "big.log", "gpfs", e2e_support.scaled(200000, 3000), "inode", seed=3))
        data = self.read(big)
        ends = set()
        for wait in range(12):
            self.write(big, data)
            with subprocess.Popen(self.query_command("--verify", big), stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, env=self.query_environment()) as program:
                time.sleep(wait * 0.004)
                os.truncate(big, 65536)
                _, error = program.communicate(timeout=e2e_support.HANGS_AFTER)
            ends.add(program.returncode)
            if program.returncode != 0:
                self.assertRegex(error, rb"\Afstally-query: [^\n]*big.db[^\n]*\n\Z")
        self.assertLessEqual(ends, {0, 1})


if __name__ == "__main__":
    e2e_support.main()
