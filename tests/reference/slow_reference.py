#!/usr/bin/env python3
"""The slow reference: the answer fstally ought to give, worked out the simplest way there is.

It reads scan logs line by line, keeps a dictionary entry for every directory, and for every file
walks up the path and adds the file to each ancestor. Nothing is shared with the importer, neither
code nor method, so that where the two agree, both understand the formats alike.

    slow_reference.py [--format F] [--scan-date YYYY-MM-DD] [--table NAME] [--null] [--under PATH]
                      [--exclude PATTERN]... [--percent] [--root PATH] [--age-by TIME] LOG...

prints the counts and the rejects, or the rows of one table.
"""

import argparse
import collections
import datetime
import functools
import os
import pwd
import grp
import itertools
import re
import sys

INT64_MAX = 2**63 - 1

# Directories of a block: of sums by owner, of names.
OWNER_MAX = 4294967294
FORMATS = ("gpfs", "lustre", "find")

# Why a line is rejected.
SHAPE = "shape"                # does not look like a line of its format, or lacks a required field
OVERFLOW = "overflow"          # a number that a signed 64-bit integer cannot hold
OWNER = "owner"                # owner or group above 4294967294
DATE = "date"                  # a day or a time of day that does not exist
EMPTY_PATH = "empty path"
RELATIVE_PATH = "relative path"
ROOT_FILE = "root is a file"   # something that is not a directory, at "/"
NUL = "nul"
TWO_RECORDS = "two records"
OUTSIDE = "outside"            # of the directory that entries must be below

HEAD = {
    "gpfs": rb"(?:<([0-9]+)>[ \t]+)?([0-9]+)[ \t]+([0-9]+)[ \t]+([0-9]+)",
    "lustre": rb"0x[0-9A-Fa-f]+:0x[0-9A-Fa-f]+:0x[0-9A-Fa-f]+",
    "find": rb"([0-9]+)",
}
HEAD_AT_START = {f: re.compile(h + rb"(?=[ \t])") for f, h in HEAD.items()}
HEAD_ANYWHERE = {f: re.compile(rb"(?=(" + h + rb")[ \t])") for f, h in HEAD.items()}

KEYS = {
    "gpfs": (b"s", b"a", b"u", b"g", b"p", b"ac", b"mt"),
    "lustre": (b"s", b"b", b"u", b"g", b"type", b"a", b"m"),
    "find": (b"s", b"b", b"u", b"g", b"type", b"a", b"m"),
}
OPTIONAL = {b"a", b"b", b"g", b"ac", b"mt", b"m"}
STAMPS = {b"ac", b"mt"}        # the keys whose value is a date and a time
KIND_KEY = {"gpfs": b"p", "lustre": b"type", "find": b"type"}
KINDS = {
    "lustre": {b"d", b"f", b"l", b"p", b"s", b"b", b"c", b"?"},
    "find": {b"d", b"f", b"l", b"p", b"s", b"b", b"c", b"?", b"D", b"U"},
}

HEADER = re.compile(rb"\[[A-Z]\](?=[ \t]|\Z)|#|[ \t]*\Z")
SCAN_ERROR = re.compile(rb"\[[EX]\](?=[ \t]|\Z)")
MODE = re.compile(rb"[-dlcbps][-rwxsStT]{9}")
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
SEPARATOR = re.compile(rb"[ \t]--[ \t]+")
SEPARATOR_BEFORE_ROOTED = re.compile(rb"[ \t]--[ \t]+/")
DIGITS = re.compile(rb"[0-9]+\Z")
EPOCH_SECONDS = re.compile(rb"(-?[0-9]+)(?:\.[0-9]+)?\Z")
CALENDAR_DAY = re.compile(rb"([0-9]{4})-([0-9]{2})-([0-9]{2})\Z")
TIME_OF_DAY = re.compile(rb"([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.[0-9]+)?\Z")

EPOCH = datetime.datetime(1970, 1, 1)
FIRST_SECOND = -62135596800    # 0001-01-01 00:00:00
LAST_SECOND = 253402300799     # 9999-12-31 23:59:59

# Half-open [lower, upper); an upper bound of None is the rest.
ACCESS_BOUNDS = (0, 30, 90, 180, 365, 730, 1095, 1460, 2190, 2555, None)
KIB, MIB, GIB = 1024, 1024**2, 1024**3
SIZE_BOUNDS = (0, KIB, 10 * KIB, 100 * KIB, MIB, 10 * MIB, 100 * MIB,
               GIB, 10 * GIB, 100 * GIB, None)


