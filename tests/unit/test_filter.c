/* filter: contradictions are refused, and what only looks like one is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "err.h"
#include "filter.h"

typedef void change(struct filter *filter);

static void expect_checked(change apply, const char *refused_for)
{
    struct filter filter;
    struct err err = {0};
    filter_init(&filter);
    apply(&filter);
    int status = filter_check(&filter, &err);
    if (refused_for == NULL) {
        assert_int_equal(status, 0);
    } else {
        assert_int_equal(status, -1);
        assert_int_equal(err.status, ERR_USAGE);
        assert_memory_equal(err.text, refused_for, strlen(refused_for));
    }
    filter_free(&filter);
}

static void prefix(struct filter *filter, const char *path)
{
    struct err err = {0};
    assert_int_equal(filter_add_prefix(filter, "-P", path, &err), 0);
}

static void exclude(struct filter *filter, const char *path)
{
    struct err err = {0};
    assert_int_equal(filter_add_exclude(filter, "-E", path, &err), 0);
}

static void nothing(struct filter *filter)
{
    (void)filter;
}

static void equal_bounds(struct filter *filter)
{
    filter->min_depth = filter->max_depth = 3;
    filter->min_size = filter->max_size = 0;
    filter->min_files = filter->max_files = 7;
}

static void crossed_depths(struct filter *filter)
{
    filter->min_depth = 4;
    filter->max_depth = 3;
}

static void crossed_sizes(struct filter *filter)
{
    filter->min_size = 4;
    filter->max_size = 3;
}

static void crossed_files(struct filter *filter)
{
    filter->min_files = 1;
    filter->max_files = 0;
}

static void too_shallow(struct filter *filter)
{
    prefix(filter, "/a/b/c");
    filter->max_depth = 2;
}

static void just_deep_enough(struct filter *filter)
{
    prefix(filter, "/a/b/c");
    filter->max_depth = 3;
}

static void all_excluded(struct filter *filter)
{
    prefix(filter, "/a/b/c");
    exclude(filter, "/a//b/");
}

static void root_excluded(struct filter *filter)
{
    exclude(filter, "//");
}

static void neighbour_excluded(struct filter *filter)
{
    prefix(filter, "/a/bc");
    exclude(filter, "/a/b");
}

static void dates_crossed(struct filter *filter)
{
    filter->accessed_after = (struct filter_when){.given = true, .date = "2025-01-01"};
    filter->accessed_before = (struct filter_when){.given = true, .date = "2025-01-01"};
}

static void dates_apart(struct filter *filter)
{
    filter->accessed_after = (struct filter_when){.given = true, .date = "2025-01-01"};
    filter->accessed_before = (struct filter_when){.given = true, .date = "2025-01-02"};
}

static void spans_crossed(struct filter *filter)
{
    filter->accessed_after = (struct filter_when){.given = true, .days = 30};
    filter->accessed_before = (struct filter_when){.given = true, .months = 1, .days = 30};
}

/* 13 months against 365 days: which is longer hangs on the day of the scan. */
static void spans_of_two_kinds(struct filter *filter)
{
    filter->accessed_after = (struct filter_when){.given = true, .months = 13};
    filter->accessed_before = (struct filter_when){.given = true, .days = 365};
}

static void crossed_allocs(struct filter *filter)
{
    filter->min_alloc = 4;
    filter->max_alloc = 3;
}

static void crossed_averages(struct filter *filter)
{
    filter->min_avg = 4;
    filter->max_avg = 3;
}

/* One prefix of two is too deep, the other is not. */
static void one_prefix_deep_enough(struct filter *filter)
{
    prefix(filter, "/a/b/c");
    prefix(filter, "/d");
    filter->max_depth = 2;
}

static void one_prefix_left(struct filter *filter)
{
    prefix(filter, "/a/b/c");
    prefix(filter, "/d");
    exclude(filter, "/a");
}

static void both_excluded(struct filter *filter)
{
    prefix(filter, "/a/b/c");
    prefix(filter, "/d");
    exclude(filter, "/a");
    exclude(filter, "/d");
}

