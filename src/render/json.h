/* json: rows as objects, a member for each column. A text that is not UTF-8 has U+FFFD for what
 * cannot be read, and its bytes in a further member, COLUMN_base64. */
#ifndef FSTALLY_JSON_H
#define FSTALLY_JSON_H

#include "render.h"

/* output and columns are borrowed until the renderer is freed. */
struct render *json_array(struct render_output *output, const struct render_column *columns,
                          size_t count); /* one array of all objects */
struct render *json_lines(struct render_output *output, const struct render_column *columns,
                          size_t count); /* an object a line */

/* Writes one string with its quotes; U+FFFD replaces what is not UTF-8. Returns whether all of it
 * was. */
bool json_string(FILE *file, struct slice text);

#endif
