/* query_fixture: small databases for the tests of the query layer, in the folder of the test. */
#ifndef FSTALLY_QUERY_FIXTURE_H
#define FSTALLY_QUERY_FIXTURE_H

#include <sqlite3.h>
#include <stdio.h>
#include <unistd.h>

#include "err.h"
#include "reader.h"
#include "saturating.h"
#include "schema.h"
#include "unit_support.h"

/* The name that belongs to a path, as SQL. */
#define QUERY_FIXTURE_NAME                                                                         \
    "ifnull(nullif(substr(path, 1 + length(rtrim(path, replace(path, '/', '')))), ''), '/')"

/* The blocks of the rows that are there, worked out by SQL. f: the files directly in a directory.
 */
#define QUERY_FIXTURE_BLOCKS                                                                       \
    "CREATE TEMP VIEW f(id, uid, gid, files, size, alloc, atime) AS "                              \
    "SELECT dir_id, owner_uid, owner_gid, file_count_nr, total_size_nr, total_alloc_nr, "          \
    "max_atime_nr FROM directory_stats WHERE file_count_nr > 0 AND owner_uid IS NOT NULL "         \
    "AND owner_gid IS NOT NULL UNION ALL SELECT * FROM owner_usage;"                               \
    "INSERT INTO owner_usage_block SELECT id - (id - 1) %% %d, uid, gid, sum(files), "             \
    "saturating_sum(size), saturating_sum(alloc), max(atime), count(*), "                          \
    "sum(gid = (SELECT min(gid) FROM f o WHERE o.id = f.id AND o.uid = f.uid)), "                  \
    "sum(uid = (SELECT min(uid) FROM f o WHERE o.id = f.id AND o.gid = f.gid)) "                   \
    "FROM f GROUP BY 1, 2, 3;"                                                                     \
    "INSERT INTO directory_names SELECT dir_id - (dir_id - 1) %% %d, "                             \
    "CAST(group_concat(name, char(0)) || char(0) AS BLOB) "                                        \
    "FROM (SELECT dir_id, name FROM directories ORDER BY dir_id) GROUP BY 1;"

/* A database with these rows, as SQL, and the blocks, marks and indexes of a published one. */
static inline void query_fixture_make(const char *path, const char *rows)
{
    sqlite3 *db;
    char marks[2048];
    unlink(path);
    snprintf(marks, sizeof marks,
             QUERY_FIXTURE_BLOCKS "PRAGMA application_id = %d; PRAGMA user_version = %d;",
             SCHEMA_OWNER_BLOCK, SCHEMA_NAME_BLOCK, SCHEMA_APPLICATION_ID, SCHEMA_VERSION);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(saturating_offer(db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, schema_tables(), NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, schema_views(), NULL, NULL, NULL), SQLITE_OK);
    if (sqlite3_exec(db, rows, NULL, NULL, NULL) != SQLITE_OK)
        fail_msg("%s", sqlite3_errmsg(db));
    assert_int_equal(sqlite3_exec(db, schema_indexes(), NULL, NULL, NULL), SQLITE_OK);
    if (sqlite3_exec(db, marks, NULL, NULL, NULL) != SQLITE_OK)
        fail_msg("%s", sqlite3_errmsg(db));
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
