/* query_view: an answer's rows as a renderer shows them: all columns as they are for programs, some
 * of them in readable shapes for people. */
#ifndef FSTALLY_QUERY_VIEW_H
#define FSTALLY_QUERY_VIEW_H

#include <stdbool.h>
#include <stddef.h>

#include "answer.h"
#include "render.h"

struct query_view {
    const struct answer *answer; /* borrowed */
    bool people;
    struct render_column heads[ANSWER_COLUMNS]; /* for a renderer: count of them */
    size_t count;
};

void query_view_choose(struct query_view *view, const struct answer *answer, bool people);

/* A value as it is. The text is borrowed. */
struct render_cell query_view_cell(const struct reader_value *value);

/* Renders one row of the answer. */
int query_view_row(const struct query_view *view, struct render *render,
                   const struct reader_value *values, struct err *err);

#endif
