/* listing: each thread keeps the best entries of its blocks in a heap, the worst on top; then all
 * heaps are sorted together and cut.
 *
 * A block whose best value is no better than the worst kept is passed over unread. */
#include "listing.h"

#include <stdlib.h>

#include "cold.h"
#include "err.h"
#include "filter.h"
#include "hotspots.h"
#include "mem.h"
#include "scan.h"
#include "scope.h"

struct heap {
    struct listing_entry *entries;
    size_t count;
    size_t room;
};

struct making {
    const struct scan *scan;
    const struct filter *filter;
    const struct cold *cold;
    const struct hotspots *hotspots;
    size_t limit;       /* 0: none */
    struct heap *heaps; /* one a thread */
};

/* ---- Order ---- */

int listing_compare(const struct listing_entry *a, const struct listing_entry *b)
{
    if (a->unknown != b->unknown)
        return a->unknown ? 1 : -1;
    return (a->rank > b->rank) - (a->rank < b->rank);
}

static int compare(const void *left, const void *right)
{
    const struct listing_entry *a = left;
    const struct listing_entry *b = right;
    int order = listing_compare(a, b);
    return order != 0 ? order : (a->id > b->id) - (a->id < b->id);
}

/* What the listing is sorted by, where that is a column. FACTS_COLUMNS: it is not. */
static enum facts_column sort_column(enum filter_sort sort)
{
    static const enum facts_column columns[] = {
        [FILTER_SORT_SIZE_R] = FACTS_SIZE_R,     [FILTER_SORT_SIZE_NR] = FACTS_SIZE_NR,
        [FILTER_SORT_ALLOC_R] = FACTS_ALLOC_R,   [FILTER_SORT_ALLOC_NR] = FACTS_ALLOC_NR,
        [FILTER_SORT_FILES_R] = FACTS_FILES_R,   [FILTER_SORT_FILES_NR] = FACTS_FILES_NR,
        [FILTER_SORT_DIRS_R] = FACTS_DIRS_R,     [FILTER_SORT_DIRS_NR] = FACTS_DIRS_NR,
        [FILTER_SORT_ATIME_R] = FACTS_ATIME_R,   [FILTER_SORT_MTIME_R] = FACTS_MTIME_R,
        [FILTER_SORT_AVG] = FACTS_COLUMNS,       [FILTER_SORT_PATH] = FACTS_COLUMNS,
        [FILTER_SORT_DEPTH] = FACTS_DEPTH,       [FILTER_SORT_OWNER_SIZE] = FACTS_COLUMNS,
        [FILTER_SORT_COLD_SIZE] = FACTS_COLUMNS,
    };
    return columns[sort];
}

static bool is_ascending(const struct filter *filter)
{
    bool by_nature = filter->sort_by == FILTER_SORT_PATH || filter->sort_by == FILTER_SORT_DEPTH;
    return by_nature != filter->reverse;
}

/* Values as ranks: the order of unsigned numbers, turned round where the largest comes first. */
static uint64_t rank_of(int64_t value, bool ascending)
{
    uint64_t rank = (uint64_t)value ^ UINT64_C(1) << 63;
    return ascending ? rank : ~rank;
}

/* ---- Heaps ---- */

static void swap(struct listing_entry *a, struct listing_entry *b)
{
    struct listing_entry kept = *a;
    *a = *b;
    *b = kept;
}

static void sift_up(struct listing_entry *entries, size_t i)
{
    while (i > 0 && compare(&entries[i], &entries[(i - 1) / 2]) > 0) {
        swap(&entries[i], &entries[(i - 1) / 2]);
        i = (i - 1) / 2;
    }
}

static void sift_down(struct listing_entry *entries, size_t count)
{
    size_t i = 0;
    for (;;) {
        size_t worst = i;
        for (size_t child = 2 * i + 1; child <= 2 * i + 2 && child < count; child++)
            if (compare(&entries[child], &entries[worst]) > 0)
                worst = child;
        if (worst == i)
            return;
        swap(&entries[i], &entries[worst]);
        i = worst;
    }
}

static bool is_full(const struct making *making, const struct heap *heap)
{
    return making->limit > 0 && heap->count == making->limit;
}

/* Keeps an entry if it is among the best. */
static int offer(const struct making *making, struct heap *heap, const struct listing_entry *entry,
                 struct err *err)
{
    if (is_full(making, heap)) {
        if (compare(entry, &heap->entries[0]) > 0)
            return 0;
        heap->entries[0] = *entry;
        sift_down(heap->entries, heap->count);
        return 0;
    }
    struct listing_entry *longer =
        mem_grow(heap->entries, &heap->room, heap->count, sizeof *longer);
    if (longer == NULL)
        return err_set(err, "query: out of memory; ask for fewer rows with --limit");
    heap->entries = longer;
    longer[heap->count++] = *entry;
    if (making->limit > 0)
        sift_up(longer, heap->count - 1);
    return 0;
}

/* ---- Blocks ---- */

/* A scan_skip. */
static bool is_too_late(void *context, unsigned thread, const struct facts *facts)
{
    const struct making *making = context;
    const struct heap *heap = &making->heaps[thread];
    enum facts_column column = sort_column(making->filter->sort_by);
    if (!is_full(making, heap) || heap->entries[0].unknown)
        return false;
    if (making->filter->sort_by == FILTER_SORT_PATH)
        return is_ascending(making->filter); /* a thread's blocks come in that order */
    if (column == FACTS_COLUMNS)
        return false;
    const struct packed *bounds = facts_bounds(facts, column);
    if (bounds->low > bounds->high)
        return true;
    bool ascending = is_ascending(making->filter);
    /* Its ids are above those kept: an equal comes after them. */
    return rank_of(ascending ? bounds->low : bounds->high, ascending) >= heap->entries[0].rank;
}

