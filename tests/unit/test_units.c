/* units: what people write and read, against values worked out by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "err.h"
#include "units.h"

static void expect_size(int64_t bytes, const char *expected)
{
    char text[UNITS_TEXT];
    units_size(text, bytes);
    assert_string_equal(text, expected);
}

static void sizes_are_rounded_to_a_decimal(void **state)
{
    (void)state;
    expect_size(0, "0 B");
    expect_size(1023, "1023 B");
    expect_size(1024, "1.0 KiB");
    expect_size(1536, "1.5 KiB");
    expect_size(1587, "1.5 KiB"); /* 1.5498 */
    expect_size(1588, "1.6 KiB"); /* 1.5508 */
    expect_size(1610612736, "1.5 GiB");
    expect_size(INT64_MAX, "8.0 EiB"); /* 2^63 - 1 */
}

static void a_size_never_shows_1024_of_a_unit(void **state)
{
    (void)state;
    expect_size(1048575, "1.0 MiB");       /* 1023.999 KiB */
    expect_size(1048524, "1023.9 KiB");    /* 1023.949 KiB */
    expect_size(1099511627775, "1.0 TiB"); /* a byte less than it */
    expect_size(1152921504606846975, "1.0 EiB");
}

static void expect_count(int64_t count, const char *expected)
{
    char text[UNITS_TEXT];
    units_count(text, count);
    assert_string_equal(text, expected);
}

static void counts_have_thousands(void **state)
{
    (void)state;
    expect_count(0, "0");
    expect_count(999, "999");
    expect_count(1000, "1,000");
    expect_count(1234567, "1,234,567");
    expect_count(-12, "-12");
    expect_count(INT64_MAX, "9,223,372,036,854,775,807");
    expect_count(INT64_MIN, "-9,223,372,036,854,775,808");
}

