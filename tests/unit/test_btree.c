/* btree: the same file for any number of threads; what happens when a row, a write or the numbers
 * of pages fail, and on cancel; a file that grows across the lock-byte page. */
#include "btree.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "btree_fixture.h"
#include "pages.h"
#include "unit_support.h"

enum { LONG = 100000 };

/* Rows by a rule: their texts are short but for one in `rare`. */
struct rows {
    size_t rare;            /* 0: none is long */
    size_t failing;         /* this row cannot be put; SIZE_MAX: all can */
    atomic_bool *cancelled; /* set when row `cancelling` is put */
    size_t cancelling;
};

static char filling[LONG];

static struct slice text_of(const struct rows *rows, size_t row)
{
    size_t len = row * row % 60;
    if (rows->rare != 0 && row % rows->rare == rows->rare - 1)
        len = row * 7919 % LONG;
    return (struct slice){filling, len};
}

static int put_row(const void *context, size_t row, struct cell *cell)
{
    const struct rows *rows = context;
    if (row == rows->failing)
        return -1;
    if (rows->cancelled != NULL && row == rows->cancelling)
        atomic_store(rows->cancelled, true);
    cell_begin_row(cell, (int64_t)row + 1);
    cell_null(cell);
    cell_text(cell, text_of(rows, row));
    cell_integer(cell, (int64_t)(row * row));
    return 0;
}

static int put_key(const void *context, size_t row, struct cell *cell)
{
    const struct rows *rows = context;
    if (row == rows->failing)
        return -1;
    cell_begin_entry(cell);
    cell_integer(cell, (int64_t)row);
    cell_text(cell, text_of(rows, row));
    return 0;
}

static const struct rows plain = {.failing = SIZE_MAX};
static const struct rows rare = {.rare = 50, .failing = SIZE_MAX};
static const char schema[] = "CREATE TABLE a(id INTEGER PRIMARY KEY, text, n);"
                             "CREATE TABLE b(key INTEGER PRIMARY KEY, text) WITHOUT ROWID;"
                             "CREATE TABLE c(id INTEGER PRIMARY KEY, text, n);"
                             "CREATE TABLE d(key INTEGER PRIMARY KEY, text) WITHOUT ROWID;"
                             "CREATE TABLE e(id INTEGER PRIMARY KEY, text, n);";

enum { TREES = 5 };

static void make_trees(struct btree trees[TREES], const struct rows *rows)
{
    trees[0] = (struct btree){BTREE_TABLE, 20000, put_row, rows, 2, 0};
    trees[1] = (struct btree){BTREE_INDEX, 15000, put_key, rows, 3, 0};
    trees[2] = (struct btree){BTREE_TABLE, 0, put_row, rows, 4, 0};
    trees[3] = (struct btree){BTREE_INDEX, 1, put_key, rows, 5, 0};
    trees[4] = (struct btree){BTREE_TABLE, 3000, put_row, rows, 6, 0};
}

static struct btree_file small_runs(unsigned threads)
{
    /* Some tens of runs; with long rows, a run is several times as large as it should be. */
    return (struct btree_file){.page_size = 4096, .threads = threads, .run_bytes = 20000};
}

static void the_file_is_the_same_for_any_threads(void **state)
{
    (void)state;
    static const unsigned threads[] = {1, 2, 7};
    static const struct rows *const kinds[] = {&plain, &rare};
    for (size_t k = 0; k < 2; k++) {
        struct btree trees[TREES];
        make_trees(trees, kinds[k]);
        char *first = NULL;
        size_t first_len = 0;
        for (size_t t = 0; t < 3; t++) {
            size_t len;
            btree_fixture_create("same.db", 4096, schema);
            btree_fixture_write("same.db", trees, TREES, small_runs(threads[t]));
            char *bytes = unit_support_read("same.db", &len);
            if (t == 0) {
                first = bytes;
                first_len = len;
                continue;
            }
            assert_int_equal(len, first_len);
            assert_memory_equal(bytes, first, len);
            free(bytes);
        }
        free(first);
        sqlite3 *db = btree_fixture_open("same.db");
        btree_fixture_check(db);
        assert_int_equal(btree_fixture_number(db, "SELECT count(*) FROM a"), 20000);
        assert_int_equal(btree_fixture_number(db, "SELECT sum(key) FROM b"), 15000 * 14999 / 2);
        assert_int_equal(btree_fixture_number(db, "SELECT count(*) FROM c"), 0);
        assert_int_equal(btree_fixture_number(db, "SELECT count(*) FROM d"), 1);
        assert_int_equal(btree_fixture_number(db, "SELECT n FROM e WHERE id = 3000"), 2999 * 2999);
        sqlite3_close(db);
    }
}

