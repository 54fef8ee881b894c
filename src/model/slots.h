/* slots: an open-addressing index from a 32-bit tag to the numbers of records that are kept
 * elsewhere. Two words a slot, linear probing, at most 7/8 full; numbers begin at 1. The caller
 * compares the records themselves, so equal tags do no harm. Not locked.
 *
 *     uint32_t at = tag;
 *     uint32_t number;
 *     while ((number = slots_candidate(&slots, tag, &at)) != 0)
 *         if (it is the record looked for) return number;
 *     slots_insert(&slots, tag, new_number);
 */
#ifndef FSTALLY_SLOTS_H
#define FSTALLY_SLOTS_H

#include <stdint.h>

struct slots_slot {
    uint32_t tag;
    uint32_t number; /* 0: empty */
};

/* Zero-initialise. */
struct slots {
    struct slots_slot *slot;
    uint32_t size; /* a power of two, or 0 */
    uint32_t used;
};

/* The next record number with this tag at or after *at, 0 when there is none; *at is left at the
 * place to go on from. */
static inline uint32_t slots_candidate(const struct slots *slots, uint32_t tag, uint32_t *at)
{
    if (slots->size == 0)
        return 0;
    uint32_t mask = slots->size - 1;
    for (uint32_t i = *at & mask;; i = (i + 1) & mask) {
        const struct slots_slot *slot = &slots->slot[i];
        if (slot->number == 0)
            return 0;
        if (slot->tag == tag) {
            *at = i + 1;
            return slot->number;
        }
    }
}

static inline void slots_prefetch(const struct slots *slots, uint32_t tag)
{
    if (slots->size != 0)
        __builtin_prefetch(&slots->slot[tag & (slots->size - 1)]);
}

/* Adds a record that is not yet in. -1: out of memory, nothing changed. */
int slots_insert(struct slots *slots, uint32_t tag, uint32_t number);

void slots_clear(struct slots *slots);

#endif
