/* slice: a run of bytes that somebody else owns. Nothing here depends on a NUL. */
#ifndef FSTALLY_SLICE_H
#define FSTALLY_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct slice {
    const char *ptr; /* borrowed; may be NULL where len is 0 */
    size_t len;      /* bytes */
};

static inline struct slice slice_from(const char *text)
{
    return (struct slice){text, strlen(text)};
}

static inline bool slice_equal(struct slice a, struct slice b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

/* Order by bytes, a prefix before what it begins. Returns <0, 0 or >0. */
static inline int slice_compare(struct slice a, struct slice b)
{
    size_t common = a.len < b.len ? a.len : b.len;
    int order = common == 0 ? 0 : memcmp(a.ptr, b.ptr, common);
    if (order != 0)
        return order;
    return (a.len > b.len) - (a.len < b.len);
}

#endif
