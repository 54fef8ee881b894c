/* gpfs: HEAD, fields and dates of a policy list; each value worked out by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "clock.h"
#include "unit_line.h"

static struct entry entry;

static enum reject_reason parse(const char *line)
{
    return unit_line_reason("gpfs", line, &entry);
}

static void expect_path(const char *path)
{
    assert_true(slice_equal(entry.path, slice_from(path)));
}

static void the_example_line(void **state)
{
    (void)state;
    assert_int_equal(parse("<3> 65540 406945146 0  s=1867 a=8 u=10039 g=502 m=FAu p=-rw-r--r-- "
                           "ac=2025-12-08 19:08:54 mt=2025-11-07 01:02:03 cr=2025-10-06 04:05:06 "
                           "nl=1 -- /gpfs/csfs1/asp/user1/f.nc"),
                     REJECT_NONE);
    assert_int_equal(entry.size, 1867);
    assert_int_equal(entry.alloc, 8192);
    assert_int_equal(entry.uid, 10039);
    assert_int_equal(entry.gid, 502);
    assert_false(entry.is_directory);
    assert_int_equal(entry.atime, 1765220934);
    expect_path("/gpfs/csfs1/asp/user1/f.nc");
}

/* The least there can be, and what is then not recorded. */
static void only_the_required(void **state)
{
    (void)state;
    assert_int_equal(parse("1 2 3 s=0 u=0 p=d -- /"), REJECT_NONE);
    assert_int_equal(entry.size, 0);
    assert_int_equal(entry.alloc, 0);
    assert_int_equal(entry.uid, 0);
    assert_int_equal(entry.gid, ENTRY_NO_GROUP);
    assert_int_equal(entry.atime, ENTRY_NO_TIME);
    assert_true(entry.is_directory);
    expect_path("/");
}

static void keys_in_any_order_and_unknown_ones(void **state)
{
    (void)state;
    assert_int_equal(parse("1 2 3\t\tp=drwxr-xr-x zz= g=5 ss=9 sa=9 aa=9 au=9 x u=6 mac=2000-01-01 "
                           "ac=2000-02-29 23:59:59 s=7 = a=1 -- /d"),
                     REJECT_NONE);
    assert_int_equal(entry.size, 7);
    assert_int_equal(entry.alloc, 1024);
    assert_int_equal(entry.uid, 6);
    assert_int_equal(entry.gid, 5);
    assert_int_equal(entry.atime, 951782400 + 86399);
    assert_true(entry.is_directory);
}

