/* foldcache: runs of files become one delta, deltas become one batch.
 *
 * Files of a directory follow each other in a scan, a few or many, so the last directory is
 * remembered and most files cost a comparison and some additions. Histograms are kept for some
 * hundred directories and owners at a time, across chunks, and folded together when there are more,
 * so that what a thread holds does not grow with the file system. Each belongs to one thread. */
#include "foldcache.h"

#include <stdlib.h>

#include "arena.h"
#include "mem.h"
#include "pathname.h"

/* Runs of some ten lines of 300 bytes: a chunk of 2 MiB holds about 1,000. Enough that each of the
 * map's 64 shards gets a step's worth of deltas for one lock; 288 KiB of memory, 72 bytes a delta.
 * */
enum { DELTAS = 4096 };

/* Histograms at hand, a power of two, used to three quarters: 1,024 of 360 bytes. */
enum { SCOPES = 1024, SCOPES_USED = SCOPES / 4 * 3 };

/* One owner's files below one directory, by age and size. */
struct scope {
    struct slice path; /* in scope_paths; ptr NULL: free */
    uint64_t hash;
    uint32_t uid;
    uint32_t gid;
    struct histogram histogram;
};

struct foldcache {
    struct dirmap *dirs;
    unsigned histogram_depth;
    struct slice last_parent;  /* as the log writes it; meaningless where last is NULL */
    struct dirmap_delta *last; /* its delta, or NULL */
    struct scope *last_scope;  /* where the last delta's files count, or NULL */
    struct arena folded_paths; /* paths that the log writes otherwise */
    struct arena scope_paths;
    size_t count;
    size_t scope_count;
    struct dirmap_delta delta[DELTAS];
    struct scope scope[SCOPES];
};

struct foldcache *foldcache_new(struct dirmap *dirs, unsigned histogram_depth)
{
    struct foldcache *cache = mem_new(sizeof *cache);
    cache->dirs = dirs;
    cache->histogram_depth = histogram_depth;
    return cache;
}

int foldcache_flush(struct foldcache *cache)
{
    int status = dirmap_fold(cache->dirs, cache->delta, cache->count);
    cache->count = 0;
    cache->last = NULL;
    cache->last_scope = NULL;
    arena_clear(&cache->folded_paths);
    return status;
}

static int flush_scopes(struct foldcache *cache)
{
    int status = 0;
    for (int i = 0; i < SCOPES; i++) {
        struct scope *scope = &cache->scope[i];
        if (scope->path.ptr == NULL)
            continue;
        if (status == 0)
            status = dirmap_fold_histogram(cache->dirs, scope->hash, scope->path, scope->uid,
                                           scope->gid, &scope->histogram);
        memset(scope, 0, sizeof *scope);
    }
    cache->scope_count = 0;
    arena_clear(&cache->scope_paths);
    return status;
}

int foldcache_finish(struct foldcache *cache)
{
    int status = flush_scopes(cache);
    arena_clear(&cache->folded_paths);
    free(cache);
    return status;
}

/* The directory in whose histograms the files of the folded directory `path` count. */
static struct slice scope_path(const struct foldcache *cache, struct slice path)
{
    const char *end = path.ptr + path.len;
    const char *p = path.ptr;
    for (unsigned depth = 0; depth < cache->histogram_depth; depth++) {
        p = memchr(p + 1, '/', (size_t)(end - p - 1));
        if (p == NULL)
            return path;
    }
    return (struct slice){path.ptr, (size_t)(p - path.ptr)};
}

/* Where the files of a delta count. NULL: out of memory. */
static struct scope *scope_of(struct foldcache *cache, const struct dirmap_delta *delta)
{
    if (cache->scope_count == SCOPES_USED && flush_scopes(cache) != 0)
        return NULL;
    struct slice path = scope_path(cache, (struct slice){delta->path, delta->path_len});
    uint64_t hash = path.len == delta->path_len ? delta->hash : dirmap_hash(path);
    /* An odd multiplier spreads the owners of one directory over the table. */
    size_t at =
        hash ^ (((uint64_t)delta->uid << 32 | delta->gid) * UINT64_C(0x9E3779B97F4A7C15) >> 40);
    for (;; at++) {
        struct scope *scope = &cache->scope[at % SCOPES];
        if (scope->path.ptr == NULL) {
            const char *copy = arena_copy(&cache->scope_paths, path.ptr, path.len);
            if (copy == NULL)
                return NULL;
            scope->path = (struct slice){copy, path.len};
            scope->hash = hash;
            scope->uid = delta->uid;
            scope->gid = delta->gid;
            cache->scope_count++;
            return scope;
        }
        if (scope->hash == hash && scope->uid == delta->uid && scope->gid == delta->gid &&
            slice_equal(scope->path, path))
            return scope;
    }
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
    cache->last_scope = NULL;
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

int foldcache_add(struct foldcache *cache, const struct entry *entry,
                  const struct histogram_ages *ages)
{
    if (entry->is_directory)
        return add_directory(cache, entry);
    struct dirmap_delta *delta = delta_of(cache, entry);
    if (delta == NULL)
        return -1;
    dirstat_add(&delta->stat, entry);
    if (cache->last_scope == NULL && (cache->last_scope = scope_of(cache, delta)) == NULL)
        return -1;
    histogram_add(&cache->last_scope->histogram,
                  histogram_access_bucket(ages, histogram_age_time(ages, entry)),
                  histogram_size_bucket(entry->size), entry->size);
    return 0;
}
