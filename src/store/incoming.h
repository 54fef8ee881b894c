/* incoming: the rows to be stored as virtual tables, so that one INSERT ... SELECT moves a whole
 * batch inside SQLite. For writer.c only; one thread, one table at a time. */
#ifndef FSTALLY_INCOMING_H
#define FSTALLY_INCOMING_H

#include <sqlite3.h>
#include <stdbool.h>

#include "clock.h"
#include "rows.h"

/* The virtual tables; each has the columns of the table that it fills, in their order. */
enum incoming_table {
    INCOMING_DIRECTORIES, /* incoming_directories, and so on */
    INCOMING_STATS,
    INCOMING_USAGE,
    INCOMING_ACCESS, /* the subtree histograms */
    INCOMING_SIZE,
};

/* Public only so that it can lie on the stack. */
struct incoming {
    enum incoming_table table;
    const struct rows *rows;
    int64_t batch; /* rows a SELECT delivers at most */
    int64_t left;  /* of the SELECT that is running */
    bool done;     /* there are no more rows */
    struct rows_dir dir;
    struct rows_usage usage;
    struct rows_bucket bucket;
    char own_atime[CLOCK_TEXT]; /* of the current row, as text */
    char own_mtime[CLOCK_TEXT];
    char subtree_atime[CLOCK_TEXT];
    char subtree_mtime[CLOCK_TEXT];
};

/* Makes the virtual table for the rows from the first on; once for each table of a connection,
 * because SQLite before 3.30 cannot replace one. `incoming` and `rows` are borrowed as long as
 * statements read the table. Returns an SQLite status. */
int incoming_begin(struct incoming *incoming, sqlite3 *db, enum incoming_table table,
                   const struct rows *rows, int64_t batch);

/* Whether every row has been delivered. Each SELECT of the whole table delivers the next batch. */
bool incoming_is_done(const struct incoming *incoming);

#endif
