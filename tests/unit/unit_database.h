/* unit_database: what a database answers, as text that can be compared. */
#ifndef FSTALLY_UNIT_DATABASE_H
#define FSTALLY_UNIT_DATABASE_H

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "err.h"
#include "reader.h"

/* Appends the rows of one query to `out`: columns parted by `|`, NULL as `-`. */
static inline void unit_database_print(FILE *out, struct reader *reader, const char *sql,
                                       int columns)
{
    struct err err = {0};
    struct reader_rows *rows = NULL;
    if (reader_run(&rows, reader, sql, NULL, 0, &err) != 0)
        fail_msg("%s", err.text);
    int more;
    while ((more = reader_rows_next(rows, &err)) == 1) {
        for (int i = 0; i < columns; i++) {
            struct slice text = reader_rows_text(rows, i);
            fprintf(out, "%s", i == 0 ? "" : "|");
            if (reader_rows_is_null(rows, i))
                fputc('-', out);
            else
                fwrite(text.ptr, 1, text.len, out);
        }
        fputc('\n', out);
    }
    if (more != 0)
        fail_msg("%s", err.text);
    reader_rows_close(rows);
}

/* The rows of one query over the database at `path`, as text; to be freed. */
static inline char *unit_database_read(const char *path, const char *sql, int columns)
{
    struct err err = {0};
    struct reader *reader = NULL;
    char *text = NULL;
    size_t len = 0;
    if (reader_open(&reader, path, &err) != 0)
        fail_msg("%s", err.text);
    FILE *out = open_memstream(&text, &len);
    unit_database_print(out, reader, sql, columns);
    fclose(out);
    reader_close(reader);
    return text;
}

static inline void unit_database_expect(const char *path, const char *sql, int columns,
                                        const char *expected)
{
    char *text = unit_database_read(path, sql, columns);
    assert_string_equal(text, expected);
    free(text);
}

#endif
