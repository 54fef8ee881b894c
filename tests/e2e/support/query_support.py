"""What the end-to-end tests of fstally-query share: running it, and reading what it writes."""

import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))

import e2e_support

COLUMNS = [b"filesystem", b"path", b"depth",
           b"file_count_r", b"dir_count_r", b"total_size_r", b"total_alloc_r", b"max_atime_r",
           b"max_mtime_r", b"file_count_nr", b"dir_count_nr", b"total_size_nr", b"total_alloc_nr",
           b"max_atime_nr", b"max_mtime_nr", b"owner_uid", b"username", b"owner_gid", b"groupname"]
TEXTS = {b"path", b"max_atime_r", b"max_atime_nr", b"max_mtime_r", b"max_mtime_nr", b"max_atime", b"filesystem", b"username",
         b"groupname", b"source_file", b"scan_timestamp", b"import_timestamp", b"format", b"age_by",
         b"fstally_version", b"database", b"status"}
ESCAPES = {b"t": b"\t", b"n": b"\n", b"r": b"\r", b"\\": b"\\"}


def unescape(field):
    """A field of TSV -> its bytes."""
    return re.sub(rb"\\(x[0-9A-F]{2}|.)",
                  lambda found: ESCAPES.get(found[1]) or bytes([int(found[1][1:], 16)]), field)


def typed(column, field):
    """An empty field is None, but for a path: / has no other way to be."""
    if column in TEXTS:
        return unescape(field) if field else None
    return int(field) if field else None


def read_tsv(data):
    """-> (columns, rows); a row is a dict from column to bytes, int or None."""
    assert data.endswith(b"\n")
    columns, *lines = [line.split(b"\t") for line in data[:-1].split(b"\n")]
    for line in lines:
        assert len(line) == len(columns), line
    return columns, [{c: typed(c, f) for c, f in zip(columns, line)} for line in lines]


def read_terminal(master, until=None):
    """-> what is written to the other side of a pseudo-terminal: all until it is closed, or until
    it holds the bytes `until`."""
    shown = b""
    while until is None or until not in shown:
        try:
            part = os.read(master, 65536)
        except OSError:    # the other side is closed
            return shown
        if not part:
            return shown
        shown += part
    return shown


class QueryCase(e2e_support.Case):
    def query_command(self, *arguments):
        return [e2e_support.program("FSTALLY_QUERY"), *map(os.fsencode, map(str, arguments))]

    def query_environment(self, **more):
        return {**e2e_support.clean_environment(self.folder, FSTALLY_DATA_DIR=self.path("data")),
                **more}

    def run_query(self, *arguments, environment=None, **options):
        """Runs to its end -> CompletedProcess; stdout and stderr are bytes."""
        options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
        return subprocess.run(
            self.query_command(*arguments), env=environment or self.query_environment(),
            cwd=self.folder, stdin=subprocess.DEVNULL, timeout=e2e_support.HANGS_AFTER, check=False,
            **options)

    def query(self, *arguments, **options):
        """Runs, must succeed without a word on standard error, but that there is nothing -> stdout."""
        result = self.run_query(*arguments, **options)
        if result.stderr in (b"fstally-query: nothing matches\n", b"fstally-query: nothing has changed\n"):
            self.assertLessEqual(len(result.stdout.splitlines()), 1, arguments)
        else:
            self.assertEqual(result.stderr, b"", arguments)
        self.assertEqual(result.returncode, 0, arguments)
        return result.stdout

    def rows(self, *arguments):
        """-> (columns, rows) of the answer as TSV."""
        return read_tsv(self.query(*arguments, "--format", "tsv"))

    def refused(self, status, *arguments, **options):
        """Runs, must fail with that status, one line and no output -> the line's text."""
        result = self.run_query(*arguments, **options)
        self.assertEqual(result.returncode, status, (arguments, result.stderr))
        self.assertEqual(result.stdout, b"")
        self.assertRegex(result.stderr, rb"\Afstally-query: [^\n]+: [^\n]+\n\Z")
        return result.stderr[len(b"fstally-query: "):-1].decode("utf-8", "surrogateescape")

    def make_database(self, name, log, *options):
        """Imports a log given as bytes into data/NAME.db -> its path."""
        self.make_folder("data")
        path = self.path("data", name + ".db")
        self.import_ok("--replace", "--db", path, "-f", name, "--scan-date", "2026-03-31", *options,
                       self.write(os.path.join("logs", name + ".log"), log))
        return path


def main():
    import unittest
    for variable in ("FSTALLY_IMPORT", "FSTALLY_QUERY", "FSTALLY_LOGGEN"):
        e2e_support.program(variable)
    unittest.main()
