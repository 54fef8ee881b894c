/* report: one statement a table, but for the histograms, which distribution.h has.
 *
 * However many directories a database has, the page has to stay small: the tree is cut not at a
 * number of directories but where their names, at the worst that a name can grow to on the page,
 * reach TREE_BYTES. A cut in the order of size never parts a directory from its parent, see
 * subtree.h. One thread. */
#include "report.h"

#include "distribution.h"
#include "err.h"
#include "filter.h"
#include "reader.h"
#include "statement.h"
#include "subtree.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    TREE_ROWS = 6000,         /* more tiles than anybody opens; 10 ms to lay out in a browser */
    TREE_BYTES = 1200 * 1000, /* leaves 0.8 MB of 2 for everything else */
    TREE_ROW_BYTES = 12 * 12, /* figures and commas of a row: 12 columns, 11 digits each */
    BYTES_OF_ONE = sizeof "\\u003c" - 1, /* what one byte of a name can become */
    MOST_COLUMNS = 16,
};

struct report {
    struct subtree subtree;
    struct reader_rows *rows;          /* of the table begun; NULL: none */
    struct distribution *distribution; /* the same, where that is a histogram */
    struct distribution *histograms;   /* says whether there are any */
    struct filter filter;              /* the path prefix and the mounts, borrowed */
    enum report_table table;
    struct reader_value values[MOST_COLUMNS];
};

struct column {
    const char *name; /* NULL: the last has been */
    bool text;
};

struct table {
    const char *name;
    const char *sql; /* NULL: put together when it is begun */
    struct column columns[MOST_COLUMNS];
};

/* A year before the scan. */
#define OLD "(SELECT date(max(scan_timestamp), '-1 year') FROM scan_metadata)"

static const struct table tables[] = {
    [REPORT_ABOUT] = {"about",
                      "SELECT (SELECT max(filesystem) FROM scan_metadata), "
                      "(SELECT date(max(scan_timestamp)) FROM scan_metadata), " OLD ", "
                      "CASE WHEN ?3 = 1 THEN (SELECT path FROM directories WHERE dir_id = ?1) "
                      "ELSE '/' END, ?3, ?2 - ?1 + 1 = (SELECT count(*) FROM directories), "
                      "?4, ?5, ?6, ?7, ?8, (SELECT max(age_by) FROM scan_metadata)",
                      {{"filesystem", true},
                       {"scanned", true},
                       {"old_before", true},
                       {"path", true},
                       {"roots", false},
                       {"whole", false},
                       {"directories", false},
                       {"files", false},
                       {"size", false},
                       {"alloc", false},
                       {"no_histograms", true},
                       {"age_by", true}}},
    [REPORT_LOGS] = {"logs",
                     "SELECT source_file, date(scan_timestamp), format, lines, rejected, flawed, "
                     "scan_errors, excluded FROM scan_metadata ORDER BY scan_id DESC LIMIT 50",
                     {{"source_file", true},
                      {"scanned", true},
                      {"format", true},
                      {"lines", false},
                      {"rejected", false},
                      {"flawed", false},
                      {"scan_errors", false},
                      {"excluded", false}}},
    [REPORT_TREE] = {"tree",
                     NULL,
                     {{"depth", false},
                      {"name", true},
                      {"files", false},
                      {"directories", false},
                      {"size", false},
                      {"alloc", false},
                      {"accessed", true},
                      {"files_here", false},
                      {"size_here", false},
                      {"alloc_here", false},
                      {"accessed_here", true},
                      {"owner", false}}},
    [REPORT_OWNERS] = {"owners",
                       NULL,
                       {{"owner", false},
                        {"name", true},
                        {"files", false},
                        {"size", false},
                        {"alloc", false},
                        {"directories", false},
                        {"accessed", true}}},
    [REPORT_ACCESS] = {"access", NULL, {{"label", true}, {"files", false}, {"size", false}}},
    [REPORT_SIZES] = {"sizes", NULL, {{"label", true}, {"files", false}, {"size", false}}},
    /* Only the outermost of old directories: what lies below is as old and no larger. */
    [REPORT_OLDEST] = {"oldest",
                       "SELECT d.path, s.total_size_r, s.total_alloc_r, s.file_count_r, "
                       "date(s.max_atime_r), s.owner_uid, "
                       "(SELECT username FROM user_info WHERE uid = s.owner_uid) "
                       "FROM (SELECT s.dir_id AS id FROM directory_stats s NOT INDEXED "
                       "CROSS JOIN directories d ON d.dir_id = s.dir_id "
                       "LEFT JOIN directory_stats p ON p.dir_id = d.parent_id AND s.dir_id <> ?1 "
                       "WHERE s.dir_id BETWEEN ?1 AND ?2 AND s.max_atime_r < " OLD " "
                       "AND s.total_size_r > 0 AND NOT ifnull(p.max_atime_r < " OLD ", 0) "
                       "ORDER BY s.total_size_r DESC, s.dir_id LIMIT 40) AS picked "
                       "CROSS JOIN directory_stats s ON s.dir_id = picked.id "
                       "CROSS JOIN directories d ON d.dir_id = picked.id "
                       "ORDER BY s.total_size_r DESC, s.dir_id",
                       {{"path", true},
                        {"size", false},
                        {"alloc", false},
                        {"files", false},
                        {"accessed", true},
                        {"owner", false},
                        {"name", true}}},
};

