/* record: what a line goes through whatever its layout: headers, NULs, paths, two records on a
 * line, templates and escapes. */
#include "record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "clock.h"
#include "err.h"
#include "unit_line.h"

static const char *const names[] = {"gpfs", "lustre", "find"};

/* Fields that make a whole record, before the separator. */
static const char *const records[] = {
    "1 2 3 s=1 u=1 p=-rw-r--r--",
    "0x1:0x2:0x0 s=1 u=1 type=f",
    "131 s=1 u=1 type=f",
};

static struct entry entry;
static struct reject reject;

static enum record_kind parse_slice(const char *format, struct slice text)
{
    struct unit_line line = unit_line_parse(format, text);
    entry = line.entry;
    reject = line.reject;
    return line.kind;
}

static enum record_kind parse(const char *format, const char *line)
{
    return parse_slice(format, slice_from(line));
}

static void expect_reject(const char *format, const char *line, enum reject_reason reason)
{
    assert_int_equal(parse(format, line), RECORD_REJECT);
    if (reject.reason != reason)
        fail_msg("%s: '%s' instead of '%s'", line, reject_text(reject.reason), reject_text(reason));
}

static void headers(void **state)
{
    (void)state;
    static const char *const header[] = {
        "",
        " ",
        "\t \t",
        "#",
        "# 1 2 3 s=1 u=1 p=-rw-r--r-- -- /f",
        "[I] GPFS current data pool utilization",
        "[W]",
        "[Z] text",
    };
    static const char *const data[] = {
        "[I", "[I]x", "[i] text", " [I] text", " # text", "x", "[II] text", "[]", "-- /f",
    };
    for (int format = 0; format < 3; format++) {
        for (size_t i = 0; i < sizeof header / sizeof header[0]; i++)
            assert_int_equal(parse(names[format], header[i]), RECORD_HEADER);
        for (size_t i = 0; i < sizeof data / sizeof data[0]; i++)
            expect_reject(names[format], data[i], REJECT_HEAD);
    }
    assert_int_equal(parse_slice("gpfs", (struct slice){"# \0", 3}), RECORD_HEADER);
    assert_int_equal(parse("gpfs", "[E] node lost"), RECORD_SCAN_ERROR);
    assert_int_equal(parse("find", "[X]"), RECORD_SCAN_ERROR);
    assert_int_equal(reject.reason, REJECT_SCAN_ERROR);
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
                             RECORD_REJECT);
            assert_int_equal(reject.reason, REJECT_NUL);
            line[i] = kept;
        }
        assert_int_equal(parse_slice(names[format], (struct slice){line, (size_t)len + 1}),
                         RECORD_REJECT);
        assert_int_equal(reject.reason, REJECT_NUL);
    }
}

/* What record_next cuts off a text, record by record, and what it says of each. */
static void expect_cuts(const struct record_log *how, struct slice text, const struct slice *cut,
                        size_t count, size_t entry_at, const char *path)
{
    struct layout layout;
    layout_find(&layout, slice_from("find"));
    struct record_log log = *how;
    log.layout = &layout;
    struct record_reader reader = {.line = {NULL, 0}};
    for (size_t i = 0; i < count; i++) {
        enum record_kind kind = record_next(&log, &reader, &text, &entry, &reject);
        assert_true(slice_equal(reader.line, cut[i]));
        assert_int_equal(kind, i == entry_at ? RECORD_ENTRY : RECORD_HEADER);
        if (i == entry_at)
            assert_true(slice_equal(entry.path, slice_from(path)));
    }
    assert_int_equal(text.len, 0);
    record_reader_dispose(&reader);
}

