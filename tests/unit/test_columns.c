/* columns: the values of rows, of every type. */
#include "columns.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* The value of the column of that name. */
static struct columns_value value(struct columns_row *row, const char *name)
{
    const struct columns *columns = &columns_tables[row->table];
    for (size_t i = 0; i < columns->count; i++)
        if (strcmp(columns->items[i].name, name) == 0)
            return columns_value(row, columns->items[i].source);
    fail_msg("%s has no column %s", columns->table, name);
    return (struct columns_value){0};
}

static void expect_null(struct columns_row *row, const char *name)
{
    assert_int_equal(value(row, name).type, COLUMNS_NULL);
}

static void expect_integer(struct columns_row *row, const char *name, int64_t expected)
{
    struct columns_value found = value(row, name);
    assert_int_equal(found.type, COLUMNS_INTEGER);
    assert_int_equal(found.integer, expected);
}

static void expect_bytes(struct columns_row *row, const char *name, enum columns_type type,
                         const char *expected)
{
    struct columns_value found = value(row, name);
    assert_int_equal(found.type, type);
    assert_true(slice_equal(found.bytes, slice_from(expected)));
}

static void directories(void **state)
{
    (void)state;
    struct columns_row row = {.table = COLUMNS_DIRECTORIES, .id = 9};
    row.place = (struct rows_place){.parent_id = 3, .last_id = 12, .depth = 2};
    row.path = slice_from("/a/b");
    expect_integer(&row, "dir_id", 9);
    expect_integer(&row, "parent_id", 3);
    expect_integer(&row, "last_id", 12);
    expect_integer(&row, "depth", 2);
    expect_bytes(&row, "path", COLUMNS_TEXT, "/a/b");
    expect_bytes(&row, "name", COLUMNS_TEXT, "b");
    row.place.parent_id = 0;
    row.path = (struct slice){"/", 1};
    expect_null(&row, "parent_id");
    expect_bytes(&row, "name", COLUMNS_TEXT, "/");
}

/* Below a name that is not UTF-8 others may be. */
static void blobs(void **state)
{
    (void)state;
    struct columns_row row = {.table = COLUMNS_DIRECTORIES};
    row.place.path_is_blob = true;
    row.path = (struct slice){"/\xff/b", 4};
    expect_bytes(&row, "path", COLUMNS_BLOB, "/\xff/b");
    expect_bytes(&row, "name", COLUMNS_TEXT, "b");
    row.path = (struct slice){"/a/\xff", 4};
    expect_bytes(&row, "name", COLUMNS_BLOB, "\xff");
}

static void stats(void **state)
{
    (void)state;
    struct columns_row row = {.table = COLUMNS_STATS};
    row.dir = (struct rows_dir){
        .id = 5,
        .own = {1, DIRSTAT_OVERFLOW, INT64_MAX, ENTRY_NO_TIME, 0},
        .subtree = {2, 3, 4, 951782400, ENTRY_NO_TIME},
        .own_dirs = 6,
        .subtree_dirs = 7,
        .uid = ROWS_SEVERAL,
        .gid = -1,
    };
    expect_integer(&row, "dir_id", 5);
    expect_integer(&row, "file_count_nr", 1);
    expect_integer(&row, "dir_count_nr", 6);
    expect_integer(&row, "total_size_nr", INT64_MAX); /* stays there */
    expect_integer(&row, "total_alloc_nr", INT64_MAX);
    expect_null(&row, "max_atime_nr");
    expect_bytes(&row, "max_mtime_nr", COLUMNS_TEXT, "1970-01-01 00:00:00");
    expect_integer(&row, "file_count_r", 2);
    expect_integer(&row, "dir_count_r", 7);
    expect_integer(&row, "total_size_r", 3);
    expect_integer(&row, "total_alloc_r", 4);
    expect_bytes(&row, "max_atime_r", COLUMNS_TEXT, "2000-02-29 00:00:00");
    expect_null(&row, "max_mtime_r");
    expect_null(&row, "owner_uid");
    expect_integer(&row, "owner_gid", -1);
}

static void usages(void **state)
{
    (void)state;
    struct columns_row row = {.table = COLUMNS_USAGE};
    row.usage = (struct rows_usage){1, 4294967294, -1, {2, DIRSTAT_OVERFLOW, 4, 0, 5}};
    expect_integer(&row, "dir_id", 1);
    expect_integer(&row, "owner_uid", 4294967294);
    expect_integer(&row, "owner_gid", -1);
    expect_integer(&row, "file_count", 2);
    expect_integer(&row, "total_size", INT64_MAX);
    expect_integer(&row, "total_alloc", 4);
    expect_bytes(&row, "max_atime", COLUMNS_TEXT, "1970-01-01 00:00:00");
}

/* An index is of a column that its table has. */
static void indexes(void **state)
{
    (void)state;
    for (size_t i = 0; i < COLUMNS_INDEXES; i++) {
        const struct columns *columns = &columns_tables[columns_indexes[i].table];
        size_t found = 0;
        for (size_t c = 0; c < columns->count; c++)
            found += strcmp(columns->items[c].name, columns_indexes[i].column) == 0;
        assert_int_equal(found, 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(directories), cmocka_unit_test(blobs),   cmocka_unit_test(stats),
        cmocka_unit_test(usages),      cmocka_unit_test(indexes),
    };
    return cmocka_run_group_tests_name("columns", tests, NULL, NULL);
}
