/* ownertotals: what a directory's own files add to the totals of their owners. */
#ifndef FSTALLY_OWNERTOTALS_H
#define FSTALLY_OWNERTOTALS_H

#include "ownermap.h"
#include "ownerpairs.h"
#include "rows.h"

/* Whatever is added to. Zero-initialise `pairs`; the maps are borrowed. */
struct ownertotals {
    struct ownermap *users; /* with their histograms */
    struct ownermap *groups;
    struct ownerpairs pairs; /* owned */
};

/* Adds all shares of one directory, which it sorts by group in the end. -1: out of memory. */
int ownertotals_add(struct ownertotals *totals, struct rows_shares *shares);

#endif
