/* scope: names looked up in a small database, times reckoned from its scan. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "clock.h"
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
        "0, 0, 0), "
        "(2, 'y', '%s 00:00:00', '', 'f', NULL, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 'atime', '', "
        "0, 0, 0);",
        tree, day);
    store_fixture_make("x.db", sql);
}

/* Resolves the filter, which is then freed; the scope is the caller's. */
static int resolve(struct scope *scope, struct filter *filter, struct err *err)
{
    struct reader *reader = store_fixture_open("x.db");
    *scope = (struct scope){0};
    int status = scope_resolve(scope, reader, filter, err);
    if (status == 0)
        status = scope_settle(scope, filter, err);
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
    store_fixture_make("x.db", tree);
    filter_init(&filter);
    resolve_good(&scope, &filter);
    assert_int_equal(scope.directories, 5);
    assert_int_equal(scope.range_count, 1);
    assert_int_equal(scope.ranges[0].first, 1);
    assert_int_equal(scope.ranges[0].last, 5);
    assert_true(scope.all_wanted);
    assert_true(scope_concerns(&scope));
    assert_true(scope.accessed_before == INT64_MAX);
    assert_true(scope.accessed_after == INT64_MIN);
    scope_dispose(&scope);
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
    store_fixture_make("x.db", tree);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct filter filter;
        struct scope scope;
        struct err err = {0};
        filter_init(&filter);
        assert_int_equal(filter_add_mount(&filter, "/mnt/", "/a", &err), 0);
        assert_int_equal(filter_add_mount(&filter, "/mnt/deep", "/a//b", &err), 0);
        assert_int_equal(filter_add_mount(&filter, "/a", "/elsewhere", &err), 0);
        assert_int_equal(filter_add_mount(&filter, "/all", "/", &err), 0);
        assert_int_equal(filter_add_prefix(&filter, "-P", cases[i].path, &err), 0);
        assert_int_equal(filter_add_exclude(&filter, "-E", "/mnt/deep/d", &err), 0);
        resolve_good(&scope, &filter);
        assert_int_equal(scope.has_prefix[0], cases[i].known);
        if (cases[i].known)
            assert_int_equal(scope.prefixes[0].first, cases[i].first);
        assert_true(scope.has_excluded[0]);
        assert_int_equal(scope.excluded[0].first, 4);
        scope_dispose(&scope);
    }
}

static void expect_prefix(const char *path, bool known, int64_t first, int64_t last)
{
    struct filter filter;
    struct scope scope;
    struct err err = {0};
    filter_init(&filter);
    assert_int_equal(filter_add_prefix(&filter, "-P", path, &err), 0);
    resolve_good(&scope, &filter);
    assert_int_equal(scope.has_prefix[0], known);
    assert_int_equal(scope.range_count, known);
    assert_int_equal(scope_concerns(&scope), known);
    if (known) {
        assert_int_equal(scope.ranges[0].first, first);
        assert_int_equal(scope.ranges[0].last, last);
    }
    scope_dispose(&scope);
}

