#!/usr/bin/env python3
"""fstally-query --diff: two small scans whose differences are plain, and generated ones against a
few lines of Python that hold both databases in memory."""

import json
import os
import random
import shutil
import sqlite3
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "support"))

import query_support
import e2e_support

FIGURES = ("total_size", "total_alloc", "file_count")


def entry(path, size, owner=1, kind="f"):
    return f"1 s={size} b={size} u={owner} g={owner} type={kind} a=0 -- {path}\n".encode()


OLDER = [entry("/t/same/f", 5), entry("/t/grow/in/deep/f", 10), entry("/t/shrink/f", 100),
         entry("/t/gone/f", 7, 2), entry("/t/two/a/f", 1), entry("/t/two/b/f", 1),
         entry("/t/a-b/f", 3), entry("/t/a/x/f", 4)]
NEWER = [entry("/t/same/f", 5), entry("/t/grow/in/deep/f", 1010), entry("/t/shrink/f", 60),
         entry("/t/new/empty", 0, kind="d"), entry("/t/new/f", 20, 3), entry("/t/two/a/f", 4),
         entry("/t/two/b/f", 3), entry("/t/a-b/f", 3), entry("/t/a/x/f", 4)]


class Diff(query_support.QueryCase):
    def diff(self, *arguments):
        """-> [(path or owner, status, change of bytes)]"""
        _, rows = self.rows("--diff", self.older, *arguments, self.newer)
        return [(next(iter(row.values())), row[b"status"].decode(), row[b"total_size_change"])
                for row in rows]


