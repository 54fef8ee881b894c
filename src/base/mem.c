/* mem: where memory comes from.
 *
 * Arrays of a megabyte and more are anonymous mappings of their own: untouched pages cost nothing,
 * and an array that is done with leaves the resident set at once, which the memory bound counts on.
 * Any thread. */
#include "mem.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "rlimits.h"

enum { MAPPED_FROM = 1 << 20 };

/* Items that a list has room for at first: nearly all lists stay shorter. */
enum { GROWN_FROM = 16 };

static void (*before_exhausted)(void); /* set before there are threads */

void mem_before_exhausted(void (*run)(void))
{
    before_exhausted = run;
}

void mem_exhausted(void)
{
    if (before_exhausted != NULL)
        before_exhausted();
    const char *limit = rlimits_of_memory();
    fprintf(stderr, "%s: out of memory: %s\n", program_invocation_short_name,
            limit != NULL ? limit : "use a machine with more");
    _exit(1);
}

void *mem_new(size_t bytes)
{
    void *memory = calloc(1, bytes);
    if (memory == NULL)
        mem_exhausted();
    return memory;
}

char *mem_text(const char *text)
{
    if (text == NULL)
        return NULL;
    size_t bytes = strlen(text) + 1;
    return memcpy(mem_new(bytes), text, bytes);
}

void *mem_array(size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes))
        return NULL;
    if (bytes < MAPPED_FROM)
        return calloc(count == 0 ? 1 : count, size);
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        return NULL;
    return memory;
}

void *mem_table(size_t count, size_t size)
{
    void *memory = mem_array(count, size);
    /* 4 KiB pages would spend as long in the page tables. Advice: a kernel without huge pages
     * just says no. */
    if (memory != NULL && count * size >= MAPPED_FROM)
        madvise(memory, count * size, MADV_HUGEPAGE);
    return memory;
}

void mem_free_array(void *array, size_t count, size_t size)
{
    if (array == NULL)
        return;
    if (count * size < MAPPED_FROM)
        free(array);
    else
        munmap(array, count * size);
}

void *mem_grow(void *items, size_t *room, size_t count, size_t size)
{
    if (count < *room)
        return items;
    size_t more = *room == 0 ? GROWN_FROM : 2 * *room;
    size_t bytes;
    if (__builtin_mul_overflow(more, size, &bytes))
        return NULL;
    void *longer = realloc(items, bytes);
    if (longer != NULL)
        *room = more;
    return longer;
}
