/* tree: preorder by the bytes of names, roll-up, owners, totals, overflow. Numbers and sums are
 * worked out by hand. */
#include "tree.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "dirmap.h"
#include "ownerpairs.h"
#include "rollup.h"
#include "treerows.h"

struct fixture {
    struct dirmap *dirs;
    struct ownermap *users;
    struct ownermap *groups;
    struct tree *tree;
    struct treerows *rows;
    unsigned threads; /* that the tree is made with */
    atomic_bool cancelled;
    struct rollup_sums sums;
    struct err err;
};

static unsigned threads_to_use = 1;

static int setup(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    fixture->threads = threads_to_use;
    fixture->dirs = dirmap_new();
    fixture->users = ownermap_new();
    fixture->groups = ownermap_new();
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;
    treerows_free(fixture->rows);
    tree_free(fixture->tree);
    dirmap_free(fixture->dirs);
    ownermap_free(fixture->users);
    ownermap_free(fixture->groups);
    free(fixture);
    return 0;
}

static void add_stat(struct fixture *fixture, const char *path, uint32_t uid, uint32_t gid,
                     struct dirstat stat)
{
    struct slice slice = slice_from(path);
    struct dirmap_delta delta = {.hash = dirmap_hash(slice),
                                 .path = path,
                                 .path_len = (uint32_t)slice.len,
                                 .uid = uid,
                                 .gid = gid,
                                 .stat = stat};
    assert_int_equal(dirmap_fold(fixture->dirs, &delta, 1, NULL), 0);
}

/* `files` files directly in `path`, `size` bytes together. */
static void add(struct fixture *fixture, const char *path, uint32_t uid, uint32_t gid,
                uint64_t files, uint64_t size)
{
    add_stat(fixture, path, uid, gid,
             (struct dirstat){files, size, 10 * size, (int64_t)size, ENTRY_NO_TIME});
}

static void add_empty(struct fixture *fixture, const char *path)
{
    add_stat(fixture, path, 0, 0, DIRSTAT_NONE);
}

static int make(struct fixture *fixture)
{
    assert_int_equal(dirmap_link(fixture->dirs, (struct slice){NULL, 0}, fixture->threads), 0);
    return tree_new(&fixture->tree, fixture->dirs, fixture->threads, &fixture->cancelled,
                    &fixture->err);
}

/* The rows one after the other. */
struct cursor {
    const struct rows *rows;
    size_t dir;
    size_t usage;
};

static void rewind_all(struct cursor *cursor)
{
    *cursor = (struct cursor){.rows = cursor->rows};
}

/* The rows of the tree, which has been rolled up. */
static struct cursor rows_of_tree(struct fixture *fixture)
{
    assert_int_equal(treerows_new(&fixture->rows, fixture->tree), 0);
    return (struct cursor){.rows = treerows_rows(fixture->rows)};
}

static struct cursor grow(struct fixture *fixture)
{
    assert_int_equal(make(fixture), 0);
    assert_int_equal(
        rollup_tree(fixture->tree, fixture->users, fixture->groups, &fixture->sums, &fixture->err),
        0);
    return rows_of_tree(fixture);
}

static struct rows_dir next(struct cursor *rows)
{
    struct rows_dir row;
    assert_true(rows->dir < rows->rows->dirs);
    rows->rows->dir(rows->rows->state, rows->dir++, &row);
    return row;
}

static void expect_end(struct cursor *rows)
{
    assert_int_equal(rows->dir, rows->rows->dirs);
}

static void expect_place(struct cursor *rows, const char *path, int64_t id, int64_t parent_id,
                         int64_t last_id, unsigned depth)
{
    struct rows_dir row = next(rows);
    if (!slice_equal(row.path, slice_from(path)))
        fail_msg("%.*s instead of %s", (int)row.path.len, row.path.ptr, path);
    assert_int_equal(row.id, id);
    assert_int_equal(row.parent_id, parent_id);
    assert_int_equal(row.last_id, last_id);
    assert_int_equal(row.depth, depth);
}

/* A space, `-` and `.` sort below `/`, so a sort of whole paths would tear /d/a and /d/a/x apart.
 */