class ByHand(Diff):
    def setUp(self):
        super().setUp()
        self.older = self.make_database("older", b"".join(OLDER))
        self.newer = self.make_database("newer", b"".join(NEWER))

    def test_the_deepest_directory_tells(self):
        """/t/grow and /t/grow/in changed as their one child did. /t/two has two children that
        changed; and /t/new, besides the empty one that appeared in it, a file."""
        rows = [(b"/t/grow/in/deep", "grown", 1000), (b"/t", "grown", 978),
                (b"/t/shrink", "shrunk", -40), (b"/t/new", "appeared", 20),
                (b"/t/gone", "vanished", -7), (b"/t/two", "grown", 5), (b"/t/two/a", "grown", 3),
                (b"/t/two/b", "grown", 2), (b"/t/new/empty", "appeared", 0)]
        self.assertEqual(self.diff(), rows)
        self.assertEqual(self.diff("-n", 3), rows[:3])
        rows[1:1] = [(b"/t/grow/in", "grown", 1000), (b"/t/grow", "grown", 1000)]
        rows[:3] = rows[2::-1]    # equals in the order of paths
        self.assertEqual(self.diff("--all"), rows)

    def test_places(self):
        deep = (b"/t/grow/in/deep", "grown", 1000)
        self.assertEqual(self.diff("-P", "/t/grow"), [deep])
        self.assertEqual(self.diff("-P", "/t/grow/in", "--max-depth", 3),
                         [(b"/t/grow/in", "grown", 1000)])
        self.assertEqual(self.diff("-P", "/t/two", "-d", 3),
                         [(b"/t/two/a", "grown", 3), (b"/t/two/b", "grown", 2)])
        self.assertEqual(self.diff("-P", "/t/two", "-E", "/t/two/a"),
                         [(b"/t/two", "grown", 5), (b"/t/two/b", "grown", 2)])
        self.assertEqual(self.diff("-P", "/t/gone"), [(b"/t/gone", "vanished", -7)])
        self.assertEqual(self.diff("-P", "/t/same"), [])
        self.assertEqual(self.refused(1, "--diff", self.older, "-P", "/no", self.newer),
                         "all databases: no directory /no; it is in none of them")

    def test_owners(self):
        self.assertEqual(self.diff("--group-by", "owner"),
                         [(1, "grown", 965), (3, "appeared", 20), (2, "vanished", -7)])
        self.assertEqual(self.diff("--group-by", "group", "-n", 1), [(1, "grown", 965)])
        self.assertEqual(self.diff("--group-by", "owner", "-P", "/t/two"), [(1, "grown", 5)])
        self.assertEqual(self.diff("--group-by", "owner", "-u", 2), [(2, "vanished", -7)])

    def test_backwards_and_with_itself(self):
        forth = self.diff("--all")
        turned = {"grown": "shrunk", "shrunk": "grown", "appeared": "vanished",
                  "vanished": "appeared"}
        self.older, self.newer = self.newer, self.older
        self.assertEqual(self.diff("--all"), [(path, turned[status], -change)
                                              for path, status, change in forth])
        self.older = self.newer
        self.assertEqual(self.diff("--all"), [])

    def test_an_older_one_that_is_newer(self):
        """The answer is the same; one line says that it is the wrong way round."""
        answer = self.query("--diff", self.older, self.newer)
        later = self.make_database("later", b"".join(OLDER), "--scan-date", "2026-04-01")
        result = self.run_query("--diff", later, self.newer)
        self.assertEqual((result.returncode, result.stdout), (0, answer))
        self.assertEqual(result.stderr.decode(),
                         f"fstally-query: --diff: {later} was scanned after {self.newer}; name the "
                         "older one after --diff, or read grown as shrunk\n")
        self.query("--diff", self.newer, later)    # without a word

    def test_nothing_in_common(self):
        other = self.make_database("other", b"".join(OLDER).replace(b"/t", b"/other"))
        result = self.run_query("--diff", other, self.newer)
        self.assertEqual(result.returncode, 0)
        self.assertIn(b"vanished", result.stdout)
        self.assertEqual(result.stderr.decode(),
                         f"fstally-query: --diff: {other} and {self.newer} have no directory in "
                         "common: are they of one file system?\n")

    def test_a_name_with_control_bytes(self):
        """A note is one line too, whatever a database is called."""
        odd = self.path("x\n\x1b.db")
        shutil.copy(self.make_database("later", b"".join(OLDER), "--scan-date", "2026-04-01"), odd)
        result = self.run_query("--diff", odd, self.newer)
        self.assertEqual(result.returncode, 0)
        self.assertIn(b"x??.db was scanned after", result.stderr)
        self.assertEqual(result.stderr.count(b"\n"), 1)

    def test_what_else_changes(self):
        """The same bytes in more files and blocks."""
        self.newer = self.make_database("newer", b"".join(OLDER).replace(
            entry("/t/same/f", 5), entry("/t/same/f", 5).replace(b"b=5", b"b=6")
            + entry("/t/same/g", 0)))
        self.assertEqual(self.query("--diff", self.older, self.newer), b"""\
CHANGE  OLDER  NEWER  ALLOCATED  FILES  STATUS   PATH
   0 B    5 B    5 B     +512 B     +1  changed  /t/same
""")

    def test_formats(self):
        asked = ["--diff", "older", "-P", "/t/shrink", "newer"]
        values = [b"/t/shrink", b"shrunk", b"100", b"60", b"-40", b"51200", b"30720", b"-20480",
                  b"1", b"1", b"0"]
        names = [b"path", b"status"] + [f"{figure}_{which}".encode() for figure in FIGURES
                                        for which in ("older", "newer", "change")]
        for form, separator in (("tsv", b"\t"), ("csv", b",")):
            self.assertEqual(self.query("--format", form, *asked),
                             separator.join(names) + b"\n" + separator.join(values) + b"\n")
        expected = {name.decode(): value.decode() if i < 2 else int(value)
                    for i, (name, value) in enumerate(zip(names, values))}
        self.assertEqual(json.loads(self.query("--format", "json", *asked)), [expected])
        self.assertEqual(json.loads(self.query("--format", "ndjson", *asked)), expected)
        self.assertEqual(self.query(*asked), b"""\
CHANGE  OLDER  NEWER  ALLOCATED  FILES  STATUS  PATH
 -40 B  100 B   60 B  -20.0 KiB      0  shrunk  /t/shrink
""")
        self.assertEqual(self.query("--group-by", "owner", "--diff", "older", "-u", 3, "newer"), b"""\
CHANGE  OLDER  NEWER  ALLOCATED  FILES  STATUS    OWNER
 +20 B    0 B   20 B  +10.0 KiB     +1  appeared  sys
""".replace(b"sys", self.name_of(3)))

    def name_of(self, uid):
        with sqlite3.connect(self.newer) as database:
            found = database.execute("SELECT username FROM user_info WHERE uid = ?",
                                     [uid]).fetchone()
        database.close()
        return found[0].encode() if found else b"%d" % uid

    def test_wrong_usage(self):
        for option in ("--single-owner", "--leaves-only", "--reverse", "--mine"):
            self.assertEqual(self.refused(2, "--diff", "older", option, "newer"),
                             f"{option}: not with --diff, which compares all directories of a place")
        self.assertEqual(self.refused(2, "--diff", "older", "--summary", "newer"),
                         "--diff: not with --summary, which shows the whole database")
        self.assertEqual(self.refused(2, "--diff", "older", "--group-by", "owner,group", "newer"),
                         "--group-by: owner or group with --diff, not both")
        for option, value in (("--owner-id", 1), ("--group-id", 1), ("--name-pattern", "x"),
                              ("--min-size", 1), ("--max-files", 1), ("--accessed-before", "1d"),
                              ("--sort-by", "path"), ("--format", "ncdu")):
            name = "--format ncdu" if option == "--format" else option
            self.assertEqual(self.refused(2, "--diff", "older", option, value, "newer"),
                             f"{name}: not with --diff, which compares all directories of a place")
        self.assertEqual(self.refused(2, "--all", "newer"), "--all: only with --diff")
        self.assertEqual(self.refused(2, "--diff", "older"),    # all databases: two
                         "--diff: compares two databases; name one beside the older one")
        self.assertEqual(self.refused(2, "--diff", self.older, "-o", self.older, "newer"),
                         f"--output: {self.older} is the database itself; name another file")


