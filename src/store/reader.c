/* reader: a published database is checked when it is opened, and read through SQL.
 * Called from the thread that owns the reader; nothing here is shared. */
#include "reader.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "books.h"
#include "columns.h"
#include "engine.h"
#include "err.h"
#include "mem.h"
#include "saturating.h"
#include "schema.h"
#include "sqltext.h"

struct reader {
    sqlite3 *db;
    struct engine_file file;
    char *path; /* owned */
};

struct reader_rows {
    struct reader *reader; /* borrowed: outlives the rows */
    sqlite3_stmt *stmt;
};

/* Says in fstally's words what SQLite has found. */
static int fail(const struct reader *reader, int code, struct err *err)
{
    const char *why = sqlite3_errmsg(reader->db);
    switch (code & 0xff) {
    case SQLITE_NOTADB:
        return err_set(err, "%s: not a SQLite database; give one that fstally-import wrote",
                       reader->path);
    case SQLITE_CORRUPT:
        return err_set(err, "%s: damaged database: %s; import its logs afresh with --replace",
                       reader->path, why);
    case SQLITE_ERROR: /* a table that should be there is not, or a sum overflows */
        return err_set(err, "%s: cannot answer: %s", reader->path, why);
    case SQLITE_READONLY: /* SQLite would have to put right what another program left behind */
        return err_set(err,
                       "%s: another program has begun to write to it, and its -journal or -wal is "
                       "there still: let it end, or open the database with sqlite3 once",
                       reader->path);
    default:
        return err_set(err, "%s: cannot read: %s", reader->path, engine_reason(reader->db));
    }
}

enum { SMALLEST = 512 }; /* bytes of a database: one page of the smallest size */

/* Opens the file, where it can be a database: the operating system says more than SQLite. */
static int hold_file(struct engine_file *file, const char *path, struct err *err)
{
    struct stat status;
    if (engine_hold(file, path) != 0)
        return errno == ENOENT
                   ? err_set(err, "%s: no such database; make it with fstally-import", path)
                   : err_set(err, "%s: cannot open: %s", path, strerror(errno));
    if (fstat(file->fd, &status) != 0)
        return err_set(err, "%s: cannot open: %s", path, strerror(errno));
    if (S_ISDIR(status.st_mode))
        return err_set(err, "%s: is a directory; give a database file", path);
    if (!S_ISREG(status.st_mode))
        return err_set(err, "%s: not a regular file; give a database file", path);
    if (status.st_size == 0)
        return err_set(err, "%s: an empty file; give one that fstally-import wrote", path);
    if (status.st_size < SMALLEST) /* SQLite takes a single byte for an empty database */
        return err_set(err, "%s: not a SQLite database; give one that fstally-import wrote", path);
    return 0;
}