static void preorder_is_by_names_not_by_paths(void **state)
{
    struct fixture *fixture = *state;
    static const char *const paths[] = {"/d/a0", "/d/a.b", "/d/a/x", "/d/a-b", "/d/a", "/d/a b"};
    for (int i = 0; i < 6; i++)
        add_empty(fixture, paths[i]);
    struct cursor rows = grow(fixture);
    assert_int_equal(tree_count(fixture->tree), 7);
    expect_place(&rows, "/d", 1, 0, 7, 1);
    expect_place(&rows, "/d/a", 2, 1, 3, 2);
    expect_place(&rows, "/d/a/x", 3, 2, 3, 3);
    expect_place(&rows, "/d/a b", 4, 1, 4, 2);
    expect_place(&rows, "/d/a-b", 5, 1, 5, 2);
    expect_place(&rows, "/d/a.b", 6, 1, 6, 2);
    expect_place(&rows, "/d/a0", 7, 1, 7, 2);
    expect_end(&rows);
}

/* Names that agree in more than eight bytes, bytes above 0x7f, many siblings. */
static void names_are_compared_as_unsigned_bytes_to_their_end(void **state)
{
    struct fixture *fixture = *state;
    static const char *const ascending[] = {
        "/\x01", "/ ",    "/12345678",  "/123456789",  "/1234567890", "/12345678a", "/12345679",
        "/A",    "/a",    "/abcdefghX", "/abcdefghXa", "/abcdefghx",  "/abcdefghy", "/b",
        "/\x7f", "/\x80", "/\xc3\xa9",  "/\xff",       "/\xff\x01",
    };
    enum { COUNT = sizeof ascending / sizeof ascending[0] };
    for (int i = 0; i < COUNT; i++) /* 7 and 19 have no common divisor: every one comes once */
        add_empty(fixture, ascending[i * 7 % COUNT]);
    struct cursor rows = grow(fixture);
    for (int i = 0; i < COUNT; i++)
        expect_place(&rows, ascending[i], i + 1, 0, i + 1, 1);
    expect_end(&rows);
}

/* Few siblings are sorted in another way than many. */
static void few_siblings(void **state)
{
    struct fixture *fixture = *state;
    add_empty(fixture, "/12345678c");
    add_empty(fixture, "/12345678");
    add_empty(fixture, "/b");
    add_empty(fixture, "/12345678a");
    struct cursor rows = grow(fixture);
    expect_place(&rows, "/12345678", 1, 0, 1, 1);
    expect_place(&rows, "/12345678a", 2, 0, 2, 1);
    expect_place(&rows, "/12345678c", 3, 0, 3, 1);
    expect_place(&rows, "/b", 4, 0, 4, 1);
    expect_end(&rows);
}

static void the_root_comes_first(void **state)
{
    struct fixture *fixture = *state;
    add_empty(fixture, "/b/c");
    add_empty(fixture, "/");
    add_empty(fixture, "/a");
    struct cursor rows = grow(fixture);
    expect_place(&rows, "/", 1, 0, 4, 0);
    expect_place(&rows, "/a", 2, 1, 2, 1);
    expect_place(&rows, "/b", 3, 1, 4, 1);
    expect_place(&rows, "/b/c", 4, 3, 4, 2);
    expect_end(&rows);
}

static void expect_sums(const struct rows_dir *row, uint64_t own_files, uint64_t own_size,
                        uint64_t own_dirs, uint64_t files, uint64_t size, uint64_t dirs)
{
    assert_int_equal(row->own.files, own_files);
    assert_int_equal(row->own.size, own_size);
    assert_int_equal(row->own.alloc, 10 * own_size);
    assert_int_equal(row->own_dirs, own_dirs);
    assert_int_equal(row->subtree.files, files);
    assert_int_equal(row->subtree.size, size);
    assert_int_equal(row->subtree.alloc, 10 * size);
    assert_int_equal(row->subtree_dirs, dirs);
}

/*   /a       2 files of user 1     100 bytes
 *   /a/b     (no files)
 *   /a/b/c   1 file of user 1       20 bytes, 1 of user 2   3 bytes
 *   /a/d     1 file of user 1        4 bytes                          */
static void sums_go_up(void **state)
{
    struct fixture *fixture = *state;
    add(fixture, "/a/d", 1, 1, 1, 4);
    add(fixture, "/a/b/c", 2, 1, 1, 3);
    add(fixture, "/a", 1, 1, 2, 100);
    add(fixture, "/a/b/c", 1, 1, 1, 20);
    struct cursor rows = grow(fixture);
    for (int pass = 0; pass < 2; pass++) {
        struct rows_dir a = next(&rows);
        struct rows_dir b = next(&rows);
        struct rows_dir c = next(&rows);
        struct rows_dir d = next(&rows);
        expect_end(&rows);
        expect_sums(&a, 2, 100, 2, 5, 127, 3);
        expect_sums(&b, 0, 0, 1, 2, 23, 1);
        expect_sums(&c, 2, 23, 0, 2, 23, 0);
        expect_sums(&d, 1, 4, 0, 1, 4, 0);
        assert_int_equal(a.own.max_atime, 100);
        assert_int_equal(b.own.max_atime, ENTRY_NO_TIME);
        assert_int_equal(b.subtree.max_atime, 20);
        assert_int_equal(d.subtree.max_atime, 4);
        rewind_all(&rows);
    }
}

