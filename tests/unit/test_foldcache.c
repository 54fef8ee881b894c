/* foldcache: whatever the runs, the owners and the slashes, the maps hold what was added. */
#include "foldcache.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "unit_histogram.h"

struct fixture {
    struct dirmap *dirs;
    struct foldcache *cache;
    struct histogram_ages ages;
};

static int setup(void **state)
{
    struct fixture *fixture = malloc(sizeof *fixture);
    fixture->dirs = dirmap_new();
    fixture->cache = foldcache_new(fixture->dirs);
    histogram_ages_init(&fixture->ages, INT64_C(1768089600), HISTOGRAM_BY_ATIME); /* 2026-01-11 */
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;
    foldcache_free(fixture->cache);
    dirmap_free(fixture->dirs);
    free(fixture);
    return 0;
}

static void finish(struct fixture *fixture)
{
    assert_int_equal(foldcache_flush(fixture->cache), 0);
    foldcache_free(fixture->cache);
    fixture->cache = NULL;
}

static void add(struct fixture *fixture, struct entry entry)
{
    entry.slash = (size_t)(strrchr(entry.path.ptr, '/') - entry.path.ptr);
    assert_int_equal(foldcache_add(fixture->cache, &entry, &fixture->ages), 0);
}

static void add_file(struct fixture *fixture, const char *path, uint32_t uid, uint32_t gid,
                     int64_t size)
{
    add(fixture, (struct entry){.path = slice_from(path),
                                .size = size,
                                .alloc = 2 * size,
                                .atime = 1000,
                                .uid = uid,
                                .gid = gid});
}

/* Directories have sizes and owners too; neither may count. */
static void add_directory(struct fixture *fixture, const char *path)
{
    add(fixture, (struct entry){.path = slice_from(path),
                                .size = 4096,
                                .alloc = 4096,
                                .atime = 5000,
                                .uid = 77,
                                .gid = 77,
                                .is_directory = true});
}

/* The files and bytes of an owner directly in a directory, which must be there. */
static void expect(const struct fixture *fixture, const char *path, uint32_t uid, uint32_t gid,
                   uint64_t files, uint64_t size)
{
    struct slice wanted = slice_from(path);
    for (uint32_t id = 0; id < dirmap_id_limit(fixture->dirs); id++) {
        const struct dirmap_dir *dir = dirmap_at(fixture->dirs, id);
        if (dir == NULL || !slice_equal(wanted, (struct slice){dir->path, dir->path_len}))
            continue;
        struct dirstat stat = DIRSTAT_NONE;
        if (dir->stat.files != 0 && dir->uid == uid && dir->gid == gid)
            stat = dir->stat;
        const struct dirmap_owner *owner = NULL;
        while ((owner = dirmap_next_owner(fixture->dirs, id, owner)) != NULL)
            if (owner->uid == uid && owner->gid == gid)
                stat = owner->stat;
        assert_int_equal(stat.files, files);
        assert_int_equal(stat.size, size);
        assert_int_equal(stat.alloc, 2 * size);
        assert_int_equal(stat.max_atime, files == 0 ? ENTRY_NO_TIME : 1000);
        return;
    }
    fail_msg("%s is not in the map", path);
}

static void runs_of_files(void **state)
{
    struct fixture *fixture = *state;
    add_file(fixture, "/a/b/f1", 1, 1, 10);
    add_file(fixture, "/a/b/f2", 1, 1, 20);
    add_file(fixture, "/a/b/f3", 2, 1, 40);
    add_file(fixture, "/a/b/f4", 1, 1, 80);
    add_file(fixture, "/a/bb/f5", 1, 1, 160);
    add_file(fixture, "/a/f6", 1, 1, 320);
    add_file(fixture, "/a/b/f7", 1, 2, 640);
    finish(fixture);
    expect(fixture, "/a/b", 1, 1, 3, 110);
    expect(fixture, "/a/b", 2, 1, 1, 40);
    expect(fixture, "/a/b", 1, 2, 1, 640);
    expect(fixture, "/a/bb", 1, 1, 1, 160);
    expect(fixture, "/a", 1, 1, 1, 320);
    assert_int_equal(dirmap_count(fixture->dirs), 3);
}

