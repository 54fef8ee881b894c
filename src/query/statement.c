/* statement: SQL put together from fixed pieces.
 *
 * A listing picks the ids first, in the way that the plan names, and fetches the rows' columns
 * after that, for the rows that are wanted only: sorting a million ids takes half the time of
 * sorting a million paths. CROSS JOIN is SQLite's way of having the tables joined in the order
 * written. */
#include "statement.h"

#include "cover.h"
#include "err.h"
#include "plan.h"
#include "reader.h"
#include "scope.h"

#include <stdio.h>
#include <stdlib.h>

static const struct {
    const char *name;
    const char *sql;
} columns[] = {
    [STATEMENT_PATH] = {"path", "d.path"},
    [STATEMENT_DEPTH] = {"depth", "d.depth"},
    [STATEMENT_FILES_R] = {"file_count_r", "s.file_count_r"},
    [STATEMENT_DIRS_R] = {"dir_count_r", "s.dir_count_r"},
    [STATEMENT_SIZE_R] = {"total_size_r", "s.total_size_r"},
    [STATEMENT_ALLOC_R] = {"total_alloc_r", "s.total_alloc_r"},
    [STATEMENT_ATIME_R] = {"max_atime_r", "s.max_atime_r"},
    [STATEMENT_FILES_NR] = {"file_count_nr", "s.file_count_nr"},
    [STATEMENT_DIRS_NR] = {"dir_count_nr", "s.dir_count_nr"},
    [STATEMENT_SIZE_NR] = {"total_size_nr", "s.total_size_nr"},
    [STATEMENT_ALLOC_NR] = {"total_alloc_nr", "s.total_alloc_nr"},
    [STATEMENT_ATIME_NR] = {"max_atime_nr", "s.max_atime_nr"},
    [STATEMENT_OWNER_UID] = {"owner_uid", "s.owner_uid"},
    [STATEMENT_OWNER_GID] = {"owner_gid", "s.owner_gid"},
    [STATEMENT_OWNER_SIZE] = {"owner_total_size", "picked.size"},
    [STATEMENT_OWNER_FILES] = {"owner_file_count", "picked.files"},
    [STATEMENT_USERNAME] = {"username", "u.username"},
};

const char *statement_column_name(enum statement_column column)
{
    return columns[column].name;
}

const char *statement_total_name(enum statement_total total, enum filter_group group_by)
{
    static const char *const names[] = {
        [STATEMENT_TOTAL_FILES] = "file_count",  [STATEMENT_TOTAL_SIZE] = "total_size",
        [STATEMENT_TOTAL_ALLOC] = "total_alloc", [STATEMENT_TOTAL_DIRECTORIES] = "directory_count",
        [STATEMENT_TOTAL_ATIME] = "max_atime",
    };
    bool by_owner = group_by == FILTER_BY_OWNER;
    if (total == STATEMENT_TOTAL_ID)
        return by_owner ? "owner_uid" : "owner_gid";
    if (total == STATEMENT_TOTAL_NAME)
        return by_owner ? "username" : "groupname";
    return names[total];
}

enum statement_column statement_sort_column(enum filter_sort sort)
{
    static const enum statement_column sorted[] = {
        [FILTER_SORT_SIZE_R] = STATEMENT_SIZE_R,
        [FILTER_SORT_SIZE_NR] = STATEMENT_SIZE_NR,
        [FILTER_SORT_ALLOC_R] = STATEMENT_ALLOC_R,
        [FILTER_SORT_FILES_R] = STATEMENT_FILES_R,
        [FILTER_SORT_FILES_NR] = STATEMENT_FILES_NR,
        [FILTER_SORT_DIRS_R] = STATEMENT_DIRS_R,
        [FILTER_SORT_ATIME_R] = STATEMENT_ATIME_R,
        [FILTER_SORT_PATH] = STATEMENT_PATH,
        [FILTER_SORT_DEPTH] = STATEMENT_DEPTH,
        [FILTER_SORT_OWNER_SIZE] = STATEMENT_OWNER_SIZE,
    };
    return sorted[sort];
}

/* A statement on its way. */
struct draft {
    FILE *text;
    char *sql; /* what text has made, once it is closed */
    size_t length;
    struct reader_value *values;
    size_t count;
    bool in_where; /* there is a condition already */
    bool failed;   /* out of memory */
};

