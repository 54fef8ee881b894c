/* instant: the times of a line: a date and time of day, seconds since 1970, or an age in days.
 *
 * Each function reads a value from *at on and leaves *at at `stop`, the character that ends it (' '
 * stands for any blank), or at `end`. Where it fails, *at may be anywhere in the value; but a stamp
 * that fails with INSTANT_DATE has been read to its end. */
#ifndef FSTALLY_INSTANT_H
#define FSTALLY_INSTANT_H

#include <stdint.h>

enum instant_status {
    INSTANT_OK,
    INSTANT_SHAPE, /* not written as such a value is */
    INSTANT_DATE,  /* a date or a time of day that does not exist */
    INSTANT_RANGE, /* outside the years 1 to 9999 */
};

/* The last date that was read: dates repeat. Zero-initialise. */
struct instant_day {
    uint64_t not_front; /* its bytes [0, 8) and [2, 10), less those of a date of zeros, inverted */
    uint64_t not_back;
    int64_t begin; /* the instant at which it begins */
};

/* YYYY-MM-DD or YYYY/MM/DD, a `T` or blanks, HH:MM:SS and perhaps a fraction, which is dropped. */
enum instant_status instant_stamp(const char **at, const char *end, char stop,
                                  struct instant_day *day, int64_t *instant);

/* [-]SECONDS since 1970 and perhaps a fraction, which is dropped. */
enum instant_status instant_epoch(const char **at, const char *end, char stop, int64_t *instant);

/* [-]DAYS before `scan_day`, an instant, and perhaps a fraction, which is dropped. */
enum instant_status instant_age(const char **at, const char *end, char stop, int64_t scan_day,
                                int64_t *instant);

#endif
