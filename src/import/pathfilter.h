/* pathfilter: which entries of a log count, by their paths. */
#ifndef FSTALLY_PATHFILTER_H
#define FSTALLY_PATHFILTER_H

#include <stdbool.h>
#include <stddef.h>

#include "slice.h"

struct pathfilter;

struct pathfilter_options {
    /* Both absolute, and NULL for none. A file at exactly this path lies in the directory above it,
     * so it is outside. */
    const char *under; /* entries outside it are rejected */
    const char *root;  /* nothing above it is stored */
    /* A slash at the end of a pattern is dropped. A pattern that begins with `/` and has no
     * wildcard is a directory: it and all below it is excluded. One with wildcards (glob(7), where
     * `*` takes slashes too) is matched against a path and against each directory above it; one
     * without a slash against each single name. */
    const char *const *excludes;
    size_t exclude_count;
};

enum pathfilter_answer {
    PATHFILTER_COUNT,
    PATHFILTER_ABOVE,   /* a directory above `root`: not stored, and no fault of the scan */
    PATHFILTER_OUTSIDE, /* not in `under` or `root` */
    PATHFILTER_EXCLUDED,
};

/* What one thread keeps between questions. Zero-initialise. */
struct pathfilter_memo {
    char *path; /* a copy of the last path, its slashes folded */
    size_t room;
    size_t parent_len; /* of the directory that was the last entry's; 0: none is known */
};

/* Copies what it needs. NULL where every path counts. */
struct pathfilter *pathfilter_new(const struct pathfilter_options *options);
void pathfilter_free(struct pathfilter *filter);

/* The folded root; empty where there is none, or no filter. Lives as long as the filter. */
struct slice pathfilter_root(const struct pathfilter *filter);

/* What to do with the entry at an absolute path. Any number of threads, each with its own memo. */
enum pathfilter_answer pathfilter_ask(const struct pathfilter *filter, struct pathfilter_memo *memo,
                                      struct slice path, bool is_directory);
void pathfilter_memo_dispose(struct pathfilter_memo *memo);

#endif
