/* dirmap: directory path -> the counters of the files directly in it, by owner. Sharded by hash, so
 * that many threads fold into one map at once. */
#ifndef FSTALLY_DIRMAP_H
#define FSTALLY_DIRMAP_H

#include <stddef.h>
#include <stdint.h>

#include "cells.h"
#include "dirstat.h"
#include "slice.h"

struct dirmap;

/* What a thread has counted and not yet folded: some files of one owner in one directory. */
struct dirmap_delta {
    uint64_t hash;     /* dirmap_hash of the path */
    const char *path;  /* borrowed until dirmap_fold returns; folded (see pathname.h) */
    uint32_t path_len; /* bytes */
    uint32_t uid;      /* meaningless where stat.files is 0 */
    uint32_t gid;
    /* files 0: only that the directory exists, and perhaps the max_mtime of its files, where the
     * owners' own are not known. */
    struct dirstat stat;
    uint32_t cells_begin; /* the files by age and size: the batch's cells from here */
    uint32_t cell_count;
};

/* The files of one further owner in a directory. */
struct dirmap_owner {
    struct dirstat stat;
    uint32_t uid;
    uint32_t gid;
    uint32_t dir;   /* local number of the directory in its shard */
    uint32_t next;  /* number of the next such record in the shard, 0: none */
    uint32_t cells; /* its files by age and size: number of the first group, 0: none */
};

#define DIRMAP_NONE UINT32_MAX /* no directory */

/* A directory: 72 bytes. */
struct dirmap_dir {
    const char *path; /* borrowed from the map; folded; no NUL after it */
    uint32_t path_len : 31;
    uint32_t path_is_blob : 1; /* it is not UTF-8 */
    uint32_t parent;           /* after dirmap_link: the parent's id, or DIRMAP_NONE */
    uint32_t uid;              /* the first owner seen; meaningless where stat.files is 0 */
    uint32_t gid;
    uint32_t owners; /* further owners: number of the first record in the shard, 0: none */
    uint32_t cells;  /* the first owner's, as in dirmap_owner */
    /* The first owner's files; max_mtime may be that of another owner's. */
    struct dirstat stat;
};

/* Never NULL. */
struct dirmap *dirmap_new(void);
void dirmap_free(struct dirmap *map);

uint64_t dirmap_hash(struct slice path);

/* Adds deltas and their cells, both borrowed. Any number of threads at once. -1: out of memory. */
int dirmap_fold(struct dirmap *map, const struct dirmap_delta *deltas, size_t count,
                const struct cells_count *cells);

/* About how many bytes the map takes; *dirs: the directories in it. Any number of threads at once. */
size_t dirmap_bytes(struct dirmap *map, size_t *dirs);

/* Adds every missing ancestor (but `/`, and nothing above `root`) of what has been folded so far, on
 * `threads` threads, while nobody folds; more can be folded afterwards. `root` is a folded path, empty
 * for none; all directories of the map are in it. -1: out of memory. */
int dirmap_add_ancestors(struct dirmap *map, struct slice root, unsigned threads);

/* From here on nothing is folded: one thread links, then any number of threads read. */

/* Does the same, sets every parent and gives the index back: nothing can be folded afterwards. */
int dirmap_link(struct dirmap *map, struct slice root, unsigned threads);

/* Directories, and a bound on their ids: [0, dirmap_id_limit), some of which no directory has. */
size_t dirmap_count(const struct dirmap *map);
uint32_t dirmap_id_limit(const struct dirmap *map);

/* Walks the ids of part `part` of `parts`, in the order in which the records lie in memory: pass
 * DIRMAP_NONE for the first; DIRMAP_NONE when done. Every id is in one part; there may be parts
 * without any. */
uint32_t dirmap_next(const struct dirmap *map, uint32_t id, unsigned part, unsigned parts);

/* The directory with this id, or NULL. */
struct dirmap_dir *dirmap_at(const struct dirmap *map, uint32_t id);

/* Gets the record of a directory, which exists, on its way into the cache. */
void dirmap_prefetch(const struct dirmap *map, uint32_t id);

/* The further owners of the directory with this id: pass NULL for the first; NULL when done. */
const struct dirmap_owner *dirmap_next_owner(const struct dirmap *map, uint32_t id,
                                             const struct dirmap_owner *owner);

/* Fills `cells` with the files of one owner of that directory (NULL: its first) by age and size, in
 * the order of their indexes, each once. Returns how many. */
size_t dirmap_cells(const struct dirmap *map, uint32_t id, const struct dirmap_owner *owner,
                    struct cells_count cells[CELLS]);

/* Gets the first of those cells on its way into the cache. */
void dirmap_prefetch_cells(const struct dirmap *map, uint32_t id);

#endif
