/* named: a virtual table that can only be read from one end to the other, and a function that looks
 * at one bit. SQLite is not to plan with them: the statements say which comes first. One thread. */
#include "named.h"

#include <stddef.h>

#include "sequence.h"

static const struct idset *set_of(const sqlite3_vtab_cursor *cursor)
{
    return sequence_context(cursor);
}

static int on_connect(sqlite3 *db, void *context, int argc, const char *const *argv,
                      sqlite3_vtab **out, char **message)
{
    (void)argc;
    (void)argv;
    (void)message;
    return sequence_connect(out, db, "CREATE TABLE x(dir_id INTEGER)", context);
}

static int on_filter(sqlite3_vtab_cursor *cursor, int plan, const char *plan_text, int argc,
                     sqlite3_value **argv)
{
    (void)plan;
    (void)plan_text;
    (void)argc;
    (void)argv;
    const struct idset *set = set_of(cursor);
    ((struct sequence_cursor *)cursor)->at = idset_next(set, set->first);
    return SQLITE_OK;
}

static int on_next(sqlite3_vtab_cursor *cursor)
{
    struct sequence_cursor *mine = (struct sequence_cursor *)cursor;
    mine->at = idset_next(set_of(cursor), mine->at + 1);
    return SQLITE_OK;
}

static int on_eof(sqlite3_vtab_cursor *cursor)
{
    return ((const struct sequence_cursor *)cursor)->at > set_of(cursor)->last;
}

static int on_rowid(sqlite3_vtab_cursor *cursor, sqlite3_int64 *rowid)
{
    *rowid = ((const struct sequence_cursor *)cursor)->at;
    return SQLITE_OK;
}

static int on_column(sqlite3_vtab_cursor *cursor, sqlite3_context *to, int column)
{
    (void)column;
    sqlite3_result_int64(to, ((const struct sequence_cursor *)cursor)->at);
    return SQLITE_OK;
}

static const sqlite3_module module = {
    SEQUENCE_MODULE, .xConnect = on_connect, .xFilter = on_filter, .xNext = on_next,
    .xEof = on_eof,  .xColumn = on_column,   .xRowid = on_rowid,
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
