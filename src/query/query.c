/* query: asks each database the same question and makes one answer of the answers.
 *
 * Each database sorts and limits its own listing, so it never gives more rows than are wanted; the
 * merge then takes the best of the rows on top. Equals go in the order of the databases. One
 * thread.
 */
#include "query.h"

#include "err.h"
#include "filter.h"
#include "plan.h"
#include "reader.h"
#include "scope.h"
#include "totals.h"

#include <stdlib.h>

enum { MOST_COLUMNS = QUERY_LOG_COLUMNS }; /* of any question */
_Static_assert((int)QUERY_LISTING_COLUMNS <= (int)MOST_COLUMNS,
               "a row holds any question's columns");
_Static_assert((int)QUERY_TOTAL_COLUMNS <= (int)MOST_COLUMNS, "a row holds any question's columns");

/* One database's part of the answer. */
struct part {
    struct reader *reader;
    struct scope scope;
    bool left_out;                            /* it cannot be read: that has been reported */
    struct reader_rows *rows;                 /* NULL: nothing here, or nothing any more */
    bool waiting;                             /* `values` holds a row that has not been given out */
    struct reader_value values[MOST_COLUMNS]; /* that row */
};

struct query {
    char *const *paths; /* borrowed, as names */
    char *const *names;
    const struct filter *filter; /* borrowed; NULL for a summary */
    struct part *parts;          /* one a database */
    size_t count;
    size_t columns;
    int64_t left; /* rows still to give; -1: no limit */
    struct totals totals;
    size_t totals_given;
    bool split;
    size_t parts_given; /* of the total given last */
    struct reader_value total_row[QUERY_TOTAL_COLUMNS];
    query_tell *tell;
    void *context;
    size_t left_out;
};

static const char *const summary_names[] = {
    [QUERY_LOG_FILESYSTEM] = "filesystem",   [QUERY_LOG_SOURCE] = "source_file",
    [QUERY_LOG_SCANNED] = "scan_timestamp",  [QUERY_LOG_IMPORTED] = "import_timestamp",
    [QUERY_LOG_FORMAT] = "format",           [QUERY_LOG_DIRECTORIES] = "total_directories",
    [QUERY_LOG_FILES] = "total_files",       [QUERY_LOG_SIZE] = "total_size",
    [QUERY_LOG_ALLOC] = "total_alloc",       [QUERY_LOG_LINES] = "lines",
    [QUERY_LOG_HEADERS] = "headers",         [QUERY_LOG_REJECTED] = "rejected",
    [QUERY_LOG_FLAWED] = "flawed",           [QUERY_LOG_SCAN_ERRORS] = "scan_errors",
    [QUERY_LOG_EXCLUDED] = "excluded",       [QUERY_LOG_AGE_BY] = "age_by",
    [QUERY_LOG_VERSION] = "fstally_version", [QUERY_STORED_DIRECTORIES] = "stored_directories",
    [QUERY_DATABASE] = "database",
};

/* In the order of enum query_summary; the database's path is added after them. ?1: whether a row of
 * all logs follows where there are several. */
static const char summary_sql[] =
    "WITH stored(directories) AS (SELECT count(*) FROM directories) "
    "SELECT filesystem, source_file, scan_timestamp, import_timestamp, format, total_directories, "
    "total_files, total_size, total_alloc, lines, headers, rejected, flawed, scan_errors, "
    "excluded, age_by, fstally_version, directories, scan_id AS place FROM scan_metadata, stored "
    "UNION ALL "
    "SELECT * FROM (SELECT max(filesystem), count(*) || ' logs', max(scan_timestamp), "
    "max(import_timestamp), NULL, "
    "sum(total_directories), sum(total_files), saturating_sum(total_size), "
    "saturating_sum(total_alloc), sum(lines), "
    "sum(headers), sum(rejected), sum(flawed), sum(scan_errors), sum(excluded), max(age_by), NULL, "
    "directories, 1 + max(scan_id) FROM scan_metadata, stored) "
    "WHERE ?1 AND (SELECT count(*) FROM scan_metadata) > 1 "
    "ORDER BY place";

const char *query_listing_name(size_t column)
{
    return column == QUERY_FILESYSTEM
               ? "filesystem"
               : statement_column_name((enum statement_column)(column - QUERY_LISTING));
}

