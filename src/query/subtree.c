/* subtree: the questions that ncdu and report have in common.
 *
 * All directories come straight from the table, in the order of dir_id, which is preorder: nothing
 * is gathered and nothing is sorted. The largest are listed first, and only their ids are then
 * brought into order. One thread. */
#include "subtree.h"

#include <stdlib.h>

#include "answer.h"
#include "err.h"
#include "federation.h"
#include "filter.h"
#include "listing.h"

#define ROWS                                                                                       \
    "SELECT d.last_id, d.dir_id, d.depth, "                                                        \
    "CASE WHEN d.parent_id IS NULL OR d.dir_id = ?1 THEN d.path ELSE d.name END, "                 \
    "s.file_count_r, s.dir_count_r, s.total_size_r, s.total_alloc_r, date(s.max_atime_r), "        \
    "s.file_count_nr, s.total_size_nr, s.total_alloc_nr, date(s.max_atime_nr), s.owner_uid, "      \
    "s.owner_gid, CAST(strftime('%s', s.max_mtime_r) AS INTEGER), "                                \
    "CAST(strftime('%s', s.max_mtime_nr) AS INTEGER) "                                             \
    "FROM directory_stats s NOT INDEXED CROSS JOIN directories d ON d.dir_id = s.dir_id "

/* A database without any directory has the range [1, 0], and one row of zeros here. */
static const char totals_sql[] =
    "SELECT count(*), ifnull(sum(1 + dir_count_r), 0), ifnull(sum(file_count_r), 0), "
    "ifnull(saturating_sum(total_size_r), 0), ifnull(saturating_sum(total_alloc_r), 0), "
    "(SELECT ifnull(CAST(strftime('%s', max(scan_timestamp)) AS INTEGER), 0) FROM scan_metadata) "
    "FROM directory_stats WHERE dir_id BETWEEN ?1 AND ?2 AND dir_id IN "
    "(SELECT ?1 UNION SELECT dir_id FROM directories WHERE parent_id IS NULL)";

static int read_totals(struct subtree *subtree, struct err *err)
{
    const struct reader_value values[] = {answer_integer(subtree->range.first),
                                          answer_integer(subtree->range.last)};
    struct reader_rows *rows;
    if (reader_run(&rows, subtree->reader, totals_sql, values, 2, err) != 0)
        return -1;
    int found = reader_rows_next(rows, err);
    if (found == 1) {
        subtree->roots = reader_rows_integer(rows, 0);
        subtree->directories = reader_rows_integer(rows, 1);
        subtree->files = reader_rows_integer(rows, 2);
        subtree->size = reader_rows_integer(rows, 3);
        subtree->alloc = reader_rows_integer(rows, 4);
        subtree->scanned = reader_rows_integer(rows, 5);
    }
    reader_rows_close(rows);
    return found < 0 ? -1 : 0;
}

int subtree_open(struct subtree *out, struct federation *federation, const struct filter *filter,
                 struct err *err)
{
    struct filter place;
    filter_init(&place);
    place.prefixes = filter->prefixes; /* borrowed, as the mounts: place is not freed */
    place.prefix_count = filter->prefix_count;
    place.mounts = filter->mounts;
    place.mount_count = filter->mount_count;
    *out = (struct subtree){.federation = federation, .reader = federation->parts[0].reader};
    if (federation_resolve(federation, &place, err) != 0)
        return -1;
    const struct scope *scope = &federation->parts[0].scope;
    out->range = scope->range_count == 0 ? (struct scope_range){1, 0} : scope->ranges[0];
    return read_totals(out, err);
}

void subtree_close(struct subtree *subtree)
{
    reader_rows_close(subtree->rows);
    free(subtree->ids);
    *subtree = (struct subtree){0};
}

int subtree_skip_chain(struct subtree *subtree, struct err *err)
{
    struct reader_rows *rows;
    struct reader_value id = answer_integer(subtree->range.first);
    if (subtree->roots != 1)
        return 0;
    if (reader_run(&rows, subtree->reader,
                   "SELECT dir_count_nr = 1 AND file_count_nr = 0 FROM directory_stats "
                   "WHERE dir_id = ?1",
                   &id, 1, err) != 0)
        return -1;
    int status;
    while ((status = reader_rows_next(rows, err)) == 1 && reader_rows_integer(rows, 0) != 0) {
        id.integer = ++subtree->range.first; /* the subdirectory's number follows */
        subtree->skipped++;
        subtree->directories--;
        status = reader_rows_again(rows, &id, 1, err);
        if (status != 0)
            break;
    }
    reader_rows_close(rows);
    return status < 0 ? -1 : 0;
}

static int by_id(const void *left, const void *right)
{
    const int64_t *a = left;
    const int64_t *b = right;
    return (*a > *b) - (*a < *b);
}

/* Lists the largest directories. */
static int pick(struct subtree *subtree, int64_t limit, struct err *err)
{
    struct filter largest;
    struct listing listing;
    filter_init(&largest);
    largest.limit = limit + subtree->skipped; /* which are the largest */
    struct scan scan = federation_scan(subtree->federation, 0, &largest);
    if (listing_make(&listing, &scan, NULL, NULL, err) != 0)
        return -1;
    subtree->ids = calloc(listing.count + 1, sizeof *subtree->ids);
    if (subtree->ids == NULL) {
        listing_dispose(&listing);
        return err_set(err, "query: out of memory");
    }
    subtree->count = 0;
    for (size_t i = 0; i < listing.count && subtree->count < (size_t)limit; i++)
        if (listing.entries[i].id >= subtree->range.first)
            subtree->ids[subtree->count++] = listing.entries[i].id;
    qsort(subtree->ids, subtree->count, sizeof *subtree->ids, by_id);
    listing_dispose(&listing);
    return 0;
}

int subtree_begin(struct subtree *subtree, int64_t limit, struct err *err)
{
    const struct reader_value values[] = {answer_integer(subtree->range.first),
                                          answer_integer(subtree->range.last)};
    reader_rows_close(subtree->rows);
    free(subtree->ids);
    subtree->rows = NULL;
    subtree->ids = NULL;
    subtree->given = 0;
    if (limit == 0)
        return reader_run(&subtree->rows, subtree->reader,
                          ROWS "WHERE s.dir_id BETWEEN ?1 AND ?2 ORDER BY s.dir_id", values, 2,
                          err);
    if (pick(subtree, limit, err) != 0)
        return -1;
    return reader_run(&subtree->rows, subtree->reader, ROWS "WHERE s.dir_id = ?2", values, 2, err);
}

int subtree_next(struct subtree *subtree, struct err *err)
{
    if (subtree->ids == NULL)
        return reader_rows_next(subtree->rows, err);
    if (subtree->given == subtree->count)
        return 0;
    const struct reader_value values[] = {answer_integer(subtree->range.first),
                                          answer_integer(subtree->ids[subtree->given++])};
    if (reader_rows_again(subtree->rows, values, 2, err) != 0)
        return -1;
    return reader_rows_next(subtree->rows, err);
}
