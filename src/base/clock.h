/* clock: durations, and calendar dates as the database writes them. Dates are proleptic Gregorian,
 * without leap seconds; an instant is seconds since 1970-01-01 00:00:00 UTC. */
#ifndef FSTALLY_CLOCK_H
#define FSTALLY_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "slice.h"

#define CLOCK_MIN  INT64_C(-62135596800) /* 0001-01-01 00:00:00 */
#define CLOCK_MAX  INT64_C(253402300799) /* 9999-12-31 23:59:59 */
#define CLOCK_DAY  INT64_C(86400)        /* seconds */
#define CLOCK_TEXT 20                    /* bytes of "YYYY-MM-DD HH:MM:SS" and its NUL */

/* Monotonic time in nanoseconds, for differences only. */
uint64_t clock_now_ns(void);

/* The seconds from `since` (a clock_now_ns) to now. */
double clock_seconds_since(uint64_t since);

/* The instant now, by the system's clock. */
int64_t clock_instant(void);

/* Whether the day exists: year 1 to 9999, month 1 to 12, day 1 to the month's last. */
bool clock_date_exists(int year, int month, int day);

/* The instant at which an existing day begins. */
int64_t clock_from_date(int year, int month, int day);

/* Writes "YYYY-MM-DD HH:MM:SS"; `instant` lies in [CLOCK_MIN, CLOCK_MAX]. */
void clock_format(int64_t instant, char text[CLOCK_TEXT]);

/* Reads "YYYY-MM-DD" or "YYYY-MM-DD HH:MM:SS", all of the slice. False: no such shape or no such
 * time. */
bool clock_parse(struct slice text, int64_t *instant);

#endif
