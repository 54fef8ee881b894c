/* previous: what a database already holds, read back so that new logs add to it. */
#ifndef FSTALLY_PREVIOUS_H
#define FSTALLY_PREVIOUS_H

#include <stdatomic.h>
#include <stdbool.h>

#include "dirmap.h"
#include "err.h"
#include "writer.h"

struct previous;

/* Folds the files of the database at `path` into `dirs`, and keeps its scans. A sum of INT64_MAX comes back as DIRSTAT_OVERFLOW. `*out` is
 * left as it is on failure. */
int previous_load(struct previous **out, const char *path, struct dirmap *dirs,
                  const atomic_bool *cancelled, struct err *err);
void previous_free(struct previous *previous);

/* Its rows of scan_metadata, in order; borrowed. `previous` may be NULL: none. */
const struct writer_scan *previous_scans(const struct previous *previous, size_t *count);

/* Whether the file at `path` may be replaced: it is absent, empty, or one of ours, damaged or
 * not. */
int previous_check_replaceable(const char *path, struct err *err);

/* 1: there is something at `path` to add to; 0: it is absent or empty; -1: that cannot be told. */
int previous_exists(const char *path, struct err *err);

#endif
