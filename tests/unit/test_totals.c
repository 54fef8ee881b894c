/* totals: rows of several databases become one an owner. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "err.h"
#include "filter.h"
#include "query_fixture.h"
#include "reader.h"
#include "totals.h"

/* Adds the rows of a SELECT of statement_totals' columns. */
static void add(struct totals *totals, const char *values)
{
    char sql[512];
    struct reader_rows *rows;
    struct err err = {0};
    struct reader *reader = query_fixture_open("x.db");
    snprintf(sql, sizeof sql, "SELECT * FROM (VALUES %s)", values);
    assert_int_equal(reader_run(&rows, reader, sql, NULL, 0, &err), 0);
    while (reader_rows_next(rows, &err) == 1)
        assert_int_equal(totals_add(totals, rows, 0, &err), 0);
    assert_int_equal(err.status, ERR_NONE);
    reader_rows_close(rows);
    reader_close(reader);
}

/* Columns: id, name, files, size, alloc, directories, atime. */
static const char first[] = "(1, NULL, 1, 100, 10, 1, '2020-01-01 00:00:00'), "
                            "(2, 'ann', 2, 100, 20, 2, NULL), (3, NULL, 9, 5, 0, 1, NULL)";
static const char second[] = "(3, 'bob', 1, 1, 1, 1, '2019-01-01 00:00:00'), "
                             "(1, NULL, 5, 1, 1, 1, '2021-01-01 00:00:00')";

static void expect_order(enum filter_sort sort, bool reverse, int64_t limit, const char *expected)
{
    struct totals totals = {0};
    struct filter filter;
    struct err err = {0};
    char found[32] = "";
    filter_init(&filter);
    filter.sort_by = sort;
    filter.reverse = reverse;
    filter.limit = limit;
    add(&totals, first);
    add(&totals, second);
    assert_int_equal(totals_finish(&totals, &filter, &err), 0);
    for (size_t i = 0; i < totals.count; i++)
        snprintf(found + strlen(found), sizeof found - strlen(found), "%d",
                 (int)totals.entries[i].id);
    assert_string_equal(found, expected);
    totals_free(&totals);
}

static void entries_are_folded(void **state)
{
    (void)state;
    struct totals totals = {0};
    struct filter filter;
    struct err err = {0};
    filter_init(&filter);
    add(&totals, first);
    add(&totals, second);
    assert_int_equal(totals_finish(&totals, &filter, &err), 0);
    assert_int_equal(totals.count, 3);
    const struct totals_entry *one = &totals.entries[0];
    assert_int_equal(one->id, 1);
    assert_null(one->name);
    assert_int_equal(one->files, 6);
    assert_int_equal(one->size, 101);
    assert_int_equal(one->alloc, 11);
    assert_int_equal(one->directories, 2);
    assert_string_equal(one->atime, "2021-01-01 00:00:00");
    assert_string_equal(totals.entries[1].name, "ann");
    assert_string_equal(totals.entries[1].atime, "");
    assert_string_equal(totals.entries[2].name, "bob"); /* only the second database knows it */
    totals_free(&totals);
}

/* Folded: 1 has size 101, files 6, alloc 11, directories 2, atime 2021; 2 has 100, 2, 20, 2 and
 * none; 3 has 6, 10, 1, 2, 2019. */
static void entries_are_sorted(void **state)
{
    (void)state;
    expect_order(FILTER_SORT_SIZE_R, false, 0, "123");
    expect_order(FILTER_SORT_SIZE_R, true, 0, "321");
    expect_order(FILTER_SORT_SIZE_R, true, 2, "32");
    expect_order(FILTER_SORT_FILES_NR, false, 0, "312");
    expect_order(FILTER_SORT_ALLOC_R, false, 0, "213");
    expect_order(FILTER_SORT_DIRS_R, false, 0, "123"); /* equals: by id */
    expect_order(FILTER_SORT_DIRS_R, true, 0, "123");
    expect_order(FILTER_SORT_ATIME_R, false, 0, "132");
    expect_order(FILTER_SORT_ATIME_R, true, 0, "312"); /* unknown stays last */
    expect_order(FILTER_SORT_SIZE_R, false, 100, "123");
}

static void a_sum_stays_at_63_bits(void **state)
{
    (void)state;
    struct totals totals = {0};
    struct filter filter;
    struct err err = {0};
    filter_init(&filter);
    add(&totals, "(7, 'x', 1, 9223372036854775807, 0, 1, NULL)");
    add(&totals, "(7, 'x', 1, 1, 0, 1, NULL)");
    assert_int_equal(totals_finish(&totals, &filter, &err), 0);
    assert_int_equal(totals.count, 1);
    assert_true(totals.entries[0].size == INT64_MAX);
    assert_int_equal(totals.entries[0].files, 2);
    totals_free(&totals);
}

static void nothing_is_no_entry(void **state)
{
    (void)state;
    struct totals totals = {0};
    struct filter filter;
    struct err err = {0};
    filter_init(&filter);
    assert_int_equal(totals_finish(&totals, &filter, &err), 0);
    assert_int_equal(totals.count, 0);
    totals_free(&totals);
}

static int make_database(void **state)
{
    if (unit_support_enter(state) != 0)
        return -1;
    query_fixture_make("x.db", "");
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(entries_are_folded),
        cmocka_unit_test(entries_are_sorted),
        cmocka_unit_test(a_sum_stays_at_63_bits),
        cmocka_unit_test(nothing_is_no_entry),
    };
    return cmocka_run_group_tests(tests, make_database, unit_support_leave);
}
