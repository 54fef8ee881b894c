/* statement: values are bound, never text; and there is a value for each place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "err.h"
#include "filter.h"
#include "plan.h"
#include "reader.h"
#include "scope.h"
#include "statement.h"

/* A filter with every option set, each value one that would be seen in the text. */
static void fill(struct filter *filter, struct scope *scope, struct scope_range *excluded)
{
    struct err err = {0};
    filter_init(filter);
    filter->min_depth = 711;
    filter->max_depth = 712;
    filter->min_size = 713;
    filter->max_size = 714;
    filter->min_files = 715;
    filter->max_files = 716;
    filter->single_owner = true;
    filter->leaves_only = true;
    filter->limit = 717;
    assert_int_equal(filter_add_pattern(filter, "-N", "'; DROP TABLE 7; --", &err), 0);
    assert_int_equal(filter_add_pattern(filter, "-N", "run_7*", &err), 0);
    *excluded = (struct scope_range){718, 719};
    *scope = (struct scope){.directories = 7000,
                            .owner_uid = 720,
                            .owner_gid = 721,
                            .under = {722, 799},
                            .by_name = true,
                            .excluded = excluded,
                            .excluded_count = 1,
                            .accessed_before = "2077-07-07",
                            .accessed_after = "2007-07-07"};
}

/* Every ?n has its value, and no digit 7 stands in the text but in a ?n. */
static void expect_only_binds(const struct statement *statement)
{
    bool used[64] = {false};
    for (const char *c = statement->sql; *c != '\0'; c++) {
        if (*c == '?') {
            size_t place = 0;
            for (c++; *c >= '0' && *c <= '9'; c++)
                place = place * 10 + (size_t)(*c - '0');
            assert_in_range(place, 1, statement->value_count);
            used[place] = true;
        }
        assert_int_not_equal(*c, '7');
    }
    for (size_t i = 1; i <= statement->value_count; i++)
        assert_true(used[i]);
}

static void no_value_stands_in_the_text(void **state)
{
    (void)state;
    struct filter filter;
    struct scope scope;
    struct scope_range excluded;
    fill(&filter, &scope, &excluded);
    for (int drive = PLAN_TREE; drive <= PLAN_NAMES; drive++) {
        for (int sort = FILTER_SORT_SIZE_R; sort <= FILTER_SORT_DEPTH; sort++) {
            struct statement statement;
            struct err err = {0};
            const struct plan plan = {.drive = (enum plan_drive)drive};
            filter.sort_by = (enum filter_sort)sort;
            filter.ignore_case = sort % 2 == 1;
            assert_int_equal(statement_listing(&statement, &filter, &scope, &plan, &err), 0);
            expect_only_binds(&statement);
            assert_int_equal(statement.value_count, 15); /* 711 to 722, 799 and two texts */
            statement_free(&statement);
        }
    }
    filter_free(&filter);
}

static void what_an_owner_holds_binds_too(void **state)
{
    (void)state;
    struct filter filter;
    struct scope scope;
    struct scope_range excluded;
    fill(&filter, &scope, &excluded);
    filter.owner = "7";
    filter.single_owner = false;
    for (int sort = FILTER_SORT_SIZE_R; sort <= FILTER_SORT_OWNER_SIZE; sort++) {
        struct statement statement;
        struct err err = {0};
        const struct plan plan = {.drive = PLAN_OWNER};
        filter.sort_by = (enum filter_sort)sort;
        assert_int_equal(statement_listing(&statement, &filter, &scope, &plan, &err), 0);
        expect_only_binds(&statement);
        assert_int_equal(statement.value_count, 17); /* the range twice */
        statement_free(&statement);
    }
    filter_free(&filter);
}

static void totals_bind_too(void **state)
{
    (void)state;
    struct filter filter;
    struct scope scope;
    struct scope_range excluded;
    fill(&filter, &scope, &excluded);
    for (int group = FILTER_BY_OWNER; group <= FILTER_BY_GROUP; group++) {
        struct statement statement;
        struct err err = {0};
        filter.group_by = (enum filter_group)group;
        assert_int_equal(statement_totals(&statement, &filter, &scope, &err), 0);
        expect_only_binds(&statement);
        statement_free(&statement);
    }
    filter_free(&filter);
}

/* Without depths and names totals are of ranges: two here, each with whole blocks and edges. */
static void totals_of_ranges_bind_too(void **state)
{
    (void)state;
    struct filter filter;
    struct scope scope;
    struct scope_range excluded;
    struct err err = {0};
    struct statement statement;
    fill(&filter, &scope, &excluded);
    filter.group_by = FILTER_BY_OWNER;
    filter.min_depth = filter.max_depth = FILTER_ANY;
    scope.by_name = false;
    scope.under = (struct scope_range){72, 6799};
    excluded = (struct scope_range){3718, 3719};
    assert_int_equal(statement_totals(&statement, &filter, &scope, &err), 0);
    expect_only_binds(&statement);
    assert_int_equal(statement.value_count, 2 * 6 + 3 * 2); /* owner and group of three tables */
    assert_non_null(strstr(statement.sql, "owner_usage_block"));
    statement_free(&statement);
    filter_free(&filter);
}

static void an_empty_filter_binds_nothing(void **state)
{
    (void)state;
    struct filter filter;
    struct statement statement;
    struct err err = {0};
    const struct plan plan = {.drive = PLAN_TREE};
    const struct scope scope = {
        .directories = 10, .owner_uid = -1, .owner_gid = -1, .under = {1, 10}};
    filter_init(&filter);
    assert_int_equal(statement_listing(&statement, &filter, &scope, &plan, &err), 0);
    assert_int_equal(statement.value_count, 0);
    assert_null(strstr(statement.sql, "WHERE"));
    assert_null(strstr(statement.sql, "LIMIT"));
    statement_free(&statement);
    filter_free(&filter);
}

static void columns_have_the_names_of_the_database(void **state)
{
    (void)state;
    assert_string_equal(statement_column_name(STATEMENT_PATH), "path");
    assert_string_equal(statement_column_name(STATEMENT_ALLOC_NR), "total_alloc_nr");
    assert_string_equal(statement_total_name(STATEMENT_TOTAL_ID, FILTER_BY_GROUP), "owner_gid");
    assert_string_equal(statement_total_name(STATEMENT_TOTAL_NAME, FILTER_BY_OWNER), "username");
    assert_int_equal(statement_sort_column(FILTER_SORT_DIRS_R), STATEMENT_DIRS_R);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_value_stands_in_the_text),
        cmocka_unit_test(what_an_owner_holds_binds_too),
        cmocka_unit_test(totals_bind_too),
        cmocka_unit_test(totals_of_ranges_bind_too),
        cmocka_unit_test(an_empty_filter_binds_nothing),
        cmocka_unit_test(columns_have_the_names_of_the_database),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
