/* record: HEAD, fields and dates of a policy list; each value worked out by hand. */
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
    assert_int_equal(parse("1 2 3 s=0 u=0 p=drwx------ -- /"), REJECT_NONE);
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
    assert_int_equal(parse("<0>\t1  2 \t 3 s=1 u=1 p=-rw-r--r-- -- /f"), REJECT_NONE);
    assert_int_equal(parse("<123456> 1 2 9223372036854775807 s=1 u=1 p=-rw-r--r-- -- /f"),
                     REJECT_NONE);
    /* The numbers are not used: any run of digits will do. */
    assert_int_equal(parse("18446744073709551615 18446744073709551616 99999999999999999999999999 "
                           "s=1 u=1 p=-rw-r--r-- -- /f"),
                     REJECT_NONE);
    assert_int_equal(parse("<99999999999999999999> 1 2 3 s=1 u=1 p=-rw-r--r-- -- /f"), REJECT_NONE);
    static const char *const wrong[] = {
        " 1 2 3 s=1 u=1 p=-rw-r--r-- -- /f", /* a blank before it */
        "1 2 s=1 u=1 p=-rw-r--r-- -- /f",    /* two columns */
        "<> 1 2 3 s=1 u=1 p=-rw-r--r-- -- /f",
        "<3 1 2 3 s=1 u=1 p=-rw-r--r-- -- /f",
        "<3>1 2 3 s=1 u=1 p=-rw-r--r-- -- /f",
        "<-3> 1 2 3 s=1 u=1 p=-rw-r--r-- -- /f",
        "<3> 1 2 s=1 u=1 p=-rw-r--r-- -- /f",
        "1 -2 3 s=1 u=1 p=-rw-r--r-- -- /f",
        "1 2 3s=1 u=1 p=-rw-r--r-- -- /f",
        "1 2 3",
        "x 2 3 s=1 u=1 p=-rw-r--r-- -- /f",
        "<",
        "<3>",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_int_equal(parse(wrong[i]), REJECT_HEAD);
}

static void each_required_field_is_asked_for(void **state)
{
    (void)state;
    assert_int_equal(parse("1 2 3 u=1 p=-rw-r--r-- -- /f"), REJECT_NO_SIZE);
    assert_int_equal(parse("1 2 3 s=1 p=-rw-r--r-- -- /f"), REJECT_NO_OWNER);
    assert_int_equal(parse("1 2 3 s=1 u=1 -- /f"), REJECT_NO_KIND);
    assert_int_equal(parse("1 2 3 -- /f"), REJECT_NO_SIZE);
    assert_int_equal(parse("1 2 3 s=1 u=1 p=-rw-r--r--"), REJECT_SEPARATOR);
    assert_int_equal(parse("1 2 3 s=1 u=1 p=-rw-r--r-- /f"), REJECT_SEPARATOR);
    assert_int_equal(parse("1 2 3 s=1 u=1 p=-rw-r--r-- --/f"), REJECT_SEPARATOR);
    assert_int_equal(parse("1 2 3 s=1 u=1 p=-rw-r--r-- --"), REJECT_SEPARATOR);
    assert_int_equal(parse("1 2 3 s=1 u=1 p= -- /f"), REJECT_MODE);
}

static void numbers_to_their_borders(void **state)
{
    (void)state;
    assert_int_equal(
        parse("1 2 3 s=9223372036854775807 u=4294967294 g=4294967294 p=-rw-r--r-- -- /f"),
        REJECT_NONE);
    assert_int_equal(entry.size, INT64_MAX);
    assert_int_equal(entry.uid, UINT32_C(4294967294));
    assert_int_equal(entry.gid, UINT32_C(4294967294));
    assert_int_equal(parse("1 2 3 s=9223372036854775808 u=1 p=-rw-r--r-- -- /f"),
                     REJECT_SIZE_OVERFLOW);
    assert_int_equal(parse("1 2 3 s=1 u=4294967295 p=-rw-r--r-- -- /f"), REJECT_OWNER_OVERFLOW);
    assert_int_equal(parse("1 2 3 s=1 u=1 g=4294967295 p=-rw-r--r-- -- /f"), REJECT_GROUP_OVERFLOW);
    assert_int_equal(entry.gid, ENTRY_NO_GROUP);
    assert_int_equal(parse("1 2 3 s=1 u=4294967296 p=-rw-r--r-- -- /f"), REJECT_OWNER_OVERFLOW);
    /* KiB: 9007199254740991 x 1024 = 2^63 - 1024 fits, one more is 2^63 */
    assert_int_equal(parse("1 2 3 s=1 a=9007199254740991 u=1 p=-rw-r--r-- -- /f"), REJECT_NONE);
    assert_int_equal(entry.alloc, INT64_MAX - 1023);
    assert_int_equal(parse("1 2 3 s=1 a=9007199254740992 u=1 p=-rw-r--r-- -- /f"),
                     REJECT_ALLOC_OVERFLOW);
    assert_int_equal(entry.alloc, 0);
}

