#!/usr/bin/env python3
"""The command line of fstally-import: arguments -> standard output, standard error, exit status.
"""

import json
import os
import re
import resource
import signal
import subprocess

import e2e_support
from e2e_support import Case, read_rejects

GOOD = b"131 s=10 b=8 u=1000 g=100 type=f a=1769700762 -- /fs/d/%d\n"
BAD = b"131 s=ten b=8 u=1000 g=100 type=f a=1769700762 -- /fs/d/%d\n"

COUNTS = ("lines", "headers", "files", "directories", "rejected")


def log_of(*lines):
    return b"".join(line % number if b"%d" in line else line
                    for number, line in enumerate(lines, 1))


class CommandLine(Case):
    def setUp(self):
        super().setUp()
        self.log = self.write("20260204_desc1_gdex.lfs-scan", log_of(GOOD, GOOD, GOOD))
        self.database = self.path("out.db")

    def refused(self, status, *arguments, names=(), **environment):
        """Ends with this status and one line that holds all the names; writes nothing."""
        result = self.run_import(*arguments, **environment)
        self.assertEqual(result.returncode, status, result.stderr)
        self.assertEqual(result.stdout, "")
        self.assert_one_line(result.stderr, *names)
        self.assertFalse(os.path.exists(self.database))
        return result.stderr


class Usage(CommandLine):
    WRONG = [
        ((), ()),
        (("--no-such-option", "LOG"), ("--no-such-option",)),
        (("-X", "LOG"), ("X",)),
        (("--db",), ("db",)),
        (("--format", "zfs", "LOG"), ("zfs", "gpfs", "lustre", "find")),
        (("--scan-date", "yesterday", "LOG"), ("yesterday",)),
        (("--scan-date", "2025-02-30", "LOG"), ("2025-02-30",)),
        (("--scan-date", "", "LOG"), ("scan-date",)),
        (("-j", "0", "LOG"), ("0",)),
        (("-j", "-1", "LOG"), ("-1",)),
        (("-j", "many", "LOG"), ("many",)),
        (("-j", "2x", "LOG"), ("2x",)),
        (("-b", "0", "LOG"), ("0",)),
        (("-b", "99999999999999999999", "LOG"), ("99999999999999999999",)),
        (("-p", "never", "LOG"), ("never",)),
        (("--max-rejects", "lots", "LOG"), ("lots",)),
        (("--max-rejects", "-1", "LOG"), ("-1",)),
        (("--max-rejects", "101%", "LOG"), ("101%",)),
        (("--max-rejects", "%", "LOG"), ("%",)),
        (("-f", "", "LOG"), ("filesystem",)),
    ]

    def test_wrong_usage(self):
        for arguments, names in self.WRONG:
            with self.subTest(arguments):
                given = [self.log if word == "LOG" else word for word in arguments]
                self.refused(2, "--db", self.database, *given, names=names)

    def test_quiet_silences_no_error(self):
        self.refused(2, "-q", "--db", self.database)

    def test_help(self):
        for option in ("-h", "--help"):
            result = self.run_import(option)
            self.assertEqual((result.returncode, result.stderr), (0, ""))
            for word in ("fstally-import [OPTION]... INPUT...", "--db", "--data-dir",
                         "-f, --filesystem", "--format", "--scan-date", "-r, --replace",
                         "-b, --batch-size", "-p, --progress-interval", "-j, --threads",
                         "--rejects", "--max-rejects", "--json", "-q, --quiet", "-v, --verbose",
                         "-h, --help", "-V, --version", "FSTALLY_DATA_DIR", "1%"):
                self.assertIn(word, result.stdout)
            for line in result.stdout.splitlines():
                self.assertLessEqual(len(line), 80, line)

    def test_version(self):
        for option in ("-V", "--version"):
            result = self.run_import(option)
            self.assertEqual((result.returncode, result.stderr), (0, ""))
            self.assertRegex(result.stdout, r"\A(fstally-import|fstally) [0-9]+\.[0-9]+\S*\n")

    def test_options_after_inputs(self):
        self.import_ok(self.log, "--db", self.database, "-q")
        self.assertTrue(os.path.exists(self.database))

    def test_input_that_looks_like_an_option(self):
        log = self.write("--odd.log", self.read(self.log))
        result = self.run_import("--db", self.database, "--", os.path.basename(log))
        self.assertEqual(result.returncode, 0, result.stderr)