/* Takes a value and returns its place: ?1, ?2, ... */
static int bind(struct draft *draft, struct reader_value value)
{
    struct reader_value *longer = realloc(draft->values, (draft->count + 1) * sizeof *longer);
    if (longer == NULL) {
        draft->failed = true;
        return 1;
    }
    longer[draft->count++] = value;
    draft->values = longer;
    return (int)draft->count;
}

static int bind_integer(struct draft *draft, int64_t integer)
{
    return bind(draft, (struct reader_value){.type = READER_INTEGER, .integer = integer});
}

static int bind_text(struct draft *draft, struct slice text)
{
    return bind(draft, (struct reader_value){.type = READER_TEXT, .text = text});
}

static void put(struct draft *draft, const char *sql)
{
    fputs(sql, draft->text);
}

/* A condition of the WHERE clause: the first opens it. */
static void put_condition(struct draft *draft, const char *sql)
{
    put(draft, draft->in_where ? " AND " : " WHERE ");
    put(draft, sql);
    draft->in_where = true;
}

/* "LEFT ?n": a condition that a number must meet. */
static void put_bound(struct draft *draft, const char *left, int64_t bound)
{
    put_condition(draft, left);
    fprintf(draft->text, " ?%d", bind_integer(draft, bound));
}

static void put_optional_bound(struct draft *draft, const char *left, int64_t bound)
{
    if (bound != FILTER_ANY)
        put_bound(draft, left, bound);
}

static void put_range(struct draft *draft, const char *left, struct scope_range range)
{
    int first = bind_integer(draft, range.first);
    int last = bind_integer(draft, range.last);
    put_condition(draft, left);
    fprintf(draft->text, " ?%d AND ?%d", first, last);
}

/* Conditions on where a directory is, whether s is directory_stats or owner_usage. */
static void put_place(struct draft *draft, const struct filter *filter, const struct scope *scope)
{
    if (scope->under.first > 1 || scope->under.last < scope->directories)
        put_range(draft, "s.dir_id BETWEEN", scope->under);
    for (size_t i = 0; i < scope->excluded_count; i++)
        put_range(draft, "s.dir_id NOT BETWEEN", scope->excluded[i]);
    put_optional_bound(draft, "d.depth >=", filter->min_depth);
    put_optional_bound(draft, "d.depth <=", filter->max_depth);
}

/* The condition on its name, where the named directories are not what leads. */
static void put_name(struct draft *draft, const struct scope *scope, bool named_lead)
{
    if (scope->by_name && !named_lead)
        put_condition(draft, "is_named(s.dir_id)");
}

/* Whether put_place asks the table directories. */
static bool asks_depth(const struct filter *filter)
{
    return filter->min_depth != FILTER_ANY || filter->max_depth != FILTER_ANY;
}

static void put_owners(struct draft *draft, const struct filter *filter, const struct scope *scope)
{
    if (scope->owner_uid >= 0 && !filter_holds(filter)) /* else `held` has seen to it */
        put_bound(draft, "s.owner_uid =", scope->owner_uid);
    if (scope->owner_gid >= 0)
        put_bound(draft, "s.owner_gid =", scope->owner_gid);
}

/* Conditions on the figures of a directory's subtree. */
static void put_figures(struct draft *draft, const struct filter *filter, const struct scope *scope)
{
    if (filter->single_owner)
        put_condition(draft, "s.owner_uid IS NOT NULL AND s.owner_uid <> -1");
    put_optional_bound(draft, "s.total_size_r >=", filter->min_size);
    put_optional_bound(draft, "s.total_size_r <=", filter->max_size);
    put_optional_bound(draft, "s.file_count_r >=", filter->min_files);
    put_optional_bound(draft, "s.file_count_r <=", filter->max_files);
    if (filter->leaves_only)
        put_condition(draft, "s.dir_count_nr = 0");
    /* A day stands for its first second: '2025-01-01' sorts before '2025-01-01 00:00:00'. */
    if (scope->accessed_before[0] != '\0') {
        put_condition(draft, "s.max_atime_r <");
        fprintf(draft->text, " ?%d", bind_text(draft, slice_from(scope->accessed_before)));
    }
    if (scope->accessed_after[0] != '\0') {
        put_condition(draft, "s.max_atime_r >=");
        fprintf(draft->text, " ?%d", bind_text(draft, slice_from(scope->accessed_after)));
    }
}

