/* cold: each directory's own cold files are added up from its cells, by all threads, as running
 * sums over its block. A subtree is a range of the preorder, so what is below a directory is the
 * difference of two running sums: no walk over the tree, and no order between blocks.
 *
 * A running sum of bytes may pass 64 bits; only what is below a directory stays at INT64_MAX. */
#include "cold.h"

#include <stdlib.h>

#include "cells.h"
#include "err.h"
#include "filter.h"
#include "mem.h"
#include "reader.h"
#include "scan.h"
#include "scope.h"

__extension__ typedef unsigned __int128 wide;

/* Running sums up to and with a directory, from the beginning of its block; [0] is directory 1. */
struct cold {
    const struct scan *scan; /* while it is made */
    size_t directories;
    size_t blocks;
    wide *size;
    uint64_t *files;
    wide *size_before; /* of the blocks before */
    uint64_t *files_before;
};

/* What a directory has itself. */
struct own {
    uint64_t size;
    uint64_t files;
};

static void add_cell(struct own *own, const struct facts_cells *cells, uint32_t c, int64_t first)
{
    /* Without a branch, which the processor could not predict. */
    uint64_t mask = cells->index[c] >= first ? UINT64_MAX : 0;
    int64_t size = facts_sum((int64_t)own->size, (int64_t)((uint64_t)cells->size[c] & mask));
    own->size = (uint64_t)size;
    own->files += (uint64_t)cells->files[c] & mask;
}

/* All files of every directory. */
static int add_all(struct own *own, const struct scan_block *block, const struct facts_cells *cells,
                   int64_t first, struct err *err)
{
    const uint32_t *starts;
    if (facts_cell_starts(&starts, block->facts, err) != 0)
        return -1;
    for (uint32_t i = 0; i < block->count; i++)
        for (uint32_t c = starts[i]; c < starts[i + 1]; c++)
            add_cell(&own[i], cells, c, first);
    return 0;
}

/* Those of the owners and groups that are asked for. */
static int add_wanted(struct own *own, const struct scan_block *block, const struct scope *scope,
                      const struct facts_cells *cells, int64_t first, struct err *err)
{
    const struct facts_share *shares;
    size_t count;
    if (facts_shares(&shares, &count, block->facts, FACTS_WANT_CELLS, scope->pair_count, err) != 0)
        return -1;
    for (size_t s = 0; s < count; s++)
        if (scope->pairs[shares[s].pair].wanted)
            for (uint32_t c = shares[s].cells_begin; c < shares[s].cells_end; c++)
                add_cell(&own[shares[s].directory], cells, c, first);
    return 0;
}

/* A scan_visit. */
static int sum_block(void *context, const struct scan_block *block, struct err *err)
{
    struct cold *cold = context;
    const struct scope *scope = cold->scan->scope;
    int64_t first = cells_index((unsigned)cold->scan->filter->cold_bucket, 0); /* cell */
    struct own own[FACTS_BLOCK] = {{0, 0}};
    struct facts_cells cells;
    if (facts_cells(&cells, block->facts, err) != 0)
        return -1;
    int status = scope->all_wanted ? add_all(own, block, &cells, first, err)
                                   : add_wanted(own, block, scope, &cells, first, err);
    if (status != 0)
        return -1;
    wide size = 0;
    uint64_t files = 0;
    for (uint32_t i = 0; i < block->count; i++) {
        size += own[i].size;
        files += own[i].files;
        cold->size[block->first_id - 1 + i] = size;
        cold->files[block->first_id - 1 + i] = files;
    }
    return 0;
}

/* The sums up to the beginning of each block. Blocks that were not read have none. */
static void join_blocks(struct cold *cold)
{
    for (size_t b = 1; b < cold->blocks; b++) {
        size_t last = b * FACTS_BLOCK - 1;
        cold->size_before[b] = cold->size_before[b - 1] + cold->size[last];
        cold->files_before[b] = cold->files_before[b - 1] + cold->files[last];
    }
}

int cold_new(struct cold **out, const struct scan *scan, struct err *err)
{
    struct scan everything = *scan;
    struct cold *cold = calloc(1, sizeof *cold);
    everything.everything = true;
    if (cold == NULL)
        return err_set(err, "query: out of memory");
    cold->scan = scan;
    cold->directories = (size_t)scan->scope->directories;
    cold->blocks = (cold->directories + FACTS_BLOCK - 1) / FACTS_BLOCK;
    cold->size = mem_table(cold->directories, sizeof *cold->size);
    cold->files = mem_table(cold->directories, sizeof *cold->files);
    cold->size_before = calloc(cold->blocks + 1, sizeof *cold->size_before);
    cold->files_before = calloc(cold->blocks + 1, sizeof *cold->files_before);
    if (cold->size == NULL || cold->files == NULL || cold->size_before == NULL ||
        cold->files_before == NULL) {
        err_no_memory(err, "%s: cannot add up %zu directories", reader_path(scan->reader),
                      cold->directories);
    } else if (scan_run(&everything, NULL, sum_block, cold, err) == 0) {
        join_blocks(cold);
        *out = cold;
        return 0;
    }
    cold_free(cold);
    return -1;
}

void cold_free(struct cold *cold)
{
    if (cold == NULL)
        return;
    mem_free_array(cold->size, cold->directories, sizeof *cold->size);
    mem_free_array(cold->files, cold->directories, sizeof *cold->files);
    free(cold->size_before);
    free(cold->files_before);
    free(cold);
}

/* The last place, from 0, of a directory's subtree: at least its own, and in the database. */
static size_t last_place(const struct cold *cold, size_t place, int64_t below)
{
    size_t most = cold->directories - 1 - place;
    return place + (below < 0 ? 0 : (uint64_t)below < most ? (size_t)below : most);
}

/* What is in the places [first, last]. */
static void subtract(int64_t *size, int64_t *files, const struct cold *cold, size_t first,
                     size_t last)
{
    wide bytes = cold->size[last];
    uint64_t count = cold->files[last];
    if (last / FACTS_BLOCK != first / FACTS_BLOCK) {
        bytes += cold->size_before[last / FACTS_BLOCK] - cold->size_before[first / FACTS_BLOCK];
        count += cold->files_before[last / FACTS_BLOCK] - cold->files_before[first / FACTS_BLOCK];
    }
    if (first % FACTS_BLOCK != 0) {
        bytes -= cold->size[first - 1];
        count -= cold->files[first - 1];
    }
    *size = bytes > INT64_MAX ? INT64_MAX : (int64_t)bytes;
    *files = count > INT64_MAX ? INT64_MAX : (int64_t)count;
}

int cold_below(int64_t *size, int64_t *files, const struct cold *cold,
               const struct scan_block *block, struct err *err)
{
    const int64_t *below = facts_values(block->facts, FACTS_DIRS_R, err);
    size_t first = (size_t)block->first_id - 1;
    if (below == NULL)
        return -1;
    for (uint32_t i = 0; i < block->count; i++)
        subtract(&size[i], &files[i], cold, first + i, last_place(cold, first + i, below[i]));
    return 0;
}

void cold_in(int64_t *size, int64_t *files, const struct cold *cold, struct scope_range range)
{
    int64_t last =
        range.last < (int64_t)cold->directories ? range.last : (int64_t)cold->directories;
    *size = *files = 0;
    if (range.first >= 1 && range.first <= last)
        subtract(size, files, cold, (size_t)range.first - 1, (size_t)last - 1);
}
