/* btree: leaves in parallel, the levels above them after.
 *
 * The rows of each tree are cut into runs, and every run begins a page. How many rows a run has
 * depends on the tree alone, so the file is the same for any number of threads. The pieces of work
 * are the runs of all trees, one after the other, then for each tree the pages above its leaves:
 * for these there is a row a leaf to put, less than a hundredth of the work.
 *
 * A thread takes the next piece, lays it out in memory of its own, waits until the pieces before
 * have their places in the file, takes its own, lets the next one go on, and writes. So a thread
 * waits for another one's place, hardly ever for its writes. A piece that becomes larger than
 * planned (a few long rows among many short ones) takes its place early and writes as it goes:
 * memory is bounded, and the pieces after wait.
 *
 * What threads share is in struct build. */
#include "btree.h"

#include <assert.h>
#include <stdlib.h>

#include "err.h"
#include "level.h"
#include "mem.h"
#include "pages.h"
#include "parallel.h"
#include "turns.h"

enum {
    SAMPLES = 64,       /* rows from which the mean size of a tree's rows is estimated */
    RUNS_IN_MEMORY = 2, /* nominal sizes of a run that a piece may have before it is written */
};

/* A tree while it is written. */
struct laid_tree {
    struct level_list leaves; /* with their numbers; runs append in their turn, read after the last
                                 run's turn */
    size_t first_piece;       /* of its runs; set before threads start */
    size_t runs;
};

struct build {
    const struct btree *trees;
    size_t count;
    const struct btree_file *file;
    size_t run_bytes;
    struct laid_tree *states; /* one a tree */
    size_t runs; /* of all trees: pieces [0, runs). The trees' upper levels: [runs, runs + count) */
    struct turns turns;
    uint64_t placed;    /* pages that have a place; by the piece whose turn it is */
    atomic_size_t next; /* the first piece that nobody has taken; relaxed: only the number counts */
    /* Set by the thread that fails, read by all; relaxed: only the flag counts. */
    atomic_bool stopped;
    struct err *err; /* by the thread that is the first to fail */
};

/* A thread, and the piece that it has in hand. */
struct worker {
    struct build *build;
    struct pages pages;
    struct cell cell;
    struct level_list made[2]; /* a level, and the one above */
    size_t piece;
    struct pages_place place; /* of its pages, when it has its turn */
    struct err err;
};

static bool is_stopped(const struct build *build)
{
    const atomic_bool *cancelled = build->file->cancelled;
    return atomic_load_explicit(&build->stopped, memory_order_relaxed) ||
           (cancelled != NULL && atomic_load_explicit(cancelled, memory_order_relaxed));
}

/* Waits for the piece's turn, which it keeps until it passes. */
static int take_turn(struct worker *worker, struct err *err)
{
    struct build *build = worker->build;
    if (!turns_wait(&build->turns, worker->piece))
        return err_set(err, "b-tree: another thread failed");
    worker->place.first =
        pages_number(build->file->page_size, build->file->first_page, build->placed);
    return 0;
}

/* How many of the piece's pages take a place after those before: the root has its own. */
static size_t count_placed(const struct worker *worker)
{
    return worker->pages.count - (worker->place.root_index != PAGES_NONE);
}

/* Whether there are numbers for the pages so far. */
static int check_numbers(const struct worker *worker, struct err *err)
{
    size_t page_size = worker->pages.page_size;
    size_t count = count_placed(worker);
    if (count > 0 && pages_number(page_size, worker->place.first, count - 1) > PAGES_NUMBER_MOST)
        return err_set(err, "database: more than %lu pages of %zu bytes; use larger ones",
                       (unsigned long)PAGES_NUMBER_MOST, page_size);
    return 0;
}

/* Before a piece's next page: writes those that it has when they are many. */
static int make_room(void *context, struct err *err)
{
    struct worker *worker = context;
    struct build *build = worker->build;
    struct pages *pages = &worker->pages;
    if (is_stopped(build))
        return err_set(err, "interrupted");
    if ((pages->count - pages->written) * pages->page_size < RUNS_IN_MEMORY * build->run_bytes)
        return 0;
    if (take_turn(worker, err) != 0 || check_numbers(worker, err) != 0)
        return -1;
    return pages_write(pages, &worker->place, &build->file->sink, err);
}

