#!/usr/bin/env python3
"""--format ncdu: to the byte for a log worked out by hand; and read by the real ncdu, whose own figures
must be those of the database for every directory, whatever is left out and whatever names are."""

import json
import os
import pty
import re
import shutil
import sqlite3
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "support"))

import e2e_support
import query_support

sys.setrecursionlimit(10000)    # a tree's depth, by some frames a level

NCDU = shutil.which("ncdu")

# 512 bytes a block. The scan date of make_database is 2026-03-31, 1774915200 seconds after 1970.
PLAIN = (b"1 s=1536 b=8 u=0 g=0 type=f a=0 -- /data/one\n"
         b"2 s=1 b=8 u=1 g=1 type=f a=0 -- /data/sub/two\n"
         b"3 s=2 b=16 u=1 g=1 type=f a=0 -- /data/sub/deep/three\n"
         b"4 s=3 b=0 u=1 g=1 type=f a=0 -- /data/sub/deep/four\n"
         b"5 s=0 b=0 u=0 g=0 type=d a=0 -- /data/none\n")
HEAD = b'[1,2,{"progname":"fstally","progver":"%s","timestamp":1774915200},\n'

ODD_NAMES = [b'q"q', b"t\tb", b"n\xc2\x85", b"back\\slash", b"\\u0041", b"\x01\x1b\x7f", b"\xff",
             b"caf\xc3\xa9", b"c\rr", b" blanks ", b"\xed\xa0\x80", b"\xf0\x9f\x98", b"[1 file]",
             b"{}", b"'", b"\xe2\x80\xa8", b"<b>", b"x" * 255]


def read_export(data):
    """The text of an export -> {path: [bytes, bytes on disk, items]} with everything below counted,
    as ncdu counts: each entry but the outermost is an item. Names are bytes."""
    version, _, _, top = json.loads(data.decode("latin-1"))
    assert version == 1
    found = {}

    def take(element, parent):
        if isinstance(element, dict):
            return [element.get("asize", 0), element.get("dsize", 0), 1]
        name = element[0]["name"].encode("latin-1")
        path = name if parent is None else parent.rstrip(b"/") + b"/" + name
        parts = [[element[0].get("asize", 0), element[0].get("dsize", 0), 1]]
        parts += [take(inner, path) for inner in element[1:]]
        assert path not in found, path
        found[path] = [sum(column) for column in zip(*parts)]
        return found[path]

    take(top, None)
    return found


def first_that_branches(figures, files, top):
    """From `top` down as long as there is nothing but a single directory in it."""
    while files[top] == 0:
        inner = [path for path in figures if path != b"/" and (path.rpartition(b"/")[0] or b"/") == top]
        if len(inner) != 1:
            break
        top, = inner
    return top


def read_files(path):
    """-> {path: files directly in it}"""
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as database:
        database.text_factory = bytes
        return dict(database.execute("SELECT path, file_count_nr FROM directories "
                                     "JOIN directory_stats USING (dir_id)"))


def read_database(path):
    """-> {path: [bytes, bytes allocated]}"""
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as database:
        database.text_factory = bytes
        return {row[0]: list(row[1:]) for row in database.execute(
            "SELECT path, total_size_r, total_alloc_r FROM directories "
            "JOIN directory_stats USING (dir_id)")}


