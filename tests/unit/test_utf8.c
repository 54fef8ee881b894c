/* utf8: table 3-7 of the Unicode standard at each of its edges. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "utf8.h"

static void expect_good(const char *bytes, size_t length)
{
    size_t stray = 0;
    assert_int_equal(utf8_length((struct slice){bytes, length}, &stray), length);
    /* What follows makes no difference. */
    char longer[8] = "aaaaaaa";
    memcpy(longer, bytes, length);
    assert_int_equal(utf8_length((struct slice){longer, sizeof longer}, &stray), length);
}

static void expect_stray(const char *bytes, size_t length, size_t expected)
{
    size_t stray = 0;
    assert_int_equal(utf8_length((struct slice){bytes, length}, &stray), 0);
    assert_int_equal(stray, expected);
}

static void characters_are_whole(void **state)
{
    (void)state;
    expect_good("\x01", 1);
    expect_good("\x7f", 1);
    expect_good("\xc2\x80", 2);
    expect_good("\xdf\xbf", 2);
    expect_good("\xe0\xa0\x80", 3);
    expect_good("\xed\x9f\xbf", 3);
    expect_good("\xee\x80\x80", 3);
    expect_good("\xef\xbf\xbf", 3);
    expect_good("\xf0\x90\x80\x80", 4);
    expect_good("\xf4\x8f\xbf\xbf", 4);
}

static void stray_bytes_are_counted(void **state)
{
    (void)state;
    expect_stray("\x80", 1, 1); /* begins nothing */
    expect_stray("\xbf\xbf", 2, 1);
    expect_stray("\xc0\x80", 2, 1); /* overlong */
    expect_stray("\xc1\xbf", 2, 1);
    expect_stray("\xe0\x9f\xbf", 3, 1);     /* overlong */
    expect_stray("\xed\xa0\x80", 3, 1);     /* a surrogate */
    expect_stray("\xf0\x8f\xbf\xbf", 4, 1); /* overlong */
    expect_stray("\xf4\x90\x80\x80", 4, 1); /* above U+10FFFF */
    expect_stray("\xf5\x80\x80\x80", 4, 1);
    expect_stray("\xff", 1, 1);
    expect_stray("\xc3", 1, 1); /* the text ends */
    expect_stray("\xe2\x82", 2, 2);
    expect_stray("\xe2\x82/", 3, 2);
    expect_stray("\xf0\x9f\x98", 3, 3);
    expect_stray("\xf0\x9f\xc3\xa9", 4, 2);
}

/* Alone, and with ASCII before and after that is longer than what is skipped at once. */
static void expect_valid(const char *bytes, size_t length, bool expected)
{
    char longer[64];
    for (size_t before = 0; before <= 17; before++) {
        memset(longer, 'a', sizeof longer);
        memcpy(longer + before, bytes, length);
        for (size_t after = 0; after <= 9; after++)
            assert_int_equal(utf8_is_valid((struct slice){longer, before + length + after}),
                             expected);
    }
}

static void texts_are_valid_or_not(void **state)
{
    (void)state;
    assert_true(utf8_is_valid((struct slice){NULL, 0}));
    expect_valid("", 0, true);
    expect_valid("\x01\x7f", 2, true);
    expect_valid("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", 9, true);
    expect_valid("\xf4\x8f\xbf\xbf", 4, true);
    expect_valid("\xff", 1, false);
    expect_valid("\x80", 1, false);
    expect_valid("\xc3\xa9\xa9", 3, false);
    expect_valid("\xc0\xaf", 2, false);         /* overlong */
    expect_valid("\xed\xb0\x80", 3, false);     /* a surrogate */
    expect_valid("\xf4\x90\x80\x80", 4, false); /* above U+10FFFF */
    expect_valid("\xf0\x9f\x98", 3, false);     /* what follows is no part of it */
}

/* What a terminal shows, and what would steer it. */
static void characters_are_shown_or_not(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool shown;
    } cases[] = {
        {"a", true},
        {" ", true},
        {"\x1f", false},
        {"\x7f", false},
        {"\xc2\x80", false},
        {"\xc2\x9f", false},
        {"\xc2\xa0", true},
        {"\xc3\x80", true},
        {"\xe2\x80\x8d", true},
        {"\xe2\x80\x8e", false},
        {"\xe2\x80\x8f", false},
        {"\xe2\x80\x90", true},
        {"\xe2\x80\xa9", true},
        {"\xe2\x80\xaa", false},
        {"\xe2\x80\xae", false},
        {"\xe2\x80\xaf", true},
        {"\xe2\x81\xa5", true},
        {"\xe2\x81\xa6", false},
        {"\xe2\x81\xa9", false},
        {"\xe2\x81\xaa", true},
        {"\xe2\x82\xac", true},
        {"\xe1\x80\x8e", true},
        {"\xf0\x9f\x98\x80", true},
        {"\x80", false},
        {"\x9f", false},
        {"\xa0", true},
        {"\xff", true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct slice text = slice_from(cases[i].text);
        size_t stray;
        assert_int_equal(utf8_is_shown(text, utf8_length(text, &stray)), cases[i].shown);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(characters_are_whole),
        cmocka_unit_test(stray_bytes_are_counted),
        cmocka_unit_test(texts_are_valid_or_not),
        cmocka_unit_test(characters_are_shown_or_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
