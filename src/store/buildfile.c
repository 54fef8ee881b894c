/* buildfile: `.NAME.build` beside NAME, locked while its owner lives.
 *
 * The lock is an open-file-description lock on byte 0: the kernel drops it when its owner dies,
 * however it dies, so a build file that can be locked is an orphan and is taken over. SQLite's own
 * locks lie at 1 GiB and are not used during a build (see writer.c). A lock that was won on a file
 * which has meanwhile been renamed or removed is worth nothing, hence the look at the inode. */
#include "buildfile.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mem.h"

struct buildfile {
    char target[PATH_MAX];
    char directory[PATH_MAX];
    char path[PATH_MAX];
    char wal[PATH_MAX + 16]; /* what SQLite may leave beside it */
    char journal[PATH_MAX + 16];
    int fd; /* holds the lock */
    int directory_fd;
    /* Set by the writing thread in buildfile_publish, read by buildfile_discard; relaxed, because a
     * discard that comes too early or too late only unlinks a name that is gone. */
    atomic_bool published;
};

static int fail(const char *path, const char *what, struct err *err)
{
    return err_set(err, "%s: %s: %s", path, what, strerror(errno));
}

static int make_directories(const char *directory, struct err *err)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s", directory);
    for (char *slash = path + 1; (slash = strchr(slash, '/')) != NULL; slash++) {
        *slash = '\0';
        if (mkdir(path, 0777) != 0 && errno != EEXIST)
            return fail(path, "cannot make this directory", err);
        *slash = '/';
    }
    if (mkdir(path, 0777) != 0 && errno != EEXIST)
        return fail(path, "cannot make this directory", err);
    return 0;
}

static int name_files(struct buildfile *build, const char *target, struct err *err)
{
    char copy[PATH_MAX];
    if (strlen(target) >= sizeof copy)
        return err_usage(err, "%s: path too long for a database", target);
    strcpy(copy, target);
    strcpy(build->directory, dirname(copy));
    if (make_directories(build->directory, err) != 0)
        return -1;
    struct stat info;
    if (realpath(target, build->target) == NULL) { /* not there yet */
        if (lstat(target, &info) == 0)
            return err_set(
                err, "%s: a symbolic link to nothing: remove it, or name another database", target);
        strcpy(build->target, target);
    }
    strcpy(copy, build->target);
    strcpy(build->directory, dirname(copy));
    strcpy(copy, build->target);
    if (stat(build->target, &info) == 0 && !S_ISREG(info.st_mode))
        return err_set(err, "%s: not a regular file: name a database with --db", target);
    int len =
        snprintf(build->path, sizeof build->path, "%s/.%s.build", build->directory, basename(copy));
    if (len >= (int)sizeof build->path)
        return err_usage(err, "%s: path too long for a database", target);
    snprintf(build->wal, sizeof build->wal, "%s-wal", build->path);
    snprintf(build->journal, sizeof build->journal, "%s-journal", build->path);
    return 0;
}

static bool is_still(const char *path, int fd)
{
    struct stat by_name;
    struct stat by_fd;
    return stat(path, &by_name) == 0 && fstat(fd, &by_fd) == 0 && by_name.st_ino == by_fd.st_ino &&
           by_name.st_dev == by_fd.st_dev;
}

static int lock(struct buildfile *build, struct err *err)
{
    struct flock byte = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 1};
    for (;;) {
        /* In a directory that others may write to, the name may be a trap: a link to what is not
         * ours. */
        struct stat info;
        build->fd = open(build->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
        if (build->fd < 0)
            return fail(build->path, "cannot write here", err);
        if (fstat(build->fd, &info) != 0 || !S_ISREG(info.st_mode) || info.st_nlink > 1) {
            close(build->fd);
            return err_set(err, "%s: not a plain file of its own: remove it", build->path);
        }
        if (fcntl(build->fd, F_OFD_SETLK, &byte) != 0) {
            if (errno == EAGAIN || errno == EACCES)
                err_set(err, "%s: another import is writing this database: wait for it to end",
                        build->target);
            else
                fail(build->path, "this file system does not lock files; build elsewhere with --db",
                     err);
            if (errno != EAGAIN && errno != EACCES)
                unlink(build->path);
            close(build->fd);
            return -1;
        }
        if (is_still(build->path, build->fd))
            return 0;
        close(build->fd);
    }
}

