/* btree_fixture: databases whose trees are written by btree_write: SQLite makes them empty before,
 * and reads them after. */
#ifndef FSTALLY_BTREE_FIXTURE_H
#define FSTALLY_BTREE_FIXTURE_H

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "btree.h"
#include "err.h"

/* Runs statements; a failure fails the test. */
static inline void btree_fixture_run(sqlite3 *db, const char *sql)
{
    char *message = NULL;
    if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK)
        fail_msg("%.200s: %s", sql, message);
}

/* A new database of empty tables and indexes. */
static inline void btree_fixture_create(const char *path, size_t page_size, const char *schema)
{
    sqlite3 *db = NULL;
    char pragma[64];
    unlink(path);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    snprintf(pragma, sizeof pragma, "PRAGMA page_size=%zu; PRAGMA synchronous=OFF", page_size);
    btree_fixture_run(db, pragma);
    btree_fixture_run(db, schema);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static inline sqlite3 *btree_fixture_open(const char *path)
{
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    return db;
}

/* The first column of the first row, as a number. */
static inline int64_t btree_fixture_number(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK ||
        sqlite3_step(statement) != SQLITE_ROW)
        fail_msg("%.200s: %s", sql, sqlite3_errmsg(db));
    int64_t number = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return number;
}

static inline uint32_t btree_fixture_root(sqlite3 *db, const char *name)
{
    char sql[128];
    snprintf(sql, sizeof sql, "SELECT rootpage FROM sqlite_schema WHERE name='%.60s'", name);
    return (uint32_t)btree_fixture_number(db, sql);
}

/* Fails the test where the file is not sound. */
static inline void btree_fixture_check(sqlite3 *db)
{
    sqlite3_stmt *statement = NULL;
    assert_int_equal(sqlite3_prepare_v2(db, "PRAGMA integrity_check", -1, &statement, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    assert_string_equal((const char *)sqlite3_column_text(statement, 0), "ok");
    sqlite3_finalize(statement);
}

/* A pagesink's write; the context is a file descriptor. */
static inline int btree_fixture_pwrite(void *context, const void *bytes, size_t len,
                                       uint64_t offset, struct err *err)
{
    const int *fd = context;
    if (pwrite(*fd, bytes, len, (off_t)offset) != (ssize_t)len)
        return err_set(err, "cannot write: %s", strerror(errno));
    return 0;
}

/* Writes the trees into the file at `path`, and the number of its pages into its header. *file has
 * the page size and what is not as usual; the sink and what is free are filled in here. */
static inline void btree_fixture_write(const char *path, const struct btree *trees, size_t count,
                                       struct btree_file file)
{
    struct err err = {0};
    int fd = open(path, O_RDWR | O_CLOEXEC);
    assert_true(fd >= 0);
    file.first_page = (uint32_t)((size_t)lseek(fd, 0, SEEK_END) / file.page_size) + 1;
    file.sink = (struct pagesink){&fd, btree_fixture_pwrite};
    uint32_t end_page = 0;
    if (btree_write(&end_page, trees, count, &file, &err) != 0)
        fail_msg("%s", err.text);
    assert_int_equal(lseek(fd, 0, SEEK_END), (off_t)end_page * (off_t)file.page_size);
    uint32_t pages = htobe32(end_page);
    assert_int_equal(pwrite(fd, &pages, sizeof pages, 28), sizeof pages);
    close(fd);
}

#endif
