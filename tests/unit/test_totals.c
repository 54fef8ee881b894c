/* totals: what owners and groups have in several directories and databases becomes one each. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "filter.h"
#include "query_fixture.h"
#include "totals.h"

/* In x: 7 has 1 file of 100 bytes, 8 has 2 of 100 in two directories, 9 has 9 of 5; in y: 9 has 1 of 1,
 * 7 has 5 of 1. Groups are 1 and, of 9, 2. */
static const struct store_fixture_files in_x[] = {
    {"/d/a", 7, 1, 1, 100, 10, 1577836800, 0},   {"/d/a", 8, 1, 1, 60, 20, ENTRY_NO_TIME, 9},
    {"/d/b", 8, 1, 1, 40, 0, ENTRY_NO_TIME, 9},  {"/d/b/c", 9, 2, 4, 2, 0, ENTRY_NO_TIME, 3},
    {"/d/b/c", 9, 1, 5, 3, 0, ENTRY_NO_TIME, 4},
};
static const struct store_fixture_files in_y[] = {
    {"/d/a", 9, 2, 1, 1, 1, 1546300800, 5},
    {"/d/a", 7, 1, 5, 1, 1, 1609459200, 5},
};

static int make_databases(void **state)
{
    if (unit_support_enter(state) != 0)
        return -1;
    store_fixture_import("x.db", in_x, 5);
    store_fixture_import("y.db", in_y, 2);
    return 0;
}

static void expect(struct filter *filter, size_t databases, bool split, size_t columns,
                   const char *expected)
{
    struct answer *answer;
    struct err err = {0};
    for (unsigned threads = 1; threads <= 7; threads += 6) {
        struct federation federation;
        size_t all[ANSWER_COLUMNS];
        for (size_t i = 0; i < columns; i++)
            all[i] = i;
        query_fixture_federate(&federation, databases, threads);
        if (totals_answer(&answer, &federation, filter, split, &err) != 0)
            fail_msg("%s", err.text);
        assert_int_equal(answer->count, columns);
        query_fixture_expect(answer, all, columns, expected);
        federation_close(&federation);
    }
}

static void by_owner_group_and_both(void **state)
{
    (void)state;
    struct filter filter;
    filter_init(&filter);
    filter.group_by = FILTER_BY_OWNER;
    expect(&filter, 1, false, 7,
           "7|seven|1|100|10|1|2020-01-01 00:00:00\n"
           "8|-|2|100|20|2|-\n"
           "9|-|9|5|0|1|-\n");
    filter.group_by = FILTER_BY_GROUP;
    expect(&filter, 1, false, 7,
           "1|-|8|203|30|3|2020-01-01 00:00:00\n"
           "2|-|4|2|0|1|-\n");
    filter.group_by = FILTER_BY_BOTH;
    expect(&filter, 1, false, 9,
           "7|seven|1|-|1|100|10|1|2020-01-01 00:00:00\n"
           "8|-|1|-|2|100|20|2|-\n"
           "9|-|1|-|5|3|0|1|-\n"
           "9|-|2|-|4|2|0|1|-\n");
}

static void several_databases_and_their_parts(void **state)
{
    (void)state;
    struct filter filter;
    filter_init(&filter);
    filter.group_by = FILTER_BY_OWNER;
    filter.limit = 2;
    expect(&filter, 2, true, 8,
           "-|7|seven|6|101|11|2|2021-01-01 00:00:00\n"
           "x|7|seven|1|100|10|1|2020-01-01 00:00:00\n"
           "y|7|seven|5|1|1|1|2021-01-01 00:00:00\n"
           "-|8|-|2|100|20|2|-\n"
           "x|8|-|2|100|20|2|-\n");
    assert_non_null(strstr(query_fixture_told, "x.db and y.db: both hold the file system fs"));
}

