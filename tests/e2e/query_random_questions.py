#!/usr/bin/env python3
"""Hundreds of questions, drawn at random from a fixed seed out of every filter, sort and limit, put
to fstally-query and, in the plainest SQL there is for it, to SQLite over the same database: one of a
generated log, one of a scan of the folders that Python lies in."""

import contextlib
import datetime
import os
import random
import sqlite3
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "support"))

import query_support
from query_support import COLUMNS
import e2e_support

SCAN = datetime.date(2026, 3, 31)
QUESTIONS = e2e_support.scaled(600, 100)
FIND = "%i s=%s b=%b u=%U g=%G type=%y perm=%m a=%A@ m=%T@ c=%C@ -- %p\\n"

ORDERS = {
    "size_r": "total_size_r DESC", "size_nr": "total_size_nr DESC", "alloc_r": "total_alloc_r DESC",
    "files_r": "file_count_r DESC", "files_nr": "file_count_nr DESC", "dirs_r": "dir_count_r DESC",
    "atime_r": "max_atime_r DESC NULLS LAST", "depth": "depth ASC", "path": "dir_id ASC",
    "owner_size": "owner_total_size DESC",
}
TOTAL_ORDERS = {
    "size_r": "total_size DESC", "alloc_r": "total_alloc DESC", "files_r": "file_count DESC",
    "files_nr": "file_count DESC", "dirs_r": "directory_count DESC",
    "atime_r": "max_atime DESC NULLS LAST",
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
        self.owner = None
        self.draw_place()
        if pick.random() < scale_of_listing:
            self.group = None
            self.draw_subtree()
            self.draw_listing_order()
        else:
            self.group = pick.choice(("owner", "group"))
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

    def subtree(self):
        """Half of them large: most directories have next to none below them."""
        large = [row for row in self.rows if row["dir_count_r"] > len(self.rows) / 30]
        return self.pick.choice(large)["path"] if self.maybe(0.5) else self.value("path")

    def draw_place(self):
        if self.maybe(0.4):
            path = self.subtree()
            condition, values = self.below(path)
            self.add(["-P", os.fsdecode(path)], condition, *values)
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

    def draw_subtree(self):
        if self.maybe():
            self.add(["-s"], "owner_uid IS NOT NULL AND owner_uid <> -1")
        if self.maybe(0.25):
            self.draw_owner()
        if self.maybe():
            gid = self.pick.choice([row["owner_gid"] for row in self.rows
                                    if row["owner_gid"] not in (None, -1)])
            self.add(["-g", gid], "owner_gid = ?", gid)
        for option, column in (("size", "total_size_r"), ("files", "file_count_r")):
            for bound, operator in (("min", ">="), ("max", "<=")):
                if self.maybe(0.1):
                    value = self.value(column)
                    self.add([f"--{bound}-{option}", value], f"{column} {operator} ?", value)
        for option, operator in (("--accessed-before", "<"), ("--accessed-after", ">=")):
            if self.maybe(0.1):
                text, day = self.draw_day()
                self.add([option, text], f"date(max_atime_r) {operator} ?", day)
        if self.maybe():
            self.add(["--leaves-only"], "NOT EXISTS (SELECT 1 FROM directories below "
                                        "WHERE below.parent_id = d.dir_id)")

    def draw_owner(self):
        self.owner = self.pick.choice([row["owner_uid"] for row in self.rows
                                       if row["owner_uid"] not in (None, -1)])
        self.add(["-u", self.owner],
                 "(owner_uid = ? OR owner_uid IS NULL AND EXISTS (SELECT 1 FROM owner_usage w "
                 "WHERE w.dir_id = d.dir_id AND w.owner_uid = ?))", self.owner, self.owner)

    def draw_day(self):
        atime = self.value("max_atime_r")
        if atime is not None and self.maybe(0.5):
            return atime[:10].decode(), atime[:10].decode()
        days = self.pick.choice((0, 1, 30, 100, 365, 700, 2000))
        return f"{days}d", (SCAN - datetime.timedelta(days)).isoformat()

    def draw_listing_order(self):
        held = self.owner is not None and "-s" not in self.arguments
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
        self.order = order_by(TOTAL_ORDERS, key, self.draw_reverse(), "id")
        self.held = False
        if self.maybe(0.2):
            uid = self.pick.choice([row["owner_uid"] for row in self.rows
                                    if row["owner_uid"] not in (None, -1)])
            self.add(["-u", uid], "f.uid = ?", uid)
        if self.maybe(0.2):
            gid = self.pick.choice([row["owner_gid"] for row in self.rows
                                    if row["owner_gid"] not in (None, -1)])
            self.add(["-g", gid], "f.gid = ?", gid)

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
        columns = [column.decode() for column in COLUMNS]
        values = []
        if self.held:
            for name, whole, part in (("owner_total_size", "total_size_r", "total_size"),
                                      ("owner_file_count", "file_count_r", "file_count")):
                columns.append(f"iif(owner_uid = ?, {whole}, (SELECT sum({part}) FROM owner_usage w "
                               f"WHERE w.dir_id = d.dir_id AND w.owner_uid = ?)) AS {name}")
                values += [self.owner, self.owner]
        sql = (f"SELECT {', '.join(columns)} FROM directories d JOIN directory_stats s "
               f"USING (dir_id){self.where()}{self.order}")
        return sql, values + self.values

    def total_sql(self):
        """f: the files directly in each directory, by owner and group."""
        names = {"owner": "(SELECT username FROM user_info WHERE user_info.uid = id)",
                 "group": "(SELECT groupname FROM group_info WHERE group_info.gid = id)"}
        key = {"owner": "uid", "group": "gid"}[self.group]
        sql = ("WITH f(dir_id, uid, gid, files, size, alloc, atime) AS ("
               "SELECT dir_id, owner_uid, owner_gid, file_count_nr, total_size_nr, total_alloc_nr, "
               "max_atime_nr FROM directory_stats WHERE file_count_nr > 0 AND owner_uid IS NOT NULL "
               "AND owner_gid IS NOT NULL UNION ALL SELECT * FROM owner_usage) "
               f"SELECT f.{key} AS id, {names[self.group]}, sum(files) AS file_count, "
               "sum(size) AS total_size, sum(alloc) AS total_alloc, "
               "count(DISTINCT f.dir_id) AS directory_count, max(atime) AS max_atime "
               f"FROM f JOIN directories d ON d.dir_id = f.dir_id{self.where()} GROUP BY f.{key}"
               + self.order).replace("user_info.uid = id", f"user_info.uid = f.{key}")
        return sql.replace("group_info.gid = id", f"group_info.gid = f.{key}"), self.values


class RandomQuestions(query_support.QueryCase):
    def open(self, path):
        database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        database.text_factory = bytes
        self.addCleanup(database.close)
        cursor = database.execute("SELECT * FROM directories JOIN directory_stats USING (dir_id)")
        names = [column[0] for column in cursor.description]
        return database, [dict(zip(names, row)) for row in cursor]

    def ask(self, path, count, seed):
        database, rows = self.open(path)
        pick = random.Random(seed)
        found_rows = empty = refused = 0
        for number in range(count):
            question = Question(pick, rows, 0.8)
            sql, values = question.sql()
            expected = database.execute(sql, values).fetchall()
            if question.limit:
                expected = expected[:question.limit]
            with self.subTest(number=number, arguments=question.arguments):
                result = self.run_query(*question.arguments, "--format", "tsv", path)
                if result.returncode == 2:    # contradictions are told instead of an empty answer
                    self.assertIn(b"no directory can match", result.stderr)
                    self.assertEqual(expected, [])
                    refused += 1
                    continue
                self.assertEqual((result.returncode, result.stderr), (0, b""))
                _, answer = query_support.read_tsv(result.stdout)
                self.assertEqual([tuple(row.values()) for row in answer], expected)
                found_rows += len(answer)
                empty += not answer
        # Else the questions ask for nothing.
        self.assertLess(refused, count / 5)
        self.assertLess(empty, count * 2 / 3)
        self.assertGreater(found_rows, count)

    def generated_database(self):
        """Of directories for several blocks of names and more of owners."""
        log = self.generated_log("generated.log", "gpfs", e2e_support.scaled(20000, 4000), seed=11,
                                 directories=e2e_support.scaled(9000, 2500), owners=6,
                                 multi_owner=25, missing_directories=10)
        path = self.path("generated.db")
        self.import_ok("--db", path, "-f", "x", "--scan-date", SCAN.isoformat(), log)
        return path

    def test_a_generated_scan(self):
        path = self.generated_database()
        with contextlib.closing(sqlite3.connect(path)) as database:
            blocks = database.execute("SELECT count(DISTINCT first_id) FROM owner_usage_block")
            self.assertGreater(blocks.fetchone()[0], e2e_support.scaled(7, 2))
        self.ask(path, QUESTIONS * 2 // 3, 1)

    def test_a_real_scan(self):
        folder = os.path.dirname(os.__file__)
        log = self.path("real.find")
        with open(log, "wb") as file:
            subprocess.run(["find", folder, "-printf", FIND], stdout=file, check=False,
                           stderr=subprocess.DEVNULL)
        path = self.path("real.db")
        self.import_ok("--db", path, "-f", "x", "--scan-date", SCAN.isoformat(), log)
        self.ask(path, QUESTIONS // 3, 2)


if __name__ == "__main__":
    query_support.main()