static void a_directory_line_and_its_files(void **state)
{
    struct fixture *fixture = *state;
    add_directory(fixture, "/a/b");
    add_directory(fixture, "/a/b");
    add_file(fixture, "/a/b/f1", 1, 1, 10);
    add_directory(fixture, "/a/b/c");
    add_file(fixture, "/a/b/c/f2", 2, 2, 20);
    add_file(fixture, "/a/b/f3", 1, 1, 40);
    add_directory(fixture, "/a/b/");
    add_directory(fixture, "/a/empty");
    finish(fixture);
    expect(fixture, "/a/b", 1, 1, 2, 50);
    expect(fixture, "/a/b", 77, 77, 0, 0);
    expect(fixture, "/a/b/c", 2, 2, 1, 20);
    expect(fixture, "/a/empty", 77, 77, 0, 0);
    assert_int_equal(dirmap_count(fixture->dirs), 3); /* parents come with dirmap_link */
}

/* `/` is stored where it is listed or a file lies directly in it, and only there. */
static void the_root(void **state)
{
    struct fixture *fixture = *state;
    add_file(fixture, "/a/f", 1, 1, 1);
    add_directory(fixture, "/a/b");
    assert_int_equal(foldcache_flush(fixture->cache), 0);
    assert_int_equal(dirmap_count(fixture->dirs), 2); /* /a, /a/b: no root */
    add_directory(fixture, "/usr");
    assert_int_equal(foldcache_flush(fixture->cache), 0);
    assert_int_equal(dirmap_count(fixture->dirs), 3);
    add_file(fixture, "/f1", 1, 1, 10);
    add_file(fixture, "/f2", 1, 1, 20);
    add_file(fixture, "//f3", 1, 1, 40);
    add_directory(fixture, "/");
    add_file(fixture, "/f4", 1, 1, 80);
    finish(fixture);
    expect(fixture, "/", 1, 1, 4, 150);
    assert_int_equal(dirmap_count(fixture->dirs), 4);
}

/* Many directories of depth 1 and no file beside them: there is no `/`. */
static void no_root_for_directories_alone(void **state)
{
    struct fixture *fixture = *state;
    add_directory(fixture, "/usr");
    add_directory(fixture, "//home/");
    add_file(fixture, "/usr/f", 1, 1, 1);
    finish(fixture);
    assert_int_equal(dirmap_count(fixture->dirs), 2);
}

static void a_root_that_is_listed(void **state)
{
    struct fixture *fixture = *state;
    add_directory(fixture, "//");
    add_directory(fixture, "/usr");
    finish(fixture);
    expect(fixture, "/", 77, 77, 0, 0);
    assert_int_equal(dirmap_count(fixture->dirs), 2);
}

static void a_root_with_a_file(void **state)
{
    struct fixture *fixture = *state;
    add_directory(fixture, "/usr");
    add_file(fixture, "/f", 1, 1, 10);
    finish(fixture);
    expect(fixture, "/", 1, 1, 1, 10);
    assert_int_equal(dirmap_count(fixture->dirs), 2);
}

/* One directory, written in every way. */
static void slashes_are_folded(void **state)
{
    static const char *const ways[] = {"/a/b/f",  "/a//b/f",    "//a/b/f",    "/a/b//f",
                                       "/a/b/f/", "/a/b///f//", "///a///b/f", "/a/b/f"};
    struct fixture *fixture = *state;
    for (int i = 0; i < 8; i++)
        for (int j = 0; j < 8; j++) { /* each way after each other one */
            add_file(fixture, ways[i], 1, 1, 1);
            add_file(fixture, ways[j], 1, 1, 1);
        }
    add_directory(fixture, "/a//b");
    add_file(fixture, "/a//b/f", 1, 1, 1);
    add_file(fixture, "/a/b/f", 1, 1, 1);
    add_directory(fixture, "/a/b//");
    add_file(fixture, "/a/b//f", 1, 1, 1);
    finish(fixture);
    expect(fixture, "/a/b", 1, 1, 131, 131);
    assert_int_equal(dirmap_count(fixture->dirs), 1);
}

/* A file that ends in a slash is in the directory above; its neighbours are not in it. */
static void a_trailing_slash_is_no_name(void **state)
{
    struct fixture *fixture = *state;
    add_file(fixture, "/a/b/", 1, 1, 1);
    add_file(fixture, "/a/b/f", 1, 1, 10);
    add_file(fixture, "/a/c", 1, 1, 100);
    finish(fixture);
    expect(fixture, "/a", 1, 1, 2, 101);
    expect(fixture, "/a/b", 1, 1, 1, 10);
    assert_int_equal(dirmap_count(fixture->dirs), 2);
}

