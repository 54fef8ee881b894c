/* ownermap: a uthash of owners.
 *
 * There are thousands of owners where there are millions of directories, and threads come here only
 * when a local cache evicts one, so the plain library map under one lock is all that it takes. */
#include "ownermap.h"

#include <stddef.h>
#include <stdlib.h>
#include <uthash.h>
#include <uv.h>

#include "mem.h"

struct record {
    struct ownermap_owner owner; /* first: a pointer to one is a pointer to the other */
    UT_hash_handle hh;
};

struct ownermap {
    uv_mutex_t lock; /* held in ownermap_merge_histogram */
    struct record *records;
};

struct ownermap *ownermap_new(void)
{
    struct ownermap *map = mem_new(sizeof *map);
    if (uv_mutex_init(&map->lock) != 0)
        abort();
    return map;
}

void ownermap_free(struct ownermap *map)
{
    if (map == NULL)
        return;
    struct record *record;
    struct record *next;
    HASH_ITER(hh, map->records, record, next) {
        HASH_DEL(map->records, record);
        free(record);
    }
    uv_mutex_destroy(&map->lock);
    free(map);
}

struct ownermap_owner *ownermap_get(struct ownermap *map, int64_t id)
{
    struct record *record;
    HASH_FIND(hh, map->records, &id, sizeof id, record);
    if (record == NULL) {
        record = mem_new(sizeof *record);
        record->owner.id = id;
        record->owner.stat = DIRSTAT_NONE;
        HASH_ADD(hh, map->records, owner.id, sizeof record->owner.id, record);
    }
    return &record->owner;
}

void ownermap_merge_histogram(struct ownermap *map, int64_t id, const struct histogram *histogram)
{
    uv_mutex_lock(&map->lock);
    histogram_merge(&ownermap_get(map, id)->histogram, histogram);
    uv_mutex_unlock(&map->lock);
}

static int by_id(const struct record *a, const struct record *b)
{
    return (a->owner.id > b->owner.id) - (a->owner.id < b->owner.id);
}

const struct ownermap_owner *ownermap_next(struct ownermap *map,
                                           const struct ownermap_owner *owner)
{
    const struct record *next;
    if (owner == NULL) {
        HASH_SORT(map->records, by_id);
        next = map->records;
    } else {
        next = ((const struct record *)owner)->hh.next;
    }
    return next == NULL ? NULL : &next->owner;
}