const char *query_summary_name(enum query_summary column)
{
    return summary_names[column];
}

/* Goes on without part i, about which err is. -1 where that cannot be: it is the only one, or the
 * last, or the question itself is wrong. */
static int leave_out(struct query *query, size_t i, struct err *err)
{
    struct part *part = &query->parts[i];
    if (query->count == 1 || err->status == ERR_USAGE)
        return -1;
    query->tell(query->context, err->text);
    *err = (struct err){0};
    part->left_out = true;
    part->waiting = false;
    reader_rows_close(part->rows);
    part->rows = NULL;
    if (++query->left_out == query->count)
        return err_set(err, "all databases: none can be read");
    return 0;
}

int query_open(struct query **out, char *const *paths, char *const *names, size_t count,
               query_tell *tell, void *context, struct err *err)
{
    struct query *query = calloc(1, sizeof *query);
    struct part *parts = calloc(count, sizeof *parts);
    if (query == NULL || parts == NULL) {
        free(query);
        free(parts);
        return err_set(err, "query: out of memory");
    }
    *query = (struct query){.paths = paths,
                            .names = names,
                            .parts = parts,
                            .count = count,
                            .left = -1,
                            .tell = tell,
                            .context = context};
    for (size_t i = 0; i < count; i++) {
        if (reader_open(&parts[i].reader, paths[i], err) != 0 && leave_out(query, i, err) != 0) {
            query_close(query);
            return -1;
        }
    }
    *out = query;
    return 0;
}

void query_close(struct query *query)
{
    if (query == NULL)
        return;
    for (size_t i = 0; i < query->count; i++) {
        reader_rows_close(query->parts[i].rows);
        scope_free(&query->parts[i].scope);
        reader_close(query->parts[i].reader);
    }
    totals_free(&query->totals);
    free(query->parts);
    free(query);
}

size_t query_left_out(const struct query *query)
{
    return query->left_out;
}

/* What the databases together are called in a message. */
static const char *asked(const struct query *query)
{
    return query->count == 1 ? query->paths[0] : "all databases";
}

/* Tells of paths to leave out that nobody holds: one that was mistyped leaves nothing out. */
static void tell_unknown_excluded(const struct query *query, const struct filter *filter)
{
    for (size_t x = filter->standing_count; x < filter->excluded_count; x++) {
        bool known = false;
        for (size_t i = 0; i < query->count; i++)
            known = known || (!query->parts[i].left_out && query->parts[i].scope.has_excluded[x]);
        if (known)
            continue;
        struct err note = {0};
        err_set(&note, "%s: no directory %.*s to exclude", asked(query),
                (int)filter->excluded[x].len, filter->excluded[x].ptr);
        query->tell(query->context, note.text);
    }
}

static int check_known(const struct query *query, const struct filter *filter, struct err *err)
{
    bool path = false;
    bool owner = false;
    bool group = false;
    for (size_t i = 0; i < query->count; i++) {
        if (query->parts[i].left_out)
            continue;
        path = path || query->parts[i].scope.has_path;
        owner = owner || query->parts[i].scope.has_owner;
        group = group || query->parts[i].scope.has_group;
    }
    if (!path)
        return err_set(err, "%s: no directory %.*s; it is %s", asked(query),
                       (int)filter->path_prefix.len, filter->path_prefix.ptr,
                       query->count == 1 ? "not in this database" : "in none of them");
    if (!owner)
        return err_set(err, "%s: no user %s, and this host has none either; give the number",
                       asked(query), filter->owner);
    if (!group)
        return err_set(err, "%s: no group %s, and this host has none either; give the number",
                       asked(query), filter->group);
    return 0;
}

static int resolve(struct query *query, const struct filter *filter, struct err *err)
{
    query->filter = filter;
    for (size_t i = 0; i < query->count; i++)
        if (!query->parts[i].left_out &&
            scope_resolve(&query->parts[i].scope, query->parts[i].reader, filter, err) != 0 &&
            leave_out(query, i, err) != 0)
            return -1;
    if (check_known(query, filter, err) != 0)
        return -1;
    tell_unknown_excluded(query, filter);
    return 0;
}

/* Whether the database can hold anything that is asked for. */
static bool concerns(const struct part *part)
{
    return !part->left_out && part->scope.has_path && part->scope.has_owner &&
           part->scope.has_group && part->scope.directories > 0;
}