/* A subtree's owner: none, the one, or several; gid -1 (not recorded) is a value of its own. */
static void owners_of_subtrees(void **state)
{
    struct fixture *fixture = *state;
    add_empty(fixture, "/1empty");
    add(fixture, "/2one/x", 7, 70, 1, 1);
    add(fixture, "/2one/y", 7, 70, 1, 1);
    add_empty(fixture, "/2one/z");
    add(fixture, "/3uids/x", 7, 70, 1, 1);
    add(fixture, "/3uids/y", 8, 70, 1, 1);
    add(fixture, "/4gids", 7, 70, 1, 1);
    add(fixture, "/4gids", 7, 71, 1, 1);
    add(fixture, "/5none", 7, ENTRY_NO_GROUP, 1, 1);
    add(fixture, "/6some", 7, ENTRY_NO_GROUP, 1, 1);
    add(fixture, "/6some/x", 7, 5, 1, 1);
    add(fixture, "/7root", 0, 0, 1, 1);
    add(fixture, "/8large", ENTRY_ID_MAX, ENTRY_ID_MAX, 1, 1);
    static const struct {
        const char *path;
        int64_t uid;
        int64_t gid;
    } expected[] = {
        {"/1empty", -1, -1},
        {"/2one", 7, 70},
        {"/2one/x", 7, 70},
        {"/2one/y", 7, 70},
        {"/2one/z", -1, -1},
        {"/3uids", ROWS_SEVERAL, 70},
        {"/3uids/x", 7, 70},
        {"/3uids/y", 8, 70},
        {"/4gids", 7, ROWS_SEVERAL},
        {"/5none", 7, -1},
        {"/6some", 7, ROWS_SEVERAL},
        {"/6some/x", 7, 5},
        {"/7root", 0, 0},
        {"/8large", INT64_C(4294967294), INT64_C(4294967294)},
    };
    enum { COUNT = sizeof expected / sizeof expected[0] };
    struct cursor rows = grow(fixture);
    for (int i = 0; i < COUNT; i++) {
        struct rows_dir row = next(&rows);
        assert_true(slice_equal(row.path, slice_from(expected[i].path)));
        assert_int_equal(row.uid, expected[i].uid);
        assert_int_equal(row.gid, expected[i].gid);
    }
    expect_end(&rows);
}

/* Once several, always several: a parent of {1}, {2}, {1} is not user 1's. */
static void several_does_not_become_one_again(void **state)
{
    struct fixture *fixture = *state;
    add(fixture, "/a/x", 1, 1, 1, 1);
    add(fixture, "/a/y", 2, 1, 1, 1);
    add(fixture, "/a/z", 1, 1, 1, 1);
    add(fixture, "/a", 1, 1, 1, 1);
    add(fixture, "/b/c/x", 1, 1, 1, 1);
    add(fixture, "/b/c/y", 2, 1, 1, 1);
    struct cursor rows = grow(fixture);
    assert_int_equal(next(&rows).uid, ROWS_SEVERAL); /* /a */
    for (int i = 0; i < 3; i++)
        next(&rows);
    assert_int_equal(next(&rows).uid, ROWS_SEVERAL); /* /b, from below alone */
}

static void expect_usage(struct cursor *rows, int64_t dir_id, int64_t uid, int64_t gid,
                         uint64_t files, uint64_t size)
{
    struct rows_usage usage;
    assert_true(rows->usage < rows->rows->usages);
    rows->rows->usage(rows->rows->state, rows->usage++, &usage);
    assert_int_equal(usage.dir_id, dir_id);
    assert_int_equal(usage.uid, uid);
    assert_int_equal(usage.gid, gid);
    assert_int_equal(usage.stat.files, files);
    assert_int_equal(usage.stat.size, size);
}

