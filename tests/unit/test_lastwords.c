/* lastwords: one line, whatever it is about. */
#include "lastwords.h"

#include <limits.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static void *speak(void *what)
{
    lastwords_exit("program", what, "why", 7);
    return NULL;
}

/* What a process writes whose two threads come at once -> its length. */
static size_t said(char *line, size_t room, char *what)
{
    int ends[2];
    int status;
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        pthread_t other;
        dup2(ends[1], STDERR_FILENO);
        pthread_create(&other, NULL, speak, what);
        speak(what);
    }
    close(ends[1]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 7);
    size_t len = 0;
    ssize_t got;
    while ((got = read(ends[0], line + len, room - len)) > 0)
        len += (size_t)got;
    close(ends[0]);
    return len;
}

static void one_line(void **state)
{
    (void)state;
    char line[2 * PATH_MAX] = "";
    size_t len = said(line, sizeof line, (char[]){"/a\nb\x7f"});
    assert_int_equal(len, strlen("program: /a?b?: why\n"));
    assert_memory_equal(line, "program: /a?b?: why\n", len);
}

static void a_long_path_is_cut(void **state)
{
    (void)state;
    static char path[2 * PATH_MAX];
    static char line[4 * PATH_MAX];
    memset(path, 'x', sizeof path - 1);
    size_t len = said(line, sizeof line, path);
    assert_int_equal(len, strlen("program: : why\n") + PATH_MAX);
    assert_memory_equal(line + len - 6, ": why\n", 6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_line),
        cmocka_unit_test(a_long_path_is_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
