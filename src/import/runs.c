/* runs: each directory is written as its length, what its path has in common with the one
 * before, the rest of the path, and its files. All runs lie in one temporary file, and a heap of
 * readers, one a run, gives the directory that comes next. One thread. */
#include "runs.h"

#include <stdlib.h>
#include <string.h>

#include "dirmap.h"
#include "dirshares.h"
#include "mem.h"
#include "pathname.h"
#include "runcode.h"
#include "spool.h"
#include "tree.h"

/* So many runs become one: each reader has a buffer. */
enum { RUNS_MOST = 64, BUFFER = 64 << 10 };

/* Directories ahead whose records, then cells are fetched. */
enum { AHEAD = 16 };

/* Directories between two looks at the cancel flag: some milliseconds. */
enum { STEPS_PER_LOOK = 1 << 14 };

struct run {
    uint64_t begin;
    uint64_t end;
};

/* Reads a run. */
struct run_reader {
    uint64_t next; /* what of the file is not yet in the buffer: [next, end) */
    uint64_t end;
    char *buffer;
    size_t room;
    size_t begin; /* [begin, fill) has not been looked at */
    size_t fill;
    char *path; /* of the directory at hand, as the next members */
    size_t path_len;
    size_t path_room;
    int64_t max_mtime;
    struct rows_shares shares;
};

/* A share and its cells, on its way to those of other runs. */
struct piece {
    const struct rows_share *share;
    const struct cells_count *cells;
};

struct runs {
    char *name; /* of temporary files */
    const atomic_bool *cancelled;
    struct spool *spool;
    struct run items[RUNS_MOST];
    size_t count;
    /* The directory written last, which begins alike. */
    struct runcode last_path;
    struct runcode record;
    struct rows_shares shares;
    /* The readers while runs are merged: those in the heap come next; those in `at` are where the
     * directory is that was given out last. */
    struct run_reader readers[RUNS_MOST];
    struct run_reader *heap[RUNS_MOST];
    size_t heaped;
    struct run_reader *at[RUNS_MOST];
    size_t at_count;
    uint64_t steps;
    struct rows_shares merged;
    struct piece *pieces;
    size_t piece_room;
};

static int no_memory(struct err *err)
{
    return err_no_memory(err, "cannot merge directories");
}

int runs_damaged(const char *path, struct err *err)
{
    return err_set(err,
                   "%s: the temporary file does not hold what was written to it; look for "
                   "faults of its disk, or build the database on another",
                   path);
}

int runs_new(struct runs **out, const char *path, const atomic_bool *cancelled, struct err *err)
{
    struct runs *runs = mem_new(sizeof *runs);
    runs->name = mem_text(path);
    runs->cancelled = cancelled;
    if (spool_open(&runs->spool, path, err) != 0) {
        runs_free(runs);
        return -1;
    }
    *out = runs;
    return 0;
}

static void dispose_readers(struct runs *runs)
{
    for (size_t i = 0; i < RUNS_MOST; i++) {
        free(runs->readers[i].buffer);
        free(runs->readers[i].path);
        rows_shares_dispose(&runs->readers[i].shares);
        runs->readers[i] = (struct run_reader){0};
    }
    runs->heaped = 0;
    runs->at_count = 0;
}

void runs_free(struct runs *runs)
{
    if (runs == NULL)
        return;
    dispose_readers(runs);
    spool_close(runs->spool);
    rows_shares_dispose(&runs->shares);
    rows_shares_dispose(&runs->merged);
    free(runs->pieces);
    free(runs->last_path.bytes);
    free(runs->record.bytes);
    free(runs->name);
    free(runs);
}

size_t runs_count(const struct runs *runs)
{
    return runs->count;
}

static bool is_cancelled(const struct runs *runs, uint64_t step)
{
    /* Relaxed: only the flag itself matters. */
    return step % STEPS_PER_LOOK == 0 &&
           atomic_load_explicit(runs->cancelled, memory_order_relaxed);
}

