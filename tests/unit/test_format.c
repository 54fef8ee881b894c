/* format: what a line goes through whatever its format: headers, NULs, paths, two records on a
 * line, and telling the format from the content. */
#include "format.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "unit_line.h"

static const char *const names[] = {"gpfs", "lustre", "find"};

/* Fields that make a whole record, before the separator. */
static const char *const records[] = {
    "1 2 3 s=1 u=1 p=-rw",
    "0x1:0x2:0x0 s=1 u=1 type=f",
    "131 s=1 u=1 type=f",
};

static struct entry entry;
static struct reject reject;

static enum format_line parse_slice(const char *format, struct slice text)
{
    struct unit_line line = unit_line_parse(format, text);
    entry = line.entry;
    reject = line.reject;
    return line.kind;
}

static enum format_line parse(const char *format, const char *line)
{
    return parse_slice(format, slice_from(line));
}

static void expect_reject(const char *format, const char *line, enum reject_reason reason)
{
    assert_int_equal(parse(format, line), FORMAT_REJECT);
    if (reject.reason != reason)
        fail_msg("%s: '%s' instead of '%s'", line, reject_text(reject.reason), reject_text(reason));
}

static void formats_are_found_by_name(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        assert_string_equal(format_name(format_find(slice_from(names[i]))), names[i]);
        assert_non_null(strstr(format_names(), names[i]));
    }
    assert_null(format_find(slice_from("GPFS")));
    assert_null(format_find(slice_from("gpf")));
    assert_null(format_find(slice_from("")));
}

static void headers(void **state)
{
    (void)state;
    static const char *const header[] = {
        "",
        " ",
        "\t \t",
        "#",
        "# 1 2 3 s=1 u=1 p=- -- /f",
        "[I] GPFS current data pool utilization",
        "[W]",
        "[E]x",
    };
    static const char *const data[] = {
        "[I", "[X] text", "[i] text", " [I] text", " # text", "x", "[II] text", "[]", "-- /f",
    };
    for (int format = 0; format < 3; format++) {
        for (size_t i = 0; i < sizeof header / sizeof header[0]; i++)
            assert_int_equal(parse(names[format], header[i]), FORMAT_HEADER);
        for (size_t i = 0; i < sizeof data / sizeof data[0]; i++)
            expect_reject(names[format], data[i], REJECT_HEAD);
    }
    assert_int_equal(parse_slice("gpfs", (struct slice){"# \0", 3}), FORMAT_HEADER);
}

/* Wherever the NUL stands, and whatever else is wrong with the line. */
static void a_nul_byte(void **state)
{
    (void)state;
    for (int format = 0; format < 3; format++) {
        char line[128];
        int len = snprintf(line, sizeof line, "%s -- /a/b", records[format]);
        for (int i = 0; i < len; i++) {
            char kept = line[i];
            line[i] = '\0';
            assert_int_equal(parse_slice(names[format], (struct slice){line, (size_t)len}),
                             FORMAT_REJECT);
            assert_int_equal(reject.reason, REJECT_NUL);
            line[i] = kept;
        }
        assert_int_equal(parse_slice(names[format], (struct slice){line, (size_t)len + 1}),
                         FORMAT_REJECT);
        assert_int_equal(reject.reason, REJECT_NUL);
    }
}

/* What format_parse cuts off a text, line by line, and what it says of the last one. */
static void lines_are_cut_at_their_ends(void **state)
{
    (void)state;
    static const char text[] = "# a\r\n\r\n\n131 s=1 u=1 type=f -- /f\r\r\n#\r";
    static const char *const cut[] = {"# a", "", "", "131 s=1 u=1 type=f -- /f\r", "#\r"};
    struct format_memo memo = {0};
    struct slice rest = slice_from(text);
    for (int i = 0; i < 5; i++) {
        struct slice line;
        enum format_line kind =
            format_parse(format_find(slice_from("find")), &rest, &line, &memo, &entry, &reject);
        assert_true(slice_equal(line, slice_from(cut[i])));
        assert_int_equal(kind, i == 3 ? FORMAT_ENTRY : FORMAT_HEADER);
    }
    assert_int_equal(rest.len, 0);
    assert_true(slice_equal(entry.path, slice_from("/f\r"))); /* one return belongs to the end */
}

static void expect_path(const char *tail, const char *path)
{
    for (int format = 0; format < 3; format++) {
        char line[256];
        snprintf(line, sizeof line, "%s%s", records[format], tail);
        if (parse(names[format], line) != FORMAT_ENTRY)
            fail_msg("%s: %s", line, reject_text(reject.reason));
        assert_true(slice_equal(entry.path, slice_from(path)));
    }
}

