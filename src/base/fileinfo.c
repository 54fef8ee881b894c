/* fileinfo: stat with three answers. Any thread. */
#include "fileinfo.h"

#include <errno.h>
#include <string.h>

#include "err.h"

int fileinfo_look(struct stat *out, const char *path, struct err *err)
{
    if (stat(path, out) == 0)
        return 1;
    if (errno == ENOENT)
        return 0;
    return err_set(err, "%s: cannot look at it: %s", path, strerror(errno));
}

int fileinfo_names(const char *path, const struct stat *file, struct err *err)
{
    struct stat other;
    int there = fileinfo_look(&other, path, err);
    return there == 1 ? other.st_dev == file->st_dev && other.st_ino == file->st_ino : there;
}
