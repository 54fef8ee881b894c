/* siblings: every directory once, in the group of its parent, each group in the order of names; for
 * any number of threads. */
#include "siblings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "dirmap.h"
#include "pathname.h"

static void add(struct dirmap *map, const char *path)
{
    struct slice slice = slice_from(path);
    struct dirmap_delta delta = {.hash = dirmap_hash(slice),
                                 .path = path,
                                 .path_len = (uint32_t)slice.len,
                                 .stat = DIRSTAT_NONE};
    assert_int_equal(dirmap_fold(map, &delta, 1, NULL), 0);
}

static struct slice path_of(const struct dirmap *map, uint32_t id)
{
    const struct dirmap_dir *dir = dirmap_at(map, id);
    return (struct slice){dir->path, dir->path_len};
}

/* Whether the children [begin, end) are those of `parent` (DIRMAP_NONE: the parentless), in order.
 */
static void expect_group(const struct dirmap *map, const struct siblings *siblings, uint32_t parent,
                         size_t begin, size_t end)
{
    for (size_t i = begin; i < end; i++) {
        uint32_t id = siblings->children[i].id;
        assert_int_equal(dirmap_at(map, id)->parent, parent);
        /* With one parent, the whole paths order like the names. */
        if (i > begin)
            assert_true(
                slice_compare(path_of(map, siblings->children[i - 1].id), path_of(map, id)) < 0);
    }
}

static void expect_sorted(struct dirmap *map, unsigned threads)
{
    static const atomic_bool cancelled;
    struct siblings siblings;
    assert_int_equal(siblings_sort(&siblings, map, threads, &cancelled), 0);
    assert_int_equal(siblings.count, dirmap_count(map));
    bool *seen = calloc(dirmap_id_limit(map) + 1, sizeof *seen);
    size_t grouped = siblings.count - siblings.roots;
    expect_group(map, &siblings, DIRMAP_NONE, siblings.roots, siblings.count);
    for (size_t i = 0; i < siblings.count; i++) {
        const struct siblings_child *child = &siblings.children[i];
        assert_false(seen[child->id]);
        seen[child->id] = true;
        assert_true(child->below.begin <= child->below.end);
        grouped += child->below.end - child->below.begin;
        expect_group(map, &siblings, child->id, child->below.begin, child->below.end);
    }
    assert_int_equal(grouped, siblings.count); /* so no group lacks one */
    free(seen);
    siblings_free(&siblings);
}

static void expect_sorted_by_any_threads(struct dirmap *map)
{
    static const unsigned threads[] = {1, 2, 7, 100};
    assert_int_equal(dirmap_link(map, (struct slice){NULL, 0}, 2), 0);
    for (size_t i = 0; i < sizeof threads / sizeof threads[0]; i++)
        expect_sorted(map, threads[i]);
    dirmap_free(map);
}

static void nothing(void **state)
{
    (void)state;
    expect_sorted_by_any_threads(dirmap_new());
}

/* Groups of all sizes, around the one from which another way of sorting is used; names that differ
 * only behind the bytes that are kept at hand, that are prefixes of one another, and that hold
 * bytes above 127. */
static void groups_of_all_sizes(void **state)
{
    (void)state;
    static const char *const shapes[] = {"/g%02d/%d", "/g%02d/the_same_first_twelve_%d", NULL,
                                         "/g%02d/\xff%d", "/g%02d/x%d/below"};
    struct dirmap *map = dirmap_new();
    char path[128];
    for (int size = 0; size < 70; size++) {
        for (int i = 0; i < size; i++) {
            const char *shape = shapes[size % 5];
            int number = i * 7919 % size;
            if (size % 5 == 2)
                snprintf(path, sizeof path, "/g%02d/%0*d", size, i + 1, 0);
            else
                snprintf(path, sizeof path, shape, size, number);
            add(map, path);
        }
    }
    expect_sorted_by_any_threads(map);
}

/* Names that are alike for longer than keys are compared, and some that end where a key ends. */
static void names_that_are_long_alike(void **state)
{
    (void)state;
    struct dirmap *map = dirmap_new();
    char path[512];
    for (int alike = 0; alike <= 300; alike += 12) {
        for (int i = 0; i < 40; i++) {
            snprintf(path, sizeof path, "/d%03d/%0*d", alike, alike + i * 17 % 40, i * 17 % 40 % 3);
            add(map, path);
            snprintf(path, sizeof path, "/e%03d/%0*d%d", alike, alike + 1, 0, i * 17 % 40);
            add(map, path);
        }
    }
    expect_sorted_by_any_threads(map);
}

static void roots_side_by_side(void **state)
{
    (void)state;
    struct dirmap *map = dirmap_new();
    static const char *const paths[] = {"/b/x", "/", "/a/y/z", "/a-b", "/a/y"};
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
        add(map, paths[i]);
    expect_sorted_by_any_threads(map);
}

static void cancelled_is_a_failure(void **state)
{
    (void)state;
    struct dirmap *map = dirmap_new();
    static const atomic_bool cancelled = true;
    struct siblings siblings;
    add(map, "/a/b");
    assert_int_equal(dirmap_link(map, (struct slice){NULL, 0}, 1), 0);
    assert_int_equal(siblings_sort(&siblings, map, 2, &cancelled), -1);
    dirmap_free(map);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing),
        cmocka_unit_test(groups_of_all_sizes),
        cmocka_unit_test(names_that_are_long_alike),
        cmocka_unit_test(roots_side_by_side),
        cmocka_unit_test(cancelled_is_a_failure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
