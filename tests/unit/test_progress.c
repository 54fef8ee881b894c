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

static const struct progress_stage stages[] = {{"load", 0.1}, {"scan", 0.4}, {"store", 0.5}};

static void a_line_each_interval(void **state)
{
    (void)state;
    begin();
    struct progress *progress = progress_new("prog", stages, 3, 1000, false);
    progress_show(progress, 0, 0, 0, 0);
    progress_show(progress, 1, 0, 4000, 0);
    progress_show(progress, 1, 999, 4000, 999);
    progress_show(progress, 1, 1000, 4000, 1000); /* 1 */
    progress_show(progress, 1, 1999, 4000, 1999);
    progress_show(progress, 1, 3500, 4000, 3500); /* 2: two intervals at once */
    progress_show(progress, 1, 3999, 4000, 3999);
    progress_show(progress, 1, 4000, 4000, 4000); /* 3 */
    progress_show(progress, 2, 0, 0, 4000);
    progress_show(progress, 3, 0, 0, 9000); /* no stage of ours */
    progress_clear(progress);
    progress_free(progress);
    char *text = end();
    assert_int_equal(count_lines(text), 3);
    assert_int_equal(strncmp(text, "prog: scan: 1,000 lines, ", 25), 0);
    assert_non_null(strstr(text, " s,  20%")); /* 0.1 + 0.4 / 4 */
    assert_non_null(strstr(text, "\nprog: scan: 3,500 lines, "));
    assert_non_null(strstr(text, " s,  45%"));
    assert_non_null(strstr(text, "\nprog: scan: 4,000 lines, "));
    assert_non_null(strstr(text, " s,  50%"));
    assert_null(strpbrk(text, "\r\x1b")); /* nothing that a log file should not hold */
    free(text);
}

static void fractions(void **state)
{
    (void)state;
    assert_float_equal(progress_fraction(stages, 0, 0), 0, 1e-9);
    assert_float_equal(progress_fraction(stages, 1, 0.5), 0.3, 1e-9);
    assert_float_equal(progress_fraction(stages, 2, 1), 1, 1e-9);
    assert_float_equal(progress_fraction(stages, 2, 7), 1, 1e-9);
    /* 5 seconds for the first half: 5 more are expected. */
    assert_float_equal(progress_guess(stages, 2, 2.5, 5), 0.5, 1e-9);
    assert_float_equal(progress_guess(stages, 0, 2.5, 0), 0, 1e-9);
    double last = 0;
    for (double seconds = 0; seconds < 100; seconds += 0.5) {
        double guess = progress_guess(stages, 2, seconds, 5);
        assert_true(guess >= last && guess < 1); /* never back, never over before it is */
        last = guess;
    }
    assert_true(last > 0.9);
}

static void expect_line(unsigned width, double fraction, const char *line)
{
    const struct progress_moment moment = {"scan", fraction, 10, 5000, 1234567};
    char text[300];
    progress_line(text, width, &moment);
    assert_string_equal(text, line);
    assert_true(strlen(text) <= width);
}

static void lines_fit_the_terminal(void **state)
{
    (void)state;
    expect_line(79, 0.25,
                "scan  #########............................   25%  1,234,567 lines/s  0:30 left");
    expect_line(52, 0.5, "scan  #####.....   50%  1,234,567 lines/s  0:10 left");
    expect_line(45, 0.5, "scan   50%  1,234,567 lines/s  0:10 left");
    expect_line(20, 0.5, "scan   50%  1,234,56");
    expect_line(1, 0.5, "s");
}

static void silence(void **state)
{
    (void)state;
    begin();
    struct progress *progress = progress_new("prog", stages, 3, 1, true);
    progress_show(progress, 1, 10, 10, 10);
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
        cmocka_unit_test(fractions),
        cmocka_unit_test(lines_fit_the_terminal),
        cmocka_unit_test(silence),
    };
    return cmocka_run_group_tests_name("progress", tests, unit_support_enter, unit_support_leave);
}
