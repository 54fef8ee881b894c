#!/usr/bin/env python3
"""Both writers write the same database: the pages that the import lays out itself are those that SQL
would have filled, for any log, number of threads and page size; and SQLite can go on with them."""

import itertools
import os
import sqlite3

import e2e_support
from e2e_support import Case, compare_database, make_nasty_logs, scaled

THREADS = scaled((1, 2, 7), (7,))
PAGE_SIZES = scaled((4096, 16384, 65536), (4096, 65536))
FORMATS = scaled(("gpfs", "lustre", "find"), ("lustre",))    # rows have no format

# Index, its table, its column.
INDEXES = (
    ("ux_directories_path", "directories", "path"),
    ("ix_directories_parent", "directories", "parent_id"),
    ("ix_directories_depth", "directories", "depth"),
    ("ix_stats_owner", "directory_stats", "owner_uid"),
    ("ix_stats_size_r", "directory_stats", "total_size_r"),
    ("ix_stats_files_r", "directory_stats", "file_count_r"),
)


def find_line(path, kind=b"f", uid=1, size=1, number=1):
    """A line of a list in the format of `find`."""
    return b"%d s=%d b=8 u=%d g=5 type=%s a=%d.5 m=17 c=1 -- %s\n" % (
        number, size, uid, kind, (uid * 86400 * 400) % 10**9, path)


def log_of(paths, **more):
    return b"".join(find_line(path, **more) for path in paths)


