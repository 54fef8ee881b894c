/* linescan: every kind of vector marks what a look at each byte by itself marks, and reads nothing
 * beyond the end: each text lies in an allocation of its own, where the sanitizers look. */
#include "linescan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { WINDOW = LINESCAN_BLOCK * LINESCAN_BLOCKS, LONGEST = WINDOW + 2 * LINESCAN_BLOCK };

static uint64_t bit(const uint64_t *words, size_t i)
{
    return words[i / LINESCAN_BLOCK] >> i % LINESCAN_BLOCK & 1;
}

static void expect_marks(const struct linescan *scan, const char *p, const char *line_end)
{
    size_t len = (size_t)(line_end - p);
    size_t marked = (size_t)scan->blocks * LINESCAN_BLOCK;
    assert_ptr_equal(scan->begin, p);
    assert_in_range(scan->blocks, 1, LINESCAN_BLOCKS);
    assert_true(marked >= len || scan->blocks == LINESCAN_BLOCKS);
    for (size_t i = 0; i < marked; i++) {
        char c = i < len ? p[i] : ' ';
        assert_int_equal(bit(scan->blank, i), c == ' ' || c == '\t');
        assert_int_equal(bit(scan->equal, i), c == '=');
        assert_int_equal(bit(scan->hyphen, i), c == '-');
        assert_int_equal(bit(scan->slash, i), c == '/');
    }
}

static void expect_line(const char *p, const char *end)
{
    const char *newline = p == end ? NULL : memchr(p, '\n', (size_t)(end - p));
    const char *line_end = newline == NULL ? end : newline;
    bool has_nul = line_end != p && memchr(p, '\0', (size_t)(line_end - p)) != NULL;
    struct linescan scan;
    memset(&scan, 0x5A, sizeof scan);
    bool nul = !has_nul;
    assert_ptr_equal(linescan_line(&scan, p, end, &nul), line_end);
    assert_int_equal(nul, has_nul);
    expect_marks(&scan, p, line_end);
    if (newline != NULL)
        return;
    memset(&scan, 0x5A, sizeof scan);
    linescan_window(&scan, p, end, false);
    expect_marks(&scan, p, end);
}

/* The next of a fixed sequence of numbers. */
static uint32_t draw(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

/* Bytes of all classes; the first of `bytes` and those that share their low or high bits with
 * one most often. `rare` of 4,096 bytes end or spoil a line. */
static void fill_text(char *text, size_t len, uint32_t rare, uint32_t *state)
{
    static const char common[] = " \t=-x=- \x8d\xbd\xad\xa0\x89\x8a\x80/0";
    for (size_t i = 0; i < len; i++) {
        uint32_t number = draw(state);
        text[i] = common[number % (sizeof common - 1)];
        if (number / 64 % 4096 < rare)
            text[i] = number & 32 ? '\n' : '\0';
    }
}

static void each_kind_marks_every_length(void **state)
{
    (void)state;
    for (unsigned kind = 0; kind < linescan_kinds(); kind++) {
        linescan_use(kind);
        uint32_t seed = 7;
        for (size_t len = 0; len <= LONGEST; len++) {
            char *text = malloc(len + (len == 0));
            static const uint32_t rare[] = {0, 4, 40, 400};
            for (size_t i = 0; i < sizeof rare / sizeof rare[0]; i++) {
                fill_text(text, len, rare[i], &seed);
                expect_line(text, text + len);
            }
            free(text);
        }
    }
}

/* A newline, and a NUL before and behind it, at every place around the ends of blocks and
 * window. */
static void line_ends_at_every_place(void **state)
{
    (void)state;
    for (unsigned kind = 0; kind < linescan_kinds(); kind++) {
        linescan_use(kind);
        char *text = malloc(LONGEST);
        for (size_t at = 1; at + 1 < LONGEST; at++) {
            memset(text, '-', LONGEST);
            text[at] = '\n';
            expect_line(text, text + LONGEST);
            text[at + 1] = '\0';
            expect_line(text, text + LONGEST);
            text[at - 1] = '\0';
            expect_line(text, text + LONGEST);
        }
        free(text);
    }
}

/* Without being told, the widest kind is used, from the first call on. */
static void first_call_chooses(void **state)
{
    (void)state;
    static const char text[] = "a=b -- /c";
    expect_line(text, text + sizeof text - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_call_chooses),
        cmocka_unit_test(each_kind_marks_every_length),
        cmocka_unit_test(line_ends_at_every_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
