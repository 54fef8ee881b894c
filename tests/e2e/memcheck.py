#!/usr/bin/env python3
"""valgrind finds no fault of memory and no leak in small imports and questions."""

import os
import shutil
import subprocess
import unittest

import e2e_support
from e2e_support import Case, program, tries

IMPORT = os.environ.get("FSTALLY_IMPORT_LIBC")  # with the C library's allocator
CHECK = ("valgrind", "-q", "--error-exitcode=99", "--leak-check=full",
         "--errors-for-leak-kinds=definite")


@unittest.skipUnless(IMPORT and shutil.which("valgrind"), "no valgrind, or a sanitizer's build")
class Memcheck(Case):
    def check(self, *command, status=0, **environment):
        result = subprocess.run([*CHECK, *map(str, command)], stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True, check=False, cwd=self.folder,
                                env=e2e_support.clean_environment(self.folder, **environment))
        with self.subTest(command=command[1:], **environment):
            self.assertEqual(result.returncode, status, result.stderr)
            self.assertNotIn("==", result.stderr)

    def logs(self, fmt):
        return [self.generated_log(f"20260111_site_{i}.{fmt}", fmt, 1000, "shuffle", seed=i,
                                   multi_owner=20, missing_directories=20, damaged=5)
                for i in range(2)]

    def test_imports(self):
        for fmt in ("gpfs", "lustre", "find")[:tries(1, 1)]:
            first, second = self.logs(fmt)
            for knobs in ({}, {"FSTALLY_DIRECTORY_BYTES": "1"}):
                database = self.path("x.db")
                arguments = ("-q", "-j", 2, "-f", "x", "--rejects", self.path("rejects"))
                knobs = {"FSTALLY_CHUNK_SIZE": "50000", **knobs}
                self.check(IMPORT, *arguments, "-r", "--db", database, first, **knobs)
                self.check(IMPORT, *arguments, "--db", database, second, **knobs)
                self.check(IMPORT, *arguments, "-r", "--db", self.path("y.db"), database, **knobs)
                self.check(IMPORT, *arguments, "--db", database, second, status=1, **knobs)

    def test_questions(self):
        first, second = self.logs("find")
        database, other = self.path("x.db"), self.path("y.db")
        self.import_ok("-q", "-f", "x", "--db", database, first)
        self.import_ok("-q", "-f", "y", "--db", other, second)
        query = program("FSTALLY_QUERY")
        for question in (("-n", 5, "-N", "*1*", "--leaves-only"), ("--group-by", "owner"),
                         ("--histogram", "both", "-P", "/"), ("--cold", "1y"), ("--summary",),
                         ("--format", "json", "-n", 0), ("--format", "ncdu"), ("--verify",),
                         ("--report", self.path("r.html")),
                         ("--diff", other)):
            self.check(query, database, *question)
        self.check(query, self.path("missing.db"), status=1)


if __name__ == "__main__":
    e2e_support.main()
