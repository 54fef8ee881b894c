/* factsblock: the facts of a block of directories, as the BLOB that the table `facts` stores. For
 * the files of store/ only; one thread a block. */
#ifndef FSTALLY_FACTSBLOCK_H
#define FSTALLY_FACTSBLOCK_H

#include <stddef.h>

#include "slice.h"

struct factsblock;
struct rows;

/* NULL: out of memory. */
struct factsblock *factsblock_new(void);
void factsblock_free(struct factsblock *block);

/* How many blocks the directories make, at least 1 where there is any. */
size_t factsblock_count(const struct rows *rows);

/* Makes block `which`; the bytes are valid until the next one. -1: out of memory. */
int factsblock_make(struct slice *out, struct factsblock *block, const struct rows *rows,
                    size_t which);

#endif
