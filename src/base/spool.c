/* spool: a buffer before pwrite, and a mapping to read.
 *
 * Written through pwrite, not through the mapping: a full disk is an error of a call, and no
 * signal. The name is removed at once, so that nothing is left whatever ends the process. */
#include "spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "mem.h"
#include "rlimits.h"

enum { BUFFER = 1 << 20 };

struct spool {
    char *path;
    int fd;
    uint64_t written; /* bytes in the file; those in the buffer follow */
    size_t held;      /* bytes in the buffer */
    char *buffer;     /* BUFFER bytes; freed once it is mapped */
    void *mapping;    /* `written` bytes; NULL: none */
};

static int fail(const struct spool *spool, const char *what, int error, struct err *err)
{
    const char *limit = error == EFBIG    ? rlimits_of_files()
                        : error == ENOMEM ? rlimits_of_memory()
                                          : NULL;
    return err_set(err, "%s: cannot %s the temporary file: %s", spool->path, what,
                   limit != NULL ? limit : strerror(error));
}

static int open_unnamed(const char *path)
{
    if (unlink(path) != 0 && errno != ENOENT)
        return -1;
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0 || unlink(path) == 0)
        return fd;
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

int spool_open(struct spool **out, const char *path, struct err *err)
{
    struct spool *spool = mem_new(sizeof *spool);
    spool->path = mem_text(path);
    spool->buffer = mem_new(BUFFER);
    spool->fd = open_unnamed(path);
    if (spool->fd < 0) {
        fail(spool, "make", errno, err);
        spool_close(spool);
        return -1;
    }
    *out = spool;
    return 0;
}

void spool_close(struct spool *spool)
{
    if (spool == NULL)
        return;
    if (spool->mapping != NULL)
        munmap(spool->mapping, spool->written);
    if (spool->fd >= 0)
        close(spool->fd);
    free(spool->buffer);
    free(spool->path);
    free(spool);
}

uint64_t spool_size(const struct spool *spool)
{
    return spool->written + spool->held;
}

static int write_at(const struct spool *spool, const char *bytes, size_t len, uint64_t offset,
                    struct err *err)
{
    while (len > 0) {
        ssize_t done = pwrite(spool->fd, bytes, len, (off_t)offset);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return fail(spool, "write", done < 0 ? errno : ENOSPC, err);
        bytes += done;
        len -= (size_t)done;
        offset += (uint64_t)done;
    }
    return 0;
}

int spool_flush(struct spool *spool, struct err *err)
{
    if (write_at(spool, spool->buffer, spool->held, spool->written, err) != 0)
        return -1;
    spool->written += spool->held;
    spool->held = 0;
    return 0;
}

int spool_append(struct spool *spool, const void *bytes, size_t len, struct err *err)
{
    if (len > BUFFER - spool->held && spool_flush(spool, err) != 0)
        return -1;
    if (len > BUFFER) {
        if (write_at(spool, bytes, len, spool->written, err) != 0)
            return -1;
        spool->written += len;
        return 0;
    }
    memcpy(spool->buffer + spool->held, bytes, len);
    spool->held += len;
    return 0;
}

int spool_patch(struct spool *spool, const void *bytes, size_t len, uint64_t offset,
                struct err *err)
{
    const char *from = bytes;
    if (offset < spool->written) {
        uint64_t room = spool->written - offset;
        size_t first = len < room ? len : (size_t)room;
        if (write_at(spool, from, first, offset, err) != 0)
            return -1;
        from += first;
        len -= first;
        offset += first;
    }
    if (len > 0)
        memcpy(spool->buffer + (offset - spool->written), from, len);
    return 0;
}

int spool_read(const struct spool *spool, void *bytes, size_t len, uint64_t offset, struct err *err)
{
    char *to = bytes;
    while (len > 0) {
        ssize_t done = pread(spool->fd, to, len, (off_t)offset);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return fail(spool, "read", errno, err);
        if (done == 0)
            return err_set(err, "%s: the temporary file has become shorter", spool->path);
        to += done;
        len -= (size_t)done;
        offset += (uint64_t)done;
    }
    return 0;
}

int spool_map(struct spool *spool, const void **bytes, struct err *err)
{
    if (spool_flush(spool, err) != 0)
        return -1;
    free(spool->buffer);
    spool->buffer = NULL;
    *bytes = NULL;
    if (spool->written == 0)
        return 0;
    void *mapping = mmap(NULL, spool->written, PROT_READ, MAP_SHARED, spool->fd, 0);
    if (mapping == MAP_FAILED)
        return fail(spool, "map", errno, err);
    spool->mapping = mapping;
    *bytes = mapping;
    return 0;
}

void spool_forget(const struct spool *spool, uint64_t from, uint64_t to)
{
    uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
    to = to < spool->written ? to : spool->written;
    from = (from + page - 1) / page * page;
    to = to / page * page;
    /* Advice: where the kernel does not take it, the pages stay. */
    if (spool->mapping != NULL && from < to)
        madvise((char *)spool->mapping + from, to - from, MADV_DONTNEED);
}
