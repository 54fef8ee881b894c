/* units: sizes, counts and times between people and integers.
 *
 * All in integers: a double has 53 bits, a size 63. K is 1000 wherever it stands, as the SI has it,
 * and Ki is 1024 (IEC 80000-13). Only bytes are counted in Ki: 10Ki files are nobody's number.
 * Pure functions: any thread. */
#include "units.h"

#include "clock.h"
#include "err.h"
#include "num.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static const char prefixes[] = "KMGTPE"; /* 2^60 is the last that 63 bits hold */

/* Leaves a byte of the room for a sign before it. */
void units_size(char out[UNITS_TEXT], int64_t bytes)
{
    if (bytes < 1024) {
        snprintf(out, UNITS_TEXT - 1, "%" PRId64 " B", bytes);
        return;
    }
    uint64_t value = (uint64_t)bytes;
    uint64_t unit = 1024;
    size_t prefix = 0;
    for (; prefixes[prefix + 1] != '\0' && value / unit >= 1024; prefix++)
        unit *= 1024;

    uint64_t whole = value / unit;
    uint64_t tenths =
        ((value % unit) * 10 + unit / 2) / unit; /* below 2^64: unit is at most 2^60 */
    if (tenths == 10) {
        whole++;
        tenths = 0;
    }
    if (whole == 1024 && prefixes[prefix + 1] != '\0') { /* 1023.97 KiB is 1.0 MiB to a reader */
        whole = 1;
        prefix++;
    }
    snprintf(out, UNITS_TEXT - 1, "%" PRIu64 ".%" PRIu64 " %ciB", whole, tenths, prefixes[prefix]);
}

void units_count(char out[UNITS_TEXT], int64_t count)
{
    char digits[UNITS_TEXT];
    uint64_t magnitude = count < 0 ? 0 - (uint64_t)count : (uint64_t)count;
    int length = snprintf(digits, sizeof digits, "%" PRIu64, magnitude);
    if (count < 0)
        *out++ = '-';
    for (int i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0)
            *out++ = ',';
        *out++ = digits[i];
    }
    *out = '\0';
}

void units_size_change(char out[UNITS_TEXT], int64_t change)
{
    if (change != 0)
        *out++ = change < 0 ? '-' : '+';
    units_size(out, change < 0 ? -change : change);
}

void units_count_change(char out[UNITS_TEXT], int64_t change)
{
    if (change > 0)
        *out++ = '+';
    units_count(out, change);
}

/* A decimal number with an optional fraction, and where it ends. */
struct number {
    int64_t whole;
    bool overflow;        /* more than 63 bits: whole says nothing */
    const char *fraction; /* digits after the point */
    size_t fraction_length;
    const char *end;
};

static size_t count_digits(const char *text)
{
    return strspn(text, "0123456789");
}

static bool read_number(struct number *out, const char *text)
{
    *out = (struct number){.end = text + count_digits(text)};
    enum num_status status = num_decimal(&text, out->end, &out->whole);
    out->overflow = status == NUM_OVERFLOW;
    if (status == NUM_SHAPE || *out->end != '.')
        return status != NUM_SHAPE;
    out->fraction = out->end + 1;
    out->fraction_length = count_digits(out->fraction);
    out->end = out->fraction + out->fraction_length;
    return out->fraction_length > 0;
}

/* number * unit, its fraction cut to whole ones. False: above 63 bits. unit is at most 2^60. */
static bool scale(int64_t *out, const struct number *number, uint64_t unit)
{
    uint64_t whole = (uint64_t)number->whole;
    if (number->overflow || whole > INT64_MAX / unit)
        return false;
    /* From the last digit to the first; cutting on the way loses nothing, as each step divides. */
    uint64_t part = 0;
    for (size_t i = number->fraction_length; i > 0; i--)
        part = (part + (uint64_t)(number->fraction[i - 1] - '0') * unit) / 10;
    uint64_t value = whole * unit;
    if (value > INT64_MAX - part)
        return false;
    *out = (int64_t)(value + part);
    return true;
}

static uint64_t power(uint64_t base, size_t exponent)
{
    uint64_t value = 1;
    while (exponent-- > 0)
        value *= base;
    return value;
}

/* Which prefix the letter is, from 1; 0 for none. */
static size_t find_prefix(char letter)
{
    for (size_t i = 0; prefixes[i] != '\0'; i++)
        if (letter == prefixes[i] || letter == prefixes[i] + ('a' - 'A'))
            return i + 1;
    return 0;
}

