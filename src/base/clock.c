/* clock: the calendar, without libc's time zones and locks. Any thread.
 *
 * Days are counted from 0000-03-01, so that the leap day ends a year: the day of the year is then a
 * linear formula of the month (153 days in every five months from March). */
#include "clock.h"

#include <time.h>

#include "num.h"

enum {
    DAYS_IN_ERA = 146097,      /* 400 years */
    DAYS_BEFORE_1970 = 719468, /* from 0000-03-01 to 1970-01-01 */
};

uint64_t clock_now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

double clock_seconds_since(uint64_t since)
{
    return (double)(clock_now_ns() - since) / 1e9;
}

int64_t clock_instant(void)
{
    return (int64_t)time(NULL);
}

static bool is_leap(int year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

bool clock_date_exists(int year, int month, int day)
{
    static const signed char last_day[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1)
        return false;
    return day <= last_day[month - 1] || (month == 2 && day == 29 && is_leap(year));
}

int64_t clock_from_date(int year, int month, int day)
{
    /* Days before the month, from 1 March on; January and February belong to the year before. */
    static const short before[] = {306, 337, 0, 31, 61, 92, 122, 153, 184, 214, 245, 275};
    unsigned y = (unsigned)year - (month <= 2); /* year 1 and later: never negative */
    unsigned days = y * 365 + y / 4 - y / 100 + y / 400 + (unsigned)before[month - 1];
    return ((int64_t)days + day - 1 - DAYS_BEFORE_1970) * CLOCK_DAY;
}

static void write_digits(char *at, int width, int64_t value)
{
    for (int i = width - 1; i >= 0; i--) {
        at[i] = (char)('0' + value % 10);
        value /= 10;
    }
}

void clock_format(int64_t instant, char text[CLOCK_TEXT])
{
    int64_t days = instant / CLOCK_DAY;
    int64_t second = instant % CLOCK_DAY;
    if (second < 0) {
        second += CLOCK_DAY;
        days--;
    }
    int64_t z = days + DAYS_BEFORE_1970; /* >= 306: never negative in range */
    int64_t era = z / DAYS_IN_ERA;
    int64_t day_of_era = z - era * DAYS_IN_ERA;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month_from_march = (5 * day_of_year + 2) / 153;
    int64_t month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
    memcpy(text, "0000-00-00 00:00:00", CLOCK_TEXT);
    write_digits(text, 4, year_of_era + era * 400 + (month <= 2));
    write_digits(text + 5, 2, month);
    write_digits(text + 8, 2, day_of_year - (153 * month_from_march + 2) / 5 + 1);
    write_digits(text + 11, 2, second / 3600);
    write_digits(text + 14, 2, second / 60 % 60);
    write_digits(text + 17, 2, second % 60);
}

/* `pattern` has a digit's place at every '0' and itself everywhere else. */
static bool has_shape(const char *text, const char *pattern, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (pattern[i] == '0' ? !num_is_digit(text[i]) : text[i] != pattern[i])
            return false;
    return true;
}

static int two_digits(const char *at)
{
    return (at[0] - '0') * 10 + (at[1] - '0');
}

bool clock_parse(struct slice text, int64_t *instant)
{
    const char *t = text.ptr;
    if ((text.len != 10 && text.len != 19) || !has_shape(t, "0000-00-00 00:00:00", text.len))
        return false;
    int year = two_digits(t) * 100 + two_digits(t + 2);
    int month = two_digits(t + 5);
    int day = two_digits(t + 8);
    if (!clock_date_exists(year, month, day))
        return false;
    int64_t second = 0;
    if (text.len == 19) {
        if (two_digits(t + 11) > 23 || two_digits(t + 14) > 59 || two_digits(t + 17) > 59)
            return false;
        second = two_digits(t + 11) * 3600 + two_digits(t + 14) * 60 + two_digits(t + 17);
    }
    *instant = clock_from_date(year, month, day) + second;
    return true;
}
