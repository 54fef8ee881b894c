#!/usr/bin/env python3
"""--cold and --hot-spots: bytes and files below each directory that were not accessed for some time,
as a few lines of Python over the log have them."""

import collections
import datetime
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "support"))

import e2e_support
import query_support
import slow_reference

AGES = {"30d": 30, "90d": 90, "180d": 180, "1y": 365, "2y": 730, "3y": 1095, "4y": 1460, "6y": 2190,
        "7y": 2555}

# The scan is of 2026-03-31. Days before it: 1, 45, 500, 3000; one file without a time.
PLAIN = (b"1 s=800 b=8 u=0 g=0 type=f a=1774828800 m=0 -- /data/now/f\n"
         b"2 s=700 b=8 u=1 g=0 type=f a=1771027200 m=1774828800 -- /data/then/f\n"
         b"3 s=90 b=8 u=0 g=7 type=f a=1731715200 m=1731715200 -- /data/then/old/g\n"
         b"4 s=10 b=8 u=1 g=7 type=f a=1515715200 m=1774828800 -- /data/then/old/h\n"
         b"5 s=5 b=8 u=1 g=7 type=f -- /data/never\n"
         b"6 s=0 b=0 u=1 g=7 type=f -- /data/empty/f\n")


def ancestors(path):
    parts = path.split(b"/")
    return [b"/".join(parts[:i]) for i in range(2, len(parts))]


class Log:
    """The files of a log: (path, uid, gid, whole days before the scan or None, size)."""

    def __init__(self, log, fmt, scan_date, age_by="atime"):
        day = slow_reference.scan_date_of(log, scan_date)
        self.files = []
        self.directories = set()
        with open(log, "rb") as file:
            for line in file.read().split(b"\n"):
                if slow_reference.is_header(line):
                    continue
                entry = slow_reference.parse(line, fmt)
                if entry.is_directory:
                    self.directories.update([*ancestors(entry.path), entry.path])
                    continue
                self.directories.update(ancestors(entry.path))
                times = {"atime": [entry.atime], "mtime": [entry.mtime],
                         "latest": [entry.atime, entry.mtime]}[age_by]
                known = [time for time in times if time is not None]
                age = (day - max(known)).days if known else None
                self.files.append((entry.path, entry.uid, entry.gid, age, entry.size))

    def cold(self, days, wanted=lambda file: True):
        """-> {directory: [bytes, files]} of those that have any"""
        found = collections.defaultdict(lambda: [0, 0])
        for file in self.files:
            if (file[3] is None or file[3] >= days) and wanted(file):
                for path in ancestors(file[0]):
                    found[path][0] += file[4]
                    found[path][1] += 1
        return dict(found)


def preorder(path):
    return path.split(b"/")


def ranked(found):
    return sorted(((path, *figures) for path, figures in found.items()),
                  key=lambda row: (-row[1], preorder(row[0])))


def spots(found, percent=90):
    """Without directories of which a single subdirectory has so much."""
    most = collections.Counter()
    for path, (size, _) in found.items():
        above = path.rpartition(b"/")[0]
        most[above] = max(most[above], size)
    return {path: figures for path, figures in found.items()
            if figures[0] == 0 or most[path] * 100 < figures[0] * percent}


