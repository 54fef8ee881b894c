/* rows: what the store is given: the directories of a tree by number, and what belongs to them. */
#ifndef FSTALLY_ROWS_H
#define FSTALLY_ROWS_H

#include <stdbool.h>
#include <stddef.h>

#include "cells.h"
#include "dirstat.h"
#include "slice.h"

struct ownerpairs;

#define ROWS_SEVERAL INT64_MIN /* an owner column that is NULL: several owners */

struct rows_dir {
    int64_t id;             /* preorder number from 1 */
    int64_t parent_id;      /* 0: no stored parent */
    int64_t last_id;        /* last id of the subtree */
    struct slice path;      /* folded; borrowed as long as the rows */
    unsigned depth;         /* slashes; 0 for "/" */
    struct dirstat own;     /* files directly in it (_nr) */
    struct dirstat subtree; /* files at any depth (_r) */
    uint64_t own_dirs;      /* distinct directories directly in it */
    uint64_t subtree_dirs;  /* and at any depth, itself not counted */
    int64_t uid;            /* over the subtree: -1 no files, ROWS_SEVERAL, else the one owner */
    int64_t gid;            /* likewise; -1 also where the log records no group */
};

/* What is known of a directory without its path and its own files: all that indexes but that of the
 * paths ask for. As in rows_dir. */
struct rows_place {
    int64_t parent_id;
    int64_t last_id;
    bool path_is_blob;  /* it is not UTF-8 */
    bool below_follows; /* no sibling comes between it and what is below it when paths are sorted by
                           their bytes; false: not known */
    unsigned depth;
    uint64_t subtree_files;
    uint64_t subtree_size;
    int64_t uid;
};

/* The files of one owner and group directly in a directory. */
struct rows_usage {
    int64_t dir_id;
    int64_t uid;
    int64_t gid; /* -1: not recorded */
    struct dirstat stat;
};

/* The files of one owner and group directly in a directory, whether it has one or several, and how
 * many of the cells are theirs. */
struct rows_share {
    struct rows_usage usage;
    size_t cells;
};

/* The shares of some directories, by (dir_id, uid, gid), and their cells, each once a share, in the
 * order of their indexes. Zero-initialise; the lists are kept from one use to the next. */
struct rows_shares {
    struct rows_share *items;
    size_t count;
    size_t room;
    struct cells_count *cells;
    size_t cell_count;
    size_t cell_room;
};

void rows_shares_dispose(struct rows_shares *shares);

/* Empties the lists. */
static inline void rows_shares_clear(struct rows_shares *shares)
{
    shares->count = 0;
    shares->cell_count = 0;
}

/* Each function fills row `i` of as many as there are, from 0. Any number of threads at once; rows
 * that are asked for one after the other come soonest. */
struct rows {
    const void *state; /* borrowed */
    size_t dirs;
    size_t usages;                  /* only of directories whose uid or gid is ROWS_SEVERAL */
    const struct ownerpairs *pairs; /* of all usages and shares, sorted */
    void (*dir)(const void *state, size_t i, struct rows_dir *row);     /* its id is i + 1 */
    void (*place)(const void *state, size_t i, struct rows_place *row); /* of dir i */
    struct slice (*path)(const void *state, size_t i);                  /* of dir i */
    /* By (dir_id, uid, gid). */
    void (*usage)(const void *state, size_t i, struct rows_usage *row);
    /* Appends the shares of dir i. -1: out of memory. */
    int (*shares)(const void *state, size_t i, struct rows_shares *shares);
};

/* Room for one more share with all cells. -1: out of memory. */
int rows_shares_grow(struct rows_shares *shares);

/* The number of the first usage whose directory is `dir_id` or comes after it. */
size_t rows_first_usage(const struct rows *rows, int64_t dir_id);

#endif
