/* siblings: the directories of a map by parent, those of one parent in the order of their names. */
#ifndef FSTALLY_SIBLINGS_H
#define FSTALLY_SIBLINGS_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

struct dirmap;

/* A directory. Its children are the items [below.begin, below.end). */
struct siblings_child {
    union {
        /* While sorting: 8 bytes of the name, big-endian, which order like the bytes. */
        uint64_t key;
        struct {
            uint32_t begin;
            uint32_t end;
        } below;
    };
    union {
        uint32_t more_key; /* while sorting: the next 4 bytes */
        /* Whether the next sibling's name may go on, after this one's, with a byte below '/'. */
        uint32_t may_be_overtaken;
    };
    uint32_t id; /* in the map */
};

struct siblings {
    struct siblings_child *children; /* `count` of them */
    size_t count;
    size_t roots; /* the parentless are [roots, count) */
};

/* Parts and sorts the directories of `map` (after dirmap_link; borrowed for the call) on `threads`
 * threads. -1: out of memory, or *cancelled was seen to be set. */
int siblings_sort(struct siblings *out, const struct dirmap *map, unsigned threads,
                  const atomic_bool *cancelled);
void siblings_free(struct siblings *siblings); /* what it owns */

#endif
