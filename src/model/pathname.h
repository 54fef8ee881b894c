/* pathname: absolute paths as bytes. Folded means: begins with `/`, no `//`, no `/` at the end
 * unless it is all there is. `.` and `..` are names like others. */
#ifndef FSTALLY_PATHNAME_H
#define FSTALLY_PATHNAME_H

#include <stdbool.h>

#include "bytescan.h"
#include "slice.h"

/* Whether an absolute path is folded. */
static inline bool pathname_is_folded(struct slice path)
{
    if (path.len > 1 && path.ptr[path.len - 1] == '/')
        return false;
    const char *end = path.ptr + path.len;
    return bytescan_pair(path.ptr, end, '/') == end;
}

/* Writes the folded form of an absolute path to `folded`, room for path.len bytes; returns its
 * length, at least 1. */
size_t pathname_fold(struct slice path, char *folded);

/* The directory above a folded path: "/" for "/a"; empty for "/". Borrows from the path. A path
 * whose bytes are changed meanwhile gives any of its beginnings. */
static inline struct slice pathname_parent(struct slice path)
{
    const char *slash = memrchr(path.ptr, '/', path.len);
    size_t len = slash == NULL ? 0 : (size_t)(slash - path.ptr);
    if (len == 0)
        len = path.len == 1 ? 0 : 1;
    return (struct slice){path.ptr, len};
}

/* The last component of a folded path; "/" for "/". Borrows from the path. */
static inline struct slice pathname_last(struct slice path)
{
    size_t parent = path.len == 1 ? 0 : pathname_parent(path).len;
    size_t begin = parent + (parent > 1); /* "/" ends in its slash already */
    return (struct slice){path.ptr + begin, path.len - begin};
}

/* Whether a path, folded or not, is the folded directory or lies in it, at any depth. */
bool pathname_is_in(struct slice path, struct slice directory);

/* How many bytes two paths have in common at their begin. */
size_t pathname_common(struct slice a, struct slice b);

/* The order of folded paths in preorder: component by component. Returns <0, 0 or >0. */
int pathname_compare(struct slice a, struct slice b);

/* The slashes of a folded path; 0 for "/". */
unsigned pathname_depth(struct slice path);

#endif
