/* rollup: the sums over every subtree of a tree, and over every owner. */
#ifndef FSTALLY_ROLLUP_H
#define FSTALLY_ROLLUP_H

#include "err.h"
#include "ownermap.h"

struct tree;

/* Adds up every subtree, and the totals of every user and group with the users' histograms, into
 * maps that may already hold some. Once a tree. Fails where a total passes INT64_MAX, where there
 * is no memory, and once the tree's cancel flag is set. */
int rollup_tree(struct tree *tree, struct ownermap *users, struct ownermap *groups,
                struct err *err);

#endif
