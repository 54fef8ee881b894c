/* names: which directories' last components a filter's patterns match. */
#ifndef FSTALLY_NAMES_H
#define FSTALLY_NAMES_H

#include <stdint.h>

struct err;
struct filter;
struct reader;
struct scope;

/* Looks through the names of all directories under the scope and makes those that match any of the
 * filter's patterns the reader's named ones; *count is their number. Borrows everything for the
 * call. */
int names_find(int64_t *count, struct reader *reader, const struct filter *filter,
               const struct scope *scope, struct err *err);

#endif
