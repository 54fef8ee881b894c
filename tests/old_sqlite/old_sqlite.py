"""The programs built with SQLite 3.26, as RHEL 8 has it, and their databases opened with it.

SQLite of that age comes in an old npm package: where npm or the package cannot be had, the test is
skipped by exit status 77. Both builds must write the same tables and give the same answers, and the
SQLite shell of 3.26 must read every row of every table and view.

FSTALLY_SOURCE is the source tree; FSTALLY_IMPORT, FSTALLY_QUERY and FSTALLY_LOGGEN are the programs as
they were built for the other tests.
"""
import contextlib
import os
import shutil
import sqlite3
import subprocess
import sys
import tarfile
import tempfile

SKIPPED = 77
PACKAGE = "sqlite3@4.0.6"
VERSION = "3.26.0"
SCAN = ["--scan-date", "2026-01-11", "-f", "old", "--format", "find"]

ODD_LOG = b"".join(b"1 s=%d b=8 u=%d g=%d type=f a=%d m=%d -- %s\n" % line for line in [
    (100, 1, 2, 1700000000, 1600000000, b"/odd/one/f"),
    (200, 1, 2, 1500000000, 1600000000, b"/odd/\xff\xfe/f"),
    (300, 3, 4, 1400000000, 1600000000, b"/odd/\xff\xfe/below/f"),
    (400, 3, 4, 1768000000, 1600000000, b"/odd/\xc3\xa9t\xc3\xa9/f"),
    (4611686018427387904, 5, 2, 1768000000, 1600000000, b"/odd/\xc3/f"),
    (2, 0, 0, -1, -2, b"/f"),
])

QUESTIONS = [
    *(["--sort-by", key, *reverse, "-n", "40", "--format", "json"]
      for key in ("size_r", "files_r", "alloc_r", "atime_r", "depth", "path")
      for reverse in ([], ["--reverse"])),
    ["--group-by", "owner"], ["--group-by", "group"], ["--group-by", "owner", "--max-depth", "3"],
    ["--histogram", "both"], ["--summary"], ["-u", "root"], ["-u", "0", "-n", "0"],
    ["-N", "*e*", "-i"], ["-N", "\udcff*", "--format", "tsv"], ["-P", "/odd/\udcff\udcfe"],
    ["-P", "/odd/\udcc3", "--format", "json"], ["--single-owner", "--leaves-only"],
    ["--accessed-before", "3yrs"], ["--min-depth", "2", "--max-depth", "3"], ["--format", "ncdu"],
    ["--report", "/dev/stdout"],
]


def skip(reason):
    print(f"skipped: {reason}")
    sys.exit(SKIPPED)


def run(*command, **options):
    result = subprocess.run([str(part) for part in command], capture_output=True, check=False,
                            **options)
    if result.returncode != 0:
        sys.exit(f"{command}: status {result.returncode}\n{result.stdout.decode(errors='replace')}"
                 f"{result.stderr.decode(errors='replace')}")
    return result.stdout


def fetch(folder):
    """The folder of the amalgamation."""
    if shutil.which("npm") is None:
        skip("npm is not installed")
    try:
        packed = subprocess.run(["npm", "pack", "--silent", PACKAGE], cwd=folder, check=False,
                                capture_output=True, timeout=30)
    except subprocess.TimeoutExpired:
        skip(f"npm does not get {PACKAGE} within 30 seconds")
    if packed.returncode != 0:
        skip(f"npm cannot get {PACKAGE}")
    with tarfile.open(os.path.join(folder, packed.stdout.decode().split()[-1])) as package:
        name = next(name for name in package.getnames() if "/deps/sqlite-autoconf-" in name)
        with tarfile.open(fileobj=package.extractfile(name)) as source:
            source.extractall(folder)
    return os.path.join(folder, os.path.basename(name).removesuffix(".tar.gz"))


def build_sqlite(source):
    """A static library, a shell, and what pkg-config needs to find them."""
    run("cc", "-O1", "-c", "sqlite3.c", cwd=source)
    run("ar", "rcs", "libsqlite3.a", "sqlite3.o", cwd=source)
    run("cc", "-o", "shell", "shell.c", "sqlite3.o", "-lpthread", "-ldl", "-lm", cwd=source)
    with open(os.path.join(source, "sqlite3.pc"), "w", encoding="ascii") as file:
        file.write(f"Name: sqlite3\nDescription: SQLite\nVersion: {VERSION}\n"
                   f"Cflags: -I{source}\nLibs: -L{source} -lsqlite3 -lpthread -ldl -lm\n")


