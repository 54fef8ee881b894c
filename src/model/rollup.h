/* rollup: the sums over every subtree of a tree, and over every owner. */
#ifndef FSTALLY_ROLLUP_H
#define FSTALLY_ROLLUP_H

#include <stdbool.h>

#include "err.h"
#include "ownermap.h"
#include "slice.h"

struct tree;

/* The sums over a whole tree, in the two ways that must agree, and where one has passed 2^63-1, at
 * which it stays. */
struct rollup_sums {
    struct dirstat own;   /* of every directory's own files */
    struct dirstat roots; /* of the subtrees of those without a stored parent */
    bool saturated;       /* the sum of a directory, or of all files together */
    struct slice path; /* the deepest directory concerned, of equals the first in preorder; borrowed
                           * from the tree's map; ptr NULL: of no directory */
};

/* Adds up every subtree, and the totals of every user and group with the users' histograms, into
 * maps that may already hold some. Once a tree. Fails where there is no memory, and once the tree's
 * cancel flag is set. */
int rollup_tree(struct tree *tree, struct ownermap *users, struct ownermap *groups,
                struct rollup_sums *sums, struct err *err);

#endif
