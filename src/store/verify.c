/* verify: one walk through the tables in preorder, beside SQLite's own checks on other threads.
 *
 * The directories that the walk is in lie on a stack. Each adds up what is below it, and when the
 * walk leaves it, the sums must be what its row says. The facts of a directory are compared with
 * its row as it is reached; the totals of owners, which the shares of the facts add up to, at the
 * end.
 *
 * Only verify_database's thread comes to the walk; the others have a connection each. */
#include "verify.h"

#include <assert.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "cells.h"
#include "clock.h"
#include "columns.h"
#include "dirstat.h"
#include "engine.h"
#include "err.h"
#include "facts.h"
#include "mem.h"
#include "ownermap.h"
#include "ownerpairs.h"
#include "parallel.h"
#include "reader.h"
#include "utf8.h"

/* The figures of a directory's own files or of its subtree, in the order of the columns. */
enum figure { FILES, DIRS, SIZE, ALLOC, ATIME, MTIME, FIGURES };

static const char *const figure_names[FIGURES] = {"file_count",  "dir_count", "total_size",
                                                  "total_alloc", "max_atime", "max_mtime"};

struct figures {
    int64_t at[FIGURES]; /* times as instants; ENTRY_NO_TIME: none */
};

/* One owner of all files below a directory, or that there are none or several. */
struct one {
    int64_t id;
    enum { ONE_NONE, ONE_ID, ONE_SEVERAL } state;
};

/* A row of directories and directory_stats. */
struct row {
    int64_t id;
    int64_t parent; /* 0: NULL */
    int64_t depth;
    int64_t last;
    struct slice path; /* borrowed from the statement */
    struct slice name;
    bool is_blob;
    struct figures own;
    struct figures subtree;
    struct one uid;
    struct one gid;
};

/* A directory that the walk is in. */
struct level {
    struct row row; /* without texts */
    size_t path_len;
    struct figures sum; /* of its own files and of what is below, so far */
    struct one uid;
    struct one gid;
    char *last_name; /* of its directories, the last one so far; owned */
    size_t last_len;
    size_t last_room;
};

/* A row of owner_usage. */
struct usage {
    int64_t dir;
    int64_t uid;
    int64_t gid;
    int64_t figures[FACTS_SHARE_FIGURES];
};

struct walk {
    struct reader *reader; /* borrowed */
    struct err *err;
    struct facts *facts;
    struct reader_rows *dirs;
    struct reader_rows *stats;
    struct reader_rows *usages;
    struct usage usage; /* the next; dir 0: no more */
    struct usage *mine; /* of the directory at hand */
    size_t mine_count;
    size_t mine_room;
    struct ownerpairs_pair *pairs;
    size_t pair_count;
    const struct facts_share *share; /* the next of the block */
    size_t shares_left;
    struct facts_cells cells;
    struct level *levels;
    size_t depth;
    size_t level_room;
    struct level top; /* above all: the whole database */
    char *path;       /* of the last level */
    size_t path_room;
    struct ownermap *users;
    struct ownermap *groups;
    XXH3_state_t *hash;
    struct verify_result *out;
};

__attribute__((format(printf, 2, 3))) static int fault(const struct walk *walk, const char *format,
                                                       ...)
{
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return err_set(walk->err, "%s: damaged database: %s; import its logs afresh with --replace",
                   reader_path(walk->reader), text);
}

static int no_memory(const struct walk *walk)
{
    return err_no_memory(walk->err, "%s: cannot verify", reader_path(walk->reader));
}

/* ---- Rows ---- */

static int take_integer(const struct walk *walk, const struct reader_rows *rows, int column,
                        int64_t least, int64_t *out)
{
    *out = reader_rows_integer(rows, column);
    if (reader_rows_is_integer(rows, column) && *out >= least)
        return 0;
    return fault(walk, "a value of directory %lld is no number from %lld on",
                 (long long)reader_rows_integer(rows, 0), (long long)least);
}

static int take_time(const struct walk *walk, const struct reader_rows *rows, int column,
                     int64_t *out)
{
    *out = ENTRY_NO_TIME;
    if (reader_rows_is_null(rows, column) || clock_parse(reader_rows_text(rows, column), out))
        return 0;
    return fault(walk, "a time of directory %lld does not exist",
                 (long long)reader_rows_integer(rows, 0));
}

