#!/usr/bin/env python3
"""--histogram: the figures are those of the files in the log, for every directory, every owner in it
and every filter; the tables are those worked out by hand, for every width."""

import collections
import csv
import io
import json
import os
import pty
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "support"))

import e2e_support
import query_support
import slow_reference

KINDS = (b"access", b"size")
COLUMNS = [b"kind", b"bucket_index", b"label", b"lower", b"upper", b"file_count", b"total_size"]
OWNER_COLUMNS = [b"owner_uid", b"username"]
BOUNDS = {b"access": slow_reference.ACCESS_BOUNDS, b"size": slow_reference.SIZE_BOUNDS}

# The scan is of 2026-03-31: two files read the day before, one 45 and one 500 days before.
PLAIN = (b"1 s=800 b=8 u=0 g=0 type=f a=1774900000 -- /data/now/f\n"
         b"2 s=800 b=8 u=4294967294 g=7 type=f a=1774900000 -- /data/now/g\n"
         b"3 s=700 b=8 u=0 g=0 type=f a=1771027200 -- /data/then/f\n"
         b"4 s=100 b=8 u=0 g=7 type=f a=1731715200 -- /data/then/g\n")
LABELS = ["< 30 days", "30-90 days", "90-180 days", "180 days-1 year", "1-2 years", "2-3 years",
          "3-4 years", "4-6 years", "6-7 years", ">= 7 years"]


class Files:
    """The files of a log, each as (path, uid, gid, {kind: bucket}, size)."""

    def __init__(self, log, fmt, scan_date):
        self.files = []
        self.directories = set()
        day = slow_reference.scan_date_of(log, scan_date)
        with open(log, "rb") as file:
            for line in file.read().split(b"\n"):
                if not slow_reference.is_header(line):
                    self.add(slow_reference.parse(line, fmt), day)

    def add(self, entry, day):
        parts = entry.path.split(b"/")
        end = len(parts) + 1 if entry.is_directory else len(parts)
        self.directories.update(b"/".join(parts[:i]) for i in range(2, end))
        if not entry.is_directory:
            buckets = {b"access": slow_reference.access_bucket(entry, day, "atime"),
                       b"size": slow_reference.bucket_of(entry.size, slow_reference.SIZE_BOUNDS)}
            self.files.append((entry.path, entry.uid, entry.gid, buckets, entry.size))

    def by_directory(self):
        """-> {directory: its files, all below}"""
        found = {path: [] for path in self.directories}
        for file in self.files:
            parts = file[0].split(b"/")
            for i in range(2, len(parts)):
                found[b"/".join(parts[:i])].append(file)
        return found


def count(files, owners):
    """-> {(kind, bucket, owner or None): (files, bytes)}, as the rows of --top 0 have it."""
    sums = collections.defaultdict(lambda: [0, 0])
    for kind in KINDS:
        for bucket in range(10):
            sums[kind, bucket, None] = [0, 0]
    for _, uid, _, buckets, size in files:
        for kind, bucket in buckets.items():
            for owner in (None, uid) if owners else (None,):
                sums[kind, bucket, owner][0] += 1
                sums[kind, bucket, owner][1] += size
    return {key: tuple(sum_) for key, sum_ in sums.items()}


def depth(path):
    return path.count(b"/")


class HistogramCase(query_support.QueryCase):
    def histogram(self, *arguments, kind="both"):
        """-> {(kind, bucket, owner or None): (files, bytes)} of the answer"""
        _, rows = self.rows("--histogram", kind, *arguments)
        found = {}
        for row in rows:
            key = row[b"kind"], row[b"bucket_index"], row.get(b"owner_uid")
            self.assertNotIn(key, found)
            found[key] = row[b"file_count"], row[b"total_size"]
            self.assertEqual(row[b"lower"], BOUNDS[row[b"kind"]][row[b"bucket_index"]])
            self.assertEqual(row[b"upper"], BOUNDS[row[b"kind"]][row[b"bucket_index"] + 1])
        return found


query_support.TEXTS.update((b"kind", b"label"))