static void totals_of_single_owners(struct filter *filter)
{
    filter->group_by = FILTER_BY_OWNER;
    filter->single_owner = true;
}

static void totals_of_large(struct filter *filter)
{
    filter->group_by = FILTER_BY_GROUP;
    filter->min_size = 1;
}

static void totals_of_hot_spots(struct filter *filter)
{
    struct err err = {0};
    filter->group_by = FILTER_BY_BOTH;
    assert_int_equal(filter_set_hot_spots(filter, "--hot-spots", NULL, &err), 0);
}

static void sorted(struct filter *filter, const char *key)
{
    struct err err = {0};
    assert_int_equal(filter_set_sort(filter, "--sort-by", key, &err), 0);
}

static void owned(struct filter *filter)
{
    struct err err = {0};
    assert_int_equal(filter_add_owner(filter, "-u", "7", &err), 0);
}

static void sorted_by_nobodys_size(struct filter *filter)
{
    sorted(filter, "owner_size");
}

static void sorted_by_an_owners_size(struct filter *filter)
{
    owned(filter);
    sorted(filter, "owner_size");
}

static void sorted_by_cold_without_age(struct filter *filter)
{
    sorted(filter, "cold_size");
}

static void sorted_by_cold(struct filter *filter)
{
    struct err err = {0};
    assert_int_equal(filter_set_cold(filter, "--cold", "3y", &err), 0);
    sorted(filter, "cold_size");
}

static void open_set(struct filter *filter)
{
    struct err err = {0};
    assert_int_equal(filter_add_pattern(filter, "-N", "a[b", &err), 0);
}

static void open_set_beside_another(struct filter *filter)
{
    struct err err = {0};
    open_set(filter);
    assert_int_equal(filter_add_pattern(filter, "-N", "a[]b]", &err), 0);
}

static void totals_by_path(struct filter *filter)
{
    filter->group_by = FILTER_BY_OWNER;
    filter->sort_by = FILTER_SORT_PATH;
}

static void totals_below(struct filter *filter)
{
    filter->group_by = FILTER_BY_OWNER;
    owned(filter);
    filter->max_depth = 9;
    prefix(filter, "/a");
    exclude(filter, "/a/b");
}

static void contradictions_are_refused(void **state)
{
    (void)state;
    expect_checked(nothing, NULL);
    expect_checked(equal_bounds, NULL);
    expect_checked(crossed_depths, "--min-depth: ");
    expect_checked(crossed_sizes, "--min-size: ");
    expect_checked(crossed_files, "--min-files: ");
    expect_checked(too_shallow, "--max-depth: /a/b/c is at depth 3 already");
    expect_checked(just_deep_enough, NULL);
    expect_checked(all_excluded, "--exclude: /a/b holds all that is asked for");
    expect_checked(root_excluded, "--exclude: / holds all that is asked for");
    expect_checked(neighbour_excluded, NULL);
    expect_checked(dates_crossed, "--accessed-after: ");
    expect_checked(dates_apart, NULL);
    expect_checked(spans_crossed, "--accessed-after: ");
    expect_checked(spans_of_two_kinds, NULL);
    expect_checked(crossed_allocs, "--min-alloc: ");
    expect_checked(crossed_averages, "--min-avg-size: ");
    expect_checked(one_prefix_deep_enough, NULL);
    expect_checked(one_prefix_left, NULL);
    expect_checked(both_excluded, "--exclude: /d holds all that is asked for");
    expect_checked(totals_of_single_owners, NULL);
    expect_checked(totals_of_large, NULL);
    expect_checked(totals_of_hot_spots, "--hot-spots: not with --group-by");
    expect_checked(sorted_by_nobodys_size, "--sort-by: owner_size is of listings with --owner-id");
    expect_checked(sorted_by_an_owners_size, NULL);
    expect_checked(sorted_by_cold_without_age, "--sort-by: cold_size is of answers with --cold");
    expect_checked(sorted_by_cold, NULL);
    expect_checked(open_set, "--name-pattern: 'a[b' begins a set");
    expect_checked(open_set_beside_another, NULL);
    expect_checked(totals_by_path, "--sort-by: ");
    expect_checked(totals_below, NULL);
}

