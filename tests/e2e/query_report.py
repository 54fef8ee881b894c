#!/usr/bin/env python3
"""--report: the data on the page are those of the database; and in a real browser the page draws, can
be walked with mouse and keys, asks nothing of any network, keeps every name a text, fits a phone, and
can be read in the dark and by a screen reader."""

import collections
import json
import os
import random
import re
import sqlite3
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "support"))

import browser
import e2e_support
import query_support

GIB = 2 ** 30

# The scan is of 2026-03-31. 1774900000 is 2026-03-30, 1500000000 is 2017-07-14, 1700000000 is
# 2023-11-14 (two to three years before).
PLAIN = (b"1 s=%d b=8 u=0 g=0 type=f a=1774900000 -- /data/big/now/f\n"
         b"2 s=%d b=8 u=0 g=0 type=f a=1700000000 -- /data/big/then/f\n"
         b"3 s=%d b=8 u=4294967294 g=7 type=f a=1500000000 -- /data/old/f\n"
         b"4 s=10 b=8 u=0 g=0 type=f a=1774900000 -- /data/here\n"
         b"5 s=0 b=0 u=0 g=0 type=d a=0 -- /data/none\n"
         % (4 * GIB, 2 * GIB, 2 * GIB))

ACCESS_HEADING = "document.getElementById('access-heading').textContent"

HOSTILE = ["<img src=x onerror=alert(1)>", "<!--<script>", "&lt;b&gt;&amp;",
           "\" onfocus=alert(1) autofocus x=\"", "a\u2028b\u2029c", "</title><svg onload=alert(1)>",
           "\u202egnp.exe", "{{1}}", "${alert(1)}", "tab\there", "<\u0301", "'-alert(1)-'",
           "javascript:alert(1)", "__proto__"]


def page_data(html):
    """The data of a page -> {table: [row as a dict]}"""
    text = re.search(rb'<script type="application/json" id="data">(.*?)</script>', html, re.S)[1]
    data = json.loads(text)
    version = data.pop("version")
    assert re.fullmatch(r"\d+\.\d+\.\d+", version)
    return {name: [dict(zip(table["columns"], row, strict=True)) for row in table["rows"]]
            for name, table in data.items()}


def tree_paths(data):
    """-> the paths of the rows of the tree."""
    line, paths = [], []
    for row in data["tree"]:
        while line and line[-1][0] >= row["depth"]:
            line.pop()
        path = line[-1][1].rstrip("/") + "/" + row["name"] if line else row["name"]
        line.append((row["depth"], path))
        paths.append(path)
    return paths


# Days before the scan and bytes, one for each bucket of the histograms.
AGES = [10, 60, 120, 300, 500, 900, 1300, 1800, 2400, 4000]
SCALES = [5 * 10 ** i * 100 for i in range(10)]
FIRST_COLD = 4    # of the ages
SCANNED = 1774915200    # 2026-03-31

File = collections.namedtuple("File", "path owner size age scale")


def scaled_files():
    return e2e_support.scaled(3000, 500)


def random_files(dice, count):
    """Files in some two hundred directories, at most six deep."""
    directories = ["/r"]
    while len(directories) < 200:
        above = dice.choice(directories)
        if above.count("/") < 6:
            directories.append(f"{above}/d{len(directories)}")
    files = []
    for i in range(count):
        scale = min(dice.randrange(10), dice.randrange(10))
        files.append(File(f"{dice.choice(directories)}/f{i}", dice.choice([0, 5, 7, 7, 90001]) + i % 9,
                          SCALES[scale] + dice.randrange(100), dice.randrange(10), scale))
    return files


def log_of(files):
    return b"".join(b"%d s=%d b=8 u=%d g=%d type=f a=%d -- %s\n" % (
        i, file.size, file.owner, file.owner % 3, SCANNED - 86400 * AGES[file.age] + 43200,
        file.path.encode()) for i, file in enumerate(files))


def parents(path):
    """-> the directories that a file lies in, from the nearest to that at the top."""
    while path.count("/") > 1:
        path = path[:path.rindex("/")]
        yield path


def hot_spots(cold, percent):
    """{path: cold bytes} without those of which a single subdirectory has so much of them."""
    largest = collections.Counter()
    for path, size in cold.items():
        above = path[:path.rindex("/")]
        largest[above] = max(largest[above], size)
    return {path: size for path, size in cold.items()
            if size > 0 and largest[path] * 100 < size * percent}


def owners_of(files, most):
    """-> [(owner, files, bytes, directories, cold bytes)], most bytes first."""
    of_owner = collections.defaultdict(list)
    for file in files:
        of_owner[file.owner].append(file)
    rows = [(owner, len(held), sum(file.size for file in held),
             len({file.path[:file.path.rindex("/")] for file in held}),
             sum(file.size for file in held if file.age >= FIRST_COLD))
            for owner, held in of_owner.items()]
    return sorted(rows, key=lambda row: (-row[2], row[0]))[:most]


OLDER = (b"1 s=300 b=8 u=0 g=0 type=f a=0 -- /g/grown/f\n"
         b"2 s=400 b=8 u=0 g=0 type=f a=0 -- /g/same/f\n"
         b"3 s=100 b=8 u=0 g=0 type=f a=0 -- /g/shrunk/f\n"
         b"4 s=100 b=8 u=0 g=0 type=f a=0 -- /g/gone/f\n")
NEWER = (b"1 s=600 b=8 u=0 g=0 type=f a=0 -- /g/grown/f\n"
         b"2 s=400 b=8 u=0 g=0 type=f a=0 -- /g/same/f\n"
         b"3 s=50 b=8 u=0 g=0 type=f a=0 -- /g/shrunk/f\n"
         b"4 s=150 b=8 u=0 g=0 type=f a=0 -- /g/new/f\n"
         b"5 s=50 b=8 u=0 g=0 type=f a=0 -- /g/here\n"
         b"6 s=0 b=0 u=0 g=0 type=d a=0 -- /g/new/below\n")


