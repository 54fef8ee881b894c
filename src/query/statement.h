/* statement: a question about one database as SQL text and the values to bind. No value is ever
 * in the text.
 *
 * A filter says what the user asked, a scope what it means in that database, a plan the way through
 * the tables; here the three become one statement. */
#ifndef FSTALLY_STATEMENT_H
#define FSTALLY_STATEMENT_H

#include "filter.h"

#include <stddef.h>

struct err;
struct plan;
struct reader_value;
struct scope;

/* The columns of a listing, in order. */
enum statement_column {
    STATEMENT_PATH,
    STATEMENT_DEPTH,
    STATEMENT_FILES_R,
    STATEMENT_DIRS_R,
    STATEMENT_SIZE_R,
    STATEMENT_ALLOC_R,
    STATEMENT_ATIME_R,
    STATEMENT_FILES_NR,
    STATEMENT_DIRS_NR,
    STATEMENT_SIZE_NR,
    STATEMENT_ALLOC_NR,
    STATEMENT_ATIME_NR,
    STATEMENT_OWNER_UID,
    STATEMENT_OWNER_GID,
    STATEMENT_OWNER_SIZE,  /* what the owner asked for holds (filter_holds), else NULL: all below a
                            * directory that is wholly theirs, else their files directly in it */
    STATEMENT_OWNER_FILES, /* the same in files */
    STATEMENT_USERNAME,    /* of owner_uid, where the database knows it: for people */
    STATEMENT_COLUMNS,
};

/* The columns of totals by owner or group, in order. */
enum statement_total {
    STATEMENT_TOTAL_ID,
    STATEMENT_TOTAL_NAME,
    STATEMENT_TOTAL_FILES,
    STATEMENT_TOTAL_SIZE,
    STATEMENT_TOTAL_ALLOC,
    STATEMENT_TOTAL_DIRECTORIES,
    STATEMENT_TOTAL_ATIME,
    STATEMENT_TOTALS,
};

/* The names of either's columns as programs know them. */
const char *statement_column_name(enum statement_column column);
const char *statement_total_name(enum statement_total total, enum filter_group group_by);

/* The column that a listing is sorted by. */
enum statement_column statement_sort_column(enum filter_sort sort);

/* A statement for reader_run. */
struct statement {
    char *sql;
    struct reader_value *values; /* texts are borrowed from the filter and the scope */
    size_t value_count;
};

/* The listing's rows, sorted and limited. */
int statement_listing(struct statement *out, const struct filter *filter, const struct scope *scope,
                      const struct plan *plan, struct err *err);

/* Path, recursive size, allocation and files of the directories in the filter's place, in preorder.
 */
int statement_tree(struct statement *out, const struct filter *filter, const struct scope *scope,
                   struct err *err);

/* Totals by owner or group: by id, neither sorted as asked nor limited, because the databases'
 * totals are yet to be added up. */
int statement_totals(struct statement *out, const struct filter *filter, const struct scope *scope,
                     struct err *err);

void statement_free(struct statement *statement);

#endif