static void paths_are_ranges(void **state)
{
    (void)state;
    store_fixture_make("x.db", tree);
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
    store_fixture_make("x.db", "INSERT INTO directories VALUES (1, NULL, '/a', 1, 4, 'a'), "
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
    store_fixture_make("x.db", tree);
    filter_init(&filter);
    assert_int_equal(filter_add_exclude(&filter, "-E", "/x", &err), 0);
    assert_int_equal(filter_add_exclude(&filter, "-E", "/a/b", &err), 0);
    resolve_good(&scope, &filter);
    assert_false(scope.has_excluded[0]);
    assert_true(scope.has_excluded[1]);
    assert_int_equal(scope.excluded[1].first, 2);
    assert_int_equal(scope.excluded[1].last, 4);
    scope_dispose(&scope);
}

/* What is asked for, as a text: "first-last first-last". */
static void expect_ranges(const char *const *prefixes, const char *const *excluded,
                          const char *expected)
{
    struct filter filter;
    struct scope scope;
    struct err err = {0};
    char text[256] = "";
    filter_init(&filter);
    for (; *prefixes != NULL; prefixes++)
        assert_int_equal(filter_add_prefix(&filter, "-P", *prefixes, &err), 0);
    for (; *excluded != NULL; excluded++)
        assert_int_equal(filter_add_exclude(&filter, "-E", *excluded, &err), 0);
    resolve_good(&scope, &filter);
    for (size_t i = 0; i < scope.range_count; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%lld-%lld", i > 0 ? " " : "",
                 (long long)scope.ranges[i].first, (long long)scope.ranges[i].last);
    assert_string_equal(text, expected);
    scope_dispose(&scope);
}

#define LIST(...) ((const char *const[]){__VA_ARGS__, NULL})

static void several_paths_are_ranges_apart(void **state)
{
    (void)state;
    store_fixture_make("x.db", tree);
    expect_ranges(LIST("/a/e", "/a/b/c"), LIST(NULL), "3-3 5-5");
    expect_ranges(LIST("/a/b", "/a/b/d", "/a/b"), LIST(NULL), "2-4"); /* one in another */
    expect_ranges(LIST("/a/x", "/a/e"), LIST(NULL), "5-5");
    expect_ranges(LIST("/a"), LIST("/a/b/c", "/a/e"), "1-2 4-4");
    expect_ranges(LIST("/a/b", "/a/e"), LIST("/a/b/d", "/a/b/d", "/x"), "2-3 5-5");
    expect_ranges(LIST("/a/b", "/a/e"), LIST("/a/b"), "5-5");
    expect_ranges(LIST("/"), LIST("/a/b"), "1-1 5-5");
    expect_ranges(LIST("/a/b/c"), LIST("/a/b"), "");
}

/* Paths that begin like a prefix that is no directory itself. */
static void beginnings_of_names(void **state)
{
    (void)state;
    static const struct {
        const char *prefix;
        int64_t first;
        int64_t last; /* less than first: none */
        const char *nearest;
    } cases[] = {
        {"/p/ab", 3, 5, "/p"},    {"/p/abc", 3, 5, "/p"}, {"/p/b", 6, 6, "/p"},
        {"/p/abcx", 5, 5, "/p"},  {"/q", 1, 0, ""},       {"/p/c/d", 1, 0, "/p"},
        {"/p/a/x", 1, 0, "/p/a"}, {"/p/a-", 1, 0, "/p"},
    };
    store_fixture_make("x.db", "INSERT INTO directories VALUES (1, NULL, '/p', 1, 6, 'p'), "
                               "(2, 1, '/p/a', 2, 2, 'a'), (3, 1, '/p/abcd', 2, 4, 'abcd'), "
                               "(4, 3, '/p/abcd/e', 3, 4, 'e'), (5, 1, '/p/abcx1', 2, 5, 'abcx1'), "
                               "(6, 1, '/p/b2', 2, 6, 'b2');");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct filter filter;
        struct scope scope = {0};
        struct slice nearest;
        struct err err = {0};
        struct reader *reader = store_fixture_open("x.db");
        filter_init(&filter);
        assert_int_equal(filter_add_prefix(&filter, "-P", cases[i].prefix, &err), 0);
        assert_int_equal(scope_resolve(&scope, reader, &filter, &err), 0);
        assert_false(scope.has_prefix[0]);
        assert_int_equal(scope_resolve_beginning(&scope, reader, &filter, 0, &err), 0);
        assert_int_equal(scope.has_prefix[0], cases[i].first <= cases[i].last);
        if (scope.has_prefix[0]) {
            assert_int_equal(scope.prefixes[0].first, cases[i].first);
            assert_int_equal(scope.prefixes[0].last, cases[i].last);
        }
        assert_int_equal(scope_nearest(&nearest, reader, filter.prefixes[0], &err), 0);
        assert_true(slice_equal(nearest, slice_from(cases[i].nearest)));
        free((char *)nearest.ptr);
        scope_dispose(&scope);
        filter_free(&filter);
        reader_close(reader);
    }
}

static void add_owner(struct filter *filter, const char *owner)
{
    struct err err = {0};
    assert_int_equal(filter_add_owner(filter, "-u", owner, &err), 0);
}

