/* dirstat: adding and merging, the same in any grouping, and sticking beyond 2^63 - 1. */
#include "dirstat.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct entry file(int64_t size, int64_t alloc, int64_t atime)
{
    return (struct entry){.size = size, .alloc = alloc, .atime = atime};
}

static void expect(const struct dirstat *stat, uint64_t files, uint64_t size, uint64_t alloc,
                   int64_t max_atime)
{
    assert_int_equal(stat->files, files);
    assert_int_equal(stat->size, size);
    assert_int_equal(stat->alloc, alloc);
    assert_int_equal(stat->max_atime, max_atime);
}

static void files_add_up(void **state)
{
    (void)state;
    struct dirstat stat = DIRSTAT_NONE;
    expect(&stat, 0, 0, 0, ENTRY_NO_TIME);
    dirstat_add(&stat, &(struct entry){.size = 5, .alloc = 512, .atime = ENTRY_NO_TIME});
    expect(&stat, 1, 5, 512, ENTRY_NO_TIME);
    struct entry before_1970 = file(7, 1024, -100);
    dirstat_add(&stat, &before_1970);
    expect(&stat, 2, 12, 1536, -100);
    struct entry latest = file(0, 0, 300);
    dirstat_add(&stat, &latest);
    struct entry earlier = file(1, 0, 200);
    dirstat_add(&stat, &earlier);
    expect(&stat, 4, 13, 1536, 300);
    assert_false(dirstat_overflowed(&stat));
}

/* Each time has its own latest; one that is missing takes nothing away. */
static void the_latest_times_are_kept(void **state)
{
    (void)state;
    struct dirstat stat = DIRSTAT_NONE;
    assert_int_equal(stat.max_mtime, ENTRY_NO_TIME);
    dirstat_add(&stat, &(struct entry){.atime = 10, .mtime = ENTRY_NO_TIME});
    assert_int_equal(stat.max_mtime, ENTRY_NO_TIME);
    dirstat_add(&stat, &(struct entry){.atime = ENTRY_NO_TIME, .mtime = -50});
    dirstat_add(&stat, &(struct entry){.atime = 5, .mtime = -70});
    dirstat_add(&stat, &(struct entry){.atime = 5, .mtime = ENTRY_NO_TIME});
    assert_int_equal(stat.max_atime, 10);
    assert_int_equal(stat.max_mtime, -50);
}

static void merging_is_the_same_in_any_grouping(void **state)
{
    (void)state;
    const struct dirstat a = {1, 10, 100, -5, 3};
    const struct dirstat b = {2, 20, 200, ENTRY_NO_TIME, ENTRY_NO_TIME};
    const struct dirstat c = {4, 40, 400, 77, 9};
    struct dirstat left = a;
    dirstat_merge(&left, &b);
    dirstat_merge(&left, &c);
    struct dirstat right = c;
    struct dirstat inner = b;
    dirstat_merge(&inner, &a);
    dirstat_merge(&right, &inner);
    expect(&left, 7, 70, 700, 77);
    expect(&right, 7, 70, 700, 77);
    assert_int_equal(left.max_mtime, 9);
    assert_int_equal(right.max_mtime, 9);
    struct dirstat none = DIRSTAT_NONE;
    dirstat_merge(&none, &a);
    expect(&none, 1, 10, 100, -5);
}

static void the_border_is_two_to_the_63rd(void **state)
{
    (void)state;
    const uint64_t most = UINT64_C(9223372036854775807);
    assert_int_equal(dirstat_sum(most, 0), most);
    assert_int_equal(dirstat_sum(most - 1, 1), most);
    assert_int_equal(dirstat_sum(most, 1), DIRSTAT_OVERFLOW);
    assert_int_equal(dirstat_sum(most, most), DIRSTAT_OVERFLOW);

    const struct entry half = {.size = INT64_C(1) << 62, .alloc = INT64_C(1) << 62};
    const struct entry less = {.size = half.size - 1, .alloc = half.alloc - 1};
    struct dirstat held = DIRSTAT_NONE;
    dirstat_add(&held, &half);
    dirstat_add(&held, &less);
    assert_false(dirstat_overflowed(&held));
    assert_int_equal(held.size, most);
    assert_int_equal(held.alloc, most);
    struct dirstat beyond = DIRSTAT_NONE;
    dirstat_add(&beyond, &half);
    dirstat_add(&beyond, &half);
    assert_int_equal(beyond.size, DIRSTAT_OVERFLOW);
    assert_int_equal(beyond.alloc, DIRSTAT_OVERFLOW);
    assert_int_equal(beyond.files, 2);
}

/* Two overflows would be 2^64, which is 0. */
static void an_overflow_sticks(void **state)
{
    (void)state;
    assert_int_equal(dirstat_sum(DIRSTAT_OVERFLOW, 0), DIRSTAT_OVERFLOW);
    assert_int_equal(dirstat_sum(DIRSTAT_OVERFLOW, 1), DIRSTAT_OVERFLOW);
    assert_int_equal(dirstat_sum(DIRSTAT_OVERFLOW, DIRSTAT_OVERFLOW), DIRSTAT_OVERFLOW);
    assert_int_equal(dirstat_sum(DIRSTAT_OVERFLOW, INT64_MAX), DIRSTAT_OVERFLOW);
    assert_int_equal(dirstat_sum(INT64_MAX, DIRSTAT_OVERFLOW), DIRSTAT_OVERFLOW);

    const struct entry huge = {.size = INT64_MAX, .alloc = 1, .atime = 0};
    struct dirstat stat = DIRSTAT_NONE;
    dirstat_add(&stat, &huge);
    assert_false(dirstat_overflowed(&stat));
    for (int i = 0; i < 5; i++) {
        dirstat_add(&stat, &huge);
        assert_true(dirstat_overflowed(&stat));
        assert_int_equal(stat.size, DIRSTAT_OVERFLOW);
    }
    assert_int_equal(stat.files, 6);
    assert_int_equal(stat.alloc, 6);
    struct dirstat twice = stat;
    dirstat_merge(&twice, &stat);
    assert_true(dirstat_overflowed(&twice));
}

static void each_counter_can_overflow(void **state)
{
    (void)state;
    assert_true(dirstat_overflowed(&(struct dirstat){DIRSTAT_OVERFLOW, 0, 0, 0, 0}));
    assert_true(dirstat_overflowed(&(struct dirstat){0, DIRSTAT_OVERFLOW, 0, 0, 0}));
    assert_true(dirstat_overflowed(&(struct dirstat){0, 0, DIRSTAT_OVERFLOW, 0, 0}));
    assert_false(dirstat_overflowed(&(struct dirstat){INT64_MAX, INT64_MAX, INT64_MAX, -1, -1}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_add_up),
        cmocka_unit_test(the_latest_times_are_kept),
        cmocka_unit_test(merging_is_the_same_in_any_grouping),
        cmocka_unit_test(the_border_is_two_to_the_63rd),
        cmocka_unit_test(an_overflow_sticks),
        cmocka_unit_test(each_counter_can_overflow),
    };
    return cmocka_run_group_tests_name("dirstat", tests, NULL, NULL);
}