/* Adds a run's leaves to those of its tree, in the run's turn. */
static int add_leaves(struct worker *worker, struct level_list *leaves, struct err *err)
{
    const struct level_list *made = &worker->made[0];
    for (size_t i = 0; i < made->count; i++) {
        struct level_child leaf = made->items[i];
        leaf.page = (uint32_t)pages_number_at(&worker->pages, &worker->place, leaf.page);
        if (level_list_add(leaves, leaf) != 0)
            return err_no_memory(err, "b-tree");
    }
    return 0;
}

/* Gives the piece its place in its turn, and ends the turn. `leaves`: where those of a run go. */
static int place(struct worker *worker, struct level_list *leaves, struct err *err)
{
    if (take_turn(worker, err) != 0 || check_numbers(worker, err) != 0)
        return -1;
    if (leaves != NULL && add_leaves(worker, leaves, err) != 0)
        return -1;
    worker->build->placed += count_placed(worker);
    turns_pass(&worker->build->turns);
    return 0;
}

static struct level begin_level(struct worker *worker, const struct btree *tree)
{
    return (struct level){.index = tree->kind == BTREE_INDEX,
                          .put = tree->put,
                          .context = tree->context,
                          .pages = &worker->pages,
                          .cell = &worker->cell,
                          .made = &worker->made[0],
                          .before_page = make_room,
                          .before_page_context = worker};
}

/* Lays out the leaves of a run. */
static int lay_run(struct worker *worker, size_t t, struct err *err)
{
    const struct btree *tree = &worker->build->trees[t];
    struct laid_tree *state = &worker->build->states[t];
    unsigned run = (unsigned)(worker->piece - state->first_piece);
    unsigned runs = (unsigned)state->runs;
    struct level level = begin_level(worker, tree);
    worker->made[0].count = 0;
    if (level_lay_leaves(&level, parallel_begin(tree->rows, run, runs),
                         parallel_begin(tree->rows, run + 1, runs), level.index && run + 1 < runs,
                         err) != 0)
        return -1;
    if (runs == 1 && worker->made[0].count == 1)
        worker->place.root_index = worker->made[0].items[0].page;
    return place(worker, &state->leaves, err);
}

/* Lays out the levels above the leaves, until one has a single page. */
static int lay_interior(struct worker *worker, size_t t, struct err *err)
{
    struct laid_tree *state = &worker->build->states[t];
    if (!turns_wait(&worker->build->turns, state->first_piece + state->runs))
        return err_set(err, "b-tree: another thread failed");
    struct level level = begin_level(worker, &worker->build->trees[t]);
    level.below = &state->leaves;
    level.below_numbered = true;
    for (size_t i = 0; level.below->count > 1; i ^= 1) {
        level.made = &worker->made[i];
        level.made->count = 0;
        if (level_lay_interior(&level, err) != 0)
            return -1;
        level.below = level.made;
        level.below_numbered = false;
        if (level.made->count == 1)
            worker->place.root_index = level.made->items[0].page;
    }
    level_list_dispose(&state->leaves);
    return place(worker, NULL, err);
}

static size_t tree_of(const struct build *build, size_t piece)
{
    if (piece >= build->runs)
        return piece - build->runs;
    size_t t = 0;
    while (piece >= build->states[t].first_piece + build->states[t].runs)
        t++;
    return t;
}

static int make_piece(struct worker *worker, struct err *err)
{
    struct build *build = worker->build;
    size_t t = tree_of(build, worker->piece);
    worker->place = (struct pages_place){.root_index = PAGES_NONE, .root = build->trees[t].root};
    pages_reset(&worker->pages);
    int status =
        worker->piece < build->runs ? lay_run(worker, t, err) : lay_interior(worker, t, err);
    return status == 0 ? pages_write(&worker->pages, &worker->place, &build->file->sink, err) : -1;
}

/* Makes pieces until there is none. */
static int make_pieces(struct worker *worker, struct err *err)
{
    struct build *build = worker->build;
    pages_init(&worker->pages, build->file->page_size);
    if (cell_init(&worker->cell) != 0)
        return err_no_memory(err, "b-tree");
    for (;;) {
        worker->piece = atomic_fetch_add_explicit(&build->next, 1, memory_order_relaxed);
        if (worker->piece >= build->runs + build->count)
            return 0;
        if (make_piece(worker, err) != 0)
            return -1;
    }
}

