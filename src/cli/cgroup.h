/* cgroup: what the control groups of this process say, its own and those above it. */
#ifndef FSTALLY_CGROUP_H
#define FSTALLY_CGROUP_H

/* Is given the first line of a file, without its newline. */
typedef void cgroup_take(void *context, const char *line);

/* Calls `take` with `file` of this process's group and of every group above it that has one:
 * `controller` names a hierarchy of version 1 ("memory"), NULL that of version 2. */
void cgroup_walk(const char *controller, const char *file, cgroup_take *take, void *context);

#endif
