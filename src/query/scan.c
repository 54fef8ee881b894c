/* scan: each thread takes the next block that no other has, and has its own connection to the
 * facts.
 *
 * A predicate looks at a column's bounds first: a block that has nothing in them is done with,
 * and a block that has nothing outside needs no look at the column. Else the column is unpacked
 * and compared, some 1 ns a directory. Cheap predicates come first; the names, which are
 * longest, come last. What threads share is in struct run. */
#include "scan.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "filter.h"
#include "globs.h"
#include "parallel.h"
#include "reader.h"
#include "scope.h"

/* Blocks for which one more thread is worth opening the database once more (0.2 ms). */
enum { BLOCKS_A_THREAD = 16 };

/* A column's value must lie in [low, high], which holds nothing where low > high. NULL never does.
 */
struct test {
    enum facts_column column;
    int64_t low;
    int64_t high;
};

enum { TESTS = 16 };

struct run {
    const struct scan *scan; /* read by all, as the next five */
    scan_skip *skip;
    scan_visit *visit;
    void *context;
    const struct globs *globs;
    struct test tests[TESTS];
    size_t test_count;
    size_t end;         /* blocks from here on hold nothing that is asked for */
    atomic_size_t next; /* the first block that nobody has taken; relaxed: only the number counts */
    atomic_bool
        failed;       /* set by the thread that fails, read by all; relaxed: only the flag counts */
    atomic_flag told; /* the first to fail fills err */
    struct err *err;
};

struct worker {
    struct run *run;
    struct facts *facts;
    struct globs_memory globs;
    struct scan_block block;
    struct scan_held held[FACTS_BLOCK];
};

/* ---- Predicates ---- */

static void add_test(struct run *run, enum facts_column column, int64_t low, int64_t high)
{
    run->tests[run->test_count++] = (struct test){column, low, high};
}

static void add_bounds(struct run *run, enum facts_column column, int64_t least, int64_t most)
{
    if (least != FILTER_ANY || most != FILTER_ANY)
        add_test(run, column, least == FILTER_ANY ? INT64_MIN + 1 : least,
                 most == FILTER_ANY ? INT64_MAX : most);
}

static void make_tests(struct run *run)
{
    const struct filter *filter = run->scan->filter;
    const struct scope *scope = run->scan->scope;
    add_bounds(run, FACTS_DEPTH, filter->min_depth, filter->max_depth);
    add_bounds(run, FACTS_SIZE_R, filter->min_size, filter->max_size);
    add_bounds(run, FACTS_FILES_R, filter->min_files, filter->max_files);
    add_bounds(run, FACTS_ALLOC_R, filter->min_alloc, filter->max_alloc);
    if (filter->leaves_only)
        add_test(run, FACTS_DIRS_NR, 0, 0);
    if (filter->single_owner)
        add_test(run, FACTS_OWNER, 0, INT64_MAX);
    if (scope->accessed_before != INT64_MAX || scope->accessed_after != INT64_MIN)
        add_test(run, filter->atime_of_own ? FACTS_ATIME_NR : FACTS_ATIME_R,
                 scope->accessed_after == INT64_MIN ? INT64_MIN + 1 : scope->accessed_after,
                 scope->accessed_before == INT64_MAX ? INT64_MAX : scope->accessed_before - 1);
}

static void clear(uint64_t bits[SCAN_WORDS])
{
    memset(bits, 0, SCAN_WORDS * sizeof *bits);
}

/* Leaves the bits of directories whose value lies in [low, high]; low <= high. */
static void keep_between(uint64_t bits[SCAN_WORDS], const int64_t *values, uint32_t count,
                         int64_t low, int64_t high)
{
    uint64_t span = (uint64_t)high - (uint64_t)low;
    for (uint32_t word = 0; word * 64 < count; word++) {
        if (bits[word] == 0)
            continue;
        uint32_t end = count - word * 64 < 64 ? count - word * 64 : 64;
        const int64_t *from = values + (size_t)word * 64;
        uint64_t kept = 0;
        for (uint32_t i = 0; i < end; i++)
            kept |= (uint64_t)((uint64_t)from[i] - (uint64_t)low <= span) << i;
        bits[word] &= kept;
    }
}

