/* detect: the layout of a log, from its content; what the lists of other tools look like. */
#include "detect.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const char *const names[] = {"gpfs", "lustre", "find"};

/* Fields that make a whole record, before the separator. */
static const char *const records[] = {
    "1 2 3 s=1 u=1 p=-rw-r--r--",
    "0x1:0x2:0x0 s=1 u=1 type=f",
    "131 s=1 u=1 type=f",
};

static struct detect found;

/* The name of the layout that is detected, or NULL. */
static const char *detect(const char *text, bool *only_headers)
{
    detect_log(&found, slice_from(text), NULL, LAYOUT_PLAIN, false, 0);
    *only_headers = found.only_headers;
    return found.found ? found.layout.name : NULL;
}

static void the_layout_is_detected(void **state)
{
    (void)state;
    bool only_headers;
    for (int format = 0; format < 3; format++) {
        char text[512];
        snprintf(text, sizeof text, "[I] header\r\n\n#\nnonsense\n%s -- /a\r\n%s -- /b",
                 records[format], records[format]);
        assert_string_equal(detect(text, &only_headers), names[format]);
        assert_false(only_headers);
    }
}

/* However long the headers are: they tell nothing. */
static void headers_do_not_count_in_detection(void **state)
{
    (void)state;
    enum { HEADERS = 5000 };
    static char text[HEADERS * 4 + 64];
    for (int i = 0; i < HEADERS; i++)
        memcpy(text + i * 4, "[I]\n", 4);
    strcpy(text + HEADERS * 4, "0x1:0x1:0x0 s=1 u=1 type=f -- /a\n");
    bool only_headers;
    assert_string_equal(detect(text, &only_headers), "lustre");
    assert_false(only_headers);
}

static void the_most_lines_win(void **state)
{
    (void)state;
    bool only_headers;
    assert_string_equal(detect("131 s=1 u=1 type=f -- /a\n"
                               "0x1:0x1:0x0 s=1 u=1 type=f -- /a\n"
                               "0x1:0x1:0x0 s=1 u=1 type=f -- /b\n",
                               &only_headers),
                        "lustre");
}

static void no_format(void **state)
{
    (void)state;
    bool only_headers = false;
    assert_null(detect("", &only_headers));
    assert_true(only_headers);
    only_headers = false;
    assert_null(detect("[I] x\n\n# y\n   \n", &only_headers));
    assert_true(only_headers);
    assert_null(detect("[I] x\nhello\n", &only_headers));
    assert_false(only_headers);
    assert_null(detect("131 s=1", &only_headers)); /* cut */
    assert_false(only_headers);
}

/* Only the first 1,000 data lines are judged; headers are not among them. */
static void detection_looks_at_a_thousand_lines(void **state)
{
    (void)state;
    enum { ROOM = 200000 };
    static char text[ROOM];
    bool only_headers;
    for (int nonsense = 999; nonsense <= 1000; nonsense++) {
        text[0] = '\0';
        char *end = text;
        for (int i = 0; i < nonsense; i++)
            end += snprintf(end, (size_t)(text + ROOM - end), "# header\nnonsense\n");
        strcpy(end, "131 s=1 u=1 type=f -- /a\n");
        const char *format = detect(text, &only_headers);
        if (nonsense == 999)
            assert_string_equal(format, "find");
        else
            assert_null(format);
        assert_false(only_headers);
    }
}

static void expect_guess(const char *line, enum detect_guess guess)
{
    bool only_headers;
    assert_null(detect(line, &only_headers));
    assert_int_equal(found.guess, guess);
}