static void lines_are_cut_at_their_ends(void **state)
{
    (void)state;
    const struct slice text = slice_from("# a\r\n\n131 s=1 u=1 type=f -- /f\r\r\n#\r");
    const struct slice kept[] = {slice_from("# a\r"), slice_from(""),
                                 slice_from("131 s=1 u=1 type=f -- /f\r\r"), slice_from("#\r")};
    expect_cuts(&(struct record_log){.layout = NULL}, text, kept, 4, 2, "/f\r\r");
    /* In a CRLF log one return belongs to the end of each line. */
    const struct slice dropped[] = {slice_from("# a"), slice_from(""),
                                    slice_from("131 s=1 u=1 type=f -- /f\r"), slice_from("#\r")};
    expect_cuts(&(struct record_log){.drops_return = true}, text, dropped, 4, 2, "/f\r");
    const struct slice nul_text = {"# a\0001 s=1 u=1 type=f -- /a\nb\0#\n", 32};
    const struct slice nul_ended[] = {slice_from("# a"), slice_from("1 s=1 u=1 type=f -- /a\nb"),
                                      slice_from("#\n")};
    expect_cuts(&(struct record_log){.null_ended = true}, nul_text, nul_ended, 3, 1, "/a\nb");
}

static void expect_path(const char *tail, const char *path)
{
    for (int format = 0; format < 3; format++) {
        char line[256];
        snprintf(line, sizeof line, "%s%s", records[format], tail);
        if (parse(names[format], line) != RECORD_ENTRY)
            fail_msg("%s: %s", line, reject_text(reject.reason));
        assert_true(slice_equal(entry.path, slice_from(path)));
    }
}

/* Where records end in NUL, a newline in a name cannot be why a line does not begin like one. */
static void the_advice_fits_the_end_of_records(void **state)
{
    (void)state;
    struct layout layout;
    layout_find(&layout, slice_from("find"));
    struct record_log log = {.layout = &layout};
    struct record_reader reader = {.line = {NULL, 0}};
    struct unit_line line = unit_line_read(&log, slice_from("e/f"), &reader);
    assert_non_null(strstr(reject_text(line.reject.reason), "--null"));
    log.null_ended = true;
    line = unit_line_read(&log, slice_from("e/f"), &reader);
    assert_int_equal(line.kind, RECORD_REJECT);
    assert_null(strstr(reject_text(line.reject.reason), "--null"));
    record_reader_dispose(&reader);
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
    assert_int_equal(parse("find", "1 s=1 u=1 type=d -- ///"), RECORD_ENTRY);
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
    expect_reject("gpfs", "1 2 3 s=14 5 6 s=2 u=2 p=-rw-r--r-- -- /a", REJECT_TWO_RECORDS);
    static const char threads[] = "<1> 1 2 3 s=5 u=1 p=<2> 4 5 6 s=2 u=2 p=-rw-r--r-- -- /a";
    expect_reject("gpfs", threads, REJECT_TWO_RECORDS);
    assert_int_equal(reject.second,
                     strstr(threads, "<2>") - threads); /* it begins with its thread */
    expect_reject("find", "131 s=1 u=1 type=f132 s=1 u=1 type=f -- /a", REJECT_TYPE);
}

static void a_key_that_comes_twice(void **state)
{
    (void)state;
    expect_reject("gpfs", "1 2 3 s=1 u=1 p=-rw-r--r-- s=1 -- /a", REJECT_TWO_RECORDS);
    expect_reject("gpfs",
                  "1 2 3 s=1 u=1 p=-rw-r--r-- ac=2000-01-01 00:00:00 ac=2000-01-01 00:00:00 -- /a",
                  REJECT_TWO_RECORDS);
    expect_reject("lustre", "0x1:0x2:0x0 s=1 u=1 u=1 type=f -- /a", REJECT_TWO_RECORDS);
    expect_reject("find", "131 s=1 u=1 type=f type=f -- /a", REJECT_TWO_RECORDS);
    expect_reject("find", "131 s=1 u=1 type=f 132 s=1 u=1 type=f -- /a", REJECT_TWO_RECORDS);
    /* unknown keys may */
    assert_int_equal(parse("find", "131 s=1 u=1 x=1 x=1 mm= mm= type=f -- /a"), RECORD_ENTRY);
}

