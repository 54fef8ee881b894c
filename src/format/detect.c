/* detect: every candidate, each layout with each way of escaping, reads the first data lines; the
 * one that takes the most wins, the plainest of equals. What none takes is looked at for the marks
 * of other tools, so that a message can name them. Any thread; no state. */
#include "detect.h"

#include <stdio.h>
#include <string.h>

#include "head.h"

/* Enough lines to decide between a few layouts, few enough to be instant. */
enum { LINES = 1000 };

size_t detect_mark(struct slice head)
{
    return head.len >= 3 && memcmp(head.ptr, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
}

/* The first line of `text` that is not a header, without its end; ptr NULL: there is none. *returns:
 * it ends in a return and a newline. */
static struct slice first_data_line(struct slice text, char end, bool *returns)
{
    *returns = false;
    while (text.len != 0) {
        const char *stop = memchr(text.ptr, end, text.len);
        struct slice line = {text.ptr, stop == NULL ? text.len : (size_t)(stop - text.ptr)};
        size_t taken = line.len + (stop != NULL);
        bool has_return = stop != NULL && line.len != 0 && line.ptr[line.len - 1] == '\r';
        struct slice bare = {line.ptr, line.len - has_return};
        if (!record_is_header(bare)) {
            *returns = has_return && end == '\n';
            return bare;
        }
        text.ptr += taken;
        text.len -= taken;
    }
    return (struct slice){NULL, 0};
}

/* What one candidate made of the lines. */
struct score {
    unsigned entries;
    unsigned relative; /* rejected for a relative path alone */
    unsigned lines;    /* data lines */
};

static struct score try(const struct record_log *log, struct slice text)
{
    struct score score = {0, 0, 0};
    struct record_reader reader = {.line = {NULL, 0}};
    while (score.lines < LINES && text.len != 0) {
        struct entry entry;
        struct reject reject;
        enum record_kind kind = record_next(log, &reader, &text, &entry, &reject);
        score.lines += kind == RECORD_ENTRY || kind == RECORD_REJECT;
        score.entries += kind == RECORD_ENTRY;
        score.relative += kind == RECORD_REJECT && reject.reason == REJECT_RELATIVE_PATH;
    }
    record_reader_dispose(&reader);
    return score;
}

/* The best way of escaping for a layout, and its score. In a percent-encoded log no line is a record
 * before it is decoded: each path begins with %2F, or the blanks between the fields are %20. */
static struct score try_escapings(struct record_log *log, struct slice text,
                                  enum layout_escape asked)
{
    log->path_escape = asked;
    struct score plain = try(log, text);
    if (plain.entries != 0 || asked == LAYOUT_BACKSLASH || memchr(text.ptr, '%', text.len) == NULL)
        return plain;
    for (int fields = asked == LAYOUT_PERCENT; fields <= 1; fields++) {
        struct record_log candidate = *log;
        candidate.path_escape = LAYOUT_PERCENT;
        candidate.fields_are_escaped = fields;
        struct score score = try(&candidate, text);
        if (score.entries == 0)
            continue;
        *log = candidate;
        return score;
    }
    return plain;
}

/* Whether `text` is among the fields, at the begin of one. */
static bool has_key(struct slice fields, const char *text)
{
    size_t len = strlen(text);
    for (size_t i = 0; i + len <= fields.len; i++)
        if ((i == 0 || fields.ptr[i - 1] == ' ' || fields.ptr[i - 1] == '\t') &&
            memcmp(fields.ptr + i, text, len) == 0)
            return true;
    return false;
}

static void add_missing(struct detect *detect, const char *key)
{
    size_t used = strlen(detect->missing);
    snprintf(detect->missing + used, sizeof detect->missing - used, "%s%s", used == 0 ? "" : ", ",
             key);
}

/* Whether the line is a HEAD of `layout`, and a path after a ` -- `; then `missing` are the keys that
 * it lacks. */
static bool guess_show(struct detect *detect, struct slice line, const struct layout *layout)
{
    const char *at = line.ptr;
    const char *end = line.ptr + line.len;
    if (!head_read(layout->head, &at, end))
        return false;
    const char *separator = fields_separator(at, end);
    if (separator == NULL)
        return false;
    const char *path = separator + 2;
    while (path < end && (*path == ' ' || *path == '\t'))
        path++;
    if (path == end || *path != '/')
        return false;
    struct slice fields = {at, (size_t)(separator - at)};
    static const char *const required[] = {"s=", "u="};
    for (int i = 0; i < 2; i++)
        if (!has_key(fields, required[i]))
            add_missing(detect, required[i]);
    const char *kind = layout->head == LAYOUT_HEAD_GPFS ? "p=" : "type=";
    if (!has_key(fields, kind))
        add_missing(detect, kind);
    memcpy(detect->name, layout->name, sizeof detect->name);
    return true;
}

static size_t count_byte(struct slice line, char c)
{
    size_t count = 0;
    for (size_t i = 0; i < line.len; i++)
        count += line.ptr[i] == c;
    return count;
}

/* The marks of other tools' lists: wrstat's stats are a quoted path and ten columns between tabs;
 * a trace of GUFI separates by the record separator 0x1E, or by `^^`; rbh-find -ls begins with a
 * file identifier in brackets. */
static enum detect_guess guess_tool(struct slice line)
{
    if (line.len >= 2 && memcmp(line.ptr, "\"/", 2) == 0 && count_byte(line, '\t') >= 8)
        return DETECT_WRSTAT;
    if (line.len >= 3 && memcmp(line.ptr, "[0x", 3) == 0 && memchr(line.ptr, ']', line.len) != NULL)
        return DETECT_ROBINHOOD;
    if (count_byte(line, '\x1e') >= 4 || count_byte(line, '^') >= 8)
        return DETECT_GUFI;
    return line.len != 0 && *line.ptr == '/' ? DETECT_PATHS : DETECT_NOTHING;
}

static void guess(struct detect *detect, struct slice line)
{
    detect->guess = guess_tool(line);
    for (unsigned i = 0; detect->guess == DETECT_NOTHING && i < LAYOUT_BUILTINS; i++) {
        struct layout layout;
        layout_builtin(&layout, i);
        if (!guess_show(detect, line, &layout))
            continue;
        if (detect->missing[0] != '\0') {
            detect->guess = DETECT_OTHER_SHOW;
            return;
        }
        /* All keys are there, and no value of use: the rejects will say so line by line. */
        detect->found = true;
        detect->layout = layout;
        detect->log.layout = &detect->layout;
        return;
    }
}

/* The built-in layouts other than `given` (NULL: all of them): the best one's score. */
static struct score try_builtins(struct detect *detect, struct slice text,
                                 const struct record_log *log, const struct layout *given,
                                 enum layout_escape asked)
{
    struct score best = {0, 0, 0};
    for (unsigned i = 0; i < LAYOUT_BUILTINS; i++) {
        struct layout layout;
        layout_builtin(&layout, i);
        if (given != NULL && strcmp(given->name, layout.name) == 0)
            continue;
        struct record_log candidate = *log;
        candidate.layout = &layout;
        struct score score = try_escapings(&candidate, text, asked);
        if (score.entries > best.entries ||
            (score.entries == best.entries && score.relative > best.relative)) {
            best = score;
            detect->layout = layout;
            detect->log = candidate;
        }
    }
    if (best.entries + best.relative == 0)
        detect->log = *log;
    detect->log.layout = &detect->layout;
    return best;
}

/* Most lines are records but for a relative path. */
static bool is_relative(const struct score *score)
{
    return score->entries < score->relative && score->lines < 2 * score->relative;
}

void detect_log(struct detect *detect, struct slice head, const struct layout *given,
                enum layout_escape asked, bool null_ended, int64_t scan_day)
{
    *detect = (struct detect){.found = false};
    size_t mark = detect_mark(head);
    head.ptr += mark;
    head.len -= mark;
    struct record_log log = {.null_ended = null_ended, .scan_day = scan_day};
    struct slice line = first_data_line(head, null_ended ? '\0' : '\n', &log.drops_return);
    detect->only_headers = line.ptr == NULL;
    if (given == NULL) {
        struct score score = try_builtins(detect, head, &log, NULL, asked);
        detect->found = score.entries + score.relative != 0;
        detect->is_relative = is_relative(&score);
        if (!detect->found && line.ptr != NULL)
            guess(detect, line);
        return;
    }
    log.layout = given;
    struct score score = try_escapings(&log, head, asked != LAYOUT_PLAIN ? asked : given->escape);
    if (score.entries + score.relative == 0 && line.ptr != NULL) {
        struct score other = try_builtins(detect, head, &log, given, asked);
        if (other.entries + other.relative != 0) {
            detect->guess = DETECT_OTHER_LAYOUT;
            memcpy(detect->name, detect->layout.name, sizeof detect->name);
            return;
        }
        struct layout builtin;
        if (layout_find(&builtin, slice_from(given->name)))
            guess(detect, line);
        else if (given->any_order) /* its keys are not those of a SHOW clause that is known */
            detect->guess = guess_tool(line);
        if (!detect->found && detect->guess != DETECT_NOTHING)
            return;
    }
    detect->found = true;
    detect->is_relative = is_relative(&score);
    detect->layout = *given;
    detect->log = log;
    detect->log.layout = &detect->layout;
}
