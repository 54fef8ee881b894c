#!/usr/bin/env python3
"""The released programs guard themselves: what the linker and the compiler were told is in the files."""

import os
import subprocess
import unittest

import e2e_support


@unittest.skipUnless(os.environ.get("FSTALLY_RELEASE"), "only the release is hardened")
class Hardened(e2e_support.Case):
    def test_both_programs(self):
        for variable in ("FSTALLY_IMPORT", "FSTALLY_QUERY"):
            with self.subTest(variable):
                text = subprocess.run(
                    ["readelf", "-W", "--file-header", "--program-headers", "--dynamic", "--dyn-syms",
                     e2e_support.program(variable)], stdout=subprocess.PIPE, check=True,
                    encoding="utf-8").stdout
                self.assertRegex(text, r"Type: +DYN")          # position independent
                self.assertIn("GNU_RELRO", text)
                self.assertIn("BIND_NOW", text)
                self.assertRegex(text, r"GNU_STACK.* RW +0x")  # and not executable
                self.assertIn("__stack_chk_fail", text)
                self.assertIn("_chk@GLIBC", text)              # checked calls of the C library


if __name__ == "__main__":
    e2e_support.main()
