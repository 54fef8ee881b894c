/* query: the rows of two databases as one answer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "err.h"
#include "filter.h"
#include "query.h"
#include "query_fixture.h"

static char *const paths[] = {"one.db", "two.db"};
static char *const names[] = {"one", "two"};

/* A database of these rows: path, size, atime, owner. Each directory holds one file directly, and
 * its recursive figures are the same: no real tree, but to the query rows are rows. */
static void make(const char *path, const char *rows)
{
    char sql[2048];
    snprintf(sql, sizeof sql,
             "CREATE TEMP TABLE given(path, size, atime, owner);"
             "INSERT INTO given VALUES %s;"
             "INSERT INTO directories(dir_id, path, depth, last_id, name) "
             "SELECT rowid, path, length(path) - length(replace(path, '/', '')), "
             "(SELECT count(*) FROM given), " QUERY_FIXTURE_NAME " FROM given;"
             "INSERT INTO directory_stats SELECT rowid, 1, 0, size, size, atime, NULL, "
             "1, 0, size, size, atime, NULL, owner, owner FROM given;",
             rows);
    query_fixture_make(path, sql);
}

static const char one_rows[] = "('/a', 9, '2020-01-01 00:00:00', 5), ('/a/b', 5, NULL, 5), "
                               "('/a/b/c', 5, '2021-01-01 00:00:00', 6)";

static int make_databases(void **state)
{
    if (unit_support_enter(state) != 0)
        return -1;
    make("one.db", one_rows);
    make("two.db", "('/x', 7, '2022-01-01 00:00:00', 5), ('/x/y', 5, '2020-01-01 00:00:00', 7)");
    return 0;
}

static char told[256];

static void tell(void *context, const char *text)
{
    (void)context;
    snprintf(told + strlen(told), sizeof told - strlen(told), "%s|", text);
}

/* The paths of the listing, with blanks between. */
static void expect_listing(const struct filter *filter, size_t databases, const char *expected)
{
    struct query *query;
    struct err err = {0};
    const struct reader_value *values;
    char found[256] = "";
    int status;
    assert_int_equal(query_open(&query, paths, names, databases, tell, NULL, &err), 0);
    assert_int_equal(query_list(query, filter, &err), 0);
    while ((status = query_next(query, &values, &err)) == 1) {
        struct slice path = values[QUERY_LISTING + STATEMENT_PATH].text;
        snprintf(found + strlen(found), sizeof found - strlen(found), "%s%.*s",
                 *found == '\0' ? "" : " ", (int)path.len, path.ptr);
        const char *name = path.ptr[1] == 'a' ? "one" : "two";
        assert_true(slice_equal(values[QUERY_FILESYSTEM].text, slice_from(name)));
    }
    assert_int_equal(status, 0);
    assert_string_equal(found, expected);
    query_close(query);
}

static void expect_sorted(enum filter_sort sort, bool reverse, int64_t limit, const char *expected)
{
    struct filter filter;
    filter_init(&filter);
    filter.sort_by = sort;
    filter.reverse = reverse;
    filter.limit = limit;
    expect_listing(&filter, 2, expected);
    filter_free(&filter);
}

static void databases_are_merged(void **state)
{
    (void)state;
    expect_sorted(FILTER_SORT_SIZE_R, false, 0, "/a /x /a/b /a/b/c /x/y");
    expect_sorted(FILTER_SORT_SIZE_R, true, 0, "/a/b /a/b/c /x/y /x /a");
    expect_sorted(FILTER_SORT_SIZE_R, false, 2, "/a /x");
    expect_sorted(FILTER_SORT_SIZE_R, false, 4, "/a /x /a/b /a/b/c");
    expect_sorted(FILTER_SORT_ATIME_R, false, 0, "/x /a/b/c /a /x/y /a/b");
    expect_sorted(FILTER_SORT_ATIME_R, true, 0, "/a /x/y /a/b/c /x /a/b");
    expect_sorted(FILTER_SORT_PATH, false, 0, "/a /a/b /a/b/c /x /x/y");
    expect_sorted(FILTER_SORT_PATH, true, 0, "/x/y /x /a/b/c /a/b /a");
    expect_sorted(FILTER_SORT_DEPTH, false, 0, "/a /x /a/b /x/y /a/b/c");
    expect_sorted(FILTER_SORT_DEPTH, true, 3, "/a/b/c /a/b /x/y");
}

