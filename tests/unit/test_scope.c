/* scope: names looked up in a small database, times reckoned from its scan. */
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
#include "scope.h"

static const char tree[] =
    "INSERT INTO directories VALUES"
    "(1, NULL, '/a', 1, 5, 'a'), (2, 1, '/a/b', 2, 4, 'b'), (3, 2, '/a/b/c', 3, 3, 'c'), "
    "(4, 2, '/a/b/d', 3, 4, 'd'), (5, 1, '/a/e', 2, 5, 'e');"
    "INSERT INTO user_info VALUES (9, 'no-such-ann', NULL), (7, 'no-such-ann', NULL);"
    "INSERT INTO group_info VALUES (11, 'no-such-staff');";

/* The scan's last day is put behind. */
static void make_scanned(const char *day)
{
    char sql[2048];
    snprintf(
        sql, sizeof sql,
        "%s INSERT INTO scan_metadata VALUES "
        "(1, 'x', '2001-01-01 00:00:00', '', 'f', NULL, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 'atime', '', "
        "0, 0, 0, 0), "
        "(2, 'y', '%s 00:00:00', '', 'f', NULL, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 'atime', '', "
        "0, 0, 0, 0);",
        tree, day);
    query_fixture_make("x.db", sql);
}

/* Resolves the filter, which is then freed; the scope is the caller's. */
static int resolve(struct scope *scope, struct filter *filter, struct err *err)
{
    struct reader *reader = query_fixture_open("x.db");
    int status = scope_resolve(scope, reader, filter, err);
    reader_close(reader);
    filter_free(filter);
    return status;
}

static void resolve_good(struct scope *scope, struct filter *filter)
{
    struct err err = {0};
    if (resolve(scope, filter, &err) != 0)
        fail_msg("%s", err.text);
}

static void an_empty_filter_is_everything(void **state)
{
    (void)state;
    struct filter filter;
    struct scope scope;
    query_fixture_make("x.db", tree);
    filter_init(&filter);
    resolve_good(&scope, &filter);
    assert_int_equal(scope.directories, 5);
    assert_int_equal(scope.under.first, 1);
    assert_int_equal(scope.under.last, 5);
    assert_int_equal(scope.owner_uid, -1);
    assert_int_equal(scope.owner_gid, -1);
    assert_true(scope.has_path && scope.has_owner && scope.has_group);
    assert_string_equal(scope.accessed_before, "");
    scope_free(&scope);
}

/* The path as it stands comes first; then the longest mount it lies in, by whole components. */
static void mounts_map_what_is_not_here(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        bool known;
        int64_t first;
    } cases[] = {
        {"/mnt/b", true, 2},    {"/mnt", true, 1},         {"/mnt/deep/c", true, 3},
        {"/mnt/deep", true, 2}, {"/mnt/deeper", false, 0}, {"/mntb", false, 0},
        {"/a/e", true, 5},      {"/all", true, 1},         {"/all/a/e", true, 5},
        {"/mnt/e/x", false, 0},
    };
    query_fixture_make("x.db", tree);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct filter filter;
        struct scope scope;
        struct err err = {0};
        filter_init(&filter);
        assert_int_equal(filter_add_mount(&filter, "/mnt/", "/a", &err), 0);
        assert_int_equal(filter_add_mount(&filter, "/mnt/deep", "/a//b", &err), 0);
        assert_int_equal(filter_add_mount(&filter, "/a", "/elsewhere", &err), 0);
        assert_int_equal(filter_add_mount(&filter, "/all", "/", &err), 0);
        assert_int_equal(filter_set_prefix(&filter, "-P", cases[i].path, &err), 0);
        assert_int_equal(filter_add_exclude(&filter, "-E", "/mnt/deep/d", &err), 0);
        resolve_good(&scope, &filter);
        assert_int_equal(scope.has_path, cases[i].known);
        if (cases[i].known)
            assert_int_equal(scope.under.first, cases[i].first);
        assert_int_equal(scope.excluded_count, 1);
        assert_int_equal(scope.excluded[0].first, 4);
        scope_free(&scope);
    }
}

static void expect_prefix(const char *path, bool known, int64_t first, int64_t last)
{
    struct filter filter;
    struct scope scope;
    struct err err = {0};
    filter_init(&filter);
    assert_int_equal(filter_set_prefix(&filter, "-P", path, &err), 0);
    resolve_good(&scope, &filter);
    assert_int_equal(scope.has_path, known);
    if (known) {
        assert_int_equal(scope.under.first, first);
        assert_int_equal(scope.under.last, last);
    }
    scope_free(&scope);
}

static void paths_are_ranges(void **state)
{
    (void)state;
    query_fixture_make("x.db", tree);
    expect_prefix("/a/b", true, 2, 4);
    expect_prefix("//a/b/d/", true, 4, 4);
    expect_prefix("/", true, 1, 5); /* not stored, yet above all */
    expect_prefix("/a/x", false, 0, 0);
    expect_prefix("/a/b%", false, 0, 0);
}