static void put_order(struct draft *draft, const struct filter *filter)
{
    enum filter_sort sort = filter->sort_by;
    bool ascending_by_nature = sort == FILTER_SORT_PATH || sort == FILTER_SORT_DEPTH;
    const char *direction = ascending_by_nature != filter->reverse ? "ASC" : "DESC";
    if (sort == FILTER_SORT_PATH) {
        fprintf(draft->text, " ORDER BY s.dir_id %s", direction);
        return;
    }
    /* Equals are in path order, which is dir_id: the index ends in it, so that even a million
     * equals need no sorting. */
    const char *column = columns[statement_sort_column(sort)].sql;
    put(draft, " ORDER BY ");
    if (sort == FILTER_SORT_ATIME_R && filter->reverse) /* downwards, NULL comes last by itself */
        fprintf(draft->text, "%s IS NULL, ", column);
    fprintf(draft->text, "%s %s, %s", column, direction,
            sort == FILTER_SORT_DEPTH ? "d.dir_id" : "s.dir_id");
}

/* What comes before the table s where the named directories lead; ON follows it. */
#define NAMED_LEAD "named CROSS JOIN "

static void put_tables(struct draft *draft, const struct filter *filter, const struct plan *plan)
{
    bool walk_depth = plan->drive == PLAN_SORT && filter->sort_by == FILTER_SORT_DEPTH;
    if (plan->drive == PLAN_DEPTH || walk_depth) {
        put(draft, "directories d INDEXED BY ix_directories_depth "
                   "CROSS JOIN directory_stats s ON s.dir_id = d.dir_id");
        return;
    }
    put(draft, plan->drive == PLAN_NAMES ? NAMED_LEAD "directory_stats s " : "directory_stats s ");
    if (plan->drive == PLAN_NAMES)
        put(draft, "NOT INDEXED ON s.dir_id = named.dir_id");
    else if (plan->drive == PLAN_TREE)
        put(draft, "NOT INDEXED");
    else if (plan->drive == PLAN_OWNER)
        put(draft, "INDEXED BY ix_stats_owner");
    else
        put(draft, filter->sort_by == FILTER_SORT_FILES_R ? "INDEXED BY ix_stats_files_r"
                                                          : "INDEXED BY ix_stats_size_r");
    if (asks_depth(filter) || filter->sort_by == FILTER_SORT_DEPTH)
        put(draft, " CROSS JOIN directories d ON d.dir_id = s.dir_id");
}

static int begin(struct draft *draft, struct err *err)
{
    *draft = (struct draft){0};
    draft->text = open_memstream(&draft->sql, &draft->length);
    return draft->text == NULL ? err_set(err, "query: out of memory") : 0;
}

static int finish(struct statement *out, struct draft *draft, struct err *err)
{
    bool failed = fclose(draft->text) != 0 || draft->failed;
    *out = (struct statement){draft->sql, draft->values, draft->count};
    if (!failed)
        return 0;
    statement_free(out);
    return err_set(err, "query: out of memory");
}

/* The directories that the owner holds something of: `held`. The two halves share none. */
static void put_held(struct draft *draft, const struct scope *scope)
{
    int owner = bind_integer(draft, scope->owner_uid);
    int first = bind_integer(draft, scope->under.first);
    int last = bind_integer(draft, scope->under.last);
    fprintf(draft->text,
            "WITH held(id, size, files) AS ("
            "SELECT s.dir_id, s.total_size_r, s.file_count_r FROM directory_stats s "
            "INDEXED BY ix_stats_owner WHERE s.owner_uid = ?%d "
            "UNION ALL "
            "SELECT w.dir_id, saturating_sum(w.total_size), sum(w.file_count) FROM owner_usage w "
            "CROSS JOIN directory_stats s ON s.dir_id = w.dir_id WHERE w.owner_uid = ?%d "
            "AND w.dir_id BETWEEN ?%d AND ?%d AND s.owner_uid IS NULL GROUP BY w.dir_id) ",
            owner, owner, first, last);
}

