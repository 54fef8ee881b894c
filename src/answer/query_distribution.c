/* query_distribution: histograms as tables with a bar for each row.
 *
 * All percentages are of the histogram's own total, and all bars are to one scale, on which the
 * largest bucket fills the room: an owner's bar can be held against the bucket's above it. Where
 * the terminal is narrow, the columns about files give way to the bar first. One thread. */
#include "query_distribution.h"

#include "answer.h"
#include "distribution.h"
#include "err.h"
#include "query_options.h"
#include "query_output.h"
#include "reader.h"
#include "render.h"
#include "table.h"
#include "units.h"

#include <inttypes.h>
#include <stdio.h>

enum { MOST_COLUMNS = 7 };

/* Which columns a table has. */
struct layout {
    bool owners;
    struct render_column columns[MOST_COLUMNS]; /* for the renderer, which borrows them */
    size_t count;
};

static void add_column(struct layout *layout, const char *name, bool right, unsigned rank)
{
    layout->columns[layout->count++] = (struct render_column){name, right, rank, false};
}

/* What the ages of the access histogram are counted from, as its heading. */
static const char *age_heading(const struct answer *answer)
{
    static const char *const headings[HISTOGRAM_AGES] = {
        [HISTOGRAM_BY_ATIME] = "LAST ACCESS",
        [HISTOGRAM_BY_MTIME] = "LAST MODIFIED",
        [HISTOGRAM_BY_LATEST] = "LAST USED",
    };
    const char *name = distribution_age_by(answer);
    return name == NULL ? "AGE" : headings[histogram_age_find(slice_from(name))];
}

/* `heading`: of the buckets. */
static void choose_columns(struct layout *layout, const char *heading, bool owners)
{
    *layout = (struct layout){.owners = owners};
    add_column(layout, heading, false, 0);
    layout->columns[0].whole = true;
    if (layout->owners)
        add_column(layout, "OWNER", false, 0);
    add_column(layout, "FILES", true, 3);
    add_column(layout, "%", true, 4);
    add_column(layout, "SIZE", true, 0);
    add_column(layout, "%", true, 2);
    add_column(layout, "", false, 0);
}

/* "12.3", rounded half up; "<0.1" of what would be none; "-" of nothing. */
static void put_percent(char out[UNITS_TEXT], uint64_t part, uint64_t whole)
{
    while (whole > UINT64_MAX / 2000) { /* room for a thousand times as much, and half of it */
        whole /= 2;
        part /= 2;
    }
    uint64_t tenths = whole == 0 ? 0 : (part * 1000 + whole / 2) / whole;
    if (whole == 0)
        snprintf(out, UNITS_TEXT, "-");
    else if (tenths == 0 && part > 0)
        snprintf(out, UNITS_TEXT, "<0.1");
    else
        snprintf(out, UNITS_TEXT, "%" PRIu64 ".%" PRIu64, tenths / 10, tenths % 10);
}

static struct render_cell text_cell(const char *text)
{
    return (struct render_cell){.type = RENDER_TEXT, .text = slice_from(text)};
}

static struct render_cell plain_cell(const struct reader_value *value)
{
    if (value->type == READER_TEXT)
        return (struct render_cell){.type = RENDER_TEXT, .text = value->text};
    return (struct render_cell){.type = RENDER_INTEGER, .integer = value->integer};
}

/* A bucket's row has its label, an owner's the owner. */
static int print_row(struct render *render, const struct layout *layout,
                     const struct reader_value *values, struct histogram_bucket total,
                     struct err *err)
{
    struct render_cell cells[MOST_COLUMNS];
    char files[UNITS_TEXT], files_percent[UNITS_TEXT], size[UNITS_TEXT], size_percent[UNITS_TEXT];
    size_t count = 0;
    int64_t file_count = values[DISTRIBUTION_FILES].integer;
    int64_t total_size = values[DISTRIBUTION_SIZE].integer;
    const struct reader_value *owner = &values[DISTRIBUTION_OWNER];
    const struct reader_value *name = &values[DISTRIBUTION_NAME];
    bool of_owner = owner->type != READER_NULL;

    units_count(files, file_count);
    units_size(size, total_size);
    put_percent(files_percent, (uint64_t)file_count, total.files);
    put_percent(size_percent, (uint64_t)total_size, total.size);
    cells[count++] = of_owner ? text_cell("") : plain_cell(&values[DISTRIBUTION_LABEL]);
    if (layout->owners && of_owner)
        cells[count++] = plain_cell(name->type == READER_NULL ? owner : name);
    else if (layout->owners)
        cells[count++] = text_cell("");
    cells[count++] = text_cell(files);
    cells[count++] = text_cell(files_percent);
    cells[count++] = text_cell(size);
    cells[count++] = text_cell(size_percent);
    cells[count++] = (struct render_cell){.type = RENDER_INTEGER, .integer = total_size};
    return render_row(render, cells, err);
}

/* The rows of one kind. Begins with *values, the first, and leaves there the first of the next
 * kind, or NULL. */
static int print_table(struct answer *answer, enum histogram_kind kind, bool owners,
                       struct render_output *output, const struct reader_value **values,
                       uint64_t *count, struct err *err)
{
    struct layout layout;
    struct histogram_bucket total = distribution_total(answer, kind);
    size_t width = query_output_width(output);
    choose_columns(&layout, kind == HISTOGRAM_ACCESS ? age_heading(answer) : "FILE SIZE", owners);
    struct render *render = table_new(output, layout.columns, layout.count, width);
    table_bars(render, (int64_t)distribution_largest(answer, kind).size);
    const struct slice name = slice_from(histogram_kind_name(kind));
    int status = 0;
    while (status == 0 && *values != NULL && slice_equal((*values)[DISTRIBUTION_KIND].text, name)) {
        status = print_row(render, &layout, *values, total, err);
        ++*count;
        if (answer->next(answer, values, err) != 1)
            *values = NULL;
    }
    if (status == 0)
        status = render_end(render, err);
    render_free(render);
    return status;
}

int query_distribution_print(struct answer *answer, const struct query_options *options,
                             struct render_output *output, uint64_t *count, struct err *err)
{
    const struct reader_value *values = NULL;
    bool owners = options->top != DISTRIBUTION_NO_OWNERS;
    bool begun = false;
    if (answer->next(answer, &values, err) != 1)
        return -1;
    for (enum histogram_kind kind = 0; kind < HISTOGRAM_KINDS; kind++) {
        if ((options->histogram >> kind & 1) == 0)
            continue;
        if (begun)
            putc_unlocked('\n', output->file);
        begun = true;
        if (print_table(answer, kind, owners, output, &values, count, err) != 0)
            return -1;
    }
    return 0;
}
