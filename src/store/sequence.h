/* sequence: what virtual tables have in common that SQLite may only read from the first row to the
 * last; for the tables of this folder. A table adds its own xConnect, xFilter, xNext, xEof, xColumn
 * and xRowid (https://www.sqlite.org/vtab.html). */
#ifndef FSTALLY_SEQUENCE_H
#define FSTALLY_SEQUENCE_H

#include <sqlite3.h>
#include <stdint.h>

struct sequence_table {
    sqlite3_vtab base; /* first, as SQLite asks */
    void *context;     /* what the module was created with; borrowed */
};

struct sequence_cursor {
    sqlite3_vtab_cursor base; /* first, as SQLite asks */
    int64_t at;               /* the table's own note of where it is */
};

/* The rest of a sqlite3_module. Without xCreate a table is eponymous: it exists without CREATE
 * VIRTUAL TABLE. */
#define SEQUENCE_MODULE                                                                            \
    .iVersion = 1, .xBestIndex = sequence_best_index, .xDisconnect = sequence_disconnect,          \
    .xOpen = sequence_open, .xClose = sequence_close

/* For xConnect: makes the table, whose columns are those of `create`, a CREATE TABLE statement.
 * Returns SQLite's codes, as the others. */
int sequence_connect(sqlite3_vtab **out, sqlite3 *db, const char *create, void *context);

int sequence_best_index(sqlite3_vtab *table, sqlite3_index_info *info);
int sequence_disconnect(sqlite3_vtab *table);
int sequence_open(sqlite3_vtab *table, sqlite3_vtab_cursor **out);
int sequence_close(sqlite3_vtab_cursor *cursor);

static inline void *sequence_context(const sqlite3_vtab_cursor *cursor)
{
    return ((const struct sequence_table *)cursor->pVtab)->context;
}

#endif