/* The ids of the listing's rows: (SELECT ...) */
static void put_picked(struct draft *draft, const struct filter *filter, const struct scope *scope,
                       const struct plan *plan)
{
    if (filter_holds(filter)) {
        put(draft, "(SELECT picked.id, picked.size, picked.files FROM held AS picked "
                   "CROSS JOIN directory_stats s ON s.dir_id = picked.id");
        if (asks_depth(filter) || filter->sort_by == FILTER_SORT_DEPTH)
            put(draft, " CROSS JOIN directories d ON d.dir_id = s.dir_id");
    } else {
        put(draft, "(SELECT s.dir_id AS id, NULL AS size, NULL AS files FROM ");
        put_tables(draft, filter, plan);
    }
    put_name(draft, scope, plan->drive == PLAN_NAMES);
    put_place(draft, filter, scope);
    put_owners(draft, filter, scope);
    put_figures(draft, filter, scope);
    if (filter->limit > 0) {
        put_order(draft, filter);
        fprintf(draft->text, " LIMIT ?%d", bind_integer(draft, filter->limit));
    }
    put(draft, ")");
}

int statement_listing(struct statement *out, const struct filter *filter, const struct scope *scope,
                      const struct plan *plan, struct err *err)
{
    struct draft draft;
    if (begin(&draft, err) != 0)
        return -1;
    if (filter_holds(filter))
        put_held(&draft, scope);
    put(&draft, "SELECT ");
    for (size_t i = 0; i < STATEMENT_COLUMNS; i++)
        fprintf(draft.text, "%s%s", i == 0 ? "" : ", ", columns[i].sql);
    put(&draft, " FROM ");
    put_picked(&draft, filter, scope, plan);
    put(&draft, " AS picked CROSS JOIN directory_stats s ON s.dir_id = picked.id "
                "CROSS JOIN directories d ON d.dir_id = picked.id "
                "LEFT JOIN user_info u ON u.uid = s.owner_uid");
    put_order(&draft, filter);
    return finish(out, &draft, err);
}

int statement_tree(struct statement *out, const struct filter *filter, const struct scope *scope,
                   struct err *err)
{
    struct draft draft;
    if (begin(&draft, err) != 0)
        return -1;
    put(&draft, "SELECT d.path, s.total_size_r, s.total_alloc_r, s.file_count_r "
                "FROM directory_stats s NOT INDEXED "
                "CROSS JOIN directories d ON d.dir_id = s.dir_id");
    put_name(&draft, scope, false);
    put_place(&draft, filter, scope);
    put(&draft, " ORDER BY s.dir_id");
    return finish(out, &draft, err);
}

/* ---- Totals ---- */

/* What a row of directory_stats, of owner_usage and of owner_usage_block adds to a total. */
#define STATS_SUMS                                                                                 \
    "s.file_count_nr AS files, s.total_size_nr AS size, s.total_alloc_nr AS alloc, "               \
    "1 AS directories, s.max_atime_nr AS atime"
#define USAGE_SUMS                                                                                 \
    "sum(s.file_count), saturating_sum(s.total_size), saturating_sum(s.total_alloc), 1, "          \
    "max(s.max_atime)"
#define BLOCK_SUMS "s.file_count, s.total_size, s.total_alloc, %s, s.max_atime"

/* A directory's direct files are in directory_stats where all below it have one owner and one
 * group, else in owner_usage, there perhaps in several rows of one owner. */
#define STATS_CONDITION                                                                            \
    "s.owner_uid IS NOT NULL AND s.owner_gid IS NOT NULL AND s.file_count_nr > 0"
#define USAGE_GROUPS " GROUP BY s.dir_id, 2"

static const char *owner_column(const struct filter *filter)
{
    return filter->group_by == FILTER_BY_OWNER ? "s.owner_uid" : "s.owner_gid";
}

/* Ranges of ids as a table of its own: NAME(first, last). */
static void put_ranges(struct draft *draft, const char *name, const struct scope_range *ranges,
                       size_t count)
{
    fprintf(draft->text, "%s(first, last) AS (VALUES", name);
    for (size_t i = 0; i < count; i++) {
        int first = bind_integer(draft, ranges[i].first);
        int last = bind_integer(draft, ranges[i].last);
        fprintf(draft->text, "%s(?%d, ?%d)", i == 0 ? " " : ", ", first, last);
    }
    put(draft, "), ");
}

/* How many directories of a whole block are an owner's (a group's): see schema.c. */
static const char *block_directories(const struct filter *filter, const struct scope *scope)
{
    bool by_owner = filter->group_by == FILTER_BY_OWNER;
    if (by_owner ? scope->owner_gid >= 0 : scope->owner_uid >= 0)
        return "s.directory_count"; /* of one group (owner): there is one row a directory */
    return by_owner ? "s.directory_count_owner" : "s.directory_count_group";
}

