/* dirmap: counters by path and owner, alone and from many threads; the links to the parents. */
#include "dirmap.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <uv.h>

#include <cmocka.h>

/* A delta of some files; each has `size` bytes and as many allocated. */
static struct dirmap_delta delta(const char *path, uint32_t uid, uint32_t gid, uint64_t files,
                                 uint64_t size, int64_t atime)
{
    struct slice slice = slice_from(path);
    return (struct dirmap_delta){.hash = dirmap_hash(slice),
                                 .path = path,
                                 .path_len = (uint32_t)slice.len,
                                 .uid = uid,
                                 .gid = gid,
                                 .stat = {files, files * size, files * size, atime, ENTRY_NO_TIME}};
}

static void fold(struct dirmap *map, struct dirmap_delta one)
{
    assert_int_equal(dirmap_fold(map, &one, 1, NULL), 0);
}

static uint32_t find(const struct dirmap *map, const char *path)
{
    struct slice wanted = slice_from(path);
    uint32_t found = DIRMAP_NONE;
    for (uint32_t id = 0; id < dirmap_id_limit(map); id++) {
        const struct dirmap_dir *dir = dirmap_at(map, id);
        if (dir == NULL || !slice_equal(wanted, (struct slice){dir->path, dir->path_len}))
            continue;
        assert_int_equal(found, DIRMAP_NONE); /* a path is in once */
        found = id;
    }
    return found;
}

/* What an owner has in a directory, whether it came first or later. */
static struct dirstat stat_of(const struct dirmap *map, const char *path, uint32_t uid,
                              uint32_t gid)
{
    uint32_t id = find(map, path);
    assert_int_not_equal(id, DIRMAP_NONE);
    const struct dirmap_dir *dir = dirmap_at(map, id);
    if (dir->stat.files != 0 && dir->uid == uid && dir->gid == gid)
        return dir->stat;
    const struct dirmap_owner *owner = NULL;
    while ((owner = dirmap_next_owner(map, id, owner)) != NULL)
        if (owner->uid == uid && owner->gid == gid)
            return owner->stat;
    return DIRSTAT_NONE;
}

static int count_owners(const struct dirmap *map, const char *path)
{
    uint32_t id = find(map, path);
    int count = dirmap_at(map, id)->stat.files != 0;
    const struct dirmap_owner *owner = NULL;
    while ((owner = dirmap_next_owner(map, id, owner)) != NULL)
        count++;
    return count;
}

static void an_empty_map(void **state)
{
    (void)state;
    struct dirmap *map = dirmap_new();
    assert_int_equal(dirmap_fold(map, NULL, 0, NULL), 0);
    assert_int_equal(dirmap_link(map, (struct slice){NULL, 0}, 2), 0);
    assert_int_equal(dirmap_count(map), 0);
    assert_int_equal(dirmap_id_limit(map), 0);
    dirmap_free(map);
    dirmap_free(NULL);
}

static void files_are_counted_by_directory_and_owner(void **state)
{
    (void)state;
    struct dirmap *map = dirmap_new();
    fold(map, delta("/a", 1, 1, 2, 10, 50));
    fold(map, delta("/b", 1, 1, 1, 7, 60));
    fold(map, delta("/a", 2, 1, 1, 100, 70));
    fold(map, delta("/a", 1, 1, 3, 10, 40));
    fold(map, delta("/a", 1, ENTRY_NO_GROUP, 1, 1, ENTRY_NO_TIME));
    fold(map, delta("/a", 2, 1, 1, 200, 65));
    struct dirstat first = stat_of(map, "/a", 1, 1);
    assert_int_equal(first.files, 5);
    assert_int_equal(first.size, 50);
    assert_int_equal(first.alloc, 50);
    assert_int_equal(first.max_atime, 50);
    struct dirstat second = stat_of(map, "/a", 2, 1);
    assert_int_equal(second.files, 2);
    assert_int_equal(second.size, 300);
    assert_int_equal(second.max_atime, 70);
    struct dirstat nobody = stat_of(map, "/a", 1, ENTRY_NO_GROUP);
    assert_int_equal(nobody.files, 1);
    assert_int_equal(nobody.max_atime, ENTRY_NO_TIME);
    assert_int_equal(count_owners(map, "/a"), 3);
    assert_int_equal(count_owners(map, "/b"), 1);
    assert_int_equal(dirmap_count(map), 2);
    dirmap_free(map);
}