/* Rows for the directories whose subtree has several owners and that hold files themselves. */
static void usage_rows(void **state)
{
    struct fixture *fixture = *state;
    add(fixture, "/a", 3, 1, 1, 1);    /* 1: a row, for what is below has others */
    add(fixture, "/a/b", 5, 2, 2, 20); /* 2: five rows */
    add(fixture, "/a/b", 4, ENTRY_NO_GROUP, 1, 30);
    add(fixture, "/a/b", 5, 1, 1, 40);
    add(fixture, "/a/b", 4, 9, 1, 50);
    add(fixture, "/a/b", ENTRY_ID_MAX, 1, 1, 60);
    add(fixture, "/a/c", 3, 1, 7, 70); /* 3: one owner, no row */
    add(fixture, "/e/f", 3, 1, 1, 1);  /* 4 /e has no files; 5 one owner */
    add(fixture, "/e/g", 4, 1, 1, 1);  /* 6 */
    add(fixture, "/h", 9, 1, 1, 1);    /* 7: two rows, in the other order */
    add(fixture, "/h", 8, 1, 1, 2);
    struct cursor rows = grow(fixture);
    for (int pass = 0; pass < 2; pass++) {
        expect_usage(&rows, 1, 3, 1, 1, 1);
        expect_usage(&rows, 2, 4, -1, 1, 30);
        expect_usage(&rows, 2, 4, 9, 1, 50);
        expect_usage(&rows, 2, 5, 1, 1, 40);
        expect_usage(&rows, 2, 5, 2, 2, 20);
        expect_usage(&rows, 2, INT64_C(4294967294), 1, 1, 60);
        expect_usage(&rows, 7, 8, 1, 1, 2);
        expect_usage(&rows, 7, 9, 1, 1, 1);
        assert_int_equal(rows.usage, rows.rows->usages);
        rewind_all(&rows);
    }
}

static void expect_owner(struct ownermap *map, int64_t id, uint64_t files, uint64_t size,
                         uint64_t directories)
{
    const struct ownermap_owner *owner = ownermap_get(map, id);
    assert_int_equal(owner->stat.files, files);
    assert_int_equal(owner->stat.size, size);
    assert_int_equal(owner->stat.alloc, 10 * size);
    assert_int_equal(owner->directories, directories);
}

static int count_owners(struct ownermap *map)
{
    int count = 0;
    const struct ownermap_owner *owner = NULL;
    while ((owner = ownermap_next(map, owner)) != NULL)
        count++;
    return count;
}

/* A directory counts once for a user, whatever the groups, and once for a group. */
static void totals_of_users_and_groups(void **state)
{
    struct fixture *fixture = *state;
    add(fixture, "/a", 1, 10, 2, 100);
    add(fixture, "/a", 1, 20, 1, 200);
    add(fixture, "/a", 2, 10, 1, 400);
    add(fixture, "/a", 3, 10, 1, 800);
    add(fixture, "/a", 1, ENTRY_NO_GROUP, 1, 1600);
    add(fixture, "/a/b", 1, 10, 1, 3200);
    add_empty(fixture, "/a/c");
    grow(fixture);
    expect_owner(fixture->users, 1, 5, 5100, 2);
    expect_owner(fixture->users, 2, 1, 400, 1);
    expect_owner(fixture->users, 3, 1, 800, 1);
    assert_int_equal(count_owners(fixture->users), 3);
    expect_owner(fixture->groups, 10, 5, 4500, 2);
    expect_owner(fixture->groups, 20, 1, 200, 1);
    expect_owner(fixture->groups, -1, 1, 1600, 1);
    assert_int_equal(count_owners(fixture->groups), 3);
}

/* One file of `size` bytes in the given buckets. */
static void add_to_cell(struct fixture *fixture, const char *path, uint32_t uid, uint32_t gid,
                        unsigned access_bucket, unsigned size_bucket, int64_t size)
{
    struct slice slice = slice_from(path);
    const struct cells_count cell = {1, (uint64_t)size, cells_index(access_bucket, size_bucket)};
    struct dirmap_delta delta = {.hash = dirmap_hash(slice),
                                 .path = path,
                                 .path_len = (uint32_t)slice.len,
                                 .uid = uid,
                                 .gid = gid,
                                 .stat = {1, (uint64_t)size, 0, 1, ENTRY_NO_TIME},
                                 .cell_count = 1};
    assert_int_equal(dirmap_fold(fixture->dirs, &delta, 1, &cell), 0);
}

static void expect_share(const struct rows_shares *shares, size_t i, int64_t dir_id, int64_t uid,
                         int64_t gid, uint64_t files, uint64_t size, size_t cells)
{
    assert_true(i < shares->count);
    const struct rows_share *share = &shares->items[i];
    assert_int_equal(share->usage.dir_id, dir_id);
    assert_int_equal(share->usage.uid, uid);
    assert_int_equal(share->usage.gid, gid);
    assert_int_equal(share->usage.stat.files, files);
    assert_int_equal(share->usage.stat.size, size);
    assert_int_equal(share->cells, cells);
}

