/* rows: looking for a place among them, and lists of shares. Any thread. */
#include "rows.h"

#include <stdlib.h>

#include "mem.h"

size_t rows_first_usage(const struct rows *rows, int64_t dir_id)
{
    size_t begin = 0;
    size_t end = rows->usages;
    while (begin < end) {
        size_t middle = begin + (end - begin) / 2;
        struct rows_usage usage;
        rows->usage(rows->state, middle, &usage);
        if (usage.dir_id < dir_id)
            begin = middle + 1;
        else
            end = middle;
    }
    return begin;
}

int rows_shares_grow(struct rows_shares *shares)
{
    struct rows_share *items = mem_grow(shares->items, &shares->room, shares->count, sizeof *items);
    if (items == NULL)
        return -1;
    shares->items = items;
    if (shares->cell_room - shares->cell_count >= CELLS)
        return 0;
    size_t room = 2 * shares->cell_room + CELLS;
    struct cells_count *cells = realloc(shares->cells, room * sizeof *cells);
    if (cells == NULL)
        return -1;
    shares->cells = cells;
    shares->cell_room = room;
    return 0;
}

void rows_shares_dispose(struct rows_shares *shares)
{
    free(shares->items);
    free(shares->cells);
    *shares = (struct rows_shares){0};
}
