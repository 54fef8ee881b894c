/* record: what a line is made of, whatever its layout.
 *
 * A line is classed as header first and checked for a NUL; then come HEAD, the fields and the path.
 *
 * A line that fails in its fields, or whose path holds a further ` -- `, is searched for a second
 * record, because `lfs find` cuts a record at 1,023 bytes, loses its newline and so glues the next
 * one on. Reentrant; a reader belongs to one thread. */
#include "record.h"

#include "bytescan.h"
#include "escape.h"
#include "head.h"
#include "num.h"

/* How far before its ` -- ` a second record may begin. Real fields take some 200 bytes; the bound
 * keeps the search short on a path that was made to be slow to search. */
enum { SECOND_RECORD_REACH = 512 };

/* More digits than the number of a real HEAD has. */
enum { DIGITS_MAX = 20 };

/* A record being read: by what, and where it goes. */
struct reading {
    const struct record_log *log;
    struct record_reader *reader;
    struct entry *entry;
    struct reject *reject;
};

/* The bytes from `floor` on are readable. */
static inline enum reject_reason take_fields(const struct reading *to, const char *floor,
                                             const char **at, const char *end)
{
    const struct fields fields = {to->log->layout, to->log->path_escape, to->log->scan_day,
                                  floor,           &to->reader->fields,  to->entry,
                                  to->reject};
    return fields_take(&fields, at, end);
}

/* Fields that are percent-encoded, read from a decoded copy. *no_memory: there is none for it. */
static enum reject_reason take_escaped(const struct reading *to, const char **at, const char *end,
                                       bool *no_memory)
{
    static const char separator[] = " -- /";
    const char *stop = fields_separator(*at, end);
    if (stop == NULL)
        return REJECT_SEPARATOR;
    size_t len = (size_t)(stop - *at);
    char *copy = arena_alloc(&to->reader->decoded, len + sizeof separator, 1);
    *no_memory = copy == NULL;
    if (copy == NULL)
        return REJECT_NONE;
    len = escape_decode_percent((struct slice){*at, len}, copy);
    memcpy(copy + len, separator, sizeof separator);
    const char *decoded = copy;
    const char *decoded_end = copy + len + sizeof separator - 1;
    linescan_window(&to->reader->fields.marks, decoded, decoded_end, to->log->null_ended);
    enum reject_reason reason = take_fields(to, copy, &decoded, decoded_end);
    *at = stop + 2;
    return reason;
}

/* Second records */

/* The first `--` in [p, end) with blanks on both sides that a path follows, or NULL. p[-1] is
 * readable. */
static const char *path_separator(const char *p, const char *end)
{
    while ((p = fields_separator(p, end)) != NULL) {
        const char *path = bytescan_skip_blanks(p + 2, end);
        if (path < end && *path == '/')
            return p;
        p++;
    }
    return NULL;
}

/* Whether path_separator may find something in [p, end), by the marks; true where they do not
 * reach that far. */
static inline bool may_hold_separator(const struct linescan *marks, const char *p, const char *end)
{
    size_t at = (size_t)(p - marks->begin);
    size_t marked = (size_t)marks->blocks * LINESCAN_BLOCK;
    if (p < marks->begin || (size_t)(end - marks->begin) > marked || at >= marked)
        return true;
    unsigned i = (unsigned)(at / LINESCAN_BLOCK);
    uint64_t hyphens = marks->hyphen[i] & UINT64_MAX << at % LINESCAN_BLOCK;
    uint64_t pairs = 0;
    for (; i < marks->blocks; i++) {
        uint64_t next = marks->hyphen[i + 1];
        pairs |= hyphens & (hyphens >> 1 | next << (LINESCAN_BLOCK - 1));
        hyphens = next;
    }
    return pairs != 0;
}

/* Whether a record begins at p: a HEAD, and fields that are right, before a ` -- /`. The marks of
 * the reader are used up. */
