/* instant: a stamp is read eight bytes at a time. Two stamps a line make a large part of the
 * parsing: the date of an access is mostly the last line's, that of a modification seldom is.
 * Reentrant. */
#include "instant.h"

#include <endian.h>
#include <stdbool.h>
#include <string.h>

#include "bytescan.h"
#include "clock.h"
#include "num.h"

static inline bool is_at_stop(const char *p, const char *end, char stop)
{
    return p == end || (stop == ' ' ? bytescan_is_blank(*p) : *p == stop);
}

/* Skips `.DIGITS`, if it is there. False: a point without digits. */
static inline bool skip_fraction(const char **at, const char *end)
{
    if (*at == end || **at != '.')
        return true;
    const char *digits = *at + 1;
    *at = num_skip_digits(digits, end);
    return *at != digits;
}

/* [-]DIGITS[.DIGITS] up to the stop; *value is the part before the point. NUM_OVERFLOW: it is too
 * large. */
static inline enum num_status read_signed(const char **at, const char *end, char stop,
                                          int64_t *value)
{
    bool negative = *at < end && **at == '-';
    *at += negative;
    int64_t digits = 0;
    enum num_status status = num_decimal(at, end, &digits);
    if (status == NUM_SHAPE || !skip_fraction(at, end) || !is_at_stop(*at, end, stop))
        return NUM_SHAPE;
    *value = negative ? -digits : digits;
    return status;
}

enum instant_status instant_epoch(const char **at, const char *end, char stop, int64_t *instant)
{
    int64_t seconds = 0;
    enum num_status status = read_signed(at, end, stop, &seconds);
    if (status == NUM_SHAPE)
        return INSTANT_SHAPE;
    if (status == NUM_OVERFLOW || seconds < CLOCK_MIN || seconds > CLOCK_MAX)
        return INSTANT_RANGE;
    *instant = seconds;
    return INSTANT_OK;
}

enum instant_status instant_age(const char **at, const char *end, char stop, int64_t scan_day,
                                int64_t *instant)
{
    int64_t days = 0;
    enum num_status status = read_signed(at, end, stop, &days);
    const int64_t most = CLOCK_MAX / CLOCK_DAY * 2; /* no overflow below */
    if (status == NUM_SHAPE)
        return INSTANT_SHAPE;
    if (status == NUM_OVERFLOW || days > most || days < -most)
        return INSTANT_RANGE;
    *instant = scan_day - days * CLOCK_DAY;
    return *instant < CLOCK_MIN || *instant > CLOCK_MAX ? INSTANT_RANGE : INSTANT_OK;
}

/* Stamps */

static inline uint64_t load_8(const char *p)
{
    uint64_t bytes;
    memcpy(&bytes, p, sizeof bytes);
    return le64toh(bytes);
}

/* Eight bytes of a text such as `12:34:56`, the first the lowest, less those of the `pattern`: a
 * digit's value where the pattern has '0', and 0 elsewhere. The text is not of that pattern where
 * *wrong gets a byte's top bit. */
static inline uint64_t take_pattern(const char *text, const char *pattern, uint64_t *wrong)
{
    uint64_t wanted = load_8(pattern);
    /* What must be added to a right byte's greatest value to reach 0x7F: 0x76 to a digit's 9, 0x7F
     * to the 0 of `-`, `/` and `:`, which differ from '0' in the bit 0x08. A wrong byte gets its
     * top bit, or has it. */
    uint64_t others = wanted >> 3 & UINT64_C(0x0101010101010101);
    uint64_t room = UINT64_C(0x7676767676767676) + others * 9;
    uint64_t digits = load_8(text) ^ wanted;
    *wrong |= (digits + room) | digits;
    return digits;
}

static inline bool is_wrong(uint64_t wrong)
{
    return (wrong & UINT64_C(0x8080808080808080)) != 0;
}

/* The numbers that the digits at i and i + 1 make, in byte i. */
static inline uint64_t join_pairs(uint64_t digits)
{
    return digits * 10 + (digits >> 8);
}

static inline int byte_at(uint64_t bytes, unsigned i)
{
    return (int)(bytes >> 8 * i & 0xFF);
}

/* The day that the digits of a date make. */
static inline enum instant_status take_day(uint64_t front, uint64_t back, struct instant_day *day)
{
    uint64_t pairs = join_pairs(back);
    int year = byte_at(join_pairs(front), 0) * 100 + byte_at(pairs, 0);
    int month = byte_at(pairs, 3);
    int number = byte_at(pairs, 6);
    if (!clock_date_exists(year, month, number))
        return INSTANT_DATE;
    *day = (struct instant_day){~front, ~back, clock_from_date(year, month, number)};
    return INSTANT_OK;
}

enum { DATE_LEN = 10, TIME_LEN = 8 };

enum instant_status instant_stamp(const char **at, const char *end, char stop,
                                  struct instant_day *day, int64_t *instant)
{
    const char *date = *at;
    const char *time = date + DATE_LEN + 1;
    if (end - time < TIME_LEN || (time[-1] != 'T' && !bytescan_is_blank(time[-1])))
        return INSTANT_SHAPE;
    if (time[-1] != 'T') {
        time = bytescan_skip_blanks(time, end);
        if (end - time < TIME_LEN)
            return INSTANT_SHAPE;
    }
    bool has_slash = date[4] == '/';
    uint64_t wrong = 0;
    uint64_t front = take_pattern(date, has_slash ? "0000/00/" : "0000-00-", &wrong);
    uint64_t back = take_pattern(date + 2, has_slash ? "00/00/00" : "00-00-00", &wrong);
    uint64_t pairs = join_pairs(take_pattern(time, "00:00:00", &wrong));
    const char *p = time + TIME_LEN;
    if (is_wrong(wrong) || !skip_fraction(&p, end) || !is_at_stop(p, end, stop))
        return INSTANT_SHAPE;
    *at = p;
    if ((~front != day->not_front || ~back != day->not_back) &&
        take_day(front, back, day) != INSTANT_OK)
        return INSTANT_DATE;
    int seconds = (byte_at(pairs, 0) * 60 + byte_at(pairs, 3)) * 60 + byte_at(pairs, 6);
    *instant = day->begin + seconds;
    /* An hour above 23, a minute or a second above 59 gets its byte's top bit. */
    const uint64_t room = (128 - 24) | UINT64_C(68) << 24 | UINT64_C(68) << 48;
    const uint64_t top = 0x80 | UINT64_C(0x80) << 24 | UINT64_C(0x80) << 48;
    return ((pairs + room) & top) != 0 ? INSTANT_DATE : INSTANT_OK;
}