/* A delta without files says only that the directory exists: it is no owner's. */
static void a_directory_without_files(void **state)
{
    (void)state;
    struct dirmap *map = dirmap_new();
    fold(map, delta("/a", 9, 9, 0, 0, ENTRY_NO_TIME));
    assert_int_equal(count_owners(map, "/a"), 0);
    fold(map, delta("/a", 4, 5, 1, 1, 1));
    fold(map, delta("/a", 9, 9, 0, 0, ENTRY_NO_TIME));
    assert_int_equal(count_owners(map, "/a"), 1);
    assert_int_equal(stat_of(map, "/a", 4, 5).files, 1);
    assert_int_equal(dirmap_count(map), 1);
    dirmap_free(map);
}

/* The path may go away once dirmap_fold has returned. */
static void paths_are_copied(void **state)
{
    (void)state;
    struct dirmap *map = dirmap_new();
    char path[] = "/some/where";
    fold(map, delta(path, 1, 1, 1, 1, 1));
    path[3] = 'X';
    assert_int_not_equal(find(map, "/some/where"), DIRMAP_NONE);
    dirmap_free(map);
}

static uint32_t parent_of(const struct dirmap *map, const char *path)
{
    uint32_t id = find(map, path);
    assert_int_not_equal(id, DIRMAP_NONE);
    return dirmap_at(map, id)->parent;
}

static void link_without_a_root(unsigned threads)
{
    struct dirmap *map = dirmap_new();
    fold(map, delta("/a/b/c/d", 1, 1, 1, 1, 1));
    fold(map, delta("/a/b", 1, 1, 1, 1, 1));
    fold(map, delta("/ab/c", 1, 1, 1, 1, 1));
    assert_int_equal(dirmap_link(map, (struct slice){NULL, 0}, threads), 0);
    assert_int_equal(dirmap_count(map), 6); /* /a /a/b /a/b/c /a/b/c/d /ab /ab/c */
    assert_int_equal(parent_of(map, "/a/b/c/d"), find(map, "/a/b/c"));
    assert_int_equal(parent_of(map, "/a/b/c"), find(map, "/a/b"));
    assert_int_equal(parent_of(map, "/a/b"), find(map, "/a"));
    assert_int_equal(parent_of(map, "/a"), DIRMAP_NONE);
    assert_int_equal(parent_of(map, "/ab/c"), find(map, "/ab"));
    assert_int_equal(parent_of(map, "/ab"), DIRMAP_NONE);
    assert_int_equal(find(map, "/"), DIRMAP_NONE);
    assert_int_equal(stat_of(map, "/a", 0, 0).files, 0);
    dirmap_free(map);
}

static void missing_ancestors_are_made_but_not_the_root(void **state)
{
    (void)state;
    link_without_a_root(1);
    link_without_a_root(4);
}

static void link_with_a_root(unsigned threads)
{
    struct dirmap *map = dirmap_new();
    fold(map, delta("/", 1, 1, 1, 1, 1));
    fold(map, delta("/a/b", 1, 1, 1, 1, 1));
    assert_int_equal(dirmap_link(map, (struct slice){NULL, 0}, threads), 0);
    assert_int_equal(dirmap_count(map), 3);
    assert_int_equal(parent_of(map, "/"), DIRMAP_NONE);
    assert_int_equal(parent_of(map, "/a"), find(map, "/"));
    dirmap_free(map);
}

