/* gather: the directories that logs and databases name, with the files directly in each: in a map as
 * long as that is within a limit, beyond it as sorted runs in a temporary file; in the end as rows. */
#ifndef FSTALLY_GATHER_H
#define FSTALLY_GATHER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "err.h"
#include "ownermap.h"
#include "rollup.h"
#include "rows.h"
#include "slice.h"

struct dirmap;
struct gather;

/* All borrowed. */
struct gather_options {
    struct slice root;     /* nothing above it is added; empty for none */
    size_t bytes_most;     /* of the directories in memory, about; 0: no limit */
    const char *temporary; /* for temporary files (see spool.h); needed where there is a limit */
    unsigned threads;      /* at least 1 */
    const atomic_bool *cancelled; /* once set each call ends soon, as failed */
};

/* Never NULL. */
struct gather *gather_new(const struct gather_options *options);
void gather_free(struct gather *gather);

/* The map to fold into: another one after gather_relieve. */
struct dirmap *gather_map(struct gather *gather);

/* Whether gather_relieve is to be called before more is folded. Any number of threads. */
bool gather_is_full(const struct gather *gather);

/* Makes room, on one thread while nobody folds. */
int gather_relieve(struct gather *gather, struct err *err);

/* Notes a directory of a database. One outside the root makes the root a directory like others. */
void gather_widen(struct gather *gather, struct slice path);

/* Numbers and adds up all directories, and the totals of every owner (see rollup.h); nothing is folded
 * afterwards. sums->path lives as long as the gather. */
int gather_finish(struct gather *gather, struct ownermap *users, struct ownermap *groups,
                  struct rollup_sums *sums, struct err *err);

/* The rows after gather_finish; they live as long as the gather. */
const struct rows *gather_rows(const struct gather *gather);

#endif