class Bytes(query_support.QueryCase):
    def setUp(self):
        super().setUp()
        self.make_database("plain", PLAIN)
        version = self.query("--version").split()[-1]
        self.head = HEAD % version

    def test_everything(self):
        self.assertEqual(self.query("--format", "ncdu", "plain"), self.head + b"""\
[{"name":"/data"},
{"name":"[1 file]","asize":1536,"dsize":4096},
[{"name":"none"}],
[{"name":"sub","uid":1,"gid":1},
{"name":"[1 file]","asize":1,"dsize":4096,"uid":1,"gid":1},
[{"name":"deep","uid":1,"gid":1},
{"name":"[2 files]","asize":5,"dsize":8192,"uid":1,"gid":1}]]]]
""")

    def test_the_largest(self):
        self.assertEqual(self.query("--format", "ncdu", "-n", 1, "plain"), self.head + b"""\
[{"name":"/data"},
{"name":"[1 file]","asize":1536,"dsize":4096},
{"name":"[3 directories not shown]","asize":6,"dsize":12288}]]
""")
        self.assertEqual(self.query("--format", "ncdu", "-n", 2, "plain"), self.head + b"""\
[{"name":"/data"},
{"name":"[1 file]","asize":1536,"dsize":4096},
[{"name":"sub","uid":1,"gid":1},
{"name":"[1 file]","asize":1,"dsize":4096,"uid":1,"gid":1},
{"name":"[1 directory not shown]","asize":5,"dsize":8192}],
{"name":"[1 directory not shown]","asize":0,"dsize":0}]]
""")

    def test_a_part(self):
        self.assertEqual(self.query("--format", "ncdu", "-P", "/data/sub/", "plain"), self.head + b"""\
[{"name":"/data/sub","uid":1,"gid":1},
{"name":"[1 file]","asize":1,"dsize":4096,"uid":1,"gid":1},
[{"name":"deep","uid":1,"gid":1},
{"name":"[2 files]","asize":5,"dsize":8192,"uid":1,"gid":1}]]]
""")

    def test_a_part_by_another_mount(self):
        config = self.write("fstally.conf", b"[mounts]\n/here = /data\n[query]\nlimit = 1\n"
                                            b"format = csv\nmin-size = 1\n")
        # Defaults are for listings; a tree is whole all the same.
        self.assertEqual(
            self.query("--config", config, "--format", "ncdu", "-P", "/here/sub", "plain"),
            self.query("--format", "ncdu", "-P", "/data/sub", "plain"))
        page = self.path("page.html")
        self.query("--config", config, "--report", page, "-P", "/here/sub", "plain")
        self.assertIn(b'"/data/sub"', self.read(page))

    def test_several_roots_have_a_common_parent(self):
        self.make_database("two", b"1 s=1 b=2 u=0 g=0 type=f -- /a/f\n2 s=3 b=4 u=0 g=0 type=f -- /b/f\n")
        self.assertEqual(self.query("--format", "ncdu", "two"), self.head + b"""\
[{"name":"/"},
[{"name":"a","uid":0,"gid":0},
{"name":"[1 file]","asize":1,"dsize":1024,"uid":0,"gid":0}],
[{"name":"b","uid":0,"gid":0},
{"name":"[1 file]","asize":3,"dsize":2048,"uid":0,"gid":0}]]]
""")
        self.assertEqual(self.query("--format", "ncdu", "-n", 1, "two"), self.head + b"""\
[{"name":"/"},
[{"name":"b","uid":0,"gid":0},
{"name":"[1 file]","asize":3,"dsize":2048,"uid":0,"gid":0}],
{"name":"[1 directory not shown]","asize":1,"dsize":1024}]]
""")

    def test_the_beginning_of_names(self):
        """Directories of one parent whose names begin so: below that one, without its others."""
        self.make_database("names", b"1 s=1 b=2 u=0 g=0 type=f -- /d/aa/f\n"
                                    b"2 s=3 b=4 u=0 g=0 type=f -- /d/ab/x/f\n"
                                    b"3 s=9 b=9 u=0 g=0 type=f -- /d/b/f\n")
        result = self.run_query("--format", "ncdu", "-P", "/d/a", "names")
        self.assertEqual(result.returncode, 0)
        self.assertEqual(result.stdout, self.head + b"""\
[{"name":"/d"},
[{"name":"aa","uid":0,"gid":0},
{"name":"[1 file]","asize":1,"dsize":1024,"uid":0,"gid":0}],
[{"name":"ab","uid":0,"gid":0},
[{"name":"x","uid":0,"gid":0},
{"name":"[1 file]","asize":3,"dsize":2048,"uid":0,"gid":0}]]]]
""")

    def test_begins_where_the_tree_branches(self):
        """Times come with it; of negative times, and of owners above 2^31-1, ncdu takes none."""
        self.make_database("chain", b"1 s=1 b=2 u=7 g=8 type=f m=90061 -- /a/b/c/f\n"
                                    b"2 s=3 b=4 u=4294967294 g=8 type=f m=-5 -- /a/b/d/f\n")
        self.assertEqual(self.query("--format", "ncdu", "-n", 2, "chain"), self.head + b"""\
[{"name":"/a/b","gid":8,"mtime":90061},
[{"name":"d","gid":8},
{"name":"[1 file]","asize":3,"dsize":2048,"gid":8}],
{"name":"[1 directory not shown]","asize":1,"dsize":1024}]]
""")
        self.assertEqual(self.query("--format", "ncdu", "-P", "/a/b/c", "chain"), self.head + b"""\
[{"name":"/a/b/c","uid":7,"gid":8,"mtime":90061},
{"name":"[1 file]","asize":1,"dsize":1024,"uid":7,"gid":8,"mtime":90061}]]
""")

    def test_refusals(self):
        self.make_database("more", PLAIN)
        self.assertIn("2 databases", self.refused(2, "--format", "ncdu", "all"))
        for options in (["-s"], ["-u", "0"], ["--mine"], ["--max-depth", "2"], ["-E", "/data/sub"],
                        ["--summary"], ["--sort-by", "path"]):
            self.assertIn("--format ncdu", self.refused(2, "--format", "ncdu", *options, "plain"))
        self.assertIn("/nowhere", self.refused(1, "--format", "ncdu", "-P", "/nowhere", "plain"))
        # A wrong question leaves an old file alone.
        old = self.write("old.json", b"old")
        self.refused(1, "--format", "ncdu", "-P", "/nowhere", "-o", old, "plain")
        self.assertEqual(self.read(old), b"old")


