/* descriptors: a stream that was closed is /dev/null afterwards, one that was open is left
 * alone. */
#include "descriptors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* In a process of its own: closes `closed`, keeps a pipe at `kept`. Its exit status is 0 if the
 * one is /dev/null and the other still a pipe after descriptors_complete. */
static int in_child(int closed, int kept)
{
    pid_t child = fork();
    if (child == 0) {
        int ends[2];
        if (pipe(ends) != 0 || dup2(ends[1], kept) != kept)
            _exit(2);
        close(closed);
        descriptors_complete();
        struct stat null;
        struct stat now;
        struct stat other;
        bool right = stat("/dev/null", &null) == 0 && fstat(closed, &now) == 0 &&
                     fstat(kept, &other) == 0 && now.st_rdev == null.st_rdev &&
                     S_ISCHR(now.st_mode) && S_ISFIFO(other.st_mode);
        _exit(right ? 0 : 1);
    }
    int status = -1;
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

static void closed_streams_become_null(void **state)
{
    (void)state;
    assert_int_equal(in_child(STDIN_FILENO, STDOUT_FILENO), 0);
    assert_int_equal(in_child(STDOUT_FILENO, STDERR_FILENO), 0);
    assert_int_equal(in_child(STDERR_FILENO, STDIN_FILENO), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(closed_streams_become_null)};
    return cmocka_run_group_tests_name("descriptors", tests, NULL, NULL);
}
