/* memory: limits are where they are enforced; Slurm's are in the environment, in MiB (sbatch(1),
 * OUTPUT ENVIRONMENT VARIABLES), because not every site enforces them. One thread, before any
 * other starts. */
#include "memory.h"

#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "cgroup.h"

/* Lowers *least to a number of bytes; 0, "max" and what is no number are no limit. */
static void take_limit(void *least, const char *line)
{
    uint64_t *bytes = least;
    char *end;
    uint64_t limit = strtoull(line, &end, 10);
    if (end != line && limit != 0 && limit < *bytes)
        *bytes = limit;
}

static uint64_t from_environment(const char *name)
{
    const char *text = getenv(name);
    long long number = text == NULL ? 0 : strtoll(text, NULL, 10);
    return number > 0 && number < INT32_MAX ? (uint64_t)number : 0;
}

static uint64_t from_slurm(void)
{
    uint64_t mebibytes = from_environment("SLURM_MEM_PER_NODE");
    if (mebibytes == 0) {
        uint64_t processors = from_environment("SLURM_CPUS_PER_TASK");
        if (processors == 0)
            processors = from_environment("SLURM_CPUS_ON_NODE");
        mebibytes = from_environment("SLURM_MEM_PER_CPU") * (processors == 0 ? 1 : processors);
    }
    return mebibytes << 20;
}

uint64_t memory_available(void)
{
    struct rlimit space;
    uint64_t least = (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE);
    cgroup_walk(NULL, "memory.max", take_limit, &least);
    cgroup_walk(NULL, "memory.high", take_limit, &least);
    cgroup_walk("memory", "memory.limit_in_bytes", take_limit, &least);
    if (getrlimit(RLIMIT_AS, &space) == 0 && space.rlim_cur != RLIM_INFINITY &&
        space.rlim_cur / 3 < least)
        least = space.rlim_cur / 3;
    uint64_t slurm = from_slurm();
    return slurm != 0 && slurm < least ? slurm : least;
}