static int apply_test(struct worker *worker, const struct test *test, struct err *err)
{
    struct scan_block *block = &worker->block;
    const struct packed *bounds = facts_bounds(worker->facts, test->column);
    if (bounds->low > bounds->high || test->low > test->high || bounds->low > test->high ||
        bounds->high < test->low) {
        clear(block->bits);
        return 0;
    }
    if (bounds->low >= test->low && bounds->high <= test->high && !bounds->nulls)
        return 0;
    const int64_t *values = facts_values(worker->facts, test->column, err);
    if (values == NULL)
        return -1;
    keep_between(block->bits, values, block->count, test->low, test->high);
    return 0;
}

static int apply_average(struct worker *worker, struct err *err)
{
    const struct filter *filter = worker->run->scan->filter;
    struct scan_block *block = &worker->block;
    if (filter->min_avg == FILTER_ANY && filter->max_avg == FILTER_ANY)
        return 0;
    int64_t most = filter->max_avg == FILTER_ANY ? INT64_MAX : filter->max_avg;
    const int64_t *size = facts_values(worker->facts, FACTS_SIZE_R, err);
    const int64_t *files = facts_values(worker->facts, FACTS_FILES_R, err);
    if (size == NULL || files == NULL)
        return -1;
    for (uint32_t i = scan_next(block->bits, 0); i < block->count;
         i = scan_next(block->bits, i + 1)) {
        int64_t average = scan_average(size[i], files[i]);
        if (average == FACTS_NULL || average < filter->min_avg || average > most)
            block->bits[i / 64] &= ~(UINT64_C(1) << i % 64);
    }
    return 0;
}

/* Whether an owner or group is among those asked for. */
static bool is_one_of(const struct scope_ids *ids, int64_t id)
{
    for (size_t i = 0; i < ids->count; i++)
        if (ids->known[i] && ids->ids[i] == id)
            return true;
    return false;
}

/* Leaves the bits of directories whose owner (group) over the subtree is one of those. */
static int keep_ids(uint64_t bits[SCAN_WORDS], struct worker *worker, enum facts_column column,
                    const struct scope_ids *ids, struct err *err)
{
    uint32_t count = worker->block.count;
    const int64_t *values = facts_values(worker->facts, column, err);
    if (values == NULL)
        return -1;
    if (ids->count == 1) {
        keep_between(bits, values, count, ids->ids[0], ids->ids[0]);
        return 0;
    }
    for (uint32_t i = scan_next(bits, 0); i < count; i = scan_next(bits, i + 1))
        if (!is_one_of(ids, values[i]))
            bits[i / 64] &= ~(UINT64_C(1) << i % 64);
    return 0;
}

/* Notes what the owners have directly in the directories of several owners, and which these are. */
static int hold_own(uint64_t found[SCAN_WORDS], struct worker *worker, struct err *err)
{
    const struct scope_pair *pairs = worker->run->scan->scope->pairs;
    const int64_t *owner = facts_values(worker->facts, FACTS_OWNER, err);
    const struct facts_share *shares;
    size_t count;
    if (owner == NULL || facts_shares(&shares, &count, worker->facts, FACTS_WANT_SIZE,
                                      worker->run->scan->scope->pair_count, err) != 0)
        return -1;
    for (size_t s = 0; s < count; s++) {
        uint32_t i = shares[s].directory;
        if (!pairs[shares[s].pair].owned || owner[i] != FACTS_NULL)
            continue;
        struct scan_held *held = &worker->held[i];
        if (!scan_has(found, i))
            *held = (struct scan_held){0};
        held->size = facts_sum(held->size, shares[s].figures[FACTS_SHARE_SIZE]);
        held->files = facts_sum(held->files, shares[s].figures[FACTS_SHARE_FILES]);
        found[i / 64] |= UINT64_C(1) << i % 64;
    }
    return 0;
}

