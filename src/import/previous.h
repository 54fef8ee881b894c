/* previous: what databases hold, read back so that it is added up with logs. */
#ifndef FSTALLY_PREVIOUS_H
#define FSTALLY_PREVIOUS_H

#include <stdatomic.h>
#include <stdbool.h>

#include "err.h"
#include "gather.h"
#include "writer.h"

struct previous;

/* Never NULL. */
struct previous *previous_new(void);
void previous_free(struct previous *previous);

/* Folds the files of the database at `path` into `dirs`, which is relieved meanwhile, and keeps its
 * scans after those that there are. A sum of INT64_MAX comes back as DIRSTAT_OVERFLOW. `path` is borrowed as long as `previous`.
 * On failure `dirs` may hold some of it. */
int previous_load(struct previous *previous, const char *path, struct gather *dirs,
                  const atomic_bool *cancelled, struct err *err);

/* The rows of scan_metadata of all, in order; borrowed until the next previous_load. */
const struct writer_scan *previous_scans(const struct previous *previous, size_t *count);

/* The database that scan `i` of them comes from. */
const char *previous_database(const struct previous *previous, size_t i);

/* 1: the file at `path` is a SQLite database, fstally's or not, which as an input is added up instead
 * of being parsed; 0: it is none; -1: it cannot be read. */
int previous_is_database(const char *path, struct err *err);

/* Whether the file at `path` may be replaced: it is absent, empty, or one of ours, damaged or
 * not. */
int previous_check_replaceable(const char *path, struct err *err);

/* 1: there is something at `path` to add to; 0: it is absent or empty; -1: that cannot be told. */
int previous_exists(const char *path, struct err *err);

#endif
