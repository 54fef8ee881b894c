#!/usr/bin/env python3
"""Nasty scan logs, written by hand, each with the counts it must give.

A log is built here rather than kept as a file because many hold bytes that editors and version
control would change. The expected counts beside each log were worked out by hand;
they test the slow reference and the importer alike.

    make_nasty_logs.py FOLDER      writes every log to FOLDER

`logs()` yields a NastyLog for each, `null_ended_logs()` those whose records end in NUL.
"""

import collections
import datetime
import os
import sys

# A short word for each reason that slow_reference.py gives.
REASONS = {
    "shape": "shape", "overflow": "overflow", "owner": "owner", "date": "date",
    "empty": "empty path", "relative": "relative path", "root": "root is a file",
    "nul": "nul", "two": "two records",
}

NastyLog = collections.namedtuple(
    "NastyLog",
    "name format data lines headers files directories rejected flawed scan_errors")


def log(name, fmt, data, lines, headers, files, directories, rejected=None, flawed=(),
        scan_errors=0):
    """`rejected` is {line number: reason}, `flawed` the numbers of flawed lines. `fmt` is None
    where no line tells the format."""
    rejected = {line: REASONS[word] for line, word in (rejected or {}).items()}
    assert lines == headers + files + directories + len(rejected), name
    return NastyLog(name, fmt, data, lines, headers, files, directories, rejected,
                    sorted(flawed), scan_errors)


# ---- lines ---------------------------------------------------------------------------------------

HEADS = {
    "gpfs": b"<3> 65540 406945146 0",
    "lustre": b"0x24001959d:0x1f:0x0",
    "find": b"131",
}


def as_bytes(value):
    return value if isinstance(value, bytes) else str(value).encode()


def raw(fmt, fields, path, head=None):
    """HEAD FIELDS -- PATH, as the tools space it: policy lists have two blanks after the head."""
    gap = b"  " if fmt == "gpfs" else b" "
    return (head or HEADS[fmt]) + gap + as_bytes(fields) + b" -- " + as_bytes(path)


def entry(fmt, path, kind="f", s=1, u=1000, g=100, alloc=1, atime=True):
    """A whole line. `alloc` is in the unit of the format. `atime=None` leaves the key out."""
    group = b"" if g is None else b" g=%s" % as_bytes(g)
    if fmt == "gpfs":
        mode = {"f": b"-rw-r--r--", "d": b"drwxr-x---", "l": b"lrwxrwxrwx"}[kind]
        stamp = b"2025-12-08 19:08:54" if atime is True else atime
        access = b"" if stamp is None else b" ac=%s" % as_bytes(stamp)
        fields = b"s=%s a=%s u=%s%s m=FAu p=%s%s mt=2024-01-02 03:04:05 cr=2023-01-02 03:04:05" \
                 b" nl=1" % (as_bytes(s), as_bytes(alloc), as_bytes(u), group, mode, access)
    else:
        stamp = b"1769700762" if atime is True else atime
        access = b"" if stamp is None else b" a=%s" % as_bytes(stamp)
        pool = b" p=" if fmt == "lustre" else b""
        fields = b"s=%s b=%s u=%s%s%s type=%s perm=0644%s m=1739055225 c=1739055225" % (
            as_bytes(s), as_bytes(alloc), as_bytes(u), group, pool, as_bytes(kind), access)
    return raw(fmt, fields, path)


def joined(lines, end=b"\n"):
    return b"".join(line + end for line in lines)


# ---- logs that read alike in every format --------------------------------------------------------

def odd_names(fmt):
    lines = [
        entry(fmt, b"/fs", "d"),
        entry(fmt, b"/fs/tab\there"),
        entry(fmt, b"/fs/two  blanks"),
        entry(fmt, b"/fs/trailing blank "),
        entry(fmt, b"/fs/trailing tab\t"),
        entry(fmt, b"/fs/ leading blank"),
        entry(fmt, b"/fs/a -- b"),
        entry(fmt, b"/fs/a -- /b"),                   # still one path: no record behind a head
        entry(fmt, b"/fs/a\t--\t/b/c"),
        entry(fmt, b"/fs/12 34 56 -- /b"),            # a head alone is not a record
        entry(fmt, b"/fs/0x1:0x2:0x3 -- /b"),
        entry(fmt, b"/fs/1 2 3 s=1 -- /b"),           # nor with some of the fields
        entry(fmt, b"/fs/0x1:0x2:0x3 s=1 u=2 -- /b"),
        entry(fmt, b"/fs/--"),
        entry(fmt, b"/fs/ --"),
        entry(fmt, b"/fs/-- "),
        entry(fmt, b"/fs/s=99 u=5 g=6"),              # looks like fields, is a name
        entry(fmt, b"/fs/#comment"),
        entry(fmt, b"/fs/[I] note"),
        entry(fmt, b"/fs/%41\\n\\x41"),               # written escapes stay as written
        entry(fmt, b"/fs/latin\xe9"),
        entry(fmt, b"/fs/utf8\xc3\xa9"),
        entry(fmt, b"/fs/\xff\xfe\x80"),
        entry(fmt, b"/fs/bell\x07\x1b[31m"),
        entry(fmt, b"/fs/return\rinside"),
        entry(fmt, b"/fs/quote'\"`;DROP TABLE directories"),
        entry(fmt, b"/fs/*?[x]"),
        entry(fmt, b"/fs/back\\slash"),
        entry(fmt, b"/fs/nbsp\xc2\xa0end\xc2\xa0"),   # not a blank
        entry(fmt, b"/fs/vt\x0bff\x0c"),              # nor these
    ]
    return log(f"odd_names.{fmt}", fmt, joined(lines), 30, 0, 29, 1)


def names_around_slash(fmt):
    """Bytes below '/' sort a path between a directory and its content if only paths are sorted."""
    names = [b"a", b"a-b", b"a b", b"a!", b"a.b", b"a0", b"aa", b"a\x01", b"a\xff", b"a/..",
             b"a/.", b"a/b", b"a/b-c", b"a/b/c", b"a-b/c", b"a b/c", b"A", b"\x01", b"\xff",
             b"\xc3\xa9", b"a\t", b"a/ "]
    lines = []
    for name in names:
        lines.append(entry(fmt, b"/fs/" + name, "d"))
        lines.append(entry(fmt, b"/fs/" + name + b"/file", s=10))
    return log(f"names_around_slash.{fmt}", fmt, joined(lines), 44, 0, 22, 22)


def non_utf8_directories(fmt):
    lines = [
        entry(fmt, b"/fs\xe9/\xff/x", s=1),
        entry(fmt, b"/fs\xe9/\xff\xff/x", s=2),
        entry(fmt, b"/fs\xe9/\xc3/x", s=3),           # half a character
        entry(fmt, b"/fs\xe9/\xc3\xa9/x", s=4),
        entry(fmt, b"/fs\xe9/\xc3\xa9\xc3/x", s=5),
        entry(fmt, b"/fs\xe9/\xed\xa0\x80/x", s=6),   # a surrogate
        entry(fmt, b"/fs\xe9/\xf4\x90\x80\x80/x", s=7),
        entry(fmt, b"/fs\xe9/\x80/\x80/x", s=8),
        entry(fmt, b"/fs\xe9/caf\xe9 -- \xe9/x", s=9),
        entry(fmt, b"/fs\xe9/\xe9/\xc3/x", s=10),     # the next name begins as if continuing it
    ]
    return log(f"non_utf8_directories.{fmt}", fmt, joined(lines), 10, 0, 10, 0)