static void paths_keep_every_byte(void **state)
{
    (void)state;
    expect_path(" -- /a", "/a");
    expect_path("\t--\t/a\t", "/a\t");
    expect_path("  --  \t /a b  ", "/a b  ");
    expect_path(" -- /a -- b", "/a -- b");
    expect_path(" -- /a -- /b", "/a -- /b");
    expect_path(" -- /a -- /b -- /c --", "/a -- /b -- /c --");
    expect_path(" -- /\xff\x80\x01#%41\\n", "/\xff\x80\x01#%41\\n");
    expect_path(" -- //a//b/", "//a//b/");
    expect_path(" -- /a\r", "/a\r");
    expect_path(" -- /.", "/.");
    expect_path(" x--y ---  -- /a", "/a");
}

static void paths_that_are_none(void **state)
{
    (void)state;
    for (int format = 0; format < 3; format++) {
        char line[256];
        snprintf(line, sizeof line, "%s -- ", records[format]);
        expect_reject(names[format], line, REJECT_EMPTY_PATH);
        snprintf(line, sizeof line, "%s --\t \t", records[format]);
        expect_reject(names[format], line, REJECT_EMPTY_PATH);
        snprintf(line, sizeof line, "%s -- a/b", records[format]);
        expect_reject(names[format], line, REJECT_RELATIVE_PATH);
        snprintf(line, sizeof line, "%s -- -- /a", records[format]);
        expect_reject(names[format], line, REJECT_RELATIVE_PATH);
        snprintf(line, sizeof line, "%s -- ./a", records[format]);
        expect_reject(names[format], line, REJECT_RELATIVE_PATH);
        snprintf(line, sizeof line, "%s -- /", records[format]);
        expect_reject(names[format], line, REJECT_ROOT);
        snprintf(line, sizeof line, "%s -- ///", records[format]);
        expect_reject(names[format], line, REJECT_ROOT);
        snprintf(line, sizeof line, "%s --", records[format]);
        expect_reject(names[format], line, REJECT_SEPARATOR);
    }
    assert_int_equal(parse("find", "1 s=1 u=1 type=d -- ///"), FORMAT_ENTRY);
    assert_true(entry.is_directory);
}

/* A record that was cut in its path; the next one is glued on. */
static void two_records_cut_in_the_path(void **state)
{
    (void)state;
    for (int format = 0; format < 3; format++) {
        char line[256];
        int begin = snprintf(line, sizeof line, "%s -- /a/b/cut", records[format]);
        snprintf(line + begin, sizeof line - (size_t)begin, "%s -- /a/b/next", records[format]);
        expect_reject(names[format], line, REJECT_TWO_RECORDS);
        assert_int_equal(reject.second, begin);
        /* and where the next one's path holds separators of its own */
        strcat(line, " -- /x -- y");
        expect_reject(names[format], line, REJECT_TWO_RECORDS);
        assert_int_equal(reject.second, begin);
    }
}

static void two_records_cut_in_the_fields(void **state)
{
    (void)state;
    static const char glued[] = "0x1:0x2:0x0 s=1 b=8 u=10x240:0x1f:0x0 s=2 b=8 u=2 type=f -- /a";
    expect_reject("lustre", glued, REJECT_TWO_RECORDS);
    /* It cannot be told whether the `0` belongs to u=10 or to 0x240; it begins a FID. */
    assert_int_equal(reject.second, strstr(glued, "0x240") - glued);
    expect_reject("lustre", "0x1:0x2:0x00x3:0x4:0x0 s=1 u=1 type=f -- /a", REJECT_HEAD);
    expect_reject("gpfs", "1 2 3 s=14 5 6 s=2 u=2 p=- -- /a", REJECT_TWO_RECORDS);
    static const char threads[] = "<1> 1 2 3 s=5 u=1 p=<2> 4 5 6 s=2 u=2 p=- -- /a";
    expect_reject("gpfs", threads, REJECT_TWO_RECORDS);
    assert_int_equal(reject.second,
                     strstr(threads, "<2>") - threads); /* it begins with its thread */
    expect_reject("find", "131 s=1 u=1 type=f132 s=1 u=1 type=f -- /a", REJECT_KIND);
}

static void a_key_that_comes_twice(void **state)
{
    (void)state;
    expect_reject("gpfs", "1 2 3 s=1 u=1 p=- s=1 -- /a", REJECT_TWO_RECORDS);
    expect_reject("gpfs", "1 2 3 s=1 u=1 p=- ac=2000-01-01 00:00:00 ac=2000-01-01 00:00:00 -- /a",
                  REJECT_TWO_RECORDS);
    expect_reject("lustre", "0x1:0x2:0x0 s=1 u=1 u=1 type=f -- /a", REJECT_TWO_RECORDS);
    expect_reject("find", "131 s=1 u=1 type=f type=f -- /a", REJECT_TWO_RECORDS);
    expect_reject("find", "131 s=1 u=1 type=f 132 s=1 u=1 type=f -- /a", REJECT_TWO_RECORDS);
    /* unknown keys may */
    assert_int_equal(parse("find", "131 s=1 u=1 x=1 x=1 m= m= type=f -- /a"), FORMAT_ENTRY);
}

