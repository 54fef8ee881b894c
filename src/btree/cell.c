/* cell: puts records together in one pass.
 *
 * How long a record's header is, is known after its last column only, and how long the cell's
 * prefix is, after that. So serial types are gathered apart, the body is written at a fixed
 * distance from the begin of the memory, and types and prefix are put in front of it: no value is
 * looked at twice and nothing long is moved. Memory keeps slack for a whole row of integers, so
 * that only texts check the room. One thread a cell. */
#include "cell.h"

#include <stdlib.h>

enum {
    VARINT = 9, /* bytes of the longest varint (section 1.6) */
    STEP = 16,  /* bytes in which types are copied */
    /* Bytes before the body: payload length, rowid, the header's own size, types, whole steps. */
    HEADROOM = VARINT + VARINT + 2 + CELL_TYPES + STEP,
    /* Room at first: a path and what goes with it. */
    TEXTS = 4096,
    /* Serial types (section 2.1) of nothing; two more for every byte. */
    TYPE_BLOB = 12,
    TYPE_TEXT = 13,
};

_Static_assert(sizeof((struct cell *)NULL)->before_types == STEP, "types are copied in steps");
_Static_assert(offsetof(struct cell, types) == offsetof(struct cell, before_types) + STEP,
               "types follow at once");

int cell_init(struct cell *cell)
{
    *cell = (struct cell){.room = HEADROOM + TEXTS + CELL_SLACK + sizeof(uint64_t)};
    cell->memory = calloc(1, cell->room);
    if (cell->memory == NULL)
        return -1;
    cell->body = cell->memory + HEADROOM;
    cell->end = cell->body;
    return 0;
}

void cell_dispose(struct cell *cell)
{
    free(cell->memory);
    cell->memory = NULL;
}

/* Makes room for `len` bytes besides the slack. -1: none to be had; the cell is as it was. */
static int grow(struct cell *cell, size_t len)
{
    size_t used = (size_t)(cell->end - cell->memory);
    size_t room = 2 * (used + len + CELL_SLACK + sizeof(uint64_t));
    uint8_t *memory = realloc(cell->memory, room);
    if (memory == NULL)
        return -1;
    cell->memory = memory;
    cell->room = room;
    cell->body = memory + HEADROOM;
    cell->end = memory + used;
    return 0;
}

/* Writes a varint whose last byte is before `end`. Returns its first. */
static uint8_t *put_varint_before(uint8_t *end, uint64_t value)
{
    uint8_t *at = end;
    if (value >> 56 != 0) { /* the ninth byte has eight bits and no mark */
        *--at = (uint8_t)value;
        value >>= 8;
        for (int i = 1; i < VARINT; i++, value >>= 7)
            *--at = (uint8_t)(value | 0x80);
        return at;
    }
    *--at = (uint8_t)(value & 0x7f);
    while ((value >>= 7) != 0)
        *--at = (uint8_t)(value | 0x80);
    return at;
}

static void put_type(struct cell *cell, uint64_t type)
{
    uint8_t varint[VARINT];
    const uint8_t *first = put_varint_before(varint + VARINT, type);
    size_t size = (size_t)(varint + VARINT - first);
    assert(cell->used + size <= CELL_TYPES);
    memcpy(cell->types + cell->used, first, size);
    cell->used += size;
}

static void put_bytes(struct cell *cell, struct slice bytes, unsigned type)
{
    size_t left = cell->room - (size_t)(cell->end - cell->memory) - CELL_SLACK - sizeof(uint64_t);
    if (bytes.len > CELL_LONGEST || (size_t)(cell->end - cell->body) + bytes.len > CELL_LONGEST) {
        cell->flaw = CELL_TOO_LONG;
        return;
    }
    if (bytes.len > left && grow(cell, bytes.len) != 0) {
        cell->flaw = CELL_NO_MEMORY;
        return;
    }
    put_type(cell, type + 2 * (uint64_t)bytes.len);
    if (bytes.len > 0)
        memcpy(cell->end, bytes.ptr, bytes.len);
    cell->end += bytes.len;
}

void cell_text(struct cell *cell, struct slice text)
{
    put_bytes(cell, text, TYPE_TEXT);
}

void cell_blob(struct cell *cell, struct slice bytes)
{
    put_bytes(cell, bytes, TYPE_BLOB);
}

/* Puts the serial types in front of the body. Whole steps from the back: what is too much lands
 * where the prefix will be. */
static uint8_t *put_types_before(uint8_t *body, const struct cell *cell)
{
    const uint8_t *from = (const uint8_t *)cell + offsetof(struct cell, types) + cell->used;
    for (size_t done = 0; done < cell->used; done += STEP)
        memcpy(body - done - STEP, from - done - STEP, STEP);
    return body - cell->used;
}

int cell_finish(struct cell *cell)
{
    if (cell->flaw != CELL_SOUND)
        return -1;
    uint8_t *at = put_types_before(cell->body, cell);
    /* The header's size counts itself. */
    at = put_varint_before(at, cell->used + (cell->used + 1 < 0x80 ? 1 : 2));
    cell->payload = (size_t)(cell->end - at);
    const uint8_t *record = at;
    if (cell->kind == CELL_ROW)
        at = put_varint_before(at, (uint64_t)cell->rowid);
    at = put_varint_before(at, cell->payload);
    cell->bytes = at;
    cell->prefix = (size_t)(record - at);
    return 0;
}

void cell_divider(struct cell *cell, int64_t rowid)
{
    cell_begin_row(cell, rowid);
    cell->bytes = put_varint_before(cell->body, (uint64_t)rowid);
    cell->prefix = (size_t)(cell->body - cell->bytes);
    cell->payload = 0;
}
