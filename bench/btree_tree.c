/* btree_tree: leaves in parallel, the levels above them in one go.
 *
 * The entries are cut into runs of a fixed length, whatever the number of threads, and every run
 * begins a page: at most a page in a few hundred is left partly empty, and the file is the same
 * for any number of threads. Above the leaves there is a cell a page, not a row: less than a
 * hundredth of the work, so one thread does it.
 *
 * A page ends where the next entry does not fit. In a table all entries lie in leaves, and what
 * divides two leaves is a copy of the rowid that ends the first. An index holds each entry once:
 * the entry that did not fit divides the two leaves and lies in the page above. The same goes for
 * the dividers of interior pages, in both kinds. So that no page is left without a cell, the last
 * entry but one becomes a divider too where the last would otherwise be one with nothing behind. */
#include "btree_tree.h"

#include <stdbool.h>

#include "btree_cell.h"
#include "btree_fail.h"
#include "btree_page.h"
#include "btree_rows.h"
#include "mem.h"

/* Some 2 to 4 MB of pages: many more runs than threads, and little left empty at their ends. */
enum { RUN = 1 << 15 };

/* The pages of a level below another: page numbers, and the entries between them. */
struct row_of_pages {
    struct btree_list numbers;
    struct btree_list dividers; /* one fewer */
};

/* A level being laid out from left to right. */
struct level {
    const struct btree_tree *tree;
    const struct row_of_pages *below; /* NULL: these are leaves */
    struct btree_pages *pages;
    struct btree_list *made;     /* indexes of this level's pages */
    struct btree_list *dividers; /* the entries between them */
    struct btree_cell cell;
    struct btree_page page; /* the one being filled */
};

static enum btree_page_kind kind_of(const struct level *level)
{
    bool index = level->tree->order != NULL;
    if (level->below != NULL)
        return index ? BTREE_PAGE_INDEX_INTERIOR : BTREE_PAGE_TABLE_INTERIOR;
    return index ? BTREE_PAGE_INDEX_LEAF : BTREE_PAGE_TABLE_LEAF;
}

static void begin_page(struct level *level)
{
    size_t index = btree_pages_add(level->pages);
    btree_list_add(level->made, index);
    btree_page_begin(&level->page, level->pages, index, kind_of(level), 0);
}

static void begin_level(struct level *level)
{
    btree_cell_init(&level->cell, level->pages->page_size, level->tree->table->longest);
    begin_page(level);
}

static void end_level(struct level *level)
{
    btree_cell_clear(&level->cell);
}

/* The tree's entry: a row of the table, or a path and its rowid. `child` is 0 in a leaf. */
static void put_entry(struct level *level, size_t entry, uint32_t child)
{
    const struct btree_rows_table *table = level->tree->table;
    size_t row = level->tree->order == NULL ? entry : level->tree->order[entry];
    const struct btree_rows_value *values = btree_rows_at(table, row);
    int64_t rowid = table->rowids[row];
    if (level->tree->order != NULL)
        btree_cell_entry(&level->cell, child, values + BTREE_ROWS_PATH, rowid);
    else if (level->below != NULL)
        btree_cell_divider(&level->cell, child, rowid);
    else
        btree_cell_row(&level->cell, rowid, values, table->columns);
}

/* Makes the cell of item `i`: of an entry in a leaf, of a child and its divider above. */
static void put_item(struct level *level, size_t i)
{
    const struct row_of_pages *below = level->below;
    if (below == NULL)
        put_entry(level, i, 0);
    else
        put_entry(level, below->dividers.items[i], (uint32_t)below->numbers.items[i]);
}

/* Whether item `i`, whose cell is made, ends the page and moves up. */
static bool moves_up(struct level *level, size_t i, size_t end)
{
    if (!btree_page_fits(&level->page, level->cell.size))
        return true;
    if (i + 2 != end)
        return false;
    size_t size = level->cell.size;
    put_item(level, i + 1);
    size_t both = size + 2 + level->cell.size;
    put_item(level, i);
    return !btree_page_fits(&level->page, both);
}

/* Lays out items of which those that divide pages move up. A page holds four cells at least, so
 * none ends up empty. */
