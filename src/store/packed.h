/* packed: a column of integers in few bits. Each value is stored as its offset from the least one,
 * less the bits that are zero in all of them, in one width for the whole column (known as frame of
 * reference); those few that are too large for it are exceptions. docs/DATABASE.md has the layout.
 * For the files of store/ only, but for the bounds in struct packed. */
#ifndef FSTALLY_PACKED_H
#define FSTALLY_PACKED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PACKED_NULL INT64_MIN /* no value */

enum {
    PACKED_WIDEST = 56,    /* bits, or 64: a value is taken from one load of 8 bytes */
    PACKED_SLACK = 80,     /* bytes after a column that packed_take may read */
    PACKED_MORE = 8,       /* values after a column's that packed_take may write */
    PACKED_EXCEPTION = 12, /* bytes: position (4), offset (8) */
};

struct packed {
    int64_t low; /* bounds of the values that are not NULL; low > high: there is none */
    int64_t high;
    uint32_t count;
    uint32_t exceptions;
    uint8_t width; /* bits of an offset */
    uint8_t shift; /* bits that are left out */
    bool nulls;    /* offset 0 is NULL, and that of the least value is 1 */
};

/* Chooses how the values are stored in the fewest bytes. */
struct packed packed_plan(const int64_t *values, uint32_t count);

/* The bytes that a column takes, which is less than 2^42. */
uint64_t packed_bytes(const struct packed *column);

/* Stores the values that it was planned for in its packed_bytes. */
void packed_put(uint8_t *bytes, const struct packed *column, const int64_t *values);

/* Whether a column that comes from a file can be one. */
bool packed_is_sound(const struct packed *column);

/* Reads the values of a sound column from its packed_bytes, after which there are PACKED_SLACK. -1: an exception is out of place. */
int packed_take(int64_t *values, const struct packed *column, const uint8_t *bytes);

#endif
