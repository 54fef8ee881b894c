/* btree_rows: what the study starts from, read through SQLite, outside the time it takes.
 *
 * Values keep their storage class, so that the tables made of them are the same. Texts lie in an
 * arena in the order of the rows, as they would in an importer that has just numbered its tree.
 * One thread. */
#include "btree_rows.h"

#include <sqlite3.h>

#include "btree_fail.h"
#include "mem.h"

/* Columns in the order of CREATE TABLE: a record holds them so. */
#define DIRECTORIES                                                                                \
    "SELECT dir_id, parent_id, path, depth, last_id, name FROM directories ORDER BY 1"
#define STATS                                                                                      \
    "SELECT dir_id, file_count_nr, dir_count_nr, total_size_nr, total_alloc_nr, max_atime_nr, "    \
    "max_mtime_nr, file_count_r, dir_count_r, total_size_r, total_alloc_r, max_atime_r, "          \
    "max_mtime_r, owner_uid, owner_gid FROM directory_stats ORDER BY 1"
#define SCHEMA                                                                                     \
    "SELECT type, name, tbl_name, rootpage, sql FROM sqlite_master WHERE name IN "                 \
    "('directories', 'ux_directories_path', 'directory_stats') ORDER BY name = "                   \
    "'directory_stats', type = 'index'"

static void fail(sqlite3 *db, const char *what)
{
    btree_fail("%s: %s", what, sqlite3_errmsg(db));
}

static sqlite3_stmt *prepare(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *statement;
    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK)
        fail(db, "cannot read the database");
    return statement;
}

/* The one integer that a query yields. */
static int64_t integer_of(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *statement = prepare(db, sql);
    if (sqlite3_step(statement) != SQLITE_ROW)
        fail(db, sql);
    int64_t value = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return value;
}

static struct btree_rows_value value_at(struct btree_rows *rows, sqlite3_stmt *row, int column)
{
    struct btree_rows_value value = {.kind = BTREE_ROWS_NULL};
    switch (sqlite3_column_type(row, column)) {
    case SQLITE_NULL:
        break;
    case SQLITE_INTEGER:
        value.kind = BTREE_ROWS_INTEGER;
        value.integer = sqlite3_column_int64(row, column);
        break;
    case SQLITE_TEXT:
        value.kind = BTREE_ROWS_TEXT;
        value.text = (const char *)sqlite3_column_text(row, column);
        value.len = (uint32_t)sqlite3_column_bytes(row, column);
        value.text = value.text == NULL ? NULL : arena_copy(&rows->texts, value.text, value.len);
        if (value.text == NULL)
            btree_fail("out of memory for the rows");
        break;
    case SQLITE_BLOB:
        value.kind = BTREE_ROWS_BLOB;
        value.len = (uint32_t)sqlite3_column_bytes(row, column);
        value.text = arena_copy(&rows->texts, sqlite3_column_blob(row, column), value.len);
        if (value.text == NULL)
            btree_fail("out of memory for the rows");
        break;
    default:
        btree_fail("%s holds neither integer nor bytes", sqlite3_column_name(row, column));
    }
    return value;
}

/* Reads one row; where `keyed`, its first column is the rowid. */
static void read_row(struct btree_rows *rows, struct btree_rows_table *table, sqlite3_stmt *row,
                     size_t at, int keyed)
{
    struct btree_rows_value *values = table->values + at * table->columns;
    size_t texts = 0;
    for (size_t i = 0; i < table->columns; i++) {
        values[i] = value_at(rows, row, (int)i);
        texts += values[i].kind >= BTREE_ROWS_TEXT ? values[i].len : 0;
    }
    if (texts > table->longest)
        table->longest = texts;
    table->rowids[at] = (int64_t)at + 1;
    if (keyed) {
        table->rowids[at] = values[0].integer;
        values[0] = (struct btree_rows_value){.kind = BTREE_ROWS_NULL};
    }
}

static void read_table(struct btree_rows *rows, struct btree_rows_table *table, sqlite3 *db,
                       const char *sql, int64_t count, int keyed)
{
    sqlite3_stmt *row = prepare(db, sql);
    table->columns = (size_t)sqlite3_column_count(row);
    table->rows = (size_t)count;
    table->rowids = btree_fail_array(table->rows, sizeof *table->rowids);
    table->values = btree_fail_array(table->rows * table->columns, sizeof *table->values);
    size_t at = 0;
    while (sqlite3_step(row) == SQLITE_ROW && at < table->rows)
        read_row(rows, table, row, at++, keyed);
    if (sqlite3_finalize(row) != SQLITE_OK)
        fail(db, "cannot read the rows");
    if (at != table->rows)
        btree_fail("the rows are not as many as counted");
}

void btree_rows_read(struct btree_rows *rows, const char *path)
{
    *rows = (struct btree_rows){0};
    sqlite3 *db;
    if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK)
        fail(db, path);
    read_table(rows, &rows->directories, db, DIRECTORIES,
               integer_of(db, "SELECT count(*) FROM directories"), 1);
    read_table(rows, &rows->stats, db, STATS,
               integer_of(db, "SELECT count(*) FROM directory_stats"), 1);
    read_table(rows, &rows->schema, db, SCHEMA, 3, 0);
    rows->user_version = (uint32_t)integer_of(db, "PRAGMA user_version");
    rows->application_id = (uint32_t)integer_of(db, "PRAGMA application_id");
    sqlite3_close(db);
}

static void clear_table(struct btree_rows_table *table)
{
    mem_free_array(table->rowids, table->rows, sizeof *table->rowids);
    mem_free_array(table->values, table->rows * table->columns, sizeof *table->values);
}

void btree_rows_clear(struct btree_rows *rows)
{
    clear_table(&rows->directories);
    clear_table(&rows->stats);
    clear_table(&rows->schema);
    arena_clear(&rows->texts);
}