/* Fills in by what an entry is sorted, for those that no column has. */
static int64_t value_of(const struct filter *filter, const struct listing_entry *entry,
                        const int64_t *values, const int64_t *files, uint32_t i)
{
    if (filter->sort_by == FILTER_SORT_PATH)
        return entry->id;
    if (values == NULL)
        return entry->size;
    return files == NULL ? values[i] : scan_average(values[i], files[i]);
}

/* What a block's entries are made from. */
struct columns {
    const int64_t *values; /* what the listing is sorted by; NULL: it is no column */
    const int64_t *files;  /* of an average */
    int64_t cold_size[FACTS_BLOCK];
    int64_t cold_files[FACTS_BLOCK];
};

static int get_columns(struct columns *columns, const struct making *making,
                       const struct scan_block *block, struct err *err)
{
    enum filter_sort sort = making->filter->sort_by;
    bool average = sort == FILTER_SORT_AVG;
    enum facts_column column = average ? FACTS_SIZE_R : sort_column(sort);
    columns->values = columns->files = NULL;
    if (making->cold != NULL &&
        cold_below(columns->cold_size, columns->cold_files, making->cold, block, err) != 0)
        return -1;
    if (sort == FILTER_SORT_COLD_SIZE)
        columns->values = columns->cold_size;
    else if (column != FACTS_COLUMNS &&
             (columns->values = facts_values(block->facts, column, err)) == NULL)
        return -1;
    if (average && (columns->files = facts_values(block->facts, FACTS_FILES_R, err)) == NULL)
        return -1;
    return 0;
}

/* Whether a directory comes after the worst that is kept, as most do: told from its value alone. */
static bool is_later(const struct listing_entry *worst, const struct columns *columns, uint32_t i,
                     bool ascending)
{
    if (worst->unknown)
        return false;
    int64_t value = columns->files == NULL ? columns->values[i]
                                           : scan_average(columns->values[i], columns->files[i]);
    return value == FACTS_NULL || rank_of(value, ascending) > worst->rank;
}

/* A scan_visit. */
static int take_block(void *context, const struct scan_block *block, struct err *err)
{
    const struct making *making = context;
    const struct filter *filter = making->filter;
    struct heap *heap = &making->heaps[block->thread];
    bool ascending = is_ascending(filter);
    struct columns columns;
    if (get_columns(&columns, making, block, err) != 0)
        return -1;
    const int64_t *values = columns.values;
    for (uint32_t i = scan_next(block->bits, 0); i < block->count;
         i = scan_next(block->bits, i + 1)) {
        if (values != NULL && is_full(making, heap) &&
            is_later(&heap->entries[0], &columns, i, ascending))
            continue;
        struct listing_entry entry = {.id = block->first_id + i};
        if (making->cold != NULL) {
            entry.size = columns.cold_size[i];
            entry.files = columns.cold_files[i];
            if (entry.files == 0)
                continue;
        } else if (block->held != NULL) {
            entry.size = block->held[i].size;
            entry.files = block->held[i].files;
        }
        int64_t value = value_of(filter, &entry, values, columns.files, i);
        entry.unknown = value == FACTS_NULL;
        entry.rank = entry.unknown ? 0 : rank_of(value, ascending);
        if (is_full(making, heap) && compare(&entry, &heap->entries[0]) > 0)
            continue;
        if (making->hotspots != NULL && hotspots_passes_on(making->hotspots, entry.id))
            continue;
        if (offer(making, heap, &entry, err) != 0)
            return -1;
    }
    return 0;
}

/* Joins the threads' heaps, in order. */
static int finish(struct listing *out, struct making *making, struct err *err)
{
    unsigned threads = making->scan->threads;
    size_t count = 0;
    for (unsigned i = 0; i < threads; i++)
        count += making->heaps[i].count;
    struct heap *first = &making->heaps[0];
    struct listing_entry *all = first->entries;
    if (count > first->count) {
        all = realloc(first->entries, count * sizeof *all);
        if (all == NULL)
            return err_set(err, "query: out of memory; ask for fewer rows with --limit");
        first->entries = all;
    }
    for (unsigned i = 1; i < threads; i++) {
        if (making->heaps[i].count > 0)
            memcpy(all + first->count, making->heaps[i].entries,
                   making->heaps[i].count * sizeof *all);
        first->count += making->heaps[i].count;
    }
    if (count > 0)
        qsort(all, count, sizeof *all, compare);
    bool cut = making->limit > 0 && count > making->limit;
    *out = (struct listing){all, cut ? making->limit : count};
    first->entries = NULL;
    return 0;
}

int listing_make(struct listing *out, const struct scan *scan, const struct cold *cold,
                 const struct hotspots *hotspots, struct err *err)
{
    struct making making = {.scan = scan,
                            .filter = scan->filter,
                            .cold = cold,
                            .hotspots = hotspots,
                            /* One more than is shown says whether the limit cut any off. */
                            .limit = scan->filter->limit > 0 ? (size_t)scan->filter->limit + 1 : 0};
    *out = (struct listing){0};
    making.heaps = calloc(scan->threads, sizeof *making.heaps);
    if (making.heaps == NULL)
        return err_set(err, "query: out of memory");
    int status = scan_run(scan, is_too_late, take_block, &making, err);
    if (status == 0)
        status = finish(out, &making, err);
    for (unsigned i = 0; i < scan->threads; i++)
        free(making.heaps[i].entries);
    free(making.heaps);
    return status;
}

void listing_dispose(struct listing *listing)
{
    free(listing->entries);
    *listing = (struct listing){0};
}