static void expect_owner(const char *owner, bool known, int64_t uid)
{
    struct filter filter;
    struct scope scope;
    filter_init(&filter);
    add_owner(&filter, owner);
    resolve_good(&scope, &filter);
    assert_int_equal(scope.owners.count, 1);
    assert_int_equal(scope.owners.known[0], known);
    assert_int_equal(scope_concerns(&scope), known);
    if (known)
        assert_true(scope.owners.ids[0] == uid);
    scope_dispose(&scope);
}

static void owners_are_numbers(void **state)
{
    (void)state;
    store_fixture_make("x.db", tree);
    expect_owner("4294967294", true, 4294967294);
    expect_owner("no-such-ann", true, 7); /* the smaller of two */
    expect_owner("root", true, 0);        /* the database does not know it, the system does */
    expect_owner("no-such-bob", false, 0);
    expect_owner("", false, 0);

    struct filter filter;
    struct scope scope;
    struct err err = {0};
    filter_init(&filter);
    assert_int_equal(filter_add_group(&filter, "-g", "no-such-staff", &err), 0);
    resolve_good(&scope, &filter);
    assert_int_equal(scope.groups.ids[0], 11);
    scope_dispose(&scope);

    filter_init(&filter);
    add_owner(&filter, "4294967295");
    assert_int_equal(resolve(&scope, &filter, &err), -1);
    assert_int_equal(err.status, ERR_USAGE);
    scope_dispose(&scope);
}

/* Files of an owner and group count where both are asked for. */
static void pairs_are_marked(void **state)
{
    (void)state;
    struct filter filter;
    struct scope scope;
    struct err err = {0};
    store_fixture_make("x.db", "INSERT INTO facts_owner VALUES (0, 7, 11), (1, 7, 12), (2, 9, 11), "
                               "(3, 8, 11);"
                               "INSERT INTO group_info VALUES (11, 'no-such-staff');");
    filter_init(&filter);
    add_owner(&filter, "9");
    add_owner(&filter, "no-such-bob");
    add_owner(&filter, "7");
    assert_int_equal(filter_add_group(&filter, "-g", "no-such-staff", &err), 0);
    resolve_good(&scope, &filter);
    static const bool owned[] = {true, true, true, false};
    static const bool wanted[] = {true, false, true, false};
    assert_int_equal(scope.pair_count, 4);
    assert_false(scope.all_wanted);
    assert_false(scope.owners.known[1]);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(scope.pairs[i].owned, owned[i]);
        assert_int_equal(scope.pairs[i].wanted, wanted[i]);
    }
    scope_dispose(&scope);
}

static void expect_day(const char *scan, int32_t months, int32_t days, const char *expected)
{
    struct filter filter;
    struct scope scope;
    make_scanned(scan);
    filter_init(&filter);
    filter.accessed_before = (struct filter_when){.given = true, .months = months, .days = days};
    int64_t instant;
    assert_true(clock_parse(slice_from(expected), &instant));
    resolve_good(&scope, &filter);
    assert_true(scope.accessed_before == instant);
    scope_dispose(&scope);
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
    store_fixture_make("x.db", tree); /* no scan: none is needed */
    filter_init(&filter);
    filter.accessed_after = (struct filter_when){.given = true, .date = "2020-02-29"};
    resolve_good(&scope, &filter);
    assert_true(scope.accessed_after == 1582934400);
    scope_dispose(&scope);
}

static void a_time_without_a_scan_is_an_error(void **state)
{
    (void)state;
    struct filter filter;
    struct scope scope;
    struct err err = {0};
    store_fixture_make("x.db", tree);
    filter_init(&filter);
    filter.accessed_after = (struct filter_when){.given = true, .days = 1};
    assert_int_equal(resolve(&scope, &filter, &err), -1);
    assert_int_equal(err.status, ERR_FAILED);
    scope_dispose(&scope);
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
        IN_FOLDER(several_paths_are_ranges_apart),
        IN_FOLDER(beginnings_of_names),
        IN_FOLDER(owners_are_numbers),
        IN_FOLDER(pairs_are_marked),
        IN_FOLDER(times_are_before_the_last_scan),
        IN_FOLDER(a_date_stands_as_it_is),
        IN_FOLDER(a_time_without_a_scan_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
