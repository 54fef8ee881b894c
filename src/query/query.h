/* query: one question to one or several databases, and the rows of the answer, one after another.
 *
 * Of several, one that cannot be read hides none of the others: it is reported, and left out from
 * then on. Only when none is left, or there is but one, is that a failure.
 *
 *     query_open, then query_list or query_total or query_summary, query_next until 0, query_close
 */
#ifndef FSTALLY_QUERY_H
#define FSTALLY_QUERY_H

#include "statement.h"

#include <stdbool.h>
#include <stddef.h>

struct err;
struct filter;
struct query;
struct reader_value;

/* Columns of a listing: the file system, then those of statement.h. */
enum { QUERY_FILESYSTEM, QUERY_LISTING, QUERY_LISTING_COLUMNS = QUERY_LISTING + STATEMENT_COLUMNS };

/* Columns of a summary: a row for each log that a database was made from. */
enum query_summary {
    QUERY_LOG_FILESYSTEM,
    QUERY_LOG_SOURCE,
    QUERY_LOG_SCANNED,
    QUERY_LOG_IMPORTED,
    QUERY_LOG_FORMAT,
    QUERY_LOG_DIRECTORIES, /* lines */
    QUERY_LOG_FILES,       /* lines */
    QUERY_LOG_SIZE,
    QUERY_LOG_ALLOC,
    QUERY_LOG_LINES,
    QUERY_LOG_HEADERS,
    QUERY_LOG_REJECTED,
    QUERY_LOG_FLAWED,      /* lines counted without a value that could not be used */
    QUERY_LOG_SCAN_ERRORS, /* headers by which the scan says that it failed somewhere */
    QUERY_LOG_EXCLUDED,    /* lines left out on request */
    QUERY_LOG_AGE_BY,      /* the time that access histograms go by: atime, mtime or latest */
    QUERY_LOG_VERSION,
    QUERY_STORED_DIRECTORIES, /* in the database, whose logs may name a directory twice or never */
    QUERY_DATABASE,           /* the database's path */
    QUERY_LOG_COLUMNS,
};

/* Columns of totals: those of statement.h, then the file system where the total is one's part, NULL
 * where it is the sum. */
enum { QUERY_TOTAL_FILESYSTEM = STATEMENT_TOTALS, QUERY_TOTAL_COLUMNS };

/* Reports a database that is left out, or a path to exclude that none holds; text is borrowed. */
typedef void query_tell(void *context, const char *text);

/* names are what to call the databases in the rows. Both lists are borrowed for as long as the
 * query lives. */
int query_open(struct query **out, char *const *paths, char *const *names, size_t count,
               query_tell *tell, void *context, struct err *err);
void query_close(struct query *query);

/* How many databases have been left out so far. */
size_t query_left_out(const struct query *query);

/* Each puts one question, the first and only of the query. The filter has been checked and is
 * borrowed for as long as the query lives. A path or an owner that none of the databases knows is
 * an error; databases that do not know it give no rows. */
int query_list(struct query *query, const struct filter *filter, struct err *err); /* directories */
/* group_by. split: after each sum a row for each file system that has part in it; the limit is for
 * the sums. */
int query_total(struct query *query, const struct filter *filter, bool split, struct err *err);
/* totals: where a database was made from several logs, a row of all its logs follows theirs, with
 * their number in place of a name. */
int query_summary(struct query *query, bool totals, struct err *err);

/* The columns' names as programs know them: static. column is one of the question's. */
const char *query_listing_name(size_t column);
const char *query_summary_name(enum query_summary column);

/* 1 a row, 0 no more, -1 a database could not be read. values[i] is column i's, borrowed until the
 * next step. Of several databases the rows are merged in
 * the order asked for, and the limit is for all together. */
int query_next(struct query *query, const struct reader_value **values, struct err *err);

#endif
