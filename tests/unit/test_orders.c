/* orders: against qsort of keys and of paths, for random trees. */
#include "orders.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dirmap.h"
#include "err.h"
#include "ownermap.h"
#include "rollup.h"
#include "rows.h"
#include "tree.h"
#include "treerows.h"
#include "utf8.h"

static atomic_bool cancelled;
static const unsigned thread_counts[] = {1, 2, 7};

/* The same numbers every time. */
static uint64_t random_bits(void)
{
    static uint64_t state = 1;
    state = state * UINT64_C(6364136223846793005) + 1442695040888963407;
    return state >> 33 ^ state << 31;
}

static uint64_t *keys; /* of the directories */

static uint64_t key_of(const struct rows *rows, size_t dir)
{
    (void)rows;
    return keys[dir];
}

static int by_key_then_dir(const void *left, const void *right)
{
    uint32_t a = *(const uint32_t *)left;
    uint32_t b = *(const uint32_t *)right;
    if (keys[a] != keys[b])
        return keys[a] < keys[b] ? -1 : 1;
    return (a > b) - (a < b);
}

static void expect_order_of_keys(size_t count, unsigned threads)
{
    const struct rows rows = {.dirs = count};
    struct orders_item *items = NULL;
    uint32_t *expected = malloc((count + 1) * sizeof *expected);
    for (size_t i = 0; i < count; i++)
        expected[i] = (uint32_t)i;
    qsort(expected, count, sizeof *expected, by_key_then_dir);
    assert_int_equal(orders_by_key(&items, &rows, key_of, threads, &cancelled), 0);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(items[i].dir, expected[i]);
        assert_true(orders_key(&items[i]) == keys[expected[i]]);
    }
    orders_free_items(items, count);
    free(expected);
}

/* Keys of every width, many of them equal. */
static void keys_of_any_width(void **state)
{
    (void)state;
    static const size_t counts[] = {0, 1, 2, 7, 1000, 5000};
    keys = malloc(5000 * sizeof *keys);
    for (unsigned bits = 1; bits <= 64; bits++)
        for (size_t c = 0; c < sizeof counts / sizeof counts[0]; c++) {
            for (size_t i = 0; i < counts[c]; i++)
                keys[i] = random_bits() >> (64 - bits) & ~(uint64_t)(bits % 3 == 0 ? 0xfff : 0);
            for (size_t t = 0; t < sizeof thread_counts / sizeof thread_counts[0]; t++)
                expect_order_of_keys(counts[c], thread_counts[t]);
        }
    free(keys);
}

/* A digit of which one bit alone is set in any key; the lowest digits may be zero. */
static void keys_of_one_bit(void **state)
{
    (void)state;
    enum { COUNT = 100 };
    static uint64_t bits[COUNT];
    keys = bits;
    for (unsigned bit = 0; bit < 64; bit++) {
        for (size_t i = 0; i < COUNT; i++)
            bits[i] = random_bits() % 2 << bit;
        expect_order_of_keys(COUNT, 2);
    }
}

/* A tree out of paths, as an import makes it. */
struct fixture {
    struct dirmap *dirs;
    struct ownermap *users;
    struct ownermap *groups;
    struct tree *tree;
    struct treerows *rows;
};

static void add(struct fixture *fixture, const char *path, size_t len)
{
    struct slice slice = {path, len};
    struct dirmap_delta delta = {
        .hash = dirmap_hash(slice), .path = path, .path_len = (uint32_t)len, .stat = DIRSTAT_NONE};
    assert_int_equal(dirmap_fold(fixture->dirs, &delta, 1, NULL), 0);
}

static struct fixture begin(void)
{
    return (struct fixture){
        .dirs = dirmap_new(), .users = ownermap_new(), .groups = ownermap_new()};
}

static void grow(struct fixture *fixture)
{
    struct err err = {0};
    struct rollup_sums sums;
    assert_int_equal(dirmap_link(fixture->dirs, (struct slice){NULL, 0}, 2), 0);
    assert_int_equal(tree_new(&fixture->tree, fixture->dirs, 2, &cancelled, &err), 0);
    assert_int_equal(rollup_tree(fixture->tree, fixture->users, fixture->groups, &sums, &err), 0);
    assert_int_equal(treerows_new(&fixture->rows, fixture->tree), 0);
}

static void end(struct fixture *fixture)
{
    treerows_free(fixture->rows);
    tree_free(fixture->tree);
    dirmap_free(fixture->dirs);
    ownermap_free(fixture->users);
    ownermap_free(fixture->groups);
}

static const struct rows *rows_sorted;

static struct slice path_of(uint32_t dir)
{
    return rows_sorted->path(rows_sorted->state, dir);
}

/* As SQLite compares a TEXT or BLOB column by BINARY. */
static int by_path(const void *left, const void *right)
{
    struct slice a = path_of(*(const uint32_t *)left);
    struct slice b = path_of(*(const uint32_t *)right);
    bool a_is_text = utf8_is_valid(a);
    bool b_is_text = utf8_is_valid(b);
    return a_is_text != b_is_text ? (int)b_is_text - (int)a_is_text : slice_compare(a, b);
}

static void expect_order_of_paths(const struct rows *rows)
{
    rows_sorted = rows;
    uint32_t *expected = malloc((rows->dirs + 1) * sizeof *expected);
    size_t texts_expected = 0;
    for (size_t i = 0; i < rows->dirs; i++) {
        expected[i] = (uint32_t)i;
        texts_expected += utf8_is_valid(path_of((uint32_t)i));
    }
    qsort(expected, rows->dirs, sizeof *expected, by_path);
    for (size_t t = 0; t < sizeof thread_counts / sizeof thread_counts[0]; t++) {
        uint32_t *dirs = NULL;
        size_t texts = 0;
        assert_int_equal(orders_by_path(&dirs, &texts, rows, thread_counts[t], &cancelled), 0);
        assert_int_equal(texts, texts_expected);
        assert_memory_equal(dirs, expected, rows->dirs * sizeof *dirs);
        orders_free_dirs(dirs, rows->dirs);
    }
    free(expected);
}

