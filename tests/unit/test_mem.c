/* mem: zeroed memory, small and mapped; a product that overflows is refused. */
#include "mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static void new_memory_is_zero(void **state)
{
    (void)state;
    unsigned char *memory = mem_new(1000);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(memory[i], 0);
    free(memory);
}

/* Sizes on both sides of the border between malloc and a mapping, 1 MiB. */
static void arrays_of_every_size_are_zero_and_writable(void **state)
{
    (void)state;
    static const size_t counts[] = {1, 262143, 262144, 262145, 1000000};
    for (size_t c = 0; c < sizeof counts / sizeof counts[0]; c++) {
        uint32_t *array = mem_array(counts[c], sizeof *array);
        assert_non_null(array);
        uint32_t seen = 0;
        for (size_t i = 0; i < counts[c]; i++) {
            seen |= array[i];
            array[i] = (uint32_t)i;
        }
        assert_int_equal(seen, 0);
        assert_int_equal(array[counts[c] - 1], counts[c] - 1);
        mem_free_array(array, counts[c], sizeof *array);
    }
}

static void an_array_of_nothing_is_one(void **state)
{
    (void)state;
    void *array = mem_array(0, 8);
    assert_non_null(array);
    mem_free_array(array, 0, 8);
    mem_free_array(NULL, 0, 8);
    mem_free_array(NULL, 1 << 20, 8);
}

static void what_cannot_be_is_refused(void **state)
{
    (void)state;
    /* 2^63 x 2 wraps to 0, (2^62 + 1) x 4 to 4. */
    assert_null(mem_array(SIZE_MAX / 2 + 1, 2));
    assert_null(mem_array(SIZE_MAX / 4 + 2, 4));
    assert_null(mem_array(SIZE_MAX, 1)); /* no overflow, but no such address space */
}

/* One after another, past several doublings: what was put in stays, and the room is never short. */
static void a_list_grows_by_one(void **state)
{
    (void)state;
    uint64_t *items = NULL;
    size_t room = 0;
    for (size_t count = 0; count < 1000; count++) {
        size_t before = room;
        items = mem_grow(items, &room, count, sizeof *items);
        assert_non_null(items);
        assert_true(room > count);
        assert_true(room == before || count == before); /* not before it must */
        items[count] = count * 7;
    }
    for (size_t i = 0; i < 1000; i++)
        assert_int_equal(items[i], i * 7);
    size_t full = room;
    assert_null(mem_grow(items, &room, full, SIZE_MAX / 4)); /* the list is as it was */
    assert_int_equal(room, full);
    assert_int_equal(items[999], 999 * 7);
    free(items);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_grows_by_one),
        cmocka_unit_test(new_memory_is_zero),
        cmocka_unit_test(arrays_of_every_size_are_zero_and_writable),
        cmocka_unit_test(an_array_of_nothing_is_one),
        cmocka_unit_test(what_cannot_be_is_refused),
    };
    return cmocka_run_group_tests_name("mem", tests, NULL, NULL);
}
