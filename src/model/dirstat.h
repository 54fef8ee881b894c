/* dirstat: what is counted about a set of files. Merging is associative and commutative, so that
 * any split of the input over threads, runs or databases gives the same figures. */
#ifndef FSTALLY_DIRSTAT_H
#define FSTALLY_DIRSTAT_H

#include <stdint.h>

#include "entry.h"

/* What a counter sticks at once it has passed INT64_MAX, the most that the database holds. */
#define DIRSTAT_OVERFLOW (UINT64_C(1) << 63)

/* Zero files: DIRSTAT_NONE. */
struct dirstat {
    uint64_t files;    /* each counter is in [0, INT64_MAX], or DIRSTAT_OVERFLOW */
    uint64_t size;     /* logical bytes */
    uint64_t alloc;    /* allocated bytes */
    int64_t max_atime; /* the latest instant, or ENTRY_NO_TIME */
    int64_t max_mtime; /* likewise */
};

#define DIRSTAT_NONE ((struct dirstat){0, 0, 0, ENTRY_NO_TIME, ENTRY_NO_TIME})

/* a + b, which sticks at DIRSTAT_OVERFLOW. */
static inline uint64_t dirstat_sum(uint64_t a, uint64_t b)
{
    uint64_t sum = a + b;
    return sum < a || sum > INT64_MAX ? DIRSTAT_OVERFLOW : sum;
}

static inline void dirstat_add(struct dirstat *stat, const struct entry *file)
{
    stat->files++;
    stat->size = dirstat_sum(stat->size, (uint64_t)file->size);
    stat->alloc = dirstat_sum(stat->alloc, (uint64_t)file->alloc);
    if (file->atime > stat->max_atime)
        stat->max_atime = file->atime;
    if (file->mtime > stat->max_mtime)
        stat->max_mtime = file->mtime;
}

static inline void dirstat_merge(struct dirstat *into, const struct dirstat *from)
{
    into->files = dirstat_sum(into->files, from->files);
    into->size = dirstat_sum(into->size, from->size);
    into->alloc = dirstat_sum(into->alloc, from->alloc);
    if (from->max_atime > into->max_atime)
        into->max_atime = from->max_atime;
    if (from->max_mtime > into->max_mtime)
        into->max_mtime = from->max_mtime;
}

static inline bool dirstat_overflowed(const struct dirstat *stat)
{
    return ((stat->files | stat->size | stat->alloc) & DIRSTAT_OVERFLOW) != 0;
}

#endif
