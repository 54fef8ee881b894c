/* pagesink: where finished pages go. */
#ifndef FSTALLY_PAGESINK_H
#define FSTALLY_PAGESINK_H

#include <stddef.h>
#include <stdint.h>

struct err;

/* `write` puts `len` bytes, whole pages, at byte `offset` of the file. Their memory is aligned to
 * 4,096 bytes, as O_DIRECT asks. Any of the threads calls it,
 * several at once; each byte of the file is written once, in no particular order. Returns 0, or -1
 * with err filled. */
struct pagesink {
    void *context;
    int (*write)(void *context, const void *bytes, size_t len, uint64_t offset, struct err *err);
};

#endif
