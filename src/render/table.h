/* table: rows for people, in aligned columns. Where the terminal is narrow, columns are left out by
 * their rank, and the last column loses the middle of its texts. */
#ifndef FSTALLY_TABLE_H
#define FSTALLY_TABLE_H

#include "render.h"

/* output and columns are borrowed until the renderer is freed. width is the terminal's, in columns;
 * 0: no limit. Bytes that could drive a terminal, or are no text in the current locale, are shown
 * as in TSV. Many rows go out in pages, each as wide as those before at least. */
struct render *table_new(struct render_output *output, const struct render_column *columns,
                         size_t count, size_t width);

/* Before the first row: the last column holds bars. Its cells are integers from 0 to `largest`, for
 * which a bar fills what the other columns leave of the width; where there is no limit, 40 columns,
 * and where nothing is left, there are none. */
void table_bars(struct render *render, int64_t largest);

#endif
