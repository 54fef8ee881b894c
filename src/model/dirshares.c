/* dirshares: most directories have one owner; the records of several are sorted first. Any thread. */
#include "dirshares.h"

#include <stddef.h>
#include <stdlib.h>

#include "dirmap.h"
#include "mem.h"

/* One of the owners of a directory's files; NULL in `owner`: the first. */
struct sharer {
    const struct dirmap_owner *owner;
    uint32_t uid;
    int64_t gid;
};

struct sharers {
    struct sharer *items;
    size_t count;
    size_t room;
};

/* Appends the share of one owner (NULL: the first). */
static int add_share(struct rows_shares *shares, const struct dirmap *map, uint32_t id,
                     int64_t dir_id, const struct dirmap_owner *owner)
{
    if (rows_shares_grow(shares) != 0)
        return -1;
    const struct dirmap_dir *dir = dirmap_at(map, id);
    size_t cells = dirmap_cells(map, id, owner, shares->cells + shares->cell_count);
    shares->items[shares->count++] =
        (struct rows_share){.usage = {.dir_id = dir_id,
                                      .uid = owner == NULL ? dir->uid : owner->uid,
                                      .gid = entry_group(owner == NULL ? dir->gid : owner->gid),
                                      .stat = owner == NULL ? dir->stat : owner->stat},
                            .cells = cells};
    shares->cell_count += cells;
    return 0;
}

static int by_ids(const void *left, const void *right)
{
    const struct sharer *a = left;
    const struct sharer *b = right;
    if (a->uid != b->uid)
        return a->uid < b->uid ? -1 : 1;
    return (a->gid > b->gid) - (a->gid < b->gid);
}

static int append(struct sharers *sharers, const struct dirmap_owner *owner, uint32_t uid,
                  uint32_t gid)
{
    struct sharer *items = mem_grow(sharers->items, &sharers->room, sharers->count, sizeof *items);
    if (items == NULL)
        return -1;
    sharers->items = items;
    items[sharers->count++] = (struct sharer){owner, uid, entry_group(gid)};
    return 0;
}

static int add_sorted_shares(struct rows_shares *shares, const struct dirmap *map, uint32_t id,
                             int64_t dir_id)
{
    const struct dirmap_dir *dir = dirmap_at(map, id);
    struct sharers sharers = {0};
    int status = append(&sharers, NULL, dir->uid, dir->gid);
    const struct dirmap_owner *owner = NULL;
    while (status == 0 && (owner = dirmap_next_owner(map, id, owner)) != NULL)
        status = append(&sharers, owner, owner->uid, owner->gid);
    if (status == 0)
        qsort(sharers.items, sharers.count, sizeof *sharers.items, by_ids);
    for (size_t i = 0; i < sharers.count && status == 0; i++)
        status = add_share(shares, map, id, dir_id, sharers.items[i].owner);
    free(sharers.items);
    return status;
}

int dirshares_add(struct rows_shares *shares, const struct dirmap *map, uint32_t id, int64_t dir_id)
{
    const struct dirmap_dir *dir = dirmap_at(map, id);
    if (dir->stat.files == 0)
        return 0;
    return dir->owners == 0 ? add_share(shares, map, id, dir_id, NULL)
                            : add_sorted_shares(shares, map, id, dir_id);
}

struct dirstat dirshares_sum(const struct dirmap *map, uint32_t id)
{
    struct dirstat stat = dirmap_at(map, id)->stat;
    const struct dirmap_owner *owner = NULL;
    while ((owner = dirmap_next_owner(map, id, owner)) != NULL)
        dirstat_merge(&stat, &owner->stat);
    return stat;
}
