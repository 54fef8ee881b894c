/* scan: reader threads cut chunks, a bounded queue carries them, workers parse and fold.
 *
 *     readers: source_next -> queue -> workers: record_next -> foldcache -> dirmap
 *
 * In rounds: where the directories become too many for the memory granted, all threads end after the
 * chunks under way, the directories are written down, and the threads go on where they stopped.
 *
 * Chunks cross from a reader to a worker with their memory, and are released by the worker once the
 * paths in them have been folded. The first failure of any thread is kept, closes the queue and so
 * ends all. */
#include "scan.h"

#include <stdlib.h>
#include <uv.h>

#include "clock.h"
#include "detect.h"
#include "foldcache.h"
#include "mem.h"
#include "pathname.h"
#include "queue.h"
#include "rlimits.h"

/* Cutting costs a reader one search for a newline a chunk, but filling the pages of a cold file
 * waits for its device, where several requests at once are faster. One reader keeps some 8 workers
 * busy from memory; beyond 4, a device has enough to do. */
enum { WORKERS_PER_READER = 8, READERS_MAX = 4 };

struct scan {
    struct scan_log *logs;
    size_t log_count;
    const struct scan_options *options;
    struct scan_progress *progress;
    struct scan_times *times;
    struct gather *dirs;
    struct queue *queue;

    uv_mutex_t lock; /* guards err, failed (for writing), times, the logs' counts */
    struct err *err;
    /* Set under the lock by the first thread that fails; read by all between chunks. Relaxed: the
     * queue's lock orders what matters. */
    atomic_bool failed;
    /* The directories are full: nobody takes another chunk in this round. Set by a worker, read by
     * readers between chunks. Relaxed: a chunk more does no harm. */
    atomic_bool pausing;
    /* Readers that have not finished; the last one closes the queue. Acquire-release is the default
     * of the operation and costs nothing here. */
    atomic_uint readers;
};

/* A chunk on its way through the queue. */
struct parcel {
    struct chunk chunk;
    struct scan_log *log;
};

static bool is_over(const struct scan *scan)
{
    return atomic_load_explicit(&scan->failed, memory_order_relaxed) ||
           atomic_load_explicit(scan->options->cancelled, memory_order_relaxed);
}

static void fail(struct scan *scan, const struct err *cause)
{
    uv_mutex_lock(&scan->lock);
    if (!atomic_load_explicit(&scan->failed, memory_order_relaxed))
        *scan->err = *cause;
    atomic_store_explicit(&scan->failed, true, memory_order_relaxed);
    uv_mutex_unlock(&scan->lock);
    queue_close(scan->queue);
}

static void fail_without_memory(struct scan *scan)
{
    struct err err = {0};
    err_no_memory(&err, "%s: cannot hold all directories", source_path(scan->logs[0].source));
    fail(scan, &err);
}

static void release(struct parcel *parcel)
{
    if (parcel == NULL)
        return;
    chunk_release(&parcel->chunk);
    free(parcel);
}

/* Takes chunks of one log until there are none. -1: the scan, or this round of it, is over. */
static int read_log(struct scan *scan, struct scan_log *log, double *seconds)
{
    for (;;) {
        if (is_over(scan) || atomic_load_explicit(&scan->pausing, memory_order_relaxed))
            return -1;
        struct err err = {0};
        struct parcel *parcel = mem_new(sizeof *parcel);
        parcel->log = log;
        uint64_t begin = clock_now_ns();
        int more = source_next(log->source, &parcel->chunk, &err);
        *seconds += clock_seconds_since(begin);
        if (more < 0)
            fail(scan, &err);
        if (more == 0)
            rejectlog_end(log->rejects, source_chunks(log->source));
        if (more != 1 || !queue_push(scan->queue, parcel)) {
            release(parcel);
            return more == 0 ? 0 : -1;
        }
    }
}

static void read_main(void *context)
{
    struct scan *scan = context;
    double seconds = 0;
    for (size_t i = 0; i < scan->log_count; i++)
        if (read_log(scan, &scan->logs[i], &seconds) != 0)
            break;
    uv_mutex_lock(&scan->lock);
    scan->times->read += seconds;
    uv_mutex_unlock(&scan->lock);
    if (atomic_fetch_sub(&scan->readers, 1) == 1)
        queue_close(scan->queue);
}

