/* utf8: one character at a time, by table 3-7 of the Unicode standard. What follows the second byte
 * is always 80..BF; only the second byte's bounds depend on the first. */
#include "utf8.h"

#include <stdint.h>

struct lead {
    size_t length;     /* 0: the byte begins nothing */
    unsigned char low; /* bounds of the second byte */
    unsigned char high;
};

static struct lead read_lead(unsigned char byte)
{
    if (byte < 0x80)
        return (struct lead){1, 0, 0};
    if (byte < 0xc2 || byte > 0xf4)
        return (struct lead){0, 0, 0};
    if (byte < 0xe0)
        return (struct lead){2, 0x80, 0xbf};
    if (byte < 0xf0)
        return (struct lead){3, byte == 0xe0 ? 0xa0 : 0x80, byte == 0xed ? 0x9f : 0xbf};
    return (struct lead){4, byte == 0xf0 ? 0x90 : 0x80, byte == 0xf4 ? 0x8f : 0xbf};
}

size_t utf8_length(struct slice text, size_t *stray)
{
    struct lead lead = read_lead((unsigned char)text.ptr[0]);
    size_t seen = 1;
    while (seen < lead.length && seen < text.len) {
        unsigned char byte = (unsigned char)text.ptr[seen];
        if (byte < (seen == 1 ? lead.low : 0x80) || byte > (seen == 1 ? lead.high : 0xbf))
            break;
        seen++;
    }
    if (seen == lead.length)
        return seen;
    *stray = seen;
    return 0;
}

bool utf8_is_shown(struct slice text, size_t length)
{
    const unsigned char *at = (const unsigned char *)text.ptr;
    switch (length) {
    case 0: /* as it is where characters are single bytes */
        return at[0] >= 0xa0;
    case 1:
        return at[0] >= 0x20 && at[0] != 0x7f;
    case 2:
        return at[0] != 0xc2 || at[1] >= 0xa0;
    case 3:
        if (at[0] != 0xe2 || at[1] < 0x80 || at[1] > 0x81)
            return true;
        return at[1] == 0x80 ? at[2] != 0x8e && at[2] != 0x8f && (at[2] < 0xaa || at[2] > 0xae)
                             : at[2] < 0xa6 || at[2] > 0xa9;
    default:
        return true;
    }
}

/* Most names are ASCII: those are passed over 8 bytes at a time. */
static size_t skip_ascii(struct slice text, size_t at)
{
    while (text.len - at >= 8) {
        uint64_t bytes;
        memcpy(&bytes, text.ptr + at, sizeof bytes);
        if ((bytes & UINT64_C(0x8080808080808080)) != 0)
            break;
        at += 8;
    }
    while (at < text.len && (unsigned char)text.ptr[at] < 0x80)
        at++;
    return at;
}

bool utf8_is_valid(struct slice text)
{
    size_t at = 0;
    while ((at = skip_ascii(text, at)) < text.len) {
        size_t stray;
        size_t length = utf8_length((struct slice){text.ptr + at, text.len - at}, &stray);
        if (length == 0)
            return false;
        at += length;
    }
    return true;
}
