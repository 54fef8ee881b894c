/* clock: the calendar at its known points. Instants are `date -u -d DAY +%s` of GNU date. */
#include "clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct {
    const char *text;
    int64_t instant;
} known[] = {
    {"1970-01-01 00:00:00", 0},
    {"1970-01-01 00:00:01", 1},
    {"1969-12-31 23:59:59", -1},
    {"1969-12-31 00:00:00", -86400},
    {"2000-02-29 00:00:00", 951782400},
    {"2000-03-01 00:00:00", 951868800},
    {"1900-02-28 00:00:00", -2203977600},
    {"1900-03-01 00:00:00", -2203891200}, /* the next day: 1900 is no leap year */
    {"2001-09-09 01:46:40", 1000000000},
    {"2038-01-19 03:14:07", INT64_C(2147483647)},
    {"2038-01-19 03:14:08", INT64_C(2147483648)},
    {"2024-12-31 23:59:59", 1735689599},
    {"2025-12-08 19:08:54", 1765220934},
    {"2100-02-28 12:00:00", INT64_C(4107499200)},
    {"2100-03-01 12:00:00", INT64_C(4107585600)},
    {"0001-01-01 00:00:00", CLOCK_MIN},
    {"9999-12-31 23:59:59", CLOCK_MAX},
};
enum { KNOWN = sizeof known / sizeof known[0] };

static void known_instants_are_read(void **state)
{
    (void)state;
    for (int i = 0; i < KNOWN; i++) {
        int64_t instant;
        assert_true(clock_parse(slice_from(known[i].text), &instant));
        assert_int_equal(instant, known[i].instant);
    }
}

static void known_instants_are_written(void **state)
{
    (void)state;
    for (int i = 0; i < KNOWN; i++) {
        char text[CLOCK_TEXT];
        clock_format(known[i].instant, text);
        assert_string_equal(text, known[i].text);
    }
}

static void a_day_alone_is_its_begin(void **state)
{
    (void)state;
    int64_t instant;
    assert_true(clock_parse(slice_from("2000-02-29"), &instant));
    assert_int_equal(instant, 951782400);
    assert_int_equal(clock_from_date(2000, 2, 29), 951782400);
}

/* Day by day through 800 years, counted by hand-made rules: 97 leap days in 400 years. */
static void every_day_follows_the_one_before(void **state)
{
    (void)state;
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int64_t expected = clock_from_date(1600, 1, 1);
    int64_t first = expected;
    for (int year = 1600; year < 2400; year++) {
        bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
        for (int month = 1; month <= 12; month++) {
            int last = days[month - 1] + (month == 2 && leap ? 1 : 0);
            for (int day = 1; day <= last; day++) {
                assert_int_equal(clock_from_date(year, month, day), expected);
                char text[CLOCK_TEXT];
                clock_format(expected + CLOCK_DAY - 1, text);
                int64_t back;
                assert_true(clock_parse(slice_from(text), &back));
                assert_int_equal(back, expected + CLOCK_DAY - 1);
                expected += CLOCK_DAY;
            }
            assert_false(clock_date_exists(year, month, last + 1));
        }
    }
    assert_int_equal((expected - first) / CLOCK_DAY, 2 * (400 * 365 + 97));
}

static void days_that_do_not_exist(void **state)
{
    (void)state;
    assert_true(clock_date_exists(1, 1, 1));
    assert_true(clock_date_exists(9999, 12, 31));
    assert_true(clock_date_exists(2000, 2, 29));
    assert_true(clock_date_exists(2024, 2, 29));
    assert_false(clock_date_exists(1900, 2, 29));
    assert_false(clock_date_exists(2023, 2, 29));
    assert_false(clock_date_exists(0, 1, 1));
    assert_false(clock_date_exists(10000, 1, 1));
    assert_false(clock_date_exists(2023, 0, 1));
    assert_false(clock_date_exists(2023, 13, 1));
    assert_false(clock_date_exists(2023, 4, 31));
    assert_false(clock_date_exists(2023, 1, 0));
    assert_false(clock_date_exists(2023, 1, 32));
}

static void other_texts_are_no_time(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "",
        "2023-01-0",
        "2023-01-011",
        "2023/01/01",
        "2023-02-29",
        "2023-02-29 00:00:00",
        "0000-01-01",
        "2023-00-10",
        "2023-01-01 24:00:00",
        "2023-01-01 00:60:00",
        "2023-01-01 23:59:60",
        "2023-01-01T00:00:00",
        "2023-01-01 00:00:00 ",
        "2023-01-01 00:00",
        " 2023-01-01",
        "+023-01-01",
        "2023-1-001",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        int64_t instant;
        if (clock_parse(slice_from(wrong[i]), &instant))
            fail_msg("'%s' was taken for a time", wrong[i]);
    }
}

static void the_monotonic_clock_does_not_go_back(void **state)
{
    (void)state;
    uint64_t begin = clock_now_ns();
    assert_true(clock_seconds_since(begin) >= 0);
    assert_true(clock_now_ns() >= begin);
    assert_true(clock_instant() > 1600000000); /* September 2020 has passed */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_instants_are_read),
        cmocka_unit_test(known_instants_are_written),
        cmocka_unit_test(a_day_alone_is_its_begin),
        cmocka_unit_test(every_day_follows_the_one_before),
        cmocka_unit_test(days_that_do_not_exist),
        cmocka_unit_test(other_texts_are_no_time),
        cmocka_unit_test(the_monotonic_clock_does_not_go_back),
    };
    return cmocka_run_group_tests_name("clock", tests, NULL, NULL);
}
