/* blockpool: blocks of one size that die together, cut out of large mapped pieces of memory. */
#ifndef FSTALLY_BLOCKPOOL_H
#define FSTALLY_BLOCKPOOL_H

#include <stddef.h>
#include <uv.h>

struct blockpool {
    uv_mutex_t lock; /* guards the other members but block_bytes */
    size_t block_bytes;
    char **pieces;
    size_t piece_count;
    size_t piece_room;
    size_t used; /* bytes of the last piece */
};

/* Of blocks of `block_bytes`, a multiple of 64 and at most 1 MiB. -1: no lock to be had. */
int blockpool_init(struct blockpool *pool, size_t block_bytes);
void blockpool_dispose(struct blockpool *pool);

/* Returns a zeroed block, aligned to 64 bytes, which lives as long as the pool. NULL: out of memory.
 * Any number of threads at once. */
void *blockpool_take(struct blockpool *pool);

#endif
