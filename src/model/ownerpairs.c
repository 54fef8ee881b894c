/* ownerpairs: a list that is sorted, and rid of doubles, each time it has doubled.
 *
 * There are thousands of pairs where there are millions of directories, and a directory most often
 * has the pair of the one before. One thread a set. */
#include "ownerpairs.h"

#include <stdlib.h>

#include "mem.h"

enum { UNSORTED_MOST = 4096 }; /* beside as many as are sorted: little memory, few sorts */

static int compare(const struct ownerpairs_pair *a, int64_t uid, int64_t gid)
{
    if (a->uid != uid)
        return a->uid < uid ? -1 : 1;
    return (a->gid > gid) - (a->gid < gid);
}

static int by_ids(const void *left, const void *right)
{
    const struct ownerpairs_pair *b = right;
    return compare(left, b->uid, b->gid);
}

void ownerpairs_sort(struct ownerpairs *pairs)
{
    if (pairs->sorted == pairs->count)
        return;
    qsort(pairs->items, pairs->count, sizeof *pairs->items, by_ids);
    size_t kept = 1;
    for (size_t i = 1; i < pairs->count; i++)
        if (by_ids(&pairs->items[kept - 1], &pairs->items[i]) != 0)
            pairs->items[kept++] = pairs->items[i];
    pairs->count = pairs->sorted = kept;
}

size_t ownerpairs_find(const struct ownerpairs *pairs, int64_t uid, int64_t gid)
{
    size_t begin = 0;
    size_t end = pairs->sorted;
    while (begin < end) {
        size_t middle = begin + (end - begin) / 2;
        if (compare(&pairs->items[middle], uid, gid) < 0)
            begin = middle + 1;
        else
            end = middle;
    }
    bool found = begin < pairs->sorted && compare(&pairs->items[begin], uid, gid) == 0;
    return found ? begin : pairs->count;
}

int ownerpairs_add(struct ownerpairs *pairs, int64_t uid, int64_t gid)
{
    if (pairs->last_known && compare(&pairs->last, uid, gid) == 0)
        return 0;
    if (ownerpairs_find(pairs, uid, gid) == pairs->count) {
        struct ownerpairs_pair *items =
            mem_grow(pairs->items, &pairs->room, pairs->count, sizeof *items);
        if (items == NULL)
            return -1;
        pairs->items = items;
        items[pairs->count++] = (struct ownerpairs_pair){uid, gid};
        if (pairs->count >= 2 * pairs->sorted + UNSORTED_MOST)
            ownerpairs_sort(pairs);
    }
    pairs->last = (struct ownerpairs_pair){uid, gid};
    pairs->last_known = true;
    return 0;
}

int ownerpairs_merge(struct ownerpairs *into, const struct ownerpairs *from)
{
    for (size_t i = 0; i < from->count; i++)
        if (ownerpairs_add(into, from->items[i].uid, from->items[i].gid) != 0)
            return -1;
    return 0;
}

void ownerpairs_dispose(struct ownerpairs *pairs)
{
    free(pairs->items);
    *pairs = (struct ownerpairs){0};
}
