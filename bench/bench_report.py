"""Telling what was measured: the table, the targets, the row file."""

import json
import os
import statistics
import time

from bench_measure import rows_of
from bench_plan import CLOCK, WHOLE, import_name, threads_text

MIB = 1 << 20

HEADINGS = ("", "runs", "median", "min", "max", "Mlines/s", "GB/s", "peak MiB", "x limit", "x best")

# The first words of the commands' names, in the order of the table.
SECTIONS = ("newlines", "floor", "bytes", "import", "mawk", "python", "duckdb", "sql", "query", "micro")


class Rows:
    """All rows, by the command's name and the part's label."""

    def __init__(self, commands):
        in_order = sorted(commands, key=lambda c: SECTIONS.index(c.name.split()[0]))
        self.all = [row for command in in_order for row in rows_of(command)]
        self.by_key = {(row.command.name, row.part.label): row for row in self.all}

    def value(self, command, label, choose=statistics.median):
        row = self.by_key.get((command, label))
        return None if row is None else choose(row.values)

    def ratio(self, row, choose=statistics.median):
        """How many times the limit; None where the row has none or it was not measured."""
        limits = [self.value(*limit, choose) for limit in row.part.limits]
        if not limits or None in limits or not sum(limits):
            return None
        return choose(row.values) / sum(limits)


def cell(value, form):
    return "" if value is None else format(value, form)


def note_of(row):
    if row.part.per is None:
        return row.part.note
    return f"{row.median / row.part.per:.2f} {row.part.note}"


def table_cells(rows, row):
    form = ".1f" if row.part.unit != "s" else ".4f"
    rate = None if row.part.lines is None or not row.median else row.part.lines / row.median / 1e6
    bandwidth = (None if row.part.bytes is None or not row.median
                 else row.part.bytes / row.median / 1e9)
    unit = "" if row.part.unit == "s" else f" ({row.part.unit})"
    return ["  " + row.part.label + unit, str(len(row.values)), cell(row.median, form),
            cell(min(row.values), form), cell(max(row.values), form), cell(rate, ".2f"),
            cell(bandwidth, ".2f"), cell(None if row.peak is None else row.peak / MIB, ".0f"),
            cell(rows.ratio(row), ".2f"), cell(rows.ratio(row, min), ".2f")]


def table(rows):
    """One table: a heading line a group, then its rows. Seconds but where a unit is named."""
    lines = [(None, list(HEADINGS), "")]
    group = None
    for row in rows.all:
        if row.command.group != group:
            group = row.command.group
            lines.append((group, None, ""))
        lines.append((None, table_cells(rows, row), note_of(row)))
    widths = [max(len(cells[i]) for _, cells, _ in lines if cells) for i in range(len(HEADINGS))]
    text = []
    for heading, cells, note in lines:
        if heading is not None:
            text.append(heading)
            continue
        shown = [cells[0].ljust(widths[0])]
        shown += [value.rjust(width) for value, width in zip(cells[1:], widths[1:])]
        text.append("  ".join([*shown, note]).rstrip())
    return "\n".join(text)


def divided(a, b):
    return a / b if a is not None and b else None


def timed_targets(rows, threads, facts, choose):
    """(what, figure, target, whether more is better); the figure None where a row is missing."""
    name = import_name("inode", 10, threads)

    def value(command, label):
        return rows.value(command, label, choose)

    def after_scan(command):
        """Seconds from the end of the scan on."""
        parts = [value(command, label) for label in ("number + roll up", "store + index + publish")]
        return None if None in parts else sum(parts)

    off = value("floor 10 off", WHOLE)
    scan = value(name, "these three, " + CLOCK)
    return [
        (f"parse + fold / counting newlines, {threads_text(threads)}",
         divided(scan, value(f"newlines inode 10 -j{threads}", CLOCK)), 3.0, False),
        ("after the scan, microseconds a directory",
         divided(after_scan(name), facts["directories"] / 1e6 if facts else None), 0.9, False),
        ("store + index + publish / SQLite's floor, no journal",
         divided(value(name, "store + index + publish"), off), 0.15, False),
        ("whole import / SQLite's floor, no journal", divided(value(name, WHOLE), off), 0.35, False),
        (f"after the scan, 1 thread / {threads_text(threads)}",
         divided(after_scan(import_name("inode", 10, 1)), after_scan(name))
         if threads > 1 else None, 0.8 * threads, True),
    ]