static void expect_cell(const struct rows_shares *shares, size_t i, unsigned access_bucket,
                        unsigned size_bucket, uint64_t files, uint64_t size)
{
    assert_true(i < shares->cell_count);
    assert_int_equal(shares->cells[i].index, cells_index(access_bucket, size_bucket));
    assert_int_equal(shares->cells[i].files, files);
    assert_int_equal(shares->cells[i].size, size);
}

static void expect_pair(const struct rows *rows, size_t i, int64_t uid, int64_t gid)
{
    assert_true(i < rows->pairs->count);
    assert_int_equal(rows->pairs->items[i].uid, uid);
    assert_int_equal(rows->pairs->items[i].gid, gid);
    assert_int_equal(ownerpairs_find(rows->pairs, uid, gid), i);
}

/* In the order of directory, uid, gid and cell; and summed up for each user. */
static void shares_and_cells(void **state)
{
    struct fixture *fixture = *state;
    add_to_cell(fixture, "/b", 2, 5, 1, 9, 1);
    add_to_cell(fixture, "/a", 2, 5, 9, 0, 10);
    add_to_cell(fixture, "/a", 2, 5, 0, 0, 20);
    add_to_cell(fixture, "/a", 2, ENTRY_NO_GROUP, 4, 1, 40);
    add_to_cell(fixture, "/a", 1, 7, 4, 1, 80);
    add_to_cell(fixture, "/a", 1, 7, 4, 2, 160);
    add_to_cell(fixture, "/a", 1, 7, 4, 2, 320);
    add_empty(fixture, "/a/empty");
    struct cursor rows = grow(fixture);
    struct rows_shares shares = {0};
    for (int pass = 0; pass < 2; pass++) {
        shares.count = shares.cell_count = 0;
        for (size_t i = 0; i < 3; i++)
            assert_int_equal(rows.rows->shares(rows.rows->state, i, &shares), 0);
        assert_int_equal(shares.count, 4);
        expect_share(&shares, 0, 1, 1, 7, 3, 560, 2);
        expect_share(&shares, 1, 1, 2, -1, 1, 40, 1);
        expect_share(&shares, 2, 1, 2, 5, 2, 30, 2);
        expect_share(&shares, 3, 3, 2, 5, 1, 1, 1); /* 2 is /a/empty */
        assert_int_equal(shares.cell_count, 6);
        expect_cell(&shares, 0, 4, 1, 1, 80);
        expect_cell(&shares, 1, 4, 2, 2, 480);
        expect_cell(&shares, 2, 4, 1, 1, 40);
        expect_cell(&shares, 3, 0, 0, 1, 20);
        expect_cell(&shares, 4, 9, 0, 1, 10);
        expect_cell(&shares, 5, 1, 9, 1, 1);
    }
    rows_shares_dispose(&shares);
    assert_int_equal(rows.rows->pairs->count, 3);
    expect_pair(rows.rows, 0, 1, 7);
    expect_pair(rows.rows, 1, 2, -1);
    expect_pair(rows.rows, 2, 2, 5);
    assert_int_equal(ownerpairs_find(rows.rows->pairs, 2, 6), 3);
    const struct histogram *two = &ownermap_get(fixture->users, 2)->histogram;
    assert_int_equal(two->bucket[HISTOGRAM_ACCESS][0].files, 1);
    assert_int_equal(two->bucket[HISTOGRAM_ACCESS][1].size, 1);
    assert_int_equal(two->bucket[HISTOGRAM_ACCESS][4].size, 40);
    assert_int_equal(two->bucket[HISTOGRAM_SIZE][0].files, 2);
    assert_int_equal(two->bucket[HISTOGRAM_SIZE][1].files, 1);
    assert_int_equal(ownermap_get(fixture->users, 1)->histogram.bucket[HISTOGRAM_ACCESS][4].size,
                     560);
}

/* Deeper than any first guess at a stack. */
static void a_deep_tree(void **state)
{
    enum { DEPTH = 1000 };
    struct fixture *fixture = *state;
    char path[2 * DEPTH + 1];
    for (int i = 0; i < DEPTH; i++) {
        path[2 * i] = '/';
        path[2 * i + 1] = 'd';
    }
    path[2 * DEPTH] = '\0';
    add(fixture, path, 1, 1, 1, 5);
    struct cursor rows = grow(fixture);
    for (unsigned i = 1; i <= DEPTH; i++) {
        struct rows_dir row = next(&rows);
        assert_int_equal(row.id, i);
        assert_int_equal(row.parent_id, i - 1);
        assert_int_equal(row.last_id, DEPTH);
        assert_int_equal(row.depth, i);
        assert_int_equal(row.subtree.size, 5);
        assert_int_equal(row.subtree_dirs, DEPTH - i);
    }
    expect_end(&rows);
}