/* A path may look like a record in all but one thing. */
static void paths_that_only_look_like_records(void **state)
{
    (void)state;
    expect_path(" -- /a/131 s=1 u=1 -- /b", "/a/131 s=1 u=1 -- /b");
    expect_path(" -- /a 0x1:0x2:0x0 s=1 -- /b", "/a 0x1:0x2:0x0 s=1 -- /b");
    assert_int_equal(parse("lustre", "0x1:0x2:0x0 s=1 u=1 type=f -- /a/131 s=1 u=1 type=f -- /b"),
                     RECORD_ENTRY); /* a record of another format */
    assert_int_equal(
        parse("lustre", "0x1:0x2:0x0 s=1 u=1 type=f -- /a0x1:0x2:0x0 s=1 u=1 type=f --/b"),
        RECORD_ENTRY); /* no separator */
    assert_int_equal(
        parse("lustre", "0x1:0x2:0x0 s=1 u=1 type=f -- /a0x1:0x2:0x0 s=1 u=1 type=f -- b"),
        RECORD_ENTRY); /* no path behind it */
    assert_int_equal(
        parse("lustre", "0x1:0x2:0x0 s=1 u=1 type=f -- /a0x1:0x2:0x0 s=x u=1 type=f -- /b"),
        RECORD_ENTRY); /* a malformed size */
}

/* Every beginning of a good line and every single byte changed: no crash, no read beyond the end,
 * and what is taken is a path within the line. */
