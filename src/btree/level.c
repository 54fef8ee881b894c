/* level: which row goes into which page.
 *
 * A page ends where the next row does not fit. In a table all rows lie in leaves, and what divides
 * two leaves is a copy of the rowid that ends the first. An index holds each row once: the one that
 * did not fit divides the two leaves and lies in the page above. The same goes for the dividers of
 * interior pages, in both kinds. No page may be left without a cell: where the last row would be a
 * divider with nothing after it, the last but one becomes one instead. */
#include "level.h"

#include <assert.h>
#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "mem.h"
#include "pages.h"

void level_list_dispose(struct level_list *list)
{
    free(list->items);
    *list = (struct level_list){0};
}

int level_list_add(struct level_list *list, struct level_child child)
{
    struct level_child *items =
        mem_grow(list->items, &list->room, list->count, sizeof *list->items);
    if (items == NULL)
        return -1;
    list->items = items;
    items[list->count++] = child;
    return 0;
}

static int fail_memory(struct err *err)
{
    return err_no_memory(err, "b-tree page");
}

static enum page_kind kind_of(const struct level *level)
{
    if (level->below != NULL)
        return level->index ? PAGE_INDEX_INTERIOR : PAGE_TABLE_INTERIOR;
    return level->index ? PAGE_INDEX_LEAF : PAGE_TABLE_LEAF;
}

static int begin_page(struct level *level, struct err *err)
{
    if (level->before_page != NULL && level->before_page(level->before_page_context, err) != 0)
        return -1;
    if (page_begin(&level->page, level->pages, kind_of(level)) != 0 ||
        level_list_add(level->made, (struct level_child){0, (uint32_t)level->page.index}) != 0)
        return fail_memory(err);
    return 0;
}

/* Ends the page, and says what divides it from the next one. */
static void end_page(struct level *level, int64_t key)
{
    page_end(&level->page);
    level->made->items[level->made->count - 1].key = key;
}

/* Puts row `row` into the cell. */
static int put_row(struct level *level, size_t row, struct err *err)
{
    if (level->put(level->context, row, level->cell) != 0)
        return err_set(err, "b-tree: row %zu cannot be had", row);
    assert(level->cell->kind == (level->index ? CELL_ENTRY : CELL_ROW));
    if (cell_finish(level->cell) != 0)
        return err_set(err, "b-tree: row %zu: %s", row,
                       level->cell->flaw == CELL_NO_MEMORY ? "out of memory"
                                                           : "longer than SQLite allows");
    return 0;
}

int level_measure(size_t *bytes, struct level *level, size_t row, struct err *err)
{
    if (put_row(level, row, err) != 0)
        return -1;
    *bytes = level->cell->prefix + level->cell->payload;
    return 0;
}

/* Makes the cell of item `i`: of a row in a leaf, of what divides child `i` from the next one in an
 * interior page. */
static int put_item(struct level *level, size_t i, struct err *err)
{
    if (level->below == NULL)
        return put_row(level, i, err);
    if (level->index)
        return put_row(level, (size_t)level->below->items[i].key, err);
    cell_divider(level->cell, level->below->items[i].key);
    return 0;
}

/* Writes the number of child `i` at byte `offset` of the page. */
static int put_child(struct level *level, size_t offset, size_t i, struct err *err)
{
    uint32_t child = level->below->items[i].page;
    if (level->below_numbered) {
        uint32_t big_endian = htobe32(child);
        memcpy(level->page.bytes + offset, &big_endian, sizeof big_endian);
        return 0;
    }
    return pages_link(level->pages, level->page.index, offset, child) == 0 ? 0 : fail_memory(err);
}

/* Adds item `i`, whose cell is made, to the page. */
static int add_item(struct level *level, size_t i, struct err *err)
{
    if (page_add(&level->page, level->cell) != 0)
        return fail_memory(err);
    return level->below == NULL ? 0 : put_child(level, level->page.content, i, err);
}

/* Decides whether item `i`, whose cell is made, ends the page and moves up. */
static int decide(struct level *level, size_t i, size_t end, bool *moves_up, struct err *err)
{
    size_t size = page_cell_size(&level->page, level->cell);
    *moves_up = !page_fits(&level->page, size);
    if (*moves_up || i + 2 != end)
        return 0;
    if (put_item(level, i + 1, err) != 0)
        return -1;
    *moves_up = !page_fits(&level->page, size + page_cell_size(&level->page, level->cell));
    return put_item(level, i, err);
}

/* Lays out items of which those that divide pages move up. A page takes three cells, so none ends
 * up empty. */
static int lay_moving(struct level *level, size_t begin, size_t end, struct err *err)
{
    for (size_t i = begin; i < end; i++) {
        bool moves_up;
        if (put_item(level, i, err) != 0 || decide(level, i, end, &moves_up, err) != 0)
            return -1;
        if (!moves_up) {
            if (add_item(level, i, err) != 0)
                return -1;
            continue;
        }
        if (level->below != NULL && put_child(level, PAGE_LAST_CHILD, i, err) != 0)
            return -1;
        end_page(level, level->below == NULL ? (int64_t)i : level->below->items[i].key);
        if (begin_page(level, err) != 0)
            return -1;
    }
    return 0;
}

/* Lays out rows, which all stay in their leaves. */
static int lay_rows(struct level *level, size_t begin, size_t end, struct err *err)
{
    int64_t last = 0;
    for (size_t i = begin; i < end; i++) {
        if (put_row(level, i, err) != 0)
            return -1;
        if (!page_fits(&level->page, page_cell_size(&level->page, level->cell))) {
            end_page(level, last);
            if (begin_page(level, err) != 0)
                return -1;
        }
        assert(i == begin || last < level->cell->rowid);
        last = level->cell->rowid;
        if (page_add(&level->page, level->cell) != 0)
            return fail_memory(err);
    }
    end_page(level, last);
    return 0;
}

int level_lay_leaves(struct level *level, size_t begin, size_t end, bool divided, struct err *err)
{
    assert(level->below == NULL && (!divided || end - begin >= 2));
    if (begin_page(level, err) != 0)
        return -1;
    if (!level->index)
        return lay_rows(level, begin, end, err);
    size_t until = divided ? end - 1 : end;
    if (lay_moving(level, begin, until, err) != 0)
        return -1;
    end_page(level, (int64_t)until);
    return 0;
}

int level_lay_interior(struct level *level, struct err *err)
{
    size_t last = level->below->count - 1;
    assert(last >= 1);
    if (begin_page(level, err) != 0 || lay_moving(level, 0, last, err) != 0)
        return -1;
    page_end(&level->page);
    return put_child(level, PAGE_LAST_CHILD, last, err);
}
