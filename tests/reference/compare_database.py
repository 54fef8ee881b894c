#!/usr/bin/env python3
"""Compares a database, row by row, with what the slow reference makes of the same logs, and checks
what is promised of every database: its names, its numbering, its state on disk.

    compare_database.py [--format F] [--scan-date D] [--filesystem NAME] DATABASE LOG...

prints the first few differences of each table and exits 1 where there are any.
"""

import argparse
import collections
import os
import pwd
import re
import sqlite3
import struct
import sys
import urllib.parse

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

import facts
import slow_reference

SHOWN = 5

# Table -> columns of the schema, in its order; the two after scan_metadata show a log imported
# before from a new one.
COLUMNS = {
    "directories": "dir_id parent_id path depth last_id name",
    "directory_stats": "dir_id file_count_nr dir_count_nr total_size_nr total_alloc_nr "
                       "max_atime_nr max_mtime_nr file_count_r dir_count_r total_size_r total_alloc_r "
                       "max_atime_r max_mtime_r owner_uid owner_gid",
    "owner_usage": "dir_id owner_uid owner_gid file_count total_size total_alloc max_atime",
    "facts": "block data",
    "facts_owner": "pair owner_uid owner_gid",
    "owner_summary": "owner_uid total_size total_alloc total_files directory_count",
    "group_summary": "owner_gid total_size total_alloc total_files directory_count",
    "access_histogram": "owner_uid bucket_index file_count total_size",
    "size_histogram": "owner_uid bucket_index file_count total_size",
    "histogram_bucket": "kind bucket_index label lower upper",
    "user_info": "uid username full_name",
    "group_info": "gid groupname",
    "scan_metadata": "scan_id source_file scan_timestamp import_timestamp filesystem format "
                     "total_directories total_files total_size total_alloc lines headers "
                     "rejected flawed scan_errors saturated age_by fstally_version source_size "
                     "source_mtime excluded",
}

# Where the reference does not know every column, the ones it knows, in its order.
COMPARED = dict(
    COLUMNS,
    histogram_bucket="kind bucket_index lower upper",
    user_info="uid username",
    scan_metadata="source_file scan_timestamp filesystem format total_directories total_files "
                  "total_size total_alloc lines headers rejected flawed scan_errors saturated "
                  "age_by source_size source_mtime excluded")

INDEXES = {
    "ix_directories_parent": ("directories", ["parent_id"]),
    "ix_directories_depth": ("directories", ["depth"]),
    "ix_stats_owner": ("directory_stats", ["owner_uid"]),
    "ix_stats_size_r": ("directory_stats", ["total_size_r"]),
    "ix_stats_files_r": ("directory_stats", ["file_count_r"]),
}

PRIMARY_KEYS = {
    "directories": ["dir_id"], "directory_stats": ["dir_id"],
    "facts": ["block"], "facts_owner": ["pair"],
    "owner_summary": ["owner_uid"], "group_summary": ["owner_gid"],
    "access_histogram": ["owner_uid", "bucket_index"],
    "size_histogram": ["owner_uid", "bucket_index"],
    "user_info": ["uid"], "group_info": ["gid"], "scan_metadata": ["scan_id"],
}

FOREIGN_KEYS = {
    ("directories", "parent_id", "directories", "dir_id"),
    ("directory_stats", "dir_id", "directories", "dir_id"),
}

TIMES = [("directory_stats", "max_atime_nr"), ("directory_stats", "max_atime_r"),
         ("directory_stats", "max_mtime_nr"), ("directory_stats", "max_mtime_r"),
         ("owner_usage", "max_atime"),
         ("scan_metadata", "scan_timestamp"),
         ("scan_metadata", "import_timestamp")]
TIME = re.compile(rb"\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}\Z")


def open_read_only(path, options=""):
    uri = "file:" + urllib.parse.quote(os.fsencode(os.path.abspath(path))) + "?mode=ro" + options
    connection = sqlite3.connect(uri, uri=True)
    connection.text_factory = bytes
    return connection


def words(names):
    return names.split()


def select(connection, table):
    """All rows, sorted here: NULL first, then numbers, then text by its bytes."""
    columns = ", ".join(words(COMPARED[table]))
    rows = connection.execute(f"SELECT {columns} FROM {table}").fetchall()
    return sorted(rows, key=row_order)


