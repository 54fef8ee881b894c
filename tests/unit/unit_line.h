/* unit_line: one line through record_next, for the tests of the layouts. */
#ifndef FSTALLY_UNIT_LINE_H
#define FSTALLY_UNIT_LINE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "record.h"

/* What a line gave. The entry's path and the reject's value are borrowed until the next line. */
struct unit_line {
    enum record_kind kind;
    struct entry entry;
    struct reject reject; /* of an entry: its flaw, or REJECT_NONE */
};

/* Parses one line, without its line end, with a reader that has read others. It is given a copy of
 * exactly this length, so that the sanitizers see a read beyond the line. */
static inline struct unit_line unit_line_read(const struct record_log *log, struct slice text,
                                              struct record_reader *reader)
{
    static char *copy;
    struct unit_line result = {.kind = RECORD_HEADER};
    free(copy);
    copy = malloc(text.len + 1);
    memcpy(copy, text.ptr, text.len);
    if (text.len == 0)
        copy[text.len++] = '\n'; /* a parser is never asked for a line of no bytes at all */
    else
        copy = realloc(copy, text.len);
    struct slice rest = {copy, text.len};
    result.kind = record_next(log, reader, &rest, &result.entry, &result.reject);
    if (result.kind == RECORD_ENTRY) {
        struct slice path = result.entry.path;
        assert_ptr_equal(path.ptr + result.entry.slash, memrchr(path.ptr, '/', path.len));
    }
    return result;
}

/* The built-in layout of that name. */
static inline const struct layout *unit_line_layout(const char *format)
{
    static struct layout layouts[LAYOUT_BUILTINS];
    for (unsigned i = 0; i < LAYOUT_BUILTINS; i++) {
        if (layouts[i].count == 0)
            layout_builtin(&layouts[i], i);
        if (strcmp(layouts[i].name, format) == 0)
            return &layouts[i];
    }
    fail_msg("no layout is called %s", format);
    return NULL;
}

/* The same by the built-in layout of that name. */
static inline struct unit_line unit_line_next(const char *format, struct slice text,
                                              struct record_reader *reader)
{
    const struct record_log log = {.layout = unit_line_layout(format)};
    return unit_line_read(&log, text, reader);
}

/* The second of two lines of one text, which holds no other byte after the second. */
static inline struct unit_line unit_line_second(const char *format, const char *first,
                                                const char *second)
{
    static char *copy;
    struct record_reader reader = {.line = {NULL, 0}};
    struct unit_line result = {.kind = RECORD_HEADER};
    const struct record_log log = {.layout = unit_line_layout(format)};
    size_t len = strlen(first) + 1 + strlen(second);
    free(copy);
    copy = malloc(len + 1);
    snprintf(copy, len + 1, "%s\n%s", first, second);
    copy = realloc(copy, len);
    struct slice rest = {copy, len};
    assert_int_equal(record_next(&log, &reader, &rest, &result.entry, &result.reject),
                     RECORD_ENTRY);
    result.kind = record_next(&log, &reader, &rest, &result.entry, &result.reject);
    assert_int_equal(rest.len, 0);
    record_reader_dispose(&reader);
    return result;
}

/* The same with a new reader. */
static inline struct unit_line unit_line_parse(const char *format, struct slice text)
{
    struct record_reader reader = {.line = {NULL, 0}};
    struct unit_line line = unit_line_next(format, text, &reader);
    record_reader_dispose(&reader);
    return line;
}

/* Why the line is rejected or flawed; REJECT_NONE where it is neither, and *entry where it is not
 * rejected. A header is none of these. */
static inline enum reject_reason unit_line_reason(const char *format, const char *text,
                                                  struct entry *entry)
{
    struct unit_line line = unit_line_parse(format, slice_from(text));
    assert_int_not_equal(line.kind, RECORD_HEADER);
    *entry = line.entry;
    bool is_entry =
        line.reject.reason == REJECT_NONE || reject_class(line.reject.reason) == REJECT_FLAWED;
    assert_int_equal(line.kind, is_entry ? RECORD_ENTRY : RECORD_REJECT);
    return line.reject.reason;
}

#endif
