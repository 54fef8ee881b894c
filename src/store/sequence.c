/* sequence: the small duties of a virtual table. There is only one way to read it, so there is
 * nothing to plan; the statements say which table comes first. One thread. */
#include "sequence.h"

#include <stdlib.h>

int sequence_connect(sqlite3_vtab **out, sqlite3 *db, const char *create, void *context)
{
    struct sequence_table *table = calloc(1, sizeof *table);
    if (table == NULL)
        return SQLITE_NOMEM;
    table->context = context;
    *out = &table->base;
    return sqlite3_declare_vtab(db, create);
}

int sequence_best_index(sqlite3_vtab *table, sqlite3_index_info *info)
{
    (void)table;
    info->estimatedCost = 1;
    return SQLITE_OK;
}

int sequence_disconnect(sqlite3_vtab *table)
{
    free(table);
    return SQLITE_OK;
}

int sequence_open(sqlite3_vtab *table, sqlite3_vtab_cursor **out)
{
    (void)table;
    struct sequence_cursor *cursor = calloc(1, sizeof *cursor);
    *out = cursor == NULL ? NULL : &cursor->base;
    return cursor == NULL ? SQLITE_NOMEM : SQLITE_OK;
}

int sequence_close(sqlite3_vtab_cursor *cursor)
{
    free(cursor);
    return SQLITE_OK;
}
