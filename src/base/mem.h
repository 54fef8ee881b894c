/* mem: allocations of two kinds: small ones of a fixed size, without which the process ends, and
 * those whose size comes from the input, which can fail. The released programs use mimalloc as
 * their malloc. */
#ifndef FSTALLY_MEM_H
#define FSTALLY_MEM_H

#include <stddef.h>

/* Ends the process with one clear line. */
_Noreturn void mem_exhausted(void);

/* Has mem_exhausted run a function first, which removes what the process has begun; from any thread,
 * and it may allocate nothing. To be called before there are threads. */
void mem_before_exhausted(void (*run)(void));

/* A small, fixed-size, zeroed allocation. Out of memory ends the process with one clear line: at
 * that point nothing has been published, so nothing is lost. Free with free(). */
void *mem_new(size_t bytes);

/* A copy of a short text, likewise; NULL of NULL. Free with free(). */
char *mem_text(const char *text);

/* count x size bytes, zeroed, for anything whose size comes from the input. NULL when there is no
 * memory or the product overflows. Large ones are mapped and freed pages go back to the system at
 * once. Free with mem_free_array and the same count and size. */
void *mem_array(size_t count, size_t size);

/* The same in huge pages, where the kernel has them: for large arrays that stay. */
void *mem_table(size_t count, size_t size);
void mem_free_array(void *array, size_t count, size_t size);

/* A list that grows by one: `items` (NULL at first), or a longer one in its place, with room for
 * more than `count` of `size` bytes; *room is how many there is room for. NULL: out of memory, and
 * the list is as it was. Free with free(). */
void *mem_grow(void *items, size_t *room, size_t count, size_t size);

#endif