/* A worker's own state. */
struct worker {
    struct scan *scan;
    struct foldcache *cache;
    struct record_reader reader;
    struct pathfilter_memo filter;
    double parse_seconds;
    double fold_seconds;
};

static void count_file(struct scan_counts *counts, const struct entry *file)
{
    counts->files++;
    counts->size = dirstat_sum(counts->size, (uint64_t)file->size);
    counts->alloc = dirstat_sum(counts->alloc, (uint64_t)file->alloc);
}

/* What a chunk gave. */
struct outcome {
    struct scan_counts counts;
    struct rejectlog_chunk *rejects; /* made at the first */
};

/* Notes a line that is rejected, flawed or a scan error. */
static void note(const struct worker *worker, const struct parcel *parcel, struct outcome *outcome,
                 const struct reject *reject)
{
    if (!rejectlog_hears(parcel->log->rejects, reject_class(reject->reason)))
        return;
    if (outcome->rejects == NULL)
        outcome->rejects = rejectlog_begin();
    struct slice line = worker->reader.line;
    rejectlog_add(outcome->rejects, outcome->counts.lines,
                  parcel->chunk.offset + (uint64_t)(line.ptr - parcel->chunk.bytes.ptr), reject,
                  line);
}

static void count_reject(struct scan_counts *counts, const struct worker *worker)
{
    counts->rejected++;
    counts->rejected_bytes += worker->reader.line.len;
}

/* Counts an entry, unless its path is left out. -1: no memory. */
static int take_entry(struct worker *worker, const struct parcel *parcel, struct outcome *outcome,
                      struct entry *entry, struct reject *reject)
{
    struct scan_counts *counts = &outcome->counts;
    const struct pathfilter *filter = worker->scan->options->filter;
    switch (filter == NULL
                ? PATHFILTER_COUNT
                : pathfilter_ask(filter, &worker->filter, entry->path, entry->is_directory)) {
    case PATHFILTER_COUNT:
        break;
    case PATHFILTER_ABOVE:
        counts->directories++;
        return 0;
    case PATHFILTER_OUTSIDE:
        *reject = (struct reject){REJECT_NOT_UNDER, 0, {NULL, 0}};
        note(worker, parcel, outcome, reject);
        count_reject(counts, worker);
        return 0;
    case PATHFILTER_EXCLUDED:
        counts->excluded++;
        return 0;
    }
    if (foldcache_add(worker->cache, entry, &parcel->log->ages) != 0)
        return -1;
    if (reject->reason != REJECT_NONE) {
        note(worker, parcel, outcome, reject);
        counts->flawed++;
    }
    if (entry->is_directory)
        counts->directories++;
    else
        count_file(counts, entry);
    return 0;
}

/* The lines of a chunk, less a byte order mark at the begin of a log. */
static struct slice text_of(const struct chunk *chunk)
{
    size_t mark = chunk->offset == 0 ? detect_mark(chunk->bytes) : 0;
    return (struct slice){chunk->bytes.ptr + mark, chunk->bytes.len - mark};
}

/* Parses the lines of a chunk. -1: no memory. */
static int parse_chunk(struct worker *worker, const struct parcel *parcel, struct outcome *outcome)
{
    struct slice text = text_of(&parcel->chunk);
    while (text.len != 0) {
        struct entry entry;
        struct reject reject;
        switch (record_next(&parcel->log->format, &worker->reader, &text, &entry, &reject)) {
        case RECORD_SCAN_ERROR:
            note(worker, parcel, outcome, &reject);
            outcome->counts.scan_errors++;
            outcome->counts.headers++;
            break;
        case RECORD_HEADER:
            outcome->counts.headers++;
            break;
        case RECORD_ENTRY:
            if (take_entry(worker, parcel, outcome, &entry, &reject) != 0)
                return -1;
            break;
        case RECORD_REJECT:
            note(worker, parcel, outcome, &reject);
            count_reject(&outcome->counts, worker);
            break;
        case RECORD_NO_MEMORY:
            return -1;
        }
        outcome->counts.lines++;
    }
    return 0;
}

