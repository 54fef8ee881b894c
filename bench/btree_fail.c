/* btree_fail: ends the study where it cannot go on. A study has nothing to undo but its output,
 * which it makes from nothing each time, so every failure ends the process where it is met. Any
 * thread. */
#include "btree_fail.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

#include "mem.h"

static const char *unfinished;
static atomic_flag failing = ATOMIC_FLAG_INIT; /* set by the first thread that fails */

void btree_fail_removes(const char *path)
{
    unfinished = path;
}

void btree_fail(const char *format, ...)
{
    while (atomic_flag_test_and_set(&failing))
        pause(); /* another thread is ending the process: its line is the one */
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    fprintf(stderr, "btree-build: %s\n", text);
    if (unfinished != NULL)
        unlink(unfinished);
    _exit(1); /* not exit: other threads may be at work, and there is nothing to flush */
}

void *btree_fail_array(size_t count, size_t size)
{
    void *array = mem_array(count, size);
    if (array == NULL)
        btree_fail("out of memory for %zu x %zu bytes", count, size);
    return array;
}
