/* reportpage: the page's text, made of report.html, report.css and report.js when the program is
 * built, around the data: one JSON text in a script element that is not run.
 *
 * What a file is called must never become part of the page. In a script element only `</script` and
 * `<!--` could end or change it; all of `<`, `>` and `&` are written as escapes nevertheless, so
 * that the data are safe wherever they are pasted, and the two line ends of Unicode that JSON
 * allows and old scripts do not. The script puts texts on the page as texts only, and the page's
 * policy lets no other script run. One thread. */
#include "reportpage.h"

#include "report_text.h"
#include "utf8.h"

static bool is_plain(char byte)
{
    return (unsigned char)byte >= 0x20 && (unsigned char)byte < 0x7f && byte != '"' &&
           byte != '\\' && byte != '<' && byte != '>' && byte != '&';
}

static bool is_line_end(struct slice character)
{
    return slice_equal(character, slice_from("\xe2\x80\xa8")) ||
           slice_equal(character, slice_from("\xe2\x80\xa9"));
}

static void put_character(FILE *file, struct slice character)
{
    if (character.len > 1 && is_line_end(character))
        fprintf(file, "\\u20%02x", (unsigned char)character.ptr[2] - 0x80);
    else if (character.len > 1 || is_plain(character.ptr[0]))
        render_bytes(file, character);
    else
        fprintf(file, "\\u%04x", (unsigned char)character.ptr[0]);
}

static void put_text(FILE *file, struct slice text)
{
    putc_unlocked('"', file);
    while (text.len > 0) {
        size_t stray = 0;
        size_t length = utf8_length(text, &stray);
        if (length > 0) {
            put_character(file, (struct slice){text.ptr, length});
        } else {
            fputs_unlocked("\xef\xbf\xbd", file);
            length = stray;
        }
        text = (struct slice){text.ptr + length, text.len - length};
    }
    putc_unlocked('"', file);
}

void reportpage_begin(struct reportpage *page, const char *version)
{
    FILE *file = page->output->file;
    render_bytes(file, (struct slice){report_text_head, report_text_head_length});
    fputs_unlocked("{\"version\":", file);
    put_text(file, slice_from(version));
}

static void end_table(struct reportpage *page)
{
    if (page->table)
        fputs_unlocked("]}", page->output->file);
}

void reportpage_table(struct reportpage *page, const char *name, const char *const *columns,
                      size_t count)
{
    FILE *file = page->output->file;
    end_table(page);
    page->table = true;
    page->row = false;
    fputs_unlocked(",\n", file);
    put_text(file, slice_from(name));
    fputs_unlocked(":{\"columns\":[", file);
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            putc_unlocked(',', file);
        put_text(file, slice_from(columns[i]));
    }
    fputs_unlocked("],\"rows\":[", file);
}

int reportpage_row(struct reportpage *page, const struct render_cell *cells, size_t count,
                   struct err *err)
{
    FILE *file = page->output->file;
    fputs_unlocked(page->row ? ",\n[" : "\n[", file);
    page->row = true;
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            putc_unlocked(',', file);
        if (cells[i].type == RENDER_INTEGER)
            render_integer(file, cells[i].integer);
        else if (cells[i].type == RENDER_TEXT)
            put_text(file, cells[i].text);
        else
            fputs_unlocked("null", file);
    }
    putc_unlocked(']', file);
    return render_check(page->output, err);
}

int reportpage_end(struct reportpage *page, struct err *err)
{
    FILE *file = page->output->file;
    end_table(page);
    fputs_unlocked("}\n", file);
    render_bytes(file, (struct slice){report_text_tail, report_text_tail_length});
    return render_check(page->output, err);
}
