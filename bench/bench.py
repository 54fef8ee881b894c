#!/usr/bin/env python3
"""The benchmark: makes its logs, runs everything in turn, prints one table.

Standard library only; the programs are those of build/release (./dev bench builds them). See
README.md for the rows. Exit status: 0; 1 where something could not be run or two programs gave
different answers; 2 for wrong usage. No time is ever asserted.
"""

import argparse
import os
import re
import sys
import tempfile
import time

import bench_instructions
import bench_plan
import bench_report
from bench_measure import disagreements, run_in_turn
from bench_workshop import HERE, ROOT, Trouble, Workshop, commit, machine, processors, say

RUNS_FOLDER = os.path.join(HERE, "runs")

# A command is not run again once it has had this long, so that slow ones do not decide how long the
# whole takes.
BUDGET_SECONDS = 15


def positive(text):
    value = int(text)
    if value < 1:
        raise ValueError
    return value


def thread_list(text):
    return sorted({positive(word) for word in text.split(",")})


def expression(text):
    try:
        return re.compile(text)
    except re.error as error:
        raise argparse.ArgumentTypeError(f"no regular expression: {error}") from None


def parse_options(arguments):
    parser = argparse.ArgumentParser(prog="bench", description=__doc__.split("\n")[0])
    parser.add_argument("--lines", type=positive, default=2_000_000, metavar="N",
                        help="data lines of each log (default 2,000,000)")
    parser.add_argument("--runs", type=positive, default=5, metavar="N",
                        help="rounds (default 5)")
    parser.add_argument("--only", type=expression, metavar="REGEX",
                        help="only commands whose name this matches, see --list")
    parser.add_argument("--threads", type=thread_list, metavar="LIST",
                        default=sorted({1, 2, processors()}),
                        help="numbers of threads (default 1,2 and all processors)")
    parser.add_argument("--full", action="store_true",
                        help="every order with every number of files and of threads")
    parser.add_argument("--keep", metavar="DIR", help="work there and leave the logs for next time")
    parser.add_argument("--json", metavar="FILE", help="write all figures there too")
    parser.add_argument("--no-row-file", action="store_true", help="add nothing to bench/runs")
    parser.add_argument("--build", default=os.path.join(ROOT, "build", "release"), metavar="DIR",
                        help="where the programs are (default build/release)")
    parser.add_argument("--list", action="store_true", help="print the commands' names and end")
    return parser.parse_args(arguments)


def make_commands(entries, wanted):
    made = [make() for name, make in entries if wanted(name)]
    return [command for command in made if command is not None]


def known_answers(workshop):
    """topic -> what its database says, for the topics that have one."""
    known = {}
    for key in workshop.databases:
        facts = workshop.database_facts(bench_plan.Shape("gpfs", "inode", *key))
        known[key] = {key: facts[key] for key in
                               ("directories", "directories_with_files", "files", "bytes")}
    return known


def print_report(rows, about, kept):
    print(bench_report.machine_text(about["machine"], about["commit"]))
    print()
    if rows.all:
        print(bench_report.table(rows))
        print()
    if about["instructions"]:
        print(bench_report.instructions_text(about["instructions"], *kept))
        print()
    if any(record["median"] is not None for record in about["targets"]):
        print(bench_report.targets_text(about["targets"]))
    for line in about["skipped"]:
        print(f"skipped: {line}")
    for line in about["disagreements"]:
        print(f"different answers: {line}")


def measure(workshop, options):
    def wanted(name):
        return options.only is None or options.only.search(name) is not None

    skipped = []
    entries, main_shape = bench_plan.plan(workshop, options, skipped)
    names = [name for name, _ in entries] + bench_instructions.names()
    if options.list:
        print("\n".join(names))
        return 0
    if not any(map(wanted, names)):
        raise Trouble(f"--only {options.only.pattern}: matches no command; see --list")
    about = {"began": int(time.time()), "commit": commit(), "machine": machine(workshop.scratch),
             "options": {"lines": options.lines, "runs": options.runs, "threads": options.threads,
                         "only": options.only.pattern if options.only else None,
                         "full": options.full}}
    commands = make_commands(entries, wanted)
    if commands:
        run_in_turn(workshop, commands, options.runs, BUDGET_SECONDS)
    instructions = bench_instructions.measure(workshop, wanted, skipped)
    rows = bench_report.Rows(commands)
    has_database = bench_plan.topic_of(main_shape) in workshop.databases
    facts = workshop.database_facts(main_shape) if has_database else None
    about.update(took_seconds=round(time.time() - about["began"]), instructions=instructions,
                 skipped=skipped, disagreements=disagreements(commands, known_answers(workshop)),
                 database=facts,
                 targets=[record for record in
                          bench_report.targets(rows, options.threads, facts)
                          if rows.all])
    print_report(rows, about, bench_instructions.before(RUNS_FOLDER))
    content = bench_report.document(rows, workshop.shown, **about)
    if options.json:
        bench_report.write_json(options.json, content)
    if not options.no_row_file:
        path = bench_report.write_row_file(RUNS_FOLDER, content)
        say(f"added {os.path.relpath(path, ROOT)}")
    say(f"took {about['took_seconds']} s")
    return 1 if about["disagreements"] else 0


def main():
    options = parse_options(sys.argv[1:])
    try:
        if options.keep:
            os.makedirs(options.keep, exist_ok=True)
            return measure(Workshop(options.build, options.keep), options)
        with tempfile.TemporaryDirectory(prefix="fstally-bench-") as scratch:
            return measure(Workshop(options.build, scratch), options)
    except Trouble as trouble:
        say(str(trouble))
        return 1
    except KeyboardInterrupt:
        say("interrupted: nothing was kept")
        return 130


if __name__ == "__main__":
    sys.exit(main())
