/* orders: sorting without comparing strings.
 *
 * Keys are sorted by radix, digit by digit from the lowest on: each thread counts and moves a range
 * of the items, which keeps the order of those with equal digits.
 *
 * Paths are nearly in order already. In preorder a directory's subtree follows it at once; by bytes
 * those siblings come between whose names go on, after its own, with a byte below '/': `a`, `a-b`,
 * `a/x`. These are the ones next to it, so one walk is enough, which leaves the directories below
 * `a` until they have passed. One thread walks the large subtrees, whose parts get their places on
 * the way; then all threads walk the small ones.
 *
 * What threads share: the arrays, of which each writes places of its own, and the next task. */
#include "orders.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "parallel.h"
#include "rows.h"

/* Bits of a digit: the places of 2,048 digits fit into the first cache. With 8 bits sizes take
 * seven passes instead of five. */
enum { DIGIT_BITS = 11, DIGITS = 1 << DIGIT_BITS };

/* Directories in a subtree that one thread walks alone: some 100 microseconds. */
enum { TASK_MOST = 4096 };

/* Steps of a walk between two looks at the cancel flag: some milliseconds. */
enum { STEPS_PER_LOOK = 1 << 16 };

struct sorting {
    const struct rows *rows;
    orders_key_of *key_of;
    struct orders_item *from;
    struct orders_item *to;
    size_t (*places)[DIGITS]; /* a thread each: how many items of a digit, then where they go */
    uint64_t *key_bits;       /* a thread each: the bits that are set in any of its keys */
    unsigned shift;           /* of the digit */
};

static unsigned digit_of(const struct sorting *sorting, const struct orders_item *item)
{
    return (unsigned)(orders_key(item) >> sorting->shift) & (DIGITS - 1);
}

static int fill_part(void *context, unsigned part, unsigned parts)
{
    struct sorting *sorting = context;
    size_t end = parallel_begin(sorting->rows->dirs, part + 1, parts);
    uint64_t bits = 0;
    for (size_t i = parallel_begin(sorting->rows->dirs, part, parts); i < end; i++) {
        uint64_t key = sorting->key_of(sorting->rows, i);
        bits |= key;
        sorting->from[i] = (struct orders_item){(uint32_t)(key >> 32), (uint32_t)key, (uint32_t)i};
    }
    sorting->key_bits[part] = bits;
    return 0;
}

static int count_part(void *context, unsigned part, unsigned parts)
{
    struct sorting *sorting = context;
    size_t *counts = sorting->places[part];
    size_t end = parallel_begin(sorting->rows->dirs, part + 1, parts);
    memset(counts, 0, sizeof *sorting->places);
    for (size_t i = parallel_begin(sorting->rows->dirs, part, parts); i < end; i++)
        counts[digit_of(sorting, &sorting->from[i])]++;
    return 0;
}

/* Turns the counts into places: by digit, then by thread. */
static void add_up(struct sorting *sorting, unsigned threads)
{
    size_t sum = 0;
    for (size_t digit = 0; digit < DIGITS; digit++)
        for (unsigned part = 0; part < threads; part++) {
            size_t count = sorting->places[part][digit];
            sorting->places[part][digit] = sum;
            sum += count;
        }
}

static int move_part(void *context, unsigned part, unsigned parts)
{
    struct sorting *sorting = context;
    size_t *places = sorting->places[part];
    size_t end = parallel_begin(sorting->rows->dirs, part + 1, parts);
    for (size_t i = parallel_begin(sorting->rows->dirs, part, parts); i < end; i++) {
        const struct orders_item *item = &sorting->from[i];
        sorting->to[places[digit_of(sorting, item)]++] = *item;
    }
    return 0;
}

static bool is_set(const atomic_bool *cancelled)
{
    return atomic_load_explicit(cancelled, memory_order_relaxed); /* only the flag matters */
}

/* Sorts sorting->from, whose place and that of sorting->to may be exchanged. */
static int sort(struct sorting *sorting, unsigned threads, const atomic_bool *cancelled)
{
    uint64_t bits = 0;
    if (is_set(cancelled))
        return -1;
    parallel_run(threads, fill_part, sorting);
    for (unsigned part = 0; part < threads; part++)
        bits |= sorting->key_bits[part];
    for (sorting->shift = 0; sorting->shift < 64; sorting->shift += DIGIT_BITS) {
        if ((bits >> sorting->shift & (DIGITS - 1)) == 0)
            continue;
        if (is_set(cancelled))
            return -1;
        parallel_run(threads, count_part, sorting);
        add_up(sorting, threads);
        parallel_run(threads, move_part, sorting);
        struct orders_item *sorted = sorting->to;
        sorting->to = sorting->from;
        sorting->from = sorted;
    }
    return 0;
}