class Goldens(CommandLine):
    """The exact words, all in one place. Each is one line: what, why, and the remedy if any."""

    ALREADY = "already imported into out.db (same name, size and mtime): leave it out, or start " \
              "afresh with --replace"
    MESSAGES = [
        ("", 2, "no input: name the scan logs to import; see --help"),
        ("--no-such fs.find", 2, "--no-such: unknown option; see --help"),
        ("-X fs.find", 2, "-X: unknown option; see --help"),
        ("--db", 2, "--db: needs a value; see --help"),
        ("--format zfs fs.find", 2, "--format zfs: unknown format; use gpfs, lustre, find, or the path of "
                                   "a format file"),
        ("--scan-date 2025-02-30 fs.find", 2,
         "--scan-date 2025-02-30: must be a date that exists, YYYY-MM-DD"),
        ("-j 0 fs.find", 2, "--threads 0: must be from 1 to 4096"),
        ("-b 0 fs.find", 2, "--batch-size 0: must be at least 1"),
        ("-p 0 fs.find", 2, "--progress-interval 0: must be at least 1"),
        ("--max-rejects 101% fs.find", 2,
         "--max-rejects 101%: must be a number of lines, or a percentage from 0% to 100%"),
        ("missing.find", 1, "missing.find: cannot read: No such file or directory"),
        ("junk.find", 1, "junk.find: no line is a record of gpfs, lustre, find; if it is a list "
                         "of another kind, describe it with --fields or --format FILE, and see "
                         "--print-policy for lists that can be read"),
        ("--db out.db fs.find", 1, "fs.find: " + ALREADY),
        ("-q --db new.db bad.find", 3,
         "bad.find: too many rejected lines: 1 of 2, allowed are 1%; nothing was published: look "
         "at them with --rejects, allow them with --max-rejects"),
    ]

    def test_messages(self):
        self.write("fs.find", log_of(GOOD))
        self.write("junk.find", b"no record\n")
        self.write("bad.find", log_of(GOOD, BAD))
        self.import_ok("-q", "--db", "out.db", "fs.find")
        for arguments, status, words in self.MESSAGES:
            with self.subTest(arguments):
                result = self.run_import(*arguments.split())
                self.assertEqual(result.returncode, status)
                self.assertEqual(result.stdout, "")
                self.assertEqual(result.stderr, e2e_support.PREFIX + words + "\n")

    def test_first_rejects(self):
        self.write("bad.find", log_of(GOOD, BAD))
        result = self.run_import("--max-rejects", "1", "--db", "new.db", "bad.find")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(result.stderr.splitlines()[0],
                         f"{e2e_support.PREFIX}bad.find: line 2, byte {len(log_of(GOOD))}: "
                         "rejected: size is not a number: ten")


