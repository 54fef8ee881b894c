/* subtree: totals and the largest directories of a small tree. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "filter.h"
#include "subtree.h"
#include "tree_fixture.h"

static struct federation federation;

static void open_good(struct subtree *subtree, const char *prefix)
{
    struct err err = {0};
    struct filter filter;
    filter_init(&filter);
    query_fixture_federate(&federation, 1, 2);
    if (prefix != NULL)
        assert_int_equal(filter_add_prefix(&filter, "-P", prefix, &err), 0);
    if (subtree_open(subtree, &federation, &filter, &err) != 0)
        fail_msg("%s", err.text);
    filter_free(&filter);
}

static void close_all(struct subtree *subtree)
{
    subtree_close(subtree);
    federation_close(&federation);
}

/* The names that the walk gives, each with a blank behind. */
static void expect_names(struct subtree *subtree, int64_t limit, const char *expected)
{
    struct err err = {0};
    char names[256] = "";
    int more;
    assert_int_equal(subtree_begin(subtree, limit, &err), 0);
    while ((more = subtree_next(subtree, &err)) == 1) {
        struct slice name = reader_rows_text(subtree->rows, SUBTREE_NAME);
        snprintf(names + strlen(names), sizeof names - strlen(names), "%.*s ", (int)name.len,
                 name.ptr);
    }
    assert_int_equal(more, 0);
    assert_string_equal(names, expected);
}

static void totals_are_of_what_was_asked(void **state)
{
    (void)state;
    struct subtree subtree;
    tree_fixture_make();
    open_good(&subtree, NULL);
    assert_int_equal(subtree.roots, 1);
    assert_int_equal(subtree.directories, 5);
    assert_int_equal(subtree.files, 10);
    assert_int_equal(subtree.size, 341);
    assert_int_equal(subtree.alloc, 3610);
    assert_int_equal(subtree.scanned, 946684800);
    close_all(&subtree);

    open_good(&subtree, "/d/a");
    assert_int_equal(subtree.roots, 1);
    assert_int_equal(subtree.directories, 2);
    assert_int_equal(subtree.size, 320);
    close_all(&subtree);

    tree_fixture_make_two_roots();
    open_good(&subtree, "/");
    assert_int_equal(subtree.roots, 2);
    assert_int_equal(subtree.directories, 2);
    assert_int_equal(subtree.size, 11);
    close_all(&subtree);

    store_fixture_import("x.db", NULL, 0);
    open_good(&subtree, NULL);
    assert_int_equal(subtree.roots, 0);
    assert_int_equal(subtree.directories, 0);
    expect_names(&subtree, 0, "");
    close_all(&subtree);
}

static void the_largest_come_in_preorder(void **state)
{
    (void)state;
    struct subtree subtree;
    tree_fixture_make();
    open_good(&subtree, NULL);
    expect_names(&subtree, 0, "/d a b c e ");
    expect_names(&subtree, 9, "/d a b c e ");
    expect_names(&subtree, 4, "/d a b e ");
    expect_names(&subtree, 2, "/d a ");
    close_all(&subtree);
    open_good(&subtree, "/d/a");
    expect_names(&subtree, 0, "/d/a b ");
    expect_names(&subtree, 1, "/d/a ");
    close_all(&subtree);
}

/* /a holds but /a/b, that but /a/b/c, and there are two. */
static void a_chain_is_skipped(void **state)
{
    (void)state;
    static const struct store_fixture_files files[] = {
        {"/a/b/c/d", 7, 7, 1, 5, 5, 0, 0},
        {"/a/b/c/e", 7, 7, 1, 6, 6, 0, 0},
    };
    struct err err = {0};
    struct subtree subtree;
    store_fixture_import("x.db", files, 2);
    open_good(&subtree, NULL);
    assert_int_equal(subtree_skip_chain(&subtree, &err), 0);
    assert_int_equal(subtree.skipped, 2);
    expect_names(&subtree, 0, "/a/b/c d e ");
    expect_names(&subtree, 2, "/a/b/c e ");
    close_all(&subtree);
    open_good(&subtree, "/a/b/c/d");
    assert_int_equal(subtree_skip_chain(&subtree, &err), 0);
    expect_names(&subtree, 0, "/a/b/c/d ");
    close_all(&subtree);
}

static void an_unknown_path_is_an_error(void **state)
{
    (void)state;
    struct err err = {0};
    struct subtree subtree;
    struct filter filter;
    tree_fixture_make();
    filter_init(&filter);
    query_fixture_federate(&federation, 1, 1);
    assert_int_equal(filter_add_prefix(&filter, "-P", "/d/b", &err), 0);
    assert_int_equal(subtree_open(&subtree, &federation, &filter, &err), -1);
    assert_string_equal(err.text, "x.db: no directory /d/b; it is not in this database, the "
                                  "nearest above it is /d");
    filter_free(&filter);
    close_all(&subtree);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(totals_are_of_what_was_asked, unit_support_enter,
                                        unit_support_leave),
        cmocka_unit_test_setup_teardown(the_largest_come_in_preorder, unit_support_enter,
                                        unit_support_leave),
        cmocka_unit_test_setup_teardown(a_chain_is_skipped, unit_support_enter, unit_support_leave),
        cmocka_unit_test_setup_teardown(an_unknown_path_is_an_error, unit_support_enter,
                                        unit_support_leave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
