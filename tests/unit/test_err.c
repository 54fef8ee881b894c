/* err: the status of each kind, the first message stays, one line whatever a file is called. */
#include "err.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "rlimits.h"

static void each_kind_has_its_status(void **state)
{
    (void)state;
    struct err failed = {0};
    struct err usage = {0};
    struct err rejects = {0};
    assert_int_equal(err_set(&failed, "%s: cannot read: %d", "a.log", 7), -1);
    assert_int_equal(err_usage(&usage, "--threads %s", "x"), -1);
    assert_int_equal(err_status(&rejects, ERR_REJECTS, "too many"), -1);
    assert_int_equal(failed.status, 1);
    assert_int_equal(usage.status, 2);
    assert_int_equal(rejects.status, 3);
    assert_string_equal(failed.text, "a.log: cannot read: 7");
    assert_string_equal(usage.text, "--threads x");
    assert_string_equal(rejects.text, "too many");
}

static void the_first_message_stays(void **state)
{
    (void)state;
    struct err err = {0};
    err_usage(&err, "cause");
    assert_int_equal(err_set(&err, "while undoing"), -1);
    assert_int_equal(err_status(&err, ERR_REJECTS, "later"), -1);
    assert_string_equal(err.text, "cause");
    assert_int_equal(err.status, ERR_USAGE);
}

static void control_bytes_are_shown_as_question_marks(void **state)
{
    (void)state;
    struct err err = {0};
    err_set(&err, "%s", "a\nb\x1b[2Jc\x7f\x1f d\xc3\xa9\xff~");
    assert_string_equal(err.text, "a?b?[2Jc?? d\xc3\xa9\xff~");
}

static void a_long_message_is_cut(void **state)
{
    (void)state;
    char path[2 * sizeof(struct err)];
    memset(path, 'p', sizeof path - 1);
    path[sizeof path - 1] = '\0';
    struct err err = {0};
    assert_int_equal(err_set(&err, "%s: why", path), -1);
    assert_int_equal(strlen(err.text), sizeof err.text - 1);
    assert_memory_equal(err.text, path, sizeof err.text - 1);
}

/* With the limit of the shell where there is one, and without where not. */
static void memory(void **state)
{
    (void)state;
    struct err err = {0};
    assert_int_equal(err_no_memory(&err, "%s: cannot hold %d rows", "x.db", 7), -1);
    assert_int_equal(err.status, ERR_FAILED);
    static const char text[] = "x.db: cannot hold 7 rows: out of memory";
    assert_memory_equal(err.text, text, sizeof text - 1);
    const char *limit = rlimits_of_memory();
    if (limit == NULL)
        assert_string_equal(err.text, text);
    else
        assert_non_null(strstr(err.text, limit));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kind_has_its_status),
        cmocka_unit_test(the_first_message_stays),
        cmocka_unit_test(control_bytes_are_shown_as_question_marks),
        cmocka_unit_test(a_long_message_is_cut),
        cmocka_unit_test(memory),
    };
    return cmocka_run_group_tests_name("err", tests, NULL, NULL);
}