class Inputs(CommandLine):
    def test_missing(self):
        self.refused(1, "--db", self.database, self.path("missing.log"), names=["missing.log"])

    def test_one_of_several_missing(self):
        self.refused(1, "-q", "--db", self.database, "-f", "fs", self.log,
                     self.path("missing.log"), names=["missing.log"])

    def test_several_of_different_file_systems(self):
        """Parts of one scan have one name; the remedy is to give it."""
        other = self.write("20260204_desc1_other.lfs-scan", self.read(self.log))
        self.refused(2, "--db", self.database, self.log, other, names=["--filesystem"])

    def test_folder(self):
        self.refused(1, "--db", self.database, self.make_folder("folder"), names=["folder"])

    def test_unreadable(self):
        if os.getuid() == 0:
            self.skipTest("root may read everything")
        os.chmod(self.log, 0)
        self.refused(1, "--db", self.database, self.log, names=[os.path.basename(self.log)])

    def test_garbage(self):
        """No line shows the format: the remedy is to name it."""
        garbage = self.write("garbage.log", b"what is this\nno scan log\n" * 100)
        self.refused(1, "-q", "--db", self.database, garbage, names=["garbage.log", "--format"])

    def test_relative_paths(self):
        """The format is reported all the same, so that the rejects say what is wrong."""
        log = self.write("relative.log", log_of(GOOD).replace(b" -- /", b" -- "))
        result = self.run_import("--db", self.database, log)
        self.assertEqual(result.returncode, 3)
        self.assertIn("rejected: relative path", result.stderr)

    def test_a_copy_of_a_log(self):
        """Of the same name and size, with another mtime: added, but not without a word."""
        self.import_ok("--db", self.database, self.log)
        os.utime(self.log, (1, 1))
        result = self.run_import("--db", self.database, self.log)
        self.assertEqual(result.returncode, 0)
        self.assertIn("its figures count twice", result.stderr.splitlines()[0])

    def test_a_link_to_a_log(self):
        """A log counts once in all imports: `latest.find` is what it leads to."""
        self.import_ok("-q", "--db", self.database, self.log)
        os.symlink(self.log, self.path("latest.find"))
        os.symlink("latest.find", self.path("newest.find"))
        for name in ("latest.find", "newest.find"):
            result = self.run_import("-q", "--db", self.database, self.path(name))
            self.assertEqual(result.returncode, 1)
            self.assert_one_line(result.stderr, name, "already imported", "--replace")

    def test_rejects_are_not_written_over_the_format(self):
        conf = self.write("p.conf", b"[format]\nhead = find\norder = any\n"
                                    b"fields = s=%size u=%uid type=%type\n")
        self.refused(2, "-q", "--db", self.database, "--format", conf, "--rejects", conf, self.log,
                     names=["p.conf", "is the format file"])
        self.assertIn(b"[format]", self.read(conf))

    def test_the_log_with_the_errors_of_a_scan(self):
        bad = self.write("bad.find", b"[E] boom\n" + log_of(GOOD))
        self.refused(3, "-q", "--db", self.database, "-f", "x", "--max-scan-errors", "0", self.log,
                     bad, names=["bad.find", "1 error of its own"])

    def test_nowhere_to_print(self):
        for option in ("--help", "--version", "--print-policy"):
            with self.subTest(option), open("/dev/full", "wb") as full:
                result = subprocess.run(self.import_command(option), stdout=full, check=False,
                                        stderr=subprocess.PIPE, encoding="utf-8")
                self.assertEqual(result.returncode, 1)
                self.assert_one_line(result.stderr, "standard output", "No space left")

    def test_binary_garbage(self):
        garbage = self.write("garbage.bin", bytes(range(256)) * 1000)
        self.refused(1, "-q", "--db", self.database, garbage, names=["garbage.bin"])

    def test_odd_name(self):
        """A name with a newline or a byte that is not UTF-8 still makes one line."""
        missing = os.fsencode(self.folder) + b"/odd\n\xff\x1b[31m.log"
        result = self.run_import("-q", "--db", self.database, os.fsdecode(missing))
        self.assertEqual(result.returncode, 1)
        self.assert_one_line(result.stderr)
        self.assertNotIn("\x1b", result.stderr)