def build_programs(folder, source):
    build = os.path.join(folder, "build")
    environment = dict(os.environ, PKG_CONFIG_PATH=source)
    run("cmake", "-G", "Ninja", "-S", os.environ["FSTALLY_SOURCE"], "-B", build,
        "-D", "BUILD_TESTING=OFF", "-D", "CMAKE_BUILD_TYPE=Debug", "-D", "CMAKE_C_FLAGS_DEBUG=-O0",
        env=environment)
    run("cmake", "--build", build, "-j2", "--target", "fstally-import", "fstally-query")
    return os.path.join(build, "fstally-import"), os.path.join(build, "fstally-query")


def rows_of(database):
    """{table or view: a statement that shows each row as SQL literals}."""
    with contextlib.closing(sqlite3.connect(database)) as connection:
        names = [name for name, in connection.execute(
            "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') ORDER BY name")]
        statements = {}
        for name in names:
            columns = [row[1] for row in connection.execute(f"PRAGMA table_info({name})")
                       if row[1] != "import_timestamp"]
            row = " || ',' || ".join(f"quote({column})" for column in columns)
            statements[name] = f"SELECT {row} AS line FROM {name} ORDER BY line"
    return statements


def read_with_python(database):
    with contextlib.closing(sqlite3.connect(database)) as connection:
        for name in rows_of(database):
            connection.execute(f"SELECT * FROM {name}").fetchall()  # fails on a TEXT that is none
        return {name: [line for line, in connection.execute(sql)]
                for name, sql in rows_of(database).items()}


def read_with_shell(shell, database):
    def ask(sql):
        return run(shell, database, sql).decode().splitlines()
    if ask("SELECT sqlite_version()") != [VERSION]:
        sys.exit("the shell is of another version")
    for check, answer in (("integrity_check", ["ok"]), ("foreign_key_check", [])):
        if ask(f"PRAGMA {check}") != answer:
            sys.exit(f"{database}: {check}: {ask(f'PRAGMA {check}')}")
    return {name: ask(sql) for name, sql in rows_of(database).items()}


def check_equal(what, one, other):
    if one == other:
        return
    if isinstance(one, dict):
        for key in one:
            check_equal(f"{what}, {key}", one[key], other.get(key))
    sys.exit(f"{what}: differs\n{one!r:.2000}\n{other!r:.2000}")


def main():
    with tempfile.TemporaryDirectory(prefix="fstally-old-sqlite-") as folder:
        source = fetch(folder)
        build_sqlite(source)
        old_import, old_query = build_programs(folder, source)
        new_import, new_query = os.environ["FSTALLY_IMPORT"], os.environ["FSTALLY_QUERY"]
        logs = [os.path.join(folder, name) for name in ("odd.log", "many.log", "later.log")]
        with open(logs[0], "wb") as file:
            file.write(ODD_LOG)
        for log, seed in zip(logs[1:], (1, 2)):
            with open(log, "wb") as file:
                file.write(run(os.environ["FSTALLY_LOGGEN"], "--format", "find", "--seed", seed,
                               "--multi-owner", "20", "--lines", "4000"))
        old, new, later = (os.path.join(folder, name) for name in ("old.db", "new.db", "later.db"))
        for program, database in ((old_import, old), (new_import, new)):
            run(program, "--db", database, *SCAN, logs[0])
            run(program, "--db", database, *SCAN, logs[1])    # is added
        run(old_import, "--db", later, *SCAN, logs[2])

        tables = read_with_python(new)
        if not all(tables[name] for name in ("directory", "owner_files", "owner_usage")):
            sys.exit("the databases hold too little to tell anything")
        check_equal("tables written with SQLite 3.26", read_with_python(old), tables)
        check_equal("tables read with SQLite 3.26", read_with_shell(
            os.path.join(source, "shell"), new), tables)
        for question in [*QUESTIONS, ["--diff", later], ["--diff", later, "--group-by", "owner"]]:
            for database in (old, new):
                check_equal(f"{question} of {database}", run(old_query, *question, database),
                            run(new_query, *question, database))
    print(f"{len(tables)} tables and views, {sum(map(len, tables.values()))} rows, "
          f"{len(QUESTIONS) + 2} questions: the same with SQLite {VERSION}")


if __name__ == "__main__":
    main()
