/* reject: each reason has words of its own, fit for one column of a tab separated file. */
#include "reject.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void reasons_have_words_of_their_own(void **state)
{
    (void)state;
    for (enum reject_reason a = REJECT_NUL; a <= REJECT_SCAN_ERROR; a++) {
        if (a == REJECT_REJECTED_END || a == REJECT_FLAWED_END)
            continue;
        const char *text = reject_text(a);
        assert_true(strlen(text) > 0);
        assert_null(strpbrk(text, "\t\r\n"));
        for (enum reject_reason b = REJECT_NONE; b < a; b++)
            assert_string_not_equal(text, reject_text(b));
    }
}

/* Other tools look for this one. */
static void two_records(void **state)
{
    (void)state;
    assert_string_equal(reject_text(REJECT_TWO_RECORDS), "two records on one line");
}

static void classes(void **state)
{
    (void)state;
    assert_int_equal(reject_class(REJECT_NUL), REJECT_REJECTED);
    assert_int_equal(reject_class(REJECT_NOT_UNDER), REJECT_REJECTED);
    assert_int_equal(reject_class(REJECT_ALLOC), REJECT_FLAWED);
    assert_int_equal(reject_class(REJECT_MTIME_RANGE), REJECT_FLAWED);
    assert_int_equal(reject_class(REJECT_SCAN_ERROR), REJECT_SCAN_ERRORS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reasons_have_words_of_their_own),
        cmocka_unit_test(two_records),
        cmocka_unit_test(classes),
    };
    return cmocka_run_group_tests_name("reject", tests, NULL, NULL);
}