/* Steps to the part's next row and holds it ready. */
static int step(struct query *query, size_t i, struct err *err)
{
    struct part *part = &query->parts[i];
    int status = reader_rows_next(part->rows, err);
    part->waiting = status == 1;
    if (status == 0) {
        reader_rows_close(part->rows);
        part->rows = NULL;
    }
    return status < 0 ? -1 : 0;
}

static struct reader_value read_value(const struct reader_rows *rows, int column, bool text)
{
    if (reader_rows_is_null(rows, column))
        return (struct reader_value){.type = READER_NULL};
    if (text)
        return (struct reader_value){.type = READER_TEXT, .text = reader_rows_text(rows, column)};
    return (struct reader_value){.type = READER_INTEGER,
                                 .integer = reader_rows_integer(rows, column)};
}

static struct reader_value text_value(const char *text)
{
    return (struct reader_value){.type = READER_TEXT, .text = slice_from(text)};
}

static void read_listing(struct part *part, const char *name)
{
    part->values[QUERY_FILESYSTEM] = text_value(name);
    for (int i = 0; i < STATEMENT_COLUMNS; i++) {
        bool text = i == STATEMENT_PATH || i == STATEMENT_ATIME_R || i == STATEMENT_ATIME_NR ||
                    i == STATEMENT_USERNAME;
        part->values[QUERY_LISTING + i] = read_value(part->rows, i, text);
    }
}

static void read_summary(struct part *part, const char *path)
{
    for (int i = 0; i < QUERY_DATABASE; i++) {
        bool text = i <= QUERY_LOG_FORMAT || i == QUERY_LOG_AGE_BY || i == QUERY_LOG_VERSION;
        part->values[i] = read_value(part->rows, i, text);
    }
    part->values[QUERY_DATABASE] = text_value(path);
}

/* Steps, and reads what there is. */
static int advance(struct query *query, size_t i, struct err *err)
{
    struct part *part = &query->parts[i];
    if (part->rows == NULL || part->waiting)
        return 0;
    if (step(query, i, err) != 0)
        return leave_out(query, i, err);
    if (part->waiting && query->filter != NULL)
        read_listing(part, query->names[i]);
    else if (part->waiting)
        read_summary(part, query->paths[i]);
    return 0;
}

static int start_listing(struct part *part, const struct filter *filter, struct err *err)
{
    struct plan plan;
    struct statement statement;
    if (plan_choose(&plan, part->reader, filter, &part->scope, err) != 0 ||
        statement_listing(&statement, filter, &part->scope, &plan, err) != 0)
        return -1;
    int status = reader_run(&part->rows, part->reader, statement.sql, statement.values,
                            statement.value_count, err);
    statement_free(&statement);
    return status;
}

int query_list(struct query *query, const struct filter *filter, struct err *err)
{
    if (resolve(query, filter, err) != 0)
        return -1;
    query->left = filter->limit > 0 ? filter->limit : -1;
    for (size_t i = 0; i < query->count; i++)
        if (concerns(&query->parts[i]) && start_listing(&query->parts[i], filter, err) != 0 &&
            leave_out(query, i, err) != 0)
            return -1;
    return 0;
}

static int add_totals(struct query *query, size_t i, struct err *err)
{
    struct part *part = &query->parts[i];
    struct statement statement;
    if (statement_totals(&statement, query->filter, &part->scope, err) != 0)
        return -1;
    int status = reader_run(&part->rows, part->reader, statement.sql, statement.values,
                            statement.value_count, err);
    statement_free(&statement);
    if (status != 0)
        return -1;
    while ((status = reader_rows_next(part->rows, err)) == 1)
        if (totals_add(&query->totals, part->rows, i, err) != 0)
            return -1;
    reader_rows_close(part->rows);
    part->rows = NULL;
    return status;
}

int query_total(struct query *query, const struct filter *filter, bool split, struct err *err)
{
    query->split = split;
    if (resolve(query, filter, err) != 0)
        return -1;
    for (size_t i = 0; i < query->count; i++) {
        size_t before = query->totals.count;
        if (concerns(&query->parts[i]) && add_totals(query, i, err) != 0) {
            totals_cut(&query->totals, before);
            if (leave_out(query, i, err) != 0)
                return -1;
        }
    }
    return totals_finish(&query->totals, filter, err);
}