static int take_owner(const struct walk *walk, const struct reader_rows *rows, int column,
                      int64_t files, struct one *out)
{
    *out = (struct one){-1, files == 0 ? ONE_NONE : ONE_ID};
    if (reader_rows_is_null(rows, column)) {
        *out = (struct one){0, ONE_SEVERAL};
        return 0;
    }
    return take_integer(walk, rows, column, -1, &out->id);
}

static int take_figures(const struct walk *walk, int column, struct figures *out)
{
    for (enum figure i = 0; i < ATIME; i++)
        if (take_integer(walk, walk->stats, column + (int)i, 0, &out->at[i]) != 0)
            return -1;
    return take_time(walk, walk->stats, column + ATIME, &out->at[ATIME]) != 0 ||
                   take_time(walk, walk->stats, column + MTIME, &out->at[MTIME]) != 0
               ? -1
               : 0;
}

static int take_row(const struct walk *walk, struct row *row)
{
    int64_t id;
    row->parent = 0;
    if (take_integer(walk, walk->dirs, 0, 1, &row->id) != 0 ||
        (!reader_rows_is_null(walk->dirs, 1) &&
         take_integer(walk, walk->dirs, 1, 1, &row->parent) != 0) ||
        take_integer(walk, walk->dirs, 2, 0, &row->depth) != 0 ||
        take_integer(walk, walk->dirs, 3, row->id, &row->last) != 0)
        return -1;
    row->path = reader_rows_text(walk->dirs, 4);
    row->name = reader_rows_text(walk->dirs, 5);
    row->is_blob = reader_rows_integer(walk->dirs, 6) != 0;
    if (take_integer(walk, walk->stats, 0, 1, &id) != 0)
        return -1;
    if (id != row->id)
        return fault(walk, "directory %lld has no figures", (long long)row->id);
    if (take_figures(walk, 1, &row->own) != 0 ||
        take_figures(walk, 1 + FIGURES, &row->subtree) != 0 ||
        take_owner(walk, walk->stats, 1 + 2 * FIGURES, row->subtree.at[FILES], &row->uid) != 0 ||
        take_owner(walk, walk->stats, 2 + 2 * FIGURES, row->subtree.at[FILES], &row->gid) != 0)
        return -1;
    return 0;
}

static int next_usage(struct walk *walk)
{
    struct reader_rows *rows = walk->usages;
    int more = reader_rows_next(rows, walk->err);
    walk->usage.dir = 0;
    if (more <= 0)
        return more;
    if (take_integer(walk, rows, 0, 1, &walk->usage.dir) != 0 ||
        take_integer(walk, rows, 1, -1, &walk->usage.uid) != 0 ||
        take_integer(walk, rows, 2, -1, &walk->usage.gid) != 0)
        return -1;
    for (int i = 0; i < FACTS_SHARE_ATIME; i++)
        if (take_integer(walk, rows, 3 + i, 0, &walk->usage.figures[i]) != 0)
            return -1;
    return take_time(walk, rows, 3 + FACTS_SHARE_ATIME, &walk->usage.figures[FACTS_SHARE_ATIME]);
}

/* ---- Sums ---- */

static void add_figures(struct figures *sum, const struct figures *figures)
{
    for (enum figure i = 0; i < ATIME; i++)
        sum->at[i] = facts_sum(sum->at[i], figures->at[i]);
    for (enum figure i = ATIME; i < FIGURES; i++)
        if (figures->at[i] > sum->at[i])
            sum->at[i] = figures->at[i];
}

static void add_owner(struct one *sum, struct one owner)
{
    if (sum->state == ONE_NONE)
        *sum = owner;
    else if (owner.state == ONE_SEVERAL || (owner.state == ONE_ID && owner.id != sum->id))
        sum->state = ONE_SEVERAL;
}

static bool is_same_owner(struct one a, struct one b)
{
    return a.state == b.state && (a.state != ONE_ID || a.id == b.id);
}

/* ---- The facts of a directory ---- */

/* The facts' column of each figure, of its own files and of the subtree. */
static const enum facts_column facts_own[FIGURES] = {
    FACTS_FILES_NR, FACTS_DIRS_NR, FACTS_SIZE_NR, FACTS_ALLOC_NR, FACTS_ATIME_NR, FACTS_MTIME_NR};
static const enum facts_column facts_subtree[FIGURES] = {
    FACTS_FILES_R, FACTS_DIRS_R, FACTS_SIZE_R, FACTS_ALLOC_R, FACTS_ATIME_R, FACTS_MTIME_R};

static int64_t null_or(int64_t value, bool is_null)
{
    return is_null ? FACTS_NULL : value;
}