/* Appends a directory to the run that is being written. */
static int write_entry(struct runs *runs, struct spool *spool, const struct runs_entry *entry,
                       struct err *err)
{
    struct runcode *last = &runs->last_path;
    struct runcode *record = &runs->record;
    size_t common = pathname_common(entry->path, (struct slice){(char *)last->bytes, last->count});
    const struct slice rest = {entry->path.ptr + common, entry->path.len - common};
    record->count = 0;
    if (runcode_put_integer(record, common) != 0 || runcode_put_integer(record, rest.len) != 0 ||
        runcode_put_bytes(record, rest) != 0 ||
        runcode_put_instant(record, entry->max_mtime) != 0 ||
        runcode_put_shares(record, entry->shares) != 0)
        return no_memory(err);
    size_t body = record->count;
    if (runcode_put_integer(record, body) != 0)
        return no_memory(err);
    last->count = common;
    if (runcode_put_bytes(last, rest) != 0)
        return no_memory(err);
    if (spool_append(spool, record->bytes + body, record->count - body, err) != 0)
        return -1;
    return spool_append(spool, record->bytes, body, err);
}

static void look_ahead(const struct dirmap *map, const struct tree *tree, size_t i)
{
    size_t count = tree_count(tree);
    if (i + AHEAD < count)
        dirmap_prefetch(map, tree_directory(tree, i + AHEAD));
    if (i + AHEAD / 2 < count) {
        uint32_t id = tree_directory(tree, i + AHEAD / 2);
        dirmap_prefetch_cells(map, id);
        __builtin_prefetch(dirmap_at(map, id)->path);
    }
}

static int write_map(struct runs *runs, const struct dirmap *map, const struct tree *tree,
                     struct err *err)
{
    runs->last_path.count = 0;
    for (size_t i = 0; i < tree_count(tree); i++) {
        if (is_cancelled(runs, i))
            return err_set(err, "interrupted");
        look_ahead(map, tree, i);
        uint32_t id = tree_directory(tree, i);
        const struct dirmap_dir *dir = dirmap_at(map, id);
        rows_shares_clear(&runs->shares);
        if (dirshares_add(&runs->shares, map, id, 0) != 0)
            return no_memory(err);
        const struct runs_entry entry = {
            {dir->path, dir->path_len}, dirshares_sum(map, id).max_mtime, &runs->shares};
        if (write_entry(runs, runs->spool, &entry, err) != 0)
            return -1;
    }
    return 0;
}

/* Writes all runs to another file, as one. */
static int write_merged(struct runs *runs, struct spool *spool, struct err *err)
{
    struct runs_entry entry = {0};
    int more;
    if (runs_begin(runs, err) != 0)
        return -1;
    runs->last_path.count = 0;
    while ((more = runs_next(runs, &entry, err)) == 1)
        if (write_entry(runs, spool, &entry, err) != 0)
            return -1;
    return more;
}

static int make_one(struct runs *runs, struct err *err)
{
    struct spool *spool;
    if (spool_open(&spool, runs->name, err) != 0)
        return -1;
    if (write_merged(runs, spool, err) != 0) {
        spool_close(spool);
        return -1;
    }
    dispose_readers(runs);
    spool_close(runs->spool);
    runs->spool = spool;
    runs->items[0] = (struct run){0, spool_size(spool)};
    runs->count = 1;
    return 0;
}

int runs_add(struct runs *runs, const struct dirmap *map, const struct tree *tree, struct err *err)
{
    if (runs->count == RUNS_MOST && make_one(runs, err) != 0)
        return -1;
    uint64_t begin = spool_size(runs->spool);
    if (write_map(runs, map, tree, err) != 0)
        return -1;
    runs->items[runs->count++] = (struct run){begin, spool_size(runs->spool)};
    return 0;
}

/* Gets `bytes` of the run into the buffer, fewer where it ends before. */
static int fetch(const struct runs *runs, struct run_reader *reader, size_t bytes, struct err *err)
{
    if (reader->fill - reader->begin >= bytes || reader->next == reader->end)
        return 0;
    memmove(reader->buffer, reader->buffer + reader->begin, reader->fill - reader->begin);
    reader->fill -= reader->begin;
    reader->begin = 0;
    if (bytes > reader->room) {
        char *longer = realloc(reader->buffer, bytes);
        if (longer == NULL)
            return no_memory(err);
        reader->buffer = longer;
        reader->room = bytes;
    }
    uint64_t left = reader->end - reader->next;
    size_t more = reader->room - reader->fill;
    more = left < more ? (size_t)left : more;
    if (spool_read(runs->spool, reader->buffer + reader->fill, more, reader->next, err) != 0)
        return -1;
    reader->next += more;
    reader->fill += more;
    return 0;
}

