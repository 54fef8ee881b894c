/* head: what the lines of a list begin with, before the fields. */
#ifndef FSTALLY_HEAD_H
#define FSTALLY_HEAD_H

#include <stdbool.h>

#include "layout.h"

/* Reads a HEAD and the blanks after it from *at on. False, and *at as it was: there is none. */
bool head_read(enum layout_head head, const char **at, const char *end);

#endif