# Which of a line's faults is reported first. No document says it, but for two records on one
# line, which explain all other faults of it.
REASONS = (NUL, TWO_RECORDS, SHAPE, OVERFLOW, OWNER, DATE, EMPTY_PATH, RELATIVE_PATH, ROOT_FILE,
           OUTSIDE)


class Fault(Exception):
    """One thing wrong with a line."""


class Reject(Exception):
    """This line is not counted, for these reasons."""

    def __init__(self, faults):
        super().__init__(faults)
        self.faults = faults
        self.reason = min(faults, key=REASONS.index)


class CannotTellFormat(Exception):
    """No data line looks like any format."""


Entry = collections.namedtuple("Entry", "path is_directory size alloc uid gid atime mtime flaws")
Rejected = collections.namedtuple("Rejected", "source line offset reason text faults")

# How logs are read: NUL-ended records; only what is below `under`; without what the patterns of
# `excludes` match; percent-encoded (None: detected); nothing above `root`; ages by this time.
Options = collections.namedtuple(
    "Options", "null under excludes percent root age_by",
    defaults=(False, None, (), None, None, "atime"))


# ---- one line ------------------------------------------------------------------------------------

def integer(digits):
    """The value of a string of digits, if a signed 64-bit integer holds it."""
    significant = digits.lstrip(b"0") or b"0"
    if len(significant) > 19 or int(significant) > INT64_MAX:
        raise Fault(OVERFLOW)
    return int(significant)


def number(value):
    if not DIGITS.match(value):
        raise Fault(SHAPE)
    return integer(value)


def scaled(value, unit):
    product = number(value) * unit
    if product > INT64_MAX:
        raise Fault(OVERFLOW)
    return product


def owner(value):
    if not DIGITS.match(value):
        raise Fault(SHAPE)
    significant = value.lstrip(b"0") or b"0"
    if len(significant) > 10 or int(significant) > OWNER_MAX:
        raise Fault(OWNER)
    return int(significant)


def epoch_atime(value):
    match = EPOCH_SECONDS.match(value)
    if not match:
        raise Fault(SHAPE)
    seconds = int(match.group(1))
    if not FIRST_SECOND <= seconds <= LAST_SECOND:
        raise Fault(DATE)
    return EPOCH + datetime.timedelta(seconds=seconds)


def calendar_atime(stamp):
    day, _, time = stamp.partition(b"T" if stamp[10:11] == b"T" else b" ")
    day_match = CALENDAR_DAY.match(day)
    time_match = TIME_OF_DAY.match(time)
    if not day_match or not time_match:
        raise Fault(SHAPE)
    parts = [int(part) for part in day_match.groups() + time_match.groups()]
    try:
        return datetime.datetime(*parts)
    except ValueError:
        raise Fault(DATE) from None


def known_fields(tokens, fmt):
    """The values of the known keys, {key: [value]}. A day takes the token after it too, unless
    that is a field of its own: it is the time of day."""
    fields = collections.defaultdict(list)
    position = 0
    while position < len(tokens):
        key, equals, value = tokens[position].partition(b"=")
        position += 1
        if not equals or key not in KEYS[fmt]:
            continue
        if key in STAMPS and CALENDAR_DAY.match(value) and position < len(tokens) \
                and b"=" not in tokens[position]:
            value += b" " + tokens[position]
            position += 1
        fields[key].append(value)
    return fields


def read_field(key, value, fmt):
    if key == b"s":
        return number(value)
    if key in (b"u", b"g"):
        return owner(value)
    if key == KIND_KEY[fmt]:
        return is_directory(value, fmt)
    if key == b"b":
        return scaled(value, 512)
    if key in STAMPS:
        return calendar_atime(value)
    # a= is KiB in one format and the time in the others.
    return scaled(value, 1024) if fmt == "gpfs" else epoch_atime(value)    # m= is a time too


def is_directory(value, fmt):
    if fmt == "gpfs":
        if not MODE.match(value):
            raise Fault(SHAPE)
        return value.startswith(b"d")
    if value not in KINDS[fmt]:
        raise Fault(SHAPE)
    return value == b"d"


def is_whole_record(fields, fmt):
    """Are the required fields there and well-formed?"""
    for key in (b"s", b"u", KIND_KEY[fmt]):
        good = False
        for value in fields.get(key, ()):
            try:
                read_field(key, value, fmt)
                good = True
            except Fault:
                pass
        if not good:
            return False
    return True


