/* runcode: small numbers are the most frequent: a share with its cells takes some 50 bytes instead of
 * 150. Reentrant. */
#include "runcode.h"

#include <stdlib.h>
#include <string.h>

/* Bytes of a share and of a cell at most. */
enum { SHARE = 8 * RUNCODE_INTEGER, CELL = 3 * RUNCODE_INTEGER };

static int make_room(struct runcode *code, size_t bytes)
{
    if (code->room - code->count >= bytes)
        return 0;
    size_t room = 2 * code->room + bytes;
    unsigned char *longer = realloc(code->bytes, room);
    if (longer == NULL)
        return -1;
    code->bytes = longer;
    code->room = room;
    return 0;
}

/* There is room. */
static unsigned char *put(unsigned char *to, uint64_t value)
{
    for (; value >= 128; value >>= 7)
        *to++ = (unsigned char)(value | 128);
    *to++ = (unsigned char)value;
    return to;
}

int runcode_put_integer(struct runcode *code, uint64_t value)
{
    if (make_room(code, RUNCODE_INTEGER) != 0)
        return -1;
    code->count = (size_t)(put(code->bytes + code->count, value) - code->bytes);
    return 0;
}

/* Instants near 1970, before or after it, are small; ENTRY_NO_TIME is the smallest, 0. */
static uint64_t number_of(int64_t instant)
{
    uint64_t folded = (uint64_t)instant << 1 ^ (uint64_t)(instant >> 63);
    return folded + 1;
}

static int64_t instant_of(uint64_t number)
{
    uint64_t folded = number - 1;
    return (int64_t)(folded >> 1 ^ (0 - (folded & 1)));
}

int runcode_put_instant(struct runcode *code, int64_t instant)
{
    return runcode_put_integer(code, number_of(instant));
}

int runcode_put_bytes(struct runcode *code, struct slice bytes)
{
    if (make_room(code, bytes.len) != 0)
        return -1;
    if (bytes.len != 0)
        memcpy(code->bytes + code->count, bytes.ptr, bytes.len);
    code->count += bytes.len;
    return 0;
}

int runcode_put_shares(struct runcode *code, const struct rows_shares *shares)
{
    if (make_room(code, RUNCODE_INTEGER + shares->count * SHARE + shares->cell_count * CELL) != 0)
        return -1;
    unsigned char *to = put(code->bytes + code->count, shares->count);
    const struct cells_count *cell = shares->cells;
    for (size_t i = 0; i < shares->count; i++) {
        const struct rows_usage *usage = &shares->items[i].usage;
        to = put(to, (uint64_t)usage->uid);
        to = put(to, (uint64_t)(usage->gid + 1)); /* -1 where it is not recorded */
        to = put(to, usage->stat.files);
        to = put(to, usage->stat.size);
        to = put(to, usage->stat.alloc);
        to = put(to, number_of(usage->stat.max_atime));
        to = put(to, number_of(usage->stat.max_mtime));
        to = put(to, shares->items[i].cells);
        for (size_t c = 0; c < shares->items[i].cells; c++, cell++) {
            to = put(to, cell->index);
            to = put(to, cell->files);
            to = put(to, cell->size);
        }
    }
    code->count = (size_t)(to - code->bytes);
    return 0;
}

bool runcode_integer(uint64_t *value, struct slice *from)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < RUNCODE_INTEGER && i < from->len; i++) {
        unsigned char byte = (unsigned char)from->ptr[i];
        sum |= (uint64_t)(byte & 127) << (7 * i);
        if (byte < 128) {
            *value = sum;
            from->ptr += i + 1;
            from->len -= i + 1;
            return true;
        }
    }
    return false;
}

bool runcode_instant(int64_t *instant, struct slice *from)
{
    uint64_t number;
    if (!runcode_integer(&number, from))
        return false;
    *instant = instant_of(number);
    return true;
}

/* A share less its cells, of which *cells says how many there are. */
static bool get_usage(struct rows_usage *usage, uint64_t *cells, struct slice *from)
{
    uint64_t uid;
    uint64_t gid;
    struct dirstat *stat = &usage->stat;
    if (!runcode_integer(&uid, from) || !runcode_integer(&gid, from) ||
        !runcode_integer(&stat->files, from) || !runcode_integer(&stat->size, from) ||
        !runcode_integer(&stat->alloc, from) || !runcode_instant(&stat->max_atime, from) ||
        !runcode_instant(&stat->max_mtime, from) || !runcode_integer(cells, from) ||
        uid > UINT32_MAX || gid > UINT32_MAX || *cells > CELLS)
        return false;
    usage->uid = (int64_t)uid;
    usage->gid = (int64_t)gid - 1;
    return true;
}

static bool get_cell(struct cells_count *cell, struct slice *from)
{
    uint64_t index;
    if (!runcode_integer(&index, from) || !runcode_integer(&cell->files, from) ||
        !runcode_integer(&cell->size, from) || index >= CELLS)
        return false;
    cell->index = (unsigned)index;
    return true;
}

enum runcode_result runcode_shares(struct rows_shares *shares, int64_t dir_id, struct slice *from)
{
    uint64_t count;
    if (!runcode_integer(&count, from))
        return RUNCODE_DAMAGED;
    for (uint64_t i = 0; i < count; i++) {
        struct rows_share share = {.usage = {.dir_id = dir_id}};
        uint64_t cells;
        if (!get_usage(&share.usage, &cells, from))
            return RUNCODE_DAMAGED;
        if (rows_shares_grow(shares) != 0)
            return RUNCODE_NO_MEMORY;
        share.cells = cells;
        shares->items[shares->count++] = share;
        for (uint64_t c = 0; c < cells; c++)
            if (!get_cell(&shares->cells[shares->cell_count++], from))
                return RUNCODE_DAMAGED;
    }
    return RUNCODE_OK;
}
