/* ownerblock: rows against sums worked out by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ownerblock.h"
#include "schema.h"

/* One file of `size` bytes, twice that allocated. */
static struct dirstat file_of(uint64_t size, int64_t atime)
{
    return (struct dirstat){1, size, 2 * size, atime, ENTRY_NO_TIME};
}

static void add_directory(struct ownerblock *blocks, int64_t id, int64_t uid, int64_t gid,
                          uint64_t size)
{
    const struct rows_dir dir = {.id = id, .uid = uid, .gid = gid, .own = file_of(size, id)};
    assert_int_equal(ownerblock_add_directory(blocks, &dir), 0);
}

static void add_usage(struct ownerblock *blocks, int64_t id, int64_t uid, int64_t gid,
                      uint64_t size)
{
    const struct rows_usage usage = {id, uid, gid, file_of(size, ENTRY_NO_TIME)};
    assert_int_equal(ownerblock_add_usage(blocks, &usage), 0);
}

/* Columns: block, owner, group, files, bytes, directories three times. */
static void expect_rows(struct ownerblock *blocks, const char *expected)
{
    char found[1024] = "";
    size_t count;
    const struct ownerblock_row *row = ownerblock_rows(blocks, &count);
    for (; count > 0; count--, row++) {
        size_t len = strlen(found);
        snprintf(found + len, sizeof found - len,
                 "%" PRId64 " %" PRId64 ":%" PRId64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64
                 " %" PRIu64 "\n",
                 row->first_id, row->uid, row->gid, row->stat.files, row->stat.size,
                 row->directories, row->owner_directories, row->group_directories);
    }
    assert_string_equal(found, expected);
    ownerblock_clear(blocks);
}

static void neighbours_are_added_up(void **state)
{
    (void)state;
    struct ownerblock *blocks = ownerblock_new();
    add_directory(blocks, 1, 7, 70, 1);
    add_directory(blocks, 2, 7, -1, 10);
    add_directory(blocks, 3, 5, 70, 100);
    add_directory(blocks, SCHEMA_OWNER_BLOCK, 7, 70, 1000);
    expect_rows(blocks, ""); /* the block may go on */
    add_directory(blocks, SCHEMA_OWNER_BLOCK + 1, 7, 70, 3);
    expect_rows(blocks, "1 5:70 1 100 1 1 1\n"
                        "1 7:-1 1 10 1 1 1\n"
                        "1 7:70 2 1001 2 2 2\n");
    expect_rows(blocks, "");
    add_directory(blocks, SCHEMA_OWNER_BLOCK + 2, 7, 70, 4);
    add_directory(blocks, SCHEMA_OWNER_BLOCK + 3, 8, 70, 5);
    ownerblock_end(blocks);
    expect_rows(blocks, "1025 7:70 2 7 2 2 2\n"
                        "1025 8:70 1 5 1 1 1\n");
    ownerblock_free(blocks);
    ownerblock_free(NULL);
}

/* Directory 1: owner 5 in groups 50 and 60, owner 6 in 50. Directory 2: owner 5 in 60, 6 in 50
 * and 60. */
static void a_directory_counts_once_for_each(void **state)
{
    (void)state;
    struct ownerblock *blocks = ownerblock_new();
    add_usage(blocks, 1, 5, 50, 1);
    add_usage(blocks, 1, 5, 60, 1);
    add_usage(blocks, 1, 6, 50, 1);
    add_usage(blocks, 2, 5, 60, 1);
    add_usage(blocks, 2, 6, 50, 1);
    add_usage(blocks, 2, 6, 60, 1);
    ownerblock_end(blocks);
    expect_rows(blocks, "1 5:50 1 1 1 1 1\n"
                        "1 5:60 2 2 2 1 2\n"
                        "1 6:50 2 2 2 2 1\n"
                        "1 6:60 1 1 1 0 0\n");
    ownerblock_free(blocks);
}

/* Rows that are taken away between do not change those of the block begun. */
static void clearing_changes_nothing(void **state)
{
    (void)state;
    struct ownerblock *blocks = ownerblock_new();
    size_t count;
    for (int64_t id = 1; id <= 3 * SCHEMA_OWNER_BLOCK; id++) {
        add_directory(blocks, id, id % 3, 0, 1);
        size_t complete;
        const struct ownerblock_row *rows = ownerblock_rows(blocks, &complete);
        for (size_t i = 0; i < complete; i++)
            assert_in_range(rows[i].directories, SCHEMA_OWNER_BLOCK / 3,
                            SCHEMA_OWNER_BLOCK / 3 + 1);
        if (id % 5 == 0)
            ownerblock_clear(blocks);
    }
    ownerblock_end(blocks);
    const struct ownerblock_row *rows = ownerblock_rows(blocks, &count);
    assert_int_equal(count, 3);
    assert_int_equal(rows[0].directories + rows[1].directories + rows[2].directories,
                     SCHEMA_OWNER_BLOCK);
    assert_int_equal(rows[0].stat.max_atime, 3 * SCHEMA_OWNER_BLOCK);
    ownerblock_free(blocks);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(neighbours_are_added_up),
        cmocka_unit_test(a_directory_counts_once_for_each),
        cmocka_unit_test(clearing_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
