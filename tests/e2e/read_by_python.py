#!/usr/bin/env python3
"""What other tools see: every table and view is read through Python's sqlite3 as it comes, and the
two large tables through SQLAlchemy's mapped classes, names that are not UTF-8 included."""

import contextlib
import datetime
import os
import sqlite3
import sys

SYSTEM_PYTHON = "/usr/bin/python3"    # Debian's, which has Debian's python3-sqlalchemy

try:
    import sqlalchemy
    from sqlalchemy import orm
except ImportError:
    if sys.executable != SYSTEM_PYTHON and os.path.exists(SYSTEM_PYTHON) \
            and not os.environ.get("FSTALLY_READ_BY_PYTHON"):
        os.environ["FSTALLY_READ_BY_PYTHON"] = "1"
        os.execv(SYSTEM_PYTHON, [SYSTEM_PYTHON, *sys.argv])
    sqlalchemy = None

import unittest

import e2e_support
from e2e_support import Case

LOG = b"".join((
    b"1 s=5 b=8 u=0 g=0 type=f a=1700000000 m=1600000000 -- /n/plain/f\n",
    b"2 s=6 b=8 u=1 g=1 type=f a=1700000001 -- /n/caf\xe9/f\n",
    b"3 s=7 b=8 u=2 g=1 type=f -- /n/caf\xe9/sub/g\n",
    b"4 s=8 b=8 u=0 g=2 type=f a=1 -- /n/plain/h\n"))


class Read(Case):
    def setUp(self):
        super().setUp()
        self.database = self.path("x.db")
        self.log = os.fsdecode(b"20260111_site_n.caf\xe9.find")
        self.import_ok("-q", "--db", self.database, self.write(self.log, LOG))

    def test_every_table_and_view(self):
        with contextlib.closing(sqlite3.connect(self.database)) as connection:
            names = [name for (name,) in connection.execute(
                "SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")]
            self.assertTrue({"directories", "directory_stats", "owner_usage", "owner_files",
                             "directory", "scan_metadata"} <= set(names))
            for name in names:
                connection.execute(f"SELECT * FROM {name}").fetchall()
            self.assertEqual(connection.execute(
                "SELECT path, owner_uid, file_count, total_size FROM owner_files "
                "ORDER BY dir_id, owner_uid, owner_gid").fetchall(), [
                    (b"/n/caf\xe9", 1, 1, 6), (b"/n/caf\xe9/sub", 2, 1, 7),
                    ("/n/plain", 0, 1, 5), ("/n/plain", 0, 1, 8)])
            self.assertEqual(connection.execute(
                "SELECT name, username FROM directory WHERE path = '/n/plain'").fetchall(),
                [("plain", "root")])
            self.assertEqual(connection.execute(
                "SELECT source_file, filesystem FROM scan_metadata").fetchall(),
                [(os.fsencode(self.log), "n")])
            self.assertEqual(connection.execute(
                "SELECT path, name FROM directories WHERE path = ?", (b"/n/caf\xe9",)).fetchall(),
                [(b"/n/caf\xe9", b"caf\xe9")])

    @unittest.skipIf(sqlalchemy is None, "SQLAlchemy is not installed")
    def test_mapped_classes(self):
        base = orm.declarative_base()

        class Directory(base):
            __tablename__ = "directories"
            dir_id = sqlalchemy.Column(sqlalchemy.Integer, primary_key=True)
            parent_id = sqlalchemy.Column(sqlalchemy.Integer,
                                          sqlalchemy.ForeignKey("directories.dir_id"))
            path = sqlalchemy.Column(sqlalchemy.String, unique=True, nullable=False)
            depth = sqlalchemy.Column(sqlalchemy.Integer, nullable=False)
            stats = orm.relationship("DirectoryStats", uselist=False)

        class DirectoryStats(base):
            __tablename__ = "directory_stats"
            dir_id = sqlalchemy.Column(sqlalchemy.Integer,
                                       sqlalchemy.ForeignKey("directories.dir_id"),
                                       primary_key=True)
            file_count_nr = sqlalchemy.Column(sqlalchemy.Integer)
            file_count_r = sqlalchemy.Column(sqlalchemy.Integer)
            dir_count_nr = sqlalchemy.Column(sqlalchemy.Integer)
            dir_count_r = sqlalchemy.Column(sqlalchemy.Integer)
            total_size_nr = sqlalchemy.Column(sqlalchemy.Integer)
            total_size_r = sqlalchemy.Column(sqlalchemy.Integer)
            max_atime_nr = sqlalchemy.Column(sqlalchemy.DateTime)
            max_atime_r = sqlalchemy.Column(sqlalchemy.DateTime)
            owner_uid = sqlalchemy.Column(sqlalchemy.Integer)

        engine = sqlalchemy.create_engine("sqlite:///" + self.database)
        self.addCleanup(engine.dispose)
        with orm.Session(engine) as session:
            rows = (session.query(Directory, DirectoryStats).join(DirectoryStats)
                    .filter(DirectoryStats.total_size_r > 5)
                    .order_by(DirectoryStats.total_size_r.desc(), Directory.dir_id).all())
            self.assertEqual([(d.path, s.total_size_r, s.owner_uid) for d, s in rows], [
                ("/n", 26, None), (b"/n/caf\xe9", 13, None), ("/n/plain", 13, 0),
                (b"/n/caf\xe9/sub", 7, 2)])
            owned = (session.query(Directory, DirectoryStats).join(DirectoryStats)
                     .filter(DirectoryStats.owner_uid.is_(None), Directory.depth >= 1)
                     .order_by(DirectoryStats.max_atime_r.desc(), Directory.depth.desc()).all())
            latest = datetime.datetime(2023, 11, 14, 22, 13, 21)
            self.assertEqual(
                [(d.path, d.depth, s.file_count_nr, s.file_count_r, s.dir_count_nr, s.dir_count_r,
                  s.max_atime_nr, s.max_atime_r) for d, s in owned],
                [(b"/n/caf\xe9", 2, 1, 2, 1, 1, latest, latest),
                 ("/n", 1, 0, 4, 2, 3, None, latest)])
            plain = session.query(Directory).filter(Directory.path == "/n/plain").one()
            self.assertEqual(plain.stats.max_atime_r, datetime.datetime(2023, 11, 14, 22, 13, 20))
            self.assertEqual(plain.parent_id, 1)
            self.assertIsNone(session.query(DirectoryStats).filter(
                DirectoryStats.owner_uid == 2).one().max_atime_nr)


if __name__ == "__main__":
    e2e_support.main()
