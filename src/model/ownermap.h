/* ownermap: owner -> totals. One map for users, one for groups. One thread at a time. */
#ifndef FSTALLY_OWNERMAP_H
#define FSTALLY_OWNERMAP_H

#include "dirstat.h"
#include "histogram.h"

struct ownermap;

/* The public part of an owner's record. */
struct ownermap_owner {
    int64_t id;                 /* uid or gid; -1: not recorded */
    struct dirstat stat;        /* its files */
    uint64_t directories;       /* that hold at least one of them directly */
    struct histogram histogram; /* users only */
};

/* Never NULL. */
struct ownermap *ownermap_new(void);
void ownermap_free(struct ownermap *map);

/* The record of an owner, made where it is missing; stays valid until ownermap_free. */
struct ownermap_owner *ownermap_get(struct ownermap *map, int64_t id);

/* Walks the owners by ascending id, -1 first: pass NULL for the first; NULL when done. */
const struct ownermap_owner *ownermap_next(struct ownermap *map,
                                           const struct ownermap_owner *owner);

#endif
