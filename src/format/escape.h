/* escape: names that a list writes with escapes, decoded. */
#ifndef FSTALLY_ESCAPE_H
#define FSTALLY_ESCAPE_H

#include "slice.h"

/* Writes `text` to `out` (room for text.len bytes) with each %HH decoded, HH being two hexadecimal
 * digits; any other `%` stays. Returns the length. */
size_t escape_decode_percent(struct slice text, char *out);

/* The same for backslashes, as C, Go and GNU tools write them: \a \b \f \n \r \t \v \\ \" \' \0 to
 * \377, \xHH, \uHHHH, \UHHHHHHHH (in UTF-8); any other backslash stays. */
size_t escape_decode_backslash(struct slice text, char *out);

#endif
