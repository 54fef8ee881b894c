/* report: tables of a page, from the answers to other questions and from two statements.
 *
 * However many directories a database has, the page has to stay small: the tree is cut not at a
 * number of directories but where their names, at the worst that a name can grow to on the page,
 * reach TREE_BYTES. A cut in the order of size never parts a directory from its parent, see
 * subtree.h. One thread. */
#include "report.h"

#include <stdlib.h>
#include <string.h>

#include "answer.h"
#include "directories.h"
#include "distribution.h"
#include "err.h"
#include "federation.h"
#include "filter.h"
#include "subtree.h"
#include "totals.h"

enum {
    TREE_ROWS = 6000,         /* more tiles than anybody opens; 10 ms to lay out in a browser */
    TREE_BYTES = 1200 * 1000, /* leaves 0.8 MB of 2 for everything else */
    TREE_ROW_BYTES = 12 * 12, /* figures and commas of a row: 12 columns, 11 digits each */
    BYTES_OF_ONE = sizeof "\\u003c" - 1, /* what one byte of a name can become */
    OWNERS = 100,                        /* rows */
    COLD_ROWS = 40,
    COLD_BUCKET = 4, /* a year and more */
    MOST_COLUMNS = 16,
};

struct report {
    struct federation *federation;
    struct subtree subtree;
    struct filter filter;     /* the path prefix and the mounts, borrowed; and what a table asks */
    struct reader_rows *rows; /* of the table begun; NULL: it is another's */
    struct answer *answer;    /* the same */
    enum report_table table;
    size_t places[MOST_COLUMNS]; /* of the table's columns in the answer's rows */
    struct reader_value values[MOST_COLUMNS];
};

struct column {
    const char *name; /* NULL: the last has been */
    const char *of;   /* the answer's column; NULL: of the same name, or the statement's next */
};

struct table {
    const char *name;
    const char *sql; /* NULL: it is an answer, or the tree */
    struct column columns[MOST_COLUMNS];
};

