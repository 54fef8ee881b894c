/* cgroup: a limit of a group binds those below it, so every level up to the root is looked at.
 * /proc/self/cgroup names the group of this process in each hierarchy, a line each:
 * "NUMBER:CONTROLLERS:/GROUP", of version 2 "0::/GROUP" (Linux,
 * Documentation/admin-guide/cgroup-v2.rst and cgroup-v1/cgroups.rst). In a container a group may
 * lie outside of what is mounted: then its root is all there is. One thread, before any other
 * starts. */
#include "cgroup.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { NAME = 4352 };

struct walk {
    const char *mount;
    const char *file;
    cgroup_take *take;
    void *context;
};

static void look(const struct walk *walk, const char *group)
{
    char path[2 * NAME];
    snprintf(path, sizeof path, "%s%s/%s", walk->mount, group, walk->file);
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return;
    char line[128];
    if (fgets(line, sizeof line, file) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        walk->take(walk->context, line);
    }
    fclose(file);
}

/* Whether a list such as "cpu,cpuacct" has the name; no name is in the empty list alone. */
static bool has(const char *list, const char *name)
{
    size_t len = strlen(name);
    if (len == 0)
        return *list == '\0';
    while (*list != '\0') {
        size_t item = strcspn(list, ",");
        if (item == len && memcmp(list, name, len) == 0)
            return true;
        list += item + (list[item] == ',');
    }
    return false;
}

/* The group that a line of /proc/self/cgroup names; NULL where it is of another hierarchy. The
 * line is taken apart. */
static char *group_of(char *line, const char *controller)
{
    line[strcspn(line, "\n")] = '\0';
    char *list = strchr(line, ':');
    char *group = list == NULL ? NULL : strchr(list + 1, ':');
    if (group == NULL || group[1] != '/')
        return NULL;
    *group = '\0';
    return has(list + 1, controller) ? group + 1 : NULL;
}

void cgroup_walk(const char *controller, const char *file, cgroup_take *take, void *context)
{
    char mount[64];
    snprintf(mount, sizeof mount, "/sys/fs/cgroup%s%s", controller == NULL ? "" : "/",
             controller == NULL ? "" : controller);
    const struct walk walk = {mount, file, take, context};
    look(&walk, "");
    FILE *groups = fopen("/proc/self/cgroup", "re");
    if (groups == NULL)
        return;
    char line[NAME];
    while (fgets(line, sizeof line, groups) != NULL) {
        char *group = group_of(line, controller == NULL ? "" : controller);
        for (char *slash; group != NULL && (slash = strrchr(group, '/')) != NULL; *slash = '\0')
            if (slash[1] != '\0' || slash != group)
                look(&walk, group);
    }
    fclose(groups);
}
