/* ownerblock: a growing list of rows, the last of them those of the block begun, and an index of
 * these.
 *
 * A number of directories is no sum over owners and groups: a directory with three groups of one
 * owner is one directory of that owner's. So it is told three times in each row: of the owner and
 * the group together; and counted for the owner under the smallest of the groups, for the group
 * under the smallest of the owners. The latter two add up. Neighbours mostly have the same owner:
 * the row found last is tried first. One thread. */
#include "ownerblock.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "schema.h"
#define uthash_fatal(message) mem_exhausted()
#include <uthash.h>

struct owner {
    int64_t uid;
    int64_t gid;
};

/* Which row of the block begun is an owner's. */
struct place {
    struct owner owner;
    size_t row;
    UT_hash_handle hh;
};

/* The directory in which a group was met last. */
struct group {
    int64_t gid;
    int64_t dir_id;
    UT_hash_handle hh;
};

struct ownerblock {
    struct ownerblock_row *rows;
    size_t count;
    size_t room;
    size_t complete;  /* rows of complete blocks */
    size_t last;      /* the row added to last, where the block begun has one */
    int64_t first_id; /* of the block begun */
    struct place *places;
    struct group *groups;
    int64_t dir_id; /* of the usage added last */
    int64_t uid;
};

struct ownerblock *ownerblock_new(void)
{
    return mem_new(sizeof(struct ownerblock));
}

static void forget_places(struct ownerblock *blocks)
{
    struct place *place;
    struct place *next;
    HASH_ITER (hh, blocks->places, place, next) {
        HASH_DEL(blocks->places, place);
        free(place);
    }
}

void ownerblock_free(struct ownerblock *blocks)
{
    if (blocks == NULL)
        return;
    forget_places(blocks);
    struct group *group;
    struct group *next;
    HASH_ITER (hh, blocks->groups, group, next) {
        HASH_DEL(blocks->groups, group);
        free(group);
    }
    free(blocks->rows);
    free(blocks);
}

static int by_owner(const void *left, const void *right)
{
    const struct ownerblock_row *a = left;
    const struct ownerblock_row *b = right;
    if (a->uid != b->uid)
        return a->uid < b->uid ? -1 : 1;
    return (a->gid > b->gid) - (a->gid < b->gid);
}

void ownerblock_end(struct ownerblock *blocks)
{
    size_t open = blocks->count - blocks->complete;
    if (open > 0)
        qsort(blocks->rows + blocks->complete, open, sizeof *blocks->rows, by_owner);
    blocks->complete = blocks->count;
    forget_places(blocks);
}

static int append(struct ownerblock *blocks, struct owner owner)
{
    struct ownerblock_row *longer =
        mem_grow(blocks->rows, &blocks->room, blocks->count, sizeof *longer);
    if (longer == NULL)
        return -1;
    blocks->rows = longer;
    blocks->rows[blocks->count++] = (struct ownerblock_row){
        .first_id = blocks->first_id, .uid = owner.uid, .gid = owner.gid, .stat = DIRSTAT_NONE};
    return 0;
}

/* The row of the owner and the group in the block begun; NULL: out of memory. */
static struct ownerblock_row *find_row(struct ownerblock *blocks, struct owner owner)
{
    if (blocks->count > blocks->complete) {
        struct ownerblock_row *last = &blocks->rows[blocks->last];
        if (last->uid == owner.uid && last->gid == owner.gid)
            return last;
    }
    struct place *place;
    HASH_FIND(hh, blocks->places, &owner, sizeof owner, place);
    if (place == NULL) {
        if (append(blocks, owner) != 0)
            return NULL;
        place = mem_new(sizeof *place);
        place->owner = owner;
        place->row = blocks->count - 1;
        HASH_ADD(hh, blocks->places, owner, sizeof place->owner, place);
    }
    blocks->last = place->row;
    return &blocks->rows[place->row];
}

/* Whether the group is met for the first time in this directory. */
static bool is_new_group(struct ownerblock *blocks, int64_t dir_id, int64_t gid)
{
    struct group *group;
    HASH_FIND(hh, blocks->groups, &gid, sizeof gid, group);
    if (group == NULL) {
        group = mem_new(sizeof *group);
        group->gid = gid;
        HASH_ADD(hh, blocks->groups, gid, sizeof group->gid, group);
    }
    bool is_new = group->dir_id != dir_id;
    group->dir_id = dir_id;
    return is_new;
}

/* The row that these files belong to, with them added; NULL: out of memory. */
static struct ownerblock_row *add(struct ownerblock *blocks, int64_t dir_id, struct owner owner,
                                  const struct dirstat *stat)
{
    int64_t first_id = dir_id - (dir_id - 1) % SCHEMA_OWNER_BLOCK;
    if (first_id != blocks->first_id) {
        ownerblock_end(blocks);
        blocks->first_id = first_id;
    }
    struct ownerblock_row *row = find_row(blocks, owner);
    if (row == NULL)
        return NULL;
    dirstat_merge(&row->stat, stat);
    row->directories++;
    return row;
}

int ownerblock_add_directory(struct ownerblock *blocks, const struct rows_dir *dir)
{
    struct ownerblock_row *row =
        add(blocks, dir->id, (struct owner){dir->uid, dir->gid}, &dir->own);
    if (row == NULL)
        return -1;
    row->owner_directories++;
    row->group_directories++;
    return 0;
}

int ownerblock_add_usage(struct ownerblock *blocks, const struct rows_usage *usage)
{
    struct ownerblock_row *row =
        add(blocks, usage->dir_id, (struct owner){usage->uid, usage->gid}, &usage->stat);
    if (row == NULL)
        return -1;
    row->owner_directories += blocks->dir_id != usage->dir_id || blocks->uid != usage->uid;
    row->group_directories += is_new_group(blocks, usage->dir_id, usage->gid);
    blocks->dir_id = usage->dir_id;
    blocks->uid = usage->uid;
    return 0;
}

const struct ownerblock_row *ownerblock_rows(const struct ownerblock *blocks, size_t *count)
{
    *count = blocks->complete;
    return blocks->rows;
}

void ownerblock_clear(struct ownerblock *blocks)
{
    size_t open = blocks->count - blocks->complete;
    struct place *place;
    struct place *next;
    if (open > 0) {
        memmove(blocks->rows, blocks->rows + blocks->complete, open * sizeof *blocks->rows);
        blocks->last -= blocks->complete;
        HASH_ITER (hh, blocks->places, place, next) {
            place->row -= blocks->complete;
        }
    }
    blocks->count = open;
    blocks->complete = 0;
}
