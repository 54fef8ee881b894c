/* fields: the columns that Lustre's and GNU find's logs share.
 *
 * Keys come in any order; a key is told by its first letter and must match whole. Reentrant. */
#include "fields.h"

#include "clock.h"

enum { BLOCK = 512 /* bytes */, KIND_KEY = 4 /* letters */ };

/* [-]SECONDS[.FRACTION]; the fraction is dropped. */
static enum reject_reason read_epoch(const char *p, const char *end, int64_t *instant)
{
    bool negative = p < end && *p == '-';
    if (negative)
        p++;
    int64_t seconds = 0;
    enum num_status status = num_decimal(&p, end, &seconds);
    if (status == NUM_SHAPE)
        return REJECT_NUMBER;
    if (p < end && *p == '.') {
        const char *fraction = ++p;
        p = num_skip_digits(p, end);
        if (p == fraction)
            return REJECT_NUMBER;
    }
    if (p < end && !fields_is_blank(*p))
        return REJECT_NUMBER;
    if (status == NUM_OVERFLOW)
        return REJECT_OVERFLOW;
    *instant = negative ? -seconds : seconds;
    return *instant < CLOCK_MIN || *instant > CLOCK_MAX ? REJECT_DATE : REJECT_NONE;
}

static enum reject_reason read_kind(const char *kind, const char *end, const char *kinds,
                                    bool *is_directory)
{
    bool is_letter = end - kind == 1 || (end - kind > 1 && fields_is_blank(kind[1]));
    if (!is_letter || *kind == '\0' || strchr(kinds, *kind) == NULL)
        return REJECT_KIND;
    *is_directory = *kind == 'd';
    return REJECT_NONE;
}

bool fields_stat_is_kind(const char *token, const char *end, const char *kinds)
{
    bool is_directory;
    return end - token >= 5 && memcmp(token, "type=", 5) == 0 &&
           read_kind(token + 5, end, kinds, &is_directory) == REJECT_NONE;
}

/* A field whose key is one letter. */
static inline enum reject_reason short_field(const char *field, const char *end, unsigned *seen,
                                             struct entry *entry)
{
    const char *value = field + 2;
    switch (*field) {
    case 's':
        return fields_once(seen, FIELDS_SIZE, fields_bytes(value, end, 1, &entry->size));
    case 'b':
        return fields_once(seen, FIELDS_ALLOC, fields_bytes(value, end, BLOCK, &entry->alloc));
    case 'u':
        return fields_once(seen, FIELDS_UID, fields_id(value, end, &entry->uid));
    case 'g':
        return fields_once(seen, FIELDS_GID, fields_id(value, end, &entry->gid));
    case 'a':
        return fields_once(seen, FIELDS_ATIME, read_epoch(value, end, &entry->atime));
    default:
        return REJECT_NONE;
    }
}

enum reject_reason fields_stat(const char **at, const char *end, struct linescan *marks,
                               const char *kinds, struct entry *entry)
{
    struct fields_walk walk = fields_walk_begin(marks, *at, end, KIND_KEY);
    unsigned seen = 0;
    enum reject_reason reason = REJECT_NONE;
    while (reason == REJECT_NONE) {
        const char *p = fields_walk_next(&walk);
        if (end - p < FIELDS_SHORTEST)
            return REJECT_SEPARATOR;
        if (p[1] == '=') {
            reason = short_field(p, end, &seen, entry);
        } else if (end - p >= 5 && memcmp(p, "type=", 5) == 0) {
            reason =
                fields_once(&seen, FIELDS_KIND, read_kind(p + 5, end, kinds, &entry->is_directory));
        } else if (fields_at_separator(p, end)) {
            *at = p + 2;
            return fields_complete(seen);
        }
    }
    return reason;
}
