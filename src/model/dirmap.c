/* dirmap: 64 shards, each a lock, an index and its records.
 *
 * A thread brings a batch of deltas, which is parted by shard; each shard is locked once a batch.
 * Under the lock the batch goes through in steps (prefetch the slot, prefetch the record, prefetch
 * its path, fold), so that the cache misses of different deltas overlap instead of adding up. A
 * path is hashed by XXH3: the low bits choose the shard, the high 32 are the tag in the index.
 * Records never move; an id is local number x SHARDS + shard, so that no table of bases is needed.
 *
 * Invariants of a shard under its lock: dirs == index.used; record i lives in block i /
 * BLOCK_DIRS; an owner record is in its directory's chain and in owner_index; a cell is in its
 * owner's chain. */
#include "dirmap.h"

#include <stdalign.h>
#include <stdbool.h>
#include <stdlib.h>
#include <uv.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "arena.h"
#include "blockpool.h"
#include "mem.h"
#include "parallel.h"
#include "pathname.h"
#include "slots.h"
#include "utf8.h"

/* Two threads meet in a shard with probability threads / SHARDS: rare up to the 128 or so
 * processors of a node, each of which holds a lock a small part of its time. */
enum { SHARDS = 64 };

/* Records come in blocks that never move: 512 directories of 72 bytes, 36 KiB, so that the last,
 * half empty blocks of all shards together stay near a megabyte. */
enum { BLOCK_DIRS = 512, BLOCK_OWNERS = 512, BLOCK_GROUPS = 256 };

/* Deltas of one shard that go through the steps together: enough misses to keep the memory busy,
 * few enough to stay in the first-level cache. */
enum { STEP = 32 };

enum { PATH_MOST = INT32_MAX }; /* bytes of a path that a record has bits for */

/* Some cells of an owner's files in a directory: a cache line, because a file that is counted finds
 * its cell in it, and the line is seldom in the cache. */
struct cellgroup {
    uint32_t next; /* number of the next group of the owner, 0: none */
    uint32_t cell[5];
    uint64_t size[5];
};
_Static_assert(sizeof(struct cellgroup) == 64, "a group is a cache line");

/* What `cell` says: which it is, and how many files it has, at least 1; 0 where there is none.
 * Files that there is no room for are the `size` of a further cell, CELLS + which, with one file
 * itself. */
enum { GROUP_CELLS = 5, CELL_BITS = 8, CELL_FILES = (1 << (32 - CELL_BITS)) - 1 };

struct shard {
    alignas(64) uv_mutex_t lock; /* shards share no cache line */
    struct blockpool *dir_pool;  /* the map's, as the next */
    struct blockpool *group_pool;
    struct slots index; /* tag of the path -> local number + 1 */
    struct dirmap_dir **dir_blocks;
    uint32_t dirs;
    uint32_t dir_block_count;
    struct slots owner_index; /* tag of (dir, uid, gid) -> owner number */
    struct dirmap_owner **owner_blocks;
    uint32_t owners; /* numbers run from 1 to owners */
    uint32_t owner_block_count;
    struct cellgroup **group_blocks;
    uint32_t groups; /* numbers run from 1 to groups */
    uint32_t group_block_count;
    struct arena paths;
    size_t path_bytes; /* in `paths` */
    uint32_t complete; /* directories, from 0 on, whose ancestors are in the map */
    size_t missing;    /* while ancestors are added: parents that were not there */
};

struct dirmap {
    struct blockpool dir_pool; /* of the blocks of all shards, as the next */
    struct blockpool group_pool;
    struct slice root; /* borrowed while ancestors are added; nothing above it is */
    struct shard shard[SHARDS];
};

static unsigned shard_of(uint64_t hash)
{
    return (unsigned)(hash % SHARDS);
}

static uint32_t tag_of(uint64_t hash)
{
    return (uint32_t)(hash >> 32);
}

uint64_t dirmap_hash(struct slice path)
{
    return XXH3_64bits(path.ptr, path.len);
}

struct dirmap *dirmap_new(void)
{
    struct dirmap *map = aligned_alloc(64, sizeof *map);
    if (map == NULL)
        mem_exhausted();
    memset(map, 0, sizeof *map);
    if (blockpool_init(&map->dir_pool, BLOCK_DIRS * sizeof(struct dirmap_dir)) != 0 ||
        blockpool_init(&map->group_pool, BLOCK_GROUPS * sizeof(struct cellgroup)) != 0)
        mem_exhausted();
    for (unsigned i = 0; i < SHARDS; i++) {
        map->shard[i].dir_pool = &map->dir_pool;
        map->shard[i].group_pool = &map->group_pool;
        if (uv_mutex_init(&map->shard[i].lock) != 0)
            mem_exhausted();
    }
    return map;
}

