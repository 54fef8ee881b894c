"""What is measured: the commands, and how to read what they print.

Every figure of a part of the import names the limit it is compared with, which is measured in the
same run: finding the newlines for reading, parsing and folding; SQLite's own loading of the same
rows for storing and indexing; the plain writing of as many bytes for publishing; newlines and
loading together for the whole.
"""

import os
import shutil
import subprocess
import sys

import bench_query
from bench_measure import Command, Part, Result
from bench_workshop import HERE, Shape, processors, say

FILES_A_DIRECTORY = (10, 100, 1000)
OVERSUBSCRIBED = 8  # workers a processor
MICRO_LINES = 1_000_000

CLOCK = "by the clock"
THREAD_SECONDS = "seconds of all threads"
WHOLE = "whole"


def threads_text(count):
    return f"{count} thread{'' if count == 1 else 's'}"


def newlines_name(shape, threads):
    return f"newlines {shape.order} {shape.files} -j{threads}"


def floor_name(shape, journal):
    return f"floor {shape.files} {journal}"


def bytes_name(shape):
    return f"bytes {shape.files}"


def topic_of(shape):
    """The order of the lines changes no answer."""
    return shape.files, shape.lines, shape.largest


def newlines(workshop, shape, threads):
    log = workshop.log(shape)

    def read(output, usage):
        work = {"lines": output["lines"], "bytes": output["bytes"]}
        return Result([Part(CLOCK, output["seconds"], peak=True, **work),
                       Part(THREAD_SECONDS, output["thread_seconds"], **work)],
                      {"lines": output["lines"]})

    return Command(newlines_name(shape, threads),
                   f"limit: newlines, {shape.title}, {threads_text(threads)}",
                   [workshop.program("newline-count"), log, str(threads)], read,
                   topic=topic_of(shape))


def floor(workshop, shape, journal):
    target = workshop.path("floor.db")

    def read(output, usage):
        seconds = output["seconds"]
        parts = [Part(name, seconds[name]) for name in ("store", "index", "publish")]
        return Result([*parts, Part(WHOLE, seconds["total"])], {"directories": output["rows"]})

    how = {"off": "no journal, no sync", "wal": "write-ahead log"}[journal]
    return Command(floor_name(shape, journal),
                   f"limit: SQLite loads the final rows, {how}, {shape.files:,} files a directory",
                   [workshop.program("sqlite-floor"), workshop.database(shape), target, journal],
                   read, [target], topic_of(shape))


def plain_bytes(workshop, shape):
    target = workshop.path("bytes.out")
    count = workshop.database_facts(shape)["database_bytes"]

    def read(output, usage):
        seconds = output["seconds"]
        return Result([Part("write", seconds["write"], bytes=count),
                       Part("sync", seconds["sync"]),
                       Part(WHOLE, seconds["total"], bytes=count)], {})

    return Command(bytes_name(shape),
                   f"limit: the bytes of the database, {shape.files:,} files a directory",
                   [workshop.program("write-bytes"), target, str(count)], read, [target])


def import_parts(shape, threads, output, usage):
    work = {"lines": output["lines"], "bytes": output["input_bytes"]}
    seconds = output["seconds"]
    thread_seconds = output["thread_seconds"]
    count = newlines_name(shape, threads)
    off = floor_name(shape, "off")
    storing = seconds["store"] + seconds["index"] + seconds["publish"]
    return [
        Part("read + split, " + THREAD_SECONDS, thread_seconds["read"], **work),
        Part("parse, " + THREAD_SECONDS, thread_seconds["parse"],
             limits=((count, THREAD_SECONDS),), **work),
        Part("fold, " + THREAD_SECONDS, thread_seconds["fold"],
             limits=((count, THREAD_SECONDS),), **work),
        Part("these three, " + CLOCK, seconds["scan"], limits=((count, CLOCK),), **work),
        Part("number + roll up", seconds["tree"],
             per=output["stored_directories"] / 1e6, note="s a million directories"),
        Part("store", seconds["store"], limits=((off, "store"),)),
        Part("index", seconds["index"], limits=((off, "index"),)),
        Part("publish", seconds["publish"], limits=((bytes_name(shape), WHOLE),)),
        Part("store + index + publish", storing, limits=((off, WHOLE),)),
        Part(WHOLE, usage["clock"], limits=((count, CLOCK), (off, WHOLE)), peak=True, **work),
    ]


