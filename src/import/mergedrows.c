/* mergedrows: one pass over the merged runs, with the directories from the root down to the one at
 * hand on a stack. A directory's row is written when it comes, and again, with what is below it,
 * when the last directory below it has come.
 *
 * Rows, paths and shares lie in files that are mapped in the end. A thread that comes to another
 * window of rows gives back the memory of the one that it has left for longest: rows are visited
 * in about their order, in any order by all threads. */
#include "mergedrows.h"

#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "ownertotals.h"
#include "pathname.h"
#include "runcode.h"
#include "runs.h"
#include "spool.h"
#include "utf8.h"

/* A window has at most WINDOW_ROWS rows, fewer where these and what belongs to them take more than
 * WINDOW_BYTES: a block of facts, 4,096 rows of usual length, lies in two. A thread keeps some. */
enum { WINDOW_BYTES = 1 << 20, WINDOW_ROWS = 1 << 13, WINDOWS_KEPT = 3 };

/* What a row's flags say: its subtree has files of several users or groups; its path is not
 * UTF-8. */
enum { SEVERAL_UIDS = 1, SEVERAL_GIDS = 2, PATH_IS_BLOB = 4 };

enum { SEVERAL = SEVERAL_UIDS | SEVERAL_GIDS };

struct row {
    struct dirstat own;
    struct dirstat subtree;
    uint64_t path_at;   /* in the file of paths */
    uint64_t shares_at; /* in the file of shares; there are none where own.files is 0 */
    uint32_t path_len;
    uint32_t parent; /* number; 0: none */
    uint32_t last;   /* number */
    uint32_t own_dirs;
    uint32_t subtree_dirs;
    uint32_t uid; /* meaningful where subtree.files != 0 and they are not several */
    uint32_t gid;
    uint32_t depth;
    uint32_t flags;
};

/* A directory that more may come below. */
struct frame {
    struct row row;
    uint32_t number;
};

struct mergedrows {
    struct rows rows;
    struct mergedrows_options options;
    struct ownertotals totals;
    struct rollup_sums *sums; /* borrowed while it is made */
    struct spool *row_file;
    struct spool *path_file;
    struct spool *share_file;
    struct spool *usage_file;
    uint32_t count;
    size_t window; /* rows, or usages, of a window */
    size_t usages;
    unsigned deepest; /* depth of sums->path */
    char *saturated;  /* the bytes of sums->path */
    struct frame *frames;
    size_t frame_count;
    size_t frame_room;
    char *path; /* of the innermost frame */
    size_t path_room;
    struct runcode code;
    struct rows_shares shares;
    /* The mapped files. */
    const struct row *row;
    const char *paths;
    const char *share_bytes;
    const struct rows_usage *usage;
};

static int no_memory(struct err *err)
{
    return err_no_memory(err, "cannot add up directories");
}

/* Adds files of an owner to what is known of a directory's subtree. */
static void merge_owned(struct row *into, const struct dirstat *stat, uint32_t uid, uint32_t gid,
                        uint32_t several)
{
    if (stat->files != 0) {
        if (into->subtree.files == 0) {
            into->uid = uid;
            into->gid = gid;
        }
        into->flags |=
            several | (into->uid != uid ? SEVERAL_UIDS : 0) | (into->gid != gid ? SEVERAL_GIDS : 0);
    }
    dirstat_merge(&into->subtree, stat);
}

static int note_saturation(struct mergedrows *merged, const struct row *row)
{
    if (!dirstat_overflowed(&row->subtree) ||
        (merged->saturated != NULL && row->depth <= merged->deepest))
        return 0;
    char *copy = realloc(merged->saturated, row->path_len);
    if (copy == NULL)
        return -1;
    memcpy(copy, merged->path, row->path_len);
    merged->saturated = copy;
    merged->deepest = row->depth;
    merged->sums->path = (struct slice){copy, row->path_len};
    return 0;
}

/* Ends the innermost directory: nothing more comes below it. */
static int leave(struct mergedrows *merged, struct err *err)
{
    struct frame *frame = &merged->frames[--merged->frame_count];
    struct row *row = &frame->row;
    row->last = merged->count;
    if (note_saturation(merged, row) != 0)
        return no_memory(err);
    if (row->parent == 0) {
        dirstat_merge(&merged->sums->roots, &row->subtree);
    } else {
        struct row *parent = &frame[-1].row;
        merge_owned(parent, &row->subtree, row->uid, row->gid, row->flags & SEVERAL);
        parent->own_dirs++;
        parent->subtree_dirs += row->subtree_dirs + 1;
    }
    return spool_patch(merged->row_file, row, sizeof *row,
                       (uint64_t)(frame->number - 1) * sizeof *row, err);
}

