#!/usr/bin/env python3
"""fstally-query answers what a few lines of Python over the slow reference's tables answer: each
option and many together, every column, the order, one database and several."""

import calendar
import datetime
import fnmatch
import os
import random
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "support"))

import query_support
from query_support import COLUMNS
import e2e_support
import slow_reference

SCAN = (2026, 3, 31)


def directories_of(reference, filesystem):
    """The reference's directories as rows of fstally-query, in preorder."""
    tables = reference.tables("x")
    users, groups = dict(tables["user_info"]), dict(tables["group_info"])
    rows = []
    for directory, stats in zip(tables["directories"], tables["directory_stats"]):
        _, _, path, depth, _, name = directory
        (_, files_nr, dirs_nr, size_nr, alloc_nr, atime_nr, mtime_nr,
         files_r, dirs_r, size_r, alloc_r, atime_r, mtime_r, uid, gid) = stats
        values = [filesystem, path, depth, files_r, dirs_r, size_r, alloc_r, atime_r, mtime_r,
                  files_nr, dirs_nr, size_nr, alloc_nr, atime_nr, mtime_nr, uid, users.get(uid), gid,
                  groups.get(gid)]
        rows.append({**dict(zip(COLUMNS, values)), "name": name,
                     "average": size_r // files_r if files_r else None,
                     "by_owner": reference.directories[path].by_owner})
    return rows


def below(path):
    return lambda row: path == b"/" or row[b"path"] == path or row[b"path"].startswith(path + b"/")


def before_scan(months=0, days=0):
    """That long before the scan's day; the month's last day where it has no such one."""
    year, month, day = SCAN
    index = year * 12 + month - 1 - months
    year, month = divmod(index, 12)
    day = min(day, calendar.monthrange(year, month + 1)[1])
    return (datetime.date(year, month + 1, day) - datetime.timedelta(days)).isoformat().encode()


SORTS = {
    "size_r": b"total_size_r", "size_nr": b"total_size_nr", "alloc_r": b"total_alloc_r",
    "alloc_nr": b"total_alloc_nr", "files": b"file_count_r", "files_nr": b"file_count_nr",
    "dirs_r": b"dir_count_r", "dirs_nr": b"dir_count_nr", "atime_r": b"max_atime_r",
    "mtime": b"max_mtime_r", "avg_size": "average", "depth": b"depth",
}


def in_order(rows, sort, reverse):
    """rows, in preorder and database after database, as the sort has them; equals stay, and what
    has no value is last."""
    if sort == "path":
        return sorted(rows, key=lambda row: row[b"path"].split(b"/"), reverse=reverse)
    column = SORTS[sort]
    known = [row for row in rows if row[column] is not None]
    unknown = [row for row in rows if row[column] is None]
    # reversed() twice: sorted(reverse=True) keeps equals in their order.
    return sorted(known, key=lambda row: row[column],
                  reverse=(sort != "depth") != reverse) + unknown


def totals(rows, which):
    """Totals by owner (which 0) or group (1) of the files directly in the rows' directories."""
    answer = {}
    for row in rows:
        seen = set()
        for owner, part in row["by_owner"].items():
            entry = answer.setdefault(owner[which], [0, 0, 0, 0, None])
            entry[0] += part.files
            entry[1] += part.size
            entry[2] += part.alloc
            entry[3] += owner[which] not in seen
            seen.add(owner[which])
            atime = slow_reference.text_of_time(part.atime)
            if atime is not None and (entry[4] is None or atime > entry[4]):
                entry[4] = atime
    return answer


def held(row, owner):
    """What the owner holds of a directory: all below, or in one of several owners the files there."""
    if row[b"owner_uid"] == owner:
        return {b"owner_total_size": row[b"total_size_r"], b"owner_file_count": row[b"file_count_r"]}
    parts = [part for key, part in row["by_owner"].items() if key[0] == owner]
    return {b"owner_total_size": sum(part.size for part in parts),
            b"owner_file_count": sum(part.files for part in parts)}