void scan_counts_add(struct scan_counts *to, const struct scan_counts *from)
{
    to->lines += from->lines;
    to->headers += from->headers;
    to->files += from->files;
    to->directories += from->directories;
    to->rejected += from->rejected;
    to->rejected_bytes += from->rejected_bytes;
    to->excluded += from->excluded;
    to->flawed += from->flawed;
    to->scan_errors += from->scan_errors;
    to->size = dirstat_sum(to->size, from->size);
    to->alloc = dirstat_sum(to->alloc, from->alloc);
}

static void report(struct scan *scan, const struct parcel *parcel, const struct outcome *outcome)
{
    atomic_fetch_add_explicit(&scan->progress->bytes, parcel->chunk.bytes.len,
                              memory_order_relaxed);
    atomic_fetch_add_explicit(&scan->progress->lines, outcome->counts.lines, memory_order_relaxed);
    uv_mutex_lock(&scan->lock);
    scan_counts_add(&parcel->log->counts, &outcome->counts);
    uv_mutex_unlock(&scan->lock);
    rejectlog_deliver(parcel->log->rejects, parcel->chunk.sequence, outcome->counts.lines,
                      outcome->rejects);
}

static int work(struct worker *worker, const struct parcel *parcel)
{
    struct outcome outcome = {.rejects = NULL};
    uint64_t begin = clock_now_ns();
    source_look_at(parcel->log->source);
    int status = parse_chunk(worker, parcel, &outcome);
    uint64_t parsed = clock_now_ns();
    if (status == 0)
        status = foldcache_flush(worker->cache);
    source_look_at(NULL);
    record_reader_forget(&worker->reader);
    worker->parse_seconds += (double)(parsed - begin) / 1e9;
    worker->fold_seconds += clock_seconds_since(parsed);
    if (status != 0)
        fail_without_memory(worker->scan);
    report(worker->scan, parcel, &outcome);
    return status;
}

static void work_main(void *context)
{
    struct scan *scan = context;
    struct worker worker = {.scan = scan, .cache = foldcache_new(gather_map(scan->dirs))};
    struct parcel *parcel;
    while (!is_over(scan) && (parcel = queue_pop(scan->queue)) != NULL) {
        work(&worker, parcel);
        release(parcel);
        if (gather_is_full(scan->dirs))
            atomic_store_explicit(&scan->pausing, true, memory_order_relaxed);
    }
    record_reader_dispose(&worker.reader);
    pathfilter_memo_dispose(&worker.filter);
    foldcache_free(worker.cache);
    uv_mutex_lock(&scan->lock);
    scan->times->parse += worker.parse_seconds;
    scan->times->fold += worker.fold_seconds;
    uv_mutex_unlock(&scan->lock);
    if (is_over(scan))
        queue_close(scan->queue); /* readers may wait for room */
}

/* Starts `count` threads; the number that could be started. */
static unsigned start(uv_thread_t *threads, unsigned count, uv_thread_cb main, struct scan *scan)
{
    for (unsigned i = 0; i < count; i++)
        if (uv_thread_create(&threads[i], main, scan) != 0)
            return i;
    return count;
}

/* One round: until all logs have been read, or the directories are full. */
static void run_threads(struct scan *scan, unsigned readers, unsigned workers)
{
    uv_thread_t *threads = mem_new((readers + workers) * sizeof *threads);
    atomic_store(&scan->readers, readers);
    /* A chunk in reserve for every worker: nobody waits, and memory stays at two chunks a
     * worker. */
    scan->queue = queue_new(workers);
    unsigned started_readers = start(threads, readers, read_main, scan);
    if (started_readers < readers &&
        atomic_fetch_sub(&scan->readers, readers - started_readers) == readers - started_readers)
        queue_close(scan->queue);
    unsigned started_workers = start(threads + started_readers, workers, work_main, scan);
    if (started_readers == 0 || started_workers == 0) {
        struct err err = {0};
        err_set(&err, "cannot start threads: %s", rlimits_of_threads());
        fail(scan, &err);
    }
    for (unsigned i = 0; i < started_readers + started_workers; i++)
        uv_thread_join(&threads[i]);
    for (struct parcel *parcel; (parcel = queue_pop(scan->queue)) != NULL;)
        release(parcel);
    queue_free(scan->queue);
    free(threads);
}