def long_paths(fmt):
    longest_names = b"/" + b"/".join(bytes([97 + i]) * 255 for i in range(16))   # 16 x 256
    shortest_names = b"/a" * 2048
    one_name = b"/" + b"n" * 4095
    odd = b"/fs/" + b"\xe9" * 4091 + b" "
    for path in (longest_names, shortest_names, one_name, odd):
        assert len(path) == 4096
    lines = [
        entry(fmt, longest_names, "d"),
        entry(fmt, longest_names),
        entry(fmt, shortest_names, "d"),
        entry(fmt, shortest_names),
        entry(fmt, shortest_names + b"/f"),
        entry(fmt, one_name, "d"),
        entry(fmt, one_name + b"/f"),
        entry(fmt, odd),
    ]
    return log(f"long_paths.{fmt}", fmt, joined(lines), 8, 0, 5, 3)


def huge_path(fmt):
    """No limit is set to a path; 70,000 bytes do not fit 16 bits."""
    path = b"/fs" + (b"/" + b"0123456789abcdef" * 440) * 10
    assert len(path) > 70000
    lines = [entry(fmt, b"/fs/x"), entry(fmt, path), entry(fmt, b"/fs/y")]
    return log(f"huge_path.{fmt}", fmt, joined(lines), 3, 0, 3, 0)


def missing_directories(fmt):
    lines = [
        entry(fmt, b"/fs/a/b/c/d/e/f1", s=1),         # five ancestors, none listed
        entry(fmt, b"/fs/a/b/x/f2", s=2),
        entry(fmt, b"/fs/a", "d"),                    # listed after its content
        entry(fmt, b"/fs/q/r/s", "d"),                # a directory whose ancestors are missing
        entry(fmt, b"/fs/a/b/c/d", "d"),
        entry(fmt, b"/other/z/f3", s=4),              # a second tree
        entry(fmt, b"/fs/a/b/c/f4", s=8),
    ]
    return log(f"missing_directories.{fmt}", fmt, joined(lines), 7, 0, 4, 3)


def owners(fmt):
    lines = [
        entry(fmt, b"/fs/one/a", u=1000, g=100),
        entry(fmt, b"/fs/one/b", u=1000, g=100),
        entry(fmt, b"/fs/uids/a", u=1000, g=100, s=5),
        entry(fmt, b"/fs/uids/b", u=1001, g=100, s=6),
        entry(fmt, b"/fs/gids/a", u=1000, g=100),
        entry(fmt, b"/fs/gids/b", u=1000, g=101),
        entry(fmt, b"/fs/gids/c", u=1000, g=101, s=7, alloc=9),
        entry(fmt, b"/fs/nogroup/a", u=1000, g=None),
        entry(fmt, b"/fs/nogroup/b", u=1000, g=None),
        entry(fmt, b"/fs/halfgroup/a", u=1000, g=None),
        entry(fmt, b"/fs/halfgroup/b", u=1000, g=5),
        entry(fmt, b"/fs/below/x/a", u=1, g=1),       # several owners below, one directly
        entry(fmt, b"/fs/below/y/a", u=2, g=1),
        entry(fmt, b"/fs/below/a", u=1, g=1),
        entry(fmt, b"/fs/big/a", u=4294967294, g=4294967294),
        entry(fmt, b"/fs/big/b", u=2147483648, g=2147483648),
        entry(fmt, b"/fs/root/a", u=0, g=0),
        entry(fmt, b"/fs/bad/a", u=4294967295),
        entry(fmt, b"/fs/bad/b", g=4294967295),
        entry(fmt, b"/fs/bad/c", u=99999999999999999999),
        entry(fmt, b"/fs/bad/d", u=-1),
        entry(fmt, b"/fs/bad/e", g=-1),
        entry(fmt, b"/fs/bad/f", u="root"),
        entry(fmt, b"/fs/dirs", "d", u=77, g=77),     # a directory's owner is not a file's
        entry(fmt, b"/fs/dirs/empty", "d", u=78, g=78),
        entry(fmt, b"/fs/mixed/a", u=4294967294, g=None),
        entry(fmt, b"/fs/mixed/b", u=0, g=0),
        entry(fmt, b"/fs/minus/a", u=-2),             # 28
        entry(fmt, b"/fs/minus/b", g=-2),
        entry(fmt, b"/fs/minus/c", g="_NULL_"),
        entry(fmt, b"/fs/minus/d", g=18446744073709551615),
        entry(fmt, b"/fs/minus/e", u="_NULL_"),       # 32
        entry(fmt, b"/fs/minus/f", u=""),
        entry(fmt, b"/fs/minus/g", u="0004294967294"),
    ]
    rejected = {18: "owner", 20: "owner", 21: "shape", 23: "shape", 28: "shape", 32: "shape",
                33: "shape"}
    return log(f"owners.{fmt}", fmt, joined(lines), 34, 0, 25, 2, rejected,
               [19, 22, 29, 30, 31])


