/* globmatch: as SQLite's GLOB where names and patterns are UTF-8; stray bytes and letters of
 * both cases by hand. */
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

static void by_hand(void **state)
{
    (void)state;
    static const struct {
        const char *pattern;
        const char *name;
        bool ignore_case;
        bool matches;
    } cases[] = {
        {"caf\xe9", "caf\xe9", false, true},
        {"caf\xe9", "caf\xe8", false, false},
        {"caf\xe9", "caf\xef\xbf\xbd", false, false}, /* U+FFFD itself */
        {"caf\xa9", "caf\xc2\xa9", false, false},     /* the last byte of a character */
        {"*\xa9", "caf\xc2\xa9", false, false},
        {"caf?", "caf\xc2\xa9", false, true},
        {"caf?", "caf\xa9", false, true},
        {"caf??", "caf\xe9\xe8", false, true},
        {"caf[\xe8\xe9]", "caf\xe9", false, true},
        {"caf[^\xe8\xe9]", "caf\xe9", false, false},
        {"[A-_]", "b", true, true},
        {"[A-_]", "_", true, true},
        {"[0-Z]", "b", true, true},
        {"[0-Z]", "_", true, false},
        {"[Z-a]", "_", true, true},
        {"[Z-a]", "z", true, true},
        {"[Z-a]", "b", true, false},
        {"[^B]", "b", true, false},
        {"[B]", "b", false, false},
        {"x[AB]*", "xb7", true, true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (match(cases[i].pattern, cases[i].name, cases[i].ignore_case) != cases[i].matches)
            fail_msg("'%s' and '%s': not %d", cases[i].pattern, cases[i].name, cases[i].matches);
}

static void ends_of_sets(void **state)
{
    (void)state;
    static const char *const closed[] = {"[a]", "[]]", "[^]]", "[^a-]", "[[]", "[]-a]"};
    static const char *const open[] = {"[", "[]", "[^", "[^]", "[a"};
    for (size_t i = 0; i < sizeof closed / sizeof *closed; i++)
        assert_ptr_equal(globmatch_set_end(closed[i]), closed[i] + strlen(closed[i]));
    for (size_t i = 0; i < sizeof open / sizeof *open; i++)
        assert_null(globmatch_set_end(open[i]));
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
        cmocka_unit_test(by_hand),
        cmocka_unit_test(ends_of_sets),
        cmocka_unit_test(many_stars_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
