#!/usr/bin/env python3
"""Draws docs/report.png: the report's page about a generated file system, as Chromium shows it.

    report_picture.py BUILD FILE.png      BUILD: where the programs are
"""

import os
import subprocess
import sys
import tempfile

import browser

SIZE = (1120, 860)
LINES = 600_000


def main(build, picture):
    def run(program, *arguments):
        subprocess.run([os.path.join(build, program), *arguments], check=True,
                       env={**os.environ, "FSTALLY_CONFIG": "/dev/null"})
    with tempfile.TemporaryDirectory() as folder:
        log, database, page = (os.path.join(folder, name)
                               for name in ("20260111_projects.log", "projects.db", "page.html"))
        run("log-generator", "--format", "gpfs", "--lines", str(LINES), "--owners", "40",
            "--seed", "4", "--output", log)
        run("fstally-import", "-q", "--db", database, "-f", "projects", log)
        run("fstally-query", "--report", page, database)
        with browser.Page(page, *SIZE) as shown:
            data = shown.picture()
            assert not shown.troubles, shown.troubles
    with open(picture, "wb") as file:
        file.write(data)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