def row_order(row):
    return [(value is not None, isinstance(value, bytes), value) for value in row]


def row_differences(connection, tables):
    differences = []
    for table in tables:
        found = select(connection, table)
        expected = sorted(tables[table], key=row_order)
        if found == expected:
            continue
        missing = sorted((collections.Counter(expected) - collections.Counter(found)).elements(),
                         key=row_order)
        surplus = sorted((collections.Counter(found) - collections.Counter(expected)).elements(),
                         key=row_order)
        differences.append(f"{table}: {len(found)} rows, expected {len(expected)}; "
                           f"{len(missing)} missing, {len(surplus)} not expected")
        for word, rows in (("expected", missing), ("found", surplus)):
            for row in rows[:SHOWN]:
                differences.append(f"  {word} {row}")
    return differences


def full_name_differences(connection):
    """The password database's comment field, as it stands or up to its first comma."""
    differences = []
    for uid, full_name in connection.execute("SELECT uid, full_name FROM user_info"):
        try:
            gecos = os.fsencode(pwd.getpwuid(uid).pw_gecos)
        except KeyError:
            continue
        if (full_name or b"") not in (gecos, gecos.split(b",")[0]):
            differences.append(f"user_info: {uid} is called {full_name}, expected {gecos}")
    return differences


def schema_differences(connection):
    differences = []
    for table, names in COLUMNS.items():
        info = connection.execute(f"PRAGMA table_xinfo({table})").fetchall()
        found = [row[1].decode() for row in info]
        if found[:len(words(names))] != words(names):
            differences.append(f"{table}: columns {found}, expected {words(names)}")
        key = [row[1].decode() for row in sorted(info, key=lambda row: row[5]) if row[5] > 0]
        if table in PRIMARY_KEYS and key != PRIMARY_KEYS[table]:
            differences.append(f"{table}: primary key {key}, expected {PRIMARY_KEYS[table]}")
    for index, (table, columns) in INDEXES.items():
        on = connection.execute(
            "SELECT tbl_name FROM sqlite_master WHERE type = 'index' AND name = ?", (index,))
        if on.fetchall() != [(table.encode(),)]:
            differences.append(f"{index}: not an index of {table}")
            continue
        found = [row[2].decode() for row in connection.execute(f"PRAGMA index_info({index})")]
        if found != columns:
            differences.append(f"{index}: on {found}, expected {columns}")
    found_keys = set()
    for table in COLUMNS:
        for row in connection.execute(f"PRAGMA foreign_key_list({table})"):
            found_keys.add((table, row[3].decode(), row[2].decode(), row[4].decode()))
    for key in sorted(FOREIGN_KEYS - found_keys):
        differences.append(f"{key[0]}: {key[1]} does not refer to {key[2]}({key[3]})")
    unique = [row for row in connection.execute("PRAGMA index_list(directories)")
              if row[2] and [column[2] for column in
                             connection.execute(f"PRAGMA index_info({row[1].decode()})")]
              == [b"path"]]
    if not unique:
        differences.append("directories: path is not UNIQUE")
    return differences


def is_utf8(value):
    try:
        value.decode()
    except UnicodeDecodeError:
        return False
    return True


def value_differences(connection):
    """What every value must look like, whatever the logs hold."""
    differences = []
    for table, column in TIMES:
        for (value,) in connection.execute(
                f"SELECT DISTINCT {column} FROM {table} WHERE {column} IS NOT NULL"):
            if not isinstance(value, bytes) or not TIME.match(value):
                differences.append(f"{table}.{column}: {value!r} is no time stamp")
                break
    for table, column in (("directories", "path"), ("directories", "name"),
                          ("user_info", "username"), ("group_info", "groupname"),
                          ("scan_metadata", "source_file")):
        # Read alike here, but a BLOB equals no text in a query, and text that is not UTF-8 fails in
        # Python.
        for value, kind in connection.execute(f"SELECT {column}, typeof({column}) FROM {table}"):
            if kind != (b"text" if is_utf8(value) else b"blob"):
                differences.append(f"{table}.{column}: {value!r} is stored as {kind.decode()}")
                break
    for scan_id, version in connection.execute(
            "SELECT scan_id, fstally_version FROM scan_metadata"):
        if not version:
            differences.append(f"scan_metadata: row {scan_id} without fstally_version")
    for row in connection.execute(
            "SELECT scan_id, lines, headers, total_files, total_directories, rejected, "
            "excluded FROM scan_metadata WHERE headers + total_files + total_directories + "
            "rejected + excluded <> lines"):
        differences.append(f"scan_metadata: lines do not add up in {row}")
    (labels,) = connection.execute(
        "SELECT count(*) FROM histogram_bucket WHERE label IS NULL OR label = ''").fetchone()
    if labels:
        differences.append(f"histogram_bucket: {labels} without a label")
    return differences


