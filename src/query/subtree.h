/* subtree: one database from one directory on (or all of it) as a tree: its totals, and its
 * directories in preorder, all or the largest. What draws trees (ncdu, report) starts here.
 *
 * Of a filter only the path prefix counts, and the mounts that it may be named by. */
#ifndef FSTALLY_SUBTREE_H
#define FSTALLY_SUBTREE_H

#include "scope.h"

#include <stdint.h>

struct err;
struct filter;
struct reader;
struct reader_rows;

struct subtree {
    struct reader *reader; /* owned */
    struct scope scope;
    int64_t roots; /* directories without a stored parent, or the one asked for */
    int64_t directories;
    int64_t files;
    int64_t size;    /* bytes */
    int64_t alloc;   /* bytes */
    int64_t scanned; /* seconds since 1970-01-01 UTC; 0: the database does not tell */
};

/* Columns of subtree_largest. */
enum subtree_column {
    SUBTREE_LAST_ID, /* of the ids below it */
    SUBTREE_ID,
    SUBTREE_DEPTH,
    SUBTREE_NAME, /* the last component; of a root the path */
    SUBTREE_FILES_R,
    SUBTREE_DIRS_R,
    SUBTREE_SIZE_R,
    SUBTREE_ALLOC_R,
    SUBTREE_ATIME_R, /* a day; NULL: not known */
    SUBTREE_FILES_NR,
    SUBTREE_SIZE_NR,
    SUBTREE_ALLOC_NR,
    SUBTREE_ATIME_NR,
    SUBTREE_OWNER,
    SUBTREE_COLUMNS,
};

/* Borrows path and filter for the call. Fails where the database cannot be read or does not hold
 * the filter's path. */
int subtree_open(struct subtree *out, const char *path, const struct filter *filter,
                 struct err *err);
void subtree_close(struct subtree *subtree); /* what the subtree owns; its rows are closed before */

/* The `limit` directories of most bytes (0: all), in preorder. A directory is never without its
 * parent: that one is at least as large, and comes first among equals. */
int subtree_largest(struct reader_rows **out, const struct subtree *subtree, int64_t limit,
                    struct err *err);

#endif
