"""What the end-to-end tests share: the programs, a clean environment, a folder a test, logs.

The programs come from the environment: FSTALLY_IMPORT, FSTALLY_QUERY, FSTALLY_LOGGEN.
FSTALLY_E2E_SCALE=small asks for fewer lines, for builds that run slowly.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "reference"), os.path.join(HERE, "..", "logs")]

import compare_database
import make_nasty_logs
import slow_reference

SMALL = os.environ.get("FSTALLY_E2E_SCALE", "full") == "small"
PREFIX = "fstally-import: "

# A program that takes this long hangs. No test asks for a speed.
HANGS_AFTER = 300

# The words of the rejects file -> what the reference calls the reason.
FLAWED = "flawed: "
REASON_OF_TEXT = {
    "NUL byte in the line; if records end in NUL, import with --null": slow_reference.NUL,
    "NUL byte in the path": slow_reference.NUL,
    "does not begin like a record": slow_reference.SHAPE,
    "no ' -- ' before a path": slow_reference.SHAPE,
    "size is not a number": slow_reference.SHAPE,
    "size above 9223372036854775807": slow_reference.OVERFLOW,
    "owner is not a number": slow_reference.SHAPE,
    "owner above 4294967294": slow_reference.OWNER,
    "mode is not a mode string such as drwxr-xr-x": slow_reference.SHAPE,
    "unknown type of entry": slow_reference.SHAPE,
    "no size": slow_reference.SHAPE,
    "no owner": slow_reference.SHAPE,
    "no kind of entry": slow_reference.SHAPE,
    "empty path": slow_reference.EMPTY_PATH,
    "relative path": slow_reference.RELATIVE_PATH,
    "/ is not a directory": slow_reference.ROOT_FILE,
    "two records on one line": slow_reference.TWO_RECORDS,
    "not below the directory that the log is about": slow_reference.OUTSIDE,
    "allocated size is not a number": slow_reference.SHAPE,
    "allocated bytes above 9223372036854775807": slow_reference.OVERFLOW,
    "group is not a number": slow_reference.SHAPE,
    "group above 4294967294": slow_reference.OWNER,
    "malformed access time": slow_reference.SHAPE,
    "access time does not exist": slow_reference.DATE,
    "access time outside the years 1 to 9999": slow_reference.DATE,
    "malformed modification time": slow_reference.SHAPE,
    "modification time does not exist": slow_reference.DATE,
    "modification time outside the years 1 to 9999": slow_reference.DATE,
}


def scaled(full, small):
    return small if SMALL else full


def tries(full, small):
    """How often a fault is tried: with `./dev test --long`, ten times as often."""
    return scaled(full, small) * (10 if os.environ.get("FSTALLY_TEST_LONG") else 1)


def program(variable):
    path = os.environ.get(variable)
    if not path:
        sys.exit(f"{variable} must name the program to test")
    return os.path.abspath(path)


def clean_environment(home, **more):
    """The environment without what changes where databases go or how many threads run."""
    keep = {name: value for name, value in os.environ.items()
            if not name.startswith(("FSTALLY_", "XDG_", "SLURM_", "LC_"))}
    keep.update(HOME=home, LC_ALL="C", FSTALLY_CONFIG="/dev/null")
    keep.update(more)
    return keep


def reason_of(text):
    """The reference's word for a reason of the rejects file; two records say where the second
    begins, after the phrase."""
    for phrase, reason in REASON_OF_TEXT.items():
        if text == phrase or text.startswith((phrase + ",", phrase + ":", phrase + " (")):
            return reason
    return f"unknown reason: {text}"


def read_notes(path):
    """The file of rejects -> (rejected, flawed): source TAB line TAB offset TAB reason TAB the
    line's bytes -> [Rejected]; its faults are the one reason."""
    with open(path, "rb") as file:
        data = file.read()
    rejected, flawed = [], []
    for record in data.split(b"\n")[:-1]:
        source, line, offset, reason, text = record.split(b"\t", 4)
        words = reason.decode(errors="replace")    # it may quote a value
        where = flawed if words.startswith(FLAWED) else rejected
        reason = reason_of(words.removeprefix(FLAWED))
        where.append(slow_reference.Rejected(
            os.fsdecode(source), int(line), int(offset), reason, text, {reason}))
    assert data == b"" or data.endswith(b"\n")
    # The order is that of each log; which log comes first is not promised. The sort is stable.
    return [sorted(part, key=lambda reject: reject.source) for part in (rejected, flawed)]


def read_rejects(path):
    return read_notes(path)[0]