static struct slice unread(const struct run_reader *reader)
{
    return (struct slice){reader->buffer + reader->begin, reader->fill - reader->begin};
}

/* Takes the path of the next directory from the begin of its record. */
static enum runcode_result take_path(struct run_reader *reader, struct slice *record)
{
    uint64_t common;
    uint64_t rest;
    if (!runcode_integer(&common, record) || !runcode_integer(&rest, record) ||
        common > reader->path_len || rest > record->len)
        return RUNCODE_DAMAGED;
    size_t len = (size_t)common + (size_t)rest;
    if (len > reader->path_room) {
        char *longer = realloc(reader->path, 2 * len);
        if (longer == NULL)
            return RUNCODE_NO_MEMORY;
        reader->path = longer;
        reader->path_room = 2 * len;
    }
    if (rest != 0)
        memcpy(reader->path + common, record->ptr, (size_t)rest);
    reader->path_len = len;
    record->ptr += rest;
    record->len -= (size_t)rest;
    return len == 0 ? RUNCODE_DAMAGED : RUNCODE_OK;
}

static enum runcode_result take_record(struct run_reader *reader, struct slice record)
{
    enum runcode_result result = take_path(reader, &record);
    if (result != RUNCODE_OK)
        return result;
    rows_shares_clear(&reader->shares);
    if (!runcode_instant(&reader->max_mtime, &record))
        return RUNCODE_DAMAGED;
    return runcode_shares(&reader->shares, 0, &record);
}

/* Goes on to the next directory of a run: 1; 0: there is none; -1: failed. */
static int advance(const struct runs *runs, struct run_reader *reader, struct err *err)
{
    uint64_t len;
    if (fetch(runs, reader, RUNCODE_INTEGER, err) != 0)
        return -1;
    struct slice head = unread(reader);
    if (head.len == 0)
        return 0;
    if (!runcode_integer(&len, &head) || len > head.len + (reader->end - reader->next))
        return runs_damaged(runs->name, err);
    reader->begin = reader->fill - head.len;
    if (fetch(runs, reader, (size_t)len, err) != 0)
        return -1;
    struct slice record = unread(reader);
    record.len = (size_t)len;
    reader->begin += record.len;
    switch (take_record(reader, record)) {
    case RUNCODE_DAMAGED:
        return runs_damaged(runs->name, err);
    case RUNCODE_NO_MEMORY:
        return no_memory(err);
    case RUNCODE_OK:
        break;
    }
    return 1;
}

static struct slice path_of(const struct run_reader *reader)
{
    return (struct slice){reader->path, reader->path_len};
}

static int compare(const struct run_reader *a, const struct run_reader *b)
{
    return pathname_compare(path_of(a), path_of(b));
}

static void push(struct runs *runs, struct run_reader *reader)
{
    size_t i = runs->heaped++;
    for (size_t above; i > 0 && compare(reader, runs->heap[above = (i - 1) / 2]) < 0; i = above)
        runs->heap[i] = runs->heap[above];
    runs->heap[i] = reader;
}

static struct run_reader *pop(struct runs *runs)
{
    struct run_reader *first = runs->heap[0];
    struct run_reader *last = runs->heap[--runs->heaped];
    size_t i = 0;
    for (size_t below; (below = 2 * i + 1) < runs->heaped; i = below) {
        if (below + 1 < runs->heaped && compare(runs->heap[below + 1], runs->heap[below]) < 0)
            below++;
        if (compare(last, runs->heap[below]) <= 0)
            break;
        runs->heap[i] = runs->heap[below];
    }
    runs->heap[i] = last;
    return first;
}

int runs_begin(struct runs *runs, struct err *err)
{
    if (spool_flush(runs->spool, err) != 0)
        return -1;
    dispose_readers(runs);
    runs->steps = 0;
    for (size_t i = 0; i < runs->count; i++) {
        struct run_reader *reader = &runs->readers[i];
        reader->next = runs->items[i].begin;
        reader->end = runs->items[i].end;
        reader->room = BUFFER;
        reader->buffer = mem_new(BUFFER);
        runs->at[runs->at_count++] = reader;
    }
    return 0;
}

