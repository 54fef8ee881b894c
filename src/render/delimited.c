/* delimited: a row a line, a separator between the fields. The two formats differ in the separator
 * and in how a text is kept from being mistaken for one: TSV escapes, CSV quotes (RFC 4180, but for
 * the line end, which is a plain newline as other Unix tools write and read it). Paths go out byte
 * for byte, whatever their encoding. */
#include "delimited.h"

#include "mem.h"

#include <stdlib.h>

struct delimited {
    struct render render;
    struct render_output *output;
    size_t count; /* columns */
    char separator;
    void (*put_text)(FILE *file, struct slice text);
};

static void put_csv(FILE *file, struct slice text)
{
    bool plain = true;
    for (size_t i = 0; i < text.len && plain; i++)
        plain =
            text.ptr[i] != ',' && text.ptr[i] != '"' && text.ptr[i] != '\r' && text.ptr[i] != '\n';
    if (plain) {
        render_bytes(file, text);
        return;
    }
    putc_unlocked('"', file);
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '"')
            putc_unlocked('"', file);
        putc_unlocked(text.ptr[i], file);
    }
    putc_unlocked('"', file);
}

static int put_row(struct render *render, const struct render_cell *cells, struct err *err)
{
    struct delimited *delimited = (struct delimited *)render;
    FILE *file = delimited->output->file;
    for (size_t i = 0; i < delimited->count; i++) {
        if (i > 0)
            putc_unlocked(delimited->separator, file);
        if (cells[i].type == RENDER_INTEGER)
            render_integer(file, cells[i].integer);
        else if (cells[i].type == RENDER_TEXT)
            delimited->put_text(file, cells[i].text);
    }
    putc_unlocked('\n', file);
    return render_check(delimited->output, err);
}

static int put_end(struct render *render, struct err *err)
{
    return render_check(((struct delimited *)render)->output, err);
}

static void free_delimited(struct render *render)
{
    free(render);
}

static struct render *make(struct render_output *output, const struct render_column *columns,
                           size_t count, char separator,
                           void put_text(FILE *file, struct slice text))
{
    struct delimited *delimited = mem_new(sizeof *delimited);
    delimited->render = (struct render){put_row, put_end, free_delimited};
    delimited->output = output;
    delimited->count = count;
    delimited->separator = separator;
    delimited->put_text = put_text;
    for (size_t i = 0; i < count; i++)
        fprintf(output->file, "%s%c", columns[i].name, i + 1 < count ? separator : '\n');
    return &delimited->render;
}

struct render *delimited_tsv(struct render_output *output, const struct render_column *columns,
                             size_t count)
{
    return make(output, columns, count, '\t', render_escaped);
}

struct render *delimited_csv(struct render_output *output, const struct render_column *columns,
                             size_t count)
{
    return make(output, columns, count, ',', put_csv);
}
