"""Where the benchmark works: the programs, the scratch directory, the logs and databases in it.

Logs and databases are made when they are first asked for, so that a benchmark restricted to some
rows makes only what those need. A log that a kept scratch directory already holds is used again:
the generator's bytes depend on nothing but its options.
"""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from typing import NamedTuple

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)

# Bytes of a generated line, rounded up, to tell beforehand whether the disk has room.
LINE_BYTES = 310


class Trouble(Exception):
    """What ends the benchmark, in one line."""


def say(text):
    print(f"bench: {text}", file=sys.stderr, flush=True)


class Shape(NamedTuple):
    """What a log is like."""

    format: str
    order: str
    files: int  # a directory, on average
    lines: int
    largest: int = 0  # percent of the directories in the first home; 0: as it comes

    @property
    def name(self):
        largest = f"-{self.largest}" if self.largest else ""
        return f"{self.format}-{self.order}-{self.files}-{self.lines}{largest}"

    @property
    def title(self):
        return f"{self.order} order, {self.files:,} files a directory"


class Workshop:
    def __init__(self, build, scratch):
        self.build = os.path.abspath(build)
        self.scratch = os.path.abspath(scratch)
        self.read = set()       # logs that have been read once
        self.databases = {}     # (files a directory, lines, largest home) -> path

    def program(self, name):
        path = os.path.join(self.build, name)
        if not os.access(path, os.X_OK):
            raise Trouble(f"{path}: not there: build first (./dev build)")
        return path

    def has_program(self, name):
        return os.access(os.path.join(self.build, name), os.X_OK)

    def path(self, name):
        return os.path.join(self.scratch, name)

    def log(self, shape):
        """The log of this shape, in the page cache."""
        path = self.path(f"{shape.name}.log")
        if path in self.read:
            return path
        if not os.path.exists(path):
            self._check_room(shape.lines * LINE_BYTES)
            say(f"making {shape.name}.log")
            unfinished = path + ".unfinished"
            self.run([self.program("log-generator"), "--format", shape.format,
                      "--order", shape.order, "--lines", str(shape.lines),
                      "--directories", str(max(1, shape.lines // (shape.files + 1))),
                      "--largest-home", str(shape.largest),
                      "-o", unfinished])
            os.rename(unfinished, path)
        with open(path, "rb") as file:
            while file.read(1 << 22):
                pass
        self.read.add(path)
        return path

    def database(self, shape):
        """A database of the logs of this shape; in any order they hold the same directories."""
        key = (shape.files, shape.lines, shape.largest)
        if key not in self.databases:
            path = self.path(f"{shape.format}-{'-'.join(map(str, key))}.db")
            remove(path)
            self.run([self.program("fstally-import"), "--quiet", "--db", path, self.log(shape)])
            self.databases[key] = path
        return self.databases[key]

    def database_facts(self, shape):
        """What a database holds, for the targets and for checking other programs' answers."""
        with sqlite3.connect(f"file:{self.database(shape)}?mode=ro", uri=True) as database:
            directories, path_bytes = database.execute(
                "SELECT count(*), sum(length(CAST(path AS BLOB))) FROM directories").fetchone()
            with_files, files, size = database.execute(
                "SELECT sum(file_count_nr > 0), sum(file_count_nr), sum(total_size_nr) "
                "FROM directory_stats").fetchone()
        return {"directories": directories, "path_bytes": path_bytes,
                "directories_with_files": with_files, "files": files, "bytes": size,
                "database_bytes": os.path.getsize(self.database(shape))}

    def shown(self, argv):
        """A command as a reader can type it: no path of this machine."""
        words = []
        for word in argv:
            word = word.replace(self.scratch, "$SCRATCH").replace(ROOT + os.sep, "")
            words.append(word.replace(self.build, "$BUILD").replace(sys.executable, "python3"))
        return " ".join(words)

    def run(self, argv):
        """Runs a preparation; its standard output."""
        done = subprocess.run(argv, env=environment(), capture_output=True, text=True, check=False)
        if done.returncode != 0:
            last = (done.stderr.strip().splitlines() or ["no message"])[-1]
            raise Trouble(f"{self.shown(argv)}: status {done.returncode}: {last}")
        return done.stdout

    def _check_room(self, needed):
        free = shutil.disk_usage(self.scratch).free
        if free < needed:
            raise Trouble(f"{self.scratch}: {needed >> 20:,} MiB needed, {free >> 20:,} MiB free: "
                          "name a larger place with --keep, or fewer --lines")


def environment():
    """Ours, without what would change where databases go or how many threads run."""
    return {name: value for name, value in os.environ.items()
            if not name.startswith(("FSTALLY_", "SLURM_"))}


def remove(path):
    for name in (path, path + "-wal", path + "-shm", path + "-journal", path + ".wal"):
        if os.path.exists(name):
            os.remove(name)


def processors():
    return len(os.sched_getaffinity(0))


def output_of(argv):
    """The standard output of a small question, or '' where it cannot be asked."""
    try:
        return subprocess.run(argv, capture_output=True, text=True, cwd=ROOT, timeout=10,
                              check=False).stdout.strip()
    except (OSError, subprocess.TimeoutExpired):
        return ""


def _first_field(path, key):
    try:
        with open(path, encoding="utf-8") as file:
            for line in file:
                if line.startswith(key):
                    return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return ""


def machine(scratch):
    """What the figures depend on, without the machine's name."""
    memory = _first_field("/proc/meminfo", "MemTotal").split()
    return {
        "processor": _first_field("/proc/cpuinfo", "model name"),
        "processors": processors(),
        "memory_gib": round(int(memory[0]) / (1 << 20), 1) if memory else None,
        "kernel": f"{os.uname().sysname} {os.uname().release.split('-')[0]} {os.uname().machine}",
        "compiler": output_of(["cc", "--version"]).split("\n")[0],
        "sqlite": output_of(["pkg-config", "--modversion", "sqlite3"]),
        "scratch_filesystem": output_of(["stat", "-f", "-c", "%T", scratch]),
        "load_before": round(os.getloadavg()[0], 2),
    }


def commit():
    """What was measured: the commit, with `+` where src or bench differ from it."""
    name = output_of(["git", "rev-parse", "--short=12", "HEAD"]) or "unknown"
    changed = output_of(["git", "--no-optional-locks", "status", "--porcelain",
                         "--", "src", "bench/*.c", "CMakeLists.txt", "CMakePresets.json"])
    return name + ("+" if changed else "")


def parse_json(argv_shown, text):
    try:
        return json.loads(text)
    except ValueError:
        raise Trouble(f"{argv_shown}: printed no JSON: {text[:80]!r}") from None
