#!/usr/bin/env python3
"""What fstally-query writes: every format to the byte for a log whose figures are worked out by hand,
and paths of any bytes read back by other people's parsers."""

import base64
import csv
import io
import json
import os
import pty
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "support"))

import query_support
import e2e_support

# No names are known for the second owner and group. 1700000000 is 2023-11-14 22:13:20 UTC.
PLAIN = (b"1 s=1536 b=8 u=0 g=0 type=f a=1700000000 m=1700000001 -- /data/one\n"
         b"2 s=1 b=8 u=4294967294 g=4294967294 type=f -- /data/sub/two\n"
         b"3 s=0 b=0 u=0 g=0 type=d a=0 -- /data/sub/none\n")

HEADER = (b"filesystem path depth file_count_r dir_count_r total_size_r total_alloc_r max_atime_r "
          b"max_mtime_r file_count_nr dir_count_nr total_size_nr total_alloc_nr max_atime_nr "
          b"max_mtime_nr owner_uid username owner_gid groupname").split()
ROWS = [
    [b"plain", b"/data", b"1", b"2", b"2", b"1537", b"8192", b"2023-11-14 22:13:20", b"2023-11-14 22:13:21",
     b"1", b"1", b"1536", b"4096", b"2023-11-14 22:13:20", b"2023-11-14 22:13:21", b"", b"", b"", b""],
    [b"plain", b"/data/sub", b"2", b"1", b"1", b"1", b"4096", b"", b"",
     b"1", b"1", b"1", b"4096", b"", b"", b"4294967294", b"", b"4294967294", b""],
    [b"plain", b"/data/sub/none", b"3", b"0", b"0", b"0", b"0", b"", b"",
     b"0", b"0", b"0", b"0", b"", b"", b"-1", b"", b"-1", b""],
]
JSON_ROWS = [
    b'{"filesystem":"plain","path":"/data","depth":1,"file_count_r":2,"dir_count_r":2,'
    b'"total_size_r":1537,"total_alloc_r":8192,"max_atime_r":"2023-11-14 22:13:20",'
    b'"max_mtime_r":"2023-11-14 22:13:21","file_count_nr":1,"dir_count_nr":1,'
    b'"total_size_nr":1536,"total_alloc_nr":4096,"max_atime_nr":"2023-11-14 22:13:20",'
    b'"max_mtime_nr":"2023-11-14 22:13:21","owner_uid":null,"username":null,"owner_gid":null,'
    b'"groupname":null}',
    b'{"filesystem":"plain","path":"/data/sub","depth":2,"file_count_r":1,"dir_count_r":1,'
    b'"total_size_r":1,"total_alloc_r":4096,"max_atime_r":null,"max_mtime_r":null,'
    b'"file_count_nr":1,"dir_count_nr":1,"total_size_nr":1,"total_alloc_nr":4096,'
    b'"max_atime_nr":null,"max_mtime_nr":null,"owner_uid":4294967294,"username":null,'
    b'"owner_gid":4294967294,"groupname":null}',
    b'{"filesystem":"plain","path":"/data/sub/none","depth":3,"file_count_r":0,"dir_count_r":0,'
    b'"total_size_r":0,"total_alloc_r":0,"max_atime_r":null,"max_mtime_r":null,'
    b'"file_count_nr":0,"dir_count_nr":0,"total_size_nr":0,"total_alloc_nr":0,'
    b'"max_atime_nr":null,"max_mtime_nr":null,"owner_uid":-1,"username":null,"owner_gid":-1,'
    b'"groupname":null}',
]

TABLE = b"""\
   SIZE  ALLOCATED  FILES  DIRS    ACCESSED  OWNER       PATH
1.5 KiB    8.0 KiB      2     2  2023-11-14  several     /data
    1 B    4.0 KiB      1     1           -  4294967294  /data/sub
    0 B        0 B      0     0           -  -           /data/sub/none
"""

ODD_NAMES = [b"a,b", b'q"q', b"t\tb", b"back\\slash", b"back\\tslash", b"\x01\x1b\x7f", b"\xff",
             b"caf\xc3\xa9", b"c\rr", b" blanks ", b"\xed\xa0\x80", b"\xf0\x9f\x98", b"a\xc3", b"'",
             b"\xc2\x9b31m", b"=1+1"]