static void free_shard(struct shard *shard)
{
    slots_clear(&shard->index);
    slots_clear(&shard->owner_index);
    arena_clear(&shard->paths);
    for (uint32_t i = 0; i < shard->owner_block_count; i++)
        free(shard->owner_blocks[i]);
    free(shard->dir_blocks);
    free(shard->owner_blocks);
    free(shard->group_blocks);
    uv_mutex_destroy(&shard->lock);
}

void dirmap_free(struct dirmap *map)
{
    if (map == NULL)
        return;
    for (unsigned i = 0; i < SHARDS; i++)
        free_shard(&map->shard[i]);
    blockpool_dispose(&map->dir_pool);
    blockpool_dispose(&map->group_pool);
    free(map);
}

static struct dirmap_dir *dir_at(const struct shard *shard, uint32_t local)
{
    return &shard->dir_blocks[local / BLOCK_DIRS][local % BLOCK_DIRS];
}

static struct slice path_of(const struct dirmap_dir *dir)
{
    return (struct slice){dir->path, dir->path_len};
}

static struct dirmap_owner *owner_at(const struct shard *shard, uint32_t number)
{
    return &shard->owner_blocks[(number - 1) / BLOCK_OWNERS][(number - 1) % BLOCK_OWNERS];
}

static struct cellgroup *group_at(const struct shard *shard, uint32_t number)
{
    return &shard->group_blocks[(number - 1) / BLOCK_GROUPS][(number - 1) % BLOCK_GROUPS];
}

/* Adds a place to a growing list of blocks, and returns it. NULL: out of memory. */
static void **add_place(void ***blocks, const uint32_t *count)
{
    /* Capacity doubles: a power-of-two count means full. */
    if ((*count & (*count - 1)) == 0) {
        size_t room = *count == 0 ? 1 : (size_t)*count * 2;
        void **longer = realloc(*blocks, room * sizeof **blocks);
        if (longer == NULL)
            return NULL;
        *blocks = longer;
    }
    return &(*blocks)[*count];
}

/* Adds one block of `bytes` to a growing list of blocks. */
static int add_block(void ***blocks, uint32_t *count, size_t bytes)
{
    void **place = add_place(blocks, count);
    if (place == NULL || (*place = aligned_alloc(64, bytes)) == NULL)
        return -1;
    (*count)++;
    return 0;
}

/* The same for blocks from a pool of the map. */
static int add_pool_block(void ***blocks, uint32_t *count, struct blockpool *pool)
{
    void **place = add_place(blocks, count);
    if (place == NULL || (*place = blockpool_take(pool)) == NULL)
        return -1;
    (*count)++;
    return 0;
}

/* A new directory without files, whose path the map keeps; its local number, or DIRMAP_NONE. */
static uint32_t add_dir(struct shard *shard, struct slice path, uint32_t tag)
{
    uint32_t local = shard->dirs;
    if (local >= DIRMAP_NONE / SHARDS) /* ids would wrap: some four thousand million directories */
        return DIRMAP_NONE;
    if (local / BLOCK_DIRS == shard->dir_block_count &&
        add_pool_block((void ***)&shard->dir_blocks, &shard->dir_block_count, shard->dir_pool) != 0)
        return DIRMAP_NONE;
    if (path.len > PATH_MOST || slots_insert(&shard->index, tag, local + 1) != 0)
        return DIRMAP_NONE;
    *dir_at(shard, local) = (struct dirmap_dir){.path = path.ptr,
                                                .path_len = (uint32_t)path.len & PATH_MOST,
                                                .path_is_blob = !utf8_is_valid(path),
                                                .parent = DIRMAP_NONE,
                                                .stat = DIRSTAT_NONE};
    shard->dirs++;
    return local;
}

static uint32_t find_dir(const struct shard *shard, struct slice path, uint32_t tag)
{
    uint32_t at = tag;
    uint32_t number;
    while ((number = slots_candidate(&shard->index, tag, &at)) != 0) {
        const struct dirmap_dir *dir = dir_at(shard, number - 1);
        if (slice_equal(path, path_of(dir)))
            return number - 1;
    }
    return DIRMAP_NONE;
}