/* The directories that are wholly the owners' are held whole. */
static int hold_whole(const uint64_t whole[SCAN_WORDS], struct worker *worker, struct err *err)
{
    uint32_t i = scan_next(whole, 0);
    if (i == FACTS_BLOCK)
        return 0;
    const int64_t *size = facts_values(worker->facts, FACTS_SIZE_R, err);
    const int64_t *files = facts_values(worker->facts, FACTS_FILES_R, err);
    if (size == NULL || files == NULL)
        return -1;
    for (; i < FACTS_BLOCK; i = scan_next(whole, i + 1))
        worker->held[i] = (struct scan_held){size[i], files[i]};
    return 0;
}

/* Leaves the directories that are wholly the owners', and those of several in which they have
 * files directly. */
static int apply_holders(struct worker *worker, struct err *err)
{
    struct scan_block *block = &worker->block;
    uint64_t whole[SCAN_WORDS];
    uint64_t several[SCAN_WORDS] = {0};
    memcpy(whole, block->bits, sizeof whole);
    if (keep_ids(whole, worker, FACTS_OWNER, &worker->run->scan->scope->owners, err) != 0 ||
        hold_whole(whole, worker, err) != 0 ||
        (facts_bounds(worker->facts, FACTS_OWNER)->nulls && hold_own(several, worker, err) != 0))
        return -1;
    for (size_t i = 0; i < SCAN_WORDS; i++)
        block->bits[i] &= whole[i] | several[i];
    block->held = worker->held;
    return 0;
}

static int apply_owners(struct worker *worker, struct err *err)
{
    const struct filter *filter = worker->run->scan->filter;
    const struct scope *scope = worker->run->scan->scope;
    if (worker->run->scan->by_files)
        return 0;
    if (scope->groups.count > 0 &&
        keep_ids(worker->block.bits, worker, FACTS_GROUP, &scope->groups, err) != 0)
        return -1;
    if (filter_holds(filter))
        return apply_holders(worker, err);
    return scope->owners.count > 0
               ? keep_ids(worker->block.bits, worker, FACTS_OWNER, &scope->owners, err)
               : 0;
}

static int apply_names(struct worker *worker, struct err *err)
{
    struct slice names;
    uint64_t found[SCAN_WORDS] = {0};
    if (worker->run->globs == NULL)
        return 0;
    if (facts_names(&names, worker->facts, err) != 0 ||
        globs_match(found, worker->run->globs, names, &worker->globs, err) != 0)
        return -1;
    for (size_t i = 0; i < SCAN_WORDS; i++)
        worker->block.bits[i] &= found[i];
    return 0;
}

/* ---- Blocks ---- */

/* Sets the bits [begin, end). */
static void set_bits(uint64_t bits[SCAN_WORDS], uint32_t begin, uint32_t end)
{
    for (uint32_t i = begin; i < end;) {
        uint32_t count = 64 - i % 64 < end - i ? 64 - i % 64 : end - i;
        uint64_t mask = count == 64 ? UINT64_MAX : (UINT64_C(1) << count) - 1;
        bits[i / 64] |= mask << i % 64;
        i += count;
    }
}

/* The directories of the block that lie in the scope. */
static void select_place(struct scan_block *block, const struct scan *scan)
{
    int64_t last_id = block->first_id + block->count - 1;
    clear(block->bits);
    if (scan->everything) {
        set_bits(block->bits, 0, block->count);
        return;
    }
    for (size_t i = 0; i < scan->scope->range_count; i++) {
        struct scope_range range = scan->scope->ranges[i];
        if (range.first > last_id || range.last < block->first_id)
            continue;
        int64_t first = range.first > block->first_id ? range.first : block->first_id;
        int64_t last = range.last < last_id ? range.last : last_id;
        set_bits(block->bits, (uint32_t)(first - block->first_id),
                 (uint32_t)(last - block->first_id) + 1);
    }
}

static bool is_empty(const struct scan_block *block)
{
    return scan_next(block->bits, 0) == FACTS_BLOCK;
}

