/* newline_count: the least that reading a log can cost: mapping it and finding its newlines.
 *
 *     newline-count LOG THREADS
 *
 * The log is mapped a chunk at a time, its pages filled by one call, exactly as the importer's
 * source does it; the threads take the chunks by number and count. What stands above this figure in
 * the importer's scan stage is parsing and folding. Prints one line of JSON: the lines, the seconds
 * by the clock, and the seconds of all threads together. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"

#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ 22 /* Linux 5.14; an older kernel answers EINVAL */
#endif

/* The importer's chunk; a multiple of every page size. */
enum { CHUNK_SIZE = 2 << 20, THREADS_MAX = 1024 };

struct log {
    int fd;
    uint64_t size;
    /* The next chunk to be taken. Added to by all threads; relaxed: no more than it passes. */
    atomic_uint_fast64_t next;
};

struct counter {
    pthread_t thread;
    struct log *log;
    uint64_t lines;
    double seconds;
    int error; /* an errno, 0: none; set by its thread, read after the join */
};

/* Searching for the next newline is faster than comparing every byte where lines are long: the C
 * library does it with the widest registers that the processor has. */
static uint64_t count_newlines(const char *p, const char *end)
{
    uint64_t lines = 0;
    while ((p = memchr(p, '\n', (size_t)(end - p))) != NULL) {
        lines++;
        if (++p == end)
            break;
    }
    return lines;
}

/* 0, or an errno. */
static int count_chunk(struct counter *counter, uint64_t from)
{
    const struct log *log = counter->log;
    size_t size = log->size - from < CHUNK_SIZE ? (size_t)(log->size - from) : CHUNK_SIZE;
    char *pages = mmap(NULL, size, PROT_READ, MAP_PRIVATE, log->fd, (off_t)from);
    if (pages == MAP_FAILED)
        return errno;
    int error = madvise(pages, size, MADV_POPULATE_READ) == 0 || errno == EINVAL ? 0 : errno;
    if (error == 0)
        counter->lines += count_newlines(pages, pages + size);
    munmap(pages, size);
    return error;
}

static void *count_main(void *context)
{
    struct counter *counter = context;
    uint64_t begin = clock_now_ns();
    while (counter->error == 0) {
        uint64_t from =
            CHUNK_SIZE * atomic_fetch_add_explicit(&counter->log->next, 1, memory_order_relaxed);
        if (from >= counter->log->size)
            break;
        counter->error = count_chunk(counter, from);
    }
    counter->seconds = clock_seconds_since(begin);
    return NULL;
}

static int fail(const char *what)
{
    fprintf(stderr, "newline-count: %s: %s\n", what, strerror(errno));
    return 1;
}

int main(int argc, char **argv)
{
    long threads = argc == 3 ? strtol(argv[2], NULL, 10) : 0;
    if (threads < 1 || threads > THREADS_MAX) {
        fprintf(stderr, "usage: newline-count LOG THREADS\n");
        return 2;
    }
    static struct log log;
    struct stat info;
    log.fd = open(argv[1], O_RDONLY | O_CLOEXEC);
    if (log.fd < 0 || fstat(log.fd, &info) != 0)
        return fail(argv[1]);
    log.size = (uint64_t)info.st_size;

    static struct counter counters[THREADS_MAX];
    uint64_t begin = clock_now_ns();
    for (long i = 0; i < threads; i++) {
        counters[i].log = &log;
        errno = pthread_create(&counters[i].thread, NULL, count_main, &counters[i]);
        if (errno != 0)
            return fail("cannot start a thread");
    }
    uint64_t lines = 0;
    double thread_seconds = 0;
    errno = 0;
    for (long i = 0; i < threads; i++) {
        pthread_join(counters[i].thread, NULL);
        lines += counters[i].lines;
        thread_seconds += counters[i].seconds;
        if (counters[i].error != 0)
            errno = counters[i].error;
    }
    if (errno != 0)
        return fail(argv[1]);
    printf("{\"lines\":%llu,\"bytes\":%llu,\"seconds\":%.6f,\"thread_seconds\":%.6f}\n",
           (unsigned long long)lines, (unsigned long long)log.size, clock_seconds_since(begin),
           thread_seconds);
    return 0;
}
