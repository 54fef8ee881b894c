/* parallel: one job in as many parts as there are threads. */
#ifndef FSTALLY_PARALLEL_H
#define FSTALLY_PARALLEL_H

#include <stddef.h>

/* Does part `part` of `parts`; 0, or -1 on failure. Runs at the same time as the other parts. */
typedef int parallel_part(void *context, unsigned part, unsigned parts);

/* Runs all parts, at most one for each of `threads` (at least 1), and waits for them. The caller's
 * thread does one; where no more threads can be started, it does more. -1: a part failed. */
int parallel_run(unsigned threads, parallel_part *run, void *context);

/* The begin of part `part` when [0, count) is cut into `parts`; that of part `parts` is count. */
static inline size_t parallel_begin(size_t count, unsigned part, unsigned parts)
{
    return count / parts * part + (count % parts < part ? count % parts : part);
}

#endif