class Cold(query_support.QueryCase):
    def cold(self, *arguments):
        """-> [(path, bytes, files)] in the order of the answer"""
        columns, rows = self.rows("--cold", *arguments, "-n", 0)
        self.assertEqual(columns, [*query_support.COLUMNS, b"cold_size", b"cold_files"])
        return [(row[b"path"], row[b"cold_size"], row[b"cold_files"]) for row in rows]

    def test_by_hand(self):
        self.make_database("plain", PLAIN)
        self.assertEqual(self.cold("1y", "plain"), [
            (b"/data", 105, 4), (b"/data/then", 100, 2), (b"/data/then/old", 100, 2),
            (b"/data/empty", 0, 1)])
        self.assertEqual(self.cold("30d", "-u", 1, "plain")[0], (b"/data", 715, 4))
        self.assertEqual(self.cold("7y", "plain"), [
            (b"/data", 15, 3), (b"/data/then", 10, 1), (b"/data/then/old", 10, 1),
            (b"/data/empty", 0, 1)])
        self.assertEqual(self.cold("1y", "-g", 0, "plain"), [])
        self.assertEqual(self.cold("1y", "--hot-spots", "plain"), [
            (b"/data/then/old", 100, 2), (b"/data/empty", 0, 1)])    # 100 of 105 are below then
        self.assertEqual(self.cold("1y", "--hot-spots", 96, "plain")[0], (b"/data", 105, 4))
        self.assertEqual(self.cold("1y", "--hot-spots=95%", "plain")[0], (b"/data/then/old", 100, 2))
        self.assertEqual(self.cold("1y", "-E", "/data/then/old", "--reverse", "plain"), [
            (b"/data/empty", 0, 1), (b"/data/then", 100, 2), (b"/data", 105, 4)])
        self.assertEqual(self.query("--cold", "1y", "-n", 2, "plain"), b"""\
 COLD  COLD FILES     SIZE  ALLOCATED  FILES  DIRS    ACCESSED  OWNER    PATH
105 B           4  1.6 KiB   20.0 KiB      6     4  2026-03-30  several  /data
100 B           2    800 B   12.0 KiB      3     1  2026-02-14  several  /data/then
(the first 2; --limit 0 shows all)
""")
        _, rows = self.rows("--cold", "1y", "--group-by", "owner", "plain")
        self.assertEqual([(row[b"owner_uid"], row[b"total_size"], row[b"cold_size"], row[b"cold_files"])
                          for row in rows], [(0, 890, 90, 1), (1, 715, 15, 3)])

    def test_the_time_that_the_import_chose(self):
        for age_by in ("atime", "mtime", "latest"):
            self.make_database(age_by, PLAIN, "--age-by", age_by)
            log = Log(self.path("logs", age_by + ".log"), "find", "2026-03-31", age_by)
            for age, days in AGES.items():
                self.assertEqual(self.cold(age, age_by), ranked(log.cold(days)), (age_by, age))

    def generated(self):
        log = self.generated_log("some.log", "gpfs", e2e_support.scaled(20000, 3000), owners=8,
                                 multi_owner=30, order="shuffle", missing_directories=10,
                                 directories=e2e_support.scaled(6000, 900))
        self.make_folder("data")
        self.import_ok("--db", self.path("data", "some.db"), "-f", "some", "--scan-date", "2026-01-11",
                       log)
        return Log(log, "gpfs", "2026-01-11")

    def test_a_generated_log(self):
        log = self.generated()
        owners = sorted({file[1] for file in log.files})
        groups = sorted({file[2] for file in log.files})
        for age, days in AGES.items():
            self.assertEqual(self.cold(age, "some"), ranked(log.cold(days)), age)
        for owner in owners:
            self.assertEqual(self.cold("2y", "-u", owner, "some"),
                             ranked(log.cold(730, lambda file, owner=owner: file[1] == owner)))
        self.assertEqual(self.cold("1y", "-u", owners[0], "-u", owners[1], "-g", groups[0], "some"),
                         ranked(log.cold(365, lambda file: file[1] in owners[:2]
                                         and file[2] == groups[0])))
        for percent in (1, 50, 90, 100):
            self.assertEqual(self.cold("3y", "--hot-spots", percent, "some"),
                             ranked(spots(log.cold(1095), percent)), percent)

    def test_filters(self):
        """They choose directories; what these have of cold bytes stays what it is."""
        log = self.generated()
        found = log.cold(730)
        part = max((path for path in found if path.count(b"/") == 4), key=lambda path: found[path][0])
        below = lambda path: (path + b"/").startswith(part + b"/")
        for options, wanted in ((["-P", os.fsdecode(part)], below),
                                (["-E", os.fsdecode(part)], lambda path: not below(path)),
                                (["-d", 5], lambda path: path.count(b"/") >= 5),
                                (["-N", "*e*"], lambda path: b"e" in path.rpartition(b"/")[2])):
            self.assertEqual(self.cold("2y", *options, "some"),
                             ranked({path: figures for path, figures in found.items() if wanted(path)}),
                             options)

    def test_totals(self):
        log = self.generated()
        for days, age in ((90, "90d"), (1460, "4y")):
            sums = collections.defaultdict(lambda: [0, 0])
            for file in log.files:
                if file[3] is None or file[3] >= days:
                    sums[file[1], file[2]][0] += file[4]
                    sums[file[1], file[2]][1] += 1
            _, rows = self.rows("--cold", age, "--group-by", "owner,group", "-n", 0, "some")
            self.assertEqual({(row[b"owner_uid"], row[b"owner_gid"]): [row[b"cold_size"], row[b"cold_files"]]
                              for row in rows if row[b"cold_files"]}, dict(sums))
            self.assertEqual([row[b"cold_size"] for row in rows],
                             sorted((row[b"cold_size"] for row in rows), reverse=True))

    def test_several_databases_and_threads(self):
        log = self.generated()
        other = self.generated_log("more.log", "find", 2000, owners=8, seed=2)
        self.import_ok("--db", self.path("data", "more.db"), "-f", "more", "--scan-date", "2025-05-05",
                       other)
        found = {**log.cold(365), **Log(other, "find", "2025-05-05").cold(365)}
        answers = [self.query("--cold", "1y", "-n", 0, "--format", "tsv",
                              environment=self.query_environment(SLURM_CPUS_PER_TASK=threads))
                   for threads in ("1", "7")]
        self.assertEqual(answers[0], answers[1])
        _, rows = query_support.read_tsv(answers[0])
        self.assertEqual(sorted((row[b"path"], row[b"cold_size"], row[b"cold_files"]) for row in rows
                                if row[b"filesystem"] == b"some"), sorted(
                                    (path, *figures) for path, figures in log.cold(365).items()))
        self.assertEqual([row[b"cold_size"] for row in rows],
                         sorted((row[b"cold_size"] for row in rows), reverse=True))
        self.assertGreaterEqual(len(rows), len(found))

    def test_saturated_sums(self):
        size = 2 ** 62
        self.make_database("large", b"".join(b"%d s=%d b=0 u=%d g=0 type=f a=0 -- /d/%d/f\n" % (i, size, i, i)
                                             for i in range(5)))
        self.assertEqual(self.cold("1y", "large"), [(b"/d", 2 ** 63 - 1, 5)] + [
            (b"/d/%d" % i, size, 1) for i in range(5)])
        self.assertEqual(self.cold("1y", "-u", 3, "large"), [(b"/d", size, 1), (b"/d/3", size, 1)])
        lines = self.query("--histogram", "access", "--format", "tsv", "large").splitlines()
        self.assertEqual(lines[10].split(b"\t")[5:], [b"5", b"%d" % (2 ** 63 - 1)])


