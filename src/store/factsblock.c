/* factsblock: rows are gathered column by column, then each column is packed.
 *
 * Recursive figures are stored beside the own ones, although preorder sums would give them: a
 * filter or a sort then needs one column of the block at hand and nothing of the blocks after
 * it. */
#include "factsblock.h"

#include <assert.h>
#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "columns.h"
#include "factslayout.h"
#include "mem.h"
#include "ownerpairs.h"
#include "pathname.h"
#include "rows.h"

/* Values of one column that grow. */
struct list {
    int64_t *items;
    size_t count;
    size_t room;
};

struct factsblock {
    struct list columns[FACTS_COLUMNS];
    struct rows_shares shares;
    char *names;
    size_t names_len;
    size_t names_room;
    uint8_t *bytes;
    size_t bytes_room;
    bool no_memory; /* a list could not grow */
};

struct factsblock *factsblock_new(void)
{
    return calloc(1, sizeof(struct factsblock));
}

void factsblock_free(struct factsblock *block)
{
    if (block == NULL)
        return;
    for (size_t i = 0; i < FACTS_COLUMNS; i++)
        free(block->columns[i].items);
    rows_shares_dispose(&block->shares);
    free(block->names);
    free(block->bytes);
    free(block);
}

size_t factsblock_count(const struct rows *rows)
{
    return (rows->dirs + FACTS_BLOCK - 1) / FACTS_BLOCK;
}

static int grow(struct list *list)
{
    int64_t *items = mem_grow(list->items, &list->room, list->count, sizeof *items);
    if (items == NULL)
        return -1;
    list->items = items;
    return 0;
}

static void add(struct factsblock *block, enum facts_column column, int64_t value)
{
    struct list *list = &block->columns[column];
    if (list->count == list->room && grow(list) != 0)
        block->no_memory = true;
    else
        list->items[list->count++] = value;
}

static void add_sum(struct factsblock *block, enum facts_column column, uint64_t sum)
{
    add(block, column, columns_sum(sum));
}

/* An instant or an owner: both mark what is not there by the least integer, as a column does. */
static void add_known(struct factsblock *block, enum facts_column column, int64_t value)
{
    _Static_assert(ENTRY_NO_TIME == FACTS_NULL && ROWS_SEVERAL == FACTS_NULL, "one mark for all");
    add(block, column, value);
}

static void add_name(struct factsblock *block, struct slice name)
{
    if (block->names_room - block->names_len <= name.len) {
        size_t room = 2 * (block->names_room + name.len + 1);
        char *longer = realloc(block->names, room);
        if (longer == NULL) {
            block->no_memory = true;
            return;
        }
        block->names = longer;
        block->names_room = room;
    }
    memcpy(block->names + block->names_len, name.ptr, name.len);
    block->names[block->names_len + name.len] = '\0';
    block->names_len += name.len + 1;
}

static void add_directory(struct factsblock *block, const struct rows_dir *dir, size_t shares)
{
    add(block, FACTS_DEPTH, dir->depth);
    add(block, FACTS_PARENT, dir->parent_id == 0 ? FACTS_NULL : dir->id - dir->parent_id);
    add_sum(block, FACTS_DIRS_R, dir->subtree_dirs);
    add_sum(block, FACTS_DIRS_NR, dir->own_dirs);
    add_sum(block, FACTS_FILES_R, dir->subtree.files);
    add_sum(block, FACTS_FILES_NR, dir->own.files);
    add_sum(block, FACTS_SIZE_R, dir->subtree.size);
    add_sum(block, FACTS_SIZE_NR, dir->own.size);
    add_sum(block, FACTS_ALLOC_R, dir->subtree.alloc);
    add_sum(block, FACTS_ALLOC_NR, dir->own.alloc);
    add_known(block, FACTS_ATIME_R, dir->subtree.max_atime);
    add_known(block, FACTS_ATIME_NR, dir->own.max_atime);
    add_known(block, FACTS_MTIME_R, dir->subtree.max_mtime);
    add_known(block, FACTS_MTIME_NR, dir->own.max_mtime);
    add_known(block, FACTS_OWNER, dir->uid);
    add_known(block, FACTS_GROUP, dir->gid);
    add(block, FACTS_SHARES, (int64_t)shares);
    add_name(block, pathname_last(dir->path));
}

