/* unit_histogram: what a dirmap holds of one owner's files, over all its directories. */
#ifndef FSTALLY_UNIT_HISTOGRAM_H
#define FSTALLY_UNIT_HISTOGRAM_H

#include "dirmap.h"

static inline void unit_add_cells(struct histogram *sum, const struct dirmap *dirs, uint32_t id,
                                  const struct dirmap_owner *owner)
{
    struct cells_count cells[CELLS];
    size_t count = dirmap_cells(dirs, id, owner, cells);
    for (size_t i = 0; i < count; i++)
        cells_add_to(sum, &cells[i]);
}

static inline struct histogram unit_histogram(const struct dirmap *dirs, uint32_t uid)
{
    struct histogram sum = {0};
    for (uint32_t id = DIRMAP_NONE; (id = dirmap_next(dirs, id, 0, 1)) != DIRMAP_NONE;) {
        if (dirmap_at(dirs, id)->stat.files != 0 && dirmap_at(dirs, id)->uid == uid)
            unit_add_cells(&sum, dirs, id, NULL);
        const struct dirmap_owner *owner = NULL;
        while ((owner = dirmap_next_owner(dirs, id, owner)) != NULL)
            if (owner->uid == uid)
                unit_add_cells(&sum, dirs, id, owner);
    }
    return sum;
}

#endif
