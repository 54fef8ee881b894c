/* rejectlog: puts rejects back into the order of the lines.
 *
 * A worker knows a line's number only within its chunk; how many lines came before is known once
 * every earlier chunk is through. So each chunk's rejects wait, as text, until it is their turn.
 * What waits is bounded by the rejects in the few chunks that are under way. Workers come here once
 * a chunk, so one lock in the sink guards everything.
 * Invariant under the lock: every log before sink->current has been reported in full. */
#include "rejectlog.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

#include "mem.h"

struct record {
    struct record *next;
    uint64_t line;
    uint64_t offset;
    struct reject reject; /* its value is in `text`, after the line */
    size_t len;           /* of the line */
    char text[];
};

struct rejectlog_chunk {
    struct record *first;
    struct record **end;
    uint64_t sequence;
    uint64_t lines;
    struct rejectlog_chunk *next; /* waiting, by sequence */
};

struct rejectlog_sink {
    uv_mutex_t lock;
    char *path;
    FILE *file; /* NULL: none asked for */
    rejectlog_tell *tell;
    void *context;
    unsigned reported[REJECT_CLASSES];
    /* By class: all that are reported have been, and there is no file. Set under the lock, read by
     * workers before they copy a line; relaxed: a line too many does no harm. */
    atomic_bool is_deaf[REJECT_CLASSES];
    struct rejectlog *first; /* all logs, in order */
    struct rejectlog **end;
    struct rejectlog *current; /* whose turn it is; NULL: all are reported */
};

struct rejectlog {
    struct rejectlog *next;
    struct rejectlog_sink *sink;
    char *source;
    uint64_t chunks; /* UINT64_MAX: not known yet */
    uint64_t next_sequence;
    uint64_t lines_before; /* in the chunks below next_sequence */
    struct rejectlog_chunk *waiting;
};

/* A FIFO that nobody reads is an error instead of a wait without end. */
static FILE *open_file(const char *path, struct err *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NONBLOCK, 0666);
    FILE *file = NULL;
    if (fd >= 0 && fcntl(fd, F_SETFL, O_WRONLY) == 0)
        file = fdopen(fd, "w");
    if (file != NULL)
        return file;
    if (errno == ENXIO)
        err_set(err, "%s: cannot write the rejects: nobody reads this FIFO; start its reader first",
                path);
    else
        err_set(err, "%s: cannot write the rejects: %s", path, strerror(errno));
    if (fd >= 0)
        close(fd);
    return NULL;
}

int rejectlog_open(struct rejectlog_sink **out, const char *path, rejectlog_tell *tell,
                   void *context, struct err *err)
{
    FILE *file = NULL;
    if (path != NULL && (file = open_file(path, err)) == NULL)
        return -1;
    struct rejectlog_sink *sink = mem_new(sizeof *sink);
    if (uv_mutex_init(&sink->lock) != 0)
        mem_exhausted();
    sink->path = mem_text(path);
    sink->file = file;
    sink->tell = tell;
    sink->context = context;
    sink->end = &sink->first;
    *out = sink;
    return 0;
}

static void free_chunk(struct rejectlog_chunk *chunk)
{
    for (struct record *record = chunk->first; record != NULL;) {
        struct record *next = record->next;
        free(record);
        record = next;
    }
    free(chunk);
}

static void free_log(struct rejectlog *log)
{
    while (log->waiting != NULL) {
        struct rejectlog_chunk *first = log->waiting;
        log->waiting = first->next;
        free_chunk(first);
    }
    free(log->source);
    free(log);
}

int rejectlog_close(struct rejectlog_sink *sink, struct err *err)
{
    if (sink == NULL)
        return 0;
    int status = 0;
    if (sink->file != NULL) {
        bool failed = fflush(sink->file) != 0 || ferror(sink->file) != 0;
        int cause = errno;
        if (fclose(sink->file) != 0 || failed)
            status = err_set(err, "%s: cannot write the rejects: %s", sink->path,
                             strerror(failed ? cause : errno));
    }
    while (sink->first != NULL) {
        struct rejectlog *log = sink->first;
        sink->first = log->next;
        free_log(log);
    }
    free(sink->path);
    uv_mutex_destroy(&sink->lock);
    free(sink);
    return status;
}

struct rejectlog_chunk *rejectlog_begin(void)
{
    struct rejectlog_chunk *chunk = mem_new(sizeof *chunk);
    chunk->end = &chunk->first;
    return chunk;
}

bool rejectlog_hears(const struct rejectlog *log, enum reject_class class)
{
    return !atomic_load_explicit(&log->sink->is_deaf[class], memory_order_relaxed);
}

void rejectlog_add(struct rejectlog_chunk *chunk, uint64_t line, uint64_t offset,
                   const struct reject *reject, struct slice text)
{
    struct slice value = reject->value;
    struct record *record = mem_new(sizeof *record + text.len + value.len);
    record->line = line;
    record->offset = offset;
    record->reject = *reject;
    record->len = text.len;
    if (text.len != 0)
        memcpy(record->text, text.ptr, text.len);
    if (value.len != 0)
        memcpy(record->text + text.len, value.ptr, value.len);
    record->reject.value.ptr = record->text + text.len;
    *chunk->end = record;
    chunk->end = &record->next;
}

