/* runs: what is written down in parts comes back as if it had been folded into one map; what is not
 * as it was written is refused. */
#include "runs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dirmap.h"
#include "dirshares.h"
#include "pathname.h"
#include "runcode.h"
#include "tree.h"
#include "unit_support.h"

static atomic_bool cancelled;

/* A few files of a random owner in a random directory, one of few names that sort in odd ways. */
static void fold_any(struct dirmap *one, struct dirmap *two)
{
    static const char *const names[] = {"a", "a-b", "a.", "b", "\xff", "a0"};
    char path[64] = "";
    for (int depth = 1 + rand() % 4; depth > 0; depth--)
        snprintf(path + strlen(path), sizeof path - strlen(path), "/%s", names[rand() % 6]);
    struct slice slice = slice_from(path);
    struct cells_count cells[3];
    struct dirmap_delta delta = {.hash = dirmap_hash(slice),
                                 .path = path,
                                 .path_len = (uint32_t)slice.len,
                                 .uid = (uint32_t)rand() % 3,
                                 .gid = rand() % 3 == 0 ? ENTRY_NO_GROUP : (uint32_t)rand() % 3,
                                 .stat = DIRSTAT_NONE,
                                 .cell_count = (uint32_t)rand() % 4};
    for (uint32_t i = 0; i < delta.cell_count; i++) {
        cells[i] = (struct cells_count){1 + (uint64_t)rand() % 1000,
                                        (uint64_t)rand() << rand() % 31, (unsigned)rand() % CELLS};
        const struct dirstat more = {cells[i].files, cells[i].size, cells[i].size / 2,
                                     rand() - RAND_MAX / 2, rand()};
        dirstat_merge(&delta.stat, &more);
    }
    assert_int_equal(dirmap_fold(one, &delta, 1, cells), 0);
    assert_int_equal(dirmap_fold(two, &delta, 1, cells), 0);
}

static struct tree *number(struct dirmap *map)
{
    struct err err = {0};
    struct tree *tree;
    assert_int_equal(dirmap_link(map, (struct slice){NULL, 0}, 1), 0);
    assert_int_equal(tree_new(&tree, map, 1, &cancelled, &err), 0);
    return tree;
}

static void expect_same_shares(const struct rows_shares *found, const struct rows_shares *expected)
{
    assert_int_equal(found->count, expected->count);
    assert_int_equal(found->cell_count, expected->cell_count);
    for (size_t i = 0; i < found->count; i++) {
        const struct rows_share *a = &found->items[i];
        const struct rows_share *b = &expected->items[i];
        assert_true(a->usage.uid == b->usage.uid && a->usage.gid == b->usage.gid);
        assert_true(a->usage.stat.files == b->usage.stat.files);
        assert_true(a->usage.stat.size == b->usage.stat.size);
        assert_true(a->usage.stat.alloc == b->usage.stat.alloc);
        assert_true(a->usage.stat.max_atime == b->usage.stat.max_atime);
        assert_int_equal(a->cells, b->cells);
    }
    for (size_t i = 0; i < found->cell_count; i++) {
        assert_int_equal(found->cells[i].index, expected->cells[i].index);
        assert_true(found->cells[i].files == expected->cells[i].files);
        assert_true(found->cells[i].size == expected->cells[i].size);
    }
}

/* The runs have what the map has, in its order. */
static void expect_same(struct runs *runs, struct dirmap *map)
{
    struct err err = {0};
    struct tree *tree = number(map);
    struct rows_shares shares = {0};
    struct runs_entry entry;
    assert_int_equal(runs_begin(runs, &err), 0);
    for (size_t i = 0; i < tree_count(tree); i++) {
        uint32_t id = tree_directory(tree, i);
        const struct dirmap_dir *dir = dirmap_at(map, id);
        rows_shares_clear(&shares);
        assert_int_equal(dirshares_add(&shares, map, id, 0), 0);
        assert_int_equal(runs_next(runs, &entry, &err), 1);
        assert_true(slice_equal(entry.path, (struct slice){dir->path, dir->path_len}));
        assert_true(entry.max_mtime == dirshares_sum(map, id).max_mtime);
        expect_same_shares(entry.shares, &shares);
    }
    assert_int_equal(runs_next(runs, &entry, &err), 0);
    rows_shares_dispose(&shares);
    tree_free(tree);
}