static bool is_record(const struct reading *to, const char *p, const char *end)
{
    if (end - p > DIGITS_MAX && num_skip_digits(p, p + DIGITS_MAX) == p + DIGITS_MAX)
        return false; /* do not count its digits again and again */
    const char *reach = end - p > SECOND_RECORD_REACH ? p + SECOND_RECORD_REACH : end;
    if (!head_read(to->log->layout->head, &p, reach))
        return false;
    struct entry entry = {.path = {NULL, 0}};
    struct reject reject;
    struct reading scratch = {to->log, to->reader, &entry, &reject};
    linescan_window(&to->reader->fields.marks, p, end, to->log->null_ended);
    if (take_fields(&scratch, to->reader->floor, &p, end) != REJECT_NONE)
        return false;
    p = bytescan_skip_blanks(p, end);
    return p < end && *p == '/';
}

/* Where in [from, end) a record begins, or NULL. Only where a separator still comes can one begin;
 * a HEAD begins with a digit or, with GPFS's thread, with `<`. */
static const char *find_second(const struct reading *to, const char *from, const char *end)
{
    const char *separator = from;
    while ((separator = path_separator(separator + 1, end)) != NULL) {
        if (separator - from > SECOND_RECORD_REACH)
            from = separator - SECOND_RECORD_REACH;
        for (; from < separator; from++)
            if ((num_is_digit(*from) || *from == '<') && is_record(to, from, end))
                return from;
    }
    return NULL;
}

/* Whether a record may have lost its end: its newline to anything, its NUL to `lfs find` alone.
 * Elsewhere only a name can look like a second record. */
static bool may_be_glued(const struct record_log *log)
{
    return (!log->null_ended || log->layout->head == LAYOUT_HEAD_LUSTRE) &&
           !log->fields_are_escaped && !log->layout->has_path;
}

/* Whether no run of fields can be taken for a HEAD. */
static bool has_distinct_head(const struct layout *layout)
{
    return layout->head == LAYOUT_HEAD_GPFS || layout->head == LAYOUT_HEAD_LUSTRE;
}

/* A line whose fields are wrong; it may be two records, the first one cut in its fields. Where HEAD
 * is but a number, any `x=8 s=1` looks like one, so there only a key that comes twice is a sign. */
static __attribute__((noinline)) enum record_kind
rejected_fields(const struct reading *to, const char *fields, enum reject_reason reason)
{
    struct slice line = to->reader->line;
    struct reject found = {
        reason, 0, to->reject->reason == reason ? to->reject->value : (struct slice){NULL, 0}};
    bool may_be_two = reason == REJECT_TWO_RECORDS || has_distinct_head(to->log->layout);
    const char *second =
        may_be_two && may_be_glued(to->log) ? find_second(to, fields, line.ptr + line.len) : NULL;
    if (second != NULL)
        found = (struct reject){REJECT_TWO_RECORDS, (size_t)(second - line.ptr), {NULL, 0}};
    *to->reject = found;
    return RECORD_REJECT;
}

/* Paths */

/* Where in a path the last slash is. It has one, and begins with it: but whoever writes to a log that
 * is mapped changes bytes that have been looked at, and such a path counts as `/NAME`. */
static size_t find_slash(struct slice path)
{
    const char *slash = memrchr(path.ptr, '/', path.len);
    return slash == NULL ? 0 : (size_t)(slash - path.ptr);
}

/* The same of the rest of the line that was marked. */
static size_t last_slash(const struct linescan *marks, struct slice path)
{
    const char *end = path.ptr + path.len;
    unsigned i = marks->blocks;
    if (path.ptr < marks->begin || (size_t)(end - marks->begin) > (size_t)i * LINESCAN_BLOCK)
        return find_slash(path);
    while (i > 0 && marks->slash[i - 1] == 0)
        i--;
    if (i == 0)
        return 0;
    size_t bit = LINESCAN_BLOCK - 1 - (size_t)__builtin_clzll(marks->slash[i - 1]);
    size_t slash = (size_t)(i - 1) * LINESCAN_BLOCK + bit;
    size_t begin = (size_t)(path.ptr - marks->begin);
    return slash >= begin && slash - begin < path.len ? slash - begin : 0;
}

