#!/usr/bin/env python3
"""Random changes to good and nasty lines, many logs of them: each log's database, rejects and flaws
are those of the slow reference, wherever the log is cut into chunks and by however many threads."""

import random

import e2e_support
from e2e_support import Case, scaled

LOGS = scaled(60, 12)

BYTES = b" \t-=/0159abcdsugpmt.:<>T_\r\x00\xff[]#%"
INSERTS = (b" ", b"  ", b" -- ", b"s=", b"u=1 ", b"=", b"g=x ", b" -- /", b"ac=2020-01-01 ", b"m=7 ",
           b"seventh=1 ", b"\t")


def changed(rng, line):
    line = bytearray(line)
    for _ in range(rng.choice((0, 0, 0, 1, 1, 2, 4))):
        if not line:
            break
        place = rng.randrange(len(line))
        how = rng.random()
        if how < 0.5:
            line[place] = rng.choice(BYTES)
        elif how < 0.75:
            del line[place:place + rng.randint(1, 6)]
        else:
            line[place:place] = rng.choice(INSERTS)
    return bytes(line)


class RandomLogs(Case):
    def test_each(self):
        rng = random.Random(20260111)
        # Whether a list is percent-encoded is a property of the whole list.
        lines = {fmt: [line for _, nasty in self.nasty_logs(fmt)
                       if not nasty.name.startswith(("glued", "percent"))
                       for line in nasty.data.split(b"\n") if 0 < len(line) < 1500]
                 for fmt in ("gpfs", "lustre", "find")}
        database, rejects = self.path("x.db"), self.path("rejects")
        for number in range(LOGS):
            fmt = rng.choice(list(lines))
            end = rng.choice((b"\n", b"\n", b"\r\n"))
            chosen = [changed(rng, rng.choice(lines[fmt])) for _ in range(rng.randint(20, 500))]
            log = self.write(f"20260111_site_{fmt}.log",
                             end.join(chosen) + (end if rng.random() < 0.8 else b""))
            size, threads = rng.choice((0, 1, 100, 5000)), rng.choice((1, 3))
            with self.subTest(number=number, format=fmt, chunk=size, threads=threads):
                self.import_ok("-q", "-r", "--db", database, "--format", fmt, "-j", str(threads),
                               "--max-rejects", "100%", "--rejects", rejects, log,
                               FSTALLY_CHUNK_SIZE=str(size))
                reference = self.assert_matches(database, [log], fmt=fmt)
                self.assert_same_rejects(rejects, reference)


if __name__ == "__main__":
    e2e_support.main()