/* Of directories of the filter, files of the owners and groups. */
static void filters_choose(void **state)
{
    (void)state;
    struct filter filter;
    struct err err = {0};
    filter_init(&filter);
    filter.group_by = FILTER_BY_OWNER;
    filter.leaves_only = true;
    assert_int_equal(filter_add_group(&filter, "-g", "1", &err), 0);
    expect(&filter, 1, false, 7,
           "7|seven|1|100|10|1|2020-01-01 00:00:00\n"
           "8|-|1|60|20|1|-\n"
           "9|-|5|3|0|1|-\n");
    assert_int_equal(filter_add_owner(&filter, "-u", "9", &err), 0);
    assert_int_equal(filter_add_owner(&filter, "-u", "8", &err), 0);
    filter.cold_bucket = 5;
    expect(&filter, 1, false, 9,
           "8|-|1|60|20|1|-|60|1\n"
           "9|-|5|3|0|1|-|0|0\n");
    filter_free(&filter);
}

static void expect_order(enum filter_sort sort, bool reverse, const char *expected)
{
    struct federation federation;
    struct answer *answer;
    struct filter filter;
    struct err err = {0};
    filter_init(&filter);
    filter.group_by = FILTER_BY_OWNER;
    filter.sort_by = sort;
    filter.reverse = reverse;
    query_fixture_federate(&federation, 2, 1);
    assert_int_equal(totals_answer(&answer, &federation, &filter, false, &err), 0);
    query_fixture_expect(answer, (const size_t[]){0}, 1, expected);
    federation_close(&federation);
}

/* 7 has 101 bytes, 6 files, 11 allocated, 2 directories, 2021; 8 has 100, 2, 20, 2 and no time; 9 has
 * 6, 10, 1, 2, 2019. */
static void entries_are_sorted(void **state)
{
    (void)state;
    expect_order(FILTER_SORT_SIZE_R, false, "7\n8\n9\n");
    expect_order(FILTER_SORT_SIZE_R, true, "9\n8\n7\n");
    expect_order(FILTER_SORT_FILES_NR, false, "9\n7\n8\n");
    expect_order(FILTER_SORT_ALLOC_R, false, "8\n7\n9\n");
    expect_order(FILTER_SORT_DIRS_R, false, "7\n8\n9\n"); /* equals: by id */
    expect_order(FILTER_SORT_DIRS_R, true, "7\n8\n9\n");
    expect_order(FILTER_SORT_ATIME_R, false, "7\n9\n8\n");
    expect_order(FILTER_SORT_ATIME_R, true, "9\n7\n8\n"); /* unknown stays last */
    expect_order(FILTER_SORT_AVG, false, "8\n7\n9\n");    /* 50, 16, 0 */
}

static void a_sum_stays_at_63_bits(void **state)
{
    (void)state;
    static const struct store_fixture_files much[] = {
        {"/a", 7, 1, 1, INT64_MAX, 0, ENTRY_NO_TIME, 0},
        {"/b", 7, 1, 1, 1, 0, ENTRY_NO_TIME, 0},
    };
    struct filter filter;
    store_fixture_import("y.db", much, 2);
    store_fixture_import("x.db", much, 2);
    filter_init(&filter);
    filter.group_by = FILTER_BY_OWNER;
    expect(&filter, 2, false, 7, "7|seven|4|9223372036854775807|0|4|-\n");
}

static void nothing_is_no_entry(void **state)
{
    (void)state;
    struct filter filter;
    store_fixture_import("x.db", NULL, 0);
    filter_init(&filter);
    filter.group_by = FILTER_BY_GROUP;
    expect(&filter, 1, false, 7, "");
}

int main(void)
{
#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_databases, unit_support_leave)
    const struct CMUnitTest tests[] = {
        IN_FOLDER(by_owner_group_and_both), IN_FOLDER(several_databases_and_their_parts),
        IN_FOLDER(filters_choose),          IN_FOLDER(entries_are_sorted),
        IN_FOLDER(a_sum_stays_at_63_bits),  IN_FOLDER(nothing_is_no_entry),
    };
    return cmocka_run_group_tests_name("totals", tests, NULL, NULL);
}
