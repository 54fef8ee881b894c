/* diff: both preorders read side by side, as two sorted lists are merged.
 *
 * Whether a directory explains its change itself is known when its subtree has been read. So the
 * directories on the way down to the current one wait on a stack: each is a prefix of the next, and
 * one buffer holds all their paths. Rows go into a heap of the filter's limit, the least change on
 * top. Memory is a path's depth and the rows wanted, whatever the databases hold. One thread. */
#include "diff.h"

#include "err.h"
#include "filter.h"
#include "mem.h"
#include "reader.h"
#include "scope.h"
#include "statement.h"

#include <stdint.h>
#include <stdlib.h>

struct figures {
    int64_t size;
    int64_t alloc;
    int64_t files;
};

/* Something that one scan or both have. */
struct pair {
    struct figures older; /* zero where it is not there */
    struct figures newer;
    bool in_older;
    bool in_newer;
};

struct row {
    struct pair pair;
    char *text; /* owned: a path, or an owner's name (NULL: not known) */
    size_t length;
    int64_t id;
};

/* A directory on the way down to the current one. */
struct level {
    struct pair pair;
    size_t length;           /* of its path, in the diff's buffer */
    size_t changed_children; /* that can be shown themselves */
    struct figures change;   /* of one of them */
};

/* One database, and where it is being read. */
struct side {
    struct reader *reader;
    struct scope scope;
    int64_t scanned;          /* the last scan's day, in days; 0: not known */
    struct reader_rows *rows; /* NULL: read to the end */
    struct slice path;        /* of the current row: borrowed from rows */
    struct figures figures;
};

struct diff {
    const struct filter *filter; /* borrowed; while opening only */
    bool all;
    bool by_id;
    bool backwards;
    bool has_older; /* any directory to compare; and any that both have */
    bool has_newer;
    bool has_common;
    struct side older;
    struct side newer;
    struct level *levels;
    size_t depth;
    size_t level_room;
    char *path; /* of the deepest level */
    size_t path_room;
    struct row *rows; /* a heap, the least change first, until all are there */
    size_t count;
    size_t room;
    size_t given;
    struct reader_value values[DIFF_COLUMNS];
};

const char *diff_column_name(enum diff_column column, bool by_owner)
{
    static const char *const names[] = {
        [DIFF_PATH] = "path",
        [DIFF_STATUS] = "status",
        [DIFF_SIZE_OLDER] = "total_size_older",
        [DIFF_SIZE_NEWER] = "total_size_newer",
        [DIFF_SIZE_CHANGE] = "total_size_change",
        [DIFF_ALLOC_OLDER] = "total_alloc_older",
        [DIFF_ALLOC_NEWER] = "total_alloc_newer",
        [DIFF_ALLOC_CHANGE] = "total_alloc_change",
        [DIFF_FILES_OLDER] = "file_count_older",
        [DIFF_FILES_NEWER] = "file_count_newer",
        [DIFF_FILES_CHANGE] = "file_count_change",
    };
    if (column == DIFF_ID)
        return by_owner ? "owner_uid" : "owner_gid";
    if (column == DIFF_NAME)
        return by_owner ? "username" : "groupname";
    return names[column];
}

/* ---- Changes and their order ---- */

/* No overflow: the figures are not negative. */
static struct figures change_of(const struct pair *pair)
{
    return (struct figures){pair->newer.size - pair->older.size,
                            pair->newer.alloc - pair->older.alloc,
                            pair->newer.files - pair->older.files};
}

static bool same_figures(const struct figures *a, const struct figures *b)
{
    return a->size == b->size && a->alloc == b->alloc && a->files == b->files;
}

static bool has_changed(const struct pair *pair)
{
    return pair->in_older != pair->in_newer || !same_figures(&pair->older, &pair->newer);
}

/* Paths in preorder: component by component, so `/` is below every byte. */
static int compare_paths(struct slice a, struct slice b)
{
    if (a.len == 1) /* `/` is above all: as if it were empty */
        a.len = 0;
    if (b.len == 1)
        b.len = 0;
    size_t i = 0;
    while (i < a.len && i < b.len && a.ptr[i] == b.ptr[i])
        i++;
    if (i == a.len || i == b.len)
        return (a.len > b.len) - (a.len < b.len);
    int left = a.ptr[i] == '/' ? 0 : (unsigned char)a.ptr[i];
    int right = b.ptr[i] == '/' ? 0 : (unsigned char)b.ptr[i];
    return left - right;
}