def sizes(fmt):
    """Both sides of every bound of the size buckets, then what does not fit."""
    kib, mib, gib = 1024, 1024**2, 1024**3
    lines = [entry(fmt, b"/fs/d/first", s=0, alloc=0)]
    for bound in (kib, 10 * kib, 100 * kib, mib, 10 * mib, 100 * mib, gib, 10 * gib, 100 * gib):
        lines.append(entry(fmt, b"/fs/d/below%d" % bound, s=bound - 1))
        lines.append(entry(fmt, b"/fs/d/at%d" % bound, s=bound))
    lines += [
        entry(fmt, b"/fs/huge", s=2**63 - 1 - 10**15, alloc=2**43),       # 20
        entry(fmt, b"/fs/over", s=2**63),                                 # 21
        entry(fmt, b"/fs/over", s=10**30),
        entry(fmt, b"/fs/over", alloc=2**63 // (1024 if fmt == "gpfs" else 512)),
        entry(fmt, b"/fs/over", alloc=2**63),
        entry(fmt, b"/fs/over", s=-1),                                    # 25
        entry(fmt, b"/fs/over", s=""),
        entry(fmt, b"/fs/over", s="1k"),
        entry(fmt, b"/fs/over", s="0x10"),
        entry(fmt, b"/fs/over", s="+1"),
        entry(fmt, b"/fs/over", s="1.5"),                                 # 30
        entry(fmt, b"/fs/over", alloc=-1),
        entry(fmt, b"/fs/over", alloc=""),
        entry(fmt, b"/fs/zeros", s="00000000000000000000000000000007"),   # zeros do not overflow
        entry(fmt, b"/fs/dirs", "d", s=4096, alloc=8),                    # not counted
    ]
    rejected = {21: "overflow", 22: "overflow"}
    rejected.update({line: "shape" for line in range(25, 31)})
    return log(f"sizes.{fmt}", fmt, joined(lines), 34, 0, 25, 1, rejected, [23, 24, 31, 32])


def framing_mixed(fmt):
    lines = [
        b"# made by hand\n",                                          # 1 header
        b"\n",                                                        # 2 header
        b"  \t \n",                                                   # 3 header
        b"\r\n",                                                      # 4 header: nothing but an end
        b"[I] 12 files\n",                                            # 5 header
        b"[W] slow\n",
        b"[E]\n",
        b"#\n",                                                       # 8 header
        entry(fmt, b"/fs/crlf") + b"\r\n",                            # 9
        entry(fmt, b"/fs/return\r") + b"\r\n",                        # 10: one return is the name's
        entry(fmt, b"/fs/lf") + b"\n",
        b" " + entry(fmt, b"/fs/indented") + b"\n",                   # 12 bad
        b"\t" + entry(fmt, b"/fs/indented") + b"\n",                  # 13 bad
        entry(fmt, b"/fs/nul\0name") + b"\n",                         # 14 bad
        b"\0\n",                                                      # 15 bad
        b"#\0 a header all the same\n",                               # 16 header
        entry(fmt, b"/fs/nul\0") + b"\n",                             # 17 bad
        b"\0" + entry(fmt, b"/fs/x") + b"\n",                         # 18 bad
        b"[X] an error of the scan\n",                                # 19 header
        b" [I] no header\n",                                          # 20 bad
        b" # no header\n",                                            # 21 bad
        b"[I\n",                                                      # 22 bad
        b"[i] no header\n",                                           # 23 bad
        b"\x0b\n",                                                    # 24 bad: not a blank
        b"\r\r\n",                                                    # 25 bad: a return is left
        b"[I] crlf\r\n",                                              # 26 header
        entry(fmt, b"/fs/dir/", "d") + b"\r\n",                       # 27
    ]
    rejected = {12: "shape", 13: "shape", 14: "nul", 15: "nul", 17: "nul", 18: "nul"}
    rejected.update({line: "shape" for line in (20, 21, 22, 23, 24, 25)})
    return log(f"framing_mixed.{fmt}", fmt, b"".join(lines), 27, 11, 3, 1, rejected,
               scan_errors=2)


def scan_errors(fmt):
    lines = [
        b"[E] cannot open /fs/a",                     # 1
        b"[X]",                                       # 2
        b"[E]\tafter a tab",                          # 3
        b"[X]  ",                                     # 4
        b"[W] a warning",                             # 5: a header, no error
        b"[Z] not an error either",
        entry(fmt, b"/fs/a"),                         # 7
        b"[E]no blank",                               # 8 bad
        b"[EX] two letters",                          # 9 bad
        b" [E] not at the start",                     # 10 bad
        b"[e] small",                                 # 11 bad
        b"# [E] a comment",                           # 12: a header
        entry(fmt, b"/fs/[E] a name"),                # 13
        b"[E] the last line has no end",              # 14
    ]
    return log(f"scan_errors.{fmt}", fmt, joined(lines)[:-1], 14, 8, 2, 0,
               {line: "shape" for line in (8, 9, 10, 11)}, scan_errors=5)


def byte_order_mark(fmt):
    """One at the start is skipped; anywhere else it is bytes like others."""
    mark = b"\xef\xbb\xbf"
    lines = [entry(fmt, b"/fs/a"), mark + entry(fmt, b"/fs/b"), entry(fmt, b"/fs/" + mark)]
    return log(f"byte_order_mark.{fmt}", fmt, mark + joined(lines), 3, 0, 2, 0, {2: "shape"})


def byte_order_mark_twice(fmt):
    mark = b"\xef\xbb\xbf"
    return log(f"byte_order_mark_twice.{fmt}", fmt,
               mark + mark + joined([entry(fmt, b"/fs/a"), entry(fmt, b"/fs/b")]), 2, 0, 1, 0,
               {1: "shape"})


def byte_order_mark_and_returns(fmt):
    lines = [b"\xef\xbb\xbf[I] header", entry(fmt, b"/fs/a", "d"), entry(fmt, b"/fs/a/f\r")]
    return log(f"byte_order_mark_and_returns.{fmt}", fmt, joined(lines, b"\r\n"), 3, 1, 1, 1)


def returns_of_names(fmt):
    """The first data line ends in a newline alone, whatever the headers do: returns are names'."""
    lines = [
        b"[I] a header that another tool put there\r",
        b"# and one more\r",
        entry(fmt, b"/fs", "d"),
        entry(fmt, b"/fs/Icon\r"),
        entry(fmt, b"/fs/d\r", "d"),
        entry(fmt, b"/fs/d\r/f"),
        entry(fmt, b"/fs/d", "d"),
        b"\r",                                        # 8 bad: not blank
    ]
    return log(f"returns_of_names.{fmt}", fmt, joined(lines), 8, 2, 2, 3, {8: "shape"})


def returns_after_the_first(fmt):
    """A rejected line is a data line too: it says that this is a log with returns."""
    lines = [b"[I] header\n", b"nonsense\r\n", entry(fmt, b"/fs/a\r") + b"\r\n",
             entry(fmt, b"/fs/d", "d") + b"\r\n", entry(fmt, b"/fs/d/newline") + b"\n"]
    return log(f"returns_after_the_first.{fmt}", fmt, b"".join(lines), 5, 1, 2, 1, {2: "shape"})


def saturated(fmt):
    """Sums at 2^63-1 and past it, of sizes and of allocated bytes."""
    half = 2**62 // (1024 if fmt == "gpfs" else 512)
    lines = [
        entry(fmt, b"/fs/past/a", s=2**62, u=1),
        entry(fmt, b"/fs/past/b", s=2**62, u=2),
        entry(fmt, b"/fs/just/a", s=2**62),
        entry(fmt, b"/fs/just/b", s=2**62 - 1),
        entry(fmt, b"/fs/one/a", s=2**63 - 1),
        entry(fmt, b"/fs/alloc/a", alloc=half),
        entry(fmt, b"/fs/alloc/b", alloc=half),
        entry(fmt, b"/fs/small/a", s=3),
        entry(fmt, b"/gs/elsewhere", s=3, u=9, g=9),
    ]
    return log(f"saturated.{fmt}", fmt, joined(lines), 9, 0, 9, 0)


def crlf(fmt):
    lines = [b"[I] header", entry(fmt, b"/fs", "d"), entry(fmt, b"/fs/a"), b"",
             entry(fmt, b"/fs/blank ")]
    return log(f"crlf.{fmt}", fmt, joined(lines, b"\r\n"), 5, 2, 2, 1)


def no_final_newline(fmt):
    data = joined([entry(fmt, b"/fs/a")]) + entry(fmt, b"/fs/dir/last")
    return log(f"no_final_newline.{fmt}", fmt, data, 2, 0, 2, 0)


def return_at_the_end(fmt):
    """Nothing is stripped where there is no newline, so the return belongs to the name."""
    data = joined([entry(fmt, b"/fs/a")]) + entry(fmt, b"/fs/dir\r", "d") + b"\r"
    return log(f"return_at_the_end.{fmt}", fmt, data, 2, 0, 1, 1)


def unfinished_header(fmt):
    return log(f"unfinished_header.{fmt}", fmt,
               joined([entry(fmt, b"/fs/a")]) + b"  ", 2, 1, 1, 0)


def unfinished_reject(fmt):
    data = joined([entry(fmt, b"/fs/a")]) + entry(fmt, b"/fs/b")[:12]
    return log(f"unfinished_reject.{fmt}", fmt, data, 2, 0, 1, 0, {2: "shape"})


def slashes(fmt):
    lines = [
        entry(fmt, b"/fs//a///b", s=1),
        entry(fmt, b"//fs/a/c", s=2),
        entry(fmt, b"/fs/a/", "d"),
        entry(fmt, b"/fs/a//", "d"),
        entry(fmt, b"/fs/a/d/", s=4),                 # a file all the same
        entry(fmt, b"/fs/./e", s=8),                  # a directory called .
        entry(fmt, b"/fs/../e", s=16),
        entry(fmt, b"/fs/..", "d"),
        entry(fmt, b"/fs/.", "d"),
        entry(fmt, b"/fs/...", "d"),
        entry(fmt, b"/fs/.hidden/f", s=32),
        entry(fmt, b"/" * 300 + b"fs" + b"/" * 300 + b"f" + b"/" * 300, s=64),
    ]
    return log(f"slashes.{fmt}", fmt, joined(lines), 12, 0, 7, 5)


def root_listed(fmt):
    lines = [entry(fmt, b"/", "d"), entry(fmt, b"/fs/deep/f", s=3)]
    return log(f"root_listed.{fmt}", fmt, joined(lines), 2, 0, 1, 1)


def root_is_parent_of_file(fmt):
    lines = [entry(fmt, b"/fs/deep/f", s=3), entry(fmt, b"/vmlinuz", s=5),
             entry(fmt, b"//initrd", "l", s=7)]
    return log(f"root_is_parent_of_file.{fmt}", fmt, joined(lines), 3, 0, 3, 0)


def root_is_parent_of_directory(fmt):
    lines = [entry(fmt, b"/fs/deep/f", s=3), entry(fmt, b"/usr", "d")]
    return log(f"root_is_parent_of_directory.{fmt}", fmt, joined(lines), 2, 0, 1, 1)


def root_not_stored(fmt):
    """/ is only a far ancestor here: no row for it, and /fs and /usr have no parent."""
    lines = [entry(fmt, b"/fs/deep/f", s=3), entry(fmt, b"/usr/share", "d")]
    return log(f"root_not_stored.{fmt}", fmt, joined(lines), 2, 0, 1, 1)


def root_alone(fmt):
    lines = [entry(fmt, b"///", "d"), entry(fmt, b"/"), entry(fmt, b"//"), entry(fmt, b"/", "l")]
    return log(f"root_alone.{fmt}", fmt, joined(lines), 4, 0, 0, 1,
               {2: "root", 3: "root", 4: "root"})


def repeated(fmt):
    lines = [
        entry(fmt, b"/fs/d", "d"),
        entry(fmt, b"/fs/d", "d", u=7, g=8),
        entry(fmt, b"/fs/d/", "d"),
        entry(fmt, b"/fs/d/f", s=10),
        entry(fmt, b"/fs/d/f", s=10),                 # counts twice
        entry(fmt, b"/fs/d/f", s=10, u=1001),
        entry(fmt, b"/fs/both", s=1),                 # a file by one line,
        entry(fmt, b"/fs/both", "d"),                 # a directory by another,
        entry(fmt, b"/fs/both/f", s=2),               # and an ancestor by a third
    ]
    return log(f"repeated.{fmt}", fmt, joined(lines), 9, 0, 5, 4)


def paths_that_are_not(fmt):
    good = entry(fmt, b"/fs/good")
    before_path = good[:-len(b"/fs/good")]
    lines = [
        good,
        before_path,                                  # 2: nothing behind the separator
        before_path + b"   \t ",                      # 3: only blanks
        before_path + b"relative/name",               # 4
        before_path + b"./name",                      # 5
        before_path + b"-- /fs/x",                    # 6: the path is "-- /fs/x"
        before_path.rstrip(b" "),                     # 7: the separator needs a blank behind it
        before_path.replace(b" -- ", b" ") + b"/fs/x",       # 8: no separator
        before_path.replace(b" -- ", b" --- ") + b"/fs/x",   # 9
        before_path.replace(b" -- ", b" - ") + b"/fs/x",     # 10
        before_path.replace(b" -- ", b" --") + b"/fs/x",     # 11
        before_path.replace(b" -- ", b"-- ") + b"/fs/x",     # 12
        before_path.replace(b" -- ", b"\t--\t") + b"/fs/tabs",           # 13: good
        before_path.replace(b" -- ", b"  \t--  \t  ") + b"/fs/blanks",   # 14: good
        before_path.replace(b" -- ", b" x-- --y ---- -- ") + b"/fs/near",  # 15: good
        HEADS[fmt] + b" -- /fs/no/fields",            # 16
        b"-- /fs/x",                                  # 17
        b" -- /fs/x",                                 # 18
        b"/fs/only/a/path",                           # 19
    ]
    rejected = {2: "empty", 3: "empty", 4: "relative", 5: "relative", 6: "relative"}
    rejected.update({line: "shape" for line in (7, 8, 9, 10, 11, 12, 16, 17, 18, 19)})
    return log(f"paths_that_are_not.{fmt}", fmt, joined(lines), 19, 0, 4, 0, rejected)


def columns(fmt):
    """Blanks between columns may repeat, and may be tabs."""
    good = entry(fmt, b"/fs/a")
    columns_end = good.index(b" -- ")
    head, tail = good[:columns_end], good[columns_end:]
    lines = [
        good,
        b"  ".join(head.split()) + tail,
        b"\t".join(head.split()) + tail,
        b" \t  ".join(head.split()) + tail,
    ]
    return log(f"columns.{fmt}", fmt, joined(lines), 4, 0, 4, 0)


def only_headers():
    return log("only_headers", None, b"[I] one\n# two\n\n   \n[E] five\n", 5, 5, 0, 0,
               scan_errors=1)


def empty():
    return log("empty", None, b"", 0, 0, 0, 0)


def no_files(fmt):
    lines = [entry(fmt, b"/fs", "d"), entry(fmt, b"/fs/a", "d"), entry(fmt, b"/fs/b/c", "d")]
    return log(f"no_files.{fmt}", fmt, joined(lines), 3, 0, 0, 3)


def long_lines(fmt):
    """Lines longer than any chunk: a good one, a header, a reject, and good ones around them."""
    filler = b"k" * (3 * 1024 * 1024)
    good = entry(fmt, b"/fs/long")
    separator = good.index(b" -- ")
    lines = [
        entry(fmt, b"/fs/before"),
        good[:separator] + b" unknown=" + filler + good[separator:],
        entry(fmt, b"/fs/between"),
        b"# " + filler,
        filler,
        entry(fmt, b"/fs/after"),
    ]
    return log(f"long_lines.{fmt}", fmt, joined(lines), 6, 1, 4, 0, {5: "shape"})


# ---- fields, format by format --------------------------------------------------------------------

def fields_gpfs():
    t = b"ac=2025-12-08 19:08:54"
    lines = [
        raw("gpfs", b"u=5 p=-rw-r--r-- s=7", b"/fs/d/least"),                        # 1
        raw("gpfs", t + b" p=-rw-r--r-- g=6 u=5 a=4 s=7", b"/fs/d/turned"),          # 2
        raw("gpfs", b"zz=1 s=7 q u=5 =9 p=-rw-r--r-- == mt=x", b"/fs/d/unknown"),    # 3
        raw("gpfs", b"xs=9 s=7 su=1 u=5 ap=d p=-rw-r--r-- sac=1", b"/fs/d/whole"),   # 4
        raw("gpfs", b"S=9 s=7 U=1 u=5 P=d p=-rw-r--r--", b"/fs/d/case"),             # 5
        raw("gpfs", b"mac=2030-01-01 00:00:00 s=7 u=5 p=-rw-r--r-- " + t, b"/fs/d/mac"),   # 6
        raw("gpfs", b"s=7 u=5 p=-rw-r--r-- type=d", b"/fs/d/kind"),                  # 7: a file
        raw("gpfs", b"s=7 u=5 p=drwxr-x---", b"/fs/d/dir"),                   # 8: a directory
        raw("gpfs", b"s=7 u=5 p==drwxr-x--", b"/fs/x"),                       # 9
        raw("gpfs", b"s=7 u=5 p=Drwxr-x---", b"/fs/x"),                       # 10
        raw("gpfs", b"s=7 u=5 p=", b"/fs/x"),                                 # 11
        raw("gpfs", b"s=7 u=5", b"/fs/x"),                                    # 12
        raw("gpfs", b"s=7 p=-rw-r--r--", b"/fs/x"),                                  # 13
        raw("gpfs", b"u=5 p=-rw-r--r--", b"/fs/x"),                                  # 14
        raw("gpfs", b"s=7 u=5 type=f", b"/fs/x"),                             # 15
        raw("gpfs", b"s=7 u=5 p=-rw-r--r-- s=8", b"/fs/x"),                          # 16
        raw("gpfs", b"s=7 u=5 p=-rw-r--r-- " + t + b" " + t, b"/fs/x"),              # 17
        raw("gpfs", b"s=7 u=5 p=-rw-r--r-- g=", b"/fs/x"),                           # 18
        raw("gpfs", b"s=7 u=5 p=-rw-r--r-- g=1,2", b"/fs/x"),                        # 19
        raw("gpfs", b"s = 7 u=5 p=-rw-r--r--", b"/fs/x"),                            # 20
        raw("gpfs", b"s=7 u=5 p=-rw-r--r-- b=99 b=99 b=x", b"/fs/d/other"),          # 21: not a gpfs key
        raw("gpfs", b"s=7 u=5 p=-rw-r--r-- mt=2025-12-08 19:08:54 mt=1 mt=2", b"/fs/d/twice"),   # 22
        raw("gpfs", b"s=7 u=5 p=-rw-r--r-- a=12", b"/fs/d/kib"),                     # 23: 12 KiB
    ]
    rejected = {line: "shape" for line in (9, 10, 11, 12, 13, 14, 15, 20)}
    rejected.update({16: "two", 17: "two", 22: "two"})
    return log("fields.gpfs", "gpfs", joined(lines), 23, 0, 11, 1, rejected, [3, 18, 19])


def fields_epoch(fmt):
    lines = [
        raw(fmt, b"u=5 type=f s=7", b"/fs/d/least"),                          # 1
        raw(fmt, b"a=1769700762 type=f g=6 u=5 b=4 s=7", b"/fs/d/turned"),    # 2
        raw(fmt, b"zz=1 s=7 q u=5 =9 type=f == m=x", b"/fs/d/unknown"),       # 3
        raw(fmt, b"xs=9 s=7 su=1 u=5 xtype=d type=f ba=9", b"/fs/d/whole"),   # 4
        raw(fmt, b"S=9 s=7 U=1 u=5 TYPE=d type=f", b"/fs/d/case"),            # 5
        raw(fmt, b"s=7 u=5 type=f ac=9 at=9 ca=9", b"/fs/d/ac"),              # 6: no atime
        raw(fmt, b"s=7 u=5 p=drwxr-xr-x type=f", b"/fs/d/pool"),              # 7: a file
        raw(fmt, b"s=7 u=5 type=d", b"/fs/d/dir"),                            # 8: a directory
        raw(fmt, b"s=7 u=5 type=ff", b"/fs/x"),                               # 9
        raw(fmt, b"s=7 u=5 type=x", b"/fs/x"),                                # 10
        raw(fmt, b"s=7 u=5 type=", b"/fs/x"),                                 # 11
        raw(fmt, b"s=7 u=5", b"/fs/x"),                                       # 12
        raw(fmt, b"s=7 type=f", b"/fs/x"),                                    # 13
        raw(fmt, b"u=5 type=f", b"/fs/x"),                                    # 14
        raw(fmt, b"s=7 u=5 p=-rw-r--r--", b"/fs/x"),                                 # 15
        raw(fmt, b"s=7 u=5 type=f s=8", b"/fs/x"),                            # 16
        raw(fmt, b"s=7 u=5 type=f type=d", b"/fs/x"),                         # 17
        raw(fmt, b"s=7 u=5 type=f g=", b"/fs/x"),                             # 18
        raw(fmt, b"s=7 u=5 type=f b=1.5", b"/fs/x"),                          # 19
        raw(fmt, b"s = 7 u=5 type=f", b"/fs/x"),                              # 20
        raw(fmt, b"s=7 u=5 type=l", b"/fs/d/l"),                              # 21
        raw(fmt, b"s=7 u=5 type=p", b"/fs/d/p"),
        raw(fmt, b"s=7 u=5 type=s", b"/fs/d/s"),
        raw(fmt, b"s=7 u=5 type=b", b"/fs/d/b"),
        raw(fmt, b"s=7 u=5 type=c", b"/fs/d/c"),
        raw(fmt, b"s=7 u=5 type=?", b"/fs/d/?"),                              # 26
        raw(fmt, b"s=7 u=5 type=f b=3", b"/fs/d/blocks"),                     # 27: 1,536 bytes
        raw(fmt, b"s=7 u=5 type=f perm=0644 perm=0644 m=1 m=2", b"/fs/d/twice"),   # 28
        raw(fmt, b"s=7 u=5 type=D", b"/fs/d/door"),                           # 29
        raw(fmt, b"s=7 u=5 type=U", b"/fs/d/unknown"),                        # 30
    ]
    rejected = {line: "shape" for line in (9, 10, 11, 12, 13, 14, 15, 20)}
    rejected.update({16: "two", 17: "two", 28: "two"})
    files = 18
    if fmt == "lustre":                               # only find prints D and U
        rejected.update({29: "shape", 30: "shape"})
        files = 16
    return log(f"fields.{fmt}", fmt, joined(lines), 30, 0, files, 1, rejected,
               [3, 18, 19])


def heads_gpfs():
    fields = b"s=7 u=5 p=-rw-r--r--"
    most = b"9223372036854775807"
    over = b"9223372036854775808"

    def line(head, name=b"good"):
        return raw("gpfs", fields, b"/fs/d/" + name, head)

    lines = [
        line(b"<3> 65540 406945146 0"),
        line(b"65540 406945146 0"),                        # 2: the thread may be missing
        line(b"<3>  65540\t406945146   0"),
        line(b"<0> 0 0 0"),
        line(b"<12345> " + most + b" 4294967295 " + most),
        line(b"1 2 3 4"),                                  # 6: 4 is a token without a key
        line(b"<3> " + over + b" 1 0"),            # 7
        line(b"<3> 1 " + over + b" 0"),
        line(b"<3> 1 2 " + over),
        line(b"99999999999999999999999999999 2 3"),    # 10
        line(b"<3> 1 2", b"bad"),                          # 11: two numbers
        line(b"1 2", b"bad"),
        line(b"<3>1 2 3", b"bad"),
        line(b"<> 1 2 3", b"bad"),
        line(b"<x> 1 2 3", b"bad"),
        line(b"<-1> 1 2 3", b"bad"),                       # 16
        line(b"-1 2 3", b"bad"),
        line(b"1 -2 3", b"bad"),
        line(b"1,2 3 4", b"bad"),
        line(b"0x1:0x2:0x3", b"bad"),                      # 20
        line(b"1 2 3x", b"bad"),                           # 21
        raw("gpfs", b"", b"/fs/d/bad", b"1 2 3s=7 u=5 p=-rw-r--r--"),     # 22
        line(b"<" + over + b"> 1 2 3"),            # 23
        line(b"<3> 18446744073709551615 18446744073709551615 18446744073709551615"),
        line(b"<3> 18446744073709551616 1 99999999999999999999"),
    ]
    # The numbers are not used: 7 to 10 and 23 to 25 are good, whatever their size.
    rejected = {line: "shape" for line in range(11, 23)}
    return log("heads.gpfs", "gpfs", joined(lines), 25, 0, 13, 0, rejected)


def heads_lustre():
    fields = b"s=7 u=5 type=f"

    def line(head, name=b"good"):
        return raw("lustre", fields, b"/fs/d/" + name, head)

    lines = [
        line(b"0x24001959d:0x1f:0x0"),
        line(b"0x0:0x0:0x0"),
        line(b"0xffffffffffffffff:0xFFFFFFFFFFFFFFFF:0xabcdefABCDEF0123"),
        line(b"0x24001959d:0x1f:0x0 extra"),               # 4: a token without a key
        line(b"0x10000000000000000:0x1f:0x0"),             # 5: 17 digits
        line(b"0x1:0x10000000000000000:0x0"),
        line(b"0x1:0x2", b"bad"),
        line(b"0x1:0x2:0x3:0x4", b"bad"),
        line(b"0x1:0x2:", b"bad"),
        line(b"0x1::0x3", b"bad"),                         # 10
        line(b"0x:0x2:0x3", b"bad"),
        line(b"0x1:0x2:0xg", b"bad"),
        line(b"1:2:3", b"bad"),
        line(b"[0x1:0x2:0x3]", b"bad"),
        line(b"131", b"bad"),                              # 15
    ]
    return log("heads.lustre", "lustre", joined(lines), 15, 0, 6, 0,
               {line: "shape" for line in range(7, 16)})


def heads_find():
    fields = b"s=7 u=5 type=f"

    def line(head, name=b"good"):
        return raw("find", fields, b"/fs/d/" + name, head)

    lines = [
        line(b"131"),
        line(b"0"),
        line(b"9223372036854775807"),
        line(b"00000000000000000000000131"),
        line(b"131 132"),                                  # 5: a token without a key
        line(b"18446744073709551615"),                     # 6
        line(b"99999999999999999999999999"),
        line(b"-131", b"bad"),                             # 8
        line(b"0x131", b"bad"),
        line(b"131.0", b"bad"),
        line(b"inode", b"bad"),
    ]
    return log("heads.find", "find", joined(lines), 11, 0, 7, 0,
               {8: "shape", 9: "shape", 10: "shape", 11: "shape"})


# ---- times ---------------------------------------------------------------------------------------

def times_gpfs():
    def line(stamp):
        return raw("gpfs", b"s=7 u=5 p=-rw-r--r--" + (b" ac=" + stamp if stamp else b""), b"/fs/d/f")

    good = [
        b"",                                               # 1: none
        b"2024-02-29 00:00:00",
        b"2000-02-29 12:00:00",
        b"0001-01-01 00:00:00",
        b"9999-12-31 23:59:59",
        b"1969-12-31 23:59:59",
        b"2025-12-08 19:08:54.999999",
        b"2025-12-08 19:08:54.0",
        b"2025-12-08\t19:08:54.123456789012",
        b"2025-12-08   19:08:54",                          # 10
    ]
    no_such_day = [
        b"2023-02-29 00:00:00",                            # 11
        b"1900-02-29 00:00:00",
        b"2025-02-30 00:00:00",
        b"2025-04-31 00:00:00",
        b"2025-13-01 00:00:00",
        b"2025-00-01 00:00:00",
        b"2025-01-00 00:00:00",
        b"2025-01-32 00:00:00",
        b"0000-01-01 00:00:00",
        b"2025-01-01 24:00:00",                            # 20
        b"2025-01-01 23:60:00",
        b"2025-01-01 23:59:60",
        b"2025-01-01 23:59:60.5",                          # 23
    ]
    not_a_time = [
        b"2025-12-08",                                     # 24
        b"2025-12-08T19:08:54",                            # 25: good
        b"2025-12-08 19:08",
        b"2025-12-8 19:08:54",
        b"2025-12-08 9:08:54",
        b"20251208 190854",
        b"2025/12/08 19:08:54",
        b"2025-12-08 19:08:54.12x",
        b"2025-12-08 19:08:54Z",
        b"12025-12-08 19:08:54",
        b"-2025-12-08 19:08:54",
        b"1733684934",
        b"2025-12-08 xx=19:08:54",
        b" 2025-12-08 19:08:54",                           # 37: ac= with no day
        b"_NULL_",                                         # 38
        b" nl=1",                                          # ac= is empty
        b"0000-00-00 00:00:00",                            # 40
        b"10000-01-01 00:00:00",
        b"-0001-01-01 00:00:00",
        b"2025-02-29T12:00:00",
        b"2025-12-08t19:08:54",
        b"2025-12-08TT19:08:54",                           # 45
    ]
    lines = [line(stamp) for stamp in good + no_such_day + not_a_time]
    return log("times.gpfs", "gpfs", joined(lines), 45, 0, 45, 0,
               flawed=[number for number in range(11, 46) if number != 25])


def mtimes(fmt):
    """Each directory has the latest time of its files, wherever only one of the two is unusable."""
    def line(name, access, modified):
        if fmt == "gpfs":
            fields = b"s=7 u=5 p=-rw-r--r-- ac=%s mt=%s" % (access, modified)
        else:
            fields = b"s=7 u=5 type=f a=%s m=%s" % (access, modified)
        return raw(fmt, fields, b"/fs/" + name)

    if fmt == "gpfs":
        old, new = b"0001-01-01 00:00:00", b"9999-12-31 23:59:59"
        bad = [b"_NULL_", b"", b"0000-00-00 00:00:00", b"10000-01-01 00:00:00", b"-1"]
    else:
        old, new = b"-62135596800", b"253402300799.9"
        bad = [b"_NULL_", b"", b"0000-00-00", b"253402300800", b"-62135596801"]
    lines = [line(b"a/f", old, new), line(b"a/g", new, old),        # 1, 2
             line(b"b/f", new, old), line(b"c/f", old, old)]        # 3, 4
    lines += [line(b"d%d/f" % number, new, stamp) for number, stamp in enumerate(bad)]    # 5 to 9
    lines += [line(b"e%d/f" % number, stamp, new) for number, stamp in enumerate(bad)]    # 10 to 14
    lines.append(line(b"both/f", bad[0], bad[2]))                   # 15: one flawed line
    return log(f"mtimes.{fmt}", fmt, joined(lines), 15, 0, 15, 0, flawed=range(5, 16))


def modes_gpfs():
    def line(mode):
        return raw("gpfs", b"s=7 u=5 p=" + mode, b"/fs/d/f")

    files = [b"-rw-r--r--", b"lrwxrwxrwx", b"crw-rw-rw-", b"brw-------", b"prw-r--r--",
             b"srwxrwxrwx", b"----------", b"-rwsr-sr-t", b"-rwSr-Sr-T", b"-rwxrwxrwx+",
             b"-rw-r--r--.", b"-rw-r--r--whatever", b"-ttttttttt"]                        # 1 to 13
    folders = [b"drwxr-xr-x", b"d---------", b"drwxrwsr-t.", b"drwxrwxrwT+",
               b"drwxr-xr-xd=x"]                                                          # to 18
    bad = [b"0644", b"100644", b"040755", b"_NULL_", b"rwxr-xr-x", b"d", b"-", b"drwxr-xr-",
           b"?rw-r--r--", b"Drwxr-xr-x", b"-rw-r--r-X", b"-rw-r--r-\xe9", b"frw-r--r--",
           b"-RW-R--R--"]                                                                 # to 32
    lines = [line(mode) for mode in files + folders + bad]
    return log("modes.gpfs", "gpfs", joined(lines), 32, 0, 13, 5,
               {number: "shape" for number in range(19, 33)})


# ---- percent-encoded lists -----------------------------------------------------------------------

def percent_fields():
    """As a policy with ESCAPE writes them: the fields and the path are encoded, the rest is not."""
    def line(fields, path):
        return raw("gpfs", fields.replace(b"=", b"%3D").replace(b" ", b"%20"), path, b"5 1 0")

    good = b"s=7 u=5 p=-rw-r--r--"
    lines = [
        line(good, b"/g/plain"),
        line(good, b"%2Fg%2Fa%20b%2ff"),              # 2: /g/a b/f
        line(good, b"/g/newline%0Ain/f"),
        line(good, b"/g/caf%E9/f"),
        line(good, b"/g/100%25/f"),                   # 5: decoded once
        line(good, b"/g/%2541/f"),                    # 6: a directory called %41
        line(good, b"/g/%zz%4/f%"),                   # 7: no escapes
        line(good, b"/g/1%201%201%20s=1%20u=2%20p=-rw-r--r--%20--%20/x"),    # 8: one name's blanks
        line(good, b"/g/nul%00/f"),                   # 9 bad
        line(good, b"g/relative"),                    # 10 bad
        line(b"s=7 u=5 p=0644", b"/g/f"),             # 11 bad
        line(good + b" ac=2025-02-30 00:00:00", b"/g/d/f"),                  # 12: flawed
        line(b"s=7 u=5 p=drwxr-xr-x", b"%2Fg%2F%2Fe%2F"),                    # 13: /g/e
        b"# 100%25",
        line(good, b"/g/%23/f"),                      # 15: /g/#
    ]
    return log("percent_fields.gpfs", "gpfs", joined(lines), 15, 1, 10, 1,
               {9: "nul", 10: "relative", 11: "shape"}, [12])


def percent_paths():
    """Nothing in the fields that needed an escape: the path's first slash says what it is."""
    lines = [raw("gpfs", b"s=7 u=5 p=-rw-r--r--", path, b"5 1 0")
             for path in (b"%2Fg%2Fa%20b%2Ff", b"%2Fg%2Fa%41%2Ff", b"%2Fg%2Ff")]
    return log("percent_paths.gpfs", "gpfs", joined(lines), 3, 0, 3, 0)


# ---- records that end in NUL ---------------------------------------------------------------------

def null_ended(fmt):
    """Newlines and returns are bytes of names here."""
    lines = [
        entry(fmt, b"/fs/a\nb", "d"),
        entry(fmt, b"/fs/a\nb/c\n"),
        entry(fmt, b"/fs/\n/f"),
        entry(fmt, b"/fs/return\r", "d"),
        entry(fmt, b"/fs/return\r/f"),
        b"# a header",
        b"",
        b"[E] an error of the scan",
        b"nonsense\nof two lines",                    # 9 bad
        entry(fmt, b"/fs/x\n" + entry(fmt, b"/etc/passwd")[:20]),           # 10: no second record
        entry(fmt, b"/fs/last"),
    ]
    return log(f"null_ended.{fmt}", fmt, joined(lines, b"\0"), 11, 3, 5, 2, {9: "shape"},
               scan_errors=1)


def null_ended_but_the_last(fmt):
    data = entry(fmt, b"/fs/a\r\n", "d") + b"\0" + entry(fmt, b"/fs/a\r\n/f\n")
    return log(f"null_ended_but_the_last.{fmt}", fmt, data, 2, 0, 1, 1)


def times_epoch(fmt):
    def line(stamp):
        return raw(fmt, b"s=7 u=5 type=f" + (b" a=" + stamp if stamp else b""), b"/fs/d/f")

    good = [
        b"",                                               # 1: none
        b"0",
        b"-1",
        b"-1.5",                                           # 4: as written, -1
        b"1769700762.1234567890",
        b"-62135596800",                                   # 6: 0001-01-01 00:00:00
        b"253402300799",                                   # 7: 9999-12-31 23:59:59
        b"253402300799.999999999",
        b"000000000000000000000000001769700762",
        b"-0",                                             # 10
        b"951782400",                                      # 11: 2000-02-29 00:00:00
    ]
    no_such_date = [
        b"-62135596801",                                   # 12
        b"253402300800",
        b"9223372036854775807",
        b"-9223372036854775807",                           # 15
    ]
    too_large = [
        b"9223372036854775808",                            # 16
        b"-9223372036854775809",
        b"99999999999999999999999999",                     # 18
    ]
    not_a_time = [
        b"2025-12-08",                                     # 19
        b"+1",
        b"--1",
        b"1e9",
        b"0x10",
        b".5",
        b"-",
        b"1.5x",
        b"1.-5",                                           # 27
    ]
    lines = [line(stamp) for stamp in good + no_such_date + too_large + not_a_time]
    return log(f"times.{fmt}", fmt, joined(lines), 27, 0, 27, 0, flawed=range(12, 28))


def ages(fmt):
    """Both sides of every bound of the access buckets, by the scan date 2026-01-11."""
    midnight = datetime.datetime(2026, 1, 11)
    epoch = datetime.datetime(1970, 1, 1)
    moments = [midnight, midnight + datetime.timedelta(days=400),
               midnight + datetime.timedelta(seconds=1)]
    for days in (30, 90, 180, 365, 730, 1095, 1460, 2190, 2555):
        bound = midnight - datetime.timedelta(days=days)
        moments += [bound + datetime.timedelta(seconds=1), bound,
                    bound - datetime.timedelta(seconds=1)]
    lines = []
    for number, moment in enumerate(moments):
        if fmt == "gpfs":
            stamp = moment.isoformat(" ")
        else:
            stamp = int((moment - epoch).total_seconds())
        lines.append(entry(fmt, b"/fs/d/f%d" % number, s=1 << number, atime=stamp))
    lines.append(entry(fmt, b"/fs/d/none", s=1 << 40, atime=None))
    return log(f"20260111_csfs1_ages.{fmt}.log", fmt, joined(lines), 31, 0, 31, 0)


# ---- records run together ------------------------------------------------------------------------

def glued_lustre():
    """`lfs find` cuts a record at 1,023 bytes, loses its newline, and goes on."""
    cut = 1023
    long_path = b"/lustre/desc1/" + b"/".join([b"component%03d" % i for i in range(90)])
    in_path = entry("lustre", long_path)
    pool = raw("lustre", b"s=1 b=1 u=2 g=3 p=" + b"x" * 1200 + b" type=f perm=0644 a=1",
               b"/lustre/p")
    before_kind = raw("lustre", b"s=1 b=1 u=2 g=3 p=", b"").index(b" -- ")
    kind = raw("lustre", b"s=1 b=1 u=2 g=3 p=" + b"x" * (cut - before_kind - 3) +
               b" type=f perm=0644 a=1", b"/lustre/p")
    assert kind[:cut].endswith(b"x ty")
    separator = raw("lustre", b"s=1 b=1 u=2 g=3 type=f p=" + b"x" * 950, b"/lustre/p")
    before_path = separator.index(b" -- ") + len(b" -- ")
    assert len(in_path) > cut and pool[:cut].endswith(b"xxx")
    second = entry("lustre", b"/lustre/desc1/second", s=5)
    third = entry("lustre", b"/lustre/desc1/third", "d")
    exact_path = long_path[:cut - (len(in_path) - len(long_path))]
    exact = entry("lustre", exact_path)
    assert len(exact) == cut
    lines = [
        entry("lustre", b"/lustre/desc1/first"),           # 1
        in_path,                                           # 2: long, but whole
        in_path[:cut] + second,                            # 3: cut in the path
        pool[:cut] + second,                               # 4: cut in the pool
        kind[:cut] + second,                               # 5: cut in type=
        in_path[:cut] + in_path[:cut] + second,            # 6: three in one
        exact + second,                                    # 7: cut where the path ends
        in_path[:cut] + third,                             # 8: the second is a directory
        separator[:before_path] + second,                  # 9: nothing left of the path
        in_path[:cut],                                     # 10: cut, but its newline is there
        exact,                                             # 11
        in_path[:cut] + b"\t" + second,                    # 12: a tab between
        entry("lustre", b"/lustre/desc1/note 0x1:0x2:0x3 s=1 u=2 -- /x"),     # 13: no kind
        entry("lustre", b"/lustre/desc1/0x1:0x2:0x3 s=1 u=2 type=f"),         # 14: no path
        entry("lustre", b"/lustre/desc1/0x1:0x2:0x3 s=1 u=2 type=f -- x"),    # 15: relative
        entry("lustre", b"/lustre/desc1/s=1 u=2 type=f -- /x"),               # 16: no head
        entry("lustre", b"/lustre/desc1/0x1:0x2 s=1 u=2 type=f -- /x"),       # 17: half a head
        entry("lustre", b"/lustre/desc1/0x1:0x2:0x3 s=k u=2 type=f -- /x"),   # 18: no number
        in_path[:cut] + raw("lustre", b"s=7 u=5 type=f a=never", b"/x"),      # 19: no good atime
        in_path[:cut] + raw("lustre", b"s=7 u=5 type=f", b"/"),               # 20
        entry("lustre", b"/lustre/desc1/last"),            # 21
        in_path[:cut] + second,                            # 22: at the end of the log
    ]
    rejected = {line: "two" for line in (3, 4, 5, 6, 7, 8, 9, 12, 19, 20, 22)}
    return log("glued.lustre", "lustre", joined(lines)[:-1], 22, 0, 11, 0, rejected)


def glued_gpfs():
    first = entry("gpfs", b"/fs/a/first")
    second = entry("gpfs", b"/fs/a/second")
    bare = second[len(b"<3> "):]
    lines = [
        first,
        first + second,
        first + bare,                                      # 3: digits straight after the name
        first + b" " + second,
        first[:40] + second,                               # 5: cut in the fields
        first + b"\t" + bare,
        entry("gpfs", b"/fs/a/1 2 3 s=1 u=2 -- /x"),       # 7: no mode
        entry("gpfs", b"/fs/a/2 3 s=1 u=2 p=-rw-r--r-- -- /x"),   # 8: two numbers
        entry("gpfs", b"/fs/a/1 2 3 s=1 u=2 p=-rw-r--r-- -- x"),  # 9: relative
    ]
    return log("glued.gpfs", "gpfs", joined(lines), 9, 0, 4, 0,
               {2: "two", 3: "two", 4: "two", 5: "two", 6: "two"})


def glued_find():
    first = entry("find", b"/fs/a/first")
    second = entry("find", b"/fs/a/second")
    lines = [
        first,
        first + second,
        first + b" " + second,
        first[:30] + second,                               # 4: cut in the fields
        first + b"\n" + second,                            # 5, 6: two lines
        entry("find", b"/fs/a/1 s=1 u=2 -- /x"),           # 7: no kind
        entry("find", b"/fs/a/x s=1 u=2 type=f -- /x"),    # 8: no head
        entry("find", b"/fs/a/1 s=1 u=2 type=f -- x"),     # 9: relative
    ]
    return log("glued.find", "find", joined(lines), 9, 0, 6, 0, {2: "two", 3: "two", 4: "two"})


IN_EVERY_FORMAT = (
    odd_names, names_around_slash, non_utf8_directories, long_paths, huge_path,
    missing_directories, owners, sizes, framing_mixed, crlf, no_final_newline, return_at_the_end,
    unfinished_header, unfinished_reject, slashes, root_listed, root_is_parent_of_file,
    root_is_parent_of_directory, root_not_stored, root_alone, repeated, paths_that_are_not,
    columns, no_files, long_lines, ages, scan_errors, byte_order_mark, byte_order_mark_twice,
    byte_order_mark_and_returns, returns_of_names, returns_after_the_first, saturated, mtimes,
)


def logs():
    for make in IN_EVERY_FORMAT:
        for fmt in ("gpfs", "lustre", "find"):
            yield make(fmt)
    yield only_headers()
    yield empty()
    yield fields_gpfs()
    yield times_gpfs()
    for fmt in ("lustre", "find"):
        yield fields_epoch(fmt)
        yield times_epoch(fmt)
    yield modes_gpfs()
    yield percent_fields()
    yield percent_paths()
    yield heads_gpfs()
    yield heads_lustre()
    yield heads_find()
    yield glued_lustre()
    yield glued_gpfs()
    yield glued_find()


def null_ended_logs():
    for fmt in ("gpfs", "lustre", "find"):
        yield null_ended(fmt)
        yield null_ended_but_the_last(fmt)


def write(folder, which=logs):
    """Writes every log to the folder -> [(path, NastyLog)]"""
    os.makedirs(folder, exist_ok=True)
    written = []
    for nasty in which():
        path = os.path.join(folder, nasty.name)
        with open(path, "wb") as file:
            file.write(nasty.data)
        written.append((path, nasty))
    return written


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: make_nasty_logs.py FOLDER")
    for path, nasty in write(sys.argv[1]) + write(sys.argv[1], null_ended_logs):
        print(f"{path}: lines {nasty.lines}, headers {nasty.headers}, files {nasty.files}, "
              f"directories {nasty.directories}, rejected {len(nasty.rejected)}")