static int gather_directory(struct factsblock *block, const struct rows *rows, size_t i)
{
    struct rows_shares *shares = &block->shares;
    struct rows_dir dir;
    size_t before = shares->count;
    rows->dir(rows->state, i, &dir);
    if (rows->shares(rows->state, i, shares) != 0)
        return -1;
    add_directory(block, &dir, shares->count - before);
    for (size_t s = before; s < shares->count; s++) {
        const struct rows_usage *usage = &shares->items[s].usage;
        add(block, FACTS_SHARE_PAIR, (int64_t)ownerpairs_find(rows->pairs, usage->uid, usage->gid));
        add(block, FACTS_SHARE_CELLS, (int64_t)shares->items[s].cells);
        if (shares->count - before < 2)
            continue;
        add_sum(block, FACTS_SEVERAL_FILES, usage->stat.files);
        add_sum(block, FACTS_SEVERAL_SIZE, usage->stat.size);
        add_sum(block, FACTS_SEVERAL_ALLOC, usage->stat.alloc);
        add_known(block, FACTS_SEVERAL_ATIME, usage->stat.max_atime);
    }
    return 0;
}

static void gather_cells(struct factsblock *block)
{
    for (size_t i = 0; i < block->shares.cell_count; i++) {
        const struct cells_count *cell = &block->shares.cells[i];
        add(block, FACTS_CELL, cell->index);
        add_sum(block, FACTS_CELL_FILES, cell->files);
        add_sum(block, FACTS_CELL_SIZE, cell->size);
    }
}

/* Appends a little-endian number of `size` bytes. */
static uint8_t *put(uint8_t *to, uint64_t value, size_t size)
{
    value = htole64(value);
    memcpy(to, &value, size);
    return to + size;
}

static uint8_t *put_descriptor(uint8_t *to, const struct packed *column, uint64_t offset)
{
    to = put(to, (uint64_t)column->low, 8);
    to = put(to, (uint64_t)column->high, 8);
    to = put(to, offset, 4);
    to = put(to, column->count, 4);
    to = put(to, column->exceptions, 4);
    to = put(to, column->width, 1);
    to = put(to, column->shift, 1);
    to = put(to, column->nulls, 1);
    return put(to, 0, 1);
}

static int make_room(struct factsblock *block, uint64_t bytes)
{
    if (bytes > UINT32_MAX) /* no offset has room for it; SQLite would not take it either */
        return -1;
    if (bytes > block->bytes_room) {
        free(block->bytes);
        block->bytes_room = 0;
        block->bytes = malloc(2 * bytes);
        if (block->bytes == NULL)
            return -1;
        block->bytes_room = 2 * bytes;
    }
    return 0;
}

/* Puts header, columns and names together. */
static int lay_out(struct slice *out, struct factsblock *block)
{
    struct packed columns[FACTS_COLUMNS];
    uint64_t end = FACTS_HEADER;
    uint64_t offsets[FACTS_COLUMNS];
    for (size_t i = 0; i < FACTS_COLUMNS; i++) {
        const struct list *list = &block->columns[i];
        if (list->count > UINT32_MAX)
            return -1;
        columns[i] = packed_plan(list->items, (uint32_t)list->count);
        offsets[i] = end;
        end += packed_bytes(&columns[i]);
    }
    uint64_t names = end;
    end += block->names_len;
    if (make_room(block, end) != 0)
        return -1;
    uint8_t *to = block->bytes;
    to = put(to, FACTS_MAGIC, 4);
    to = put(to, block->columns[FACTS_DEPTH].count, 4);
    to = put(to, block->shares.count, 4);
    to = put(to, block->shares.cell_count, 4);
    to = put(to, names, 4);
    to = put(to, block->names_len, 4);
    to = put(to, FACTS_COLUMNS, 4);
    for (size_t i = 0; i < FACTS_COLUMNS; i++) {
        to = put_descriptor(to, &columns[i], offsets[i]);
        packed_put(block->bytes + offsets[i], &columns[i], block->columns[i].items);
    }
    memcpy(block->bytes + names, block->names, block->names_len);
    *out = (struct slice){(const char *)block->bytes, end};
    return 0;
}

int factsblock_make(struct slice *out, struct factsblock *block, const struct rows *rows,
                    size_t which)
{
    for (size_t i = 0; i < FACTS_COLUMNS; i++)
        block->columns[i].count = 0;
    rows_shares_clear(&block->shares);
    block->names_len = 0;
    size_t begin = which * FACTS_BLOCK;
    size_t end = rows->dirs - begin < FACTS_BLOCK ? rows->dirs : begin + FACTS_BLOCK;
    for (size_t i = begin; i < end; i++)
        if (gather_directory(block, rows, i) != 0)
            return -1;
    gather_cells(block);
    return block->no_memory ? -1 : lay_out(out, block);
}