/* The columns of the table tree, as subtree.h has them. */
static const enum subtree_column tree_columns[] = {
    SUBTREE_DEPTH,   SUBTREE_NAME,     SUBTREE_FILES_R,  SUBTREE_DIRS_R,
    SUBTREE_SIZE_R,  SUBTREE_ALLOC_R,  SUBTREE_ATIME_R,  SUBTREE_FILES_NR,
    SUBTREE_SIZE_NR, SUBTREE_ALLOC_NR, SUBTREE_ATIME_NR, SUBTREE_OWNER,
};

const char *report_table_name(enum report_table table)
{
    return tables[table].name;
}

size_t report_column_count(enum report_table table)
{
    size_t count = 0;
    while (tables[table].columns[count].name != NULL)
        count++;
    return count;
}

const char *report_column_name(enum report_table table, size_t column)
{
    return tables[table].columns[column].name;
}

/* From the reader that all other tables are read with: a new version of the database, published in
 * between, must not mix with this one. */
static int open_histograms(struct distribution **out, const struct report *report, unsigned kinds,
                           struct err *err)
{
    const struct distribution_question question = {
        .filter = &report->filter, .kinds = kinds, .top = DISTRIBUTION_NO_OWNERS, .or_none = true};
    return distribution_of(out, report->subtree.reader, &question, err);
}

int report_open(struct report **out, const char *path, const struct filter *filter, struct err *err)
{
    struct report *report = calloc(1, sizeof *report);
    if (report == NULL)
        return err_set(err, "%s: cannot read: out of memory", path);
    filter_init(&report->filter);
    report->filter.path_prefix = filter->path_prefix;
    report->filter.mounts = filter->mounts;
    report->filter.mount_count = filter->mount_count;
    if (subtree_open(&report->subtree, path, filter, err) != 0) {
        free(report);
        return -1;
    }
    if (open_histograms(&report->histograms, report, 0, err) != 0) {
        report_close(report);
        return -1;
    }
    *out = report;
    return 0;
}

void report_close(struct report *report)
{
    if (report == NULL)
        return;
    reader_rows_close(report->rows);
    distribution_close(report->distribution);
    distribution_close(report->histograms);
    subtree_close(&report->subtree);
    free(report);
}

static struct reader_value text_or_null(const char *text)
{
    if (text == NULL)
        return (struct reader_value){.type = READER_NULL};
    return (struct reader_value){.type = READER_TEXT, .text = slice_from(text)};
}

static struct reader_value integer(int64_t value)
{
    return (struct reader_value){.type = READER_INTEGER, .integer = value};
}

/* How many of the largest directories the page has room for; at least 1. */
static int count_tree(int64_t *out, struct report *report, struct err *err)
{
    static const char sql[] =
        "SELECT count(*) FROM (SELECT sum(?3 + ?4 * length(CAST(d.name AS BLOB))) "
        "OVER (ORDER BY s.total_size_r DESC, s.dir_id ROWS UNBOUNDED PRECEDING) AS bytes "
        "FROM (SELECT s.dir_id AS id FROM directory_stats s WHERE s.dir_id BETWEEN ?1 AND ?2 "
        "ORDER BY s.total_size_r DESC, s.dir_id LIMIT ?5) AS picked "
        "CROSS JOIN directory_stats s ON s.dir_id = picked.id "
        "CROSS JOIN directories d ON d.dir_id = picked.id) WHERE bytes <= ?6";
    const struct subtree *subtree = &report->subtree;
    const struct reader_value values[] = {
        integer(subtree->scope.under.first),
        integer(subtree->scope.under.last),
        integer(TREE_ROW_BYTES),
        integer(BYTES_OF_ONE),
        integer(TREE_ROWS),
        integer(TREE_BYTES),
    };
    struct reader_rows *rows;
    if (reader_run(&rows, subtree->reader, sql, values, sizeof values / sizeof *values, err) != 0)
        return -1;
    int found = reader_rows_next(rows, err);
    *out = found == 1 && reader_rows_integer(rows, 0) > 0 ? reader_rows_integer(rows, 0) : 1;
    reader_rows_close(rows);
    return found < 0 ? -1 : 0;
}

