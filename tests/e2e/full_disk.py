#!/usr/bin/env python3
"""A file system that fills up during an import: one line that says so, the old database as it was,
nothing beside it."""

import os
import shutil
import subprocess
import unittest

import e2e_support
from e2e_support import Case, compare_database, tries

# A namespace in which mounting is allowed, also to a user who is not root.
NAMESPACE = ("unshare", "--map-root-user", "--mount")

# Mounts a file system of $1 bytes at $2, puts the database $3 there and runs the rest, then brings the
# database back to $4 and lists what is there into $5.
SCRIPT = """mount -t tmpfs -o size="$1" tmpfs "$2" || exit 77
site=$2 old=$3 new=$4 left=$5
shift 5
if [ -e "$old" ]; then cp "$old" "$site/fs.db" || exit 78; fi
"$@"
status=$?
if [ -e "$site/fs.db" ]; then cp "$site/fs.db" "$new"; fi
ls -A "$site" >"$left"
exit $status
"""


def can_mount():
    return shutil.which("unshare") is not None and subprocess.run(
        [*NAMESPACE, "mount", "-t", "tmpfs", "tmpfs", "/mnt"], check=False,
        stderr=subprocess.DEVNULL).returncode == 0


@unittest.skipUnless(can_mount(), "nothing can be mounted here")
class FullDisk(Case):
    def setUp(self):
        super().setUp()
        self.site = self.make_folder("site")
        self.old, self.new, self.left = (self.path(name) for name in ("old.db", "new.db", "left"))
        logs = [self.generated_log(f"20260111_site_{i}.log", "find", 4000, "shuffle", seed=i,
                                   multi_owner=20) for i in range(2)]
        self.log = logs[1]
        self.import_ok("-q", "--db", self.old, "-f", "fs", logs[0])
        whole = self.path("whole.db")
        self.import_ok("-q", "--db", whole, "-f", "fs", self.log)
        self.expected = compare_database.dump(whole)
        self.size = os.path.getsize(whole)

    def import_into(self, size, **environment):
        for path in (self.new, self.left):
            if os.path.exists(path):
                os.remove(path)
        command = self.import_command("-q", "-r", "-j2", "--db", os.path.join(self.site, "fs.db"),
                                      "-f", "fs", self.log)
        return subprocess.run([*NAMESPACE, "sh", "-c", SCRIPT, "sh", str(size), self.site, self.old,
                               self.new, self.left, *command], check=False,
                              env=e2e_support.clean_environment(self.folder, **environment),
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def check_sizes(self, **environment):
        """-> imports that failed, and that did not"""
        old = self.read(self.old)
        ended = [0, 0]
        first = len(old) + 8192
        last = first + 3 * self.size
        count = tries(40, 12)
        for i in range(count):
            size = first + (last - first) * i // (count - 1)
            result = self.import_into(size, **environment)
            with self.subTest(size=size, **environment):
                self.assertIn(result.returncode, (0, 1), result.stderr)
                ended[result.returncode == 0] += 1
                with open(self.left, encoding="utf-8") as file:
                    self.assertEqual(file.read(), "fs.db\n")
                if result.returncode == 0:
                    self.assertEqual(compare_database.dump(self.new), self.expected)
                else:
                    self.assert_one_line(result.stderr, "No space left on device")
                    self.assertEqual(self.read(self.new), old)
        return ended

    def test_each_size(self):
        failed, done = self.check_sizes()
        self.assertGreater(failed, 3)
        self.assertGreater(done, 0)

    def test_in_runs(self):
        failed, done = self.check_sizes(FSTALLY_DIRECTORY_BYTES="1", FSTALLY_CHUNK_SIZE="20000")
        self.assertGreater(failed, 3)
        self.assertGreater(done, 0)


if __name__ == "__main__":
    e2e_support.main()
