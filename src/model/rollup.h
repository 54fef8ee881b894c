/* rollup: the sums over every subtree of a tree, and over every owner. */
#ifndef FSTALLY_ROLLUP_H
#define FSTALLY_ROLLUP_H

#include <stdbool.h>

#include "err.h"
#include "ownermap.h"
#include "slice.h"

struct tree;

/* Sums that have passed 2^63-1 and stay there. */
struct rollup_saturation {
    bool any;          /* of a directory, or of all files together */
    struct slice path; /* the deepest directory concerned, of equals the first in preorder; borrowed
                        * from the tree's map; ptr NULL: of no directory */
};

/* Adds up every subtree, and the totals of every user and group with the users' histograms, into
 * maps that may already hold some. Once a tree. Fails where there is no memory, and once the tree's
 * cancel flag is set. */
int rollup_tree(struct tree *tree, struct ownermap *users, struct ownermap *groups,
                struct rollup_saturation *saturation, struct err *err);

#endif
