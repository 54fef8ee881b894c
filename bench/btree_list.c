/* btree_list: what a layout notes down as it goes, a few bytes a page: which pages it made, which
 * rows separate them, where page numbers stand. */
#include "btree_list.h"

#include <stdlib.h>

#include "btree_fail.h"

enum { FIRST_ROOM = 64 };

void btree_list_add(struct btree_list *list, size_t item)
{
    if (list->count == list->room) {
        size_t room = list->room == 0 ? FIRST_ROOM : 2 * list->room;
        size_t *items = realloc(list->items, room * sizeof *items);
        if (items == NULL)
            btree_fail("out of memory for a list of %zu", room);
        list->items = items;
        list->room = room;
    }
    list->items[list->count++] = item;
}

void btree_list_clear(struct btree_list *list)
{
    free(list->items);
    *list = (struct btree_list){0};
}