/* Rows that do not know what their siblings are called, in arrays and paths of just their size, so
 * that a sanitizer sees whatever reads beyond them. */
struct copy {
    struct rows_place *places;
    struct slice *paths;
};

static void copied_place(const void *state, size_t i, struct rows_place *row)
{
    *row = ((const struct copy *)state)->places[i];
}

static struct slice copied_path(const void *state, size_t i)
{
    return ((const struct copy *)state)->paths[i];
}

static void expect_order_where_little_is_known(const struct rows *rows)
{
    struct copy copy = {malloc(rows->dirs * sizeof *copy.places),
                        malloc(rows->dirs * sizeof *copy.paths)};
    for (size_t i = 0; i < rows->dirs; i++) {
        struct slice path = rows->path(rows->state, i);
        copy.paths[i] = (struct slice){memcpy(malloc(path.len), path.ptr, path.len), path.len};
        rows->place(rows->state, i, &copy.places[i]);
        copy.places[i].below_follows = false;
    }
    const struct rows copied = {
        .state = &copy, .dirs = rows->dirs, .place = copied_place, .path = copied_path};
    expect_order_of_paths(&copied);
    for (size_t i = 0; i < rows->dirs; i++)
        free((char *)copy.paths[i].ptr);
    free(copy.places);
    free(copy.paths);
}

/* A name of few letters, most of them below or near '/', so that names go on after each other. */
static size_t random_name(char *to, bool with_strays)
{
    static const char *const letters[] = {"a", "a", "b",  "-",  ".",  " ",        "\x01",
                                          "!", "0", "\n", "\t", "\"", "\xc3\xa9", "\xe2\x82\xac"};
    size_t len = 0;
    for (unsigned n = 1 + random_bits() % 4; n > 0; n--) {
        const char *letter = letters[random_bits() % (sizeof letters / sizeof letters[0])];
        if (with_strays && random_bits() % 64 == 0)
            letter = "\xff";
        memcpy(to + len, letter, strlen(letter));
        len += strlen(letter);
    }
    /* Long names too, that begin alike for more than what is compared at once. */
    if (random_bits() % 8 == 0) {
        memmove(to + 14, to, len);
        memcpy(to, "a_long_prefix-", 14);
        len += 14;
    }
    return len;
}

static void random_trees(void **state)
{
    (void)state;
    for (unsigned round = 0; round < 60; round++) {
        struct fixture fixture = begin();
        size_t paths = round < 50 ? random_bits() % 200 : 20000;
        unsigned deepest = 1 + (unsigned)(random_bits() % 6);
        if (round % 3 == 0)
            add(&fixture, "/", 1);
        for (size_t i = 0; i < paths; i++) {
            char path[512];
            size_t len = 0;
            for (uint64_t depth = 1 + random_bits() % deepest; depth > 0; depth--) {
                path[len++] = '/';
                len += random_name(path + len, round % 2 == 0);
            }
            add(&fixture, path, len);
        }
        grow(&fixture);
        expect_order_of_paths(treerows_rows(fixture.rows));
        if (round <= 50)
            expect_order_where_little_is_known(treerows_rows(fixture.rows));
        end(&fixture);
    }
}

/* A subtree larger than what one thread takes alone, overtaken by its siblings, in a chain. */
static void large_subtrees_and_a_chain(void **state)
{
    (void)state;
    struct fixture fixture = begin();
    char path[8192];
    for (unsigned i = 0; i < 6000; i++) {
        size_t len = (size_t)snprintf(path, sizeof path, "/x/y%s/%u%c/z", i % 2 ? "" : "-", i / 3,
                                      "a-."[i % 3]);
        add(&fixture, path, len);
    }
    size_t len = 0;
    for (unsigned i = 0; i < 2000; i++) {
        path[len++] = '/';
        path[len++] = i % 2 ? 'x' : 'w';
        add(&fixture, path, len);
        path[len] = '.';
        add(&fixture, path, len + 1);
    }
    grow(&fixture);
    expect_order_of_paths(treerows_rows(fixture.rows));
    expect_order_where_little_is_known(treerows_rows(fixture.rows));
    end(&fixture);
}

static void cancelling_ends_it(void **state)
{
    (void)state;
    struct fixture fixture = begin();
    add(&fixture, "/a/b/c", 6);
    grow(&fixture);
    const struct rows *rows = treerows_rows(fixture.rows);
    uint64_t some[3] = {3, 2, 1};
    keys = some;
    atomic_store(&cancelled, true);
    struct orders_item *items = NULL;
    uint32_t *dirs = NULL;
    size_t texts;
    assert_int_equal(orders_by_key(&items, rows, key_of, 2, &cancelled), -1);
    assert_int_equal(orders_by_path(&dirs, &texts, rows, 2, &cancelled), -1);
    atomic_store(&cancelled, false);
    assert_null(items);
    assert_null(dirs);
    end(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_of_any_width),  cmocka_unit_test(keys_of_one_bit),
        cmocka_unit_test(random_trees),       cmocka_unit_test(large_subtrees_and_a_chain),
        cmocka_unit_test(cancelling_ends_it),
    };
    return cmocka_run_group_tests_name("orders", tests, NULL, NULL);
}