/* A path may look like a record in all but one thing. */
static void paths_that_only_look_like_records(void **state)
{
    (void)state;
    expect_path(" -- /a/131 s=1 u=1 -- /b", "/a/131 s=1 u=1 -- /b");
    expect_path(" -- /a 0x1:0x2:0x0 s=1 -- /b", "/a 0x1:0x2:0x0 s=1 -- /b");
    assert_int_equal(parse("lustre", "0x1:0x2:0x0 s=1 u=1 type=f -- /a/131 s=1 u=1 type=f -- /b"),
                     FORMAT_ENTRY); /* a record of another format */
    assert_int_equal(
        parse("lustre", "0x1:0x2:0x0 s=1 u=1 type=f -- /a0x1:0x2:0x0 s=1 u=1 type=f --/b"),
        FORMAT_ENTRY); /* no separator */
    assert_int_equal(
        parse("lustre", "0x1:0x2:0x0 s=1 u=1 type=f -- /a0x1:0x2:0x0 s=1 u=1 type=f -- b"),
        FORMAT_ENTRY); /* no path behind it */
    assert_int_equal(
        parse("lustre", "0x1:0x2:0x0 s=1 u=1 type=f -- /a0x1:0x2:0x0 s=x u=1 type=f -- /b"),
        FORMAT_ENTRY); /* a malformed size */
}

static const struct format *detect(const char *text, bool *only_headers)
{
    return format_detect(slice_from(text), only_headers);
}

static void the_format_is_told_from_the_content(void **state)
{
    (void)state;
    bool only_headers;
    for (int format = 0; format < 3; format++) {
        char text[512];
        snprintf(text, sizeof text, "[I] header\r\n\n#\nnonsense\n%s -- /a\r\n%s -- /b",
                 records[format], records[format]);
        assert_string_equal(format_name(detect(text, &only_headers)), names[format]);
        assert_false(only_headers);
    }
}

/* However long the headers are: they tell nothing. */
static void headers_do_not_count_in_detection(void **state)
{
    (void)state;
    enum { HEADERS = 5000 };
    static char text[HEADERS * 4 + 64];
    for (int i = 0; i < HEADERS; i++)
        memcpy(text + i * 4, "[I]\n", 4);
    strcpy(text + HEADERS * 4, "0x1:0x1:0x0 s=1 u=1 type=f -- /a\n");
    bool only_headers;
    assert_ptr_equal(detect(text, &only_headers), format_find(slice_from("lustre")));
    assert_false(only_headers);
}

static void the_most_lines_win(void **state)
{
    (void)state;
    bool only_headers;
    assert_string_equal(format_name(detect("131 s=1 u=1 type=f -- /a\n"
                                           "0x1:0x1:0x0 s=1 u=1 type=f -- /a\n"
                                           "0x1:0x1:0x0 s=1 u=1 type=f -- /b\n",
                                           &only_headers)),
                        "lustre");
}

static void no_format(void **state)
{
    (void)state;
    bool only_headers = false;
    assert_null(detect("", &only_headers));
    assert_true(only_headers);
    only_headers = false;
    assert_null(detect("[I] x\n\n# y\n   \n", &only_headers));
    assert_true(only_headers);
    assert_null(detect("[I] x\nhello\n", &only_headers));
    assert_false(only_headers);
    assert_null(detect("131 s=1", &only_headers)); /* cut */
    assert_false(only_headers);
}

/* Only the first 1,000 data lines are judged; headers are not among them. */
static void detection_looks_at_a_thousand_lines(void **state)
{
    (void)state;
    enum { ROOM = 200000 };
    static char text[ROOM];
    bool only_headers;
    for (int nonsense = 999; nonsense <= 1000; nonsense++) {
        text[0] = '\0';
        char *end = text;
        for (int i = 0; i < nonsense; i++)
            end += snprintf(end, (size_t)(text + ROOM - end), "# header\nnonsense\n");
        strcpy(end, "131 s=1 u=1 type=f -- /a\n");
        const struct format *format = detect(text, &only_headers);
        if (nonsense == 999)
            assert_ptr_equal(format, format_find(slice_from("find")));
        else
            assert_null(format);
        assert_false(only_headers);
    }
}

/* Every beginning of a good line and every single byte changed: no crash, no read beyond the end,
 * and what is taken is a path within the line. */