static int compare_magnitudes(int64_t a, int64_t b)
{
    a = a < 0 ? -a : a;
    b = b < 0 ? -b : b;
    return (a > b) - (a < b);
}

/* <0: a is to be shown before b: bytes first, then what is allocated, then files, then the order of
 * paths or of numbers. */
static int compare_rows(const void *left, const void *right)
{
    const struct row *a = left;
    const struct row *b = right;
    struct figures one = change_of(&a->pair);
    struct figures two = change_of(&b->pair);
    int order = compare_magnitudes(two.size, one.size);
    if (order == 0)
        order = compare_magnitudes(two.alloc, one.alloc);
    if (order == 0)
        order = compare_magnitudes(two.files, one.files);
    if (order == 0)
        order = (a->id > b->id) - (a->id < b->id);
    if (order == 0 && a->id < 0)
        order =
            compare_paths((struct slice){a->text, a->length}, (struct slice){b->text, b->length});
    return order;
}

/* ---- The heap ---- */

static void swap_rows(struct row *a, struct row *b)
{
    struct row kept = *a;
    *a = *b;
    *b = kept;
}

static void sift_up(struct row *rows, size_t i)
{
    while (i > 0 && compare_rows(&rows[i], &rows[(i - 1) / 2]) > 0) {
        swap_rows(&rows[i], &rows[(i - 1) / 2]);
        i = (i - 1) / 2;
    }
}

static void sift_down(struct row *rows, size_t count)
{
    size_t i = 0;
    for (;;) {
        size_t last = i; /* of the three, the one to be shown last */
        for (size_t child = 2 * i + 1; child <= 2 * i + 2 && child < count; child++)
            if (compare_rows(&rows[child], &rows[last]) > 0)
                last = child;
        if (last == i)
            return;
        swap_rows(&rows[i], &rows[last]);
        i = last;
    }
}

static int append(struct diff *diff, const struct row *row, struct err *err)
{
    struct row *longer = mem_grow(diff->rows, &diff->room, diff->count, sizeof *longer);
    if (longer == NULL)
        return err_set(err, "--diff: out of memory; ask for fewer rows with --limit");
    diff->rows = longer;
    diff->rows[diff->count++] = *row;
    return 0;
}

/* Keeps a row of this path if it is among the first `limit`. */
static int offer(struct diff *diff, const struct pair *pair, struct slice path, struct err *err)
{
    struct row row = {.pair = *pair, .text = (char *)path.ptr, .length = path.len, .id = -1};
    size_t limit = (size_t)diff->filter->limit;
    bool full = limit > 0 && diff->count == limit;
    if (full && compare_rows(&row, &diff->rows[0]) > 0)
        return 0;
    row.text = malloc(path.len);
    if (row.text == NULL)
        return err_set(err, "--diff: out of memory; ask for fewer rows with --limit");
    memcpy(row.text, path.ptr, path.len);
    if (full) {
        free(diff->rows[0].text);
        diff->rows[0] = row;
        sift_down(diff->rows, diff->count);
        return 0;
    }
    if (append(diff, &row, err) != 0) {
        free(row.text);
        return -1;
    }
    if (limit > 0)
        sift_up(diff->rows, diff->count - 1);
    return 0;
}

/* ---- The way down and up ---- */

/* The deepest level's subtree has been read. */
static int leave_level(struct diff *diff, struct err *err)
{
    const struct level *level = &diff->levels[--diff->depth];
    if (!has_changed(&level->pair))
        return 0;
    struct slice path = {diff->path, level->length};
    struct figures change = change_of(&level->pair);
    bool explained = level->changed_children == 1 && same_figures(&level->change, &change);
    if (diff->depth > 0) {
        struct level *parent = &diff->levels[diff->depth - 1];
        parent->changed_children++;
        parent->change = change;
    }
    return diff->all || !explained ? offer(diff, &level->pair, path, err) : 0;
}

