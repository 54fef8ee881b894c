/* globs: the same names as SQLite's own GLOB finds, one at a time, where each stray byte is a
 * character of its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <ctype.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "filter.h"
#include "globs.h"
#include "utf8.h"

enum { NAMES = 700, LONGEST = 24, PATTERNS = 600 };

static uint32_t random_state = 1;

static uint32_t draw(uint32_t below)
{
    random_state = random_state * 1664525u + 1013904223u;
    return (random_state >> 8) % below;
}

/* Some bytes of the alphabet, or nothing. */
static size_t draw_text(char *out, const char *alphabet, size_t most)
{
    size_t len = draw((uint32_t)most);
    for (size_t i = 0; i < len; i++)
        out[i] = alphabet[draw((uint32_t)strlen(alphabet))];
    out[len] = '\0';
    return len;
}

/* Bytes that are part of no character of UTF-8 become characters above the last one, which
 * SQLite reads like others. */
static void replace_stray(char *out, const char *text)
{
    struct slice rest = {text, strlen(text)};
    while (rest.len > 0) {
        size_t stray;
        size_t length = utf8_length(rest, &stray);
        unsigned char byte = (unsigned char)*rest.ptr;
        if (length == 0)
            out += sprintf(out, "\xf4\x90%c%c", 0x80 | byte >> 6, 0x80 | (byte & 0x3f));
        else
            out = (char *)memcpy(out, rest.ptr, length) + length;
        rest.ptr += length == 0 ? 1 : length;
        rest.len -= length == 0 ? 1 : length;
    }
    *out = '\0';
}

static void lower(char *text)
{
    for (; *text != '\0'; text++)
        if (*text >= 'A' && *text <= 'Z')
            *text = (char)(*text + ('a' - 'A'));
}

static bool is_found(char *const *patterns, size_t count, const char *name, bool ignore_case)
{
    for (size_t p = 0; p < count; p++) {
        char pattern[4 * LONGEST];
        char text[4 * LONGEST];
        replace_stray(pattern, patterns[p]);
        replace_stray(text, name);
        if (ignore_case) {
            lower(pattern);
            lower(text);
        }
        if (sqlite3_strglob(pattern, text) == 0)
            return true;
    }
    return false;
}

static void expect_same(char *const *patterns, size_t count, bool ignore_case, const char *names,
                        size_t len)
{
    struct filter filter;
    struct globs *globs;
    struct globs_memory memory = {0};
    struct err err = {0};
    uint64_t bits[NAMES / 64 + 1] = {0};
    filter_init(&filter);
    filter.ignore_case = ignore_case;
    for (size_t p = 0; p < count; p++)
        assert_int_equal(filter_add_pattern(&filter, "-N", patterns[p], &err), 0);
    assert_int_equal(globs_new(&globs, &filter, &err), 0);
    assert_int_equal(globs_match(bits, globs, (struct slice){names, len}, &memory, &err), 0);
    const char *name = names;
    for (size_t i = 0; name < names + len; i++, name += strlen(name) + 1) {
        bool found = (bits[i / 64] >> i % 64 & 1) != 0;
        if (found != is_found(patterns, count, name, ignore_case))
            fail_msg("'%s' of %zu patterns, '%s': found %d", patterns[0], count, name, found);
    }
    globs_memory_dispose(&memory);
    globs_free(globs);
    filter_free(&filter);
}

/* Few letters, so that many names match; some that are no UTF-8, or mean something in a pattern. */
static void random_names(void **state)
{
    (void)state;
    static const char in_names[] = "aaabbABc1[]*?^-\xc3\xa9\xff";
    static const char in_patterns[] = "aabbABc1**??[]^-\xc3\xa9\xff";
    /* Without case, sets are another thing than SQL's: test_globmatch.c has them. */
    static const char without_sets[] = "aabbABc1**??^-]\xc3\xa9";
    char *names = malloc(NAMES * LONGEST);
    assert_non_null(names);
    for (int round = 0; round < PATTERNS; round++) {
        size_t len = 0;
        for (size_t i = 0; i < NAMES; i++)
            len += draw_text(names + len, in_names, LONGEST) + 1;
        char texts[3][LONGEST];
        char *patterns[3] = {texts[0], texts[1], texts[2]};
        size_t count = 1 + draw(3);
        for (size_t p = 0; p < count; p++)
            while (draw_text(texts[p], round % 2 == 0 ? in_patterns : without_sets, 8) == 0)
                ;
        expect_same(patterns, count, round % 2 != 0, names, len);
    }
    free(names);
}

/* Names far apart that hold the pattern's letters, the first and the last of a block. */
static void rare_names(void **state)
{
    (void)state;
    static const size_t places[] = {0, 1, 63, 64, 400, NAMES - 2, NAMES - 1};
    char *patterns[] = {NULL};
    static const char *const globs[] = {"*hit*", "hit", "hit*", "*hit", "*h?t", "*[h]it*", "*HIT*"};
    char *names = malloc(NAMES * LONGEST);
    assert_non_null(names);
    for (size_t g = 0; g < sizeof globs / sizeof *globs; g++)
        for (size_t at = 0; at < sizeof places / sizeof *places; at++) {
            size_t len = 0;
            char pattern[LONGEST];
            strcpy(pattern, globs[g]);
            patterns[0] = pattern;
            for (size_t i = 0; i < NAMES; i++)
                len += (size_t)sprintf(names + len, "%s",
                                       i == places[at] ? (g % 2 == 0 ? "a-hit-b" : "hit")
                                                       : "something") +
                       1;
            expect_same(patterns, 1, false, names, len);
            expect_same(patterns, 1, true, names, len);
        }
    free(names);
}

/* Names of every length in turn, in blocks of every size, of which one ends as the pattern has
 * it. */
static void ends_of_names(void **state)
{
    (void)state;
    static const char *const globs[] = {"*[0-9]", "*?[0-9]", "*[^a]", "*[0-9][0-9][0-9]", "*?"};
    char *patterns[] = {NULL};
    char names[NAMES];
    for (size_t g = 0; g < sizeof globs / sizeof *globs; g++)
        for (size_t count = 1; count <= 130; count++) {
            char pattern[LONGEST];
            size_t len = 0;
            strcpy(pattern, globs[g]);
            patterns[0] = pattern;
            for (size_t i = 0; i < count; i++)
                len += (size_t)sprintf(names + len, "%.*s%s", (int)(i % 4), "aaa",
                                       i % 7 == count % 7 ? "123"
                                       : i % 11 == 3      ? "\xc3\xa9"
                                                          : "") +
                       1;
            expect_same(patterns, 1, false, names, len);
        }
}

static void no_patterns(void **state)
{
    (void)state;
    struct filter filter;
    struct globs *globs;
    struct err err = {0};
    filter_init(&filter);
    assert_int_equal(globs_new(&globs, &filter, &err), 0);
    assert_null(globs);
    globs_free(globs);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_names),
        cmocka_unit_test(rare_names),
        cmocka_unit_test(ends_of_names),
        cmocka_unit_test(no_patterns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
