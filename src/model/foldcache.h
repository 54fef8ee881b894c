/* foldcache: what one thread has counted since it last folded into the shared map. */
#ifndef FSTALLY_FOLDCACHE_H
#define FSTALLY_FOLDCACHE_H

#include "dirmap.h"
#include "entry.h"
#include "histogram.h"

struct foldcache;

/* A cache before a shared map, which is borrowed. Never NULL. */
struct foldcache *foldcache_new(struct dirmap *dirs);
void foldcache_free(struct foldcache *cache); /* flush first */

/* Counts an entry; its path must stay readable until the next foldcache_flush. `ages` belong to the
 * log that the entry came from. -1: out of memory. */
int foldcache_add(struct foldcache *cache, const struct entry *entry,
                  const struct histogram_ages *ages);

/* Folds what has been counted into the shared map and lets go of every path. -1: out of memory. */
int foldcache_flush(struct foldcache *cache);

#endif
