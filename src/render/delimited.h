/* delimited: rows as TSV or CSV for programs, with a header line; a null is an empty field. */
#ifndef FSTALLY_DELIMITED_H
#define FSTALLY_DELIMITED_H

#include "render.h"

/* output and columns are borrowed until the renderer is freed. Lines end in a newline in both; the
 * header line is written at once. */
struct render *delimited_tsv(struct render_output *output, const struct render_column *columns,
                             size_t count);
struct render *delimited_csv(struct render_output *output, const struct render_column *columns,
                             size_t count);

#endif
