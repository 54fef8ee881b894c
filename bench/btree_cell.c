/* btree_cell: encodes values, records and cells.
 *
 * A record is written into memory of its own and copied to its page when its size is known. Memory
 * has slack, so that an integer of any width is one store of eight bytes, of which the next value
 * overwrites what was too much. What stands before a payload depends on the payload's size, so it
 * is written after it, backwards from where the payload begins. One thread a cell. */
#include "btree_cell.h"

#include <assert.h>
#include <endian.h>
#include <string.h>

#include "btree_fail.h"
#include "btree_rows.h"
#include "mem.h"

enum {
    VARINT = 9,                   /* bytes of the longest */
    TYPE = 5,                     /* bytes of the longest serial type: a length has 32 bits */
    PREFIX = 4 + VARINT + VARINT, /* bytes before a payload, at most */
    /* Record header: a byte of size and a type a column (an index entry has two). Integers: eight
     * bytes a column. And the slack of the last store. */
    RECORD = 1 + BTREE_ROWS_COLUMNS * (TYPE + 8) + 8,
};

/* The header's size is itself a varint: here one byte always. */
_Static_assert(1 + BTREE_ROWS_COLUMNS * TYPE < 0x80, "a record header is longer than a byte says");

/* Serial types (section 2.1); text of n bytes is TYPE_TEXT + 2n, a BLOB TYPE_BLOB + 2n. */
enum { TYPE_NULL = 0, TYPE_ZERO = 8, TYPE_ONE = 9, TYPE_BLOB = 12, TYPE_TEXT = 13 };

void btree_cell_init(struct btree_cell *cell, size_t page_size, size_t longest)
{
    cell->page_size = page_size;
    cell->room = PREFIX + RECORD + longest;
    cell->memory = btree_fail_array(cell->room, 1);
}

void btree_cell_clear(struct btree_cell *cell)
{
    mem_free_array(cell->memory, cell->room, 1);
}

static size_t varint_size(uint64_t value)
{
    size_t size = 1;
    while (size < VARINT && value >> (7 * size) != 0)
        size++;
    return size;
}

static char *put_varint(char *to, uint64_t value)
{
    if (value < 0x80) {
        *to = (char)value;
        return to + 1;
    }
    size_t size = varint_size(value);
    char *end = to + size;
    char *at = end;
    if (size == VARINT) { /* the ninth byte has eight bits and no mark */
        *--at = (char)value;
        value >>= 8;
    }
    while (at > to) {
        unsigned more = at == end ? 0 : 0x80;
        *--at = (char)((value & 0x7f) | more);
        value >>= 7;
    }
    return end;
}

/* Writes the `bytes` (1 to 8) low bytes of the value, and eight in all. */
static char *put_integer(char *to, int64_t value, unsigned bytes)
{
    uint64_t big_endian = htobe64((uint64_t)value << (64 - 8 * bytes));
    memcpy(to, &big_endian, sizeof big_endian);
    return to + bytes;
}

/* The narrowest type for the value. */
static unsigned integer_type(int64_t value)
{
    if (value == 0 || value == 1)
        return TYPE_ZERO + (unsigned)value;
    static const unsigned char type_of_bytes[] = {0, 1, 2, 3, 4, 5, 5, 6, 6};
    uint64_t magnitude = (uint64_t)(value < 0 ? ~value : value);
    unsigned bits = magnitude == 0 ? 0 : 64 - (unsigned)__builtin_clzll(magnitude);
    return type_of_bytes[bits / 8 + 1]; /* one bit more, for the sign */
}

static uint64_t type_of(const struct btree_rows_value *value)
{
    if (value->kind == BTREE_ROWS_INTEGER)
        return integer_type(value->integer);
    if (value->kind == BTREE_ROWS_TEXT)
        return TYPE_TEXT + 2 * (uint64_t)value->len;
    if (value->kind == BTREE_ROWS_BLOB)
        return TYPE_BLOB + 2 * (uint64_t)value->len;
    return TYPE_NULL;
}

static char *put_value(char *to, const struct btree_rows_value *value, uint64_t type)
{
    static const unsigned char bytes_of_type[] = {0, 1, 2, 3, 4, 6, 8, 0, 0, 0};
    if (type >= TYPE_BLOB) {
        memcpy(to, value->text, value->len);
        return to + value->len;
    }
    unsigned bytes = bytes_of_type[type];
    return bytes == 0 ? to : put_integer(to, value->integer, bytes);
}

/* Writes a record where the payload begins. */
static void put_record(struct btree_cell *cell, const struct btree_rows_value *values, size_t count)
{
    assert(count <= BTREE_ROWS_COLUMNS);
    char *begin = cell->memory + PREFIX;
    uint64_t types[BTREE_ROWS_COLUMNS];
    char *to = begin + 1;
    for (size_t i = 0; i < count; i++) {
        types[i] = type_of(&values[i]);
        to = put_varint(to, types[i]);
    }
    *begin = (char)(to - begin);
    for (size_t i = 0; i < count; i++)
        to = put_value(to, &values[i], types[i]);
    cell->payload = (size_t)(to - begin);
}

/* How much of a payload stays in its page when a page takes `most` bytes of one (section 1.6). */
static size_t local_bytes(const struct btree_cell *cell, size_t most)
{
    if (cell->payload <= most)
        return cell->payload;
    size_t least = (cell->page_size - 12) * 32 / 255 - 23;
    size_t local = least + (cell->payload - least) % (cell->page_size - 4);
    return local <= most ? local : least;
}

static void measure(struct btree_cell *cell, size_t most)
{
    cell->prefix = (size_t)(cell->memory + PREFIX - cell->bytes);
    cell->local = local_bytes(cell, most);
    cell->size = cell->prefix + cell->local + (cell->local < cell->payload ? 4 : 0);
}

void btree_cell_row(struct btree_cell *cell, int64_t rowid, const struct btree_rows_value *values,
                    size_t count)
{
    put_record(cell, values, count);
    size_t prefix = varint_size(cell->payload) + varint_size((uint64_t)rowid);
    cell->bytes = cell->memory + PREFIX - prefix;
    put_varint(put_varint(cell->bytes, cell->payload), (uint64_t)rowid);
    measure(cell, cell->page_size - 35);
}

static char *put_child(char *to, uint32_t child)
{
    uint32_t big_endian = htobe32(child);
    memcpy(to, &big_endian, sizeof big_endian);
    return to + sizeof big_endian;
}

void btree_cell_entry(struct btree_cell *cell, uint32_t child, const struct btree_rows_value *key,
                      int64_t rowid)
{
    const struct btree_rows_value values[] = {*key, {.kind = BTREE_ROWS_INTEGER, .integer = rowid}};
    put_record(cell, values, 2);
    size_t prefix = varint_size(cell->payload) + (child == 0 ? 0 : sizeof child);
    cell->bytes = cell->memory + PREFIX - prefix;
    put_varint(child == 0 ? cell->bytes : put_child(cell->bytes, child), cell->payload);
    measure(cell, (cell->page_size - 12) * 64 / 255 - 23);
}

void btree_cell_divider(struct btree_cell *cell, uint32_t child, int64_t rowid)
{
    cell->payload = 0;
    cell->bytes = cell->memory + PREFIX - sizeof child - varint_size((uint64_t)rowid);
    put_varint(put_child(cell->bytes, child), (uint64_t)rowid);
    measure(cell, 0);
}
