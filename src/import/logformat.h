/* logformat: how each log of an import is read: as asked for, or as its content shows. */
#ifndef FSTALLY_LOGFORMAT_H
#define FSTALLY_LOGFORMAT_H

#include "detect.h"

struct err;
struct source;

/* What was asked for. All borrowed; NULL: nothing. */
struct logformat_options {
    /* The name of a built-in layout, or of a HEAD with `fields`; or the path of a format file,
     * which has a `/` or ends in .conf. */
    const char *format;
    const char *fields;   /* a template, see layout.h */
    const char *unescape; /* "percent" or "backslash" */
    bool null_ended;
};

struct logformat {
    bool is_given; /* `layout` is what was asked for */
    bool null_ended;
    struct layout layout;
    enum layout_escape escape;
};

/* Whether the name of a format is the path of a format file: it has a `/`, or ends in .conf. */
bool logformat_is_file(const char *format);

/* Checks and compiles what was asked for. Fails as wrong usage. */
int logformat_init(struct logformat *format, const struct logformat_options *options,
                   struct err *err);

/* Decides how to read a log, of which it looks at more and more until that is clear. On success
 * detect->found, or detect->only_headers. Fails where no line is a record, and says what the log
 * looks like. */
int logformat_choose(const struct logformat *format, const struct source *source, int64_t scan_day,
                     struct detect *detect, struct err *err);

#endif