/* Whether value i of a column of the block is that. */
static int check_fact(struct walk *walk, enum facts_column column, uint32_t i, int64_t value)
{
    const int64_t *values = facts_values(walk->facts, column, walk->err);
    if (values == NULL)
        return -1;
    if (values[i] == value)
        return 0;
    return fault(walk, "the facts of directory %lld are not its row's (column %d)",
                 (long long)facts_first_id(walk->facts) + i, (int)column);
}

static int check_facts(struct walk *walk, const struct row *row, uint32_t i)
{
    for (enum figure f = 0; f < FIGURES; f++) {
        bool is_time = f >= ATIME;
        int64_t own = row->own.at[f];
        int64_t subtree = row->subtree.at[f];
        if (check_fact(walk, facts_own[f], i, null_or(own, is_time && own == ENTRY_NO_TIME)) != 0 ||
            check_fact(walk, facts_subtree[f], i,
                       null_or(subtree, is_time && subtree == ENTRY_NO_TIME)) != 0)
            return -1;
    }
    return check_fact(walk, FACTS_DEPTH, i, row->depth) != 0 ||
                   check_fact(walk, FACTS_PARENT, i,
                              null_or(row->id - row->parent, row->parent == 0)) != 0 ||
                   check_fact(walk, FACTS_OWNER, i,
                              null_or(row->uid.id, row->uid.state == ONE_SEVERAL)) != 0 ||
                   check_fact(walk, FACTS_GROUP, i,
                              null_or(row->gid.id, row->gid.state == ONE_SEVERAL)) != 0 ||
                   check_fact(walk, FACTS_SHARES, i, (int64_t)walk->mine_count) != 0
               ? -1
               : 0;
}

/* Turns to the block of the directory, of which it is the first. */
static int turn(struct walk *walk, int64_t id)
{
    size_t block = (size_t)((id - 1) / FACTS_BLOCK);
    struct slice names;
    if (facts_turn(walk->facts, block, walk->err) != 0 ||
        facts_names(&names, walk->facts, walk->err) != 0 ||
        facts_shares(&walk->share, &walk->shares_left, walk->facts, FACTS_WANT_ALL,
                     walk->pair_count, walk->err) != 0)
        return -1;
    return facts_cells(&walk->cells, walk->facts, walk->err);
}

static int check_name(struct walk *walk, const struct row *row, uint32_t i, const char **name)
{
    struct slice names;
    if (i == 0) {
        if (facts_names(&names, walk->facts, walk->err) != 0)
            return -1;
        *name = names.ptr;
    }
    assert(*name != NULL);
    size_t len = strlen(*name);
    if (len != row->name.len || memcmp(*name, row->name.ptr, len) != 0)
        return fault(walk, "the facts have another name of directory %lld", (long long)row->id);
    *name += len + 1;
    return 0;
}

/* Adds the cells of a share up, for its user; their sums must be those of the share. */
static int check_cells(struct walk *walk, const struct facts_share *share, int64_t dir,
                       struct histogram *histogram)
{
    int64_t files = 0;
    int64_t size = 0;
    for (uint32_t c = share->cells_begin; c < share->cells_end; c++) {
        const struct cells_count cell = {(uint64_t)walk->cells.files[c],
                                         (uint64_t)walk->cells.size[c],
                                         (unsigned)walk->cells.index[c]};
        const int64_t hashed[] = {walk->cells.index[c], walk->cells.files[c], walk->cells.size[c]};
        XXH3_128bits_update(walk->hash, hashed, sizeof hashed);
        if (walk->cells.files[c] < 0 || walk->cells.size[c] < 0)
            return fault(walk, "directory %lld has ages and sizes below zero", (long long)dir);
        cells_add_to(histogram, &cell);
        files = facts_sum(files, walk->cells.files[c]);
        size = facts_sum(size, walk->cells.size[c]);
    }
    if (files == share->figures[FACTS_SHARE_FILES] && size == share->figures[FACTS_SHARE_SIZE])
        return 0;
    return fault(walk, "the ages and sizes of directory %lld are not those of its files",
                 (long long)dir);
}

static struct ownermap_owner *add_to_owner(struct ownermap *map, int64_t id,
                                           const struct usage *usage)
{
    struct ownermap_owner *owner = ownermap_get(map, id);
    const struct dirstat stat = {
        (uint64_t)usage->figures[FACTS_SHARE_FILES], (uint64_t)usage->figures[FACTS_SHARE_SIZE],
        (uint64_t)usage->figures[FACTS_SHARE_ALLOC], ENTRY_NO_TIME, ENTRY_NO_TIME};
    dirstat_merge(&owner->stat, &stat);
    return owner;
}