/* The unit that a size's suffix names; 0: no such suffix. */
static uint64_t size_unit(const char *suffix)
{
    if (*suffix == '\0' || strcasecmp(suffix, "B") == 0)
        return 1;
    size_t prefix = find_prefix(*suffix++);
    if (prefix == 0)
        return 0;
    bool binary = *suffix == 'i' || *suffix == 'I';
    suffix += binary;
    if (*suffix != '\0' && strcasecmp(suffix, "B") != 0)
        return 0;
    return power(binary ? 1024 : 1000, prefix);
}

static uint64_t count_unit(const char *suffix)
{
    if (*suffix == '\0')
        return 1;
    size_t prefix = find_prefix(*suffix);
    return prefix == 0 || suffix[1] != '\0' ? 0 : power(1000, prefix);
}

static int parse_scaled(int64_t *out, const char *option, const char *text,
                        uint64_t unit_of(const char *suffix), const char *kind,
                        const char *examples, struct err *err)
{
    struct number number;
    uint64_t unit = read_number(&number, text) ? unit_of(number.end) : 0;
    bool part_of_one = unit == 1 && number.fraction_length > 0;
    if (unit == 0 || part_of_one)
        return err_usage(err, "%s: '%s' is not a %s; give one like %s", option, text, kind,
                         examples);
    if (!scale(out, &number, unit))
        return err_usage(err, "%s: '%s' is too large; the most is %" PRId64, option, text,
                         INT64_MAX);
    return 0;
}

int units_parse_size(int64_t *out, const char *option, const char *text, struct err *err)
{
    return parse_scaled(out, option, text, size_unit, "size", "4096, 10K, 500M or 1.5GiB", err);
}

int units_parse_count(int64_t *out, const char *option, const char *text, struct err *err)
{
    return parse_scaled(out, option, text, count_unit, "number", "1000, 10K or 1.5M", err);
}

enum { DAYS, WEEKS, MONTHS, YEARS, NO_SPAN };

static int span_unit(const char *suffix)
{
    static const struct {
        const char *name;
        int unit;
    } names[] = {
        {"d", DAYS},     {"day", DAYS},     {"days", DAYS},     {"w", WEEKS},   {"wk", WEEKS},
        {"wks", WEEKS},  {"week", WEEKS},   {"weeks", WEEKS},   {"mo", MONTHS}, {"mos", MONTHS},
        {"mon", MONTHS}, {"month", MONTHS}, {"months", MONTHS}, {"y", YEARS},   {"yr", YEARS},
        {"yrs", YEARS},  {"year", YEARS},   {"years", YEARS},
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcasecmp(suffix, names[i].name) == 0)
            return names[i].unit;
    return NO_SPAN;
}

static int parse_span(struct units_when *out, const char *option, const char *text, struct err *err)
{
    /* Ten thousand years reach before any date that a database can hold. */
    static const int32_t most[] = {
        [DAYS] = 3660000, [WEEKS] = 522000, [MONTHS] = 120000, [YEARS] = 10000};
    struct number number;
    int unit = read_number(&number, text) ? span_unit(number.end) : NO_SPAN;
    if (unit == NO_SPAN || number.fraction_length > 0)
        return err_usage(err, "%s: '%s' is not a time; give one like 2024-02-29, 3yrs, 6mo or 90d",
                         option, text);
    if (number.overflow || number.whole > most[unit])
        return err_usage(err, "%s: '%s' is too long ago; the most is 10000 years", option, text);
    int32_t value = (int32_t)number.whole;
    if (unit == MONTHS || unit == YEARS)
        out->months = unit == YEARS ? value * 12 : value;
    else
        out->days = unit == WEEKS ? value * 7 : value;
    return 0;
}

int units_parse_when(struct units_when *out, const char *option, const char *text, struct err *err)
{
    *out = (struct units_when){0};
    if (strlen(text) != sizeof out->date - 1 || text[4] != '-')
        return parse_span(out, option, text, err);
    int64_t instant;
    if (!clock_parse(slice_from(text), &instant))
        return err_usage(err, "%s: there is no day '%s'; give one as YYYY-MM-DD", option, text);
    memcpy(out->date, text, sizeof out->date);
    return 0;
}
