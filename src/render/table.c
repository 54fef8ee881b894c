/* table: libsmartcols draws; this file escapes the cells, fits the columns and deals in pages.
 *
 * libsmartcols wants all rows before it prints the first, at about a kilobyte each. A listing of
 * millions must not need gigabytes, so rows are printed a page at a time; the widths reached so far
 * go to the next page as its least, which keeps the columns in line nearly always. */
#include "table.h"

#include "bar.h"
#include "err.h"
#include "mem.h"
#include "utf8.h"

#include <libsmartcols.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <wctype.h>

enum {
    PAGE_ROWS = 4096, /* a few megabytes; and what nobody reads on one screen */
    GAP = 2,          /* blanks between columns */
    LEAST_LAST = 16,  /* a path shorter than this says nothing */
    LEAST_TEXT = 8,   /* a name likewise */
    LEAST_BAR = 10,   /* a bar that says something: columns give way to it */
    BAR_UNLIMITED = 40,
};

struct table {
    struct render render;
    struct render_output *output;
    const struct render_column *columns; /* borrowed */
    size_t count;
    size_t width;
    bool headings; /* to be printed with the next page */
    char **cells;  /* owned strings: rows * count of them, row by row */
    size_t rows;
    size_t *widths; /* the widest of each column so far, on the screen */
    bool *dropped;  /* columns for which there is no room; set by any page, for all after it */
    bool bars;      /* the last column holds them; until they are drawn, their numbers */
    int64_t bar_largest;
    size_t bar_columns; /* set by the first page, so that all bars are to one scale */
};

/* The next character of the text as the locale sees it: its bytes, 1 or more, and its width on the
 * screen; -1 where it is nothing to print. */
static size_t next_character(struct slice text, int *width)
{
    wchar_t wide;
    mbstate_t state = {0};
    size_t length = mbrtowc(&wide, text.ptr, text.len, &state);
    if (length == 0 || length > text.len) { /* NUL, or no character */
        *width = -1;
        return 1;
    }
    size_t stray;
    bool shown = iswprint((wint_t)wide) && utf8_is_shown(text, utf8_length(text, &stray));
    *width = shown ? wcwidth(wide) : -1;
    return length;
}

static void put_visible(FILE *file, struct slice text)
{
    while (text.len > 0) {
        int width;
        size_t length = next_character(text, &width);
        if (width >= 0 && text.ptr[0] != '\\')
            render_bytes(file, (struct slice){text.ptr, length});
        else
            for (size_t i = 0; i < length; i++)
                render_escape(file, text.ptr[i]);
        text = (struct slice){text.ptr + length, text.len - length};
    }
}

/* The cell as a string of its own; NULL: out of memory. */
static char *make_string(const struct render_cell *cell)
{
    char *string = NULL;
    size_t length = 0;
    FILE *file = open_memstream(&string, &length);
    if (file == NULL)
        return NULL;
    if (cell->type == RENDER_INTEGER)
        render_integer(file, cell->integer);
    else if (cell->type == RENDER_TEXT)
        put_visible(file, cell->text);
    if (fclose(file) == 0)
        return string;
    free(string);
    return NULL;
}

static size_t screen_width(const char *string)
{
    size_t sum = 0;
    struct slice rest = slice_from(string);
    while (rest.len > 0) {
        int width;
        size_t length = next_character(rest, &width);
        sum += width > 0 ? (size_t)width : 0;
        rest = (struct slice){rest.ptr + length, rest.len - length};
    }
    return sum;
}

/* The bytes of as many of the first characters as are at most `limit` wide. */
static size_t bytes_within(const char *string, size_t limit)
{
    struct slice rest = slice_from(string);
    size_t sum = 0;
    while (rest.len > 0) {
        int width;
        size_t length = next_character(rest, &width);
        sum += width > 0 ? (size_t)width : 0;
        if (sum > limit)
            break;
        rest = (struct slice){rest.ptr + length, rest.len - length};
    }
    return strlen(string) - rest.len;
}

/* Cuts the middle out of a string that is wider than limit, in place: the beginning of a path says
 * whose it is, the end what it is. */
