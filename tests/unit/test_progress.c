/* progress: plain lines where standard error is no terminal, which it is not here. No speed is
 * asserted, only what is said and when. */
#include "progress.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "unit_support.h"

static int kept;

/* From here on standard error is the file "shown". */
static void begin(void)
{
    kept = dup(STDERR_FILENO);
    assert_non_null(freopen("shown", "w", stderr));
}

/* Gives standard error back; what was shown, to be freed. */
static char *end(void)
{
    fflush(stderr);
    assert_true(dup2(kept, STDERR_FILENO) >= 0);
    close(kept);
    return unit_support_read("shown", NULL);
}

static int count_lines(const char *text)
{
    int lines = 0;
    for (; *text != '\0'; text++)
        lines += *text == '\n';
    return lines;
}

static void a_line_each_interval(void **state)
{
    (void)state;
    begin();
    struct progress *progress = progress_new("prog", 1000, false);
    progress_show(progress, "load", 0, 0, 0);
    progress_show(progress, "scan", 0, 4000, 0);
    progress_show(progress, "scan", 999, 4000, 999);
    progress_show(progress, "scan", 1000, 4000, 1000); /* 1 */
    progress_show(progress, "scan", 1999, 4000, 1999);
    progress_show(progress, "scan", 3500, 4000, 3500); /* 2: two intervals at once */
    progress_show(progress, "scan", 3999, 4000, 3999);
    progress_show(progress, "scan", 4000, 4000, 4000); /* 3 */
    progress_show(progress, "tree", 4000, 0, 4000);
    progress_clear(progress);
    progress_free(progress);
    char *text = end();
    assert_int_equal(count_lines(text), 3);
    assert_int_equal(strncmp(text, "prog: scan: 1000 lines,  25%  ", 30), 0);
    assert_non_null(strstr(text, "\nprog: scan: 3500 lines,  88%  "));
    assert_non_null(strstr(text, "\nprog: scan: 4000 lines, 100%  "));
    assert_null(strpbrk(text, "\r\x1b")); /* nothing that a log file should not hold */
    free(text);
}

static void silence(void **state)
{
    (void)state;
    begin();
    struct progress *progress = progress_new("prog", 1, true);
    progress_show(progress, "scan", 10, 10, 10);
    progress_clear(progress);
    progress_free(progress);
    progress_free(NULL);
    char *text = end();
    assert_string_equal(text, "");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_each_interval),
        cmocka_unit_test(silence),
    };
    return cmocka_run_group_tests_name("progress", tests, unit_support_enter, unit_support_leave);
}
