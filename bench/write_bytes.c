/* write_bytes: what the disk takes to hold a database, whatever made it.
 *
 *     write-bytes FILE BYTES
 *
 * Writes that many bytes to FILE in large pieces, each with other content, and waits until they are
 * on the disk. Prints one line of JSON with the seconds of both parts. */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"

/* As much at once as still fits into a second-level cache: fewer calls gain nothing. */
enum { PIECE = 1 << 20 };

static int fail(const char *path)
{
    fprintf(stderr, "write-bytes: %s: %s\n", path, strerror(errno));
    return 1;
}

/* Bytes that a file system cannot squeeze or find twice (xorshift64*). */
static void fill(uint64_t *words, size_t count)
{
    uint64_t x = UINT64_C(0x9E3779B97F4A7C15);
    for (size_t i = 0; i < count; i++) {
        x ^= x >> 12;
        x ^= x << 25;
        x ^= x >> 27;
        words[i] = x * UINT64_C(0x2545F4914F6CDD1D);
    }
}

static int write_all(int fd, const char *bytes, size_t count)
{
    while (count != 0) {
        ssize_t written = write(fd, bytes, count);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return -1;
        bytes += written;
        count -= (size_t)written;
    }
    return 0;
}

int main(int argc, char **argv)
{
    char *end = NULL;
    long long bytes = argc == 3 ? strtoll(argv[2], &end, 10) : -1;
    if (bytes < 0 || *end != '\0') {
        fprintf(stderr, "usage: write-bytes FILE BYTES\n");
        return 2;
    }
    static uint64_t piece[PIECE / sizeof(uint64_t)];
    fill(piece, PIECE / sizeof(uint64_t));

    uint64_t begin = clock_now_ns();
    int fd = open(argv[1], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0)
        return fail(argv[1]);
    for (long long left = bytes; left > 0; left -= PIECE, piece[0]++)
        if (write_all(fd, (const char *)piece, left < PIECE ? (size_t)left : PIECE) != 0)
            return fail(argv[1]);
    double wrote = clock_seconds_since(begin);
    if (fsync(fd) != 0 || close(fd) != 0)
        return fail(argv[1]);
    double total = clock_seconds_since(begin);
    printf("{\"bytes\":%lld,\"seconds\":{\"write\":%.6f,\"sync\":%.6f,\"total\":%.6f}}\n", bytes,
           wrote, total - wrote, total);
    return 0;
}
