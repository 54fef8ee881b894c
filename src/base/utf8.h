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

/* Whether a terminal shows what text begins with, a character of that many bytes or (0) a stray byte,
 * and does nothing else: no control characters, C1 among them, and none that change the direction of
 * what follows (U+200E, U+200F, U+202A to U+202E, U+2066 to U+2069). */
bool utf8_is_shown(struct slice text, size_t length);

/* Whether the whole text is well-formed; true for an empty one. */
bool utf8_is_valid(struct slice text);

#endif
