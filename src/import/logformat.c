/* logformat: the options about formats, checked; and for a log that none of them fits, the line
 * that says what it is and what to do. The writer thread comes here, before the scan. */
#include "logformat.h"

#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "source.h"

/* The content that detection may look at: doubled from the first to the second, so that a line as
 * long as that is still understood. */
enum { PEEK_FIRST = 1 << 20, PEEK_MOST = 64 << 20 };

bool logformat_is_file(const char *format)
{
    size_t len = strlen(format);
    return strchr(format, '/') != NULL || (len > 5 && strcmp(format + len - 5, ".conf") == 0);
}

static int compile_fields(struct logformat *format, const struct logformat_options *options,
                          struct err *err)
{
    struct layout_options how = {.head = LAYOUT_HEAD_GPFS, .null_ended = options->null_ended};
    if (options->format != NULL && !layout_head_find(&how.head, slice_from(options->format)))
        return err_usage(err,
                         "--format %s: with --fields it names the HEAD: gpfs, lustre, find or "
                         "none",
                         options->format);
    format->is_given = true;
    return layout_compile(&format->layout, "--fields", slice_from(options->fields), &how, err);
}

static int find_layout(struct logformat *format, const char *name, struct err *err)
{
    format->is_given = true;
    if (logformat_is_file(name))
        return layout_load(&format->layout, name, err);
    if (!layout_find(&format->layout, slice_from(name)))
        return err_usage(err, "--format %s: unknown format; use %s, or the path of a format file",
                         name, layout_names());
    return 0;
}

int logformat_init(struct logformat *format, const struct logformat_options *options,
                   struct err *err)
{
    *format = (struct logformat){.is_given = false};
    if (options->unescape != NULL &&
        !layout_escape_find(&format->escape, slice_from(options->unescape)))
        return err_usage(err, "--unescape %s: unknown; use percent or backslash",
                         options->unescape);
    int status = 0;
    if (options->fields != NULL)
        status = compile_fields(format, options, err);
    else if (options->format != NULL)
        status = find_layout(format, options->format, err);
    format->null_ended = options->null_ended || (format->is_given && format->layout.null_ended);
    return status;
}

/* By the magic bytes of gzip (RFC 1952), zstd (RFC 8878), xz and bzip2. */
static bool looks_compressed(struct slice head)
{
    static const struct slice magic[] = {
        {"\x1f\x8b", 2}, {"\x28\xb5\x2f\xfd", 4}, {"\xfd\x37zXZ", 5}, {"BZh", 3}};
    for (size_t i = 0; i < sizeof magic / sizeof magic[0]; i++)
        if (head.len >= magic[i].len && memcmp(head.ptr, magic[i].ptr, magic[i].len) == 0)
            return true;
    return false;
}

/* The remedy is the same for every list that another tool wrote. */
#define OTHER_LIST                                                                                 \
    "; describe it with --format FILE (examples: configs/formats), or write one with what "        \
    "--print-policy prints"

/* Says what a log is that cannot be read. */
static int refuse(const struct detect *detect, const char *path, struct slice head, struct err *err)
{
    if (looks_compressed(head))
        return err_set(err, "%s: is compressed; write it out first (zcat, zstdcat, xzcat)", path);
    switch (detect->guess) {
    case DETECT_OTHER_SHOW:
        if (strcmp(detect->name, "gpfs") == 0)
            return err_set(err,
                           "%s: is a GPFS list whose SHOW clause prints no %s; say what it prints "
                           "with --fields TEMPLATE, or scan with the policy of --print-policy",
                           path, detect->missing);
        return err_set(err,
                       "%s: is a %s list whose -printf prints no %s; say what it prints with "
                       "--fields TEMPLATE, or scan with the command of --print-policy=%s",
                       path, detect->name, detect->missing, detect->name);
    case DETECT_OTHER_LAYOUT:
        return err_set(err,
                       "%s: no line is a record of this format; the lines look like %s: use "
                       "--format %s, or leave it out",
                       path, detect->name, detect->name);
    case DETECT_PATHS:
        return err_set(err,
                       "%s: is a list of paths, without sizes and owners; write one with what "
                       "--print-policy prints",
                       path);
    case DETECT_WRSTAT:
        return err_set(err, "%s: is a stats file of wrstat" OTHER_LIST, path);
    case DETECT_GUFI:
        return err_set(err, "%s: is a trace file of GUFI" OTHER_LIST, path);
    case DETECT_ROBINHOOD:
        return err_set(err, "%s: is a list of robinhood's rbh-find" OTHER_LIST, path);
    case DETECT_NOTHING:
        break;
    }
    return err_set(err,
                   "%s: no line is a record of %s; if it is a list of another kind, describe it "
                   "with --fields or --format FILE, and see --print-policy for lists that can be "
                   "read",
                   path, layout_names());
}

int logformat_choose(const struct logformat *format, const struct source *source, int64_t scan_day,
                     struct detect *detect, struct err *err)
{
    for (size_t room = PEEK_FIRST;; room *= 2) {
        char *bytes = malloc(room);
        if (bytes == NULL)
            return err_no_memory(err, "%s", source_path(source));
        size_t len;
        if (source_peek(source, bytes, room, &len, err) != 0) {
            free(bytes);
            return -1;
        }
        struct slice head = {bytes, len};
        detect_log(detect, head, format->is_given ? &format->layout : NULL, format->escape,
                   format->null_ended, scan_day);
        bool is_over = len < room || room >= PEEK_MOST;
        int status = 0;
        if (!detect->found && is_over && !(len < room && detect->only_headers))
            status = refuse(detect, source_path(source), head, err);
        free(bytes);
        if (detect->found || is_over)
            return status;
    }
}
