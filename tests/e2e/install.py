#!/usr/bin/env python3
"""What `cmake --install` puts somewhere works there."""

import os
import subprocess
import unittest

import e2e_support
from e2e_support import Case

BUILD = os.path.dirname(e2e_support.program("FSTALLY_IMPORT"))


@unittest.skipUnless(os.environ.get("FSTALLY_RELEASE"), "the programs as they are used")
class Install(Case):
    def test_installed(self):
        prefix = self.path("opt")
        subprocess.run(["cmake", "--install", BUILD, "--prefix", prefix], check=True,
                       stdout=subprocess.DEVNULL)
        found = {os.path.relpath(os.path.join(folder, name), prefix)
                 for folder, _, names in os.walk(prefix) for name in names}
        self.assertLessEqual({
            "bin/fstally-import", "bin/fstally-query", "share/fstally/fstally.conf",
            "share/fstally/formats/robinhood.conf", "share/doc/fstally/README.md",
            "share/doc/fstally/LICENSE", "share/doc/fstally/docs/LOGS.md"}, found)
        self.assertEqual({path for path in found if path.startswith("bin/")},
                         {"bin/fstally-import", "bin/fstally-query"})

        def run(program, *arguments):
            return subprocess.run([os.path.join(prefix, "bin", program), *arguments], check=True,
                                  env=e2e_support.clean_environment(self.folder),
                                  stdout=subprocess.PIPE).stdout

        log = self.write("site.list", b"1 2 3 4 * 100 * 5 * root * 2025-01-01 00:00:00 -- /x/f\n")
        run("fstally-import", "-q", "--db", self.path("x.db"), "--format",
            os.path.join(prefix, "share/fstally/formats/gpfs-stars.conf"), log)
        shown = run("fstally-query", "--config", os.path.join(prefix, "share/fstally/fstally.conf"),
                    "--format", "csv", self.path("x.db"))
        self.assertIn(b",/x,1,1,0,100,4096,", shown)


if __name__ == "__main__":
    e2e_support.main()