int orders_by_key(struct orders_item **items, const struct rows *rows, orders_key_of *key_of,
                  unsigned threads, const atomic_bool *cancelled)
{
    struct sorting sorting = {.rows = rows, .key_of = key_of};
    sorting.from = mem_table(rows->dirs, sizeof *sorting.from);
    sorting.to = mem_table(rows->dirs, sizeof *sorting.to);
    sorting.places = mem_array(threads, sizeof *sorting.places);
    sorting.key_bits = mem_new(threads * sizeof *sorting.key_bits);
    int status = -1;
    if (sorting.from != NULL && sorting.to != NULL && sorting.places != NULL)
        status = sort(&sorting, threads, cancelled);
    free(sorting.key_bits);
    mem_free_array(sorting.places, threads, sizeof *sorting.places);
    orders_free_items(sorting.to, rows->dirs);
    if (status == 0)
        *items = sorting.from;
    else
        orders_free_items(sorting.from, rows->dirs);
    return status;
}

void orders_free_items(struct orders_item *items, size_t count)
{
    mem_free_array(items, count, sizeof *items);
}

void orders_free_dirs(uint32_t *dirs, size_t count)
{
    mem_free_array(dirs, count, sizeof *dirs);
}

static const uint32_t NOBODY = UINT32_MAX;

/* Siblings on their way into the order. */
struct frame {
    uint32_t next; /* the first of them that has no place yet */
    uint32_t last; /* the last directory of their subtrees */
    uint32_t held; /* the directories below this one wait for the siblings that overtake them */
};

/* A subtree's directories below the top, whose places in the order are known. */
struct task {
    uint32_t top;
    uint32_t place;
};

struct walk {
    const struct rows *rows;
    const atomic_bool *cancelled;
    uint32_t *dirs;
    size_t place; /* the next in dirs */
    struct frame *frames;
    size_t depth;
    size_t frame_room;
    bool gives_tasks; /* leaves small subtrees to others */
    struct task *tasks;
    size_t task_count;
    size_t task_room;
};

static int push(struct walk *walk, struct frame frame)
{
    struct frame *frames =
        mem_grow(walk->frames, &walk->frame_room, walk->depth, sizeof *walk->frames);
    if (frames == NULL)
        return -1;
    walk->frames = frames;
    frames[walk->depth++] = frame;
    return 0;
}

static struct rows_place place_of(const struct rows *rows, size_t dir)
{
    struct rows_place place;
    rows->place(rows->state, dir, &place);
    return place;
}

static uint32_t last_of(const struct walk *walk, uint32_t dir)
{
    return (uint32_t)(place_of(walk->rows, dir).last_id - 1);
}

/* Whether the sibling comes before the directories below `dir`. */
static bool overtakes(const struct walk *walk, uint32_t sibling, uint32_t dir)
{
    if (place_of(walk->rows, dir).below_follows)
        return false;
    struct slice before = walk->rows->path(walk->rows->state, dir);
    struct slice path = walk->rows->path(walk->rows->state, sibling);
    return path.len > before.len && (unsigned char)path.ptr[before.len] < '/' &&
           memcmp(path.ptr, before.ptr, before.len) == 0;
}

/* Walks down to the directories below `top`, whose last one is `last`, or leaves them to others. */
static int go_below(struct walk *walk, uint32_t top, uint32_t last)
{
    if (!walk->gives_tasks || last - top > TASK_MOST)
        return push(walk, (struct frame){top + 1, last, NOBODY});
    struct task *tasks =
        mem_grow(walk->tasks, &walk->task_room, walk->task_count, sizeof *walk->tasks);
    if (tasks == NULL)
        return -1;
    walk->tasks = tasks;
    tasks[walk->task_count++] = (struct task){top, (uint32_t)walk->place};
    walk->place += last - top;
    return 0;
}

/* Gives the next sibling of the innermost frame its place. */
static int pass_next(struct walk *walk)
{
    struct frame *top = &walk->frames[walk->depth - 1];
    uint32_t dir = top->next;
    uint32_t last = last_of(walk, dir);
    walk->dirs[walk->place++] = dir;
    top->next = last + 1;
    if (last == dir)
        return 0;
    if (last < top->last && overtakes(walk, last + 1, dir))
        return push(walk, (struct frame){last + 1, top->last, dir});
    return go_below(walk, dir, last);
}

/* Ends the innermost frame, whose siblings have passed: those below the one held follow. */
static int end_frame(struct walk *walk)
{
    struct frame ended = walk->frames[--walk->depth];
    if (ended.held == NOBODY)
        return 0;
    walk->frames[walk->depth - 1].next = ended.next;
    return go_below(walk, ended.held, last_of(walk, ended.held));
}

