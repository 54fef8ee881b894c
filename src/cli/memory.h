/* memory: how much of the machine's memory this process may use. */
#ifndef FSTALLY_MEMORY_H
#define FSTALLY_MEMORY_H

#include <stdint.h>

/* Bytes, the least of: the machine's, the limits of its control groups (versions 1 and 2), a
 * third of RLIMIT_AS (stacks and mapped files take address space, too), and what Slurm grants
 * (SLURM_MEM_PER_NODE, or SLURM_MEM_PER_CPU for each processor). */
uint64_t memory_available(void);

#endif