/* Each level is a directory with its whole path, so that a line takes memory by the square of its
 * levels. No file system nests as deep; a damaged line may. */
enum { LEVELS_MAX = 8192 };

static __attribute__((noinline)) bool is_too_deep(struct slice path)
{
    size_t levels = 0;
    for (size_t i = 0; i + 1 < path.len; i++)
        levels += path.ptr[i] == '/' && path.ptr[i + 1] != '/';
    return levels > LEVELS_MAX;
}

static enum reject_reason check_path(struct slice path, bool is_directory)
{
    if (path.len == 0)
        return REJECT_EMPTY_PATH;
    if (path.ptr[0] != '/')
        return REJECT_RELATIVE_PATH;
    if (path.len > (size_t)2 * LEVELS_MAX && is_too_deep(path))
        return REJECT_DEEP_PATH;
    if (is_directory || (path.len > 1 && path.ptr[1] != '/'))
        return REJECT_NONE;
    size_t slashes = 0;
    while (slashes < path.len && path.ptr[slashes] == '/')
        slashes++;
    return slashes == path.len ? REJECT_ROOT : REJECT_NONE;
}

/* Decodes the entry's path into the reader's memory. -1: out of memory. */
static int decode_path(const struct reading *to)
{
    struct slice path = to->entry->path;
    char *copy = arena_alloc(&to->reader->decoded, path.len + 1, 1);
    if (copy == NULL)
        return -1;
    size_t len = to->log->path_escape == LAYOUT_PERCENT ? escape_decode_percent(path, copy)
                                                        : escape_decode_backslash(path, copy);
    to->entry->path = (struct slice){copy, len};
    return 0;
}

static inline enum record_kind rejected(struct reject *reject, enum reject_reason reason,
                                        size_t second)
{
    *reject = (struct reject){reason, second, {NULL, 0}};
    return RECORD_REJECT;
}

/* The path, which is the rest of the line or was among the fields. */
static inline enum record_kind take_rest(const struct reading *to, const char *at, const char *end)
{
    const struct record_log *log = to->log;
    struct entry *entry = to->entry;
    bool is_marked = !log->layout->has_path && !log->fields_are_escaped;
    if (!log->layout->has_path) {
        at = bytescan_skip_blanks(at, end);
        entry->path = (struct slice){at, (size_t)(end - at)};
    }
    if (is_marked && may_hold_separator(&to->reader->fields.marks, at, end) && may_be_glued(log) &&
        path_separator(at + 1, end) != NULL) {
        struct entry kept = *entry;
        const char *second = find_second(to, at, end);
        if (second != NULL)
            return rejected(to->reject, REJECT_TWO_RECORDS,
                            (size_t)(second - to->reader->line.ptr));
        *entry = kept;
        is_marked = false;
    }
    if (log->path_escape != LAYOUT_PLAIN) {
        if (decode_path(to) != 0)
            return RECORD_NO_MEMORY;
        if (memchr(entry->path.ptr, '\0', entry->path.len) != NULL)
            return rejected(to->reject, REJECT_NUL_DECODED, 0);
        is_marked = false;
    }
    enum reject_reason reason = check_path(entry->path, entry->is_directory);
    if (reason != REJECT_NONE)
        return rejected(to->reject, reason, 0);
    if (is_marked)
        entry->slash = last_slash(&to->reader->fields.marks, entry->path);
    else
        entry->slash = find_slash(entry->path);
    return RECORD_ENTRY;
}

/* Headers */

static inline bool is_message(struct slice line)
{
    return line.len >= 3 && line.ptr[0] == '[' && line.ptr[2] == ']' && line.ptr[1] >= 'A' &&
           line.ptr[1] <= 'Z' && (line.len == 3 || bytescan_is_blank(line.ptr[3]));
}

