/* arena: memory that is only ever given up as a whole. One owner at a time; no locking here. */
#ifndef FSTALLY_ARENA_H
#define FSTALLY_ARENA_H

#include <stddef.h>

struct arena_block;

/* Zero-initialise, or arena_init. */
struct arena {
    struct arena_block *blocks; /* newest first */
    char *next;                 /* [next, end) of the newest block is free */
    char *end;
    size_t block_size; /* bytes of an ordinary block; 0 means ARENA_BLOCK_SIZE */
};

enum { ARENA_BLOCK_SIZE = 64 * 1024 };

/* `bytes` of uninitialised memory at an address divisible by `align` (a power of two, at most 64).
 * Valid until arena_clear. NULL: out of memory. */
void *arena_alloc(struct arena *arena, size_t bytes, size_t align);

/* A copy of [ptr, ptr + len), unaligned. NULL: out of memory. */
char *arena_copy(struct arena *arena, const char *ptr, size_t len);

/* Frees all of it; the arena can be used again. */
void arena_clear(struct arena *arena);

#endif
