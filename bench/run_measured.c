/* run_measured: runs a command and says what it took.
 *
 *     run-measured FD COMMAND [ARGUMENT]...
 *
 * Writes one line of JSON to the open file descriptor FD: seconds by the clock, seconds of user and
 * system, peak resident bytes, exit status. Small on purpose: Linux counts the memory of the
 * process that starts a program into that program's peak, so a benchmark written in Python would
 * find no program below Python's own 20 MB. */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "clock.h"

extern char **environ;

static double seconds(struct timeval time)
{
    return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

int main(int argc, char **argv)
{
    FILE *to = argc < 3 ? NULL : fdopen((int)strtol(argv[1], NULL, 10), "w");
    if (to == NULL) {
        fprintf(stderr, "usage: run-measured FD COMMAND [ARGUMENT]...\n");
        return 2;
    }
    fcntl(fileno(to), F_SETFD, FD_CLOEXEC); /* not the command's */
    pid_t child;
    uint64_t begin = clock_now_ns();
    int status = posix_spawnp(&child, argv[2], NULL, NULL, argv + 2, environ);
    if (status != 0) {
        fprintf(stderr, "run-measured: %s: %s\n", argv[2], strerror(status));
        return 1;
    }
    struct rusage usage;
    while (wait4(child, &status, 0, &usage) < 0)
        if (errno != EINTR)
            return 1;
    double clock = clock_seconds_since(begin);
    int result = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    fprintf(to, "{\"clock\":%.6f,\"user\":%.6f,\"system\":%.6f,\"peak_bytes\":%ld,\"status\":%d}\n",
            clock, seconds(usage.ru_utime), seconds(usage.ru_stime), usage.ru_maxrss * 1024,
            result);
    return fclose(to) == 0 ? result : 1;
}
