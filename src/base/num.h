/* num: decimal numbers out of bytes. Inline: the line parsers live on it. */
#ifndef FSTALLY_NUM_H
#define FSTALLY_NUM_H

#include <endian.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "bytescan.h"

enum num_status {
    NUM_OK,
    NUM_SHAPE,    /* no digit where one must be */
    NUM_OVERFLOW, /* more than a signed 64-bit integer holds */
};

static inline bool num_is_digit(char c)
{
    return (unsigned char)(c - '0') < 10;
}

/* How many of the 8 bytes in `text` (little-endian: the first is the lowest) are digits before the
 * first that is none. */
static inline unsigned num_leading_digits(uint64_t text)
{
    uint64_t digits = text ^ UINT64_C(0x3030303030303030);
    /* A digit's byte is now 0 to 9; adding 0x76 sets the top bit of any other. A carry only reaches
     * bytes after the first such. */
    uint64_t others =
        ((digits + UINT64_C(0x7676767676767676)) | digits) & UINT64_C(0x8080808080808080);
    return others == 0 ? 8 : (unsigned)__builtin_ctzll(others) / 8;
}

/* The value of the first `count` (1 to 8) of 8 bytes, all of them digits: adjacent digits are
 * joined to pairs, pairs to fours, fours to the whole. */
static inline uint64_t num_eight_digits(uint64_t text, unsigned count)
{
    uint64_t digits = (text ^ UINT64_C(0x3030303030303030)) << (64 - 8 * count);
    digits = digits * 10 + (digits >> 8);
    return (((digits & UINT64_C(0x000000FF000000FF)) * UINT64_C(0x000F424000000064)) +
            (((digits >> 16) & UINT64_C(0x000000FF000000FF)) * UINT64_C(0x0000271000000001))) >>
           32;
}

/* The first byte in [p, end) that is no digit, or end. */
static inline const char *num_skip_digits(const char *p, const char *end)
{
#ifdef __SSE2__
    if (end - p >= 16) { /* more digits are rare */
        unsigned others = ~bytescan_digits(bytescan_load(p)) & 0xFFFF;
        if (others != 0)
            return p + __builtin_ctz(others);
        p += 16;
    }
#endif
    while (p < end && num_is_digit(*p))
        p++;
    return p;
}

static const uint64_t num_power_of_ten[] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000};

/* The digits from p on, at most 8, in *value; how many there are. 8 bytes at p are readable. */
static inline unsigned num_up_to_eight(const char *p, uint64_t *value)
{
    uint64_t text;
    memcpy(&text, p, 8);
    text = le64toh(text);
    unsigned count = num_leading_digits(text);
    *value = count == 0 ? 0 : num_eight_digits(text, count);
    return count;
}

/* Reads the digits at *at, which must lie in [*at, end), and leaves *at at the first byte that is
 * none. *value is in [0, INT64_MAX]. All digits are consumed also on NUM_OVERFLOW. */
static inline enum num_status num_decimal(const char **at, const char *end, int64_t *value)
{
    const char *p = *at;
    uint64_t sum = 0;
    if (end - p >= 16) { /* eight bytes at once, twice: nearly every number ends in them */
        unsigned count = num_up_to_eight(p, &sum);
        if (count == 0)
            return NUM_SHAPE;
        p += count;
        if (count == 8) {
            uint64_t more;
            count = num_up_to_eight(p, &more);
            p += count;
            sum = count == 8 ? sum * 100000000 + more : sum * num_power_of_ten[count] + more;
        }
        if (count < 8) {
            *at = p;
            *value = (int64_t)sum;
            return NUM_OK;
        }
    }
    /* 18 digits always fit: no check a digit. */
    const char *safe = end - *at > 18 ? *at + 18 : end;
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

/* num_decimal without the value. */
static inline enum num_status num_check(const char **at, const char *end)
{
    if (end - *at >= 16) {
        uint64_t text[2];
        memcpy(text, *at, 16);
        unsigned count = num_leading_digits(le64toh(text[0]));
        if (count == 8)
            count += num_leading_digits(le64toh(text[1]));
        if (count == 0)
            return NUM_SHAPE;
        if (count < 16) {
            *at += count;
            return NUM_OK;
        }
    }
    int64_t value;
    return num_decimal(at, end, &value);
}

#endif
