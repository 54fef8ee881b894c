/* pathname: the rare and the slow parts of handling paths. Reentrant. */
#include "pathname.h"

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
