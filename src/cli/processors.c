/* processors: what the batch system and the container have left of the machine.
 *
 * Quotas: cgroup v2 keeps "QUOTA PERIOD" or "max PERIOD" in cpu.max, in microseconds. cgroup v1 keeps
 * the two in files of their own (Linux, Documentation/admin-guide/cgroup-v2.rst and
 * scheduler/sched-bwc.rst).
 * One thread, before any other starts. */
#include "processors.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

#include "cgroup.h"

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

static unsigned from_affinity(void)
{
    enum { PROCESSORS_MOST = 8192 }; /* what Linux can be built for */
    size_t size = CPU_ALLOC_SIZE(PROCESSORS_MOST);
    cpu_set_t *set = CPU_ALLOC(PROCESSORS_MOST);
    int count = set != NULL && sched_getaffinity(0, size, set) == 0 ? CPU_COUNT_S(size, set) : 1;
    CPU_FREE(set);
    return count < 1 ? 1 : (unsigned)count;
}

static unsigned from_quota(long quota, long period, unsigned limit)
{
    if (quota <= 0 || period <= 0)
        return limit;
    long processors = (quota + period - 1) / period;
    return least(limit, (unsigned)processors);
}

static void take_quota(void *limit, const char *line)
{
    long quota;
    long period;
    unsigned *least_so_far = limit;
    if (sscanf(line, "%ld %ld", &quota, &period) == 2) /* "max" is no number: no limit */
        *least_so_far = from_quota(quota, period, *least_so_far);
}

/* Version 1 keeps the quota and its period apart; the first group that has one counts, and periods are
 * hardly ever changed. */
static void take_number(void *number, const char *line)
{
    long *value = number;
    if (*value < 0)
        *value = strtol(line, NULL, 10);
}

static unsigned from_cgroup(unsigned limit)
{
    long quota = -1;
    long period = -1;
    cgroup_walk("cpu", "cpu.cfs_quota_us", take_number, &quota);
    cgroup_walk("cpu", "cpu.cfs_period_us", take_number, &period);
    limit = from_quota(quota, period, limit);
    cgroup_walk(NULL, "cpu.max", take_quota, &limit);
    return limit;
}

unsigned processors_available(void)
{
    unsigned limit = from_cgroup(from_affinity());
    const char *slurm = getenv("SLURM_CPUS_PER_TASK");
    long granted = slurm == NULL ? 0 : strtol(slurm, NULL, 10);
    return granted > 0 && granted < (long)limit ? (unsigned)granted : limit;
}