class Formats(query_support.QueryCase):
    def setUp(self):
        super().setUp()
        self.make_database("plain", PLAIN)

    def test_tsv(self):
        lines = [b"\t".join(row) for row in [HEADER, *ROWS]]
        self.assertEqual(self.query("--format", "tsv", "plain"), b"\n".join(lines) + b"\n")

    def test_csv(self):
        lines = [b",".join(row) for row in [HEADER, *ROWS]]
        self.assertEqual(self.query("--format", "csv", "plain"), b"\n".join(lines) + b"\n")

    def test_json(self):
        self.assertEqual(self.query("--format", "json", "plain"),
                         b"[\n" + b",\n".join(JSON_ROWS) + b"\n]\n")

    def test_ndjson(self):
        self.assertEqual(self.query("--format", "ndjson", "plain"), b"\n".join(JSON_ROWS) + b"\n")

    def test_table(self):
        self.assertEqual(self.query("plain"), TABLE)
        self.assertEqual(self.query("--format", "table", "plain"), TABLE)

    def test_no_rows(self):
        nothing = ["--min-size", "1G", "plain"]
        self.assertEqual(self.query(*nothing), b"")
        self.assertEqual(self.query("--format", "tsv", *nothing), b"\t".join(HEADER) + b"\n")
        self.assertEqual(self.query("--format", "csv", *nothing), b",".join(HEADER) + b"\n")
        self.assertEqual(self.query("--format", "json", *nothing), b"[]\n")
        self.assertEqual(self.query("--format", "ndjson", *nothing), b"")
        for fmt in ("table", "tsv", "json"):
            result = self.run_query("--format", fmt, *nothing)
            self.assertEqual((result.returncode, result.stderr), (0, b"fstally-query: nothing matches\n"))

    def test_a_suffix_tells_the_format(self):
        for suffix in ("tsv", "csv", "json", "ndjson"):
            self.assertEqual(self.query("plain", "-o", "answer." + suffix), b"")
            self.assertEqual(self.read(self.path("answer." + suffix)),
                             self.query("plain", "--format", suffix))
        self.query("plain", "-o", "answer.csv", "--format", "json")    # what is said comes first
        self.assertEqual(self.read(self.path("answer.csv")), self.query("plain", "--format", "json"))
        for name in ("answer", "answer.txt", ".csv"):
            self.query("plain", "-o", name)
            self.assertEqual(self.read(self.path(name)), self.query("plain", "--format", "tsv"))
        self.query("plain", "-o", "page.html")
        self.query("plain", "--report", "other.html")
        self.assertEqual(self.read(self.path("page.html")), self.read(self.path("other.html")))

    def test_a_file_of_50_rows_says_so(self):
        log = b"".join(b"1 s=1 b=0 u=0 g=0 type=f -- /many/%d/f\n" % i for i in range(60))
        self.make_database("many", log)
        result = self.run_query("many", "-o", "many.csv")
        self.assertEqual((result.returncode, result.stderr),
                         (0, b"fstally-query: many.csv: the first 50 rows; --limit 0 writes all\n"))
        for arguments in (["-n", 50], ["-n", 0], ["-P", "/many/7"]):
            self.assertEqual(self.query("many", "-o", "many.csv", *arguments), b"")

    def test_a_full_quota_is_an_error(self):
        self.make_database("many", b"".join(b"1 s=1 b=0 u=0 g=0 type=f -- /many/%d/f\n" % i
                                            for i in range(600)))
        command = ["prlimit", "--fsize=8192", *self.query_command("many", "-n", 0, "-o", "many.csv")]
        result = subprocess.run(command, cwd=self.folder, env=self.query_environment(),
                                capture_output=True, check=False)
        self.assertEqual((result.returncode, result.stderr),
                         (1, b"fstally-query: many.csv: cannot write: File too large\n"))

    def test_another_database_is_not_overwritten(self):
        for arguments in (["-o", "other.db"], ["--report", "other.db"]):
            self.write("other.db", self.read(self.path("data", "plain.db")))
            result = self.run_query("plain", *arguments)
            self.assertEqual((result.returncode, result.stderr), (2, (
                b"fstally-query: --output: other.db is a database; name another file, or remove it\n")))
            self.assertEqual(self.read(self.path("other.db")),
                             self.read(self.path("data", "plain.db")))

    def test_table_shows_what_it_is_sorted_by(self):
        self.assertEqual(self.query("--sort-by", "files_nr", "-n", 1, "plain"), b"""\
FILES HERE     SIZE  ALLOCATED  FILES  DIRS    ACCESSED  OWNER    PATH
         1  1.5 KiB    8.0 KiB      2     2  2023-11-14  several  /data
(the first 1; --limit 0 shows all)
""")
        self.assertEqual(self.query("--sort-by", "size_nr", "-n", 1, "plain"), b"""\
SIZE HERE     SIZE  ALLOCATED  FILES  DIRS    ACCESSED  OWNER    PATH
  1.5 KiB  1.5 KiB    8.0 KiB      2     2  2023-11-14  several  /data
(the first 1; --limit 0 shows all)
""")
        self.assertEqual(self.query("--sort-by", "depth", "-n", 1, "plain"), b"""\
DEPTH     SIZE  ALLOCATED  FILES  DIRS    ACCESSED  OWNER    PATH
    1  1.5 KiB    8.0 KiB      2     2  2023-11-14  several  /data
(the first 1; --limit 0 shows all)
""")

    def test_totals(self):
        self.assertEqual(self.query("--group-by", "owner", "plain"), b"""\
   SIZE  ALLOCATED  FILES  DIRS    ACCESSED  OWNER
1.5 KiB    4.0 KiB      1     1  2023-11-14  root
    1 B    4.0 KiB      1     1           -  4294967294
""")
        self.assertEqual(
            self.query("--group-by", "group", "--format", "csv", "plain"),
            b"owner_gid,groupname,file_count,total_size,total_alloc,directory_count,max_atime\n"
            b"0,root,1,1536,4096,1,2023-11-14 22:13:20\n"
            b"4294967294,,1,1,4096,1,\n")

    def test_several_databases_have_a_column(self):
        self.make_database("more", PLAIN.replace(b"/data", b"/more"))
        self.assertEqual(self.query("-n", 3, "--max-depth", 1), b"""\
FILESYSTEM     SIZE  ALLOCATED  FILES  DIRS    ACCESSED  OWNER    PATH
more        1.5 KiB    8.0 KiB      2     2  2023-11-14  several  /more
plain       1.5 KiB    8.0 KiB      2     2  2023-11-14  several  /data
""")
        columns, rows = self.rows("all", "-n", 0)
        self.assertEqual(columns, HEADER)
        self.assertEqual([row[b"filesystem"] for row in rows],
                         [b"more", b"plain", b"more", b"plain", b"more", b"plain"])


