/* names: every pattern finds what SQL's own GLOB finds among the same names, in a database of
 * blocks and in one from before them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "filter.h"
#include "names.h"
#include "query_fixture.h"
#include "scope.h"

enum { COUNT = SCHEMA_NAME_BLOCK + 500 };

/* What names are made of: pieces that patterns tell apart, or that SQLite takes for the same. */
static const char names_sql[] =
    "CREATE TEMP TABLE piece(i INTEGER PRIMARY KEY, text);"
    "INSERT INTO piece(text) VALUES ('run'), ('RUN_'), ('a'), ('A'), ('-'), (']'), ('['), ('^'), "
    "('*'), ('?'), ('0'), ('9x'), (CAST(x'ff' AS TEXT)), (CAST(x'e9' AS TEXT)), "
    "(CAST(x'e8' AS TEXT)), (CAST(x'c3a9' AS TEXT)), (CAST(x'c080' AS TEXT)), "
    "(CAST(x'80' AS TEXT)), (CAST(x'c280' AS TEXT)), ('zz'), (' '), (char(1)), ('');"
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4596) "
    "INSERT INTO directories(dir_id, path, depth, last_id, name) SELECT i, '/' || i, 1, i, "
    "(SELECT text FROM piece p WHERE p.i = 1 + n.i % 23) || "
    "(SELECT text FROM piece p WHERE p.i = 1 + n.i / 23 % 23) || "
    "(SELECT text FROM piece p WHERE p.i = 1 + n.i / 529 % 23) FROM n;";
_Static_assert(COUNT == 4596, "as many as the statement makes");

static const char *const patterns[] = {
    "*",
    "?",
    "??",
    "*a*",
    "a*",
    "*a",
    "a",
    "run",
    "*run*",
    "run*A",
    "*RUN_*",
    "[a-c]*",
    "[^a]*",
    "*[0-9]",
    "*[0-9]x",
    "[]]*",
    "*[^]]",
    "[",
    "a[",
    "*[]",
    "[a",
    "*[*]*",
    "[?]*",
    "*[[]*",
    "*\xff*",
    "\xe9*",
    "*\xc3\xa9",
    "?\xe9",
    "*\x80*",
    "*\xc2\x80*",
    "*\xc0\x80*",
    "[\x80-\xff]*",
    "*z*z*",
    "***a**",
    "*a*a",
    "?a*[A-Z]",
    "*[a-z][0-9]",
    "*?[^a]?",
    "*]?",
    "*[]^]",
    "*a[",
    "**[!-~]",
    "*[\xe9]",
    "*[a\xc3\xa9]?",
    "nothing like it",
    "run[^ab]un",
    "*\x01*",
    " *",
    "*-*-",
    "x?",
};

static void expect_as_sql(struct reader *reader, const struct filter *filter,
                          const struct scope *scope)
{
    struct err err = {0};
    struct reader_rows *rows;
    int64_t count;
    int64_t found = 0;
    char *text = strndup(filter->patterns[0].ptr, filter->patterns[0].len);
    const struct reader_value values[] = {
        {.type = READER_INTEGER, .integer = scope->under.first},
        {.type = READER_INTEGER, .integer = scope->under.last},
        {.type = READER_TEXT, .text = slice_from(text)},
    };
    if (names_find(&count, reader, filter, scope, &err) != 0)
        fail_msg("%s", err.text);
    assert_int_equal(
        reader_run(
            &rows, reader,
            filter->ignore_case
                ? "SELECT dir_id, is_named(dir_id), lower(name) GLOB lower(CAST(?3 AS TEXT)), "
                  "dir_id BETWEEN ?1 AND ?2 FROM directories"
                : "SELECT dir_id, is_named(dir_id), name GLOB CAST(?3 AS TEXT), "
                  "dir_id BETWEEN ?1 AND ?2 FROM directories",
            values, 3, &err),
        0);
    while (reader_rows_next(rows, &err) == 1) {
        int64_t expected = reader_rows_integer(rows, 2) && reader_rows_integer(rows, 3);
        if (reader_rows_integer(rows, 1) != expected)
            fail_msg("%s: %s of %d", text, expected ? "missing" : "surplus",
                     (int)reader_rows_integer(rows, 0));
        found += expected;
    }
    assert_int_equal(err.status, ERR_NONE);
    assert_int_equal(count, found);
    reader_rows_close(rows);
    free(text);
}

static void expect_all(const char *path)
{
    static const struct scope_range ranges[] = {
        {1, COUNT}, {2, 2}, {100, 700}, {SCHEMA_NAME_BLOCK, COUNT}, {SCHEMA_NAME_BLOCK + 1, 4100}};
    struct reader *reader = query_fixture_open(path);
    for (size_t r = 0; r < sizeof ranges / sizeof *ranges; r++) {
        for (size_t i = 0; i < 2 * sizeof patterns / sizeof *patterns; i++) {
            struct filter filter;
            struct slice pattern = slice_from(patterns[i / 2]);
            const struct scope scope = {.under = ranges[r]};
            filter_init(&filter);
            filter.patterns = &pattern;
            filter.pattern_count = 1;
            filter.ignore_case = i % 2 == 1;
            expect_as_sql(reader, &filter, &scope);
        }
    }
    reader_close(reader);
}

static void patterns_match_as_in_sql(void **state)
{
    (void)state;
    query_fixture_make("x.db", names_sql);
    expect_all("x.db");
}

static void one_of_several_is_enough(void **state)
{
    (void)state;
    query_fixture_make("x.db",
                       "INSERT INTO directories(dir_id, path, depth, last_id, name) VALUES "
                       "(1, '/ab', 1, 1, 'ab'), (2, '/b', 1, 2, 'b'), (3, '/c', 1, 3, 'c');");
    struct reader *reader = query_fixture_open("x.db");
    struct slice both[] = {slice_from("*b"), slice_from("a*")};
    struct filter filter;
    struct err err = {0};
    int64_t count;
    const struct scope scope = {.under = {1, 3}};
    filter_init(&filter);
    filter.patterns = both;
    filter.pattern_count = 2;
    assert_int_equal(names_find(&count, reader, &filter, &scope, &err), 0);
    assert_int_equal(count, 2);
    reader_close(reader);
}

static void names_without_an_end_are_damage(void **state)
{
    (void)state;
    sqlite3 *db;
    query_fixture_make("x.db", names_sql);
    assert_int_equal(sqlite3_open("x.db", &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "UPDATE directory_names SET names = 'run'", NULL, NULL, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    struct reader *reader = query_fixture_open("x.db");
    struct slice pattern = slice_from("*");
    struct filter filter;
    struct err err = {0};
    int64_t count;
    const struct scope scope = {.under = {1, COUNT}};
    filter_init(&filter);
    filter.patterns = &pattern;
    filter.pattern_count = 1;
    assert_int_equal(names_find(&count, reader, &filter, &scope, &err), -1);
    assert_non_null(strstr(err.text, "damaged database"));
    reader_close(reader);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(patterns_match_as_in_sql),
        cmocka_unit_test(one_of_several_is_enough),
        cmocka_unit_test(names_without_an_end_are_damage),
    };
    return cmocka_run_group_tests(tests, unit_support_enter, unit_support_leave);
}
