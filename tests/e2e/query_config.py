#!/usr/bin/env python3
"""The file of defaults: both programs read it, the command line wins, faults are reported with their
line, and paths of another mount point are found."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "support"))

import query_support
import e2e_support

LOG = (b"1 s=10 b=1 u=0 g=0 type=f a=0 -- /gpfs/fs/a/f\n"
       b"2 s=20 b=1 u=7 g=0 type=f a=0 -- /gpfs/fs/b/f\n"
       b"3 s=30 b=1 u=8 g=0 type=f a=0 -- /gpfs/fs/b/c/g\n")
EXAMPLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../configs/fstally.conf")


class Config(query_support.QueryCase):
    def setUp(self):
        super().setUp()
        self.make_database("fs", LOG)

    def configure(self, text):
        return self.write("x.conf", text.encode())

    def paths(self, *arguments):
        return [row[b"path"].decode() for row in self.rows("--config", self.path("x.conf"),
                                                           "--sort-by", "path", *arguments)[1]]

    def test_defaults_and_the_command_line(self):
        self.configure("[query]\nlimit = 1\nmin-depth = 3\n")
        self.assertEqual(self.paths(), ["/gpfs/fs/a"])
        self.assertEqual(self.paths("-n", 2), ["/gpfs/fs/a", "/gpfs/fs/b"])
        self.assertEqual(self.paths("-n", 0, "-d", 4), ["/gpfs/fs/b/c"])
        self.configure("[query]\nexclude = /gpfs/fs/a\n")
        self.assertEqual(self.paths("-E", "/gpfs/fs/b"), ["/gpfs", "/gpfs/fs"])

    def test_a_default_owner_gives_way(self):
        self.configure("[query]\nmine = yes\nsingle-owner = yes\n")
        self.assertEqual(self.paths("-u", 8), ["/gpfs/fs/b/c"])
        self.configure("[query]\nowner-id = 8\nsingle-owner = yes\n")
        self.assertEqual(self.paths(), ["/gpfs/fs/b/c"])
        self.assertEqual(self.paths("-u", 0), ["/gpfs/fs/a"])
        self.assertNotIn("/gpfs/fs/b/c", self.paths("--mine"))

    def test_defaults_do_not_forbid_a_summary(self):
        self.configure("[query]\nlimit = 1\n")
        self.assertEqual(len(self.rows("--config", self.path("x.conf"), "--summary")[1]), 1)

    def test_contradictions_name_the_file(self):
        conf = self.configure("[query]\nmin-size = 1K\nmax-size = 1\n")
        self.assertEqual(
            self.refused(2, "--config", conf),
            "--min-size: more than --max-size; no directory can match (with the defaults of "
            f"{conf}; --config /dev/null does without)")

    def test_the_command_line_wins(self):
        """A default that does not go with it is left out; the others are used."""
        for default, arguments in (
                ("min-size = 1T", ["--max-size", 1]), ("histogram = size", ["--group-by", "owner"]),
                ("group-by = owner", ["--histogram", "size"]), ("sort-by = path", ["--group-by", "owner"]),
                ("format = ncdu", ["-u", 0]), ("format = ncdu", ["--group-by", "owner"]),
                ("sort-by = cold_size", ["-n", 2]), ("diff = none.db", ["--summary"]),
                ("report = page.html", ["-u", 0]), ("cold = 1y", ["-u", 0, "--sort-by", "owner_size"])):
            with self.subTest(default, arguments=arguments):
                conf = self.configure(f"[query]\n{default}\nreverse = yes\n")
                reverse = [] if {"--histogram", "--summary"} & set(arguments) else ["--reverse"]
                self.assertEqual(self.query("--config", conf, *arguments),
                                 self.query("--config", "/dev/null", *arguments, *reverse))
        self.assertFalse(os.path.exists("page.html"))
        conf = self.configure("[query]\nformat = json\n")
        self.query("--config", conf, "-o", self.path("o.csv"))
        self.assertTrue(self.read(self.path("o.csv")).startswith(b"filesystem,path,"))
        self.query("--config", conf, "-o", self.path("o.txt"))
        self.assertTrue(self.read(self.path("o.txt")).startswith(b"["))
        self.query("--config", conf, "--format", "tsv", "-o", self.path("o.csv"))
        self.assertTrue(self.read(self.path("o.csv")).startswith(b"filesystem\tpath\t"))
        self.assertIn("with --group-by", self.refused(2, "--config", conf, "--group-by", "owner",
                                                      "--leaves-only", "--hot-spots"))

    def test_a_mount_above_all_that_is_stored(self):
        self.make_database("above", b"1 s=1 b=0 u=0 g=0 type=f -- /data/x/a/f\n", "--root", "/data/x")
        conf = self.configure("[mounts]\n/mnt = /data\n")
        for option in ("-P", "-E"):
            self.assertEqual(self.run_query("--config", conf, option, "/mnt", "above").stdout,
                             self.run_query(option, "/data", "above").stdout)

    def test_an_optional_value(self):
        for value in ("50", "50%", "1"):
            conf = self.configure(f"[query]\nhot-spots = {value}\n")
            self.assertEqual(self.query("--config", conf), self.query("--hot-spots", value))
        conf = self.configure("[query]\nhot-spots = yes\n")
        self.assertEqual(self.query("--config", conf), self.query("--hot-spots"))
        conf = self.configure("[query]\nhot-spots = often\n")
        self.assertIn("'often' is not a percentage", self.refused(2, "--config", conf))

    def test_faults_have_a_line(self):
        conf = self.configure("[query]\n# how many\nlimit = many\n")
        self.assertEqual(self.refused(2, "--config", conf),
                         f"{conf}:3: --limit: 'many' is not a number; give one like 1000, 10K or "
                         "1.5M")
        conf = self.configure("[query]\nlimits = 3\n")
        self.assertEqual(self.refused(2, environment=self.query_environment(FSTALLY_CONFIG=conf)),
                         f"{conf}:2: 'limits' is not an option that fstally-query takes a default "
                         "for; see its --help")
        self.assertEqual(self.refused(2, "--config", "none.conf"),
                         "none.conf: cannot read the configuration: No such file or directory")
        self.assertIn(b"Usage: ", self.query("--config", "none.conf", "--help"))

    def test_where_it_is_found(self):
        os.makedirs(self.path(".config", "fstally"))
        os.rename(self.configure("[query]\nlimit = 1\n"),
                  self.path(".config", "fstally", "fstally.conf"))
        environment = self.query_environment(FSTALLY_CONFIG="")
        data = self.query("--format", "tsv", environment=environment)
        self.assertEqual(data.count(b"\n"), 2)
        data = self.query("--format", "tsv", "--config", "/dev/null", environment=environment)
        self.assertEqual(data.count(b"\n"), 6)

    def test_the_data_directory_of_both_programs(self):
        data = self.make_folder("elsewhere")
        conf = self.configure(f"[import]\ndata-dir = {data}\nquiet = yes\nthreads = 2\n"
                              f"[query]\ndata-dir = {data}\nlimit = 2\n")
        log = self.write("two.find", LOG)
        result = self.run_import("--config", conf, log)
        self.assertEqual((result.returncode, result.stdout, result.stderr), (0, "", ""))
        self.assert_only(data, "two.db")
        self.assertEqual(len(self.rows("--config", conf, "two")[1]), 2)
        self.assertEqual(len(self.rows("--data-dir", data, "two")[1]), 5)
        result = self.run_import("--config", self.configure("[import]\nthreads = x\n"), log)
        self.assertEqual(result.returncode, 2)
        self.assert_one_line(result.stderr, "x.conf:2: --threads: 'x'")

    def test_paths_of_another_mount(self):
        self.configure("[mounts]\n/glade/campaign = /gpfs/fs\n/glade = /no\n/gpfs = /no\n")
        self.assertEqual(self.paths("-P", "/glade/campaign/b/"), ["/gpfs/fs/b", "/gpfs/fs/b/c"])
        self.assertEqual(self.paths("-P", "/glade/campaign", "--max-depth", 2), ["/gpfs/fs"])
        self.assertEqual(self.paths("-P", "/gpfs/fs/a"), ["/gpfs/fs/a"])    # as given
        self.assertEqual(self.paths("-E", "/glade/campaign/b"), ["/gpfs", "/gpfs/fs", "/gpfs/fs/a"])
        conf = self.path("x.conf")
        for path in ("/glade/campaigns", "/glade/b", "/campaign"):
            self.assertIn(f"no directory {path};",
                          self.refused(1, "--config", conf, "-P", path, "fs"))
        self.assertIn("no directory /glade/campaign/b;",
                      self.refused(1, "-P", "/glade/campaign/b", "fs"))

    def test_a_mount_of_everything(self):
        """What is mounted there is all that the database holds: to exclude it leaves nothing."""
        conf = self.configure("[mounts]\n/mnt/x = /\n")
        self.assertEqual(self.paths("-E", "/mnt/x"), [])
        for group in ("owner", "group"):
            self.assertEqual(self.rows("--config", conf, "-E", "/mnt/x", "--group-by", group)[1], [])
            self.assertNotEqual(self.rows("--config", conf, "-P", "/mnt/x", "--group-by", group)[1],
                                [])

    def test_the_example(self):
        """It changes nothing as it stands, and each line of it may be used."""
        plain = self.query("--config", "/dev/null", "--format", "tsv")
        self.assertEqual(self.query("--config", EXAMPLE, "--format", "tsv"), plain)
        with open(EXAMPLE, encoding="utf-8") as file:
            text = file.read()
        used = "".join(line[1:] if line[:1] == "#" and line[1] not in " #\n" else line
                       for line in text.splitlines(keepends=True))
        self.assertNotEqual(used, text)
        conf = self.configure(used.replace("/var/lib/fstally", self.path("data")))
        self.assertEqual(len(self.rows("--config", conf, "-P", "/gpfs/fs")[1]), 4)
        result = self.run_import("--config", conf, "-v", self.write("new.find", LOG))
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn(f"{self.path('data')}/new.db: written afresh", result.stderr)


if __name__ == "__main__":
    query_support.main()