static void a_root_that_is_there_is_a_parent(void **state)
{
    (void)state;
    link_with_a_root(1);
    link_with_a_root(100); /* more threads than shards */
}

/* Nothing above the root comes in; a root that no delta named comes in as an ancestor. */
static void link_below(const char *first, const char *second, const char *root, size_t dirs)
{
    for (unsigned threads = 1; threads <= 4; threads += 3) {
        struct dirmap *map = dirmap_new();
        fold(map, delta(first, 1, 1, 1, 1, 1));
        fold(map, delta(second, 1, 1, 1, 1, 1));
        assert_int_equal(dirmap_link(map, slice_from(root), threads), 0);
        assert_int_equal(dirmap_count(map), dirs);
        uint32_t top = find(map, root);
        assert_int_equal(parent_of(map, root), DIRMAP_NONE);
        for (uint32_t id = DIRMAP_NONE; (id = dirmap_next(map, id, 0, 1)) != DIRMAP_NONE;)
            assert_true(id == top || dirmap_at(map, id)->parent != DIRMAP_NONE);
        dirmap_free(map);
    }
}

static void nothing_is_made_above_the_given_root(void **state)
{
    (void)state;
    link_below("/a/b", "/a/b", "/a/b", 1);             /* exactly it */
    link_below("/a/b", "/a/b/c/d", "/a/b", 3);         /* it, and below it */
    link_below("/a/b/c/d", "/a/b/e", "/a/b", 4);       /* only below it */
    link_below("/a/b/a/b", "/a/b/a/b/a/b", "/a/b", 5); /* its name again below it */
    link_below("/a", "/a/b/c", "/a", 3);               /* of depth 1 */
    link_below("/", "/a/b", "/", 3);                   /* all there is */
    link_below("/a/b/c/d/e/f", "/a/b/c/d/e/g", "/a/b/c/d/e", 3);
}

/* Ancestors may be added while more is to come, and take no bytes for their paths. */
static void ancestors_are_added_in_between(void **state)
{
    (void)state;
    enum { DEPTH = 1000, STEPS = 4 };
    char path[2 * DEPTH + 1];
    for (size_t i = 0; i < 2 * DEPTH; i++)
        path[i] = i % 2 == 0 ? '/' : 'a';
    path[2 * DEPTH] = '\0';
    struct dirmap *map = dirmap_new();
    for (size_t step = 1; step <= STEPS; step++) {
        const struct slice folded = {path, 2 * DEPTH / STEPS * step};
        struct dirmap_delta deep = delta(path, 1, 1, 1, 1, 1);
        deep.path_len = (uint32_t)folded.len;
        deep.hash = dirmap_hash(folded);
        fold(map, deep);
        assert_int_equal(dirmap_add_ancestors(map, (struct slice){NULL, 0}, 2), 0);
        assert_int_equal(dirmap_count(map), DEPTH / STEPS * step);
        assert_int_equal(dirmap_add_ancestors(map, (struct slice){NULL, 0}, 2), 0);
        assert_int_equal(dirmap_count(map), DEPTH / STEPS * step);
    }
    assert_ptr_equal(dirmap_at(map, find(map, "/a"))->path,
                     dirmap_at(map, find(map, "/a/a"))->path);
    fold(map, delta("/", 1, 1, 1, 1, 1));
    assert_int_equal(dirmap_link(map, (struct slice){NULL, 0}, 2), 0);
    assert_int_equal(dirmap_count(map), DEPTH + 1);
    assert_int_equal(parent_of(map, "/a"), find(map, "/")); /* which came last */
    assert_int_equal(parent_of(map, "/a/a"), find(map, "/a"));
    assert_int_equal(dirmap_at(map, parent_of(map, path))->path_len, 2 * DEPTH - 2);
    dirmap_free(map);
}

/* The files' last change may come in a delta of its own, before, between and after their owners'.
 * */
