/* btree_tree: a whole b-tree, laid out from rows that are sorted already. */
#ifndef FSTALLY_BTREE_TREE_H
#define FSTALLY_BTREE_TREE_H

#include <stddef.h>
#include <stdint.h>

#include "btree_pages.h"

struct btree_rows_table;

/* A run of entries, and the leaves they fill. */
struct btree_tree_run {
    size_t begin; /* [begin, end) of the tree's entries */
    size_t end;
    struct btree_list leaves;   /* indexes of the leaves; their page numbers once placed */
    struct btree_list dividers; /* the entry between a leaf and the next; behind the last leaf too
                                   where a run follows */
};

struct btree_tree {
    const struct btree_rows_table *table;
    const size_t *order; /* NULL: the table itself. Else its path index: the rows by their paths */
    struct btree_tree_run *runs;
    size_t run_count;
    struct btree_pages interior; /* all interior pages */
    size_t interior_first;       /* the place of the first of them */
    uint32_t root;
};

/* Borrows table and order. There is one run at least, and none but the last has fewer than two
 * entries. */
void btree_tree_init(struct btree_tree *tree, const struct btree_rows_table *table,
                     const size_t *order, size_t page_size);
void btree_tree_clear(struct btree_tree *tree);

/* Fills the leaves of a run, and their overflow pages, in `pages`, which are empty. Any number of
 * threads at a time, each with another run. */
void btree_tree_lay_leaves(const struct btree_tree *tree, struct btree_tree_run *run,
                           struct btree_pages *pages);

/* Settles that the pages of the run are in the file from place `first` on. */
void btree_tree_place_leaves(struct btree_tree_run *run, struct btree_pages *pages, size_t first);

/* When the leaves of all runs have their places: makes the interior pages, from place `first` on,
 * and finds the root. Returns the place behind the last of them. */
size_t btree_tree_finish(struct btree_tree *tree, size_t first);

#endif