/* Compares usage u of the directory with the next share of the facts, and counts it. */
static int check_share(struct walk *walk, size_t u, uint32_t i)
{
    const struct usage *usage = &walk->mine[u];
    const struct facts_share *share = walk->share;
    if (walk->shares_left == 0 || share->directory != i)
        return fault(walk, "the facts do not have all owners of directory %lld",
                     (long long)usage->dir);
    bool same =
        walk->pairs[share->pair].uid == usage->uid && walk->pairs[share->pair].gid == usage->gid;
    for (int f = 0; f < FACTS_SHARE_FIGURES && same; f++)
        same =
            share->figures[f] == null_or(usage->figures[f], f == FACTS_SHARE_ATIME &&
                                                                usage->figures[f] == ENTRY_NO_TIME);
    if (!same)
        return fault(walk, "the facts have other owners of directory %lld", (long long)usage->dir);
    XXH3_128bits_update(walk->hash, &usage->uid, sizeof *usage - offsetof(struct usage, uid));
    struct ownermap_owner *user = add_to_owner(walk->users, usage->uid, usage);
    user->directories += u == 0 || usage[-1].uid != usage->uid;
    add_to_owner(walk->groups, usage->gid, usage);
    walk->share++;
    walk->shares_left--;
    return check_cells(walk, share, usage->dir, &user->histogram);
}

static int by_gid(const void *left, const void *right)
{
    const struct usage *a = left;
    const struct usage *b = right;
    return (a->gid > b->gid) - (a->gid < b->gid);
}

/* A directory counts once for each of its groups. Changes the order of its usages. */
static void count_groups(struct walk *walk)
{
    if (walk->mine_count > 1)
        qsort(walk->mine, walk->mine_count, sizeof *walk->mine, by_gid);
    for (size_t u = 0; u < walk->mine_count; u++)
        if (u == 0 || walk->mine[u - 1].gid != walk->mine[u].gid)
            ownermap_get(walk->groups, walk->mine[u].gid)->directories++;
}

/* ---- The owners of a directory's own files ---- */

static int append_usage(struct walk *walk, const struct usage *usage)
{
    struct usage *mine = mem_grow(walk->mine, &walk->mine_room, walk->mine_count, sizeof *mine);
    if (mine == NULL)
        return no_memory(walk);
    walk->mine = mine;
    mine[walk->mine_count++] = *usage;
    return 0;
}

/* Collects them: of owner_usage, or the one of the row. Their sums must be the row's. */
static int collect_usages(struct walk *walk, const struct row *row)
{
    static const enum figure of_share[FACTS_SHARE_FIGURES] = {FILES, SIZE, ALLOC, ATIME};
    bool several = row->uid.state == ONE_SEVERAL || row->gid.state == ONE_SEVERAL;
    struct figures sum = {{0, 0, 0, 0, ENTRY_NO_TIME, ENTRY_NO_TIME}};
    walk->mine_count = 0;
    while (walk->usage.dir != 0 && walk->usage.dir <= row->id) {
        if (walk->usage.dir != row->id || !several)
            return fault(walk, "owner_usage has directory %lld, which should have no row there",
                         (long long)walk->usage.dir);
        if (append_usage(walk, &walk->usage) != 0 || next_usage(walk) != 0)
            return -1;
    }
    if (!several && row->own.at[FILES] > 0) {
        struct usage only = {row->id, row->uid.id, row->gid.id, {0}};
        for (int f = 0; f < FACTS_SHARE_FIGURES; f++)
            only.figures[f] = row->own.at[of_share[f]];
        if (append_usage(walk, &only) != 0)
            return -1;
    }
    for (size_t u = 0; u < walk->mine_count; u++) {
        const int64_t *figures = walk->mine[u].figures;
        add_figures(&sum, &(struct figures){{figures[FACTS_SHARE_FILES], 0,
                                             figures[FACTS_SHARE_SIZE], figures[FACTS_SHARE_ALLOC],
                                             figures[FACTS_SHARE_ATIME], ENTRY_NO_TIME}});
    }
    for (int f = 0; f < FACTS_SHARE_FIGURES; f++)
        if (sum.at[of_share[f]] != row->own.at[of_share[f]])
            return fault(walk, "the owners of directory %lld do not hold its %s_nr",
                         (long long)row->id, figure_names[of_share[f]]);
    return 0;
}

/* ---- The tree ---- */

