/* ownerpairs: each pair once, in order, however they came. */
#include "ownerpairs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void a_few(void **state)
{
    (void)state;
    struct ownerpairs pairs = {0};
    ownerpairs_sort(&pairs);
    assert_int_equal(ownerpairs_find(&pairs, 1, 1), 0);
    assert_int_equal(ownerpairs_add(&pairs, 4294967294, 7), 0);
    assert_int_equal(ownerpairs_add(&pairs, 1, 7), 0);
    assert_int_equal(ownerpairs_add(&pairs, 1, 7), 0);
    assert_int_equal(ownerpairs_add(&pairs, 1, -1), 0);
    assert_int_equal(ownerpairs_add(&pairs, 4294967294, 7), 0);
    ownerpairs_sort(&pairs);
    assert_int_equal(pairs.count, 3);
    assert_int_equal(ownerpairs_find(&pairs, 1, -1), 0);
    assert_int_equal(ownerpairs_find(&pairs, 1, 7), 1);
    assert_int_equal(ownerpairs_find(&pairs, 4294967294, 7), 2);
    assert_int_equal(ownerpairs_find(&pairs, 1, 0), 3);
    ownerpairs_dispose(&pairs);
}

/* In an order that visits each many times, so that the list is sorted on the way; in two parts. */
static void many(void **state)
{
    (void)state;
    enum { UIDS = 300, GIDS = 70 };
    struct ownerpairs pairs = {0};
    struct ownerpairs other = {0};
    for (unsigned i = 0; i < 10 * UIDS * GIDS; i++) {
        unsigned which = i * 7919 % (UIDS * GIDS);
        struct ownerpairs *to = which % 2 == 0 ? &pairs : &other;
        assert_int_equal(ownerpairs_add(to, which / GIDS, which % GIDS), 0);
    }
    assert_int_equal(ownerpairs_merge(&pairs, &other), 0);
    ownerpairs_sort(&pairs);
    assert_int_equal(pairs.count, UIDS * GIDS);
    for (unsigned i = 0; i < UIDS * GIDS; i++)
        assert_int_equal(ownerpairs_find(&pairs, i / GIDS, i % GIDS), i);
    ownerpairs_dispose(&pairs);
    ownerpairs_dispose(&other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_few),
        cmocka_unit_test(many),
    };
    return cmocka_run_group_tests_name("ownerpairs", tests, NULL, NULL);
}
