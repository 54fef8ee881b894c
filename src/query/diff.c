/* diff: both preorders walked side by side, as two sorted lists are merged.
 *
 * Whether a directory explains its change itself is known when its subtree has been read. So the
 * directories on the way down to the current one wait on a stack: each is a prefix of the next, and
 * one buffer holds all their paths. Rows go into a heap of the filter's limit, the least change on
 * top. Memory is a path's depth and the rows wanted, whatever the databases hold. One thread. */
#include "diff.h"

#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "answer.h"
#include "err.h"
#include "federation.h"
#include "filter.h"
#include "mem.h"
#include "pathname.h"
#include "totals.h"
#include "walk.h"

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
    size_t part;     /* of the federation */
    int64_t scanned; /* the last scan's day, in days; 0: not known */
    struct walk walk;
    bool waits;          /* the walk has a directory that has not been taken */
    const int64_t *size; /* of its block */
    const int64_t *alloc;
    const int64_t *files;
    const int64_t *depth;
    struct figures figures; /* of that directory */
};

struct diff {
    struct answer answer; /* first: a pointer to one is a pointer to the other */
    struct federation *federation;
    const struct filter *filter; /* borrowed */
    bool all;
    bool by_id;
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
    struct reader_value values[ANSWER_COLUMNS];
};

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
        order = pathname_compare((struct slice){a->text, a->length},
                                 (struct slice){b->text, b->length});
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
    bool full = limit > 0 && diff->count > limit; /* one more than is shown: it says so */
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

static int read_block(struct side *side, struct err *err)
{
    struct facts *facts = side->walk.facts;
    const struct {
        const int64_t **values;
        enum facts_column column;
    } wanted[] = {
        {&side->size, FACTS_SIZE_R},
        {&side->alloc, FACTS_ALLOC_R},
        {&side->files, FACTS_FILES_R},
        {&side->depth, FACTS_DEPTH},
    };
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        if ((*wanted[i].values = facts_values(facts, wanted[i].column, err)) == NULL)
            return -1;
    return 0;
}

static bool is_deep_enough(const struct diff *diff, int64_t depth)
{
    const struct filter *filter = diff->filter;
    return (filter->min_depth == FILTER_ANY || depth >= filter->min_depth) &&
           (filter->max_depth == FILTER_ANY || depth <= filter->max_depth);
}

/* Steps to the side's next directory that is asked for. */
static int step(struct diff *diff, struct side *side, struct err *err)
{
    uint32_t place;
    do {
        int status = walk_next(&side->walk, err);
        side->waits = status == 1;
        if (status != 1)
            return status;
        if (read_block(side, err) != 0)
            return -1;
        place = side->walk.place;
    } while (!is_deep_enough(diff, side->depth[place]));
    side->figures = (struct figures){side->size[place], side->alloc[place], side->files[place]};
    return 0;
}

static int start_tree(struct diff *diff, struct side *side, struct err *err)
{
    struct federation_part *part = &diff->federation->parts[side->part];
    if (!federation_concerns(diff->federation, side->part))
        return 0;
    if (walk_open(&side->walk, part->reader, &part->scope, err) != 0)
        return -1;
    return step(diff, side, err);
}