static int pragma(const struct reader *reader, const char *sql, int64_t *out, struct err *err)
{
    sqlite3_stmt *stmt = NULL;
    int code = sqlite3_prepare_v2(reader->db, sql, -1, &stmt, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_step(stmt);
    int status = 0;
    if (code == SQLITE_ROW)
        *out = sqlite3_column_int64(stmt, 0);
    else
        status = fail(reader, code, err);
    sqlite3_finalize(stmt);
    return status;
}

static int check_marks(struct reader *reader, struct err *err)
{
    int64_t application = 0;
    int64_t version = 0;
    if (pragma(reader, "PRAGMA application_id", &application, err) != 0 ||
        pragma(reader, "PRAGMA user_version", &version, err) != 0)
        return -1;
    if (application != SCHEMA_APPLICATION_ID)
        return err_set(err,
                       "%s: a SQLite database, but not one of fstally's; "
                       "give one that fstally-import wrote",
                       reader->path);
    if (version != SCHEMA_VERSION)
        return err_set(err,
                       "%s: written by schema version %lld, this fstally reads %d; "
                       "import the log again with --replace",
                       reader->path, (long long)version, SCHEMA_VERSION);
    return 0;
}

/* Checks that a table is one, and no view of that name, and has the columns that it should have. */
static int check_table(const struct reader *reader, const struct columns *columns, struct err *err)
{
    char sql[256];
    char expected[512] = "";
    for (size_t i = 0, len = 0; i < columns->count; i++)
        len += (size_t)snprintf(expected + len, sizeof expected - len, "%s%s", i == 0 ? "" : ",",
                                columns->items[i].name);
    snprintf(sql, sizeof sql,
             "SELECT group_concat(name) FROM pragma_table_info('%s') WHERE "
             "(SELECT type FROM sqlite_master WHERE name = '%s') = 'table'",
             columns->table, columns->table);
    sqlite3_stmt *stmt = NULL;
    int code = sqlite3_prepare_v2(reader->db, sql, -1, &stmt, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_step(stmt);
    int status = 0;
    if (code != SQLITE_ROW) {
        status = fail(reader, code, err);
    } else {
        const char *found = (const char *)sqlite3_column_text(stmt, 0);
        if (found == NULL || strcmp(found, expected) != 0)
            status = err_set(err,
                             "%s: damaged database: table %s is missing or has other columns; "
                             "import its logs afresh with --replace",
                             reader->path, columns->table);
    }
    sqlite3_finalize(stmt);
    return status;
}

/* Checks that the small tables are tables, not views or virtual ones of their names. */
static int check_small_tables(const struct reader *reader, struct err *err)
{
    int64_t missing = 0;
    if (pragma(reader,
               "WITH small(name) AS (VALUES " SCHEMA_SMALL_TABLES ") "
               "SELECT count(*) FROM small WHERE NOT EXISTS (SELECT 1 FROM sqlite_master m "
               "WHERE m.name = small.name AND m.type = 'table' AND m.rootpage > 0)",
               &missing, err) != 0)
        return -1;
    if (missing == 0)
        return 0;
    return err_set(err,
                   "%s: damaged database: %lld of its tables are missing; import its logs afresh "
                   "with --replace",
                   reader->path, (long long)missing);
}

static int check_tables(const struct reader *reader, struct err *err)
{
    if (check_small_tables(reader, err) != 0)
        return -1;
    for (size_t i = 0; i < COLUMNS_TABLES; i++)
        if (check_table(reader, &columns_tables[i], err) != 0)
            return -1;
    return 0;
}

/* SQLite misses the end of a file that is cut within its last page, and reads zeros there. The file
 * asked is the one that SQLite has open: another may have taken its name. */
static int check_length(const struct reader *reader, struct err *err)
{
    int64_t pages = 0;
    int64_t page_size = 0;
    sqlite3_file *file = NULL;
    sqlite3_int64 size = 0;
    if (pragma(reader, "PRAGMA page_count", &pages, err) != 0 ||
        pragma(reader, "PRAGMA page_size", &page_size, err) != 0)
        return -1;
    int code = sqlite3_file_control(reader->db, "main", SQLITE_FCNTL_FILE_POINTER, &file);
    if (code == SQLITE_OK)
        code = file->pMethods->xFileSize(file, &size);
    if (code != SQLITE_OK)
        return fail(reader, code, err);
    if (size < pages * page_size)
        return err_set(err,
                       "%s: damaged database: %lld bytes of %lld; import its logs afresh with "
                       "--replace",
                       reader->path, (long long)size, (long long)pages * page_size);
    return 0;
}

static int open_database(struct reader *reader, struct err *err)
{
    int code = engine_open(&reader->db, &reader->file, reader->path);
    if (code == SQLITE_NOMEM)
        return err_no_memory(err, "%s: cannot open", reader->path);
    if (code == ENGINE_REPLACED)
        return err_set(err, "%s: was replaced while it was opened; ask again", reader->path);
    if (code == SQLITE_OK)
        code = saturating_offer(reader->db);
    if (code != SQLITE_OK)
        return fail(reader, code, err);
    if (check_marks(reader, err) != 0 || check_length(reader, err) != 0)
        return -1;
    return check_tables(reader, err);
}

int reader_open(struct reader **out, const char *path, struct err *err)
{
    struct reader *reader = calloc(1, sizeof *reader);
    if (reader == NULL)
        return err_no_memory(err, "%s: cannot open", path);
    reader->file.fd = -1;
    reader->path = strdup(path);
    if (reader->path == NULL) {
        err_no_memory(err, "%s: cannot open", path);
        goto failed;
    }
    if (hold_file(&reader->file, path, err) != 0 || open_database(reader, err) != 0)
        goto failed;
    *out = reader;
    return 0;

failed:
    reader_close(reader);
    return -1;
}

void reader_close(struct reader *reader)
{
    if (reader == NULL)
        return;
    sqlite3_close(reader->db);
    engine_release(&reader->file);
    free(reader->path);
    free(reader);
}

const char *reader_path(const struct reader *reader)
{
    return reader->path;
}

const struct engine_file *reader_file(const struct reader *reader)
{
    return &reader->file;
}

int reader_count(int64_t *out, struct reader *reader, struct err *err)
{
    if (pragma(reader, "SELECT ifnull(max(dir_id), 0) FROM directories", out, err) != 0)
        return -1;
    /* An import numbers them in 32 bits. */
    if (*out >= 0 && *out < UINT32_MAX)
        return 0;
    return err_set(err,
                   "%s: damaged database: directory %lld is not one; import its logs afresh with "
                   "--replace",
                   reader->path, (long long)*out);
}

int reader_check_cells(struct reader *reader, struct err *err)
{
    int code = sqlite3_exec(reader->db, "PRAGMA cell_size_check = ON", NULL, NULL, NULL);
    return code == SQLITE_OK ? 0 : fail(reader, code, err);
}

int reader_check_books(struct reader *reader, struct err *err)
{
    char fault[256];
    int code = books_check(reader->db, fault, sizeof fault);
    if (code != SQLITE_OK)
        return fail(reader, code, err);
    if (*fault == '\0')
        return 0;
    return err_set(err,
                   "%s: damaged database: its books do not balance: %s; import its logs afresh "
                   "with --replace",
                   reader->path, fault);
}

bool reader_is_sqlite(const void *begin)
{
    static const char string[READER_HEADER_STRING] = "SQLite format 3"; /* with its NUL */
    return memcmp(begin, string, sizeof string) == 0;
}

static int bind_value(sqlite3_stmt *stmt, int place, const struct reader_value *value)
{
    switch (value->type) {
    case READER_INTEGER:
        return sqlite3_bind_int64(stmt, place, value->integer);
    case READER_TEXT:
        return sqltext_bind(stmt, place, value->text, SQLITE_TRANSIENT);
    case READER_NULL:
        break;
    }
    return sqlite3_bind_null(stmt, place);
}

int reader_run(struct reader_rows **out, struct reader *reader, const char *sql,
               const struct reader_value *values, size_t value_count, struct err *err)
{
    struct reader_rows *rows = calloc(1, sizeof *rows);
    if (rows == NULL) {
        err_no_memory(err, "%s: cannot read", reader->path);
        return -1;
    }
    rows->reader = reader;

    int code = sqlite3_prepare_v2(reader->db, sql, -1, &rows->stmt, NULL);
    for (size_t i = 0; i < value_count && code == SQLITE_OK; i++)
        code = bind_value(rows->stmt, (int)i + 1, &values[i]);
    if (code != SQLITE_OK) {
        fail(reader, code, err);
        reader_rows_close(rows);
        return -1;
    }
    *out = rows;
    return 0;
}

int reader_rows_again(struct reader_rows *rows, const struct reader_value *values,
                      size_t value_count, struct err *err)
{
    int code = sqlite3_reset(rows->stmt);
    for (size_t i = 0; i < value_count && code == SQLITE_OK; i++)
        code = bind_value(rows->stmt, (int)i + 1, &values[i]);
    return code == SQLITE_OK ? 0 : fail(rows->reader, code, err);
}

int reader_rows_next(struct reader_rows *rows, struct err *err)
{
    int code = sqlite3_step(rows->stmt);
    if (code == SQLITE_ROW)
        return 1;
    if (code == SQLITE_DONE)
        return 0;
    return fail(rows->reader, code, err);
}

int reader_look_up(struct reader_rows **rows, struct reader *reader, const char *sql,
                   const struct reader_value *value, struct err *err)
{
    int status = *rows == NULL ? reader_run(rows, reader, sql, value, 1, err)
                               : reader_rows_again(*rows, value, 1, err);
    return status != 0 ? -1 : reader_rows_next(*rows, err);
}

void reader_rows_close(struct reader_rows *rows)
{
    if (rows == NULL)
        return;
    sqlite3_finalize(rows->stmt);
    free(rows);
}

bool reader_rows_is_null(const struct reader_rows *rows, int column)
{
    return sqlite3_column_type(rows->stmt, column) == SQLITE_NULL;
}

bool reader_rows_is_integer(const struct reader_rows *rows, int column)
{
    return sqlite3_column_type(rows->stmt, column) == SQLITE_INTEGER;
}

int64_t reader_rows_integer(const struct reader_rows *rows, int column)
{
    return sqlite3_column_int64(rows->stmt, column);
}

/* The bytes of a column, where SQLite had the memory for them: without, a value would look like
 * none. */
static struct slice bytes_of(const struct reader_rows *rows, const void *bytes, int column)
{
    if (bytes == NULL && sqlite3_errcode(rows->reader->db) == SQLITE_NOMEM)
        mem_exhausted();
    return (struct slice){bytes, (size_t)sqlite3_column_bytes(rows->stmt, column)};
}

struct slice reader_rows_text(const struct reader_rows *rows, int column)
{
    /* SQLite turns a BLOB into a text of the same bytes; they must be counted after that. */
    return bytes_of(rows, sqlite3_column_text(rows->stmt, column), column);
}

struct slice reader_rows_bytes(const struct reader_rows *rows, int column)
{
    return bytes_of(rows, sqlite3_column_blob(rows->stmt, column), column);
}

const char *reader_rows_path(const struct reader_rows *rows)
{
    return rows->reader->path;
}
