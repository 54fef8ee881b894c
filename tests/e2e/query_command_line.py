#!/usr/bin/env python3
"""The command line of fstally-query: what each wrong one says and how it ends, where databases are
found, where the answer goes, and answers that can be worked out by hand."""

import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "support"))

import query_support
import e2e_support

SORT_KEYS = ("size_r, size_nr, alloc_r, alloc_nr, files_r, files_nr, dirs_r, dirs_nr, atime_r, mtime_r, "
             "avg_size, path, depth, owner_size, cold_size")
NO_SIZE = "is not a size; give one like 4096, 10K, 500M or 1.5GiB"
NO_NUMBER = "is not a number; give one like 1000, 10K or 1.5M"
NO_TIME = "is not a time; give one like 2024-02-29, 3yrs, 6mo or 90d"
NO_MATCH = "no directory can match"
NO_AGE = ("not an age that parts the access buckets; give one of 30d, 90d, 180d, 1y, 2y, 3y, 4y, 6y, "
          "7y")
OWNER_SIZE = ("--sort-by: owner_size is of listings with --owner-id or --mine, and not with "
              "--single-owner or --cold; use size_r")

WRONG_USAGE = [
    (["--no-such"], "--no-such: unknown option; see --help"),
    (["--max"], "--max: ambiguous option; it may be one of --max-depth, --max-size, --max-alloc, "
                "--max-avg-size, --max-files"),
    (["--ownr", 0], "--ownr: unknown option; did you mean --owner-id?"),
    (["--gruop-by=owner"], "--gruop-by: unknown option; did you mean --group-by?"),
    (["--histgram"], "--histgram: unknown option; did you mean --histogram?"),
    (["-x"], "-x: unknown option; see --help"),
    (["-n"], "-n: needs a value; see --help"),
    (["--limit"], "--limit: needs a value; see --help"),
    (["--summary=yes"], "--summary=yes: takes no value; see --help"),
    ([""], "'': not a file system's name; give one, a DATABASE.db or `all`"),
    ([".hidden"], "'.hidden': not a file system's name; it may not be empty, begin with a dot or "
                  "hold a slash"),
    (["-d", "x"], f"--min-depth: 'x' {NO_NUMBER}"),
    (["--max-depth", "-1"], f"--max-depth: '-1' {NO_NUMBER}"),
    (["-n", "1.5"], f"--limit: '1.5' {NO_NUMBER}"),
    (["-n", "99999999999999999999"], "--limit: '99999999999999999999' is too large; the most is "
                                     "9223372036854775807"),
    (["--min-size", "5X"], f"--min-size: '5X' {NO_SIZE}"),
    (["--max-size", ""], f"--max-size: '' {NO_SIZE}"),
    (["--min-files", "10KiB"], f"--min-files: '10KiB' {NO_NUMBER}"),
    (["--accessed-before", "6m"], f"--accessed-before: '6m' {NO_TIME}"),
    (["--accessed-after", "2023-02-29"], "--accessed-after: there is no day '2023-02-29'; give one "
                                         "as YYYY-MM-DD"),
    (["--sort-by", "bytes"], f"--sort-by: 'bytes' is not a sort key; give one of {SORT_KEYS}"),
    (["--group-by", "user"], "--group-by: 'user' is unknown; give owner, group or owner,group"),
    (["--format", "xml"], "--format: 'xml' is unknown; give table, tsv, csv, json, ndjson or ncdu"),
    (["-o", ""], "--output: an empty name; give a file's"),
    (["-P", "a/b"], "--path-prefix: 'a/b' is not an absolute path; give it from / on"),
    (["-E", ""], "--exclude: '' is not an absolute path; give it from / on"),
    (["-N", ""], "--name-pattern: an empty pattern matches no name; give one like 'run_*'"),
    (["-N", "a/b"], "--name-pattern: 'a/b' holds a slash, so it matches no name; a pattern is for "
                    "the last component of a path, use --path-prefix for what comes before it"),
    (["-N", "a[b"], "--name-pattern: 'a[b' begins a set that no ']' ends (a '[' itself is [[]); "
                    f"{NO_MATCH}"),
    (["-N", "[^]x"], "--name-pattern: '[^]x' begins a set that no ']' ends (a '[' itself is [[]); "
                     f"{NO_MATCH}"),
    (["-d", 3, "--max-depth", 2], f"--min-depth: more than --max-depth; {NO_MATCH}"),
    (["--min-size", "2Ki", "--max-size", "2047"], f"--min-size: more than --max-size; {NO_MATCH}"),
    (["--min-files", 2, "--max-files", 1], f"--min-files: more than --max-files; {NO_MATCH}"),
    (["--accessed-after", "2025-01-02", "--accessed-before", "2025-01-02"],
     f"--accessed-after: not before --accessed-before; {NO_MATCH}"),
    (["--accessed-after", "1yr", "--accessed-before", "2yrs"],
     f"--accessed-after: not before --accessed-before; {NO_MATCH}"),
    (["-P", "/a/b", "--max-depth", 1], f"--max-depth: /a/b is at depth 2 already; {NO_MATCH}"),
    (["-P", "/a/b", "-E", "/a/"], f"--exclude: /a holds all that is asked for; {NO_MATCH}"),
    (["--group-by", "owner", "--hot-spots"], "--hot-spots: not with --group-by, which is about files, not directories"),
    (["--hot-spots=0"], "--hot-spots: '0' is not a percentage; give one from 1 to 100"),
    (["--hot-spots=101%"], "--hot-spots: '101%' is not a percentage; give one from 1 to 100"),
    (["--cold", "5y"], f"--cold: '5y' is {NO_AGE}"),
    (["--cold", "365"], f"--cold: '365' is {NO_AGE}"),
    (["--sort-by", "cold_size"], "--sort-by: cold_size is of answers with --cold; use size_r"),
    (["--cold", "1y", "-u", 0, "--sort-by", "owner_size"], OWNER_SIZE),
    (["--min-alloc", "2Ki", "--max-alloc", "2047"], f"--min-alloc: more than --max-alloc; {NO_MATCH}"),
    (["--min-avg-size", 2, "--max-avg-size", 1], f"--min-avg-size: more than --max-avg-size; {NO_MATCH}"),
    (["--histogram", "both", "--sort-by", "path"], "--sort-by: not with --histogram, which has a row for each bucket"),
    (["--histogram", "both", "-n", 1], "--limit: not with --histogram, which has a row for each bucket"),
    (["--format", "ncdu", "--summary"], "--format ncdu: not with --summary, which shows the whole database"),
    (["-o", "x.html", "--group-by", "owner"], "--group-by: not with --report, whose map shows a directory only with all above it; --path-prefix chooses a part"),
    (["--report", "x", "-P", "/a", "-P", "/b"], "--path-prefix: only once with --report, which shows one tree"),
    (["--top", 1], "--top: only with --histogram"),
    (["--all"], "--all: only with --diff"),
    (["--group-by", "owner", "--sort-by", "path"],
     "--sort-by: owners' totals have no path; use size_r, alloc_r, files_r, dirs_r, atime_r or avg_size"),
    (["--sort-by", "owner_size"], OWNER_SIZE),
    (["--sort-by", "owner_size", "-u", 0, "-s"], OWNER_SIZE),
    (["--summary", "-P", "/a"], "--path-prefix: not with --summary, which shows the whole database"),
    (["--mine", "--summary"], "--mine: not with --summary, which shows the whole database"),
]

