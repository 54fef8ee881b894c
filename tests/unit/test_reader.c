/* reader: each way in which a file can be the wrong one has its own message, and a damaged page is
 * an error, never a short answer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "err.h"
#include "reader.h"
#include "schema.h"

enum { ROWS = 5000 };

static char folder[] = "/tmp/fstally-test-reader-XXXXXX";

static const char *in_folder(const char *name)
{
    static char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void execute(sqlite3 *db, const char *sql)
{
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
}

/* A database of ROWS directories /n, with the marks given. */
static void make_database(const char *path, int application, int version)
{
    sqlite3 *db;
    char sql[512];
    unlink(path);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    execute(db, schema_tables());
    snprintf(sql, sizeof sql,
             "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) "
             "INSERT INTO directories(dir_id, path, depth, last_id, name) "
             "SELECT i, '/' || i, 1, i, i FROM n;"
             "PRAGMA application_id = %d; PRAGMA user_version = %d",
             ROWS, application, version);
    execute(db, sql);
    execute(db, schema_indexes());
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static const char *good_database(void)
{
    const char *path = in_folder("good.db");
    make_database(path, SCHEMA_APPLICATION_ID, SCHEMA_VERSION);
    return path;
}

static void write_file(const char *path, const char *bytes, size_t length)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
}

static void expect_refused(const char *path, const char *why)
{
    struct reader *reader;
    struct err err = {0};
    assert_int_equal(reader_open(&reader, path, &err), -1);
    assert_int_equal(err.status, ERR_FAILED);
    assert_memory_equal(err.text, path, strlen(path));
    assert_non_null(strstr(err.text, why));
}

static struct reader *open_good(const char *path)
{
    struct reader *reader;
    struct err err = {0};
    if (reader_open(&reader, path, &err) != 0)
        fail_msg("%s", err.text);
    return reader;
}

/* Runs to the end: the number of rows, or -1. */
static int count_rows(struct reader *reader, const char *sql, struct err *err)
{
    struct reader_rows *rows;
    int count = 0;
    int status;
    if (reader_run(&rows, reader, sql, NULL, 0, err) != 0)
        return -1;
    while ((status = reader_rows_next(rows, err)) == 1)
        count++;
    reader_rows_close(rows);
    return status == 0 ? count : -1;
}

static void wrong_files_are_told_apart(void **state)
{
    (void)state;
    expect_refused(in_folder("none.db"), "no such database");
    expect_refused(folder, "is a directory");

    write_file(in_folder("empty.db"), "", 0);
    expect_refused(in_folder("empty.db"), "an empty file");

    char text[4096];
    memset(text, 'x', sizeof text);
    write_file(in_folder("text.db"), text, sizeof text);
    expect_refused(in_folder("text.db"), "not a SQLite database");

    assert_int_equal(mkfifo(in_folder("pipe.db"), 0600), 0);
    expect_refused(in_folder("pipe.db"), "not a regular file");
}

static void other_databases_are_refused(void **state)
{
    (void)state;
    make_database(in_folder("other.db"), 12345, 1);
    expect_refused(in_folder("other.db"), "not one of fstally's");
    for (int version = -1; version <= SCHEMA_VERSION + 1; version++) {
        char why[128];
        if (version == SCHEMA_VERSION)
            continue;
        make_database(in_folder("another.db"), SCHEMA_APPLICATION_ID, version);
        snprintf(why, sizeof why,
                 ": written by schema version %d, this fstally reads %d; "
                 "import the log again with --replace",
                 version, SCHEMA_VERSION);
        expect_refused(in_folder("another.db"), why);
    }
}

static void a_cut_file_is_damaged(void **state)
{
    (void)state;
    const char *path = good_database();
    struct stat status;
    assert_int_equal(stat(path, &status), 0);
    /* By a byte, within the last page, by a page, by half. */
    const off_t lengths[] = {status.st_size - 1, status.st_size - 1000, status.st_size - 4096,
                             status.st_size / 2};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        assert_int_equal(truncate(path, lengths[i]), 0);
        expect_refused(path, "damaged database");
    }
}

/* Changes the database by SQL. */
static void change(const char *path, const char *sql)
{
    sqlite3 *db;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
        fail_msg("%s", sqlite3_errmsg(db));
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* Tables that are missing, have other columns, or are views. */
static void other_tables_are_damage(void **state)
{
    (void)state;
    static const char *const changes[] = {
        "DROP TABLE owner_usage",
        "ALTER TABLE directory_stats ADD COLUMN more",
        "ALTER TABLE directory_stats RENAME COLUMN owner_gid TO gid",
        "ALTER TABLE directories RENAME TO kept; "
        "CREATE VIEW directories AS SELECT * FROM kept",
    };
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        const char *path = good_database();
        change(path, changes[i]);
        expect_refused(path, "is missing or has other columns");
    }
}