/* Groups of every size, so many that each of several threads has some: in preorder, a name is
 * larger than its elder sibling's, and every child lies within its parent. */
static void many_groups_of_siblings(void **state)
{
    enum { DIRS = 20000 };
    struct fixture *fixture = *state;
    for (uint32_t i = 0; i < DIRS; i++) {
        char path[64];
        uint32_t mixed = i * 2654435761u;
        snprintf(path, sizeof path, "/%u/%u/%x", i % 7, mixed % (1 + i % 300), mixed);
        add(fixture, path, 1, 1, 1, 1);
    }
    struct cursor rows = grow(fixture);
    int64_t open[4] = {0}; /* the last id of the directory at each depth */
    char elder[4][64] = {""};
    size_t elder_len[4] = {0};
    int64_t id = 0;
    while (rows.dir < rows.rows->dirs) {
        struct rows_dir row = next(&rows);
        assert_int_equal(row.id, ++id);
        assert_true(row.depth >= 1 && row.depth <= 3 && row.last_id >= row.id);
        for (unsigned above = 1; above < row.depth; above++)
            assert_true(row.last_id <= open[above]);
        struct slice before = {elder[row.depth], elder_len[row.depth]};
        if (elder_len[row.depth] != 0)
            assert_true(slice_compare(before, row.path) < 0); /* same parent: by their names */
        memcpy(elder[row.depth], row.path.ptr, row.path.len);
        elder_len[row.depth] = row.path.len;
        open[row.depth] = row.last_id;
        for (unsigned below = row.depth + 1; below < 4; below++)
            elder_len[below] = 0;
    }
    assert_int_equal((size_t)id, tree_count(fixture->tree));
}

static void an_empty_tree(void **state)
{
    struct fixture *fixture = *state;
    struct cursor rows = grow(fixture);
    assert_int_equal(tree_count(fixture->tree), 0);
    expect_end(&rows);
    assert_int_equal(rows.rows->usages, 0);
}

static int roll_up_of(struct fixture *fixture)
{
    assert_int_equal(make(fixture), 0);
    return rollup_tree(fixture->tree, fixture->users, fixture->groups, &fixture->sums,
                       &fixture->err);
}

static void a_total_of_two_to_the_63rd_less_one_is_held(void **state)
{
    struct fixture *fixture = *state;
    add_stat(fixture, "/a/b", 1, 1, (struct dirstat){1, INT64_MAX - 1, 0, 0, ENTRY_NO_TIME});
    add_stat(fixture, "/a/c", 1, 1, (struct dirstat){1, 1, 0, 0, ENTRY_NO_TIME});
    assert_int_equal(roll_up_of(fixture), 0);
    struct cursor rows = rows_of_tree(fixture);
    assert_int_equal(next(&rows).subtree.size, INT64_MAX);
    assert_false(fixture->sums.saturated);
}

static void a_total_beyond_stays_there(void **state)
{
    struct fixture *fixture = *state;
    add_stat(fixture, "/a/b/f", 1, 1, (struct dirstat){1, INT64_MAX - 1, 0, 0, 0});
    add_stat(fixture, "/a/b/c", 1, 1, (struct dirstat){1, 2, 0, 0, 0});
    add_stat(fixture, "/a/d/c", 1, 1, (struct dirstat){1, INT64_MAX, 0, 0, 0});
    assert_int_equal(roll_up_of(fixture), 0);
    assert_true(fixture->sums.saturated);
    assert_true(slice_equal(fixture->sums.path, slice_from("/a/b"))); /* the deepest */
    struct cursor rows = rows_of_tree(fixture);
    assert_true(next(&rows).subtree.size > INT64_MAX); /* /a */
    assert_true(next(&rows).subtree.size > INT64_MAX); /* /a/b */
    assert_int_equal(next(&rows).subtree.size, 2);
}

