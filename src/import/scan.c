/* scan: reader threads cut chunks, a bounded queue carries them, workers parse and fold.
 *
 *     readers: source_next -> queue -> workers: format_parse -> foldcache -> dirmap
 *
 * Chunks cross from a reader to a worker with their memory, and are released by the worker once the
 * paths in them have been folded. The first failure of any thread is kept, closes the queue and so
 * ends all. */
#include "scan.h"

#include <stdlib.h>
#include <uv.h>

#include "clock.h"
#include "foldcache.h"
#include "limits.h"
#include "mem.h"
#include "queue.h"

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
    struct dirmap *dirs;
    struct queue *queue;

    uv_mutex_t lock; /* guards err, failed (for writing), times, the logs' counts */
    struct err *err;
    /* Set under the lock by the first thread that fails; read by all between chunks. Relaxed: the
     * queue's lock orders what matters. */
    atomic_bool failed;
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
    err_set(&err, "%s: cannot hold all directories: out of memory",
            source_path(scan->logs[0].source));
    fail(scan, &err);
}

static void release(struct parcel *parcel)
{
    if (parcel == NULL)
        return;
    chunk_release(&parcel->chunk);
    free(parcel);
}

/* Takes chunks of one log until there are none. -1: the scan is over. */
static int read_log(struct scan *scan, struct scan_log *log, double *seconds)
{
    for (;;) {
        if (is_over(scan))
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
    struct format_memo memo;
    double parse_seconds;
    double fold_seconds;
};

static void count_file(struct scan_counts *counts, const struct entry *file)
{
    counts->files++;
    counts->size = dirstat_sum(counts->size, (uint64_t)file->size);
    counts->alloc = dirstat_sum(counts->alloc, (uint64_t)file->alloc);
}

/* Parses the lines of a chunk. Rejects are noted in *rejects, made at the first. -1: no memory. */
static int parse_chunk(struct worker *worker, const struct parcel *parcel,
                       struct scan_counts *counts, struct rejectlog_chunk **rejects)
{
    const struct scan_log *log = parcel->log;
    const char *begin = parcel->chunk.bytes.ptr;
    struct slice text = parcel->chunk.bytes;
    while (text.len != 0) {
        struct slice line;
        struct entry entry;
        struct reject reject;
        switch (format_parse(log->format, &text, &line, &worker->memo, &entry, &reject)) {
        case FORMAT_HEADER:
            counts->headers++;
            break;
        case FORMAT_ENTRY:
            if (foldcache_add(worker->cache, &entry, &log->ages) != 0)
                return -1;
            if (entry.is_directory)
                counts->directories++;
            else
                count_file(counts, &entry);
            break;
        case FORMAT_REJECT:
            if (*rejects == NULL)
                *rejects = rejectlog_begin();
            rejectlog_add(*rejects, counts->lines,
                          parcel->chunk.offset + (uint64_t)(line.ptr - begin), &reject, line);
            counts->rejected++;
            break;
        }
        counts->lines++;
    }
    return 0;
}

static void add_counts(struct scan_counts *to, const struct scan_counts *from)
{
    to->lines += from->lines;
    to->headers += from->headers;
    to->files += from->files;
    to->directories += from->directories;
    to->rejected += from->rejected;
    to->size = dirstat_sum(to->size, from->size);
    to->alloc = dirstat_sum(to->alloc, from->alloc);
}

static void report(struct scan *scan, const struct parcel *parcel, const struct scan_counts *counts,
                   struct rejectlog_chunk *rejects)
{
    atomic_fetch_add_explicit(&scan->progress->bytes, parcel->chunk.bytes.len,
                              memory_order_relaxed);
    atomic_fetch_add_explicit(&scan->progress->lines, counts->lines, memory_order_relaxed);
    uv_mutex_lock(&scan->lock);
    add_counts(&parcel->log->counts, counts);
    uv_mutex_unlock(&scan->lock);
    rejectlog_deliver(parcel->log->rejects, parcel->chunk.sequence, counts->lines, rejects);
}

static int work(struct worker *worker, const struct parcel *parcel)
{
    struct scan_counts counts = {0};
    struct rejectlog_chunk *rejects = NULL;
    uint64_t begin = clock_now_ns();
    int status = parse_chunk(worker, parcel, &counts, &rejects);
    uint64_t parsed = clock_now_ns();
    if (status == 0)
        status = foldcache_flush(worker->cache);
    worker->parse_seconds += (double)(parsed - begin) / 1e9;
    worker->fold_seconds += clock_seconds_since(parsed);
    if (status != 0)
        fail_without_memory(worker->scan);
    report(worker->scan, parcel, &counts, rejects);
    return status;
}

static void work_main(void *context)
{
    struct scan *scan = context;
    struct worker worker = {.scan = scan,
                            .cache = foldcache_new(scan->dirs, scan->options->histogram_depth)};
    struct parcel *parcel;
    while (!is_over(scan) && (parcel = queue_pop(scan->queue)) != NULL) {
        work(&worker, parcel);
        release(parcel);
    }
    if (foldcache_finish(worker.cache) != 0)
        fail_without_memory(scan);
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

static void run_threads(struct scan *scan, unsigned readers, unsigned workers)
{
    uv_thread_t *threads = mem_new((readers + workers) * sizeof *threads);
    unsigned started_readers = start(threads, readers, read_main, scan);
    if (started_readers < readers &&
        atomic_fetch_sub(&scan->readers, readers - started_readers) == readers - started_readers)
        queue_close(scan->queue);
    unsigned started_workers = start(threads + started_readers, workers, work_main, scan);
    if (started_readers == 0 || started_workers == 0) {
        struct err err = {0};
        err_set(&err, "cannot start threads: %s", limits_of_threads());
        fail(scan, &err);
    }
    for (unsigned i = 0; i < started_readers + started_workers; i++)
        uv_thread_join(&threads[i]);
    free(threads);
}

int scan_run(struct scan_log *logs, size_t count, struct dirmap *dirs,
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
    atomic_init(&scan.readers, readers);
    /* A chunk in reserve for every worker: nobody waits, and memory stays at two chunks a
     * worker. */
    scan.queue = queue_new(workers);
    if (uv_mutex_init(&scan.lock) != 0)
        abort();
    run_threads(&scan, readers, workers);
    for (struct parcel *parcel; (parcel = queue_pop(scan.queue)) != NULL;)
        release(parcel);
    queue_free(scan.queue);
    uv_mutex_destroy(&scan.lock);
    if (atomic_load_explicit(options->cancelled, memory_order_relaxed))
        return err_set(err, "interrupted");
    return atomic_load_explicit(&scan.failed, memory_order_relaxed) ? -1 : 0;
}
