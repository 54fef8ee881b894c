/* packed: the width is the one with which bits and exceptions together take least.
 *
 * One width for a block keeps reading free of branches: a load, a shift and a mask a value, some 0.5
 * ns. Without exceptions a single directory near the root would widen a block of 4,096. Any thread.
 */
#include "packed.h"

#include <endian.h>
#include <string.h>

enum { WIDTHS = 65 };

static uint64_t offset_of(const struct packed *column, int64_t value)
{
    if (value == PACKED_NULL)
        return 0;
    return (((uint64_t)value - (uint64_t)column->low) >> column->shift) + column->nulls;
}

static unsigned bits_of(uint64_t offset)
{
    return offset == 0 ? 0 : 64 - (unsigned)__builtin_clzll(offset);
}

/* Finds the bounds, whether there are NULLs, and the bits that no value needs. */
static void measure(struct packed *column, const int64_t *values)
{
    int64_t low = INT64_MAX;
    int64_t high = PACKED_NULL;
    int64_t least = INT64_MAX;
    for (uint32_t i = 0; i < column->count; i++) {
        int64_t value = values[i];
        int64_t known = value == PACKED_NULL ? INT64_MAX : value;
        least = value < least ? value : least;
        low = known < low ? known : low;
        high = value > high ? value : high;
    }
    column->nulls = least == PACKED_NULL && column->count > 0;
    if (high == PACKED_NULL) {
        column->low = 0;
        column->high = -1;
        return;
    }
    uint64_t all = 0;
    for (uint32_t i = 0; i < column->count; i++)
        all |= values[i] == PACKED_NULL ? 0 : (uint64_t)values[i] - (uint64_t)low;
    column->low = low;
    column->high = high;
    column->shift = all == 0 ? 0 : (uint8_t)__builtin_ctzll(all);
}

enum { COUNTERS = 4 };

static uint32_t sum_of(uint32_t of_width[COUNTERS][WIDTHS], unsigned width)
{
    uint32_t sum = 0;
    for (unsigned i = 0; i < COUNTERS; i++)
        sum += of_width[i][width];
    return sum;
}

struct packed packed_plan(const int64_t *values, uint32_t count)
{
    struct packed column = {.count = count};
    /* In turn: neighbours are often of one width, and an addition would wait for the last one. */
    uint32_t of_width[COUNTERS][WIDTHS] = {{0}};
    measure(&column, values);
    for (uint32_t i = 0; i < count; i++)
        of_width[i % COUNTERS][bits_of(offset_of(&column, values[i]))]++;
    uint64_t best = UINT64_MAX;
    uint32_t wider = 0;
    for (unsigned width = WIDTHS; width-- > 0; wider += sum_of(of_width, width)) {
        uint64_t bits = (uint64_t)count * width + (uint64_t)wider * 8 * PACKED_EXCEPTION;
        if (bits > best || (width > PACKED_WIDEST && width < 64))
            continue;
        best = bits;
        column.width = (uint8_t)width;
        column.exceptions = wider;
    }
    return column;
}

static uint64_t offset_bytes(const struct packed *column)
{
    return ((uint64_t)column->count * column->width + 7) / 8;
}

uint64_t packed_bytes(const struct packed *column)
{
    return offset_bytes(column) + (uint64_t)column->exceptions * PACKED_EXCEPTION;
}

/* Bits on their way to memory, the first lowest. */
struct bits {
    uint64_t word;
    unsigned used;
    uint8_t *to;
};

/* Appends `width` bits. A word is written once: to read, change and write it for each value takes
 * five times as long. */
static void put_bits(struct bits *bits, uint64_t offset, unsigned width)
{
    bits->word |= offset << bits->used;
    bits->used += width;
    if (bits->used < 64)
        return;
    uint64_t word = htole64(bits->word);
    memcpy(bits->to, &word, sizeof word);
    bits->to += sizeof word;
    bits->used -= 64;
    bits->word = bits->used == 0 ? 0 : offset >> (width - bits->used);
}

static void end_bits(const struct bits *bits)
{
    uint64_t word = htole64(bits->word);
    memcpy(bits->to, &word, (bits->used + 7) / 8);
}

