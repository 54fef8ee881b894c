/* plan: which table leads, decided here rather than by SQLite, which has no statistics of these
 * tables (an import would have to gather them) and guesses badly: it took 2.1 s to sort a million
 * directories by total_size_nr through an index of no use, where reading them in order takes 0.1 s.
 *
 * The one real choice: to collect all candidates and sort them, or to walk the sort key's index
 * from the top until enough have turned up. Of N directories let m be candidates and L rows wanted.
 * If candidates are spread evenly, every (N / m)th step of the walk finds one: it takes L * N / m
 * steps. Collecting takes m. So the walk pays where m * m > L * N: for a subtree and 50 rows of a
 * million directories, from some 7,000 on. */
#include "plan.h"

#include "err.h"
#include "filter.h"
#include "reader.h"
#include "scope.h"

/* The largest root with root * root <= square. */
static int64_t square_root(int64_t square)
{
    int64_t root = square;
    int64_t next = square / 2 + 1;
    while (next < root) {
        root = next;
        next = (root + square / root) / 2;
    }
    return root;
}

/* Whether the rows can be had in order without sorting: by an index, or by the table itself. */
static bool is_kept_sorted(enum filter_sort sort)
{
    return sort == FILTER_SORT_SIZE_R || sort == FILTER_SORT_FILES_R || sort == FILTER_SORT_DEPTH ||
           sort == FILTER_SORT_PATH;
}

/* Whether the filter may pass next to nothing, in a way that nobody can foretell. A walk would then
 * go through the whole index and from each entry to a row elsewhere: 2 s instead of 0.3 s over a
 * million directories. */
static bool is_unpredictable(const struct filter *filter)
{
    bool by_size = filter->sort_by == FILTER_SORT_SIZE_R;
    bool by_files = filter->sort_by == FILTER_SORT_FILES_R;
    bool sizes = filter->min_size != FILTER_ANY || filter->max_size != FILTER_ANY;
    bool files = filter->min_files != FILTER_ANY || filter->max_files != FILTER_ANY;
    return filter->group != NULL || filter->accessed_before.given || filter->accessed_after.given ||
           (sizes && !by_size) || (files && !by_files);
}

/* Whether `most` or fewer directories lie within the filter's depths. Reads no more than that of
 * the index. 1 yes, 0 no, -1 failed. */
static int are_few_in_depth(struct reader *reader, const struct filter *filter, int64_t most,
                            struct err *err)
{
    const struct reader_value values[] = {
        {.type = READER_INTEGER, .integer = filter->min_depth},
        {.type = READER_INTEGER,
         .integer = filter->max_depth == FILTER_ANY ? INT64_MAX : filter->max_depth},
        {.type = READER_INTEGER, .integer = most + 1},
    };
    struct reader_rows *rows;
    if (reader_run(&rows, reader,
                   "SELECT count(*) FROM (SELECT 1 FROM directories "
                   "INDEXED BY ix_directories_depth WHERE depth BETWEEN ?1 AND ?2 LIMIT ?3)",
                   values, 3, err) != 0)
        return -1;
    int status = reader_rows_next(rows, err);
    if (status == 1)
        status = reader_rows_integer(rows, 0) <= most;
    reader_rows_close(rows);
    return status;
}

/* How many candidates are better collected than walked to, or, without a walk, picked out than met
 * on the way through all under the scope. Names that match are counted, but where they stand in an
 * index is not known: where all are at its far end, the walk reads the whole, which costs what
 * collecting a tenth of all directories does. Collecting a thirtieth is what that risk is worth. */
static int64_t most_collected(bool walk, int64_t limit, const struct scope *scope)
{
    int64_t all = scope->directories;
    int64_t under = scope->under.last - scope->under.first + 1;
    /* Through an index a row costs some four times what it costs in the tree's order. */
    int64_t most = walk ? square_root(limit * all) : under / 4;
    return walk && scope->by_name && most < all / 32 ? all / 32 : most;
}

int plan_choose(struct plan *out, struct reader *reader, const struct filter *filter,
                const struct scope *scope, struct err *err)
{
    int64_t under = scope->under.last - scope->under.first + 1;
    int64_t limit = filter->limit < scope->directories ? filter->limit : scope->directories;
    bool walk = limit > 0 && is_kept_sorted(filter->sort_by) && !is_unpredictable(filter);
    int64_t collected = most_collected(walk, limit, scope);
    bool names = scope->by_name && scope->named <= collected && !filter_holds(filter);

    if (names || scope->owner_uid >= 0) {
        out->drive = names ? PLAN_NAMES : PLAN_OWNER;
        return 0;
    }
    if (filter->min_depth != FILTER_ANY || filter->max_depth != FILTER_ANY) {
        int few = under < collected ? 0 : are_few_in_depth(reader, filter, collected, err);
        if (few < 0)
            return -1;
        if (few) {
            out->drive = PLAN_DEPTH;
            return 0;
        }
    }
    bool by_index = filter->sort_by != FILTER_SORT_PATH; /* the tree is in path order itself */
    out->drive = walk && by_index && under > collected ? PLAN_SORT : PLAN_TREE;
    return 0;
}
