/* cells: files by age and size at once. A cell is a bucket of the access histogram and a bucket of
 * the size histogram (histogram.h); both histograms of any set of files are sums over its cells. */
#ifndef FSTALLY_CELLS_H
#define FSTALLY_CELLS_H

#include <stddef.h>
#include <stdint.h>

#include "histogram.h"

enum { CELLS = HISTOGRAM_BUCKETS * HISTOGRAM_BUCKETS };

/* Some files of one cell. */
struct cells_count {
    uint64_t files;
    uint64_t size;  /* logical bytes; sticks like a dirstat counter */
    unsigned index; /* [0, CELLS) */
};

static inline unsigned cells_index(unsigned access_bucket, unsigned size_bucket)
{
    return access_bucket * HISTOGRAM_BUCKETS + size_bucket;
}

static inline unsigned cells_access_bucket(unsigned index)
{
    return index / HISTOGRAM_BUCKETS;
}

static inline unsigned cells_size_bucket(unsigned index)
{
    return index % HISTOGRAM_BUCKETS;
}

/* Adds files to one of `count` cells that are in the order of their indexes, each once, or puts a cell
 * for them between these. Returns how many there are then. */
size_t cells_add(struct cells_count *cells, size_t count, const struct cells_count *more);

/* Counts a cell's files in both histograms. */
static inline void cells_add_to(struct histogram *histogram, const struct cells_count *cell)
{
    histogram_count(&histogram->bucket[HISTOGRAM_ACCESS][cells_access_bucket(cell->index)],
                    cell->files, cell->size);
    histogram_count(&histogram->bucket[HISTOGRAM_SIZE][cells_size_bucket(cell->index)], cell->files,
                    cell->size);
}

#endif