/* The next path of the union, and which sides have it. */
static int merge_step(struct diff *diff, struct err *err)
{
    struct side *older = diff->older.waits ? &diff->older : NULL;
    struct side *newer = diff->newer.waits ? &diff->newer : NULL;
    if (older != NULL && newer != NULL) {
        int order = pathname_compare(older->walk.path, newer->walk.path);
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
    struct slice path = older != NULL ? older->walk.path : newer->walk.path;
    if (enter_level(diff, path, &pair, err) != 0 || (older != NULL && step(diff, older, err) != 0))
        return -1;
    return newer == NULL ? 0 : step(diff, newer, err);
}

static int compare_trees(struct diff *diff, struct err *err)
{
    if (start_tree(diff, &diff->older, err) != 0 || start_tree(diff, &diff->newer, err) != 0)
        return -1;
    while (diff->older.waits || diff->newer.waits)
        if (merge_step(diff, err) != 0)
            return -1;
    while (diff->depth > 0)
        if (leave_level(diff, err) != 0)
            return -1;
    return 0;
}

/* ---- Owners ---- */

/* One owner's totals in one database, as a row that waits for the other's. */
static int add_owner(struct diff *diff, const struct side *side, struct totals_entry *entry,
                     struct err *err)
{
    struct figures figures = {entry->size, entry->alloc, entry->files};
    bool by_owner = diff->filter->group_by == FILTER_BY_OWNER;
    char **name = by_owner ? &entry->username : &entry->groupname;
    struct row row = {.id = by_owner ? entry->uid : entry->gid, .text = *name};
    row.length = *name == NULL ? 0 : strlen(*name);
    if (side == &diff->older)
        row.pair = (struct pair){.older = figures, .in_older = true};
    else
        row.pair = (struct pair){.newer = figures, .in_newer = true};
    if (append(diff, &row, err) != 0)
        return -1;
    *name = NULL; /* the row has it */
    return 0;
}

static int add_owners(struct diff *diff, struct side *side, struct err *err)
{
    struct totals totals = {0};
    if (!federation_concerns(diff->federation, side->part))
        return 0;
    int status = totals_add(&totals, diff->federation, side->part, diff->filter, err);
    for (size_t i = 0; i < totals.count && status == 0; i++)
        status = add_owner(diff, side, &totals.entries[i], err);
    totals_dispose(&totals);
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

static int read_day(struct side *side, struct reader *reader, struct err *err)
{
    struct reader_rows *rows;
    if (reader_run(&rows, reader,
                   "SELECT CAST(julianday(date(max(scan_timestamp))) + 0.5 AS INTEGER) "
                   "FROM scan_metadata",
                   NULL, 0, err) != 0)
        return -1;
    int found = reader_rows_next(rows, err);
    side->scanned = found == 1 ? reader_rows_integer(rows, 0) : 0;
    reader_rows_close(rows);
    return found < 0 ? -1 : 0;
}

static void tell_doubts(const struct diff *diff)
{
    char line[2 * PATH_MAX + 256];
    const struct federation *federation = diff->federation;
    const char *older = federation->parts[diff->older.part].path;
    const char *newer = federation->parts[diff->newer.part].path;
    if (diff->newer.scanned != 0 && diff->older.scanned > diff->newer.scanned) {
        snprintf(line, sizeof line,
                 "--diff: %s was scanned after %s; name the older one after --diff, or read grown "
                 "as shrunk",
                 older, newer);
        federation->tell(federation->context, line);
    }
    if (diff->has_older && diff->has_newer && !diff->has_common) {
        snprintf(line, sizeof line,
                 "--diff: %s and %s have no directory in common: are they of one file system?",
                 older, newer);
        federation->tell(federation->context, line);
    }
}

static int compare(struct diff *diff, struct err *err)
{
    struct federation_part *parts = diff->federation->parts;
    if (read_day(&diff->older, parts[diff->older.part].reader, err) != 0 ||
        read_day(&diff->newer, parts[diff->newer.part].reader, err) != 0 ||
        federation_resolve(diff->federation, diff->filter, err) != 0)
        return -1;
    int status = diff->filter->group_by == FILTER_DIRECTORIES ? compare_trees(diff, err)
                                                              : compare_owners(diff, err);
    if (status == 0)
        tell_doubts(diff);
    return status;
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

static void put_figure(struct reader_value *values, int64_t older, int64_t newer)
{
    values[0] = answer_integer(older);
    values[1] = answer_integer(newer);
    values[2] = answer_integer(newer - older);
}

static int next(struct answer *answer, const struct reader_value **values, struct err *err)
{
    (void)err; /* all has been read before the first row */
    struct diff *diff = (struct diff *)answer;
    size_t limit = (size_t)diff->filter->limit;
    bool over = limit > 0 && diff->given == limit;
    answer->cut = over && diff->given < diff->count;
    if (over || diff->given == diff->count)
        return 0;
    const struct row *row = &diff->rows[diff->given++];
    const struct reader_value text = {.type = row->text == NULL ? READER_NULL : READER_TEXT,
                                      .text = {row->text, row->length}};
    struct reader_value *out = diff->values;
    if (diff->by_id)
        *out++ = answer_integer(row->id);
    *out++ = text;
    *out++ = answer_text(status_of(&row->pair));
    put_figure(out, row->pair.older.size, row->pair.newer.size);
    put_figure(out + 3, row->pair.older.alloc, row->pair.newer.alloc);
    put_figure(out + 6, row->pair.older.files, row->pair.newer.files);
    *values = diff->values;
    return 1;
}

static void close(struct answer *answer)
{
    struct diff *diff = (struct diff *)answer;
    for (size_t i = 0; i < diff->count; i++)
        free(diff->rows[i].text);
    walk_close(&diff->older.walk);
    walk_close(&diff->newer.walk);
    free(diff->rows);
    free(diff->levels);
    free(diff->path);
    free(diff);
}

static void choose_columns(struct answer *answer, enum filter_group group_by)
{
    size_t who = 0;
    if (group_by == FILTER_DIRECTORIES) {
        answer_add(answer, "path", NULL, ANSWER_PATH);
    } else {
        bool by_owner = group_by == FILTER_BY_OWNER;
        who = answer_add(answer, by_owner ? "owner_uid" : "owner_gid", NULL, ANSWER_OWNER);
        answer->columns[who].beside =
            answer_add(answer, by_owner ? "username" : "groupname", NULL, ANSWER_TEXT);
    }
    size_t status = answer_add(answer, "status", NULL, ANSWER_TEXT);
    answer_add(answer, "total_size_older", NULL, ANSWER_BYTES);
    answer_add(answer, "total_size_newer", NULL, ANSWER_BYTES);
    answer_add(answer, "total_size_change", NULL, ANSWER_BYTES_CHANGE);
    answer_add(answer, "total_alloc_older", NULL, ANSWER_BYTES);
    answer_add(answer, "total_alloc_newer", NULL, ANSWER_BYTES);
    answer_add(answer, "total_alloc_change", NULL, ANSWER_BYTES_CHANGE);
    answer_add(answer, "file_count_older", NULL, ANSWER_COUNT);
    answer_add(answer, "file_count_newer", NULL, ANSWER_COUNT);
    answer_add(answer, "file_count_change", NULL, ANSWER_COUNT_CHANGE);
    answer_show(answer, status + 3, "CHANGE");
    answer_show(answer, status + 1, "OLDER");
    answer_show(answer, status + 2, "NEWER");
    answer_show(answer, status + 6, "ALLOCATED");
    answer_show(answer, status + 9, "FILES");
    answer_show(answer, status, "STATUS");
    answer_show(answer, who,
                group_by == FILTER_DIRECTORIES ? "PATH"
                : group_by == FILTER_BY_OWNER  ? "OWNER"
                                               : "GROUP");
}

int diff_answer(struct answer **out, struct federation *federation, const struct filter *filter,
                bool all, struct err *err)
{
    struct diff *diff = calloc(1, sizeof *diff);
    if (diff == NULL)
        return err_set(err, "--diff: out of memory");
    diff->answer.next = next;
    diff->answer.close = close;
    diff->federation = federation;
    diff->filter = filter;
    diff->all = all;
    diff->newer.part = DIFF_NEWER;
    diff->older.part = DIFF_OLDER;
    choose_columns(&diff->answer, filter->group_by);
    if (compare(diff, err) != 0) {
        close(&diff->answer);
        return -1;
    }
    if (diff->count > 0)
        qsort(diff->rows, diff->count, sizeof *diff->rows, compare_rows);
    *out = &diff->answer;
    return 0;
}