def import_name(order, files, threads):
    return f"import {order} {files} -j{threads}"


def fstally(workshop, shape, threads, writer="pages"):
    target = workshop.path("import.db")

    def read(output, usage):
        answers = {"lines": output["lines"], "files": output["files"],
                   "bytes": output["total_size"], "directories": output["stored_directories"],
                   "rejected": output["rejected"]}
        return Result(import_parts(shape, threads, output, usage), answers)

    name = import_name(shape.order, shape.files, threads)
    title = f"fstally-import, {shape.title}, {threads_text(threads)}"
    choice = []
    if writer != "pages":
        name = f"{writer} import {shape.files} -j{threads}"
        title += f", --writer {writer}"
        choice = ["--writer", writer]
    return Command(name, title,
                   [workshop.program("fstally-import"), "--json", "--quiet", "--threads",
                    str(threads), *choice, "--db", target, workshop.log(shape)],
                   read, [target], topic_of(shape))


def other(workshop, shape, threads, name, title, argv, target):
    """A program that a user would otherwise run: prints files, bytes and what it knows of
    directories."""
    def read(output, usage):
        part = Part(WHOLE, usage["clock"], lines=shape.lines,
                    bytes=os.path.getsize(workshop.log(shape)),
                    limits=((newlines_name(shape, threads), CLOCK),
                            (floor_name(shape, "off"), WHOLE)), peak=True)
        return Result([part], output)

    return Command(name, f"otherwise: {title}, {shape.title}", argv, read, [target],
                   topic_of(shape))


def mawk(workshop, shape, threads):
    target = workshop.path("mawk.tsv")
    return other(workshop, shape, threads, "mawk", "mawk, one pass, 1 process, no subtrees",
                 ["mawk", "-v", f"out={target}", "-f", os.path.join(HERE, "fold.awk"),
                  workshop.log(shape)], target)


def python(workshop, shape, threads):
    target = workshop.path("python.db")
    return other(workshop, shape, threads, "python", f"Python, two passes, {threads} processes",
                 [sys.executable, os.path.join(HERE, "python_two_pass.py"), workshop.log(shape),
                  target, str(threads)], target)


def duckdb(workshop, shape, threads):
    target = workshop.path("fold.duckdb")
    return other(workshop, shape, threads, "duckdb",
                 f"DuckDB, {threads_text(threads)}, no subtrees",
                 ["node", os.path.join(HERE, "duckdb_fold.mjs"), workshop.log(shape), target,
                  str(threads)], target)


def why_no_duckdb():
    """Installs DuckDB's npm package where it is missing; why that cannot be, or None."""
    if os.path.isdir(os.path.join(HERE, "node_modules", "@duckdb", "node-api")):
        return None if shutil.which("node") else "node is not installed"
    if not shutil.which("npm"):
        return "npm is not installed"
    say("installing @duckdb/node-api into bench/node_modules")
    try:
        done = subprocess.run(["npm", "install", "--no-package-lock", "--no-audit", "--no-fund",
                               "--loglevel=error", "--fetch-retries=0"], cwd=HERE, timeout=180,
                              capture_output=True, text=True, check=False)
    except subprocess.TimeoutExpired:
        return "npm install took longer than 180 s"
    return None if done.returncode == 0 else "npm install @duckdb/node-api failed"


def why_no_mawk():
    return None if shutil.which("mawk") else "mawk is not installed"


def micro(workshop, name, *arguments, topic=None):
    def read(output, usage):
        parts = []
        answers = {}
        for row in output:
            note = ""
            if "bytes_each" in row:
                note = (f"{row['bytes_each']:.0f} bytes each, {row['path_bytes_each']:.0f} of them "
                        "the path")
            elif "path_bytes_each" in row:
                note = f"{row['path_bytes_each']:.0f} bytes a path"
            parts.append(Part(row["name"], row["ns"], f"ns a {row['unit']}", note=note))
            answers.update({key: row[key] for key in ("files", "size") if key in row})
        return Result(parts, answers)

    return Command(f"micro {name}", "microbenchmarks, 1 thread, in memory",
                   [workshop.program("micro"), *arguments], read, topic=topic)


