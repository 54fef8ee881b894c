/* reportpage: one HTML page that holds its own style, script and data, and asks nothing of any
 * network.
 *
 *     reportpage_begin; for each table reportpage_table, reportpage_row ...; reportpage_end
 */
#ifndef FSTALLY_REPORTPAGE_H
#define FSTALLY_REPORTPAGE_H

#include "render.h"

/* Where a page stands. Zeroed, but for the output (borrowed). */
struct reportpage {
    struct render_output *output;
    bool table; /* one has begun */
    bool row;   /* in it */
};

void reportpage_begin(struct reportpage *page, const char *version);

/* A table's name and the names of its columns. */
void reportpage_table(struct reportpage *page, const char *name, const char *const *columns,
                      size_t count);

/* count cells, one for each of the table's columns. Fails when the output cannot be written, as the
 * end does. */
int reportpage_row(struct reportpage *page, const struct render_cell *cells, size_t count,
                   struct err *err);
int reportpage_end(struct reportpage *page, struct err *err);

#endif
