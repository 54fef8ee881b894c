/* incoming: the rows of one table as a virtual table, so that one INSERT ... SELECT moves a whole
 * batch inside SQLite. For sqlwriter.c only; one thread, one table at a time. */
#ifndef FSTALLY_INCOMING_H
#define FSTALLY_INCOMING_H

#include <sqlite3.h>
#include <stdbool.h>

#include "columns.h"

enum { INCOMING_NAME = 64 };

/* Public only so that it can lie on the stack. */
struct incoming {
    enum columns_table table;
    const struct rows *rows;
    size_t next;              /* the row that comes next */
    size_t end;               /* of the SELECT that is running */
    size_t batch;             /* rows that a SELECT delivers at most */
    char name[INCOMING_NAME]; /* of the virtual table */
    struct columns_row row;
};

/* Makes the virtual table for the rows from the first on; once for each table of a connection,
 * because SQLite before 3.30 cannot replace one. `incoming` and `rows` are borrowed as long as
 * statements read the table. Returns an SQLite status. */
int incoming_begin(struct incoming *incoming, sqlite3 *db, enum columns_table table,
                   const struct rows *rows, int64_t batch);

/* Whether every row has been delivered. Each SELECT of the whole table delivers the next batch. */
bool incoming_is_done(const struct incoming *incoming);

#endif