/* Each of the sums alone, at 2^63-1 and one beyond. */
static void any_sum_can_saturate(void **state)
{
    struct fixture *fixture = *state;
    const uint64_t half = UINT64_C(1) << 62;
    add_stat(fixture, "/files/x", 1, 1, (struct dirstat){half, 0, 0, 0, 0});
    add_stat(fixture, "/files/y", 1, 1, (struct dirstat){half - 1, 0, 0, 0, 0});
    add_stat(fixture, "/size/x", 2, 2, (struct dirstat){1, half, 0, 0, 0});
    add_stat(fixture, "/size/y", 2, 2, (struct dirstat){1, half - 1, 0, 0, 0});
    add_stat(fixture, "/z/alloc/x", 3, 3, (struct dirstat){1, 0, half, 0, 0});
    add_stat(fixture, "/z/alloc/y", 4, 3, (struct dirstat){1, 0, half, 0, 0});
    assert_int_equal(roll_up_of(fixture), 0);
    assert_true(fixture->sums.saturated);
    assert_true(slice_equal(fixture->sums.path, slice_from("/z/alloc")));
    struct cursor rows = rows_of_tree(fixture);
    assert_int_equal(next(&rows).subtree.files, INT64_MAX); /* /files */
    next(&rows);
    next(&rows);
    assert_int_equal(next(&rows).subtree.size, INT64_MAX); /* /size */
    next(&rows);
    next(&rows);
    assert_int_equal(next(&rows).subtree.alloc, DIRSTAT_OVERFLOW); /* /z */
    assert_int_equal(next(&rows).subtree.alloc, DIRSTAT_OVERFLOW); /* /z/alloc */
    assert_int_equal(next(&rows).subtree.alloc, half);
    assert_int_equal(ownermap_get(fixture->users, 1)->stat.files, INT64_MAX);
    assert_int_equal(ownermap_get(fixture->users, 2)->stat.size, INT64_MAX);
    assert_int_equal(ownermap_get(fixture->users, 3)->stat.alloc, half);
    assert_int_equal(ownermap_get(fixture->users, 4)->stat.alloc, half);
    assert_int_equal(ownermap_get(fixture->groups, 3)->stat.alloc, DIRSTAT_OVERFLOW);
}

/* Of two equally deep, the first in preorder; and a directory's own files are enough. */
static void the_first_of_the_deepest_saturated(void **state)
{
    struct fixture *fixture = *state;
    const struct dirstat two = {2, DIRSTAT_OVERFLOW, 0, 0, 0};
    add_stat(fixture, "/b/c", 1, 1, two);
    add_stat(fixture, "/a/z", 1, 1, two);
    add_stat(fixture, "/a/y/deeper", 1, 1, (struct dirstat){1, INT64_MAX, 0, 0, 0});
    add_stat(fixture, "/a", 1, 1, two);
    assert_int_equal(roll_up_of(fixture), 0);
    assert_true(fixture->sums.saturated);
    assert_true(slice_equal(fixture->sums.path, slice_from("/a/z")));
}

/* What an owner has in many directories, counted by all threads: it sticks, and so do the buckets.
 * */
static void sums_of_owners_stick(void **state)
{
    enum { DIRS = 64 };
    struct fixture *fixture = *state;
    for (int i = 0; i < DIRS; i++) {
        char path[32];
        snprintf(path, sizeof path, "/d%d", i);
        add_to_cell(fixture, path, 1, 1, 0, 9, INT64_MAX);
        add_stat(fixture, path, 1, 1, (struct dirstat){1, INT64_MAX, INT64_MAX, 0, i});
        add_stat(fixture, path, 2, 1, (struct dirstat){1, 1, 1, 0, 1000 + i});
    }
    assert_int_equal(roll_up_of(fixture), 0);
    const struct ownermap_owner *one = ownermap_get(fixture->users, 1);
    assert_int_equal(one->stat.size, DIRSTAT_OVERFLOW);
    assert_int_equal(one->stat.alloc, DIRSTAT_OVERFLOW);
    assert_int_equal(one->stat.files, 2 * DIRS);
    assert_int_equal(one->stat.max_mtime, DIRS - 1);
    assert_int_equal(one->directories, DIRS);
    assert_int_equal(one->histogram.bucket[HISTOGRAM_ACCESS][0].size, DIRSTAT_OVERFLOW);
    assert_int_equal(one->histogram.bucket[HISTOGRAM_SIZE][9].size, DIRSTAT_OVERFLOW);
    assert_int_equal(one->histogram.bucket[HISTOGRAM_SIZE][9].files, DIRS);
    assert_int_equal(ownermap_get(fixture->users, 2)->stat.size, DIRS);
    assert_int_equal(ownermap_get(fixture->groups, 1)->stat.size, DIRSTAT_OVERFLOW);
    assert_int_equal(ownermap_get(fixture->groups, 1)->stat.max_mtime, 1000 + DIRS - 1);
}