static void lay_moving(struct level *level, size_t begin, size_t end)
{
    for (size_t i = begin; i < end; i++) {
        put_item(level, i);
        if (!moves_up(level, i, end)) {
            btree_page_add(&level->page, &level->cell);
            continue;
        }
        const struct row_of_pages *below = level->below;
        if (below != NULL)
            btree_page_set_last_child(&level->page, (uint32_t)below->numbers.items[i]);
        btree_list_add(level->dividers, below == NULL ? i : below->dividers.items[i]);
        begin_page(level);
    }
}

/* Lays out rows, which all stay in their leaves. */
static void lay_rows(struct level *level, size_t begin, size_t end)
{
    for (size_t i = begin; i < end; i++) {
        put_item(level, i);
        if (!btree_page_fits(&level->page, level->cell.size)) {
            btree_list_add(level->dividers, i - 1);
            begin_page(level);
        }
        btree_page_add(&level->page, &level->cell);
    }
}

void btree_tree_lay_leaves(const struct btree_tree *tree, struct btree_tree_run *run,
                           struct btree_pages *pages)
{
    struct level level = {
        .tree = tree, .pages = pages, .made = &run->leaves, .dividers = &run->dividers};
    bool last = run->end == tree->table->rows;
    begin_level(&level);
    if (tree->order == NULL)
        lay_rows(&level, run->begin, run->end);
    else
        lay_moving(&level, run->begin, last ? run->end : run->end - 1);
    if (!last)
        btree_list_add(&run->dividers, run->end - 1);
    end_level(&level);
}

void btree_tree_place_leaves(struct btree_tree_run *run, struct btree_pages *pages, size_t first)
{
    btree_pages_place(pages, first);
    for (size_t i = 0; i < run->leaves.count; i++)
        run->leaves.items[i] = btree_pages_number(pages->page_size, first + run->leaves.items[i]);
}

static void add_all(struct btree_list *to, const struct btree_list *from)
{
    for (size_t i = 0; i < from->count; i++)
        btree_list_add(to, from->items[i]);
}

/* Lays out the level above `below`, and puts it in its place. */
static void rise(struct btree_tree *tree, struct row_of_pages *below)
{
    struct row_of_pages above = {0};
    struct level level = {.tree = tree,
                          .below = below,
                          .pages = &tree->interior,
                          .made = &above.numbers,
                          .dividers = &above.dividers};
    begin_level(&level);
    lay_moving(&level, 0, below->dividers.count);
    btree_page_set_last_child(&level.page,
                              (uint32_t)below->numbers.items[below->numbers.count - 1]);
    end_level(&level);
    for (size_t i = 0; i < above.numbers.count; i++)
        above.numbers.items[i] = btree_pages_number(tree->interior.page_size,
                                                    tree->interior_first + above.numbers.items[i]);
    btree_list_clear(&below->numbers);
    btree_list_clear(&below->dividers);
    *below = above;
}

size_t btree_tree_finish(struct btree_tree *tree, size_t first)
{
    struct row_of_pages level = {0};
    for (size_t i = 0; i < tree->run_count; i++) {
        add_all(&level.numbers, &tree->runs[i].leaves);
        add_all(&level.dividers, &tree->runs[i].dividers);
    }
    tree->interior_first = first;
    while (level.numbers.count > 1)
        rise(tree, &level);
    btree_pages_place(&tree->interior, first);
    tree->root = (uint32_t)level.numbers.items[0];
    btree_list_clear(&level.numbers);
    btree_list_clear(&level.dividers);
    return first + tree->interior.count;
}

void btree_tree_init(struct btree_tree *tree, const struct btree_rows_table *table,
                     const size_t *order, size_t page_size)
{
    *tree = (struct btree_tree){.table = table, .order = order};
    tree->run_count = table->rows == 0 ? 1 : (table->rows - 1) / RUN + 1;
    tree->runs = btree_fail_array(tree->run_count, sizeof *tree->runs);
    btree_pages_init(&tree->interior, page_size);
    for (size_t i = 0; i < tree->run_count; i++) {
        struct btree_tree_run *run = &tree->runs[i];
        run->begin = i * RUN;
        run->end = table->rows - run->begin > RUN ? run->begin + RUN : table->rows;
    }
}

void btree_tree_clear(struct btree_tree *tree)
{
    for (size_t i = 0; i < tree->run_count; i++) {
        btree_list_clear(&tree->runs[i].leaves);
        btree_list_clear(&tree->runs[i].dividers);
    }
    mem_free_array(tree->runs, tree->run_count, sizeof *tree->runs);
    btree_pages_clear(&tree->interior);
}
