/* foldcache: what one thread has counted since it last folded into the shared maps. */
#ifndef FSTALLY_FOLDCACHE_H
#define FSTALLY_FOLDCACHE_H

#include "dirmap.h"
#include "entry.h"
#include "histogram.h"
#include "ownermap.h"

struct foldcache;

/* A cache before two shared maps, both borrowed. Never NULL. */
struct foldcache *foldcache_new(struct dirmap *dirs, struct ownermap *owners);

/* Counts an entry; its path must stay readable until the next foldcache_flush. `ages` belong to the
 * log that the entry came from. -1: out of memory. */
int foldcache_add(struct foldcache *cache, const struct entry *entry,
                  const struct histogram_ages *ages);

/* Folds the directories' counters into the shared map and lets go of every path. -1: no memory. */
int foldcache_flush(struct foldcache *cache);

/* Folds the histograms; flush first. Frees the cache. */
void foldcache_finish(struct foldcache *cache);

#endif
