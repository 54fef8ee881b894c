/* logname: file systems and dates from the names that sites give their logs. */
#include "logname.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void expect_filesystem(const char *path, const char *expected)
{
    assert_true(slice_equal(logname_filesystem(path), slice_from(expected)));
}

static void filesystems(void **state)
{
    (void)state;
    expect_filesystem("20260111_csfs1_asp.list.list_all.log", "asp");
    expect_filesystem("20260204_desc1_gdex.lfs-scan", "gdex");
    expect_filesystem("usr.find", "usr");
    expect_filesystem("/var/scan.d/20260111_csfs1_asp.list", "asp");
    expect_filesystem("20260111_asp.list", "asp");
    expect_filesystem("20260111_host_a_b.list", "a_b");
    expect_filesystem("20260111_host_.list", "");
    expect_filesystem("20260111_.list", "");
    expect_filesystem("20260111.list", "20260111"); /* no date without its underscore */
    expect_filesystem("2026011_host_asp.list", "2026011_host_asp");
    expect_filesystem("202601111_host_asp.list", "202601111_host_asp");
    expect_filesystem("2026-111_host_asp.list", "2026-111_host_asp");
    expect_filesystem("asp", "asp");
    expect_filesystem("host_asp.list", "host_asp"); /* a host only comes with a date */
    expect_filesystem(".hidden", "");
    expect_filesystem("dir.d/asp", "asp");
    expect_filesystem("dir/", "");
}

static void base_names(void **state)
{
    (void)state;
    assert_true(slice_equal(logname_base("/a/b.c/d.e"), slice_from("d.e")));
    assert_true(slice_equal(logname_base("d.e"), slice_from("d.e")));
    assert_true(slice_equal(logname_base("/d"), slice_from("d")));
    assert_true(slice_equal(logname_base("./d"), slice_from("d")));
}

static void expect_no_date(const char *path)
{
    int64_t instant = -7;
    assert_false(logname_date(path, &instant));
    assert_int_equal(instant, -7);
}

static void dates(void **state)
{
    (void)state;
    int64_t instant;
    assert_true(logname_date("/20010101_x/20260111_csfs1_asp.list", &instant));
    assert_int_equal(instant, 1768089600); /* date -u -d 2026-01-11 +%s */
    assert_true(logname_date("20000229_x", &instant));
    assert_int_equal(instant, 951782400);
    assert_true(logname_date("00010101_", &instant));
    assert_int_equal(instant, INT64_C(-62135596800));
    expect_no_date("20250229_x"); /* no such day */
    expect_no_date("20251301_x");
    expect_no_date("00000101_x");
    expect_no_date("20260111.x");
    expect_no_date("20260111");
    expect_no_date("2026011_x");
    expect_no_date("x20260111_x");
    expect_no_date("20260111_x/asp.list"); /* the folder's date is not the log's */
    expect_no_date("");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(filesystems),
        cmocka_unit_test(base_names),
        cmocka_unit_test(dates),
    };
    return cmocka_run_group_tests_name("logname", tests, NULL, NULL);
}