static void a_time_of_change_without_files(void **state)
{
    (void)state;
    for (int place = 0; place < 3; place++) {
        struct dirmap *map = dirmap_new();
        struct dirmap_delta change = delta("/a", 0, 0, 0, 0, ENTRY_NO_TIME);
        struct dirmap_delta one = delta("/a", 1, 1, 1, 10, 5);
        struct dirmap_delta two = delta("/a", 2, 1, 1, 20, 6);
        change.stat.max_mtime = 70;
        one.stat.max_mtime = 30;
        two.stat.max_mtime = ENTRY_NO_TIME;
        const struct dirmap_delta deltas[3][3] = {
            {change, one, two}, {one, change, two}, {one, two, change}};
        assert_int_equal(dirmap_fold(map, deltas[place], 3, NULL), 0);
        assert_int_equal(count_owners(map, "/a"), 2);
        struct dirstat all = stat_of(map, "/a", 1, 1);
        const struct dirstat second = stat_of(map, "/a", 2, 1);
        dirstat_merge(&all, &second);
        assert_int_equal(all.files, 2);
        assert_int_equal(all.size, 30);
        assert_int_equal(all.max_atime, 6);
        assert_int_equal(all.max_mtime, 70);
        dirmap_free(map);
    }
}

static void sums_of_an_owner_stick(void **state)
{
    (void)state;
    struct dirmap *map = dirmap_new();
    const uint64_t half = UINT64_C(1) << 62;
    for (uint32_t uid = 1; uid <= 2;
         uid++) { /* the first owner of a directory, and a further one */
        fold(map, delta("/held", uid, 1, 1, half, 1));
        fold(map, delta("/held", uid, 1, 1, half - 1, 1));
        fold(map, delta("/beyond", uid, 1, 1, half, 1));
        fold(map, delta("/beyond", uid, 1, 1, half, 1));
        fold(map, delta("/beyond", uid, 1, 1, INT64_MAX, 1));
        assert_int_equal(stat_of(map, "/held", uid, 1).size, INT64_MAX);
        assert_int_equal(stat_of(map, "/held", uid, 1).alloc, INT64_MAX);
        assert_int_equal(stat_of(map, "/beyond", uid, 1).size, DIRSTAT_OVERFLOW);
        assert_int_equal(stat_of(map, "/beyond", uid, 1).alloc, DIRSTAT_OVERFLOW);
        assert_int_equal(stat_of(map, "/beyond", uid, 1).files, 3);
    }
    dirmap_free(map);
}

/* Many directories whose parents are all missing: every level is made in its turn. */
static void missing_ancestors_of_many(void **state)
{
    enum { TOPS = 40, DIRS = 4000 };
    (void)state;
    for (unsigned threads = 1; threads <= 4; threads += 3) {
        struct dirmap *map = dirmap_new();
        for (int i = 0; i < DIRS; i++) {
            char path[64];
            snprintf(path, sizeof path, "/top%d/mid%d/low/leaf%d", i % TOPS, i % (TOPS * 5), i);
            fold(map, delta(path, 1, 1, 1, 1, 1));
        }
        assert_int_equal(dirmap_link(map, (struct slice){NULL, 0}, threads), 0);
        assert_int_equal(dirmap_count(map), DIRS + 2 * TOPS * 5 + TOPS);
        size_t tops = 0;
        size_t walked = 0;
        for (uint32_t id = DIRMAP_NONE; (id = dirmap_next(map, id, 0, 1)) != DIRMAP_NONE;
             walked++) {
            const struct dirmap_dir *dir = dirmap_at(map, id);
            const char *slash = memrchr(dir->path, '/', dir->path_len);
            if (slash == dir->path) {
                assert_int_equal(dir->parent, DIRMAP_NONE);
                tops++;
                continue;
            }
            const struct dirmap_dir *parent = dirmap_at(map, dir->parent);
            assert_int_equal(parent->path_len, slash - dir->path);
            assert_memory_equal(parent->path, dir->path, parent->path_len);
        }
        assert_int_equal(tops, TOPS);
        assert_int_equal(walked, dirmap_count(map)); /* the walk meets every directory */
        dirmap_free(map);
    }
}

