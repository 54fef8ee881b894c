/* diff: two trees side by side, in the order of trees and not of bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "diff.h"
#include "err.h"
#include "filter.h"
#include "query_fixture.h"
#include "reader.h"

/* A database of these rows, in preorder: path, size. Recursive figures are all made of the size, so
 * that they change alike; a diff looks at nothing else. */
static void make(const char *path, const char *rows)
{
    char sql[2048];
    snprintf(
        sql, sizeof sql,
        "CREATE TEMP TABLE given(path, size); INSERT INTO given VALUES %s;"
        "INSERT INTO directories(dir_id, path, depth, last_id, name) "
        "SELECT rowid, path, length(rtrim(path, '/')) - length(replace(path, '/', '')), "
        "(SELECT max(rowid) FROM given AS last WHERE last.path = given.path "
        "OR substr(last.path, 1, length(given.path) + 1) = given.path || '/'), " QUERY_FIXTURE_NAME
        " FROM given;"
        "INSERT INTO directory_stats SELECT rowid, 1, 0, size, size, NULL, NULL, "
        "size, 0, size, size, NULL, NULL, 5, 5 FROM given;",
        rows);
    query_fixture_make(path, sql);
}

/* The rows as "PATH STATUS CHANGE", a bar between. */
static void expect(const struct filter *filter, bool all, const char *expected)
{
    struct diff *diff;
    struct err err = {0};
    const struct reader_value *values;
    char found[1024] = "";
    if (diff_open(&diff, "old.db", "new.db", filter, all, &err) != 0)
        fail_msg("%s", err.text);
    while (diff_next(diff, &values) == 1) {
        struct slice path = values[DIFF_PATH].text;
        struct slice status = values[DIFF_STATUS].text;
        assert_int_equal(values[DIFF_SIZE_CHANGE].integer,
                         values[DIFF_SIZE_NEWER].integer - values[DIFF_SIZE_OLDER].integer);
        snprintf(found + strlen(found), sizeof found - strlen(found), "%s%.*s %.*s %lld",
                 *found == '\0' ? "" : "|", (int)path.len, path.ptr, (int)status.len, status.ptr,
                 (long long)values[DIFF_SIZE_CHANGE].integer);
    }
    assert_string_equal(found, expected);
    diff_close(diff);
}

/* `/` comes before every byte: /a/x before /a!, as the trees have it. Merged in the order of bytes,
 * the two would miss each other. */
static void trees_are_matched_in_preorder(void **state)
{
    (void)state;
    struct filter filter;
    filter_init(&filter);
    make("old.db", "('/', 9), ('/a', 4), ('/a/x', 4), ('/a!', 5), ('/b', 0)");
    make("new.db", "('/', 10), ('/a', 4), ('/a/x', 4), ('/a\x01', 1), ('/a!', 5), ('/b', 0)");
    expect(&filter, false, "/a\x01 appeared 1");
    expect(&filter, true, "/ grown 1|/a\x01 appeared 1");
    filter_free(&filter);
}

/* A BLOB comes where its bytes belong, not after all texts. */
static void paths_that_are_not_utf8_are_matched(void **state)
{
    (void)state;
    struct filter filter;
    filter_init(&filter);
    make("old.db", "('/a', 9), (x'2f612f80', 4), (x'2f612f802f78', 4), ('/a/\xc3\xa9', 5)");
    make("new.db", "('/a', 10), (x'2f612f80', 4), (x'2f612f802f78', 4), (x'2f612f81', 1), "
                   "('/a/\xc3\xa9', 5)");
    expect(&filter, false, "/a/\x81 appeared 1");
    filter_free(&filter);
}

static void the_deepest_explains(void **state)
{
    (void)state;
    struct filter filter;
    filter_init(&filter);
    make("old.db", "('/a', 10), ('/a/b', 10), ('/a/b/c', 10), ('/a/d', 0)");
    make("new.db", "('/a', 30), ('/a/b', 30), ('/a/b/c', 25), ('/a/d', 0)");
    expect(&filter, false, "/a/b grown 20|/a/b/c grown 15"); /* 5 more directly in /a/b */
    filter.max_depth = 1;
    expect(&filter, false, "/a grown 20");
    filter.max_depth = FILTER_ANY;
    filter.min_depth = 3;
    expect(&filter, false, "/a/b/c grown 15");
    filter_free(&filter);
}

/* The heap keeps the largest, whatever order they come in; equals keep the order of the tree. */
static void the_limit_keeps_the_largest(void **state)
{
    (void)state;
    struct filter filter;
    filter_init(&filter);
    make("old.db", "('/a', 5), ('/b', 5), ('/c', 5), ('/d', 5), ('/e', 5), ('/f', 5)");
    make("new.db", "('/a', 6), ('/b', 0), ('/c', 5), ('/d', 9), ('/e', 10), ('/g', 4)");
    static const char *const rows[] = {"/b shrunk -5", "/e grown 5",    "/f vanished -5",
                                       "/d grown 4",   "/g appeared 4", "/a grown 1"};
    char expected[256] = "";
    for (size_t limit = 1; limit <= 6; limit++) {
        strcat(strcat(expected, limit == 1 ? "" : "|"), rows[limit - 1]);
        filter.limit = (int64_t)limit;
        expect(&filter, false, expected);
    }
    filter.limit = 0;
    expect(&filter, false, expected);
    filter_free(&filter);
}

static void nothing_on_one_side_is_a_change_too(void **state)
{
    (void)state;
    struct filter filter;
    filter_init(&filter);
    make("old.db", "('/a', 5)");
    query_fixture_make("new.db", "");
    expect(&filter, false, "/a vanished -5");
    query_fixture_make("old.db", "");
    expect(&filter, false, "");
    filter_free(&filter);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trees_are_matched_in_preorder),
        cmocka_unit_test(paths_that_are_not_utf8_are_matched),
        cmocka_unit_test(the_deepest_explains),
        cmocka_unit_test(the_limit_keeps_the_largest),
        cmocka_unit_test(nothing_on_one_side_is_a_change_too),
    };
    return cmocka_run_group_tests(tests, unit_support_enter, unit_support_leave);
}
