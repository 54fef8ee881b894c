/* escape: decoding never makes a text longer, so the caller knows the room. Reentrant. */
#include "escape.h"

#include <stdint.h>

/* The value of a hexadecimal digit, or -1. */
static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    char letter = (char)(c | 0x20);
    return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

/* Exactly `count` hexadecimal digits from p on. False: there are fewer. */
static bool read_hex(const char *p, const char *end, unsigned count, uint32_t *value)
{
    if ((size_t)(end - p) < count)
        return false;
    *value = 0;
    for (unsigned i = 0; i < count; i++) {
        int digit = hex_digit(p[i]);
        if (digit < 0)
            return false;
        *value = *value << 4 | (uint32_t)digit;
    }
    return true;
}

size_t escape_decode_percent(struct slice text, char *out)
{
    const char *end = text.ptr + text.len;
    size_t len = 0;
    for (const char *p = text.ptr; p < end; p++) {
        uint32_t value;
        if (*p == '%' && read_hex(p + 1, end, 2, &value)) {
            out[len++] = (char)value;
            p += 2;
        } else {
            out[len++] = *p;
        }
    }
    return len;
}

/* Writes a character in UTF-8 (RFC 3629); returns its length, 0 where there is no such character.
 */
static size_t put_utf8(uint32_t c, char *out)
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xC0 | c >> 6);
        out[1] = (char)(0x80 | (c & 0x3F));
        return 2;
    }
    if (c >= 0xD800 && c < 0xE000)
        return 0;
    if (c < 0x10000) {
        out[0] = (char)(0xE0 | c >> 12);
        out[1] = (char)(0x80 | (c >> 6 & 0x3F));
        out[2] = (char)(0x80 | (c & 0x3F));
        return 3;
    }
    if (c > 0x10FFFF)
        return 0;
    out[0] = (char)(0xF0 | c >> 18);
    out[1] = (char)(0x80 | (c >> 12 & 0x3F));
    out[2] = (char)(0x80 | (c >> 6 & 0x3F));
    out[3] = (char)(0x80 | (c & 0x3F));
    return 4;
}

/* One to three octal digits, at most 255. Returns how many; 0: none. */
static unsigned read_octal(const char *p, const char *end, uint32_t *value)
{
    unsigned count = 0;
    *value = 0;
    while (count < 3 && p + count < end && p[count] >= '0' && p[count] <= '7' &&
           (*value << 3 | (uint32_t)(p[count] - '0')) <= 255)
        *value = *value << 3 | (uint32_t)(p[count++] - '0');
    return count;
}

/* Decodes the escape whose backslash is at p, into out. Returns the bytes that it takes, 0 where it
 * is none; *len: the bytes that it means. */
static size_t decode_one(const char *p, const char *end, char *out, size_t *len)
{
    static const char letters[] = "abfnrtv\\\"'";
    static const char meanings[] = "\a\b\f\n\r\t\v\\\"'";
    if (p + 1 == end)
        return 0;
    char kind = p[1];
    const char *letter = kind == '\0' ? NULL : strchr(letters, kind);
    if (letter != NULL) {
        *out = meanings[letter - letters];
        *len = 1;
        return 2;
    }
    uint32_t value;
    unsigned digits = kind == 'x' ? 2 : kind == 'u' ? 4 : kind == 'U' ? 8 : 0;
    if (digits != 0) {
        if (!read_hex(p + 2, end, digits, &value))
            return 0;
        *out = (char)value;
        *len = kind == 'x' ? 1 : put_utf8(value, out);
        return *len == 0 ? 0 : 2 + digits;
    }
    digits = read_octal(p + 1, end, &value);
    *out = (char)value;
    *len = 1;
    return digits == 0 ? 0 : 1 + digits;
}

size_t escape_decode_backslash(struct slice text, char *out)
{
    const char *end = text.ptr + text.len;
    size_t len = 0;
    for (const char *p = text.ptr; p < end;) {
        char bytes[4];
        size_t count = 0;
        size_t taken = *p == '\\' ? decode_one(p, end, bytes, &count) : 0;
        if (taken == 0) {
            out[len++] = *p++;
            continue;
        }
        memcpy(out + len, bytes, count);
        len += count;
        p += taken;
    }
    return len;
}
