/* subtree: one database from one directory on (or all of it) as a tree: its totals, and its
 * directories in preorder, all or the largest.
 *
 * Of a filter only the path prefix counts, and the mounts that it may be named by. */
#ifndef FSTALLY_SUBTREE_H
#define FSTALLY_SUBTREE_H

#include <stddef.h>
#include <stdint.h>

#include "scope.h"
#include "slice.h"

struct err;
struct federation;
struct filter;
struct reader;
struct reader_rows;

/* Columns of a row. */
enum subtree_column {
    SUBTREE_LAST_ID, /* of the ids below it */
    SUBTREE_ID,
    SUBTREE_DEPTH,
    SUBTREE_NAME, /* the last component; the path of a single root, or one without a stored parent */
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
    SUBTREE_GROUP,
    SUBTREE_MTIME_R, /* seconds since 1970; NULL: not known */
    SUBTREE_MTIME_NR,
    SUBTREE_COLUMNS,
};

struct subtree {
    struct federation *federation; /* borrowed; of one database */
    struct reader *reader;         /* its */
    struct scope_range range;
    int64_t skipped;    /* directories above it that subtree_skip_chain has passed */
    int64_t roots;      /* directories in the range whose parents are not */
    struct slice above; /* of several roots: the parent's path, or `/`; owned */
    int64_t directories;
    int64_t files;
    int64_t size;             /* bytes */
    int64_t alloc;            /* bytes */
    int64_t scanned;          /* seconds since 1970-01-01 UTC; 0: the database does not tell */
    struct reader_rows *rows; /* the current row, once subtree_next has returned 1 */
    int64_t *ids;             /* of the largest, in order; NULL: all */
    size_t count;
    size_t given;
};

/* Of the one database of a federation. To be closed in any case. */
int subtree_open(struct subtree *out, struct federation *federation, const struct filter *filter,
                 struct err *err);
void subtree_close(struct subtree *subtree);

/* Goes down from the top as long as a directory has nothing in it but a single subdirectory:
 * what is left begins where the tree branches. Before subtree_begin. */
int subtree_skip_chain(struct subtree *subtree, struct err *err);

/* Begins the walk through the `limit` directories of most bytes (0: all), in preorder. A directory
 * is never without its parent: that one is at least as large, and comes first among equals. */
int subtree_begin(struct subtree *subtree, int64_t limit, struct err *err);

/* 1: subtree->rows has the next directory; 0: there is none; -1: err is filled. */
int subtree_next(struct subtree *subtree, struct err *err);

#endif