/* Whether the path lies below the deepest level. */
static bool is_below(const struct diff *diff, struct slice path)
{
    size_t length = diff->levels[diff->depth - 1].length;
    return path.len > length && memcmp(path.ptr, diff->path, length) == 0 &&
           (length == 1 || path.ptr[length] == '/');
}

static int make_room(struct diff *diff, size_t path_length)
{
    struct level *deeper = mem_grow(diff->levels, &diff->level_room, diff->depth, sizeof *deeper);
    if (deeper == NULL)
        return -1;
    diff->levels = deeper;
    if (path_length > diff->path_room) {
        char *longer = realloc(diff->path, 2 * path_length);
        if (longer == NULL)
            return -1;
        diff->path = longer;
        diff->path_room = 2 * path_length;
    }
    return 0;
}

static int enter_level(struct diff *diff, struct slice path, const struct pair *pair,
                       struct err *err)
{
    while (diff->depth > 0 && !is_below(diff, path))
        if (leave_level(diff, err) != 0)
            return -1;
    if (make_room(diff, path.len) != 0)
        return err_set(err, "--diff: out of memory");
    memcpy(diff->path, path.ptr, path.len);
    diff->levels[diff->depth++] = (struct level){.pair = *pair, .length = path.len};
    return 0;
}

/* ---- The two sides ---- */

static int step(struct side *side, struct err *err)
{
    int status = reader_rows_next(side->rows, err);
    if (status == 1) {
        side->path = reader_rows_text(side->rows, 0);
        side->figures =
            (struct figures){reader_rows_integer(side->rows, 1), reader_rows_integer(side->rows, 2),
                             reader_rows_integer(side->rows, 3)};
        return 0;
    }
    reader_rows_close(side->rows);
    side->rows = NULL;
    return status;
}

static int run(struct side *side, const struct statement *statement, struct err *err)
{
    return reader_run(&side->rows, side->reader, statement->sql, statement->values,
                      statement->value_count, err);
}

/* Whether the side can hold anything that is asked for. */
static bool concerns(const struct side *side)
{
    return side->scope.has_path && side->scope.has_owner && side->scope.has_group &&
           side->scope.directories > 0;
}

static int start_tree(struct side *side, const struct filter *filter, struct err *err)
{
    struct statement statement;
    if (!concerns(side))
        return 0;
    if (statement_tree(&statement, filter, &side->scope, err) != 0)
        return -1;
    int status = run(side, &statement, err);
    statement_free(&statement);
    return status == 0 ? step(side, err) : -1;
}

/* The next path of the union, and which sides have it. */
static int merge_step(struct diff *diff, struct err *err)
{
    struct side *older = diff->older.rows != NULL ? &diff->older : NULL;
    struct side *newer = diff->newer.rows != NULL ? &diff->newer : NULL;
    if (older != NULL && newer != NULL) {
        int order = compare_paths(older->path, newer->path);
        if (order < 0)
            newer = NULL;
        else if (order > 0)
            older = NULL;
    }
    struct pair pair = {.in_older = older != NULL, .in_newer = newer != NULL};
    diff->has_older = diff->has_older || pair.in_older;
    diff->has_newer = diff->has_newer || pair.in_newer;
    diff->has_common = diff->has_common || (pair.in_older && pair.in_newer);
    if (older != NULL)
        pair.older = older->figures;
    if (newer != NULL)
        pair.newer = newer->figures;
    if (enter_level(diff, older != NULL ? older->path : newer->path, &pair, err) != 0 ||
        (older != NULL && step(older, err) != 0))
        return -1;
    return newer == NULL ? 0 : step(newer, err);
}

static int compare_trees(struct diff *diff, struct err *err)
{
    if (start_tree(&diff->older, diff->filter, err) != 0 ||
        start_tree(&diff->newer, diff->filter, err) != 0)
        return -1;
    while (diff->older.rows != NULL || diff->newer.rows != NULL)
        if (merge_step(diff, err) != 0)
            return -1;
    while (diff->depth > 0)
        if (leave_level(diff, err) != 0)
            return -1;
    return 0;
}

/* ---- Owners ---- */

