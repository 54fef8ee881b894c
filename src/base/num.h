/* num: decimal numbers out of bytes. Inline: the line parsers live on it. */
#ifndef FSTALLY_NUM_H
#define FSTALLY_NUM_H

#include <stdbool.h>
#include <stdint.h>

enum num_status {
    NUM_OK,
    NUM_SHAPE,    /* no digit where one must stand */
    NUM_OVERFLOW, /* more than a signed 64-bit integer holds */
};

static inline bool num_is_digit(char c)
{
    return (unsigned char)(c - '0') < 10;
}

/* Reads the digits at *at, which must lie in [*at, end), and leaves *at at the first byte that is
 * none. *value is in [0, INT64_MAX]. All digits are consumed also on NUM_OVERFLOW. */
static inline enum num_status num_decimal(const char **at, const char *end, int64_t *value)
{
    const char *p = *at;
    uint64_t sum = 0;
    /* 18 digits always fit: no check a digit. */
    const char *safe = end - p > 18 ? p + 18 : end;
    while (p < safe && num_is_digit(*p))
        sum = sum * 10 + (uint64_t)(*p++ - '0');
    if (p == *at)
        return NUM_SHAPE;
    bool overflow = false;
    while (p < end && num_is_digit(*p)) {
        overflow |= __builtin_mul_overflow(sum, 10u, &sum);
        overflow |= __builtin_add_overflow(sum, (uint64_t)(*p++ - '0'), &sum);
    }
    *at = p;
    if (overflow || sum > INT64_MAX)
        return NUM_OVERFLOW;
    *value = (int64_t)sum;
    return NUM_OK;
}

#endif
