#!/usr/bin/env python3
"""Thousands of questions, drawn at random from a fixed seed out of every filter, sort and limit, put
to fstally-query and, in the plainest SQL there is for it, to SQLite over the tables of the same
database: of generated logs of one, a thousand and a hundred thousand directories, of sums that
saturate, of a scan of the folders that Python lies in."""

import contextlib
import datetime
import os
import random
import sqlite3
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "support"))

import query_support
from query_support import COLUMNS
import e2e_support

SCAN = datetime.date(2026, 3, 31)
QUESTIONS = e2e_support.scaled(2000, 300)
FIND = "%i s=%s b=%b u=%U g=%G type=%y perm=%m a=%A@ m=%T@ c=%C@ -- %p\\n"

AVERAGE = "iif(file_count_r > 0, total_size_r / file_count_r, NULL)"
ORDERS = {
    "size_r": "total_size_r DESC", "size": "total_size_r DESC", "size_nr": "total_size_nr DESC",
    "alloc_r": "total_alloc_r DESC", "alloc_nr": "total_alloc_nr DESC", "files": "file_count_r DESC",
    "files_nr": "file_count_nr DESC", "dirs_r": "dir_count_r DESC", "dirs_nr": "dir_count_nr DESC",
    "atime": "max_atime_r DESC NULLS LAST", "mtime_r": "max_mtime_r DESC NULLS LAST",
    "avg_size": "avg_size DESC NULLS LAST", "depth": "depth ASC", "path": "dir_id ASC",
    "owner_size": "owner_total_size DESC",
}
TOTAL_ORDERS = {
    "size_r": "total_size DESC", "alloc_r": "total_alloc DESC", "files_r": "file_count DESC",
    "files_nr": "file_count DESC", "dirs_r": "directory_count DESC",
    "atime_r": "max_atime DESC NULLS LAST", "avg_size": "sticky(size)/sum(files) DESC",
}
TURNED = {"DESC": "ASC", "ASC": "DESC"}


def order_by(orders, key, reverse, last):
    column, direction, *rest = orders[key].split(" ", 2)
    if reverse:
        direction = TURNED[direction]
    equals = "" if column == last else f", {last}"
    return f" ORDER BY {column} {direction} {' '.join(rest)}{equals}"


