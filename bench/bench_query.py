"""Plain questions to a database of as many directories as half the lines, a million by default: the
whole process, warm, the answer as JSON.

The log has one home of a third of all directories. The subtrees asked about are the largest at their
depth, and the patterns are made of names that the database holds; so the same log gives the same
questions.
"""

import sqlite3

from bench_measure import Command, Part, Result
from bench_workshop import Shape

LARGEST_HOME = 34   # percent of the directories
HOME_DEPTH = 4
DEPTHS = (HOME_DEPTH, 6, 9)


def shape_of(lines):
    return Shape("gpfs", "inode", 1, lines, LARGEST_HOME)


def facts(workshop, shape):
    """What the questions are about."""
    with sqlite3.connect(f"file:{workshop.database(shape)}?mode=ro", uri=True) as database:
        database.text_factory = lambda text: text.decode("utf-8", "surrogateescape")
        subtrees = {depth: database.execute(
            "SELECT path FROM directories WHERE depth = ? ORDER BY last_id - dir_id DESC, dir_id",
            (depth,)).fetchone()[0] for depth in DEPTHS}
        # Of the names that few have, the first: one needs no other.
        rare = database.execute(
            "SELECT name FROM (SELECT substr(path, length(rtrim(path, replace(path, '/', ''))) + 1) "
            "AS name FROM directories LIMIT 100000) WHERE name NOT GLOB '*[^a-z0-9_]*' "
            "AND length(name) > 4 GROUP BY name HAVING count(*) BETWEEN 2 AND 9 "
            "ORDER BY length(name) DESC, name").fetchone()[0]
        owner = database.execute("SELECT owner_uid FROM owner_summary WHERE owner_uid > 0 "
                                 "ORDER BY total_size DESC LIMIT 1").fetchone()[0]
    return subtrees, rare, str(owner)


def questions(subtrees, rare, owner):
    home = subtrees[HOME_DEPTH]
    yield "default", "the largest directories", []
    for depth, path in subtrees.items():
        yield f"depth {depth}", f"the largest below a directory at depth {depth}", ["-P", path]
    for key in ("atime", "avg_size", "files_nr"):
        yield f"sort {key}", f"the first by {key}", ["--sort-by", key]
    yield ("two filters", "old and large",
           ["--accessed-before", "3yrs", "--min-size", "1GiB", "--leaves-only"])
    yield ("three filters", "of middling size, depth and age, by time of change",
           ["--min-size", "10M", "-d", "6", "--accessed-after", "2024-06-01", "--sort-by", "mtime"])
    yield "owner", "what an owner holds", ["-u", owner]
    yield "rare name", "a name that few have", ["-N", f"*{rare}*"]
    yield "common name", "a name that many have", ["-N", "*a*"]
    yield "folded name", "the same in any case", ["-N", "*A*", "-i"]
    yield "set name", "a name that ends in a digit", ["-N", "*[0-9]"]
    yield "owners", "owners' totals below a third of all", ["--group-by", "owner", "-P", home]
    yield "groups", "groups' totals below a third of all", ["--group-by", "group", "-P", home]
    yield ("owners but", "owners' totals of all but a third",
           ["--group-by", "owner", "-E", home])
    yield "owners deep", "owners' totals from depth 6 on", ["--group-by", "owner", "-d", "6"]
    yield ("owners named", "owners' totals of directories with a name",
           ["--group-by", "owner", "-N", "*[0-9]"])
    yield "histogram", "both histograms below a third of all", ["--histogram", "both", "-P", home]
    yield "histogram all", "both histograms of all", ["--histogram", "both"]
    yield ("histogram owner", "both histograms of an owner below a third of all",
           ["--histogram", "both", "-P", home, "-u", owner])
    yield "cold", "where the bytes are that are three years cold", ["--cold", "3y"]
    yield "cold owner", "the same for an owner", ["--cold", "3y", "-u", owner]
    yield "cold owners", "cold bytes of each owner", ["--cold", "3y", "--group-by", "owner"]
    yield "hot spots", "directories that hold cold bytes themselves", ["--cold", "3y", "--hot-spots"]
NAMES = [name for name, _, _ in questions(dict.fromkeys(DEPTHS, "/"), "", "")]


def command(workshop, shape, name):
    what, arguments = next((what, arguments) for question, what, arguments
                           in questions(*facts(workshop, shape)) if question == name)

    def read(output, usage):
        return Result([Part("processors' time", usage["user"] + usage["system"]),
                       Part("whole", usage["clock"], peak=True,
                            note=f"{what}: {len(output)} rows")], {"rows": len(output)})

    return Command(f"query {name}", "fstally-query, the whole process, warm",
                   [workshop.program("fstally-query"), "--format", "json", *arguments,
                    workshop.database(shape)], read, topic=("query", name))


def entries(workshop, lines):
    """(name, how to make it), as bench_plan has them."""
    shape = shape_of(lines)
    return [(f"query {name}", lambda name=name: command(workshop, shape, name)) for name in NAMES]