static void lists_of_other_kinds(void **state)
{
    (void)state;
    expect_guess("37390 999490048 0   -- /gpfs/mgmt/fil2\n", DETECT_OTHER_SHOW);
    assert_string_equal(found.name, "gpfs");
    assert_string_equal(found.missing, "s=, u=, p=");
    expect_guess("1 2 3 s=1 p=drwxr-xr-x -- /a\n", DETECT_OTHER_SHOW);
    assert_string_equal(found.missing, "u=");
    expect_guess("0x1:0x2:0x0 s=1 u=1 -- /a\n", DETECT_OTHER_SHOW);
    assert_string_equal(found.name, "lustre");
    assert_string_equal(found.missing, "type=");
    bool only_headers;
    assert_string_equal(detect("1 2 3 s=1 u=1 p=0644 -- /a\n", &only_headers), "gpfs");
    expect_guess("/a/b\n/a/c\n", DETECT_PATHS);
    expect_guess("\"/a\"\t1\t1\t1\t1\t1\t1\tf\t1\t1\t1\n", DETECT_WRSTAT);
    expect_guess("000a/lustre/s1\x1e"
                 "d\x1e"
                 "131\x1e"
                 "755\x1e"
                 "2\n",
                 DETECT_GUFI);
    expect_guess("[0x20002b0a7:0x12715:0x0] file rw-r--r-- 1 ann team 1 2022/01/22 12:30:23 /m\n",
                 DETECT_ROBINHOOD);
    expect_guess("nonsense\n", DETECT_NOTHING);
}

static void the_layout_that_was_asked_for(void **state)
{
    (void)state;
    struct layout lustre;
    layout_find(&lustre, slice_from("lustre"));
    struct slice log = slice_from("1 2 3 s=1 u=1 p=-rw-r--r-- -- /f\n");
    detect_log(&found, log, &lustre, LAYOUT_PLAIN, false, 0);
    assert_false(found.found);
    assert_int_equal(found.guess, DETECT_OTHER_LAYOUT);
    assert_string_equal(found.name, "gpfs");
    /* What nothing else reads is tried by what was asked for: its lines are rejected one by one. */
    detect_log(&found, slice_from("nonsense\n"), &lustre, LAYOUT_PLAIN, false, 0);
    assert_true(found.found);
    assert_string_equal(found.layout.name, "lustre");
}

static void escapes_marks_and_returns(void **state)
{
    (void)state;
    bool only_headers;
    assert_string_equal(detect("1 2 3 s=1 u=1 p=-rw-r--r-- -- %2Fa\n", &only_headers), "gpfs");
    assert_int_equal(found.log.path_escape, LAYOUT_PERCENT);
    assert_false(found.log.fields_are_escaped);
    assert_string_equal(detect("1 2 3 s%3D1%20u%3D1%20p%3D-rw-r--r-- -- /a\n", &only_headers),
                        "gpfs");
    assert_true(found.log.fields_are_escaped);
    assert_string_equal(detect("1 2 3 s=1 u=1 p=-rw-r--r-- -- /a%20b\n", &only_headers), "gpfs");
    assert_int_equal(found.log.path_escape, LAYOUT_PLAIN);
    assert_false(found.log.drops_return);
    assert_string_equal(detect("\xEF\xBB\xBF"
                               "1 s=1 u=1 type=f -- /a\r\n",
                               &only_headers),
                        "find");
    assert_true(found.log.drops_return);
    detect("[I] x\r\n\r\n1 s=1 u=1 type=f -- /a\n1 s=1 u=1 type=f -- /b\r\n", &only_headers);
    assert_false(found.log.drops_return);
    /* Two records on one line are no percent-encoded list. */
    assert_string_equal(
        detect("1 s=1 u=1 type=f -- /a\n1 s=1 u=1 type=f -- /a1 s=1 u=1 type=f -- /b\n",
               &only_headers),
        "find");
    assert_false(found.log.fields_are_escaped);
    detect("1 s=1 u=1 type=f -- ./a\n", &only_headers);
    assert_true(found.found && found.is_relative);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_layout_is_detected),
        cmocka_unit_test(headers_do_not_count_in_detection),
        cmocka_unit_test(the_most_lines_win),
        cmocka_unit_test(no_format),
        cmocka_unit_test(detection_looks_at_a_thousand_lines),
        cmocka_unit_test(lists_of_other_kinds),
        cmocka_unit_test(the_layout_that_was_asked_for),
        cmocka_unit_test(escapes_marks_and_returns),
    };
    return cmocka_run_group_tests_name("detect", tests, NULL, NULL);
}
