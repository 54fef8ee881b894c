/* btree_order: the rows of directories in the order of their paths' bytes. */
#ifndef FSTALLY_BTREE_ORDER_H
#define FSTALLY_BTREE_ORDER_H

#include <stddef.h>

struct btree_rows_table;

/* `directories`.rows row indexes, for mem_free_array. Sorted on `threads` threads. */
size_t *btree_order_by_path(const struct btree_rows_table *directories, unsigned threads);

#endif