static void damaged_lines_do_no_harm(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "<3> 65540 406945146 0  s=1867 a=0 u=10039 g=502 p=-rw-r--r-- ac=2025-12-08 19:08:54.1 -- /a/f",
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
                    enum record_kind kind = parse_slice(names[format], (struct slice){line, cut});
                    if (kind == RECORD_ENTRY && entry.path.ptr[0] != '/')
                        fail_msg("a path that is none in %.*s", (int)cut, line);
                    if (kind == RECORD_REJECT)
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
        {"1 2 3 ", "s=12345 u=67 g=8 ac=1970-01-02 00:00:05.5 p=drwx------", "/d -- x"},
        {"0x1:0x2:0x0 ", "s=12345 u=67 g=8 a=86405.5 type=d perm=0700", "/d -- x"},
        {"131 ", "s=12345 u=67 g=8 a=86405.5 type=d perm=0700", "/d -- x"},
    };
    static char line[4096];
    for (int format = 0; format < 3; format++) {
        for (int length = 0; length < 2300; length += length < 200 || length > 900 ? 1 : 7) {
            snprintf(line, sizeof line, "%sx=%0*d %s xattr=%0*d -- %s", fields[format][0], length,
                     0, fields[format][1], length / 2, 0, fields[format][2]);
            assert_int_equal(parse(names[format], line), RECORD_ENTRY);
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

/* One line by a template, with HEAD of gpfs unless another is named. */
static struct unit_line by_template(const char *template_text, enum layout_head head,
                                    enum layout_escape escape, const char *line)
{
    static struct layout layout;
    static struct record_reader reader;
    struct err err = {0};
    const struct layout_options options = {.head = head, .escape = escape};
    record_reader_dispose(&reader);
    if (layout_compile(&layout, "t", slice_from(template_text), &options, &err) != 0)
        fail_msg("%s", err.text);
    const struct record_log log = {
        .layout = &layout, .path_escape = escape, .scan_day = INT64_C(1000) * CLOCK_DAY};
    return unit_line_read(&log, slice_from(line), &reader);
}

static void templates(void **state)
{
    (void)state;
    struct unit_line line = by_template("%uid %gid %* %size %alloc_kb", LAYOUT_HEAD_GPFS,
                                        LAYOUT_PLAIN, "5001 77001 0  1000 100 root 4096 8 -- /x y");
    assert_int_equal(line.kind, RECORD_ENTRY);
    assert_int_equal(line.reject.reason, REJECT_NONE);
    assert_int_equal(line.entry.uid, 1000);
    assert_int_equal(line.entry.gid, 100);
    assert_int_equal(line.entry.size, 4096);
    assert_int_equal(line.entry.alloc, 8192);
    assert_true(slice_equal(line.entry.path, slice_from("/x y")));
    line = by_template("%uid:%size:%alloc_kb", LAYOUT_HEAD_GPFS, LAYOUT_PLAIN,
                       "5001 77001 0 1000:4096:8 -- /x");
    assert_int_equal(line.entry.uid, 1000);
    assert_int_equal(line.entry.alloc, 8192);
    line = by_template("%alloc_kb * %size * %uid * %* * %mtime", LAYOUT_HEAD_GPFS, LAYOUT_PLAIN,
                       "5 7 0  8 * 4096 * 1000 * root * 2024-05-01 10:11:12.000000 -- /x");
    assert_int_equal(line.kind, RECORD_ENTRY);
    assert_int_equal(line.entry.mtime, 1714558272);
    assert_int_equal(line.entry.atime, ENTRY_NO_TIME);
    line = by_template("%size %mtime %atime_days 100%% %alloc", LAYOUT_HEAD_NONE, LAYOUT_PLAIN,
                       "7\t2024/05/01 10:11:12   10 100% 6 -- /x");
    assert_int_equal(line.kind, RECORD_ENTRY);
    assert_int_equal(line.entry.uid, LAYOUT_UNKNOWN_OWNER);
    assert_int_equal(line.entry.mtime, 1714558272);
    assert_int_equal(line.entry.atime, 990 * CLOCK_DAY);
    assert_int_equal(line.entry.alloc, 6);
    line = by_template("\"%path\" %size %uid %type", LAYOUT_HEAD_NONE, LAYOUT_BACKSLASH,
                       "\"/a \\\" 1 2 d\\n\" 9 8 dir");
    assert_int_equal(line.kind, RECORD_ENTRY);
    assert_true(slice_equal(line.entry.path, slice_from("/a \" 1 2 d\n")));
    assert_true(line.entry.is_directory);
    line = by_template("%size %path", LAYOUT_HEAD_NONE, LAYOUT_PLAIN, "9 /a b ");
    assert_true(slice_equal(line.entry.path, slice_from("/a b ")));
}

static void lines_that_do_not_fit_the_template(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        enum reject_reason reason;
    } lines[] = {
        {"1 2 3 10 20 30 -- /x", REJECT_NONE},
        {"1 2 3 10 20 -- /x", REJECT_OWNER},
        {"1 2 3 10 20 30", REJECT_SEPARATOR},
        {"1 2 3 10 20 30 40 -- /x", REJECT_TEMPLATE},
        {"1 2 3 10 20 x -- /x", REJECT_OWNER},
        {"1 2 3 10 x 30 -- /x", REJECT_GROUP},
        {"1 2 3 x 20 30 -- /x", REJECT_SIZE},
        {"1 2 3 10 20 30 -- x", REJECT_RELATIVE_PATH},
        {"1 2 3 10 20 30 -- ", REJECT_EMPTY_PATH},
        {"1 2 10 20 30 -- /x", REJECT_OWNER},
        {"1 2 3 10 20 30 -- /x1 2 3 10 20 30 -- /y", REJECT_TWO_RECORDS},
    };
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        struct unit_line line =
            by_template("%size %gid %uid", LAYOUT_HEAD_GPFS, LAYOUT_PLAIN, lines[i].line);
        if (line.reject.reason != lines[i].reason)
            fail_msg("%s: %s", lines[i].line, reject_text(line.reject.reason));
    }
}

/* The keys of a line are expected in the next: unknown keys of every length must not be taken for
 * ours, nor ours for them. */
