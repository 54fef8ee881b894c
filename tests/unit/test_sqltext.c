/* sqltext: which bytes are TEXT, which a BLOB, bound and as results. */
#include "sqltext.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const struct {
    struct slice bytes;
    int type;
} cases[] = {
    {{NULL, 0}, SQLITE_TEXT},           {{"/a b", 4}, SQLITE_TEXT},
    {{"/\xc3\xa9", 3}, SQLITE_TEXT},    {{"/\xff", 2}, SQLITE_BLOB},
    {{"/\xc3", 2}, SQLITE_BLOB},        {{"\xc0\xaf", 2}, SQLITE_BLOB},
    {{"\xed\xa0\x80", 3}, SQLITE_BLOB},
};
enum { CASES = sizeof cases / sizeof cases[0] };

/* SQL case_bytes(I): the bytes of the case. */
static void case_bytes(sqlite3_context *context, int count, sqlite3_value **values)
{
    (void)count;
    sqltext_result(context, cases[sqlite3_value_int(values[0])].bytes);
}

static void bytes_keep_their_value(void **state)
{
    (void)state;
    sqlite3 *db;
    sqlite3_stmt *statement;
    assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
    assert_int_equal(
        sqlite3_create_function(db, "case_bytes", 1, SQLITE_UTF8, NULL, case_bytes, NULL, NULL),
        SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, "SELECT ?1, case_bytes(?2), ?1 IS case_bytes(?2)", -1,
                                        &statement, NULL),
                     SQLITE_OK);
    for (int i = 0; i < CASES; i++) {
        assert_int_equal(sqltext_bind(statement, 1, cases[i].bytes, SQLITE_TRANSIENT), SQLITE_OK);
        assert_int_equal(sqlite3_bind_int(statement, 2, i), SQLITE_OK);
        assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
        for (int column = 0; column < 2; column++) {
            assert_int_equal(sqlite3_column_type(statement, column), cases[i].type);
            const char *bytes = sqlite3_column_blob(statement, column);
            size_t length = (size_t)sqlite3_column_bytes(statement, column);
            assert_true(slice_equal((struct slice){bytes, length}, cases[i].bytes));
        }
        assert_int_equal(sqlite3_column_int(statement, 2), 1);
        assert_int_equal(sqlite3_reset(statement), SQLITE_OK);
    }
    sqlite3_finalize(statement);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(bytes_keep_their_value)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