def numbering_differences(connection):
    """Preorder, children by the bytes of their names, worked out from the table alone."""
    differences = []
    rows = connection.execute(
        "SELECT dir_id, parent_id, path, depth, last_id, name FROM directories "
        "ORDER BY dir_id").fetchall()
    path_of = {row[0]: row[2] for row in rows}
    id_of = {row[2]: row[0] for row in rows}
    if [row[0] for row in rows] != list(range(1, len(rows) + 1)):
        differences.append("directories: dir_id does not run from 1 without gaps")
    in_order = sorted(path_of.values(),
                      key=lambda path: [part for part in path.split(b"/") if part])
    if [row[2] for row in rows] != in_order:
        differences.append("directories: dir_id is not in preorder")
    right_parent = {}
    for dir_id, parent_id, path, depth, _, name in rows:
        slashes = 0 if path == b"/" else path.count(b"/")
        if depth != slashes:
            differences.append(f"directories: {path} has depth {depth}")
        if name != (path[path.rindex(b"/") + 1:] or b"/"):
            differences.append(f"directories: {path} has name {name}")
        right_parent[dir_id] = \
            None if path == b"/" else id_of.get(path[:path.rindex(b"/")] or b"/")
        if parent_id != right_parent[dir_id]:
            differences.append(
                f"directories: {path} has parent {parent_id}, expected {right_parent[dir_id]}")
    last_of = {}
    for dir_id in path_of:
        above = dir_id
        while above is not None:
            last_of[above] = dir_id
            above = right_parent[above]
    for dir_id, _, path, _, last_id, _ in rows:
        if last_id != last_of[dir_id]:
            differences.append(
                f"directories: {path} has last_id {last_id}, expected {last_of[dir_id]}")
    return differences[:SHOWN]


def usages_of(connection, stats):
    """What owners have directly in each directory: {dir_id: [((uid, gid), figures ...)]}."""
    answer = {}
    for dir_id, *row in connection.execute(
            "SELECT dir_id, owner_uid, owner_gid, file_count, total_size, total_alloc, max_atime "
            "FROM owner_usage ORDER BY 1, 2, 3"):
        answer.setdefault(dir_id, []).append(
            (tuple(row[:2]), *row[2:5], facts.seconds(row[5])))
    for dir_id, row in stats.items():
        if None not in (row["owner_uid"], row["owner_gid"]) and row["file_count_nr"] > 0:
            answer[dir_id] = [((row["owner_uid"], row["owner_gid"]), row["file_count_nr"],
                               row["total_size_nr"], row["total_alloc_nr"], row["max_atime_nr"])]
    return answer


def stats_of(connection):
    """Each directory's row of both tables as the facts have it: {dir_id: {column: value}}."""
    cursor = connection.execute(
        "SELECT * FROM directories JOIN directory_stats USING (dir_id) ORDER BY dir_id")
    names = [column[0] for column in cursor.description]
    stats = {}
    for row in map(dict, (zip(names, row) for row in cursor)):
        for name in ("max_atime_r", "max_atime_nr", "max_mtime_r", "max_mtime_nr"):
            row[name] = facts.seconds(row[name])
        row["parent"] = None if row["parent_id"] is None else row["dir_id"] - row["parent_id"]
        stats[row["dir_id"]] = row
    return stats


