/* ncdu: the steps of a walk, whole and cut, through a small tree. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <inttypes.h>

#include "filter.h"
#include "ncdu.h"
#include "tree_fixture.h"

/* All steps in short: NAME( ... ) is a directory, fN:SIZE:ALLOC its files, hN:... what is hidden.
 */
static void expect_walk(const char *prefix, int64_t limit, const char *expected)
{
    struct err err = {0};
    struct filter filter;
    struct federation federation;
    struct ncdu *ncdu;
    struct ncdu_step step;
    char walk[512] = "";
    int more;
    filter_init(&filter);
    filter.limit = limit;
    query_fixture_federate(&federation, 1, 1);
    assert_int_equal(filter_add_prefix(&filter, "-P", prefix, &err), 0);
    if (ncdu_open(&ncdu, &federation, &filter, &err) != 0)
        fail_msg("%s", err.text);
    filter_free(&filter); /* it was borrowed for the call only */
    while ((more = ncdu_next(ncdu, &step, &err)) == 1) {
        char *end = walk + strlen(walk);
        size_t room = sizeof walk - (size_t)(end - walk);
        if (step.kind == NCDU_OPEN)
            snprintf(end, room, "%.*s(", (int)step.name.len, step.name.ptr);
        else if (step.kind == NCDU_CLOSE)
            snprintf(end, room, ")");
        else
            snprintf(end, room, " %c%" PRId64 ":%" PRId64 ":%" PRId64 " ",
                     step.kind == NCDU_FILES ? 'f' : 'h', step.count, step.size, step.alloc);
    }
    assert_int_equal(more, 0);
    ncdu_close(ncdu);
    federation_close(&federation);
    assert_string_equal(walk, expected);
}

static void everything_is_walked(void **state)
{
    (void)state;
    tree_fixture_make();
    expect_walk("/", 0, "/d( f1:1:10 a( f2:20:200 b( f3:300:3000 ))c()e( f4:20:400 ))");
    expect_walk("/d/a", 0, "/d/a( f2:20:200 b( f3:300:3000 ))");
    expect_walk("/d/c", 0, "/d/c()");
}

static void what_is_left_out_is_told_by_its_parent(void **state)
{
    (void)state;
    tree_fixture_make();
    expect_walk("/", 1, "/d( f1:1:10  h4:340:3600 )");
    expect_walk("/", 2, "/d( f1:1:10 a( f2:20:200  h1:300:3000 ) h2:20:400 )");
    expect_walk("/", 4, "/d( f1:1:10 a( f2:20:200 b( f3:300:3000 ))e( f4:20:400 ) h1:0:0 )");
}

static void roots_lie_in_a_common_directory(void **state)
{
    (void)state;
    tree_fixture_make_two_roots();
    expect_walk("/", 0, "/(x( f1:5:50 )y( f1:6:60 ))");
    expect_walk("/", 1, "/(y( f1:6:60 ) h1:5:50 )");
    store_fixture_import("x.db", NULL, 0);
    expect_walk("/", 0, "/()");
}

/* Three roots of 2^63-1 bytes and more: their sum stays there, and nothing that is left of it is
 * negative. Names are bytes. */
static void sums_that_stay_leave_nothing_negative(void **state)
{
    (void)state;
#define MOST "9223372036854775807"
    static const struct store_fixture_files files[] = {
        {"/a", 7, 7, 1, DIRSTAT_OVERFLOW, 8, 0, 0},
        {"/\xff", 7, 7, 1, DIRSTAT_OVERFLOW, 8, 0, 0},
        {"/z", 7, 7, 1, DIRSTAT_OVERFLOW, 8, 0, 0},
    };
    store_fixture_import("x.db", files, 3);
    expect_walk("/", 0, "/(a( f1:" MOST ":8 )z( f1:" MOST ":8 )\xff( f1:" MOST ":8 ))");
    expect_walk("/", 2, "/(a( f1:" MOST ":8 )z( f1:" MOST ":8 ) h1:0:8 )");
    expect_walk("/\xff", 0, "/\xff( f1:" MOST ":8 )");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(everything_is_walked, unit_support_enter,
                                        unit_support_leave),
        cmocka_unit_test_setup_teardown(what_is_left_out_is_told_by_its_parent, unit_support_enter,
                                        unit_support_leave),
        cmocka_unit_test_setup_teardown(sums_that_stay_leave_nothing_negative, unit_support_enter,
                                        unit_support_leave),
        cmocka_unit_test_setup_teardown(roots_lie_in_a_common_directory, unit_support_enter,
                                        unit_support_leave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
