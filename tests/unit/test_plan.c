/* plan: which table leads, on a tree of 10,000 directories: one at depth 1, nine at depth 2, the
 * rest at depth 3. For 50 rows a walk pays above sqrt(50 * 10,000) = 707 candidates. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "err.h"
#include "filter.h"
#include "plan.h"
#include "query_fixture.h"
#include "reader.h"
#include "scope.h"

typedef void change(struct filter *filter, struct scope *scope);

static void expect_drive(change apply, enum plan_drive expected)
{
    struct filter filter;
    struct scope scope = {
        .directories = 10000, .owner_uid = -1, .owner_gid = -1, .under = {1, 10000}};
    struct plan plan;
    struct err err = {0};
    filter_init(&filter);
    filter.limit = 50;
    apply(&filter, &scope);
    struct reader *reader = query_fixture_open("x.db");
    if (plan_choose(&plan, reader, &filter, &scope, &err) != 0)
        fail_msg("%s", err.text);
    assert_int_equal(plan.drive, expected);
    reader_close(reader);
    filter_free(&filter);
}

static void nothing(struct filter *filter, struct scope *scope)
{
    (void)filter;
    (void)scope;
}

static void all_rows(struct filter *filter, struct scope *scope)
{
    (void)scope;
    filter->limit = 0;
}

static void an_owner(struct filter *filter, struct scope *scope)
{
    filter->owner = "7";
    scope->owner_uid = 7;
}

static void a_small_subtree(struct filter *filter, struct scope *scope)
{
    (void)filter;
    scope->under = (struct scope_range){1001, 1707};
}

static void a_larger_subtree(struct filter *filter, struct scope *scope)
{
    (void)filter;
    scope->under = (struct scope_range){1001, 1709};
}

static void few_levels(struct filter *filter, struct scope *scope)
{
    (void)scope;
    filter->max_depth = 2;
}

static void most_levels(struct filter *filter, struct scope *scope)
{
    (void)scope;
    filter->min_depth = 2;
}

static void few_levels_of_a_small_subtree(struct filter *filter, struct scope *scope)
{
    filter->max_depth = 2;
    scope->under = (struct scope_range){1001, 1005};
}

/* As many as are collected of anything. */
static void few_names(struct filter *filter, struct scope *scope)
{
    (void)filter;
    scope->by_name = true;
    scope->named = 707;
}

static void many_names(struct filter *filter, struct scope *scope)
{
    (void)filter;
    scope->by_name = true;
    scope->named = 9000;
}

static void few_names_of_an_owner(struct filter *filter, struct scope *scope)
{
    filter->owner = "7";
    filter->single_owner = true;
    scope->owner_uid = 7;
    few_names(filter, scope);
}

/* What an owner holds comes from two tables. */
static void few_names_that_an_owner_holds(struct filter *filter, struct scope *scope)
{
    filter->owner = "7";
    scope->owner_uid = 7;
    few_names(filter, scope);
}

static void a_quarter_by_direct_size(struct filter *filter, struct scope *scope)
{
    filter->sort_by = FILTER_SORT_SIZE_NR;
    scope->by_name = true;
    scope->named = 2500;
}

static void more_than_a_quarter_by_direct_size(struct filter *filter, struct scope *scope)
{
    a_quarter_by_direct_size(filter, scope);
    scope->named = 2501;
}

/* Nobody can foretell how many of them are the group's. */
static void many_names_of_a_group(struct filter *filter, struct scope *scope)
{
    filter->group = "7";
    many_names(filter, scope);
}

static void many_files(struct filter *filter, struct scope *scope)
{
    (void)scope;
    filter->min_files = 10;
}

static void many_files_by_files(struct filter *filter, struct scope *scope)
{
    (void)scope;
    filter->min_files = 10;
    filter->sort_by = FILTER_SORT_FILES_R;
}

static void by_direct_size(struct filter *filter, struct scope *scope)
{
    (void)scope;
    filter->sort_by = FILTER_SORT_SIZE_NR;
}

static void by_path(struct filter *filter, struct scope *scope)
{
    (void)scope;
    filter->sort_by = FILTER_SORT_PATH;
}

static void by_depth(struct filter *filter, struct scope *scope)
{
    (void)scope;
    filter->sort_by = FILTER_SORT_DEPTH;
}

static void the_way_is_the_cheapest(void **state)
{
    (void)state;
    expect_drive(nothing, PLAN_SORT);
    expect_drive(all_rows, PLAN_TREE);
    expect_drive(an_owner, PLAN_OWNER);
    expect_drive(a_small_subtree, PLAN_TREE);
    expect_drive(a_larger_subtree, PLAN_SORT);
    expect_drive(few_levels, PLAN_DEPTH);
    expect_drive(most_levels, PLAN_SORT);
    expect_drive(few_levels_of_a_small_subtree, PLAN_TREE);
    expect_drive(few_names, PLAN_NAMES);
    expect_drive(many_names, PLAN_SORT);
    expect_drive(few_names_of_an_owner, PLAN_NAMES);
    expect_drive(few_names_that_an_owner_holds, PLAN_OWNER);
    expect_drive(a_quarter_by_direct_size, PLAN_NAMES);
    expect_drive(more_than_a_quarter_by_direct_size, PLAN_TREE);
    expect_drive(many_names_of_a_group, PLAN_TREE);
    expect_drive(many_files, PLAN_TREE);
    expect_drive(many_files_by_files, PLAN_SORT);
    expect_drive(by_direct_size, PLAN_TREE);
    expect_drive(by_path, PLAN_TREE);
    expect_drive(by_depth, PLAN_SORT);
}

static int make_database(void **state)
{
    if (unit_support_enter(state) != 0)
        return -1;
    query_fixture_make("x.db",
                       "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
                       "WHERE i < 10000) "
                       "INSERT INTO directories(dir_id, path, depth, last_id, name) "
                       "SELECT i, '/' || i, CASE WHEN i = 1 THEN 1 WHEN i <= 10 THEN 2 ELSE 3 END, "
                       "i, i FROM n;");
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_way_is_the_cheapest, make_database, unit_support_leave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