static void heads(void **state)
{
    (void)state;
    assert_int_equal(parse("<0>\t1  2 \t 3 s=1 u=1 p=- -- /f"), REJECT_NONE);
    assert_int_equal(parse("<123456> 1 2 9223372036854775807 s=1 u=1 p=- -- /f"), REJECT_NONE);
    assert_int_equal(parse("1 2 9223372036854775808 s=1 u=1 p=- -- /f"), REJECT_OVERFLOW);
    assert_int_equal(parse("9223372036854775808 2 3 s=1 u=1 p=- -- /f"), REJECT_OVERFLOW);
    static const char *const wrong[] = {
        " 1 2 3 s=1 u=1 p=- -- /f", /* a blank before it */
        "1 2 s=1 u=1 p=- -- /f",    /* two columns */
        "<> 1 2 3 s=1 u=1 p=- -- /f",
        "<3 1 2 3 s=1 u=1 p=- -- /f",
        "<3>1 2 3 s=1 u=1 p=- -- /f",
        "<-3> 1 2 3 s=1 u=1 p=- -- /f",
        "<3> 1 2 s=1 u=1 p=- -- /f",
        "1 -2 3 s=1 u=1 p=- -- /f",
        "1 2 3s=1 u=1 p=- -- /f",
        "1 2 3",
        "x 2 3 s=1 u=1 p=- -- /f",
        "<",
        "<3>",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_int_equal(parse(wrong[i]), REJECT_HEAD);
}

static void each_required_field_is_asked_for(void **state)
{
    (void)state;
    assert_int_equal(parse("1 2 3 u=1 p=- -- /f"), REJECT_NO_SIZE);
    assert_int_equal(parse("1 2 3 s=1 p=- -- /f"), REJECT_NO_OWNER);
    assert_int_equal(parse("1 2 3 s=1 u=1 -- /f"), REJECT_NO_KIND);
    assert_int_equal(parse("1 2 3 -- /f"), REJECT_NO_SIZE);
    assert_int_equal(parse("1 2 3 s=1 u=1 p=-"), REJECT_SEPARATOR);
    assert_int_equal(parse("1 2 3 s=1 u=1 p=- /f"), REJECT_SEPARATOR);
    assert_int_equal(parse("1 2 3 s=1 u=1 p=- --/f"), REJECT_SEPARATOR);
    assert_int_equal(parse("1 2 3 s=1 u=1 p=- --"), REJECT_SEPARATOR);
    assert_int_equal(parse("1 2 3 s=1 u=1 p= -- /f"), REJECT_KIND);
}

static void numbers_to_their_borders(void **state)
{
    (void)state;
    assert_int_equal(parse("1 2 3 s=9223372036854775807 u=4294967294 g=4294967294 p=- -- /f"),
                     REJECT_NONE);
    assert_int_equal(entry.size, INT64_MAX);
    assert_int_equal(entry.uid, UINT32_C(4294967294));
    assert_int_equal(entry.gid, UINT32_C(4294967294));
    assert_int_equal(parse("1 2 3 s=9223372036854775808 u=1 p=- -- /f"), REJECT_OVERFLOW);
    assert_int_equal(parse("1 2 3 s=1 u=4294967295 p=- -- /f"), REJECT_OWNER);
    assert_int_equal(parse("1 2 3 s=1 u=1 g=4294967295 p=- -- /f"), REJECT_OWNER);
    assert_int_equal(parse("1 2 3 s=1 u=4294967296 p=- -- /f"), REJECT_OWNER);
    /* KiB: 9007199254740991 x 1024 = 2^63 - 1024 fits, one more is 2^63 */
    assert_int_equal(parse("1 2 3 s=1 a=9007199254740991 u=1 p=- -- /f"), REJECT_NONE);
    assert_int_equal(entry.alloc, INT64_MAX - 1023);
    assert_int_equal(parse("1 2 3 s=1 a=9007199254740992 u=1 p=- -- /f"), REJECT_OVERFLOW);
}

static void malformed_numbers(void **state)
{
    (void)state;
    static const char *const wrong[] = {"s= u=1",     "s=-1 u=1",    "s=1x u=1", "s=+1 u=1",
                                        "s=1. u=1",   "s=1 u=",      "s=1 u=-2", "s=1 u=root",
                                        "s=1 u=1 g=", "s=1 u=1 a=1K"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        char line[64] = "1 2 3 ";
        strcat(line, wrong[i]);
        strcat(line, " p=- -- /f");
        assert_int_equal(parse(line), REJECT_NUMBER);
    }
}

static enum reject_reason parse_date(const char *date)
{
    char line[128] = "1 2 3 s=1 u=1 p=- ac=";
    strcat(line, date);
    strcat(line, " nl=1 -- /f");
    return parse(line);
}

static void dates_that_exist(void **state)
{
    (void)state;
    assert_int_equal(parse_date("1970-01-01 00:00:00"), REJECT_NONE);
    assert_int_equal(entry.atime, 0);
    assert_int_equal(parse_date("1969-12-31 23:59:59"), REJECT_NONE);
    assert_int_equal(entry.atime, -1);
    assert_int_equal(parse_date("2000-02-29 00:00:00.999999999999"), REJECT_NONE);
    assert_int_equal(entry.atime, 951782400);
    assert_int_equal(parse_date("0001-01-01 00:00:00"), REJECT_NONE);
    assert_int_equal(entry.atime, CLOCK_MIN);
    assert_int_equal(parse_date("9999-12-31 23:59:59.5"), REJECT_NONE);
    assert_int_equal(entry.atime, CLOCK_MAX);
    assert_int_equal(parse_date("2001-09-09  \t01:46:40"), REJECT_NONE); /* blanks may repeat */
    assert_int_equal(entry.atime, 1000000000);
}

static void dates_that_do_not_exist(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "1900-02-29 00:00:00", "2023-02-29 00:00:00", "2023-04-31 00:00:00", "2023-13-01 00:00:00",
        "2023-00-01 00:00:00", "2023-01-00 00:00:00", "2023-01-32 00:00:00", "0000-01-01 00:00:00",
        "2023-01-01 24:00:00", "2023-01-01 23:60:00", "2016-12-31 23:59:60",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_int_equal(parse_date(wrong[i]), REJECT_DATE);
}

static void malformed_dates(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "",
        "2023-01-01",
        "2023-01-01 00:00",
        "2023-01-01 00:00:0x",
        "2023-01-01 00:00:00.",
        "2023-01-01 00:00:00.5x",
        "2023-01-01 00:00:001",
        "2023-01-01T00:00:00",
        "2023/01/01 00:00:00",
        "2023-1-01 00:00:00",
        "12023-01-01 00:00:00",
        "2023-01-01 0:00:00",
        "yesterday",
        "2023-02-29 00:00",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_int_equal(parse_date(wrong[i]), REJECT_DATE_SHAPE);
    assert_int_equal(parse("1 2 3 s=1 u=1 p=- ac=2023-01-01 -- /f"), REJECT_DATE_SHAPE);
    assert_int_equal(parse("1 2 3 s=1 u=1 p=- ac=2023-01-01"), REJECT_DATE_SHAPE);
}

/* Every byte at every place of a stamp: only what is a digit, or the same separator, is
 * well-formed. */
static void every_byte_of_a_date(void **state)
{
    (void)state;
    static const char stamp[] = "2022-11-11 11:11:11";
    for (size_t at = 0; at < sizeof stamp - 1; at++) {
        for (int byte = 1; byte < 256; byte++) {
            char line[64] = "1 2 3 s=1 u=1 p=- ac=";
            char *date = strcat(line, stamp) + strlen(line) - strlen(stamp);
            bool may_stand = stamp[at] >= '0' && stamp[at] <= '9' ? byte >= '0' && byte <= '9'
                                                                  : byte == stamp[at];
            may_stand |= stamp[at] == ' ' && byte == '\t';
            date[at] = (char)byte;
            strcat(line, " -- /f");
            if (byte == '\n')
                continue;
            enum reject_reason reason = parse(line);
            if (may_stand != (reason == REJECT_NONE || reason == REJECT_DATE))
                fail_msg("byte %d at %zu: %s", byte, at, reject_text(reason));
        }
    }
}

/* The day of the line before is remembered: a bad one in between must not change the next. */
static void the_remembered_day_is_the_right_one(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        int64_t atime; /* -2: rejected */
    } lines[] = {
        {"1 2 3 s=1 u=1 p=- ac=1970-01-02 00:00:01 -- /f", 86401},
        {"1 2 3 s=1 u=1 p=- ac=1970-01-02 00:00:02 -- /f", 86402},
        {"1 2 3 s=1 u=1 p=- ac=1970-02-30 00:00:02 -- /f", -2},
        {"1 2 3 s=1 u=1 p=- ac=1970-02-30 00:00:02 -- /f", -2},
        {"1 2 3 s=1 u=1 p=- ac=1970-01-02 00:00:03 -- /f", 86403},
        {"1 2 3 s=1 u=1 p=- ac=1970-01-03 25:00:00 -- /f", -2},
        {"1 2 3 s=1 u=1 p=- ac=1970-01-03 00:00:00 -- /f", 172800},
        {"1 2 3 s=1 u=1 p=- -- /f", ENTRY_NO_TIME},
    };
    struct format_memo memo = {0};
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        struct unit_line line = unit_line_next("gpfs", slice_from(lines[i].line), &memo);
        assert_int_equal(line.kind, lines[i].atime == -2 ? FORMAT_REJECT : FORMAT_ENTRY);
        if (line.kind == FORMAT_ENTRY)
            assert_int_equal(line.entry.atime, lines[i].atime);
    }
}

