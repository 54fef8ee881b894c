/* globs: which of a block's names a filter's patterns match. */
#ifndef FSTALLY_GLOBS_H
#define FSTALLY_GLOBS_H

#include <stddef.h>
#include <stdint.h>

#include "slice.h"

struct err;
struct filter;
struct globs;

/* The filter's patterns, which stay as they are; *out is NULL where it has none. */
int globs_new(struct globs **out, const struct filter *filter, struct err *err);
void globs_free(struct globs *globs);

/* What a thread needs to match. Zero-initialise. */
struct globs_memory {
    char *folded; /* names in lower case */
    size_t room;
};

void globs_memory_dispose(struct globs_memory *memory);

/* Sets bit i for each name that any of the patterns matches. `names` are texts with a NUL after
 * each, and there are as many bits at least. Any number of threads at once. */
int globs_match(uint64_t *bits, const struct globs *globs, struct slice names,
                struct globs_memory *memory, struct err *err);

#endif