static uint32_t owner_tag(uint32_t dir, uint32_t uid, uint32_t gid)
{
    uint32_t key[3] = {dir, uid, gid};
    return tag_of(XXH3_64bits(key, sizeof key));
}

/* The record of a further owner, found or made. NULL: out of memory. */
static struct dirmap_owner *further_owner(struct shard *shard, uint32_t local, uint32_t uid,
                                          uint32_t gid)
{
    uint32_t tag = owner_tag(local, uid, gid);
    uint32_t at = tag;
    uint32_t number;
    while ((number = slots_candidate(&shard->owner_index, tag, &at)) != 0) {
        struct dirmap_owner *owner = owner_at(shard, number);
        if (owner->dir == local && owner->uid == uid && owner->gid == gid)
            return owner;
    }
    number = shard->owners + 1;
    if (shard->owners / BLOCK_OWNERS == shard->owner_block_count &&
        add_block((void ***)&shard->owner_blocks, &shard->owner_block_count,
                  BLOCK_OWNERS * sizeof(struct dirmap_owner)) != 0)
        return NULL;
    if (slots_insert(&shard->owner_index, tag, number) != 0)
        return NULL;
    shard->owners = number;
    struct dirmap_dir *dir = dir_at(shard, local);
    struct dirmap_owner *owner = owner_at(shard, number);
    *owner = (struct dirmap_owner){
        .stat = DIRSTAT_NONE, .uid = uid, .gid = gid, .dir = local, .next = dir->owners};
    dir->owners = number;
    return owner;
}

/* The directory's local number, found or made; DIRMAP_NONE: out of memory. */
static uint32_t get_dir(struct shard *shard, struct slice path, uint32_t tag)
{
    uint32_t local = find_dir(shard, path, tag);
    if (local != DIRMAP_NONE)
        return local;
    char *copy = arena_copy(&shard->paths, path.ptr, path.len);
    if (copy == NULL)
        return DIRMAP_NONE;
    shard->path_bytes += path.len;
    return add_dir(shard, (struct slice){copy, path.len}, tag);
}

/* One of the cells of a group. */
struct place {
    struct cellgroup *group; /* NULL: out of memory */
    unsigned at;
};

/* A new first group of the chain that *first begins. NULL: out of memory. */
static struct cellgroup *add_group(struct shard *shard, uint32_t *first)
{
    if (shard->groups == UINT32_MAX ||
        (shard->groups / BLOCK_GROUPS == shard->group_block_count &&
         add_pool_block((void ***)&shard->group_blocks, &shard->group_block_count,
                        shard->group_pool) != 0))
        return NULL;
    struct cellgroup *group = group_at(shard, ++shard->groups);
    *group = (struct cellgroup){.next = *first};
    *first = shard->groups;
    return group;
}

/* The cell of that index in the chain that *first begins, or a free one. Only the first group has
 * any. */
static struct place get_cell(struct shard *shard, uint32_t *first, unsigned index)
{
    struct cellgroup *group = NULL;
    for (uint32_t number = *first; number != 0; number = group->next) {
        group = group_at(shard, number);
        for (unsigned i = 0; i < GROUP_CELLS; i++)
            if (group->cell[i] != 0 && group->cell[i] >> (32 - CELL_BITS) == index)
                return (struct place){group, i};
    }
    group = *first == 0 ? NULL : group_at(shard, *first);
    for (unsigned i = 0; group != NULL && i < GROUP_CELLS; i++)
        if (group->cell[i] == 0)
            return (struct place){group, i};
    return (struct place){add_group(shard, first), 0};
}

static int fold_cell(struct shard *shard, uint32_t *first, unsigned index, uint64_t files,
                     uint64_t size)
{
    struct place place = get_cell(shard, first, index);
    if (place.group == NULL)
        return -1;
    uint32_t *cell = &place.group->cell[place.at];
    uint64_t *sum = &place.group->size[place.at];
    *sum = dirstat_sum(*sum, size);
    uint32_t before = *cell & CELL_FILES;
    uint64_t room = CELL_FILES - before;
    uint64_t taken = files < room ? files : room;
    *cell = index << (32 - CELL_BITS) | (before + (uint32_t)taken);
    return files == taken || index >= CELLS
               ? 0
               : fold_cell(shard, first, CELLS + index, 1, files - taken);
}

