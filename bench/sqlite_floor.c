/* sqlite_floor: how fast SQLite itself loads the final rows of a database.
 *
 *     sqlite-floor DATABASE OUTPUT wal|off
 *
 * Reads every row of the large tables of DATABASE into memory, untimed;
 * then loads them into a new OUTPUT with prepared statements in key order and one transaction a
 * table, makes the same indexes, and prints the seconds of each part as one line of JSON. `off`: no
 * journal and no sync, the least that SQLite can do; `wal`: write-ahead log without sync, emptied
 * into the file at the end. Values keep their storage class, so the tables are the same. */
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "schema.h"

enum { TABLES = 4 };

/* A value: an integer, NULL, or a text or blob somewhere in memory. */
struct value {
    const char *text; /* NULL: neither of them */
    int64_t integer;  /* or their length */
    int type;
};

struct table {
    const char *name;
    const char *columns;
    int column_count;
    struct value *values;
    size_t rows;
    size_t room;
};

static struct table tables[TABLES] = {
    {.name = "directories",
     .columns = "dir_id, parent_id, path, depth, last_id",
     .column_count = 5},
    {.name = "directory_stats",
     .columns = "dir_id, file_count_nr, dir_count_nr, total_size_nr, total_alloc_nr, max_atime_nr, "
                "file_count_r, dir_count_r, total_size_r, total_alloc_r, max_atime_r, owner_uid, "
                "owner_gid",
     .column_count = 13},
    {.name = "owner_usage",
     .columns = "dir_id, owner_uid, owner_gid, file_count, total_size, total_alloc, max_atime",
     .column_count = 7},
    {.name = "facts", .columns = "block, data", .column_count = 2},
};

static void die(sqlite3 *db, const char *what)
{
    fprintf(stderr, "sqlite-floor: %s: %s\n", what, sqlite3_errmsg(db));
    exit(1);
}

static void run(sqlite3 *db, const char *sql)
{
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
        die(db, sql);
}

static sqlite3_stmt *prepare(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *statement;
    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK)
        die(db, sql);
    return statement;
}

static struct value value_at(sqlite3_stmt *row, int column)
{
    struct value value = {.type = sqlite3_column_type(row, column)};
    if (value.type == SQLITE_INTEGER)
        value.integer = sqlite3_column_int64(row, column);
    if (value.type == SQLITE_TEXT || value.type == SQLITE_BLOB) {
        const void *bytes = sqlite3_column_blob(row, column);
        value.integer = sqlite3_column_bytes(row, column);
        value.text = malloc((size_t)value.integer + 1);
        if (value.text == NULL)
            die(sqlite3_db_handle(row), "out of memory");
        if (value.integer > 0)
            memcpy((char *)value.text, bytes, (size_t)value.integer);
    }
    return value;
}

static void read_table(sqlite3 *db, struct table *table)
{
    char sql[512];
    snprintf(sql, sizeof sql, "SELECT %s FROM %s ORDER BY 1", table->columns, table->name);
    sqlite3_stmt *row = prepare(db, sql);
    while (sqlite3_step(row) == SQLITE_ROW) {
        if (table->rows == table->room) {
            table->room = table->room == 0 ? 1024 : 2 * table->room;
            table->values = realloc(table->values, table->room * (size_t)table->column_count *
                                                       sizeof *table->values);
        }
        for (int i = 0; i < table->column_count; i++)
            table->values[table->rows * (size_t)table->column_count + (size_t)i] = value_at(row, i);
        table->rows++;
    }
    sqlite3_finalize(row);
}

static void load_table(sqlite3 *db, const struct table *table)
{
    char sql[512];
    int len = snprintf(sql, sizeof sql, "INSERT INTO %s(%s) VALUES(?", table->name, table->columns);
    for (int i = 1; i < table->column_count; i++)
        len += snprintf(sql + len, sizeof sql - (size_t)len, ", ?");
    snprintf(sql + len, sizeof sql - (size_t)len, ")");
    sqlite3_stmt *insert = prepare(db, sql);
    run(db, "BEGIN");
    const struct value *value = table->values;
    for (size_t row = 0; row < table->rows; row++) {
        for (int i = 1; i <= table->column_count; i++, value++) {
            if (value->type == SQLITE_INTEGER)
                sqlite3_bind_int64(insert, i, value->integer);
            else if (value->type == SQLITE_TEXT)
                sqlite3_bind_text(insert, i, value->text, (int)value->integer, SQLITE_STATIC);
            else if (value->type == SQLITE_BLOB)
                sqlite3_bind_blob(insert, i, value->text, (int)value->integer, SQLITE_STATIC);
            else
                sqlite3_bind_null(insert, i);
        }
        if (sqlite3_step(insert) != SQLITE_DONE)
            die(db, "insert");
        sqlite3_reset(insert);
    }
    run(db, "COMMIT");
    sqlite3_finalize(insert);
}

int main(int argc, char **argv)
{
    if (argc != 4 || (strcmp(argv[3], "wal") != 0 && strcmp(argv[3], "off") != 0)) {
        fprintf(stderr, "usage: sqlite-floor DATABASE OUTPUT wal|off\n");
        return 2;
    }
    sqlite3 *db;
    if (sqlite3_open_v2(argv[1], &db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK)
        die(db, argv[1]);
    for (int i = 0; i < TABLES; i++)
        read_table(db, &tables[i]);
    sqlite3_close(db);

    unlink(argv[2]);
    uint64_t begin = clock_now_ns();
    if (sqlite3_open(argv[2], &db) != SQLITE_OK)
        die(db, argv[2]);
    char settings[256];
    snprintf(settings, sizeof settings,
             "PRAGMA page_size = 16384; PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = %s; "
             "PRAGMA synchronous = OFF; PRAGMA secure_delete = OFF; PRAGMA cache_size = -16384;",
             argv[3]);
    run(db, settings);
    run(db, schema_tables());
    /* As published: the path's index belongs to the table. (The computed column is stored
     * nowhere.) */
    run(db, "DROP TABLE directories; CREATE TABLE directories(dir_id INTEGER PRIMARY KEY, "
            "parent_id INTEGER REFERENCES directories(dir_id), path TEXT NOT NULL UNIQUE, "
            "depth INTEGER NOT NULL, last_id INTEGER NOT NULL)");
    for (int i = 0; i < TABLES; i++)
        load_table(db, &tables[i]);
    double store = clock_seconds_since(begin);
    const char *indexes = strchr(schema_indexes(), ';') + 1; /* the first is the path's */
    run(db, indexes);
    double index = clock_seconds_since(begin) - store;
    run(db, "PRAGMA journal_mode = DELETE");
    sqlite3_close(db);
    double total = clock_seconds_since(begin);
    printf("{\"journal\":\"%s\",\"rows\":%zu,\"seconds\":{\"store\":%.6f,\"index\":%.6f,"
           "\"publish\":%.6f,\"total\":%.6f}}\n",
           argv[3], tables[0].rows, store, index, total - store - index, total);
    return 0;
}
