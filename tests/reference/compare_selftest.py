#!/usr/bin/env python3
"""Tests the comparison itself: a right database passes, and every small wrong in one is noticed."""

import os
import sqlite3
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

import compare_database
import facts
import slow_reference

LOG = b"""\
# three owners
131 s=4096 b=8 u=0 g=0 type=d a=1769700762 -- /fs
132 s=10 b=8 u=0 g=0 type=f a=1769700762 -- /fs/a/x
133 s=2000 b=8 u=1 g=1 type=f a=1600000000 -- /fs/a/y
134 s=30 b=0 u=4294967294 type=f -- /fs/a-b/z
135 s=30 b=0 u=0 g=0 type=f -- /fs/a/b/z
136 s=x b=0 u=0 g=0 type=f -- /fs/a/b/z
"""

TABLES = """
CREATE TABLE directories(dir_id INTEGER PRIMARY KEY,
    parent_id INTEGER REFERENCES directories(dir_id), path TEXT NOT NULL UNIQUE,
    depth INTEGER NOT NULL, last_id INTEGER NOT NULL,
    name TEXT NOT NULL);
CREATE TABLE directory_stats(dir_id INTEGER PRIMARY KEY REFERENCES directories(dir_id),
    file_count_nr, dir_count_nr, total_size_nr, total_alloc_nr, max_atime_nr TIMESTAMP,
    max_mtime_nr TIMESTAMP, file_count_r, dir_count_r, total_size_r, total_alloc_r,
    max_atime_r TIMESTAMP, max_mtime_r TIMESTAMP,
    owner_uid INTEGER DEFAULT -1, owner_gid INTEGER DEFAULT -1);
CREATE TABLE owner_usage(dir_id, owner_uid, owner_gid, file_count, total_size, total_alloc,
    max_atime);
CREATE TABLE facts(block INTEGER PRIMARY KEY, data BLOB NOT NULL);
CREATE TABLE facts_owner(pair INTEGER PRIMARY KEY, owner_uid, owner_gid);
CREATE TABLE owner_summary(owner_uid PRIMARY KEY, total_size, total_alloc, total_files,
    directory_count);
CREATE TABLE group_summary(owner_gid PRIMARY KEY, total_size, total_alloc, total_files,
    directory_count);
CREATE TABLE access_histogram(owner_uid, bucket_index, file_count, total_size,
    PRIMARY KEY (owner_uid, bucket_index));
CREATE TABLE size_histogram(owner_uid, bucket_index, file_count, total_size,
    PRIMARY KEY (owner_uid, bucket_index));
CREATE TABLE histogram_bucket(kind TEXT, bucket_index, label, lower, upper);
CREATE TABLE user_info(uid PRIMARY KEY, username, full_name);
CREATE TABLE group_info(gid PRIMARY KEY, groupname);
CREATE TABLE scan_metadata(scan_id PRIMARY KEY, source_file, scan_timestamp, import_timestamp,
    filesystem, format, total_directories, total_files, total_size, total_alloc, lines, headers,
    rejected, flawed, scan_errors, saturated, age_by, fstally_version, source_size,
    source_mtime, excluded);
CREATE INDEX ix_directories_parent ON directories(parent_id);
CREATE INDEX ix_directories_depth ON directories(depth);
CREATE INDEX ix_stats_owner ON directory_stats(owner_uid);
CREATE INDEX ix_stats_size_r ON directory_stats(total_size_r);
CREATE INDEX ix_stats_files_r ON directory_stats(file_count_r);
PRAGMA user_version = 1;
PRAGMA application_id = 1;
"""


def text(value):
    """Bytes that are UTF-8 are text, others stay bytes."""
    return value.decode() if isinstance(value, bytes) and compare_database.is_utf8(value) else value


def write_database(path, tables):
    """A database as the schema has it, from the reference's answer."""
    connection = sqlite3.connect(path)
    connection.executescript(TABLES)
    for table, rows in tables.items():
        names = compare_database.words(compare_database.COMPARED[table])
        marks = ", ".join("?" * len(names))
        for row in rows:
            connection.execute(f"INSERT INTO {table}({', '.join(names)}) VALUES ({marks})",
                               [text(value) for value in row])
    connection.execute("UPDATE histogram_bucket SET label = 'a bucket'")
    connection.execute("UPDATE scan_metadata SET scan_id = 1, fstally_version = '1', "
                       "import_timestamp = '2026-01-12 00:00:00'")
    for uid, _ in connection.execute("SELECT uid, username FROM user_info").fetchall():
        name = compare_database.pwd.getpwuid(uid).pw_gecos
        connection.execute("UPDATE user_info SET full_name = ? WHERE uid = ?", (name, uid))
    connection.commit()
    connection.close()


def write_facts(path, reference):
    """What the tables say, and the reference's cells."""
    connection = sqlite3.connect(path)
    connection.text_factory = bytes
    stats = compare_database.stats_of(connection)
    usages = compare_database.usages_of(connection, stats)
    rows = []
    for (dir_id, row), cells in zip(stats.items(), reference.cells()):
        rows.append({**row, "shares": [(*usage, cells[usage[0]])
                                       for usage in usages.get(dir_id, [])]})
    facts.write(connection, rows)
    connection.commit()
    connection.close()


