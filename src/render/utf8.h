/* utf8: telling characters from stray bytes. */
#ifndef FSTALLY_UTF8_H
#define FSTALLY_UTF8_H

#include "slice.h"

/* The bytes of the well-formed character that text, not empty, begins with (Unicode 15, table 3-7:
 * no overlong forms, no surrogates): 1 to 4; or 0, and *stray is the number of bytes, 1 to 3, that
 * one replacement character stands for (the longest that could have begun a character). */
size_t utf8_length(struct slice text, size_t *stray);

#endif