/* One owner's totals in one database, as a row that waits for the other's. */
static int add_owner(struct diff *diff, const struct side *side, struct err *err)
{
    const struct reader_rows *rows = side->rows;
    struct figures figures = {reader_rows_integer(rows, STATEMENT_TOTAL_SIZE),
                              reader_rows_integer(rows, STATEMENT_TOTAL_ALLOC),
                              reader_rows_integer(rows, STATEMENT_TOTAL_FILES)};
    struct row row = {.id = reader_rows_integer(rows, STATEMENT_TOTAL_ID)};
    struct slice name = reader_rows_text(rows, STATEMENT_TOTAL_NAME);
    if (side == &diff->older)
        row.pair = (struct pair){.older = figures, .in_older = true};
    else
        row.pair = (struct pair){.newer = figures, .in_newer = true};
    if (!reader_rows_is_null(rows, STATEMENT_TOTAL_NAME)) {
        row.text = malloc(name.len + 1);
        if (row.text == NULL)
            return err_set(err, "--diff: out of memory");
        memcpy(row.text, name.len == 0 ? "" : name.ptr, name.len);
        row.length = name.len;
    }
    if (append(diff, &row, err) == 0)
        return 0;
    free(row.text);
    return -1;
}

static int add_owners(struct diff *diff, struct side *side, struct err *err)
{
    struct statement statement;
    if (!concerns(side))
        return 0;
    if (statement_totals(&statement, diff->filter, &side->scope, err) != 0)
        return -1;
    int status = run(side, &statement, err);
    statement_free(&statement);
    while (status == 0 && (status = reader_rows_next(side->rows, err)) == 1)
        status = add_owner(diff, side, err);
    return status;
}

static int by_id(const void *left, const void *right)
{
    const struct row *a = left;
    const struct row *b = right;
    if (a->id != b->id)
        return a->id < b->id ? -1 : 1;
    return (int)b->pair.in_newer - (int)a->pair.in_newer; /* the newer name is kept */
}

/* Joins the rows of one id, and keeps those that changed. */
static void join_owners(struct diff *diff)
{
    size_t kept = 0;
    for (size_t i = 0; i < diff->count;) {
        struct row row = diff->rows[i++];
        if (i < diff->count && diff->rows[i].id == row.id) {
            struct row *other = &diff->rows[i++];
            row.pair.older = other->pair.older;
            row.pair.in_older = true;
            if (row.text == NULL) {
                row.text = other->text;
                row.length = other->length;
            } else {
                free(other->text);
            }
        }
        if (has_changed(&row.pair))
            diff->rows[kept++] = row;
        else
            free(row.text);
    }
    diff->count = kept;
}

static int compare_owners(struct diff *diff, struct err *err)
{
    diff->by_id = true;
    if (add_owners(diff, &diff->older, err) != 0 || add_owners(diff, &diff->newer, err) != 0)
        return -1;
    if (diff->count > 0)
        qsort(diff->rows, diff->count, sizeof *diff->rows, by_id);
    join_owners(diff);
    return 0;
}

/* ---- The whole ---- */

static int check_known(const struct diff *diff, const struct filter *filter, struct err *err)
{
    const struct scope *one = &diff->older.scope;
    const struct scope *two = &diff->newer.scope;
    if (!one->has_path && !two->has_path)
        return err_set(err, "both databases: no directory %.*s; it is in neither",
                       (int)filter->path_prefix.len, filter->path_prefix.ptr);
    if (!one->has_owner && !two->has_owner)
        return err_set(err,
                       "both databases: no user %s, and this host has none either; give the number",
                       filter->owner);
    if (!one->has_group && !two->has_group)
        return err_set(
            err, "both databases: no group %s, and this host has none either; give the number",
            filter->group);
    return 0;
}

static void close_side(struct side *side)
{
    reader_rows_close(side->rows);
    side->rows = NULL;
    scope_free(&side->scope);
    reader_close(side->reader);
    side->reader = NULL;
}

