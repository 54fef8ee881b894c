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
    assert_int_equal(filter_set_prefix(filter, "-P", path, &err), 0);
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

static void totals_by_path(struct filter *filter)
{
    filter->group_by = FILTER_BY_OWNER;
    filter->sort_by = FILTER_SORT_PATH;
}

static void totals_below(struct filter *filter)
{
    filter->group_by = FILTER_BY_OWNER;
    filter->owner = "7";
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
    expect_checked(totals_of_single_owners, "--single-owner: not with --group-by");
    expect_checked(totals_of_large, "--min-size: not with --group-by");
    expect_checked(totals_by_path, "--sort-by: ");
    expect_checked(totals_below, NULL);
}

static void texts_are_checked(void **state)
{
    (void)state;
    struct filter filter;
    filter_init(&filter);
    struct err relative = {0}, empty = {0}, slash = {0}, key = {0}, group = {0};
    assert_int_equal(filter_set_prefix(&filter, "-P", "a/b", &relative), -1);
    assert_string_equal(relative.text, "-P: 'a/b' is not an absolute path; give it from / on");
    assert_int_equal(filter_add_pattern(&filter, "-N", "", &empty), -1);
    assert_int_equal(filter_add_pattern(&filter, "-N", "a/b", &slash), -1);
    assert_int_equal(filter_set_sort(&filter, "--sort-by", "size", &key), -1);
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
    assert_true(slice_equal(filter.path_prefix, slice_from("/a/b/../c")));
    prefix(&filter, "///");
    assert_true(slice_equal(filter.path_prefix, slice_from("/")));
    filter_free(&filter);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(contradictions_are_refused),
        cmocka_unit_test(texts_are_checked),
        cmocka_unit_test(paths_are_folded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