def holds_second_record(text, fmt):
    """Is there, before a later ` -- /`, a head with all required fields behind it?"""
    for separator in SEPARATOR_BEFORE_ROOTED.finditer(text):
        before = text[:separator.start()]
        for head in HEAD_ANYWHERE[fmt].finditer(before + b" "):
            rest = before[head.end(1):]
            if not SEPARATOR.search(rest) and is_whole_record(known_fields(split(rest), fmt), fmt):
                return True
    return False


def split(columns):
    return [token for token in re.split(rb"[ \t]+", columns) if token]


def fold_slashes(path):
    folded = re.sub(rb"/+", b"/", path)
    return folded if folded == b"/" else folded.rstrip(b"/")


def percent_decoded(text):
    """%41 is A; a % without two hexadecimal digits after it is a %."""
    return re.sub(rb"%([0-9A-Fa-f]{2})", lambda match: bytes([int(match.group(1), 16)]), text)


def is_header(record):
    """Messages end in newlines also where records end in NUL: each of the lines is one."""
    return all(HEADER.match(line) is not None for line in record.split(b"\n"))


def may_be_glued(fmt, end):
    """A lost newline glues any two records; a NUL is lost by `lfs find` alone."""
    return end == b"\n" or fmt == "lustre"


def parse(line, fmt, percent=False, end=b"\n"):
    """One data line without its line end -> Entry, or Reject with all that is wrong with it. Where
    it is percent-encoded, the fields and the path are, each as a whole; the rest never is."""
    if b"\0" in line:
        raise Reject({NUL})
    faults = set()
    head = HEAD_AT_START[fmt].match(line)
    if not head:
        raise Reject({SHAPE})

    separator = SEPARATOR.search(line, head.end())
    if not separator:
        faults.add(SHAPE)
    fields_end = separator.start() if separator else len(line)
    decoded = percent_decoded if percent else bytes
    fields = known_fields(split(decoded(line[head.end():fields_end])), fmt)
    found = {}
    flaws = set()
    for key, values in fields.items():
        if len(values) > 1:
            faults.add(TWO_RECORDS)
        for value in values:
            try:
                found[key] = read_field(key, value, fmt)
            except Fault as fault:
                (flaws if key in OPTIONAL else faults).add(str(fault))
    for key in (b"s", b"u", KIND_KEY[fmt]):
        if key not in fields:
            faults.add(SHAPE)

    written_path = line[separator.end():] if separator else b"/"
    path = decoded(written_path)
    if b"\0" in path:
        faults.add(NUL)
    if not path:
        faults.add(EMPTY_PATH)
    elif not path.startswith(b"/"):
        faults.add(RELATIVE_PATH)
    folded = fold_slashes(path)
    if folded == b"/" and found.get(KIND_KEY[fmt]) is False:
        faults.add(ROOT_FILE)
    # In a line that is otherwise good only the path can hold a second record; where the first was
    # cut in its fields, these do. A blank that was encoded belongs to a name.
    if may_be_glued(fmt, end) and holds_second_record(
            line[head.end():] if faults else written_path, fmt):
        faults.add(TWO_RECORDS)
    if faults:
        raise Reject(faults)
    return Entry(folded, found[KIND_KEY[fmt]], found[b"s"],
                 found.get(b"a" if fmt == "gpfs" else b"b", 0), found[b"u"], found.get(b"g", -1),
                 found.get(b"ac" if fmt == "gpfs" else b"a"),
                 found.get(b"mt" if fmt == "gpfs" else b"m"), flaws)


def has_returns(data):
    """Is it a CRLF log: does its first data line end in a return and a newline?"""
    for piece in data.split(b"\n")[:-1]:
        if not is_header(piece[:-1] if piece.endswith(b"\r") else piece):
            return piece.endswith(b"\r")
    return False


def lines_of(data, end=b"\n"):
    """(line number from 1, byte offset, line without its end)"""
    offset = 0
    if data.startswith(BYTE_ORDER_MARK):
        offset = len(BYTE_ORDER_MARK)
        data = data[offset:]
    drop = end == b"\n" and has_returns(data)
    pieces = data.split(end)
    unfinished = pieces.pop()
    for index, piece in enumerate(pieces):
        line = piece[:-1] if drop and piece.endswith(b"\r") else piece
        yield index + 1, offset, line
        offset += len(piece) + 1
    if unfinished:
        yield len(pieces) + 1, offset, unfinished