@unittest.skipUnless(NCDU, "ncdu is not installed")
class RealNcdu(query_support.QueryCase):
    def reexport(self, data):
        """What ncdu makes of an export, as its own export."""
        result = subprocess.run([NCDU, "-f", self.write("tree.json", data), "-o", "-"],
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                env=self.query_environment(), check=False,
                                timeout=e2e_support.HANGS_AFTER)
        self.assertEqual((result.returncode, result.stderr), (0, b""))
        self.assertIn(b'"progname":"ncdu"', result.stdout)
        return read_export(result.stdout)

    def check(self, figures, *options):
        """ncdu's figures of every directory shown are ours -> what it shows."""
        shown = self.reexport(self.query("--format", "ncdu", *options))
        for path, (size, alloc, _) in shown.items():
            self.assertEqual([size, alloc], figures[path], path)
        return shown

    def test_generated_trees(self):
        for fmt in ("gpfs", "lustre", "find"):
            log = self.generated_log(f"{fmt}.log", fmt, e2e_support.scaled(20000, 2000))
            self.make_folder("data")
            database = self.path("data", fmt + ".db")
            self.import_ok("--db", database, "-f", fmt, log)
            figures = read_database(database)
            roots = [path for path in figures if path.rpartition(b"/")[0] not in figures]
            if len(roots) > 1:
                figures[b"/"] = [sum(figures[path][i] for path in roots) for i in (0, 1)]
            files = {**read_files(database), **({b"/": 0} if len(roots) > 1 else {})}
            top = b"/" if len(roots) > 1 else first_that_branches(figures, files, roots[0])
            shown = {path: found for path, found in figures.items()
                     if (path + b"/").startswith(top.rstrip(b"/") + b"/")}
            self.assertEqual(self.check(figures, fmt).keys(), shown.keys())
            largest = sorted((found for path, found in shown.items() if path in read_files(database)),
                             reverse=True)
            for limit in (1, 7, 100):
                shown = self.check(figures, "-n", limit, fmt)
                common = len(roots) > 1
                self.assertEqual(len(shown), limit + common)
                sizes = sorted((figures[path][0] for path in shown), reverse=True)[common:]
                self.assertEqual(sizes, [size for size, _ in largest[:limit]])
            part = sorted(figures)[len(figures) // 3]
            shown = self.check(figures, "-P", os.fsdecode(part), fmt)
            part = first_that_branches(figures, files, part)
            self.assertEqual(shown.keys(), {path for path in read_database(database)
                                            if (path + b"/").startswith(part.rstrip(b"/") + b"/")})

    def test_odd_names(self):
        self.make_database("odd", b"".join(
            b"%d s=%d b=1 u=0 g=0 type=f a=0 -- /odd/%s/%s/f\n" % (number, number, name, name)
            for number, name in enumerate(ODD_NAMES)))
        shown = self.check(read_database(self.path("data", "odd.db")), "odd")
        self.assertEqual(sorted(shown), sorted(
            [b"/odd"] + [b"/odd/" + name for name in ODD_NAMES] +
            [b"/odd/" + name + b"/" + name for name in ODD_NAMES]))

    def test_deep_and_large(self):
        deep = b"/" + b"/".join(b"d%d" % i for i in range(500))
        self.make_database("deep", b"1 s=%d b=%d u=0 g=0 type=f -- %s/f\n"
                           % (2 ** 61, 2 ** 52, deep))
        shown = self.check(read_database(self.path("data", "deep.db")), "deep")
        self.assertEqual({path: found[:2] for path, found in shown.items()}, {deep: [2 ** 61, 2 ** 61]})
        log = b"1 s=%d b=%d u=0 g=0 type=f -- %s/f\n" % (2 ** 61, 2 ** 52, deep)
        for place in range(1, 500):    # a file in each
            log += b"%d s=0 b=0 u=0 g=0 type=f -- %s/f\n" % (place, b"/".join(deep.split(b"/")[:place + 1]))
        self.make_database("deep", log)
        shown = self.check(read_database(self.path("data", "deep.db")), "deep")
        self.assertEqual(shown[b"/d0"][:2], [2 ** 61, 2 ** 61])
        self.assertEqual(len(shown), 500)

    def test_what_it_shows_on_a_screen(self):
        self.make_database("plain", PLAIN)
        file = self.write("tree.json", self.query("--format", "ncdu", "-n", 2, "plain"))
        child, master = pty.fork()
        if child == 0:
            os.environ.clear()
            os.environ.update(self.query_environment(TERM="linux", LINES="24", COLUMNS="100"))
            os.execv(NCDU, [NCDU, "-f", file, "--color", "off"])
        # Not before the last line is there: curses leaves a screen unfinished when a key waits.
        screen = query_support.read_terminal(master, until=b"Items:")
        os.write(master, b"q")
        screen += query_support.read_terminal(master)
        os.close(master)
        self.assertEqual(os.waitpid(child, 0)[1], 0, screen)
        text = re.sub(rb"\x1b\[[0-9;?]*[a-zA-Z]|\x1b[()][A-Z0-9]|[\x0e\x0f]", b" ", screen).decode()
        text = re.sub(r"\s+", " ", text)
        # 4096 + 4096 + 8192 allocated, 1536 + 1 + 2 + 3 bytes; an item is a line, outermost apart.
        self.assertIn("Total disk usage: 16.0 KiB Apparent size: 1.5 KiB Items: 5", text)
        self.assertIn("12.0 KiB", text)
        self.assertIn("/sub", text)
        self.assertIn("[1 file]", text)
        self.assertIn("[1 directory not shown]", text)


if __name__ == "__main__":
    query_support.main()
