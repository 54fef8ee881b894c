/* foldcache: what one thread has counted since it last folded into the shared map. */
#ifndef FSTALLY_FOLDCACHE_H
#define FSTALLY_FOLDCACHE_H

#include "dirmap.h"
#include "entry.h"
#include "histogram.h"

struct foldcache;

/* A cache before a shared map, which is borrowed. A file counts in the histograms of its directory,
 * or, where that lies deeper than `histogram_depth`, of the ancestor at that depth, which the map
 * then holds: at least 1, and at least the depth of the root that the map will be linked with.
 * Never NULL. */
struct foldcache *foldcache_new(struct dirmap *dirs, unsigned histogram_depth);

/* Counts an entry; its path must stay readable until the next foldcache_flush. `ages` belong to the
 * log that the entry came from. -1: out of memory. */
int foldcache_add(struct foldcache *cache, const struct entry *entry,
                  const struct histogram_ages *ages);

/* Folds the directories' counters into the shared map and lets go of every path. -1: no memory. */
int foldcache_flush(struct foldcache *cache);

/* Folds the histograms too, and frees the cache; flush first. -1: no memory. */
int foldcache_finish(struct foldcache *cache);

#endif
