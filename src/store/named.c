/* named: a virtual table that can only be read from one end to the other, and a function that looks
 * at one bit. SQLite is not to plan with them: the statements say which comes first. One thread. */
#include "named.h"

#include <stdlib.h>

struct cursor {
    sqlite3_vtab_cursor base; /* first, as SQLite asks */
    int64_t id;
};

struct table {
    sqlite3_vtab base; /* first, as SQLite asks */
    const struct idset *set;
};

static const struct idset *set_of(const sqlite3_vtab_cursor *cursor)
{
    return ((const struct table *)cursor->pVtab)->set;
}

static int on_connect(sqlite3 *db, void *context, int argc, const char *const *argv,
                      sqlite3_vtab **out, char **message)
{
    (void)argc;
    (void)argv;
    (void)message;
    struct table *table = calloc(1, sizeof *table);
    if (table == NULL)
        return SQLITE_NOMEM;
    table->set = context;
    *out = &table->base;
    return sqlite3_declare_vtab(db, "CREATE TABLE x(dir_id INTEGER)");
}

static int on_disconnect(sqlite3_vtab *table)
{
    free(table);
    return SQLITE_OK;
}

static int on_best_index(sqlite3_vtab *table, sqlite3_index_info *info)
{
    (void)table;
    info->estimatedCost = 1; /* there is only one way */
    return SQLITE_OK;
}

static int on_open(sqlite3_vtab *table, sqlite3_vtab_cursor **out)
{
    (void)table;
    struct cursor *cursor = calloc(1, sizeof *cursor);
    *out = cursor == NULL ? NULL : &cursor->base;
    return cursor == NULL ? SQLITE_NOMEM : SQLITE_OK;
}

static int on_close(sqlite3_vtab_cursor *cursor)
{
    free(cursor);
    return SQLITE_OK;
}

static int on_filter(sqlite3_vtab_cursor *cursor, int plan, const char *plan_text, int argc,
                     sqlite3_value **argv)
{
    (void)plan;
    (void)plan_text;
    (void)argc;
    (void)argv;
    const struct idset *set = set_of(cursor);
    ((struct cursor *)cursor)->id = idset_next(set, set->first);
    return SQLITE_OK;
}

static int on_next(sqlite3_vtab_cursor *cursor)
{
    struct cursor *at = (struct cursor *)cursor;
    at->id = idset_next(set_of(cursor), at->id + 1);
    return SQLITE_OK;
}

static int on_eof(sqlite3_vtab_cursor *cursor)
{
    return ((const struct cursor *)cursor)->id > set_of(cursor)->last;
}

static int on_rowid(sqlite3_vtab_cursor *cursor, sqlite3_int64 *rowid)
{
    *rowid = ((const struct cursor *)cursor)->id;
    return SQLITE_OK;
}

static int on_column(sqlite3_vtab_cursor *cursor, sqlite3_context *to, int column)
{
    (void)column;
    sqlite3_result_int64(to, ((const struct cursor *)cursor)->id);
    return SQLITE_OK;
}

/* Eponymous: the table exists without CREATE VIRTUAL TABLE. */
static const sqlite3_module module = {
    .iVersion = 1,
    .xConnect = on_connect,
    .xBestIndex = on_best_index,
    .xDisconnect = on_disconnect,
    .xOpen = on_open,
    .xClose = on_close,
    .xFilter = on_filter,
    .xNext = on_next,
    .xEof = on_eof,
    .xColumn = on_column,
    .xRowid = on_rowid,
};

static void is_named(sqlite3_context *context, int count, sqlite3_value **values)
{
    (void)count;
    const struct idset *set = sqlite3_user_data(context);
    sqlite3_result_int(context, idset_has(set, sqlite3_value_int64(values[0])));
}

int named_offer(sqlite3 *db, struct idset *set)
{
    int code = sqlite3_create_module(db, "named", &module, set);
    if (code != SQLITE_OK)
        return code;
    return sqlite3_create_function(db, "is_named", 1, SQLITE_UTF8, set, is_named, NULL, NULL);
}
