#!/usr/bin/env python3
"""Lines that real systems hold, after public reports of people who scan file systems: each small
log is imported and its counts, figures and messages are compared with the answer worked out by
hand."""

import contextlib
import json
import os
import sqlite3

import e2e_support
from e2e_support import Case

CONFIGS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "configs", "formats")


def find(rest, path, inode=1, size=1, uid=1000, gid=100, kind="f"):
    return f"{inode} s={size} b=8 u={uid} g={gid} type={kind} {rest} -- {path}\n".encode()


class RealLogs(Case):
    def imported(self, name, data, *options):
        """-> (the summary, standard error); the database is self.database."""
        log = self.write(name, data)
        self.database = self.path("x.db")
        result = self.run_import("-r", "--json", "--db", self.database, "-f", "fs",
                                 "--max-rejects", "100%", *options, log)
        self.assertEqual(result.returncode, 0, result.stderr)
        return json.loads(result.stdout), result.stderr

    def refused(self, name, data, *words, status=1):
        log = self.write(name, data)
        result = self.run_import("-q", "-r", "--db", self.path("x.db"), "-f", "fs", log)
        self.assertEqual(result.returncode, status, result.stderr)
        self.assert_one_line(result.stderr, name, *words)

    def rows(self, sql):
        with contextlib.closing(sqlite3.connect(self.database)) as connection:
            return connection.execute(sql).fetchall()

    def expect(self, summary, **counts):
        self.assertEqual({key: summary[key] for key in counts}, counts)
        self.assertEqual(summary["lines"], sum(summary[key] for key in (
            "headers", "files", "directories", "rejected", "excluded")))

    def test_numbers_of_a_head_are_not_used(self):
        """GlusterFS and hashed inodes are unsigned 64-bit."""
        numbers = (2**63 - 1, 2**63, 13482356789123456789, 2**64 - 1, 10**30)
        summary, _ = self.imported("a.find", b"".join(
            find("a=1700000000", f"/vol/{n}", n) for n in numbers))
        self.expect(summary, files=5, rejected=0, flawed=0)
        summary, _ = self.imported("a.list", b"".join(
            f"{a} {b} {c}  s=1 a=4 u=1 g=1 p=-rw-r--r-- -- /g/x\n".encode()
            for a, b, c in ((2**64 - 1, 1, 0), (1, 2**64 - 1, 0), (1, 1, 2**64 - 1))))
        self.expect(summary, files=3, rejected=0)

    def test_times_that_cannot_be(self):
        """Samba's and corrupt inodes' times: the file counts, its time is NULL."""
        stamps = ("1700000000.0", "910692724085.0000000000", "-6698727701578022144.000000000",
                  str(2**64 - 1), "253402300800", "-6795365183.128654848")
        summary, err = self.imported("a.find", b"".join(
            find("a=" + stamp, f"/share/d{i}/x", size=10**i) for i, stamp in enumerate(stamps)))
        self.expect(summary, files=6, flawed=4, rejected=0, total_size=111111)
        self.assertEqual(self.rows("SELECT count(*) FROM directory WHERE depth = 2 AND "
                                   "max_atime_nr IS NULL"), [(4,)])
        self.assertIn("line 2, byte", err)
        self.assertIn("910692724085", err)

    def test_optional_values_that_are_unusable(self):
        lines = ["a=4 u=1 g=1 p=-rw-r--r-- ac=2025-01-01 00:00:00 -- /g/a/ok",
                 "a=_NULL_ u=1 g=1 p=-rw-r--r-- ac=2025-01-01 00:00:00 -- /g/b/x",
                 "a=4 u=1 g=1 p=-rw-r--r-- ac=_NULL_ -- /g/c/x",
                 "a=4 u=1 g= p=-rw-r--r-- ac= -- /g/d/x",
                 "a=4 u=1 g=1 p=-rw-r--r-- ac=2025-12-08T19:08:54 -- /g/e/x",
                 "a=4 u=1 g=1 p=-rw-r--r-- ac=0000-00-00 00:00:00 -- /g/f/x"]
        summary, _ = self.imported("a.list", "".join(
            f"{i} 2 0  s={i + 1}{'0' * i} {line}\n" for i, line in enumerate(lines)).encode())
        self.expect(summary, files=6, flawed=4, rejected=0, total_size=654321)
        self.assertEqual(self.rows("SELECT max_atime_nr FROM directory WHERE path = '/g/e'"),
                         [("2025-12-08 19:08:54",)])

    def test_sums_that_saturate(self):
        half = 2**62
        summary, err = self.imported("a.find", find("a=1", "/r/undelete/f1", size=half) +
                                     find("a=1", "/r/undelete/f2", size=half) +
                                     find("a=1", "/r/ann/data", size=1000))
        self.assertTrue(summary["saturated"])
        self.assertIn("/r/undelete:", err)
        self.assertIn("a.find line 2 ", err)
        self.assertEqual(self.rows("SELECT path, total_size_r FROM directory ORDER BY dir_id"),
                         [("/r", 2**63 - 1), ("/r/ann", 1000), ("/r/undelete", 2**63 - 1)])
        self.assertEqual(self.rows("SELECT min(total_size), max(total_size) FROM owner_summary"),
                         [(2**63 - 1, 2**63 - 1)])

    def test_a_return_belongs_to_the_name(self):
        data = (find("a=1", "/v", kind="d") + find("a=1", "/v/a\r", kind="d") +
                find("a=1", "/v/a\r/f", size=7) + find("a=1", "/v/plain", size=5))
        summary, _ = self.imported("a.find", data)
        self.expect(summary, files=2, directories=2)
        self.assertEqual(self.rows("SELECT path, file_count_nr, total_size_nr FROM directory"),
                         [("/v", 1, 5), ("/v/a\r", 1, 7)])
        summary, _ = self.imported("a.find", data.replace(b"\n", b"\r\n"))
        self.assertEqual(self.rows("SELECT path FROM directory"), [("/v",), ("/v/a\r",)])

    def test_a_newline_in_a_name(self):
        data = (find("a=1", "/p", kind="d") + find("a=1", "/p/d\ne", kind="d") +
                find("a=1", "/p/d\ne/f", size=600) + find("a=1", "/p/g", size=7))
        summary, err = self.imported("a.find", data)
        self.expect(summary, rejected=2)
        self.assertIn("newline", err)
        self.assertIn("--null", err)
        self.assertIn("ESCAPE", err)
        exact = data.replace(b"\n", b"\0").replace(b"d\0e", b"d\ne")
        summary, _ = self.imported("a.find", exact, "--null")
        self.expect(summary, lines=4, files=2, directories=2, rejected=0)
        self.assertEqual(self.rows("SELECT file_count_nr, total_size_nr FROM directory "
                                   "WHERE path = '/p/d' || char(10) || 'e'"), [(1, 600)])

    def test_a_forged_record(self):
        """A name that holds a newline and a whole record: --under keeps out what it forges."""
        forged = "/home/mallory/t/x\n12 s=999999999999 b=1 u=1234 g=0 type=f a=1 -- "
        data = find("a=1", "/home/mallory/t", kind="d") + find("a=1", forged, kind="d") + \
            find("a=1", forged + "/etc", kind="d") + find("a=1", forged + "/etc/evil", size=3)
        summary, _ = self.imported("a.find", data, "--under", "/home/mallory")
        self.expect(summary, rejected=3)
        self.assertEqual(self.rows("SELECT count(*) FROM directory WHERE path LIKE '/etc%'"),
                         [(0,)])

    def test_other_show_clauses(self):
        clauses = (("1000 100 root 4096 8", "%uid %gid %* %size %alloc_kb", "gpfs-owner-first"),
                   ("1000:4096:8", "%uid:%size:%alloc_kb", "gpfs-colons"),
                   ("8 4096 400 300 200 100 502 1000",
                    "%alloc_kb %size %* %* %* %* %gid %uid", "gpfs-ages"),
                   ("8 * 4096 * 1000 * root * 2024-05-01 10:11:12.000000",
                    "%alloc_kb * %size * %uid * %* * %mtime", "gpfs-stars"))
        for shown, template, name in clauses:
            with self.subTest(template):
                data = f"5001 77001 0  {shown} -- /gpfs/a/x\n".encode()
                self.refused("a.list", data, "GPFS", "SHOW", "s=, u=, p=", "--fields",
                             "--print-policy")
                for option in (("--fields", template),
                               ("--format", os.path.join(CONFIGS, name + ".conf"))):
                    summary, _ = self.imported("a.list", data, *option)
                    self.expect(summary, files=1, rejected=0, flawed=0, total_size=4096,
                                total_alloc=8192)
                    self.assertEqual(self.rows("SELECT owner_uid FROM owner_summary"), [(1000,)])
        self.refused("a.list", b"37390 999490048 0   -- /gpfs/mgmt/fil2\n", "SHOW")

    def test_lists_of_other_tools(self):
        wrstat = b'"/lustre/s1/a.txt"\t10\t1000\t100\t1700000000\t1700000001\t1700000000\tf\t1\t1\t5\n'
        self.refused("a.stats", wrstat, "wrstat", "--format")
        self.refused("a.trace", b"000a/lustre/s1\x1ed\x1e131\x1e755\x1e2\x1e1000\x1e100\n", "GUFI")
        rbh = b"[0x20002b0a7:0x12715:0x0] file rw-r--r--   1  root     root   1362109409280  " \
              b"2022/01/22 12:30:23 /mnt/lustre/w/reads.tar\n"
        self.refused("rbh.txt", rbh, "robinhood")
        self.refused("paths.txt", b"/a/b\n/a/c\n", "paths")
        summary, _ = self.imported("a.stats", wrstat, "--format",
                                   os.path.join(CONFIGS, "wrstat.conf"))
        self.expect(summary, files=1, total_size=10)
        self.assertEqual(self.rows("SELECT max_mtime_nr FROM directory WHERE path = '/lustre/s1'"),
                         [("2023-11-14 22:13:21",)])
        summary, _ = self.imported("rbh.txt", rbh, "--format",
                                   os.path.join(CONFIGS, "robinhood.conf"))
        self.expect(summary, files=1, total_size=1362109409280)
        self.assertEqual(self.rows("SELECT owner_uid FROM owner_summary"), [(0,)])

    def test_percent_encoded_lists(self):
        fields = "s=1867 a=0 u=10039 g=502 p=-rw-r--r-- ac=2025-12-08 19:08:54"
        escaped = fields.replace("=", "%3D").replace(" ", "%20").replace(":", "%3A")
        for line in (f"5 1 0  {escaped} -- /gpfs/fs1/proj/a%20b/c.txt\n",
                     f"5 1 0  {fields} -- %2Fgpfs%2Ffs1%2Fproj%2Fa%20b%2Fc.txt\n"):
            summary, _ = self.imported("a.list", line.encode())
            self.expect(summary, files=1, rejected=0, total_size=1867)
            self.assertEqual(self.rows("SELECT path FROM directory ORDER BY dir_id DESC LIMIT 1"),
                             [("/gpfs/fs1/proj/a b",)])
        plain = f"5 1 0  {fields} -- /gpfs/a%20b/c\\n/d.txt\n".encode()
        for option, path in (((), "/gpfs/a%20b/c\\n"), (("--unescape", "percent"), "/gpfs/a b/c\\n"),
                             (("--unescape", "backslash"), "/gpfs/a%20b/c\n")):
            self.imported("a.list", plain, *option)
            self.assertEqual(self.rows("SELECT path FROM directory ORDER BY dir_id DESC LIMIT 1"),
                             [(path,)])

    def test_a_template_in_percent_encoding(self):
        """ESCAPE '%' encodes the blanks between the columns of any SHOW clause."""
        for fields, line in (("%size %uid", b"1 2 3  10%205 -- %2Fa%2Fb%20c\n"),
                             ("%size:%uid", b"1 2 3  10%3A5 -- %2Fa%2Fb%20c\n")):
            summary, _ = self.imported("e.list", line, "--fields", fields)
            self.expect(summary, files=1, rejected=0, total_size=10)
            self.assertEqual(self.rows("SELECT path FROM directories"), [("/a",)])
        encoded = b"1 2 3  s%3D10%20u%3D5%20p%3D-rw-r--r-- -- %2Fa%2Fb%20c\n"
        for options in ((), ("--unescape", "percent"), ("--format", "gpfs", "--unescape", "percent")):
            summary, _ = self.imported("e.list", encoded, *options)
            self.expect(summary, files=1, rejected=0, total_size=10)
        newline = b"1 2 3  s%3D10%20u%3D5%20n%3Da%0Ab%20p%3D-rw-r--r-- -- %2Fa%2Fb\n"
        self.expect(self.imported("e.list", newline)[0], files=1, rejected=0)

    def test_times_of_two_words_in_a_template(self):
        """No byte is lost because a date is bad, wherever its second word is."""
        stamps = ("30828-02-11 10:00:00", "2025-02-11 10:00", "1-02-11 10:00:00",
                  "2025-02-11 10:00:00", "2025-02-30 10:00:00.5", "_NULL_")
        data = "".join(f"{i} 2 3  10 1000 {stamp} 7 -- /a/{i}\n" for i, stamp in enumerate(stamps))
        summary, _ = self.imported("f.list", data.encode(), "--fields",
                                   "%size %uid %mtime %gid")
        self.expect(summary, files=6, flawed=5, rejected=0, total_size=60)
        self.assertEqual(self.rows("SELECT owner_gid FROM group_summary"), [(7,)])

    def test_columns_that_are_set_flush_right(self):
        data = b"    10 1000 -- /a/b\n   100 1000 -- /a/c\n"
        summary, _ = self.imported("f.list", data, "--format", "none", "--fields", " %size %uid")
        self.expect(summary, files=2, rejected=0, total_size=110)

    def test_keys_that_are_skipped(self):
        conf = self.write("two.conf", b"[format]\nhead = none\norder = any\n"
                                      b"fields = s=%size u=%uid x=%* y=%* type=%type\n")
        summary, _ = self.imported("t.log", b"s=10 u=5 x=1 y=2 type=f -- /a/b\n", "--format", conf)
        self.expect(summary, files=1, rejected=0, total_size=10)
        for fields in (b"s=%size s=%uid", b"s=%size,u=%uid"):
            conf = self.write("bad.conf", b"[format]\norder = any\nfields = " + fields + b"\n")
            result = self.run_import("-f", "fs", "--format", conf, self.write("a.log", b"x\n"))
            self.assertEqual(result.returncode, 2)
            self.assert_one_line(result.stderr, "bad.conf", fields.decode())

    def test_a_name_like_a_record(self):
        """Where records end in NUL, nobody can hide files below a directory with such a name."""
        name = "/fs/x 12 s=9 b=1 u=1 g=0 type=f a=1 -- /etc"
        records = [find("a=1700000000", name + f"/{i}")[:-1] + b"\0" for i in range(3)]
        summary, _ = self.imported("n.find", b"".join(records), "--null")
        self.expect(summary, files=3, rejected=0)
        newline = b"".join(records).replace(b"\0", b"\n") + find("a=1", "/fs/y")
        self.expect(self.imported("n.find", newline)[0], files=1, rejected=3)

    def test_ends_of_records(self):
        """A log that is read with the wrong end of records is named as such."""
        nul = find("a=1700000000", "/a/b")[:-1] + b"\0"
        _, err = self.imported("n.find", nul + nul[:-1] + b"\n")
        self.assertIn("--null", err)
        policy = b"[I] a message\n[I] another\n"
        summary, err = self.imported("m.find", policy + b"\0" + nul, "--null")
        self.expect(summary, headers=1, files=1)
        result = self.run_import("-f", "fs", "--db", self.path("y.db"), "--null",
                                 self.write("l.find", policy + find("a=1", "/a/b")))
        self.assertNotEqual(result.returncode, 0)

    def test_a_path_of_too_many_levels(self):
        """A damaged line must not take memory by the square of its length."""
        deep = find("a=1700000000", "/a" * 8193) + find("a=1700000000", "/b" * 8190)
        summary, err = self.imported("d.find", deep)
        self.expect(summary, files=1, rejected=1)
        self.assertIn("8192 levels", err)
        self.assertEqual(self.rows("SELECT max(depth) FROM directories"), [(8189,)])

    def test_a_log_of_no_entries(self):
        database = self.path("x.db")
        for options, data, words in (((), b"# nothing\n", "no data line"),
                                     (("--null",), b"# nothing\n\0", "leave out --null"),
                                     (("-E", "/a"), find("a=1", "/a/b"),
                                      "every entry is excluded")):
            with self.subTest(words):
                arguments = ("--db", database, "-f", "fs", *options, self.write("h.find", data))
                result = self.run_import(*arguments)
                self.assertIn(words, result.stderr)
                # What was left out on request may be everything; a scan finds something.
                self.assertEqual(result.returncode, 0 if options == ("-E", "/a") else 1)
                self.assertEqual(os.path.exists(database), result.returncode == 0)
                # What there is stays, and a part of it may be empty.
                self.imported("a.find", find("a=1", "/a/b"))
                before = self.rows("SELECT * FROM directory_stats")
                self.assert_one_line(self.run_import("-q", "-r", *arguments).stderr, "is kept")
                result = self.run_import("--add", *arguments)
                self.assertEqual(result.returncode, 0, result.stderr)
                self.assertIn("nothing was counted", result.stderr)
                self.assertEqual(self.rows("SELECT * FROM directory_stats"), before)
                os.remove(database)

    def test_modes_without_a_type(self):
        modes = ("040755", "rwxr-xr-x", "_NULL_", "Drwxr-xr-x", "-rw-r--r--")
        summary, _ = self.imported("a.list", "".join(
            f"1 2 0  s=1 a=4 u=1 g=1 p={mode} ac=2025-01-01 00:00:00 -- /g/d/{i}\n"
            for i, mode in enumerate(modes)).encode())
        self.expect(summary, files=1, rejected=4, total_size=1)

    def test_errors_of_the_scan(self):
        data = b"[I] policy run begins\n" + \
            b"1 2 0  s=1 a=4 u=1 g=1 p=-rw-r--r-- ac=2025-01-01 00:00:00 -- /g/a/ok\n" + \
            b"[E] Error: node lost, file list is incomplete\n"
        summary, err = self.imported("a.list", data)
        self.expect(summary, headers=2, scan_errors=1, files=1)
        self.assertIn("1 error of its own", err)
        self.assertIn("node lost", err)
        self.assertEqual(self.rows("SELECT scan_errors FROM scan_metadata"), [(1,)])
        result = self.run_import("-q", "-r", "--db", self.database, "-f", "fs",
                                 "--max-scan-errors", "0", self.path("a.list"))
        self.assertEqual(result.returncode, 3)

    def test_owners_out_of_range(self):
        ids = ((4294967294, 4294967294), (-2, -2), (4294867296, 4294867296), (1000, 4294967295),
               (4294967295, 100))
        summary, err = self.imported("a.list", "".join(
            f"1 2 0  s={10**i} a=4 u={u} g={g} p=-rw-r--r-- -- /g/{i}/x\n"
            for i, (u, g) in enumerate(ids)).encode())
        self.expect(summary, files=3, rejected=2, flawed=1, total_size=1101)
        self.assertIn(": -2\n", err)
        self.assertIn(": 4294967295\n", err)
        self.assertEqual(self.rows("SELECT owner_uid, owner_gid FROM directory WHERE depth = 2"),
                         [(4294967294, 4294967294), (4294867296, 4294867296), (1000, -1)])

    def test_names_that_are_not_utf8(self):
        self.imported("a.find", find("a=1", "/n/plain/f", size=5) +
                      find("a=1", "/n/caf@/f", size=6).replace(b"@", b"\xe9"))
        self.assertEqual(self.rows("SELECT path, name, total_size_r FROM directory"),
                         [("/n", "n", 11), (b"/n/caf\xe9", b"caf\xe9", 6),
                          ("/n/plain", "plain", 5)])

    def test_what_is_left_out(self):
        data = find("a=1", "/home/ann/f", size=100) + \
            find("a=1", "/home/.snapshots/s1/ann/f", size=100) + \
            find("a=1", "/home/.snapshots/s2/ann/f", size=100)
        for pattern in ("*/.snapshots", ".snapshots", "/home/.snapshots/", "/home/.snap*"):
            summary, _ = self.imported("a.find", data, "-E", pattern)
            self.expect(summary, files=1, excluded=2, total_size=100)
            self.assertEqual(self.rows("SELECT path, file_count_r FROM directory"),
                             [("/home", 1), ("/home/ann", 1)])

    def test_the_top_that_other_tools_expect(self):
        data = find("a=1", "/gpfs", kind="d") + find("a=1", "/gpfs/csfs1/asp", kind="d") + \
            find("a=1", "/gpfs/csfs1/asp/u/f", size=3) + find("a=1", "/gpfs/other/f", size=4)
        summary, _ = self.imported("a.find", data, "--root", "/gpfs/csfs1/asp")
        self.expect(summary, files=1, directories=2, rejected=1)
        self.assertEqual(self.rows("SELECT path, parent_id, depth FROM directory"),
                         [("/gpfs/csfs1/asp", None, 3), ("/gpfs/csfs1/asp/u", 1, 4)])

    def test_ages_by_another_time(self):
        data = find("a=1700000000 m=1000000000", "/v/a") + find("a=1000000000 m=1700000000", "/v/b")
        for age, buckets in (("atime", [(0, 1), (9, 1)]), ("mtime", [(0, 1), (9, 1)]),
                             ("latest", [(0, 2)])):
            self.imported("a.find", data, "--scan-date", "2023-11-15", "--age-by", age)
            self.assertEqual(self.rows("SELECT bucket_index, file_count FROM access_histogram"),
                             buckets)
            self.assertEqual(self.rows("SELECT age_by FROM scan_metadata"), [(age,)])

    def test_a_byte_order_mark(self):
        summary, _ = self.imported("a.find", b"\xef\xbb\xbf" + find("a=1", "/v/a"))
        self.expect(summary, files=1, rejected=0)

    def test_relative_paths(self):
        summary, err = self.imported("a.find", find("a=1", "./a"))
        self.expect(summary, rejected=1)
        self.assertIn("absolute directory", err)

    def test_the_wrong_format(self):
        log = self.write("a.list", b"1 2 0  s=1 a=4 u=1 g=1 p=-rw-r--r-- -- /g/a\n")
        result = self.run_import("-q", "-r", "--db", self.path("x.db"), "-f", "fs",
                                 "--format", "lustre", log)
        self.assertEqual(result.returncode, 1)
        self.assert_one_line(result.stderr, "a.list", "look like gpfs")

    def test_another_programs_database_given_as_a_log(self):
        other = self.path("other.db")
        with contextlib.closing(sqlite3.connect(other)) as database:
            database.execute("CREATE TABLE directories(path)")
        result = self.run_import("-q", "--db", self.path("y.db"), "-f", "fs", other)
        self.assertEqual(result.returncode, 1)
        self.assert_one_line(result.stderr, "other.db: a SQLite database, but not one of fstally's")
        self.assertFalse(os.path.exists(self.path("y.db")))


if __name__ == "__main__":
    e2e_support.main()
