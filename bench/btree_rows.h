/* btree_rows: the rows of a database as values in memory, in the order of their rowids. */
#ifndef FSTALLY_BTREE_ROWS_H
#define FSTALLY_BTREE_ROWS_H

#include <stddef.h>
#include <stdint.h>

#include "arena.h"

/* In the order in which an index has them. */
enum btree_rows_kind { BTREE_ROWS_NULL, BTREE_ROWS_INTEGER, BTREE_ROWS_TEXT, BTREE_ROWS_BLOB };

struct btree_rows_value {
    union {
        int64_t integer;
        const char *text; /* or the bytes of a BLOB; not NUL-terminated */
    };
    uint32_t len; /* bytes of the text */
    enum btree_rows_kind kind;
};

/* Values as a record holds them, row by row: the column that is the rowid is NULL there. */
struct btree_rows_table {
    size_t columns; /* at most BTREE_ROWS_COLUMNS */
    size_t rows;
    int64_t *rowids; /* ascending */
    struct btree_rows_value *values;
    size_t longest; /* bytes of all texts of a row, at most */
};

enum { BTREE_ROWS_COLUMNS = 15, BTREE_ROWS_PATH = 2 }; /* the path's column in directories */

struct btree_rows {
    struct btree_rows_table directories;
    struct btree_rows_table stats;
    struct btree_rows_table schema; /* directories, its path index, directory_stats, in this order;
                                       the root pages are those of the source */
    uint32_t user_version;
    uint32_t application_id;
    struct arena texts;
};

enum { BTREE_ROWS_ROOTPAGE = 3 }; /* its column in schema */

/* Reads all of the database `path`; ends the process where it cannot. */
void btree_rows_read(struct btree_rows *rows, const char *path);
void btree_rows_clear(struct btree_rows *rows);

static inline const struct btree_rows_value *btree_rows_at(const struct btree_rows_table *table,
                                                           size_t row)
{
    return table->values + row * table->columns;
}

#endif
