/* globmatch: as SQLite's GLOB where names and patterns are UTF-8; stray bytes and letters of both cases
 * by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sqlite3.h>
#include <string.h>

#include "globmatch.h"

enum { PATTERNS = 200000, PARTS = 10 };

static uint32_t random_state = 7;

static uint32_t draw(uint32_t below)
{
    random_state = random_state * 1664525u + 1013904223u;
    return (random_state >> 8) % below;
}

static bool match(const char *pattern, const char *name, bool ignore_case)
{
    return globmatch_name(slice_from(pattern), slice_from(name), ignore_case);
}

static void draw_text(char *out, const char *const *parts, size_t count)
{
    size_t length = draw(PARTS);
    *out = '\0';
    for (size_t i = 0; i < length; i++)
        strcat(out, parts[draw((uint32_t)count)]);
}

static void as_sql_has_it(void **state)
{
    (void)state;
    static const char *const in_names[] = {"a", "b", "c", "A", "-", "]", "^", "é", "€", "😀"};
    static const char *const in_patterns[] = {"a", "b", "c", "A", "-", "]", "^",  "é",
                                              "€", "*", "*", "?", "[", "]", "[^", "[a-"};
    size_t matched = 0;
    for (int i = 0; i < PATTERNS; i++) {
        char pattern[4 * PARTS + 1];
        char name[4 * PARTS + 1];
        draw_text(pattern, in_patterns, sizeof in_patterns / sizeof *in_patterns);
        draw_text(name, in_names, sizeof in_names / sizeof *in_names);
        bool expected = sqlite3_strglob(pattern, name) == 0;
        matched += expected;
        if (match(pattern, name, false) != expected)
            fail_msg("'%s' and '%s': not %d", pattern, name, expected);
    }
    assert_true(matched > PATTERNS / 100);
}

static void stray_bytes_equal_themselves(void **state)
{
    (void)state;
    assert_true(match("caf\xe9", "caf\xe9", false));
    assert_false(match("caf\xe9", "caf\xe8", false));
    assert_false(match("caf\xe9", "caf\xef\xbf\xbd", false)); /* U+FFFD itself */
    assert_false(match("caf\xa9", "caf\xc2\xa9", false));     /* the last byte of a character */
    assert_false(match("*\xa9", "caf\xc2\xa9", false));
    assert_true(match("caf?", "caf\xc2\xa9", false));
    assert_true(match("caf?", "caf\xa9", false));
    assert_true(match("caf??", "caf\xe9\xe8", false));
    assert_true(match("caf[\xe8\xe9]", "caf\xe9", false));
    assert_false(match("caf[^\xe8\xe9]", "caf\xe9", false));
}

static void sets_without_case(void **state)
{
    (void)state;
    assert_true(match("[A-_]", "b", true));
    assert_true(match("[A-_]", "_", true));
    assert_true(match("[0-Z]", "b", true));
    assert_false(match("[0-Z]", "_", true));
    assert_true(match("[Z-a]", "_", true));
    assert_true(match("[Z-a]", "z", true));
    assert_false(match("[Z-a]", "b", true));
    assert_false(match("[^B]", "b", true));
    assert_false(match("[B]", "b", false));
    assert_true(match("x[AB]*", "xb7", true));
}

/* Each star would try all that the others have tried, were they tried again. */
static void many_stars_end(void **state)
{
    (void)state;
    char pattern[201];
    char name[2001];
    for (size_t i = 0; i < 200; i++)
        pattern[i] = i % 2 == 0 ? '*' : 'a';
    pattern[199] = 'b';
    pattern[200] = '\0';
    memset(name, 'a', 2000);
    name[2000] = '\0';
    assert_false(match(pattern, name, false));
    name[1999] = 'b';
    assert_true(match(pattern, name, false));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_sql_has_it),
        cmocka_unit_test(stray_bytes_equal_themselves),
        cmocka_unit_test(sets_without_case),
        cmocka_unit_test(many_stars_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