class Generated(HistogramCase):
    SCAN_DATE = "2026-01-11"

    def setUp(self):
        super().setUp()
        self.log = self.generated_log("some.log", "lustre", e2e_support.scaled(4000, 900),
                                      owners=12, multi_owner=30, order="shuffle")
        self.files = Files(self.log, "lustre", self.SCAN_DATE)
        self.below = self.files.by_directory()
        self.make_folder("data")

        self.import_ok("--db", self.path("data", "some.db"), "-f", "some", "--scan-date",
                       self.SCAN_DATE, self.log)

    def test_every_directory(self):
        self.assertEqual(self.histogram("some"), count(self.files.files, False))
        self.assertEqual(self.histogram("--top", 0, "some"), count(self.files.files, True))
        for path, files in sorted(self.below.items()):
            self.assertEqual(self.histogram("--top", 0, "-P", os.fsdecode(path), "some"),
                             count(files, True), path)

    def test_owners_and_groups(self):
        for owner in {file[1] for file in self.files.files}:
            self.assertEqual(self.histogram("-u", owner, "some"),
                             count([f for f in self.files.files if f[1] == owner], False))
        for group in sorted({file[2] for file in self.files.files})[:5]:
            files = [file for file in self.files.files if file[2] == group]
            owner = files[0][1]
            self.assertEqual(self.histogram("-g", group, "some"), count(files, False))
            self.assertEqual(self.histogram("-g", group, "--top", 0, "some"), count(files, True))
            self.assertEqual(self.histogram("-g", group, "-u", owner, "some"),
                             count([file for file in files if file[1] == owner], False))
        one, other, *_ = sorted({file[1] for file in self.files.files})
        self.assertEqual(self.histogram("-u", one, "-u", other, "--top", 0, "some"),
                         count([f for f in self.files.files if f[1] in (one, other)], True))

    def test_owners_of_a_part(self):
        """Those of the directory of most owners at each depth."""
        for deep in range(3, 7):
            path = max((path for path in self.below if depth(path) == deep),
                       key=lambda path: (len({file[1] for file in self.below[path]}), path))
            for owner in {file[1] for file in self.below[path]}:
                files = [file for file in self.below[path] if file[1] == owner]
                self.assertEqual(self.histogram("-u", owner, "-P", os.fsdecode(path), "some"),
                                 count(files, False))

    def test_filters_choose_directories(self):
        """Whose direct files are then counted."""
        direct = collections.defaultdict(list)
        for file in self.files.files:
            direct[file[0].rpartition(b"/")[0]].append(file)
        size = {path: sum(file[4] for file in files) for path, files in self.below.items()}
        middle = sorted(size.values())[len(size) // 2]
        inner = [path.rpartition(b"/")[0] for path in self.below]
        part = max((path for path in self.below if depth(path) == 4), key=lambda path: size[path])
        for options, wanted in (
                (["-d", 4], lambda path: depth(path) >= 4),
                (["--max-depth", 4], lambda path: depth(path) <= 4),
                (["--min-size", middle], lambda path: size[path] >= middle),
                (["--max-size", middle, "-d", 3], lambda path: size[path] <= middle and depth(path) >= 3),
                (["--leaves-only"], lambda path: path not in inner),
                (["-N", "*a*"], lambda path: b"a" in path.rpartition(b"/")[2]),
                (["-E", os.fsdecode(part)], lambda path: not (path + b"/").startswith(part + b"/"))):
            files = [file for path in self.below if wanted(path) for file in direct[path]]
            self.assertEqual(self.histogram(*options, "--top", 0, "some"), count(files, True), options)

    def test_top(self):
        wanted = count(self.files.files, True)
        for top in (1, 3):
            _, rows = self.rows("--histogram", "both", "--top", top, "some")
            found = [(row[b"kind"], row[b"bucket_index"], row[b"owner_uid"]) for row in rows]
            expected = []
            for kind in KINDS:
                for bucket in range(10):
                    owners = [key for key in wanted
                              if key[:2] == (kind, bucket) and key[2] is not None]
                    owners.sort(key=lambda key: (-wanted[key][1], key[2]))
                    expected += [(kind, bucket, None), *owners[:top]]
            self.assertEqual(found, expected)

    def test_several_databases(self):
        log = self.generated_log("more.log", "find", 500, owners=12, seed=2)
        self.import_ok("--db", self.path("data", "more.db"), "-f", "more", "--scan-date",
                       "2020-05-05", log)
        more = Files(log, "find", "2020-05-05")
        both = self.files.files + more.files
        self.assertEqual(self.histogram("--top", 0), count(both, True))
        self.assertEqual(self.histogram("some", "more"), count(both, False))
        owner = more.files[0][1]
        self.assertEqual(self.histogram("-u", owner, "all"),
                         count([file for file in both if file[1] == owner], False))
        # A path of one of them.
        path = next(path for path in sorted(self.below) if depth(path) == 4)
        self.assertEqual(self.histogram("-P", os.fsdecode(path)), count(self.below[path], False))

    def test_one_of_several_cannot_answer(self):
        self.write("data/bad.db", b"not a database")
        result = self.run_query("--histogram", "both", "--format", "tsv")
        self.assertEqual(result.returncode, 1)
        self.assertRegex(result.stderr, rb"\Afstally-query: [^\n]*bad\.db: [^\n]+\n\Z")
        self.assertEqual(result.stdout, self.query("--histogram", "both", "--format", "tsv", "some"))


class Formats(HistogramCase):
    def setUp(self):
        super().setUp()
        self.make_database("plain", PLAIN)

    def test_tsv_by_hand(self):
        lines = self.query("--histogram", "access", "--format", "tsv", "plain").split(b"\n")
        self.assertEqual(lines[0], b"\t".join(COLUMNS))
        self.assertEqual(lines[1], b"access\t0\t< 30 days\t0\t30\t2\t1600")
        self.assertEqual(lines[2], b"access\t1\t30-90 days\t30\t90\t1\t700")
        self.assertEqual(lines[3], b"access\t2\t90-180 days\t90\t180\t0\t0")
        self.assertEqual(lines[5], b"access\t4\t1-2 years\t365\t730\t1\t100")
        self.assertEqual(lines[10:], [b"access\t9\t>= 7 years\t2555\t\t0\t0", b""])

    def test_owners_by_hand(self):
        lines = self.query("--histogram", "size", "--top", 5, "--format", "tsv", "plain")
        lines = lines.split(b"\n")
        self.assertEqual(lines[:5], [
            b"\t".join(COLUMNS + OWNER_COLUMNS),
            b"size\t0\t< 1 KiB\t0\t1024\t4\t2400\t\t",
            b"size\t0\t< 1 KiB\t0\t1024\t3\t1600\t0\troot",
            b"size\t0\t< 1 KiB\t0\t1024\t1\t800\t4294967294\t",
            b"size\t1\t1-10 KiB\t1024\t10240\t0\t0\t\t"])

    def test_equals_by_number(self):
        _, rows = self.rows("--histogram", "access", "--top", 2, "plain")
        self.assertEqual([row[b"owner_uid"] for row in rows[:3]], [None, 0, 4294967294])

    def test_all_formats_say_the_same(self):
        for top in ([], ["--top", 0]):
            asked = ["--histogram", "both", *top, "plain"]
            columns, rows = self.rows(*asked)
            rows = [{name.decode(): value.decode() if isinstance(value, bytes) else value
                     for name, value in row.items()} for row in rows]
            self.assertEqual(columns, COLUMNS + (OWNER_COLUMNS if top else []))
            text = self.query("--format", "csv", *asked).decode()
            self.assertEqual(list(csv.DictReader(io.StringIO(text, newline=""), strict=True)),
                             [{name: "" if value is None else str(value)
                               for name, value in row.items()} for row in rows])
            self.assertEqual(json.loads(self.query("--format", "json", *asked)), rows)
            lines = self.query("--format", "ndjson", *asked).split(b"\n")
            self.assertEqual([json.loads(line) for line in lines[:-1]], rows)

    def test_output_file_is_tsv(self):
        file = self.path("out.tsv")
        self.assertEqual(self.query("--histogram", "both", "-o", file, "plain"), b"")
        self.assertEqual(self.read(file),
                         self.query("--histogram", "both", "--format", "tsv", "plain"))

    def test_mine(self):
        log = PLAIN.replace(b"u=4294967294", b"u=%d" % os.getuid())
        self.make_database("own", log)
        self.assertEqual(self.histogram("--mine", "own"),
                         self.histogram("-u", os.getuid(), "own"))

    def test_mounts_and_defaults(self):
        config = self.write("conf", b"[mounts]\n/mnt/d = /data\n"
                                    b"[query]\nlimit = 3\nsort-by = depth\ntop = 1\n"
                                    b"exclude = /data/now\n")
        self.assertEqual(self.histogram("--config", config, "-P", "/mnt/d/then", "plain"),
                         self.histogram("--top", 1, "-P", "/data/then", "plain"))
        self.assertEqual(self.histogram("--config", config, "plain"),
                         self.histogram("--top", 1, "-P", "/data/then", "plain"))
        self.query("--config", config, "--summary", "plain")

    def test_verbose_counts_rows(self):
        for form in ("table", "tsv"):
            result = self.run_query("-v", "--histogram", "both", "--format", form, "plain")
            self.assertTrue(result.stderr.endswith(b"\nfstally-query: 20 rows\n"), result.stderr)


class Tables(HistogramCase):
    def setUp(self):
        super().setUp()
        self.make_database("plain", PLAIN)

    def expected(self, bars, files=True):
        """The table of PLAIN by access, with these bars in the buckets that hold anything."""
        lines = ["LAST ACCESS      " + ("FILES     %  " if files else "") + "   SIZE     %  "]
        rows = {0: ("    2  50.0  ", "1.6 KiB  66.7"), 1: ("    1  25.0  ", "  700 B  29.2"),
                4: ("    1  25.0  ", "  100 B   4.2")}
        for i, label in enumerate(LABELS):
            of_files, of_size = rows.get(i, ("    0   0.0  ", "    0 B   0.0"))
            bar = "  " + bars[i] if bars.get(i) else ""
            lines.append(f"{label:15}  " + (of_files if files else "") + of_size + bar)
        return lines

    def test_heading_is_the_time_that_ages_are_counted_from(self):
        for age_by, heading in (("atime", "LAST ACCESS"), ("mtime", "LAST MODIFIED"),
                                ("latest", "LAST USED")):
            self.make_database(age_by, PLAIN, "--age-by", age_by)
            table = self.query("--histogram", "access", age_by).decode()
            self.assertEqual(table[:table.index("  ")], heading)
        table = self.query("--histogram", "access", "atime", "plain").decode()
        self.assertEqual(table[:table.index("  ")], "LAST ACCESS")
        table = self.query("--histogram", "access", "atime", "mtime").decode()
        self.assertEqual(table[:table.index("  ")], "AGE")

    def on_terminal(self, columns, *arguments, **environment):
        import fcntl
        import struct
        import termios
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        environment = {"LC_ALL": "C.UTF-8", **environment}
        with subprocess.Popen(self.query_command(*arguments), stdout=slave, stderr=slave,
                              stdin=subprocess.DEVNULL,
                              env=self.query_environment(**environment)) as process:
            os.close(slave)
            shown = query_support.read_terminal(master)
        os.close(master)
        self.assertEqual(process.returncode, 0, shown)
        return shown.decode().replace("\r\n", "\n").splitlines()

    # 700 of 1600 and 100 of 1600 in eighths of the room, to the nearest.
    def test_no_terminal(self):
        environment = self.query_environment(LC_ALL="C.UTF-8")
        text = self.query("--histogram", "access", "plain", environment=environment).decode()
        self.assertEqual(text.split("\n"), self.expected(
            {0: "█" * 40, 1: "█" * 17 + "▌", 4: "██▌"}) + [""])
        text = self.query("--histogram", "access", "plain").decode()
        self.assertEqual(text.split("\n"), self.expected(
            {0: "#" * 40, 1: "#" * 18, 4: "###"}) + [""])

    def test_80_columns(self):
        lines = self.on_terminal(80, "--histogram", "access", "plain")
        self.assertEqual(lines, self.expected({0: "█" * 35, 1: "█" * 15 + "▍", 4: "██▎"}))
        self.assertEqual(max(map(len, lines)), 80)
        lines = self.on_terminal(80, "--histogram", "access", "plain", LC_ALL="C")
        self.assertEqual(lines, self.expected({0: "#" * 35, 1: "#" * 15, 4: "##"}))

    def test_200_columns(self):
        lines = self.on_terminal(200, "--histogram", "access", "plain")
        self.assertEqual(lines, self.expected({0: "█" * 155, 1: "█" * 67 + "▉", 4: "█" * 9 + "▊"}))
        self.assertEqual(max(map(len, lines)), 200)

    def test_48_columns(self):
        """The columns about files give way."""
        lines = self.on_terminal(48, "--histogram", "access", "plain")
        self.assertEqual(lines, self.expected({0: "█" * 16, 1: "███████", 4: "█"}, files=False))
        self.assertEqual(max(map(len, lines)), 48)

    def test_40_columns(self):
        """The percentages too: a bar takes ten columns at the least."""
        lines = self.on_terminal(40, "--histogram", "access", "plain")
        self.assertEqual(lines[:3], ["LAST ACCESS         SIZE  ",
                                     "< 30 days        1.6 KiB  " + "█" * 14,
                                     "30-90 days         700 B  ██████▏"])
        self.assertEqual(max(map(len, lines)), 40)

    def test_both_and_owners(self):
        text = self.query("--histogram", "both", "--top", 1, "-P", "/data/now", "plain").decode()
        access, size, rest = text.partition("\n\n")[0], text.partition("\n\n")[2], text.count("\n\n")
        self.assertEqual(rest, 1)
        self.assertEqual(access.split("\n")[:4], [
            "LAST ACCESS      OWNER  FILES      %     SIZE      %  ",
            "< 30 days                   2  100.0  1.6 KiB  100.0  " + "#" * 40,
            "                 root       1   50.0    800 B   50.0  " + "#" * 20,
            "30-90 days                  0    0.0      0 B    0.0"])
        self.assertEqual(size.split("\n")[:2], [
            "FILE SIZE      OWNER  FILES      %     SIZE      %  ",
            "< 1 KiB                   2  100.0  1.6 KiB  100.0  " + "#" * 40])

    def test_a_trace_is_not_nothing(self):
        self.make_database("trace", b"1 s=1 b=8 u=0 g=0 type=f a=0 -- /d/f\n"
                                    b"2 s=1000000 b=8 u=0 g=0 type=f a=1774900000 -- /d/g\n"
                                    b"3 s=0 b=8 u=0 g=0 type=f a=1771027200 -- /d/h\n")
        lines = self.query("--histogram", "access", "trace").decode().splitlines()
        self.assertEqual(lines[1].split()[-3:], ["KiB", "100.0", "#" * 40])
        self.assertEqual(lines[2].split()[-4:], ["33.3", "0", "B", "0.0"])
        self.assertEqual(lines[10].split()[-4:], ["1", "B", "<0.1", "#"])

    def test_nothing_at_all(self):
        self.make_database("none", b"1 s=0 b=0 u=0 g=0 type=d a=0 -- /data/none\n")
        lines = self.query("--histogram", "size", "none").decode().splitlines()
        self.assertEqual(len(lines), 11)
        self.assertEqual([line.split()[-5:] for line in lines[1:]], [["0", "-", "0", "B", "-"]] * 10)


class Refused(HistogramCase):
    def test_usage(self):
        rows = ", which has a row for each bucket"
        wrong = [
            (["--histogram", "age"],
             "--histogram: 'age' is unknown; give access, size or both"),
            (["--histogram"], "--histogram: needs a value; see --help"),
            (["--top", 3], "--top: only with --histogram"),
            (["--histogram", "size", "--top", "x"],
             "--top: 'x' is not a number; give one like 1000, 10K or 1.5M"),
            (["--histogram", "both", "-n", 5], f"--limit: not with --histogram{rows}"),
            (["--histogram", "size", "--summary"],
             "--histogram: not with --summary, which shows the whole database"),
            (["--histogram", "size", "--report", "x"], f"--report: not with --histogram{rows}"),
            (["--histogram", "size", "--format", "ncdu"],
             f"--format ncdu: not with --histogram{rows}"),
            (["--histogram", "size", "--diff", "x.db"],
             "--histogram: not with --diff, which compares all directories of a place"),
        ] + [(["--histogram", "both", *option], f"{option[0]}: not with --histogram{rows}")
             for option in (["--group-by", "owner"], ["--sort-by", "path"], ["--reverse"],
                            ["--cold", "1y"], ["--hot-spots"])]
        self.make_database("plain", PLAIN)
        for arguments, text in wrong:
            with self.subTest(arguments):
                self.assertEqual(self.refused(2, *arguments), text)

    def test_unknown(self):
        database = self.make_database("plain", PLAIN)
        self.assertEqual(self.refused(1, "--histogram", "both", "-P", "/nowhere", "plain"),
                         f"{database}: no directory /nowhere; it is not in this database")
        self.assertEqual(self.refused(1, "--histogram", "both", "-u", "no such", "plain"),
                         f"{database}: no user no such, and this host has none either; give the number")

    def test_a_wrong_question_leaves_the_output_alone(self):
        self.make_database("plain", PLAIN)
        file = self.write("out", b"old")
        self.refused(1, "--histogram", "both", "-P", "/nowhere", "-o", file, "plain")
        self.assertEqual(self.read(file), b"old")


if __name__ == "__main__":
    query_support.main()
