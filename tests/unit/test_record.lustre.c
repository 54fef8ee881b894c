/* record: FIDs, kinds, blocks and epochs of lfs find; see also test_record.find.c. */
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
    return unit_line_reason("lustre", line, &entry);
}

static void the_example_line(void **state)
{
    (void)state;
    assert_int_equal(parse("0x24001959d:0x1f:0x0 s=16384 b=32 u=38057 g=68122 p= type=d perm=0750 "
                           "a=1769700762 m=1739055225 c=1739055225 -- /lustre/desc1/x"),
                     REJECT_NONE);
    assert_int_equal(entry.size, 16384);
    assert_int_equal(entry.alloc, 16384);
    assert_int_equal(entry.uid, 38057);
    assert_int_equal(entry.gid, 68122);
    assert_true(entry.is_directory);
    assert_int_equal(entry.atime, 1769700762);
    assert_true(slice_equal(entry.path, slice_from("/lustre/desc1/x")));
}

static void only_the_required(void **state)
{
    (void)state;
    assert_int_equal(parse("0x0:0x0:0x0 type=f u=0 s=0 -- /f"), REJECT_NONE);
    assert_int_equal(entry.alloc, 0);
    assert_int_equal(entry.gid, ENTRY_NO_GROUP);
    assert_int_equal(entry.atime, ENTRY_NO_TIME);
    assert_false(entry.is_directory);
    assert_int_equal(parse("0x0:0x0:0x0 type=f u=0 -- /f"), REJECT_NO_SIZE);
    assert_int_equal(parse("0x0:0x0:0x0 type=f s=0 -- /f"), REJECT_NO_OWNER);
    assert_int_equal(parse("0x0:0x0:0x0 u=0 s=0 -- /f"), REJECT_NO_KIND);
    assert_int_equal(parse("0x0:0x0:0x0 u=0 s=0 type=f /f"), REJECT_SEPARATOR);
}

static void fids(void **state)
{
    (void)state;
    assert_int_equal(parse("0xffffffffffffffff:0xFFFFFFFFFFFFFFFF:0x0123456789abcdef\ts=1 u=1 "
                           "type=f -- /f"),
                     REJECT_NONE);
    static const char *const wrong[] = {
        "0x1:0x1",       "0x1:0x1:0x0:0x0",
        "0x:0x1:0x0",    "0x1:0x1:0x",
        "0x1:1:0x0",     "0X1:0x1:0x0",
        "[0x1:0x1:0x0]", "0x1:0xg:0x0",
        "0x1:0x`:0x0", /* the byte below 'a' */
        "0x1:0x@:0x0", /* the byte below 'A' */
        "0x1 0x1 0x0",   "131",
        " 0x1:0x1:0x0",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        char line[96];
        strcpy(line, wrong[i]);
        strcat(line, " s=1 u=1 type=f -- /f");
        assert_int_equal(parse(line), REJECT_HEAD);
    }
    assert_int_equal(parse("0x1:0x1:0x0"), REJECT_HEAD);
}

static void kinds(void **state)
{
    (void)state;
    char line[] = "0x1:0x1:0x0 s=1 u=1 type=X -- /f";
    char *kind = strchr(line, 'X');
    for (int c = 1; c < 256; c++) {
        *kind = (char)c;
        bool is_known = strchr("dflpsbc?", c) != NULL;
        assert_int_equal(parse(line), is_known ? REJECT_NONE : REJECT_TYPE);
        if (is_known)
            assert_int_equal(entry.is_directory, c == 'd');
    }
    assert_int_equal(parse("0x1:0x1:0x0 s=1 u=1 type= -- /f"), REJECT_TYPE);
    assert_int_equal(parse("0x1:0x1:0x0 s=1 u=1 type=dd -- /f"), REJECT_TYPE);
}

