/* globmatch: one name against one pattern, as -N has it. */
#ifndef FSTALLY_GLOBMATCH_H
#define FSTALLY_GLOBMATCH_H

#include <stdbool.h>

#include "slice.h"

/* Whether the pattern matches the whole name. `*` is any run of characters, `?` one, `[a-z]` one
 * of a set, `[^a-z]` one that is not in it; a ] right after [ or [^ is itself and begins no
 * range, and a set without an end matches nothing. All others are themselves: there is no escape
 * but a set, `[*]`. A character is one of UTF-8, or a byte that is part of none: stray bytes
 * equal themselves alone. With ignore_case a set also matches an ASCII letter whose other case it
 * holds; the rest of the pattern, and the name, are in lower case already. Time: length of the
 * pattern times that of the name. */
bool globmatch_name(struct slice pattern, struct slice name, bool ignore_case);

/* Where a set in a text with a NUL ends, past its ]; `set` is at its [. NULL: it has no end. */
const char *globmatch_set_end(const char *set);

#endif
