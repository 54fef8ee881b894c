/* query_view: people get sizes like 1.5 GiB, days and names; programs get what the database holds.
 * One thread. */
#include "query_view.h"

#include "diff.h"
#include "distribution.h"
#include "query.h"
#include "query_options.h"
#include "reader.h"
#include "units.h"

#include <stdio.h>

_Static_assert((int)QUERY_LISTING_COLUMNS < (int)QUERY_VIEW_COLUMNS,
               "a view holds any question's columns");

static void add_column(struct query_view *view, struct query_view_column column)
{
    view->heads[view->count] = column.head;
    view->columns[view->count++] = column;
}

static void add_plain(struct query_view *view, const char *name, size_t column)
{
    add_column(view, (struct query_view_column){{name, false}, QUERY_VIEW_AS_IS, column, 0});
}

static void add_figure(struct query_view *view, const char *name, enum query_view_shape shape,
                       size_t column)
{
    add_column(view, (struct query_view_column){{name, true}, shape, column, 0});
}

/* All of --diff's columns but those of the other kind of row. */
static void view_diff_for_programs(struct query_view *view, enum filter_group group_by)
{
    for (enum diff_column i = 0; i < DIFF_COLUMNS; i++) {
        bool of_paths = i == DIFF_PATH;
        bool of_owners = i == DIFF_ID || i == DIFF_NAME;
        bool grouped = group_by != FILTER_DIRECTORIES;
        if ((!of_paths || !grouped) && (!of_owners || grouped))
            add_plain(view, diff_column_name(i, group_by == FILTER_BY_OWNER), i);
    }
}

static void view_for_programs(struct query_view *view, const struct query_options *options,
                              bool many)
{
    const struct filter *filter = &options->filter;
    if (options->older != NULL) {
        view_diff_for_programs(view, filter->group_by);
    } else if (options->histogram != 0) {
        bool owners = options->top != DISTRIBUTION_NO_OWNERS;
        enum distribution_column end = owners ? DISTRIBUTION_COLUMNS : DISTRIBUTION_OWNER;
        for (enum distribution_column i = 0; i < end; i++)
            add_plain(view, distribution_column_name(i), i);
    } else if (options->summary) {
        for (enum query_summary i = 0; i < QUERY_LOG_COLUMNS; i++)
            add_plain(view, query_summary_name(i), i);
    } else if (filter->group_by != FILTER_DIRECTORIES) {
        if (many && options->verbose)
            add_plain(view, "filesystem", QUERY_TOTAL_FILESYSTEM);
        for (enum statement_total i = 0; i < STATEMENT_TOTALS; i++)
            add_plain(view, statement_total_name(i, filter->group_by), i);
    } else {
        for (size_t i = many ? QUERY_FILESYSTEM : QUERY_LISTING;
             i < QUERY_LISTING + (filter_holds(filter) ? STATEMENT_USERNAME : STATEMENT_OWNER_SIZE);
             i++)
            add_plain(view, query_listing_name(i), i);
    }
}

/* The last column is the one that a narrow terminal cuts. */
static void view_listing(struct query_view *view, const struct filter *filter, bool many)
{
    enum filter_sort sort = filter->sort_by;
    if (many)
        add_plain(view, "FILESYSTEM", QUERY_FILESYSTEM);
    if (filter_holds(filter))
        add_figure(view, "HELD", QUERY_VIEW_BYTES, QUERY_LISTING + STATEMENT_OWNER_SIZE);
    if (sort == FILTER_SORT_SIZE_NR)
        add_figure(view, "SIZE HERE", QUERY_VIEW_BYTES, QUERY_LISTING + STATEMENT_SIZE_NR);
    if (sort == FILTER_SORT_FILES_NR)
        add_figure(view, "FILES HERE", QUERY_VIEW_COUNT, QUERY_LISTING + STATEMENT_FILES_NR);
    if (sort == FILTER_SORT_DEPTH)
        add_figure(view, "DEPTH", QUERY_VIEW_COUNT, QUERY_LISTING + STATEMENT_DEPTH);
    add_figure(view, "SIZE", QUERY_VIEW_BYTES, QUERY_LISTING + STATEMENT_SIZE_R);
    add_figure(view, "ALLOCATED", QUERY_VIEW_BYTES, QUERY_LISTING + STATEMENT_ALLOC_R);
    add_figure(view, "FILES", QUERY_VIEW_COUNT, QUERY_LISTING + STATEMENT_FILES_R);
    add_figure(view, "DIRS", QUERY_VIEW_COUNT, QUERY_LISTING + STATEMENT_DIRS_R);
    add_figure(view, "ACCESSED", QUERY_VIEW_DAY, QUERY_LISTING + STATEMENT_ATIME_R);
    add_column(view, (struct query_view_column){{"OWNER", false},
                                                QUERY_VIEW_OWNER,
                                                QUERY_LISTING + STATEMENT_OWNER_UID,
                                                QUERY_LISTING + STATEMENT_USERNAME});
    add_plain(view, "PATH", QUERY_LISTING + STATEMENT_PATH);
}

