/* subtree: totals and the largest directories of a small tree. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "filter.h"
#include "subtree.h"
#include "tree_fixture.h"

static void open_good(struct subtree *subtree, const char *prefix)
{
    struct err err = {0};
    struct filter filter;
    filter_init(&filter);
    if (prefix != NULL)
        assert_int_equal(filter_set_prefix(&filter, "-P", prefix, &err), 0);
    if (subtree_open(subtree, "x.db", &filter, &err) != 0)
        fail_msg("%s", err.text);
    filter_free(&filter);
}

/* The names that subtree_largest gives, each with a blank behind. */
static void expect_names(const struct subtree *subtree, int64_t limit, const char *expected)
{
    struct err err = {0};
    struct reader_rows *rows;
    char names[256] = "";
    int more;
    assert_int_equal(subtree_largest(&rows, subtree, limit, &err), 0);
    while ((more = reader_rows_next(rows, &err)) == 1) {
        struct slice name = reader_rows_text(rows, SUBTREE_NAME);
        snprintf(names + strlen(names), sizeof names - strlen(names), "%.*s ", (int)name.len,
                 name.ptr);
    }
    assert_int_equal(more, 0);
    reader_rows_close(rows);
    assert_string_equal(names, expected);
}

static void totals_are_of_what_was_asked(void **state)
{
    (void)state;
    struct subtree subtree;
    query_fixture_make("x.db", tree_fixture_rows);
    open_good(&subtree, NULL);
    assert_int_equal(subtree.roots, 1);
    assert_int_equal(subtree.directories, 5);
    assert_int_equal(subtree.files, 10);
    assert_int_equal(subtree.size, 341);
    assert_int_equal(subtree.alloc, 3610);
    assert_int_equal(subtree.scanned, 0);
    subtree_close(&subtree);

    open_good(&subtree, "/d/a");
    assert_int_equal(subtree.roots, 1);
    assert_int_equal(subtree.directories, 2);
    assert_int_equal(subtree.size, 320);
    subtree_close(&subtree);

    query_fixture_make("x.db", tree_fixture_two_roots);
    open_good(&subtree, "/");
    assert_int_equal(subtree.roots, 2);
    assert_int_equal(subtree.directories, 2);
    assert_int_equal(subtree.size, 11);
    subtree_close(&subtree);

    query_fixture_make("x.db", "");
    open_good(&subtree, NULL);
    assert_int_equal(subtree.roots, 0);
    assert_int_equal(subtree.directories, 0);
    expect_names(&subtree, 0, "");
    subtree_close(&subtree);
}

static void the_largest_come_in_preorder(void **state)
{
    (void)state;
    struct subtree subtree;
    query_fixture_make("x.db", tree_fixture_rows);
    open_good(&subtree, NULL);
    expect_names(&subtree, 0, "/d a b c e ");
    expect_names(&subtree, 9, "/d a b c e ");
    expect_names(&subtree, 4, "/d a b e ");
    expect_names(&subtree, 2, "/d a ");
    subtree_close(&subtree);
    open_good(&subtree, "/d/a");
    expect_names(&subtree, 0, "/d/a b ");
    expect_names(&subtree, 1, "/d/a ");
    subtree_close(&subtree);
}

static void an_unknown_path_is_an_error(void **state)
{
    (void)state;
    struct err err = {0};
    struct subtree subtree;
    struct filter filter;
    query_fixture_make("x.db", tree_fixture_rows);
    filter_init(&filter);
    assert_int_equal(filter_set_prefix(&filter, "-P", "/d/b", &err), 0);
    assert_int_equal(subtree_open(&subtree, "x.db", &filter, &err), -1);
    assert_non_null(strstr(err.text, "/d/b"));
    filter_free(&filter);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(totals_are_of_what_was_asked, unit_support_enter,
                                        unit_support_leave),
        cmocka_unit_test_setup_teardown(the_largest_come_in_preorder, unit_support_enter,
                                        unit_support_leave),
        cmocka_unit_test_setup_teardown(an_unknown_path_is_an_error, unit_support_enter,
                                        unit_support_leave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
