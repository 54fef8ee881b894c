/* query_fixture: small databases for the tests of the query layer, in the folder of the test. */
#ifndef FSTALLY_QUERY_FIXTURE_H
#define FSTALLY_QUERY_FIXTURE_H

#include <sqlite3.h>
#include <stdio.h>
#include <unistd.h>

#include "err.h"
#include "reader.h"
#include "schema.h"
#include "unit_support.h"

/* A database with these rows, as SQL, and the marks and indexes of a published one. */
static inline void query_fixture_make(const char *path, const char *rows)
{
    sqlite3 *db;
    char marks[128];
    unlink(path);
    snprintf(marks, sizeof marks, "PRAGMA application_id = %d; PRAGMA user_version = %d;",
             SCHEMA_APPLICATION_ID, SCHEMA_VERSION);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, schema_tables(), NULL, NULL, NULL), SQLITE_OK);
    if (sqlite3_exec(db, rows, NULL, NULL, NULL) != SQLITE_OK)
        fail_msg("%s", sqlite3_errmsg(db));
    assert_int_equal(sqlite3_exec(db, schema_indexes(), NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, schema_completion(), NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, marks, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static inline struct reader *query_fixture_open(const char *path)
{
    struct reader *reader = NULL;
    struct err err = {0};
    if (reader_open(&reader, path, &err) != 0)
        fail_msg("%s", err.text);
    return reader;
}

#endif