static void keys_of_the_line_before(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "131 s=1 u=2 g=3 type=f a=4 -- /a",
        "131 s=1 seventh=9 g=3 type=f u=2 a=4 -- /a",
        "131 s=1 u=2 g=3 type=f a=4 -- /a",
        "131 s=1 x=9 type=f u=2 g=3 a=4 -- /a",
        "131 s=1 eightkey=9 u=2 type=f g=3 a=4 -- /a",
        "131 s=1 ninechars=9 u=2 type=f g=3 a=4 -- /a",
        "131 =9 s=1 u=2 g=3 type=f a=4 -- /a",
        "131 s=1 u=2 xtype=d type=f g=3 a=4 -- /a",
        "131\ts=1\tu=2\ttype=f\tg=3\ta=4\t--\t/a",
        "131 abcdef=9 abcde=9 abcd=9 abc=9 ab=9 s=1 u=2 type=f g=3 a=4 -- /a",
    };
    enum { LINES = sizeof lines / sizeof lines[0] };
    for (int i = 0; i < LINES * LINES; i++) { /* each after each other one */
        /* A path long enough for the quick way through the fields. */
        static const char path[] = "/long/enough/for/the/quick/way/through/the/fields";
        char first[256];
        char second[256];
        snprintf(first, sizeof first, "%s%s", lines[i / LINES], path);
        snprintf(second, sizeof second, "%s%s", lines[i % LINES], path);
        struct unit_line line = unit_line_second("find", first, second);
        assert_int_equal(line.kind, RECORD_ENTRY);
        assert_int_equal(line.reject.reason, REJECT_NONE);
        assert_int_equal(line.entry.size, 1);
        assert_int_equal(line.entry.uid, 2);
        assert_int_equal(line.entry.gid, 3);
        assert_int_equal(line.entry.atime, 4);
        assert_false(line.entry.is_directory);
    }
}

static void escaped_fields_and_paths(void **state)
{
    (void)state;
    struct layout layout;
    layout_find(&layout, slice_from("gpfs"));
    struct record_log log = {
        .layout = &layout, .path_escape = LAYOUT_PERCENT, .fields_are_escaped = true};
    struct record_reader reader = {.line = {NULL, 0}};
    struct unit_line line = unit_line_read(
        &log,
        slice_from("5 1 0  s%3D1867%20a%3D0%20u%3D10039%20g%3D502%20p%3D-rw-r--r--%20ac%3D2025-12-"
                   "08%2019%3A08%3A54 -- %2Fgpfs/a%20b%zz.t%"),
        &reader);
    assert_int_equal(line.kind, RECORD_ENTRY);
    assert_int_equal(line.entry.size, 1867);
    assert_int_equal(line.entry.gid, 502);
    assert_int_equal(line.entry.atime, 1765220934);
    assert_true(slice_equal(line.entry.path, slice_from("/gpfs/a b%zz.t%")));
    line = unit_line_read(&log, slice_from("5 1 0  s%3D1 -- /x"), &reader);
    assert_int_equal(line.reject.reason, REJECT_NO_OWNER);
    log.fields_are_escaped = false;
    line = unit_line_read(&log, slice_from("5 1 0 s=1 u=1 p=drwxr-xr-x -- /a%00b"), &reader);
    assert_int_equal(line.reject.reason, REJECT_NUL_DECODED);
    record_reader_dispose(&reader);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(headers),
        cmocka_unit_test(a_nul_byte),
        cmocka_unit_test(lines_are_cut_at_their_ends),
        cmocka_unit_test(the_advice_fits_the_end_of_records),
        cmocka_unit_test(paths_keep_every_byte),
        cmocka_unit_test(paths_that_are_none),
        cmocka_unit_test(two_records_cut_in_the_path),
        cmocka_unit_test(two_records_cut_in_the_fields),
        cmocka_unit_test(a_key_that_comes_twice),
        cmocka_unit_test(paths_that_only_look_like_records),
        cmocka_unit_test(fields_at_every_place),
        cmocka_unit_test(damaged_lines_do_no_harm),
        cmocka_unit_test(templates),
        cmocka_unit_test(lines_that_do_not_fit_the_template),
        cmocka_unit_test(escaped_fields_and_paths),
        cmocka_unit_test(keys_of_the_line_before),
    };
    return cmocka_run_group_tests_name("record", tests, NULL, NULL);
}