class Summary(query_support.QueryCase):
    def test_one_log(self):
        database = self.make_database("plain", b"# made by hand\n\nno record\n" + PLAIN,
                                      "--max-rejects", "1")
        _, (row,) = self.rows("--summary", "plain")
        imported = row.pop(b"import_timestamp")
        version = row.pop(b"fstally_version")
        self.assertRegex(imported, rb"\A\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\Z")
        self.assertEqual(b"fstally-query " + version + b"\n", self.query("--version"))
        self.assertEqual(row, {
            b"filesystem": b"plain", b"source_file": b"plain.log", b"format": b"find",
            b"scan_timestamp": b"2026-03-31 00:00:00", b"total_directories": 1, b"total_files": 2,
            b"total_size": 1537, b"total_alloc": 8192, b"lines": 6, b"headers": 2, b"rejected": 1,
            b"flawed": 0, b"scan_errors": 0, b"excluded": 0, b"age_by": b"atime",
            b"stored_directories": 3, b"database": os.fsencode(database)})

    def test_table_adds_the_logs_up(self):
        database = self.make_database("plain", PLAIN)
        second = self.write("second.log", PLAIN[:PLAIN.index(b"\n") + 1] + b"x\n")
        self.import_ok("--db", database, "-f", "plain", "--scan-date", "2026-04-01", "--add",
                       "--max-rejects", "1", second)
        lines = self.query("--summary", "plain").decode().splitlines()
        self.assertEqual([line.split() for line in lines[:1]],
                         ["FILESYSTEM SCANNED FILES DIRS SIZE ALLOCATED LINES REJECTED FLAWED SCAN "
                          "ERRORS EXCLUDED AGE BY IMPORTED FORMAT INPUT".split()])
        cells = [line.split() for line in lines[1:]]
        for line in cells:    # the day of the import
            self.assertRegex(line.pop(14), r"\A\d{4}-\d\d-\d\d\Z")
        self.assertEqual(cells, [
            "plain 2026-03-31 2 3 1.5 KiB 8.0 KiB 3 0 0 0 0 atime find plain.log".split(),
            "plain 2026-04-01 1 3 1.5 KiB 4.0 KiB 2 1 0 0 0 atime find second.log".split(),
            "plain 2026-04-01 3 3 3.0 KiB 12.0 KiB 5 1 0 0 0 atime 2 logs".split()])
        _, rows = self.rows("--summary", "plain")
        self.assertEqual([row[b"source_file"] for row in rows], [b"plain.log", b"second.log"])


