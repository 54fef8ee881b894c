#!/usr/bin/env python3
"""The published file: one file in rollback-journal mode, nothing beside it, readable from a folder
and a file that nobody may write, and put in place without disturbing those who read the old one."""

import multiprocessing
import os
import sqlite3
import stat

import e2e_support
from e2e_support import Case, compare_database, scaled

NOBODY = 65534


def read_as_nobody(database, answer):
    """Runs in a process of its own: gives up root, then reads the database."""
    try:
        if os.getuid() == 0:
            os.setgid(NOBODY)
            os.setuid(NOBODY)
        folder = os.path.dirname(database)
        writable = os.access(folder, os.W_OK) or os.access(database, os.W_OK)
        connection = compare_database.open_read_only(database)
        rows = connection.execute("SELECT count(*) FROM directories").fetchone()[0]
        check = connection.execute("PRAGMA integrity_check").fetchone()[0]
        answer.put((writable, rows, check))
    except (OSError, sqlite3.Error) as error:
        answer.put(repr(error))


class Publishable(Case):
    def setUp(self):
        super().setUp()
        self.site = self.make_folder("site")
        self.database = self.path("site", "fs.db")
        self.log = self.generated_log("20260111_site_fs.log", "gpfs", scaled(20000, 2000),
                                      "inode", seed=21, multi_owner=20)

    def import_again(self, seed, *options):
        log = self.generated_log(f"20260111_site_fs.{seed}.log", "gpfs", 2000, "inode", seed=seed)
        self.import_ok("--db", self.database, *options, log)
        return log

    def test_nothing_beside_it(self):
        self.import_ok("--db", self.database, self.log)
        self.assert_only(self.site, "fs.db")
        self.import_again(22)
        self.assert_only(self.site, "fs.db")
        self.import_again(23, "--replace")
        self.assert_only(self.site, "fs.db")

    def test_properties_after_each_kind_of_import(self):
        self.import_ok("--db", self.database, self.log)
        self.assertEqual(compare_database.property_differences(self.database), [])
        self.import_again(22)
        self.assertEqual(compare_database.property_differences(self.database), [])
        self.import_again(23, "--replace")
        self.assertEqual(compare_database.property_differences(self.database), [])

    def test_schema_version_and_mark_do_not_change(self):
        self.import_ok("--db", self.database, self.log)
        before = self.marks()
        self.import_again(22)
        self.assertEqual(self.marks(), before)

    def marks(self):
        connection = compare_database.open_read_only(self.database)
        found = [connection.execute(f"PRAGMA {name}").fetchone()[0]
                 for name in ("user_version", "application_id")]
        connection.close()
        return found

    def test_read_from_a_read_only_folder(self):
        self.import_ok("--db", self.database, self.log)
        os.chmod(self.folder, 0o755)
        os.chmod(self.database, 0o444)
        os.chmod(self.site, 0o555)
        self.addCleanup(os.chmod, self.site, 0o755)
        answer = multiprocessing.Queue()
        reader = multiprocessing.Process(target=read_as_nobody, args=(self.database, answer))
        reader.start()
        found = answer.get(timeout=e2e_support.HANGS_AFTER)
        reader.join()
        self.assertIsInstance(found, tuple, found)
        writable, rows, check = found
        self.assertFalse(writable)
        self.assertGreater(rows, 0)
        self.assertEqual(check, b"ok")
        self.assert_only(self.site, "fs.db")

    def test_mode_follows_the_umask(self):
        """Others may read it where the umask lets them, private though the build file may be."""
        before = os.umask(0o022)
        self.addCleanup(os.umask, before)
        self.import_ok("--db", self.database, self.log)
        self.assertEqual(stat.S_IMODE(os.stat(self.database).st_mode), 0o644)

    def test_reader_of_the_old_database_is_not_disturbed(self):
        self.import_ok("--db", self.database, self.log)
        reader = compare_database.open_read_only(self.database)
        self.addCleanup(reader.close)
        reader.execute("BEGIN")
        count = "SELECT count(*), sum(file_count_nr) FROM directory_stats"
        before = reader.execute(count).fetchone()
        log = self.import_again(22, "--replace")
        self.assertEqual(reader.execute(count).fetchone(), before)
        self.assertEqual(reader.execute("PRAGMA integrity_check").fetchone()[0], b"ok")
        reader.execute("COMMIT")
        self.assertEqual(reader.execute(count).fetchone(), before)
        self.assert_matches(self.database, [log])

    def test_folders_are_made(self):
        data = self.path("not", "there", "yet")
        self.import_ok("--data-dir", data, self.log)
        self.assert_only(data, "fs.db")


if __name__ == "__main__":
    e2e_support.main()