/* More directories than one batch holds, all of them twice, with paths that need folding. */
static void more_than_a_batch(void **state)
{
    enum { DIRS = 10000 };
    struct fixture *fixture = *state;
    char(*paths)[32] = malloc(DIRS * sizeof *paths);
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < DIRS; i++) {
            snprintf(paths[i], sizeof paths[i], round == 0 ? "/x/dir%d/f" : "/x//dir%d/f", i);
            if (round == 1 && i == 0)
                assert_int_equal(foldcache_flush(fixture->cache), 0);
            add_file(fixture, paths[i], 1, 1, i);
        }
    finish(fixture);
    free(paths);
    assert_int_equal(dirmap_count(fixture->dirs), DIRS);
    expect(fixture, "/x/dir0", 1, 1, 2, 0);
    expect(fixture, "/x/dir9999", 1, 1, 2, 2 * 9999);
    expect(fixture, "/x/dir4096", 1, 1, 2, 2 * 4096);
}

/* More owners in one directory than a batch has room for. */
static void cells_of_many_owners(void **state)
{
    enum { OWNERS = 2000, ROUNDS = 5 };
    struct fixture *fixture = *state;
    for (int round = 0; round < ROUNDS; round++)
        for (uint32_t i = 0; i < OWNERS; i++)
            add_file(fixture, "/a/f", i * 64, 1, 1024);
    add_file(fixture, "/a/f", 0, 1, 0);
    finish(fixture);
    for (uint32_t i = 0; i < OWNERS; i++) {
        const struct histogram owner = unit_histogram(fixture->dirs, i * 64);
        assert_int_equal(owner.bucket[HISTOGRAM_SIZE][1].files, ROUNDS);
        assert_int_equal(owner.bucket[HISTOGRAM_SIZE][1].size, ROUNDS * 1024);
        assert_int_equal(owner.bucket[HISTOGRAM_SIZE][0].files, i == 0);
        /* atime 1000 is 1970: older than 2,555 days */
        assert_int_equal(owner.bucket[HISTOGRAM_ACCESS][9].files, ROUNDS + (i == 0));
        assert_int_equal(owner.bucket[HISTOGRAM_ACCESS][9].size, ROUNDS * 1024);
    }
}

/* Directories have no cells. */
static void directories_are_no_files(void **state)
{
    struct fixture *fixture = *state;
    add_directory(fixture, "/a");
    finish(fixture);
    struct cells_count cells[CELLS];
    for (uint32_t id = DIRMAP_NONE; (id = dirmap_next(fixture->dirs, id, 0, 1)) != DIRMAP_NONE;)
        assert_int_equal(dirmap_cells(fixture->dirs, id, NULL, cells), 0);
}

/* Each entry is judged by the scan date of its own log. */
static void ages_come_with_the_entry(void **state)
{
    struct fixture *fixture = *state;
    struct entry file = {.path = slice_from("/a/f"), .slash = 2, .atime = 0, .uid = 3};
    struct histogram_ages soon;
    histogram_ages_init(&soon, 86400, HISTOGRAM_BY_ATIME); /* 1970-01-02 */
    assert_int_equal(foldcache_add(fixture->cache, &file, &soon), 0);
    assert_int_equal(foldcache_add(fixture->cache, &file, &fixture->ages), 0);
    finish(fixture);
    const struct histogram owner = unit_histogram(fixture->dirs, 3);
    assert_int_equal(owner.bucket[HISTOGRAM_ACCESS][0].files, 1);
    assert_int_equal(owner.bucket[HISTOGRAM_ACCESS][9].files, 1);
}

