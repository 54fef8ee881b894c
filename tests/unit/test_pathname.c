/* pathname: folding, parents, depth; `.`, `..`, blanks and odd bytes are names like others. */
#include "pathname.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static void expect_folded(const char *path, const char *expected)
{
    struct slice from = slice_from(path);
    char *room = malloc(from.len); /* exactly what the header asks for */
    struct slice folded = {room, pathname_fold(from, room)};
    assert_true(slice_equal(folded, slice_from(expected)));
    assert_true(pathname_is_folded(folded));
    assert_int_equal(pathname_is_folded(from), slice_equal(from, folded));
    free(room);
}

static void slashes_are_folded_and_nothing_else(void **state)
{
    (void)state;
    expect_folded("/", "/");
    expect_folded("//", "/");
    expect_folded("/////", "/");
    expect_folded("/a", "/a");
    expect_folded("/a/", "/a");
    expect_folded("/a//", "/a");
    expect_folded("//a", "/a");
    expect_folded("/a//b/", "/a/b");
    expect_folded("///a///b///", "/a/b");
    expect_folded("/a/b/c", "/a/b/c");
    expect_folded("/./a/../b", "/./a/../b");
    expect_folded("/a / b", "/a / b");
    expect_folded("/\xff\t//\x01", "/\xff\t/\x01");
}

static void expect_parent(const char *path, const char *expected)
{
    assert_true(slice_equal(pathname_parent(slice_from(path)), slice_from(expected)));
}

static void parents(void **state)
{
    (void)state;
    expect_parent("/a/b/c", "/a/b");
    expect_parent("/a/b", "/a");
    expect_parent("/a", "/");
    expect_parent("/", "");
    expect_parent("/a/..", "/a");
    expect_parent("/a b/ -- ", "/a b");
}

static void depth_is_the_number_of_slashes(void **state)
{
    (void)state;
    assert_int_equal(pathname_depth(slice_from("/")), 0);
    assert_int_equal(pathname_depth(slice_from("/gpfs")), 1);
    assert_int_equal(pathname_depth(slice_from("/gpfs/a b")), 2);
    assert_int_equal(pathname_depth(slice_from("/a/b/c/d")), 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slashes_are_folded_and_nothing_else),
        cmocka_unit_test(parents),
        cmocka_unit_test(depth_is_the_number_of_slashes),
    };
    return cmocka_run_group_tests_name("pathname", tests, NULL, NULL);
}
