/* lustre: what `lfs find -printf` writes.
 *
 *     0x24001959d:0x1f:0x0 s=16384 b=32 u=38057 g=68122 p= type=d a=1769700762 -- /lustre/x
 *
 * HEAD is the file identifier (FID): sequence, object and version, hexadecimal. b= counts blocks of
 * 512 bytes. p= is the pool, often empty. Reentrant. */
#include "fields.h"

enum { FID_PARTS = 3, HEX_DIGITS_MAX = 16 };

static bool is_hex_digit(char c)
{
    return num_is_digit(c) || (unsigned char)((c | 0x20) - 'a') < 6;
}

static const char kinds[] = "dflpsbc?";

static enum reject_reason head(const char **at, const char *end)
{
    const char *p = *at;
    for (int part = 0; part < FID_PARTS; part++) {
        if (part != 0 && (p == end || *p++ != ':'))
            return REJECT_HEAD;
        if (end - p < 3 || p[0] != '0' || p[1] != 'x')
            return REJECT_HEAD;
        const char *digits = p += 2;
        while (p < end && is_hex_digit(*p))
            p++;
        if (p == digits || p - digits > HEX_DIGITS_MAX)
            return REJECT_HEAD;
    }
    if (p == end || !fields_is_blank(*p))
        return REJECT_HEAD;
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

const struct format lustre_format = {"lustre", true, head, fields, is_kind};