class OddNames(query_support.QueryCase):
    def setUp(self):
        super().setUp()
        self.make_database("odd", b"".join(
            b"%d s=1 b=1 u=0 g=0 type=f a=0 -- /odd/%s/f\n" % (number, name)
            for number, name in enumerate(ODD_NAMES)))
        self.paths = sorted([b"/odd"] + [b"/odd/" + name for name in ODD_NAMES])

    def test_tsv_is_a_line_a_row(self):
        data = self.query("--format", "tsv", "-n", 0, "odd")
        self.assertEqual(data.count(b"\n"), len(self.paths) + 1)
        self.assertNotRegex(data, rb"[\x00-\x08\x0b-\x1f\x7f]")
        _, rows = query_support.read_tsv(data)
        self.assertEqual(sorted(row[b"path"] for row in rows), self.paths)

    def test_csv_is_what_others_read(self):
        text = self.query("--format", "csv", "-n", 0, "odd").decode("latin-1")
        rows = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
        self.assertEqual(sorted(row["path"].encode("latin-1") for row in rows), self.paths)
        self.assertEqual({row["depth"] for row in rows}, {"1", "2"})

    def check_json(self, rows):
        found = []
        for row in rows:
            if "path_base64" in row:
                path = base64.b64decode(row["path_base64"], validate=True)
                self.assertRaises(UnicodeDecodeError, path.decode)
                self.assertEqual(row["path"], path.decode(errors="replace"))
            else:
                path = row["path"].encode()
            found.append(path)
        self.assertEqual(sorted(found), self.paths)

    def test_json_has_the_bytes(self):
        self.check_json(json.loads(self.query("--format", "json", "-n", 0, "odd")))
        self.check_json(map(json.loads, self.query("--format", "ndjson", "-n", 0, "odd").split(
            b"\n")[:-1]))

    def test_table_drives_no_terminal(self):
        for locale in ("C", "C.UTF-8"):
            data = self.query("-n", 0, "odd", environment=self.query_environment(LC_ALL=locale))
            self.assertEqual(data.count(b"\n"), len(self.paths) + 1)
            self.assertNotRegex(data, rb"[\x00-\x09\x0b-\x1f\x7f]|\xc2[\x80-\x9f]")
            self.assertIn(rb"/odd/\x01\x1B\x7F", data)
            self.assertIn(rb"/odd/back\\slash", data)
            self.assertIn(rb"/odd/\xFF", data)
            self.assertEqual(b"caf\xc3\xa9" in data, locale == "C.UTF-8")

    def test_odd_names_can_be_asked_for(self):
        for name in ODD_NAMES:
            with self.subTest(name):
                path = b"/odd/" + name
                _, rows = self.rows("-P", os.fsdecode(path), "odd")
                self.assertEqual([row[b"path"] for row in rows], [path])
        _, rows = self.rows("-N", "back\\*", "odd")
        self.assertEqual(len(rows), 2)


