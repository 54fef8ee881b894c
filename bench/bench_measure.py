"""Running commands in turn and keeping what they took.

All commands run once, then all run again: A B C A B C. A machine that is busy for a while then
slows one run of everything instead of every run of one thing. Each run begins with its outputs
removed and with nothing left to be written to the disk by the one before.
"""

import os
import statistics
import subprocess
from dataclasses import dataclass, field
from typing import Callable, NamedTuple, Optional

from bench_workshop import Trouble, environment, parse_json, remove, say


class Part(NamedTuple):
    """One figure of one run. A command gives one or several."""

    label: str
    value: float                      # seconds, or what `unit` says
    unit: str = "s"
    lines: Optional[int] = None       # done in that time
    bytes: Optional[int] = None
    limits: tuple = ()                # (name of a command, label) of the rows, added up, that it is
                                      # compared with
    peak: bool = False                # whether the process's peak memory belongs to this row
    per: Optional[float] = None       # also shown divided by this, which `note` then names
    note: str = ""


class Result(NamedTuple):
    """What a run says: its figures, and answers that others must agree with."""

    parts: list
    answers: dict


@dataclass
class Command:
    name: str                                   # unique; what --only is matched with
    group: str                                  # rows of a group stand together in the table
    argv: list
    read: Callable                              # (standard output, usage) -> Result
    outputs: list = field(default_factory=list)
    topic: Optional[tuple] = None               # commands of one topic answer the same questions
    runs: list = field(default_factory=list)    # of Result
    usages: list = field(default_factory=list)  # clock, user, system, peak_bytes
    spent: float = 0.0


class Row(NamedTuple):
    command: Command
    part: Part          # of the first run: what does not change
    values: list
    peak: Optional[int]

    @property
    def median(self):
        return statistics.median(self.values)


def run_once(workshop, command):
    for path in command.outputs:
        remove(path)
    os.sync()
    read_end, write_end = os.pipe()
    argv = [workshop.program("run-measured"), str(write_end), *command.argv]
    with subprocess.Popen(argv, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True, pass_fds=[write_end]) as process:
        os.close(write_end)
        output, errors = process.communicate()
    with os.fdopen(read_end) as pipe:
        usage_text = pipe.read()
    shown = workshop.shown(command.argv)
    if process.returncode != 0:
        last = (errors.strip().splitlines() or ["no message"])[-1]
        raise Trouble(f"{shown}: status {process.returncode}: {last}")
    usage = parse_json(shown, usage_text)
    result = command.read(parse_json(shown, output), usage)
    for path in command.outputs:
        remove(path)
    command.runs.append(result)
    command.usages.append(usage)
    command.spent += usage["clock"]


def run_in_turn(workshop, commands, runs, budget):
    """`runs` rounds; a command that has had `budget` seconds is not run again."""
    for turn in range(1, runs + 1):
        say(f"round {turn} of {runs}")
        for command in commands:
            if turn == 1 or command.spent < budget:
                run_once(workshop, command)


def rows_of(command):
    rows = []
    for index, part in enumerate(command.runs[0].parts if command.runs else []):
        values = [result.parts[index].value for result in command.runs]
        peak = max(usage["peak_bytes"] for usage in command.usages) if part.peak else None
        rows.append(Row(command, part, values, peak))
    return rows


def disagreements(commands, known):
    """Compares all answers, with each other and with `known`: topic -> question -> answer. What
    does not agree, a line each."""
    first = {(topic, question): (answer, "the database")
             for topic, answers in known.items() for question, answer in answers.items()}
    found = []
    for command in commands:
        for result in command.runs:
            for question, answer in result.answers.items():
                key = (command.topic, question)
                expected, who = first.setdefault(key, (answer, command.name))
                if answer != expected:
                    found.append(f"{command.name}: {question} {answer}, "
                                 f"but {who} says {expected}")
    return sorted(set(found))
