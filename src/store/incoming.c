/* incoming: rows that SQLite fetches itself.
 *
 * A bound statement costs a bind a column and a start and stop of SQLite's machine a row; from a
 * virtual table the machine runs through a whole batch (1,000,000 rows of directories: 0.54 s
 * against 1.0 s). SQLite may only read the table front to back, once a batch. */
#include "incoming.h"

#include <stdio.h>

#include "sequence.h"

static struct incoming *incoming_of(const sqlite3_vtab_cursor *cursor)
{
    return sequence_context(cursor);
}

static int on_connect(sqlite3 *db, void *context, int argc, const char *const *argv,
                      sqlite3_vtab **out, char **message)
{
    (void)argc;
    (void)argv;
    (void)message;
    const struct columns *columns = &columns_tables[((const struct incoming *)context)->table];
    char create[1024] = "CREATE TABLE x(";
    size_t len = strlen(create);
    for (size_t i = 0; i < columns->count; i++)
        len += (size_t)snprintf(create + len, sizeof create - len, "%s%s", i == 0 ? "" : ", ",
                                columns->items[i].name);
    snprintf(create + len, sizeof create - len, ")");
    return sequence_connect(out, db, create, context);
}

static void fetch(struct incoming *incoming)
{
    if (incoming->next < incoming->end)
        columns_fetch(&incoming->row, incoming->rows, incoming->table, incoming->next);
}

static int on_filter(sqlite3_vtab_cursor *cursor, int plan, const char *plan_text, int argc,
                     sqlite3_value **argv)
{
    (void)plan;
    (void)plan_text;
    (void)argc;
    (void)argv;
    struct incoming *incoming = incoming_of(cursor);
    size_t left = columns_count(incoming->rows, incoming->table) - incoming->next;
    incoming->end = incoming->next + (left < incoming->batch ? left : incoming->batch);
    fetch(incoming);
    return SQLITE_OK;
}

static int on_next(sqlite3_vtab_cursor *cursor)
{
    struct incoming *incoming = incoming_of(cursor);
    incoming->next++;
    fetch(incoming);
    return SQLITE_OK;
}

static int on_eof(sqlite3_vtab_cursor *cursor)
{
    const struct incoming *incoming = incoming_of(cursor);
    return incoming->next == incoming->end;
}

static int on_rowid(sqlite3_vtab_cursor *cursor, sqlite3_int64 *rowid)
{
    *rowid = (sqlite3_int64)incoming_of(cursor)->next + 1;
    return SQLITE_OK;
}

static int on_column(sqlite3_vtab_cursor *cursor, sqlite3_context *to, int column)
{
    struct incoming *incoming = incoming_of(cursor);
    const struct columns *columns = &columns_tables[incoming->table];
    struct columns_value value = columns_value(&incoming->row, columns->items[column].source);
    const char *bytes = value.bytes.len == 0 ? "" : value.bytes.ptr; /* NULL would be NULL */
    switch (value.type) {
    case COLUMNS_NULL:
        sqlite3_result_null(to);
        break;
    case COLUMNS_INTEGER:
        sqlite3_result_int64(to, value.integer);
        break;
    case COLUMNS_TEXT:
        sqlite3_result_text64(to, bytes, value.bytes.len, SQLITE_TRANSIENT, SQLITE_UTF8);
        break;
    case COLUMNS_BLOB:
        sqlite3_result_blob64(to, bytes, value.bytes.len, SQLITE_TRANSIENT);
        break;
    }
    return SQLITE_OK;
}

static const sqlite3_module module = {
    SEQUENCE_MODULE, .xConnect = on_connect, .xFilter = on_filter, .xNext = on_next,
    .xEof = on_eof,  .xColumn = on_column,   .xRowid = on_rowid,
};

int incoming_begin(struct incoming *incoming, sqlite3 *db, enum columns_table table,
                   const struct rows *rows, int64_t batch)
{
    incoming->table = table;
    incoming->rows = rows;
    incoming->next = 0;
    incoming->end = 0;
    incoming->batch = (size_t)batch;
    snprintf(incoming->name, sizeof incoming->name, "incoming_%s", columns_tables[table].table);
    return sqlite3_create_module(db, incoming->name, &module, incoming);
}

bool incoming_is_done(const struct incoming *incoming)
{
    return incoming->next == columns_count(incoming->rows, incoming->table);
}
