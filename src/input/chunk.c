/* chunk: the end of a chunk's life. Unmapping also gives back its share of the page tables, so the
 * resident set does not grow with the log. Any thread, one at a time. */
#include "chunk.h"

#include <sys/mman.h>

void chunk_release(struct chunk *chunk)
{
    if (chunk->mapping != NULL)
        munmap(chunk->mapping, chunk->mapping_size);
    chunk->mapping = NULL;
    chunk->bytes = (struct slice){NULL, 0};
}
