#!/usr/bin/env python3
"""Tests the slow reference against answers worked out by hand: the counts and rejects of every
nasty log, and every table of a small log whose rows are written out below."""

import os
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "logs")]

import make_nasty_logs
import slow_reference

MIB = 1024 * 1024

SMALL_LOG = b"""\
[I] 9 lines by hand
<1> 10 1 0  s=4096 a=4 u=0 g=0 p=drwxr-xr-x ac=2026-01-01 00:00:00 -- /fs/proj
<1> 11 1 0  s=100 a=1 u=1000 g=100 p=-rw-r--r-- ac=2026-01-10 08:00:00.5 mt=2025-06-07T08:09:10 -- /fs/proj/a/x
<2> 12 1 0  s=1024 a=4 u=1000 g=100 p=-rw-r--r-- ac=2020-06-01 00:00:00 mt=2025-02-30 00:00:00 -- /fs/proj/a/y
12 1 0 s=2097152 a=2048 u=1001 p=lrwxrwxrwx -- /fs/proj/a-b/z
<1> 13 1 0  s=_NULL_ a=0 u=1000 g=100 p=-rw-r--r-- ac=2025-02-28 00:00:00 -- /fs/proj/a/never
<1> 14 1 0  s=5 a=0 u=1000 g=100 p=prw-r--r-- ac=1969-12-31 23:59:59 -- /fs/top
<1> 15 1 0  s=4096 a=4 u=0 g=0 p=drwxr-xr-x -- /fs/proj/a/deep/
"""

# /fs, /fs/proj, then a before a-b though '-' sorts below '/', deep inside a.
SMALL_TABLES = {
    "directories": [
        (1, None, b"/fs", 1, 5, b"fs"),
        (2, 1, b"/fs/proj", 2, 5, b"proj"),
        (3, 2, b"/fs/proj/a", 3, 4, b"a"),
        (4, 3, b"/fs/proj/a/deep", 4, 4, b"deep"),
        (5, 2, b"/fs/proj/a-b", 3, 5, b"a-b"),
    ],
    "directory_stats": [
        (1, 1, 1, 5, 0, b"1969-12-31 23:59:59", None,
         4, 4, 2098281, 5 * 1024 + 2 * MIB, b"2026-01-10 08:00:00", b"2025-06-07 08:09:10",
         None, None),
        (2, 0, 2, 0, 0, None, None,
         3, 3, 2098276, 5 * 1024 + 2 * MIB, b"2026-01-10 08:00:00", b"2025-06-07 08:09:10",
         None, None),
        (3, 2, 1, 1124, 5 * 1024, b"2026-01-10 08:00:00", b"2025-06-07 08:09:10",
         2, 1, 1124, 5 * 1024, b"2026-01-10 08:00:00", b"2025-06-07 08:09:10", 1000, 100),
        (4, 0, 0, 0, 0, None, None, 0, 0, 0, 0, None, None, -1, -1),
        (5, 1, 0, 2 * MIB, 2 * MIB, None, None, 1, 0, 2 * MIB, 2 * MIB, None, None, 1001, -1),
    ],
    # Only directories of several owners, and of these only their own files.
    "owner_usage": [(1, 1000, 100, 1, 5, 0, b"1969-12-31 23:59:59")],
    "owner_summary": [(1000, 1129, 5 * 1024, 3, 2), (1001, 2 * MIB, 2 * MIB, 1, 1)],
    "group_summary": [(-1, 2 * MIB, 2 * MIB, 1, 1), (100, 1129, 5 * 1024, 3, 2)],
    # By the scan date 2026-01-11: 0 days; 2,050 days (2020-06-01), below 2,190; decades; none.
    "access_histogram": [(1000, 0, 1, 100), (1000, 7, 1, 1024), (1000, 9, 1, 5),
                         (1001, 9, 1, 2 * MIB)],
    "size_histogram": [(1000, 0, 2, 105), (1000, 1, 1, 1024), (1001, 4, 1, 2 * MIB)],
}

SMALL_METADATA = (b"20260111_csfs1_small.list.log", b"2026-01-11 00:00:00", b"small", b"gpfs",
                  2, 4, 2098281, 5 * 1024 + 2 * MIB, 8, 1, 1, 1, 0, 0, b"atime")


FOLDER = tempfile.TemporaryDirectory()
NASTY_LOGS = make_nasty_logs.write(FOLDER.name)
NULL_ENDED_LOGS = make_nasty_logs.write(FOLDER.name, make_nasty_logs.null_ended_logs)


def tearDownModule():
    FOLDER.cleanup()


