/* report: each table of a page about a small tree. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <inttypes.h>
#include <stdlib.h>

#include "filter.h"
#include "report.h"
#include "tree_fixture.h"

static struct report *open_report(const char *prefix)
{
    static struct filter filter; /* outlives the report */
    struct err err = {0};
    struct report *report;
    filter_free(&filter);
    filter_init(&filter);
    if (prefix != NULL)
        assert_int_equal(filter_set_prefix(&filter, "-P", prefix, &err), 0);
    if (report_open(&report, "x.db", &filter, &err) != 0)
        fail_msg("%s", err.text);
    return report;
}

static void print_value(FILE *out, const struct reader_value *value)
{
    if (value->type == READER_INTEGER)
        fprintf(out, "%" PRId64, value->integer);
    else if (value->type == READER_TEXT)
        fprintf(out, "%.*s", (int)value->text.len, value->text.ptr);
    else
        fputc('-', out);
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
    assert_int_equal(report_start(report, table, &err), 0);
    while ((more = report_next(report, &values, &err)) == 1)
        for (size_t i = 0; i < report_column_count(table); i++) {
            print_value(out, &values[i]);
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
    query_fixture_make("x.db", tree_fixture_rows);
    struct report *report = open_report(NULL);
    expect_table(report, REPORT_TREE,
                 "1|/d|10|4|341|3610|2021-02-03|1|1|10|2020-01-01|7\n"
                 "2|a|5|1|320|3200|2021-02-03|2|20|200|-|7\n"
                 "3|b|3|0|300|3000|2021-02-03|3|300|3000|2021-02-03|7\n"
                 "2|c|0|0|0|0|-|0|0|0|-|-1\n"
                 "2|e|4|0|20|400|-|4|20|400|-|7\n");
    assert_string_equal(report_table_name(REPORT_TREE), "tree");
    assert_int_equal(report_column_count(REPORT_TREE), 12);
    assert_string_equal(report_column_name(REPORT_TREE, 1), "name");
    report_close(report);
}

static void tables_can_be_had_in_any_order(void **state)
{
    (void)state;
    query_fixture_make("x.db", tree_fixture_rows);
    struct report *report = open_report(NULL);
    expect_table(report, REPORT_OWNERS, "7|-|10|341|3610|4|2021-02-03 04:05:06\n");
    expect_table(report, REPORT_ABOUT, "-|-|-|/d|1|1|5|10|341|3610|-|-\n");
    expect_table(report, REPORT_LOGS, "");
    expect_table(report, REPORT_OLDEST, ""); /* without a scan date nothing is old */
    report_close(report);
}

/* /d with /d/a: histograms down to depth 1. Those by owner are of the whole. */
static const char histograms[] =
    "WITH RECURSIVE b(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM b WHERE i < 9) "
    "INSERT INTO histogram_bucket SELECT k.column1, i, k.column1 || i, i, "
    "CASE WHEN i < 9 THEN i + 1 END "
    "FROM b, (VALUES ('access'), ('size')) AS k;"
    "INSERT INTO directories "
    "VALUES (1, NULL, '/d', 1, 2, 'd'), (2, 1, '/d/a', 2, 2, 'a'), (3, NULL, '/e', 1, 3, 'e');"
    "INSERT INTO access_histogram VALUES (7, 1, 2, 20), (8, 1, 3, 30);"
    "INSERT INTO size_histogram VALUES (7, 0, 5, 50);"
    "INSERT INTO access_histogram_subtree VALUES (1, 7, 70, 1, 2, 20), (3, 8, 80, 1, 3, 30);"
    "INSERT INTO scan_metadata VALUES(1, 'l', '2026-01-01 00:00:00', '2026-01-01 00:00:00', 'x', "
    "'find', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 'atime', '0', 0, 0, 1, 0);";

static void histograms_have_all_buckets_and_all_owners(void **state)
{
    (void)state;
    query_fixture_make("x.db", histograms);
    struct report *report = open_report(NULL);
    expect_table(report, REPORT_ACCESS,
                 "access0|0|0\naccess1|5|50\naccess2|0|0\naccess3|0|0\naccess4|0|0\n"
                 "access5|0|0\naccess6|0|0\naccess7|0|0\naccess8|0|0\naccess9|0|0\n");
    expect_table(report, REPORT_SIZES,
                 "size0|5|50\nsize1|0|0\nsize2|0|0\nsize3|0|0\nsize4|0|0\n"
                 "size5|0|0\nsize6|0|0\nsize7|0|0\nsize8|0|0\nsize9|0|0\n");
    report_close(report);
}

static void histograms_are_of_the_subtree(void **state)
{
    (void)state;
    query_fixture_make("x.db", histograms);
    struct report *report = open_report("/d");
    expect_table(report, REPORT_ACCESS,
                 "access0|0|0\naccess1|2|20\naccess2|0|0\naccess3|0|0\naccess4|0|0\n"
                 "access5|0|0\naccess6|0|0\naccess7|0|0\naccess8|0|0\naccess9|0|0\n");
    report_close(report);
}

/* What the database does not know is reported, and the rest of the page is there. */
static void histograms_too_deep_are_missing(void **state)
{
    (void)state;
    const struct reader_value *values;
    struct err err = {0};
    query_fixture_make("x.db", histograms);
    struct report *report = open_report("/d/a");
    expect_table(report, REPORT_ACCESS, "");
    expect_table(report, REPORT_SIZES, "");
    assert_int_equal(report_start(report, REPORT_ABOUT, &err), 0);
    assert_int_equal(report_next(report, &values, &err), 1);
    size_t last = report_column_count(REPORT_ABOUT) - 1;
    assert_string_equal(report_column_name(REPORT_ABOUT, last - 1), "no_histograms");
    const struct slice why = values[last - 1].text;
    assert_non_null(memmem(why.ptr, why.len, "--histogram-depth 2", 19));
    assert_string_equal(report_column_name(REPORT_ABOUT, last), "age_by");
    assert_true(slice_equal(values[last].text, slice_from("atime")));
    report_close(report);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_tree_is_in_preorder, unit_support_enter,
                                        unit_support_leave),
        cmocka_unit_test_setup_teardown(tables_can_be_had_in_any_order, unit_support_enter,
                                        unit_support_leave),
        cmocka_unit_test_setup_teardown(histograms_have_all_buckets_and_all_owners,
                                        unit_support_enter, unit_support_leave),
        cmocka_unit_test_setup_teardown(histograms_are_of_the_subtree, unit_support_enter,
                                        unit_support_leave),
        cmocka_unit_test_setup_teardown(histograms_too_deep_are_missing, unit_support_enter,
                                        unit_support_leave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
