/* reporttree: a listing says which directories are the largest; one look through the blocks that
 * have any of them fetches their figures and names. Rows of SQL, a look-up each, take ten times as
 * long (6,000 directories: 40 ms).
 *
 * However many directories a database has, the page has to stay small. A cut in the order of size
 * never parts a directory from its parent: that one is at least as large, and comes first among
 * equals. */
#include "reporttree.h"

#include <stdlib.h>
#include <string.h>

#include "answer.h"
#include "cells.h"
#include "cold.h"
#include "err.h"
#include "filter.h"
#include "listing.h"
#include "mem.h"
#include "reader.h"
#include "reportcost.h"
#include "scan.h"
#include "scope.h"

struct filling {
    struct reporttree *tree;
    const struct scan *scan;
    const struct cold *cold;
};

static int out_of_memory(struct err *err)
{
    err_set(err, "--report: out of memory");
    return -1;
}

/* ---- Figures ---- */

static const struct {
    enum facts_column column;
    size_t offset;
} figures[] = {
    {FACTS_DEPTH, offsetof(struct reporttree_row, depth)},
    {FACTS_DIRS_R, offsetof(struct reporttree_row, directories)},
    {FACTS_FILES_R, offsetof(struct reporttree_row, files)},
    {FACTS_SIZE_R, offsetof(struct reporttree_row, size)},
    {FACTS_ALLOC_R, offsetof(struct reporttree_row, alloc)},
    {FACTS_ATIME_R, offsetof(struct reporttree_row, atime)},
    {FACTS_FILES_NR, offsetof(struct reporttree_row, files_here)},
    {FACTS_SIZE_NR, offsetof(struct reporttree_row, size_here)},
    {FACTS_ALLOC_NR, offsetof(struct reporttree_row, alloc_here)},
    {FACTS_ATIME_NR, offsetof(struct reporttree_row, atime_here)},
    {FACTS_OWNER, offsetof(struct reporttree_row, owner)},
};