/* split: parts by file system follow the sums. */
static void view_totals(struct query_view *view, enum filter_group group_by, bool split)
{
    if (split)
        add_column(view, (struct query_view_column){
                             {"FILESYSTEM", false}, QUERY_VIEW_PART, QUERY_TOTAL_FILESYSTEM, 0});
    add_figure(view, "SIZE", QUERY_VIEW_BYTES, STATEMENT_TOTAL_SIZE);
    add_figure(view, "ALLOCATED", QUERY_VIEW_BYTES, STATEMENT_TOTAL_ALLOC);
    add_figure(view, "FILES", QUERY_VIEW_COUNT, STATEMENT_TOTAL_FILES);
    add_figure(view, "DIRS", QUERY_VIEW_COUNT, STATEMENT_TOTAL_DIRECTORIES);
    add_figure(view, "ACCESSED", QUERY_VIEW_DAY, STATEMENT_TOTAL_ATIME);
    const char *heading = group_by == FILTER_BY_OWNER ? "OWNER" : "GROUP";
    add_column(view,
               (struct query_view_column){
                   {heading, false}, QUERY_VIEW_OWNER, STATEMENT_TOTAL_ID, STATEMENT_TOTAL_NAME});
}

static void view_summary(struct query_view *view)
{
    add_plain(view, "FILESYSTEM", QUERY_LOG_FILESYSTEM);
    add_figure(view, "SCANNED", QUERY_VIEW_DAY, QUERY_LOG_SCANNED);
    add_figure(view, "FILES", QUERY_VIEW_COUNT, QUERY_LOG_FILES);
    add_figure(view, "DIRS", QUERY_VIEW_COUNT, QUERY_STORED_DIRECTORIES);
    add_figure(view, "SIZE", QUERY_VIEW_BYTES, QUERY_LOG_SIZE);
    add_figure(view, "ALLOCATED", QUERY_VIEW_BYTES, QUERY_LOG_ALLOC);
    add_figure(view, "LINES", QUERY_VIEW_COUNT, QUERY_LOG_LINES);
    add_figure(view, "REJECTED", QUERY_VIEW_COUNT, QUERY_LOG_REJECTED);
    add_figure(view, "FLAWED", QUERY_VIEW_COUNT, QUERY_LOG_FLAWED);
    add_figure(view, "SCAN ERRORS", QUERY_VIEW_COUNT, QUERY_LOG_SCAN_ERRORS);
    add_figure(view, "EXCLUDED", QUERY_VIEW_COUNT, QUERY_LOG_EXCLUDED);
    add_plain(view, "AGE BY", QUERY_LOG_AGE_BY);
    add_figure(view, "IMPORTED", QUERY_VIEW_DAY, QUERY_LOG_IMPORTED);
    add_plain(view, "FORMAT", QUERY_LOG_FORMAT);
    add_plain(view, "INPUT", QUERY_LOG_SOURCE);
}