/* Files of three ages, counted by each time and by the later of both. */
static void ages_by_the_time_that_was_chosen(void **state)
{
    enum { DAY = 86400, OLD = -3000 * DAY };
    static const struct {
        enum histogram_age by;
        uint64_t young;
        uint64_t old;
    } expected[] = {
        {HISTOGRAM_BY_ATIME, 1, 3},
        {HISTOGRAM_BY_MTIME, 2, 2},
        {HISTOGRAM_BY_LATEST, 3, 1},
    };
    static const int64_t times[4][2] = {
        {0, OLD}, {OLD, 0}, {ENTRY_NO_TIME, 0}, {ENTRY_NO_TIME, ENTRY_NO_TIME}};
    struct fixture *fixture = *state;
    for (uint32_t i = 0; i < 3; i++) {
        struct histogram_ages ages;
        histogram_ages_init(&ages, DAY, expected[i].by);
        for (int t = 0; t < 4; t++) {
            struct entry file = {.path = slice_from("/a/f"), .slash = 2, .size = 1, .uid = i};
            file.atime = times[t][0];
            file.mtime = times[t][1];
            assert_int_equal(foldcache_add(fixture->cache, &file, &ages), 0);
        }
    }
    finish(fixture);
    for (uint32_t i = 0; i < 3; i++) {
        const struct histogram owner = unit_histogram(fixture->dirs, i);
        assert_int_equal(owner.bucket[HISTOGRAM_ACCESS][0].files, expected[i].young);
        assert_int_equal(owner.bucket[HISTOGRAM_ACCESS][9].files, expected[i].old);
    }
}

/* A run with files of all ages and sizes, again and again, so that batches end in the middle. */
static void runs_of_all_cells(void **state)
{
    enum { DIRS = 400, DAY = 86400 };
    static const int64_t days[HISTOGRAM_BUCKETS] = {0,   40,   100,  200,  400,
                                                    800, 1100, 1500, 2200, 3000};
    static const int64_t sizes[HISTOGRAM_BUCKETS] = {
        1,        2000,      20000,      200000,      2000000,
        20000000, 200000000, 2000000000, 20000000000, 200000000000};
    struct fixture *fixture = *state;
    char(*paths)[32] = malloc(DIRS * sizeof *paths);
    for (int d = 0; d < DIRS; d++) {
        snprintf(paths[d], sizeof paths[d], "/x/dir%d/f", d);
        for (unsigned i = 0; i < 2 * CELLS; i++) {
            struct entry file = {.path = slice_from(paths[d]), .uid = 1, .gid = 1};
            file.size = sizes[cells_size_bucket(i % CELLS)];
            file.atime = INT64_C(1768089600) - DAY * days[cells_access_bucket(i % CELLS)];
            add(fixture, file);
        }
    }
    finish(fixture);
    free(paths);
    assert_int_equal(dirmap_count(fixture->dirs), DIRS);
    for (uint32_t id = DIRMAP_NONE; (id = dirmap_next(fixture->dirs, id, 0, 1)) != DIRMAP_NONE;) {
        struct cells_count cells[CELLS];
        assert_int_equal(dirmap_cells(fixture->dirs, id, NULL, cells), CELLS);
        for (unsigned i = 0; i < CELLS; i++) {
            assert_int_equal(cells[i].index, i);
            assert_int_equal(cells[i].files, 2);
            assert_int_equal(cells[i].size, 2 * sizes[cells_size_bucket(i)]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(runs_of_files, setup, teardown),
        cmocka_unit_test_setup_teardown(a_directory_line_and_its_files, setup, teardown),
        cmocka_unit_test_setup_teardown(the_root, setup, teardown),
        cmocka_unit_test_setup_teardown(no_root_for_directories_alone, setup, teardown),
        cmocka_unit_test_setup_teardown(a_root_that_is_listed, setup, teardown),
        cmocka_unit_test_setup_teardown(a_root_with_a_file, setup, teardown),
        cmocka_unit_test_setup_teardown(slashes_are_folded, setup, teardown),
        cmocka_unit_test_setup_teardown(a_trailing_slash_is_no_name, setup, teardown),
        cmocka_unit_test_setup_teardown(more_than_a_batch, setup, teardown),
        cmocka_unit_test_setup_teardown(cells_of_many_owners, setup, teardown),
        cmocka_unit_test_setup_teardown(runs_of_all_cells, setup, teardown),
        cmocka_unit_test_setup_teardown(directories_are_no_files, setup, teardown),
        cmocka_unit_test_setup_teardown(ages_come_with_the_entry, setup, teardown),
        cmocka_unit_test_setup_teardown(ages_by_the_time_that_was_chosen, setup, teardown),
    };
    return cmocka_run_group_tests_name("foldcache", tests, NULL, NULL);
}
