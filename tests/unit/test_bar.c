/* bar: lengths in both alphabets, and that what is not nothing shows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <locale.h>

#include "bar.h"

static void expect(size_t columns, int64_t part, int64_t whole, const char *expected)
{
    char text[BAR_TEXT(16)];
    assert_true(columns <= 16);
    bar_draw(text, columns, part, whole);
    assert_string_equal(text, expected);
}

static void signs_in_a_plain_locale(void **state)
{
    (void)state;
    assert_non_null(setlocale(LC_CTYPE, "C"));
    expect(10, 10, 10, "##########");
    expect(10, 5, 10, "#####");
    expect(10, 54, 100, "#####");
    expect(10, 55, 100, "######");
    expect(10, 1, 1000000, "#");
    expect(10, 0, 10, "");
    expect(10, 0, 0, "");
    expect(0, 5, 10, "");
}

static void eighths_in_utf8(void **state)
{
    (void)state;
    if (setlocale(LC_CTYPE, "C.UTF-8") == NULL)
        skip();
    expect(2, 16, 16, "██");
    expect(2, 15, 16, "█▉");
    expect(2, 14, 16, "█▊");
    expect(2, 13, 16, "█▋");
    expect(2, 12, 16, "█▌");
    expect(2, 11, 16, "█▍");
    expect(2, 10, 16, "█▎");
    expect(2, 9, 16, "█▏");
    expect(2, 8, 16, "█");
    expect(2, 1, 16, "▏");
    expect(2, 1, INT64_MAX, "▏");
    expect(2, INT64_MAX, INT64_MAX, "██");
    expect(2, 0, 16, "");
    setlocale(LC_CTYPE, "C");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signs_in_a_plain_locale),
        cmocka_unit_test(eighths_in_utf8),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