LOG = (b"1 s=10 b=1 u=0 g=0 type=f a=0 -- /fs/a/f\n"
       b"2 s=20 b=1 u=0 g=0 type=f a=0 -- /fs/b/f\n"
       b"3 s=30 b=1 u=12345 g=0 type=f a=0 -- /fs/b/g\n")


class WrongUsage(query_support.QueryCase):
    def test_each_is_told_in_one_line(self):
        for arguments, text in WRONG_USAGE:
            with self.subTest(arguments=arguments):
                self.assertEqual(self.refused(2, *arguments), text)

    def test_a_file_that_is_no_database(self):
        for data in (b"x", b"SQLite format 3\0", b"y" * 511):
            name = self.write("small.db", data)
            self.assertEqual(self.refused(1, name), f"{name}: not a SQLite database; give one that "
                             "fstally-import wrote")

    def test_empty_names(self):
        for option, what in (("-u", "a user's name or number"), ("-g", "a group's name or number"),
                             ("--data-dir", "a directory")):
            self.assertIn(f"an empty name; give {what}", self.refused(2, option, "", "fs"))

    def test_numbers_that_are_no_owner(self):
        self.make_database("fs", LOG)
        for option, number in (("-u", "4294967295"), ("-g", "99999999999999999999")):
            name = {"-u": "--owner-id", "-g": "--group-id"}[option]
            self.assertEqual(self.refused(2, option, number, "fs"),
                             f"{name}: {number} is not an owner; the largest is 4294967294")


