/* reportparts: every directory's files are counted once, for the innermost part that it lies in;
 * then each part is added to the one above it. So the number of parts costs next to nothing, and
 * all of them take one look through the facts.
 *
 * Parts are ranges of dir_id inside one another. Segments say, for a run of ids, which part is the
 * innermost: a part begins one, and where it ends the one above it goes on. A thread adds up owners
 * in a list by their number, and puts it away as soon as another part begins. */
#include "reportparts.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "cells.h"
#include "err.h"
#include "filter.h"
#include "hotspots.h"
#include "mem.h"
#include "reporttree.h"
#include "scan.h"

enum {
    PART_COLD = 10, /* of a part that is not the whole */
    PART_OWNERS = 10,
};

/* From this number on, up to the next segment, directories are of that part. */
struct segment {
    int64_t from;
    size_t part;
};

/* Some of an owner's files in a part. */
struct held {
    size_t part;
    uint32_t owner;
    int64_t last_id; /* the directory that was counted last */
    struct reportparts_owner sum;
};

/* What one thread has counted. */
struct counts {
    struct histogram *histograms; /* one a part */
    size_t part;                  /* that `sums` are of */
    struct held *sums;            /* by owner; of those not touched nothing is set */
    bool *touched;
    uint32_t *owners; /* that are touched */
    size_t owner_count;
    struct held *put_away;
    size_t count;
    size_t room;
};

struct counting {
    const struct scan *scan;
    struct reportparts *parts;
    struct segment *segments;
    size_t segment_count;
    uint32_t *owner_of; /* by pair */
    size_t owner_count;
    struct counts *counts; /* one a thread */
};

static int out_of_memory(struct err *err)
{
    return err_set(err, "--report: out of memory");
}

/* ---- Which parts there are ---- */

static int by_first(const void *left, const void *right)
{
    const struct reportparts_part *a = left;
    const struct reportparts_part *b = right;
    if (a->range.first != b->range.first)
        return a->range.first < b->range.first ? -1 : 1;
    return (a->range.last < b->range.last) - (a->range.last > b->range.last);
}

static int choose(struct reportparts *parts, struct scope_range whole,
                  const struct reporttree *tree, size_t most, struct err *err)
{
    size_t count = tree->count < most ? tree->count : most;
    parts->parts = calloc(count + 1, sizeof *parts->parts);
    if (parts->parts == NULL)
        return out_of_memory(err);
    parts->parts[0] = (struct reportparts_part){.range = whole, .row = tree->count};
    parts->count = 1;
    for (size_t i = 0; i < count; i++) {
        const struct reporttree_row *row = &tree->rows[tree->by_size[i]];
        const struct scope_range range = {row->id, row->id + row->directories};
        if (range.first != whole.first || range.last != whole.last)
            parts->parts[parts->count++] =
                (struct reportparts_part){.range = range, .row = tree->by_size[i]};
    }
    qsort(parts->parts + 1, parts->count - 1, sizeof *parts->parts, by_first);
    return 0;
}

/* The segment that begins at `from` is the part's; one that would be empty is overwritten. */
static void begin_segment(struct counting *counting, int64_t from, size_t part)
{
    size_t count = counting->segment_count;
    if (count == 0 || counting->segments[count - 1].from != from)
        counting->segment_count++;
    counting->segments[counting->segment_count - 1] = (struct segment){from, part};
}

/* Finds what lies in what, and the segments. */
static int nest(struct counting *counting, struct err *err)
{
    struct reportparts_part *parts = counting->parts->parts;
    size_t count = counting->parts->count;
    counting->segments = calloc(2 * count, sizeof *counting->segments);
    if (counting->segments == NULL)
        return out_of_memory(err);
    size_t current = 0;
    begin_segment(counting, parts[0].range.first, 0);
    for (size_t i = 1; i < count; i++) {
        for (; parts[current].range.last < parts[i].range.first; current = parts[current].above)
            begin_segment(counting, parts[current].range.last + 1, parts[current].above);
        parts[i].above = current;
        current = i;
        begin_segment(counting, parts[i].range.first, i);
    }
    for (; current != 0; current = parts[current].above)
        begin_segment(counting, parts[current].range.last + 1, parts[current].above);
    return 0;
}