static void damaged_lines_do_no_harm(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "<3> 65540 406945146 0  s=1867 a=0 u=10039 g=502 p=-rw- ac=2025-12-08 19:08:54.1 -- /a/f",
        "0x24001959d:0x1f:0x0 s=1 b=3 u=38057 g=68122 p= type=d a=-1769700762.5 -- /l/x -- /y",
        "131 s=4096 b=8 u=0 g=0 type=f perm=0644 a=1769700762.1234567890 -- /usr/bin/x",
    };
    static const char bytes[] = {'\0', ' ', '\t', '-', '=', '/',   '0',
                                 '9',  ':', '<',  '.', 'x', '\xff'};
    for (int format = 0; format < 3; format++) {
        char line[128];
        size_t len = strlen(lines[format]);
        for (size_t cut = 0; cut <= len; cut++)
            for (size_t b = 0; b <= sizeof bytes; b++)
                for (size_t at = 0; at < cut; at++) {
                    memcpy(line, lines[format], cut);
                    if (b < sizeof bytes)
                        line[at] = bytes[b];
                    enum format_line kind = parse_slice(names[format], (struct slice){line, cut});
                    if (kind == FORMAT_ENTRY && entry.path.ptr[0] != '/')
                        fail_msg("a path that is none in %.*s", (int)cut, line);
                    if (kind == FORMAT_REJECT)
                        assert_true(reject.reason != REJECT_NONE && reject.second <= cut);
                    if (b == sizeof bytes || cut < len)
                        break; /* the cut alone; every byte only of the whole line */
                }
    }
}

/* Lines are looked at in blocks and windows: a field means the same wherever in them it lies. An
 * unknown field of every length stands before, and behind, each of the others. */
static void fields_at_every_place(void **state)
{
    (void)state;
    static const char *const fields[][3] = {
        {"1 2 3 ", "s=12345 u=67 g=8 ac=1970-01-02 00:00:05.5 p=drwx", "/d -- x"},
        {"0x1:0x2:0x0 ", "s=12345 u=67 g=8 a=86405.5 type=d perm=0700", "/d -- x"},
        {"131 ", "s=12345 u=67 g=8 a=86405.5 type=d perm=0700", "/d -- x"},
    };
    static char line[4096];
    for (int format = 0; format < 3; format++) {
        for (int length = 0; length < 2300; length += length < 200 || length > 900 ? 1 : 7) {
            snprintf(line, sizeof line, "%sx=%0*d %s xattr=%0*d -- %s", fields[format][0], length,
                     0, fields[format][1], length / 2, 0, fields[format][2]);
            assert_int_equal(parse(names[format], line), FORMAT_ENTRY);
            assert_int_equal(entry.size, 12345);
            assert_int_equal(entry.uid, 67);
            assert_int_equal(entry.gid, 8);
            assert_int_equal(entry.atime, 86405);
            assert_true(entry.is_directory);
            assert_true(slice_equal(entry.path, slice_from("/d -- x")));
            /* The same key once more, as far behind: never passed over. */
            snprintf(line, sizeof line, "%s%s x=%0*d u=67 -- /d", fields[format][0],
                     fields[format][1], length, 0);
            expect_reject(names[format], line, REJECT_TWO_RECORDS);
            /* Glued on in the path, as far behind. */
            snprintf(line, sizeof line, "%s%s -- /%0*d%s -- /e", fields[format][0],
                     fields[format][1], length, 0, records[format]);
            expect_reject(names[format], line, REJECT_TWO_RECORDS);
            /* No separator at all. */
            snprintf(line, sizeof line, "%s%s x=%0*d", fields[format][0], fields[format][1], length,
                     0);
            expect_reject(names[format], line, REJECT_SEPARATOR);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(formats_are_found_by_name),
        cmocka_unit_test(headers),
        cmocka_unit_test(a_nul_byte),
        cmocka_unit_test(lines_are_cut_at_their_ends),
        cmocka_unit_test(paths_keep_every_byte),
        cmocka_unit_test(paths_that_are_none),
        cmocka_unit_test(two_records_cut_in_the_path),
        cmocka_unit_test(two_records_cut_in_the_fields),
        cmocka_unit_test(a_key_that_comes_twice),
        cmocka_unit_test(paths_that_only_look_like_records),
        cmocka_unit_test(the_format_is_told_from_the_content),
        cmocka_unit_test(headers_do_not_count_in_detection),
        cmocka_unit_test(the_most_lines_win),
        cmocka_unit_test(no_format),
        cmocka_unit_test(detection_looks_at_a_thousand_lines),
        cmocka_unit_test(fields_at_every_place),
        cmocka_unit_test(damaged_lines_do_no_harm),
    };
    return cmocka_run_group_tests_name("format", tests, NULL, NULL);
}
