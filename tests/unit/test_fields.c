/* fields: a line gives the same whether its shape is known or not. Each line is read by a reader
 * that has seen nothing, and by one that has just read a line of the usual shape. */
#include "fields.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "unit_line.h"

/* A line of each format, long enough for the quick way through it. */
static const struct {
    const char *format;
    const char *line;
} usual[] = {
    {"gpfs", "<3> 65540 406945146 0  s=1867 a=16 u=10039 g=502 m=FAu p=-rw-r--r-- "
             "ac=2025-12-08 19:08:54.112820 mt=2024-02-29 01:02:03.5 cr=2024-01-01 00:00:00 nl=1 "
             "po=data1 fs=root -- /gpfs/csfs1/asp/user1/project/run/f.nc"},
    {"lustre", "0x24001959d:0x1f:0x0 s=163849999999 b=32 u=38057 g=68122 p= type=d perm=0750 "
               "a=1769700762 m=1739055225 c=1739055225 -- /lustre/desc1/user1/project/run/f.nc"},
    {"find", "131 s=4096 b=8 u=0 g=0 type=f perm=0644 a=1769700762.1234567890 m=1739055225.5 "
             "c=1739055225.1234567890 -- /usr/bin/some/where/below/x"},
};

enum { FORMATS = sizeof usual / sizeof usual[0], LINE_MAX = 512, LINES = 60000 };

static uint64_t state_of_random = 1;

static size_t below(size_t bound)
{
    state_of_random = state_of_random * UINT64_C(6364136223846793005) + 1442695040888963407;
    return (size_t)(state_of_random >> 33) % bound;
}

static void swap(char *line, size_t a_begin, size_t a_end, size_t b_begin, size_t b_end)
{
    char out[LINE_MAX];
    snprintf(out, sizeof out, "%.*s%.*s%.*s%.*s%s", (int)a_begin, line, (int)(b_end - b_begin),
             line + b_begin, (int)(b_begin - a_end), line + a_end, (int)(a_end - a_begin),
             line + a_begin, line + b_end);
    memcpy(line, out, strlen(out) + 1);
}

/* The begin of a word in the line, and its end. */
static size_t some_word(const char *line, size_t *end)
{
    size_t begin = below(strlen(line));
    while (begin > 0 && line[begin - 1] != ' ')
        begin--;
    *end = begin + strcspn(line + begin, " ");
    return begin;
}

/* Changes a line a little: a byte, a word left out, two words that change places. */
static void change(char *line)
{
    static const char bytes[] = " =-/:.09asugpmctd\t_T%<xA";
    size_t len = strlen(line);
    size_t end;
    size_t begin = some_word(line, &end);
    size_t other_end;
    size_t other = some_word(line, &other_end);
    switch (below(4)) {
    case 0:
        line[below(len)] = bytes[below(sizeof bytes - 1)];
        break;
    case 1:
        if (len < LINE_MAX - 2) {
            size_t at = below(len);
            memmove(line + at + 1, line + at, len - at + 1);
            line[at] = bytes[below(sizeof bytes - 1)];
        }
        break;
    case 2:
        memmove(line + begin, line + end, len - end + 1);
        break;
    default:
        if (end < other)
            swap(line, begin, end, other, other_end);
        else if (other_end < begin)
            swap(line, other, other_end, begin, end);
    }
}

static void expect_same(const struct unit_line *a, const struct unit_line *b, const char *line)
{
    bool same = a->kind == b->kind && a->reject.reason == b->reject.reason;
    if (same && a->kind == RECORD_ENTRY)
        same = a->entry.size == b->entry.size && a->entry.alloc == b->entry.alloc &&
               a->entry.uid == b->entry.uid && a->entry.gid == b->entry.gid &&
               a->entry.atime == b->entry.atime && a->entry.mtime == b->entry.mtime &&
               a->entry.is_directory == b->entry.is_directory &&
               a->entry.path.len == b->entry.path.len && a->entry.slash == b->entry.slash;
    if (!same)
        fail_msg("%s: %s; %s", line, reject_text(a->reject.reason), reject_text(b->reject.reason));
}

static void the_shape_changes_nothing(void **state)
{
    (void)state;
    for (size_t f = 0; f < FORMATS; f++) {
        unsigned entries = 0;
        for (int i = 0; i < LINES; i++) {
            char line[LINE_MAX];
            snprintf(line, sizeof line, "%s", usual[f].line);
            for (size_t changes = below(4); changes > 0 && strlen(line) > 1; changes--)
                change(line);
            if (line[0] == '\0')
                continue;
            struct unit_line fresh = unit_line_parse(usual[f].format, slice_from(line));
            struct unit_line known = unit_line_second(usual[f].format, usual[f].line, line);
            expect_same(&fresh, &known, line);
            entries += known.kind == RECORD_ENTRY;
        }
        assert_true(entries > LINES / 4);
    }
}

/* A fraction of any length is skipped, and what follows it is looked at. */
static void long_fractions(void **state)
{
    (void)state;
    for (size_t f = 0; f < FORMATS; f++) {
        for (int digits = 1; digits < 100; digits++) {
            for (int wrong = 0; wrong <= 1; wrong++) {
                char line[2 * LINE_MAX];
                const char *times = f == 0 ? "2025-12-08 19:08:54" : "1769700762";
                const char *at = strstr(usual[f].line, f == 0 ? "ac=" : "a=1");
                size_t before = (size_t)(at - usual[f].line) + (f == 0 ? 3 : 2);
                const char *after = strstr(at, f == 0 ? " mt=" : " m=");
                snprintf(line, sizeof line, "%.*s%s.%0*d%s%s", (int)before, usual[f].line, times,
                         digits, 0, wrong ? "x" : "", after);
                struct unit_line fresh = unit_line_parse(usual[f].format, slice_from(line));
                struct unit_line known = unit_line_second(usual[f].format, usual[f].line, line);
                assert_int_equal(known.kind, RECORD_ENTRY);
                assert_int_equal(known.reject.reason, wrong ? REJECT_ATIME : REJECT_NONE);
                expect_same(&fresh, &known, line);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_shape_changes_nothing),
        cmocka_unit_test(long_fractions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