/* The latest change goes up from all owners; a directory may have one without files of its own. */
static void times_of_change_go_up(void **state)
{
    struct fixture *fixture = *state;
    add_stat(fixture, "/a/b", 1, 1, (struct dirstat){1, 0, 0, 5, 10});
    add_stat(fixture, "/a/b", 2, 1, (struct dirstat){1, 0, 0, 6, 30});
    add_stat(fixture, "/a/b", 3, 1, (struct dirstat){1, 0, 0, 7, 20});
    add_stat(fixture, "/a/c", 1, 1, (struct dirstat){1, 0, 0, 8, ENTRY_NO_TIME});
    add_stat(fixture, "/d/e", 0, 0, (struct dirstat){0, 0, 0, ENTRY_NO_TIME, 40});
    assert_int_equal(roll_up_of(fixture), 0);
    struct cursor rows = rows_of_tree(fixture);
    struct rows_dir a = next(&rows);
    struct rows_dir b = next(&rows);
    struct rows_dir c = next(&rows);
    struct rows_dir d = next(&rows);
    struct rows_dir e = next(&rows);
    assert_int_equal(a.own.max_mtime, ENTRY_NO_TIME);
    assert_int_equal(a.subtree.max_mtime, 30);
    assert_int_equal(b.own.max_mtime, 30);
    assert_int_equal(b.subtree.max_mtime, 30);
    assert_int_equal(c.own.max_mtime, ENTRY_NO_TIME);
    assert_int_equal(c.subtree.max_mtime, ENTRY_NO_TIME);
    assert_int_equal(d.own.max_mtime, ENTRY_NO_TIME);
    assert_int_equal(d.subtree.max_mtime, 40);
    assert_int_equal(e.own.max_mtime, 40);
    assert_int_equal(e.subtree.max_mtime, 40);
    assert_int_equal(e.subtree.files, 0);
    assert_int_equal(e.uid, -1);
}

/* No directory holds both, but all files together do. */
static void a_total_over_all_roots_is_checked_too(void **state)
{
    struct fixture *fixture = *state;
    add_stat(fixture, "/a", 1, 1, (struct dirstat){1, 0, INT64_MAX, 0, 0});
    add_stat(fixture, "/b", 1, 1, (struct dirstat){1, 0, 1, 0, 0});
    assert_int_equal(roll_up_of(fixture), 0);
    assert_true(fixture->sums.saturated);
    assert_null(fixture->sums.path.ptr);
}

static void cancelling_ends_it(void **state)
{
    struct fixture *fixture = *state;
    add(fixture, "/a", 1, 1, 1, 1);
    atomic_store(&fixture->cancelled, true);
    assert_int_equal(make(fixture), -1);
    assert_null(fixture->tree);
    assert_int_equal(fixture->err.status, ERR_FAILED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(preorder_is_by_names_not_by_paths, setup, teardown),
        cmocka_unit_test_setup_teardown(names_are_compared_as_unsigned_bytes_to_their_end, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(few_siblings, setup, teardown),
        cmocka_unit_test_setup_teardown(the_root_comes_first, setup, teardown),
        cmocka_unit_test_setup_teardown(sums_go_up, setup, teardown),
        cmocka_unit_test_setup_teardown(owners_of_subtrees, setup, teardown),
        cmocka_unit_test_setup_teardown(several_does_not_become_one_again, setup, teardown),
        cmocka_unit_test_setup_teardown(usage_rows, setup, teardown),
        cmocka_unit_test_setup_teardown(totals_of_users_and_groups, setup, teardown),
        cmocka_unit_test_setup_teardown(shares_and_cells, setup, teardown),
        cmocka_unit_test_setup_teardown(a_deep_tree, setup, teardown),
        cmocka_unit_test_setup_teardown(many_groups_of_siblings, setup, teardown),
        cmocka_unit_test_setup_teardown(an_empty_tree, setup, teardown),
        cmocka_unit_test_setup_teardown(a_total_of_two_to_the_63rd_less_one_is_held, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_total_beyond_stays_there, setup, teardown),
        cmocka_unit_test_setup_teardown(any_sum_can_saturate, setup, teardown),
        cmocka_unit_test_setup_teardown(the_first_of_the_deepest_saturated, setup, teardown),
        cmocka_unit_test_setup_teardown(sums_of_owners_stick, setup, teardown),
        cmocka_unit_test_setup_teardown(times_of_change_go_up, setup, teardown),
        cmocka_unit_test_setup_teardown(a_total_over_all_roots_is_checked_too, setup, teardown),
        cmocka_unit_test_setup_teardown(cancelling_ends_it, setup, teardown),
    };
    int failed = cmocka_run_group_tests_name("tree, one thread", tests, NULL, NULL);
    threads_to_use = 4;
    return failed + cmocka_run_group_tests_name("tree, four threads", tests, NULL, NULL);
}