class NastyLogs(unittest.TestCase):
    def test_counts_and_rejects(self):
        self.assert_counts(NASTY_LOGS)

    def test_counts_and_rejects_of_logs_that_end_records_in_nul(self):
        self.assert_counts(NULL_ENDED_LOGS, null=True)

    def assert_counts(self, logs, **options):
        for path, nasty in logs:
            with self.subTest(nasty.name):
                reference = slow_reference.read_logs(
                    [path], options=slow_reference.Options(**options))
                counts = reference.logs[0]
                self.assertEqual(counts.format, nasty.format)
                self.assertEqual(
                    (counts.lines, counts.headers, counts.files, counts.directories,
                     counts.rejected, counts.scan_errors),
                    (nasty.lines, nasty.headers, nasty.files, nasty.directories,
                     len(nasty.rejected), nasty.scan_errors))
                self.assertEqual({r.line: r.reason for r in reference.rejects},
                                 nasty.rejected)
                self.assertEqual([flaw.line for flaw in reference.flaws], nasty.flawed)

    def test_reject_offsets(self):
        """The bytes at a reject's offset are the rejected line."""
        for path, nasty in NASTY_LOGS:
            for reject in slow_reference.read_logs([path]).rejects:
                end = reject.offset + len(reject.text)
                self.assertEqual(nasty.data[reject.offset:end], reject.text)
                self.assertEqual(nasty.data[:reject.offset].count(b"\n"), reject.line - 1)
                self.assertRegex(nasty.data[end:end + 2], rb"\A(\r?\n|\Z)")