/* They lie in the database as BLOBs. */
static void paths_that_are_not_utf8_are_found(void **state)
{
    (void)state;
    query_fixture_make("x.db", "INSERT INTO directories VALUES (1, NULL, '/a', 1, 4, 'a'), "
                               "(2, 1, '/a/\xc3\xa9', 2, 2, '\xc3\xa9'), "
                               "(3, 1, x'2f612fe9', 2, 4, x'e9'), "
                               "(4, 3, x'2f612fe92f62', 3, 4, 'b');");
    expect_prefix("/a/\xc3\xa9", true, 2, 2);
    expect_prefix("/a/\xe9", true, 3, 4);
    expect_prefix("/a/\xe9/b/", true, 4, 4);
    expect_prefix("/a/\xe8", false, 0, 0);
}

static void excluded_paths_may_be_missing(void **state)
{
    (void)state;
    struct filter filter;
    struct scope scope;
    struct err err = {0};
    query_fixture_make("x.db", tree);
    filter_init(&filter);
    assert_int_equal(filter_add_exclude(&filter, "-E", "/x", &err), 0);
    assert_int_equal(filter_add_exclude(&filter, "-E", "/a/b", &err), 0);
    resolve_good(&scope, &filter);
    assert_int_equal(scope.excluded_count, 1);
    assert_int_equal(scope.excluded[0].first, 2);
    assert_int_equal(scope.excluded[0].last, 4);
    scope_free(&scope);
}

static void expect_owner(const char *owner, bool known, int64_t uid)
{
    struct filter filter;
    struct scope scope;
    filter_init(&filter);
    filter.owner = owner;
    resolve_good(&scope, &filter);
    assert_int_equal(scope.has_owner, known);
    if (known)
        assert_true(scope.owner_uid == uid);
    scope_free(&scope);
}

static void owners_are_numbers(void **state)
{
    (void)state;
    query_fixture_make("x.db", tree);
    expect_owner("4294967294", true, 4294967294);
    expect_owner("no-such-ann", true, 7); /* the smaller of two */
    expect_owner("root", true, 0);        /* the database does not know it, the system does */
    expect_owner("no-such-bob", false, 0);
    expect_owner("", false, 0);

    struct filter filter;
    struct scope scope;
    struct err err = {0};
    filter_init(&filter);
    filter.group = "no-such-staff";
    resolve_good(&scope, &filter);
    assert_int_equal(scope.owner_gid, 11);
    scope_free(&scope);

    filter_init(&filter);
    filter.owner = "4294967295";
    assert_int_equal(resolve(&scope, &filter, &err), -1);
    assert_int_equal(err.status, ERR_USAGE);
}

static void expect_day(const char *scan, int32_t months, int32_t days, const char *expected)
{
    struct filter filter;
    struct scope scope;
    make_scanned(scan);
    filter_init(&filter);
    filter.accessed_before = (struct filter_when){.given = true, .months = months, .days = days};
    resolve_good(&scope, &filter);
    assert_string_equal(scope.accessed_before, expected);
    scope_free(&scope);
}

/* By the calendar, worked out by hand. */
static void times_are_before_the_last_scan(void **state)
{
    (void)state;
    expect_day("2026-01-11", 0, 0, "2026-01-11");
    expect_day("2026-01-11", 0, 11, "2025-12-31");
    expect_day("2026-01-11", 36, 0, "2023-01-11");
    expect_day("2026-03-31", 1, 0, "2026-02-28");
    expect_day("2024-03-31", 1, 0, "2024-02-29");
    expect_day("2024-02-29", 12, 0, "2023-02-28");
    expect_day("2024-02-29", 48, 0, "2020-02-29");
    expect_day("2026-05-31", 1, 0, "2026-04-30");
    expect_day("2026-01-31", 2, 0, "2025-11-30");
}

static void a_date_stands_as_it_is(void **state)
{
    (void)state;
    struct filter filter;
    struct scope scope;
    query_fixture_make("x.db", tree); /* no scan: none is needed */
    filter_init(&filter);
    filter.accessed_after = (struct filter_when){.given = true, .date = "2020-02-29"};
    resolve_good(&scope, &filter);
    assert_string_equal(scope.accessed_after, "2020-02-29");
    scope_free(&scope);
}

static void a_time_without_a_scan_is_an_error(void **state)
{
    (void)state;
    struct filter filter;
    struct scope scope;
    struct err err = {0};
    query_fixture_make("x.db", tree);
    filter_init(&filter);
    filter.accessed_after = (struct filter_when){.given = true, .days = 1};
    assert_int_equal(resolve(&scope, &filter, &err), -1);
    assert_int_equal(err.status, ERR_FAILED);
}

#define IN_FOLDER(test)                                                                            \
    cmocka_unit_test_setup_teardown(test, unit_support_enter, unit_support_leave)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(mounts_map_what_is_not_here),
        IN_FOLDER(an_empty_filter_is_everything),
        IN_FOLDER(paths_are_ranges),
        IN_FOLDER(paths_that_are_not_utf8_are_found),
        IN_FOLDER(excluded_paths_may_be_missing),
        IN_FOLDER(owners_are_numbers),
        IN_FOLDER(times_are_before_the_last_scan),
        IN_FOLDER(a_date_stands_as_it_is),
        IN_FOLDER(a_time_without_a_scan_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