class Case(unittest.TestCase):
    """A test with a folder of its own, which is also its HOME."""

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="fstally-e2e-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def make_folder(self, *names):
        os.makedirs(self.path(*names), exist_ok=True)
        return self.path(*names)

    def write(self, name, data):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), "wb") as file:
            file.write(data)
        return self.path(name)

    def read(self, path):
        with open(path, "rb") as file:
            return file.read()

    def import_command(self, *arguments):
        return [program("FSTALLY_IMPORT"), *map(str, arguments)]

    def run_import(self, *arguments, **environment):
        """Runs to its end -> CompletedProcess with stdout and stderr as text."""
        return subprocess.run(
            self.import_command(*arguments), env=clean_environment(self.folder, **environment),
            cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, encoding="utf-8", errors="surrogateescape",
            timeout=HANGS_AFTER, check=False)

    def start_import(self, *arguments, **environment):
        process = subprocess.Popen(
            self.import_command(*arguments), env=clean_environment(self.folder, **environment),
            cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, encoding="utf-8", errors="surrogateescape")
        self.addCleanup(self.reap, process)
        return process

    @staticmethod
    def reap(process):
        if process.poll() is None:
            process.kill()
        process.communicate()

    def import_ok(self, *arguments, **environment):
        result = self.run_import(*arguments, **environment)
        self.assertEqual(result.returncode, 0, result.stderr)
        return result

    def import_summary(self, *arguments, **environment):
        """Imports -> the summary that --json prints."""
        return json.loads(self.import_ok("--json", *arguments, **environment).stdout)

    def assert_matches(self, database, logs, fmt=None, scan_date=None, filesystem=None,
                       **options):
        """The database holds what the reference makes of the logs -> the reference."""
        reference = slow_reference.read_logs(logs, fmt, scan_date,
                                             slow_reference.Options(**options))
        differences = compare_database.compare(database, reference, filesystem)
        if differences:
            self.fail("the database differs from the reference\n" + "\n".join(differences))
        self.assert_verified(database)
        return reference

    def assert_verified(self, database):
        """The program itself finds no fault either."""
        result = subprocess.run([program("FSTALLY_QUERY"), "--verify", database], check=False,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                env=clean_environment(self.folder), timeout=HANGS_AFTER)
        self.assertEqual((result.returncode, result.stderr), (0, b""))

    def assert_same_rejects(self, path, reference):
        """The rejects file says the same as the reference: the rejected lines and the flawed ones,
        their order, and of each line one of the things that are wrong with it."""
        for found, expected in zip(read_notes(path), (reference.rejects, reference.flaws)):
            expected = sorted(expected, key=lambda reject: reject.source)
            for ours, theirs in zip(found, expected):
                self.assertEqual(ours[:3], theirs[:3])
                # A newline in a record that ends in NUL is written as \\n.
                self.assertEqual(ours.text, theirs.text.replace(b"\n", b"\\n"))
                self.assertIn(ours.reason, theirs.faults, f"{ours.line}: {ours.text[:300]!r}")
            self.assertEqual(len(found), len(expected))

    def assert_one_line(self, text, *parts):
        """One line of the form `fstally-import: WHAT: WHY` that names every part."""
        self.assertTrue(text.endswith("\n"), repr(text))
        self.assertEqual(text.count("\n"), 1, text)
        self.assertTrue(text.startswith(PREFIX), text)
        for part in parts:
            self.assertIn(part, text)

    def assert_only(self, folder, *names):
        """Nothing lies in the folder but these: no build file, no -wal, no -shm."""
        self.assertEqual(sorted(os.listdir(folder)), sorted(names))

    def nasty_logs(self, fmt=None, which=make_nasty_logs.logs):
        """Writes the hand-written logs, of one format or all -> [(path, NastyLog)]"""
        written = []
        for nasty in which():
            if fmt in (None, nasty.format):
                written.append((self.write(os.path.join("nasty", nasty.name), nasty.data), nasty))
        return written

    def generated_log(self, name, fmt, lines, order="tree", seed=1, **options):
        """A log of log-generator's, in a folder of its own unless the name has one."""
        path = self.path(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        command = [program("FSTALLY_LOGGEN"), "--format", fmt, "--lines", str(lines),
                   "--directories", str(max(1, lines // 11)), "--order", order,
                   "--seed", str(seed), "-o", path]
        for option, value in options.items():
            command += ["--" + option.replace("_", "-"), str(value)]
        subprocess.run(command, check=True, timeout=HANGS_AFTER)
        return path


def main():
    for variable in ("FSTALLY_IMPORT", "FSTALLY_LOGGEN"):
        program(variable)
    unittest.main()