static void numbers_to_their_borders(void **state)
{
    (void)state;
    /* 18014398509481983 x 512 = 2^63 - 512 fits, one more is 2^63 */
    assert_int_equal(parse("0x1:0x1:0x0 s=9223372036854775807 b=18014398509481983 u=4294967294 "
                           "g=4294967294 type=f -- /f"),
                     REJECT_NONE);
    assert_int_equal(entry.size, INT64_MAX);
    assert_int_equal(entry.alloc, INT64_MAX - 511);
    assert_int_equal(entry.uid, UINT32_C(4294967294));
    assert_int_equal(entry.gid, UINT32_C(4294967294));
    assert_int_equal(parse("0x1:0x1:0x0 s=1 b=18014398509481984 u=1 type=f -- /f"),
                     REJECT_ALLOC_OVERFLOW);
    assert_int_equal(parse("0x1:0x1:0x0 s=9223372036854775808 u=1 type=f -- /f"),
                     REJECT_SIZE_OVERFLOW);
    assert_int_equal(parse("0x1:0x1:0x0 s=1 u=4294967295 type=f -- /f"), REJECT_OWNER_OVERFLOW);
    assert_int_equal(parse("0x1:0x1:0x0 s=1 u=1 g=4294967295 type=f -- /f"), REJECT_GROUP_OVERFLOW);
    assert_int_equal(parse("0x1:0x1:0x0 s=1 u=1 b=-8 type=f -- /f"), REJECT_ALLOC);
}

/* `mt=` is not `t=`, `perm=` not `p=`; p= is no key of this format. */
static void keys_match_whole(void **state)
{
    (void)state;
    assert_int_equal(parse("0x1:0x1:0x0 ss=5 xu=5 stype=d Type=d typ=d type=f S=5 s=1 u=2 p=dd "
                           "aa=5 a -- /f"),
                     REJECT_NONE);
    assert_int_equal(entry.size, 1);
    assert_int_equal(entry.uid, 2);
    assert_false(entry.is_directory);
    assert_int_equal(entry.atime, ENTRY_NO_TIME);
}

static enum reject_reason parse_epoch(const char *epoch)
{
    char line[128] = "0x1:0x1:0x0 s=1 u=1 type=f m=7 a=";
    strcat(line, epoch);
    strcat(line, " -- /f");
    return parse(line);
}

static void expect_epoch(const char *epoch, int64_t instant)
{
    assert_int_equal(parse_epoch(epoch), REJECT_NONE);
    assert_int_equal(entry.atime, instant);
    assert_int_equal(entry.mtime, 7);
}

static void epochs(void **state)
{
    (void)state;
    expect_epoch("0", 0);
    expect_epoch("-1", -1);
    expect_epoch("-1.5", -1); /* the second as it is written */
    expect_epoch("-0.5", 0);
    expect_epoch("1769700762.1234567890", 1769700762);
    expect_epoch("1.99999999999999999999999999", 1);
    expect_epoch("253402300799", CLOCK_MAX);
    expect_epoch("-62135596800", CLOCK_MIN);
    assert_int_equal(parse_epoch("253402300800"), REJECT_ATIME_RANGE);
    assert_int_equal(parse_epoch("-62135596801"), REJECT_ATIME_RANGE);
    assert_int_equal(parse_epoch("9223372036854775807"), REJECT_ATIME_RANGE);
    assert_int_equal(parse_epoch("-9223372036854775807"), REJECT_ATIME_RANGE);
    assert_int_equal(parse_epoch("9223372036854775808"), REJECT_ATIME_RANGE);
    assert_int_equal(entry.atime, ENTRY_NO_TIME);
    assert_int_equal(parse_epoch("-18446744073709551616"), REJECT_ATIME_RANGE);
    static const char *const malformed[] = {"",   "-",   ".5",  "1.",    "1.5.5", "1x",
                                            "+1", "--1", "1e9", "1.5e3", "-.5",   "1,5"};
    for (size_t i = 0; i < sizeof malformed / sizeof malformed[0]; i++)
        assert_int_equal(parse_epoch(malformed[i]), REJECT_ATIME);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_example_line),
        cmocka_unit_test(only_the_required),
        cmocka_unit_test(fids),
        cmocka_unit_test(kinds),
        cmocka_unit_test(numbers_to_their_borders),
        cmocka_unit_test(keys_match_whole),
        cmocka_unit_test(epochs),
    };
    return cmocka_run_group_tests_name("lustre", tests, NULL, NULL);
}
