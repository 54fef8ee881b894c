/* find: what GNU find writes with
 *
 *     find DIR -printf '%i s=%s b=%b u=%U g=%G type=%y perm=%m a=%A@ m=%T@ c=%C@ -- %p\n'
 *
 * HEAD is the inode number. %b counts blocks of 512 bytes (find(1)); %y also knows D, a door, and
 * U, unknown. Reentrant. */
#include "fields.h"

static const char kinds[] = "dflpsbc?DU";

static enum reject_reason head(const char **at, const char *end)
{
    const char *p = *at;
    int64_t inode;
    enum num_status status = num_decimal(&p, end, &inode);
    if (status == NUM_SHAPE || p == end || !fields_is_blank(*p))
        return REJECT_HEAD;
    if (status == NUM_OVERFLOW)
        return REJECT_OVERFLOW;
    *at = fields_skip_blanks(p, end);
    return REJECT_NONE;
}

static enum reject_reason fields(const char **at, const char *end, struct format_memo *memo,
                                 struct entry *entry)
{
    return fields_stat(at, end, &memo->marks, kinds, entry);
}

static bool is_kind(const char *token, const char *end)
{
    return fields_stat_is_kind(token, end, kinds);
}

const struct format find_format = {"find", false, head, fields, is_kind};
