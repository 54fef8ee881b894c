/* level: every row lies in a leaf or divides two of them, once, in order; no page without a cell;
 * the levels above find their children. Rows are counted in the pages themselves, by a reader of
 * the test's own. */
#include "level.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "err.h"
#include "pages.h"

enum { SIZE = 4096 };

/* Rows whose cells are of a size in [least, least + spread], by a simple rule. */
struct rows {
    size_t least;
    size_t spread;
    size_t failing; /* this row cannot be put; SIZE_MAX: all can */
    bool index;
};

static int put(const void *context, size_t row, struct cell *cell)
{
    static const char text[8000];
    const struct rows *rows = context;
    if (row == rows->failing)
        return -1;
    if (rows->index)
        cell_begin_entry(cell);
    else
        cell_begin_row(cell, (int64_t)row * 10);
    cell_integer(cell, INT64_C(0x100000000000) + (int64_t)row); /* six bytes, easy to find */
    cell_text(cell, (struct slice){text, rows->least + row * row % (rows->spread + 1)});
    return 0;
}

static size_t get_16(const uint8_t *from)
{
    return (size_t)from[0] << 8 | from[1];
}

static uint32_t get_32(const uint8_t *from)
{
    return (uint32_t)get_16(from) << 16 | (uint32_t)get_16(from + 2);
}

static const uint8_t *skip_varint(const uint8_t *from)
{
    while (*from++ & 0x80)
        ;
    return from;
}

/* The row in a cell with a record. */
static size_t row_of(const uint8_t *cell, bool index, bool leaf)
{
    const uint8_t *record = skip_varint(leaf ? cell : cell + 4);
    record = index ? record : skip_varint(record);
    return get_32(record + record[0] + 2); /* the last four of the six bytes */
}

/* A walk through the pages, in the order of the rows. */
struct walk {
    const struct pages *pages;
    bool index;
    size_t next; /* the row to come */
    size_t cells;
};

static void visit(struct walk *walk, uint32_t index)
{
    const uint8_t *page = pages_at(walk->pages, index);
    bool leaf = page[0] == 10 || page[0] == 13;
    assert_int_equal(page[0] == 10 || page[0] == 2, walk->index);
    size_t count = get_16(page + 3);
    assert_true(count > 0);
    for (size_t i = 0; i < count; i++) {
        const uint8_t *cell = page + get_16(page + (leaf ? 8 : 12) + 2 * i);
        if (!leaf)
            visit(walk, get_32(cell));
        if (leaf || walk->index)
            assert_int_equal(row_of(cell, walk->index, leaf), walk->next++);
        else /* the largest rowid of the child */
            assert_int_equal(skip_varint(cell + 4) - cell, walk->next * 10 - 10 < 128     ? 5
                                                           : walk->next * 10 - 10 < 16384 ? 6
                                                                                          : 7);
        walk->cells++;
    }
    if (!leaf)
        visit(walk, get_32(page + 8));
}

struct fixture {
    struct rows rows;
    struct pages pages;
    struct cell cell;
    struct level_list made[2];
    struct level level;
};

static void set_up(struct fixture *f, bool index, size_t least, size_t spread)
{
    *f = (struct fixture){.rows = {least, spread, SIZE_MAX, index}};
    pages_init(&f->pages, SIZE);
    assert_int_equal(cell_init(&f->cell), 0);
    f->level = (struct level){.index = index,
                              .put = put,
                              .context = &f->rows,
                              .pages = &f->pages,
                              .cell = &f->cell,
                              .made = &f->made[0]};
}

static void tear_down(struct fixture *f)
{
    level_list_dispose(&f->made[0]);
    level_list_dispose(&f->made[1]);
    cell_dispose(&f->cell);
    pages_dispose(&f->pages);
}

/* Lays out all levels; returns the root. */
static uint32_t lay_all(struct fixture *f, size_t rows)
{
    struct err err = {0};
    assert_int_equal(level_lay_leaves(&f->level, 0, rows, false, &err), 0);
    for (size_t i = 1; f->level.made->count > 1; i ^= 1) {
        f->level.below = f->level.made;
        f->level.made = &f->made[i];
        f->made[i].count = 0;
        assert_int_equal(level_lay_interior(&f->level, &err), 0);
    }
    /* Links are indexes still, which serves the walk: all are within these pages. */
    return f->level.made->items[0].page;
}

/* Any number of rows, few and many to a page, so that every count of rows in the last page comes.
 */