/* A sink that counts, keeps nothing, and may fail. */
struct count {
    atomic_size_t writes;
    atomic_ullong bytes;
    size_t failing; /* this write fails; SIZE_MAX: none */
};

static int count_write(void *context, const void *bytes, size_t len, uint64_t offset,
                       struct err *err)
{
    (void)bytes;
    (void)offset;
    struct count *count = context;
    atomic_fetch_add(&count->bytes, len);
    if (atomic_fetch_add(&count->writes, 1) == count->failing)
        return err_set(err, "the disk is full");
    return 0;
}

static void a_write_that_fails(void **state)
{
    (void)state;
    for (unsigned threads = 1; threads <= 4; threads += threads) {
        size_t writes = SIZE_MAX;
        for (size_t failing = 0; failing < writes; failing += 71) {
            struct btree trees[TREES];
            make_trees(trees, &rare);
            if (writes == SIZE_MAX)
                failing = SIZE_MAX; /* at first, to know how many there are */
            struct count count = {.failing = failing};
            struct btree_file file = small_runs(threads);
            file.first_page = 7;
            file.sink = (struct pagesink){&count, count_write};
            struct err err = {0};
            uint32_t end_page = 0;
            int status = btree_write(&end_page, trees, TREES, &file, &err);
            if (failing == SIZE_MAX) {
                assert_int_equal(status, 0);
                assert_int_equal(atomic_load(&count.bytes), 4096 * (size_t)(end_page - 1));
                writes = atomic_load(&count.writes);
                failing = (size_t)-71;
                continue;
            }
            assert_int_equal(status, -1);
            assert_string_equal(err.text, "the disk is full");
        }
    }
}

static void a_row_that_cannot_be_put(void **state)
{
    (void)state;
    for (unsigned threads = 1; threads <= 4; threads += threads) {
        for (size_t failing = 0; failing < 20000; failing = failing * 6 + 1) {
            struct rows rows = {.rare = 50, .failing = failing};
            struct btree trees[TREES];
            make_trees(trees, &rows);
            struct count count = {.failing = SIZE_MAX};
            struct btree_file file = small_runs(threads);
            file.first_page = 7;
            file.sink = (struct pagesink){&count, count_write};
            struct err err = {0};
            uint32_t end_page = 0;
            assert_int_equal(btree_write(&end_page, trees, TREES, &file, &err), -1);
            assert_non_null(strstr(err.text, "row "));
        }
    }
}

static void cancel_ends_it(void **state)
{
    (void)state;
    for (unsigned threads = 1; threads <= 4; threads += threads) {
        for (size_t row = 0; row < 20000; row = row * 12 + 3) {
            atomic_bool cancelled = row == 0;
            struct rows rows = {.failing = SIZE_MAX, .cancelled = &cancelled, .cancelling = row};
            struct btree trees[TREES];
            make_trees(trees, &rows);
            struct count count = {.failing = SIZE_MAX};
            struct btree_file file = small_runs(threads);
            file.first_page = 7;
            file.sink = (struct pagesink){&count, count_write};
            file.cancelled = &cancelled;
            struct err err = {0};
            uint32_t end_page = 0;
            assert_int_equal(btree_write(&end_page, trees, TREES, &file, &err), -1);
            assert_string_equal(err.text, "interrupted");
        }
    }
}

