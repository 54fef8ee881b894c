/* incoming: the rows to be stored as a virtual table `incoming`, so that one INSERT ... SELECT
 * moves a whole batch inside SQLite. For writer.c only; one thread, one table at a time. */
#ifndef FSTALLY_INCOMING_H
#define FSTALLY_INCOMING_H

#include <sqlite3.h>
#include <stdbool.h>

#include "clock.h"
#include "rows.h"

/* Whose columns `incoming` has, in their order. */
enum incoming_table {
    INCOMING_DIRECTORIES,
    INCOMING_STATS,
    INCOMING_USAGE,
    INCOMING_ACCESS, /* the subtree histograms */
    INCOMING_SIZE,
};

/* Public only so that it can lie on the stack. */
struct incoming {
    sqlite3 *db;
    enum incoming_table table;
    const struct rows *rows;
    int64_t batch; /* rows a SELECT delivers at most */
    int64_t left;  /* of the SELECT that is running */
    bool done;     /* there are no more rows */
    struct rows_dir dir;
    struct rows_usage usage;
    struct rows_bucket bucket;
    char own_atime[CLOCK_TEXT]; /* of the current row, as text */
    char subtree_atime[CLOCK_TEXT];
};

/* Makes the table `incoming` for the rows from the first on. `incoming` and `rows` are borrowed
 * until incoming_end. An SQLite status. */
int incoming_begin(struct incoming *incoming, sqlite3 *db, enum incoming_table table,
                   const struct rows *rows, int64_t batch);

/* Whether every row has been delivered. Each SELECT of all of `incoming` delivers the next
 * batch. */
bool incoming_is_done(const struct incoming *incoming);

void incoming_end(struct incoming *incoming);

#endif
