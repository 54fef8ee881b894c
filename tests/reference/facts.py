"""The facts of a database, read and written after docs/DATABASE.md by code of its own."""

import datetime
import struct

BLOCK = 4096
MAGIC = 0x31465346
DIRECTORY = ("depth", "parent", "dir_count_r", "dir_count_nr", "file_count_r", "file_count_nr",
             "total_size_r", "total_size_nr", "total_alloc_r", "total_alloc_nr", "max_atime_r",
             "max_atime_nr", "max_mtime_r", "max_mtime_nr", "owner_uid", "owner_gid", "shares")
SHARE = ("pair", "cells")
SEVERAL = ("file_count", "total_size", "total_alloc", "max_atime")
CELL = ("cell", "file_count", "total_size")
COLUMNS = ([("directory", name) for name in DIRECTORY] + [("share", name) for name in SHARE] +
           [("several", name) for name in SEVERAL] + [("cell", name) for name in CELL])
HEADER = 28 + 32 * len(COLUMNS)


def seconds(text):
    """A time stamp of a table -> seconds since 1970."""
    if text is None:
        return None
    parts = [int(part) for part in text.decode().replace(" ", "-").replace(":", "-").split("-")]
    days = datetime.date(*parts[:3]).toordinal() - datetime.date(1970, 1, 1).toordinal()
    return ((days * 24 + parts[3]) * 60 + parts[4]) * 60 + parts[5]


def unpack(data, low, offset, count, exceptions, width, shift, nulls):
    bits = int.from_bytes(data[offset:offset + (count * width + 7) // 8], "little")
    mask = (1 << width) - 1
    codes = [bits >> i * width & mask for i in range(count)] if count * width < 65536 else \
        list(unpack_long(data, offset, count, width))
    at = offset + (count * width + 7) // 8
    for i in range(exceptions):
        place, code = struct.unpack_from("<IQ", data, at + 12 * i)
        codes[place] = code
    return [None if nulls and code == 0 else low + (code - nulls << shift) for code in codes]


def unpack_long(data, offset, count, width):
    """The same without a number of all bits, which would be read over and over."""
    mask = (1 << width) - 1
    for i in range(count):
        first = i * width
        word = int.from_bytes(data[offset + first // 8:offset + (first + width + 7) // 8], "little")
        yield word >> first % 8 & mask


class Block:
    """One row of the table: columns by kind and name, and the names."""

    def __init__(self, data):
        (magic, self.directories, self.shares, self.cells, names, names_len,
         columns) = struct.unpack_from("<7I", data, 0)
        assert magic == MAGIC and columns == len(COLUMNS), (magic, columns)
        self.columns = {}
        for i, column in enumerate(COLUMNS):
            low, high, offset, count, exceptions, width, shift, nulls, zero = \
                struct.unpack_from("<qqIIIBBBB", data, 28 + 32 * i)
            values = unpack(data, low, offset, count, exceptions, width, shift, nulls)
            known = [value for value in values if value is not None]
            assert zero == 0 and (not known or (low, high) == (min(known), max(known))), column
            assert known or low > high, column
            self.columns[column] = values
        self.names = data[names:names + names_len].split(b"\0")
        assert self.names.pop() == b"" and len(self.names) == self.directories

    def rows(self):
        """A dict for each directory; its shares are (pair, file_count, total_size, total_alloc,
        max_atime, {cell: (file_count, total_size)})."""
        share = several = cell = 0
        column = self.columns
        for i in range(self.directories):
            row = {name: column["directory", name][i] for name in DIRECTORY}
            row["name"] = self.names[i]
            shares = []
            for _ in range(row["shares"]):
                if row["shares"] == 1:
                    figures = tuple(row[name + "_nr"] for name in SEVERAL)
                else:
                    figures = tuple(column["several", name][several] for name in SEVERAL)
                    several += 1
                end = cell + column["share", "cells"][share]
                cells = {column["cell", "cell"][c]: (column["cell", "file_count"][c],
                                                     column["cell", "total_size"][c])
                         for c in range(cell, end)}
                assert list(cells) == sorted(cells) and len(cells) == end - cell > 0
                shares.append((column["share", "pair"][share], *figures, cells))
                share, cell = share + 1, end
            row["shares"] = shares
            yield row
        assert (share, cell) == (self.shares, self.cells)


def read(connection):
    """Every directory's facts, in the order of dir_id; pairs as (uid, gid)."""
    pairs = connection.execute(
        "SELECT pair, owner_uid, owner_gid FROM facts_owner ORDER BY pair").fetchall()
    assert [pair for pair, _, _ in pairs] == list(range(len(pairs)))
    assert [pair[1:] for pair in pairs] == sorted(pair[1:] for pair in pairs)
    answer = []
    for number, (block, data) in enumerate(
            connection.execute("SELECT block, data FROM facts ORDER BY block")):
        assert block == number
        for row in Block(data).rows():
            row["shares"] = [(pairs[share[0]][1:], *share[1:]) for share in row["shares"]]
            answer.append(row)
    return answer


def pack(values):
    """A column in the plainest way: 64 bits each."""
    known = [value for value in values if value is not None]
    low, high = (min(known), max(known)) if known else (0, -1)
    nulls = int(len(known) < len(values))
    data = b"".join(struct.pack("<Q", 0 if value is None else value - low + nulls)
                    for value in values)
    return low, high, nulls, data


def encode(rows, number_of):
    """A block's BLOB from rows as read() has them. number_of: pair -> its number."""
    values = {column: [] for column in COLUMNS}
    for row in rows:
        for name in DIRECTORY:
            values["directory", name].append(len(row["shares"]) if name == "shares" else row[name])
        for pair, *figures, cells in row["shares"]:
            values["share", "pair"].append(number_of[pair])
            values["share", "cells"].append(len(cells))
            if len(row["shares"]) > 1:
                for name, figure in zip(SEVERAL, figures):
                    values["several", name].append(figure)
            for cell, (files, size) in sorted(cells.items()):
                values["cell", "cell"].append(cell)
                values["cell", "file_count"].append(files)
                values["cell", "total_size"].append(size)
    descriptors, body = b"", b""
    for column in COLUMNS:
        low, high, nulls, data = pack(values[column])
        descriptors += struct.pack("<qqIIIBBBB", low, high, HEADER + len(body),
                                   len(values[column]), 0, 64, 0, nulls, 0)
        body += data
    names = b"".join(row["name"] + b"\0" for row in rows)
    header = struct.pack("<7I", MAGIC, len(rows), len(values["share", "pair"]),
                         len(values["cell", "cell"]), HEADER + len(body), len(names), len(COLUMNS))
    return header + descriptors + body + names


def write(connection, rows):
    """Fills the tables facts and facts_owner."""
    pairs = sorted({share[0] for row in rows for share in row["shares"]})
    number_of = {pair: number for number, pair in enumerate(pairs)}
    connection.executemany("INSERT INTO facts_owner VALUES(?, ?, ?)",
                           [(number, *pair) for number, pair in enumerate(pairs)])
    connection.executemany(
        "INSERT INTO facts VALUES(?, ?)",
        [(begin // BLOCK, encode(rows[begin:begin + BLOCK], number_of))
         for begin in range(0, len(rows), BLOCK)])