class HotSpots(query_support.QueryCase):
    def test_of_a_listing(self):
        """Of what it is sorted by, where that adds up over subdirectories; else of bytes."""
        self.make_database("plain", b"1 s=90 b=0 u=0 g=0 type=f -- /d/large/f\n"
                                    b"2 s=1 b=90 u=0 g=0 type=f -- /d/sparse/f\n" + b"".join(
                                        b"3 s=0 b=1 u=0 g=0 type=f -- /d/many/%d\n" % i for i in range(9))
                           + b"4 s=9 b=9 u=0 g=0 type=f -- /d/f\n")

        def paths(*arguments):
            return [row[b"path"].decode() for row in self.rows(*arguments, "plain")[1]]

        self.assertEqual(paths("--hot-spots"), ["/d/large", "/d/sparse", "/d/many"])    # 90 of 100
        self.assertEqual(paths("--hot-spots", 91), ["/d", "/d/large", "/d/sparse", "/d/many"])
        self.assertEqual(paths("--hot-spots", 80, "--sort-by", "alloc_r"),
                         ["/d/sparse", "/d/many", "/d/large"])    # 90 of 108
        self.assertEqual(paths("--hot-spots", 75, "--sort-by", "files"),
                         ["/d/many", "/d/large", "/d/sparse"])    # 9 of 12
        self.assertEqual(paths("--hot-spots", "--sort-by", "path", "-P", "/d"),
                         ["/d/large", "/d/many", "/d/sparse"])
        self.assertEqual(paths("--hot-spots", 80, "--sort-by", "alloc_nr"),
                         ["/d/sparse", "/d/many", "/d/large"])

    def test_of_an_owner(self):
        """By the owner's bytes, not by all."""
        self.make_database("two", b"".join(
            b"1 s=%d b=0 u=%d g=0 type=f -- /r/%s\n" % line for line in (
                (95, 1, b"x/big"), (5, 2, b"x/y/s"), (5, 2, b"z/f"), (95, 1, b"z/sub/f"),
                (9, 3, b"w/f"), (91, 3, b"w/most/f"), (1000, 1, b"w/most/g"), (1, 1, b"w/g"))))

        def paths(*arguments):
            return [row[b"path"].decode() for row in self.rows(*arguments, "two")[1]]

        self.assertEqual(paths("-u", 2, "--hot-spots"), ["/r/x/y", "/r/z"])
        self.assertEqual(paths("-u", 3), ["/r/w/most", "/r/w"])
        self.assertEqual(paths("-u", 3, "--hot-spots"), ["/r/w/most"])
        self.assertEqual(paths("-u", 3, "--hot-spots", 92), ["/r/w/most", "/r/w"])


if __name__ == "__main__":
    query_support.main()
