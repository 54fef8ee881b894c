/* btree_head: what SQLite reads first (https://www.sqlite.org/fileformat2.html, sections 1.3, 2.6).
 *
 * The rows of sqlite_schema are in the first page, after the header. Where pages are so small
 * that they do not fit, each gets a leaf of its own, and the first page refers to the leaves. They
 * are made last, when the roots of the tables are known, and stand last in the file, but for the
 * first page. One thread. */
#include "btree_head.h"

#include <endian.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <string.h>

#include "btree_cell.h"
#include "btree_page.h"
#include "btree_pages.h"
#include "btree_rows.h"

/* Fields of the header, by their offsets, and what they hold where that is fixed. */
enum {
    HEADER = 100,
    PAGE_SIZE = 16,
    WRITE_VERSION = 18, /* 1: rollback journal */
    READ_VERSION = 19,
    MOST_PAYLOAD = 21, /* 64, 32, 32: "must be" */
    LEAST_PAYLOAD = 22,
    LEAF_PAYLOAD = 23,
    CHANGES = 24, /* 1, and the same in VALID_FOR: the page count below is to be believed */
    PAGES = 28,
    SCHEMA_COOKIE = 40,
    SCHEMA_FORMAT = 44, /* 4: types 8 and 9 may occur */
    ENCODING = 56,      /* 1: UTF-8 */
    USER_VERSION = 60,
    APPLICATION_ID = 68,
    VALID_FOR = 92,
    LIBRARY = 96, /* SQLite's version number: the one that we follow */
};

enum { COLUMNS = 5 };

static void put_32(char *to, uint32_t value)
{
    uint32_t big_endian = htobe32(value);
    memcpy(to, &big_endian, sizeof big_endian);
}

static void put_header(char *page, size_t page_size, const struct btree_rows *rows, uint32_t pages)
{
    memcpy(page, "SQLite format 3", 16);
    page[PAGE_SIZE] = (char)(page_size >> 8);
    page[PAGE_SIZE + 1] = (char)(page_size >> 16); /* 65536 is written as 1 */
    page[WRITE_VERSION] = 1;
    page[READ_VERSION] = 1;
    page[MOST_PAYLOAD] = 64;
    page[LEAST_PAYLOAD] = 32;
    page[LEAF_PAYLOAD] = 32;
    put_32(page + CHANGES, 1);
    put_32(page + PAGES, pages);
    put_32(page + SCHEMA_COOKIE, 1);
    put_32(page + SCHEMA_FORMAT, 4);
    put_32(page + ENCODING, 1);
    put_32(page + USER_VERSION, rows->user_version);
    put_32(page + APPLICATION_ID, rows->application_id);
    put_32(page + VALID_FOR, 1);
    put_32(page + LIBRARY, (uint32_t)sqlite3_libversion_number());
}

/* Makes the cell of a row of sqlite_schema. */
static void put_row(struct btree_cell *cell, const struct btree_rows_table *schema, size_t row,
                    uint32_t root)
{
    struct btree_rows_value values[COLUMNS];
    memcpy(values, btree_rows_at(schema, row), sizeof values);
    values[BTREE_ROWS_ROOTPAGE].integer = root;
    btree_cell_row(cell, schema->rowids[row], values, COLUMNS);
}

static bool all_fit(const struct btree_rows_table *schema, const uint32_t *roots,
                    const struct btree_page *page, struct btree_cell *cell)
{
    size_t sum = 0;
    for (size_t i = 0; i < schema->rows; i++) {
        put_row(cell, schema, i, roots[i]);
        sum += cell->size + (i == 0 ? 0 : 2);
    }
    return btree_page_fits(page, sum);
}

/* Puts all rows on the first page, if they fit. */
static bool put_together(struct btree_pages *pages, const struct btree_rows_table *schema,
                         const uint32_t *roots, struct btree_cell *cell)
{
    struct btree_page page;
    btree_page_begin(&page, pages, 0, BTREE_PAGE_TABLE_LEAF, HEADER);
    if (!all_fit(schema, roots, &page, cell))
        return false;
    for (size_t i = 0; i < schema->rows; i++) {
        put_row(cell, schema, i, roots[i]);
        btree_page_add(&page, cell);
    }
    return true;
}

/* Puts every row in a leaf of its own; the first page refers to the leaves. Page 0 of `pages` would
 * stand at `first`, if it were not the file's first page. */
static void put_apart(struct btree_pages *pages, const struct btree_rows_table *schema,
                      const uint32_t *roots, size_t first, struct btree_cell *cell)
{
    struct btree_page page;
    btree_page_begin(&page, pages, 0, BTREE_PAGE_TABLE_INTERIOR, HEADER);
    for (size_t i = 0; i < schema->rows; i++) {
        struct btree_page leaf;
        size_t index = btree_pages_add(pages);
        uint32_t number = btree_pages_number(pages->page_size, first + index);
        btree_page_begin(&leaf, pages, index, BTREE_PAGE_TABLE_LEAF, 0);
        put_row(cell, schema, i, roots[i]);
        btree_page_add(&leaf, cell);
        btree_cell_divider(cell, number, schema->rowids[i]);
        if (i + 1 < schema->rows)
            btree_page_add(&page, cell);
        else
            btree_page_set_last_child(&page, number);
    }
}

size_t btree_head_build(struct btree_pages *pages, const struct btree_rows *rows,
                        const uint32_t *roots, size_t next)
{
    const struct btree_rows_table *schema = &rows->schema;
    size_t first = next - 1;
    struct btree_cell cell;
    btree_cell_init(&cell, pages->page_size, schema->longest);
    btree_pages_add(pages);
    if (!put_together(pages, schema, roots, &cell))
        put_apart(pages, schema, roots, first, &cell);
    btree_cell_clear(&cell);
    btree_pages_place(pages, first);
    size_t end = first + pages->count;
    put_header(btree_pages_at(pages, 0), pages->page_size, rows,
               btree_pages_number(pages->page_size, end - 1));
    return end;
}