def facts_differences(connection):
    """The facts say what the tables say."""
    try:
        found = facts.read(connection)
        stats = stats_of(connection)
    except (AssertionError, IndexError, KeyError, ValueError, AttributeError, struct.error) as error:
        return [f"facts: {error!r}"]
    if len(found) != len(stats):
        return [f"facts: {len(found)} directories, expected {len(stats)}"]
    usages = usages_of(connection, stats)
    differences = []
    for (dir_id, row), fact in zip(stats.items(), found):
        for name in (*facts.DIRECTORY[:-1], "name"):
            if fact[name] != row[name]:
                differences.append(f"facts: {name} of {row['path']} is {fact[name]}, expected {row[name]}")
        if [share[:-1] for share in fact["shares"]] != usages.get(dir_id, []):
            differences.append(f"facts: shares of {row['path']} are {fact['shares']}, "
                               f"expected {usages.get(dir_id, [])}")
    return differences[:SHOWN]


def cell_differences(connection, reference):
    """The facts have the files by age and size that the logs have."""
    differences = []
    for number, (fact, cells) in enumerate(zip(facts.read(connection), reference.cells()), 1):
        found = {share[0]: share[-1] for share in fact["shares"]}
        if found != cells:
            differences.append(f"facts: cells of directory {number} are {found}, expected {cells}")
    return differences[:SHOWN]


def file_differences(path, connection):
    """What is promised of the file itself."""
    differences = []

    def expect(what, found, good):
        if not good(found):
            differences.append(f"{what} is {found!r}")

    def pragma(name):
        return connection.execute(f"PRAGMA {name}").fetchone()[0]

    expect("integrity_check", pragma("integrity_check"), lambda found: found == b"ok")
    expect("user_version", pragma("user_version"), lambda found: found > 0)
    expect("application_id", pragma("application_id"), lambda found: found != 0)
    expect("journal_mode", pragma("journal_mode"), lambda found: found == b"delete")
    expect("encoding", pragma("encoding"), lambda found: found == b"UTF-8")
    for row in connection.execute("PRAGMA foreign_key_check").fetchmany(SHOWN):
        differences.append(f"foreign_key_check: {row}")
    with open(path, "rb") as file:
        header = file.read(20)
    # Bytes 18 and 19 of the header: 1 for a rollback journal, 2 for a WAL.
    expect("the header's file format", header[18:20], lambda found: found == b"\1\1")
    for suffix in ("-wal", "-shm", "-journal"):
        if os.path.exists(path + suffix):
            differences.append(f"{path}{suffix} exists")
    return differences


def property_differences(path):
    """Everything that holds of any database, whatever was imported."""
    connection = open_read_only(path)
    try:
        differences = schema_differences(connection)
        if differences:
            return differences
        return (file_differences(path, connection) + value_differences(connection) +
                numbering_differences(connection) + facts_differences(connection) +
                full_name_differences(connection))
    finally:
        connection.close()


def compare(path, reference, filesystem=None):
    """All differences of the database from the reference's answer, as lines of text."""
    differences = property_differences(path)
    if any("columns" in difference for difference in differences):
        return differences
    connection = open_read_only(path)
    try:
        differences += row_differences(connection, reference.tables(filesystem))
        return differences or cell_differences(connection, reference)
    finally:
        connection.close()


def dump(path, without=()):
    """Every table of the schema as sorted rows: {table: [row]}. `without` names columns of
    scan_metadata to leave out; import_timestamp is always left out. All columns are taken, those
    of the schema and others."""
    connection = open_read_only(path)
    try:
        answer = {}
        for table in COLUMNS:
            names = [row[1].decode() for row in connection.execute(f"PRAGMA table_xinfo({table})")]
            if table == "scan_metadata":
                names = [n for n in names if n != "import_timestamp" and n not in without]
            rows = connection.execute(f"SELECT {', '.join(names)} FROM {table}").fetchall()
            answer[table] = sorted(rows, key=row_order)
        return answer
    finally:
        connection.close()


def main():
    parser = argparse.ArgumentParser(description="Compare a database with the slow reference.")
    parser.add_argument("database", metavar="DATABASE")
    parser.add_argument("logs", nargs="+", metavar="LOG")
    parser.add_argument("--format", choices=slow_reference.FORMATS)
    parser.add_argument("--scan-date", metavar="YYYY-MM-DD")
    parser.add_argument("--filesystem", metavar="NAME")
    arguments = parser.parse_args()
    reference = slow_reference.read_logs(arguments.logs, arguments.format, arguments.scan_date)
    differences = compare(arguments.database, reference, arguments.filesystem)
    for difference in differences:
        print(difference)
    sys.exit(1 if differences else 0)


if __name__ == "__main__":
    main()