static void texts_are_checked(void **state)
{
    (void)state;
    struct filter filter;
    filter_init(&filter);
    struct err relative = {0}, empty = {0}, slash = {0}, key = {0}, group = {0};
    assert_int_equal(filter_add_prefix(&filter, "-P", "a/b", &relative), -1);
    assert_string_equal(relative.text, "-P: 'a/b' is not an absolute path; give it from / on");
    assert_int_equal(filter_add_pattern(&filter, "-N", "", &empty), -1);
    assert_int_equal(filter_add_pattern(&filter, "-N", "a/b", &slash), -1);
    assert_int_equal(filter_set_sort(&filter, "--sort-by", "bytes", &key), -1);
    assert_int_equal(filter_set_group(&filter, "--group-by", "user", &group), -1);
    assert_int_equal(relative.status, ERR_USAGE);
    assert_int_equal(empty.status, ERR_USAGE);
    assert_int_equal(slash.status, ERR_USAGE);
    assert_int_equal(key.status, ERR_USAGE);
    assert_int_equal(group.status, ERR_USAGE);
    filter_free(&filter);
}

static void paths_are_folded(void **state)
{
    (void)state;
    struct filter filter;
    filter_init(&filter);
    prefix(&filter, "//a///b/../c//");
    prefix(&filter, "///");
    assert_int_equal(filter.prefix_count, 2);
    assert_true(slice_equal(filter.prefixes[0], slice_from("/a/b/../c")));
    assert_true(slice_equal(filter.prefixes[1], slice_from("/")));
    filter_free(&filter);
}

/* Ages are the lower bounds of access buckets, in days or years of 365 days. */
static void ages_part_buckets(void **state)
{
    (void)state;
    static const struct {
        const char *age;
        int bucket; /* 0: refused */
    } cases[] = {
        {"30d", 1},     {"90d", 2},
        {"180d", 3},    {"1y", 4},
        {"365d", 4},    {"1yr", 4},
        {"2yrs", 5},    {"3y", 6},
        {"4y", 7},      {"6y", 8},
        {"7y", 9},      {"5y", 0},
        {"0d", 0},      {"31d", 0},
        {"3", 0},       {"y", 0},
        {"", 0},        {"-3y", 0},
        {"3 y", 0},     {"03y", 6},
        {"3months", 0}, {" 3y", 0},
        {"3y ", 0},     {"+3y", 0},
        {"10001y", 0},  {"99999999999999999999999y", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct filter filter;
        struct err err = {0};
        filter_init(&filter);
        int status = filter_set_cold(&filter, "--cold", cases[i].age, &err);
        if ((status == 0) != (cases[i].bucket != 0) || filter.cold_bucket != cases[i].bucket)
            fail_msg("%s: bucket %d", cases[i].age, filter.cold_bucket);
        if (status != 0)
            assert_int_equal(err.status, ERR_USAGE);
        filter_free(&filter);
    }
}

static void shares_are_percent(void **state)
{
    (void)state;
    static const struct {
        const char *percent;
        int share; /* 0: refused */
    } cases[] = {{NULL, 90}, {"1", 1}, {"50%", 50}, {"100", 100}, {"0", 0},   {"101", 0},
                 {"", 0},    {"%", 0}, {"-1", 0},   {"9x", 0},    {"9%%", 0}, {"1e2", 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct filter filter;
        struct err err = {0};
        filter_init(&filter);
        int status = filter_set_hot_spots(&filter, "--hot-spots", cases[i].percent, &err);
        assert_int_equal(status == 0, cases[i].share != 0);
        if (status == 0)
            assert_int_equal(filter.hot_spots, cases[i].share);
        filter_free(&filter);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(contradictions_are_refused), cmocka_unit_test(texts_are_checked),
        cmocka_unit_test(paths_are_folded),           cmocka_unit_test(ages_part_buckets),
        cmocka_unit_test(shares_are_percent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
