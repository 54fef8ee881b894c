/* utf8: separates well-formed characters from stray bytes (Unicode 15, table 3-7: no overlong
 * forms, no surrogates, nothing above U+10FFFF). */
#ifndef FSTALLY_UTF8_H
#define FSTALLY_UTF8_H

#include <stdbool.h>

#include "slice.h"

/* The bytes of the well-formed character that text, not empty, begins with: 1 to 4; or 0, and
 * *stray is the number of bytes, 1 to 3, that one replacement character replaces (the longest
 * that could have begun a character). */
size_t utf8_length(struct slice text, size_t *stray);

/* Whether the whole text is well-formed; true for an empty one. */
bool utf8_is_valid(struct slice text);

#endif