static void malformed_numbers(void **state)
{
    (void)state;
    static const struct {
        const char *fields;
        enum reject_reason reason;
    } wrong[] = {
        {"s= u=1", REJECT_SIZE},        {"s=-1 u=1", REJECT_SIZE},
        {"s=1x u=1", REJECT_SIZE},      {"s=+1 u=1", REJECT_SIZE},
        {"s=1. u=1", REJECT_SIZE},      {"s=_NULL_ u=1", REJECT_SIZE},
        {"s=1 u=", REJECT_OWNER},       {"s=1 u=-2", REJECT_OWNER},
        {"s=1 u=root", REJECT_OWNER},   {"s=1 u=1 g=", REJECT_GROUP},
        {"s=1 u=1 g=-2", REJECT_GROUP}, {"s=1 u=1 a=1K", REJECT_ALLOC},
        {"s=1 u=1 a=", REJECT_ALLOC},   {"s=1 u=1 a=_NULL_", REJECT_ALLOC},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        char line[64] = "1 2 3 ";
        strcat(line, wrong[i].fields);
        strcat(line, " p=-rw-r--r-- -- /f");
        assert_int_equal(parse(line), wrong[i].reason);
    }
}

/* A flaw has its value, the first of several; a rejected line that of its rejection. */
static void the_value_is_told(void **state)
{
    (void)state;
    struct unit_line line =
        unit_line_parse("gpfs", slice_from("1 2 3 s=1 a=_NULL_ u=1 g=x p=-rw-r--r-- -- /f"));
    assert_int_equal(line.kind, RECORD_ENTRY);
    assert_int_equal(line.reject.reason, REJECT_ALLOC);
    assert_true(slice_equal(line.reject.value, slice_from("_NULL_")));
    line = unit_line_parse("gpfs", slice_from("1 2 3 s=1 a=_NULL_ u=-2 p=-rw-r--r-- -- /f"));
    assert_int_equal(line.kind, RECORD_REJECT);
    assert_int_equal(line.reject.reason, REJECT_OWNER);
    assert_true(slice_equal(line.reject.value, slice_from("-2")));
    line = unit_line_parse("gpfs", slice_from("1 2 3 s=1 a=_NULL_ p=-rw-r--r-- -- /f"));
    assert_int_equal(line.reject.reason, REJECT_NO_OWNER);
    assert_int_equal(line.reject.value.len, 0);
}

static enum reject_reason parse_date(const char *date)
{
    char line[160] = "1 2 3 s=1 u=1 p=-rw-r--r-- mt=2001-09-09 01:46:40 ac=";
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
    assert_int_equal(parse_date("2001-09-09T01:46:40.5"), REJECT_NONE);
    assert_int_equal(entry.atime, 1000000000);
    assert_int_equal(entry.mtime, 1000000000);
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
        assert_int_equal(parse_date(wrong[i]), REJECT_ATIME_DATE);
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
        "2023-01-01t00:00:00",
        "2023/01/01 00:00:00",
        "2023-01/01 00:00:00",
        "_NULL_",
        "1700000000",
        "2023-1-01 00:00:00",
        "12023-01-01 00:00:00",
        "2023-01-01 0:00:00",
        "yesterday",
        "2023-02-29 00:00",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_int_equal(parse_date(wrong[i]), REJECT_ATIME);
    assert_int_equal(parse("1 2 3 s=1 u=1 p=-rw-r--r-- ac=2023-01-01 -- /f"), REJECT_ATIME);
    assert_int_equal(parse("1 2 3 s=1 u=1 p=-rw-r--r-- ac=2023-01-01"), REJECT_SEPARATOR);
}