static bool is_header_line(struct slice line)
{
    if (line.len == 0 || *line.ptr == '#' || is_message(line))
        return true;
    return bytescan_is_blank(*line.ptr) &&
           bytescan_skip_blanks(line.ptr, line.ptr + line.len) == line.ptr + line.len;
}

bool record_is_header(struct slice record)
{
    const char *end = record.ptr + record.len;
    for (const char *p = record.ptr;; p++) {
        const char *stop = memchr(p, '\n', (size_t)(end - p));
        struct slice line = {p, (size_t)((stop == NULL ? end : stop) - p)};
        if (!is_header_line(line))
            return false;
        if (stop == NULL)
            return true;
        p = stop;
    }
}

static enum record_kind header(struct slice line, struct reject *reject)
{
    if (!is_message(line) || (line.ptr[1] != 'E' && line.ptr[1] != 'X'))
        return RECORD_HEADER;
    *reject = (struct reject){REJECT_SCAN_ERROR, 0, line};
    return RECORD_SCAN_ERROR;
}

/* A record as cut: what the caller has already seen of its bytes is not looked at again. */
static inline enum record_kind take_record(const struct reading *to, bool has_nul)
{
    const struct layout *layout = to->log->layout;
    struct slice line = to->reader->line;
    bool begins_as_most = line.len != 0 && (num_is_digit(*line.ptr) || *line.ptr == '<');
    if (!begins_as_most && record_is_header(line))
        return header(line, to->reject);
    if (has_nul)
        return rejected(to->reject, REJECT_NUL, 0);
    if (line.len > LINESCAN_LONGEST)
        return rejected(to->reject, REJECT_LONG, 0);

    const char *end = line.ptr + line.len;
    const char *at = line.ptr;
    *to->entry = (struct entry){.atime = ENTRY_NO_TIME,
                                .mtime = ENTRY_NO_TIME,
                                .gid = ENTRY_NO_GROUP,
                                .uid = LAYOUT_UNKNOWN_OWNER};
    if (!head_read(layout->head, &at, end))
        return rejected(to->reject, to->log->null_ended ? REJECT_HEAD_NULL_ENDED : REJECT_HEAD, 0);
    const char *fields = at;
    bool no_memory = false;
    enum reject_reason reason = to->log->fields_are_escaped
                                    ? take_escaped(to, &at, end, &no_memory)
                                    : take_fields(to, to->reader->floor, &at, end);
    if (no_memory)
        return RECORD_NO_MEMORY;
    if (reason != REJECT_NONE)
        return rejected_fields(to, fields, reason);
    return take_rest(to, at, end);
}

/* Flattened: the calls along the way of a usual line cost 44 of its 1,900 instructions. */
__attribute__((flatten)) enum record_kind record_next(const struct record_log *log,
                                                      struct record_reader *reader,
                                                      struct slice *text, struct entry *entry,
                                                      struct reject *reject)
{
    const char *end = text->ptr + text->len;
    bool has_nul = false;
    if (text->ptr != reader->next)
        reader->floor = text->ptr;
    const char *stop = log->null_ended
                           ? linescan_record(&reader->fields.marks, text->ptr, end)
                           : linescan_line(&reader->fields.marks, text->ptr, end, &has_nul);
    reader->line = (struct slice){text->ptr, (size_t)(stop - text->ptr)};
    if (stop != end) {
        if (log->drops_return && reader->line.len != 0 && stop[-1] == '\r')
            reader->line.len--;
        stop++;
    }
    *text = (struct slice){stop, (size_t)(end - stop)};
    reader->next = stop == end ? NULL : stop; /* what comes after a text is not readable for long */
    const struct reading to = {log, reader, entry, reject};
    return take_record(&to, has_nul);
}

void record_reader_forget(struct record_reader *reader)
{
    arena_clear(&reader->decoded);
}

void record_reader_dispose(struct record_reader *reader)
{
    arena_clear(&reader->decoded);
    idcache_dispose(&reader->fields.ids);
}