/* A directory's own files: into its row, the totals and the file of shares. */
static int count_own(struct mergedrows *merged, struct row *row, const struct runs_entry *entry,
                     struct err *err)
{
    struct rows_shares *given = entry->shares;
    for (size_t i = 0; i < given->count; i++) {
        const struct rows_usage *usage = &given->items[i].usage;
        /* A gid of -1 becomes ENTRY_NO_GROUP again. */
        merge_owned(row, &usage->stat, (uint32_t)usage->uid, (uint32_t)usage->gid, 0);
    }
    if (entry->max_mtime > row->subtree.max_mtime)
        row->subtree.max_mtime = entry->max_mtime;
    row->own = row->subtree;
    dirstat_merge(&merged->sums->own, &row->own);
    if (given->count == 0)
        return 0;
    merged->code.count = 0;
    if (runcode_put_shares(&merged->code, given) != 0 ||
        ownertotals_add(&merged->totals, given) != 0)
        return no_memory(err);
    return spool_append(merged->share_file, merged->code.bytes, merged->code.count, err);
}

/* Whether the directory of `path` lies below the innermost one. */
static bool is_above(const struct mergedrows *merged, struct slice path)
{
    size_t len = merged->frames[merged->frame_count - 1].row.path_len;
    return len == 1 ||
           (path.len > len && path.ptr[len] == '/' && memcmp(path.ptr, merged->path, len) == 0);
}

/* Puts the directory on the stack; `entry`: its files, NULL where no run has it. */
static int enter(struct mergedrows *merged, struct slice path, const struct runs_entry *entry,
                 struct err *err)
{
    struct frame *frames =
        mem_grow(merged->frames, &merged->frame_room, merged->frame_count, sizeof *frames);
    if (frames == NULL || merged->count == UINT32_MAX - 1)
        return no_memory(err);
    merged->frames = frames;
    uint32_t parent = merged->frame_count == 0 ? 0 : frames[merged->frame_count - 1].number;
    struct frame *frame = &frames[merged->frame_count++];
    *frame = (struct frame){.number = ++merged->count,
                            .row = {.own = DIRSTAT_NONE,
                                    .subtree = DIRSTAT_NONE,
                                    .path_at = spool_size(merged->path_file),
                                    .shares_at = spool_size(merged->share_file),
                                    .path_len = (uint32_t)path.len,
                                    .parent = parent,
                                    .depth = pathname_depth(path),
                                    .flags = utf8_is_valid(path) ? 0 : PATH_IS_BLOB}};
    if (spool_append(merged->path_file, path.ptr, path.len, err) != 0 ||
        spool_append(merged->row_file, &frame->row, sizeof frame->row, err) != 0)
        return -1;
    return entry == NULL ? 0 : count_own(merged, &frame->row, entry, err);
}

/* Puts those above the directory at hand on the stack that no run has, as a run may have been
 * written before it was known that there is more than the root. */
static int enter_missing(struct mergedrows *merged, struct slice path, struct err *err)
{
    struct slice parent = pathname_parent(path);
    size_t known =
        merged->frame_count == 0 ? 1 : merged->frames[merged->frame_count - 1].row.path_len;
    if (parent.len <= known || slice_equal(path, merged->options.root))
        return 0;
    for (size_t at = known + 1; at <= parent.len; at++)
        if (path.ptr[at] == '/' && enter(merged, (struct slice){path.ptr, at}, NULL, err) != 0)
            return -1;
    return 0;
}

static int keep_path(struct mergedrows *merged, struct slice path)
{
    if (path.len > merged->path_room) {
        char *longer = realloc(merged->path, 2 * path.len);
        if (longer == NULL)
            return -1;
        merged->path = longer;
        merged->path_room = 2 * path.len;
    }
    memcpy(merged->path, path.ptr, path.len);
    return 0;
}

static int take(struct mergedrows *merged, const struct runs_entry *entry, struct err *err)
{
    while (merged->frame_count != 0 && !is_above(merged, entry->path))
        if (leave(merged, err) != 0)
            return -1;
    if (entry->path.len > UINT32_MAX || keep_path(merged, entry->path) != 0)
        return no_memory(err);
    if (enter_missing(merged, entry->path, err) != 0)
        return -1;
    return enter(merged, entry->path, entry, err);
}

