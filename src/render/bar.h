/* bar: a bar of a chart as text, in eighths of a column where the locale is UTF-8. */
#ifndef FSTALLY_BAR_H
#define FSTALLY_BAR_H

#include <stddef.h>
#include <stdint.h>

/* Room for a bar of so many columns, with its NUL. */
#define BAR_TEXT(columns) (3 * (columns) + 1)

/* Writes the bar of `part` where `whole` takes `columns` columns: as long as part is of whole, at
 * least a sliver where it is not 0. 0 <= part <= whole. */
void bar_draw(char *out, size_t columns, int64_t part, int64_t whole);

#endif