/* Gives the directories [begin, last] their places, which are siblings and what is below them. */
static int walk_siblings(struct walk *walk, uint32_t begin, uint32_t last)
{
    int status = push(walk, (struct frame){begin, last, NOBODY});
    for (size_t step = 0; status == 0 && walk->depth != 0; step++) {
        if (step % STEPS_PER_LOOK == 0 && is_set(walk->cancelled))
            return -1;
        const struct frame *top = &walk->frames[walk->depth - 1];
        bool has_next = top->next <= top->last &&
                        (top->held == NOBODY || overtakes(walk, top->next, top->held));
        status = has_next ? pass_next(walk) : end_frame(walk);
    }
    return status;
}

/* What the threads work on that walk the small subtrees, and then look at the paths. */
struct small_walks {
    const struct walk *large;
    const atomic_bool *cancelled;
    atomic_size_t next; /* the first task that nobody has; relaxed: the number is all */
    size_t *blobs;      /* a thread each: paths in its range of dirs that are not UTF-8 */
};

static int walk_part(void *context, unsigned part, unsigned parts)
{
    (void)part;
    (void)parts;
    struct small_walks *small = context;
    const struct walk *large = small->large;
    struct walk walk = {.rows = large->rows, .cancelled = small->cancelled, .dirs = large->dirs};
    size_t i;
    int status = 0;
    while (status == 0 && (i = atomic_fetch_add_explicit(&small->next, 1, memory_order_relaxed)) <
                              large->task_count) {
        const struct task *task = &large->tasks[i];
        walk.place = task->place;
        walk.depth = 0;
        status = walk_siblings(&walk, task->top + 1, last_of(&walk, task->top));
    }
    free(walk.frames);
    return status;
}

static int count_blobs(void *context, unsigned part, unsigned parts)
{
    struct small_walks *small = context;
    const struct rows *rows = small->large->rows;
    size_t end = parallel_begin(rows->dirs, part + 1, parts);
    size_t blobs = 0;
    for (size_t i = parallel_begin(rows->dirs, part, parts); i < end; i++)
        blobs += place_of(rows, i).path_is_blob;
    small->blobs[part] = blobs;
    return 0;
}

/* Moves the paths that are not UTF-8 to the end; few logs have any. */
static int part_blobs(uint32_t *dirs, const struct rows *rows, size_t count)
{
    uint32_t *blobs = mem_array(count, sizeof *blobs);
    if (blobs == NULL)
        return -1;
    size_t texts = 0;
    size_t moved = 0;
    for (size_t i = 0; i < rows->dirs; i++) {
        if (!place_of(rows, dirs[i]).path_is_blob)
            dirs[texts++] = dirs[i];
        else
            blobs[moved++] = dirs[i];
    }
    memcpy(dirs + texts, blobs, count * sizeof *blobs);
    mem_free_array(blobs, count, sizeof *blobs);
    return 0;
}

/* Walks the small subtrees, and moves the paths that are not UTF-8. */
static int walk_small(size_t *texts, const struct walk *large, unsigned threads,
                      const atomic_bool *cancelled)
{
    struct small_walks small = {.large = large, .cancelled = cancelled};
    small.blobs = mem_new(threads * sizeof *small.blobs);
    int status = parallel_run(threads, walk_part, &small);
    if (status == 0)
        status = parallel_run(threads, count_blobs, &small);
    size_t blobs = 0;
    for (unsigned i = 0; i < threads; i++)
        blobs += small.blobs[i];
    free(small.blobs);
    *texts = large->rows->dirs - blobs;
    return status != 0 || blobs == 0 ? status : part_blobs(large->dirs, large->rows, blobs);
}

int orders_by_path(uint32_t **dirs, size_t *texts, const struct rows *rows, unsigned threads,
                   const atomic_bool *cancelled)
{
    struct walk walk = {.rows = rows, .cancelled = cancelled, .gives_tasks = true};
    walk.dirs = mem_array(rows->dirs, sizeof *walk.dirs);
    int status = walk.dirs == NULL ? -1 : 0;
    if (status == 0 && rows->dirs != 0)
        status = walk_siblings(&walk, 0, (uint32_t)rows->dirs - 1);
    if (status == 0)
        status = walk_small(texts, &walk, threads, cancelled);
    free(walk.frames);
    free(walk.tasks);
    if (status == 0)
        *dirs = walk.dirs;
    else
        orders_free_dirs(walk.dirs, rows->dirs);
    return status;
}