def targets(rows, threads, facts):
    """What was aimed at, as records: figures by the medians and by the best runs."""
    most = 2 if 2 in threads else max(threads)
    found = []
    for median, best in zip(timed_targets(rows, most, facts, statistics.median),
                            timed_targets(rows, most, facts, min)):
        what, figure, target, more = median
        found.append({"what": what, "median": figure, "best": best[1], "target": target,
                      "at_least": more})
    whole = rows.by_key.get((import_name("inode", 10, most), WHOLE))
    if facts and whole is not None:
        allowed = 64 * MIB + 1.2 * facts["path_bytes"] + 160 * facts["directories"]
        found.append({"what": "peak memory, MiB", "median": whole.peak / MIB,
                      "best": whole.peak / MIB, "target": allowed / MIB, "at_least": False})
    return found


def targets_text(found):
    lines = [f"{'Targets (inode order, 10 files a directory)':56} {'median':>8} {'best':>8}"]
    for record in found:
        text = f"  {record['what']:54}"
        if record["median"] is None:
            lines.append(f"{text}   not measured")
            continue
        sign = ">=" if record["at_least"] else "<="
        lines.append(f"{text} {record['median']:8.2f} {record['best']:8.2f}"
                     f"  target {sign} {record['target']:.2f}")
    return "\n".join(lines)


def instructions_text(counts, kept, kept_commit):
    lines = ["Instructions a line:"]
    for name, value in counts.items():
        old = kept.get(name)
        change = ("" if not old else
                  f"  {(value / old - 1) * 100:+6.1f} % against {old:.1f} at {kept_commit}")
        lines.append(f"  {name:14} {value:8.1f}{change}")
    return "\n".join(lines)


def machine_text(machine, commit):
    return (f"{machine['processors']} x {machine['processor']}, {machine['memory_gib']} GiB, "
            f"{machine['kernel']}, {machine['compiler']}, SQLite {machine['sqlite']}; "
            f"load before {machine['load_before']}; commit {commit}; "
            "logs warm (read once before)")


def row_record(rows, row, shown):
    part = row.part
    record = {"name": row.command.name, "group": row.command.group, "part": part.label,
              "command": shown(row.command.argv), "unit": part.unit, "warm": True,
              "runs": len(row.values), "median": row.median, "min": min(row.values),
              "max": max(row.values), "values": row.values}
    if len(row.values) > 1:
        record["standard_deviation"] = statistics.stdev(row.values)
    if part.lines is not None and row.median:
        record.update(lines=part.lines, lines_per_second=round(part.lines / row.median))
    if part.bytes is not None and row.median:
        record.update(bytes=part.bytes, gb_per_second=round(part.bytes / row.median / 1e9, 3))
    if row.peak is not None:
        record["peak_bytes"] = row.peak
    ratio = rows.ratio(row)
    if ratio is not None:
        record.update(limits=part.limits, ratio=round(ratio, 3),
                      ratio_of_best=round(rows.ratio(row, min), 3))
    answers = row.command.runs[0].answers
    if answers:
        record["answers"] = answers
    if part.note:
        record["note"] = note_of(row)
    return record


def document(rows, shown, **about):
    """All of it, as JSON."""
    return {**about, "rows": [row_record(rows, row, shown) for row in rows.all]}


def write_json(path, content):
    with open(path, "w", encoding="utf-8") as file:
        json.dump(content, file, indent=1)
        file.write("\n")


def write_row_file(folder, content):
    """Adds a file to bench/runs; its name sorts by time. Returns its path."""
    os.makedirs(folder, exist_ok=True)
    stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime(content["began"]))
    path = os.path.join(folder, f"{stamp}-{content['commit'].replace('+', '-changed')}.json")
    write_json(path, content)
    return path
