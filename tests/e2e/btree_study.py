#!/usr/bin/env python3
"""bench/btree_build.c writes database files by itself: SQLite must find them in order, and read from
them what it wrote into the database they were made of. FSTALLY_BTREE_BUILD is that program."""

import json
import os
import random
import resource
import shutil
import signal
import sqlite3
import subprocess

import e2e_support
from e2e_support import Case, program, scaled

# Rows of a run in btree_tree.c: where one ends, the next begins a page.
RUN = 1 << 15
PAGE_SIZES = (512, 1024, 4096, 16384, 65536)
PATH_INDEX = "ux_directories_path"


def connect(path):
    connection = sqlite3.connect(path)
    connection.text_factory = bytes
    return connection


def widths():
    """Integers at both ends of every width that a record may hold them in."""
    ends = {0, 1, 2, -1, -2}
    for bits in (8, 16, 24, 32, 48, 64):
        limit = 1 << (bits - 1)
        ends |= {limit - 1, -limit}
        if bits < 64:
            ends |= {limit, -limit - 1}
    return sorted(ends)


def path_of(number, length):
    """A path of so many bytes, unlike those of other numbers."""
    return (b"/%d/" % number).ljust(length, b"x")[:length]


def value_of(text):
    """As the importer stores it: what is not UTF-8 is a BLOB."""
    try:
        return text.decode()
    except UnicodeDecodeError:
        return text


