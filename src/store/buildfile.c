/* buildfile: `.NAME.build` beside NAME, locked while its owner lives.
 *
 * The lock is an open-file-description lock on byte 0: the kernel drops it when its owner dies,
 * however it dies, so a build file that can be locked is an orphan. SQLite's own locks lie at 1 GiB
 * and are not used during a build (see writer.c). A lock that was won on a file which has meanwhile
 * been renamed or removed is worth nothing, hence the look at the inode.
 *
 * An orphan is removed, never written to: whoever made it may have it open still. The file is made
 * with O_EXCL and 0600, and gets the mode of the database that it replaces only when it is
 * published. */
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
#include <sys/utsname.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "fileinfo.h"
#include "mem.h"

struct buildfile {
    char target[PATH_MAX];
    char directory[PATH_MAX];
    char path[PATH_MAX];
    char wal[PATH_MAX + 16]; /* what SQLite may leave beside it */
    char journal[PATH_MAX + 16];
    /* What an import that was killed may leave of a temporary file. */
    char temporary[PATH_MAX + 16];
    int fd; /* holds the lock */
    int directory_fd;
    mode_t new_mode; /* of a database that replaces none */
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

/* The target with symbolic links resolved, which may lead nowhere only where there is none. */
static int resolve_target(struct buildfile *build, const char *target, struct err *err)
{
    struct stat info;
    if (realpath(target, build->target) != NULL)
        return 0;
    if (errno != ENOENT)
        return fail(target, "cannot look at it", err);
    if (lstat(target, &info) == 0)
        return err_set(err, "%s: a symbolic link to nothing: remove it, or name another database",
                       target);
    if (errno != ENOENT)
        return fail(target, "cannot look at it", err);
    snprintf(build->target, sizeof build->target, "%s", target);
    return 0;
}

static void name_directory(struct buildfile *build, const char *target)
{
    char copy[PATH_MAX]; /* dirname writes into it */
    snprintf(copy, sizeof copy, "%s", target);
    snprintf(build->directory, sizeof build->directory, "%s", dirname(copy));
}

static int name_files(struct buildfile *build, const char *target, struct err *err)
{
    char copy[PATH_MAX];
    struct stat info;
    if (strlen(target) >= sizeof copy)
        return err_usage(err, "%s: path too long for a database", target);
    if (*target == '\0' || target[strlen(target) - 1] == '/')
        return err_usage(err, "%s: is a directory: name a file in it", target);
    name_directory(build, target);
    if (make_directories(build->directory, err) != 0 || resolve_target(build, target, err) != 0)
        return -1;
    name_directory(build, build->target);
    snprintf(copy, sizeof copy, "%s", build->target);
    int there = fileinfo_look(&info, build->target, err);
    if (there < 0)
        return -1;
    if (there == 1 && !S_ISREG(info.st_mode))
        return err_set(err, "%s: not a regular file: name a database with --db", target);
    int len =
        snprintf(build->path, sizeof build->path, "%s/.%s.build", build->directory, basename(copy));
    if (len >= (int)sizeof build->path)
        return err_usage(err, "%s: path too long for a database", target);
    snprintf(build->wal, sizeof build->wal, "%s-wal", build->path);
    snprintf(build->journal, sizeof build->journal, "%s-journal", build->path);
    snprintf(build->temporary, sizeof build->temporary, "%s-run", build->path);
    return 0;
}

/* ---- The lock ---- */

/* An attribute of the build file says who builds: a lock does not say whose it is. Not every file
 * system keeps attributes (xattr(7)). */
static const char builder_name[] = "user.fstally.builder";

enum { BUILDER = 320 }; /* its bytes at most */

static void sign(const struct buildfile *build)
{
    struct utsname host;
    char builder[BUILDER];
    if (uname(&host) != 0)
        return;
    snprintf(builder, sizeof builder, "process %ld on %s", (long)getpid(), host.nodename);
    fsetxattr(build->fd, builder_name, builder, strlen(builder), 0);
}

/* `fd`: the build file, whoever has made it. */
static int fail_locking(const struct buildfile *build, int fd, struct err *err)
{
    char builder[BUILDER];
    if (errno != EAGAIN && errno != EACCES)
        return fail(build->path, "this file system does not lock files; build elsewhere with --db",
                    err);
    ssize_t len = fgetxattr(fd, builder_name, builder, sizeof builder);
    if (len <= 0)
        return err_set(err, "%s: another import is writing this database: wait for it to end",
                       build->target);
    return err_set(err, "%s: another import is writing this database (%.*s): wait for it to end",
                   build->target, (int)len, builder);
}

static int take_lock(int fd)
{
    struct flock byte = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 1};
    return fcntl(fd, F_OFD_SETLK, &byte);
}

/* 1: the name is still that of the open file; 0: no more; -1: that cannot be told. */
static int is_still(const char *path, int fd, struct err *err)
{
    struct stat info;
    return fstat(fd, &info) != 0 ? fail(path, "cannot look at it", err)
                                 : fileinfo_names(path, &info, err);
}

/* Whether what has the name can be an orphan of this user's; everything else is a trap, or work of
 * somebody else. */
