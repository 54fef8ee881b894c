/* totals: owners' (or groups') totals of several databases, added up, and what each has of them. */
#ifndef FSTALLY_TOTALS_H
#define FSTALLY_TOTALS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct filter;
struct reader_rows;

struct totals_entry {
    int64_t id; /* uid or gid */
    char *name; /* owned; NULL: no database knows it */
    int64_t files;
    int64_t size;
    int64_t alloc;
    int64_t directories;
    char atime[20]; /* "": none */
    size_t source;  /* the database's place; of a sum the first's */
    size_t first;   /* of a sum: its parts are parts[first] and the part_count - 1 that follow */
    size_t part_count;
};

struct totals {
    struct totals_entry *entries; /* owned */
    size_t count;
    size_t room;
    struct totals_entry *parts; /* once finished: what was added, by id and source, without names */
};

/* Takes the current row of a statement_totals statement over the database at place `source`. */
int totals_add(struct totals *totals, const struct reader_rows *rows, size_t source,
               struct err *err);

/* Forgets the rows taken last, so that `count` are left. Not once finished. */
void totals_cut(struct totals *totals, size_t count);

/* After the last row: folds entries of one id into one, sorts them as the filter asks and cuts them
 * to its limit. A sum stays at INT64_MAX. */
int totals_finish(struct totals *totals, const struct filter *filter, struct err *err);

void totals_free(struct totals *totals); /* what the totals own */

#endif
