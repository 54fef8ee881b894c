/* fields: the columns that Lustre's and GNU find's logs share.
 *
 * Keys come in any order; a key is told by its first letter and must match whole. Reentrant. */
#include "fields.h"

#include "clock.h"

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

/* The key at p, 0 where it is none of ours; *value is where its value begins. */
static inline unsigned key_at(const char *p, const char *end, const char **value)
{
    if (end - p >= 2 && p[1] == '=') {
        *value = p + 2;
        switch (*p) {
        case 's':
            return FIELDS_SIZE;
        case 'b':
            return FIELDS_ALLOC;
        case 'u':
            return FIELDS_UID;
        case 'g':
            return FIELDS_GID;
        case 'a':
            return FIELDS_ATIME;
        default:
            return 0;
        }
    }
    *value = p + 5;
    return end - p >= 5 && memcmp(p, "type=", 5) == 0 ? FIELDS_KIND : 0;
}

enum reject_reason fields_stat(const char **at, const char *end, const char *kinds,
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
            reason = fields_bytes(at, end, 512, &entry->alloc);
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
            reason = read_kind(at, end, kinds, &entry->is_directory);
            break;
        case FIELDS_ATIME:
            *at = value;
            reason = read_epoch(at, end, &entry->atime);
            break;
        default:
            *at = fields_skip_token(*at, end);
        }
        if (reason != REJECT_NONE)
            return reason;
    }
}
