/* json: RFC 8259 text, written as the rows come, so that a listing of millions needs no memory. The
 * array has an object a line too: it can be read with grep as well as with a parser. */
#include "json.h"

#include "mem.h"
#include "utf8.h"

#include <stdlib.h>

struct json {
    struct render render;
    struct render_output *output;
    const struct render_column *columns; /* borrowed */
    size_t count;
    bool array;
    bool begun; /* a row has been written */
};

static void put_character(FILE *file, struct slice character)
{
    char byte = character.ptr[0];
    if (byte == '"' || byte == '\\')
        putc_unlocked('\\', file);
    if (byte == '\n')
        fputs_unlocked("\\n", file);
    else if (byte == '\t')
        fputs_unlocked("\\t", file);
    else if (byte == '\r')
        fputs_unlocked("\\r", file);
    else if ((unsigned char)byte < 0x20 || byte == 0x7f)
        fprintf(file, "\\u%04x", (unsigned char)byte);
    else
        render_bytes(file, character);
}

bool json_string(FILE *file, struct slice text)
{
    bool whole = true;
    putc_unlocked('"', file);
    while (text.len > 0) {
        size_t stray = 0;
        size_t length = utf8_length(text, &stray);
        if (length > 0) {
            put_character(file, (struct slice){text.ptr, length});
        } else {
            fputs_unlocked("\xef\xbf\xbd", file);
            whole = false;
            length = stray;
        }
        text = (struct slice){text.ptr + length, text.len - length};
    }
    putc_unlocked('"', file);
    return whole;
}

/* RFC 4648, section 4, with padding. */
static void put_base64(FILE *file, struct slice bytes)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < bytes.len; i += 3) {
        size_t have = bytes.len - i < 3 ? bytes.len - i : 3;
        unsigned group = 0;
        for (size_t j = 0; j < 3; j++)
            group = group << 8 | (j < have ? (unsigned char)bytes.ptr[i + j] : 0u);
        char out[4] = {letters[group >> 18], letters[group >> 12 & 63],
                       have > 1 ? letters[group >> 6 & 63] : '=',
                       have > 2 ? letters[group & 63] : '='};
        render_bytes(file, (struct slice){out, sizeof out});
    }
}

static void put_member(FILE *file, const char *name, const struct render_cell *cell)
{
    fprintf(file, "\"%s\":", name);
    if (cell->type == RENDER_NULL) {
        fputs_unlocked("null", file);
    } else if (cell->type == RENDER_INTEGER) {
        render_integer(file, cell->integer);
    } else if (!json_string(file, cell->text)) {
        fprintf(file, ",\"%s_base64\":\"", name);
        put_base64(file, cell->text);
        putc_unlocked('"', file);
    }
}

static int put_row(struct render *render, const struct render_cell *cells, struct err *err)
{
    struct json *json = (struct json *)render;
    FILE *file = json->output->file;
    if (json->array)
        fputs_unlocked(json->begun ? ",\n" : "[\n", file);
    json->begun = true;
    putc_unlocked('{', file);
    for (size_t i = 0; i < json->count; i++) {
        if (i > 0)
            putc_unlocked(',', file);
        put_member(file, json->columns[i].name, &cells[i]);
    }
    putc_unlocked('}', file);
    if (!json->array)
        putc_unlocked('\n', file);
    return render_check(json->output, err);
}

static int put_end(struct render *render, struct err *err)
{
    struct json *json = (struct json *)render;
    if (json->array)
        fputs_unlocked(json->begun ? "\n]\n" : "[]\n", json->output->file);
    return render_check(json->output, err);
}

static void free_json(struct render *render)
{
    free(render);
}

static struct render *make(struct render_output *output, const struct render_column *columns,
                           size_t count, bool array)
{
    struct json *json = mem_new(sizeof *json);
    json->render = (struct render){put_row, put_end, free_json};
    json->output = output;
    json->columns = columns;
    json->count = count;
    json->array = array;
    return &json->render;
}

struct render *json_array(struct render_output *output, const struct render_column *columns,
                          size_t count)
{
    return make(output, columns, count, true);
}

struct render *json_lines(struct render_output *output, const struct render_column *columns,
                          size_t count)
{
    return make(output, columns, count, false);
}
