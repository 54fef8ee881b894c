/* format: the registry, and what a line goes through whatever its format.
 *
 * A line is classed as header first, then checked for a NUL, then handed to the format for HEAD and
 * FIELDS; the path is what remains. A line that fails in its fields, or whose path holds a further
 * ` -- `, is searched for a second record, because `lfs find` cuts a record at 1,023 bytes, loses
 * its newline and so glues the next one on. Reentrant; the memo belongs to one thread. */
#include "format.h"

#include "bytescan.h"
#include "fields.h"

static const struct format *const formats[] = {&gpfs_format, &lustre_format, &find_format};
enum { FORMATS = sizeof formats / sizeof formats[0] };

/* How far before its ` -- ` a second record may begin. Real fields take some 200 bytes; the bound
 * keeps the search short on a path that was made to be slow to search. */
enum { SECOND_RECORD_REACH = 512 };

/* More digits than any number that fits 64 bits. */
enum { DIGITS_MAX = 20 };

/* Enough lines to tell three formats apart, few enough to be instant. */
enum { DETECTION_LINES = 1000 };

const struct format *format_find(struct slice name)
{
    for (int i = 0; i < FORMATS; i++)
        if (slice_equal(name, slice_from(formats[i]->name)))
            return formats[i];
    return NULL;
}

const char *format_name(const struct format *format)
{
    return format->name;
}

const char *format_names(void)
{
    return "gpfs, lustre, find";
}

static bool is_header(struct slice line)
{
    const char *p = line.ptr;
    const char *end = p + line.len;
    if (line.len != 0 && (num_is_digit(*p) || *p == '<'))
        return false; /* nearly every line */
    if (line.len >= 3 && p[0] == '[' && p[2] == ']' && (p[1] == 'I' || p[1] == 'W' || p[1] == 'E'))
        return true;
    if (line.len >= 1 && p[0] == '#')
        return true;
    return fields_skip_blanks(p, end) == end;
}

/* The first `--` in [p, end) with blanks on both sides that a path follows, or NULL. p[-1] is
 * readable. */
static const char *find_separator(const char *p, const char *end)
{
    for (; (p = bytescan_pair(p, end, '-')) != end; p++) {
        if (!fields_is_blank(p[-1]) || !fields_at_separator(p, end))
            continue;
        const char *path = fields_skip_blanks(p + 2, end);
        if (path < end && *path == '/')
            return p;
    }
    return NULL;
}

/* Whether find_separator may find something in [p, end), as the marks tell; true where they do not
 * reach that far. */
static bool may_hold_separator(const struct linescan *marks, const char *p, const char *end)
{
    size_t at = (size_t)(p - marks->begin);
    size_t marked = (size_t)marks->blocks * LINESCAN_BLOCK;
    if ((size_t)(end - marks->begin) > marked || at >= marked)
        return true;
    unsigned i = (unsigned)(at / LINESCAN_BLOCK);
    uint64_t hyphens = marks->hyphen[i] & UINT64_MAX << at % LINESCAN_BLOCK;
    for (;;) {
        uint64_t next = i + 1 < marks->blocks ? marks->hyphen[i + 1] : 0;
        if ((hyphens & (hyphens >> 1 | next << (LINESCAN_BLOCK - 1))) != 0)
            return true;
        if (++i >= marks->blocks)
            return false;
        hyphens = next;
    }
}

/* Where in a path, the rest of the line that was marked, the last slash is. */
static size_t last_slash(const struct linescan *marks, struct slice path)
{
    const char *end = path.ptr + path.len;
    unsigned i = marks->blocks;
    if ((size_t)(end - marks->begin) <= (size_t)i * LINESCAN_BLOCK) {
        while (marks->slash[--i] == 0) /* it has one: it begins with it */
            ;
        size_t bit = LINESCAN_BLOCK - 1 - (size_t)__builtin_clzll(marks->slash[i]);
        return (size_t)i * LINESCAN_BLOCK + bit - (size_t)(path.ptr - marks->begin);
    }
    return (size_t)((const char *)memrchr(path.ptr, '/', path.len) - path.ptr);
}

/* What required field the token [token, end) is, well-formed; 0: none. */
static unsigned required_field(const struct format *format, const char *token, const char *end)
{
    int64_t size;
    uint32_t uid;
    const char *value = token + 2;
    if (fields_at_key(token, end, 's'))
        return fields_number(value, end, &size) == REJECT_NONE ? FIELDS_SIZE : 0;
    if (fields_at_key(token, end, 'u'))
        return fields_id(value, end, &uid) == REJECT_NONE ? FIELDS_UID : 0;
    return format->is_kind(token, end) ? FIELDS_KIND : 0;
}

/* Whether a record begins at p: a HEAD, and all that is required before a ` -- /`. */
static bool is_record(const struct format *format, const char *p, const char *end)
{
    if (end - p > DIGITS_MAX && num_skip_digits(p, p + DIGITS_MAX) == p + DIGITS_MAX)
        return false; /* no number: do not count its digits again and again */
    if (format->head(&p, end) != REJECT_NONE)
        return false;
    const char *reach = end - p > SECOND_RECORD_REACH ? p + SECOND_RECORD_REACH : end;
    unsigned seen = 0;
    while (p < reach && !fields_at_separator(p, end)) {
        const char *behind = fields_skip_token(p, reach);
        seen |= required_field(format, p, behind);
        p = fields_skip_blanks(behind, reach);
    }
    if (p == reach || fields_complete(seen) != REJECT_NONE)
        return false;
    p = fields_skip_blanks(p + 2, end);
    return p < end && *p == '/';
}

