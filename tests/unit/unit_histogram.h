/* unit_histogram: what a dirmap holds of one owner's files, over all its directories. */
#ifndef FSTALLY_UNIT_HISTOGRAM_H
#define FSTALLY_UNIT_HISTOGRAM_H

#include "dirmap.h"

static inline struct histogram unit_histogram(const struct dirmap *dirs, uint32_t uid)
{
    struct histogram sum = {0};
    for (uint32_t id = DIRMAP_NONE; (id = dirmap_next(dirs, id, 0, 1)) != DIRMAP_NONE;) {
        const struct dirmap_bucket *bucket = NULL;
        while ((bucket = dirmap_next_bucket(dirs, id, bucket)) != NULL)
            if (bucket->uid == uid)
                histogram_count(&sum.bucket[bucket->kind][bucket->index], bucket->counts.files,
                                bucket->counts.size);
    }
    return sum;
}

#endif
