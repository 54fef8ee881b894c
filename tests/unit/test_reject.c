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
    for (enum reject_reason a = REJECT_NUL; a <= REJECT_TWO_RECORDS; a++) {
        const char *text = reject_text(a);
        assert_true(strlen(text) > 0);
        assert_null(strpbrk(text, "\t\r\n"));
        for (enum reject_reason b = REJECT_NONE; b < a; b++)
            assert_string_not_equal(text, reject_text(b));
    }
}

/* The contract names this one. */
static void two_records(void **state)
{
    (void)state;
    assert_string_equal(reject_text(REJECT_TWO_RECORDS), "two records on one line");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reasons_have_words_of_their_own),
        cmocka_unit_test(two_records),
    };
    return cmocka_run_group_tests_name("reject", tests, NULL, NULL);
}