class SmallLog(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        path = os.path.join(folder.name, "20260111_csfs1_small.list.log")
        with open(path, "wb") as file:
            file.write(SMALL_LOG)
        self.reference = slow_reference.read_logs([path])

    def test_tables(self):
        tables = self.reference.tables()
        for name, rows in SMALL_TABLES.items():
            with self.subTest(name):
                self.assertEqual(tables[name], rows)

    def test_metadata(self):
        self.assertEqual([row[:-3] for row in self.reference.tables()["scan_metadata"]],
                         [SMALL_METADATA])


class Trees(unittest.TestCase):
    """Which directories are stored, by hand, for the logs that are about it."""

    EXPECTED = {
        "missing_directories": [
            (1, None, b"/fs"), (2, 1, b"/fs/a"), (3, 2, b"/fs/a/b"), (4, 3, b"/fs/a/b/c"),
            (5, 4, b"/fs/a/b/c/d"), (6, 5, b"/fs/a/b/c/d/e"), (7, 3, b"/fs/a/b/x"),
            (8, 1, b"/fs/q"), (9, 8, b"/fs/q/r"), (10, 9, b"/fs/q/r/s"),
            (11, None, b"/other"), (12, 11, b"/other/z")],
        "root_listed": [(1, None, b"/"), (2, 1, b"/fs"), (3, 2, b"/fs/deep")],
        "root_is_parent_of_file": [(1, None, b"/"), (2, 1, b"/fs"), (3, 2, b"/fs/deep")],
        "root_is_parent_of_directory": [
            (1, None, b"/fs"), (2, 1, b"/fs/deep"), (3, None, b"/usr")],
        "root_not_stored": [
            (1, None, b"/fs"), (2, 1, b"/fs/deep"), (3, None, b"/usr"), (4, 3, b"/usr/share")],
        "root_alone": [(1, None, b"/")],
        "slashes": [
            (1, None, b"/fs"), (2, 1, b"/fs/."), (3, 1, b"/fs/.."), (4, 1, b"/fs/..."),
            (5, 1, b"/fs/.hidden"), (6, 1, b"/fs/a")],
        "repeated": [(1, None, b"/fs"), (2, 1, b"/fs/both"), (3, 1, b"/fs/d")],
        "returns_of_names": [(1, None, b"/fs"), (2, 1, b"/fs/d"), (3, 1, b"/fs/d\r")],
        "percent_fields": [
            (1, None, b"/g"), (2, 1, b"/g/#"), (3, 1, b"/g/%41"), (4, 1, b"/g/%zz%4"),
            (5, 1, b"/g/1 1 1 s=1 u=2 p=-rw-r--r-- -- "), (6, 1, b"/g/100%"),
            (7, 1, b"/g/a b"), (8, 1, b"/g/caf\xe9"), (9, 1, b"/g/d"), (10, 1, b"/g/e"),
            (11, 1, b"/g/newline\nin")],
        "percent_paths": [(1, None, b"/g"), (2, 1, b"/g/a b"), (3, 1, b"/g/aA")],
        "non_utf8_directories": [
            (1, None, b"/fs\xe9"), (2, 1, b"/fs\xe9/caf\xe9 -- \xe9"),
            (3, 1, b"/fs\xe9/\x80"), (4, 3, b"/fs\xe9/\x80/\x80"), (5, 1, b"/fs\xe9/\xc3"),
            (6, 1, b"/fs\xe9/\xc3\xa9"), (7, 1, b"/fs\xe9/\xc3\xa9\xc3"),
            (8, 1, b"/fs\xe9/\xe9"), (9, 8, b"/fs\xe9/\xe9/\xc3"),
            (10, 1, b"/fs\xe9/\xed\xa0\x80"), (11, 1, b"/fs\xe9/\xf4\x90\x80\x80"),
            (12, 1, b"/fs\xe9/\xff"), (13, 1, b"/fs\xe9/\xff\xff")],
    }

    def test_trees(self):
        for path, nasty in NASTY_LOGS:
            expected = self.EXPECTED.get(nasty.name.split(".")[0])
            if expected is None:
                continue
            with self.subTest(nasty.name):
                rows = slow_reference.read_logs([path]).tables()["directories"]
                self.assertEqual([row[:3] for row in rows], expected)

    def test_ages(self):
        """The edges of the access buckets: three recent files, then three about each bound."""
        in_bucket = [4] + [3] * 8 + [3]     # 3 + 1 just inside; ...; two past the last, and none
        for path, nasty in NASTY_LOGS:
            if "_ages." not in nasty.name:
                continue
            with self.subTest(nasty.name):
                rows = slow_reference.read_logs([path]).tables()["access_histogram"]
                self.assertEqual([(row[1], row[2]) for row in rows],
                                 list(enumerate(in_bucket)))

    def test_size_bounds(self):
        for path, nasty in NASTY_LOGS:
            if not nasty.name.startswith("sizes."):
                continue
            with self.subTest(nasty.name):
                rows = slow_reference.read_logs([path]).tables()["size_histogram"]
                # 0, 1,023, the 7 of many zeros, 4 of an unusable allocation; then two a bucket;
                # the huge one is the rest.
                self.assertEqual([(row[1], row[2]) for row in rows],
                                 list(enumerate([7] + [2] * 9)))


    def test_saturated(self):
        most = 2**63 - 1
        for path, nasty in NASTY_LOGS:
            if not nasty.name.startswith("saturated."):
                continue
            with self.subTest(nasty.name):
                reference = slow_reference.read_logs([path])
                unit = 1024 if nasty.format == "gpfs" else 512
                self.assertEqual(
                    [(row[9], row[10]) for row in reference.tables()["directory_stats"]],
                    [(most, most),                           # /fs
                     (2, most),                              # alloc
                     (most, 2 * unit), (most, unit),         # just, one: not past it
                     (most, 2 * unit),                       # past
                     (3, unit), (3, unit)])                  # small, /gs
                self.assertEqual(reference.tables()["owner_summary"],
                                 [(1, 2**62, unit, 1, 1), (2, 2**62, unit, 1, 1),
                                  (9, 3, unit, 1, 1), (1000, most, most, 6, 4)])
                self.assertTrue(reference.saturated())


class Options(unittest.TestCase):
    """What each option leaves of one tree, by hand: paths with their direct files' bytes."""

    LINES = [("/h", "d", 0), ("/h/a/f", "f", 1), ("/h/ab/f", "f", 2), ("/h/a/b/f", "f", 4),
             ("/h/c/a/x.tmp", "f", 8), ("/h/[z]/f", "f", 16), ("/k/e", "d", 0)]
    # options -> (files, directories, rejected, excluded), tree
    EXPECTED = [
        ({}, (5, 2, 0, 0), "/h=0 /h/[z]=16 /h/a=1 /h/a/b=4 /h/ab=2 /h/c=0 /h/c/a=8 /k=0 /k/e=0"),
        ({"under": "/h/a"}, (2, 0, 5, 0), "/h=0 /h/a=1 /h/a/b=4"),
        ({"under": "/h//a/"}, (2, 0, 5, 0), "/h=0 /h/a=1 /h/a/b=4"),
        ({"under": "/k/e"}, (0, 1, 6, 0), "/k=0 /k/e=0"),
        ({"root": "/h/a"}, (2, 1, 4, 0), "/h/a=1 /h/a/b=4"),
        ({"root": "/h"}, (5, 1, 1, 0), "/h=0 /h/[z]=16 /h/a=1 /h/a/b=4 /h/ab=2 /h/c=0 /h/c/a=8"),
        ({"excludes": ("/h/a",)}, (3, 2, 0, 2),
         "/h=0 /h/[z]=16 /h/ab=2 /h/c=0 /h/c/a=8 /k=0 /k/e=0"),
        ({"excludes": ("a",)}, (2, 2, 0, 3), "/h=0 /h/[z]=16 /h/ab=2 /k=0 /k/e=0"),
        ({"excludes": ("/h/*/a",)}, (4, 2, 0, 1),
         "/h=0 /h/[z]=16 /h/a=1 /h/a/b=4 /h/ab=2 /k=0 /k/e=0"),
        ({"excludes": ("*/b",)}, (4, 2, 0, 1),
         "/h=0 /h/[z]=16 /h/a=1 /h/ab=2 /h/c=0 /h/c/a=8 /k=0 /k/e=0"),
        ({"excludes": ("*.tmp", "/k")}, (4, 1, 0, 2), "/h=0 /h/[z]=16 /h/a=1 /h/a/b=4 /h/ab=2"),
        ({"excludes": ("/h/a?",)}, (4, 2, 0, 1),      # a whole path, so nothing of /h/a
         "/h=0 /h/[z]=16 /h/a=1 /h/a/b=4 /h/c=0 /h/c/a=8 /k=0 /k/e=0"),
        ({"excludes": ("/h/[z]",)}, (5, 2, 0, 0),
         "/h=0 /h/[z]=16 /h/a=1 /h/a/b=4 /h/ab=2 /h/c=0 /h/c/a=8 /k=0 /k/e=0"),
        ({"excludes": (r"/h/\[z]", "[!e-h]")}, (1, 1, 0, 5), "/h=0 /h/ab=2"),
        ({"root": "/h", "under": "/h", "excludes": ("/h/c",)}, (4, 1, 1, 1),
         "/h=0 /h/[z]=16 /h/a=1 /h/a/b=4 /h/ab=2"),
    ]

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.log = os.path.join(folder.name, "20260111_site_fs.find")

    def read(self, lines, **options):
        with open(self.log, "w", encoding="ascii") as file:
            file.writelines(lines)
        return slow_reference.read_logs([self.log], options=slow_reference.Options(**options))

    def test_trees(self):
        lines = [f"1 s={size} u=1 type={kind} -- {path}\n" for path, kind, size in self.LINES]
        for options, counts, tree in self.EXPECTED:
            with self.subTest(str(options)):
                reference = self.read(lines, **options)
                log = reference.logs[0]
                self.assertEqual((log.files, log.directories, log.rejected, log.excluded), counts)
                tables = reference.tables()
                self.assertEqual(" ".join(
                    f"{row[2].decode()}={stats[3]}"
                    for row, stats in zip(tables["directories"], tables["directory_stats"])), tree)
                self.assertEqual({reject.reason for reject in reference.rejects},
                                 {slow_reference.OUTSIDE} if log.rejected else set())

    def test_a_root_has_no_parent(self):
        reference = self.read(["1 s=1 u=1 type=f -- /g/h/a/f\n"], root="/g/h")
        self.assertEqual(reference.tables()["directories"],
                         [(1, None, b"/g/h", 2, 2, b"h"), (2, 1, b"/g/h/a", 3, 2, b"a")])

    def test_what_is_excluded_is_not_flawed(self):
        reference = self.read(["1 s=1 u=1 type=f a=bad -- /a/f\n"], excludes=("/a",))
        self.assertEqual((reference.logs[0].flawed, reference.logs[0].excluded), (0, 1))

    def test_ages(self):
        """By the scan date 2026-01-11: 2026-01-01 is recent, 2025-11-12 is of the second bucket."""
        lines = [f"1 s={size} u=1 type=f {times} -- /a/f\n" for size, times in (
            (1, "a=1767225600 m=1762905600"), (2, "a=1762905600 m=1767225600"),
            (4, "a=1762905600"), (8, "m=1762905600"), (16, ""))]
        for age_by, expected in (
                ("atime", [(1, 0, 1, 1), (1, 1, 2, 6), (1, 9, 2, 24)]),
                ("mtime", [(1, 0, 1, 2), (1, 1, 2, 9), (1, 9, 2, 20)]),
                ("latest", [(1, 0, 2, 3), (1, 1, 2, 12), (1, 9, 1, 16)])):
            with self.subTest(age_by):
                tables = self.read(lines, age_by=age_by).tables()
                self.assertEqual(tables["access_histogram"], expected)
                self.assertIn(age_by.encode(), tables["scan_metadata"][0])


class Names(unittest.TestCase):
    def test_filesystem(self):
        for name, expected in (
                ("20260111_csfs1_asp.list.list_all.log", "asp"),
                ("20260204_desc1_gdex.lfs-scan", "gdex"),
                ("20260204_gdex.lfs-scan", "gdex"),
                ("usr.find", "usr"),
                ("some/folder.d/asp_two.log", "asp_two"),
                ("20260111_a_b_c.log", "b_c")):
            self.assertEqual(slow_reference.filesystem_from_name(name), expected)


if __name__ == "__main__":
    unittest.main()