static int start_tree(struct report *report, struct err *err)
{
    int64_t rows;
    if (count_tree(&rows, report, err) != 0)
        return -1;
    return subtree_largest(&report->rows, &report->subtree, rows, err);
}

/* The totals of `--group-by owner`, the largest first. */
static int start_owners(struct report *report, struct err *err)
{
    struct filter filter;
    struct statement statement;
    filter_init(&filter);
    filter.group_by = FILTER_BY_OWNER;
    if (statement_totals(&statement, &filter, &report->subtree.scope, err) != 0)
        return -1;
    char *sql = NULL;
    size_t length = 0;
    FILE *text = open_memstream(&sql, &length);
    int status = -1;
    if (text != NULL) {
        _Static_assert(STATEMENT_TOTAL_SIZE == 3, "which column is sorted by");
        fprintf(text, "SELECT * FROM (%s) ORDER BY 4 DESC, 1 LIMIT 100", statement.sql);
        status = fclose(text);
    }
    if (status != 0)
        status =
            err_set(err, "%s: cannot read: out of memory", reader_path(report->subtree.reader));
    else
        status = reader_run(&report->rows, report->subtree.reader, sql, statement.values,
                            statement.value_count, err);
    free(sql);
    statement_free(&statement);
    return status;
}

/* How many of the values the statement has a place for. */
static size_t count_values(enum report_table table)
{
    if (table == REPORT_ABOUT)
        return 8;
    return table == REPORT_OLDEST ? 2 : 0;
}

int report_start(struct report *report, enum report_table table, struct err *err)
{
    const struct subtree *subtree = &report->subtree;
    reader_rows_close(report->rows);
    distribution_close(report->distribution);
    report->rows = NULL;
    report->distribution = NULL;
    report->table = table;
    if (table == REPORT_ACCESS)
        return open_histograms(&report->distribution, report, 1U << HISTOGRAM_ACCESS, err);
    if (table == REPORT_SIZES)
        return open_histograms(&report->distribution, report, 1U << HISTOGRAM_SIZE, err);
    if (table == REPORT_TREE)
        return start_tree(report, err);
    if (table == REPORT_OWNERS)
        return start_owners(report, err);
    const struct reader_value values[] = {
        integer(subtree->scope.under.first),
        integer(subtree->scope.under.last),
        integer(subtree->roots),
        integer(subtree->directories),
        integer(subtree->files),
        integer(subtree->size),
        integer(subtree->alloc),
        text_or_null(distribution_missing(report->histograms)),
    };
    return reader_run(&report->rows, subtree->reader, tables[table].sql, values,
                      count_values(table), err);
}

static int next_bucket(struct report *report, const struct reader_value **values)
{
    const struct reader_value *bucket;
    if (distribution_next(report->distribution, &bucket) == 0)
        return 0;
    report->values[0] = bucket[DISTRIBUTION_LABEL];
    report->values[1] = bucket[DISTRIBUTION_FILES];
    report->values[2] = bucket[DISTRIBUTION_SIZE];
    *values = report->values;
    return 1;
}

int report_next(struct report *report, const struct reader_value **values, struct err *err)
{
    if (report->distribution != NULL)
        return next_bucket(report, values);
    int status = reader_rows_next(report->rows, err);
    if (status != 1)
        return status;
    const struct column *columns = tables[report->table].columns;
    for (size_t i = 0; columns[i].name != NULL; i++) {
        int column = report->table == REPORT_TREE ? (int)tree_columns[i] : (int)i;
        if (reader_rows_is_null(report->rows, column))
            report->values[i] = (struct reader_value){.type = READER_NULL};
        else if (columns[i].text)
            report->values[i] = (struct reader_value){
                .type = READER_TEXT, .text = reader_rows_text(report->rows, column)};
        else
            report->values[i] = integer(reader_rows_integer(report->rows, column));
    }
    *values = report->values;
    return 1;
}
