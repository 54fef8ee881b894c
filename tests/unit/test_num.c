/* num: decimal numbers at the very border of 64 bits, and where reading stops. */
#include "num.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Reads `text`; expects the status, that `digits` bytes were consumed, and the value. */
static void expect(const char *text, enum num_status status, size_t digits, int64_t value)
{
    const char *at = text;
    int64_t got = -7;
    assert_int_equal(num_decimal(&at, text + strlen(text), &got), status);
    assert_int_equal(at - text, digits);
    if (status == NUM_OK)
        assert_int_equal(got, value);
}

static void numbers_are_read_up_to_the_first_other_byte(void **state)
{
    (void)state;
    expect("0", NUM_OK, 1, 0);
    expect("7 8", NUM_OK, 1, 7);
    expect("4294967295x", NUM_OK, 10, INT64_C(4294967295));
    expect("0012", NUM_OK, 4, 12);
    expect("12.5", NUM_OK, 2, 12);
}

static void no_digit_is_no_number(void **state)
{
    (void)state;
    expect("", NUM_SHAPE, 0, 0);
    expect("-1", NUM_SHAPE, 0, 0);
    expect("+1", NUM_SHAPE, 0, 0);
    expect(" 1", NUM_SHAPE, 0, 0);
    expect("x", NUM_SHAPE, 0, 0);
    expect("/", NUM_SHAPE, 0, 0); /* the byte below '0' */
    expect(":", NUM_SHAPE, 0, 0); /* the byte above '9' */
    expect("\xb2", NUM_SHAPE, 0, 0);
}

static void the_border_is_two_to_the_63rd(void **state)
{
    (void)state;
    expect("999999999999999999", NUM_OK, 18, INT64_C(999999999999999999));
    expect("1000000000000000000", NUM_OK, 19, INT64_C(1000000000000000000));
    expect("9223372036854775806", NUM_OK, 19, INT64_MAX - 1);
    expect("9223372036854775807", NUM_OK, 19, INT64_MAX);
    expect("9223372036854775808", NUM_OVERFLOW, 19, 0);
    expect("9999999999999999999", NUM_OVERFLOW, 19, 0);
    /* 2^64 - 1, 2^64 and 2^64 + 5: the last two wrap to 0 and 5. */
    expect("18446744073709551615", NUM_OVERFLOW, 20, 0);
    expect("18446744073709551616", NUM_OVERFLOW, 20, 0);
    expect("18446744073709551621", NUM_OVERFLOW, 20, 0);
    /* 10 x 2^64 wraps to 0 in the multiplication. */
    expect("184467440737095516160", NUM_OVERFLOW, 21, 0);
    expect("123456789012345678901234567890 ", NUM_OVERFLOW, 30, 0);
    expect("000000000000000000000000000009223372036854775807", NUM_OK, 48, INT64_MAX);
}

static void nothing_is_read_behind_the_end(void **state)
{
    (void)state;
    static const char text[] = "12345678901234567890";
    int64_t expected = 0;
    for (size_t len = 1; len <= 19; len++) { /* 1234567890123456789 is below 2^63 */
        expected = expected * 10 + (int64_t)len % 10;
        const char *at = text;
        int64_t value;
        assert_int_equal(num_decimal(&at, text + len, &value), NUM_OK);
        assert_int_equal(at - text, len);
        assert_int_equal(value, expected);
    }
}

/* Every count of digits before every other byte, with every number of bytes behind: the ways in
 * which several bytes are read at once. Expected is what one digit after the other gives. */
static void whatever_stands_behind(void **state)
{
    (void)state;
    for (size_t digits = 0; digits <= 18; digits++) {
        for (int other = 0; other < 256; other++) {
            if (other >= '0' && other <= '9')
                continue;
            for (size_t behind = 0; behind < 10; behind++) {
                char *text = malloc(digits + behind + 1);
                int64_t expected = 0;
                for (size_t i = 0; i < digits; i++) {
                    text[i] = (char)('0' + (i * 7 + behind) % 10);
                    expected = expected * 10 + (text[i] - '0');
                }
                memset(text + digits, other, behind);
                if (behind > 1)
                    text[digits + 1] = '5'; /* no part of the number */
                text = realloc(text, digits + behind + (digits + behind == 0));
                const char *at = text;
                int64_t value = -1;
                enum num_status status = num_decimal(&at, text + digits + behind, &value);
                assert_int_equal(status, digits == 0 ? NUM_SHAPE : NUM_OK);
                assert_int_equal(at - text, digits);
                if (digits != 0)
                    assert_int_equal(value, expected);
                free(text);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_read_up_to_the_first_other_byte),
        cmocka_unit_test(no_digit_is_no_number),
        cmocka_unit_test(the_border_is_two_to_the_63rd),
        cmocka_unit_test(nothing_is_read_behind_the_end),
        cmocka_unit_test(whatever_stands_behind),
    };
    return cmocka_run_group_tests_name("num", tests, NULL, NULL);
}