static int run_worker(void *context, unsigned part, unsigned parts)
{
    (void)part;
    (void)parts;
    struct build *build = context;
    struct worker worker = {.build = build};
    int status = make_pieces(&worker, &worker.err);
    if (status != 0) {
        if (turns_end(&build->turns))
            err_status(build->err, worker.err.status, "%s", worker.err.text);
        /* After that: what the others report is that they were stopped, and is not the cause. */
        atomic_store_explicit(&build->stopped, true, memory_order_relaxed);
    }
    for (size_t i = 0; i < 2; i++)
        level_list_dispose(&worker.made[i]);
    pages_dispose(&worker.pages);
    cell_dispose(&worker.cell);
    return status;
}

/* Cuts a tree into runs of about the same size: two rows at least, but for the last. */
static int count_runs(size_t *runs, const struct build *build, const struct btree *tree,
                      struct cell *cell, struct err *err)
{
    struct level level = {.index = tree->kind == BTREE_INDEX,
                          .put = tree->put,
                          .context = tree->context,
                          .cell = cell};
    size_t sum = 0;
    /* One very long row says little of the others: it would make runs of a few rows, each of which
     * leaves a page half empty. */
    size_t longest = build->file->page_size / 4;
    if (longest < build->run_bytes / SAMPLES)
        longest = build->run_bytes / SAMPLES;
    unsigned samples = tree->rows < SAMPLES ? (unsigned)tree->rows : SAMPLES;
    if (tree->row_bytes != 0 && samples != 0) {
        samples = 1;
        sum = tree->row_bytes;
    }
    for (unsigned i = 0; i < samples && tree->row_bytes == 0; i++) {
        size_t bytes;
        if (level_measure(&bytes, &level, parallel_begin(tree->rows, i, samples), err) != 0)
            return -1;
        sum += bytes < longest ? bytes : longest;
    }
    size_t rows = samples == 0 ? 1 : build->run_bytes * samples / sum;
    rows = rows < 2 ? 2 : rows;
    *runs = tree->rows == 0 ? 1 : (tree->rows - 1) / rows + 1;
    return 0;
}

/* Cuts all trees into pieces. */
static int plan(struct build *build, struct err *err)
{
    struct cell cell;
    if (cell_init(&cell) != 0)
        return err_no_memory(err, "b-tree");
    int status = 0;
    for (size_t t = 0; t < build->count && status == 0; t++) {
        assert(build->trees[t].root > 1 && build->trees[t].root < build->file->first_page);
        build->states[t].first_piece = build->runs;
        status = count_runs(&build->states[t].runs, build, &build->trees[t], &cell, err);
        build->runs += build->states[t].runs;
    }
    cell_dispose(&cell);
    return status;
}

/* Writes the planned pieces. */
static int run(struct build *build, struct err *err)
{
    if (turns_init(&build->turns) != 0)
        return err_set(err, "b-tree: out of memory for a lock");
    build->err = err;
    int status = parallel_run(build->file->threads, run_worker, build);
    turns_dispose(&build->turns);
    return status;
}

int btree_write(uint32_t *end_page, const struct btree *trees, size_t count,
                const struct btree_file *file, struct err *err)
{
    struct build build = {.trees = trees, .count = count, .file = file};
    build.run_bytes = file->run_bytes == 0 ? BTREE_RUN_BYTES : file->run_bytes;
    build.states = mem_array(count, sizeof *build.states);
    if (build.states == NULL)
        return err_no_memory(err, "b-tree");
    int status = plan(&build, err);
    if (status == 0)
        status = run(&build, err);
    for (size_t t = 0; t < count; t++)
        level_list_dispose(&build.states[t].leaves);
    mem_free_array(build.states, count, sizeof *build.states);
    if (status == 0)
        *end_page = build.placed == 0 ? file->first_page - 1
                                      : (uint32_t)pages_number(file->page_size, file->first_page,
                                                               build.placed - 1);
    return status;
}
