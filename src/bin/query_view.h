/* query_view: which columns of an answer are shown, and in which shape. */
#ifndef FSTALLY_QUERY_VIEW_H
#define FSTALLY_QUERY_VIEW_H

#include "render.h"

#include <stdbool.h>
#include <stddef.h>

struct err;
struct query_options;
struct reader_value;

enum query_view_shape {
    QUERY_VIEW_AS_IS,
    QUERY_VIEW_BYTES,
    QUERY_VIEW_COUNT,
    QUERY_VIEW_SIZE_CHANGE,
    QUERY_VIEW_COUNT_CHANGE,
    QUERY_VIEW_PART, /* a file system; NULL: all of them */
    QUERY_VIEW_DAY,
    QUERY_VIEW_OWNER,
};

struct query_view_column {
    struct render_column head;
    enum query_view_shape shape;
    size_t column; /* of the query's row */
    size_t name;   /* QUERY_VIEW_OWNER: the column of the owner's name */
};

enum { QUERY_VIEW_COLUMNS = 32 };

struct query_view {
    struct query_view_column columns[QUERY_VIEW_COLUMNS];
    struct render_column heads[QUERY_VIEW_COLUMNS]; /* for a renderer: count of them */
    size_t count;
};

/* The columns that the question of the options has: as a table for people, else as in the database.
 * many: several databases answer. */
void query_view_choose(struct query_view *view, const struct query_options *options, bool many);

/* Renders one row of the query. */
int query_view_row(const struct query_view *view, struct render *render,
                   const struct reader_value *values, struct err *err);

#endif
