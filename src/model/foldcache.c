/* foldcache: runs of files become one delta, deltas become one batch.
 *
 * Files of a directory follow each other in a scan, a few or many, so the last directory is
 * remembered and most files cost a comparison and four additions. Histograms are kept for a few
 * owners at a time and merged when another owner takes the place, so that what a thread holds does
 * not grow with the number of owners. Each cache belongs to one thread. */
#include "foldcache.h"

#include <stdlib.h>

#include "arena.h"
#include "mem.h"
#include "pathname.h"

/* Runs of some ten lines of 300 bytes: a chunk of 4 MiB holds about 2,000. Enough that each of the
 * map's 64 shards gets a step's worth of deltas for one lock; 256 KiB of memory. */
enum { DELTAS = 4096 };

/* Owners whose histograms are at hand, by the low bits of the uid: 64 x 328 bytes. */
enum { OWNERS = 64 };

struct cached_owner {
    uint32_t uid;
    bool in_use;
    struct histogram histogram;
};

struct foldcache {
    struct dirmap *dirs;
    struct ownermap *owners;
    struct slice last_parent;       /* as the log writes it; ptr NULL: none */
    struct dirmap_delta *last;      /* its delta */
    struct cached_owner *last_owner;
    struct arena folded_paths; /* paths that the log writes otherwise */
    size_t count;
    struct dirmap_delta delta[DELTAS];
    struct cached_owner owner[OWNERS];
};

struct foldcache *foldcache_new(struct dirmap *dirs, struct ownermap *owners)
{
    struct foldcache *cache = mem_new(sizeof *cache);
    cache->dirs = dirs;
    cache->owners = owners;
    cache->last_owner = &cache->owner[0];
    return cache;
}

int foldcache_flush(struct foldcache *cache)
{
    int status = dirmap_fold(cache->dirs, cache->delta, cache->count);
    cache->count = 0;
    cache->last = NULL;
    cache->last_parent = (struct slice){NULL, 0};
    arena_clear(&cache->folded_paths);
    return status;
}

static void evict(struct foldcache *cache, struct cached_owner *owner)
{
    if (owner->in_use)
        ownermap_merge_histogram(cache->owners, owner->uid, &owner->histogram);
    memset(owner, 0, sizeof *owner);
}

void foldcache_finish(struct foldcache *cache)
{
    if (cache == NULL)
        return;
    for (int i = 0; i < OWNERS; i++)
        evict(cache, &cache->owner[i]);
    arena_clear(&cache->folded_paths);
    free(cache);
}

static struct histogram *histogram_of(struct foldcache *cache, uint32_t uid)
{
    struct cached_owner *owner = cache->last_owner;
    if (owner->uid == uid && owner->in_use)
        return &owner->histogram;
    owner = &cache->owner[uid % OWNERS];
    if (owner->uid != uid || !owner->in_use) {
        evict(cache, owner);
        owner->uid = uid;
        owner->in_use = true;
    }
    cache->last_owner = owner;
    return &owner->histogram;
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
    if (cache->count == DELTAS) {
        if (dirmap_fold(cache->dirs, cache->delta, cache->count) != 0)
            return NULL;
        cache->count = 0;
        cache->last = NULL;
    }
    struct dirmap_delta *delta = &cache->delta[cache->count++];
    *delta = (struct dirmap_delta){.hash = dirmap_hash(path),
                                   .path = path.ptr,
                                   .path_len = (uint32_t)path.len,
                                   .stat = DIRSTAT_NONE};
    return delta;
}

static int add_directory(struct foldcache *cache, const struct entry *entry)
{
    struct slice path = folded(cache, entry->path);
    if (path.ptr == NULL)
        return -1;
    /* `/` is stored where it is an entry's direct parent; deeper parents come by themselves. */
    if (pathname_parent(path).len == 1 &&
        begin_delta(cache, (struct slice){path.ptr, 1}) == NULL)
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
    const char *slash = memrchr(path.ptr, '/', path.len);
    struct slice parent = {path.ptr, (size_t)(slash - path.ptr)};
    bool has_name = parent.len + 1 < path.len;
    if (has_name && cache->last != NULL && slice_equal(parent, cache->last_parent)) {
        struct dirmap_delta *last = cache->last;
        if (last->uid == file->uid && last->gid == file->gid && last->stat.files != 0)
            return last;
        if (last->stat.files == 0) {
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
    /* Only a parent that stands in the line as it is kept can be recognised in the next line. */
    cache->last = has_name && whole.ptr == path.ptr ? delta : NULL;
    cache->last_parent = parent;
    return delta;
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
    histogram_add(histogram_of(cache, entry->uid), histogram_access_bucket(ages, entry->atime),
                  histogram_size_bucket(entry->size), entry->size);
    return 0;
}