int query_summary(struct query *query, bool totals, struct err *err)
{
    const struct reader_value wanted = {.type = READER_INTEGER, .integer = totals};
    for (size_t i = 0; i < query->count; i++)
        if (!query->parts[i].left_out &&
            reader_run(&query->parts[i].rows, query->parts[i].reader, summary_sql, &wanted, 1,
                       err) != 0 &&
            leave_out(query, i, err) != 0)
            return -1;
    return 0;
}

/* A column's two values as the sort has them, smallest first and NULL last, or reversed with NULL
 * still last. */
static int compare_values(const struct reader_value *a, const struct reader_value *b, bool reversed)
{
    if (a->type == READER_NULL || b->type == READER_NULL)
        return (a->type == READER_NULL) - (b->type == READER_NULL);
    int order = a->type == READER_TEXT ? slice_compare(a->text, b->text)
                                       : (a->integer > b->integer) - (a->integer < b->integer);
    return reversed ? -order : order;
}

/* Whether part b's row comes before part a's, a being a database named before b. */
static bool comes_first(const struct query *query, const struct part *b, const struct part *a)
{
    const struct filter *filter = query->filter;
    if (filter == NULL)
        return false;
    if (filter->sort_by == FILTER_SORT_PATH) /* one database after the other */
        return filter->reverse;
    bool ascending = (filter->sort_by == FILTER_SORT_DEPTH) != filter->reverse;
    size_t column = QUERY_LISTING + statement_sort_column(filter->sort_by);
    return compare_values(&b->values[column], &a->values[column], !ascending) < 0;
}

static int next_merged(struct query *query, const struct reader_value **values, struct err *err)
{
    if (query->left == 0)
        return 0;
    size_t best = query->count;
    for (size_t i = 0; i < query->count; i++) {
        if (advance(query, i, err) != 0)
            return -1;
        if (query->parts[i].waiting &&
            (best == query->count || comes_first(query, &query->parts[i], &query->parts[best])))
            best = i;
    }
    if (best == query->count)
        return 0;
    query->parts[best].waiting = false;
    if (query->left > 0)
        query->left--;
    *values = query->parts[best].values;
    return 1;
}

static struct reader_value integer_value(int64_t integer)
{
    return (struct reader_value){.type = READER_INTEGER, .integer = integer};
}

static const struct reader_value *total_row(struct query *query, const struct totals_entry *entry,
                                            const char *name, const char *filesystem)
{
    struct reader_value *values = query->total_row;
    const struct reader_value unknown = {.type = READER_NULL};
    values[STATEMENT_TOTAL_ID] = integer_value(entry->id);
    values[STATEMENT_TOTAL_NAME] = name == NULL ? unknown : text_value(name);
    values[STATEMENT_TOTAL_FILES] = integer_value(entry->files);
    values[STATEMENT_TOTAL_SIZE] = integer_value(entry->size);
    values[STATEMENT_TOTAL_ALLOC] = integer_value(entry->alloc);
    values[STATEMENT_TOTAL_DIRECTORIES] = integer_value(entry->directories);
    values[STATEMENT_TOTAL_ATIME] = entry->atime[0] == '\0' ? unknown : text_value(entry->atime);
    values[QUERY_TOTAL_FILESYSTEM] = filesystem == NULL ? unknown : text_value(filesystem);
    return values;
}

/* A sum, and where it is to be split its parts after it. */
static int next_total(struct query *query, const struct reader_value **row)
{
    const struct totals *totals = &query->totals;
    if (query->split && query->totals_given > 0) {
        const struct totals_entry *sum = &totals->entries[query->totals_given - 1];
        if (query->parts_given < sum->part_count) {
            const struct totals_entry *part = &totals->parts[sum->first + query->parts_given++];
            *row = total_row(query, part, sum->name, query->names[part->source]);
            return 1;
        }
    }
    if (query->totals_given == totals->count)
        return 0;
    query->parts_given = 0;
    const struct totals_entry *sum = &totals->entries[query->totals_given++];
    *row = total_row(query, sum, sum->name, NULL);
    return 1;
}

int query_next(struct query *query, const struct reader_value **values, struct err *err)
{
    bool totals = query->filter != NULL && query->filter->group_by != FILTER_DIRECTORIES;
    return totals ? next_total(query, values) : next_merged(query, values, err);
}