static int fold_one(struct shard *shard, const struct dirmap_delta *delta,
                    const struct cells_count *cells)
{
    struct slice path = {delta->path, delta->path_len};
    uint32_t local = get_dir(shard, path, tag_of(delta->hash));
    if (local == DIRMAP_NONE)
        return -1;
    struct dirmap_dir *dir = dir_at(shard, local);
    struct dirstat *stat = &dir->stat;
    uint32_t *first = &dir->cells;
    if (delta->stat.files == 0) {
        if (delta->stat.max_mtime > stat->max_mtime)
            stat->max_mtime = delta->stat.max_mtime;
        return 0;
    }
    if (dir->stat.files == 0) {
        dir->uid = delta->uid;
        dir->gid = delta->gid;
    } else if (dir->uid != delta->uid || dir->gid != delta->gid) {
        struct dirmap_owner *owner = further_owner(shard, local, delta->uid, delta->gid);
        if (owner == NULL)
            return -1;
        stat = &owner->stat;
        first = &owner->cells;
    }
    dirstat_merge(stat, &delta->stat);
    for (uint32_t i = 0; i < delta->cell_count; i++)
        if (fold_cell(shard, first, cells[delta->cells_begin + i].index,
                      cells[delta->cells_begin + i].files, cells[delta->cells_begin + i].size) != 0)
            return -1;
    return 0;
}

/* A look-up to come: in which shard, by which tag. */
struct lookup {
    const struct shard *shard;
    uint32_t tag;
};

/* A record begins in one cache line and ends in that or the next. */
static void prefetch_record(const struct dirmap_dir *dir)
{
    __builtin_prefetch(dir, 1);
    __builtin_prefetch((const char *)(dir + 1) - 1, 1);
}

/* Brings what `count` (at most STEP) look-ups will touch into the cache: slots, then records, then
 * paths and cells, each while the others are on their way. */
static void prefetch(const struct lookup *lookups, size_t count)
{
    const struct dirmap_dir *dirs[STEP];
    for (size_t i = 0; i < count; i++)
        slots_prefetch(&lookups[i].shard->index, lookups[i].tag);
    for (size_t i = 0; i < count; i++) {
        uint32_t at = lookups[i].tag;
        uint32_t number = slots_candidate(&lookups[i].shard->index, lookups[i].tag, &at);
        dirs[i] = number == 0 ? NULL : dir_at(lookups[i].shard, number - 1);
        if (dirs[i] != NULL)
            prefetch_record(dirs[i]);
    }
    for (size_t i = 0; i < count; i++) {
        if (dirs[i] == NULL)
            continue;
        __builtin_prefetch(dirs[i]->path);
        __builtin_prefetch(dirs[i]->path + 64);
        if (dirs[i]->cells != 0)
            __builtin_prefetch(group_at(lookups[i].shard, dirs[i]->cells), 1);
    }
}

/* What dirmap_fold is given. */
struct batch {
    const struct dirmap_delta *deltas;
    const struct cells_count *cells;
};

static int fold_shard(struct shard *shard, const struct batch *batch, const uint32_t *order,
                      size_t count)
{
    int status = 0;
    uv_mutex_lock(&shard->lock);
    for (size_t done = 0; done < count && status == 0; done += STEP) {
        size_t step = count - done < STEP ? count - done : STEP;
        struct lookup lookups[STEP];
        for (size_t i = 0; i < step; i++)
            lookups[i] = (struct lookup){shard, tag_of(batch->deltas[order[done + i]].hash)};
        prefetch(lookups, step);
        for (size_t i = 0; i < step && status == 0; i++)
            status = fold_one(shard, &batch->deltas[order[done + i]], batch->cells);
    }
    uv_mutex_unlock(&shard->lock);
    return status;
}

int dirmap_fold(struct dirmap *map, const struct dirmap_delta *deltas, size_t count,
                const struct cells_count *cells)
{
    const struct batch batch = {deltas, cells};
    uint32_t *order = mem_array(count, sizeof *order);
    if (order == NULL)
        return -1;
    uint32_t begin[SHARDS + 1] = {0};
    for (size_t i = 0; i < count; i++)
        begin[shard_of(deltas[i].hash) + 1]++;
    for (unsigned s = 0; s < SHARDS; s++)
        begin[s + 1] += begin[s];
    uint32_t next[SHARDS];
    memcpy(next, begin, sizeof next);
    for (size_t i = 0; i < count; i++)
        order[next[shard_of(deltas[i].hash)]++] = (uint32_t)i;
    int status = 0;
    for (unsigned s = 0; s < SHARDS && status == 0; s++)
        if (begin[s + 1] != begin[s])
            status = fold_shard(&map->shard[s], &batch, order + begin[s], begin[s + 1] - begin[s]);
    mem_free_array(order, count, sizeof *order);
    return status;
}