def figures_of(database):
    with sqlite3.connect(database) as connection:
        connection.text_factory = bytes
        rows = connection.execute("SELECT path, total_size_r, total_alloc_r, file_count_r "
                                  "FROM directories JOIN directory_stats USING (dir_id)").fetchall()
    connection.close()
    return {path: tuple(figures) for path, *figures in rows}


def components(path):
    return tuple(path.split(b"/")[1:]) if path != b"/" else ()


def compare(older, newer, keep_all, wanted):
    """[(path, change)] as --diff must have them, from {path: figures}."""
    older = {path: figures for path, figures in older.items() if wanted(path)}
    newer = {path: figures for path, figures in newer.items() if wanted(path)}
    changes = {}
    for path in set(older) | set(newer):
        one, two = older.get(path), newer.get(path)
        if one != two:
            changes[path] = tuple(b - a for a, b in zip(one or (0, 0, 0), two or (0, 0, 0)))
    children = {}
    for path in changes:
        above = path.rsplit(b"/", 1)[0] or b"/"
        children.setdefault(above, []).append(changes[path])
    rows = [(path, change) for path, change in changes.items()
            if keep_all or children.get(path) != [change]]
    return sorted(rows, key=lambda row: (*(-abs(figure) for figure in row[1]), components(row[0])))


class Generated(Diff):
    def mutate(self, data, seed):
        """Another scan of the same place: files gone, files changed, files moved to new folders."""
        pick = random.Random(seed)
        lines = []
        for line in data.splitlines(keepends=True):
            kind = pick.random()
            if kind < 0.02 or b" -- " not in line:
                continue
            if kind < 0.05:
                line = line.replace(b" s=", b" s=1", 1)
            elif kind < 0.06:
                head, path = line.split(b" -- ", 1)
                line = head + b" -- " + path.rstrip(b"\n").replace(b"/", b"/new/", 2) + b"\n"
            lines.append(line)
        return b"".join(lines)

    def test_generated_scans(self):
        lines = e2e_support.scaled(6000, 1200)
        compared = 0
        for seed in range(3):
            log = self.generated_log(f"{seed}.log", "find", lines, seed=seed, owners=4,
                                     multi_owner=20)
            data = self.read(log)
            self.older = self.make_database("older", data)
            self.newer = self.make_database("newer", self.mutate(data, seed))
            older, newer = figures_of(self.older), figures_of(self.newer)
            top = random.Random(seed).choice([path for path in older if path.count(b"/") == 3])
            questions = [([], lambda path: True),
                         (["--max-depth", 4], lambda path: path.count(b"/") <= 4),
                         (["-P", os.fsdecode(top)],
                          lambda path, top=top: (path + b"/").startswith(top + b"/")),
                         (["-E", os.fsdecode(top)],
                          lambda path, top=top: not (path + b"/").startswith(top + b"/")),
                         (["-d", 3, "--max-depth", 5], lambda path: 3 <= path.count(b"/") <= 5)]
            for arguments, wanted in questions:
                for keep_all in (False, True):
                    expected = compare(older, newer, keep_all, wanted)
                    for limit in (0, 1, 10):
                        _, rows = self.rows("--diff", self.older, "-n", limit, *arguments,
                                            *(["--all"] if keep_all else []), self.newer)
                        self.assertEqual(
                            [(row[b"path"], tuple(row[f"{figure}_change".encode()]
                                                  for figure in FIGURES)) for row in rows],
                            expected[:limit] if limit else expected, (seed, arguments, limit))
                        compared += len(rows)
        self.assertGreater(compared, 1000)


if __name__ == "__main__":
    query_support.main()
