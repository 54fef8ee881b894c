/* ncdujson: a directory is an array, its description first; whatever lies in it follows. Since
 * something comes before every element, the comma can always be written, and no state is kept. One
 * element a line, as ncdu writes it too. */
#include "ncdujson.h"

#include "render.h"

static bool is_plain(char byte)
{
    return (unsigned char)byte >= 0x20 && byte != 0x7f && byte != '"' && byte != '\\';
}

static void put_name(FILE *file, struct slice name)
{
    fputs_unlocked("{\"name\":\"", file);
    const char *at = name.ptr;
    const char *end = name.ptr + name.len;
    while (at < end) {
        const char *run = at;
        while (at < end && is_plain(*at))
            at++;
        render_bytes(file, (struct slice){run, (size_t)(at - run)});
        if (at < end)
            fprintf(file, "\\u%04x", (unsigned char)*at++);
    }
    putc_unlocked('"', file);
}

void ncdujson_begin(struct render_output *output, const char *program, const char *version,
                    int64_t scanned)
{
    fprintf(output->file, "[1,2,{\"progname\":\"%s\",\"progver\":\"%s\",\"timestamp\":", program,
            version);
    render_integer(output->file, scanned);
    putc_unlocked('}', output->file);
}

void ncdujson_open(struct render_output *output, struct slice name)
{
    fputs_unlocked(",\n[", output->file);
    put_name(output->file, name);
    putc_unlocked('}', output->file);
}

void ncdujson_entry(struct render_output *output, struct slice name, int64_t size, int64_t alloc)
{
    FILE *file = output->file;
    fputs_unlocked(",\n", file);
    put_name(file, name);
    fputs_unlocked(",\"asize\":", file);
    render_integer(file, size);
    fputs_unlocked(",\"dsize\":", file);
    render_integer(file, alloc);
    putc_unlocked('}', file);
}

void ncdujson_close(struct render_output *output)
{
    putc_unlocked(']', output->file);
}

int ncdujson_end(struct render_output *output, struct err *err)
{
    fputs_unlocked("]\n", output->file);
    return render_check(output, err);
}
