#!/usr/bin/env python3
"""Directories that do not fit into the memory granted are sorted in temporary files: the database is
the same, to the last row, and nothing else is left."""

import contextlib
import os
import signal
import sqlite3
import subprocess
import time

import e2e_support
from e2e_support import Case, compare_database, scaled

TIGHT = {"FSTALLY_DIRECTORY_BYTES": "1"}  # each chunk makes a run
DATE = ("--scan-date", "2026-01-11")


def find_list(*paths):
    return "".join(f"{i} s=1 b=1 u={i % 3} g=1 type=f a=1700000000 -- {path}\n"
                   for i, path in enumerate(paths)).encode()


class MemoryLimit(Case):
    def dump(self, name, *arguments, **environment):
        database = self.path(name)
        self.import_ok("-q", "-f", "same", "--db", database, "--max-rejects", "100%", *arguments,
                       **environment)
        return compare_database.dump(database, ())

    def assert_sorts(self, name, *arguments, **limit):
        """The import wants a temporary file, and fails where a folder has its name."""
        folder = self.make_folder(f".{name}.build-run")
        result = self.run_import("-q", "-f", "same", "--db", self.path(name), "--max-rejects",
                                 "100%", *arguments, **limit)
        os.rmdir(folder)
        self.assertEqual(result.returncode, 1)
        self.assertIn(".build-run: cannot make the temporary file: ", result.stderr)

    def assert_same(self, *arguments, chunk_size=None, before=(), sorts=True, **more):
        """With and without a limit; `before`: what the database holds before; `sorts`: the limit
        is too low for all to stay in memory."""
        knobs = {} if chunk_size is None else {"FSTALLY_CHUNK_SIZE": str(chunk_size)}
        for name in ("free.db", "tight.db"):
            with contextlib.suppress(FileNotFoundError):
                os.remove(self.path(name))
            if before:
                self.dump(name, *before)
        expected = self.dump("free.db", *arguments, **knobs)
        limit = {**knobs, **TIGHT, **more}
        if sorts:
            self.assert_sorts("tight.db", *arguments, **limit)
        found = self.dump("tight.db", *arguments, **limit)
        self.assertGreater(len(expected["directories"]), 1)
        for table, rows in expected.items():
            self.assertEqual(found[table], rows, table)
        self.assert_verified(self.path("tight.db"))
        self.assertEqual([name for name in os.listdir(self.path("")) if name.startswith(".")], [])

    def test_nasty_logs(self):
        for fmt in ("gpfs", "lustre", "find"):
            logs = [path for path, _ in self.nasty_logs(fmt)]
            for threads in (1, 3):
                with self.subTest(format=fmt, threads=threads):
                    self.assert_same("-j", threads, *logs)

    def test_more_runs_than_are_merged_at_once(self):
        """Some hundred runs become one again and again; most directories are in several."""
        log = self.generated_log("20260111_site_many.log", "find", scaled(20000, 3000), "shuffle",
                                 seed=5, multi_owner=30, missing_directories=30)
        chunk_size = os.path.getsize(log) // scaled(400, 150)
        for threads in (1, 3):
            with self.subTest(threads=threads):
                self.assert_same("-j", threads, log, chunk_size=chunk_size)

    def test_some_room(self):
        """A map that takes several chunks before it is full."""
        log = self.generated_log("20260111_site_room.log", "gpfs", scaled(200000, 60000), "inode",
                                 seed=6, multi_owner=10, missing_directories=10)
        self.assert_same(log, chunk_size=100000,
                         FSTALLY_DIRECTORY_BYTES=str(scaled(6 << 20, 4 << 20)))

    def test_writer_through_sql(self):
        log = self.generated_log("20260111_site_sql.log", "lustre", 3000, "shuffle", seed=7,
                                 multi_owner=30)
        self.assert_same("--writer", "sql", log, chunk_size=5000)

    def test_databases(self):
        """What is added to, and what is merged, takes the same way as logs."""
        logs = [self.generated_log(f"20260111_site_part{i}.log", "find", 2000, "shuffle", seed=i,
                                   multi_owner=20) for i in range(3)]
        merged = self.path("merged.db")
        self.import_ok("-q", "-f", "other", "--db", merged, logs[1])
        self.assert_same(merged, logs[2], before=[logs[0]])

    def test_a_root_beside_others(self):
        """A root that is no longer the top gets its ancestors, in whatever order they come."""
        below = self.write("below.find", find_list("/x/b/f", "/x/b/c/f", "/x/b-c/f"))
        for place in ("/x-y/f", "/w/z/f", "/x/b.d/f", "/x/a/f", "/x/f", "/f", "/xx/f"):
            with self.subTest(place=place):
                other = self.write("other.find", find_list(place))
                for before, now, root in ((other, below, "/x"), (below, other, "/")):
                    self.assert_same(*DATE, "--root", root, now, before=[*DATE, before])
        root = self.write("root.find", find_list("/x/b/g"))
        self.assert_same(*DATE, "--root", "/x/b", root, below)  # which has no parent
        self.assert_same(*DATE, below, before=[*DATE, "--root", "/x/b", root])

    def test_a_root_that_was_the_top_for_a_while(self):
        """Another database comes when the map has been looked through already."""
        below = self.write("below.find", find_list(*(f"/a/b/d{i}/f" for i in range(3000))))
        other = self.write("other.find", find_list("/z/q/f"))
        databases = [self.path("below.db"), self.path("other.db")]
        self.import_ok("-q", "-f", "b", "--db", databases[0], *DATE, "--root", "/a/b", below)
        self.import_ok("-q", "-f", "o", "--db", databases[1], *DATE, other)
        for size in (1 << 20, 4 << 20, 8 << 20, 16 << 20, 64 << 20):
            with self.subTest(size=size):
                self.assert_same("--root", "/a/b", *databases, sorts=size < 4 << 20,
                                 FSTALLY_DIRECTORY_BYTES=str(size))

    def test_sums_that_stick(self):
        huge = "".join(f"{i} s=9223372036854775807 b=1 u=1 g=1 type=f a=1 -- /d/e{i}/f\n"
                       for i in range(4))
        log = self.write("huge.find", huge.encode())
        for knobs in ({}, TIGHT):
            result = self.run_import("-r", "--db", self.path("x.db"), "-f", "fs", *DATE, log,
                                     **knobs)
            self.assertEqual(result.returncode, 0)
            self.assertIn("/d: the sums below it pass 9223372036854775807", result.stderr)

    def test_nothing_is_left(self):
        """Neither by a kill while runs are written, nor by a signal."""
        log = self.generated_log("20260111_site_kill.log", "find", 20000, "shuffle", seed=8)
        database = self.path("kill.db")
        self.import_ok("-q", "-f", "kill", "--db", database, log)
        expected = compare_database.dump(database, ())
        for number, how in ((signal.SIGKILL, "kill"), (signal.SIGTERM, "signal")):
            for after in (0.02, 0.1, 0.3, 0.6):
                process = self.start_import("-q", "-r", "-f", "kill", "--db", database, log,
                                            FSTALLY_CHUNK_SIZE="5000", **TIGHT)
                time.sleep(after)
                process.send_signal(number)
                process.communicate()
                with self.subTest(how=how, after=after):
                    left = set(os.listdir(self.path(""))) - {"kill.db", os.path.basename(log)}
                    self.assertLessEqual(left, {".kill.db.build", ".kill.db.build-wal"}
                                         if number == signal.SIGKILL else set())
                    self.assertEqual(len(compare_database.dump(database, ())["directories"]),
                                     len(expected["directories"]))

    def test_a_temporary_file_that_cannot_grow(self):
        log = self.generated_log("20260111_site_full.log", "find", 20000, "shuffle", seed=9)

        command = self.import_command("-q", "-f", "full", "--db", self.path("full.db"), log)
        result = subprocess.run(["sh", "-c", 'ulimit -f 500; exec "$@"', "sh", *command],
                                env=e2e_support.clean_environment(
                                    self.folder, FSTALLY_CHUNK_SIZE="5000", **TIGHT),
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                check=False)
        self.assertEqual(result.returncode, 1)
        self.assert_one_line(result.stderr, ".full.db.build-run: cannot write the temporary "
                             "file: ", "ulimit -f")
        self.assertEqual(os.listdir(self.path("")), [os.path.basename(log)])

    def test_sizes(self):
        log = self.write("a.find", find_list("/a/f"))
        arguments = ("-q", "-f", "fs", *DATE, "--db", self.path("a.db"), log)
        for size in ("64MiB", "1G", "100GiB"):
            self.import_ok("-r", "--memory-limit", size, *arguments)
        for size, why in (("1M", "64MiB or more"), ("0", "64MiB or more"), ("much", "much")):
            result = self.run_import("--memory-limit", size, *arguments)
            self.assertEqual(result.returncode, 2)
            self.assert_one_line(result.stderr, "--memory-limit", why)


if __name__ == "__main__":
    e2e_support.main()
