/* runs: directories written down in preorder, a run at a time, and merged to one stream. */
#ifndef FSTALLY_RUNS_H
#define FSTALLY_RUNS_H

#include <stdatomic.h>
#include <stdint.h>

#include "err.h"
#include "rows.h"
#include "slice.h"

struct dirmap;
struct runs;
struct tree;

/* A directory and the files directly in it. */
struct runs_entry {
    struct slice path; /* folded */
    int64_t max_mtime; /* of its files, where known */
    struct rows_shares
        *shares; /* by (uid, gid), but may be put in another order; their dir_id is 0 */
};

/* Its temporary files take `path` as their name for a moment (see spool.h). */
int runs_new(struct runs **out, const char *path, const atomic_bool *cancelled, struct err *err);
void runs_free(struct runs *runs);

/* How many there are. */
size_t runs_count(const struct runs *runs);

/* Writes the directories of `map`, which `tree` has numbered, as one more run. Many runs become
 * one. */
int runs_add(struct runs *runs, const struct dirmap *map, const struct tree *tree, struct err *err);

/* The directories of all runs in preorder, each once, the files of all runs together. Begins
 * anew; no run may be added until the end. */
int runs_begin(struct runs *runs, struct err *err);

/* The next one: 1 and *entry, which is valid until the next call; 0: there is none; -1: failed. */
int runs_next(struct runs *runs, struct runs_entry *entry, struct err *err);

/* Fails: the temporary file does not hold what was written to it. */
int runs_damaged(const char *path, struct err *err);

#endif