static const struct table tables[] = {
    [REPORT_ABOUT] = {"about",
                      "SELECT (SELECT max(filesystem) FROM scan_metadata), "
                      "(SELECT date(max(scan_timestamp)) FROM scan_metadata), "
                      "CASE WHEN ?3 = 1 THEN (SELECT path FROM directories WHERE dir_id = ?1) "
                      "ELSE '/' END, ?3, ?2 - ?1 + 1 = (SELECT count(*) FROM directories), "
                      "?4, ?5, ?6, ?7, (SELECT max(age_by) FROM scan_metadata)",
                      {{"filesystem", NULL},
                       {"scanned", NULL},
                       {"path", NULL},
                       {"roots", NULL},
                       {"whole", NULL},
                       {"directories", NULL},
                       {"files", NULL},
                       {"size", NULL},
                       {"alloc", NULL},
                       {"age_by", NULL}}},
    [REPORT_LOGS] = {"logs",
                     "SELECT source_file, date(scan_timestamp), format, lines, rejected, flawed, "
                     "scan_errors, excluded FROM scan_metadata ORDER BY scan_id DESC LIMIT 50",
                     {{"source_file", NULL},
                      {"scanned", NULL},
                      {"format", NULL},
                      {"lines", NULL},
                      {"rejected", NULL},
                      {"flawed", NULL},
                      {"scan_errors", NULL},
                      {"excluded", NULL}}},
    [REPORT_TREE] = {"tree",
                     NULL,
                     {{"depth", NULL},
                      {"name", NULL},
                      {"files", NULL},
                      {"directories", NULL},
                      {"size", NULL},
                      {"alloc", NULL},
                      {"accessed", NULL},
                      {"files_here", NULL},
                      {"size_here", NULL},
                      {"alloc_here", NULL},
                      {"accessed_here", NULL},
                      {"owner", NULL}}},
    [REPORT_OWNERS] = {"owners",
                       NULL,
                       {{"owner", "owner_uid"},
                        {"name", "username"},
                        {"files", "file_count"},
                        {"size", "total_size"},
                        {"alloc", "total_alloc"},
                        {"directories", "directory_count"},
                        {"accessed", "max_atime"},
                        {"cold", "cold_size"}}},
    [REPORT_ACCESS] = {"access",
                       NULL,
                       {{"label", NULL}, {"files", "file_count"}, {"size", "total_size"}}},
    [REPORT_SIZES] = {"sizes",
                      NULL,
                      {{"label", NULL}, {"files", "file_count"}, {"size", "total_size"}}},
    [REPORT_COLD] = {"cold",
                     NULL,
                     {{"path", NULL},
                      {"cold_size", NULL},
                      {"cold_files", NULL},
                      {"size", "total_size_r"},
                      {"accessed", "max_atime_r"},
                      {"owner", "owner_uid"},
                      {"name", "username"}}},
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

/* What the tables have in common: the place. */
static void reset_filter(struct report *report, const struct filter *place)
{
    struct filter filter;
    filter_init(&filter);
    filter.prefixes = place->prefixes;
    filter.prefix_count = place->prefix_count;
    filter.mounts = place->mounts;
    filter.mount_count = place->mount_count;
    report->filter = filter;
}

int report_open(struct report **out, struct federation *federation, const struct filter *filter,
                struct err *err)
{
    struct report *report = calloc(1, sizeof *report);
    if (report == NULL)
        return err_set(err, "query: out of memory");
    report->federation = federation;
    reset_filter(report, filter);
    if (subtree_open(&report->subtree, federation, filter, err) != 0) {
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
    answer_close(report->answer);
    subtree_close(&report->subtree);
    free(report);
}

/* How many of the largest directories the page has room for; at least 1. */
static int count_tree(int64_t *out, struct report *report, struct err *err)
{
    int64_t bytes = 0;
    *out = 0;
    report->filter.limit = TREE_ROWS;
    if (directories_answer(&report->answer, report->federation, &report->filter, err) != 0)
        return -1;
    const struct reader_value *values;
    int status;
    while ((status = report->answer->next(report->answer, &values, err)) == 1) {
        struct slice path = values[1].text; /* a name is no longer */
        const char *slash = memrchr(path.ptr, '/', path.len);
        size_t name = slash == NULL ? path.len : path.len - (size_t)(slash - path.ptr);
        bytes += TREE_ROW_BYTES + BYTES_OF_ONE * (int64_t)name;
        if (bytes > TREE_BYTES)
            break;
        ++*out;
    }
    answer_close(report->answer);
    report->answer = NULL;
    *out = *out > 0 ? *out : 1;
    return status < 0 ? -1 : 0;
}

static int start_tree(struct report *report, struct err *err)
{
    int64_t rows;
    if (count_tree(&rows, report, err) != 0)
        return -1;
    return subtree_begin(&report->subtree, rows, err);
}

/* Finds the table's columns among the answer's. */
static void find_places(struct report *report)
{
    const struct column *columns = tables[report->table].columns;
    const struct answer *answer = report->answer;
    for (size_t i = 0; columns[i].name != NULL; i++) {
        const char *name = columns[i].of == NULL ? columns[i].name : columns[i].of;
        size_t place = 0;
        while (place < answer->count && strcmp(answer->columns[place].name, name) != 0)
            place++;
        report->places[i] = place;
    }
}

static int start_histogram(struct report *report, enum histogram_kind kind, struct err *err)
{
    const struct distribution_question question = {
        .filter = &report->filter, .kinds = 1U << kind, .top = DISTRIBUTION_NO_OWNERS};
    return distribution_answer(&report->answer, report->federation, &question, err);
}

static int start_answer(struct report *report, struct err *err)
{
    struct filter *filter = &report->filter;
    switch (report->table) {
    case REPORT_ACCESS:
        return start_histogram(report, HISTOGRAM_ACCESS, err);
    case REPORT_SIZES:
        return start_histogram(report, HISTOGRAM_SIZE, err);
    case REPORT_OWNERS:
        filter->group_by = FILTER_BY_OWNER;
        filter->cold_bucket = COLD_BUCKET;
        filter->limit = OWNERS;
        return totals_answer(&report->answer, report->federation, filter, false, err);
    default:
        filter->cold_bucket = COLD_BUCKET;
        filter->sort_by = FILTER_SORT_COLD_SIZE;
        filter->limit = COLD_ROWS;
        return filter_set_hot_spots(filter, "", NULL, err) != 0
                   ? -1
                   : directories_answer(&report->answer, report->federation, filter, err);
    }
}

static int start_statement(struct report *report, struct err *err)
{
    const struct subtree *subtree = &report->subtree;
    const struct reader_value values[] = {
        answer_integer(subtree->range.first), answer_integer(subtree->range.last),
        answer_integer(subtree->roots),       answer_integer(subtree->directories),
        answer_integer(subtree->files),       answer_integer(subtree->size),
        answer_integer(subtree->alloc),
    };
    size_t count = report->table == REPORT_ABOUT ? sizeof values / sizeof *values : 0;
    return reader_run(&report->rows, subtree->reader, tables[report->table].sql, values, count,
                      err);
}

int report_start(struct report *report, enum report_table table, struct err *err)
{
    reader_rows_close(report->rows);
    answer_close(report->answer);
    report->rows = NULL;
    report->answer = NULL;
    report->table = table;
    const struct filter place = report->filter;
    reset_filter(report, &place);
    if (table == REPORT_TREE)
        return start_tree(report, err);
    if (tables[table].sql != NULL)
        return start_statement(report, err);
    if (start_answer(report, err) != 0)
        return -1;
    find_places(report);
    return 0;
}

static struct reader_value row_value(const struct reader_rows *rows, int column)
{
    if (reader_rows_is_null(rows, column))
        return answer_null();
    if (reader_rows_is_integer(rows, column))
        return answer_integer(reader_rows_integer(rows, column));
    return (struct reader_value){.type = READER_TEXT, .text = reader_rows_text(rows, column)};
}

int report_next(struct report *report, const struct reader_value **values, struct err *err)
{
    bool tree = report->table == REPORT_TREE;
    const struct reader_value *row = NULL;
    int status = tree                     ? subtree_next(&report->subtree, err)
                 : report->answer != NULL ? report->answer->next(report->answer, &row, err)
                                          : reader_rows_next(report->rows, err);
    if (status != 1)
        return status;
    const struct reader_rows *rows = tree ? report->subtree.rows : report->rows;
    for (size_t i = 0; i < report_column_count(report->table); i++)
        report->values[i] = row != NULL ? row[report->places[i]]
                                        : row_value(rows, tree ? (int)tree_columns[i] : (int)i);
    *values = report->values;
    return 1;
}
