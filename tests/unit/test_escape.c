/* escape: each escape by its standard, and what is none. */
#include "escape.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void expect(size_t (*decode)(struct slice, char *), const char *text, const char *decoded,
                   size_t len)
{
    char out[128];
    size_t got = decode(slice_from(text), out);
    assert_int_equal(got, len);
    assert_memory_equal(out, decoded, len);
}

static void percent(void **state)
{
    (void)state;
    expect(escape_decode_percent, "%2Fa%20b%2f", "/a b/", 5);
    expect(escape_decode_percent, "%00%ff", "\0\xff", 2);
    expect(escape_decode_percent, "100%", "100%", 4);
    expect(escape_decode_percent, "%4", "%4", 2);
    expect(escape_decode_percent, "%zz%4g%%41", "%zz%4g%A", 8);
    expect(escape_decode_percent, "", "", 0);
}

static void backslash(void **state)
{
    (void)state;
    expect(escape_decode_backslash, "a\\nb\\t\\\\\\\"\\'", "a\nb\t\\\"'", 7);
    expect(escape_decode_backslash, "\\101\\0\\377\\400\\18",
           "A\0\xff\x20"
           "0\x01"
           "8",
           7);
    expect(escape_decode_backslash, "\\x41\\xfF\\x4", "A\xff\\x4", 5);
    expect(escape_decode_backslash, "\\u00e4\\u20AC\\U0001F600",
           "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", 9);
    expect(escape_decode_backslash, "\\ud800\\U00110000", "\\ud800\\U00110000", 16);
    expect(escape_decode_backslash, "\\q\\", "\\q\\", 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(percent), cmocka_unit_test(backslash)};
    return cmocka_run_group_tests_name("escape", tests, NULL, NULL);
}