class Question:
    """Arguments for the program, and conditions with their values for SQLite."""

    def __init__(self, pick, rows, scale_of_listing):
        self.pick, self.rows = pick, rows
        self.arguments, self.conditions, self.values = [], [], []
        self.owners = None
        self.draw_place()
        if pick.random() < scale_of_listing:
            self.group = None
            self.draw_owners()
            self.draw_subtree()
            self.draw_listing_order()
        else:
            self.group = pick.choice(("owner", "group", "owner,group"))
            self.draw_subtree()
            self.draw_total_order()
        self.limit = pick.choice((0, 0, 1, 2, 10, 50, 1000))
        self.arguments += ["-n", self.limit]

    def maybe(self, chance=0.15):
        return self.pick.random() < chance

    def value(self, column):
        return self.pick.choice(self.rows)[column]

    def add(self, arguments, condition, *values):
        self.arguments += arguments
        self.conditions.append(condition)
        self.values += values

    def below(self, path):
        """The condition that a directory is that one or below, without the preorder's numbers."""
        return ("(path = CAST(? AS TEXT) OR substr(CAST(path AS BLOB), 1, ?) = ?)",
                (path, len(path) + 1, path + b"/"))

    def draw_paths(self, option):
        paths = [self.subtree() for _ in range(self.pick.choice((1, 1, 1, 2, 3)))]
        for path in paths:
            self.arguments += [option, os.fsdecode(path)]
        return paths

    def subtree(self):
        """Half of them large: most directories have next to none below them."""
        large = [row for row in self.rows if row["dir_count_r"] > len(self.rows) / 30]
        return self.pick.choice(large)["path"] if large and self.maybe(0.5) else self.value("path")

    def draw_place(self):
        if self.maybe(0.4):
            parts = [self.below(path) for path in self.draw_paths("-P")]
            self.add([], "(" + " OR ".join(condition for condition, _ in parts) + ")",
                     *[value for _, values in parts for value in values])
        while self.maybe(0.3):
            path = self.subtree()
            condition, values = self.below(path)
            self.add(["-E", os.fsdecode(path)], f"NOT {condition}", *values)
        if self.maybe():
            depth = self.value("depth")
            self.add(["-d", depth], "depth >= ?", depth)
        if self.maybe():
            depth = self.value("depth")
            self.add(["--max-depth", depth], "depth <= ?", depth)
        if self.maybe(0.3):
            self.draw_names()

    def draw_names(self):
        globs = [self.draw_glob() for _ in range(self.pick.choice((1, 1, 2, 3)))]
        form = "CAST(name AS TEXT) GLOB CAST(? AS TEXT)"
        if self.maybe(0.4):
            self.arguments.append("-i")
            form = "lower(CAST(name AS TEXT)) GLOB lower(CAST(? AS TEXT))"
        for glob in globs:
            self.arguments += ["-N", os.fsdecode(glob)]
        self.add([], "(" + " OR ".join([form] * len(globs)) + ")", *globs)

    def draw_glob(self):
        """Of all shapes, and of bytes that are no character too."""
        name = self.value("name") if self.maybe(0.8) else self.pick.choice(self.odd_names())
        if not name or any(byte in name for byte in b"*?["):
            name = b"a"
        cut, end = sorted(self.pick.randint(0, len(name)) for _ in range(2))
        first, last = name[:1], name[-1:]
        return self.pick.choice((
            name, name[:cut] + b"*", b"*" + name[cut:], b"*" + name[cut:end] + b"*", b"?" * len(name),
            b"*" + first.upper() + b"*", b"[a-m]*", b"[^a-m]*", b"*[0-4]", b"*[0-4]?", b"*[^0-9]",
            name[:cut] + b"?*", b"?" + name[1:], name[:-1] + b"[" + last + b"]",
            b"[]" + first + b"]*", b"*" + first + b"*" + last, b"**" + name[cut:end] + b"?*",
            b"*[A-Z]*", name.upper(), name[:cut] + b"*" + name[end:], b"[" + name))

    def odd_names(self):
        return [row["name"] for row in self.rows if not row["name"].isascii()] or [b"\xff"]

    def draw_ids(self, column):
        """Owners or groups of directories; one that has none now and then."""
        known = [row[column] for row in self.rows if row[column] not in (None, -1)] or [0]
        return [self.pick.choice(known) if self.maybe(0.9) else 77
                for _ in range(self.pick.choice((1, 1, 1, 2, 3)))]

    def draw_owners(self):
        """Of directories: see draw_total_order for files."""
        if self.maybe():
            self.add(["-s"], "owner_uid IS NOT NULL AND owner_uid <> -1")
        if self.maybe(0.25):
            self.owners = self.draw_ids("owner_uid")
            marks = ", ".join("?" * len(self.owners))
            for owner in self.owners:
                self.arguments += ["-u", owner]
            self.add([], f"(owner_uid IN ({marks}) OR owner_uid IS NULL AND EXISTS (SELECT 1 FROM "
                         f"owner_usage w WHERE w.dir_id = d.dir_id AND w.owner_uid IN ({marks})))",
                     *self.owners, *self.owners)
        if self.maybe():
            groups = self.draw_ids("owner_gid")
            for group in groups:
                self.arguments += ["-g", group]
            self.add([], f"owner_gid IN ({', '.join('?' * len(groups))})", *groups)

    def draw_subtree(self):
        for option, column in (("size", "total_size_r"), ("files", "file_count_r"),
                               ("alloc", "total_alloc_r"), ("avg-size", AVERAGE)):
            for bound, operator in (("min", ">="), ("max", "<=")):
                if self.maybe(0.07):
                    value = self.average() if option == "avg-size" else self.value(column)
                    self.add([f"--{bound}-{option}", value], f"{column} {operator} ?", value)
        own = self.maybe(0.3)
        for option, operator in (("--accessed-before", "<"), ("--accessed-after", ">=")):
            if self.maybe(0.1):
                text, day = self.draw_day()
                self.add([option, text], f"date(max_atime_{'nr' if own else 'r'}) {operator} ?", day)
        if own:
            self.arguments.append("--atime-non-recursive")
        if self.maybe(0.1):
            self.add(["--leaves-only"], "NOT EXISTS (SELECT 1 FROM directories below "
                                        "WHERE below.parent_id = d.dir_id)")

    def average(self):
        row = self.pick.choice(self.rows)
        return row["total_size_r"] // row["file_count_r"] if row["file_count_r"] else 0

    def draw_day(self):
        atime = self.value("max_atime_r")
        if atime is not None and self.maybe(0.5):
            return atime[:10].decode(), atime[:10].decode()
        days = self.pick.choice((0, 1, 30, 100, 365, 700, 2000))
        return f"{days}d", (SCAN - datetime.timedelta(days)).isoformat()

    def draw_listing_order(self):
        held = self.owners is not None and "-s" not in self.arguments
        self.held = held
        keys = sorted(set(ORDERS) - (set() if held else {"owner_size"}))
        key = "owner_size" if held else "size_r"
        if self.maybe(0.8):
            key = self.pick.choice(keys)
            self.arguments += ["--sort-by", key]
        self.order = order_by(ORDERS, key, self.draw_reverse(), "dir_id")

    def draw_total_order(self):
        self.arguments += ["--group-by", self.group]
        key = "size_r"
        if self.maybe(0.5):
            key = self.pick.choice(sorted(TOTAL_ORDERS))
            self.arguments += ["--sort-by", key]
        last = {"owner": "f.uid", "group": "f.gid", "owner,group": "f.uid, f.gid"}[self.group]
        self.order = order_by(TOTAL_ORDERS, key, self.draw_reverse(), last)
        self.held = False
        for option, column, form in (("-u", "owner_uid", "f.uid"), ("-g", "owner_gid", "f.gid")):
            if self.maybe(0.2):
                ids = self.draw_ids(column)
                for number in ids:
                    self.arguments += [option, number]
                self.add([], f"{form} IN ({', '.join('?' * len(ids))})", *ids)

    def draw_reverse(self):
        reverse = self.maybe(0.4)
        if reverse:
            self.arguments.append("--reverse")
        return reverse

    def where(self):
        return " WHERE " + " AND ".join(self.conditions) if self.conditions else ""

    def sql(self):
        return self.listing_sql() if self.group is None else self.total_sql()

    def listing_sql(self):
        columns = [{"filesystem": "'x'",
                    "username": "(SELECT username FROM user_info WHERE uid = owner_uid)",
                    "groupname": "(SELECT groupname FROM group_info WHERE gid = owner_gid)"}
                   .get(column.decode(), column.decode()) for column in COLUMNS]
        values = []
        if self.held:
            marks = ", ".join("?" * len(self.owners))
            for name, whole, part in (("owner_total_size", "total_size_r", "total_size"),
                                      ("owner_file_count", "file_count_r", "file_count")):
                columns.append(f"iif(owner_uid IN ({marks}), {whole}, (SELECT sticky({part}) FROM "
                               f"owner_usage w WHERE w.dir_id = d.dir_id AND w.owner_uid IN ({marks}))) "
                               f"AS {name}")
                values += [*self.owners, *self.owners]
        if "avg_size" in self.order:
            columns.append(f"{AVERAGE} AS avg_size")
        sql = (f"SELECT {', '.join(columns)} FROM directories d JOIN directory_stats s "
               f"USING (dir_id){self.where()}{self.order}")
        return sql, values + self.values

    def total_sql(self):
        """f: the files directly in each directory, by owner and group."""
        ids = {"owner": ["uid"], "group": ["gid"], "owner,group": ["uid", "gid"]}[self.group]
        names = {"uid": "(SELECT username FROM user_info WHERE user_info.uid = f.uid)",
                 "gid": "(SELECT groupname FROM group_info WHERE group_info.gid = f.gid)"}
        keys = ", ".join(f"f.{one}" for one in ids)
        sql = ("WITH f(dir_id, uid, gid, files, size, alloc, atime) AS ("
               "SELECT dir_id, owner_uid, owner_gid, file_count_nr, total_size_nr, total_alloc_nr, "
               "max_atime_nr FROM directory_stats WHERE file_count_nr > 0 AND owner_uid IS NOT NULL "
               "AND owner_gid IS NOT NULL UNION ALL SELECT * FROM owner_usage) "
               f"SELECT {', '.join(f'f.{one}, {names[one]}' for one in ids)}, sum(files) AS file_count, "
               f"sticky(size) AS total_size, sticky(alloc) AS total_alloc, "
               "count(DISTINCT f.dir_id) AS directory_count, max(atime) AS max_atime "
               "FROM f JOIN directories d ON d.dir_id = f.dir_id JOIN directory_stats s ON "
               f"s.dir_id = f.dir_id{self.where()} GROUP BY {keys}{self.order}")
        return sql, self.values


