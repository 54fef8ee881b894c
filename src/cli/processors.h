/* processors: how many of the machine's processors this process may use. */
#ifndef FSTALLY_PROCESSORS_H
#define FSTALLY_PROCESSORS_H

/* The least of: the affinity mask, the cgroup's CPU quota (rounded up), SLURM_CPUS_PER_TASK. At
 * least 1. */
unsigned processors_available(void);

#endif