static void the_mode_tells_the_kind(void **state)
{
    (void)state;
    static const char *const files[] = {"-rw-r--r--", "lrwxrwxrwx", "s",
                                        "p---------", "?d",         "Drwx"};
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        char line[64] = "1 2 3 s=1 u=1 p=";
        strcat(line, files[i]);
        strcat(line, " -- /f");
        assert_int_equal(parse(line), REJECT_NONE);
        assert_false(entry.is_directory);
    }
    assert_int_equal(parse("1 2 3 s=1 u=1 p=drwxrws--T -- /f"), REJECT_NONE);
    assert_true(entry.is_directory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_example_line),
        cmocka_unit_test(only_the_required),
        cmocka_unit_test(keys_in_any_order_and_unknown_ones),
        cmocka_unit_test(heads),
        cmocka_unit_test(each_required_field_is_asked_for),
        cmocka_unit_test(numbers_to_their_borders),
        cmocka_unit_test(malformed_numbers),
        cmocka_unit_test(dates_that_exist),
        cmocka_unit_test(dates_that_do_not_exist),
        cmocka_unit_test(malformed_dates),
        cmocka_unit_test(every_byte_of_a_date),
        cmocka_unit_test(the_remembered_day_is_the_right_one),
        cmocka_unit_test(the_mode_tells_the_kind),
    };
    return cmocka_run_group_tests_name("gpfs", tests, NULL, NULL);
}