class HelpAndVersion(query_support.QueryCase):
    def test_help_names_every_option(self):
        text = self.query("--help").decode()
        self.assertEqual(text, self.query("-h").decode())
        for option in """-d --min-depth --max-depth -s --single-owner -u --owner-id -g --group-id
                --mine --mygroup -P --path-prefix -E --exclude -N --name-pattern -i --ignore-case --min-size
                --max-size --min-alloc --max-alloc --min-avg-size --max-avg-size --min-files --max-files
                --accessed-before --accessed-after --atime-non-recursive --leaves-only --hot-spots
                --cold --group-by --sort-by --reverse -n --limit --summary --diff --all --format -o --output
                --histogram --top --report --data-dir --config
                -v --verbose -h --help -V --version""".split():
            self.assertRegex(text, rf"(?m)^ +(-[a-zA-Z], )?{option}[ ,]")
        self.assertLessEqual(max(map(len, text.splitlines())), 100)

    def test_version(self):
        self.assertRegex(self.query("--version"), rb"\Afstally-query [0-9]+(\.[0-9]+)+\n\Z")
        self.assertEqual(self.query("-V"), self.query("--version"))


class FindingDatabases(query_support.QueryCase):
    def paths(self, *arguments, **environment):
        data = self.query("--format", "tsv", "--sort-by", "path", *arguments,
                          environment=e2e_support.clean_environment(self.folder, **environment))
        return [row[b"path"] for row in query_support.read_tsv(data)[1]]

    def test_the_data_directory(self):
        made = self.make_database("fs", LOG)
        answer = [b"/fs", b"/fs/a", b"/fs/b"]
        data = self.path("data")
        self.assertEqual(self.paths(made), answer)
        self.assertEqual(self.paths("fs", FSTALLY_DATA_DIR=data, XDG_DATA_HOME="/no"), answer)
        os.makedirs(self.path("xdg"))
        shutil.copytree(data, self.path("xdg", "fstally"))
        self.assertEqual(self.paths("fs", XDG_DATA_HOME=self.path("xdg")), answer)
        shutil.copytree(data, self.path(".local", "share", "fstally"))
        self.assertEqual(self.paths("fs"), answer)
        self.assertEqual(self.paths("fs", XDG_DATA_HOME="xdg"), answer)    # relative: ignored
        self.assertEqual(self.paths(), answer)
        self.assertEqual(self.paths("all"), answer)

    def test_a_database_in_the_current_folder(self):
        shutil.copy(self.make_database("fs", LOG), self.path("copy.db"))
        self.assertEqual(self.paths("copy.db"), [b"/fs", b"/fs/a", b"/fs/b"])
        self.assertEqual(self.paths("./copy.db"), [b"/fs", b"/fs/a", b"/fs/b"])

    def test_what_is_missing(self):
        data = self.path("data")
        self.assertEqual(self.refused(1), f"{data}: no databases; make one with fstally-import")
        self.make_folder("data")
        self.assertEqual(self.refused(1, "all"), f"{data}: no databases; make one with fstally-import")
        self.assertEqual(self.refused(1, "fs"),
                         f"{data}/fs.db: no such database; make it with fstally-import")
        self.assertEqual(self.refused(1, "no.db"),
                         "no.db: no such database; make it with fstally-import")
        self.assertEqual(
            self.refused(1, environment=self.query_environment(HOME="", FSTALLY_DATA_DIR="")),
            "data directory: neither HOME nor XDG_DATA_HOME is set; set FSTALLY_DATA_DIR")

    def test_hidden_and_other_files_are_none(self):
        self.make_database("fs", LOG)
        self.write("data/.fs.db.build", b"x")
        self.write("data/.other.db", b"x")
        self.write("data/notes.txt", b"x")
        self.write("data/.db", b"x")
        self.assertEqual(len(self.rows("all", "-n", 0)[1]), 3)

    def test_nothing_is_written_beside_a_database(self):
        self.make_database("fs", LOG)
        self.query("fs")
        self.query("--group-by", "owner", "fs")
        self.assert_only(self.path("data"), "fs.db")


