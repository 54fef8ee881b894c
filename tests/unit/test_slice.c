/* slice: equality and the order by unsigned bytes, with NULs, prefixes and empty slices. */
#include "slice.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static void equality_is_by_bytes_and_length(void **state)
{
    (void)state;
    assert_true(slice_equal(slice_from("abc"), (struct slice){"abcd", 3}));
    assert_false(slice_equal(slice_from("abc"), slice_from("abd")));
    assert_false(slice_equal(slice_from("abc"), slice_from("ab")));
    assert_false(slice_equal((struct slice){"a\0b", 3}, (struct slice){"a\0c", 3}));
    assert_true(slice_equal((struct slice){"a\0b", 3}, (struct slice){"a\0b", 3}));
    assert_true(slice_equal((struct slice){NULL, 0}, slice_from("")));
    assert_int_equal(slice_from("four").len, 4);
}

static void order_is_by_unsigned_bytes_and_a_prefix_comes_first(void **state)
{
    (void)state;
    /* Ascending: the empty slice, then by bytes; 0xff is the largest byte, not -1. */
    static const struct slice ascending[] = {
        {NULL, 0},  {"\0", 1}, {"\0\0", 2}, {" ", 1},    {"a", 1},    {"a\0", 2},
        {"a b", 3}, {"ab", 2}, {"b", 1},    {"\x7f", 1}, {"\x80", 1}, {"\xff", 1},
    };
    enum { COUNT = sizeof ascending / sizeof ascending[0] };
    for (int i = 0; i < COUNT; i++) {
        for (int j = 0; j < COUNT; j++) {
            int order = slice_compare(ascending[i], ascending[j]);
            assert_int_equal((order > 0) - (order < 0), (i > j) - (i < j));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equality_is_by_bytes_and_length),
        cmocka_unit_test(order_is_by_unsigned_bytes_and_a_prefix_comes_first),
    };
    return cmocka_run_group_tests_name("slice", tests, NULL, NULL);
}