static int check_orphan(const struct buildfile *build, int fd, struct err *err)
{
    struct stat info;
    if (fstat(fd, &info) != 0)
        return fail(build->path, "cannot look at it", err);
    if (!S_ISREG(info.st_mode) || info.st_nlink > 1)
        return err_set(err, "%s: not a plain file of its own: remove it", build->path);
    if (info.st_uid != geteuid())
        return err_set(err,
                       "%s: belongs to user %u, whose import is running or was killed: wait for it "
                       "to end, or remove the file",
                       build->path, (unsigned)info.st_uid);
    return 0;
}

/* Removes what a dead process has left. */
static int remove_orphan(const struct buildfile *build, struct err *err)
{
    /* In a directory that others may write to, the name may be a link to what is not ours. */
    int fd = open(build->path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0)
        return errno == ENOENT ? 0 : fail(build->path, "cannot write here", err);
    int status = check_orphan(build, fd, err);
    if (status == 0 && take_lock(fd) != 0)
        status = fail_locking(build, fd, err);
    int still = status == 0 ? is_still(build->path, fd, err) : 0;
    if (still == 1 && unlink(build->path) != 0)
        still = fail(build->path, "cannot remove what an earlier import has left", err);
    close(fd);
    return status != 0 || still < 0 ? -1 : 0;
}

/* Makes the file and locks it. 1: done; 0: it has been taken away before it was locked. */
static int make_and_lock(struct buildfile *build, struct err *err)
{
    build->fd = open(build->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (build->fd < 0)
        return errno == EEXIST ? remove_orphan(build, err)
                               : fail(build->path, "cannot write here", err);
    bool is_locked = take_lock(build->fd) == 0;
    /* Who has locked it before us takes it for an orphan, removes it, and then has the name. */
    bool is_others = !is_locked && (errno == EAGAIN || errno == EACCES);
    int still =
        is_locked ? is_still(build->path, build->fd, err) : fail_locking(build, build->fd, err);
    if (still < 0 && !is_others)
        unlink(build->path);
    if (still == 1)
        sign(build);
    else
        close(build->fd);
    return still;
}

static int lock(struct buildfile *build, struct err *err)
{
    int status;
    while ((status = make_and_lock(build, err)) == 0)
        ;
    return status == 1 ? 0 : -1;
}

/* SQLite would apply a log that another program has left beside the target to the new database. */
static int refuse_foreign_log(const struct buildfile *build, const char *suffix, struct err *err)
{
    char path[PATH_MAX + 16];
    struct stat info;
    snprintf(path, sizeof path, "%s%s", build->target, suffix);
    int there = fileinfo_look(&info, path, err);
    if (there != 1 || info.st_size == 0)
        return there < 0 ? -1 : 0;
    return err_set(err,
                   "%s: another program writes, or wrote, to this database: close it there, or "
                   "remove this file",
                   path);
}

static void unlink_beside(const struct buildfile *build)
{
    unlink(build->wal);
    unlink(build->journal);
    unlink(build->temporary);
}

int buildfile_create(struct buildfile **out, const char *target, struct err *err)
{
    struct buildfile *build = mem_new(sizeof *build);
    mode_t mask = umask(077);
    umask(mask);
    build->new_mode = 0666 & ~mask;
    build->directory_fd = -1;
    if (name_files(build, target, err) != 0 || lock(build, err) != 0) {
        free(build);
        return -1;
    }
    unlink_beside(build);
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

const char *buildfile_temporary(const struct buildfile *build)
{
    return build->temporary;
}

const char *buildfile_target(const struct buildfile *build)
{
    return build->target;
}

int buildfile_is_target(const struct buildfile *build, const char *path, struct err *err)
{
    struct stat info;
    if (strcmp(path, build->target) == 0)
        return 1;
    int there = fileinfo_look(&info, path, err);
    if (there != 1)
        return there;
    int target = fileinfo_names(build->target, &info, err);
    return target != 0 ? target : fileinfo_names(build->path, &info, err);
}

/* The group's rights where another group gets them: no more than everybody's. */
static mode_t without_group(mode_t mode)
{
    return (mode & ~(mode_t)S_IRWXG) | (mode & (mode & S_IRWXO) << 3 & S_IRWXG);
}

/* The new file gets the old one's mode and, where this user may give it away, its owner and group:
 * whoever could read the database still can, and nobody else. */
static int take_over_mode(const struct buildfile *build, struct err *err)
{
    struct stat old;
    struct stat now;
    int there = fileinfo_look(&old, build->target, err);
    if (there < 0)
        return -1;
    mode_t mode = there == 1 ? old.st_mode & 07777 : build->new_mode;
    if (there == 1) {
        if (fchown(build->fd, old.st_uid, old.st_gid) != 0 &&
            fchown(build->fd, (uid_t)-1, old.st_gid) != 0 && fstat(build->fd, &now) == 0 &&
            now.st_gid != old.st_gid)
            mode = without_group(mode);
    }
    return fchmod(build->fd, mode) == 0 ? 0 : fail(build->path, "cannot set its mode", err);
}

int buildfile_publish(struct buildfile *build, struct err *err)
{
    int still = is_still(build->path, build->fd, err);
    if (still < 0)
        return -1;
    if (still == 0)
        return err_set(err, "%s: was taken away while it was written: import again", build->path);
    fremovexattr(build->fd, builder_name); /* may fail: not every file system has kept it */
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
    unlink_beside(build);
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