def tell_format(data, end=b"\n", percent=None):
    """(format, is it percent-encoded?) of the first data line that is a good line of some format,
    as written or else decoded; no format where the log has no data lines at all, so that there is
    nothing to tell."""
    tried = 0
    ways = (False, True) if percent is None else (percent,)
    for _, _, line in lines_of(data, end):
        if is_header(line):
            continue
        for encoded, fmt in itertools.product(ways, FORMATS):
            try:
                parse(line, fmt, encoded, end)
                return fmt, encoded
            except Reject:
                pass
        tried += 1
        if tried == 1000:
            break
    if tried:
        raise CannotTellFormat()
    return None, False


def is_percent_encoded(data, fmt, end):
    """Is the first data line that is a good line of this format one only when it is decoded?"""
    for _, _, line in lines_of(data, end):
        if is_header(line):
            continue
        for encoded in (False, True):
            try:
                parse(line, fmt, encoded, end)
                return encoded
            except Reject:
                pass
    return False


# ---- which entries count -------------------------------------------------------------------------

def is_at_or_below(path, directory):
    return directory == b"/" or path == directory or path.startswith(directory + b"/")


def glob_expression(glob):
    """* is any bytes, slashes too, and ? is one; [abc], [a-z] and [!abc] are one of these, or none;
    a backslash takes its meaning from the byte after it."""
    def piece(match):
        text = match.group()
        if text.startswith(b"\\") and len(text) == 2:
            return re.escape(text[1:])
        if text == b"*":
            return b".*"
        if text == b"?":
            return b"."
        if len(text) > 1:
            return re.sub(rb"\A\[!", b"[^", text)
        return re.escape(text)
    return re.compile(re.sub(rb"(?s)\\.|\[[^]]+\]|.", piece, glob), re.DOTALL)


def is_excluded(path, pattern):
    """A name's pattern is tried on every name of the path; a path's, on it and all above it."""
    pattern = os.fsencode(pattern)
    pattern = pattern.rstrip(b"/") or b"/"
    if b"/" not in pattern:
        return any(glob_expression(pattern).fullmatch(name) for name in components(path))
    pattern = fold_slashes(pattern)
    if pattern.startswith(b"/") and not re.search(rb"[*?[]", pattern):
        return is_at_or_below(path, pattern)
    return any(glob_expression(pattern).fullmatch(place) for place in [path, *ancestors_of(path)])


# ---- what a log's name says ----------------------------------------------------------------------

def filesystem_from_name(path):
    name = os.path.basename(path).split(".")[0]
    dated = re.match(r"[0-9]{8}_(.*)", name)
    if dated:
        name = dated.group(1)
        if "_" in name:
            name = name.split("_", 1)[1]
    return name


def scan_date_from_name(path):
    dated = re.match(r"([0-9]{4})([0-9]{2})([0-9]{2})_", os.path.basename(path))
    if not dated:
        return None
    try:
        return datetime.datetime(*(int(part) for part in dated.groups()))
    except ValueError:
        return None


