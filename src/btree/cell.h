/* cell: a row as SQLite's file format stores it (https://www.sqlite.org/fileformat2.html, section
 * 2.1: record format; section 1.6: b-tree pages). A cell is filled again and again, one row after
 * the other, in the same memory:
 *
 *     cell_begin_row(cell, rowid);     a row of a table; or cell_begin_entry of an index
 *     cell_null(cell);                 the columns in order; NULL for the one that is the rowid
 *     cell_integer(cell, 42);
 *     cell_text(cell, path);
 *
 * What goes wrong is noted in the cell and reported by cell_finish, so that a row's columns need no
 * checks. One thread a cell. */
#ifndef FSTALLY_CELL_H
#define FSTALLY_CELL_H

#include <assert.h>
#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "slice.h"

enum {
    CELL_COLUMNS = 32,             /* of a row, at most */
    CELL_TYPES = 5 * CELL_COLUMNS, /* bytes of serial types: those of lengths have up to 5 */
    CELL_SLACK = 8 * CELL_TYPES,   /* bytes of the body kept free: integers to the end of the row */
    CELL_ZERO = 8,                 /* serial type of the integer 0; that of 1 is the next */
    CELL_LONGEST = 999990000,      /* bytes of a row's texts: SQLite takes rows of 10^9 bytes */
};

enum cell_kind { CELL_ROW, CELL_ENTRY };

enum cell_flaw { CELL_SOUND, CELL_NO_MEMORY, CELL_TOO_LONG };

struct cell {
    uint8_t *memory; /* owned */
    size_t room;     /* bytes of memory */
    uint8_t *body;   /* in memory; before it there is room for what precedes the body */
    uint8_t *end;    /* of the body so far; CELL_SLACK bytes are free from here, and a bit more */
    int64_t rowid;   /* of a row */
    enum cell_kind kind;
    enum cell_flaw flaw;
    uint8_t *bytes; /* from cell_finish on: the prefix and right after it the payload */
    size_t prefix;  /* bytes: the payload's length and a row's rowid */
    size_t payload; /* bytes of the record */
    size_t used;    /* bytes of types */
    uint8_t before_types[16];
    uint8_t types[CELL_TYPES];
};

/* -1: out of memory. A zeroed cell may be disposed too. */
int cell_init(struct cell *cell);
void cell_dispose(struct cell *cell);

/* Begins a row of a table, or an entry of an index or of a WITHOUT ROWID table. */
static inline void cell_begin_row(struct cell *cell, int64_t rowid)
{
    cell->kind = CELL_ROW;
    cell->rowid = rowid;
    cell->flaw = CELL_SOUND;
    cell->end = cell->body;
    cell->used = 0;
}

static inline void cell_begin_entry(struct cell *cell)
{
    cell_begin_row(cell, 0);
    cell->kind = CELL_ENTRY;
}

static inline void cell_null(struct cell *cell)
{
    assert(cell->used < CELL_TYPES);
    cell->types[cell->used++] = 0;
}

/* The narrowest serial type that holds the value, found without a branch on it. */
static inline void cell_integer(struct cell *cell, int64_t value)
{
    assert(cell->used < CELL_TYPES);
    uint64_t magnitude = (uint64_t)(value < 0 ? ~value : value);
    /* By bytes that are needed beyond the first: one bit more than the magnitude, for the sign. */
    unsigned shift = (unsigned)(63 - __builtin_clzll(magnitude << 1 | 1)) & ~7u;
    unsigned type = UINT64_C(0x0606050504030201) >> shift & 15;
    unsigned bytes = UINT64_C(0x0808060604030201) >> shift & 15;
    bool constant = (uint64_t)value <= 1;
    type = constant ? CELL_ZERO + (unsigned)value : type;
    bytes = constant ? 0 : bytes;
    cell->types[cell->used++] = (uint8_t)type;
    /* Eight bytes are stored; the next column overwrites those that are too many. */
    uint64_t big_endian = htobe64((uint64_t)value << ((64 - 8 * bytes) & 63));
    memcpy(cell->end, &big_endian, sizeof big_endian);
    cell->end += bytes;
}

/* TEXT must be UTF-8 as the database is; nothing here looks. The bytes are copied. */
void cell_text(struct cell *cell, struct slice text);
void cell_blob(struct cell *cell, struct slice bytes);

/* Completes the cell: bytes, prefix and payload are valid until it is begun again. -1: see `flaw`.
 */
int cell_finish(struct cell *cell);

/* Makes the complete cell of an interior page of a table, less its child: a rowid, no payload. */
void cell_divider(struct cell *cell, int64_t rowid);

/* Puts row `row` into the cell, which it begins. Any number of threads at once, each with a cell of
 * its own; a row may be asked for again. 0 or -1. */
typedef int cell_put(const void *context, size_t row, struct cell *cell);

#endif
