"""The importer that a site has today: Python, processes, two passes, sqlite3.

    python_two_pass.py LOG DATABASE PROCESSES

Pass 1 finds every directory, numbers them and stores them. Pass 2 reads the log again, counts what
is directly in each directory, adds it up to every ancestor and stores that. Each pass cuts the log
into pieces for a pool of processes, whose dictionaries the first process merges. GPFS policy lists
only; a line that does not match is passed over. Prints a line of totals as JSON.
"""

import json
import multiprocessing
import os
import re
import sqlite3
import sys

# Fields in the order in which the policy writes them; one expression a line is what makes Python
# bearable here.
RECORD = re.compile(rb"^(?:<\d+> )?\d+ \d+ \d+ +s=(\d+) a=(\d+) u=(\d+) g=(\d+) .*?p=(\S+) "
                    rb"ac=(\S+ [0-9:]+)\S* .*? -- (/.*)$")

PIECE = 32 << 20

SCHEMA = """
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = NORMAL;
    CREATE TABLE directories(dir_id INTEGER PRIMARY KEY, parent_id INTEGER,
                             path TEXT NOT NULL UNIQUE, depth INTEGER NOT NULL);
    CREATE TABLE directory_stats(dir_id INTEGER PRIMARY KEY,
                                 file_count_nr INTEGER, total_size_nr INTEGER,
                                 total_alloc_nr INTEGER, max_atime_nr TIMESTAMP,
                                 file_count_r INTEGER, total_size_r INTEGER,
                                 total_alloc_r INTEGER, max_atime_r TIMESTAMP,
                                 owner_uid INTEGER, owner_gid INTEGER);
"""

INDEXES = """
    CREATE INDEX ix_directories_parent ON directories(parent_id);
    CREATE INDEX ix_directories_depth ON directories(depth);
    CREATE INDEX ix_stats_owner ON directory_stats(owner_uid);
    CREATE INDEX ix_stats_size_r ON directory_stats(total_size_r);
    CREATE INDEX ix_stats_files_r ON directory_stats(file_count_r);
"""


def parent_of(path):
    return path[:path.rindex(b"/")] or b"/"


def lines_of(piece):
    """The lines that begin in [begin, end) of a log."""
    log, begin, end = piece
    with open(log, "rb") as file:
        if begin > 0:
            file.seek(begin - 1)
            file.readline()
        while file.tell() < end:
            # Reading many lines at once: tell() for every line would be the slowest thing here.
            yield from file.readlines(min(1 << 20, end - file.tell()))


def find_directories(piece):
    found = set()
    for line in lines_of(piece):
        record = RECORD.match(line)
        if record is None:
            continue
        path = record[7]
        found.add(path if record[5].startswith(b"d") else parent_of(path))
    return found


def count_files(piece):
    """path of a directory -> [files, bytes, allocated, latest access, owners, groups]."""
    counts = {}
    for line in lines_of(piece):
        record = RECORD.match(line)
        if record is None or record[5].startswith(b"d"):
            continue
        size, kib, uid, gid, _, atime, path = record.groups()
        parent = parent_of(path)
        count = counts.get(parent)
        if count is None:
            count = counts[parent] = [0, 0, 0, b"", set(), set()]
        count[0] += 1
        count[1] += int(size)
        count[2] += int(kib) * 1024
        if atime > count[3]:
            count[3] = atime
        count[4].add(int(uid))
        count[5].add(int(gid))
    return counts


def add(into, count):
    into[0] += count[0]
    into[1] += count[1]
    into[2] += count[2]
    into[3] = max(into[3], count[3])
    into[4] |= count[4]
    into[5] |= count[5]


def with_ancestors(directories):
    complete = set()
    for path in directories:
        while path not in complete and path != b"/":
            complete.add(path)
            path = parent_of(path)
    if b"/" in directories:
        complete.add(b"/")
    return complete


def text(path):
    return path.decode("utf-8", "surrogateescape")


def one_owner(owners):
    if not owners:
        return -1
    return next(iter(owners)) if len(owners) == 1 else None


def first_pass(pool, pieces, database):
    """Stores the directories; returns their numbers."""
    directories = set()
    for found in pool.imap_unordered(find_directories, pieces):
        directories |= found
    numbers = {path: number for number, path in enumerate(sorted(with_ancestors(directories)), 1)}
    with database:
        database.executemany(
            "INSERT INTO directories VALUES (?, ?, CAST(? AS TEXT), ?)",
            ((number, numbers.get(parent_of(path)) if path != b"/" else None, path,
              path.count(b"/") if path != b"/" else 0)
             for path, number in numbers.items()))
    return numbers


def second_pass(pool, pieces, database, numbers):
    """Stores the counters; returns files and bytes."""
    own = {path: [0, 0, 0, b"", set(), set()] for path in numbers}
    for counts in pool.imap_unordered(count_files, pieces):
        for path, count in counts.items():
            add(own[path], count)
    subtree = {path: count[:4] + [set(count[4]), set(count[5])] for path, count in own.items()}
    for path in sorted(numbers, reverse=True):  # every directory before the one above it
        if path != b"/" and parent_of(path) in subtree:
            add(subtree[parent_of(path)], subtree[path])
    with database:
        database.executemany(
            "INSERT INTO directory_stats VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            ((number, *own[path][:3], own[path][3].decode() or None,
              *subtree[path][:3], subtree[path][3].decode() or None,
              one_owner(subtree[path][4]), one_owner(subtree[path][5]))
             for path, number in numbers.items()))
    return sum(count[0] for count in own.values()), sum(count[1] for count in own.values())


def main():
    log, target, processes = sys.argv[1], sys.argv[2], int(sys.argv[3])
    size = os.path.getsize(log)
    pieces = [(log, begin, min(begin + PIECE, size)) for begin in range(0, size, PIECE)]
    database = sqlite3.connect(target)
    database.executescript(SCHEMA)
    with multiprocessing.Pool(processes) as pool:
        numbers = first_pass(pool, pieces, database)
        files, total = second_pass(pool, pieces, database, numbers)
    database.executescript(INDEXES)
    database.close()
    print(json.dumps({"files": files, "bytes": total, "directories": len(numbers)}))


if __name__ == "__main__":
    main()