size_t dirmap_bytes(struct dirmap *map, size_t *dirs)
{
    size_t bytes = 0;
    *dirs = 0;
    for (unsigned s = 0; s < SHARDS; s++) {
        struct shard *shard = &map->shard[s];
        uv_mutex_lock(&shard->lock);
        *dirs += shard->dirs;
        bytes += (size_t)shard->dir_block_count * BLOCK_DIRS * sizeof(struct dirmap_dir) +
                 (size_t)shard->owner_block_count * BLOCK_OWNERS * sizeof(struct dirmap_owner) +
                 (size_t)shard->group_block_count * BLOCK_GROUPS * sizeof(struct cellgroup) +
                 ((size_t)shard->index.size + shard->owner_index.size) * sizeof(struct slots_slot) +
                 shard->path_bytes;
        uv_mutex_unlock(&shard->lock);
    }
    return bytes;
}

size_t dirmap_count(const struct dirmap *map)
{
    size_t count = 0;
    for (unsigned s = 0; s < SHARDS; s++)
        count += map->shard[s].dirs;
    return count;
}

uint32_t dirmap_id_limit(const struct dirmap *map)
{
    uint32_t most = 0;
    for (unsigned s = 0; s < SHARDS; s++)
        most = map->shard[s].dirs > most ? map->shard[s].dirs : most;
    return most * SHARDS;
}

uint32_t dirmap_next(const struct dirmap *map, uint32_t id, unsigned part, unsigned parts)
{
    unsigned s = id == DIRMAP_NONE ? part : id % SHARDS;
    uint32_t local = id == DIRMAP_NONE ? 0 : id / SHARDS + 1;
    for (; s < SHARDS; s += parts, local = 0)
        if (local < map->shard[s].dirs)
            return local * SHARDS + s;
    return DIRMAP_NONE;
}

struct dirmap_dir *dirmap_at(const struct dirmap *map, uint32_t id)
{
    const struct shard *shard = &map->shard[id % SHARDS];
    return id / SHARDS < shard->dirs ? dir_at(shard, id / SHARDS) : NULL;
}

void dirmap_prefetch(const struct dirmap *map, uint32_t id)
{
    prefetch_record(dirmap_at(map, id));
}

const struct dirmap_owner *dirmap_next_owner(const struct dirmap *map, uint32_t id,
                                             const struct dirmap_owner *owner)
{
    const struct shard *shard = &map->shard[id % SHARDS];
    uint32_t number = owner == NULL ? dir_at(shard, id / SHARDS)->owners : owner->next;
    return number == 0 ? NULL : owner_at(shard, number);
}

/* The files of a place in a group. */
static struct cells_count cell_at(const struct cellgroup *group, unsigned i)
{
    unsigned which = group->cell[i] >> (32 - CELL_BITS);
    if (which >= CELLS)
        return (struct cells_count){group->size[i], 0, which % CELLS};
    return (struct cells_count){group->cell[i] & CELL_FILES, group->size[i], which};
}

size_t dirmap_cells(const struct dirmap *map, uint32_t id, const struct dirmap_owner *owner,
                    struct cells_count cells[CELLS])
{
    const struct shard *shard = &map->shard[id % SHARDS];
    uint32_t number = owner == NULL ? dir_at(shard, id / SHARDS)->cells : owner->cells;
    size_t count = 0;
    while (number != 0) {
        const struct cellgroup *group = group_at(shard, number);
        for (unsigned i = 0; i < GROUP_CELLS && group->cell[i] != 0; i++) {
            struct cells_count cell = cell_at(group, i);
            count = cells_add(cells, count, &cell);
        }
        number = group->next;
    }
    return count;
}

void dirmap_prefetch_cells(const struct dirmap *map, uint32_t id)
{
    const struct shard *shard = &map->shard[id % SHARDS];
    uint32_t number = dir_at(shard, id / SHARDS)->cells;
    if (number != 0)
        __builtin_prefetch(group_at(shard, number));
}

/* Whether the parent of a directory is added where it is not there: not `/`, and nothing above the
 * root. */
static bool needs_parent(const struct dirmap *map, struct slice path, struct slice parent)
{
    return parent.len > 1 && !slice_equal(path, map->root);
}

/* Finds the parents of the directories [from, to) of a shard, `to - from` <= STEP. One that is
 * missing gets DIRMAP_NONE and is counted. */