/* The pages of the table's rows are filled with rubbish, all but the first two of the file. */
static void damaged_pages_are_no_short_answer(void **state)
{
    (void)state;
    const char *path = good_database();
    struct stat status;
    assert_int_equal(stat(path, &status), 0);
    int fd = open(path, O_WRONLY);
    char rubbish[4096];
    memset(rubbish, 0xa5, sizeof rubbish);
    /* Rows of directories lie here; the schema and the empty tables before, the indexes behind. */
    for (off_t at = status.st_size / 4 / 4096 * 4096; at < status.st_size * 3 / 8; at += 4096)
        assert_int_equal(pwrite(fd, rubbish, sizeof rubbish, at), sizeof rubbish);
    close(fd);

    struct reader *reader = open_good(path);
    struct err err = {0};
    assert_int_equal(count_rows(reader, "SELECT path FROM directories NOT INDEXED", &err), -1);
    assert_int_equal(err.status, ERR_FAILED);
    assert_non_null(strstr(err.text, "damaged database"));
    reader_close(reader);
}

static void values_are_bound_and_read_back(void **state)
{
    (void)state;
    struct reader *reader = open_good(good_database());
    struct err err = {0};
    struct reader_rows *rows;
    const struct reader_value values[] = {
        {.type = READER_INTEGER, .integer = INT64_MIN},
        {.type = READER_TEXT, .text = {"a'b\xff\n", 5}},
        {.type = READER_NULL},
        {.type = READER_TEXT},
    };
    assert_int_equal(reader_run(&rows, reader, "SELECT ?1, ?2, ?3, ?4", values, 4, &err), 0);
    assert_int_equal(reader_rows_next(rows, &err), 1);
    assert_true(reader_rows_integer(rows, 0) == INT64_MIN);
    assert_true(slice_equal(reader_rows_text(rows, 1), (struct slice){"a'b\xff\n", 5}));
    assert_true(reader_rows_is_null(rows, 2));
    assert_int_equal(reader_rows_text(rows, 2).len, 0);
    assert_false(reader_rows_is_null(rows, 3));
    assert_int_equal(reader_rows_text(rows, 3).len, 0);
    assert_int_equal(reader_rows_next(rows, &err), 0);
    reader_rows_close(rows);
    reader_close(reader);
}

static void rows_come_to_the_last(void **state)
{
    (void)state;
    struct reader *reader = open_good(good_database());
    struct err err = {0};
    assert_int_equal(count_rows(reader, "SELECT * FROM directories", &err), ROWS);
    reader_close(reader);
}

/* What is not UTF-8 lies in the database as a BLOB, and is asked for by its bytes all the same. */
static void bytes_are_found_as_they_are_stored(void **state)
{
    (void)state;
    char path[PATH_MAX];
    strcpy(path, good_database());
    sqlite3 *db;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    execute(db, "INSERT INTO directories VALUES(10001, NULL, x'2fff', 1, 10001, x'ff'), "
                "(10002, NULL, '/\xc3\xa9', 1, 10002, '\xc3\xa9')");
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    static const char *const names[] = {"\xff", "\xc3\xa9"};
    struct reader *reader = open_good(path);
    for (int i = 0; i < 2; i++) {
        struct reader_rows *rows;
        struct err err = {0};
        const struct reader_value value = {.type = READER_TEXT, .text = slice_from(names[i])};
        assert_int_equal(reader_run(&rows, reader,
                                    "SELECT dir_id, name FROM directories WHERE name = ?1", &value,
                                    1, &err),
                         0);
        assert_int_equal(reader_rows_next(rows, &err), 1);
        assert_int_equal(reader_rows_integer(rows, 0), 10001 + i);
        assert_true(slice_equal(reader_rows_text(rows, 1), value.text));
        reader_rows_close(rows);
    }
    reader_close(reader);
}

/* Rows of the same statement, asked again with another value. */
static void a_statement_is_asked_again(void **state)
{
    (void)state;
    struct reader *reader = open_good(good_database());
    struct reader_rows *rows;
    struct err err = {0};
    struct reader_value value = {.type = READER_INTEGER, .integer = 3};
    assert_int_equal(reader_run(&rows, reader, "SELECT path FROM directories WHERE dir_id = ?1",
                                &value, 1, &err),
                     0);
    assert_int_equal(reader_rows_next(rows, &err), 1);
    assert_true(slice_equal(reader_rows_text(rows, 0), slice_from("/3")));
    for (int64_t id = 4998; id <= ROWS + 2; id++) {
        value.integer = id;
        assert_int_equal(reader_rows_again(rows, &value, 1, &err), 0);
        assert_int_equal(reader_rows_next(rows, &err), id <= ROWS);
    }
    reader_rows_close(rows);
    reader_close(reader);
}

static void directories_are_counted(void **state)
{
    (void)state;
    struct reader *reader = open_good(good_database());
    struct err err = {0};
    int64_t count;
    assert_int_equal(reader_count(&count, reader, &err), 0);
    assert_int_equal(count, ROWS);
    reader_close(reader);
}

