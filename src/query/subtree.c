/* subtree: a tree in preorder, by SQL.
 *
 * All directories come straight from the table, in the order of dir_id, which is preorder: nothing
 * is gathered and nothing is sorted. The largest are listed first, and only their ids are then
 * brought into order. One thread. */
#include "subtree.h"

#include <stdlib.h>
#include <string.h>

#include "answer.h"
#include "err.h"
#include "federation.h"
#include "filter.h"
#include "listing.h"

#define ROWS                                                                                       \
    "SELECT d.last_id, d.dir_id, d.depth, "                                                        \
    "CASE WHEN d.parent_id IS NULL OR (?3 AND d.dir_id = ?1) THEN d.path ELSE d.name END, "        \
    "s.file_count_r, s.dir_count_r, s.total_size_r, s.total_alloc_r, date(s.max_atime_r), "        \
    "s.file_count_nr, s.total_size_nr, s.total_alloc_nr, date(s.max_atime_nr), s.owner_uid, "      \
    "s.owner_gid, CAST(strftime('%s', s.max_mtime_r) AS INTEGER), "                                \
    "CAST(strftime('%s', s.max_mtime_nr) AS INTEGER) "                                             \
    "FROM directory_stats s NOT INDEXED CROSS JOIN directories d ON d.dir_id = s.dir_id "

/* From one root of the range to the next. A database without any directory has the range [1, 0],
 * and one row of zeros here. */
static const char totals_sql[] =
    "WITH RECURSIVE root(id, last) AS ("
    "SELECT dir_id, last_id FROM directories WHERE dir_id = ?1 AND ?1 <= ?2 UNION ALL "
    "SELECT d.dir_id, d.last_id FROM root CROSS JOIN directories d ON d.dir_id = root.last + 1 "
    "WHERE root.last >= root.id AND root.last < ?2) "
    "SELECT count(*), ifnull(sum(1 + dir_count_r), 0), ifnull(sum(file_count_r), 0), "
    "ifnull(saturating_sum(total_size_r), 0), ifnull(saturating_sum(total_alloc_r), 0), "
    "(SELECT ifnull(CAST(strftime('%s', max(scan_timestamp)) AS INTEGER), 0) FROM scan_metadata) "
    "FROM root CROSS JOIN directory_stats s ON s.dir_id = root.id";

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

/* What several roots have in common. */
static int read_above(struct subtree *subtree, struct err *err)
{
    const struct reader_value id = answer_integer(subtree->range.first);
    struct reader_rows *rows;
    if (reader_run(&rows, subtree->reader,
                   "SELECT p.path FROM directories d JOIN directories p ON p.dir_id = d.parent_id "
                   "WHERE d.dir_id = ?1",
                   &id, 1, err) != 0)
        return -1;
    int found = reader_rows_next(rows, err);
    struct slice path = found == 1 ? reader_rows_text(rows, 0) : slice_from("/");
    char *copy = found < 0 ? NULL : malloc(path.len + 1);
    if (copy != NULL) {
        memcpy(copy, path.len > 0 ? path.ptr : "", path.len);
        subtree->above = (struct slice){copy, path.len};
    } else if (found >= 0) {
        err_set(err, "query: out of memory");
    }
    reader_rows_close(rows);
    return copy == NULL ? -1 : 0;
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
    return read_totals(out, err) != 0 || read_above(out, err) != 0 ? -1 : 0;
}

void subtree_close(struct subtree *subtree)
{
    reader_rows_close(subtree->rows);
    free(subtree->ids);
    free((char *)subtree->above.ptr);
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
                                          answer_integer(subtree->range.last),
                                          answer_integer(subtree->roots == 1)};
    reader_rows_close(subtree->rows);
    free(subtree->ids);
    subtree->rows = NULL;
    subtree->ids = NULL;
    subtree->given = 0;
    if (limit == 0)
        return reader_run(&subtree->rows, subtree->reader,
                          ROWS "WHERE s.dir_id BETWEEN ?1 AND ?2 ORDER BY s.dir_id", values, 3,
                          err);
    if (pick(subtree, limit, err) != 0)
        return -1;
    return reader_run(&subtree->rows, subtree->reader, ROWS "WHERE s.dir_id = ?2", values, 3, err);
}

int subtree_next(struct subtree *subtree, struct err *err)
{
    if (subtree->ids == NULL)
        return reader_rows_next(subtree->rows, err);
    if (subtree->given == subtree->count)
        return 0;
    const struct reader_value values[] = {answer_integer(subtree->range.first),
                                          answer_integer(subtree->ids[subtree->given++]),
                                          answer_integer(subtree->roots == 1)};
    if (reader_rows_again(subtree->rows, values, 3, err) != 0)
        return -1;
    return reader_rows_next(subtree->rows, err);
}