class Outputs(CommandLine):
    def test_folder_cannot_be_made(self):
        """A file stands where a folder should be."""
        target = os.path.join(self.log, "folder", "x.db")
        result = self.run_import("-q", "--db", target, self.log)
        self.assertEqual(result.returncode, 1, result.stderr)
        self.assert_one_line(result.stderr, os.path.basename(self.log))

    def test_database_is_a_folder(self):
        result = self.run_import("-q", "--db", self.make_folder("folder.db"), self.log)
        self.assertEqual(result.returncode, 1)
        self.assert_one_line(result.stderr, "folder.db")

    def test_rejects_file_cannot_be_made(self):
        self.refused(1, "-q", "--db", self.database, "--rejects", self.path("no", "rejects"),
                     self.log, names=["rejects"])

    def test_disk_is_full(self):
        """Standing in for a full disk: no file may grow past a limit."""
        log = self.generated_log("20260111_site_full.log", "find", 5000, seed=51)

        def limited():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (65536, 65536))

        site = self.make_folder("full")
        result = subprocess.run(
            self.import_command("-q", "--db", os.path.join(site, "x.db"), log),
            env=e2e_support.clean_environment(self.folder), preexec_fn=limited,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8",
            timeout=e2e_support.HANGS_AFTER, check=False)
        self.assertEqual(result.returncode, 1, result.stderr)
        self.assert_one_line(result.stderr, "x.db")
        self.assert_only(site)

    def test_standard_output_cannot_be_written(self):
        with open("/dev/full", "wb") as full:
            result = subprocess.run(
                self.import_command("--json", "-q", "--db", self.database, self.log),
                env=e2e_support.clean_environment(self.folder), stdout=full,
                stderr=subprocess.PIPE, encoding="utf-8", timeout=e2e_support.HANGS_AFTER,
                check=False)
        self.assertEqual(result.returncode, 1, result.stderr)
        self.assert_one_line(result.stderr)


class Summary(CommandLine):
    def test_five_counts(self):
        log = self.write("fs.find", b"# one\n\n" + log_of(GOOD, GOOD, GOOD, BAD) +
                         b"131 s=4096 b=8 u=0 g=0 type=d -- /fs/d\n")
        result = self.import_ok("--max-rejects", "1", "--db", self.database, log)
        for name, value in zip(COUNTS, (7, 2, 3, 1, 1)):
            self.assertRegex(result.stdout, rf"(?m)\b{name}\b\D*\b{value}\b")

    def test_json(self):
        log = self.write("fs.find", b"# one\n\n" + log_of(GOOD, GOOD, GOOD, BAD) +
                         b"131 s=4096 b=8 u=0 g=0 type=d -- /fs/d\n")
        result = self.import_ok("--json", "--max-rejects", "1", "--db", self.database, log)
        summary = json.loads(result.stdout)
        self.assertEqual(result.stdout.count("\n"), result.stdout.rstrip("\n").count("\n") + 1)
        self.assertEqual([summary[name] for name in COUNTS], [7, 2, 3, 1, 1])
        self.assertEqual(summary["total_size"], 30)
        self.assertEqual(summary["total_alloc"], 3 * 8 * 512)
        numbers = dict(numbers_of(summary))
        self.assertIn(os.path.getsize(log), numbers.values())       # the bytes read
        for word in ("second", "memory"):
            found = [value for name, value in numbers.items() if word in name]
            self.assertTrue(found, f"nothing on {word} in {result.stdout}")
            self.assertTrue(all(value >= 0 for value in found))

    def test_json_with_an_odd_name(self):
        """A name that needs escaping, and one that is not UTF-8, still give JSON."""
        for name in (b'quote"back\\slash\ttab.find', b"latin\xe9.find"):
            with self.subTest(name):
                log = os.path.join(os.fsencode(self.folder), name)
                with open(log, "wb") as file:
                    file.write(log_of(GOOD))
                result = self.import_ok("--json", "-q", "-f", "fs", "--replace",
                                        "--db", self.database, os.fsdecode(log))
                self.assertEqual(json.loads(result.stdout)["files"], 1)

    def test_quiet(self):
        result = self.import_ok("--quiet", "--db", self.database, self.log)
        self.assertEqual(result.stderr, "")

    def test_quiet_with_rejects_within_the_limit(self):
        log = self.write("fs.find", log_of(GOOD, GOOD, BAD))
        result = self.import_ok("-q", "--max-rejects", "1", "--db", self.database, log)
        self.assertEqual(result.stderr, "")

    def test_progress_is_plain_lines_where_there_is_no_terminal(self):
        log = self.generated_log("20260111_site_progress.log", "find", 5000, seed=52)
        result = self.import_ok("-p", "1000", "--db", self.database, log)
        self.assertNotIn("\r", result.stderr)
        self.assertNotIn("\x1b", result.stderr)
        for line in result.stderr.splitlines():
            self.assertTrue(line.startswith(e2e_support.PREFIX), line)

    def test_print_policy(self):
        for name, word in (("gpfs", "RULE EXTERNAL LIST"), ("lustre", "lfs find DIR -printf"),
                           ("find", "\nfind DIR -printf")):
            for option in ([f"--print-policy={name}"], ["--print-policy", name]):
                result = self.run_import(*option)
                self.assertEqual((result.returncode, result.stderr), (0, ""))
                self.assertIn(word, result.stdout)
        result = self.run_import("--print-policy=zfs")
        self.assertEqual(result.returncode, 2)
        self.assert_one_line(result.stderr, "--print-policy zfs", "gpfs, lustre, find")

    def test_a_limit_on_files_is_named(self):
        log = self.generated_log("20260111_site_limit.log", "find", 5000, seed=53)
        def limit():
            resource.setrlimit(resource.RLIMIT_FSIZE, (100000, 100000))
        result = subprocess.run([e2e_support.program("FSTALLY_IMPORT"), "-q", "--db",
                                 self.database, log],
                                capture_output=True, text=True, preexec_fn=limit)
        self.assertEqual(result.returncode, 1)
        self.assert_one_line(result.stderr, "ulimit -f")
        self.assertFalse(os.path.exists(self.database))


