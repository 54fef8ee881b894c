/* columns: the large tables, column by column, and their indexes: what schema makes of them as SQL
 * and both writers as values. For the files of store/ only. */
#ifndef FSTALLY_COLUMNS_H
#define FSTALLY_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "clock.h"
#include "rows.h"
#include "slice.h"

enum columns_table {
    COLUMNS_DIRECTORIES,
    COLUMNS_STATS,
    COLUMNS_USAGE,
    COLUMNS_TABLES,
};

/* Which value of a row a column has. */
enum columns_source {
    COLUMNS_ID,
    COLUMNS_PARENT,
    COLUMNS_PATH,
    COLUMNS_NAME,
    COLUMNS_DEPTH,
    COLUMNS_LAST,
    COLUMNS_OWN_FILES,
    COLUMNS_OWN_DIRS,
    COLUMNS_OWN_SIZE,
    COLUMNS_OWN_ALLOC,
    COLUMNS_OWN_ATIME,
    COLUMNS_OWN_MTIME,
    COLUMNS_SUBTREE_FILES,
    COLUMNS_SUBTREE_DIRS,
    COLUMNS_SUBTREE_SIZE,
    COLUMNS_SUBTREE_ALLOC,
    COLUMNS_SUBTREE_ATIME,
    COLUMNS_SUBTREE_MTIME,
    COLUMNS_UID,
    COLUMNS_GID,
};

struct column {
    const char *name;
    const char *declaration; /* its type and constraint in SQL */
    enum columns_source source;
};

struct columns {
    const char *table;
    const struct column *items;
    size_t count;
    const char *primary_key; /* of a WITHOUT ROWID table, whose rows begin with it; NULL: the first
                                column is the rowid */
};

extern const struct columns columns_tables[COLUMNS_TABLES];

enum columns_index_name {
    COLUMNS_BY_PATH,
    COLUMNS_BY_PARENT,
    COLUMNS_BY_DEPTH,
    COLUMNS_BY_OWNER,
    COLUMNS_BY_SIZE,
    COLUMNS_BY_FILES,
    COLUMNS_INDEXES,
};

/* An index of one column, followed by the rowid. */
struct columns_index {
    const char *name;
    bool unique;
    enum columns_table table;
    const char *column;
};

extern const struct columns_index columns_indexes[COLUMNS_INDEXES];

enum columns_type { COLUMNS_NULL, COLUMNS_INTEGER, COLUMNS_TEXT, COLUMNS_BLOB };

/* A value as the database has it. Bytes that are not UTF-8 are a BLOB, so that every reader of the
 * file gets a value that it can show. */
struct columns_value {
    enum columns_type type;
    int64_t integer;
    struct slice bytes; /* borrowed from the row */
};

/* A row of any of the tables. */
struct columns_row {
    enum columns_table table;
    int64_t id;
    struct rows_place place; /* of COLUMNS_DIRECTORIES, as the path */
    struct slice path;
    struct rows_dir dir; /* of COLUMNS_STATS */
    struct rows_usage usage;
    char time[CLOCK_TEXT]; /* of the value that was asked for last */
};

/* How many rows a table has, and its row `i`. */
size_t columns_count(const struct rows *rows, enum columns_table table);
void columns_fetch(struct columns_row *row, const struct rows *rows, enum columns_table table,
                   size_t i);

/* A value of a row, which lives until the next one is asked for. */
struct columns_value columns_value(struct columns_row *row, enum columns_source source);

/* A sum as a value: one that has passed INT64_MAX stays there. */
static inline int64_t columns_sum(uint64_t sum)
{
    return sum > INT64_MAX ? INT64_MAX : (int64_t)sum;
}

#endif
