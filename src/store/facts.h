/* facts: the compact columns of a database, block by block.
 *
 * A block is FACTS_BLOCK directories with consecutive ids, the last one perhaps fewer. It has
 * columns of several lengths:
 *  - a value a directory;
 *  - a value a share: the files of one owner and group directly in a directory, in the order of
 *    the directories, then of (uid, gid);
 *  - a value a share of a directory that has several (elsewhere the directory's own say it);
 *  - a value a cell (model/cells.h) of a share.
 * Readers belong to one thread each; any number may be open on a database. */
#ifndef FSTALLY_FACTS_H
#define FSTALLY_FACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "packed.h"
#include "slice.h"

struct err;
struct facts;
struct ownerpairs_pair;
struct reader;

enum { FACTS_BLOCK = 4096 };

#define FACTS_NULL PACKED_NULL

/* In the order in which a block stores them. */
enum facts_column {
    /* A value a directory. */
    FACTS_DEPTH,
    FACTS_PARENT, /* its id less that of its parent; NULL: no stored parent */
    FACTS_DIRS_R, /* also the number of ids that follow and are of its subtree */
    FACTS_DIRS_NR,
    FACTS_FILES_R,
    FACTS_FILES_NR,
    FACTS_SIZE_R,
    FACTS_SIZE_NR,
    FACTS_ALLOC_R,
    FACTS_ALLOC_NR,
    FACTS_ATIME_R, /* instants (base/clock.h); NULL: none */
    FACTS_ATIME_NR,
    FACTS_MTIME_R,
    FACTS_MTIME_NR,
    FACTS_OWNER, /* as owner_uid and owner_gid of directory_stats: -1, NULL, or the one */
    FACTS_GROUP,
    FACTS_SHARES, /* how many shares it has */
    /* A value a share. */
    FACTS_SHARE_PAIR,  /* its row of facts_owner */
    FACTS_SHARE_CELLS, /* how many cells it has */
    /* A value a share of directories with several. */
    FACTS_SEVERAL_FILES,
    FACTS_SEVERAL_SIZE,
    FACTS_SEVERAL_ALLOC,
    FACTS_SEVERAL_ATIME,
    /* A value a cell. */
    FACTS_CELL,
    FACTS_CELL_FILES,
    FACTS_CELL_SIZE,
    FACTS_COLUMNS,
};

/* Opens the facts of a database of `directories` directories, which the reader, borrowed for the
 * call, has open; to be used in any thread. Fails also where its file has been replaced since. */
int facts_open(struct facts **out, const struct reader *reader, int64_t directories,
               struct err *err);
void facts_close(struct facts *facts);

/* The owners and groups that shares name by number: *out is to be freed, in any case. */
int facts_pairs(struct ownerpairs_pair **out, size_t *count, struct reader *reader,
                struct err *err);

/* Turns to block `block`, in [0, facts_blocks). */
size_t facts_blocks(const struct facts *facts);
int facts_turn(struct facts *facts, size_t block, struct err *err);

/* Of the block turned to: the id of its first directory, and how many it has. */
int64_t facts_first_id(const struct facts *facts);
uint32_t facts_count(const struct facts *facts);

/* A column's bounds and length, without reading it. low > high: all are NULL. */
const struct packed *facts_bounds(const struct facts *facts, enum facts_column column);

/* A column's values, valid until the next facts_turn. NULL: err is filled. */
const int64_t *facts_values(struct facts *facts, enum facts_column column, struct err *err);

/* The names of the block's directories, each followed by a NUL; valid as the values. */
int facts_names(struct slice *out, struct facts *facts, struct err *err);

enum facts_share_figure {
    FACTS_SHARE_FILES,
    FACTS_SHARE_SIZE,
    FACTS_SHARE_ALLOC,
    FACTS_SHARE_ATIME, /* or FACTS_NULL */
    FACTS_SHARE_FIGURES,
};

/* The files of an owner and group directly in a directory. */
struct facts_share {
    uint32_t directory; /* in the block, from 0 */
    uint32_t pair;
    uint32_t cells_begin; /* its cells: [cells_begin, cells_end) */
    uint32_t cells_end;
    int64_t figures[FACTS_SHARE_FIGURES];
};

/* What is wanted of shares beside their directory and pair; the rest may be anything. */
enum facts_want {
    FACTS_WANT_CELLS,
    FACTS_WANT_SIZE, /* the figures files and size */
    FACTS_WANT_FIGURES,
    FACTS_WANT_ALL,
};

/* All shares of the block; valid as the values. Their pairs are less than `pair_limit`. */
int facts_shares(const struct facts_share **out, size_t *count, struct facts *facts,
                 enum facts_want want, size_t pair_limit, struct err *err);

/* Files by age and size: the shares' cells, one after the other. */
struct facts_cells {
    const int64_t *index; /* model/cells.h */
    const int64_t *files;
    const int64_t *size;
    uint32_t count;
};

/* All cells of the block; valid as the values. */
int facts_cells(struct facts_cells *out, struct facts *facts, struct err *err);

/* Where each directory's cells begin: directory i of the block has [(*out)[i], (*out)[i + 1]).
 * Valid as the values. */
int facts_cell_starts(const uint32_t **out, struct facts *facts, struct err *err);

/* Figures are added up to INT64_MAX, where a sum stays. */
static inline int64_t facts_sum(int64_t a, int64_t b)
{
    int64_t sum;
    return __builtin_add_overflow(a, b, &sum) ? INT64_MAX : sum;
}

#endif
