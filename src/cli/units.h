/* units: numbers as people write and read them. */
#ifndef FSTALLY_UNITS_H
#define FSTALLY_UNITS_H

#include <stdint.h>

struct err;

enum { UNITS_TEXT = 48 }; /* room for any number below, with its NUL */

/* "1.5 GiB", "17 B": at most one decimal, rounded half up. bytes is not negative. */
void units_size(char out[UNITS_TEXT], int64_t bytes);

/* "+1.5 GiB", "-17 B", "0 B". change is above INT64_MIN. */
void units_size_change(char out[UNITS_TEXT], int64_t change);

/* "1,234,567". */
void units_count(char out[UNITS_TEXT], int64_t count);

/* "+1,234", "-7", "0". */
void units_count_change(char out[UNITS_TEXT], int64_t change);

/* The parsers take the option's name only to tell of it. Each failure is a usage error that says
 * what is wrong with the text and what would be right. */

/* Bytes: 4096; 10K, 500M, 1.5GB are powers of 1000; 10Ki, 500Mi, 1.5GiB powers of 1024. Prefixes
 * are K M G T P E; a B may follow or stand alone; case is ignored. */
int units_parse_size(int64_t *out, const char *option, const char *text, struct err *err);

/* A number of things: 1000, 10K, 1.5M are powers of 1000. */
int units_parse_count(int64_t *out, const char *option, const char *text, struct err *err);

/* A day, or a time before some day that the caller knows. */
struct units_when {
    char date[11];  /* YYYY-MM-DD, a date that exists; "" where the text was relative */
    int32_t months; /* before; of years and months. 0 to 120,000 */
    int32_t days;   /* before; of weeks and days. 0 to 3,660,000 */
};

/* 2024-02-29, 3yrs, 6mo, 8w, 90d. */
int units_parse_when(struct units_when *out, const char *option, const char *text, struct err *err);

#endif
