/* nameblock: the names of SCHEMA_NAME_BLOCK consecutive directories as one value, each followed by
 * a NUL, gathered while the directories pass, in the order of dir_id. One thread. */
#ifndef FSTALLY_NAMEBLOCK_H
#define FSTALLY_NAMEBLOCK_H

#include <stddef.h>
#include <stdint.h>

#include "slice.h"

/* A row of the table directory_names. */
struct nameblock_row {
    int64_t first_id; /* of the block */
    size_t begin;     /* of its names, in the bytes of nameblock_bytes */
    size_t len;
};

struct nameblock;

struct nameblock *nameblock_new(void);
void nameblock_free(struct nameblock *blocks); /* NULL is nothing */

/* Takes the next directory, by its path: ids come without gaps, from 1. -1: out of memory. */
int nameblock_add(struct nameblock *blocks, int64_t dir_id, struct slice path);

/* No more is added to the block begun. */
void nameblock_end(struct nameblock *blocks);

/* The blocks that are complete, and the bytes that they are made of. Borrowed until the next call.
 */
const struct nameblock_row *nameblock_rows(const struct nameblock *blocks, size_t *count);
const char *nameblock_bytes(const struct nameblock *blocks);

/* Forgets those blocks. */
void nameblock_clear(struct nameblock *blocks);

#endif