class ReportCase(query_support.QueryCase):
    def make_two_scans(self):
        """-> (the older database, the newer one)"""
        return (self.make_database("older", OLDER, "--scan-date", "2025-03-31"),
                self.make_database("newer", NEWER))

    def report(self, *options):
        """-> the page's path"""
        path = self.path("report.html")
        self.assertEqual(self.query("--report", path, *options), b"")
        return path


class Data(ReportCase):
    def data(self, *options):
        return page_data(self.read(self.report(*options)))

    def test_by_hand(self):
        self.make_database("plain", PLAIN)
        data = self.data("plain")
        self.assertEqual(data["about"], [{
            "filesystem": "plain", "scanned": "2026-03-31", "path": "/data", "roots": 1, "whole": 1,
            "directories": 6, "files": 4, "size": 8 * GIB + 10, "alloc": 4 * 4096,
            "cold": 4 * GIB, "age_by": "atime", "older": None, "before": None}])
        self.assertEqual([(row["lines"], row["rejected"], row["flawed"], row["scan_errors"],
                           row["excluded"]) for row in data["logs"]], [(5, 0, 0, 0, 0)])
        self.assertEqual([(row["depth"], row["name"], row["size"], row["files_here"],
                           row["cold"], row["cold_files"], row["cold_here"], row["owner"])
                          for row in data["tree"]],
                         [(1, "/data", 8 * GIB + 10, 1, 4 * GIB, 2, 0, None),
                          (2, "big", 6 * GIB, 0, 2 * GIB, 1, 0, 0),
                          (3, "now", 4 * GIB, 1, 0, 0, 0, 0),
                          (3, "then", 2 * GIB, 1, 2 * GIB, 1, 2 * GIB, 0),
                          (2, "none", 0, 0, 0, 0, 0, -1),
                          (2, "old", 2 * GIB, 1, 2 * GIB, 1, 2 * GIB, 4294967294)])
        self.assertEqual({row["before"] for row in data["tree"]}, {None})
        self.assertEqual([(row["owner"], row["files"], row["size"], row["directories"],
                           row["accessed"], row["cold"])
                          for row in data["owners"] if row["at"] is None],
                         [(0, 3, 6 * GIB + 10, 3, "2026-03-30", 2 * GIB),
                          (4294967294, 1, 2 * GIB, 1, "2017-07-14", 2 * GIB)])
        # Most cold bytes first; of equals in the order of paths. All of /data/big's lie in one
        # subdirectory, which stands for it.
        self.assertEqual([row["of"] for row in data["cold"] if row["at"] is None], [0, 3, 5])
        self.assertEqual([row["of"] for row in data["cold"] if row["at"] == 1], [3])
        self.assertEqual(data["places"], [])
        self.assertEqual(self.histogram(data, "access", None),
                         {"< 30 days": (2, 4 * GIB + 10), "2-3 years": (1, 2 * GIB),
                          ">= 7 years": (1, 2 * GIB)})
        self.assertEqual({label: files for label, (files, _) in
                          self.histogram(data, "sizes", None).items()}, {"< 1 KiB": 1, "1-10 GiB": 3})
        self.assertEqual(self.histogram(data, "access", 1),
                         {"< 30 days": (1, 4 * GIB), "2-3 years": (1, 2 * GIB)})
        self.assertEqual(len(data["buckets"]), 10)
        self.assertEqual((0, "root") in [(row["owner"], row["name"]) for row in data["people"]], True)
        self.assertEqual(data["changes"], [])

    def histogram(self, data, name, at):
        """-> {label: (files, bytes)} of a row of the tree."""
        return {data["buckets"][row["bucket"]][name]: (row["files"], row["size"])
                for row in data[name] if row["at"] == at}

    def test_a_part(self):
        self.make_database("plain", PLAIN)
        data = self.data("-P", "/data/big", "plain")
        (about,) = data["about"]
        self.assertEqual((about["path"], about["whole"], about["files"], about["size"]),
                         ("/data/big", 0, 2, 6 * GIB))
        self.assertEqual([row["name"] for row in data["tree"]], ["/data/big", "now", "then"])
        self.assertEqual([(row["owner"], row["files"]) for row in data["owners"] if row["at"] is None],
                         [(0, 2)])
        self.assertEqual([row["of"] for row in data["cold"] if row["at"] is None], [2])
        self.assertEqual(self.histogram(data, "access", None),
                         {"< 30 days": (1, 4 * GIB), "2-3 years": (1, 2 * GIB)})
        self.assertEqual(self.histogram(data, "sizes", None), {"1-10 GiB": (2, 6 * GIB)})

    def test_directories_that_begin_alike(self):
        self.make_database("plain", PLAIN)
        path = self.path("report.html")
        result = self.run_query("--report", path, "-P", "/data/n", "plain")
        self.assertEqual(result.returncode, 0)
        self.assertIn(b"no directory /data/n; taking those", result.stderr)
        data = page_data(self.read(path))
        self.assertEqual([row["name"] for row in data["tree"]], ["/data/none"])

    def test_several_that_begin_alike(self):
        self.make_database("alike", b"1 s=5 b=8 u=0 g=0 type=f a=0 -- /d/x1/f\n"
                                    b"2 s=6 b=8 u=0 g=0 type=f a=0 -- /d/x2/y/f\n"
                                    b"3 s=7 b=8 u=0 g=0 type=f a=0 -- /d/z/f\n")
        path = self.path("report.html")
        self.assertEqual(self.run_query("--report", path, "-P", "/d/x", "alike").returncode, 0)
        data = page_data(self.read(path))
        self.assertEqual([(row["name"], row["depth"]) for row in data["tree"]],
                         [("/d/x1", 2), ("/d/x2", 2), ("y", 3)])
        (about,) = data["about"]
        self.assertEqual((about["roots"], about["directories"], about["files"], about["size"],
                          about["cold"], about["whole"]), (2, 3, 2, 11, 11, 0))

    def test_where_cold_data_lies(self):
        self.make_database("old", b"1 s=5 b=1 u=0 g=0 type=f a=0 -- /d/old/one/f\n"
                                  b"2 s=5 b=1 u=0 g=0 type=f a=0 -- /d/old/two/f\n"
                                  b"3 s=1 b=1 u=0 g=0 type=f a=1774900000 -- /d/f\n"
                                  b"4 s=9 b=1 u=0 g=0 type=f -- /d/unknown/f\n")
        # A file without an access time counts as long unused.
        self.assertEqual(self.cold_paths(self.data("old"), None),
                         [("/d", 19), ("/d/old", 10), ("/d/unknown", 9), ("/d/old/one", 5),
                          ("/d/old/two", 5)])
        data = self.data("-P", "/d/old/one", "old")
        self.assertEqual(self.cold_paths(data, None), [("/d/old/one", 5)])

    def cold_paths(self, data, at):
        """-> [(path, cold bytes)] of a row of the tree."""
        paths = tree_paths(data)
        return [(paths[row["of"]], data["tree"][row["of"]]["cold"]) if row["of"] >= 0 else
                (data["places"][-1 - row["of"]]["path"], data["places"][-1 - row["of"]]["cold"])
                for row in data["cold"] if row["at"] == at]

    def test_parts_are_what_the_log_says(self):
        """Every directory's histograms, owners and cold directories, counted from the log."""
        files = random_files(random.Random(5), scaled_files())
        self.make_database("random", log_of(files))
        data = self.data("random")
        paths = tree_paths(data)
        below = collections.defaultdict(list)
        for file in files:
            for path in parents(file.path):
                below[path].append(file)
        cold = {path: sum(file.size for file in inside if file.age >= FIRST_COLD)
                for path, inside in below.items()}
        spots = hot_spots(cold, 90)
        self.assertEqual(set(paths), set(below))
        compared = 0
        for at in [None, *sorted({row["at"] for row in data["access"]} - {None})]:
            path = "/" if at is None else paths[at]
            inside = files if at is None else below[path]
            for table, key in (("access", "age"), ("sizes", "scale")):
                expected = collections.defaultdict(lambda: [0, 0])
                for file in inside:
                    expected[getattr(file, key)][0] += 1
                    expected[getattr(file, key)][1] += file.size
                self.assertEqual({row["bucket"]: [row["files"], row["size"]] for row in data[table]
                                  if row["at"] == at}, dict(expected), (table, path))
            self.assertEqual([(row["owner"], row["files"], row["size"], row["directories"],
                               row["cold"]) for row in data["owners"] if row["at"] == at],
                             owners_of(inside, 100 if at is None else 10), path)
            most = 40 if at is None else 10
            listed = sorted((-size, other) for other, size in spots.items()
                            if at is None or (other + "/").startswith(path + "/"))
            found = self.cold_paths(data, at)
            self.assertEqual([size for _, size in found], [-size for size, _ in listed[:most]], path)
            self.assertLessEqual(set(found), {(other, -size) for size, other in listed}, path)
            compared += 1
        self.assertEqual(compared, len(paths))    # the root's is that of the whole

    def test_owners_of_parts_are_those_of_the_tables(self):
        log = self.generated_log("some.log", "gpfs", e2e_support.scaled(60000, 5000))
        self.make_folder("data")
        self.import_ok("--db", self.path("data", "some.db"), "-f", "some", log)
        data = self.data("some")
        paths = tree_paths(data)
        found = collections.defaultdict(list)
        for row in data["owners"]:
            found[row["at"]].append((row["owner"], row["files"], row["size"], row["alloc"],
                                     row["directories"], row["accessed"]))
        with sqlite3.connect(self.path("data", "some.db")) as database:
            database.execute("CREATE TEMP TABLE held AS SELECT o.dir_id, o.owner_uid, o.file_count, "
                             "o.total_size, o.total_alloc, o.max_atime FROM owner_usage o "
                             "UNION ALL SELECT dir_id, owner_uid, file_count_nr, total_size_nr, "
                             "total_alloc_nr, max_atime_nr FROM directory_stats "
                             "WHERE owner_uid >= 0 AND owner_gid IS NOT NULL AND file_count_nr > 0")
            self.assertGreater(len(found), e2e_support.scaled(250, 100))
            for at, owners in found.items():
                first, last = database.execute(
                    "SELECT dir_id, last_id FROM directories WHERE path = ?",
                    (paths[at or 0],)).fetchone()
                self.assertEqual(owners, database.execute(
                    "SELECT owner_uid, sum(file_count), sum(total_size), sum(total_alloc), "
                    "count(DISTINCT dir_id), date(max(max_atime)) FROM held "
                    "WHERE dir_id BETWEEN ? AND ? GROUP BY owner_uid "
                    "ORDER BY sum(total_size) DESC, owner_uid LIMIT ?",
                    (first, last, 100 if at is None else 10)).fetchall(), paths[at or 0])
            # The parts are those of the largest directories.
            sizes = sorted((row["size"] for row in data["tree"]), reverse=True)
            least = min(data["tree"][at]["size"] for at in found if at is not None)
            self.assertLessEqual(sum(size > least for size in sizes), len(found))

    def test_growth(self):
        older, newer = self.make_two_scans()
        data = self.data("--diff", older, newer)
        (about,) = data["about"]
        self.assertEqual((about["older"], about["before"], about["size"]), ("2025-03-31", 900, 1250))
        self.assertEqual([(path, row["size"], row["before"], row["size_here"], row["before_here"])
                          for path, row in zip(tree_paths(data), data["tree"], strict=True)],
                         [("/g", 1250, 900, 50, 0), ("/g/grown", 600, 300, 600, 300),
                          ("/g/new", 150, None, 150, None), ("/g/new/below", 0, None, 0, None),
                          ("/g/same", 400, 400, 400, 400), ("/g/shrunk", 50, 100, 50, 100)])
        self.assertEqual([(row["path"], row["status"], row["before"], row["size"])
                          for row in data["changes"]],
                         [("/g", "grown", 900, 1250), ("/g/grown", "grown", 300, 600),
                          ("/g/new", "appeared", 0, 150), ("/g/gone", "vanished", 100, 0),
                          ("/g/shrunk", "shrunk", 100, 50), ("/g/new/below", "appeared", 0, 0)])

    def test_growth_of_a_part(self):
        older, newer = self.make_two_scans()
        data = self.data("--diff", older, "-P", "/g/grown", newer)
        self.assertEqual((data["about"][0]["before"], data["about"][0]["size"]), (300, 600))
        self.assertEqual([row["before"] for row in data["tree"]], [300])
        data = self.data("--diff", older, "-P", "/g/new", newer)
        self.assertEqual((data["about"][0]["before"], data["about"][0]["size"]), (0, 150))
        self.assertEqual([row["before"] for row in data["tree"]], [None, None])

    def test_growth_is_what_the_older_tables_say(self):
        files = random_files(random.Random(6), scaled_files())
        older = self.make_database("older", log_of(
            [file for file in files[::2] if "/d7" not in file.path]))
        data = self.data("--diff", older, self.make_database("newer", log_of(files)))
        with sqlite3.connect(older) as database:
            sizes = dict(database.execute("SELECT path, total_size_r FROM directories "
                                          "JOIN directory_stats USING (dir_id)"))
        before = {path: row["before"] for path, row in zip(tree_paths(data), data["tree"])}
        self.assertEqual({path: sizes.get(path) for path in before}, before)
        self.assertGreater(sum(size is None for size in before.values()), 0)

    def test_filters_choose_what_the_map_has(self):
        self.make_database("plain", PLAIN)
        whole = self.data("plain")
        for options, names in ((["--max-depth", 2], ["/data", "big", "none", "old"]),
                               (["--min-size", "3GiB"], ["/data", "big", "now"]),
                               (["--min-files", 2], ["/data", "big"]),
                               (["--min-alloc", 8192], ["/data", "big"]),
                               (["--max-depth", 0], [])):
            data = self.data(*options, "plain")
            self.assertEqual([row["name"] for row in data["tree"]], names, options)
            # The figures are of all files nevertheless.
            self.assertEqual(data["about"], whole["about"])
            self.assertEqual([row for row in data["owners"] if row["at"] is None],
                             [row for row in whole["owners"] if row["at"] is None])

    def test_generated(self):
        log = self.generated_log("some.log", "lustre", e2e_support.scaled(60000, 5000))
        self.make_folder("data")
        self.import_ok("--db", self.path("data", "some.db"), "-f", "some", log)
        data = self.data("some")
        with sqlite3.connect(self.path("data", "some.db")) as database:
            stored = database.execute("SELECT path, depth, total_size_r FROM directories "
                                      "JOIN directory_stats USING (dir_id) "
                                      "ORDER BY total_size_r DESC, dir_id").fetchall()
            (total,) = database.execute("SELECT sum(total_size) FROM owner_summary").fetchone()
            owners = database.execute("SELECT owner_uid, total_files, total_size FROM owner_summary "
                                      "ORDER BY total_size DESC, owner_uid LIMIT 100").fetchall()
            ages = database.execute("SELECT sum(file_count), sum(total_size) FROM access_histogram")
            ages = ages.fetchone()
        found = {(path, row["depth"], row["size"])
                 for path, row in zip(tree_paths(data), data["tree"], strict=True)}
        self.assertEqual(found, set(stored[:len(found)]))
        self.assertGreaterEqual(len(found), min(len(stored), 1000))
        self.assertEqual(data["about"][0]["size"], total)
        self.assertEqual([(row["owner"], row["files"], row["size"]) for row in data["owners"]
                          if row["at"] is None], owners)
        for name in ("access", "sizes"):
            buckets = [row for row in data[name] if row["at"] is None]
            self.assertEqual((sum(row["files"] for row in buckets),
                              sum(row["size"] for row in buckets)), ages)

    def test_a_page_is_small_whatever_names_are(self):
        # Long names at every place that shows any; what a name is written with takes six bytes each.
        below = b"".join(b"/%s" % (b"<" * 250) for _ in range(4))
        log = self.write("<" * 240 + ".log", b"".join(
            b"%d s=%d b=1 u=%d g=0 type=f a=0 -- /long/%04d%s/f\n"
            b"%d s=%d b=1 u=0 g=0 type=f a=0 -- /long/%04d%s%s/f\n" %
            (i, i + 1, i, i, b"<" * 251, i, i // 2 + 1, i, b"<" * 251, below if i % 10 == 0 else b"")
            for i in range(3000)))
        database, older = self.path("long.db"), self.path("older.db")
        for path in (database, older):
            self.import_ok("--db", path, "-f", "<" * 200, "--scan-date", "2026-03-31", log)
        for options in ([], ["--diff", older]):
            path = self.report(*options, database)
            self.assertLess(os.path.getsize(path), 2_000_000)
            data = page_data(self.read(path))
            # Those that there is room for are the largest.
            self.assertGreater(len(data["tree"]), 500)
            names = {row["name"] for row in data["tree"]}
            self.assertIn("2999" + "<" * 251, names)
            self.assertNotIn("0000" + "<" * 251, names)
            # And so are the parts, and every one of them is there as a whole.
            self.assertGreater(len({row["at"] for row in data["owners"]}), 100)
            self.assertLessEqual(len({row["at"] for row in data["owners"]}), 301)

    def test_no_files(self):
        self.make_database("empty", b"1 s=1 b=1 u=0 g=0 type=d a=0 -- /only\n")
        data = self.data("empty")
        self.assertEqual((data["about"][0]["directories"], data["about"][0]["size"]), (1, 0))
        for name in ("owners", "access", "sizes", "cold", "people", "changes"):
            self.assertEqual(data[name], [], name)

    def test_names_are_escaped(self):
        self.make_database("odd", "".join(
            f"{i} s=1 b=1 u=0 g=0 type=f a=0 -- /odd/{name}/f\n"
            for i, name in enumerate(HOSTILE)).encode() +
            b"99 s=1 b=1 u=0 g=0 type=f a=0 -- /odd/\xff\xfe\xc3/f\n")
        html = self.read(self.report("odd"))
        data = html[html.index(b'id="data">') + 10:]
        data = data[:data.index(b"</script>")]
        self.assertNotRegex(data, rb"[<>&\x00-\x09\x0b-\x1f\x7f]|\xe2\x80[\xa8\xa9]")
        names = {row["name"] for row in page_data(html)["tree"]}
        self.assertEqual(names, {"/odd", *(part for name in HOSTILE for part in name.split("/")[:1]),
                                 "title><svg onload=alert(1)>", b"\xff\xfe\xc3".decode(errors="replace")})

    def test_refusals(self):
        self.make_database("plain", PLAIN)
        self.make_database("more", PLAIN)
        old = self.write("old.html", b"old")
        self.assertIn("2 databases", self.refused(2, "--report", old, "all"))
        for options in (["-s"], ["-n", 5], ["--format", "json"], ["-o", "x"], ["--summary"],
                        ["-u", 0], ["-N", "x*"], ["--max-size", 5], ["--min-depth", 2],
                        ["--leaves-only"], ["--accessed-before", "1yrs"], ["--cold", "1y"],
                        ["--group-by", "owner"], ["--all", "--diff", "more"]):
            self.assertIn("--report", self.refused(2, "--report", old, *options, "plain"))
        for options in (["--report", old], ["--format", "ncdu"]):
            self.assertIn("only once", self.refused(2, *options, "-P", "/data/big", "-P", "/data/old",
                                                    "plain"))
        self.assertIn("above it", self.refused(2, "--report", old, "-N", "x*", "plain"))
        self.refused(1, "--report", old, "--diff", self.path("data", "none.db"), "plain")
        self.refused(2, "--report", "", "plain")
        self.assertIn("/nowhere", self.refused(1, "--report", old, "-P", "/nowhere", "plain"))
        self.assertEqual(self.read(old), b"old")
        database = self.path("data", "plain.db")
        before = self.read(database)
        self.refused(2, "--report", database, "plain")
        self.assertEqual(self.read(database), before)


def contrast(one, other):
    """Of two colours as getComputedStyle has them: WCAG 2, relative luminance."""
    def luminance(colour):
        parts = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
        red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4
                            for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


TILES = ("[...document.querySelectorAll('#map .tile')].map(tile => "
         "({name: tile.querySelector('.name')?.textContent ?? null, "
         "label: tile.getAttribute('aria-label'), tag: tile.tagName, "
         "tabindex: tile.tabIndex, focus: tile === document.activeElement, "
         "width: tile.offsetWidth, height: tile.offsetHeight}))")
PATH = "[...document.querySelectorAll('#path li')].map(item => item.textContent)"


def table(name):
    return (f"[...document.querySelectorAll('#{name} tbody tr')].map("
            "row => [...row.children].map(cell => cell.textContent))")


@unittest.skipUnless(browser.CHROMIUM, "chromium is not installed")
class InBrowser(ReportCase):
    def open(self, *options, size=(1200, 900)):
        page = browser.Page(self.report(*options), *size).__enter__()
        self.addCleanup(page.__exit__)
        return page

    def names(self, page):
        return [tile["name"] for tile in page.evaluate(TILES)]

    def focused(self, page):
        return [tile["name"] for tile in page.evaluate(TILES) if tile["focus"]]

    def test_it_draws(self):
        self.make_database("plain", PLAIN)
        page = self.open("plain")
        self.assertEqual(page.evaluate("document.title"), "plain \u2013 fstally report")
        self.assertEqual(page.evaluate("document.querySelector('h1').textContent"), "plain")
        self.assertEqual(page.evaluate("document.getElementById('subtitle').textContent"),
                         "Scanned 2026-03-31")
        tiles = page.evaluate(TILES)
        # 10 bytes of 8 GiB have no pixel.
        self.assertEqual([tile["name"] for tile in tiles], ["big", "old"])
        big, old = (tile["width"] * tile["height"] for tile in tiles)
        self.assertAlmostEqual(big / old, 3, delta=0.1)
        self.assertEqual([tile["tag"] for tile in tiles], ["BUTTON", "BUTTON"])
        self.assertEqual([tile["tabindex"] for tile in tiles], [0, -1])
        self.assertEqual(tiles[0]["label"],
                         "big, 6.0 GiB, 75 % of /data, 2 files, 33 % cold, owner root, "
                         "last access 2026-03-30, opens")
        self.assertEqual(page.evaluate("document.querySelectorAll('#map .cell').length > 0"), True)
        self.assertEqual(page.evaluate(table("content")), [
            ["big", "75 %", "6.0 GiB", "8.0 KiB", "2", "2.0 GiB", "33 %", "2026-03-30", "root"],
            ["old", "25 %", "2.0 GiB", "4.0 KiB", "1", "2.0 GiB", "100 %", "2017-07-14",
             "4294967294"],
            ["1 file here", "< 0.1 %", "10 B", "4.0 KiB", "1", "0 B", "0 %", "2026-03-30", ""],
            ["none", "0 %", "0 B", "0 B", "0", "0 B", "", "\u2013", "\u2013"]])
        self.assertEqual(page.evaluate(table("owners")), [
            ["root", "75 %", "6.0 GiB", "12.0 KiB", "3", "2.0 GiB", "33 %", "2026-03-30"],
            ["4294967294", "25 %", "2.0 GiB", "4.0 KiB", "1", "2.0 GiB", "100 %", "2017-07-14"]])
        self.assertEqual([row[0] for row in page.evaluate(table("cold"))],
                         ["/data", "/data/big/then", "/data/old"])
        self.assertEqual(len(page.evaluate(table("access"))), 10)
        self.assertEqual(len(page.evaluate(table("sizes"))), 10)
        self.assertEqual(page.evaluate(ACCESS_HEADING), "Last access")
        self.assertEqual(page.evaluate(
            "[...document.querySelectorAll('th')].filter(cell => !cell.scope).length"), 0)
        self.assertEqual(page.troubles, [])

    def test_ages_by_another_time(self):
        for age_by, heading in (("mtime", "Last modified"), ("latest", "Last used")):
            self.make_database(age_by, PLAIN, "--age-by", age_by)
            self.assertEqual(self.open(age_by).evaluate(ACCESS_HEADING), heading)

    def test_mouse(self):
        self.make_database("plain", PLAIN)
        page = self.open("plain")
        self.assertEqual(page.evaluate(PATH), ["/data"])
        page.click("#map .tile", 0)
        self.assertEqual(page.evaluate(PATH), ["/data", "big"])
        self.assertEqual(self.names(page), ["now", "then"])
        self.assertEqual([row[0] for row in page.evaluate(table("content"))], ["now", "then"])
        page.click("#path button", 0)
        self.assertEqual(page.evaluate(PATH), ["/data"])
        page.click("#content .link", 1)
        self.assertEqual(page.evaluate(PATH), ["/data", "old"])
        self.assertEqual(self.names(page), ["1 file here"])
        # Files open nothing.
        page.click("#map .tile", 0)
        self.assertEqual(page.evaluate(PATH), ["/data", "old"])
        page.click("#path button", 0)
        page.click("[data-measure=files]")
        self.assertEqual(self.names(page)[0], "big")
        self.assertEqual(len(self.names(page)), 3)
        self.assertEqual(page.troubles, [])

    def test_keys(self):
        self.make_database("plain", PLAIN)
        page = self.open("plain")
        for _ in range(10):    # whatever comes before the map
            page.press("Tab")
            if self.focused(page):
                break
        self.assertEqual(self.focused(page), ["big"])
        page.press("ArrowRight")
        self.assertEqual(self.focused(page), ["old"])
        page.press("ArrowRight")    # there is nothing further
        self.assertEqual(self.focused(page), ["old"])
        page.press("ArrowLeft")
        self.assertEqual(self.focused(page), ["big"])
        page.press("End")
        self.assertEqual(self.focused(page), ["old"])
        page.press("Home")
        page.press("Enter")
        self.assertEqual(page.evaluate(PATH), ["/data", "big"])
        self.assertEqual(self.focused(page), ["now"])
        self.assertIn("big, 6.0 GiB", page.evaluate("document.getElementById('said').textContent"))
        page.press("Escape")
        self.assertEqual(page.evaluate(PATH), ["/data"])
        self.assertEqual(self.focused(page), ["big"])
        page.press("Escape")
        self.assertEqual(page.evaluate(PATH), ["/data"])
        self.assertEqual(page.troubles, [])

    def test_names_stay_texts(self):
        names = [name for name in HOSTILE if "/" not in name]
        log = self.write("<img src=x onerror=alert(1)>.log", "".join(
            f"{i} s={1000 - i} b=1 u=0 g=0 type=f a=0 -- /odd/{name}/{name}/f\n"
            f"{i} s={1000 - i} b=1 u=0 g=0 type=f a=0 -- /odd/{name}/g\n"
            for i, name in enumerate(names)).encode())
        database = self.path("odd.db")
        self.import_ok("--db", database, "-f", "<b>odd", "--scan-date", "2026-03-31", log)
        page = self.open(database)
        shown = [name.replace("\t", "\u2409") for name in names]
        self.assertEqual(self.names(page), shown)
        self.assertEqual([row[0] for row in page.evaluate(table("content"))], shown[:12])
        self.assertEqual(page.evaluate("document.querySelector('h1').textContent"), "<b>odd")
        self.assertIn("<img src=x onerror=alert(1)>.log",
                      page.evaluate("document.getElementById('foot').textContent"))
        for i, name in enumerate(shown):
            page.click("#map .tile", i)
            self.assertEqual(page.evaluate(PATH), ["/odd", name])
            page.press("Escape")
        self.assertEqual(page.evaluate("document.querySelectorAll('img, svg, b').length"), 0)
        self.assertEqual(page.evaluate("document.scripts.length"), 2)
        self.assertEqual(page.troubles, [])

    def test_no_other_script_runs(self):
        """Markup that somebody smuggles into the page regardless does nothing."""
        self.make_database("plain", PLAIN)
        page = self.open("plain")
        page.evaluate("document.body.insertAdjacentHTML('beforeend', "
                      "'<a id=smuggled onclick=\"document.title = 1\">x</a>')")
        page.evaluate("document.getElementById('smuggled').click()")
        self.assertEqual(page.evaluate("document.title"), "plain \u2013 fstally report")
        self.assertIn("Content Security Policy", " ".join(page.troubles))

    def test_several_roots_and_hidden_directories(self):
        self.make_database("long", b"".join(
            b"%d s=%d b=1 u=0 g=0 type=f a=0 -- /%04d%s/f\n" % (i, i + 1, i, b"<" * 251)
            for i in range(2000)))
        page = self.open("long")
        self.assertEqual(page.evaluate(PATH), ["/"])
        self.assertEqual(page.evaluate("document.getElementById('content-more').hidden"), False)
        page.click("#content-more")
        rows = page.evaluate(table("content"))
        hidden = [row for row in rows if "other directories" in row[0]]
        self.assertEqual(len(hidden), 1)
        number = int(hidden[0][0].split()[0].replace(",", ""))
        self.assertEqual(hidden[0][4], f"{number:,}")    # each has one file
        self.assertEqual(len(rows), 2000 - number + 1)
        self.assertEqual(page.troubles, [])

    def test_nothing_to_draw(self):
        self.make_database("empty", b"1 s=1 b=1 u=0 g=0 type=d a=0 -- /only\n")
        page = self.open("empty")
        self.assertEqual(page.evaluate(TILES), [])
        self.assertIn("Nothing", page.evaluate("document.getElementById('map').textContent"))
        self.assertEqual(page.troubles, [])

    def colours(self, page):
        """{tile's name: the class that gives its colour}"""
        return dict(page.evaluate(
            "[...document.querySelectorAll('#map .tile')].map(tile => [tile.node.label, "
            "[...tile.classList].find(name => /^(cold|owner|growth)\\d$|^(several|other|none)$/"
            ".test(name))])"))

    def legend(self, page):
        return page.evaluate("[...document.querySelectorAll('#legend li')].map(item => "
                             "[item.querySelector('span').className, item.textContent])")

    def test_colours(self):
        """Each has a legend, and says nothing that the labels do not say too."""
        self.make_database("plain", PLAIN)
        page = self.open("plain")
        self.assertEqual(self.colours(page), {"big": "cold2", "old": "cold4"})
        self.assertEqual([name for name, _ in self.legend(page)], [f"cold{i}" for i in range(5)])
        page.click("[data-colour=owner]")
        self.assertEqual(self.colours(page), {"big": "owner0", "old": "owner1"})
        self.assertEqual(self.legend(page), [
            ["owner0", "root"], ["owner1", "4294967294"], ["other", "another owner"],
            ["several", "several owners"]])
        self.assertIn("Owner", page.evaluate("document.getElementById('said').textContent"))
        self.assertEqual(page.evaluate(
            "[...document.querySelectorAll('[data-colour]')].map(button => "
            "[button.hidden, button.getAttribute('aria-pressed')])"),
                         [[False, "false"], [False, "true"], [True, "false"]])
        # No two colours of a legend are alike, in the light and in the dark.
        for scheme in ("light", "dark"):
            page.show(prefers_color_scheme=scheme)
            for colour in ("cold", "owner"):
                page.click(f"[data-colour={colour}]")
                seen = page.evaluate("[...document.querySelectorAll('#legend li span')].map(item => "
                                     "getComputedStyle(item).background)")
                self.assertEqual(len(set(seen)), len(seen), scheme)
        self.assertEqual(page.troubles, [])

    def test_growth_is_coloured(self):
        older, newer = self.make_two_scans()
        page = self.open("--diff", older, newer)
        page.click("[data-colour=growth]")
        self.assertEqual(self.colours(page), {"grown": "growth4", "same": "growth2", "new": "growth5",
                                              "shrunk": "growth0", "1 file here": "growth4"})
        self.assertEqual(len(self.legend(page)), 6)
        self.assertIn("2025-03-31", page.evaluate(
            "document.getElementById('legend-label').textContent"))
        labels = {tile["name"]: tile["label"] for tile in page.evaluate(TILES)}
        self.assertIn("growth +300 B", labels["grown"])
        self.assertIn("growth \u221250 B", labels["shrunk"])
        self.assertIn(", new", labels["new"])
        self.assertEqual([row[:5] for row in page.evaluate(table("changes"))], [
            ["/g", "+350 B", "900 B", "1.2 KiB", "grown"],
            ["/g/grown", "+300 B", "300 B", "600 B", "grown"],
            ["/g/new", "+150 B", "0 B", "150 B", "appeared"],
            ["/g/new/below", "\u00b10 B", "0 B", "0 B", "appeared"],
            ["/g/shrunk", "\u221250 B", "100 B", "50 B", "shrunk"],
            ["/g/gone", "\u2212100 B", "100 B", "0 B", "vanished"]])
        self.assertEqual(page.troubles, [])

    def test_what_follows_the_zoom(self):
        self.make_database("plain", PLAIN)
        page = self.open("plain")

        def filled(name):
            return [row for row in page.evaluate(table(name)) if row[2] != "0"]

        def scopes():
            return set(page.evaluate(
                "[...document.querySelectorAll('.scope')].map(item => item.textContent)"))
        self.assertEqual(filled("access"), [["< 30 days", "4.0 GiB", "2"], ["2-3 years", "2.0 GiB", "1"],
                                            [">= 7 years", "2.0 GiB", "1"]])
        self.assertEqual(scopes(), {"Of all files below /data."})
        page.click("#map .tile", 0)
        self.assertEqual(filled("access"), [["< 30 days", "4.0 GiB", "1"], ["2-3 years", "2.0 GiB", "1"]])
        self.assertEqual(filled("sizes"), [["1-10 GiB", "6.0 GiB", "2"]])
        self.assertEqual([row[:3] for row in page.evaluate(table("owners"))],
                         [["root", "100 %", "6.0 GiB"]])
        self.assertEqual([row[0] for row in page.evaluate(table("cold"))], ["/data/big/then"])
        self.assertEqual(scopes(), {"Of all files below /data/big."})
        page.click("#path button", 0)
        self.assertEqual(len(page.evaluate(table("owners"))), 2)
        page.click("#cold .link", 1)    # a cold directory is a place to go to
        self.assertEqual(page.evaluate(PATH), ["/data", "big", "then"])
        self.assertEqual(page.troubles, [])

    def test_what_has_no_figures_of_its_own(self):
        """A directory among the smallest of the page goes by the nearest above it."""
        self.make_database("many", b"".join(
            b"%d s=%d b=1 u=%d g=0 type=f a=0 -- /r/d%d/e%d/f\n" % (i, 1000 - i, i % 3, i // 2, i)
            for i in range(600)))
        page = self.open("many")
        page.click("#find")
        page.enter("/r/d299")
        page.press("Enter")
        self.assertEqual(page.evaluate(PATH), ["/r", "d299"])
        self.assertEqual(page.evaluate("document.querySelector('#owners-heading + .scope').textContent"),
                         "Of all files below /r: the page has no such figures of /r/d299 alone.")
        self.assertEqual(len(page.evaluate(table("owners"))), 3)
        self.assertEqual(page.troubles, [])

    def test_search(self):
        self.make_database("plain", PLAIN)
        page = self.open("plain")
        found = "[...document.querySelectorAll('#found li .name')].map(item => item.textContent)"
        said = "document.getElementById('found-said').textContent"
        expanded = "document.getElementById('find').getAttribute('aria-expanded')"
        page.click("#find")
        page.enter("B")    # in any case
        self.assertEqual(page.evaluate(found), ["/data/big", "/data/big/now", "/data/big/then"])
        self.assertEqual(page.evaluate(said), "3 directories match.")
        self.assertEqual(page.evaluate(expanded), "true")
        page.press("ArrowDown")
        self.assertEqual(page.evaluate("document.getElementById(document.getElementById('find')"
                                       ".getAttribute('aria-activedescendant')).getAttribute("
                                       "'aria-selected')"), "true")
        page.press("Enter")
        self.assertEqual(page.evaluate(PATH), ["/data", "big", "now"])
        self.assertEqual(page.evaluate(expanded), "false")
        page.click("#find")
        page.press("Escape")
        self.assertEqual(page.evaluate("document.getElementById('find').value"), "")
        page.enter("nowhere")
        self.assertEqual(page.evaluate(found), [])
        self.assertEqual(page.evaluate(said), "No directory of this page matches.")
        page.press("Escape")
        page.enter("data/old")
        page.click("#found li", 0)
        self.assertEqual(page.evaluate(PATH), ["/data", "old"])
        self.assertEqual(page.troubles, [])

    def test_sorting(self):
        self.make_database("plain", PLAIN)
        page = self.open("plain")

        def names():
            return [row[0] for row in page.evaluate(table("content"))]
        sorts = ("[...document.querySelectorAll('#content th[aria-sort]')].map(head => "
                 "[head.textContent, head.getAttribute('aria-sort')]).filter(([, sort]) => "
                 "sort !== 'none')")
        self.assertEqual(names(), ["big", "old", "1 file here", "none"])
        self.assertEqual(page.evaluate(sorts), [["Share", "descending"]])
        page.click("#content .sort", 0)
        self.assertEqual(names(), ["1 file here", "big", "none", "old"])
        self.assertEqual(page.evaluate(sorts), [["Name", "ascending"]])
        self.assertEqual(page.evaluate("document.getElementById('said').textContent"),
                         "Sorted by Name, rising")
        page.click("#content .sort", 0)
        self.assertEqual(names(), ["old", "none", "big", "1 file here"])
        # By keyboard; what has no value is last both ways.
        page.evaluate("document.querySelectorAll('#content .sort')[7].focus()")    # last access
        page.press("Enter")
        self.assertEqual(names()[2:], ["old", "none"])
        page.press("Enter")
        self.assertEqual([names()[0], names()[3]], ["old", "none"])
        for name in ("content", "cold", "owners", "access", "sizes"):
            self.assertGreater(page.evaluate(f"document.querySelectorAll('#{name} th .sort').length"),
                               1, name)
        self.assertEqual(page.troubles, [])

    def test_on_a_phone(self):
        older, newer = self.make_two_scans()
        for size in ((360, 740), (320, 568)):
            page = self.open("--diff", older, newer, size=size)
            for zoomed in (False, True):
                self.assertLessEqual(page.evaluate("document.documentElement.scrollWidth"), size[0])
                # Nothing that can be pressed or read lies outside, at the side.
                self.assertEqual(page.evaluate(
                    "[...document.querySelectorAll('button, input, td, th, li, p, h1, h2')].filter("
                    "item => { const box = item.getBoundingClientRect(); return box.width > 0 && "
                    f"(box.left < -1 || box.right > {size[0]} + 1) && "
                    "getComputedStyle(item).position !== 'absolute'; }).map(item => item.outerHTML)"),
                                 [], zoomed)
                page.click("#map .tile", 0)
            self.assertEqual(page.troubles, [])

    def test_a_screen_reader_is_told(self):
        self.make_database("plain", PLAIN)
        page = self.open("plain")
        tree = page.call("Accessibility.getFullAXTree")["nodes"]

        def named(role):
            return [node["name"]["value"] for node in tree
                    if node.get("role", {}).get("value") == role and not node.get("ignored")]
        self.assertLessEqual({"Where the space is", "Cold data", "Owners", "Last access", "File sizes"},
                             set(named("heading")))
        self.assertLessEqual({"Cold data", "Owners", "In this directory"}, set(named("table")))
        self.assertIn("Find a directory", named("combobox"))
        self.assertIn("Map of /data, 2 tiles", named("group"))
        self.assertEqual([name for name in named("button") if name.startswith("big")],
                         ["big, 6.0 GiB, 75 % of /data, 2 files, 33 % cold, owner root, "
                          "last access 2026-03-30, opens", "big"])
        self.assertEqual([name for name in named("button") if name == ""], [])

    def test_contrast(self):
        """Words on tiles can be read: 4.5 to 1 at least, as WCAG 2 asks for."""
        older, newer = self.make_two_scans()
        self.make_database("plain", PLAIN)
        for options in (["plain"], ["--diff", older, newer]):
            page = self.open(*options)
            for scheme in ("light", "dark"):
                page.show(prefers_color_scheme=scheme)
                for colour in ("cold", "owner", *(["growth"] if len(options) > 1 else [])):
                    page.click(f"[data-colour={colour}]")
                    for text, back in page.evaluate(
                            "[...document.querySelectorAll('#map .tile, #map .cell')].map(tile => "
                            "[getComputedStyle(tile).color, getComputedStyle(tile).backgroundColor])"):
                        self.assertGreaterEqual(contrast(text, back), 4.5, (scheme, colour, text, back))

    def test_dark_and_print(self):
        self.make_database("plain", PLAIN)
        page = self.open("plain")
        background = "getComputedStyle(document.body).backgroundColor"
        text = "getComputedStyle(document.body).color"
        light = page.evaluate(f"[{background}, {text}]")
        page.call("Emulation.setEmulatedMedia",
                  features=[{"name": "prefers-color-scheme", "value": "dark"}])
        dark = page.evaluate(f"[{background}, {text}]")

        def brightness(colour):
            return sum(map(int, re.findall(r"\d+", colour)[:3]))
        self.assertGreater(brightness(light[0]), brightness(light[1]) + 300)
        self.assertGreater(brightness(dark[1]), brightness(dark[0]) + 300)
        page.call("Emulation.setEmulatedMedia", media="print")
        self.assertEqual(page.evaluate("getComputedStyle(document.querySelector('.choice')).display"),
                         "none")
        # The map keeps its shape on paper, which no script lays out anew.
        self.assertEqual(page.evaluate(
            "[...document.querySelectorAll('.tile, .cell')].filter(tile => "
            "!['left', 'top', 'width', 'height'].every(key => tile.style[key].endsWith('%'))).length"),
                         0)
        self.assertEqual(page.troubles, [])


if __name__ == "__main__":
    query_support.main()
