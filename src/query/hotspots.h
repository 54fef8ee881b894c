/* hotspots: which directories only pass on what they hold: a single subdirectory has nearly all of
 * it. Those that do not are where the data really is. */
#ifndef FSTALLY_HOTSPOTS_H
#define FSTALLY_HOTSPOTS_H

#include <stdbool.h>
#include <stdint.h>

struct cold;
struct err;
struct hotspots;
struct scan;

/* By the share in the scan's filter (hot_spots): of the bytes in `below`, borrowed for the call,
 * where that is not NULL, else of what the filter sorts by, see filter_set_hot_spots. Takes 20
 * bytes a directory. */
int hotspots_new(struct hotspots **out, const struct scan *scan, const struct cold *below,
                 struct err *err);
void hotspots_free(struct hotspots *hotspots);

/* Whether a single subdirectory of a directory has at least that share. Any thread. */
bool hotspots_passes_on(const struct hotspots *hotspots, int64_t id);

/* What a directory's share has been taken of. Any thread. */
int64_t hotspots_figure(const struct hotspots *hotspots, int64_t id);

#endif
