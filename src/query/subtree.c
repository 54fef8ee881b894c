/* subtree: the questions that ncdu and report have in common.
 *
 * All directories come straight from the table, in the order of dir_id, which is preorder: nothing
 * is gathered and nothing is sorted. The largest are picked first, as plan.h says, and only their
 * ids are then brought into order. */
#include "subtree.h"

#include "err.h"
#include "filter.h"
#include "plan.h"
#include "reader.h"

#define COLUMNS                                                                                    \
    "SELECT d.last_id, d.dir_id, d.depth, "                                                        \
    "CASE WHEN d.parent_id IS NULL OR d.dir_id = ?1 THEN d.path ELSE d.name END, "                 \
    "s.file_count_r, s.dir_count_r, s.total_size_r, s.total_alloc_r, date(s.max_atime_r), "        \
    "s.file_count_nr, s.total_size_nr, s.total_alloc_nr, date(s.max_atime_nr), s.owner_uid "
#define PICKED                                                                                     \
    ") AS picked CROSS JOIN directory_stats s ON s.dir_id = picked.id "                            \
    "CROSS JOIN directories d ON d.dir_id = picked.id ORDER BY picked.id"
#define PICK(how)                                                                                  \
    COLUMNS "FROM (SELECT s.dir_id AS id FROM directory_stats s " how                              \
            " WHERE s.dir_id BETWEEN ?1 AND ?2 "                                                   \
            "ORDER BY s.total_size_r DESC, s.dir_id LIMIT ?3" PICKED

static const char all_sql[] =
    COLUMNS "FROM directory_stats s NOT INDEXED CROSS JOIN directories d ON d.dir_id = s.dir_id "
            "WHERE s.dir_id BETWEEN ?1 AND ?2 ORDER BY s.dir_id";
static const char walked_sql[] = PICK("INDEXED BY ix_stats_size_r");
static const char collected_sql[] = PICK("NOT INDEXED");

/* A database without any directory has the range [1, 0], and one row of zeros here. */
static const char totals_sql[] =
    "SELECT count(*), ifnull(sum(1 + dir_count_r), 0), ifnull(sum(file_count_r), 0), "
    "ifnull(saturating_sum(total_size_r), 0), ifnull(saturating_sum(total_alloc_r), 0), "
    "(SELECT ifnull(CAST(strftime('%s', max(scan_timestamp)) AS INTEGER), 0) FROM scan_metadata) "
    "FROM directory_stats WHERE dir_id BETWEEN ?1 AND ?2 AND dir_id IN "
    "(SELECT ?1 UNION SELECT dir_id FROM directories WHERE parent_id IS NULL)";

static void bounds(struct reader_value values[2], const struct subtree *subtree)
{
    values[0] =
        (struct reader_value){.type = READER_INTEGER, .integer = subtree->scope.under.first};
    values[1] = (struct reader_value){.type = READER_INTEGER, .integer = subtree->scope.under.last};
}

static int read_totals(struct subtree *subtree, struct err *err)
{
    struct reader_value values[2];
    struct reader_rows *rows;
    bounds(values, subtree);
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

int subtree_open(struct subtree *out, const char *path, const struct filter *filter,
                 struct err *err)
{
    struct filter place;
    filter_init(&place);
    place.path_prefix = filter->path_prefix; /* borrowed, as the mounts: place is not freed */
    place.mounts = filter->mounts;
    place.mount_count = filter->mount_count;
    *out = (struct subtree){0};
    if (reader_open(&out->reader, path, err) != 0)
        return -1;
    if (scope_resolve(&out->scope, out->reader, &place, err) != 0)
        goto failed;
    if (!out->scope.has_path) {
        err_set(err, "%s: no directory %.*s; it is not in this database", path,
                (int)place.path_prefix.len, place.path_prefix.ptr);
        goto failed;
    }
    if (read_totals(out, err) != 0)
        goto failed;
    return 0;

failed:
    subtree_close(out);
    return -1;
}

void subtree_close(struct subtree *subtree)
{
    scope_free(&subtree->scope);
    reader_close(subtree->reader);
    *subtree = (struct subtree){0};
}

int subtree_largest(struct reader_rows **out, const struct subtree *subtree, int64_t limit,
                    struct err *err)
{
    struct reader_value values[3];
    bounds(values, subtree);
    if (limit == 0)
        return reader_run(out, subtree->reader, all_sql, values, 2, err);
    struct filter largest;
    struct plan plan;
    filter_init(&largest);
    largest.limit = limit;
    if (plan_choose(&plan, subtree->reader, &largest, &subtree->scope, err) != 0)
        return -1;
    values[2] = (struct reader_value){.type = READER_INTEGER, .integer = limit};
    const char *sql = plan.drive == PLAN_SORT ? walked_sql : collected_sql;
    return reader_run(out, subtree->reader, sql, values, 3, err);
}