def numbers_of(value, name=""):
    """(dotted name, number) for every number in a JSON value."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from numbers_of(inner, f"{name}.{key}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from numbers_of(inner, f"{name}.{index}")
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield name, value


class Rejects(CommandLine):
    def fate(self, good, bad, *options):
        """The exit status for so many good and bad lines, the bad ones last."""
        log = self.write("fs.find", log_of(*[GOOD] * good, *[BAD] * bad))
        if os.path.exists(self.database):
            os.remove(self.database)
        result = self.run_import("-q", "--db", self.database, *options, log)
        self.assertEqual(os.path.exists(self.database), result.returncode == 0)
        if result.returncode == 3:
            self.assertTrue(result.stderr.splitlines()[-1].startswith(e2e_support.PREFIX))
            self.assertIn("--max-rejects", result.stderr.splitlines()[-1])
        return result.returncode

    def test_one_percent_unless_told(self):
        self.assertEqual(self.fate(99, 1), 0)
        self.assertEqual(self.fate(98, 2), 3)
        self.assertEqual(self.fate(198, 2), 0)
        self.assertEqual(self.fate(197, 3), 3)

    def test_number(self):
        self.assertEqual(self.fate(5, 0, "--max-rejects", "0"), 0)
        self.assertEqual(self.fate(5, 1, "--max-rejects", "0"), 3)
        self.assertEqual(self.fate(5, 3, "--max-rejects", "3"), 0)
        self.assertEqual(self.fate(5, 4, "--max-rejects", "3"), 3)
        self.assertEqual(self.fate(500, 4, "--max-rejects", "3"), 3)

    def test_percentage(self):
        self.assertEqual(self.fate(5, 5, "--max-rejects", "50%"), 0)
        self.assertEqual(self.fate(5, 6, "--max-rejects", "50%"), 3)
        self.assertEqual(self.fate(5, 0, "--max-rejects", "0%"), 0)
        self.assertEqual(self.fate(5, 1, "--max-rejects", "0%"), 3)
        self.assertEqual(self.fate(1, 500, "--max-rejects", "100%"), 0)

    def test_percentage_with_a_fraction(self):
        self.assertEqual(self.fate(995, 5, "--max-rejects", "0.5%"), 0)
        self.assertEqual(self.fate(994, 6, "--max-rejects", "0.5%"), 3)

    def test_rejects_are_summed_over_all_inputs(self):
        logs = [self.write(f"part{number}.find", log_of(*[GOOD] * 5, BAD)) for number in range(3)]
        for most, status in ((3, 0), (2, 3)):
            result = self.run_import("-q", "--db", self.database, "-f", "fs", "--max-rejects",
                                     most, *logs)
            self.assertEqual(result.returncode, status, result.stderr)
            if status == 0:
                os.remove(self.database)

    def test_rejects_file(self):
        """Every reject of every input, in order, with the bytes of the line, not of its end."""
        first = self.write("first.find", b"# header\n" + log_of(GOOD) +
                           b"tab\there\n" + log_of(GOOD) + b"return\r\n" + b"nul\0byte\n")
        second = self.write("second.find", b"latin\xe9\n" + log_of(GOOD) + b"no newline")
        rejects = self.path("rejects.tsv")
        self.import_ok("-q", "--db", self.database, "-f", "fs", "--max-rejects", "100%",
                       "--rejects", rejects, first, second)
        line = len(log_of(GOOD))
        expected = [
            (first, 3, 9 + line, b"tab\there"),
            (first, 5, 9 + line + 9 + line, b"return\r"),
            (first, 6, 9 + line + 9 + line + 8, b"nul\0byte"),
            (second, 1, 0, b"latin\xe9"),
            (second, 3, 7 + line, b"no newline"),
        ]
        self.assertEqual([(r.source, r.line, r.offset, r.text) for r in read_rejects(rejects)],
                         expected)

    def test_rejects_file_is_written_even_where_nothing_is_published(self):
        log = self.write("fs.find", log_of(GOOD, BAD, BAD))
        rejects = self.path("rejects.tsv")
        result = self.run_import("-q", "--db", self.database, "--rejects", rejects, log)
        self.assertEqual(result.returncode, 3, result.stderr)
        self.assertEqual([r.line for r in read_rejects(rejects)], [2, 3])

    def test_rejects_file_without_rejects(self):
        rejects = self.path("rejects.tsv")
        self.import_ok("-q", "--db", self.database, "--rejects", rejects, self.log)
        self.assertEqual(self.read(rejects), b"")

    def test_first_ten_are_told(self):
        """With the log's name, line and reason; the rest only by their number."""
        log = self.write("fs.find", log_of(*[GOOD] * 20, *[BAD] * 25))
        result = self.run_import("--db", self.database, log)
        self.assertEqual(result.returncode, 3)
        told = [int(found) for found in re.findall(r"fs\.find:? ?(?:line )?(\d+)", result.stderr)]
        self.assertEqual(told[:10], list(range(21, 31)))
        self.assertNotRegex(result.stderr, r"\b3[1-9]\b")
        for line in result.stderr.splitlines():
            self.assertTrue(line.startswith(e2e_support.PREFIX), line)

    def test_rejected_bytes_do_not_reach_the_terminal(self):
        log = self.write("fs.find", log_of(GOOD) + b"\x1b[31m\x07\n")
        result = self.run_import("--max-rejects", "100%", "--db", self.database, log)
        self.assertNotIn("\x1b", result.stderr)

    def test_both_records_are_told(self):
        first = b"131 s=10 b=8 u=1000 g=100 type=f a=1769700762 -- /fs/d/name"
        glued = first + log_of(GOOD)
        log = self.write("fs.find", log_of(GOOD) + glued)
        rejects = self.path("rejects.tsv")
        self.import_ok("-q", "--max-rejects", "1", "--db", self.database, "--rejects", rejects,
                       log)
        (reject,) = read_rejects(rejects)
        self.assertEqual(reject.reason, "two records")
        self.assertEqual(reject.text, glued[:-1])
        reason = self.read(rejects).split(b"\t")[3]
        self.assertRegex(reason, rb"\b%d\b" % len(first))     # where the second begins


