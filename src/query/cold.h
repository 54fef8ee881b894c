/* cold: for every directory of a database the bytes and files below it that were not accessed for
 * some time: all of them, or those of some owners and groups. */
#ifndef FSTALLY_COLD_H
#define FSTALLY_COLD_H

#include <stdint.h>

struct err;
struct scan;

/* 20 bytes a directory, and 8 where the largest children are asked for. [0] is directory 1. */
struct cold {
    int64_t directories;
    int64_t *size; /* logical bytes, at any depth; a sum stays at INT64_MAX */
    int64_t *files;
    int64_t *largest_child; /* the most bytes that a single subdirectory has; NULL: not asked for */
    uint32_t *parents;      /* places; UINT32_MAX: none. While it is made */
};

/* Of the whole database, for the files that the scan's filter and scope ask for: cold_bucket,
 * owners, groups. To be disposed in any case. */
int cold_make(struct cold *out, const struct scan *scan, struct err *err);
void cold_dispose(struct cold *cold);

/* The same with a column of the facts in place of cold bytes; there are no files. */
int cold_make_children(struct cold *out, const struct scan *scan, int column, struct err *err);

#endif