class UnknownNames(query_support.QueryCase):
    def setUp(self):
        super().setUp()
        self.first = self.make_database("fs", LOG)

    def test_paths(self):
        self.assertEqual(self.refused(1, "-P", "/fs/no//", "fs"),
                         f"{self.first}: no directory /fs/no; it is not in this database, the "
                         "nearest above it is /fs")
        self.make_database("other", LOG.replace(b"/fs", b"/other"))
        self.assertEqual(self.refused(1, "-P", "/no"),
                         "all databases: no directory /no; it is in none of them")
        _, rows = self.rows("-P", "/other")    # one of the two has it
        self.assertEqual([row[b"path"] for row in rows], [b"/other", b"/other/b", b"/other/a"])

    def test_excluded_paths(self):
        """The answer stands; one line says that nothing was left out."""
        self.make_database("other", LOG.replace(b"/fs", b"/other"))
        for question in ([], ["--group-by", "owner"]):
            whole = self.query(*question)
            result = self.run_query("-E", "/fs/no", *question)
            self.assertEqual((result.returncode, result.stdout), (0, whole))
            self.assertEqual(result.stderr.decode(),
                             "fstally-query: all databases: no directory /fs/no to exclude\n")
            result = self.run_query("-E", "/fs/a", "-E", "/other/b", *question)
            self.assertEqual((result.returncode, result.stderr), (0, b""))

    def test_a_path_above_the_scan_is_excluded(self):
        """As -P chooses what is below a path that is above all that is stored."""
        self.make_database("above", b"".join(
            b"1 s=1 b=0 u=0 g=0 type=f -- %s/f\n" % path for path in (
                b"/data/x/a", b"/data/x/b", b"/database")), "--root", "/data/x", "--max-rejects", "90%")
        self.make_database("beside", b"1 s=1 b=0 u=0 g=0 type=f -- /database/f\n")
        for path in ("/data", "/data/x"):
            _, rows = self.rows("-E", path, "above", "beside")
            self.assertEqual([row[b"path"] for row in rows], [b"/database"])

    def test_a_shell_s_sets(self):
        """The answer is GLOB's; one line says so."""
        result = self.run_query("fs", "-N", "[!b]", "--format", "tsv")
        self.assertEqual((result.returncode, len(result.stdout.splitlines())), (0, 2))
        self.assertEqual(result.stderr.decode(),
                         "fstally-query: --name-pattern: '[!b]': [! begins a set that holds a '!'; "
                         "for all that a set does not hold, write [^\n")

    def test_owners(self):
        self.assertEqual(self.refused(1, "-u", "no-such-user", "fs"),
                         f"{self.first}: no user no-such-user, and this host has none either; give the "
                         "number")
        self.assertEqual(self.refused(1, "-g", "no-such-group", "all"),
                         f"{self.first}: no group no-such-group, and this host has none either; give the "
                         "number")
        self.assertEqual([row[b"path"] for row in self.rows("-u", "root", "fs")[1]],
                         [b"/fs/b", b"/fs/a"])    # 20 and 10 bytes of root's
        self.assertEqual(len(self.rows("-g", "root", "fs")[1]), 3)
        self.assertEqual(self.rows("-u", 4294967294, "fs")[1], [])    # a number is never unknown

    def test_mine(self):
        uid = os.getuid()
        self.make_database("mine", b"1 s=1 b=1 u=%d g=0 type=f a=0 -- /m/mine/f\n"
                                   b"2 s=1 b=1 u=%d g=0 type=f a=0 -- /m/yours/f\n"
                           % (uid, uid + 1))
        self.assertEqual([row[b"path"] for row in self.rows("--mine", "mine")[1]], [b"/m/mine"])
        self.assertEqual([row[b"owner_uid"] for row in
                          self.rows("--mine", "--group-by", "owner", "mine")[1]], [uid])