/* Moves on those that are at the last directory, and sets `at` to those that are at the next
 * one. */
static int go_on(struct runs *runs, struct err *err)
{
    size_t count = runs->at_count;
    runs->at_count = 0;
    for (size_t i = 0; i < count; i++) {
        struct run_reader *reader = runs->at[i];
        int more = advance(runs, reader, err);
        if (more < 0)
            return -1;
        /* A run that goes on before all others needs no heap. */
        if (more == 1 && count == 1 && (runs->heaped == 0 || compare(reader, runs->heap[0]) < 0)) {
            runs->at[runs->at_count++] = reader;
            return 0;
        }
        if (more == 1)
            push(runs, reader);
    }
    if (runs->heaped == 0)
        return 0;
    do
        runs->at[runs->at_count++] = pop(runs);
    while (runs->heaped != 0 && compare(runs->heap[0], runs->at[0]) == 0);
    return 0;
}

static int by_owner(const void *left, const void *right)
{
    const struct rows_usage *a = &((const struct piece *)left)->share->usage;
    const struct rows_usage *b = &((const struct piece *)right)->share->usage;
    if (a->uid != b->uid)
        return a->uid < b->uid ? -1 : 1;
    return (a->gid > b->gid) - (a->gid < b->gid);
}

/* Makes a list of the shares that `at` has, by owner; *count: how many. */
static int list_pieces(struct runs *runs, size_t *count)
{
    *count = 0;
    for (size_t i = 0; i < runs->at_count; i++) {
        const struct rows_shares *shares = &runs->at[i]->shares;
        const struct cells_count *cells = shares->cells;
        for (size_t s = 0; s < shares->count; s++) {
            struct piece *pieces =
                mem_grow(runs->pieces, &runs->piece_room, *count, sizeof *pieces);
            if (pieces == NULL)
                return -1;
            runs->pieces = pieces;
            pieces[(*count)++] = (struct piece){&shares->items[s], cells};
            cells += shares->items[s].cells;
        }
    }
    if (*count > 1)
        qsort(runs->pieces, *count, sizeof *runs->pieces, by_owner);
    return 0;
}

/* Adds up the shares that `at` has. */
static int merge_shares(struct runs *runs)
{
    struct rows_shares *merged = &runs->merged;
    size_t count;
    rows_shares_clear(merged);
    if (list_pieces(runs, &count) != 0)
        return -1;
    for (size_t i = 0; i < count; i++) {
        const struct piece *piece = &runs->pieces[i];
        if (i == 0 || by_owner(piece, piece - 1) != 0) {
            if (rows_shares_grow(merged) != 0)
                return -1;
            merged->items[merged->count++] = (struct rows_share){
                {0, piece->share->usage.uid, piece->share->usage.gid, DIRSTAT_NONE}, 0};
        }
        struct rows_share *share = &merged->items[merged->count - 1];
        struct cells_count *cells = merged->cells + merged->cell_count - share->cells;
        dirstat_merge(&share->usage.stat, &piece->share->usage.stat);
        merged->cell_count -= share->cells;
        for (size_t c = 0; c < piece->share->cells; c++)
            share->cells = cells_add(cells, share->cells, &piece->cells[c]);
        merged->cell_count += share->cells;
    }
    return 0;
}

int runs_next(struct runs *runs, struct runs_entry *entry, struct err *err)
{
    if (is_cancelled(runs, runs->steps++))
        return err_set(err, "interrupted");
    if (go_on(runs, err) != 0)
        return -1;
    if (runs->at_count == 0)
        return 0;
    struct run_reader *first = runs->at[0];
    *entry = (struct runs_entry){path_of(first), first->max_mtime, &first->shares};
    if (runs->at_count == 1)
        return 1;
    for (size_t i = 1; i < runs->at_count; i++)
        if (runs->at[i]->max_mtime > entry->max_mtime)
            entry->max_mtime = runs->at[i]->max_mtime;
    entry->shares = &runs->merged;
    return merge_shares(runs) == 0 ? 1 : no_memory(err);
}
