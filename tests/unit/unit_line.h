/* unit_line: one line through format_parse, for the tests of the formats. */
#ifndef FSTALLY_UNIT_LINE_H
#define FSTALLY_UNIT_LINE_H

#include <stdlib.h>
#include <string.h>

#include "format.h"

/* What a line gave. The entry's path is borrowed until the next line. */
struct unit_line {
    enum format_line kind;
    struct entry entry;
    struct reject reject; /* REJECT_NONE where it is an entry */
};

/* Parses one line, without its line end, with a parser that remembers `memo`. It is given a copy of
 * exactly this length, so that the sanitizers see a read beyond the line. */
static inline struct unit_line unit_line_next(const char *format, struct slice text,
                                              struct format_memo *memo)
{
    static char *copy;
    struct unit_line result = {.reject = {REJECT_NONE, 0}};
    struct slice line;
    free(copy);
    copy = malloc(text.len + 1);
    memcpy(copy, text.ptr, text.len);
    if (text.len == 0)
        copy[text.len++] = '\n'; /* a parser is never asked for a line of no bytes at all */
    else
        copy = realloc(copy, text.len);
    struct slice rest = {copy, text.len};
    result.kind = format_parse(format_find(slice_from(format)), &rest, &line, memo, &result.entry,
                               &result.reject);
    if (result.kind == FORMAT_ENTRY) {
        struct slice path = result.entry.path;
        assert_ptr_equal(path.ptr + result.entry.slash, memrchr(path.ptr, '/', path.len));
    }
    return result;
}

/* The same with a new parser. */
static inline struct unit_line unit_line_parse(const char *format, struct slice text)
{
    struct format_memo memo = {0};
    return unit_line_next(format, text, &memo);
}

/* Why the line is no record; REJECT_NONE, and *entry, where it is one. A header is neither. */
static inline enum reject_reason unit_line_reason(const char *format, const char *text,
                                                  struct entry *entry)
{
    struct unit_line line = unit_line_parse(format, slice_from(text));
    assert_int_not_equal(line.kind, FORMAT_HEADER);
    *entry = line.entry;
    return line.kind == FORMAT_ENTRY ? REJECT_NONE : line.reject.reason;
}

#endif