static struct level *above(struct walk *walk)
{
    return walk->depth == 0 ? &walk->top : &walk->levels[walk->depth - 1];
}

/* Leaves the last level: its sums must equal the figures of its row. */
static int leave(struct walk *walk)
{
    struct level *level = above(walk);
    const struct row *row = &level->row;
    for (enum figure f = 0; f < FIGURES; f++)
        if (level->sum.at[f] != row->subtree.at[f])
            return fault(walk, "%s_r of directory %lld is not the sum of what is below it",
                         figure_names[f], (long long)row->id);
    if (!is_same_owner(level->uid, row->uid) || !is_same_owner(level->gid, row->gid))
        return fault(walk, "the owner of directory %lld is not that of all below it",
                     (long long)row->id);
    if (level->row.subtree.at[DIRS] != row->last - row->id)
        return fault(walk, "last_id of directory %lld is wrong", (long long)row->id);
    walk->depth--;
    struct level *parent = above(walk);
    int64_t dirs = parent->sum.at[DIRS];
    add_figures(&parent->sum, &level->sum);
    parent->sum.at[DIRS] = dirs + level->sum.at[DIRS] + 1;
    add_owner(&parent->uid, level->uid);
    add_owner(&parent->gid, level->gid);
    parent->row.own.at[DIRS]--; /* 0 once all directly in it have been left */
    if (row->own.at[DIRS] != 0)
        return fault(walk, "dir_count_nr of directory %lld is wrong", (long long)row->id);
    return 0;
}

/* Notes the name as the last one in the level; it must come after the one before. */
static int follow(struct walk *walk, struct level *level, const struct row *row)
{
    size_t common = level->last_len < row->name.len ? level->last_len : row->name.len;
    int order = common == 0 ? 0 : memcmp(level->last_name, row->name.ptr, common);
    bool is_first = level->last_name == NULL;
    if (!is_first && (order > 0 || (order == 0 && level->last_len >= row->name.len)))
        return fault(walk, "directory %lld does not come after the one before it in its parent",
                     (long long)row->id);
    while (level->last_room <= row->name.len) {
        char *longer = mem_grow(level->last_name, &level->last_room, level->last_room, 1);
        if (longer == NULL)
            return no_memory(walk);
        level->last_name = longer;
    }
    assert(level->last_name != NULL);
    memcpy(level->last_name, row->name.ptr, row->name.len);
    level->last_len = row->name.len;
    return 0;
}

/* A path is its parent's path, a slash and the name; without a stored parent, any absolute path. */
static int check_path(struct walk *walk, const struct row *row)
{
    const struct level *parent = above(walk);
    const char *path = row->path.ptr;
    size_t len = row->path.len;
    bool is_root = len == 1 && *path == '/';
    if (len == 0 || path[0] != '/' || (!is_root && path[len - 1] == '/'))
        return fault(walk, "the path of directory %lld is not absolute, or ends in a slash",
                     (long long)row->id);
    const char *slash = memrchr(path, '/', len);
    size_t name_len = is_root ? row->name.len : (size_t)(path + len - slash - 1);
    const char *name = is_root ? row->name.ptr : slash + 1;
    int64_t depth = 0;
    for (size_t i = 0; i < len && !is_root; i++)
        depth += path[i] == '/';
    if (name_len != row->name.len || memcmp(name, row->name.ptr, name_len) != 0 ||
        depth != row->depth || utf8_is_valid(row->path) == row->is_blob)
        return fault(walk, "the name or the depth of directory %lld is not that of its path",
                     (long long)row->id);
    size_t above_len = parent->path_len == 1 ? 0 : parent->path_len; /* of "/" */
    if (row->parent != 0 &&
        ((size_t)(slash - path) != above_len || memcmp(path, walk->path, above_len) != 0))
        return fault(walk, "the path of directory %lld does not go on from its parent's",
                     (long long)row->id);
    return 0;
}

