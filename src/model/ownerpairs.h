/* ownerpairs: the set of all owners and groups that files have together. */
#ifndef FSTALLY_OWNERPAIRS_H
#define FSTALLY_OWNERPAIRS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ownerpairs_pair {
    int64_t uid;
    int64_t gid; /* -1: not recorded */
};

/* Zero-initialise. */
struct ownerpairs {
    struct ownerpairs_pair *items;
    size_t count;
    size_t room;
    size_t sorted; /* the first so many are in order, each once */
    struct ownerpairs_pair last;
    bool last_known; /* `last` is in it */
};

/* -1: out of memory. */
int ownerpairs_add(struct ownerpairs *pairs, int64_t uid, int64_t gid);
int ownerpairs_merge(struct ownerpairs *into, const struct ownerpairs *from);

/* By uid, then gid; needed before the pairs are looked at or sought. */
void ownerpairs_sort(struct ownerpairs *pairs);

/* The place of a pair among the sorted ones; `count`: it is not in. */
size_t ownerpairs_find(const struct ownerpairs *pairs, int64_t uid, int64_t gid);

void ownerpairs_dispose(struct ownerpairs *pairs);

#endif