class Output(query_support.QueryCase):
    def setUp(self):
        super().setUp()
        self.database = self.make_database("fs", LOG)

    def test_a_file_gets_tsv_unless_told_otherwise(self):
        out = self.path("out")
        self.assertEqual(self.query("-o", out, "fs"), b"")
        self.assertEqual(self.read(out), self.query("--format", "tsv", "fs"))
        self.assertEqual(self.query("-n", 1, "--format", "json", "--output", out, "fs"), b"")
        self.assertEqual(self.read(out), self.query("-n", 1, "--format", "json", "fs"))
        self.assertEqual(self.query("-o", "-", "fs"), self.query("--format", "tsv", "fs"))

    def test_a_failed_question_leaves_the_file_alone(self):
        out = self.write("out", b"old")
        self.refused(1, "-P", "/no", "-o", out, "fs")
        self.refused(1, "-o", out, "none")
        self.refused(2, "-n", "x", "-o", out, "fs")
        self.assertEqual(self.read(out), b"old")

    def test_the_database_is_never_the_output(self):
        before = self.read(self.database)
        os.symlink(self.database, self.path("link"))
        for name in (self.database, self.path("link")):
            self.assertEqual(self.refused(2, "-o", name, "fs"),
                             f"--output: {name} is the database itself; name another file")
        self.assertEqual(self.read(self.database), before)

    def test_what_cannot_be_written(self):
        missing = self.path("no", "out")
        self.assertEqual(self.refused(1, "-o", missing, "fs"),
                         f"{missing}: cannot open for writing: No such file or directory")
        for form in ("table", "tsv", "csv", "json", "ndjson"):
            self.assertEqual(self.refused(1, "-o", "/dev/full", "--format", form, "fs"),
                             "/dev/full: cannot write: No space left on device")
            with open("/dev/full", "wb") as full:
                result = self.run_query("--format", form, "fs", stdout=full)
            self.assertEqual((result.returncode, result.stderr),
                             (1, b"fstally-query: standard output: cannot write: No space left on "
                                 b"device\n"))
        with open("/dev/full", "wb") as full:
            self.assertEqual(self.run_query("--help", stdout=full).returncode, 1)

    def test_a_broken_pipe_is_quiet(self):
        log = b"".join(b"%d s=1 b=1 u=0 g=0 type=f a=0 -- /many/directory%06d/f\n" % (i, i)
                       for i in range(20000))
        self.make_database("many", log)
        for form in ("table", "tsv", "csv", "json", "ndjson"):
            with self.subTest(form), subprocess.Popen(
                    self.query_command("-n", 0, "--format", form, "many"),
                    env=self.query_environment(), stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE) as process:
                process.stdout.readline()
                process.stdout.close()
                self.assertEqual(process.stderr.read(), b"")
                self.assertEqual(process.wait(), 0)

    def test_verbose_tells_what_is_asked(self):
        result = self.run_query("-v", "-n", 2, "--format", "tsv", "fs")
        self.assertEqual(result.returncode, 0)
        self.assertEqual(result.stdout, self.query("-n", 2, "--format", "tsv", "fs"))
        self.assertEqual(result.stderr, b"fstally-query: asking %s\nfstally-query: 2 rows\n"
                         % os.fsencode(self.database))


