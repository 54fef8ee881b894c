/* store_fixture: small databases in the folder of the test. */
#ifndef FSTALLY_STORE_FIXTURE_H
#define FSTALLY_STORE_FIXTURE_H

#include <sqlite3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

#include "dirmap.h"
#include "err.h"
#include "reader.h"
#include "rollup.h"
#include "schema.h"
#include "tree.h"
#include "treerows.h"
#include "unit_support.h"
#include "writer.h"

/* A database with these rows, as SQL, and the marks and indexes of a published one, but no facts. */
static inline void store_fixture_make(const char *path, const char *rows)
{
    sqlite3 *db;
    char marks[256];
    unlink(path);
    snprintf(marks, sizeof marks, "PRAGMA application_id = %d; PRAGMA user_version = %d;",
             SCHEMA_APPLICATION_ID, SCHEMA_VERSION);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, schema_tables(), NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, schema_views(), NULL, NULL, NULL), SQLITE_OK);
    if (sqlite3_exec(db, rows, NULL, NULL, NULL) != SQLITE_OK)
        fail_msg("%s", sqlite3_errmsg(db));
    assert_int_equal(sqlite3_exec(db, schema_indexes(), NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, marks, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* Some files of one owner directly in a directory, all of one age; without any it is empty. */
struct store_fixture_files {
    const char *directory;
    uint32_t uid;
    uint32_t gid;
    uint64_t files;
    uint64_t size; /* of all, as the next */
    uint64_t alloc;
    int64_t atime; /* also the time of change */
    unsigned age;  /* access bucket */
};

static inline void store_fixture_fold(struct dirmap *dirs, const struct store_fixture_files *files)
{
    struct slice path = slice_from(files->directory);
    const struct cells_count cell = {files->files, files->size, cells_index(files->age, 0)};
    const struct dirmap_delta delta = {.hash = dirmap_hash(path),
                                       .path = path.ptr,
                                       .path_len = (uint32_t)path.len,
                                       .uid = files->uid,
                                       .gid = files->gid,
                                       .stat = {files->files, files->size, files->alloc,
                                                files->files == 0 ? ENTRY_NO_TIME : files->atime,
                                                files->files == 0 ? ENTRY_NO_TIME : files->atime},
                                       .cell_count = files->files != 0};
    assert_int_equal(dirmap_fold(dirs, &delta, 1, &cell), 0);
}

/* The database that an import makes of these files, the scan being of the year 2000. */
static inline void store_fixture_import(const char *path, const struct store_fixture_files *files,
                                        size_t count)
{
    static const struct writer_account users[] = {{7, "seven", NULL}};
    static atomic_bool cancelled;
    const struct writer_options options = {
        .batch_rows = 1000, .threads = 1, .cancelled = &cancelled};
    const struct writer_scan scan = {.source_file = {"log", 3},
                                     .scan_instant = 946684800,
                                     .filesystem = "fs",
                                     .age_by = "atime",
                                     .version = "0"};
    struct dirmap *dirs = dirmap_new();
    struct ownermap *owners = ownermap_new();
    struct ownermap *groups = ownermap_new();
    struct rollup_sums sums;
    struct tree *tree = NULL;
    struct treerows *rows = NULL;
    struct writer *writer = NULL;
    struct err err = {0};
    for (size_t i = 0; i < count; i++)
        store_fixture_fold(dirs, &files[i]);
    unit_support_write(path, "", 0);
    if (dirmap_link(dirs, (struct slice){NULL, 0}, 1) != 0 ||
        tree_new(&tree, dirs, 1, &cancelled, &err) != 0 ||
        rollup_tree(tree, owners, groups, &sums, &err) != 0 || treerows_new(&rows, tree) != 0 ||
        writer_open(&writer, path, &options, &err) != 0 ||
        writer_put_rows(writer, treerows_rows(rows), &err) != 0 ||
        writer_index(writer, treerows_rows(rows), &err) != 0 ||
        writer_put_totals(writer, owners, groups, &err) != 0 ||
        writer_put_accounts(writer, users, 1, NULL, 0, &err) != 0 ||
        writer_put_scans(writer, &scan, 1, &err) != 0 || writer_finish(writer, &err) != 0)
        fail_msg("%s", err.text);
    treerows_free(rows);
    tree_free(tree);
    dirmap_free(dirs);
    ownermap_free(owners);
    ownermap_free(groups);
}

static inline struct reader *store_fixture_open(const char *path)
{
    struct reader *reader = NULL;
    struct err err = {0};
    if (reader_open(&reader, path, &err) != 0)
        fail_msg("%s", err.text);
    return reader;
}

#endif
