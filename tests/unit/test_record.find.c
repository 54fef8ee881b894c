/* record: what is special to GNU find's listing; its fields are tested in test_record.lustre.c too.
 * */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "unit_line.h"

static struct entry entry;

static enum reject_reason parse(const char *line)
{
    return unit_line_reason("find", line, &entry);
}

static void the_example_line(void **state)
{
    (void)state;
    assert_int_equal(parse("131 s=4096 b=8 u=0 g=0 type=f perm=0644 a=1769700762.1234567890 "
                           "m=1769700762.1 c=1769700762.1 -- /usr/bin/x"),
                     REJECT_NONE);
    assert_int_equal(entry.size, 4096);
    assert_int_equal(entry.alloc, 4096);
    assert_int_equal(entry.uid, 0);
    assert_int_equal(entry.gid, 0);
    assert_false(entry.is_directory);
    assert_int_equal(entry.atime, 1769700762);
    assert_true(slice_equal(entry.path, slice_from("/usr/bin/x")));
}

static void heads(void **state)
{
    (void)state;
    assert_int_equal(parse("0\ts=1 u=1 type=f -- /f"), REJECT_NONE);
    assert_int_equal(parse("9223372036854775807 s=1 u=1 type=f -- /f"), REJECT_NONE);
    assert_int_equal(parse("18446744073709551616 s=1 u=1 type=f -- /f"), REJECT_NONE);
    assert_int_equal(parse("131s=1 u=1 type=f -- /f"), REJECT_HEAD);
    assert_int_equal(parse("s=1 u=1 type=f -- /f"), REJECT_HEAD);
    assert_int_equal(parse(" 131 s=1 u=1 type=f -- /f"), REJECT_HEAD);
    assert_int_equal(parse("-131 s=1 u=1 type=f -- /f"), REJECT_HEAD);
    assert_int_equal(parse("0x1:0x1:0x0 s=1 u=1 type=f -- /f"), REJECT_HEAD);
    assert_int_equal(parse("131"), REJECT_HEAD);
}

static void kinds(void **state)
{
    (void)state;
    char line[] = "131 s=1 u=1 type=X -- /f";
    char *kind = strchr(line, 'X');
    for (int c = 1; c < 256; c++) {
        *kind = (char)c;
        bool is_known = strchr("dflpsbc?DU", c) != NULL;
        assert_int_equal(parse(line), is_known ? REJECT_NONE : REJECT_TYPE);
        if (is_known)
            assert_int_equal(entry.is_directory, c == 'd');
    }
}

static void blocks_are_512_bytes(void **state)
{
    (void)state;
    assert_int_equal(parse("1 s=1 b=1 u=1 type=f -- /f"), REJECT_NONE);
    assert_int_equal(entry.alloc, 512);
    assert_int_equal(parse("1 s=1 b=18014398509481984 u=1 type=f -- /f"), REJECT_ALLOC_OVERFLOW);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_example_line),
        cmocka_unit_test(heads),
        cmocka_unit_test(kinds),
        cmocka_unit_test(blocks_are_512_bytes),
    };
    return cmocka_run_group_tests_name("find", tests, NULL, NULL);
}
