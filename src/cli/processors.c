/* processors: what the batch system and the container have left of the machine.
 *
 * Quotas: cgroup v2 keeps "QUOTA PERIOD" or "max PERIOD" in cpu.max, in microseconds; a parent's
 * quota binds its children, so every level up to the root is looked at. cgroup v1 keeps the two in
 * files of their own (Linux, Documentation/admin-guide/cgroup-v2.rst and scheduler/sched-bwc.rst).
 * One thread, before any other starts. */
#include "processors.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

static unsigned limit_v2(const char *group, unsigned limit)
{
    char path[4352];
    snprintf(path, sizeof path, "/sys/fs/cgroup%s/cpu.max", group);
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return limit;
    long quota;
    long period;
    if (fscanf(file, "%ld %ld", &quota, &period) == 2) /* "max" is no number: no limit */
        limit = from_quota(quota, period, limit);
    fclose(file);
    return limit;
}

static long read_number(const char *directory, const char *name)
{
    char path[4352];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    long value = -1;
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return -1;
    if (fscanf(file, "%ld", &value) != 1)
        value = -1;
    fclose(file);
    return value;
}

static unsigned from_cgroup(unsigned limit)
{
    static const char v1[] = "/sys/fs/cgroup/cpu";
    limit = from_quota(read_number(v1, "cpu.cfs_quota_us"), read_number(v1, "cpu.cfs_period_us"),
                       limit);
    FILE *file = fopen("/proc/self/cgroup", "re");
    if (file == NULL)
        return limit;
    char line[4200];
    while (fgets(line, sizeof line, file) != NULL) {
        if (strncmp(line, "0::/", 4) != 0)
            continue;
        line[strcspn(line, "\n")] = '\0';
        char *group = line + 3;
        for (char *slash; (slash = strrchr(group, '/')) != NULL; *slash = '\0')
            limit = limit_v2(group, limit);
        limit = limit_v2("", limit);
    }
    fclose(file);
    return limit;
}

unsigned processors_available(void)
{
    unsigned limit = from_cgroup(from_affinity());
    const char *slurm = getenv("SLURM_CPUS_PER_TASK");
    long granted = slurm == NULL ? 0 : strtol(slurm, NULL, 10);
    return granted > 0 && granted < (long)limit ? (unsigned)granted : limit;
}
