/* treerows: a tree that has been rolled up, as rows. */
#ifndef FSTALLY_TREEROWS_H
#define FSTALLY_TREEROWS_H

#include "rows.h"

struct tree;
struct treerows;

/* Borrows the tree, which stays as it is meanwhile. Works on the tree's threads. -1: out of memory.
 */
int treerows_new(struct treerows **out, const struct tree *tree);
void treerows_free(struct treerows *treerows);

/* The rows; they live as long as `treerows` and the tree. */
const struct rows *treerows_rows(const struct treerows *treerows);

#endif