static void changes_have_a_sign(void **state)
{
    (void)state;
    char text[UNITS_TEXT];
    static const struct {
        int64_t change;
        const char *size;
        const char *count;
    } cases[] = {
        {0, "0 B", "0"},
        {1, "+1 B", "+1"},
        {-1536, "-1.5 KiB", "-1,536"},
        {INT64_MAX, "+8.0 EiB", "+9,223,372,036,854,775,807"},
        {-INT64_MAX, "-8.0 EiB", "-9,223,372,036,854,775,807"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        units_size_change(text, cases[i].change);
        assert_string_equal(text, cases[i].size);
        units_count_change(text, cases[i].change);
        assert_string_equal(text, cases[i].count);
    }
}

typedef int parser(int64_t *out, const char *option, const char *text, struct err *err);

static void expect_parsed(parser *parse, const char *text, int64_t expected)
{
    struct err err = {0};
    int64_t value = -1;
    assert_int_equal(parse(&value, "--opt", text, &err), 0);
    assert_true(value == expected);
}

static void expect_refused(parser *parse, const char *text, const char *why)
{
    struct err err = {0};
    int64_t value;
    assert_int_equal(parse(&value, "--opt", text, &err), -1);
    assert_int_equal(err.status, ERR_USAGE);
    assert_non_null(strstr(err.text, "--opt: "));
    assert_non_null(strstr(err.text, why));
}

static void sizes_are_parsed(void **state)
{
    (void)state;
    expect_parsed(units_parse_size, "0", 0);
    expect_parsed(units_parse_size, "4096", 4096);
    expect_parsed(units_parse_size, "7B", 7);
    expect_parsed(units_parse_size, "7b", 7);
    expect_parsed(units_parse_size, "10K", 10000);
    expect_parsed(units_parse_size, "10k", 10000);
    expect_parsed(units_parse_size, "10KB", 10000);
    expect_parsed(units_parse_size, "10Ki", 10240);
    expect_parsed(units_parse_size, "10KI", 10240);
    expect_parsed(units_parse_size, "10KiB", 10240);
    expect_parsed(units_parse_size, "500M", 500000000);
    expect_parsed(units_parse_size, "500Mi", 524288000);
    expect_parsed(units_parse_size, "2GB", 2000000000);
    expect_parsed(units_parse_size, "2GiB", 2147483648);
    expect_parsed(units_parse_size, "2gib", 2147483648);
    expect_parsed(units_parse_size, "1.5G", 1500000000);
    expect_parsed(units_parse_size, "1.5Gi", 1610612736);
    expect_parsed(units_parse_size, "0.001KB", 1);
    expect_parsed(units_parse_size, "1.9999Ki", 2047); /* 2047.9 is not 2048 */
    expect_parsed(units_parse_size, "1T", 1000000000000);
    expect_parsed(units_parse_size, "1PiB", 1125899906842624);
    expect_parsed(units_parse_size, "9E", 9000000000000000000);
    expect_parsed(units_parse_size, "7Ei", 8070450532247928832);
    expect_parsed(units_parse_size, "9223372036854775807", INT64_MAX);
}

static void what_is_no_size_is_refused(void **state)
{
    (void)state;
    const char *const texts[] = {"",    "x",   "-1",  "+1",   "1.5",   "1.5B", "1.",
                                 ".5K", "5KX", "5iB", "5i",   "5KiBB", "5KBi", "5KiK",
                                 "5BK", "1 K", " 1",  "0x10", "1e3",   "5Kb/s"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        expect_refused(units_parse_size, texts[i], "is not a size");
    expect_refused(units_parse_size, "9223372036854775808", "too large");
    expect_refused(units_parse_size, "8Ei", "too large");
    expect_refused(units_parse_size, "10E", "too large");
    expect_refused(units_parse_size, "99999999999999999999", "too large");
}

static void counts_are_decimal(void **state)
{
    (void)state;
    expect_parsed(units_parse_count, "0", 0);
    expect_parsed(units_parse_count, "10K", 10000);
    expect_parsed(units_parse_count, "1.5M", 1500000);
    expect_refused(units_parse_count, "10KB", "is not a number");
    expect_refused(units_parse_count, "10Ki", "is not a number");
    expect_refused(units_parse_count, "10KiB", "is not a number");
    expect_refused(units_parse_count, "1.5", "is not a number");
    expect_refused(units_parse_count, "many", "is not a number");
    expect_refused(units_parse_count, "10E", "too large");
}

static void expect_span(const char *text, int32_t months, int32_t days)
{
    struct err err = {0};
    struct units_when when;
    assert_int_equal(units_parse_when(&when, "--opt", text, &err), 0);
    assert_string_equal(when.date, "");
    assert_int_equal(when.months, months);
    assert_int_equal(when.days, days);
}

static void spans_are_months_or_days(void **state)
{
    (void)state;
    expect_span("3yrs", 36, 0);
    expect_span("1y", 12, 0);
    expect_span("6mo", 6, 0);
    expect_span("8w", 0, 56);
    expect_span("90d", 0, 90);
    expect_span("90DAYS", 0, 90);
    expect_span("0d", 0, 0);
}

static void dates_must_exist(void **state)
{
    (void)state;
    struct err err = {0};
    struct units_when when;
    assert_int_equal(units_parse_when(&when, "--opt", "2024-02-29", &err), 0);
    assert_string_equal(when.date, "2024-02-29");
    const char *const wrong[] = {"2023-02-29", "2024-13-01", "2024-00-10", "2024-1-001",
                                 "2024/02/01", "20240201",   "6m",         "yrs",
                                 "1.5yrs",     "",           "-90d",       "99999999999999999999d",
                                 "10001yrs",   "2024-02-29 "};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct err why = {0};
        assert_int_equal(units_parse_when(&when, "--opt", wrong[i], &why), -1);
        assert_int_equal(why.status, ERR_USAGE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes_are_rounded_to_a_decimal),
        cmocka_unit_test(a_size_never_shows_1024_of_a_unit),
        cmocka_unit_test(counts_have_thousands),
        cmocka_unit_test(changes_have_a_sign),
        cmocka_unit_test(sizes_are_parsed),
        cmocka_unit_test(what_is_no_size_is_refused),
        cmocka_unit_test(counts_are_decimal),
        cmocka_unit_test(spans_are_months_or_days),
        cmocka_unit_test(dates_must_exist),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