static void every_row_is_there_once(void **state)
{
    (void)state;
    static const size_t sizes[][2] = {{0, 0}, {0, 30}, {700, 0}, {700, 280}, {980, 0}, {985, 3}};
    for (size_t s = 0; s < 2 * (sizeof sizes / sizeof sizes[0]); s++) {
        bool long_rows = sizes[s / 2][0] >= 100;
        size_t most = long_rows ? 80 : 1500;
        for (size_t rows = 1; rows < most; rows += long_rows ? 1 : 13) {
            struct fixture f;
            set_up(&f, s % 2 == 0, sizes[s / 2][0], sizes[s / 2][1]);
            struct walk walk = {.pages = &f.pages, .index = f.level.index};
            visit(&walk, lay_all(&f, rows));
            assert_int_equal(walk.next, rows);
            tear_down(&f);
        }
    }
}

static void no_rows_are_an_empty_page(void **state)
{
    (void)state;
    for (int index = 0; index < 2; index++) {
        struct fixture f;
        set_up(&f, index != 0, 10, 0);
        assert_int_equal(lay_all(&f, 0), 0);
        assert_int_equal(f.pages.count, 1);
        assert_int_equal(get_16(pages_at(&f.pages, 0) + 3), 0);
        tear_down(&f);
    }
}

/* A run that another one follows: the last row of an index is in no leaf, but divides. */
static void runs_end_with_what_divides_them(void **state)
{
    (void)state;
    for (size_t rows = 2; rows < 60; rows++) {
        struct fixture f;
        struct err err = {0};
        set_up(&f, true, 700, 200);
        assert_int_equal(level_lay_leaves(&f.level, 100, 100 + rows, true, &err), 0);
        struct walk walk = {.pages = &f.pages, .index = true, .next = 100};
        for (size_t i = 0; i < f.made[0].count; i++) {
            visit(&walk, f.made[0].items[i].page);
            assert_int_equal(f.made[0].items[i].key, walk.next++);
        }
        assert_int_equal(walk.next, 100 + rows);
        tear_down(&f);

        set_up(&f, false, 700, 200);
        assert_int_equal(level_lay_leaves(&f.level, 100, 100 + rows, true, &err), 0);
        walk = (struct walk){.pages = &f.pages, .next = 100};
        for (size_t i = 0; i < f.made[0].count; i++) {
            visit(&walk, f.made[0].items[i].page);
            assert_int_equal(f.made[0].items[i].key, walk.next * 10 - 10);
        }
        assert_int_equal(walk.next, 100 + rows);
        tear_down(&f);
    }
}

static int refuse(void *context, struct err *err)
{
    size_t *left = context;
    return (*left)-- == 0 ? err_set(err, "no more") : 0;
}

static void failures_end_the_level(void **state)
{
    (void)state;
    for (size_t failing = 0; failing < 40; failing++) {
        struct fixture f;
        struct err err = {0};
        set_up(&f, failing % 2 == 0, 700, 100);
        f.rows.failing = failing;
        assert_int_equal(level_lay_leaves(&f.level, 0, 40, false, &err), -1);
        assert_non_null(strstr(err.text, "row"));
        tear_down(&f);
    }
    for (size_t pages = 0; pages < 5; pages++) {
        struct fixture f;
        struct err err = {0};
        size_t left = pages;
        set_up(&f, pages % 2 == 0, 700, 100);
        f.level.before_page = refuse;
        f.level.before_page_context = &left;
        assert_int_equal(level_lay_leaves(&f.level, 0, 40, false, &err), -1);
        assert_string_equal(err.text, "no more");
        assert_int_equal(f.pages.count, pages);
        tear_down(&f);
    }
}

static void a_row_is_measured(void **state)
{
    (void)state;
    struct fixture f;
    struct err err = {0};
    size_t bytes = 0;
    set_up(&f, true, 100, 0);
    assert_int_equal(level_measure(&bytes, &f.level, 3, &err), 0);
    assert_in_range(bytes, 106, 120);
    f.rows.failing = 3;
    assert_int_equal(level_measure(&bytes, &f.level, 3, &err), -1);
    tear_down(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_is_there_once),
        cmocka_unit_test(no_rows_are_an_empty_page),
        cmocka_unit_test(runs_end_with_what_divides_them),
        cmocka_unit_test(failures_end_the_level),
        cmocka_unit_test(a_row_is_measured),
    };
    return cmocka_run_group_tests_name("level", tests, NULL, NULL);
}
