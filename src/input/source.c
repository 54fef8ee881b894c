/* source: a file, mapped a chunk at a time.
 *
 * Chunk k is nominally the bytes [k*C, (k+1)*C); both its ends move to after the next newline, so
 * any reader can cut any chunk without knowing its neighbours: a line belongs to the chunk in which
 * its first byte lies. Each chunk has a mapping of its own, a little longer than nominal for the
 * last line, and longer still where that line asks for it. Pages are filled at once by
 * MADV_POPULATE_READ: one call for some hundred page faults, and a file that has lost its end is an
 * error here instead of a signal later. */
#include "source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "linescan.h"
#include "mem.h"

#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ 22 /* Linux 5.14; an older kernel answers EINVAL */
#endif

/* Mapped beyond a nominal chunk at first: nearly every line is shorter than 4 KiB. */
enum { TAIL = 8192 };

struct source {
    char *path;
    int fd;
    size_t chunk_size;
    char record_end;
    uint64_t size;
    int64_t mtime_ns;
    struct timespec written; /* its mtime */
    dev_t device;
    ino_t inode;
    uint64_t page;
    /* The next chunk to be taken. Set and read by all readers; relaxed, because the number is all
     * that passes between them. */
    atomic_uint_fast64_t next;
};

static int open_error(const char *path, struct err *err)
{
    return err_set(err, "%s: cannot read: %s", path, strerror(errno));
}

int source_open(struct source **out, const char *path, size_t chunk_size, char record_end,
                struct err *err)
{
    int fd =
        open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a FIFO must not block: it is refused */
    if (fd < 0)
        return open_error(path, err);
    struct stat info;
    if (fstat(fd, &info) != 0) {
        open_error(path, err);
        close(fd);
        return -1;
    }
    if (!S_ISREG(info.st_mode)) {
        close(fd);
        if (S_ISDIR(info.st_mode))
            return err_set(err, "%s: is a directory: name the scan log itself", path);
        return err_set(err, "%s: not a regular file: write the scan log to a file first", path);
    }
    struct source *source = mem_new(sizeof *source);
    source->path = mem_text(path);
    source->fd = fd;
    source->chunk_size = chunk_size;
    source->record_end = record_end;
    source->size = (uint64_t)info.st_size;
    source->written = info.st_mtim;
    source->device = info.st_dev;
    source->inode = info.st_ino;
    if (__builtin_mul_overflow((int64_t)info.st_mtim.tv_sec, INT64_C(1000000000),
                               &source->mtime_ns) ||
        __builtin_add_overflow(source->mtime_ns, info.st_mtim.tv_nsec, &source->mtime_ns))
        source->mtime_ns =
            info.st_mtim.tv_sec < 0 ? INT64_MIN : INT64_MAX; /* before 1677, after 2262 */
    source->page = (uint64_t)sysconf(_SC_PAGESIZE);
    *out = source;
    return 0;
}

void source_close(struct source *source)
{
    if (source == NULL)
        return;
    close(source->fd);
    free(source->path);
    free(source);
}

const char *source_path(const struct source *source)
{
    return source->path;
}

uint64_t source_size(const struct source *source)
{
    return source->size;
}

int64_t source_mtime_ns(const struct source *source)
{
    return source->mtime_ns;
}

int source_peek(const struct source *source, char *buffer, size_t room, size_t *len,
                struct err *err)
{
    *len = 0;
    while (*len < room) {
        ssize_t got = pread(source->fd, buffer + *len, room - *len, (off_t)*len);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return open_error(source->path, err);
        if (got == 0)
            break;
        *len += (size_t)got;
    }
    return 0;
}

/* Maps the file's bytes [from, to), to <= size; the mapping begins at a page. */
static int map(const struct source *source, uint64_t from, uint64_t to, struct chunk *chunk,
               struct err *err)
{
    uint64_t begin = from - from % source->page;
    size_t size = (size_t)(to - begin);
    void *pages = mmap(NULL, size, PROT_READ, MAP_PRIVATE, source->fd, (off_t)begin);
    if (pages == MAP_FAILED)
        return err_set(err, "%s: cannot map: %s", source->path, strerror(errno));
    if (madvise(pages, size, MADV_POPULATE_READ) != 0 && (errno == EFAULT || errno == EHWPOISON)) {
        munmap(pages, size);
        return err_set(err,
                       "%s: byte %llu and on cannot be read: the file is shorter than it was "
                       "or its device fails; import it again once it is complete",
                       source->path, (unsigned long long)begin);
    }
    chunk->mapping = pages;
    chunk->mapping_size = size;
    return 0;
}