class Matches(query_support.QueryCase):
    def build(self, name, log, fmt=None):
        database = self.path("data", name + ".db")
        self.make_folder("data")
        self.import_ok("--db", database, "-f", name, "--scan-date", "%d-%02d-%02d" % SCAN,
                       "--max-rejects", "100%", *(("--format", fmt) if fmt else ()), log)
        return directories_of(slow_reference.read_logs([log], fmt, "%d-%02d-%02d" % SCAN),
                              name.encode())

    def assert_listing(self, what, rows, arguments, wanted=lambda row: True, sort="size_r",
                       reverse=False, several=False):
        arguments = [*arguments, "--sort-by", sort, *(["--reverse"] if reverse else [])]
        expected = in_order([row for row in rows if wanted(row)], sort, reverse)
        columns = list(COLUMNS)
        if "-u" in arguments and "-s" not in arguments:
            owner = arguments[arguments.index("-u") + 1]
            columns += [b"owner_total_size", b"owner_file_count"]
            expected = [{**row, **held(row, owner)} for row in expected]
        if sort == "avg_size":
            columns.append(b"avg_size")
            expected = [{**row, b"avg_size": row["average"]} for row in expected]
        expected = [{column: row[column] for column in columns} for row in expected]
        for limit in (0, 7) if arguments[:-2] else (0, 1, 7, len(expected) + 1):
            with self.subTest(arguments=arguments, limit=limit):
                found_columns, found = self.rows(*arguments, "-n", limit, what)
                self.assertEqual(found_columns, columns)
                self.assertEqual(found, expected[:limit] if limit else expected)
        return len(expected)

    def assert_totals(self, what, rows, arguments, wanted=lambda row: True, owner=None):
        for which, kind in enumerate(("owner", "group")):
            chosen = [row for row in rows if wanted(row)]
            if owner is not None:
                chosen = [{**row, "by_owner": {key: part for key, part in row["by_owner"].items()
                                               if key[0] == owner}} for row in chosen]
            expected = {owner: list(slow_reference.at_most(row))
                        for owner, row in totals(chosen, which).items()}
            with self.subTest(arguments=arguments, kind=kind):
                columns, found = self.rows(*arguments, "--group-by", kind, "-n", 0, what)
                key = (b"owner_uid", b"owner_gid")[which]
                self.assertEqual(columns, [key, (b"username", b"groupname")[which], b"file_count",
                                           b"total_size", b"total_alloc", b"directory_count",
                                           b"max_atime"])
                self.assertEqual({row[key]: [row[b"file_count"], row[b"total_size"],
                                             row[b"total_alloc"], row[b"directory_count"],
                                             row[b"max_atime"]] for row in found}, expected)
                self.assertEqual([row[key] for row in found],
                                 sorted(expected, key=lambda one: (-expected[one][1], one)))

    def filters(self, rows, seed):
        """(arguments, predicate) for each option, with values that the rows make interesting, and
        for random pairs of them."""
        pick = random.Random(seed)

        def value(column):
            return pick.choice([row[column] for row in rows if row[column] is not None])

        path = pick.choice([row for row in rows if row[b"dir_count_r"] > 2])[b"path"]
        inner = pick.choice(list(filter(below(path), rows)))[b"path"]
        second = value(b"path")
        average = value("average")
        alloc = value(b"total_alloc_r")
        depth = value(b"depth")
        uid = pick.choice([row[b"owner_uid"] for row in rows if (row[b"owner_uid"] or -1) >= 0])
        gid = pick.choice([row[b"owner_gid"] for row in rows if (row[b"owner_gid"] or -1) >= 0])
        size, files, day = value(b"total_size_r"), value(b"file_count_r"), value(b"max_atime_r")[:10]

        def accessed(row):
            return row[b"max_atime_r"] or b""

        single = [
            (["-d", depth], lambda row: row[b"depth"] >= depth),
            (["--max-depth", depth], lambda row: row[b"depth"] <= depth),
            (["-d", depth, "--max-depth", depth + 1], lambda row: depth <= row[b"depth"] <= depth + 1),
            (["-s"], lambda row: row[b"owner_uid"] not in (None, -1)),
            (["-u", uid], lambda row: row[b"owner_uid"] == uid or row[b"owner_uid"] is None
             and any(owner == uid for owner, _ in row["by_owner"])),
            (["-g", gid], lambda row: row[b"owner_gid"] == gid),
            (["-P", os.fsdecode(path)], below(path)),
            (["-P", os.fsdecode(b"/" + path + b"//")], below(path)),
            (["-P", "/"], lambda row: True),
            (["-E", os.fsdecode(path)], lambda row: not below(path)(row)),
            (["-E", os.fsdecode(path), "-E", os.fsdecode(inner)],
             lambda row: not below(path)(row)),
            (["-N", "*a*"], lambda row: fnmatch.fnmatchcase(row["name"], b"*a*")),
            (["-N", "*a*", "-N", "*[0-3]"], lambda row: b"a" in row["name"]
             or row["name"][-1:] in (b"0", b"1", b"2", b"3")),
            (["-N", "*A*", "-i"], lambda row: b"a" in row["name"].lower()),
            (["--min-size", size], lambda row: row[b"total_size_r"] >= size),
            (["--max-size", size], lambda row: row[b"total_size_r"] <= size),
            (["--min-files", files], lambda row: row[b"file_count_r"] >= files),
            (["--max-files", files], lambda row: row[b"file_count_r"] <= files),
            (["--accessed-before", day.decode()], lambda row: b"" < accessed(row) < day),
            (["--accessed-after", day.decode()], lambda row: accessed(row) >= day),
            (["--accessed-before", "13mo"], lambda row: b"" < accessed(row) < before_scan(13)),
            (["--accessed-after", "2yrs"], lambda row: accessed(row) >= before_scan(24)),
            (["--accessed-after", "400d"], lambda row: accessed(row) >= before_scan(0, 400)),
            (["--leaves-only"], lambda row: row[b"dir_count_nr"] == 0),
            (["--min-alloc", alloc], lambda row: row[b"total_alloc_r"] >= alloc),
            (["--max-alloc", alloc], lambda row: row[b"total_alloc_r"] <= alloc),
            (["--min-avg-size", average], lambda row: row["average"] is not None
             and row["average"] >= average),
            (["--max-avg-size", average], lambda row: row["average"] is not None
             and row["average"] <= average),
            (["--accessed-before", day.decode(), "--atime-non-recursive"],
             lambda row: b"" < (row[b"max_atime_nr"] or b"") < day),
            (["-P", os.fsdecode(path), "-P", os.fsdecode(second)],
             lambda row: below(path)(row) or below(second)(row)),
            (["-g", gid, "-g", gid + 1], lambda row: row[b"owner_gid"] in (gid, gid + 1)),
        ]
        yield [], lambda row: True
        yield from single
        for _ in range(e2e_support.scaled(40, 10)):
            (one, wanted), (other, also) = pick.sample(single, 2)
            if not {a for a in one if str(a)[:1] == "-"} & {a for a in other if str(a)[:1] == "-"}:
                yield one + other, lambda row, a=wanted, b=also: a(row) and b(row)

    def is_refused(self, arguments, what):
        """Random pairs may contradict each other; that must be said."""
        result = self.run_query(*arguments, "-n", 1, what)
        return result.returncode == 2 and b"can match" in result.stderr

    def check_all(self, what, rows, seed, several=False):
        pick = random.Random(seed)
        sorts = [*SORTS, "path"]
        matched = checked = 0
        for arguments, wanted in self.filters(rows, seed):
            if self.is_refused(arguments, what):
                self.assertFalse(any(map(wanted, rows)), arguments)
                continue
            sort, reverse = pick.choice(sorts), pick.random() < 0.5
            matched += self.assert_listing(what, rows, arguments, wanted, "size_r", False, several) > 0
            self.assert_listing(what, rows, arguments, wanted, sort, reverse, several)
            checked += 1
        self.assertGreater(matched, checked // 2)    # else the test proves little
        for sort in sorts:
            for reverse in (False, True):
                self.assert_listing(what, rows, [], sort=sort, reverse=reverse, several=several)

    def check_totals(self, what, rows, seed):
        for arguments, wanted in self.filters(rows, seed):
            if not {"-u", "-g"} & set(map(str, arguments)) and not self.is_refused(arguments, what):
                self.assert_totals(what, rows, arguments, wanted)
        owner = next(owner for row in rows for owner, _ in row["by_owner"])
        self.assert_totals(what, rows, ["-u", owner], owner=owner)

    def test_generated_logs(self):
        lines = e2e_support.scaled(6000, 1500)
        # Queries see the database, not the format: under the sanitizers one will do.
        for seed, fmt in enumerate(e2e_support.scaled(("gpfs", "lustre", "find"), ("gpfs",))):
            with self.subTest(fmt):
                log = self.generated_log(f"{fmt}.log", fmt, lines, seed=seed, owners=5,
                                         multi_owner=20, missing_directories=10, damaged=5)
                rows = self.build(fmt, log, fmt)
                self.check_all(fmt, rows, seed)
                self.check_totals(fmt, rows, seed)

    def test_several_databases(self):
        lines = e2e_support.scaled(3000, 800)
        rows = []
        for seed, name in enumerate(("a", "b", "b-c")):    # in this order, although b-c.db < b.db
            log = self.generated_log(name + ".log", "find", lines, seed=seed + 7, owners=4,
                                     multi_owner=20)
            rows += self.build(name, log)
        self.check_all("all", rows, 1, several=True)
        self.check_totals("all", rows, 1)

    def test_nasty_logs(self):
        for path, nasty in self.nasty_logs(e2e_support.scaled(None, "find")):
            with self.subTest(nasty.name):
                reference = slow_reference.Reference()
                try:
                    reference.add_log(path, nasty.format, "%d-%02d-%02d" % SCAN)
                except slow_reference.CannotTellFormat:
                    continue
                database = self.path("nasty.db")
                result = self.run_import("--replace", "--db", database, "-f", "x", "--max-rejects",
                                         "100%", "--format", nasty.format, "--scan-date",
                                         "%d-%02d-%02d" % SCAN, path)
                if b"format" in result.stderr.encode() and nasty.format is None:
                    continue    # no layout reads it; import_matches_reference checks the message
                self.assertEqual(result.returncode, 0, result.stderr)
                rows = directories_of(reference, b"nasty")
                for sort in ("size_r", "path", "atime_r"):
                    self.assert_listing(database, rows, [], sort=sort)
                self.assert_totals(database, rows, [])
                for row in rows[:10]:
                    self.assert_listing(database, rows, ["-P", os.fsdecode(row[b"path"])],
                                        below(row[b"path"]), "path")


if __name__ == "__main__":
    query_support.main()
