/* faultshim: a library for LD_PRELOAD in which one system call of a program fails, or before which the
 * program is killed: the n-th of its kind that concerns a file below a directory. By the environment:
 *
 *     FAULT_CALL    its name, as in the table below
 *     FAULT_NTH     1: the first
 *     FAULT_ERRNO   the error as a number; 0: a read or write of half the bytes; -1: SIGKILL
 *     FAULT_UNDER   the directory
 *     FAULT_REPORT  a file that is made when the call has failed
 *
 * Any thread; calls are counted by one atomic. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static atomic_long calls;

static void report(void)
{
    const char *path = getenv("FAULT_REPORT");
    long fd = path == NULL
                  ? -1
                  : syscall(SYS_openat, AT_FDCWD, path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    if (fd >= 0)
        syscall(SYS_close, fd);
}

/* The error; 0: half the bytes; -1: none comes back. */
static int error_number(void)
{
    const char *number = getenv("FAULT_ERRNO");
    return number == NULL ? EIO : atoi(number);
}

/* Whether a call of this kind on this file is the one. */
static bool is_due(const char *call, const char *path)
{
    const char *wanted = getenv("FAULT_CALL");
    const char *under = getenv("FAULT_UNDER");
    const char *nth = getenv("FAULT_NTH");
    if (wanted == NULL || under == NULL || nth == NULL || strcmp(wanted, call) != 0 ||
        strncmp(path, under, strlen(under)) != 0)
        return false;
    if (atomic_fetch_add(&calls, 1) + 1 != atol(nth))
        return false;
    report();
    if (error_number() < 0)
        kill(getpid(), SIGKILL);
    return true;
}

static bool is_due_at(const char *call, int fd)
{
    char name[64];
    char path[4096];
    snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    long length = syscall(SYS_readlinkat, AT_FDCWD, name, path, sizeof path - 1);
    if (length < 0)
        return false;
    path[length] = '\0';
    return is_due(call, path);
}

static int failed(void)
{
    errno = error_number();
    return -1;
}

/* The next definition of a function: the real one. Defined for each as NAME_type and real_NAME. */
#define REAL(result, name, ...)                                                                    \
    typedef result name##_type(__VA_ARGS__);                                                       \
    static name##_type *real_##name(void)                                                          \
    {                                                                                              \
        static _Atomic(name##_type *) known;                                                       \
        name##_type *real = atomic_load(&known);                                                   \
        if (real == NULL) {                                                                        \
            void *symbol = dlsym(RTLD_NEXT, #name);                                                \
            memcpy(&real, &symbol, sizeof real);                                                   \
            atomic_store(&known, real);                                                            \
        }                                                                                          \
        return real;                                                                               \
    }

#define ON_PATH(name, call, result, parameters, arguments, path)                                   \
    REAL(result, name, parameters)                                                                 \
    result name(parameters)                                                                        \
    {                                                                                              \
        return is_due(call, path) ? failed() : real_##name()(arguments);                           \
    }

#define ON_FILE(name, call, parameters, arguments, fd)                                             \
    REAL(int, name, parameters)                                                                    \
    int name(parameters)                                                                           \
    {                                                                                              \
        return is_due_at(call, fd) ? failed() : real_##name()(arguments);                          \
    }

#define TRANSFER(name, call, parameters, whole, half)                                              \
    REAL(ssize_t, name, parameters)                                                                \
    ssize_t name(parameters)                                                                       \
    {                                                                                              \
        if (!is_due_at(call, fd))                                                                  \
            return real_##name()(whole);                                                           \
        return error_number() != 0 || count < 2 ? failed() : real_##name()(half);                  \
    }

#define LIST(...) __VA_ARGS__

ON_PATH(stat, "stat", int, LIST(const char *path, struct stat *info), LIST(path, info), path)
ON_PATH(lstat, "stat", int, LIST(const char *path, struct stat *info), LIST(path, info), path)
ON_PATH(rename, "rename", int, LIST(const char *from, const char *to), LIST(from, to), to)
ON_PATH(unlink, "unlink", int, LIST(const char *path), LIST(path), path)
ON_FILE(fstat, "fstat", LIST(int fd, struct stat *info), LIST(fd, info), fd)
ON_FILE(fsync, "fsync", LIST(int fd), LIST(fd), fd)
ON_FILE(fdatasync, "fsync", LIST(int fd), LIST(fd), fd)
ON_FILE(ftruncate, "ftruncate", LIST(int fd, off_t size), LIST(fd, size), fd)
ON_FILE(ftruncate64, "ftruncate", LIST(int fd, off_t size), LIST(fd, size), fd)
ON_FILE(fchmod, "fchmod", LIST(int fd, mode_t mode), LIST(fd, mode), fd)
ON_FILE(sync_file_range, "sync_file_range", LIST(int fd, off_t at, off_t count, unsigned flags),
        LIST(fd, at, count, flags), fd)
TRANSFER(read, "read", LIST(int fd, void *to, size_t count), LIST(fd, to, count),
         LIST(fd, to, count / 2))
TRANSFER(pread, "pread", LIST(int fd, void *to, size_t count, off_t at), LIST(fd, to, count, at),
         LIST(fd, to, count / 2, at))
TRANSFER(pread64, "pread", LIST(int fd, void *to, size_t count, off_t at), LIST(fd, to, count, at),
         LIST(fd, to, count / 2, at))
TRANSFER(write, "write", LIST(int fd, const void *from, size_t count), LIST(fd, from, count),
         LIST(fd, from, count / 2))
TRANSFER(pwrite, "pwrite", LIST(int fd, const void *from, size_t count, off_t at),
         LIST(fd, from, count, at), LIST(fd, from, count / 2, at))
TRANSFER(pwrite64, "pwrite", LIST(int fd, const void *from, size_t count, off_t at),
         LIST(fd, from, count, at), LIST(fd, from, count / 2, at))

/* The mode, which is there where a file may be made. */
#define OPEN(name)                                                                                 \
    REAL(int, name, const char *path, int flags, ...)                                              \
    int name(const char *path, int flags, ...)                                                     \
    {                                                                                              \
        va_list rest;                                                                              \
        va_start(rest, flags);                                                                     \
        unsigned mode = (flags & O_CREAT) != 0 ? va_arg(rest, unsigned) : 0;                       \
        va_end(rest);                                                                              \
        return is_due("open", path) ? failed() : real_##name()(path, flags, mode);                 \
    }

OPEN(open)
OPEN(open64)

#define MMAP(name)                                                                                 \
    REAL(void *, name, void *at, size_t length, int protection, int flags, int fd, off_t offset)   \
    void *name(void *at, size_t length, int protection, int flags, int fd, off_t offset)           \
    {                                                                                              \
        if (fd < 0 || !is_due_at("mmap", fd))                                                      \
            return real_##name()(at, length, protection, flags, fd, offset);                       \
        failed();                                                                                  \
        return MAP_FAILED;                                                                         \
    }

MMAP(mmap)
MMAP(mmap64)

#define FCNTL(name)                                                                                \
    REAL(int, name, int fd, int command, ...)                                                      \
    int name(int fd, int command, ...)                                                             \
    {                                                                                              \
        va_list rest;                                                                              \
        va_start(rest, command);                                                                   \
        void *argument = va_arg(rest, void *);                                                     \
        va_end(rest);                                                                              \
        return is_due_at("fcntl", fd) ? failed() : real_##name()(fd, command, argument);           \
    }

FCNTL(fcntl)
FCNTL(fcntl64)
