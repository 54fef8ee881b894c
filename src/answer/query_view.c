/* query_view: people get sizes like 1.5 GiB, days and names; programs get what the database holds.
 * One thread. */
#include "query_view.h"

#include <stdio.h>

#include "units.h"

static bool is_figure(enum answer_kind kind)
{
    return kind != ANSWER_TEXT && kind != ANSWER_PATH && kind != ANSWER_OWNER &&
           kind != ANSWER_PART;
}

/* The column of the answer that is shown at a place. */
static size_t column_at(const struct query_view *view, size_t place)
{
    return view->people ? view->answer->people[place] : place;
}

/* Where the terminal is narrow, what matters least is left out first: the first column says what the
 * rows are sorted by, then come the path and the owner, then the others from left to right. */
static unsigned rank_of(const struct answer_column *column, size_t place)
{
    if (place == 0 || column->kind == ANSWER_PATH)
        return 0;
    return column->kind == ANSWER_OWNER ? 1 : 2 + (unsigned)place;
}

void query_view_choose(struct query_view *view, const struct answer *answer, bool people)
{
    *view = (struct query_view){.answer = answer, .people = people};
    view->count = people ? answer->people_count : answer->count;
    for (size_t i = 0; i < view->count; i++) {
        const struct answer_column *column = &answer->columns[column_at(view, i)];
        view->heads[i] = (struct render_column){.name = people ? column->heading : column->name,
                                                .right = people && is_figure(column->kind),
                                                .rank = rank_of(column, i)};
    }
}

static struct render_cell text_cell(const char *text)
{
    return (struct render_cell){.type = RENDER_TEXT, .text = slice_from(text)};
}

struct render_cell query_view_cell(const struct reader_value *value)
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
    return query_view_cell(name->type == READER_NULL ? owner : name);
}

static struct render_cell day_cell(const struct reader_value *value, char scratch[UNITS_TEXT])
{
    if (value->type == READER_NULL)
        return text_cell("-");
    int len = value->text.len < 10 ? (int)value->text.len : 10;
    snprintf(scratch, UNITS_TEXT, "%.*s", len, value->text.ptr == NULL ? "" : value->text.ptr);
    return text_cell(scratch);
}

/* scratch holds what the cell points to. */
static struct render_cell shape_cell(const struct answer_column *column,
                                     const struct reader_value *value,
                                     const struct reader_value *beside, char scratch[UNITS_TEXT])
{
    bool known = value->type == READER_INTEGER;
    switch (column->kind) {
    case ANSWER_BYTES:
        units_size(scratch, value->integer);
        return text_cell(known ? scratch : "-");
    case ANSWER_COUNT:
        units_count(scratch, value->integer);
        return text_cell(known ? scratch : "-");
    case ANSWER_BYTES_CHANGE:
        units_size_change(scratch, value->integer);
        return text_cell(known ? scratch : "-");
    case ANSWER_COUNT_CHANGE:
        units_count_change(scratch, value->integer);
        return text_cell(known ? scratch : "-");
    case ANSWER_PART:
        return value->type == READER_NULL ? text_cell("all") : query_view_cell(value);
    case ANSWER_DAY:
        return day_cell(value, scratch);
    case ANSWER_OWNER:
        return owner_cell(value, beside);
    default:
        return query_view_cell(value);
    }
}

int query_view_row(const struct query_view *view, struct render *render,
                   const struct reader_value *values, struct err *err)
{
    struct render_cell cells[ANSWER_COLUMNS];
    char scratch[ANSWER_COLUMNS][UNITS_TEXT];
    for (size_t i = 0; i < view->count; i++) {
        const struct answer_column *column = &view->answer->columns[column_at(view, i)];
        const struct reader_value *value = &values[column_at(view, i)];
        cells[i] = view->people ? shape_cell(column, value, &values[column->beside], scratch[i])
                                : query_view_cell(value);
    }
    return render_row(render, cells, err);
}