class DamagedDatabase(query_support.QueryCase):
    def setUp(self):
        super().setUp()
        log = self.generated_log("big.log", "find", e2e_support.scaled(20000, 5000), seed=3)
        self.make_folder("good")    # of the same name, which is the file system's in the answers
        self.good = self.path("good", "bad.db")
        self.bad = self.path("bad.db")
        self.import_ok("--db", self.good, "-f", "x", log)
        self.questions = [["-n", 0], ["-n", 0, "--sort-by", "path"], ["--group-by", "owner"],
                          ["-N", "*a*", "-n", 0]]

    def test_a_cut_file(self):
        data = self.read(self.good)
        for length in (len(data) // 2, len(data) - 4096, len(data) - 1, 4096, 600):
            self.write("bad.db", data[:length])
            for question in self.questions:
                text = self.refused(1, *question, self.bad)
                self.assertTrue(text.startswith(f"{self.bad}: damaged database: "), text)

    def test_an_overwritten_part(self):
        """Never a short answer: each question answers in full, where it does not touch the part, or
        fails."""
        data = self.read(self.good)
        failed = 0
        for part in range(1, 8):
            begin = len(data) * part // 8 // 4096 * 4096
            self.write("bad.db", data[:begin] + b"\xa5" * 40960 + data[begin + 40960:])
            for question in self.questions:
                result = self.run_query(*question, "--format", "tsv", self.bad)
                if result.returncode == 0:
                    self.assertEqual(result.stdout,
                                     self.query(*question, "--format", "tsv", self.good))
                else:
                    self.assertEqual(result.returncode, 1)
                    self.assertRegex(result.stderr, rb"\Afstally-query: [^\n]*bad.db: damaged "
                                                    rb"database: [^\n]+\n\Z")
                    failed += 1
        self.assertGreater(failed, 0)


class Answers(query_support.QueryCase):
    def paths(self, *arguments):
        return [row[b"path"].decode() for row in self.rows(*arguments)[1]]

    def test_months_before_the_last_of_a_month(self):
        """The scan is of 2026-03-31; a month before that is 28 February, the month's last day."""
        self.make_database("fs", b"1 s=1 b=1 u=0 g=0 type=f a=1772236799 -- /t/feb27/f\n"    # 23:59:59
                                 b"2 s=1 b=1 u=0 g=0 type=f a=1772236800 -- /t/feb28/f\n"    # 00:00:00
                                 b"3 s=1 b=1 u=0 g=0 type=f a=1772323200 -- /t/mar01/f\n")   # 00:00:00
        leaves = ["--leaves-only", "--sort-by", "path", "fs"]
        self.assertEqual(self.paths("--accessed-before", "1mo", *leaves), ["/t/feb27"])
        self.assertEqual(self.paths("--accessed-after", "1mo", *leaves), ["/t/feb28", "/t/mar01"])
        self.assertEqual(self.paths("--accessed-before", "2026-03-01", *leaves),
                         ["/t/feb27", "/t/feb28"])
        self.assertEqual(self.paths("--accessed-after", "30d", *leaves), ["/t/mar01"])
        self.assertEqual(self.paths("--accessed-before", "30d", *leaves), ["/t/feb27", "/t/feb28"])

    def test_equals_are_in_path_order(self):
        """Preorder: what is below /t/a comes before /t/a-b, although '-' is less than '/'."""
        self.make_database("fs", b"".join(
            b"1 s=1 b=1 u=0 g=0 type=f a=0 -- %s/f\n" % path
            for path in (b"/t/a-b", b"/t/a/x", b"/t/a b", b"/t/B")))
        order = ["/t/B", "/t/a/x", "/t/a b", "/t/a-b"]
        for arguments in ([], ["--reverse"], ["--sort-by", "files_nr"], ["--sort-by", "path"]):
            self.assertEqual(self.paths("--leaves-only", *arguments, "fs"), order)
        self.assertEqual(self.paths("--leaves-only", "--sort-by", "path", "--reverse", "fs"),
                         order[::-1])

    def test_unknown_times_are_last(self):
        self.make_database("fs", b"1 s=1 b=1 u=0 g=0 type=f -- /t/none/f\n"
                                 b"2 s=1 b=1 u=0 g=0 type=f a=86400 -- /t/old/f\n"
                                 b"3 s=1 b=1 u=0 g=0 type=f a=172800 -- /t/new/f\n")
        order = ["--leaves-only", "--sort-by", "atime_r", "fs"]
        self.assertEqual(self.paths(*order), ["/t/new", "/t/old", "/t/none"])
        self.assertEqual(self.paths("--reverse", *order), ["/t/old", "/t/new", "/t/none"])

    def test_totals_are_exact_where_owners_mix(self):
        """u=1 has three files in two directories, once with two groups in one."""
        self.make_database("fs", b"1 s=1 b=1 u=1 g=8 type=f a=0 -- /t/mix/f\n"
                                 b"2 s=2 b=1 u=1 g=9 type=f a=86400 -- /t/mix/g\n"
                                 b"3 s=4 b=1 u=2 g=9 type=f -- /t/mix/h\n"
                                 b"4 s=8 b=1 u=1 g=8 type=f -- /t/one/f\n")

        def totals(*arguments):
            return [(list(row.values())[0], row[b"file_count"], row[b"total_size"],
                     row[b"total_alloc"], row[b"directory_count"], row[b"max_atime"])
                    for row in self.rows(*arguments, "fs")[1]]

        first, second = b"1970-01-01 00:00:00", b"1970-01-02 00:00:00"
        self.assertEqual(totals("--group-by", "owner"),
                         [(1, 3, 11, 1536, 2, second), (2, 1, 4, 512, 1, None)])
        self.assertEqual(totals("--group-by", "group"),
                         [(8, 2, 9, 1024, 2, first), (9, 2, 6, 1024, 1, second)])
        self.assertEqual(totals("--group-by", "group", "-u", 1),
                         [(8, 2, 9, 1024, 2, first), (9, 1, 2, 512, 1, second)])
        self.assertEqual(totals("--group-by", "owner", "-P", "/t/mix"),
                         [(2, 1, 4, 512, 1, None), (1, 2, 3, 1024, 1, second)])
        self.assertEqual(totals("--group-by", "owner", "-E", "/t/mix"), [(1, 1, 8, 512, 1, None)])
        self.assertEqual(totals("--group-by", "owner", "--max-depth", 1), [])
        self.assertEqual(totals("--group-by", "owner", "--sort-by", "atime_r", "--reverse", "-n", 1),
                         [(1, 3, 11, 1536, 2, second)])

    def test_what_an_owner_holds(self):
        """One owner has /t/own and what is below to himself, and shares /t/mix and /t/mix/deep; in /t and
        /t/mix/deep he holds nothing directly."""
        self.make_database("fs", b"1 s=1 b=1 u=770001 g=8 type=f a=0 -- /t/own/f\n"
                                 b"2 s=2 b=1 u=770001 g=8 type=f a=0 -- /t/own/deep/f\n"
                                 b"3 s=4 b=1 u=770001 g=8 type=f a=0 -- /t/mix/f\n"
                                 b"4 s=8 b=1 u=770001 g=9 type=f a=0 -- /t/mix/g\n"
                                 b"5 s=16 b=1 u=770002 g=9 type=f a=0 -- /t/mix/h\n"
                                 b"6 s=32 b=1 u=770002 g=9 type=f a=0 -- /t/mix/deep/f\n"
                                 b"7 s=64 b=1 u=770001 g=9 type=f a=0 -- /t/mix/deep/own/f\n")

        def held(*arguments):
            return [(row[b"path"].decode(), row[b"owner_total_size"], row[b"owner_file_count"])
                    for row in self.rows("-u", 770001, *arguments, "fs")[1]]

        rows = [("/t/mix/deep/own", 64, 1), ("/t/mix", 12, 2), ("/t/own", 3, 2),
                ("/t/own/deep", 2, 1)]
        self.assertEqual(held(), rows)
        self.assertEqual(held("--reverse"), rows[::-1])
        self.assertEqual(held("-n", 2), rows[:2])
        self.assertEqual(held("-P", "/t/mix", "--sort-by", "path"), [rows[1], rows[0]])
        self.assertEqual(held("--sort-by", "size_r"), [rows[1], rows[0], rows[2], rows[3]])
        self.assertEqual(held("-g", 8), [rows[2], rows[3]])    # all below of that group
        self.assertEqual(held("--leaves-only"), [rows[0], rows[3]])
        self.assertEqual(held("-N", "mix"), [rows[1]])
        # The topmost of his own and the shared ones make all that he has.
        _, (total,) = self.rows("-u", 770001, "--group-by", "owner", "fs")
        self.assertEqual(total[b"total_size"], sum(size for _, size, _ in rows[:3]))
        self.assertEqual(total[b"file_count"], sum(files for _, _, files in rows[:3]))
        columns, single = self.rows("-u", 770001, "-s", "--sort-by", "path", "fs")
        self.assertEqual([row[b"path"] for row in single],
                         [b"/t/mix/deep/own", b"/t/own", b"/t/own/deep"])
        self.assertNotIn(b"owner_total_size", columns)
        self.assertEqual(self.query("-u", 770001, "-n", 2, "fs"), b"""\
HELD   SIZE  ALLOCATED  FILES  DIRS    ACCESSED  OWNER    PATH
64 B   64 B      512 B      1     0  1970-01-01  770001   /t/mix/deep/own
12 B  124 B    2.5 KiB      5     2  1970-01-01  several  /t/mix
(the first 2; --limit 0 shows all)
""")

    def test_a_query_reads_the_old_database_while_a_new_one_comes(self):
        self.make_database("fs", LOG)
        before = self.query("--format", "tsv", "fs")
        self.make_database("fs", LOG.replace(b"s=10", b"s=11"))
        after = self.query("--format", "tsv", "fs")
        self.assertNotEqual(before, after)


if __name__ == "__main__":
    query_support.main()
