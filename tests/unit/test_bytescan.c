/* bytescan: the same answers as one byte at a time, at every length and place, and nothing read
 * beyond the end: each text lies at the end of its own allocation, where the sanitizers look. */
#include "bytescan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { LONGEST = 150 }; /* some widest steps and a remainder */

static const char *slow_blank(const char *p, const char *end)
{
    while (p < end && *p != ' ' && *p != '\t')
        p++;
    return p;
}

static const char *slow_pair(const char *p, const char *end, char c)
{
    for (; p + 1 < end; p++)
        if (p[0] == c && p[1] == c)
            return p;
    return end;
}

static size_t slow_count(const char *p, const char *end, char c)
{
    size_t count = 0;
    for (; p < end; p++)
        count += *p == c;
    return count;
}

static uint64_t slow_mask(const char *p, const char *end, char c)
{
    uint64_t mask = 0;
    for (size_t i = 0; i < 64 && i < (size_t)(end - p); i++)
        mask |= (uint64_t)(p[i] == c) << i;
    return mask;
}

static const char *slow_line(const char *p, const char *end, bool *nul)
{
    for (*nul = false; p < end && *p != '\n'; p++)
        *nul |= *p == '\0';
    return p;
}

static void expect_same(const char *p, const char *end)
{
    bool nul = false;
    bool slow_nul;
    assert_ptr_equal(bytescan_blank(p, end), slow_blank(p, end));
    assert_ptr_equal(bytescan_pair(p, end, '-'), slow_pair(p, end, '-'));
    assert_ptr_equal(bytescan_line(p, end, &nul), slow_line(p, end, &slow_nul));
    assert_int_equal(nul, slow_nul);
    assert_int_equal(bytescan_count(p, end, '\0'), slow_count(p, end, '\0'));
    assert_true(bytescan_mask(p, end, '-') == slow_mask(p, end, '-'));
}

/* More than a byte can count, in each lane of a vector. */
static void many_are_counted(void **state)
{
    (void)state;
    enum { MANY = 3 * 255 * 16 + 7 };
    char *text = calloc(1, MANY);
    assert_non_null(text);
    assert_int_equal(bytescan_count(text, text + MANY, '\0'), MANY);
    text[MANY - 1] = text[0] = text[255 * 16] = 'x';
    assert_int_equal(bytescan_count(text, text + MANY, '\0'), MANY - 3);
    free(text);
}

/* One or two special bytes at every place of a text of every length. */
static void each_place_in_each_length(void **state)
{
    (void)state;
    static const char special[] = {' ', '\t', '-', '\n', '\0'};
    for (size_t len = 0; len <= LONGEST; len++) {
        char *text = malloc(len + (len == 0));
        memset(text, 'x', len);
        expect_same(text, text + len);
        for (size_t at = 0; at < len; at++) {
            for (size_t s = 0; s < sizeof special; s++) {
                text[at] = special[s];
                expect_same(text, text + len);
                if (at + 1 < len) {
                    text[at + 1] = special[(s + 1) % sizeof special];
                    expect_same(text, text + len);
                    text[at + 1] = special[s];
                    expect_same(text, text + len);
                    text[at + 1] = 'x';
                }
            }
            text[at] = 'x';
        }
        free(text);
    }
}

/* Bytes that differ from the special ones in a single bit, and any others. */
static void random_texts(void **state)
{
    (void)state;
    static const char bytes[] = {' ',    '\t',   '-', '\n', '\0',   '\x01', '\x08', '\x0b',
                                 '\x8a', '\xff', 'a', '!',  '\xa0', '\x80', ',',    '\xad'};
    uint32_t random = 1;
    for (int round = 0; round < 20000; round++) {
        random = random * 1664525u + 1013904223u;
        size_t len = (random >> 16) % LONGEST;
        uint32_t rarity = 1 + (random >> 9) % 60;
        char *text = malloc(len + 1);
        char *begin = text + 1 - (len == 0); /* at an odd address */
        for (size_t i = 0; i < len; i++) {
            random = random * 1664525u + 1013904223u;
            begin[i] = (random >> 8) % rarity == 0 ? bytes[(random >> 24) % sizeof bytes] : 'x';
        }
        expect_same(begin, begin + len);
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_place_in_each_length),
        cmocka_unit_test(random_texts),
        cmocka_unit_test(many_are_counted),
    };
    return cmocka_run_group_tests_name("bytescan", tests, NULL, NULL);
}