/* Every byte at every place of a stamp: only what is a digit, or the same separator, is
 * well-formed. */
static void every_byte_of_a_date(void **state)
{
    (void)state;
    static const char stamp[] = "2022-11-11 11:11:11";
    for (size_t at = 0; at < sizeof stamp - 1; at++) {
        for (int byte = 1; byte < 256; byte++) {
            char line[96] = "1 2 3 s=1 u=1 p=-rw-r--r-- ac=";
            char *date = strcat(line, stamp) + strlen(line) - strlen(stamp);
            bool may_stand = stamp[at] >= '0' && stamp[at] <= '9' ? byte >= '0' && byte <= '9'
                                                                  : byte == stamp[at];
            may_stand |= stamp[at] == ' ' && (byte == '\t' || byte == 'T');
            date[at] = (char)byte;
            strcat(line, " -- /f");
            if (byte == '\n')
                continue;
            enum reject_reason reason = parse(line);
            if (may_stand != (reason == REJECT_NONE || reason == REJECT_ATIME_DATE))
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
        int64_t atime; /* ENTRY_NO_TIME: flawed, or none */
    } lines[] = {
        {"1 2 3 s=1 u=1 p=-rw-r--r-- ac=1970-01-02 00:00:01 -- /f", 86401},
        {"1 2 3 s=1 u=1 p=-rw-r--r-- ac=1970-01-02 00:00:02 -- /f", 86402},
        {"1 2 3 s=1 u=1 p=-rw-r--r-- ac=1970-02-30 00:00:02 -- /f", ENTRY_NO_TIME},
        {"1 2 3 s=1 u=1 p=-rw-r--r-- ac=1970-02-30 00:00:02 -- /f", ENTRY_NO_TIME},
        {"1 2 3 s=1 u=1 p=-rw-r--r-- ac=1970-01-02 00:00:03 -- /f", 86403},
        {"1 2 3 s=1 u=1 p=-rw-r--r-- ac=1970-01-03 25:00:00 -- /f", ENTRY_NO_TIME},
        {"1 2 3 s=1 u=1 p=-rw-r--r-- ac=1970-01-03 00:00:00 -- /f", 172800},
        {"1 2 3 s=1 u=1 p=-rw-r--r-- -- /f", ENTRY_NO_TIME},
    };
    struct record_reader reader = {.line = {NULL, 0}};
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        struct unit_line line = unit_line_next("gpfs", slice_from(lines[i].line), &reader);
        assert_int_equal(line.kind, RECORD_ENTRY);
        assert_int_equal(line.entry.atime, lines[i].atime);
    }
}

static void the_mode_tells_the_kind(void **state)
{
    (void)state;
    static const char *const files[] = {"-rw-r--r--", "lrwxrwxrwx",  "srwSr-sr-t",
                                        "p---------", "crw-rw----+", "brw-rw----.x d"};
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        char line[96] = "1 2 3 s=1 u=1 p=";
        strcat(line, files[i]);
        strcat(line, " -- /f");
        assert_int_equal(parse(line), REJECT_NONE);
        assert_false(entry.is_directory);
    }
    assert_int_equal(parse("1 2 3 s=1 u=1 p=drwxrws--T -- /f"), REJECT_NONE);
    assert_true(entry.is_directory);
    static const char *const none[] = {"040755",     "0644",       "rwxr-xr-x",  "_NULL_",
                                       "drwxr-xr-",  "d",          "Drwxr-xr-x", "?rwxr-xr-x",
                                       "-rwxr-xr-y", "-rwx r-xr-", "",           "-rw-r--r"};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        char line[96] = "1 2 3 s=1 u=1 p=";
        strcat(line, none[i]);
        strcat(line, " -- /f");
        assert_int_equal(parse(line), REJECT_MODE);
    }
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
        cmocka_unit_test(the_value_is_told),
        cmocka_unit_test(dates_that_exist),
        cmocka_unit_test(dates_that_do_not_exist),
        cmocka_unit_test(malformed_dates),
        cmocka_unit_test(every_byte_of_a_date),
        cmocka_unit_test(the_remembered_day_is_the_right_one),
        cmocka_unit_test(the_mode_tells_the_kind),
    };
    return cmocka_run_group_tests_name("gpfs", tests, NULL, NULL);
}