/* The directories at the edges, each by itself. */
static void put_edges(struct draft *draft, const struct filter *filter, const struct scope *scope)
{
    const char *owner = owner_column(filter);
    fprintf(draft->text,
            "SELECT s.dir_id AS id, %s AS owner, " STATS_SUMS
            " FROM edge CROSS JOIN directory_stats s NOT INDEXED "
            "ON s.dir_id BETWEEN edge.first AND edge.last",
            owner);
    draft->in_where = false;
    put_owners(draft, filter, scope);
    put_condition(draft, STATS_CONDITION);
    fprintf(draft->text,
            " UNION ALL SELECT s.dir_id, %s, " USAGE_SUMS " FROM edge CROSS JOIN owner_usage s "
            "ON s.dir_id BETWEEN edge.first AND edge.last",
            owner);
    draft->in_where = false;
    put_owners(draft, filter, scope);
    put(draft, USAGE_GROUPS);
}

/* Whole blocks from their sums, and the edges: `part`, and the tables of ranges before it. */
static void put_covered_part(struct draft *draft, const struct filter *filter,
                             const struct scope *scope, const struct cover *cover)
{
    static const struct scope_range none = {1, 0};
    bool edges = cover->edge_count > 0;
    if (cover->block_count > 0)
        put_ranges(draft, "block", cover->blocks, cover->block_count);
    put_ranges(draft, "edge", edges ? cover->edges : &none, edges ? cover->edge_count : 1);
    put(draft, "part AS (");
    put_edges(draft, filter, scope);
    if (cover->block_count > 0) {
        fprintf(draft->text,
                " UNION ALL SELECT NULL, %s, " BLOCK_SUMS " FROM block CROSS JOIN "
                "owner_usage_block s ON s.first_id BETWEEN block.first AND block.last",
                owner_column(filter), block_directories(filter, scope));
        draft->in_where = false;
        put_owners(draft, filter, scope);
    }
    put(draft, ")");
}

/* One half of `part` where each directory has to be looked at. */
static void put_half(struct draft *draft, const struct filter *filter, const struct scope *scope,
                     const char *sums, const char *table)
{
    /* As in plan.c: beyond a quarter, all are read in order and asked for their names. */
    bool lead = scope->by_name && scope->named <= (scope->under.last - scope->under.first) / 4;
    fprintf(draft->text, "SELECT s.dir_id AS id, %s AS owner, %s FROM %s%s%s", owner_column(filter),
            sums, lead ? NAMED_LEAD : "", table, lead ? " ON s.dir_id = named.dir_id" : "");
    if (asks_depth(filter))
        put(draft, " CROSS JOIN directories d ON d.dir_id = s.dir_id");
    draft->in_where = false;
    put_name(draft, scope, lead);
    put_place(draft, filter, scope);
    put_owners(draft, filter, scope);
}

static void put_scanned_part(struct draft *draft, const struct filter *filter,
                             const struct scope *scope)
{
    put(draft, "part AS (");
    put_half(draft, filter, scope, STATS_SUMS, "directory_stats s NOT INDEXED");
    put_condition(draft, STATS_CONDITION);
    put(draft, " UNION ALL ");
    put_half(draft, filter, scope, USAGE_SUMS, "owner_usage s");
    put(draft, USAGE_GROUPS ")");
}

int statement_totals(struct statement *out, const struct filter *filter, const struct scope *scope,
                     struct err *err)
{
    struct draft draft;
    struct cover cover = {0};
    bool covered = !scope->by_name && !asks_depth(filter);
    if (covered && cover_make(&cover, scope, err) != 0)
        return -1;
    if (begin(&draft, err) != 0) {
        cover_free(&cover);
        return -1;
    }
    put(&draft, "WITH ");
    if (covered)
        put_covered_part(&draft, filter, scope, &cover);
    else
        put_scanned_part(&draft, filter, scope);
    cover_free(&cover);
    bool by_owner = filter->group_by == FILTER_BY_OWNER;
    put(&draft, " SELECT part.owner, ");
    put(&draft, by_owner ? "(SELECT username FROM user_info WHERE uid = part.owner)"
                         : "(SELECT groupname FROM group_info WHERE gid = part.owner)");
    put(&draft, ", sum(part.files), saturating_sum(part.size), saturating_sum(part.alloc), "
                "sum(part.directories), max(part.atime) FROM part GROUP BY part.owner");
    return finish(out, &draft, err);
}

void statement_free(struct statement *statement)
{
    free(statement->sql);
    free(statement->values);
}