static void no_trees_and_trees_of_one_page(void **state)
{
    (void)state;
    struct btree trees[TREES];
    make_trees(trees, &plain);
    struct count count = {.failing = SIZE_MAX};
    struct btree_file file = small_runs(3);
    file.first_page = 7;
    file.sink = (struct pagesink){&count, count_write};
    struct err err = {0};
    uint32_t end_page = 0;
    assert_int_equal(btree_write(&end_page, NULL, 0, &file, &err), 0);
    assert_int_equal(end_page, 6);
    assert_int_equal(btree_write(&end_page, trees + 2, 2, &file, &err), 0);
    assert_int_equal(end_page, 6);
    assert_int_equal(atomic_load(&count.bytes), 2 * 4096);
}

/* The file ends before the page that holds byte 2^30, at it and after it. What is before the trees
 * is a hole. */
static void trees_grow_across_the_lock_page(void **state)
{
    (void)state;
    static const size_t sizes[] = {4096, 65536};
    for (size_t s = 0; s < 2; s++) {
        for (size_t before = 0; before < 4; before++) {
            size_t page_size = sizes[s];
            off_t lock = (off_t)1 << 30;
            struct btree trees[TREES];
            make_trees(trees, before % 2 == 0 ? &plain : &rare);
            btree_fixture_create("lock.db", page_size, schema);
            /* The first number that is free: that of the lock page, or a few before. */
            assert_int_equal(truncate("lock.db", lock - (off_t)(before * page_size)), 0);
            struct btree_file file = small_runs(1 + (unsigned)before);
            file.page_size = page_size;
            btree_fixture_write("lock.db", trees, TREES, file);

            char byte[1];
            int fd = open("lock.db", O_RDONLY | O_CLOEXEC);
            assert_int_equal(lseek(fd, 0, SEEK_END) > lock, 1);
            for (size_t i = 0; i < page_size; i += 16) {
                assert_int_equal(pread(fd, byte, 1, lock + (off_t)i), 1);
                assert_int_equal(byte[0], 0);
            }
            close(fd);
            sqlite3 *db = btree_fixture_open("lock.db");
            assert_int_equal(btree_fixture_number(db, "SELECT count(*) FROM a"), 20000);
            assert_int_equal(btree_fixture_number(db, "SELECT sum(key) FROM b"), 15000 * 14999 / 2);
            int64_t bytes = 0;
            for (size_t i = 0; i < 20000; i++)
                bytes += (int64_t)text_of(trees[0].context, i).len;
            assert_int_equal(btree_fixture_number(db, "SELECT sum(length(text)) FROM a"), bytes);
            sqlite3_close(db);
        }
    }
}

/* SQLite has no page 2^32 - 1. */
static void numbers_end(void **state)
{
    (void)state;
    struct btree trees[TREES];
    make_trees(trees, &rare);
    struct count count = {.failing = SIZE_MAX};
    struct btree_file file = small_runs(2);
    file.first_page = 7;
    file.sink = (struct pagesink){&count, count_write};
    struct err err = {0};
    uint32_t end_page = 0;
    assert_int_equal(btree_write(&end_page, trees, TREES, &file, &err), 0);
    uint32_t pages = end_page - 6;
    file.first_page = PAGES_NUMBER_MOST - pages + 1;
    assert_int_equal(btree_write(&end_page, trees, TREES, &file, &err), 0);
    assert_int_equal(end_page, PAGES_NUMBER_MOST);
    for (uint32_t more = 1; more <= pages; more = more * 2 + 1) {
        err = (struct err){0};
        file.first_page = PAGES_NUMBER_MOST - pages + 1 + more;
        assert_int_equal(btree_write(&end_page, trees, TREES, &file, &err), -1);
        assert_non_null(strstr(err.text, "more than 4294967294 pages"));
    }
}

int main(void)
{
    memset(filling, 'x', sizeof filling);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_file_is_the_same_for_any_threads, unit_support_enter,
                                        unit_support_leave),
        cmocka_unit_test(a_write_that_fails),
        cmocka_unit_test(a_row_that_cannot_be_put),
        cmocka_unit_test(cancel_ends_it),
        cmocka_unit_test(no_trees_and_trees_of_one_page),
        cmocka_unit_test_setup_teardown(trees_grow_across_the_lock_page, unit_support_enter,
                                        unit_support_leave),
        cmocka_unit_test(numbers_end),
    };
    return cmocka_run_group_tests_name("btree", tests, NULL, NULL);
}