void packed_put(uint8_t *bytes, const struct packed *column, const int64_t *values)
{
    unsigned width = column->width;
    uint64_t most = width == 0 ? 0 : UINT64_MAX >> (64 - width);
    struct bits bits = {0, 0, bytes};
    uint8_t *exception = bytes + offset_bytes(column);
    for (uint32_t i = 0; i < column->count; i++) {
        uint64_t offset = offset_of(column, values[i]);
        put_bits(&bits, offset <= most ? offset : 0, width);
        if (offset <= most)
            continue;
        uint32_t place = htole32(i);
        uint64_t stored = htole64(offset);
        memcpy(exception, &place, sizeof place);
        memcpy(exception + sizeof place, &stored, sizeof stored);
        exception += PACKED_EXCEPTION;
    }
    end_bits(&bits);
}

bool packed_is_sound(const struct packed *column)
{
    return (column->width <= PACKED_WIDEST || column->width == 64) && column->shift < 64 &&
           column->exceptions <= column->count;
}

/* Eight offsets, which take `width` bytes. `width` is a constant wherever this is inlined, so that
 * every shift is one too (0.4 ns a value against 1.4 with a width that is not known beforehand). */
__attribute__((always_inline)) static inline void take_eight(int64_t *values, const uint8_t *bytes,
                                                             unsigned width)
{
    uint64_t mask = UINT64_MAX >> (64 - width);
    for (unsigned i = 0; i < 8; i++) {
        uint64_t word;
        memcpy(&word, bytes + i * width / 8, sizeof word);
        values[i] = (int64_t)(le64toh(word) >> i * width % 8 & mask);
    }
}

#define WIDTH(width)                                                                               \
    case width:                                                                                    \
        for (uint32_t i = 0; i < count; i += 8, bytes += (width))                                  \
            take_eight(values + i, bytes, width);                                                  \
        return;
#define WIDTHS_OF_EIGHT(from)                                                                      \
    WIDTH((from) + 1)                                                                              \
    WIDTH((from) + 2)                                                                              \
    WIDTH((from) + 3)                                                                              \
    WIDTH((from) + 4) WIDTH((from) + 5) WIDTH((from) + 6) WIDTH((from) + 7) WIDTH((from) + 8)

/* Unpacks `count` offsets, rounded up to a multiple of 8. */
static void take_offsets(int64_t *values, const uint8_t *bytes, unsigned width, uint32_t count)
{
    switch (width) {
        WIDTHS_OF_EIGHT(0)
        WIDTHS_OF_EIGHT(8)
        WIDTHS_OF_EIGHT(16)
        WIDTHS_OF_EIGHT(24)
        WIDTHS_OF_EIGHT(32)
        WIDTHS_OF_EIGHT(40)
        WIDTHS_OF_EIGHT(48)
        WIDTH(64)
    default:
        memset(values, 0, ((size_t)count + 7) / 8 * 8 * sizeof *values);
    }
}

/* The value of an offset; nothing that a file holds makes it undefined. */
static int64_t value_of(const struct packed *column, uint64_t offset)
{
    if (column->nulls && offset == 0)
        return PACKED_NULL;
    return (int64_t)((uint64_t)column->low + ((offset - column->nulls) << column->shift));
}

int packed_take(int64_t *values, const struct packed *column, const uint8_t *bytes)
{
    uint32_t count = column->count;
    take_offsets(values, bytes, column->width, count);
    if (column->nulls)
        for (uint32_t i = 0; i < count; i++)
            values[i] = value_of(column, (uint64_t)values[i]);
    else if (column->low != 0 || column->shift != 0)
        for (uint32_t i = 0; i < count; i++)
            values[i] = (int64_t)((uint64_t)column->low + ((uint64_t)values[i] << column->shift));
    const uint8_t *exception = bytes + offset_bytes(column);
    for (uint32_t i = 0; i < column->exceptions; i++, exception += PACKED_EXCEPTION) {
        uint32_t place;
        uint64_t offset;
        memcpy(&place, exception, sizeof place);
        memcpy(&offset, exception + sizeof place, sizeof offset);
        place = le32toh(place);
        if (place >= count)
            return -1;
        values[place] = value_of(column, le64toh(offset));
    }
    return 0;
}