def micro_commands(workshop, lines):
    count = min(lines, MICRO_LINES)
    plan = []
    for name in ("gpfs", "lustre", "find"):
        shape = Shape(name, "inode", 10, count)
        plan.append((f"micro parse {name}",
                     lambda n=name, s=shape: micro(workshop, f"parse {n}", "parse",
                                                   workshop.log(s), topic=("micro", n))))
    shape = Shape("gpfs", "inode", 10, count)
    plan.append(("micro described gpfs",
                 lambda: micro(workshop, "described gpfs", "described", workshop.log(shape),
                               topic=("micro", "gpfs"))))
    plan.append(("micro linescan",
                 lambda: micro(workshop, "linescan", "linescan", workshop.log(shape))))
    plan.append(("micro fold gpfs",
                 lambda: micro(workshop, "fold gpfs", "fold", workshop.log(shape),
                               topic=("micro", "gpfs"))))
    plan.append(("micro dates", lambda: micro(workshop, "dates", "dates")))
    plan.append(("micro hash", lambda: micro(workshop, "hash", "hash", workshop.log(shape))))
    plan.append(("micro glob", lambda: micro(workshop, "glob", "glob", workshop.log(shape))))
    for name in ("dirmap", "uthash", "uthash-xxh3"):
        plan.append((f"micro map {name}",
                     lambda n=name: micro(workshop, f"map {n}", "map", n, workshop.log(shape),
                                          str(count))))
    return plan


def import_cases(lines, threads, full):
    """(shape, threads) of every import."""
    most = max(threads)
    crowd = OVERSUBSCRIBED * processors()
    if full:
        return [(Shape("gpfs", order, files, lines), workers)
                for files in FILES_A_DIRECTORY for order in ("tree", "inode")
                for workers in (*threads, crowd)]
    cases = [(Shape("gpfs", order, 10, lines), workers)
             for order in ("tree", "inode") for workers in threads]
    cases += [(Shape("gpfs", "inode", files, lines), most) for files in FILES_A_DIRECTORY[1:]]
    return [*cases, (Shape("gpfs", "inode", 10, lines), crowd)]


def others(workshop, shape, threads, skipped):
    """Those that can run here. What cannot is noted in `skipped`, with why, when it is wanted."""
    def made(make, why_not, name):
        why = why_not()
        if why is None:
            return make(workshop, shape, threads)
        skipped.append(f"{name}: {why}")
        return None

    return [("mawk", lambda: made(mawk, why_no_mawk, "mawk")),
            ("python", lambda: python(workshop, shape, threads)),
            ("duckdb", lambda: made(duckdb, why_no_duckdb, "duckdb"))]


def plan(workshop, options, skipped):
    """(name, how to make it) of every command, in the order of a round: limits directly before what
    is compared with them, so that both see the machine in the same state. Making a command makes
    the log and the database it needs."""
    cases = import_cases(options.lines, options.threads, options.full)
    most = max(options.threads)
    shapes = list(dict.fromkeys(shape._replace(order="inode") for shape, _ in cases))
    main = shapes[0]
    entries = []

    def entry(name, make, *arguments):
        entries.append((name, lambda: make(workshop, *arguments)))

    for shape, threads in cases:
        inode = shape._replace(order="inode")
        if inode in shapes:
            shapes.remove(inode)
            for journal in ("wal", "off"):
                entry(floor_name(shape, journal), floor, inode, journal)
            entry(bytes_name(shape), plain_bytes, inode)
        entry(newlines_name(shape, threads), newlines, shape, threads)
        entry(import_name(shape.order, shape.files, threads), fstally, shape, threads)
    entries.extend(others(workshop, main, most, skipped))
    entry(f"sql import {main.files} -j{most}", fstally, main, most, "sql")
    entries.extend(bench_query.entries(workshop, options.lines))
    entries.extend(micro_commands(workshop, options.lines))
    return entries, main