/* Makes the directory the last level. */
static int enter(struct walk *walk, const struct row *row)
{
    struct level *parent = above(walk);
    if (row->parent != parent->row.id || row->last > parent->row.last)
        return fault(walk, "directory %lld is not in its parent's place", (long long)row->id);
    if (check_path(walk, row) != 0 || follow(walk, parent, row) != 0)
        return -1;
    if (walk->depth == walk->level_room) {
        struct level *levels =
            mem_grow(walk->levels, &walk->level_room, walk->depth, sizeof *levels);
        if (levels == NULL)
            return no_memory(walk);
        memset(levels + walk->depth, 0, (walk->level_room - walk->depth) * sizeof *levels);
        walk->levels = levels;
    }
    while (walk->path_room < row->path.len) {
        char *path = mem_grow(walk->path, &walk->path_room, walk->path_room, 1);
        if (path == NULL)
            return no_memory(walk);
        walk->path = path;
    }
    memcpy(walk->path, row->path.ptr, row->path.len);
    struct level *level = &walk->levels[walk->depth++];
    free(level->last_name);
    *level = (struct level){.row = *row, .path_len = row->path.len, .sum = row->own};
    level->sum.at[DIRS] = 0;
    for (size_t u = 0; u < walk->mine_count; u++) {
        add_owner(&level->uid, (struct one){walk->mine[u].uid, ONE_ID});
        add_owner(&level->gid, (struct one){walk->mine[u].gid, ONE_ID});
    }
    return 0;
}

static void hash_row(struct walk *walk, const struct row *row)
{
    const int64_t numbers[] = {row->id,     row->parent,    row->last,
                               row->depth,  row->uid.id,    row->uid.state,
                               row->gid.id, row->gid.state, (int64_t)row->path.len};
    XXH3_128bits_update(walk->hash, numbers, sizeof numbers);
    XXH3_128bits_update(walk->hash, row->path.ptr, row->path.len);
    XXH3_128bits_update(walk->hash, &row->own, sizeof row->own);
    XXH3_128bits_update(walk->hash, &row->subtree, sizeof row->subtree);
}

static int take_directory(struct walk *walk, int64_t id, const char **name)
{
    struct row row;
    uint32_t i = (uint32_t)((id - 1) % FACTS_BLOCK);
    if (take_row(walk, &row) != 0)
        return -1;
    if (row.id != id)
        return fault(walk, "there is no directory %lld", (long long)id);
    while (walk->depth > 0 && above(walk)->row.last < id)
        if (leave(walk) != 0)
            return -1;
    hash_row(walk, &row);
    if (collect_usages(walk, &row) != 0 || enter(walk, &row) != 0 ||
        (i == 0 && turn(walk, id) != 0) || check_facts(walk, &row, i) != 0 ||
        check_name(walk, &row, i, name) != 0)
        return -1;
    for (size_t u = 0; u < walk->mine_count; u++)
        if (check_share(walk, u, i) != 0)
            return -1;
    count_groups(walk);
    return 0;
}

static int walk_directories(struct walk *walk, int64_t directories)
{
    const char *name = NULL;
    for (int64_t id = 1; id <= directories; id++) {
        int more = reader_rows_next(walk->dirs, walk->err);
        int figures = more == 1 ? reader_rows_next(walk->stats, walk->err) : more;
        if (more < 0 || figures < 0)
            return -1;
        if (more == 0 || figures == 0)
            return fault(walk, "there is no directory %lld, or it has no figures", (long long)id);
        if (take_directory(walk, id, &name) != 0)
            return -1;
    }
    while (walk->depth > 0)
        if (leave(walk) != 0)
            return -1;
    int more = reader_rows_next(walk->stats, walk->err);
    if (more != 0)
        return more < 0 ? -1 : fault(walk, "there are figures of no directory");
    if (walk->usage.dir != 0)
        return fault(walk, "owner_usage has directory %lld, which does not exist",
                     (long long)walk->usage.dir);
    return 0;
}

/* ---- Summaries ---- */

/* Compares a table of `id, figures...` with what the walk has counted of each owner. */
static int check_summary(struct walk *walk, struct ownermap *owners, const char *table,
                         const char *key)
{
    char sql[160];
    struct reader_rows *rows;
    snprintf(sql, sizeof sql,
             "SELECT %s, total_size, total_alloc, total_files, directory_count FROM %s ORDER BY 1",
             key, table);
    if (reader_run(&rows, walk->reader, sql, NULL, 0, walk->err) != 0)
        return -1;
    const struct ownermap_owner *owner = ownermap_next(owners, NULL);
    int more;
    int status = 0;
    while (status == 0 && (more = reader_rows_next(rows, walk->err)) == 1) {
        bool same = owner != NULL && reader_rows_integer(rows, 0) == owner->id;
        const uint64_t sums[] = {
            owner == NULL ? 0 : owner->stat.size, owner == NULL ? 0 : owner->stat.alloc,
            owner == NULL ? 0 : owner->stat.files, owner == NULL ? 0 : owner->directories};
        for (int i = 0; i < 4; i++)
            same &= reader_rows_integer(rows, i + 1) == columns_sum(sums[i]);
        if (!same)
            status = fault(walk, "table %s does not hold what its files add up to", table);
        else
            owner = ownermap_next(owners, owner);
    }
    reader_rows_close(rows);
    if (status == 0 && more == 0 && owner != NULL)
        return fault(walk, "table %s lacks owner %lld", table, (long long)owner->id);
    return status != 0 || more < 0 ? -1 : 0;
}