static void cut_middle(char *string, size_t limit)
{
    /* The ellipsis takes one column; in a locale without it, three. */
    enum { MARK_BYTES = 3 };
    const char *mark = MB_CUR_MAX > 1 ? "\xe2\x80\xa6" : "...";
    size_t room = limit - (MB_CUR_MAX > 1 ? 1 : 3);
    size_t head = bytes_within(string, room / 3);
    size_t wide = screen_width(string);
    size_t left = room - room / 3;
    const char *tail = string + bytes_within(string, wide - left);
    while (screen_width(tail) > left) { /* a wide character does not end where it should */
        int width;
        tail += next_character(slice_from(tail), &width);
    }
    /* What is cut out takes three bytes at least: otherwise the end is moved to the right. */
    size_t cut_end = (size_t)(tail - string);
    if (cut_end < head + MARK_BYTES)
        head = cut_end > MARK_BYTES ? cut_end - MARK_BYTES : 0;
    memmove(string + head + MARK_BYTES, tail, strlen(tail) + 1);
    memcpy(string + head, mark, MARK_BYTES);
}

static void note_widths(struct table *table)
{
    for (size_t i = 0; i < table->rows * table->count; i++) {
        size_t width = screen_width(table->cells[i]);
        if (width > table->widths[i % table->count])
            table->widths[i % table->count] = width;
    }
}

/* The last column that is shown. */
static size_t last_column(const struct table *table)
{
    size_t last = table->count - 1;
    while (last > 0 && table->dropped[last])
        last--;
    return last;
}

/* What all columns but the last take. */
static size_t taken_width(const struct table *table)
{
    size_t taken = 0;
    for (size_t i = 0; i < last_column(table); i++)
        taken += table->dropped[i] ? 0 : table->widths[i] + GAP;
    return taken;
}

