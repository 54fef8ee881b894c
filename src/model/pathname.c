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
