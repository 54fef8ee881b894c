/* fields: the columns that Lustre's and GNU find's logs share.
 *
 * Keys come in any order; a key is told by its first letter and must match whole. Reentrant. */
#include "fields.h"

#include "clock.h"

enum { BLOCK = 512 }; /* bytes */

/* [-]SECONDS[.FRACTION]; the fraction is dropped. */
static enum reject_reason read_epoch(const char **at, const char *end, int64_t *instant)
{
    bool negative = *at < end && **at == '-';
    if (negative)
        (*at)++;
    int64_t seconds = 0;
    enum num_status status = num_decimal(at, end, &seconds);
    if (status == NUM_SHAPE)
        return REJECT_NUMBER;
    if (*at < end && **at == '.') {
        const char *fraction = ++(*at);
        while (*at < end && num_is_digit(**at))
            (*at)++;
        if (*at == fraction)
            return REJECT_NUMBER;
    }
    if (*at < end && !fields_is_blank(**at))
        return REJECT_NUMBER;
    if (status == NUM_OVERFLOW)
        return REJECT_OVERFLOW;
    *instant = negative ? -seconds : seconds;
    return *instant < CLOCK_MIN || *instant > CLOCK_MAX ? REJECT_DATE : REJECT_NONE;
}

static enum reject_reason read_kind(const char **at, const char *end, const char *kinds,
                                    bool *is_directory)
{
    const char *kind = *at;
    *at = fields_skip_token(kind, end);
    if (*at - kind != 1 || *kind == '\0' || strchr(kinds, *kind) == NULL)
        return REJECT_KIND;
    *is_directory = *kind == 'd';
    return REJECT_NONE;
}

bool fields_stat_is_kind(const char *token, const char *end, const char *kinds)
{
    bool is_directory;
    const char *value = token + 5;
    return end - token >= 5 && memcmp(token, "type=", 5) == 0 &&
           read_kind(&value, end, kinds, &is_directory) == REJECT_NONE;
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
    case 'b':
        return fields_once(seen, FIELDS_ALLOC, fields_bytes(at, end, BLOCK, &entry->alloc));
    case 'u':
        return fields_once(seen, FIELDS_UID, fields_id(at, end, &entry->uid));
    case 'g':
        return fields_once(seen, FIELDS_GID, fields_id(at, end, &entry->gid));
    case 'a':
        return fields_once(seen, FIELDS_ATIME, read_epoch(at, end, &entry->atime));
    default:
        *at = fields_skip_token(*at, end);
        return REJECT_NONE;
    }
}

enum reject_reason fields_stat(const char **at, const char *end, const char *kinds,
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
        } else if (end - p >= 5 && memcmp(p, "type=", 5) == 0) {
            p += 5;
            reason = fields_once(&seen, FIELDS_KIND, read_kind(&p, end, kinds, &entry->is_directory));
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
