/* err: the one way in which a library reports a failure.
 *
 * A message is made where the cause is known and travels up untouched; nothing on the way prints.
 * Any thread may fill its own struct err; a struct err is never shared. */
#include "err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "rlimits.h"
#include "slice.h"
#include "utf8.h"

void err_make_printable(char *text)
{
    struct slice rest = slice_from(text);
    while (rest.len > 0) {
        size_t stray;
        size_t length = utf8_length(rest, &stray);
        size_t bytes = length == 0 ? 1 : length;
        if (!utf8_is_shown(rest, length))
            memset(text, '?', bytes);
        text += bytes;
        rest = (struct slice){text, rest.len - bytes};
    }
}

static void fill(struct err *err, enum err_status status, const char *format, va_list arguments)
{
    if (err->status != ERR_NONE)
        return;
    err->status = status;
    vsnprintf(err->text, sizeof err->text, format, arguments);
    err_make_printable(err->text);
}

int err_set(struct err *err, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fill(err, ERR_FAILED, format, arguments);
    va_end(arguments);
    return -1;
}

int err_no_memory(struct err *err, const char *format, ...)
{
    char what[sizeof err->text / 2];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    const char *limit = rlimits_of_memory();
    return err_set(err, "%s: out of memory%s%s", what, limit != NULL ? ": " : "",
                   limit != NULL ? limit : "");
}

int err_usage(struct err *err, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fill(err, ERR_USAGE, format, arguments);
    va_end(arguments);
    return -1;
}

int err_status(struct err *err, enum err_status status, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fill(err, status, format, arguments);
    va_end(arguments);
    return -1;
}