static size_t least_of(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* How narrow a column can become: figures cannot be cut. */
static size_t least_width(const struct table *table, size_t i)
{
    bool last = i == last_column(table);
    if (last && table->bars)
        return LEAST_BAR;
    if (table->columns[i].right || table->columns[i].whole)
        return table->widths[i];
    size_t heading = strlen(table->columns[i].name);
    size_t least = last ? LEAST_LAST : LEAST_TEXT;
    return least_of(table->widths[i], least > heading ? least : heading);
}

static size_t least_total(const struct table *table)
{
    size_t last = last_column(table);
    size_t sum = least_width(table, last);
    for (size_t i = 0; i < last; i++)
        sum += table->dropped[i] ? 0 : least_width(table, i) + GAP;
    return sum;
}

/* Leaves out what matters least until the rest can be made to fit. */
static void drop_columns(struct table *table)
{
    while (least_total(table) > table->width) {
        size_t drop = table->count;
        for (size_t i = 0; i < table->count; i++)
            if (!table->dropped[i] && table->columns[i].rank > 0 &&
                (drop == table->count || table->columns[i].rank > table->columns[drop].rank))
                drop = i;
        if (drop == table->count)
            return;
        table->dropped[drop] = true;
    }
}

static void cut_column(struct table *table, size_t i, size_t limit)
{
    for (size_t row = 0; row < table->rows; row++) {
        char *cell = table->cells[row * table->count + i];
        if (screen_width(cell) > limit)
            cut_middle(cell, limit);
    }
    table->widths[i] = least_of(table->widths[i], limit);
}

/* Fits the table to the terminal: columns are left out, then the last one gives way, then other
 * texts. */
static void fit(struct table *table)
{
    if (table->width == 0)
        return;
    drop_columns(table);
    size_t last = last_column(table);
    for (size_t i = 0; i < last; i++) {
        size_t total = taken_width(table) + least_width(table, last);
        if (table->dropped[i] || table->columns[i].right || table->columns[i].whole ||
            total <= table->width)
            continue;
        size_t over = total - table->width;
        size_t room = table->widths[i] - least_width(table, i);
        cut_column(table, i, table->widths[i] - least_of(over, room));
    }
    size_t taken = taken_width(table);
    size_t limit = taken + LEAST_TEXT < table->width ? table->width - taken : LEAST_TEXT;
    if (!table->bars && !table->columns[last].right && table->widths[last] > limit)
        cut_column(table, last, limit);
}

/* Puts bars in place of their numbers; -1: out of memory. */
static int draw_bars(struct table *table)
{
    size_t last = table->count - 1;
    size_t taken = taken_width(table);
    if (table->headings && table->width == 0)
        table->bar_columns = BAR_UNLIMITED;
    else if (table->headings)
        table->bar_columns = table->width > taken ? table->width - taken : 0;
    for (size_t row = 0; row < table->rows; row++) {
        char **cell = &table->cells[row * table->count + last];
        char *bar = malloc(BAR_TEXT(table->bar_columns));
        if (bar == NULL)
            return -1;
        bar_draw(bar, table->bar_columns, strtoll(*cell, NULL, 10), table->bar_largest);
        free(*cell);
        *cell = bar;
    }
    return 0;
}

static int add_columns(const struct table *table, struct libscols_table *page)
{
    for (size_t i = 0; i < table->count; i++) {
        if (table->dropped[i])
            continue;
        /* The last column is as wide as each row needs: no padding to the end of the line. */
        double least = i < last_column(table) ? (double)table->widths[i] : 1;
        int flags = table->columns[i].right ? SCOLS_FL_RIGHT : 0;
        /* A heading that is not shown must not be there: where it is wider than the cells,
         * libsmartcols takes its width and forgets the least. */
        const char *heading = table->headings ? table->columns[i].name : "";
        if (scols_table_new_column(page, heading, least, flags) == NULL)
            return -1;
    }
    return 0;
}

/* The page takes the strings. */
static int add_rows(struct table *table, struct libscols_table *page)
{
    for (size_t row = 0; row < table->rows; row++) {
        char **cells = table->cells + row * table->count;
        struct libscols_line *line = scols_table_new_line(page, NULL);
        if (line == NULL)
            return -1;
        for (size_t i = 0, column = 0; i < table->count; i++) {
            if (table->dropped[i])
                continue;
            if (scols_line_refer_data(line, column++, cells[i]) != 0)
                return -1;
            cells[i] = NULL;
        }
    }
    return 0;
}

static int draw(struct table *table, struct libscols_table *page)
{
    scols_table_set_stream(page, table->output->file);
    scols_table_set_termforce(page, SCOLS_TERMFORCE_NEVER); /* the fitting is done */
    scols_table_enable_noencoding(page, 1);                 /* the escaping too */
    scols_table_enable_noheadings(page, !table->headings);
    scols_table_enable_minout(page, 1);
    if (scols_table_set_column_separator(page, "  ") != 0 || add_columns(table, page) != 0 ||
        add_rows(table, page) != 0)
        return -1;
    return scols_print_table(page);
}

static void drop_rows(struct table *table)
{
    for (size_t i = 0; i < table->rows * table->count; i++)
        free(table->cells[i]);
    table->rows = 0;
}

static int flush_page(struct table *table, struct err *err)
{
    note_widths(table);
    fit(table);
    int fitted = table->bars ? draw_bars(table) : 0;
    struct libscols_table *page = scols_new_table();
    int drawn = page == NULL || fitted != 0 ? -1 : draw(table, page);
    scols_unref_table(page);
    drop_rows(table);
    table->headings = false;
    if (drawn != 0 && !ferror(table->output->file))
        return err_set(err, "%s: cannot write: out of memory", table->output->name);
    return render_check(table->output, err);
}

static int put_row(struct render *render, const struct render_cell *cells, struct err *err)
{
    struct table *table = (struct table *)render;
    char **row = table->cells + table->rows * table->count;
    bool whole = true;
    for (size_t i = 0; i < table->count; i++) {
        row[i] = make_string(&cells[i]);
        whole = whole && row[i] != NULL;
    }
    table->rows++; /* also a row with gaps: freeing takes NULL */
    if (!whole)
        return err_set(err, "%s: cannot write: out of memory", table->output->name);
    return table->rows == PAGE_ROWS ? flush_page(table, err) : 0;
}

static int put_end(struct render *render, struct err *err)
{
    struct table *table = (struct table *)render;
    if (table->rows == 0)
        return render_check(table->output, err);
    return flush_page(table, err);
}

static void free_table(struct render *render)
{
    struct table *table = (struct table *)render;
    drop_rows(table);
    free(table->cells);
    free(table->widths);
    free(table->dropped);
    free(table);
}

struct render *table_new(struct render_output *output, const struct render_column *columns,
                         size_t count, size_t width)
{
    struct table *table = mem_new(sizeof *table);
    table->render = (struct render){put_row, put_end, free_table};
    table->output = output;
    table->columns = columns;
    table->count = count;
    table->width = width;
    table->headings = true;
    table->cells = mem_new(PAGE_ROWS * count * sizeof *table->cells);
    table->widths = mem_new(count * sizeof *table->widths);
    table->dropped = mem_new(count * sizeof *table->dropped);
    for (size_t i = 0; i < count; i++)
        table->widths[i] = strlen(columns[i].name);
    return &table->render;
}

void table_bars(struct render *render, int64_t largest)
{
    struct table *table = (struct table *)render;
    table->bars = true;
    table->bar_largest = largest;
}