/* SQLite would apply a log that another program has left beside the target to the new database. */
static int refuse_foreign_log(const struct buildfile *build, const char *suffix, struct err *err)
{
    char path[PATH_MAX + 16];
    struct stat info;
    snprintf(path, sizeof path, "%s%s", build->target, suffix);
    if (stat(path, &info) != 0 || info.st_size == 0)
        return 0;
    return err_set(err,
                   "%s: another program writes, or wrote, to this database: close it there, or "
                   "remove this file",
                   path);
}

int buildfile_create(struct buildfile **out, const char *target, struct err *err)
{
    struct buildfile *build = mem_new(sizeof *build);
    build->directory_fd = -1;
    if (name_files(build, target, err) != 0 || lock(build, err) != 0) {
        free(build);
        return -1;
    }
    unlink(build->wal);
    unlink(build->journal);
    build->directory_fd = open(build->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (build->directory_fd < 0 || ftruncate(build->fd, 0) != 0)
        fail(build->directory, "cannot write here", err);
    else if (refuse_foreign_log(build, "-wal", err) == 0 &&
             refuse_foreign_log(build, "-journal", err) == 0) {
        *out = build;
        return 0;
    }
    buildfile_close(build);
    return -1;
}

const char *buildfile_path(const struct buildfile *build)
{
    return build->path;
}

const char *buildfile_target(const struct buildfile *build)
{
    return build->target;
}

static bool is_same(const char *a, const char *b)
{
    struct stat one;
    struct stat other;
    return stat(a, &one) == 0 && stat(b, &other) == 0 && one.st_ino == other.st_ino &&
           one.st_dev == other.st_dev;
}

bool buildfile_is_target(const struct buildfile *build, const char *path)
{
    return strcmp(path, build->target) == 0 || is_same(path, build->target) ||
           is_same(path, build->path);
}

/* The new file gets the old one's mode and, where this user may give it away, its owner: whoever
 * could read the database still can. */
static int take_over_mode(const struct buildfile *build, struct err *err)
{
    struct stat old;
    if (stat(build->target, &old) != 0)
        return 0;
    int ignored = fchown(build->fd, old.st_uid, old.st_gid);
    (void)ignored;
    return fchmod(build->fd, old.st_mode & 07777) == 0
               ? 0
               : fail(build->path, "cannot set its mode", err);
}

int buildfile_publish(struct buildfile *build, struct err *err)
{
    if (take_over_mode(build, err) != 0)
        return -1;
    if (fsync(build->fd) != 0)
        return fail(build->path, "cannot sync", err);
    if (rename(build->path, build->target) != 0)
        return fail(build->target, "cannot put the new database in its place", err);
    atomic_store_explicit(&build->published, true, memory_order_relaxed);
    /* Some network file systems cannot sync a directory and say EINVAL: theirs are synchronous. */
    if (fsync(build->directory_fd) != 0 && errno != EINVAL)
        return fail(build->target, "is published, but its directory cannot be synced", err);
    return 0;
}

bool buildfile_is_published(const struct buildfile *build)
{
    return atomic_load_explicit(&build->published, memory_order_relaxed);
}

void buildfile_discard(const struct buildfile *build)
{
    if (atomic_load_explicit(&build->published, memory_order_relaxed))
        return;
    unlink(build->wal);
    unlink(build->journal);
    unlink(build->path);
}

void buildfile_close(struct buildfile *build)
{
    if (build == NULL)
        return;
    buildfile_discard(build);
    if (build->directory_fd >= 0)
        close(build->directory_fd);
    close(build->fd);
    free(build);
}
