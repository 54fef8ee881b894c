/* slots: records are found again through growth, equal tags and wrapping around the end. */
#include "slots.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Whether the walk over `tag` meets `number`. */
static bool is_met(const struct slots *slots, uint32_t tag, uint32_t number)
{
    uint32_t at = tag;
    uint32_t candidate;
    while ((candidate = slots_candidate(slots, tag, &at)) != 0)
        if (candidate == number)
            return true;
    return false;
}

static uint32_t count_candidates(const struct slots *slots, uint32_t tag)
{
    uint32_t count = 0;
    uint32_t at = tag;
    while (slots_candidate(slots, tag, &at) != 0)
        count++;
    return count;
}

static void an_empty_index_has_nothing(void **state)
{
    (void)state;
    struct slots slots = {0};
    assert_int_equal(count_candidates(&slots, 0), 0);
    slots_prefetch(&slots, 7);
    slots_clear(&slots);
}

static void records_are_found_through_growth(void **state)
{
    (void)state;
    enum { RECORDS = 20000 };
    struct slots slots = {0};
    for (uint32_t i = 1; i <= RECORDS; i++)
        assert_int_equal(slots_insert(&slots, i * 2654435761u, i), 0);
    assert_int_equal(slots.used, RECORDS);
    assert_int_equal(slots.size & (slots.size - 1), 0);
    assert_true((uint64_t)slots.used * 8 <= (uint64_t)slots.size * 7);
    for (uint32_t i = 1; i <= RECORDS; i++) {
        assert_true(is_met(&slots, i * 2654435761u, i));
        assert_int_equal(count_candidates(&slots, i * 2654435761u), 1); /* i -> tag is one to one */
    }
    for (uint32_t i = RECORDS + 1; i <= 2 * RECORDS; i++)
        assert_int_equal(count_candidates(&slots, i * 2654435761u), 0);
    slots_clear(&slots);
    assert_int_equal(count_candidates(&slots, 2654435761u), 0);
}

static void equal_tags_are_all_met(void **state)
{
    (void)state;
    enum { EQUAL = 500 };
    struct slots slots = {0};
    for (uint32_t i = 1; i <= EQUAL; i++)
        assert_int_equal(slots_insert(&slots, 77, i), 0);
    assert_int_equal(count_candidates(&slots, 77), EQUAL);
    for (uint32_t i = 1; i <= EQUAL; i++)
        assert_true(is_met(&slots, 77, i));
    assert_int_equal(count_candidates(&slots, 78), 0);
    slots_clear(&slots);
}

/* Tags that all want the last slot run around the end of the table. */
static void probing_wraps_around(void **state)
{
    (void)state;
    struct slots slots = {0};
    for (uint32_t i = 1; i <= 40; i++)
        assert_int_equal(slots_insert(&slots, (i << 20) | 0xfffffu, i), 0);
    for (uint32_t i = 1; i <= 40; i++) {
        assert_true(is_met(&slots, (i << 20) | 0xfffffu, i));
        assert_int_equal(count_candidates(&slots, (i << 20) | 0xfffffu), 1);
    }
    assert_int_equal(count_candidates(&slots, 0xfffffu), 0);
    slots_clear(&slots);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_index_has_nothing),
        cmocka_unit_test(records_are_found_through_growth),
        cmocka_unit_test(equal_tags_are_all_met),
        cmocka_unit_test(probing_wraps_around),
    };
    return cmocka_run_group_tests_name("slots", tests, NULL, NULL);
}