static int take_all(struct mergedrows *merged, struct runs *runs, struct err *err)
{
    struct runs_entry entry;
    int more;
    if (runs_begin(runs, err) != 0)
        return -1;
    while ((more = runs_next(runs, &entry, err)) == 1)
        if (take(merged, &entry, err) != 0)
            return -1;
    while (more == 0 && merged->frame_count != 0)
        if (leave(merged, err) != 0)
            return -1;
    ownerpairs_sort(&merged->totals.pairs);
    merged->sums->saturated = dirstat_overflowed(&merged->sums->roots);
    return more;
}

static bool is_cancelled(const struct mergedrows *merged)
{
    /* Relaxed: only the flag itself matters. */
    return atomic_load_explicit(merged->options.cancelled, memory_order_relaxed);
}

/* Windows are numbered: those of rows, then those of usages. */
static size_t windows_of_rows(const struct mergedrows *merged)
{
    return merged->count / merged->window + 1;
}

static void forget_usages(const struct mergedrows *merged, size_t window)
{
    uint64_t bytes = merged->window * sizeof *merged->usage;
    spool_forget(merged->usage_file, window * bytes, (window + 1) * bytes);
}

static void forget_rows(const struct mergedrows *merged, size_t window)
{
    size_t from = window * merged->window;
    size_t to = from + merged->window;
    if (to >= merged->count)
        return;
    const struct row *begin = &merged->row[from];
    const struct row *end = &merged->row[to];
    spool_forget(merged->path_file, begin->path_at, end->path_at);
    spool_forget(merged->share_file, begin->shares_at, end->shares_at);
    spool_forget(merged->row_file, from * sizeof *begin, to * sizeof *begin);
}

/* Notes that this thread looks at a window. Whoever still looks at what is given back waits for the
 * file's pages, which are most likely in the kernel's cache. */
static void look_at_window(const struct mergedrows *merged, size_t window)
{
    static _Thread_local size_t kept[WINDOWS_KEPT]; /* each + 1; 0: none */
    static _Thread_local size_t latest;
    static _Thread_local unsigned oldest; /* of `kept` */
    size_t rows = windows_of_rows(merged);
    if (latest == window + 1)
        return;
    latest = window + 1;
    for (unsigned k = 0; k < WINDOWS_KEPT; k++)
        if (kept[k] == latest)
            return;
    if (kept[oldest] > rows)
        forget_usages(merged, kept[oldest] - 1 - rows);
    else if (kept[oldest] != 0)
        forget_rows(merged, kept[oldest] - 1);
    kept[oldest] = latest;
    oldest = (oldest + 1) % WINDOWS_KEPT;
}

static void look_at(const struct mergedrows *merged, size_t row)
{
    look_at_window(merged, row / merged->window);
}

static enum runcode_result get_shares(const struct mergedrows *merged, size_t i,
                                      struct rows_shares *shares)
{
    look_at(merged, i);
    const struct row *row = &merged->row[i];
    if (row->own.files == 0)
        return RUNCODE_OK;
    struct slice from = {merged->share_bytes + row->shares_at,
                         spool_size(merged->share_file) - row->shares_at};
    return runcode_shares(shares, (int64_t)i + 1, &from);
}

static int shares_at(const void *state, size_t i, struct rows_shares *shares)
{
    return get_shares(state, i, shares) == RUNCODE_OK ? 0 : -1;
}

/* Lists who holds what in directories of several owners, which is known in the end. */
static int list_usages(struct mergedrows *merged, struct err *err)
{
    struct rows_shares *shares = &merged->shares;
    for (size_t i = 0; i < merged->count; i++) {
        look_at(merged, i);
        if (i % WINDOW_ROWS == 0 && is_cancelled(merged))
            return err_set(err, "interrupted");
        if ((merged->row[i].flags & SEVERAL) == 0)
            continue;
        rows_shares_clear(shares);
        enum runcode_result result = get_shares(merged, i, shares);
        if (result != RUNCODE_OK)
            return result == RUNCODE_NO_MEMORY ? no_memory(err)
                                               : runs_damaged(merged->options.path, err);
        for (size_t s = 0; s < shares->count; s++)
            if (spool_append(merged->usage_file, &shares->items[s].usage, sizeof *merged->usage,
                             err) != 0)
                return -1;
        merged->usages += shares->count;
    }
    return 0;
}

static int64_t owner_column(const struct row *row, uint32_t several, int64_t single)
{
    if (row->subtree.files == 0)
        return -1;
    return (row->flags & several) != 0 ? ROWS_SEVERAL : single;
}

static struct slice path_at(const void *state, size_t i)
{
    const struct mergedrows *merged = state;
    look_at(merged, i);
    return (struct slice){merged->paths + merged->row[i].path_at, merged->row[i].path_len};
}

