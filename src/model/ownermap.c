/* ownermap: a uthash of owners.
 *
 * There are thousands of owners where there are millions of directories, and one asks for the same
 * owner again and again, so the plain library map behind a memory of the last is all it takes. */
#include "ownermap.h"

#include <stddef.h>
#include <stdlib.h>

#include "mem.h"

#define uthash_fatal(message) mem_exhausted()
#include <uthash.h>

struct record {
    struct ownermap_owner owner; /* first: a pointer to one is a pointer to the other */
    UT_hash_handle hh;
};

struct ownermap {
    struct record *records;
    struct record *last; /* given by ownermap_get, or NULL */
};

struct ownermap *ownermap_new(void)
{
    return mem_new(sizeof(struct ownermap));
}

void ownermap_free(struct ownermap *map)
{
    if (map == NULL)
        return;
    struct record *record = map->records;
    HASH_CLEAR(hh, map->records); /* leaves the items, and the list that they are in */
    while (record != NULL) {
        struct record *next = record->hh.next;
        free(record);
        record = next;
    }
    free(map);
}

struct ownermap_owner *ownermap_get(struct ownermap *map, int64_t id)
{
    if (map->last != NULL && map->last->owner.id == id)
        return &map->last->owner;
    struct record *record;
    HASH_FIND(hh, map->records, &id, sizeof id, record);
    if (record == NULL) {
        record = mem_new(sizeof *record);
        record->owner.id = id;
        record->owner.stat = DIRSTAT_NONE;
        HASH_ADD(hh, map->records, owner.id, sizeof record->owner.id, record);
    }
    map->last = record;
    return &record->owner;
}

static int by_id(const struct record *a, const struct record *b)
{
    return (a->owner.id > b->owner.id) - (a->owner.id < b->owner.id);
}

const struct ownermap_owner *ownermap_next(struct ownermap *map, const struct ownermap_owner *owner)
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
