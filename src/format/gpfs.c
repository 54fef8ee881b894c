/* gpfs: the list that `mmapplypolicy -I defer -f` writes, with the SHOW clause that HPC sites use.
 *
 *     <3> 65540 406945146 0  s=1867 a=0 u=10039 g=502 p=-rw-r--r-- ac=2025-12-08 19:08:54.1 -- /p
 *
 * The columns before s= are the engine's own: an optional thread, inode, generation, snapshot. a=
 * is KB_ALLOCATED, so KiB. Most lines of a log share few access days, so the last day is
 * remembered. Reentrant; the memo belongs to one thread. */
#include <endian.h>

#include "clock.h"
#include "fields.h"

enum { KIB = 1024, DATE_LEN = 10, TIME_LEN = 8, ATIME_KEY = 2 /* letters */ };

static enum reject_reason head(const char **at, const char *end)
{
    const char *p = *at;
    if (p < end && *p == '<') {
        p++;
        enum num_status status = num_check(&p, end);
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
        enum num_status status = num_check(&p, end);
        if (status == NUM_SHAPE || p == end || !fields_is_blank(*p))
            return REJECT_HEAD;
        if (status == NUM_OVERFLOW)
            return REJECT_OVERFLOW;
        p = fields_skip_blanks(p, end);
    }
    *at = p;
    return REJECT_NONE;
}

/* Eight bytes of a text such as `12:34:56`, the first the lowest, less those of the `pattern`: a
 * digit's value where the pattern has '0', and 0 elsewhere. False: the text is not of that pattern.
 */
static inline bool read_pattern(const char *text, const char *pattern, uint64_t *digits)
{
    uint64_t bytes;
    uint64_t wanted;
    memcpy(&bytes, text, 8);
    memcpy(&wanted, pattern, 8);
    bytes = le64toh(bytes);
    wanted = le64toh(wanted);
    /* What must be added to a right byte's greatest value to reach 0x7F: 0x76 to a digit's 9, 0x7F
     * to the 0 of `-` and `:`, which are told from '0' by the bit 0x08. A wrong byte gets its top
     * bit, or has it. */
    uint64_t others = wanted >> 3 & UINT64_C(0x0101010101010101);
    uint64_t room = UINT64_C(0x7676767676767676) + others * 9;
    *digits = bytes ^ wanted;
    return (((*digits + room) | *digits) & UINT64_C(0x8080808080808080)) == 0;
}

/* The number that the digits at i and i + 1 make. */
static inline int pair_at(uint64_t digits, unsigned i)
{
    return (int)((digits * 10 + (digits >> 8)) >> 8 * i & 0xFF);
}

/* The day of the DATE_LEN bytes at `date`. */
static enum reject_reason read_day(const char *date, struct format_memo *memo)
{
    uint64_t front;
    uint64_t back;
    if (!read_pattern(date, "0000-00-", &front) || !read_pattern(date + 2, "00-00-00", &back))
        return REJECT_DATE_SHAPE;
    int year = pair_at(front, 0) * 100 + pair_at(back, 0);
    int month = pair_at(back, 3);
    int day = pair_at(back, 6);
    if (!clock_date_exists(year, month, day))
        return REJECT_DATE;
    memcpy(memo->date, date, DATE_LEN);
    memo->day_begin = clock_from_date(year, month, day);
    return REJECT_NONE;
}

/* HH:MM:SS */
static enum reject_reason read_time_of_day(const char *time, int64_t *second)
{
    uint64_t digits;
    if (!read_pattern(time, "00:00:00", &digits))
        return REJECT_DATE_SHAPE;
    int hour = pair_at(digits, 0);
    int minute = pair_at(digits, 3);
    int sixtieth = pair_at(digits, 6);
    if (hour > 23 || minute > 59 || sixtieth > 59)
        return REJECT_DATE;
    *second = hour * 3600 + minute * 60 + sixtieth;
    return REJECT_NONE;
}

/* YYYY-MM-DD HH:MM:SS[.FRACTION], two tokens of the line. */
static enum reject_reason read_stamp(const char *date, const char *end, struct format_memo *memo,
                                     int64_t *instant)
{
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
    *instant = memo->day_begin + second;
    return time_reason != REJECT_NONE ? time_reason : reason;
}

static enum reject_reason read_mode(const char *mode, const char *end, bool *is_directory)
{
    if (mode == end || fields_is_blank(*mode))
        return REJECT_KIND;
    *is_directory = *mode == 'd';
    return REJECT_NONE;
}

/* A field whose key is one letter. */
static inline enum reject_reason short_field(const char *field, const char *end, unsigned *seen,
                                             struct entry *entry)
{
    const char *value = field + 2;
    switch (*field) {
    case 's':
        return fields_once(seen, FIELDS_SIZE, fields_bytes(value, end, 1, &entry->size));
    case 'a':
        return fields_once(seen, FIELDS_ALLOC, fields_bytes(value, end, KIB, &entry->alloc));
    case 'u':
        return fields_once(seen, FIELDS_UID, fields_id(value, end, &entry->uid));
    case 'g':
        return fields_once(seen, FIELDS_GID, fields_id(value, end, &entry->gid));
    case 'p':
        return fields_once(seen, FIELDS_KIND, read_mode(value, end, &entry->is_directory));
    default:
        return REJECT_NONE;
    }
}

/* The fields of the commonest lines come with one letter each, so the first byte alone decides;
 * what is none of ours is passed over. */
static enum reject_reason fields(const char **at, const char *end, struct format_memo *memo,
                                 struct entry *entry)
{
    struct fields_walk walk = fields_walk_begin(&memo->marks, *at, end, ATIME_KEY);
    unsigned seen = 0;
    enum reject_reason reason = REJECT_NONE;
    while (reason == REJECT_NONE) {
        const char *p = fields_walk_next(&walk);
        if (end - p < FIELDS_SHORTEST)
            return REJECT_SEPARATOR;
        if (p[1] == '=') {
            reason = short_field(p, end, &seen, entry);
        } else if (p[0] == 'a' && p[1] == 'c' && p[2] == '=') {
            reason = fields_once(&seen, FIELDS_ATIME, read_stamp(p + 3, end, memo, &entry->atime));
        } else if (fields_at_separator(p, end)) {
            *at = p + 2;
            return fields_complete(seen);
        }
    }
    return reason;
}

static bool is_kind(const char *token, const char *end)
{
    return fields_at_key(token, end, 'p') && end - token > 2;
}

const struct format gpfs_format = {"gpfs", true, head, fields, is_kind};
