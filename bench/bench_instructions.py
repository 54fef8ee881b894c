"""Instructions a line of the parser and of the folding.

A count of instructions is nearly the same on a busy machine as on an idle one, so that it shows a
slowdown which the clock hides; a cache miss it does not show. The counts are differences between
whole runs of `micro` (parse less load; fold less parse), so that it does not matter what the
compiler inlined where. They are compared with the newest row file that holds counts.
"""

import glob
import json
import os
import re
import shutil

from bench_workshop import Shape, Trouble, remove, say

LINES = 20_000
FORMATS = ("gpfs", "lustre", "find")


def name_of(log_format):
    return f"instructions {log_format}"


def names():
    return [name_of(log_format) for log_format in FORMATS]


def count(workshop, mode, log):
    """The instructions of one run of `micro MODE LOG`."""
    out = workshop.path("callgrind.out")
    workshop.run(["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}",
                  workshop.program("micro"), mode, log])
    with open(out, encoding="utf-8") as file:
        found = re.search(r"^(?:summary|totals): (\d+)", file.read(), re.MULTILINE)
    remove(out)
    if found is None:
        raise Trouble("callgrind: its file holds no total")
    return int(found[1])


def measure(workshop, wanted, skipped):
    """name -> instructions a line, of what `wanted(name)`."""
    counts = {}
    for name in FORMATS:
        if not wanted(name_of(name)):
            continue
        if not shutil.which("valgrind"):
            skipped.append("instructions: valgrind is not installed")
            return {}
        say(f"counting instructions, {name}")
        log = workshop.log(Shape(name, "inode", 10, LINES))
        load, parse, fold = (count(workshop, mode, log) for mode in ("load", "parse", "fold"))
        counts[f"parse {name}"] = round((parse - load) / LINES, 1)
        counts[f"fold {name}"] = round((fold - parse) / LINES, 1)
        if name == "gpfs":
            described = count(workshop, "described", log)
            counts["parse gpfs, described by a template"] = round((described - load) / LINES, 1)
    return counts


def before(folder):
    """The newest kept counts, and the commit they are of: ({}, '') where there are none."""
    for path in sorted(glob.glob(os.path.join(folder, "*.json")), reverse=True):
        try:
            with open(path, encoding="utf-8") as file:
                kept = json.load(file)
        except (OSError, ValueError):
            continue
        if kept.get("instructions"):
            return kept["instructions"], kept.get("commit", "")
    return {}, ""
