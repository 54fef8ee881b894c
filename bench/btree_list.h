/* btree_list: a list of sizes, positions or page numbers that grows at its end. Zero-initialise;
 * one thread at a time. */
#ifndef FSTALLY_BTREE_LIST_H
#define FSTALLY_BTREE_LIST_H

#include <stddef.h>

struct btree_list {
    size_t *items;
    size_t count;
    size_t room;
};

void btree_list_add(struct btree_list *list, size_t item);

/* Leaves an empty list. */
void btree_list_clear(struct btree_list *list);

#endif
