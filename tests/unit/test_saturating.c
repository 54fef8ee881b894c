/* saturating: as sum() has it, up to 2^63-1. */
#include "saturating.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void expect(const char *values, int type, int64_t expected)
{
    sqlite3 *db;
    sqlite3_stmt *statement;
    assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
    assert_int_equal(saturating_offer(db), SQLITE_OK);
    char *sql = sqlite3_mprintf("SELECT saturating_sum(column1) FROM (%s)", values);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    assert_int_equal(sqlite3_column_type(statement, 0), type);
    assert_true(sqlite3_column_int64(statement, 0) == expected);
    sqlite3_finalize(statement);
    sqlite3_free(sql);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void it_adds_up(void **state)
{
    (void)state;
    expect("VALUES (1), (NULL), (41)", SQLITE_INTEGER, 42);
    expect("VALUES (0)", SQLITE_INTEGER, 0);
    expect("VALUES (9223372036854775806), (1)", SQLITE_INTEGER, INT64_MAX);
}

static void nothing_is_null(void **state)
{
    (void)state;
    expect("VALUES (NULL), (NULL)", SQLITE_NULL, 0);
    expect("SELECT 1 AS column1 WHERE 0", SQLITE_NULL, 0);
}

static void it_stays_at_the_most(void **state)
{
    (void)state;
    expect("VALUES (9223372036854775807), (1)", SQLITE_INTEGER, INT64_MAX);
    expect("VALUES (9223372036854775807), (9223372036854775807), (5)", SQLITE_INTEGER, INT64_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_adds_up),
        cmocka_unit_test(nothing_is_null),
        cmocka_unit_test(it_stays_at_the_most),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
