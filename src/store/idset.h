/* idset: a set of directories out of a range of ids, a bit for each id: 122 KB for a million. One
 * thread. */
#ifndef FSTALLY_IDSET_H
#define FSTALLY_IDSET_H

#include <stdbool.h>
#include <stdint.h>

struct idset {
    int64_t first; /* the range: first to last; none where last < first */
    int64_t last;
    int64_t count;   /* members */
    uint64_t *words; /* owned; id is bit (id - first) % 64 of word (id - first) / 64 */
};

/* An empty set. -1: out of memory. */
int idset_init(struct idset *set, int64_t first, int64_t last);
void idset_free(struct idset *set); /* what the set owns; a zeroed set is empty */

/* Ids outside of the range are members of no set, and are not added. */
void idset_add(struct idset *set, int64_t id);

static inline bool idset_has(const struct idset *set, int64_t id)
{
    if (id < set->first || id > set->last)
        return false;
    uint64_t place = (uint64_t)(id - set->first);
    return (set->words[place / 64] >> place % 64 & 1) != 0;
}

/* The smallest member from `id` on; last + 1 where there is none. */
int64_t idset_next(const struct idset *set, int64_t id);

#endif
