/* foldcache: runs of files become one delta, deltas become one batch.
 *
 * Files of a directory follow each other in a scan, a few or many, so the last directory is
 * remembered and most files cost a comparison and some additions. What its files are by age and
 * size lies at the end of the batch's cells. Each cache belongs to one thread. */
#include "foldcache.h"

#include <stdlib.h>

#include "arena.h"
#include "cells.h"
#include "mem.h"
#include "pathname.h"

/* Runs of some ten lines of 300 bytes: a chunk of 2 MiB holds about 1,000. Enough that each of the
 * map's 64 shards gets a step's worth of deltas for one lock; 320 KiB of memory, 80 bytes a delta.
 */
enum { DELTAS = 4096 };

/* Some runs are of one file, some of files of many ages and sizes: two to three cells a run. 288
 * KiB; a batch without room for a run of all cells is folded. */
enum { BATCH_CELLS = 3 * DELTAS };

struct foldcache {
    struct dirmap *dirs;
    struct slice last_parent;  /* as the log writes it; meaningless where last is NULL */
    struct dirmap_delta *last; /* its delta, or NULL */
    struct arena folded_paths; /* paths that the log writes otherwise */
    uint32_t count;
    uint32_t cell_count;
    uint32_t cell_at[CELLS]; /* where in `cells` the last delta's are, if they are there */
    struct dirmap_delta delta[DELTAS];
    struct cells_count cells[BATCH_CELLS];
};

struct foldcache *foldcache_new(struct dirmap *dirs)
{
    struct foldcache *cache = mem_new(sizeof *cache);
    cache->dirs = dirs;
    return cache;
}

void foldcache_free(struct foldcache *cache)
{
    if (cache == NULL)
        return;
    arena_clear(&cache->folded_paths);
    free(cache);
}

/* Folds the batch; paths are kept. */
static int fold_batch(struct foldcache *cache)
{
    int status = dirmap_fold(cache->dirs, cache->delta, cache->count, cache->cells);
    cache->count = 0;
    cache->cell_count = 0;
    cache->last = NULL;
    return status;
}

int foldcache_flush(struct foldcache *cache)
{
    int status = fold_batch(cache);
    arena_clear(&cache->folded_paths);
    return status;
}

/* A path as it is kept: itself where it is folded, else a folded copy. ptr NULL: out of memory. */
static struct slice folded(struct foldcache *cache, struct slice path)
{
    if (pathname_is_folded(path))
        return path;
    char *copy = arena_alloc(&cache->folded_paths, path.len, 1);
    if (copy == NULL)
        return (struct slice){NULL, 0};
    return (struct slice){copy, pathname_fold(path, copy)};
}

/* A new delta for a folded directory path. NULL: out of memory. A full batch is folded first, which
 * keeps the paths that were folded in this cache: the caller still holds one. */
static struct dirmap_delta *begin_delta(struct foldcache *cache, struct slice path)
{
    if ((cache->count == DELTAS || cache->cell_count > BATCH_CELLS - CELLS) &&
        fold_batch(cache) != 0)
        return NULL;
    struct dirmap_delta *delta = &cache->delta[cache->count++];
    *delta = (struct dirmap_delta){.hash = dirmap_hash(path),
                                   .path = path.ptr,
                                   .path_len = (uint32_t)path.len,
                                   .stat = DIRSTAT_NONE,
                                   .cells_begin = cache->cell_count};
    return delta;
}

static int add_directory(struct foldcache *cache, const struct entry *entry)
{
    struct slice path = folded(cache, entry->path);
    if (path.ptr == NULL)
        return -1;
    struct dirmap_delta *delta = begin_delta(cache, path);
    if (delta == NULL)
        return -1;
    cache->last = delta; /* its files often follow */
    cache->last_parent = path;
    return 0;
}

/* The delta that a file belongs to: the last one, or a new one. NULL: out of memory. */
static struct dirmap_delta *delta_of(struct foldcache *cache, const struct entry *file)
{
    struct slice path = file->path;
    struct slice parent = {path.ptr, file->slash};
    bool has_name = parent.len + 1 < path.len;
    if (has_name && cache->last != NULL && slice_equal(parent, cache->last_parent)) {
        struct dirmap_delta *last = cache->last;
        if (last->uid == file->uid && last->gid == file->gid && last->stat.files != 0)
            return last;
        if (last->stat.files == 0) { /* a directory line */
            last->uid = file->uid;
            last->gid = file->gid;
            return last;
        }
    }
    struct slice whole = folded(cache, path);
    if (whole.ptr == NULL)
        return NULL;
    struct dirmap_delta *delta = begin_delta(cache, pathname_parent(whole));
    if (delta == NULL)
        return NULL;
    delta->uid = file->uid;
    delta->gid = file->gid;
    /* Only a parent that the log writes as it is kept here can be recognised in the next line. */
    cache->last = has_name && whole.ptr == path.ptr ? delta : NULL;
    cache->last_parent = parent;
    return delta;
}

/* Counts a file in the cells of the newest delta, which are the last ones. There is room: a delta
 * begins with room for all, and has each once. */
static void add_to_cells(struct foldcache *cache, struct dirmap_delta *delta, unsigned index,
                         int64_t size)
{
    uint32_t at = cache->cell_at[index];
    if (at < delta->cells_begin || at >= cache->cell_count || cache->cells[at].index != index) {
        at = cache->cell_count++;
        cache->cell_at[index] = at;
        cache->cells[at] = (struct cells_count){0, 0, index};
        delta->cell_count++;
    }
    cache->cells[at].files++;
    cache->cells[at].size = dirstat_sum(cache->cells[at].size, (uint64_t)size);
}

int foldcache_add(struct foldcache *cache, const struct entry *entry,
                  const struct histogram_ages *ages)
{
    if (entry->is_directory)
        return add_directory(cache, entry);
    struct dirmap_delta *delta = delta_of(cache, entry);
    if (delta == NULL)
        return -1;
    dirstat_add(&delta->stat, entry);
    add_to_cells(cache, delta,
                 cells_index(histogram_access_bucket(ages, histogram_age_time(ages, entry)),
                             histogram_size_bucket(entry->size)),
                 entry->size);
    return 0;
}
