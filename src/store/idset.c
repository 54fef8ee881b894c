/* idset: bits in words, because what asks most asks for one id after another. One thread. */
#include "idset.h"

#include <stdlib.h>

int idset_init(struct idset *set, int64_t first, int64_t last)
{
    *set = (struct idset){.first = first, .last = last};
    if (last < first)
        return 0;
    set->words = calloc((size_t)(last - first) / 64 + 1, sizeof *set->words);
    return set->words == NULL ? -1 : 0;
}

void idset_free(struct idset *set)
{
    free(set->words);
    *set = (struct idset){.last = -1};
}

void idset_add(struct idset *set, int64_t id)
{
    if (id < set->first || id > set->last || idset_has(set, id))
        return;
    uint64_t place = (uint64_t)(id - set->first);
    set->words[place / 64] |= UINT64_C(1) << place % 64;
    set->count++;
}

int64_t idset_next(const struct idset *set, int64_t id)
{
    if (id < set->first)
        id = set->first;
    if (id > set->last)
        return set->last + 1;
    uint64_t place = (uint64_t)(id - set->first);
    uint64_t last_word = (uint64_t)(set->last - set->first) / 64;
    uint64_t word = set->words[place / 64] >> place % 64;
    if (word != 0)
        return id + __builtin_ctzll(word);
    for (uint64_t i = place / 64 + 1; i <= last_word; i++)
        if (set->words[i] != 0)
            return set->first + (int64_t)(i * 64) + __builtin_ctzll(set->words[i]);
    return set->last + 1;
}
