/* render: what every renderer shares: the way in, the check that the bytes got out, and the
 * escapes.
 *
 * Listings of millions of rows go through here, so bytes that need nothing done are written in
 * runs, and numbers without printf. */
#include "render.h"

#include "err.h"

#include <errno.h>
#include <stdlib.h>

int render_row(struct render *render, const struct render_cell *cells, struct err *err)
{
    return render->row(render, cells, err);
}

int render_end(struct render *render, struct err *err)
{
    return render->end(render, err);
}

void render_free(struct render *render)
{
    if (render != NULL)
        render->free(render);
}

int render_check(struct render_output *output, struct err *err)
{
    if (!ferror(output->file))
        return 0;
    output->broken_pipe = errno == EPIPE;
    return err_set(err, "%s: cannot write: %s", output->name, strerror(errno));
}

void render_bytes(FILE *file, struct slice bytes)
{
    if (bytes.len > 0)
        fwrite_unlocked(bytes.ptr, 1, bytes.len, file);
}

void render_integer(FILE *file, int64_t value)
{
    char digits[20]; /* 2^63 has 19, and the sign */
    char *first = digits + sizeof digits;
    uint64_t magnitude = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    do {
        *--first = (char)('0' + magnitude % 10);
        magnitude /= 10;
    } while (magnitude > 0);
    if (value < 0)
        *--first = '-';
    render_bytes(file, (struct slice){first, (size_t)(digits + sizeof digits - first)});
}

static bool is_plain(char byte)
{
    return (unsigned char)byte >= 0x20 && byte != 0x7f && byte != '\\';
}

void render_escape(FILE *file, char byte)
{
    switch (byte) {
    case '\t':
        fputs_unlocked("\\t", file);
        return;
    case '\n':
        fputs_unlocked("\\n", file);
        return;
    case '\r':
        fputs_unlocked("\\r", file);
        return;
    case '\\':
        fputs_unlocked("\\\\", file);
        return;
    default:
        fprintf(file, "\\x%02X", (unsigned char)byte);
    }
}

void render_escaped(FILE *file, struct slice text)
{
    const char *at = text.ptr;
    const char *end = text.ptr + text.len;
    while (at < end) {
        const char *run = at;
        while (at < end && is_plain(*at))
            at++;
        render_bytes(file, (struct slice){run, (size_t)(at - run)});
        if (at < end)
            render_escape(file, *at++);
    }
}
