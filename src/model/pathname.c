/* pathname: the rare and the slow parts of handling paths. Reentrant. */
#include "pathname.h"

#include <endian.h>
#include <stdint.h>

size_t pathname_fold(struct slice path, char *folded)
{
    size_t len = 0;
    for (size_t i = 0; i < path.len; i++)
        if (path.ptr[i] != '/' || len == 0 || folded[len - 1] != '/')
            folded[len++] = path.ptr[i];
    if (len > 1 && folded[len - 1] == '/')
        len--;
    return len;
}

unsigned pathname_depth(struct slice path)
{
    if (path.len == 1)
        return 0;
    unsigned slashes = 0;
    for (size_t i = 0; i < path.len; i++)
        slashes += path.ptr[i] == '/';
    return slashes;
}

bool pathname_is_in(struct slice path, struct slice directory)
{
    if (directory.len == 1)
        return true; /* all is in `/` */
    size_t i = 0;
    for (size_t at = 0; at < path.len; at++) {
        if (at != 0 && path.ptr[at] == '/' && path.ptr[at - 1] == '/')
            continue;
        if (i == directory.len)
            return path.ptr[at] == '/';
        if (path.ptr[at] != directory.ptr[i++])
            return false;
    }
    return i == directory.len;
}

size_t pathname_common(struct slice a, struct slice b)
{
    size_t least = a.len < b.len ? a.len : b.len;
    size_t i = 0;
    for (; i + 8 <= least; i += 8) {
        uint64_t left;
        uint64_t right;
        memcpy(&left, a.ptr + i, 8);
        memcpy(&right, b.ptr + i, 8);
        if (left != right)
            return i + (size_t)__builtin_ctzll(htole64(left ^ right)) / 8;
    }
    while (i < least && a.ptr[i] == b.ptr[i])
        i++;
    return i;
}

int pathname_compare(struct slice a, struct slice b)
{
    if (a.len == 1) /* `/` is above all: as if it were empty */
        a.len = 0;
    if (b.len == 1)
        b.len = 0;
    size_t i = pathname_common(a, b);
    if (i == a.len || i == b.len)
        return (a.len > b.len) - (a.len < b.len);
    /* A component ends before those that it begins: `/` comes before every other byte. */
    int left = a.ptr[i] == '/' ? 0 : (unsigned char)a.ptr[i];
    int right = b.ptr[i] == '/' ? 0 : (unsigned char)b.ptr[i];
    return left - right;
}
