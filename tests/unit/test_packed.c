/* packed: whatever the values, they come back; whatever a file holds, nothing is overrun. */
#include "packed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static uint64_t seed = 1;

static uint64_t draw(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed;
}

/* Packs the values and takes them back; returns the bytes they took. */
static uint64_t expect_back(const int64_t *values, uint32_t count)
{
    struct packed column = packed_plan(values, count);
    assert_true(packed_is_sound(&column));
    uint64_t bytes = packed_bytes(&column);
    uint8_t *memory = malloc(bytes + PACKED_SLACK);
    int64_t *back = malloc((count + PACKED_MORE) * sizeof *back);
    memset(memory, 0xa5, bytes + PACKED_SLACK);
    packed_put(memory, &column, values);
    assert_int_equal(packed_take(back, &column, memory), 0);
    int64_t low = INT64_MAX;
    int64_t high = INT64_MIN;
    bool nulls = false;
    for (uint32_t i = 0; i < count; i++) {
        assert_true(back[i] == values[i]);
        nulls = nulls || values[i] == PACKED_NULL;
        low = values[i] != PACKED_NULL && values[i] < low ? values[i] : low;
        high = values[i] > high ? values[i] : high;
    }
    assert_int_equal(column.nulls, nulls);
    if (high == INT64_MIN)
        assert_true(column.low > column.high);
    else
        assert_true(column.low == low && column.high == high);
    free(back);
    free(memory);
    return bytes;
}

static void by_hand(void **state)
{
    (void)state;
    assert_int_equal(expect_back((int64_t[]){0}, 0), 0);
    assert_int_equal(expect_back((int64_t[]){7}, 1), 0);
    assert_int_equal(expect_back((int64_t[]){5, 5, 5}, 3), 0);
    assert_int_equal(expect_back((int64_t[]){PACKED_NULL, PACKED_NULL}, 2), 0);
    assert_int_equal(expect_back((int64_t[]){5, PACKED_NULL, 5}, 3), 1);
    assert_int_equal(expect_back((int64_t[]){4096, 8192, 0, 4096}, 4), 1); /* 2 bits a value */
    assert_int_equal(expect_back((int64_t[]){INT64_MAX, INT64_MIN + 1, 0}, 3), 24);
    assert_int_equal(expect_back((int64_t[]){INT64_MAX, PACKED_NULL, 0}, 3), 1 + PACKED_EXCEPTION);
    int64_t one_large[1000] = {[500] = INT64_MAX};
    assert_int_equal(expect_back(one_large, 1000), PACKED_EXCEPTION);
}

/* Of every width, with NULLs and without, of lengths around the eights that are unpacked. */
static void random_columns(void **state)
{
    (void)state;
    static const uint32_t counts[] = {1, 2, 7, 8, 9, 63, 64, 65, 1000, 4096};
    int64_t *values = malloc(4096 * sizeof *values);
    for (unsigned width = 0; width <= 64; width++) {
        for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
            int64_t base = (int64_t)draw() >> draw() % 64;
            unsigned shift = (unsigned)(draw() % 12);
            unsigned odd = (unsigned)(draw() % 3); /* 0: none, 1: NULLs, 2: large ones too */
            for (uint32_t i = 0; i < counts[c]; i++) {
                uint64_t offset = width == 0 ? 0 : draw() >> (64 - width);
                values[i] = (int64_t)((uint64_t)base + (offset << shift));
                if (odd > 0 && draw() % 10 == 0)
                    values[i] = PACKED_NULL;
                if (odd > 1 && draw() % 100 == 0)
                    values[i] = INT64_MAX - (int64_t)(draw() % 5);
            }
            expect_back(values, counts[c]);
        }
    }
    free(values);
}

static void an_exception_out_of_place(void **state)
{
    (void)state;
    int64_t values[1000] = {[500] = INT64_MAX};
    int64_t back[1000 + PACKED_MORE];
    struct packed column = packed_plan(values, 1000);
    uint8_t memory[PACKED_EXCEPTION + PACKED_SLACK] = {0};
    assert_int_equal(column.exceptions, 1);
    packed_put(memory, &column, values);
    memory[0] = 0xe8; /* 500 is 0x1f4: now 1000 */
    memory[1] = 0x03;
    assert_int_equal(packed_take(back, &column, memory), -1);
}

static void what_cannot_be_a_column(void **state)
{
    (void)state;
    struct packed column = {.count = 10, .width = 3};
    assert_true(packed_is_sound(&column));
    column.width = 57;
    assert_false(packed_is_sound(&column));
    column.width = 65;
    assert_false(packed_is_sound(&column));
    column.width = 64;
    assert_true(packed_is_sound(&column));
    column.shift = 64;
    assert_false(packed_is_sound(&column));
    column.shift = 63;
    column.exceptions = 11;
    assert_false(packed_is_sound(&column));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_hand),
        cmocka_unit_test(random_columns),
        cmocka_unit_test(an_exception_out_of_place),
        cmocka_unit_test(what_cannot_be_a_column),
    };
    return cmocka_run_group_tests_name("packed", tests, NULL, NULL);
}