class StickySum:
    """A sum that stays at the most there is, where SQLite's own fails."""

    def __init__(self):
        self.sum = 0

    def step(self, value):
        self.sum += value

    def finalize(self):
        return min(self.sum, 2**63 - 1)


class RandomQuestions(query_support.QueryCase):
    def open(self, path):
        database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        database.text_factory = bytes
        database.create_aggregate("sticky", 1, StickySum)
        self.addCleanup(database.close)
        cursor = database.execute("SELECT * FROM directories JOIN directory_stats USING (dir_id)")
        names = [column[0] for column in cursor.description]
        return database, [dict(zip(names, row)) for row in cursor]

    def answer(self, question, path, threads):
        return self.run_query(*question.arguments, "--format", "tsv", path,
                              environment=self.query_environment(SLURM_CPUS_PER_TASK=str(threads),
                                                                FSTALLY_BLOCKS_A_THREAD="1"))

    def ask(self, path, count, seed):
        database, rows = self.open(path)
        pick = random.Random(seed)
        found_rows = empty = refused = 0
        for number in range(count):
            question = Question(pick, rows, 0.75)
            sql, values = question.sql()
            expected = database.execute(sql, values).fetchall()
            if question.limit:
                expected = expected[:question.limit]
            with self.subTest(number=number, arguments=question.arguments, sql=sql, values=values):
                result = self.answer(question, path, pick.choice((1, 2, 7)))
                if result.returncode == 2:    # contradictions are told instead of an empty answer
                    self.assertIn(b"no directory can match", result.stderr)
                    self.assertEqual(expected, [])
                    refused += 1
                    continue
                self.assertEqual((result.returncode, result.stderr),
                                 (0, b"" if expected else b"fstally-query: nothing matches\n"))
                _, answer = query_support.read_tsv(result.stdout)
                self.assertEqual([tuple(row.values()) for row in answer], expected)
                found_rows += len(answer)
                empty += not answer
                if number % 20 == 0:
                    for threads in (1, 7):
                        self.assertEqual(self.answer(question, path, threads).stdout, result.stdout)
        return found_rows, empty, refused

    def ask_much(self, path, count, seed):
        found_rows, empty, refused = self.ask(path, count, seed)
        # Else the questions ask for nothing.
        self.assertLess(refused, count / 5)
        self.assertLess(empty, count * 2 / 3)
        self.assertGreater(found_rows, count)

    def generated_database(self, name, lines, directories, seed):
        log = self.generated_log(name + ".log", "gpfs", lines, seed=seed, directories=directories, owners=6,
                                 multi_owner=25, missing_directories=10)
        path = self.path("x.db")
        self.import_ok("--replace", "--db", path, "-f", "x", "--scan-date", SCAN.isoformat(), log)
        return path

    def test_a_thousand_directories(self):
        self.ask_much(self.generated_database("some", 4000, 1000, 11), QUESTIONS * 5 // 10, 1)

    def test_several_blocks(self):
        path = self.generated_database("blocks", e2e_support.scaled(30000, 20000),
                                       e2e_support.scaled(13000, 9000), 12)
        with contextlib.closing(sqlite3.connect(path)) as database:
            self.assertGreater(database.execute("SELECT count(*) FROM facts").fetchone()[0], 2)
        self.ask_much(path, QUESTIONS // 10, 2)

    @unittest.skipIf(e2e_support.scaled(False, True), "only at full scale")
    def test_a_hundred_thousand_directories(self):
        self.ask_much(self.generated_database("large", 300000, 100000, 13), QUESTIONS * 3 // 100, 3)

    def test_a_single_directory(self):
        path = self.path("x.db")
        log = self.write("one.log", b"1 s=5 b=1 u=3 g=4 type=f a=0 m=9 -- /only/f\n")
        self.import_ok("--db", path, "-f", "x", "--scan-date", SCAN.isoformat(), log)
        self.ask(path, QUESTIONS // 20, 4)

    def test_sums_that_saturate(self):
        pick = random.Random(5)
        path = self.path("x.db")
        log = self.write("large.log", b"".join(
            b"%d s=%d b=%d u=%d g=%d type=f a=%d -- /l/%d/%d/%d/caf\xe9\n"
            % (i, pick.choice((2**62, 2**61, 1)), pick.choice((2**53, 1)), pick.randrange(3),
               pick.randrange(2), pick.randrange(10**9), i % 3, i % 7, i % 11) for i in range(300)))
        self.import_ok("--db", path, "-f", "x", "--scan-date", SCAN.isoformat(), log)
        self.ask(path, QUESTIONS // 20, 6)

    def test_a_real_scan(self):
        folder = os.path.dirname(os.__file__)
        log = self.path("real.find")
        with open(log, "wb") as file:
            subprocess.run(["find", folder, "-printf", FIND], stdout=file, check=False,
                           stderr=subprocess.DEVNULL)
        path = self.path("x.db")
        self.import_ok("--db", path, "-f", "x", "--scan-date", SCAN.isoformat(), log)
        self.ask_much(path, QUESTIONS * 3 // 10, 7)


if __name__ == "__main__":
    query_support.main()