/* Where in [from, end) a record begins, or NULL. Only where a separator still comes can one begin;
 * a HEAD begins with a digit or, with GPFS's thread, with `<`. */
static const char *find_second(const struct format *format, const char *from, const char *end)
{
    const char *separator = from;
    while ((separator = find_separator(separator + 1, end)) != NULL) {
        if (separator - from > SECOND_RECORD_REACH)
            from = separator - SECOND_RECORD_REACH;
        for (; from < separator; from++)
            if ((num_is_digit(*from) || *from == '<') && is_record(format, from, end))
                return from;
    }
    return NULL;
}

static enum format_line rejected(struct reject *reject, enum reject_reason reason, size_t second)
{
    reject->reason = reason;
    reject->second = second;
    return FORMAT_REJECT;
}

/* A line whose fields are wrong; it may be two records, the first one cut in its fields. Where HEAD
 * is but a number, any `x=8 s=1` looks like one, so there only a key that comes twice is a sign. */
static enum format_line rejected_fields(const struct format *format, struct slice line,
                                        const char *fields, enum reject_reason reason,
                                        struct reject *reject)
{
    if (reason == REJECT_TWO_RECORDS || format->head_is_distinct) {
        const char *second = find_second(format, fields, line.ptr + line.len);
        if (second != NULL)
            return rejected(reject, REJECT_TWO_RECORDS, (size_t)(second - line.ptr));
    }
    return rejected(reject, reason, 0);
}

static enum reject_reason check_path(struct slice path, bool is_directory)
{
    if (path.len == 0)
        return REJECT_EMPTY_PATH;
    if (path.ptr[0] != '/')
        return REJECT_RELATIVE_PATH;
    if (is_directory || (path.len > 1 && path.ptr[1] != '/'))
        return REJECT_NONE;
    size_t slashes = 0;
    while (slashes < path.len && path.ptr[slashes] == '/')
        slashes++;
    return slashes == path.len ? REJECT_ROOT : REJECT_NONE;
}

/* A line as cut: what the caller has already seen of its bytes is not looked at again. */
static inline enum format_line parse(const struct format *format, struct slice line, bool has_nul,
                                     struct format_memo *memo, struct entry *entry,
                                     struct reject *reject)
{
    if (is_header(line))
        return FORMAT_HEADER;
    if (has_nul)
        return rejected(reject, REJECT_NUL, 0);

    const char *end = line.ptr + line.len;
    const char *at = line.ptr;
    entry->alloc = 0;
    entry->atime = ENTRY_NO_TIME;
    entry->mtime = ENTRY_NO_TIME;
    entry->gid = ENTRY_NO_GROUP;
    enum reject_reason reason = format->head(&at, end);
    if (reason != REJECT_NONE)
        return rejected(reject, reason, 0);
    const char *fields = at;
    reason = format->fields(&at, end, memo, entry);
    if (reason != REJECT_NONE)
        return rejected_fields(format, line, fields, reason, reject);

    at = fields_skip_blanks(at, end);
    entry->path = (struct slice){at, (size_t)(end - at)};
    if (may_hold_separator(&memo->marks, at, end) && find_separator(at + 1, end) != NULL) {
        const char *second = find_second(format, at, end);
        if (second != NULL)
            return rejected(reject, REJECT_TWO_RECORDS, (size_t)(second - line.ptr));
    }
    reason = check_path(entry->path, entry->is_directory);
    if (reason != REJECT_NONE)
        return rejected(reject, reason, 0);
    entry->slash = last_slash(&memo->marks, entry->path);
    return FORMAT_ENTRY;
}

enum format_line format_parse(const struct format *format, struct slice *text, struct slice *line,
                              struct format_memo *memo, struct entry *entry, struct reject *reject)
{
    const char *end = text->ptr + text->len;
    bool has_nul;
    const char *newline = linescan_line(&memo->marks, text->ptr, end, &has_nul);
    *line = (struct slice){text->ptr, (size_t)(newline - text->ptr)};
    if (newline != end) {
        if (line->len != 0 && newline[-1] == '\r')
            line->len--;
        newline++;
    }
    *text = (struct slice){newline, (size_t)(end - newline)};
    return parse(format, *line, has_nul, memo, entry, reject);
}

const struct format *format_detect(struct slice head, bool *only_headers)
{
    unsigned accepted[FORMATS] = {0};
    struct format_memo memo = {0};
    *only_headers = true;
    for (int lines = 0; lines < DETECTION_LINES && head.len != 0;) {
        struct slice rest = head;
        enum format_line what = FORMAT_HEADER;
        for (int i = 0; i < FORMATS; i++) {
            struct slice line;
            struct entry entry;
            struct reject reject;
            rest = head;
            what = format_parse(formats[i], &rest, &line, &memo, &entry, &reject);
            /* What fails by its path alone has the format's columns and fields. */
            bool is_record = what == FORMAT_ENTRY ||
                             (what == FORMAT_REJECT && reject.reason == REJECT_RELATIVE_PATH);
            accepted[i] += is_record;
        }
        head = rest;
        if (what == FORMAT_HEADER) /* so it is in all formats */
            continue;
        lines++;
        *only_headers = false;
    }
    int best = 0;
    for (int i = 1; i < FORMATS; i++)
        if (accepted[i] > accepted[best])
            best = i;
    return accepted[best] == 0 ? NULL : formats[best];
}
