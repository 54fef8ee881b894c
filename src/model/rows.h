/* rows: what the store is given: directories in preorder, from an iterator. Whoever can deliver
 * them in this order (a tree in memory, a merge of sorted runs) can be stored. */
#ifndef FSTALLY_ROWS_H
#define FSTALLY_ROWS_H

#include "dirstat.h"
#include "histogram.h"
#include "slice.h"

#define ROWS_SEVERAL INT64_MIN /* an owner column that is NULL: several owners */

struct rows_dir {
    int64_t id;             /* preorder number from 1 */
    int64_t parent_id;      /* 0: no stored parent */
    int64_t last_id;        /* last id of the subtree */
    struct slice path;      /* folded; borrowed until the next row */
    unsigned depth;         /* slashes; 0 for "/" */
    struct dirstat own;     /* files directly in it (_nr) */
    struct dirstat subtree; /* files at any depth (_r) */
    uint64_t own_dirs;      /* distinct directories directly in it */
    uint64_t subtree_dirs;  /* and at any depth, itself not counted */
    int64_t uid;            /* over the subtree: -1 no files, ROWS_SEVERAL, else the one owner */
    int64_t gid;            /* likewise; -1 also where the log records no group */
};

/* The files of one owner and group directly in a directory. */
struct rows_usage {
    int64_t dir_id;
    int64_t uid;
    int64_t gid; /* -1: not recorded */
    struct dirstat stat;
};

/* One bucket of a histogram of one owner's and group's files: those directly in a directory, or, at
 * the depth at which histograms end, at any depth below it. */
struct rows_bucket {
    int64_t dir_id;
    int64_t uid;
    int64_t gid; /* -1: not recorded */
    unsigned bucket;
    struct histogram_bucket counts;
};

/* Each `next` returns 1 and a row, 0 at the end, or -1 after a failure. Usage rows come only for
 * directories whose uid or gid is ROWS_SEVERAL, in the order of (dir_id, uid, gid); buckets in that
 * of (dir_id, uid, gid, bucket). Only one of the iterations is under way at a time; rewind begins
 * any of them anew. */
struct rows {
    void *state; /* borrowed */
    void (*rewind)(void *state);
    int (*next_dir)(void *state, struct rows_dir *row);
    int (*next_usage)(void *state, struct rows_usage *row);
    int (*next_bucket)(void *state, enum histogram_kind kind, struct rows_bucket *row);
};

#endif