static void view_diff(struct query_view *view, enum filter_group group_by)
{
    add_figure(view, "CHANGE", QUERY_VIEW_SIZE_CHANGE, DIFF_SIZE_CHANGE);
    add_figure(view, "OLDER", QUERY_VIEW_BYTES, DIFF_SIZE_OLDER);
    add_figure(view, "NEWER", QUERY_VIEW_BYTES, DIFF_SIZE_NEWER);
    add_figure(view, "ALLOCATED", QUERY_VIEW_SIZE_CHANGE, DIFF_ALLOC_CHANGE);
    add_figure(view, "FILES", QUERY_VIEW_COUNT_CHANGE, DIFF_FILES_CHANGE);
    add_plain(view, "STATUS", DIFF_STATUS);
    if (group_by == FILTER_DIRECTORIES)
        add_plain(view, "PATH", DIFF_PATH);
    else
        add_column(view, (struct query_view_column){
                             {group_by == FILTER_BY_OWNER ? "OWNER" : "GROUP", false},
                             QUERY_VIEW_OWNER,
                             DIFF_ID,
                             DIFF_NAME});
}

static void view_for_people(struct query_view *view, const struct query_options *options, bool many)
{
    if (options->older != NULL)
        view_diff(view, options->filter.group_by);
    else if (options->summary)
        view_summary(view);
    else if (options->filter.group_by != FILTER_DIRECTORIES)
        view_totals(view, options->filter.group_by, many && options->verbose);
    else
        view_listing(view, &options->filter, many);
}

void query_view_choose(struct query_view *view, const struct query_options *options, bool many)
{
    *view = (struct query_view){0};
    if (options->format == QUERY_FORMAT_TABLE)
        view_for_people(view, options, many);
    else
        view_for_programs(view, options, many);
}

static struct render_cell text_cell(const char *text)
{
    return (struct render_cell){.type = RENDER_TEXT, .text = slice_from(text)};
}

static struct render_cell plain_cell(const struct reader_value *value)
{
    switch (value->type) {
    case READER_INTEGER:
        return (struct render_cell){.type = RENDER_INTEGER, .integer = value->integer};
    case READER_TEXT:
        return (struct render_cell){.type = RENDER_TEXT, .text = value->text};
    case READER_NULL:
        break;
    }
    return (struct render_cell){.type = RENDER_NULL};
}

static struct render_cell owner_cell(const struct reader_value *owner,
                                     const struct reader_value *name)
{
    if (owner->type == READER_NULL)
        return text_cell("several");
    if (owner->integer < 0)
        return text_cell("-"); /* no files, or a group that the log does not give */
    return plain_cell(name->type == READER_NULL ? owner : name);
}

/* scratch holds what the cell points to. */
static struct render_cell shape_cell(const struct query_view_column *column,
                                     const struct reader_value *values, char scratch[UNITS_TEXT])
{
    const struct reader_value *value = &values[column->column];
    switch (column->shape) {
    case QUERY_VIEW_BYTES:
        units_size(scratch, value->integer);
        return text_cell(scratch);
    case QUERY_VIEW_COUNT:
        units_count(scratch, value->integer);
        return text_cell(scratch);
    case QUERY_VIEW_SIZE_CHANGE:
        units_size_change(scratch, value->integer);
        return text_cell(scratch);
    case QUERY_VIEW_COUNT_CHANGE:
        units_count_change(scratch, value->integer);
        return text_cell(scratch);
    case QUERY_VIEW_PART:
        return value->type == READER_NULL ? text_cell("all") : plain_cell(value);
    case QUERY_VIEW_DAY:
        snprintf(scratch, UNITS_TEXT, "%.*s", (int)(value->text.len < 10 ? value->text.len : 10),
                 value->text.ptr == NULL ? "" : value->text.ptr);
        return text_cell(value->type == READER_NULL ? "-" : scratch);
    case QUERY_VIEW_OWNER:
        return owner_cell(value, &values[column->name]);
    case QUERY_VIEW_AS_IS:
        break;
    }
    return plain_cell(value);
}

int query_view_row(const struct query_view *view, struct render *render,
                   const struct reader_value *values, struct err *err)
{
    struct render_cell cells[QUERY_VIEW_COLUMNS];
    char scratch[QUERY_VIEW_COLUMNS][UNITS_TEXT];
    for (size_t i = 0; i < view->count; i++)
        cells[i] = shape_cell(&view->columns[i], values, scratch[i]);
    return render_row(render, cells, err);
}