/* Within a database paths go in the tree's order, by their bytes, TEXT or BLOB. */
static void paths_that_are_not_utf8_are_in_order(void **state)
{
    (void)state;
    make("one.db", "('/a', 9, NULL, 5), (x'2f612f80', 5, NULL, 5), ('/a/\xc3\xa9', 5, NULL, 5)");
    expect_sorted(FILTER_SORT_PATH, false, 0, "/a /a/\x80 /a/\xc3\xa9 /x /x/y");
    expect_sorted(FILTER_SORT_SIZE_R, false, 3, "/a /x /a/\x80");
    make("one.db", one_rows);
}

static void a_database_without_the_path_is_left_out(void **state)
{
    (void)state;
    struct filter filter;
    struct err err = {0};
    filter_init(&filter);
    assert_int_equal(filter_set_prefix(&filter, "-P", "/x", &err), 0);
    expect_listing(&filter, 2, "/x /x/y");

    struct query *query;
    assert_int_equal(query_open(&query, paths, names, 1, tell, NULL, &err), 0);
    assert_int_equal(query_list(query, &filter, &err), -1);
    assert_string_equal(err.text, "one.db: no directory /x; it is not in this database");
    query_close(query);
    filter_free(&filter);
}

static void totals_are_added_up(void **state)
{
    (void)state;
    struct filter filter;
    struct query *query;
    struct err err = {0};
    const struct reader_value *values;
    static const struct {
        const char *name; /* of the file system; NULL: the sum */
        int64_t owner;
        int64_t files;
        int64_t size;
    } expected[] = {
        {NULL, 5, 3, 21}, {"one", 5, 2, 14}, {"two", 5, 1, 7}, {NULL, 6, 1, 5},
        {"one", 6, 1, 5}, {NULL, 7, 1, 5},   {"two", 7, 1, 5},
    };
    filter_init(&filter);
    filter.group_by = FILTER_BY_OWNER;
    filter.limit = 3; /* sums */
    assert_int_equal(query_open(&query, paths, names, 2, tell, NULL, &err), 0);
    assert_int_equal(query_total(query, &filter, true, &err), 0);
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        assert_int_equal(query_next(query, &values, &err), 1);
        assert_int_equal(values[STATEMENT_TOTAL_ID].integer, expected[i].owner);
        assert_int_equal(values[STATEMENT_TOTAL_FILES].integer, expected[i].files);
        assert_int_equal(values[STATEMENT_TOTAL_SIZE].integer, expected[i].size);
        assert_int_equal(values[STATEMENT_TOTAL_NAME].type, READER_NULL);
        const struct reader_value *name = &values[QUERY_TOTAL_FILESYSTEM];
        assert_int_equal(name->type == READER_NULL, expected[i].name == NULL);
        if (expected[i].name != NULL)
            assert_true(slice_equal(name->text, slice_from(expected[i].name)));
    }
    assert_int_equal(query_next(query, &values, &err), 0);
    query_close(query);
    filter_free(&filter);
}

/* It is reported and skipped; alone it is an error. */
static void a_missing_database_hides_no_other(void **state)
{
    (void)state;
    struct query *query;
    struct err err = {0}, none = {0}, both = {0};
    struct filter filter;
    const struct reader_value *values;
    char *const some[] = {"none.db", "two.db"};
    char *const missing[] = {"none.db", "no.db"};
    *told = '\0';
    filter_init(&filter);
    assert_int_equal(query_open(&query, some, names, 2, tell, NULL, &err), 0);
    assert_string_equal(told, "none.db: no such database; make it with fstally-import|");
    assert_int_equal(query_left_out(query), 1);
    assert_int_equal(query_list(query, &filter, &err), 0);
    assert_int_equal(query_next(query, &values, &err), 1);
    assert_true(slice_equal(values[QUERY_LISTING + STATEMENT_PATH].text, slice_from("/x")));
    query_close(query);
    assert_int_equal(query_open(&query, some, names, 1, tell, NULL, &none), -1);
    assert_string_equal(none.text, "none.db: no such database; make it with fstally-import");
    assert_int_equal(query_open(&query, missing, names, 2, tell, NULL, &both), -1);
    assert_string_equal(both.text, "all databases: none can be read");
    filter_free(&filter);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(databases_are_merged),
        cmocka_unit_test(paths_that_are_not_utf8_are_in_order),
        cmocka_unit_test(a_database_without_the_path_is_left_out),
        cmocka_unit_test(totals_are_added_up),
        cmocka_unit_test(a_missing_database_hides_no_other),
    };
    return cmocka_run_group_tests(tests, make_databases, unit_support_leave);
}