def nasty_trees():
    """(name, log) of trees that are hard to lay out or to sort."""
    odd = [b"", b"\x01", b" ", b"!", b"-", b".", b"\"", b"0", b"a", b"\xe9", b"\xff\xfe",
           "é".encode(), b"\x7f"]
    names = [b"a" + x + y for x, y in itertools.product(odd, odd)]
    yield "odd_bytes", log_of(b"/o/" + name + below + b"/f" for name in names
                              for below in (b"", b"/b", b"/b-/c"))
    yield "latin_1", log_of([b"/\xe4/b/f", b"/\xe4-/f", "/ä/b/f".encode(), "/ä-/f".encode(),
                             b"/a\xff/b\xff/c/f", b"/a/f"])
    long = b"/l" + b"".join(b"/" + b"n" * 250 for _ in range(8000 // 251))
    yield "long_paths", log_of(
        [b"/p/" + b"x" * length + b"/f" for length in (4000, 4096, 16000, 16300, 16400, 65500,
                                                       65600, 100000)] + [long + b"/f"] +
        [b"/p/%d/f" % i for i in range(300)])
    yield "siblings", log_of([b"/s/%d/f" % (i * 7919 % 70000) for i in range(scaled(70000, 5000))])
    chain = b"/c" * 2000
    yield "chain", log_of([chain + b"/f", b"/c-/f", b"/c/c./c/f"])
    yield "one", log_of([b"/one/f"])
    yield "root", log_of([b"/f"])
    yield "lone", find_line(b"/lone", uid=1, size=0).replace(b"type=f", b"type=d")
    yield "owners", b"".join(find_line(b"/w/%d/%d" % (i % 50, i), uid=i * i % 4294967295, size=i)
                             for i in range(scaled(20000, 2000)))
    most = 2**63 - 1
    yield "largest", b"".join(find_line(b"/m/%d/f" % i, size=most - i % 3) for i in range(5))


class BothWriters(Case):
    def import_both(self, *arguments, threads=2, page_size=16384):
        """Imports with either writer -> the paths of the databases, pages first."""
        databases = []
        for writer in ("pages", "sql"):
            databases.append(self.path(f"{writer}.db"))
            if os.path.exists(databases[-1]):
                os.remove(databases[-1])
            self.import_ok("--db", databases[-1], "-f", "both", "--max-rejects", "100%", "--writer",
                           writer, "-j", threads, *arguments, FSTALLY_PAGE_SIZE=str(page_size))
        return databases

    def assert_same(self, databases):
        pages, sql = map(compare_database.dump, databases)
        self.assertEqual(pages.keys(), sql.keys())
        for table, rows in sql.items():
            self.assertEqual(pages[table], rows, table)
        schemas = [self.ask(path, "SELECT type, name, tbl_name, sql FROM sqlite_master")
                   for path in databases]
        self.assertEqual(*schemas)

    def ask(self, database, sql):
        connection = sqlite3.connect(database)
        connection.text_factory = bytes
        try:
            return connection.execute(sql).fetchall()
        finally:
            connection.close()

    def assert_sound(self, database):
        self.assertEqual(self.ask(database, "PRAGMA integrity_check"), [(b"ok",)])
        self.assertEqual(self.ask(database, "PRAGMA foreign_key_check"), [])

    def assert_indexes_answer(self, database):
        """Every index has the rows in the order of a scan that is sorted."""
        for index, table, column in INDEXES:
            order = f"ORDER BY {column}, dir_id"
            by_index = self.ask(database, f"SELECT {column}, dir_id FROM {table} "
                                          f"INDEXED BY {index} {order}")
            by_scan = self.ask(database, f"SELECT +{column}, dir_id FROM {table} NOT INDEXED "
                                         f"{order}")
            self.assertEqual(by_index, by_scan, index)

    def assert_both(self, *arguments, **how):
        databases = self.import_both(*arguments, **how)
        self.assert_same(databases)
        self.assert_sound(databases[0])
        self.assert_indexes_answer(databases[0])

    def test_nasty_trees(self):
        for number, (name, data) in enumerate(nasty_trees()):
            log = self.write(f"20260111_site_{name}.log", data)
            for i, threads in enumerate(THREADS):
                page_size = PAGE_SIZES[(number + i) % len(PAGE_SIZES)]
                with self.subTest(name, threads=threads, page_size=page_size):
                    self.assert_both("--format", "find", log, threads=threads, page_size=page_size)

    def test_nasty_logs(self):
        for fmt in FORMATS:
            logs = [path for path, _ in self.nasty_logs(fmt)]
            for threads, page_size in zip(THREADS, PAGE_SIZES):
                with self.subTest(fmt, threads=threads, page_size=page_size):
                    self.assert_both(*logs, threads=threads, page_size=page_size)
            null_ended = [path for path, _ in
                          self.nasty_logs(fmt, make_nasty_logs.null_ended_logs)]
            with self.subTest(fmt, null_ended=True):
                self.assert_both("--null", *null_ended)

    def test_each_nasty_log_alone(self):
        for path, _ in self.nasty_logs("find"):
            with self.subTest(os.path.basename(path)):
                self.assert_both(path, page_size=4096)

    def test_generated_logs(self):
        for fmt in FORMATS:
            log = self.generated_log(f"20260111_site_{fmt}.log", fmt, scaled(60000, 4000), "inode",
                                     seed=21, multi_owner=20, missing_directories=10)
            for threads, page_size in itertools.product(THREADS, PAGE_SIZES):
                with self.subTest(fmt, threads=threads, page_size=page_size):
                    self.assert_both(log, threads=threads, page_size=page_size)

    def test_adding(self):
        logs = [self.generated_log(f"{seed}/20260111_site_add.log", "find", scaled(20000, 2000),
                                   "inode", seed=seed, multi_owner=20) for seed in (23, 24)]
        databases = self.import_both(logs[0])
        for database, writer in zip(databases, ("pages", "sql")):
            self.import_ok("--db", database, "-f", "both", "--writer", writer, logs[1])
        self.assert_same(databases)
        self.assert_sound(databases[0])

    def test_sqlite_goes_on_with_the_file(self):
        log = self.generated_log("20260111_site_on.log", "gpfs", scaled(60000, 5000), "inode",
                                 seed=25, multi_owner=20)
        for page_size in PAGE_SIZES:
            with self.subTest(page_size=page_size):
                database = self.import_both(log, page_size=page_size)[0]
                connection = sqlite3.connect(database)
                connection.execute("DELETE FROM owner_usage WHERE dir_id % 3 = 0")
                connection.execute("DELETE FROM directory_stats WHERE dir_id % 5 = 1")
                connection.execute(
                    "INSERT INTO directories SELECT dir_id + 10000000, dir_id, path || '/new', "
                    "depth + 1, dir_id + 10000000, 'new' FROM directories")
                connection.execute("UPDATE directory_stats SET total_size_r = total_size_r / 2, "
                                   "owner_uid = NULL WHERE dir_id % 2 = 0")
                connection.commit()
                self.assert_sound(database)
                self.assert_indexes_answer(database)
                connection.execute("DELETE FROM directories WHERE dir_id > 10000000")
                connection.commit()
                connection.execute("VACUUM")
                connection.close()
                self.assert_sound(database)
                self.assert_indexes_answer(database)

    def test_another_word(self):
        result = self.run_import("--writer", "paper", "--db", self.path("x.db"), "x.log")
        self.assertEqual(result.returncode, 2)
        self.assert_one_line(result.stderr, "paper", "pages", "sql")


if __name__ == "__main__":
    e2e_support.main()