/* Compares a histogram with what the walk has counted. Each bucket that the table has is emptied
 * here, so that what is left at the end is missing in the table. */
static int check_histogram(struct walk *walk, enum histogram_kind kind)
{
    char sql[128];
    struct reader_rows *rows;
    const char *table = kind == HISTOGRAM_ACCESS ? "access_histogram" : "size_histogram";
    snprintf(sql, sizeof sql, "SELECT owner_uid, bucket_index, file_count, total_size FROM %s",
             table);
    if (reader_run(&rows, walk->reader, sql, NULL, 0, walk->err) != 0)
        return -1;
    int more;
    bool same = true;
    while (same && (more = reader_rows_next(rows, walk->err)) == 1) {
        int64_t index = reader_rows_integer(rows, 1);
        if ((same = index >= 0 && index < HISTOGRAM_BUCKETS)) {
            struct histogram_bucket *bucket =
                &ownermap_get(walk->users, reader_rows_integer(rows, 0))
                     ->histogram.bucket[kind][index];
            same = columns_sum(bucket->files) == reader_rows_integer(rows, 2) &&
                   columns_sum(bucket->size) == reader_rows_integer(rows, 3);
            *bucket = (struct histogram_bucket){0, 0};
        }
    }
    reader_rows_close(rows);
    const struct ownermap_owner *user = NULL;
    while (same && more == 0 && (user = ownermap_next(walk->users, user)) != NULL)
        for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++)
            same &= user->histogram.bucket[kind][i].files == 0;
    if (same)
        return more;
    return fault(walk, "table %s does not hold what its files add up to", table);
}

/* Adds to the digest what the logs held, in whatever order they came. */
static int hash_logs(struct walk *walk)
{
    struct reader_rows *rows;
    uint64_t sum[2] = {0, 0};
    if (reader_run(&rows, walk->reader,
                   "SELECT source_file, scan_timestamp, format, age_by, total_directories, "
                   "total_files, total_size, total_alloc, lines, headers, rejected, flawed, "
                   "scan_errors, excluded, source_size FROM scan_metadata",
                   NULL, 0, walk->err) != 0)
        return -1;
    int more;
    while ((more = reader_rows_next(rows, walk->err)) == 1) {
        XXH3_state_t *hash = XXH3_createState();
        if (hash == NULL) {
            more = no_memory(walk);
            break;
        }
        XXH3_128bits_reset(hash);
        for (int i = 0; i < 15; i++) {
            struct slice text = reader_rows_text(rows, i);
            XXH3_128bits_update(hash, &text.len, sizeof text.len);
            if (text.len > 0)
                XXH3_128bits_update(hash, text.ptr, text.len);
        }
        XXH128_hash_t one = XXH3_128bits_digest(hash);
        XXH3_freeState(hash);
        sum[0] += one.high64;
        sum[1] += one.low64;
    }
    reader_rows_close(rows);
    XXH3_128bits_update(walk->hash, sum, sizeof sum);
    return more;
}

/* ---- The door ---- */

static int begin(struct walk *walk, int64_t directories)
{
    static const char dirs[] = "SELECT dir_id, parent_id, depth, last_id, path, name, "
                               "typeof(path) = 'blob' FROM directories ORDER BY dir_id";
    static const char stats[] = "SELECT * FROM directory_stats ORDER BY dir_id";
    static const char usages[] = "SELECT * FROM owner_usage ORDER BY dir_id, owner_uid, owner_gid";
    walk->top = (struct level){.row = {.last = directories},
                               .sum = {{0, 0, 0, 0, ENTRY_NO_TIME, ENTRY_NO_TIME}}};
    if (walk->hash == NULL)
        return no_memory(walk);
    XXH3_128bits_reset(walk->hash);
    return reader_run(&walk->dirs, walk->reader, dirs, NULL, 0, walk->err) != 0 ||
                   reader_run(&walk->stats, walk->reader, stats, NULL, 0, walk->err) != 0 ||
                   reader_run(&walk->usages, walk->reader, usages, NULL, 0, walk->err) != 0 ||
                   facts_pairs(&walk->pairs, &walk->pair_count, walk->reader, walk->err) != 0 ||
                   next_usage(walk) != 0 ||
                   facts_open(&walk->facts, walk->reader, directories, walk->err) != 0
               ? -1
               : 0;
}