/* More directories and owners than one block holds, in every shard. */
static void many_directories_and_owners(void **state)
{
    (void)state;
    enum { DIRS = 100000, OWNERS = 3000 };
    struct dirmap *map = dirmap_new();
    struct dirmap_delta *deltas = malloc(DIRS * sizeof *deltas);
    char(*paths)[16] = malloc(DIRS * sizeof *paths);
    for (int i = 0; i < DIRS; i++) {
        snprintf(paths[i], sizeof paths[i], "/d%d", i);
        deltas[i] = delta(paths[i], 1, 1, (uint64_t)i + 1, 1, i);
    }
    assert_int_equal(dirmap_fold(map, deltas, DIRS, NULL), 0);
    free(deltas);
    free(paths);
    for (uint32_t uid = 0; uid < OWNERS; uid++)
        for (int again = 0; again < 2; again++)
            fold(map, delta("/crowd", uid, uid + 1, 1, uid, 0));
    assert_int_equal(dirmap_count(map), DIRS + 1);
    uint64_t files = 0;
    uint32_t seen = 0;
    for (uint32_t id = 0; id < dirmap_id_limit(map); id++) {
        const struct dirmap_dir *dir = dirmap_at(map, id);
        if (dir == NULL)
            continue;
        seen++;
        if (dir->path_len != 6 || memcmp(dir->path, "/crowd", 6) != 0)
            files += dir->stat.files;
    }
    assert_int_equal(seen, DIRS + 1);
    assert_int_equal(files, (uint64_t)DIRS * (DIRS + 1) / 2);
    assert_int_equal(stat_of(map, "/d99999", 1, 1).files, 100000);
    assert_int_equal(count_owners(map, "/crowd"), OWNERS);
    assert_int_equal(stat_of(map, "/crowd", 2999, 3000).files, 2);
    assert_int_equal(stat_of(map, "/crowd", 2999, 3000).size, 2 * 2999);
    dirmap_free(map);
}

enum { THREADS = 4, ROUNDS = 40, SHARED_DIRS = 300 };

static char shared_paths[SHARED_DIRS][32];

struct folder {
    struct dirmap *map;
    uint32_t uid;
    int failed;
};

/* Every thread folds the same directories, as its own user and as user 100. */
static void fold_shared(void *context)
{
    struct folder *folder = context;
    for (int round = 0; round < ROUNDS; round++) {
        struct dirmap_delta deltas[2 * SHARED_DIRS];
        for (int i = 0; i < SHARED_DIRS; i++) {
            deltas[2 * i] = delta(shared_paths[i], folder->uid, 1, 1, 3, round);
            deltas[2 * i + 1] = delta(shared_paths[i], 100, 1, 2, 5, 1000 + round);
        }
        folder->failed |= dirmap_fold(folder->map, deltas, 2 * SHARED_DIRS, NULL);
    }
}

static void threads_fold_at_once(void **state)
{
    (void)state;
    struct dirmap *map = dirmap_new();
    struct folder folders[THREADS];
    uv_thread_t threads[THREADS];
    for (int i = 0; i < SHARED_DIRS; i++)
        snprintf(shared_paths[i], sizeof shared_paths[i], "/x/dir%d", i);
    for (uint32_t t = 0; t < THREADS; t++) {
        folders[t] = (struct folder){map, t, 0};
        assert_int_equal(uv_thread_create(&threads[t], fold_shared, &folders[t]), 0);
    }
    for (int t = 0; t < THREADS; t++) {
        uv_thread_join(&threads[t]);
        assert_int_equal(folders[t].failed, 0);
    }
    assert_int_equal(dirmap_count(map), SHARED_DIRS);
    for (int i = 0; i < SHARED_DIRS; i++) {
        assert_int_equal(count_owners(map, shared_paths[i]), THREADS + 1);
        struct dirstat all = stat_of(map, shared_paths[i], 100, 1);
        assert_int_equal(all.files, THREADS * ROUNDS * 2);
        assert_int_equal(all.size, THREADS * ROUNDS * 2 * 5);
        assert_int_equal(all.max_atime, 1000 + ROUNDS - 1);
        for (uint32_t t = 0; t < THREADS; t++) {
            struct dirstat own = stat_of(map, shared_paths[i], t, 1);
            assert_int_equal(own.files, ROUNDS);
            assert_int_equal(own.size, ROUNDS * 3);
            assert_int_equal(own.max_atime, ROUNDS - 1);
        }
    }
    dirmap_free(map);
}