/* The place of the first row whose directory is `id` or comes after it. */
static size_t first_from(const struct reporttree *tree, int64_t id)
{
    size_t low = 0;
    size_t high = tree->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (tree->rows[middle].id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static int take_figures(struct reporttree_row *rows, size_t count, const struct scan_block *block,
                        struct err *err)
{
    for (size_t f = 0; f < sizeof figures / sizeof *figures; f++) {
        const int64_t *values = facts_values(block->facts, figures[f].column, err);
        if (values == NULL)
            return -1;
        for (size_t i = 0; i < count; i++)
            *(int64_t *)(void *)((char *)&rows[i] + figures[f].offset) =
                values[rows[i].id - block->first_id];
    }
    return 0;
}

/* Whether no subtree ends beyond the database, nor before it begins. */
static bool are_subtrees(const struct reporttree_row *rows, size_t count, int64_t directories)
{
    for (size_t i = 0; i < count; i++)
        if (rows[i].directories < 0 || rows[i].directories > directories - rows[i].id)
            return false;
    return true;
}

static int take_names(struct reporttree_row *rows, size_t count, const struct scan_block *block,
                      struct err *err)
{
    struct slice names;
    if (facts_names(&names, block->facts, err) != 0)
        return -1;
    const char *name = names.ptr;
    int64_t id = block->first_id;
    for (size_t i = 0; i < count; i++) {
        for (; id < rows[i].id; id++)
            name += strlen(name) + 1;
        rows[i].name_length = strlen(name);
        rows[i].name = strdup(name);
        if (rows[i].name == NULL)
            return out_of_memory(err);
    }
    return 0;
}

static int64_t cold_of(const struct facts_share *share, const struct facts_cells *cells,
                       int64_t first)
{
    int64_t sum = 0;
    for (uint32_t c = share->cells_begin; c < share->cells_end; c++)
        if (cells->index[c] >= first)
            sum = facts_sum(sum, cells->size[c]);
    return sum;
}

/* The cold bytes below each directory and directly in it. */
static int take_cold(struct reporttree_row *rows, size_t count, const struct scan_block *block,
                     const struct filling *filling, struct err *err)
{
    const struct scan *scan = filling->scan;
    int64_t first = cells_index((unsigned)scan->filter->cold_bucket, 0);
    const struct facts_share *shares;
    struct facts_cells cells;
    size_t share_count;
    int64_t size[FACTS_BLOCK];
    int64_t files[FACTS_BLOCK];
    if (cold_below(size, files, filling->cold, block, err) != 0 ||
        facts_shares(&shares, &share_count, block->facts, FACTS_WANT_CELLS, scan->scope->pair_count,
                     err) != 0 ||
        facts_cells(&cells, block->facts, err) != 0)
        return -1;
    size_t s = 0;
    for (size_t i = 0; i < count; i++) {
        int64_t place = rows[i].id - block->first_id;
        while (s < share_count && shares[s].directory < place)
            s++;
        for (; s < share_count && shares[s].directory == place; s++)
            rows[i].cold_here = facts_sum(rows[i].cold_here, cold_of(&shares[s], &cells, first));
        rows[i].cold = size[place];
        rows[i].cold_files = files[place];
    }
    return 0;
}

/* A scan_skip. */
static bool has_no_row(void *context, unsigned thread, const struct facts *facts)
{
    (void)thread;
    const struct reporttree *tree = ((const struct filling *)context)->tree;
    int64_t first = facts_first_id(facts);
    size_t row = first_from(tree, first);
    return row == tree->count || tree->rows[row].id >= first + facts_count(facts);
}

/* A scan_visit. Each block's rows belong to one thread. */
static int fill_block(void *context, const struct scan_block *block, struct err *err)
{
    const struct filling *filling = context;
    size_t first = first_from(filling->tree, block->first_id);
    size_t count = first_from(filling->tree, block->first_id + block->count) - first;
    struct reporttree_row *rows = filling->tree->rows + first;
    if (take_figures(rows, count, block, err) != 0 || take_names(rows, count, block, err) != 0)
        return -1;
    if (!are_subtrees(rows, count, filling->scan->scope->directories))
        return err_set(err,
                       "%s: damaged database: a directory's subtree ends beyond it; import its "
                       "logs afresh with --replace",
                       reader_path(filling->scan->reader));
    return take_cold(rows, count, block, filling, err);
}

/* ---- Which directories ---- */

struct ranked {
    int64_t id;
    uint32_t rank;
};

static int by_id(const void *left, const void *right)
{
    const struct ranked *a = left;
    const struct ranked *b = right;
    return (a->id > b->id) - (a->id < b->id);
}

/* Makes the rows, with nothing but their numbers, and their order by size. */
static int take_listing(struct reporttree *tree, const struct listing *listing, size_t count,
                        struct err *err)
{
    struct ranked *ranked = calloc(count + 1, sizeof *ranked);
    tree->rows = calloc(count + 1, sizeof *tree->rows);
    tree->by_size = calloc(count + 1, sizeof *tree->by_size);
    if (ranked == NULL || tree->rows == NULL || tree->by_size == NULL) {
        free(ranked);
        return out_of_memory(err);
    }
    for (size_t i = 0; i < count; i++)
        ranked[i] = (struct ranked){listing->entries[i].id, (uint32_t)i};
    qsort(ranked, count, sizeof *ranked, by_id);
    for (size_t i = 0; i < count; i++) {
        tree->rows[i].id = ranked[i].id;
        tree->rows[i].before = tree->rows[i].before_here = FACTS_NULL;
        tree->by_size[ranked[i].rank] = (uint32_t)i;
    }
    tree->count = count;
    free(ranked);
    return 0;
}

static int list(struct reporttree *tree, const struct scan *scan, size_t most, struct err *err)
{
    struct filter filter = *scan->filter;
    struct listing listing;
    struct scan largest = *scan;
    filter.limit = (int64_t)most;
    filter.cold_bucket = 0;
    filter.hot_spots = 0;
    filter.sort_by = FILTER_SORT_SIZE_R;
    largest.filter = &filter;
    if (listing_make(&listing, &largest, NULL, NULL, err) != 0)
        return -1;
    size_t count = listing.count < most ? listing.count : most;
    int status = take_listing(tree, &listing, count, err);
    listing_dispose(&listing);
    return status;
}

/* ---- Names ---- */

static int set_name(struct reporttree_row *row, struct slice name, struct err *err)
{
    char *copy = malloc(name.len + 1);
    if (copy == NULL)
        return out_of_memory(err);
    if (name.len > 0)
        memcpy(copy, name.ptr, name.len);
    copy[name.len] = '\0';
    free(row->name);
    row->name = copy;
    row->name_length = name.len;
    return 0;
}

/* A directory without another of the tree above it is called by its path. */
static int name_roots(struct reporttree *tree, struct reader *reader, struct err *err)
{
    struct reader_rows *rows = NULL;
    int64_t last = 0;
    int status = 0;
    for (size_t i = 0; i < tree->count && status == 0; i++) {
        struct reporttree_row *row = &tree->rows[i];
        if (row->id <= last)
            continue;
        last = row->id + row->directories;
        const struct reader_value id = answer_integer(row->id);
        int found = reader_look_up(&rows, reader, "SELECT path FROM directories WHERE dir_id = ?1",
                                   &id, err);
        status = found == 1 ? set_name(row, reader_rows_text(rows, 0), err) : found;
    }
    reader_rows_close(rows);
    return status;
}

/* ---- The cut ---- */

static size_t cost(const struct reporttree_row *row)
{
    const int64_t numbers[] = {row->depth, row->directories, row->files,     row->size,
                               row->alloc, row->files_here,  row->size_here, row->alloc_here,
                               row->cold,  row->cold_files,  row->cold_here, row->owner,
                               row->size,  row->size_here}; /* once more: before */
    size_t bytes = REPORTCOST_ROW + 2 * REPORTCOST_DAY;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        bytes += reportcost_integer(numbers[i]);
    return bytes + reportcost_text((struct slice){row->name, row->name_length});
}

/* Keeps the largest, as many as there is room for. */
static int cut(struct reporttree *tree, size_t bytes, struct err *err)
{
    size_t kept = 0;
    for (size_t sum = 0; kept < tree->count; kept++) {
        sum += cost(&tree->rows[tree->by_size[kept]]);
        if (sum > bytes)
            break;
    }
    uint32_t *places = calloc(tree->count + 1, sizeof *places); /* 0: it goes; else its rank + 1 */
    if (places == NULL)
        return out_of_memory(err);
    for (size_t i = 0; i < kept; i++)
        places[tree->by_size[i]] = (uint32_t)i + 1;
    size_t count = 0;
    for (size_t i = 0; i < tree->count; i++) {
        if (places[i] == 0) {
            free(tree->rows[i].name);
            continue;
        }
        tree->by_size[places[i] - 1] = (uint32_t)count;
        tree->rows[count++] = tree->rows[i];
    }
    tree->count = count;
    free(places);
    return 0;
}

int reporttree_make(struct reporttree *out, const struct scan *scan, const struct cold *cold,
                    size_t most, size_t bytes, struct err *err)
{
    struct filling filling = {out, scan, cold};
    struct scan everything = *scan;
    everything.everything = true;
    if (list(out, scan, most, err) != 0)
        return -1;
    if (out->count == 0)
        return 0;
    if (scan_run(&everything, has_no_row, fill_block, &filling, err) != 0 ||
        name_roots(out, (struct reader *)scan->reader, err) != 0)
        return -1;
    return cut(out, bytes, err);
}

void reporttree_dispose(struct reporttree *tree)
{
    for (size_t i = 0; i < tree->count; i++)
        free(tree->rows[i].name);
    free(tree->rows);
    free(tree->by_size);
    *tree = (struct reporttree){0};
}

size_t reporttree_find(const struct reporttree *tree, int64_t id)
{
    size_t place = first_from(tree, id);
    return place < tree->count && tree->rows[place].id == id ? place : tree->count;
}

/* ---- An older scan ---- */

/* Paths as they grow on the way down. */
struct paths {
    char *bytes;
    size_t room;
    size_t *lengths; /* by depth below the root */
    size_t *rows;
    size_t depth;
};

/* Makes the path of row `i`, whose ancestors have been there before. */
static int make_path(struct slice *out, struct paths *paths, const struct reporttree *tree,
                     size_t i)
{
    const struct reporttree_row *row = &tree->rows[i];
    while (paths->depth > 0) {
        const struct reporttree_row *above = &tree->rows[paths->rows[paths->depth - 1]];
        if (row->id <= above->id + above->directories)
            break;
        paths->depth--;
    }
    size_t length = paths->depth == 0 ? 0 : paths->lengths[paths->depth - 1];
    size_t need = length + 1 + row->name_length;
    if (paths->bytes == NULL || need > paths->room) {
        char *longer = realloc(paths->bytes, 2 * need);
        if (longer == NULL)
            return -1;
        paths->bytes = longer;
        paths->room = 2 * need;
    }
    if (paths->depth > 0 && length != 1) /* below `/`, whose slash is enough */
        paths->bytes[length++] = '/';
    memcpy(paths->bytes + length, row->name, row->name_length);
    length += row->name_length;
    paths->rows[paths->depth] = i;
    paths->lengths[paths->depth++] = length;
    *out = (struct slice){paths->bytes, length};
    return 0;
}

int reporttree_compare(struct reporttree *tree, struct reader *older, struct err *err)
{
    struct paths paths = {.lengths = calloc(tree->count + 1, sizeof *paths.lengths),
                          .rows = calloc(tree->count + 1, sizeof *paths.rows)};
    struct reader_rows *rows = NULL;
    int status = paths.lengths == NULL || paths.rows == NULL ? out_of_memory(err) : 0;
    for (size_t i = 0; i < tree->count && status == 0; i++) {
        struct reader_value path = {.type = READER_TEXT};
        if (make_path(&path.text, &paths, tree, i) != 0) {
            status = out_of_memory(err);
            break;
        }
        int found =
            reader_look_up(&rows, older,
                           "SELECT s.total_size_r, s.total_size_nr FROM directories d "
                           "JOIN directory_stats s ON s.dir_id = d.dir_id WHERE d.path = ?1",
                           &path, err);
        if (found == 1) {
            tree->rows[i].before = reader_rows_integer(rows, 0);
            tree->rows[i].before_here = reader_rows_integer(rows, 1);
        }
        status = found < 0 ? -1 : 0;
    }
    reader_rows_close(rows);
    free(paths.bytes);
    free(paths.lengths);
    free(paths.rows);
    return status;
}
