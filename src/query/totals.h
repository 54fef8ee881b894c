/* totals: owners' (or groups') totals of several databases, added up. */
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
};

struct totals {
    struct totals_entry *entries; /* owned */
    size_t count;
    size_t room;
};

/* Takes the current row of a statement_totals statement. */
int totals_add(struct totals *totals, const struct reader_rows *rows, struct err *err);

/* After the last row: folds entries of one id into one, sorts them as the filter asks and cuts them
 * to its limit. Fails where a sum is beyond 63 bits. */
int totals_finish(struct totals *totals, const struct filter *filter, struct err *err);

void totals_free(struct totals *totals); /* what the totals own */

#endif
