/* chunk: some whole lines of an input, in memory until released. */
#ifndef FSTALLY_CHUNK_H
#define FSTALLY_CHUNK_H

#include <stddef.h>
#include <stdint.h>

#include "slice.h"

struct source;

struct chunk {
    struct source *source; /* borrowed; where it comes from */
    uint64_t sequence;     /* chunks of a source are numbered from 0 in the order of their bytes */
    uint64_t offset;       /* of the first byte in the input */
    struct slice bytes;    /* begins at a line's begin, ends after a newline or at the input's end;
                            * empty where a line spans several chunks */
    void *mapping;         /* the pages that hold it; NULL where it is empty */
    size_t mapping_size;   /* bytes */
};

/* Gives the memory back. The bytes are gone. */
void chunk_release(struct chunk *chunk);

#endif