WRONGS = [
    "UPDATE directories SET depth = depth + 1 WHERE dir_id = 2",
    "UPDATE directories SET last_id = last_id + 1 WHERE dir_id = 4",
    "UPDATE directories SET parent_id = NULL WHERE dir_id = 3",
    "UPDATE directories SET path = '/fs/q' WHERE path = '/fs/a-b'",
    "UPDATE directories SET path = CAST(path AS BLOB) WHERE dir_id = 3",
    "DELETE FROM directories WHERE dir_id = 4",
    "UPDATE directory_stats SET file_count_nr = file_count_nr + 1 WHERE dir_id = 1",
    "UPDATE directory_stats SET dir_count_r = dir_count_r + 1 WHERE dir_id = 1",
    "UPDATE directory_stats SET max_atime_r = NULL WHERE dir_id = 1",
    "UPDATE directory_stats SET max_atime_r = 1769700762 WHERE dir_id = 1",
    "UPDATE directory_stats SET max_atime_r = max_atime_r || '.0' WHERE dir_id = 1",
    "UPDATE directory_stats SET owner_uid = -1 WHERE owner_uid IS NULL",
    "UPDATE directory_stats SET owner_gid = 7 WHERE dir_id = 2",
    "DELETE FROM directory_stats WHERE dir_id = 3",
    "DELETE FROM owner_usage",
    "INSERT INTO owner_usage SELECT * FROM owner_usage LIMIT 1",
    "UPDATE facts_owner SET owner_uid = 2 WHERE owner_uid = 1",
    "DELETE FROM facts_owner WHERE owner_uid = 4294967294",
    "UPDATE facts SET block = 1",
    "UPDATE facts SET data = CAST(substr(data, 1, length(data) - 1) AS BLOB)",
    "DELETE FROM facts",
    "UPDATE owner_summary SET directory_count = 9",
    "DELETE FROM group_summary WHERE owner_gid = -1",
    "UPDATE access_histogram SET bucket_index = 5 WHERE bucket_index = 9",
    "DELETE FROM size_histogram",
    "UPDATE histogram_bucket SET upper = 31 WHERE upper = 30",
    "UPDATE histogram_bucket SET label = '' WHERE bucket_index = 0",
    "UPDATE user_info SET username = 'nobody at all'",
    "UPDATE user_info SET full_name = 'Nobody At All'",
    "DELETE FROM group_info",
    "UPDATE scan_metadata SET rejected = 0",
    "UPDATE scan_metadata SET flawed = 7",
    "UPDATE scan_metadata SET scan_errors = 1",
    "UPDATE scan_metadata SET saturated = 1",
    "UPDATE scan_metadata SET excluded = 1",
    "UPDATE scan_metadata SET excluded = 1, rejected = 0",
    "UPDATE scan_metadata SET source_file = CAST(source_file AS BLOB)",
    "UPDATE scan_metadata SET age_by = 'mtime'",
    "UPDATE directories SET name = 'x' WHERE dir_id = 2",
    "UPDATE directories SET name = CAST(name AS BLOB) WHERE dir_id = 2",
    "UPDATE directory_stats SET max_mtime_nr = '2026-01-01 00:00:00' WHERE dir_id = 2",
    "UPDATE directory_stats SET max_mtime_r = '2026-01-01 00:00:00'",
    "UPDATE scan_metadata SET source_size = 0",
    "UPDATE scan_metadata SET import_timestamp = 'now'",
    "UPDATE scan_metadata SET fstally_version = NULL",
    "DROP INDEX ix_stats_owner",
    "DROP INDEX ix_stats_size_r; CREATE INDEX ix_stats_size_r ON directory_stats(total_size_nr)",
    "DROP TABLE group_info; CREATE TABLE group_info(groupname, gid PRIMARY KEY)",
    "PRAGMA user_version = 0",
    "PRAGMA application_id = 0",
    "PRAGMA journal_mode = wal",
]


class Comparison(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.log = os.path.join(folder.name, "20260204_site_fs.find")
        with open(self.log, "wb") as file:
            file.write(LOG)
        self.reference = slow_reference.read_logs([self.log])
        self.database = os.path.join(folder.name, "fs.db")

    def compared(self, *statements):
        if os.path.exists(self.database):
            os.remove(self.database)
        write_database(self.database, self.reference.tables())
        write_facts(self.database, self.reference)
        connection = sqlite3.connect(self.database)
        for statement in statements:
            connection.executescript(statement)
        connection.close()
        return compare_database.compare(self.database, self.reference)

    def test_right(self):
        self.assertEqual(self.compared(), [])

    def test_wrong(self):
        for wrong in WRONGS:
            with self.subTest(wrong):
                self.assertNotEqual(self.compared(wrong), [])

    def test_names_that_are_not_utf8(self):
        with open(self.log, "ab") as file:
            file.write(b"137 s=1 b=0 u=0 g=0 type=f -- /fs/caf\xe9/z\n")
        self.reference = slow_reference.read_logs([self.log])
        self.assertEqual(self.compared(), [])
        for column in ("path", "name"):
            with self.subTest(column):
                self.assertNotEqual(self.compared(
                    f"UPDATE directories SET {column} = CAST({column} AS TEXT) "
                    f"WHERE typeof({column}) = 'blob'"), [])

    def test_leftover_wal(self):
        self.compared()
        with open(self.database + "-wal", "wb"):
            pass
        self.assertNotEqual(compare_database.compare(self.database, self.reference), [])

    def test_another_filesystem(self):
        self.compared()
        self.assertNotEqual(
            compare_database.compare(self.database, self.reference, "another"), [])


if __name__ == "__main__":
    unittest.main()