struct rejectlog *rejectlog_new(struct rejectlog_sink *sink, const char *source)
{
    struct rejectlog *log = mem_new(sizeof *log);
    log->sink = sink;
    log->source = mem_text(source);
    err_make_printable(log->source); /* a report is a line whatever the log is called */
    log->chunks = UINT64_MAX;
    *sink->end = log;
    sink->end = &log->next;
    if (sink->current == NULL)
        sink->current = log;
    return log;
}

/* The first column of a record, which says which one it is: an inode or a FID. */
static int head_len(const struct record *record, size_t from)
{
    size_t to = from;
    while (to < record->len && to - from < 64 && record->text[to] != ' ' &&
           record->text[to] != '\t')
        to++;
    return (int)(to - from);
}

/* Of a value, as much as a message has room for. */
enum { VALUE_SHOWN = 80 };

/* The reason, with what is special to this line. */
static void write_reason(char *reason, size_t room, const struct record *record)
{
    const char *text = reject_text(record->reject.reason);
    size_t second = record->reject.second;
    struct slice value = record->reject.value;
    int shown = (int)(value.len < VALUE_SHOWN ? value.len : VALUE_SHOWN);
    const char *class = reject_class(record->reject.reason) == REJECT_FLAWED ? "flawed: " : "";
    if (second != 0 && second < record->len)
        snprintf(reason, room, "%s: %.*s at byte 0 and %.*s at byte %zu", text, head_len(record, 0),
                 record->text, head_len(record, second), record->text + second, second);
    else if (shown != 0)
        snprintf(reason, room, "%s%s: %.*s", class, text, shown, value.ptr);
    else
        snprintf(reason, room, "%s%s", class, text);
}

/* A line of the file of rejects: source, line, offset, reason and the line itself, in which a
 * newline (of a NUL-ended record) is written \n. */
static void write_record(struct rejectlog_sink *sink, const char *source, uint64_t line,
                         const struct record *record, const char *reason)
{
    fprintf(sink->file, "%s\t%" PRIu64 "\t%" PRIu64 "\t%s\t", source, line, record->offset, reason);
    const char *p = record->text;
    const char *end = p + record->len;
    for (const char *newline; (newline = memchr(p, '\n', (size_t)(end - p))) != NULL;
         p = newline + 1) {
        fwrite(p, 1, (size_t)(newline - p), sink->file);
        fputs("\\n", sink->file);
    }
    fwrite(p, 1, (size_t)(end - p), sink->file);
    fputc('\n', sink->file);
}

static void report(struct rejectlog_sink *sink, const char *source, uint64_t line,
                   const struct record *record)
{
    static const unsigned most[REJECT_CLASSES] = {[REJECT_REJECTED] = REJECTLOG_TOLD,
                                                  [REJECT_FLAWED] = REJECTLOG_TOLD,
                                                  [REJECT_SCAN_ERRORS] = 1};
    enum reject_class class = reject_class(record->reject.reason);
    char reason[512];
    write_reason(reason, sizeof reason, record);
    err_make_printable(reason);
    if (sink->file != NULL && class != REJECT_SCAN_ERRORS)
        write_record(sink, source, line, record, reason);
    if (sink->reported[class] == most[class])
        return;
    char message[1024];
    snprintf(message, sizeof message, "%s: line %" PRIu64 ", byte %" PRIu64 ": %s%s", source, line,
             record->offset, class == REJECT_REJECTED ? "rejected: " : "", reason);
    sink->tell(sink->context, message);
    sink->reported[class]++;
    bool is_deaf =
        sink->reported[class] == most[class] && (sink->file == NULL || class == REJECT_SCAN_ERRORS);
    atomic_store_explicit(&sink->is_deaf[class], is_deaf, memory_order_relaxed);
}

/* Reports what has its turn, under the lock. */
static void report_due(struct rejectlog_sink *sink)
{
    while (sink->current != NULL) {
        struct rejectlog *log = sink->current;
        struct rejectlog_chunk *first = log->waiting;
        if (log->next_sequence == log->chunks) {
            sink->current = log->next;
            continue;
        }
        if (first == NULL || first->sequence != log->next_sequence)
            return;
        for (const struct record *record = first->first; record != NULL; record = record->next)
            report(sink, log->source, log->lines_before + record->line + 1, record);
        log->waiting = first->next;
        log->lines_before += first->lines;
        log->next_sequence++;
        free_chunk(first);
    }
}

void rejectlog_deliver(struct rejectlog *log, uint64_t sequence, uint64_t lines,
                       struct rejectlog_chunk *chunk)
{
    if (chunk == NULL)
        chunk = rejectlog_begin();
    chunk->sequence = sequence;
    chunk->lines = lines;
    uv_mutex_lock(&log->sink->lock);
    struct rejectlog_chunk **at = &log->waiting;
    while (*at != NULL && (*at)->sequence < sequence)
        at = &(*at)->next;
    chunk->next = *at;
    *at = chunk;
    report_due(log->sink);
    uv_mutex_unlock(&log->sink->lock);
}

void rejectlog_end(struct rejectlog *log, uint64_t chunks)
{
    uv_mutex_lock(&log->sink->lock);
    log->chunks = chunks;
    report_due(log->sink);
    uv_mutex_unlock(&log->sink->lock);
}