class Terminal(query_support.QueryCase):
    DEEP = b"/data/" + b"/".join(b"level%02d" % i for i in range(20))

    # 1700000000 is 2023-11-14. The path has 72 characters.
    WIDE = (b"1 s=1536 b=8 u=0 g=0 type=f a=1700000000 -- /data/caf\xc3\xa9/f\n"
            b"2 s=5000000000 b=9765632 u=4294967294 g=0 type=f a=1700000000 -- "
            b"/data/projects/climate/ensemble-members/run_0001/output/monthly/averages/f\n")
    HEADINGS = "   SIZE  ALLOCATED  FILES  DIRS    ACCESSED  OWNER       PATH"
    LARGE = "4.7 GiB    4.7 GiB      1     0  2023-11-14  4294967294  "
    SMALL = "1.5 KiB    4.0 KiB      1     0  2023-11-14  root        /data/café"

    def on_terminal(self, columns, what="deep", **environment):
        """What a listing shows on a terminal of that many columns."""
        return self.lines_on_terminal(columns, "--leaves-only", what, **environment)

    def lines_on_terminal(self, columns, *question, **environment):
        import fcntl
        import struct
        import termios
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        with subprocess.Popen(self.query_command(*question), stdout=slave,
                              stderr=slave, stdin=subprocess.DEVNULL,
                              env=self.query_environment(LC_ALL="C.UTF-8", **environment)) as process:
            os.close(slave)
            shown = query_support.read_terminal(master)
        os.close(master)
        self.assertEqual(process.returncode, 0, shown)
        return shown.decode().replace("\r\n", "\n").splitlines()

    def test_every_width(self):
        """On a narrow terminal columns are left out, from the right; the path keeps 16 characters at
        least, and then loses its middle: two thirds of what is left are its end."""
        self.make_database("wide", self.WIDE)
        path = "/data/projects/climate/ensemble-members/run_0001/output/monthly/averages"
        for columns in range(73, 135):
            room = columns - 57
            tail = room - 1 - (room - 1) // 3
            head = min((room - 1) // 3, len(path) - tail - len("…".encode()))
            shown = path if room >= len(path) else path[:head] + "…" + path[-tail:]
            with self.subTest(columns=columns):
                self.assertEqual(self.on_terminal(columns, "wide"),
                                 [self.HEADINGS, self.LARGE + shown, self.SMALL])
        self.assertEqual(self.on_terminal(40, "wide"), ["   SIZE  OWNER       PATH",
                                                        "4.7 GiB  4294967294  /data/…hly/averages",
                                                        "1.5 KiB  root        /data/café"])

    def test_nothing_wraps(self):
        self.make_database("wide", self.WIDE)
        self.make_database("older", PLAIN.replace(b"/data", b"/data/projects/of/the/year/before"))
        questions = (["wide"], ["all"], ["wide", "--summary"], ["all", "--summary"],
                     ["wide", "--diff", "older"], ["wide", "--diff", "older", "--group-by", "owner"],
                     ["all", "--group-by", "owner,group", "-v"], ["wide", "--cold", "1y"],
                     ["wide", "--cold", "1y", "--group-by", "group"], ["wide", "-u", 4294967294],
                     ["wide", "--histogram", "both", "--top", 2], ["wide", "--sort-by", "alloc_nr"],
                     ["wide", "--sort-by", "avg_size"])
        for question in questions:
            for columns in (40, 41, 47, 53, 60, 72, 80, 99, 120):
                with self.subTest(question=question, columns=columns):
                    for line in self.lines_on_terminal(columns, *question):
                        if not line.startswith("fstally-query: "):    # on standard error
                            self.assertLessEqual(len(line), columns)

    def test_other_widths(self):
        self.make_database("wide", self.WIDE)
        path = "/data/projects/climate/ensemble-members/run_0001/output/monthly/averages"
        utf8 = self.query_environment(LC_ALL="C.UTF-8")
        self.assertEqual(self.query("--leaves-only", "wide", environment=utf8).decode().splitlines(),
                         [self.HEADINGS, self.LARGE + path, self.SMALL])
        self.assertEqual(self.query("--leaves-only", "wide").decode().splitlines(),
                         [self.HEADINGS, self.LARGE + path,
                          self.SMALL.replace("é", r"\xC3\xA9")])    # no such letter in locale C

    def test_a_path_loses_its_middle(self):
        self.make_database("deep", b"1 s=1 b=1 u=0 g=0 type=f a=0 -- %s/f\n" % self.DEEP)
        whole = self.query("--leaves-only", "deep").decode().splitlines()
        self.assertTrue(whole[1].endswith(self.DEEP.decode()))
        for columns in (80, 100, 132):
            lines = self.on_terminal(columns)
            self.assertEqual(len(lines[1]), columns)
            self.assertRegex(lines[1], r"  /data/[a-z0-9/]*…[a-z0-9/]+/level19\Z")
        self.assertEqual(self.on_terminal(400), whole)
        # COLUMNS has the last word, as in other programs.
        self.assertEqual(len(self.on_terminal(80, COLUMNS="90")[1]), 90)
        self.assertEqual(len(self.on_terminal(80, COLUMNS="nonsense")[1]), 80)


if __name__ == "__main__":
    query_support.main()