def scan_date_of(path, given):
    if given:
        return datetime.datetime.strptime(given, "%Y-%m-%d")
    named = scan_date_from_name(path)
    if named:
        return named
    modified = EPOCH + datetime.timedelta(seconds=os.stat(path).st_mtime_ns // 10**9)
    return modified.replace(hour=0, minute=0, second=0)


# ---- the answer ----------------------------------------------------------------------------------

class Totals:
    """What is summed up over some set of files."""

    def __init__(self):
        self.files = 0
        self.size = 0
        self.alloc = 0
        self.atime = None
        self.mtime = None

    def add(self, entry):
        self.files += 1
        self.size += entry.size
        self.alloc += entry.alloc
        if entry.atime is not None and (self.atime is None or entry.atime > self.atime):
            self.atime = entry.atime
        if entry.mtime is not None and (self.mtime is None or entry.mtime > self.mtime):
            self.mtime = entry.mtime

    def saturates(self):
        return max(self.files, self.size, self.alloc) > INT64_MAX


class Directory:
    def __init__(self):
        self.direct = Totals()
        self.subtree = Totals()
        self.direct_dirs = 0
        self.subtree_dirs = 0
        self.uids = set()
        self.gids = set()
        self.by_owner = collections.defaultdict(Totals)
        self.cells = collections.defaultdict(lambda: collections.defaultdict(Totals))


def parent_of(path):
    return path[:path.rindex(b"/")] or b"/"


@functools.lru_cache(maxsize=None)
def from_here_up(directory):
    """The directory, its parent, ... up to "/"."""
    line = [directory]
    while line[-1] != b"/":
        line.append(parent_of(line[-1]))
    return line


def ancestors_of(path):
    """The parent, its parent, ... up to "/"."""
    return [] if path == b"/" else from_here_up(parent_of(path))


def depth_of(path):
    return 0 if path == b"/" else path.count(b"/")


def components(path):
    return [] if path == b"/" else path.split(b"/")[1:]


def text_of_time(time):
    return None if time is None else time.isoformat(" ").encode()


def one_or_none(values):
    """-1 for no value, the value where there is one, None for several."""
    if not values:
        return -1
    return next(iter(values)) if len(values) == 1 else None


def bucket_of(value, bounds):
    index = 0
    while bounds[index + 1] is not None and value >= bounds[index + 1]:
        index += 1
    return index


def access_bucket(entry, scan_date, age_by):
    times = {"atime": [entry.atime], "mtime": [entry.mtime], "latest": [entry.atime, entry.mtime]}
    known = [time for time in times[age_by] if time is not None]
    if not known:
        return len(ACCESS_BOUNDS) - 2
    # Every bound is a whole number of days, so whole days, rounded down, decide.
    return bucket_of((scan_date - max(known)).days, ACCESS_BOUNDS)


class LogCounts:
    def __init__(self, path, fmt, scan_date):
        self.path = path
        self.format = fmt
        self.scan_date = scan_date
        self.lines = 0
        self.headers = 0
        self.files = 0
        self.directories = 0
        self.rejected = 0
        self.flawed = 0
        self.scan_errors = 0
        self.excluded = 0
        self.totals = Totals()


class Reference:
    """Reads logs with add_log(), then answers with tables()."""

    def __init__(self, options=Options()):
        self.options = options
        self.under = self._folded(options.under)
        self.root = self._folded(options.root)
        self.directories = collections.defaultdict(Directory)
        self.stored = set()
        self.logs = []
        self.rejects = []
        self.flaws = []
        self.owners = collections.defaultdict(Totals)
        self.groups = collections.defaultdict(Totals)
        self.owner_directories = collections.defaultdict(set)
        self.group_directories = collections.defaultdict(set)
        self.access = collections.defaultdict(Totals)
        self.sizes = collections.defaultdict(Totals)

    @staticmethod
    def _folded(path):
        return None if path is None else fold_slashes(os.fsencode(path))

    def add_log(self, path, fmt=None, scan_date=None):
        with open(path, "rb") as file:
            data = file.read()
        end = b"\0" if self.options.null else b"\n"
        percent = self.options.percent
        if fmt is None:
            fmt, percent = tell_format(data, end, percent)
        elif percent is None:
            percent = is_percent_encoded(data, fmt, end)
        log = LogCounts(path, fmt, scan_date_of(path, scan_date))
        self.logs.append(log)
        for line_number, offset, line in lines_of(data, end):
            log.lines += 1
            if is_header(line):
                log.headers += 1
                log.scan_errors += SCAN_ERROR.match(line) is not None
                continue
            try:
                entry = parse(line, log.format, percent, end)
                if self._is_outside(entry):
                    raise Reject({OUTSIDE})
            except Reject as reject:
                log.rejected += 1
                self.rejects.append(Rejected(
                    path, line_number, offset, reject.reason, line, reject.faults))
                continue
            if any(is_excluded(entry.path, pattern) for pattern in self.options.excludes):
                log.excluded += 1
                continue
            if entry.flaws:
                log.flawed += 1
                self.flaws.append(Rejected(path, line_number, offset,
                                           min(entry.flaws, key=REASONS.index), line, entry.flaws))
            self._store_directories(entry)
            if entry.is_directory:
                log.directories += 1
            else:
                log.files += 1
                log.totals.add(entry)
                self._count_file(entry, log.scan_date)

    def _is_outside(self, entry):
        """Directories above the root are listed by the scan of a whole tree: they are no fault. A
        file of the root's own path, or of that of `under`, lies in the directory above it."""
        for top in (self.under, self.root):
            if top is None or (is_at_or_below(entry.path, top)
                               and (entry.is_directory or entry.path != top)):
                continue
            if top != self.root or not entry.is_directory or not is_at_or_below(top, entry.path):
                return True
        return False

    def _is_stored(self, directory):
        return self.root is None or is_at_or_below(directory, self.root)

    def _ancestors(self, path):
        return [ancestor for ancestor in ancestors_of(path) if self._is_stored(ancestor)]

    def _store_directories(self, entry):
        if entry.is_directory and self._is_stored(entry.path):
            self.stored.add(entry.path)
        for place, ancestor in enumerate(self._ancestors(entry.path)):
            if ancestor != b"/" or (place == 0 and not entry.is_directory):
                self.stored.add(ancestor)

    def _count_file(self, entry, scan_date):
        parent = parent_of(entry.path)
        self.directories[parent].direct.add(entry)
        self.directories[parent].by_owner[entry.uid, entry.gid].add(entry)
        for ancestor in self._ancestors(entry.path):
            directory = self.directories[ancestor]
            directory.subtree.add(entry)
            directory.uids.add(entry.uid)
            directory.gids.add(entry.gid)
        self.owners[entry.uid].add(entry)
        self.groups[entry.gid].add(entry)
        self.owner_directories[entry.uid].add(parent)
        self.group_directories[entry.gid].add(parent)
        age = access_bucket(entry, scan_date, self.options.age_by)
        size = bucket_of(entry.size, SIZE_BOUNDS)
        self.access[entry.uid, age].add(entry)
        self.sizes[entry.uid, size].add(entry)
        self.directories[parent].cells[entry.uid, entry.gid][10 * age + size].add(entry)

    def tables(self, filesystem=None):
        """Table name -> sorted rows, in the order of the schema's columns; text is bytes."""
        for directory in self.directories.values():
            directory.direct_dirs = directory.subtree_dirs = 0
        for path in self.stored:
            for place, ancestor in enumerate(self._ancestors(path)):
                self.directories[ancestor].subtree_dirs += 1
                if place == 0:
                    self.directories[ancestor].direct_dirs += 1

        # Sorting by the list of names puts a directory right before what is below it.
        preorder = sorted(self.stored, key=components)
        ids = {path: number for number, path in enumerate(preorder, 1)}
        answer = {
            "directories": [],
            "directory_stats": [],
            "owner_usage": [],
            "owner_summary": self._summary(self.owners, self.owner_directories),
            "group_summary": self._summary(self.groups, self.group_directories),
            "access_histogram": self._histogram(self.access),
            "size_histogram": self._histogram(self.sizes),
            "histogram_bucket": bucket_rows(),
            "user_info": user_rows(self.owners),
            "group_info": group_rows(self.groups),
            "scan_metadata": self._metadata(filesystem),
        }
        for path in preorder:
            self._directory_rows(answer, ids, path)
        return {name: [at_most(row) for row in rows] for name, rows in answer.items()}

    def saturated(self):
        """Has any sum passed what the database can hold?"""
        everything = Totals()
        for log in self.logs:
            everything.files += log.totals.files
            everything.size += log.totals.size
            everything.alloc += log.totals.alloc
        return everything.saturates()

    def _directory_rows(self, answer, ids, path):
        dir_id = ids[path]
        directory = self.directories[path]
        parent_id = None if path == b"/" else ids.get(parent_of(path))
        name = components(path)[-1] if path != b"/" else b"/"
        last_id = dir_id + directory.subtree_dirs
        answer["directories"].append(
            (dir_id, parent_id, path, depth_of(path), last_id, name))
        uid = one_or_none(directory.uids)
        gid = one_or_none(directory.gids)
        direct, subtree = directory.direct, directory.subtree
        answer["directory_stats"].append((
            dir_id,
            direct.files, directory.direct_dirs, direct.size, direct.alloc,
            text_of_time(direct.atime), text_of_time(direct.mtime),
            subtree.files, directory.subtree_dirs, subtree.size, subtree.alloc,
            text_of_time(subtree.atime), text_of_time(subtree.mtime),
            uid, gid))
        if uid is None or gid is None:
            for (owner_uid, owner_gid), totals in sorted(directory.by_owner.items()):
                answer["owner_usage"].append((
                    dir_id, owner_uid, owner_gid, totals.files, totals.size, totals.alloc,
                    text_of_time(totals.atime)))

    def cells(self):
        """For each directory in preorder the cells of its direct files: (uid, gid) -> {10 * access
        bucket + size bucket: (files, bytes)}."""
        return [{owner: {cell: at_most((totals.files, totals.size)) for cell, totals in cells.items()}
                 for owner, cells in self.directories[path].cells.items()}
                for path in sorted(self.stored, key=components)]

    @staticmethod
    def _summary(totals_of, directories_of):
        return [(key, totals.size, totals.alloc, totals.files, len(directories_of[key]))
                for key, totals in sorted(totals_of.items())]

    @staticmethod
    def _histogram(totals_of):
        return [(uid, bucket, totals.files, totals.size)
                for (uid, bucket), totals in sorted(totals_of.items())]

    def _metadata(self, filesystem):
        """Rows without scan_id, import_timestamp and fstally_version, which only the import knows;
        source_size and source_mtime come last, as in the table."""
        rows = []
        for log in self.logs:
            status = os.stat(log.path)
            rows.append((
                os.path.basename(log.path).encode(), text_of_time(log.scan_date),
                (filesystem or filesystem_from_name(log.path)).encode(),
                log.format.encode() if log.format else None,
                log.directories, log.files, log.totals.size, log.totals.alloc,
                log.lines, log.headers, log.rejected, log.flawed, log.scan_errors,
                int(self.saturated()), self.options.age_by.encode(),
                status.st_size, status.st_mtime_ns, log.excluded))
        return rows


def bucket_rows():
    """Without the labels, which are for people."""
    rows = []
    for kind, bounds in ((b"access", ACCESS_BOUNDS), (b"size", SIZE_BOUNDS)):
        for index in range(len(bounds) - 1):
            rows.append((kind, index, bounds[index], bounds[index + 1]))
    return rows


def user_rows(uids):
    rows = []
    for uid in sorted(uids):
        try:
            user = pwd.getpwuid(uid)
        except (KeyError, OverflowError):
            continue
        rows.append((uid, os.fsencode(user.pw_name)))
    return rows


def group_rows(gids):
    rows = []
    for gid in sorted(gids):
        if gid < 0:
            continue
        try:
            group = grp.getgrgid(gid)
        except (KeyError, OverflowError):
            continue
        rows.append((gid, os.fsencode(group.gr_name)))
    return rows


def at_most(row):
    """The row with every sum that is too large for the database at the most that it holds."""
    return tuple(min(value, INT64_MAX) if isinstance(value, int) else value for value in row)


def read_logs(paths, fmt=None, scan_date=None, options=Options()):
    reference = Reference(options)
    for path in paths:
        reference.add_log(path, fmt, scan_date)
    return reference


def main():
    parser = argparse.ArgumentParser(description="The slow reference of fstally.")
    parser.add_argument("logs", nargs="+", metavar="LOG")
    parser.add_argument("--format", choices=FORMATS)
    parser.add_argument("--scan-date", metavar="YYYY-MM-DD")
    parser.add_argument("--table", help="print the rows of this table instead of the counts")
    parser.add_argument("--null", action="store_true", help="records end in NUL")
    parser.add_argument("--under", metavar="PATH", help="reject what is not below PATH")
    parser.add_argument("--exclude", metavar="PATTERN", action="append", default=[])
    parser.add_argument("--percent", action="store_const", const=True,
                        help="the lists are percent-encoded (default: detected)")
    parser.add_argument("--root", metavar="PATH", help="store nothing above PATH")
    parser.add_argument("--age-by", choices=("atime", "mtime", "latest"), default="atime")
    arguments = parser.parse_args()
    options = Options(arguments.null, arguments.under, tuple(arguments.exclude), arguments.percent,
                      arguments.root, arguments.age_by)
    try:
        reference = read_logs(arguments.logs, arguments.format, arguments.scan_date, options)
    except CannotTellFormat:
        sys.exit("slow_reference: the format of a log cannot be told from its lines")
    if arguments.table:
        for row in reference.tables()[arguments.table]:
            print(*row, sep="\t")
        return
    for log in reference.logs:
        print(f"{log.path}: {log.format}, lines {log.lines}, headers {log.headers}, "
              f"files {log.files}, directories {log.directories}, rejected {log.rejected}, "
              f"flawed {log.flawed}, scan errors {log.scan_errors}, excluded {log.excluded}")
    for reject in reference.rejects:
        print(f"{reject.source}: line {reject.line}, offset {reject.offset}: {reject.reason}")


if __name__ == "__main__":
    main()