static void parts_are_merged(void **state)
{
    (void)state;
    static const int counts[] = {1, 2, 3, 64, 65, 200};
    for (size_t c = 0; c < sizeof counts / sizeof counts[0]; c++) {
        struct err err = {0};
        struct runs *runs;
        struct dirmap *all = dirmap_new();
        assert_int_equal(runs_new(&runs, "temporary", &cancelled, &err), 0);
        for (int run = 0; run < counts[c]; run++) {
            struct dirmap *part = dirmap_new();
            for (int i = rand() % 60; i > 0; i--)
                fold_any(part, all);
            struct tree *tree = number(part);
            assert_int_equal(runs_add(runs, part, tree, &err), 0);
            tree_free(tree);
            dirmap_free(part);
        }
        assert_true(runs_count(runs) <= 64);
        expect_same(runs, all);
        runs_free(runs);
        dirmap_free(all);
    }
}

static void it_stops_when_cancelled(void **state)
{
    (void)state;
    struct err err = {0};
    struct runs *runs;
    struct runs_entry entry;
    assert_int_equal(runs_new(&runs, "temporary", &cancelled, &err), 0);
    atomic_store(&cancelled, true);
    assert_int_equal(runs_begin(runs, &err), 0);
    assert_int_equal(runs_next(runs, &entry, &err), -1);
    assert_string_equal(err.text, "interrupted");
    atomic_store(&cancelled, false);
    runs_free(runs);
}

static void integers_come_back(void **state)
{
    (void)state;
    static const int64_t instants[] = {ENTRY_NO_TIME, ENTRY_NO_TIME + 1, -1, 0, 1, INT64_MAX};
    struct runcode code = {0};
    for (unsigned bit = 0; bit < 64; bit++)
        for (unsigned less = 0; less < 2; less++)
            assert_int_equal(runcode_put_integer(&code, (UINT64_C(1) << bit) - less), 0);
    for (size_t i = 0; i < sizeof instants / sizeof instants[0]; i++)
        assert_int_equal(runcode_put_instant(&code, instants[i]), 0);
    struct slice from = {(char *)code.bytes, code.count};
    uint64_t value;
    int64_t instant;
    for (unsigned bit = 0; bit < 64; bit++)
        for (unsigned less = 0; less < 2; less++) {
            assert_true(runcode_integer(&value, &from));
            assert_true(value == (UINT64_C(1) << bit) - less);
        }
    for (size_t i = 0; i < sizeof instants / sizeof instants[0]; i++) {
        assert_true(runcode_instant(&instant, &from));
        assert_true(instant == instants[i]);
    }
    assert_false(runcode_integer(&value, &from));
    free(code.bytes);
}

/* Cut anywhere, and with any byte changed: refused, or taken for other files, but nothing worse. */
static void damage_is_refused(void **state)
{
    (void)state;
    struct rows_shares shares = {0};
    struct runcode code = {0};
    for (int i = 0; i < 5; i++) {
        assert_int_equal(rows_shares_grow(&shares), 0);
        shares.items[shares.count++] = (struct rows_share){
            {0, i, i - 1, {1000, 1 << 20, 1 << 21, 1700000000, ENTRY_NO_TIME}}, 2};
        for (unsigned c = 0; c < 2; c++)
            shares.cells[shares.cell_count++] = (struct cells_count){500, 1 << 19, 40 * c + 3};
    }
    assert_int_equal(runcode_put_shares(&code, &shares), 0);
    struct rows_shares back = {0};
    struct slice whole = {(char *)code.bytes, code.count};
    assert_int_equal(runcode_shares(&back, 7, &whole), RUNCODE_OK);
    assert_int_equal(whole.len, 0);
    assert_int_equal(back.items[4].usage.dir_id, 7);
    expect_same_shares(&back, &shares);
    for (size_t len = 0; len < code.count; len++) {
        struct slice cut = {(char *)code.bytes, len};
        rows_shares_clear(&back);
        assert_int_equal(runcode_shares(&back, 7, &cut), RUNCODE_DAMAGED);
    }
    int refused = 0;
    for (size_t at = 0; at < code.count; at++)
        for (int bit = 0; bit < 8; bit++) {
            struct slice changed = {(char *)code.bytes, code.count};
            code.bytes[at] ^= (unsigned char)(1 << bit);
            rows_shares_clear(&back);
            refused += runcode_shares(&back, 7, &changed) == RUNCODE_DAMAGED;
            code.bytes[at] ^= (unsigned char)(1 << bit);
        }
    assert_true(refused > 50);
    rows_shares_dispose(&shares);
    rows_shares_dispose(&back);
    free(code.bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(parts_are_merged, unit_support_enter, unit_support_leave),
        cmocka_unit_test_setup_teardown(it_stops_when_cancelled, unit_support_enter,
                                        unit_support_leave),
        cmocka_unit_test(integers_come_back),
        cmocka_unit_test(damage_is_refused),
    };
    return cmocka_run_group_tests_name("runs", tests, NULL, NULL);
}