/* The position after the first end of a record at or after `from`, or `to` when [from, to) has
 * none. */
static uint64_t after_record(const struct source *source, const struct chunk *chunk,
                             uint64_t mapped_from, uint64_t from, uint64_t to, bool *found)
{
    const char *base = chunk->mapping;
    const char *end = memchr(base + (from - mapped_from), source->record_end, (size_t)(to - from));
    *found = end != NULL;
    return end == NULL ? to : mapped_from + (uint64_t)(end - base) + 1;
}

/* Cuts chunk k, whose nominal bytes are [from, to). */
static int cut(const struct source *source, uint64_t from, uint64_t to, struct chunk *chunk,
               struct err *err)
{
    /* The newline that ends the chunk before may be its very last byte. */
    uint64_t look = from == 0 ? 0 : from - 1;
    for (uint64_t tail = TAIL;; tail *= 2) {
        uint64_t mapped_to = source->size - to < tail ? source->size : to + tail;
        if (map(source, look, mapped_to, chunk, err) != 0)
            return -1;
        uint64_t mapped_from = look - look % source->page;
        bool found = true;
        uint64_t begin =
            from == 0 ? 0 : after_record(source, chunk, mapped_from, look, to - 1, &found);
        if (!found) {
            chunk_release(chunk); /* one line goes right through */
            return 0;
        }
        uint64_t end = after_record(source, chunk, mapped_from, to - 1, mapped_to, &found);
        /* Of a line that is too long, no more is kept than shows it. */
        if (found || mapped_to == source->size || mapped_to - begin > LINESCAN_LONGEST) {
            chunk->offset = begin;
            chunk->bytes.ptr = (const char *)chunk->mapping + (begin - mapped_from);
            chunk->bytes.len = (size_t)(end - begin);
            return 0;
        }
        chunk_release(chunk);
    }
}

int source_check_unchanged(const struct source *source, struct err *err)
{
    struct stat info;
    if (fstat(source->fd, &info) != 0)
        return open_error(source->path, err);
    if ((uint64_t)info.st_size != source->size)
        return err_set(err,
                       "%s: %llu bytes when the import began, %llu now: import it again once it "
                       "is complete",
                       source->path, (unsigned long long)source->size,
                       (unsigned long long)info.st_size);
    /* Not the ctime, which a rename or a new link changes, too. */
    if (info.st_mtim.tv_sec != source->written.tv_sec ||
        info.st_mtim.tv_nsec != source->written.tv_nsec)
        return err_set(err,
                       "%s: was written to during the import: import it again once it is complete",
                       source->path);
    return 0;
}

int source_ends_whole(const struct source *source, bool *whole, struct err *err)
{
    char last = source->record_end;
    if (source->size != 0 && pread(source->fd, &last, 1, (off_t)(source->size - 1)) < 0)
        return open_error(source->path, err);
    *whole = last == source->record_end;
    return 0;
}

static _Thread_local const char *looked_at; /* borrowed from a source */

void source_look_at(const struct source *source)
{
    looked_at = source == NULL ? NULL : source->path;
}

const char *source_looked_at(void)
{
    return looked_at;
}

bool source_is_file(const struct source *source, const struct stat *file)
{
    return source->device == file->st_dev && source->inode == file->st_ino;
}

bool source_is_same(const struct source *a, const struct source *b)
{
    return a->device == b->device && a->inode == b->inode;
}

void source_rewind(struct source *source)
{
    atomic_store_explicit(&source->next, 0, memory_order_relaxed);
}

uint64_t source_chunks(const struct source *source)
{
    return source->size / source->chunk_size + (source->size % source->chunk_size != 0);
}

int source_next(struct source *source, struct chunk *chunk, struct err *err)
{
    uint64_t k = atomic_fetch_add_explicit(&source->next, 1, memory_order_relaxed);
    if (k >= source_chunks(source))
        return 0;
    uint64_t from = k * source->chunk_size;
    uint64_t to =
        source->size - from < source->chunk_size ? source->size : from + source->chunk_size;
    *chunk = (struct chunk){.source = source, .sequence = k, .offset = from};
    source_look_at(source);
    int status = cut(source, from, to, chunk, err);
    source_look_at(NULL);
    return status == 0 ? 1 : -1;
}
