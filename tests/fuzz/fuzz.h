/* fuzz: what a target is: a function that is given bytes, whatever they are, and ends the process
 * where something is wrong. libFuzzer calls it (preset fuzz); replay.c does, with the corpus. */
#ifndef FSTALLY_FUZZ_H
#define FSTALLY_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "slice.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size); /* the name is libFuzzer's */

static inline void fuzz_check(int holds)
{
    if (!holds)
        abort();
}

/* A copy in memory of just that length, so that a byte beyond it is seen to be read; to be freed. */
static inline char *fuzz_copy(const uint8_t *data, size_t size)
{
    char *copy = malloc(size == 0 ? 1 : size);
    fuzz_check(copy != NULL);
    if (size != 0)
        memcpy(copy, data, size);
    return copy;
}

#endif