static int select_directories(struct worker *worker, struct err *err)
{
    const struct run *run = worker->run;
    select_place(&worker->block, run->scan);
    if (run->scan->everything)
        return 0;
    for (size_t i = 0; i < run->test_count && !is_empty(&worker->block); i++)
        if (apply_test(worker, &run->tests[i], err) != 0)
            return -1;
    if (is_empty(&worker->block))
        return 0;
    if (apply_average(worker, err) != 0 || apply_owners(worker, err) != 0)
        return -1;
    return is_empty(&worker->block) ? 0 : apply_names(worker, err);
}

/* Whether any directory of a block lies in the scope: blocks that do not are never read. */
static bool is_asked_for(const struct scan *scan, size_t which)
{
    const struct scope *scope = scan->scope;
    const struct scope_range *ranges = scan->everything ? scope->prefixes : scope->ranges;
    size_t count = scan->everything ? scan->filter->prefix_count : scope->range_count;
    int64_t first = (int64_t)which * FACTS_BLOCK + 1;
    int64_t last = first + FACTS_BLOCK - 1;
    for (size_t i = 0; i < count; i++)
        if (ranges[i].first <= last && ranges[i].last >= first)
            return true;
    return scan->everything && count == 0;
}

static int look_at(struct worker *worker, size_t which, struct err *err)
{
    const struct run *run = worker->run;
    struct scan_block *block = &worker->block;
    if (facts_turn(worker->facts, which, err) != 0)
        return -1;
    block->first_id = facts_first_id(worker->facts);
    block->count = facts_count(worker->facts);
    if (run->skip != NULL && run->skip(run->context, block->thread, worker->facts))
        return 0;
    if (select_directories(worker, err) != 0)
        return -1;
    return is_empty(block) ? 0 : run->visit(run->context, block, err);
}

static int look_at_all(struct worker *worker, struct err *err)
{
    struct run *run = worker->run;
    if (facts_open(&worker->facts, run->scan->reader, run->scan->scope->directories, err) != 0)
        return -1;
    worker->block.facts = worker->facts;
    for (;;) {
        size_t which = atomic_fetch_add_explicit(&run->next, 1, memory_order_relaxed);
        if (which >= run->end || atomic_load_explicit(&run->failed, memory_order_relaxed))
            return 0;
        if (is_asked_for(run->scan, which) && look_at(worker, which, err) != 0)
            return -1;
    }
}

static int work(void *context, unsigned part, unsigned parts)
{
    (void)parts;
    struct run *run = context;
    struct err err = {0};
    struct worker *worker = calloc(1, sizeof *worker);
    int status = -1;
    if (worker == NULL) {
        err_no_memory(&err, "%s: cannot read", reader_path(run->scan->reader));
    } else {
        worker->run = run;
        worker->block.thread = part;
        status = look_at_all(worker, &err);
        facts_close(worker->facts);
        globs_memory_dispose(&worker->globs);
        free(worker);
    }
    if (status != 0) {
        if (!atomic_flag_test_and_set(&run->told))
            *run->err = err;
        atomic_store_explicit(&run->failed, true, memory_order_relaxed);
    }
    return status;
}

int scan_run(const struct scan *scan, scan_skip *skip, scan_visit *visit, void *context,
             struct err *err)
{
    struct globs *globs;
    size_t blocks = (size_t)((scan->scope->directories + FACTS_BLOCK - 1) / FACTS_BLOCK);
    struct run run = {.scan = scan,
                      .skip = skip,
                      .visit = visit,
                      .context = context,
                      .end = blocks,
                      .told = ATOMIC_FLAG_INIT,
                      .err = err};
    size_t first = 0;
    while (first < blocks && !is_asked_for(scan, first))
        first++;
    while (run.end > first && !is_asked_for(scan, run.end - 1))
        run.end--;
    if (first == run.end)
        return 0;
    if (globs_new(&globs, scan->filter, err) != 0)
        return -1;
    run.globs = globs;
    atomic_init(&run.next, first);
    make_tests(&run);
    size_t worth = scan->blocks_a_thread > 0 ? scan->blocks_a_thread : BLOCKS_A_THREAD;
    size_t most = (run.end - first - 1) / worth + 1;
    int status = parallel_run(most < scan->threads ? (unsigned)most : scan->threads, work, &run);
    globs_free(globs);
    return status;
}