class DefaultDatabase(CommandLine):
    def test_data_dir_option(self):
        self.import_ok("--data-dir", self.path("data"), self.log,
                       FSTALLY_DATA_DIR=self.path("unused"))
        self.assert_only(self.path("data"), "gdex.db")
        self.assertFalse(os.path.exists(self.path("unused")))

    def test_own_variable(self):
        self.import_ok(self.log, FSTALLY_DATA_DIR=self.path("own"), XDG_DATA_HOME=self.path("xdg"))
        self.assert_only(self.path("own"), "gdex.db")
        self.assertFalse(os.path.exists(self.path("xdg")))

    def test_xdg_data_home(self):
        self.import_ok(self.log, XDG_DATA_HOME=self.path("xdg"))
        self.assert_only(self.path("xdg", "fstally"), "gdex.db")

    def test_home(self):
        self.import_ok(self.log)
        self.assert_only(self.path(".local", "share", "fstally"), "gdex.db")

    def test_empty_variables_are_unset(self):
        self.import_ok(self.log, FSTALLY_DATA_DIR="", XDG_DATA_HOME="")
        self.assert_only(self.path(".local", "share", "fstally"), "gdex.db")

    def test_filesystem_option(self):
        self.import_ok("-f", "mine", "--data-dir", self.path("data"), self.log)
        self.assert_only(self.path("data"), "mine.db")

    def test_filesystem_that_is_a_path(self):
        """It would name a file in another folder."""
        for name in ("a/b", "../b", "/b", "..", "."):
            with self.subTest(name):
                self.refused(2, "-f", name, "--data-dir", self.make_folder("data"), self.log,
                             names=[name])
                self.assert_only(self.path("data"))

    def test_filesystem_from_the_name(self):
        for name, filesystem in (("20260111_csfs1_asp.list.list_all.log", "asp"),
                                 ("20260204_desc1_gdex.lfs-scan", "gdex"),
                                 ("20260204_whole.lfs-scan", "whole"),
                                 ("usr.find", "usr"),
                                 ("plain", "plain")):
            with self.subTest(name):
                log = self.write(name, log_of(GOOD))
                data = self.path("data-" + filesystem + name)
                self.import_ok("--data-dir", data, log)
                self.assert_only(data, filesystem + ".db")
                self.assert_matches(os.path.join(data, filesystem + ".db"), [log])


class ScanDate(CommandLine):
    def imported(self, log, *options):
        self.import_ok("--replace", "--db", self.database, *options, log)
        self.assert_matches(self.database, [log],
                            scan_date=options[1] if options else None)

    def test_option_before_name_before_time(self):
        self.imported(self.log, "--scan-date", "2030-12-31")
        self.imported(self.log)                              # 2026-02-04 by its name
        plain = self.write("plain.find", log_of(GOOD))
        os.utime(plain, (1754006399, 1754006399))            # 2025-07-31 23:59:59
        self.imported(plain)
        os.utime(plain, (1754006400, 1754006400))            # a second later
        self.imported(plain)

    def test_the_day_of_the_time_is_in_utc(self):
        plain = self.write("plain.find", log_of(GOOD))
        os.utime(plain, (1754006399, 1754006399))
        for zone in ("UTC", "Pacific/Kiritimati", "America/Denver", "XYZ+12"):
            with self.subTest(zone):
                self.import_ok("--replace", "--db", self.database, plain, TZ=zone)
                self.assert_matches(self.database, [plain])


if __name__ == "__main__":
    e2e_support.main()