static void wrong_sql_is_an_error(void **state)
{
    (void)state;
    struct reader *reader = open_good(good_database());
    struct err err = {0};
    assert_int_equal(count_rows(reader, "SELECT a FROM nowhere", &err), -1);
    assert_non_null(strstr(err.text, "no such table"));
    reader_close(reader);
}

static void nothing_can_be_written(void **state)
{
    (void)state;
    struct reader *reader = open_good(good_database());
    struct err err = {0};
    assert_int_equal(count_rows(reader, "DELETE FROM directories", &err), -1);
    reader_close(reader);
}

/* Names that mean something in a URI, and a path that begins like one with a host. */
static void any_path_can_be_opened(void **state)
{
    (void)state;
    const char *const names[] = {"a?mode=rw.db", "a#b.db",      "a%20b.db",
                                 "a b&c=d.db",   "\xff\xc3.db", "a+b;c.db"};
    char path[PATH_MAX + 1];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        assert_int_equal(rename(good_database(), strcpy(path, in_folder(names[i]))), 0);
        struct reader *reader = open_good(path);
        assert_string_equal(reader_path(reader), path);
        reader_close(reader);
    }
    snprintf(path, sizeof path, "/%s", good_database()); /* two slashes */
    reader_close(open_good(path));
}

static void nothing_is_left_beside_the_file(void **state)
{
    (void)state;
    const char *path = good_database();
    struct reader *reader = open_good(path);
    struct err err = {0};
    assert_int_equal(count_rows(reader, "SELECT * FROM directories", &err), ROWS);
    assert_int_not_equal(access(in_folder("good.db-journal"), F_OK), 0);
    assert_int_not_equal(access(in_folder("good.db-wal"), F_OK), 0);
    assert_int_not_equal(access(in_folder("good.db-shm"), F_OK), 0);
    reader_close(reader);
}

/* Renaming a new database over one that is open, as an import does, changes nothing for its
 * reader. */
static void a_replaced_database_stays_readable(void **state)
{
    (void)state;
    char path[PATH_MAX];
    strcpy(path, good_database());
    struct reader *reader = open_good(path);
    struct err err = {0};
    make_database(in_folder("new.db"), SCHEMA_APPLICATION_ID, SCHEMA_VERSION);
    assert_int_equal(rename(in_folder("new.db"), path), 0);
    assert_int_equal(count_rows(reader, "SELECT * FROM directories", &err), ROWS);
    reader_close(reader);
}

/* Somebody changed the file with another program, which was killed: its journal is to be rolled
 * back first, and a reader that writes nothing cannot. Half-changed pages must not be read. */
static void a_journal_beside_the_file_is_heeded(void **state)
{
    (void)state;
    char path[PATH_MAX];
    strcpy(path, good_database());
    sqlite3 *db;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    /* A cache of one page: the change goes to the file before it is committed. */
    execute(db, "PRAGMA cache_size = 1; BEGIN; UPDATE directories SET path = path || '-changed'");
    char command[256];
    snprintf(command, sizeof command,
             "cd %s && cp good.db copy.db && cp good.db-journal copy.db-journal", folder);
    assert_int_equal(system(command), 0);
    sqlite3_close(db);

    struct reader *reader;
    struct err err = {0};
    if (reader_open(&reader, in_folder("copy.db"), &err) == 0) {
        int count =
            count_rows(reader, "SELECT 1 FROM directories WHERE path LIKE '%-changed'", &err);
        assert_true(count <= 0);
        reader_close(reader);
    } else {
        assert_int_equal(err.status, ERR_FAILED);
    }
}

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) == NULL ? -1 : 0;
}

static int remove_folder(void **state)
{
    (void)state;
    char command[PATH_MAX];
    snprintf(command, sizeof command, "rm -r %s", folder);
    return system(command);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wrong_files_are_told_apart),
        cmocka_unit_test(other_databases_are_refused),
        cmocka_unit_test(a_cut_file_is_damaged),
        cmocka_unit_test(other_tables_are_damage),
        cmocka_unit_test(damaged_pages_are_no_short_answer),
        cmocka_unit_test(values_are_bound_and_read_back),
        cmocka_unit_test(rows_come_to_the_last),
        cmocka_unit_test(bytes_are_found_as_they_are_stored),
        cmocka_unit_test(a_statement_is_asked_again),
        cmocka_unit_test(directories_are_counted),
        cmocka_unit_test(wrong_sql_is_an_error),
        cmocka_unit_test(nothing_can_be_written),
        cmocka_unit_test(any_path_can_be_opened),
        cmocka_unit_test(nothing_is_left_beside_the_file),
        cmocka_unit_test(a_replaced_database_stays_readable),
        cmocka_unit_test(a_journal_beside_the_file_is_heeded),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