/* Folds `files` files of 100 bytes each of one cell. */
static int fold_cell(struct dirmap *map, const char *path, uint32_t uid, uint32_t gid,
                     unsigned index, uint64_t files)
{
    struct dirmap_delta one = delta(path, uid, gid, files, 100, 1);
    const struct cells_count cells[] = {{1, 1, 99}, {files, files * 100, index}};
    one.cells_begin = 1;
    one.cell_count = 1;
    return dirmap_fold(map, &one, 1, cells);
}

/* The files of a cell that an owner has in a directory; 0: there is no such cell. */
static uint64_t cell_of(const struct dirmap *map, const char *path, uint32_t uid, uint32_t gid,
                        unsigned index)
{
    uint32_t id = find(map, path);
    const struct dirmap_dir *dir = dirmap_at(map, id);
    const struct dirmap_owner *owner = NULL;
    bool is_first = dir->uid == uid && dir->gid == gid;
    while (!is_first && (owner = dirmap_next_owner(map, id, owner)) != NULL)
        if (owner->uid == uid && owner->gid == gid)
            break;
    struct cells_count cells[CELLS];
    size_t count = dirmap_cells(map, id, owner, cells);
    for (size_t i = 0; i < count; i++) {
        assert_true(i == 0 || cells[i].index > cells[i - 1].index); /* in order, each once */
        if (cells[i].index == index) {
            assert_int_equal(cells[i].size, cells[i].files * 100);
            return cells[i].files;
        }
    }
    return 0;
}

static void cells_by_directory_and_owner(void **state)
{
    (void)state;
    struct dirmap *map = dirmap_new();
    struct cells_count cells[CELLS];
    fold(map, delta("/empty", 1, 1, 0, 0, 1));
    assert_int_equal(dirmap_cells(map, find(map, "/empty"), NULL, cells), 0);
    assert_int_equal(fold_cell(map, "/a", 1, 1, 30, 2), 0);
    assert_int_equal(fold_cell(map, "/a", 1, 1, 30, 3), 0);
    assert_int_equal(fold_cell(map, "/a", 1, ENTRY_NO_GROUP, 30, 7), 0);
    assert_int_equal(fold_cell(map, "/a", 2, 1, 0, 11), 0);
    assert_int_equal(fold_cell(map, "/b", 1, 1, 99, 13), 0);
    assert_int_equal(cell_of(map, "/a", 1, 1, 30), 5);
    assert_int_equal(cell_of(map, "/a", 1, 1, 0), 0);
    assert_int_equal(cell_of(map, "/a", 1, ENTRY_NO_GROUP, 30), 7);
    assert_int_equal(cell_of(map, "/a", 2, 1, 0), 11);
    assert_int_equal(cell_of(map, "/b", 1, 1, 99), 13);
    /* They outlive the indexes. */
    assert_int_equal(dirmap_link(map, (struct slice){NULL, 0}, 1), 0);
    assert_int_equal(cell_of(map, "/b", 1, 1, 99), 13);
    dirmap_free(map);
}

