/* treerows: a tree as rows in preorder. */
#ifndef FSTALLY_TREEROWS_H
#define FSTALLY_TREEROWS_H

#include "rows.h"

struct tree;

/* The rows of a tree that has been rolled up. Borrows from the tree; one iteration at a time. */
struct rows treerows_begin(struct tree *tree);

#endif
