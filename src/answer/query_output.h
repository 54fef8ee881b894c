/* query_output: where an answer goes: standard output or a file. */
#ifndef FSTALLY_QUERY_OUTPUT_H
#define FSTALLY_QUERY_OUTPUT_H

#include "render.h"

#include <stddef.h>

struct datadir_choice;
struct err;

/* name is borrowed; NULL or "-": standard output. A file is emptied, unless it is one of the
 * databases or another one of SQLite's, which is a usage error. */
int query_output_open(struct render_output *out, const char *name,
                      const struct datadir_choice *databases, struct err *err);

/* Writes what is still to be written. */
int query_output_close(struct render_output *output, struct err *err);

/* Columns of the terminal that the output goes to; 0: it is none. */
size_t query_output_width(const struct render_output *output);

#endif
