/* arena: a bump allocator over a chain of blocks.
 *
 * Directory paths and per-owner counters come by the million and all die together, so each costs a
 * pointer addition and no header. What is larger than a quarter block gets a block of its own and
 * leaves the current one in use. The thread that holds the arena's owner (a shard's lock, say). */
#include "arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct arena_block {
    struct arena_block *older;
    alignas(64) char bytes[];
};

static struct arena_block *new_block(size_t bytes)
{
    struct arena_block *block = NULL;
    if (posix_memalign((void **)&block, 64, sizeof *block + bytes) != 0)
        return NULL;
    return block;
}

static void *alloc_alone(struct arena *arena, size_t bytes)
{
    struct arena_block *block = new_block(bytes);
    if (block == NULL)
        return NULL;
    if (arena->blocks == NULL) {
        block->older = NULL;
        arena->blocks = block;
    } else {
        block->older = arena->blocks->older;
        arena->blocks->older = block;
    }
    return block->bytes;
}

void *arena_alloc(struct arena *arena, size_t bytes, size_t align)
{
    uintptr_t at = ((uintptr_t)arena->next + (align - 1)) & ~(uintptr_t)(align - 1);
    if (arena->next != NULL && bytes <= (uintptr_t)arena->end - (uintptr_t)arena->next &&
        at + bytes <= (uintptr_t)arena->end) {
        arena->next = (char *)(at + bytes);
        return (void *)at;
    }
    size_t block_size = arena->block_size != 0 ? arena->block_size : ARENA_BLOCK_SIZE;
    if (bytes > block_size / 4)
        return alloc_alone(arena, bytes);
    struct arena_block *block = new_block(block_size - sizeof *block);
    if (block == NULL)
        return NULL;
    block->older = arena->blocks;
    arena->blocks = block;
    arena->next = block->bytes + bytes;
    arena->end = block->bytes + (block_size - sizeof *block);
    return block->bytes;
}

char *arena_copy(struct arena *arena, const char *ptr, size_t len)
{
    char *copy = arena_alloc(arena, len, 1);
    if (copy != NULL && len != 0)
        memcpy(copy, ptr, len);
    return copy;
}

void arena_clear(struct arena *arena)
{
    while (arena->blocks != NULL) {
        struct arena_block *older = arena->blocks->older;
        free(arena->blocks);
        arena->blocks = older;
    }
    arena->next = NULL;
    arena->end = NULL;
}
