/* mergedrows: sorted runs, rolled up, as rows. */
#ifndef FSTALLY_MERGEDROWS_H
#define FSTALLY_MERGEDROWS_H

#include <stdatomic.h>

#include "err.h"
#include "ownermap.h"
#include "rollup.h"
#include "rows.h"
#include "slice.h"

struct mergedrows;
struct runs;

struct mergedrows_options {
    const char *path;             /* for temporary files (see spool.h) */
    struct slice root;            /* nothing above it is added; empty for none */
    const atomic_bool *cancelled; /* borrowed; once set it ends soon, as failed */
};

/* Numbers and adds up all directories of the runs, and the totals of every owner, as tree_new and
 * rollup_tree do; sums->path lives as long as the mergedrows. Keeps the rows in temporary files, of
 * which the pages at hand are in memory. One thread. */
int mergedrows_new(struct mergedrows **out, struct runs *runs,
                   const struct mergedrows_options *options, struct ownermap *users,
                   struct ownermap *groups, struct rollup_sums *sums, struct err *err);
void mergedrows_free(struct mergedrows *merged);

/* The rows; they live as long as the mergedrows. */
const struct rows *mergedrows_rows(const struct mergedrows *merged);

#endif
