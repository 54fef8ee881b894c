/* head: the numbers of a HEAD are checked and skipped; nobody uses them, so any count of digits
 * will do. Reentrant. */
#include "head.h"

#include "bytescan.h"
#include "num.h"

/* Digits and the blanks after them. */
static inline bool read_number(const char **at, const char *end)
{
    const char *p = num_skip_digits(*at, end);
    if (p == *at || p == end || !bytescan_is_blank(*p))
        return false;
    *at = bytescan_skip_blanks(p + 1, end);
    return true;
}

static inline bool read_gpfs(const char **at, const char *end)
{
    const char *p = *at;
    if (p < end && *p == '<') {
        const char *digits = ++p;
        p = num_skip_digits(p, end);
        if (p == digits || end - p < 2 || *p != '>' || !bytescan_is_blank(p[1]))
            return false;
        p = bytescan_skip_blanks(p + 2, end);
    }
    if (!read_number(&p, end) || !read_number(&p, end) || !read_number(&p, end))
        return false;
    *at = p;
    return true;
}

static bool is_hex_digit(char c)
{
    return num_is_digit(c) || (unsigned char)((c | 0x20) - 'a') < 6;
}

static inline const char *skip_hex_digits(const char *p, const char *end)
{
#ifdef __SSE2__
    for (; end - p >= 16; p += 16) {
        unsigned others = ~bytescan_hex_digits(bytescan_load(p)) & 0xFFFF;
        if (others != 0)
            return p + __builtin_ctz(others);
    }
#endif
    while (p < end && is_hex_digit(*p))
        p++;
    return p;
}

/* Three hexadecimal numbers: sequence, object, version. */
static bool read_lustre(const char **at, const char *end)
{
    const char *p = *at;
    for (int part = 0; part < 3; part++) {
        if (part != 0 && (p == end || *p++ != ':'))
            return false;
        if (end - p < 3 || p[0] != '0' || p[1] != 'x')
            return false;
        const char *digits = p + 2;
        p = skip_hex_digits(digits, end);
        if (p == digits)
            return false;
    }
    if (p == end || !bytescan_is_blank(*p))
        return false;
    *at = bytescan_skip_blanks(p + 1, end);
    return true;
}

bool head_read(enum layout_head head, const char **at, const char *end)
{
    switch (head) {
    case LAYOUT_HEAD_GPFS:
        return read_gpfs(at, end);
    case LAYOUT_HEAD_LUSTRE:
        return read_lustre(at, end);
    case LAYOUT_HEAD_FIND:
        return read_number(at, end);
    case LAYOUT_HEAD_NONE:
        break;
    }
    return true;
}