/* Makes room after a round, where it ended because there was none: there is another round. One
 * thread is left. */
static bool relieve(struct scan *scan)
{
    if (is_over(scan) || !atomic_exchange(&scan->pausing, false))
        return false;
    if (gather_relieve(scan->dirs, scan->err) == 0)
        return true;
    atomic_store(&scan->failed, true);
    return false;
}

int scan_run(struct scan_log *logs, size_t count, struct gather *dirs,
             const struct scan_options *options, struct scan_progress *progress,
             struct scan_times *times, struct err *err)
{
    unsigned workers = options->threads;
    unsigned readers = (workers + WORKERS_PER_READER - 1) / WORKERS_PER_READER;
    readers = readers < READERS_MAX ? readers : READERS_MAX;
    struct scan scan = {.logs = logs,
                        .log_count = count,
                        .options = options,
                        .progress = progress,
                        .times = times,
                        .dirs = dirs,
                        .err = err};
    if (uv_mutex_init(&scan.lock) != 0)
        mem_exhausted();
    do
        run_threads(&scan, readers, workers);
    while (relieve(&scan));
    uv_mutex_destroy(&scan.lock);
    if (atomic_load_explicit(options->cancelled, memory_order_relaxed))
        return err_set(err, "interrupted");
    return atomic_load_explicit(&scan.failed, memory_order_relaxed) ? -1 : 0;
}

/* A look for the line at which sums saturate. */
struct search {
    struct record_reader reader;
    struct pathfilter_memo memo;
    const struct pathfilter *filter;
    struct slice directory; /* folded; ptr NULL: all counts */
    uint64_t size;
    uint64_t alloc;
    uint64_t line; /* of the record at hand, from 1 */
};

/* Adds up a chunk. 1: a sum has saturated; -1: no memory. */
static int search_chunk(struct search *search, const struct scan_log *log,
                        const struct chunk *chunk)
{
    struct slice text = text_of(chunk);
    while (text.len != 0) {
        struct entry entry;
        struct reject reject;
        enum record_kind kind = record_next(&log->format, &search->reader, &text, &entry, &reject);
        search->line++;
        if (kind == RECORD_NO_MEMORY)
            return -1;
        if (kind != RECORD_ENTRY || entry.is_directory ||
            (search->directory.ptr != NULL && !pathname_is_in(entry.path, search->directory)) ||
            (search->filter != NULL &&
             pathfilter_ask(search->filter, &search->memo, entry.path, false) != PATHFILTER_COUNT))
            continue;
        search->size = dirstat_sum(search->size, (uint64_t)entry.size);
        search->alloc = dirstat_sum(search->alloc, (uint64_t)entry.alloc);
        if (((search->size | search->alloc) & DIRSTAT_OVERFLOW) != 0)
            return 1;
    }
    record_reader_forget(&search->reader);
    return 0;
}

int scan_find_saturation(struct scan_log *logs, size_t count, struct slice directory,
                         const struct scan_options *options, struct scan_place *place,
                         struct err *err)
{
    struct search search = {.filter = options->filter, .directory = directory};
    int found = 0;
    for (size_t i = 0; i < count && found == 0; i++) {
        search.line = 0;
        source_rewind(logs[i].source);
        struct chunk chunk;
        int more;
        while (found == 0 && (more = source_next(logs[i].source, &chunk, err)) != 0) {
            if (more < 0 || atomic_load_explicit(options->cancelled, memory_order_relaxed)) {
                found = more < 0 ? -1 : err_set(err, "interrupted");
                break;
            }
            found = search_chunk(&search, &logs[i], &chunk);
            chunk_release(&chunk);
            if (found < 0)
                err_no_memory(err, "%s", source_path(logs[i].source));
        }
        *place = (struct scan_place){i, search.line};
    }
    record_reader_dispose(&search.reader);
    pathfilter_memo_dispose(&search.memo);
    return found;
}