class BtreeStudy(Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        program("FSTALLY_BTREE_BUILD")

    def run_build(self, *arguments, **options):
        return subprocess.run(
            [program("FSTALLY_BTREE_BUILD"), *map(str, arguments)], cwd=self.folder,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            encoding="utf-8", errors="surrogateescape", timeout=e2e_support.HANGS_AFTER,
            check=False, **options)

    def build(self, source, threads=1, page_size=16384):
        """-> the database made of `source`."""
        output = self.path(f"made.{threads}.{page_size}.db")
        result = self.run_build(source, output, threads, page_size)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        told = json.loads(result.stdout)
        self.assertEqual(told["threads"], threads)
        self.assertEqual(told["bytes"], os.path.getsize(output))
        self.assertFalse(os.path.exists(output + ".plain"))
        return output

    def empty_database(self, name="source.db"):
        """A database of the importer's without a directory."""
        empty = self.path("empty.db")
        if not os.path.exists(empty):
            log = self.write("20260111_site_fs.log", b"")
            self.import_ok("--db", empty, "--format", "gpfs", log)
        return shutil.copyfile(empty, self.path(name))

    def database_of(self, paths, name="source.db"):
        """A database with these directories, in this order, and statistics of every kind."""
        database = self.empty_database(name)
        numbers = widths()
        connection = sqlite3.connect(database)
        connection.execute("PRAGMA synchronous = OFF")
        with connection:
            connection.executemany(
                "INSERT INTO directories VALUES(?, ?, ?, ?, ?, ?)",
                ((i, i - 1 or None, value_of(path), path.count(b"/"), i, "x") for i, path in
                 enumerate(paths, 1)))
            connection.executemany(
                f"INSERT INTO directory_stats VALUES({', '.join('?' * 15)})",
                (self.stats_row(i, numbers) for i in range(1, len(paths) + 1)))
        connection.close()
        return database

    @staticmethod
    def stats_row(i, numbers):
        values = [numbers[(i + k) % len(numbers)] for k in range(14)]
        values[4] = None if i % 3 == 0 else "2025-12-08 19:08:54"
        values[5] = None if i % 4 == 0 else "2024-12-08 19:08:54"
        values[10] = None if i % 5 == 0 else "2026-01-11 00:00:00"
        values[11] = None if i % 6 == 0 else "2025-01-11 00:00:00"
        values[12] = None if i % 7 == 0 else values[12]
        return [i, *values]

    def rows_of(self, connection, table, columns):
        kinds = ", ".join(f"typeof({column})" for column in columns)
        return connection.execute(f"SELECT *, {kinds} FROM {table} ORDER BY 1").fetchall()

    def assert_copy(self, source, output, page_size=16384):
        """The output is sound and holds the tables of the source."""
        theirs, ours = connect(source), connect(output)
        self.addCleanup(theirs.close)
        self.addCleanup(ours.close)
        self.assertEqual(ours.execute("PRAGMA integrity_check").fetchall(), [(b"ok",)])
        self.assertEqual(ours.execute("PRAGMA page_size").fetchone(), (page_size,))
        for mark in ("user_version", "application_id", "encoding"):
            self.assertEqual(ours.execute(f"PRAGMA {mark}").fetchone(),
                             theirs.execute(f"PRAGMA {mark}").fetchone())
        schema = ("SELECT type, name, tbl_name, sql FROM sqlite_master WHERE name IN "
                  f"('directories', '{PATH_INDEX}', 'directory_stats') ORDER BY type, name")
        self.assertEqual(ours.execute(schema).fetchall(), theirs.execute(schema).fetchall())
        for table in ("directories", "directory_stats"):
            columns = [name.decode() for _, name, *_ in theirs.execute(
                f"PRAGMA table_info({table})")]
            self.assertEqual(self.rows_of(ours, table, columns),
                             self.rows_of(theirs, table, columns))
        self.assert_found_by_index(ours)

    def assert_found_by_index(self, connection):
        search = "SELECT dir_id FROM directories WHERE path = ?"
        plan = connection.execute("EXPLAIN QUERY PLAN " + search, ("/",)).fetchall()
        self.assertIn(PATH_INDEX.encode(), plan[0][3])
        for number, path in connection.execute("SELECT dir_id, path FROM directories NOT INDEXED"):
            self.assertEqual(connection.execute(search, (value_of(path),)).fetchall(),
                             [(number,)], path)
            self.assertEqual(connection.execute(search, (value_of(path + b"\x01"),)).fetchall(), [])
        ordered = connection.execute(
            f"SELECT typeof(path) = 'blob', path FROM directories INDEXED BY {PATH_INDEX} "
            "ORDER BY path").fetchall()
        self.assertEqual(ordered, sorted(ordered))

    def test_imported_log(self):
        log = self.generated_log("20260111_site_fs.log", "gpfs", scaled(200000, 11000), "inode",
                                 seed=31, multi_owner=20)
        source = self.path("source.db")
        self.import_ok("--db", source, log)
        for page_size in PAGE_SIZES:
            with self.subTest(page_size=page_size):
                self.assert_copy(source, self.build(source, 2, page_size), page_size)

    def test_no_row(self):
        source = self.empty_database()
        for page_size in PAGE_SIZES:
            with self.subTest(page_size=page_size):
                self.assert_copy(source, self.build(source, 2, page_size), page_size)

    def test_every_number_of_rows(self):
        """Each number of rows leaves another remainder on the last pages of each level."""
        paths = [path_of(i, 90) for i in range(1, 151)]
        for count in range(1, scaled(150, 60)):
            source = self.database_of(paths[:count])
            with self.subTest(count=count):
                self.assert_copy(source, self.build(source, 1, 512), 512)

    def test_exactly_one_page(self):
        """The rows that fill a page of the table to the last, and one more."""
        paths = []
        pages = {}
        while max(pages.values(), default=0) < 2:
            paths.append(path_of(len(paths) + 1, 60))
            source = self.database_of(paths, f"{len(paths)}.db")
            output = self.build(source, 1, 1024)
            self.assert_copy(source, output, 1024)
            connection = connect(output)
            root = connection.execute(
                "SELECT rootpage FROM sqlite_master WHERE name = 'directories'").fetchone()[0]
            connection.close()
            kind = self.read(output)[(root - 1) * 1024]
            self.assertIn(kind, (13, 5))  # a leaf, an interior page
            pages[len(paths)] = 1 if kind == 13 else 2
        self.assertGreater(len(paths), 5)

    def test_paths_of_every_length(self):
        """What of a path leaves its page depends on its length by the byte."""
        lengths = list(range(8, 1200)) + [4096, 20000]
        source = self.database_of([path_of(i, length) for i, length in enumerate(lengths)])
        for page_size in (512, 1024):
            with self.subTest(page_size=page_size):
                self.assert_copy(source, self.build(source, 2, page_size), page_size)

    def test_long_paths_in_large_pages(self):
        """At 16384 bytes an index entry leaves its page at 4086, a row at 16347."""
        lengths = [*range(4060, 4110), *range(16320, 16380), *range(20400, 20500), 70000]
        source = self.database_of([path_of(i, length) for i, length in enumerate(lengths)])
        for page_size in (16384, 65536):
            with self.subTest(page_size=page_size):
                self.assert_copy(source, self.build(source, 2, page_size), page_size)

    def test_bytes_of_any_kind(self):
        names = [bytes([byte]) for byte in range(1, 256) if byte != ord("/")]
        paths = sorted([b"/"] + [b"/d" + name for name in names] +
                       [b"/d" + name + b"/x\xff\xc3" for name in names])
        self.assert_copies_in_preorder(paths)

    def test_preorder_is_not_the_order_of_bytes(self):
        names = [b"a", b"a b", b"a-b", b"a.b", b"a+", b"aa", b"b"]
        paths = [b"/" + x for x in names]
        paths += [path + b"/" + y for path in paths for y in names]
        paths += [path + b"/" + z for path in paths[7:] for z in names]
        self.assert_copies_in_preorder(paths)

    def assert_copies_in_preorder(self, paths):
        source = self.database_of(sorted(paths, key=lambda path: path.split(b"/")))
        for page_size in (512, 16384):
            self.assert_copy(source, self.build(source, 2, page_size), page_size)

    def test_rows_in_no_order(self):
        paths = [path_of(i, 30) for i in range(scaled(50000, 40000))]
        random.Random(41).shuffle(paths)
        source = self.database_of(paths)
        self.assert_copy(source, self.build(source, 2))

    def test_rowids_of_every_width(self):
        numbers = widths()
        source = self.empty_database()
        connection = sqlite3.connect(source)
        with connection:
            for i, number in enumerate(numbers):
                connection.execute(
                    "INSERT INTO directories(dir_id, path, depth, last_id, name) "
                    "VALUES(?, ?, 'odd', ?, ?)", (number, f"/{i}", 1 << i, f"{i}"))
                connection.execute(
                    f"INSERT INTO directory_stats VALUES({', '.join('?' * 15)})",
                    (number, *numbers[:14]))
        connection.close()
        for page_size in (512, 16384):
            self.assert_copy(source, self.build(source, 1, page_size), page_size)

    def test_several_runs(self):
        paths = [b"/%07d" % i for i in range(2 * RUN + 1)]
        for count in (RUN, RUN + 1, RUN + 2, 2 * RUN + 1):
            source = self.database_of(paths[:count], f"{count}.db")
            with self.subTest(count=count):
                self.assert_copy(source, self.build(source, 3, 4096), 4096)

    def test_same_bytes_for_any_threads(self):
        source = self.database_of([path_of(i, 40 + i % 500) for i in range(3 * RUN)])
        files = [self.read(self.build(source, threads, 1024)) for threads in (1, 2, 5)]
        self.assertEqual(files[0], files[1])
        self.assertEqual(files[0], files[2])

    def test_wrong_usage(self):
        for arguments in ([], ["a.db"], ["a.db", "b.db"], ["a.db", "b.db", "0"],
                          ["a.db", "b.db", "x"], ["a.db", "b.db", "1", "1000"],
                          ["a.db", "b.db", "1", "256"], ["a.db", "b.db", "1", "131072"],
                          ["a.db", "b.db", "1", "512", "more"]):
            result = self.run_build(*arguments)
            self.assertEqual(result.returncode, 2, arguments)
            self.assert_one_message(result.stderr, "usage: btree-build")

    def test_failures_are_one_line(self):
        source = self.database_of([b"/a"])
        other = self.write("other.db", b"no database, but long enough to be looked into" * 100)
        for arguments, part in (([self.path("missing.db"), "out.db", 1], "missing.db"),
                                ([other, "out.db", 1], "not a database"),
                                ([source, self.path("no", "out.db"), 1], "no/out.db"),
                                ([source, source, 1], "name another output")):
            result = self.run_build(*arguments)
            self.assertEqual(result.returncode, 1, arguments)
            self.assert_one_message(result.stderr, part)
            self.assertFalse(os.path.exists(self.path("out.db")))
        self.assert_copy(source, self.build(source))  # nothing has become of it

    def test_unfinished_output_is_removed(self):
        """No file may grow beyond a limit: writing fails in whatever thread it is."""
        source = self.database_of([path_of(i, 90) for i in range(20000)])

        def limit():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 16, 1 << 16))

        result = self.run_build(source, "out.db", 4, preexec_fn=limit, restore_signals=False)
        self.assertEqual(result.returncode, 1, result.stderr)
        self.assert_one_message(result.stderr, "out.db: cannot write: File too large")
        self.assertFalse(os.path.exists(self.path("out.db")))

    def assert_one_message(self, text, part):
        self.assertEqual(text.count("\n"), 1, text)
        self.assertIn(part, text)


if __name__ == "__main__":
    e2e_support.main()