/* More cells than a group has, and more files than a cell has room for, in one delta or in many. */
static void many_cells_and_files(void **state)
{
    (void)state;
    struct dirmap *map = dirmap_new();
    for (unsigned round = 0; round < 2; round++)
        for (unsigned i = 0; i < CELLS; i++)
            assert_int_equal(fold_cell(map, "/a", 1, 1, (i * 37) % CELLS, 1 + i), 0);
    for (unsigned i = 0; i < CELLS; i++)
        assert_int_equal(cell_of(map, "/a", 1, 1, (i * 37) % CELLS), 2 * (1 + i));
    const uint64_t most = (1 << 24) - 1; /* that a record has room for */
    assert_int_equal(fold_cell(map, "/b", 1, 1, 0, most - 1), 0);
    assert_int_equal(fold_cell(map, "/b", 1, 1, 0, 1), 0);
    assert_int_equal(cell_of(map, "/b", 1, 1, 0), most);
    assert_int_equal(fold_cell(map, "/b", 1, 1, 0, 1), 0);
    assert_int_equal(fold_cell(map, "/b", 1, 1, 0, 5), 0);
    assert_int_equal(cell_of(map, "/b", 1, 1, 0), most + 6);
    assert_int_equal(fold_cell(map, "/b", 1, 1, 99, UINT64_C(1) << 40), 0);
    assert_int_equal(fold_cell(map, "/b", 1, 1, 99, UINT64_C(1) << 41), 0);
    assert_int_equal(cell_of(map, "/b", 1, 1, 99), UINT64_C(3) << 40);
    assert_int_equal(cell_of(map, "/b", 1, 1, 0), most + 6);
    dirmap_free(map);
}

static void fold_shared_cells(void *context)
{
    struct folder *folder = context;
    for (int round = 0; round < ROUNDS; round++)
        for (uint32_t uid = 0; uid < 50; uid++)
            for (int i = 0; i < 5; i++)
                folder->failed |= fold_cell(folder->map, shared_paths[i], uid, 1, uid, 1);
}

static void threads_fold_cells_at_once(void **state)
{
    (void)state;
    struct dirmap *map = dirmap_new();
    struct folder folders[THREADS];
    uv_thread_t threads[THREADS];
    for (int i = 0; i < 5; i++)
        snprintf(shared_paths[i], sizeof shared_paths[i], "/x/dir%d", i);
    for (int t = 0; t < THREADS; t++) {
        folders[t] = (struct folder){map, 0, 0};
        assert_int_equal(uv_thread_create(&threads[t], fold_shared_cells, &folders[t]), 0);
    }
    for (int t = 0; t < THREADS; t++) {
        uv_thread_join(&threads[t]);
        assert_int_equal(folders[t].failed, 0);
    }
    for (uint32_t uid = 0; uid < 50; uid++)
        for (int i = 0; i < 5; i++)
            assert_int_equal(cell_of(map, shared_paths[i], uid, 1, uid), THREADS * ROUNDS);
    dirmap_free(map);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_map),
        cmocka_unit_test(files_are_counted_by_directory_and_owner),
        cmocka_unit_test(a_directory_without_files),
        cmocka_unit_test(paths_are_copied),
        cmocka_unit_test(missing_ancestors_are_made_but_not_the_root),
        cmocka_unit_test(a_root_that_is_there_is_a_parent),
        cmocka_unit_test(nothing_is_made_above_the_given_root),
        cmocka_unit_test(ancestors_are_added_in_between),
        cmocka_unit_test(a_time_of_change_without_files),
        cmocka_unit_test(sums_of_an_owner_stick),
        cmocka_unit_test(missing_ancestors_of_many),
        cmocka_unit_test(many_directories_and_owners),
        cmocka_unit_test(threads_fold_at_once),
        cmocka_unit_test(cells_by_directory_and_owner),
        cmocka_unit_test(many_cells_and_files),
        cmocka_unit_test(threads_fold_cells_at_once),
    };
    return cmocka_run_group_tests_name("dirmap", tests, NULL, NULL);
}