static void place_at(const void *state, size_t i, struct rows_place *place)
{
    const struct mergedrows *merged = state;
    look_at(merged, i);
    const struct row *row = &merged->row[i];
    *place = (struct rows_place){.parent_id = row->parent,
                                 .last_id = row->last,
                                 .path_is_blob = (row->flags & PATH_IS_BLOB) != 0,
                                 .below_follows = row->last == i + 1, /* there is nothing below */
                                 .depth = row->depth,
                                 .subtree_files = row->subtree.files,
                                 .subtree_size = row->subtree.size,
                                 .uid = owner_column(row, SEVERAL_UIDS, row->uid)};
}

static void dir_at(const void *state, size_t i, struct rows_dir *dir)
{
    const struct mergedrows *merged = state;
    const struct row *row = &merged->row[i];
    *dir = (struct rows_dir){.id = (int64_t)i + 1,
                             .parent_id = row->parent,
                             .last_id = row->last,
                             .path = path_at(state, i),
                             .depth = row->depth,
                             .own = row->own,
                             .subtree = row->subtree,
                             .own_dirs = row->own_dirs,
                             .subtree_dirs = row->subtree_dirs,
                             .uid = owner_column(row, SEVERAL_UIDS, row->uid),
                             .gid = owner_column(row, SEVERAL_GIDS, entry_group(row->gid))};
}

static void usage_at(const void *state, size_t i, struct rows_usage *usage)
{
    const struct mergedrows *merged = state;
    look_at_window(merged, windows_of_rows(merged) + i / merged->window);
    *usage = merged->usage[i];
}

static int open_files(struct mergedrows *merged, struct err *err)
{
    const char *path = merged->options.path;
    return spool_open(&merged->row_file, path, err) != 0 ||
                   spool_open(&merged->path_file, path, err) != 0 ||
                   spool_open(&merged->share_file, path, err) != 0 ||
                   spool_open(&merged->usage_file, path, err) != 0
               ? -1
               : 0;
}

static void choose_window(struct mergedrows *merged)
{
    uint64_t bytes = spool_size(merged->row_file) + spool_size(merged->path_file) +
                     spool_size(merged->share_file);
    merged->window = WINDOW_ROWS;
    while (merged->window > 1 && merged->count > 0 &&
           bytes / merged->count * merged->window > WINDOW_BYTES)
        merged->window /= 2;
}

static int make(struct mergedrows *merged, struct runs *runs, struct err *err)
{
    const void *rows;
    const void *paths;
    const void *shares;
    const void *usages;
    if (open_files(merged, err) != 0 || take_all(merged, runs, err) != 0 ||
        spool_map(merged->row_file, &rows, err) != 0 ||
        spool_map(merged->path_file, &paths, err) != 0 ||
        spool_map(merged->share_file, &shares, err) != 0)
        return -1;
    merged->row = rows;
    merged->paths = paths;
    merged->share_bytes = shares;
    choose_window(merged);
    if (list_usages(merged, err) != 0 || spool_map(merged->usage_file, &usages, err) != 0)
        return -1;
    merged->usage = usages;
    return 0;
}

int mergedrows_new(struct mergedrows **out, struct runs *runs,
                   const struct mergedrows_options *options, struct ownermap *users,
                   struct ownermap *groups, struct rollup_sums *sums, struct err *err)
{
    struct mergedrows *merged = mem_new(sizeof *merged);
    merged->options = *options;
    merged->totals = (struct ownertotals){.users = users, .groups = groups};
    merged->sums = sums;
    *sums = (struct rollup_sums){.own = DIRSTAT_NONE, .roots = DIRSTAT_NONE};
    if (make(merged, runs, err) != 0) {
        mergedrows_free(merged);
        return -1;
    }
    merged->rows = (struct rows){.state = merged,
                                 .dirs = merged->count,
                                 .usages = merged->usages,
                                 .pairs = &merged->totals.pairs,
                                 .dir = dir_at,
                                 .place = place_at,
                                 .path = path_at,
                                 .usage = usage_at,
                                 .shares = shares_at};
    *out = merged;
    return 0;
}

void mergedrows_free(struct mergedrows *merged)
{
    if (merged == NULL)
        return;
    spool_close(merged->row_file);
    spool_close(merged->path_file);
    spool_close(merged->share_file);
    spool_close(merged->usage_file);
    ownerpairs_dispose(&merged->totals.pairs);
    rows_shares_dispose(&merged->shares);
    free(merged->saturated);
    free(merged->frames);
    free(merged->path);
    free(merged->code.bytes);
    free(merged);
}

const struct rows *mergedrows_rows(const struct mergedrows *merged)
{
    return &merged->rows;
}
