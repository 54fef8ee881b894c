/* progress: the arithmetic and the text of the bar, and the plain lines where standard error is no
 * terminal, which it is not here. No speed is asserted, only what is said and when. */
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

static const struct progress_stage stages[] = {{"load", 0}, {"scan", 2}, {"store", 6}};

static double fraction_at(size_t stage, uint64_t done, uint64_t total)
{
    const struct progress_state state = {.stage = stage, .done = done, .total = total};
    return progress_fraction(stages, 3, &state);
}

static void stages_have_shares(void **state)
{
    (void)state;
    assert_true(fraction_at(0, 0, 0) == 0);
    assert_true(fraction_at(0, 5, 10) == 0);
    assert_true(fraction_at(1, 0, 0) == 0);
    assert_true(fraction_at(1, 5, 10) == 0.125);
    assert_true(fraction_at(1, 10, 10) == 0.25);
    assert_true(fraction_at(2, 0, 0) == 0.25); /* cannot tell: at its beginning */
    assert_true(fraction_at(2, 1, 3) == 0.5);
    assert_true(fraction_at(2, 3, 3) == 1);
    assert_true(fraction_at(3, 0, 0) == 1);
}

static void time_left(void **state)
{
    (void)state;
    assert_int_equal(progress_left(0, 10), -1);
    assert_int_equal(progress_left(0.001, 10), -1); /* too early */
    assert_int_equal(progress_left(0.5, 0.1), -1);
    assert_int_equal(progress_left(0.5, 10), 10);
    assert_int_equal(progress_left(0.25, 10), 30);
    assert_int_equal(progress_left(1, 10), 0);
}

static void a_stage_without_measure(void **state)
{
    (void)state;
    assert_true(progress_guess(0, 10) == 0);
    assert_true(progress_guess(5, 10) == 0.5);
    assert_true(progress_guess(50, 10) == 0.95); /* takes longer than usual: it has not ended */
    assert_true(progress_guess(1, 0) == 0);      /* nothing to go by */
}

static void expect_text(double fraction, int64_t rate, int64_t left, unsigned width,
                        const char *expected)
{
    char text[PROGRESS_ROOM];
    progress_text(text, "scan", fraction, rate, left, width);
    assert_string_equal(text, expected);
}

static void what_fits_a_terminal(void **state)
{
    (void)state;
    expect_text(0.5, 3412000, 67, 80,
                "scan     #################.................   50%  3,412,000 lines/s  1:07 left");
    expect_text(0.5, -1, -1, 200, "scan     ####################....................   50%");
    expect_text(0.5, -1, 3723, 40, "scan     #####.....   50%  1:02:03 left");
    expect_text(0.5, 3412000, 67, 40, "scan     ######.......   50%  1:07 left");
    expect_text(0.07, 3412000, 67, 20, "scan       7%");
    expect_text(0.07, 3412000, 67, 13, "......    7%");
    expect_text(0.999, -1, -1, 10, " 99%"); /* 100 only at the end */
    expect_text(1, -1, -1, 10, "100%");
    expect_text(0.5, -1, -1, 4, "");
    expect_text(0.5, -1, -1, 0, "");
}

static void never_wider_than_the_terminal(void **state)
{
    (void)state;
    char text[PROGRESS_ROOM];
    for (unsigned width = 1; width < 300; width++)
        for (int percent = 0; percent <= 100; percent++) {
            progress_text(text, "publish", percent / 100.0, INT64_MAX, INT64_MAX, width);
            assert_true(strlen(text) < width);
            progress_text(text, "publish", percent / 100.0, -1, 5, width);
            assert_true(strlen(text) < width);
        }
}

static void show(struct progress *progress, size_t stage, uint64_t done, uint64_t lines)
{
    const struct progress_state state = {stage, done, stage == 1 ? 4000 : 0, lines, stage == 1};
    progress_show(progress, &state);
}

static void a_line_each_interval(void **state)
{
    (void)state;
    begin();
    struct progress *progress = progress_new("prog", stages, 3, 1000, false);
    show(progress, 0, 0, 0);
    show(progress, 1, 0, 0);
    show(progress, 1, 999, 999);
    show(progress, 1, 1000, 1000); /* 1 */
    show(progress, 1, 1999, 1999);
    show(progress, 1, 3600, 3500); /* 2: two intervals at once */
    show(progress, 1, 3000, 3999);
    show(progress, 1, 3000, 4000); /* 3: the percentage does not go back */
    show(progress, 2, 4000, 4000);
    progress_clear(progress);
    progress_free(progress);
    char *text = end();
    assert_int_equal(count_lines(text), 3);
    assert_int_equal(strncmp(text, "prog: scan: 1,000 lines,   6%", 29), 0);
    assert_non_null(strstr(text, "\nprog: scan: 3,500 lines,  22%"));
    assert_non_null(strstr(text, "\nprog: scan: 4,000 lines,  22%"));
    assert_null(strpbrk(text, "\r\x1b")); /* nothing that a log file should not hold */
    free(text);
}

static void silence(void **state)
{
    (void)state;
    begin();
    struct progress *progress = progress_new("prog", stages, 3, 1, true);
    show(progress, 1, 10, 10);
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
        cmocka_unit_test(stages_have_shares),
        cmocka_unit_test(time_left),
        cmocka_unit_test(a_stage_without_measure),
        cmocka_unit_test(what_fits_a_terminal),
        cmocka_unit_test(never_wider_than_the_terminal),
        cmocka_unit_test(a_line_each_interval),
        cmocka_unit_test(silence),
    };
    return cmocka_run_group_tests_name("progress", tests, unit_support_enter, unit_support_leave);
}
