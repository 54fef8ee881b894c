/* rlimits: the kernel says EAGAIN, EFBIG or ENOMEM and not which limit it was. A limit that is set
 * is the likely cause; one that is not set cannot be. Any thread. */
#include "rlimits.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/resource.h>

static bool is_set(struct rlimit limit)
{
    return limit.rlim_cur != RLIM_INFINITY;
}

const char *rlimits_of_memory(void)
{
    struct rlimit space;
    if (getrlimit(RLIMIT_AS, &space) == 0 && is_set(space))
        return "the limit on address space is too low; raise it (ulimit -v)";
    if (getrlimit(RLIMIT_DATA, &space) == 0 && is_set(space))
        return "the limit on data is too low; raise it (ulimit -d)";
    return NULL;
}

const char *rlimits_of_threads(void)
{
    struct rlimit processes;
    const char *memory = rlimits_of_memory();
    if (memory != NULL)
        return memory;
    if (getrlimit(RLIMIT_NPROC, &processes) == 0 && is_set(processes))
        return "the limit on processes is too low; raise it (ulimit -u)";
    return "the system has no room for another thread; end other processes";
}

const char *rlimits_of_files(void)
{
    struct rlimit size;
    if (getrlimit(RLIMIT_FSIZE, &size) == 0 && is_set(size))
        return "the limit on the size of files is too low; raise it (ulimit -f)";
    return NULL;
}