static int read_day(struct side *side, struct err *err)
{
    struct reader_rows *rows;
    if (reader_run(&rows, side->reader,
                   "SELECT CAST(julianday(date(max(scan_timestamp))) + 0.5 AS INTEGER) "
                   "FROM scan_metadata",
                   NULL, 0, err) != 0)
        return -1;
    int found = reader_rows_next(rows, err);
    side->scanned = found == 1 ? reader_rows_integer(rows, 0) : 0;
    reader_rows_close(rows);
    return found < 0 ? -1 : 0;
}

static int open_side(struct side *side, const char *path, const struct filter *filter,
                     struct err *err)
{
    if (reader_open(&side->reader, path, err) != 0 || read_day(side, err) != 0)
        return -1;
    return scope_resolve(&side->scope, side->reader, filter, err);
}

static int compare(struct diff *diff, const char *older, const char *newer, struct err *err)
{
    if (open_side(&diff->older, older, diff->filter, err) != 0 ||
        open_side(&diff->newer, newer, diff->filter, err) != 0 ||
        check_known(diff, diff->filter, err) != 0)
        return -1;
    diff->backwards = diff->newer.scanned != 0 && diff->older.scanned > diff->newer.scanned;
    return diff->filter->group_by == FILTER_DIRECTORIES ? compare_trees(diff, err)
                                                        : compare_owners(diff, err);
}

int diff_open(struct diff **out, const char *older, const char *newer, const struct filter *filter,
              bool all, struct err *err)
{
    struct diff *diff = calloc(1, sizeof *diff);
    if (diff == NULL)
        return err_set(err, "--diff: out of memory");
    diff->filter = filter;
    diff->all = all;
    int status = compare(diff, older, newer, err);
    close_side(&diff->older);
    close_side(&diff->newer);
    if (status != 0) {
        diff_close(diff);
        return -1;
    }
    if (diff->count > 0)
        qsort(diff->rows, diff->count, sizeof *diff->rows, compare_rows);
    while (filter->limit > 0 && diff->count > (size_t)filter->limit)
        free(diff->rows[--diff->count].text);
    *out = diff;
    return 0;
}

void diff_close(struct diff *diff)
{
    if (diff == NULL)
        return;
    for (size_t i = 0; i < diff->count; i++)
        free(diff->rows[i].text);
    free(diff->rows);
    free(diff->levels);
    free(diff->path);
    free(diff);
}

bool diff_is_apart(const struct diff *diff)
{
    return diff->has_older && diff->has_newer && !diff->has_common;
}

bool diff_is_backwards(const struct diff *diff)
{
    return diff->backwards;
}

static const char *status_of(const struct pair *pair)
{
    if (!pair->in_older)
        return "appeared";
    if (!pair->in_newer)
        return "vanished";
    if (pair->newer.size == pair->older.size)
        return "changed";
    return pair->newer.size > pair->older.size ? "grown" : "shrunk";
}

static struct reader_value integer_value(int64_t integer)
{
    return (struct reader_value){.type = READER_INTEGER, .integer = integer};
}

static void put_figure(struct reader_value *values, int64_t older, int64_t newer)
{
    values[0] = integer_value(older);
    values[1] = integer_value(newer);
    values[2] = integer_value(newer - older);
}

int diff_next(struct diff *diff, const struct reader_value **values)
{
    if (diff->given == diff->count)
        return 0;
    const struct row *row = &diff->rows[diff->given++];
    const struct reader_value none = {.type = READER_NULL};
    const struct reader_value text = {.type = row->text == NULL ? READER_NULL : READER_TEXT,
                                      .text = {row->text, row->length}};
    struct reader_value *out = diff->values;
    out[DIFF_PATH] = diff->by_id ? none : text;
    out[DIFF_ID] = diff->by_id ? integer_value(row->id) : none;
    out[DIFF_NAME] = diff->by_id ? text : none;
    out[DIFF_STATUS] =
        (struct reader_value){.type = READER_TEXT, .text = slice_from(status_of(&row->pair))};
    put_figure(&out[DIFF_SIZE_OLDER], row->pair.older.size, row->pair.newer.size);
    put_figure(&out[DIFF_ALLOC_OLDER], row->pair.older.alloc, row->pair.newer.alloc);
    put_figure(&out[DIFF_FILES_OLDER], row->pair.older.files, row->pair.newer.files);
    *values = out;
    return 1;
}
