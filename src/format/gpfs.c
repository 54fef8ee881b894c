/* gpfs: the list that `mmapplypolicy -I defer -f` writes, with the SHOW clause that HPC sites use.
 *
 *     <3> 65540 406945146 0  s=1867 a=0 u=10039 g=502 p=-rw-r--r-- ac=2025-12-08 19:08:54.1 -- /p
 *
 * The columns before s= are the engine's own: an optional thread, inode, generation, snapshot. a= is
 * KB_ALLOCATED, so KiB. Most lines of a log share few access days, so the last day is remembered.
 * Reentrant; the memo belongs to one thread. */
#include "clock.h"
#include "fields.h"

enum { KIB = 1024, DATE_LEN = 10, TIME_LEN = 8 };

static enum reject_reason head(const char **at, const char *end)
{
    const char *p = *at;
    int64_t number;
    if (p < end && *p == '<') {
        p++;
        enum num_status status = num_decimal(&p, end, &number);
        if (status == NUM_SHAPE || p == end || *p != '>')
            return REJECT_HEAD;
        if (status == NUM_OVERFLOW)
            return REJECT_OVERFLOW;
        const char *behind = p + 1;
        p = fields_skip_blanks(behind, end);
        if (p == behind)
            return REJECT_HEAD;
    }
    for (int column = 0; column < 3; column++) {
        enum num_status status = num_decimal(&p, end, &number);
        if (status == NUM_SHAPE || p == end || !fields_is_blank(*p))
            return REJECT_HEAD;
        if (status == NUM_OVERFLOW)
            return REJECT_OVERFLOW;
        p = fields_skip_blanks(p, end);
    }
    *at = p;
    return REJECT_NONE;
}

static inline int two_digits(const char *at)
{
    return (at[0] - '0') * 10 + (at[1] - '0');
}

/* The day of the DATE_LEN bytes at `date`. */
static enum reject_reason read_day(const char *date, struct format_memo *memo)
{
    for (int i = 0; i < DATE_LEN; i++)
        if (i == 4 || i == 7 ? date[i] != '-' : !num_is_digit(date[i]))
            return REJECT_DATE_SHAPE;
    int year = two_digits(date) * 100 + two_digits(date + 2);
    int month = two_digits(date + 5);
    int day = two_digits(date + 8);
    if (!clock_date_exists(year, month, day))
        return REJECT_DATE;
    memcpy(memo->date, date, DATE_LEN);
    memo->day_begin = clock_from_date(year, month, day);
    return REJECT_NONE;
}

static enum reject_reason read_time_of_day(const char *time, int64_t *second)
{
    for (int i = 0; i < TIME_LEN; i++)
        if (i == 2 || i == 5 ? time[i] != ':' : !num_is_digit(time[i]))
            return REJECT_DATE_SHAPE;
    int hour = two_digits(time);
    int minute = two_digits(time + 3);
    int sixtieth = two_digits(time + 6);
    if (hour > 23 || minute > 59 || sixtieth > 59)
        return REJECT_DATE;
    *second = hour * 3600 + minute * 60 + sixtieth;
    return REJECT_NONE;
}

/* YYYY-MM-DD HH:MM:SS[.FRACTION], two tokens of the line. */
static enum reject_reason read_stamp(const char **at, const char *end, struct format_memo *memo,
                                     int64_t *instant)
{
    const char *date = *at;
    if (end - date < DATE_LEN + 1 || !fields_is_blank(date[DATE_LEN]))
        return REJECT_DATE_SHAPE;
    const char *time = fields_skip_blanks(date + DATE_LEN, end);
    if (end - time < TIME_LEN)
        return REJECT_DATE_SHAPE;
    enum reject_reason reason = REJECT_NONE;
    if (memcmp(date, memo->date, DATE_LEN) != 0)
        reason = read_day(date, memo);
    int64_t second = 0;
    enum reject_reason time_reason = read_time_of_day(time, &second);
    const char *p = time + TIME_LEN;
    if (p < end && *p == '.') {
        const char *fraction = ++p;
        while (p < end && num_is_digit(*p))
            p++;
        if (p == fraction)
            return REJECT_DATE_SHAPE;
    }
    if (reason == REJECT_DATE_SHAPE || (p < end && !fields_is_blank(*p)))
        return REJECT_DATE_SHAPE;
    *at = p;
    *instant = memo->day_begin + second;
    return time_reason != REJECT_NONE ? time_reason : reason;
}

static enum reject_reason read_mode(const char **at, const char *end, bool *is_directory)
{
    const char *mode = *at;
    *at = fields_skip_token(mode, end);
    if (*at == mode)
        return REJECT_KIND;
    *is_directory = *mode == 'd';
    return REJECT_NONE;
}

/* The key at p, 0 where it is none of ours; *value is where its value begins. */
static inline unsigned key_at(const char *p, const char *end, const char **value)
{
    if (end - p >= 2 && p[1] == '=') {
        *value = p + 2;
        switch (*p) {
        case 's':
            return FIELDS_SIZE;
        case 'a':
            return FIELDS_ALLOC;
        case 'u':
            return FIELDS_UID;
        case 'g':
            return FIELDS_GID;
        case 'p':
            return FIELDS_KIND;
        default:
            return 0;
        }
    }
    *value = p + 3;
    return end - p >= 3 && p[0] == 'a' && p[1] == 'c' && p[2] == '=' ? FIELDS_ATIME : 0;
}

static enum reject_reason fields(const char **at, const char *end, struct format_memo *memo,
                                 struct entry *entry)
{
    unsigned seen = 0;
    for (;;) {
        *at = fields_skip_blanks(*at, end);
        if (*at == end)
            return REJECT_SEPARATOR;
        if (fields_at_separator(*at, end)) {
            *at += 2;
            return fields_complete(seen);
        }
        const char *value;
        unsigned key = key_at(*at, end, &value);
        if ((seen & key) != 0)
            return REJECT_TWO_RECORDS;
        seen |= key;
        enum reject_reason reason = REJECT_NONE;
        switch (key) {
        case FIELDS_SIZE:
            *at = value;
            reason = fields_bytes(at, end, 1, &entry->size);
            break;
        case FIELDS_ALLOC:
            *at = value;
            reason = fields_bytes(at, end, KIB, &entry->alloc);
            break;
        case FIELDS_UID:
            *at = value;
            reason = fields_id(at, end, &entry->uid);
            break;
        case FIELDS_GID:
            *at = value;
            reason = fields_id(at, end, &entry->gid);
            break;
        case FIELDS_KIND:
            *at = value;
            reason = read_mode(at, end, &entry->is_directory);
            break;
        case FIELDS_ATIME:
            *at = value;
            reason = read_stamp(at, end, memo, &entry->atime);
            break;
        default:
            *at = fields_skip_token(*at, end);
        }
        if (reason != REJECT_NONE)
            return reason;
    }
}

static bool is_kind(const char *token, const char *end)
{
    return fields_at_key(token, end, 'p') && end - token > 2;
}

const struct format gpfs_format = {"gpfs", true, head, fields, is_kind};
