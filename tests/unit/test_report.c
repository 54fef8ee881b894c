/* report: each table of a page about a small tree. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#include "filter.h"
#include "report.h"
#include "tree_fixture.h"

static struct federation federation;
static struct filter filter; /* both outlive the report */

static struct report *open_report(const char *prefix)
{
    struct err err = {0};
    struct report *report;
    filter_init(&filter);
    query_fixture_federate(&federation, 1, 2);
    if (prefix != NULL)
        assert_int_equal(filter_add_prefix(&filter, "-P", prefix, &err), 0);
    if (report_open(&report, &federation, &filter, &err) != 0)
        fail_msg("%s", err.text);
    return report;
}

static void close_all(struct report *report)
{
    report_close(report);
    filter_free(&filter);
    federation_close(&federation);
}

/* A table's rows: columns parted by `|`, NULL as `-`. */
static void expect_table(struct report *report, enum report_table table, const char *expected)
{
    struct err err = {0};
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    const struct reader_value *values;
    int more;
    if (report_start(report, table, &err) != 0)
        fail_msg("%s", err.text);
    while ((more = report_next(report, &values, &err)) == 1)
        for (size_t i = 0; i < report_column_count(table); i++) {
            query_fixture_print(out, &values[i]);
            fputc(i + 1 < report_column_count(table) ? '|' : '\n', out);
        }
    fclose(out);
    if (more != 0)
        fail_msg("%s", err.text);
    assert_string_equal(text, expected);
    free(text);
}

static void the_tree_is_in_preorder(void **state)
{
    (void)state;
    tree_fixture_make();
    struct report *report = open_report(NULL);
    expect_table(report, REPORT_TREE,
                 "1|/d|10|4|341|3610|2021-02-03|1|1|10|2020-01-01|7|40|6|0|-|-\n"
                 "2|a|5|1|320|3200|2021-02-03|2|20|200|-|7|20|2|20|-|-\n"
                 "3|b|3|0|300|3000|2021-02-03|3|300|3000|2021-02-03|7|0|0|0|-|-\n"
                 "2|c|0|0|0|0|-|0|0|0|-|-1|0|0|0|-|-\n"
                 "2|e|4|0|20|400|-|4|20|400|-|7|20|4|20|-|-\n");
    assert_string_equal(report_table_name(REPORT_TREE), "tree");
    assert_int_equal(report_column_count(REPORT_TREE), 17);
    assert_string_equal(report_column_name(REPORT_TREE, 1), "name");
    close_all(report);
}

/* Of everything first, then of each directory of the tree that has files, in preorder. */
static void tables_can_be_had_in_any_order(void **state)
{
    (void)state;
    tree_fixture_make();
    struct report *report = open_report(NULL);
    expect_table(report, REPORT_OWNERS,
                 "-|7|10|341|3610|4|2021-02-03|40\n"
                 "1|7|5|320|3200|2|2021-02-03|20\n"
                 "2|7|3|300|3000|1|2021-02-03|0\n"
                 "4|7|4|20|400|1|-|20\n");
    expect_table(report, REPORT_ABOUT, "fs|2000-01-01|/d|1|1|5|10|341|3610|40|atime|-|-\n");
    expect_table(report, REPORT_LOGS, "log|2000-01-01|-|0|0|0|0|0\n");
    expect_table(report, REPORT_PEOPLE, "7|seven\n");
    expect_table(report, REPORT_CHANGES, "");
    close_all(report);
}

static void buckets_without_files_have_no_row(void **state)
{
    (void)state;
    tree_fixture_make();
    struct report *report = open_report(NULL);
    expect_table(report, REPORT_ACCESS,
                 "-|0|4|301\n-|9|6|40\n1|0|3|300\n1|9|2|20\n2|0|3|300\n4|9|4|20\n");
    expect_table(report, REPORT_SIZES, "-|0|10|341\n1|0|5|320\n2|0|3|300\n4|0|4|20\n");
    expect_table(report, REPORT_BUCKETS,
                 "< 30 days|< 1 KiB\n30-90 days|1-10 KiB\n90-180 days|10-100 KiB\n"
                 "180 days-1 year|100 KiB-1 MiB\n1-2 years|1-10 MiB\n2-3 years|10-100 MiB\n"
                 "3-4 years|100 MiB-1 GiB\n4-6 years|1-10 GiB\n6-7 years|10-100 GiB\n"
                 ">= 7 years|>= 100 GiB\n");
    close_all(report);
}

/* The cold bytes are 20 each in /d/a and /d/e: no subdirectory of /d has nearly all. */
static void everything_is_of_the_subtree(void **state)
{
    (void)state;
    tree_fixture_make();
    struct report *report = open_report(NULL);
    expect_table(report, REPORT_COLD, "-|0\n-|1\n-|4\n1|1\n4|4\n");
    expect_table(report, REPORT_PLACES, "");
    close_all(report);
    report = open_report("/d/a");
    expect_table(report, REPORT_COLD, "-|0\n");
    expect_table(report, REPORT_OWNERS,
                 "-|7|5|320|3200|2|2021-02-03|20\n1|7|3|300|3000|1|2021-02-03|0\n");
    expect_table(report, REPORT_ABOUT, "fs|2000-01-01|/d/a|1|0|2|5|320|3200|20|atime|-|-\n");
    expect_table(report, REPORT_TREE,
                 "2|/d/a|5|1|320|3200|2021-02-03|2|20|200|-|7|20|2|20|-|-\n"
                 "3|b|3|0|300|3000|2021-02-03|3|300|3000|2021-02-03|7|0|0|0|-|-\n");
    close_all(report);
}

/* Directories whose paths begin so are several roots. */
static void the_beginning_of_names(void **state)
{
    (void)state;
    static const struct store_fixture_files files[] = {
        {"/d/aa/x", 7, 1, 1, 10, 1, ENTRY_NO_TIME, 9},
        {"/d/ab", 7, 1, 1, 20, 1, ENTRY_NO_TIME, 0},
        {"/d/b", 7, 1, 1, 40, 1, ENTRY_NO_TIME, 9},
    };
    store_fixture_import("x.db", files, 3);
    struct report *report = open_report("/d/a");
    expect_table(report, REPORT_ABOUT, "fs|2000-01-01|/|2|0|3|2|30|2|10|atime|-|-\n");
    expect_table(report, REPORT_TREE,
                 "2|/d/aa|1|1|10|1|-|0|0|0|-|7|10|1|0|-|-\n"
                 "3|x|1|0|10|1|-|1|10|1|-|7|10|1|10|-|-\n"
                 "2|/d/ab|1|0|20|1|-|1|20|1|-|7|0|0|0|-|-\n");
    close_all(report);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_tree_is_in_preorder, unit_support_enter,
                                        unit_support_leave),
        cmocka_unit_test_setup_teardown(tables_can_be_had_in_any_order, unit_support_enter,
                                        unit_support_leave),
        cmocka_unit_test_setup_teardown(buckets_without_files_have_no_row, unit_support_enter,
                                        unit_support_leave),
        cmocka_unit_test_setup_teardown(everything_is_of_the_subtree, unit_support_enter,
                                        unit_support_leave),
        cmocka_unit_test_setup_teardown(the_beginning_of_names, unit_support_enter,
                                        unit_support_leave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