static size_t link_step(const struct dirmap *map, const struct shard *shard, uint32_t from,
                        uint32_t to)
{
    struct slice path[STEP];
    struct lookup lookups[STEP] = {{NULL, 0}};
    for (uint32_t i = from; i < to; i++) {
        path[i - from] = pathname_parent(path_of(dir_at(shard, i)));
        uint64_t hash = dirmap_hash(path[i - from]);
        lookups[i - from] = (struct lookup){&map->shard[shard_of(hash)], tag_of(hash)};
    }
    prefetch(lookups, to - from);
    size_t missing = 0;
    for (uint32_t i = from; i < to; i++) {
        const struct lookup *lookup = &lookups[i - from];
        uint32_t local = find_dir(lookup->shard, path[i - from], lookup->tag);
        if (local != DIRMAP_NONE)
            dir_at(shard, i)->parent = local * SHARDS + (uint32_t)(lookup->shard - map->shard);
        else
            missing += needs_parent(map, path_of(dir_at(shard, i)), path[i - from]);
    }
    return missing;
}

/* A thread links whole shards: it writes to their records alone and reads all others. */
static int link_part(void *context, unsigned part, unsigned parts)
{
    struct dirmap *map = context;
    for (unsigned s = part; s < SHARDS; s += parts) {
        struct shard *shard = &map->shard[s];
        shard->missing = 0;
        for (uint32_t from = shard->complete; from < shard->dirs; from += STEP) {
            uint32_t to = shard->dirs - from < STEP ? shard->dirs : from + STEP;
            shard->missing += link_step(map, shard, from, to);
        }
    }
    return 0;
}

/* Adds the missing parents of the directories [from, to) of a shard, and links to them. Their
 * paths are beginnings of others, and stay where those are: an ancestor takes a record, and no
 * bytes for its path. */
static int add_missing(struct dirmap *map, struct shard *shard, uint32_t from, uint32_t to)
{
    for (uint32_t i = from; i < to; i++) {
        struct dirmap_dir *dir = dir_at(shard, i);
        struct slice path = pathname_parent(path_of(dir));
        if (dir->parent != DIRMAP_NONE || !needs_parent(map, path_of(dir), path))
            continue;
        uint64_t hash = dirmap_hash(path);
        struct shard *home = &map->shard[shard_of(hash)];
        uint32_t local = find_dir(home, path, tag_of(hash)); /* a sibling may have added it */
        if (local == DIRMAP_NONE)
            local = add_dir(home, path, tag_of(hash));
        if (local == DIRMAP_NONE)
            return -1;
        dir->parent = local * SHARDS + shard_of(hash);
    }
    return 0;
}

int dirmap_add_ancestors(struct dirmap *map, struct slice root, unsigned threads)
{
    /* Where the root has become a directory like others, its ancestors are missing. */
    for (unsigned s = 0; s < SHARDS && !slice_equal(map->root, root); s++)
        map->shard[s].complete = 0;
    map->root = root;
    /* Each round links what the round before has added; most logs are complete, so that the first
     * is the last. */
    for (bool more = true; more;) {
        more = false;
        parallel_run(threads, link_part, map);
        uint32_t before[SHARDS]; /* what a shard holds before this round adds to it */
        for (unsigned s = 0; s < SHARDS; s++)
            before[s] = map->shard[s].dirs;
        for (unsigned s = 0; s < SHARDS; s++) {
            struct shard *shard = &map->shard[s];
            if (shard->missing == 0)
                continue;
            if (add_missing(map, shard, shard->complete, before[s]) != 0)
                return -1;
            more = true;
        }
        for (unsigned s = 0; s < SHARDS; s++)
            map->shard[s].complete = before[s];
    }
    return 0;
}

/* Looks once more for the parents of those that have none: one may have come since. */
static int link_roots(void *context, unsigned part, unsigned parts)
{
    const struct dirmap *map = context;
    for (unsigned s = part; s < SHARDS; s += parts)
        for (uint32_t i = 0; i < map->shard[s].complete; i++)
            if (dir_at(&map->shard[s], i)->parent == DIRMAP_NONE)
                link_step(map, &map->shard[s], i, i + 1);
    return 0;
}

int dirmap_link(struct dirmap *map, struct slice root, unsigned threads)
{
    parallel_run(threads, link_roots, map);
    if (dirmap_add_ancestors(map, root, threads) != 0)
        return -1;
    for (unsigned s = 0; s < SHARDS; s++) {
        slots_clear(&map->shard[s].index);
        slots_clear(&map->shard[s].owner_index);
    }
    return 0;
}
