/* reader: a published database, opened read-only, and the rows of one question.
 *
 * A reader and its rows belong to one thread. Several rows may be open on one reader at a time; all
 * are closed before it. Nothing is ever written, not even a lock beside the file. */
#ifndef FSTALLY_READER_H
#define FSTALLY_READER_H

#include "slice.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct reader;
struct reader_rows;

enum reader_type { READER_NULL, READER_INTEGER, READER_TEXT };

/* A value to stand for one `?` of a statement. */
struct reader_value {
    enum reader_type type;
    int64_t integer;   /* READER_INTEGER */
    struct slice text; /* READER_TEXT, of any bytes: borrowed for the call that takes it */
};

/* Opens the database at path (borrowed). Fails, each with its own message, where the file is
 * missing or cannot be read, is not a SQLite database, is not fstally's, has
 * another schema version, or is damaged. */
int reader_open(struct reader **out, const char *path, struct err *err);
void reader_close(struct reader *reader);

/* The path given to reader_open; lives as long as the reader. */
const char *reader_path(const struct reader *reader);

/* Which file is open. For the files of store/ only. */
struct engine_file;
const struct engine_file *reader_file(const struct reader *reader);

/* How many directories the database holds: their ids are 1 to that. */
int reader_count(int64_t *out, struct reader *reader, struct err *err);

/* Makes SQLite check the cells of each page that it reads: for callers that read a whole database
 * once. */
int reader_check_cells(struct reader *reader, struct err *err);

/* Checks that the figures that are kept in several places agree (books.h). */
int reader_check_books(struct reader *reader, struct err *err);

/* Whether a file that begins with these bytes is one of SQLite's: its header string (the SQLite
 * file format, section 1.3.1). */
enum { READER_HEADER_STRING = 16 };
bool reader_is_sqlite(const void *begin);

/* Starts one SELECT. values[i] stands for `?i+1`; sql and values are borrowed for the call. Bytes
 * that are not UTF-8 are compared as the database stores them. The reader offers an SQL
 * function of its own: saturating_sum(X), which stays at 2^63-1 where sum() fails. */
int reader_run(struct reader_rows **out, struct reader *reader, const char *sql,
               const struct reader_value *values, size_t value_count, struct err *err);

/* Starts the same SELECT again with other values. */
int reader_rows_again(struct reader_rows *rows, const struct reader_value *values,
                      size_t value_count, struct err *err);

/* Asks for the row of one value: starts the SELECT where *rows is NULL, and again with another
 * value where it is of the same SELECT. 1: there is one; 0: none; -1: the database could not be
 * read. *rows is to be closed in any case. */
int reader_look_up(struct reader_rows **rows, struct reader *reader, const char *sql,
                   const struct reader_value *value, struct err *err);

/* Steps to the next row: 1 there is one, 0 no more, -1 the database could not be read. */
int reader_rows_next(struct reader_rows *rows, struct err *err);
void reader_rows_close(struct reader_rows *rows);

/* The current row's columns, from 0. NULL reads as 0 and as a slice without bytes. A slice is
 * borrowed until the next step. */
bool reader_rows_is_null(const struct reader_rows *rows, int column);
bool reader_rows_is_integer(const struct reader_rows *rows, int column);
int64_t reader_rows_integer(const struct reader_rows *rows, int column);
struct slice reader_rows_text(const struct reader_rows *rows, int column); /* of a TEXT or a BLOB */
struct slice reader_rows_bytes(const struct reader_rows *rows,
                               int column); /* of a BLOB with NULs */

/* The path of the database that the rows are from. */
const char *reader_rows_path(const struct reader_rows *rows);

#endif
