/* spool: what is appended and replaced comes back, whether it was in the buffer or in the file. */
#include "spool.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "unit_support.h"

static void changes_come_back(void **state)
{
    (void)state;
    enum { ROUNDS = 400, MOST = 20000, LARGE = 3 << 20 };
    struct err err = {0};
    struct spool *spool;
    char *expected = malloc(ROUNDS * MOST + LARGE);
    size_t len = 0;
    unit_support_write("temporary", "left", 4); /* by a process that died */
    assert_int_equal(spool_open(&spool, "temporary", &err), 0);
    assert_int_not_equal(access("temporary", F_OK), 0);
    for (size_t round = 0; round < ROUNDS; round++) {
        size_t more = round == ROUNDS / 2 ? LARGE : round * 7919 % MOST;
        for (size_t i = 0; i < more; i++)
            expected[len + i] = (char)(round + i);
        assert_int_equal(spool_append(spool, expected + len, more, &err), 0);
        len += more;
        assert_int_equal(spool_size(spool), len);
        size_t from = len * (round % 11) / 11; /* in the file, in the buffer, across both */
        size_t patch = len - from < 5000 ? len - from : 5000;
        memset(expected + from, (int)round, patch);
        assert_int_equal(spool_patch(spool, expected + from, patch, from, &err), 0);
    }
    assert_int_equal(spool_flush(spool, &err), 0);
    char *found = malloc(len);
    assert_int_equal(spool_read(spool, found, len, 0, &err), 0);
    assert_memory_equal(found, expected, len);
    assert_int_equal(spool_read(spool, found, 1, len, &err), -1); /* there is no more */
    assert_non_null(strstr(err.text, "temporary: "));

    const void *mapped;
    assert_int_equal(spool_map(spool, &mapped, &err), 0);
    assert_memory_equal(mapped, expected, len);
    spool_forget(spool, 0, len); /* comes back from the file */
    spool_forget(spool, 5, 6);
    assert_memory_equal(mapped, expected, len);
    spool_close(spool);
    free(expected);
    free(found);
}

static void an_empty_one(void **state)
{
    (void)state;
    struct err err = {0};
    struct spool *spool;
    const void *mapped = "";
    assert_int_equal(spool_open(&spool, "temporary", &err), 0);
    assert_int_equal(spool_map(spool, &mapped, &err), 0);
    assert_null(mapped);
    spool_forget(spool, 0, 100);
    spool_close(spool);
    spool_close(NULL);
}

static void where_none_can_be(void **state)
{
    (void)state;
    struct err err = {0};
    struct spool *spool;
    assert_int_equal(spool_open(&spool, "missing/temporary", &err), -1);
    assert_non_null(strstr(err.text, "missing/temporary: cannot make the temporary file: "));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(changes_come_back, unit_support_enter, unit_support_leave),
        cmocka_unit_test_setup_teardown(an_empty_one, unit_support_enter, unit_support_leave),
        cmocka_unit_test_setup_teardown(where_none_can_be, unit_support_enter, unit_support_leave),
    };
    return cmocka_run_group_tests_name("spool", tests, NULL, NULL);
}
