/* layout: templates and format files, and what is wrong with them. */
#include "layout.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "err.h"
#include "unit_support.h"

static struct layout layout;
static struct err err;

static int compile(const char *text, bool any_order)
{
    const struct layout_options options = {.head = LAYOUT_HEAD_NONE, .any_order = any_order};
    err = (struct err){0};
    return layout_compile(&layout, "where", slice_from(text), &options, &err);
}

static void a_template_becomes_fields(void **state)
{
    (void)state;
    assert_int_equal(compile("  u=%uid \t x%%y%size;%*. %alloc_kb end ", false), 0);
    assert_int_equal(layout.count, 4);
    assert_int_equal(layout.field[0].value, LAYOUT_UID);
    assert_int_equal(layout.field[0].stop, ' ');
    assert_memory_equal(layout.text + layout.field[0].text_begin, "u=", 2);
    assert_int_equal(layout.field[1].text_len, 4);
    assert_memory_equal(layout.text + layout.field[1].text_begin, " x%y", 4);
    assert_int_equal(layout.field[1].stop, ';');
    assert_int_equal(layout.field[2].value, LAYOUT_SKIP);
    assert_int_equal(layout.field[2].stop, '.');
    assert_int_equal(layout.field[3].unit, 1024);
    assert_int_equal(layout.tail_len, 4);
    assert_memory_equal(layout.text + layout.tail_begin, " end", 4);
    assert_true(layout.has_owner);
    assert_false(layout.has_kind);
    assert_false(layout.has_path);
}

static void keys_in_any_order(void **state)
{
    (void)state;
    assert_int_equal(compile("s=%size type=%type", true), 0);
    assert_int_equal(layout.field[0].key, 's');
    assert_int_equal(layout.field[1].key, UINT64_C(0x65707974)); /* "type", the first lowest */
    assert_int_equal(compile("%size", true), -1);
    assert_int_equal(compile("s=%size u:%uid", true), -1);
    assert_int_equal(compile("s=%size ninechars=%uid", true), -1);
    assert_int_equal(compile("s=%size %path", true), -1);
}

static void expect_error(const char *text, const char *words)
{
    assert_int_equal(compile(text, false), -1);
    assert_int_equal(err.status, ERR_USAGE);
    if (strstr(err.text, words) == NULL || strstr(err.text, "where") != err.text)
        fail_msg("%s", err.text);
}

static void what_is_wrong_is_named(void **state)
{
    (void)state;
    expect_error("%sise %uid", "%sise");
    expect_error("%", "unknown value");
    expect_error("%size%uid", "character between");
    expect_error("%uid", "no %size");
    expect_error("", "no %size");
    expect_error("%size %size", "twice");
    expect_error("%size %uid %user", "twice");
    expect_error("%size %mode %type", "twice");
    char text[LAYOUT_TEXT_MAX + 16];
    memset(text, 'x', sizeof text);
    strcpy(text + LAYOUT_TEXT_MAX + 1, "%size");
    expect_error(text, "too long");
    char many[512] = "%size";
    for (int i = 0; i < LAYOUT_FIELDS_MAX; i++)
        strcat(many, " %*");
    expect_error(many, "more than 32");
}

static int load(const char *text)
{
    unit_support_write_text("format.conf", text);
    err = (struct err){0};
    return layout_load(&layout, "format.conf", &err);
}

static void format_files(void **state)
{
    (void)state;
    assert_int_equal(
        load("# a comment\n[format]\nname = ours\nhead = none\n"
             "fields = \"%path\"\t%size\t%uid\nunescape = backslash\nrecords = null\n"),
        0);
    assert_string_equal(layout.name, "ours");
    assert_int_equal(layout.head, LAYOUT_HEAD_NONE);
    assert_int_equal(layout.escape, LAYOUT_BACKSLASH);
    assert_true(layout.null_ended);
    assert_true(layout.has_path);
    assert_int_equal(load("[format]\nfields = s=%size\norder = any\ntimes = epoch\n"), 0);
    assert_true(layout.any_order);
    assert_int_equal(layout.times, LAYOUT_TIMES_EPOCH);
    assert_int_equal(load("[format]\nfields = %size\nhead = gpsf\n"), -1);
    assert_non_null(strstr(err.text, "format.conf:3: "));
    /* A template of several lines, and one that inih would cut in two. */
    assert_int_equal(load("[format]\nfields = %size\n    %uid\n\t%gid\nhead = find"), 0);
    assert_int_equal(layout.count, 3);
    assert_int_equal(layout.field[2].value, LAYOUT_GID);
    assert_int_equal(layout.head, LAYOUT_HEAD_FIND);
    char text[400] = "[format]\nfields = %size";
    memset(text + strlen(text), ' ', 250);
    strcpy(text + 300 - 60, " %uid\n");
    assert_int_equal(load(text), -1);
    assert_non_null(strstr(err.text, "format.conf:2: the line is too long"));
    assert_int_equal(load("[format]\nname = x\n"), -1);
    assert_non_null(strstr(err.text, "no fields"));
    assert_int_equal(load("[other]\nfields = %size\n"), -1);
    assert_int_equal(layout_load(&layout, "absent.conf", &err), -1);
}

static void built_in(void **state)
{
    (void)state;
    for (unsigned i = 0; i < LAYOUT_BUILTINS; i++) {
        layout_builtin(&layout, i);
        assert_true(layout.any_order && layout.has_owner && layout.has_kind);
        assert_non_null(strstr(layout_names(), layout.name));
        assert_true(layout_find(&layout, slice_from(layout.name)));
    }
    assert_false(layout_find(&layout, slice_from("GPFS")));
    assert_false(layout_find(&layout, slice_from("gpf")));
    assert_false(layout_find(&layout, slice_from("")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_template_becomes_fields),
        cmocka_unit_test(keys_in_any_order),
        cmocka_unit_test(what_is_wrong_is_named),
        cmocka_unit_test_setup_teardown(format_files, unit_support_enter, unit_support_leave),
        cmocka_unit_test(built_in),
    };
    return cmocka_run_group_tests_name("layout", tests, NULL, NULL);
}
