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

static void put_number(FILE *file, const char *name, int64_t number, int64_t most)
{
    if (number < 0 || number > most)
        return;
    fprintf(file, ",\"%s\":", name);
    render_integer(file, number);
}

static void put_info(FILE *file, const struct ncdujson_info *info)
{
    put_number(file, "uid", info->uid, INT32_MAX);
    put_number(file, "gid", info->gid, INT32_MAX);
    put_number(file, "mtime", info->mtime, INT64_MAX);
}

void ncdujson_open(struct render_output *output, struct slice name,
                   const struct ncdujson_info *info)
{
    fputs_unlocked(",\n[", output->file);
    put_name(output->file, name);
    put_info(output->file, info);
    putc_unlocked('}', output->file);
}

void ncdujson_entry(struct render_output *output, struct slice name, int64_t size, int64_t alloc,
                    const struct ncdujson_info *info)
{
    FILE *file = output->file;
    fputs_unlocked(",\n", file);
    put_name(file, name);
    fputs_unlocked(",\"asize\":", file);
    render_integer(file, size);
    fputs_unlocked(",\"dsize\":", file);
    render_integer(file, alloc);
    put_info(file, info);
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
