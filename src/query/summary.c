/* summary: the rows of scan_metadata, one database after the other. One thread. */
#include "summary.h"

#include <stdlib.h>

#include "answer.h"
#include "err.h"
#include "federation.h"

enum { COLUMNS = 19, DATABASE = COLUMNS - 1 };

/* ?1: whether a row of all logs follows where there are several. */
static const char sql[] =
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

struct summary {
    struct answer answer; /* first: a pointer to one is a pointer to the other */
    struct federation *federation;
    bool totals;
    size_t part;
    struct reader_rows *rows; /* of that part; NULL: not begun */
    struct reader_value values[COLUMNS];
};

/* In the order of the statement, and the database's path after them. */
static void choose_columns(struct answer *answer)
{
    answer_add(answer, "filesystem", "FILESYSTEM", ANSWER_TEXT);
    size_t source = answer_add(answer, "source_file", NULL, ANSWER_TEXT);
    answer_add(answer, "scan_timestamp", "SCANNED", ANSWER_DAY);
    size_t imported = answer_add(answer, "import_timestamp", NULL, ANSWER_DAY);
    size_t format = answer_add(answer, "format", NULL, ANSWER_TEXT);
    answer_add(answer, "total_directories", NULL, ANSWER_COUNT);
    answer_add(answer, "total_files", "FILES", ANSWER_COUNT);
    size_t size = answer_add(answer, "total_size", NULL, ANSWER_BYTES);
    size_t alloc = answer_add(answer, "total_alloc", NULL, ANSWER_BYTES);
    size_t lines = answer_add(answer, "lines", NULL, ANSWER_COUNT);
    answer_add(answer, "headers", NULL, ANSWER_COUNT);
    size_t rejected = answer_add(answer, "rejected", NULL, ANSWER_COUNT);
    size_t flawed = answer_add(answer, "flawed", NULL, ANSWER_COUNT);
    size_t errors = answer_add(answer, "scan_errors", NULL, ANSWER_COUNT);
    size_t excluded = answer_add(answer, "excluded", NULL, ANSWER_COUNT);
    size_t age_by = answer_add(answer, "age_by", NULL, ANSWER_TEXT);
    answer_add(answer, "fstally_version", NULL, ANSWER_TEXT);
    answer_add(answer, "stored_directories", "DIRS", ANSWER_COUNT);
    answer_add(answer, "database", NULL, ANSWER_PATH);
    answer_show(answer, size, "SIZE");
    answer_show(answer, alloc, "ALLOCATED");
    answer_show(answer, lines, "LINES");
    answer_show(answer, rejected, "REJECTED");
    answer_show(answer, flawed, "FLAWED");
    answer_show(answer, errors, "SCAN ERRORS");
    answer_show(answer, excluded, "EXCLUDED");
    answer_show(answer, age_by, "AGE BY");
    answer_show(answer, imported, "IMPORTED");
    answer_show(answer, format, "FORMAT");
    answer_show(answer, source, "INPUT");
}

static void read_row(struct summary *summary, const char *path)
{
    for (int i = 0; i < DATABASE; i++) {
        enum answer_kind kind = summary->answer.columns[i].kind;
        if (reader_rows_is_null(summary->rows, i))
            summary->values[i] = answer_null();
        else if (kind == ANSWER_TEXT || kind == ANSWER_DAY)
            summary->values[i] = (struct reader_value){.type = READER_TEXT,
                                                       .text = reader_rows_text(summary->rows, i)};
        else
            summary->values[i] = answer_integer(reader_rows_integer(summary->rows, i));
    }
    summary->values[DATABASE] = answer_text(path);
}

/* Steps to the next row of the part at hand. */
static int step(struct summary *summary, struct err *err)
{
    struct federation_part *part = &summary->federation->parts[summary->part];
    const struct reader_value wanted = answer_integer(summary->totals);
    if (part->left_out)
        return 0;
    if (summary->rows == NULL &&
        reader_run(&summary->rows, part->reader, sql, &wanted, 1, err) != 0)
        return -1;
    return reader_rows_next(summary->rows, err);
}

static int next(struct answer *answer, const struct reader_value **values, struct err *err)
{
    struct summary *summary = (struct summary *)answer;
    struct federation *federation = summary->federation;
    while (summary->part < federation->count) {
        int status = step(summary, err);
        if (status == 1) {
            read_row(summary, federation->parts[summary->part].path);
            *values = summary->values;
            return 1;
        }
        if (status < 0 && federation_leave_out(federation, summary->part, err) != 0)
            return -1;
        reader_rows_close(summary->rows);
        summary->rows = NULL;
        summary->part++;
    }
    return 0;
}

static void close(struct answer *answer)
{
    struct summary *summary = (struct summary *)answer;
    reader_rows_close(summary->rows);
    free(summary);
}

int summary_answer(struct answer **out, struct federation *federation, bool totals, struct err *err)
{
    struct summary *summary = calloc(1, sizeof *summary);
    if (summary == NULL)
        return err_set(err, "query: out of memory");
    summary->answer.next = next;
    summary->answer.close = close;
    summary->federation = federation;
    summary->totals = totals;
    choose_columns(&summary->answer);
    *out = &summary->answer;
    return 0;
}