static int run_walk(struct walk *walk)
{
    int64_t directories;
    if (reader_count(&directories, walk->reader, walk->err) != 0 || begin(walk, directories) != 0 ||
        walk_directories(walk, directories) != 0 ||
        check_summary(walk, walk->users, "owner_summary", "owner_uid") != 0 ||
        check_summary(walk, walk->groups, "group_summary", "owner_gid") != 0 ||
        check_histogram(walk, HISTOGRAM_ACCESS) != 0 ||
        check_histogram(walk, HISTOGRAM_SIZE) != 0 ||
        reader_check_books(walk->reader, walk->err) != 0 || hash_logs(walk) != 0)
        return -1;
    XXH128_hash_t digest = XXH3_128bits_digest(walk->hash);
    *walk->out = (struct verify_result){directories,
                                        walk->top.sum.at[FILES],
                                        walk->top.sum.at[SIZE],
                                        {digest.high64, digest.low64}};
    return 0;
}

static void dispose(struct walk *walk)
{
    reader_rows_close(walk->dirs);
    reader_rows_close(walk->stats);
    reader_rows_close(walk->usages);
    facts_close(walk->facts);
    ownermap_free(walk->users);
    ownermap_free(walk->groups);
    XXH3_freeState(walk->hash);
    for (size_t i = 0; i < walk->level_room; i++)
        free(walk->levels[i].last_name);
    free(walk->top.last_name);
    free(walk->levels);
    free(walk->mine);
    free(walk->pairs);
    free(walk->path);
}

/* What SQLite checks, the longest first: of each large table its indexes, and of the whole file
 * that every page is used once. SQLite before 3.33 knows no table here, and checks nothing for
 * it. */
static const char *const checks[] = {
    "PRAGMA integrity_check('directories')",
    "PRAGMA integrity_check('directory_stats')",
    "PRAGMA quick_check(1)",
};
static const char *const checks_of_old[] = {"PRAGMA integrity_check(1)"};

struct verification {
    struct walk *walk;
    struct err *errs; /* one a part; the walk is the first */
    const char *const *checks;
};

static int run_check(const struct reader *reader, const char *sql, struct err *err)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *row = NULL;
    const char *path = reader_path(reader);
    int code = engine_open(&db, reader_file(reader), path);
    int status = 0;
    if (code == ENGINE_REPLACED)
        status = err_set(err, "%s: has been replaced meanwhile; ask again", path);
    else if (code == SQLITE_OK)
        code = sqlite3_prepare_v2(db, sql, -1, &row, NULL);
    if (status == 0 && code == SQLITE_OK)
        code = sqlite3_step(row);
    const char *said = code == SQLITE_ROW ? (const char *)sqlite3_column_text(row, 0) : NULL;
    if (said != NULL && strcmp(said, "ok") != 0)
        status = err_set(err, "%s: damaged database: %s; import its logs afresh with --replace",
                         path, said);
    else if (said == NULL && status == 0)
        status = err_set(err, "%s: cannot be verified: %s", path, engine_reason(db));
    sqlite3_finalize(row);
    sqlite3_close(db);
    return status;
}

static int run_part(void *context, unsigned part, unsigned parts)
{
    const struct verification *all = context;
    (void)parts;
    return part == 0 ? run_walk(all->walk)
                     : run_check(all->walk->reader, all->checks[part - 1], &all->errs[part]);
}

enum { CHECKS = sizeof checks / sizeof *checks };

int verify_database(struct verify_result *out, struct reader *reader, struct err *err)
{
    struct err errs[1 + CHECKS] = {{0}};
    struct walk walk = {.reader = reader,
                        .err = &errs[0],
                        .out = out,
                        .users = ownermap_new(),
                        .groups = ownermap_new(),
                        .hash = XXH3_createState()};
    bool is_old = sqlite3_libversion_number() < 3033000;
    struct verification all = {&walk, errs, is_old ? checks_of_old : checks};
    int status = parallel_run(1 + (is_old ? 1 : CHECKS), run_part, &all);
    dispose(&walk);
    for (size_t i = sizeof errs / sizeof *errs; status != 0 && i-- > 0;)
        if (errs[i].status != ERR_NONE)
            *err = errs[i]; /* the walk's, which says more, if it has one */
    return status;
}
