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

/* Whether `text` has a digit wherever `pattern` has '0', and the same byte elsewhere. Then digit[i] is
 * the digit's value. Without a branch a byte: a byte less its place in the pattern is 0 to 9 at a
 * digit and 0 elsewhere. */
static inline bool has_shape(const char *text, const char *pattern, int len, unsigned char *digit)
{
    unsigned wrong = 0;
    for (int i = 0; i < len; i++) {
        digit[i] = (unsigned char)(text[i] - pattern[i]);
        wrong |= digit[i] > (pattern[i] == '0' ? 9 : 0);
    }
    return wrong == 0;
}

/* The day of the DATE_LEN bytes at `date`. */
static enum reject_reason read_day(const char *date, struct format_memo *memo)
{
    unsigned char digit[DATE_LEN];
    if (!has_shape(date, "0000-00-00", DATE_LEN, digit))
        return REJECT_DATE_SHAPE;
    int year = digit[0] * 1000 + digit[1] * 100 + digit[2] * 10 + digit[3];
    int month = digit[5] * 10 + digit[6];
    int day = digit[8] * 10 + digit[9];
    if (!clock_date_exists(year, month, day))
        return REJECT_DATE;
    memcpy(memo->date, date, DATE_LEN);
    memo->day_begin = clock_from_date(year, month, day);
    return REJECT_NONE;
}

/* HH:MM:SS */
static enum reject_reason read_time_of_day(const char *time, int64_t *second)
{
    unsigned char digit[TIME_LEN];
    if (!has_shape(time, "00:00:00", TIME_LEN, digit))
        return REJECT_DATE_SHAPE;
    int hour = digit[0] * 10 + digit[1];
    int minute = digit[3] * 10 + digit[4];
    int sixtieth = digit[6] * 10 + digit[7];
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
        p = num_skip_digits(p, end);
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

/* A field whose key is one letter. */
static inline enum reject_reason short_field(const char **at, const char *end, unsigned *seen,
                                             struct entry *entry)
{
    const char key = **at;
    *at += 2;
    switch (key) {
    case 's':
        return fields_once(seen, FIELDS_SIZE, fields_bytes(at, end, 1, &entry->size));
    case 'a':
        return fields_once(seen, FIELDS_ALLOC, fields_bytes(at, end, KIB, &entry->alloc));
    case 'u':
        return fields_once(seen, FIELDS_UID, fields_id(at, end, &entry->uid));
    case 'g':
        return fields_once(seen, FIELDS_GID, fields_id(at, end, &entry->gid));
    case 'p':
        return fields_once(seen, FIELDS_KIND, read_mode(at, end, &entry->is_directory));
    default:
        *at = fields_skip_token(*at, end);
        return REJECT_NONE;
    }
}

/* The fields of the commonest lines come with one letter each, so the first byte alone decides; what
 * is none of ours is skipped. */
static enum reject_reason fields(const char **at, const char *end, struct format_memo *memo,
                                 struct entry *entry)
{
    const char *p = *at;
    unsigned seen = 0;
    enum reject_reason reason = REJECT_NONE;
    while (reason == REJECT_NONE) {
        p = fields_skip_blanks(p, end);
        if (end - p < FIELDS_SHORTEST) {
            reason = REJECT_SEPARATOR;
        } else if (p[1] == '=') {
            reason = short_field(&p, end, &seen, entry);
        } else if (p[0] == 'a' && p[1] == 'c' && p[2] == '=') {
            p += 3;
            reason = fields_once(&seen, FIELDS_ATIME, read_stamp(&p, end, memo, &entry->atime));
        } else if (fields_at_separator(p, end)) {
            p += 2;
            reason = fields_complete(seen);
            break;
        } else {
            p = fields_skip_token(p, end);
        }
    }
    *at = p;
    return reason;
}

static bool is_kind(const char *token, const char *end)
{
    return fields_at_key(token, end, 'p') && end - token > 2;
}

const struct format gpfs_format = {"gpfs", true, head, fields, is_kind};