static size_t find_segment(const struct counting *counting, int64_t id)
{
    size_t low = 0;
    size_t high = counting->segment_count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (counting->segments[middle].from <= id)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* ---- Counting ---- */

static int start_counts(struct counts *counts, const struct counting *counting, struct err *err)
{
    counts->histograms = calloc(counting->parts->count, sizeof *counts->histograms);
    counts->sums = calloc(counting->owner_count + 1, sizeof *counts->sums);
    counts->touched = calloc(counting->owner_count + 1, sizeof *counts->touched);
    counts->owners = calloc(counting->owner_count + 1, sizeof *counts->owners);
    return counts->histograms == NULL || counts->sums == NULL || counts->touched == NULL ||
                   counts->owners == NULL
               ? out_of_memory(err)
               : 0;
}

static void free_counts(struct counts *counts)
{
    free(counts->histograms);
    free(counts->sums);
    free(counts->touched);
    free(counts->owners);
    free(counts->put_away);
}

/* Puts the sums of the part away. */
static int put_away(struct counts *counts, struct err *err)
{
    for (size_t i = 0; i < counts->owner_count; i++) {
        uint32_t owner = counts->owners[i];
        struct held *longer =
            mem_grow(counts->put_away, &counts->room, counts->count, sizeof *longer);
        if (longer == NULL)
            return out_of_memory(err);
        counts->put_away = longer;
        longer[counts->count++] = counts->sums[owner];
        counts->touched[owner] = false;
    }
    counts->owner_count = 0;
    return 0;
}

/* The owner's sum in the part, empty at first. */
static struct held *touch(struct counts *counts, uint32_t owner, int64_t uid)
{
    struct held *held = &counts->sums[owner];
    if (!counts->touched[owner]) {
        counts->touched[owner] = true;
        counts->owners[counts->owner_count++] = owner;
        *held = (struct held){
            .part = counts->part, .owner = owner, .sum = {.uid = uid, .atime = FACTS_NULL}};
    }
    return held;
}

static void count_share(struct counts *counts, struct held *held, const struct facts_share *share,
                        const struct facts_cells *cells, int64_t first_cold)
{
    struct histogram *histogram = &counts->histograms[counts->part];
    struct reportparts_owner *sum = &held->sum;
    sum->files = facts_sum(sum->files, share->figures[FACTS_SHARE_FILES]);
    sum->size = facts_sum(sum->size, share->figures[FACTS_SHARE_SIZE]);
    sum->alloc = facts_sum(sum->alloc, share->figures[FACTS_SHARE_ALLOC]);
    if (share->figures[FACTS_SHARE_ATIME] > sum->atime)
        sum->atime = share->figures[FACTS_SHARE_ATIME];
    for (uint32_t c = share->cells_begin; c < share->cells_end; c++) {
        const struct cells_count cell = {(uint64_t)cells->files[c], (uint64_t)cells->size[c],
                                         (unsigned)cells->index[c]};
        cells_add_to(histogram, &cell);
        if (cells->index[c] >= first_cold)
            sum->cold = facts_sum(sum->cold, cells->size[c]);
    }
}

/* A scan_visit. */
static int count_block(void *context, const struct scan_block *block, struct err *err)
{
    const struct counting *counting = context;
    const struct scope *scope = counting->scan->scope;
    struct counts *counts = &counting->counts[block->thread];
    int64_t first_cold = cells_index((unsigned)counting->scan->filter->cold_bucket, 0);
    size_t segment = find_segment(counting, block->first_id);
    const struct facts_share *shares;
    struct facts_cells cells;
    size_t count;
    if ((counts->histograms == NULL && start_counts(counts, counting, err) != 0) ||
        facts_shares(&shares, &count, block->facts, FACTS_WANT_ALL, scope->pair_count, err) != 0 ||
        facts_cells(&cells, block->facts, err) != 0)
        return -1;
    for (size_t s = 0; s < count; s++) {
        const struct facts_share *share = &shares[s];
        int64_t id = block->first_id + share->directory;
        if (!scan_has(block->bits, share->directory))
            continue;
        while (segment + 1 < counting->segment_count && counting->segments[segment + 1].from <= id)
            segment++;
        if (counting->segments[segment].part != counts->part && put_away(counts, err) != 0)
            return -1;
        counts->part = counting->segments[segment].part;
        struct held *held =
            touch(counts, counting->owner_of[share->pair], scope->pairs[share->pair].uid);
        held->sum.directories += held->last_id != id; /* it counts once, in however many groups */
        held->last_id = id;
        count_share(counts, held, share, &cells, first_cold);
    }
    return 0;
}

/* ---- Owners ---- */

static int by_part_and_owner(const void *left, const void *right)
{
    const struct held *a = left;
    const struct held *b = right;
    if (a->part != b->part)
        return a->part < b->part ? -1 : 1;
    return (a->owner > b->owner) - (a->owner < b->owner);
}

/* Most bytes first; equals by number. */
static int by_size(const void *left, const void *right)
{
    const struct reportparts_owner *a = left;
    const struct reportparts_owner *b = right;
    if (a->size != b->size)
        return a->size > b->size ? -1 : 1;
    return (a->uid > b->uid) - (a->uid < b->uid);
}

static void add_owner(struct reportparts_owner *into, const struct reportparts_owner *from)
{
    into->files = facts_sum(into->files, from->files);
    into->size = facts_sum(into->size, from->size);
    into->alloc = facts_sum(into->alloc, from->alloc);
    into->directories = facts_sum(into->directories, from->directories);
    into->cold = facts_sum(into->cold, from->cold);
    into->atime = from->atime > into->atime ? from->atime : into->atime;
}

/* The threads' sums in one list, by part. Returns NULL where there is no memory. */
static struct held *join_held(const struct counting *counting, size_t *count, struct err *err)
{
    size_t room = 1;
    *count = 0;
    for (unsigned t = 0; t < counting->scan->threads; t++) {
        if (counting->counts[t].histograms != NULL && put_away(&counting->counts[t], err) != 0)
            return NULL;
        room += counting->counts[t].count;
    }
    struct held *all = calloc(room, sizeof *all);
    if (all == NULL) {
        out_of_memory(err);
        return NULL;
    }
    for (unsigned t = 0; t < counting->scan->threads; t++) {
        const struct counts *counts = &counting->counts[t];
        if (counts->count > 0)
            memcpy(all + *count, counts->put_away, counts->count * sizeof *all);
        *count += counts->count;
    }
    qsort(all, *count, sizeof *all, by_part_and_owner);
    return all;
}

/* Lists the owners of a part: `held` are those of all parts inside it. The place of each owner in
 * the list is kept in `places`, plus 1; all are 0 before and after. */
static int list_owners(struct reportparts_part *part, const struct held *held, size_t count,
                       uint32_t *places, size_t most, struct err *err)
{
    struct reportparts_owner *owners = calloc(count + 1, sizeof *owners);
    size_t found = 0;
    if (owners == NULL)
        return out_of_memory(err);
    for (size_t i = 0; i < count; i++) {
        uint32_t *place = &places[held[i].owner];
        if (*place == 0) {
            owners[found++] = held[i].sum;
            *place = (uint32_t)found;
        } else {
            add_owner(&owners[*place - 1], &held[i].sum);
        }
    }
    for (size_t i = 0; i < count; i++)
        places[held[i].owner] = 0;
    qsort(owners, found, sizeof *owners, by_size);
    part->owner_count = found < most ? found : most;
    struct reportparts_owner *shorter = realloc(owners, (part->owner_count + 1) * sizeof *owners);
    part->owners = shorter == NULL ? owners : shorter;
    return 0;
}

static int take_owners(const struct counting *counting, struct err *err)
{
    struct reportparts *parts = counting->parts;
    size_t count;
    struct held *all = join_held(counting, &count, err);
    uint32_t *places = calloc(counting->owner_count + 1, sizeof *places);
    int status = all == NULL ? -1 : places == NULL ? out_of_memory(err) : 0;
    for (size_t p = 0, begin = 0; p < parts->count && status == 0; p++) {
        struct reportparts_part *part = &parts->parts[p];
        while (begin < count && all[begin].part < p)
            begin++;
        size_t end = begin; /* parts inside it follow it */
        while (end < count && parts->parts[all[end].part].range.first <= part->range.last)
            end++;
        status = list_owners(part, all + begin, end - begin, places,
                             p == 0 ? REPORTPARTS_OWNERS : PART_OWNERS, err);
    }
    free(places);
    free(all);
    return status;
}

/* ---- Cold ---- */

/* Puts a directory into a list of at most `most`, where it is among the first. */
static void offer(struct reportparts_part *part, size_t most, const struct hotspots *hotspots,
                  int64_t id)
{
    int64_t size = hotspots_figure(hotspots, id);
    size_t place = part->cold_count;
    while (place > 0) {
        int64_t other = part->cold[place - 1];
        int64_t other_size = hotspots_figure(hotspots, other);
        if (other_size > size || (other_size == size && other < id))
            break;
        place--;
    }
    if (place == most)
        return;
    part->cold_count += part->cold_count < most;
    memmove(part->cold + place + 1, part->cold + place,
            (part->cold_count - place - 1) * sizeof *part->cold);
    part->cold[place] = id;
}

/* What a directory must have more of to come into a part's list. */
static int64_t least_listed(const struct reportparts_part *part, const struct hotspots *hotspots)
{
    return part->cold_count < REPORTPARTS_COLD
               ? 0
               : hotspots_figure(hotspots, part->cold[REPORTPARTS_COLD - 1]);
}

/* The lists of the innermost parts first; then each is offered to the one above it. All but the
 * whole keep more than they show of their own, so that nothing is missing above. */
static void take_cold(const struct counting *counting, const struct hotspots *hotspots)
{
    struct reportparts_part *parts = counting->parts->parts;
    struct scope_range range = parts[0].range;
    size_t segment = 0;
    for (int64_t id = range.first; id <= range.last; id++) {
        while (segment + 1 < counting->segment_count && counting->segments[segment + 1].from <= id)
            segment++;
        struct reportparts_part *part = &parts[counting->segments[segment].part];
        if (hotspots_figure(hotspots, id) > least_listed(part, hotspots) &&
            !hotspots_passes_on(hotspots, id))
            offer(part, REPORTPARTS_COLD, hotspots, id);
    }
    for (size_t p = counting->parts->count; p-- > 1;) {
        for (size_t i = 0; i < parts[p].cold_count; i++)
            offer(&parts[parts[p].above], REPORTPARTS_COLD, hotspots, parts[p].cold[i]);
        if (parts[p].cold_count > PART_COLD)
            parts[p].cold_count = PART_COLD;
    }
}

/* ---- All together ---- */

static void take_histograms(const struct counting *counting)
{
    struct reportparts_part *parts = counting->parts->parts;
    for (size_t p = counting->parts->count; p-- > 0;) {
        for (unsigned t = 0; t < counting->scan->threads; t++)
            if (counting->counts[t].histograms != NULL)
                histogram_merge(&parts[p].histogram, &counting->counts[t].histograms[p]);
        if (p > 0)
            histogram_merge(&parts[parts[p].above].histogram, &parts[p].histogram);
    }
}

/* Numbers the owners of the pairs, which come by owner. */
static int number_owners(struct counting *counting, struct err *err)
{
    const struct scope *scope = counting->scan->scope;
    counting->owner_of = calloc(scope->pair_count + 1, sizeof *counting->owner_of);
    counting->counts = calloc(counting->scan->threads, sizeof *counting->counts);
    if (counting->owner_of == NULL || counting->counts == NULL)
        return out_of_memory(err);
    for (size_t i = 0; i < scope->pair_count; i++) {
        counting->owner_count += i == 0 || scope->pairs[i].uid != scope->pairs[i - 1].uid;
        counting->owner_of[i] = (uint32_t)counting->owner_count - 1;
    }
    return 0;
}

int reportparts_make(struct reportparts *out, const struct scan *scan,
                     const struct hotspots *hotspots, const struct reporttree *tree, size_t most,
                     struct err *err)
{
    const struct scope *scope = scan->scope;
    struct counting counting = {.scan = scan, .parts = out};
    struct scope_range whole =
        scope->range_count == 0 ? (struct scope_range){1, 0} : scope->ranges[0];
    int status = -1;
    if (choose(out, whole, tree, most, err) == 0 && nest(&counting, err) == 0 &&
        number_owners(&counting, err) == 0)
        status = scan_run(scan, NULL, count_block, &counting, err);
    if (status == 0) {
        take_histograms(&counting);
        take_cold(&counting, hotspots);
        status = take_owners(&counting, err);
    }
    for (unsigned t = 0; counting.counts != NULL && t < scan->threads; t++)
        free_counts(&counting.counts[t]);
    free(counting.counts);
    free(counting.owner_of);
    free(counting.segments);
    return status;
}

void reportparts_dispose(struct reportparts *parts)
{
    for (size_t i = 0; i < parts->count; i++)
        free(parts->parts[i].owners);
    free(parts->parts);
    *parts = (struct reportparts){0};
}
