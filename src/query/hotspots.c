/* hotspots: figures and parents are taken from the facts by all threads; then one thread compares
 * each directory with its parent's largest so far. */
#include "hotspots.h"

#include <stdlib.h>
#include <string.h>

#include "cold.h"
#include "err.h"
#include "filter.h"
#include "mem.h"
#include "reader.h"
#include "scan.h"
#include "scope.h"

/* [0] is directory 1. */
struct hotspots {
    const struct scan *scan; /* the next two while it is made */
    const struct cold *below;
    size_t directories;
    int64_t share;     /* percent */
    int64_t *whole;    /* a directory's figure */
    int64_t *largest;  /* the largest of its subdirectories' */
    uint32_t *parents; /* places; UINT32_MAX: none */
};

static enum facts_column column_of(const struct filter *filter)
{
    switch (filter->sort_by) {
    case FILTER_SORT_ALLOC_R:
    case FILTER_SORT_ALLOC_NR:
        return FACTS_ALLOC_R;
    case FILTER_SORT_FILES_R:
    case FILTER_SORT_FILES_NR:
        return FACTS_FILES_R;
    default:
        return FACTS_SIZE_R;
    }
}

static int take_figures(int64_t *out, const struct hotspots *hotspots,
                        const struct scan_block *block, struct err *err)
{
    int64_t files[FACTS_BLOCK];
    if (hotspots->below != NULL)
        return cold_below(out, files, hotspots->below, block, err);
    const int64_t *values = facts_values(block->facts, column_of(hotspots->scan->filter), err);
    if (values == NULL)
        return -1;
    memcpy(out, values, block->count * sizeof *values);
    return 0;
}

/* A scan_visit. */
static int take_block(void *context, const struct scan_block *block, struct err *err)
{
    struct hotspots *hotspots = context;
    int64_t figures[FACTS_BLOCK];
    const int64_t *distance = facts_values(block->facts, FACTS_PARENT, err);
    if (distance == NULL || take_figures(figures, hotspots, block, err) != 0)
        return -1;
    for (uint32_t i = 0; i < block->count; i++) {
        int64_t place = block->first_id - 1 + i;
        bool known = distance[i] > 0 && distance[i] <= place;
        hotspots->parents[place] = known ? (uint32_t)(place - distance[i]) : UINT32_MAX;
        hotspots->whole[place] = figures[i];
    }
    return 0;
}

static void find_largest(struct hotspots *hotspots)
{
    for (size_t i = 0; i < hotspots->directories; i++) {
        uint32_t parent = hotspots->parents[i];
        if (parent < i && hotspots->whole[i] > hotspots->largest[parent])
            hotspots->largest[parent] = hotspots->whole[i];
    }
}

int hotspots_new(struct hotspots **out, const struct scan *scan, const struct cold *below,
                 struct err *err)
{
    struct scan everything = *scan;
    struct hotspots *hotspots = calloc(1, sizeof *hotspots);
    everything.everything = true;
    if (hotspots == NULL)
        return err_set(err, "query: out of memory");
    size_t count = (size_t)scan->scope->directories;
    hotspots->scan = scan;
    hotspots->below = below;
    hotspots->directories = count;
    hotspots->share = scan->filter->hot_spots;
    hotspots->whole = mem_table(count, sizeof *hotspots->whole);
    hotspots->largest = mem_table(count, sizeof *hotspots->largest);
    hotspots->parents = mem_table(count, sizeof *hotspots->parents);
    if (hotspots->whole == NULL || hotspots->largest == NULL || hotspots->parents == NULL) {
        err_no_memory(err, "%s: cannot compare %zu directories", reader_path(scan->reader), count);
    } else if (scan_run(&everything, NULL, take_block, hotspots, err) == 0) {
        find_largest(hotspots);
        *out = hotspots;
        return 0;
    }
    hotspots_free(hotspots);
    return -1;
}

void hotspots_free(struct hotspots *hotspots)
{
    if (hotspots == NULL)
        return;
    mem_free_array(hotspots->whole, hotspots->directories, sizeof *hotspots->whole);
    mem_free_array(hotspots->largest, hotspots->directories, sizeof *hotspots->largest);
    mem_free_array(hotspots->parents, hotspots->directories, sizeof *hotspots->parents);
    free(hotspots);
}

bool hotspots_passes_on(const struct hotspots *hotspots, int64_t id)
{
    int64_t whole = hotspots->whole[id - 1];
    int64_t share = hotspots->share;
    /* whole * share / 100, rounded up, in two steps that do not overflow. */
    int64_t least = whole / 100 * share + (whole % 100 * share + 99) / 100;
    return whole > 0 && hotspots->largest[id - 1] >= least;
}

int64_t hotspots_figure(const struct hotspots *hotspots, int64_t id)
{
    return hotspots->whole[id - 1];
}
