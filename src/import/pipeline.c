/* pipeline: the order in which an import happens, and the order in which it is taken down.
 *
 *     open inputs -> lock and load the old database, and those among the inputs -> scan
 *     -> number and roll up -> store -> index -> publish
 *
 * pipeline_run is the one writer thread; scan_run starts and joins the others. Every stage leaves
 * early when `cancelled` is set; whatever happens, import_free puts everything away once. */
#include "pipeline.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "accounts.h"
#include "buildfile.h"
#include "clock.h"
#include "columns.h"
#include "fileinfo.h"
#include "gather.h"
#include "logformat.h"
#include "logname.h"
#include "mem.h"
#include "pathname.h"
#include "previous.h"
#include "rollup.h"
#include "rows.h"

/* Large enough that a chunk's fixed costs (a mapping, a lock for each shard) vanish: some 7,000
 * lines. About two chunks a worker are in flight, so with many workers they are smaller: 32 MiB in
 * all, and at most a sixteenth of the memory granted, as short lines become some ten times their
 * bytes in the map; but never less than some 200 lines. */
enum { CHUNK_MOST = 2 << 20, CHUNK_LEAST = 64 << 10, CHUNKS_IN_FLIGHT = 32 << 20 };

/* Names are looked up while the directories are stored, some 10,000 a second. An import does not
 * wait longer than this for them: numbers without a name are shown as numbers. */
enum { NAMES_SECONDS = 20 };

/* One input beside its scan_log. */
struct input {
    const char *path;        /* as it was named */
    struct detect detect;    /* how the log is read */
    const char *format_name; /* NULL: there was no data line to show it */
    char *target;            /* its path without symbolic links; NULL: unknown */
    struct slice base;       /* of its path; NUL-terminated */
    int64_t scan_instant;
};

struct import {
    const struct pipeline_options *options;
    struct pipeline_state *state;
    struct pipeline_report *report;
    struct err *err;
    struct logformat format;
    struct pathfilter *filter; /* NULL: every path counts */
    size_t input_count;        /* each log once */
    struct input *inputs;
    struct scan_log *logs;
    const char **databases; /* that are inputs, each once; borrowed */
    size_t database_count;
    size_t scans_before; /* of the previous scans: those of the old database, which come first */
    struct rejectlog_sink *rejects;
    struct buildfile *build;
    struct previous *previous;
    struct gather *dirs;
    struct ownermap *users;
    struct ownermap *groups;
    struct accounts *accounts;
};

const char *pipeline_stage_name(enum pipeline_stage stage)
{
    static const char *const names[] = {"load", "scan", "tree", "store", "index", "publish"};
    return names[stage];
}

/* Decides how input i is read. */
static int choose_format(struct import *import, size_t i)
{
    struct scan_log *log = &import->logs[i];
    struct input *input = &import->inputs[i];
    struct detect *detect = &input->detect;
    if (logformat_choose(&import->format, log->source, input->scan_instant, detect, import->err) !=
        0)
        return -1;
    if (!detect->found) /* headers alone, which are the same in all */
        layout_builtin(&detect->layout, 0);
    detect->log.layout = &detect->layout;
    log->format = detect->log;
    input->format_name = detect->found ? detect->layout.name : NULL;
    return 0;
}

static int64_t scan_instant(const struct pipeline_options *options, const struct source *source)
{
    int64_t instant;
    if (options->has_scan_date)
        return options->scan_date;
    if (logname_date(source_path(source), &instant))
        return instant;
    const int64_t day = CLOCK_DAY * 1000000000;
    int64_t mtime = source_mtime_ns(source);
    return (mtime / day - (mtime % day < 0)) * CLOCK_DAY;
}

static size_t chunk_size(const struct pipeline_options *options)
{
    if (options->chunk_size != 0)
        return options->chunk_size;
    uint64_t in_flight = CHUNKS_IN_FLIGHT;
    if (options->memory_most != 0 && options->memory_most / 16 < in_flight)
        in_flight = options->memory_most / 16;
    size_t size = in_flight / 2 / options->threads;
    if (size > CHUNK_MOST)
        return CHUNK_MOST;
    return size < CHUNK_LEAST ? CHUNK_LEAST : size;
}

static void tell(const struct import *import, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void tell(const struct import *import, const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    import->options->tell(import->options->tell_context, text);
}

/* Whether the log that was opened last is one of those before, under whatever name. */
static bool is_open_already(const struct import *import, size_t last)
{
    for (size_t i = 0; i < last; i++)
        if (source_is_same(import->logs[i].source, import->logs[last].source)) {
            tell(import, "%s: skipped: is the same file as %s; a log counts once",
                 import->inputs[last].path, import->inputs[i].path);
            return true;
        }
    return false;
}

/* Opens the input at `path` as number i. *is_new: it is none of those before. */
static int open_input(struct import *import, size_t i, const char *path, bool *is_new)
{
    const struct pipeline_options *options = import->options;
    struct scan_log *log = &import->logs[i];
    struct input *input = &import->inputs[i];
    input->path = path;
    if (source_open(&log->source, path, chunk_size(options),
                    import->format.null_ended ? '\0' : '\n', import->err) != 0)
        return -1;
    *is_new = !is_open_already(import, i);
    if (!*is_new) {
        source_close(log->source);
        log->source = NULL;
        return 0;
    }
    input->base = logname_base(path);
    input->target = realpath(path, NULL);
    input->scan_instant = scan_instant(options, log->source);
    if (choose_format(import, i) != 0)
        return -1;
    histogram_ages_init(&log->ages, input->scan_instant, options->age_by);
    import->report->bytes += source_size(log->source);
    return 0;
}

/* 1: the database has been named before, or is the one that is added to; 0: neither; -1: that
 * cannot be told. */
static int is_added_already(const struct import *import, const char *path)
{
    struct stat file;
    int there = fileinfo_look(&file, path, import->err);
    if (there != 1)
        return there == 0 ? err_set(import->err, "%s: is gone", path) : -1;
    int is_target = import->options->replace
                        ? 0
                        : fileinfo_names(import->options->database, &file, import->err);
    if (is_target == 1)
        tell(import, "%s: skipped as an input: it is the database that is added to", path);
    if (is_target != 0)
        return is_target;
    for (size_t i = 0; i < import->database_count; i++) {
        int same = fileinfo_names(import->databases[i], &file, import->err);
        if (same == 1)
            tell(import, "%s: skipped: is the same file as %s; a database counts once", path,
                 import->databases[i]);
        if (same != 0)
            return same;
    }
    return 0;
}

/* Notes a database that is an input. */
static int take_database(struct import *import, const char *path)
{
    const struct pipeline_options *options = import->options;
    if (options->under != NULL || options->exclude_count > 0)
        return err_usage(import->err,
                         "%s: is a database, to which %s does not apply: use it when the logs are "
                         "imported",
                         path, options->under != NULL ? "--under" : "--exclude");
    int added = is_added_already(import, path);
    if (added == 0)
        import->databases[import->database_count++] = path;
    return added < 0 ? -1 : 0;
}

static int open_inputs(struct import *import)
{
    const struct pipeline_options *options = import->options;
    for (size_t i = 0; i < options->input_count; i++) {
        bool is_new = true;
        int is_database = previous_is_database(options->inputs[i], import->err);
        if (is_database < 0)
            return -1;
        if (is_database == 1) {
            if (take_database(import, options->inputs[i]) != 0)
                return -1;
            continue;
        }
        import->input_count++; /* so that it is closed whatever happens */
        if (open_input(import, import->input_count - 1, options->inputs[i], &is_new) != 0)
            return -1;
        import->input_count -= !is_new;
    }
    atomic_store_explicit(&import->state->bytes_total, import->report->bytes, memory_order_relaxed);
    return 0;
}

/* The rejects go to none of the files that the import reads or writes. */
static int check_rejects_path(const struct import *import, const char *path)
{
    const char *format = import->options->format;
    struct stat file;
    int there = fileinfo_look(&file, path, import->err);
    if (there != 1)
        return there; /* a new file is none of them */
    int is_input = 0;
    for (size_t i = 0; i < import->input_count && is_input == 0; i++)
        is_input = source_is_file(import->logs[i].source, &file);
    for (size_t i = 0; i < import->database_count && is_input == 0; i++)
        is_input = fileinfo_names(import->databases[i], &file, import->err);
    if (is_input == 1)
        return err_usage(import->err, "--rejects %s: is an input: name another file", path);
    if (is_input < 0)
        return -1;
    int is_format = format != NULL && logformat_is_file(format)
                        ? fileinfo_names(format, &file, import->err)
                        : 0;
    if (is_format == 1)
        return err_usage(import->err, "--rejects %s: is the format file: name another file", path);
    int is_target = is_format == 0 ? buildfile_is_target(import->build, path, import->err) : -1;
    if (is_target == 1)
        return err_usage(import->err, "--rejects %s: is the database: name another file", path);
    return is_target;
}

static int open_rejects(struct import *import)
{
    const struct pipeline_options *options = import->options;
    const char *path = options->rejects_path;
    if ((path != NULL && check_rejects_path(import, path) != 0) ||
        rejectlog_open(&import->rejects, path, options->tell, options->tell_context, import->err) !=
            0)
        return -1;
    for (size_t i = 0; i < import->input_count; i++)
        import->logs[i].rejects = rejectlog_new(import->rejects, import->inputs[i].path);
    return 0;
}

/* Ends the file of rejects, before anything is published: it is part of what an import promises. */
static int close_rejects(struct import *import)
{
    struct rejectlog_sink *rejects = import->rejects;
    import->rejects = NULL;
    return rejectlog_close(rejects, import->err);
}

static void tell_choices(const struct import *import)
{
    for (size_t i = 0; i < import->input_count; i++) {
        char date[CLOCK_TEXT];
        clock_format(import->inputs[i].scan_instant, date);
        const char *format = import->inputs[i].format_name;
        tell(import, "%s: format %s, scan of %.10s", import->inputs[i].path,
             format == NULL ? "unknown, no data line" : format, date);
    }
    for (size_t i = 0; i < import->database_count; i++)
        tell(import, "%s: a database, whose logs are added up with the others",
             import->databases[i]);
    tell(import, "%s: %s, file system %s, %u parse threads", import->options->database,
         import->scans_before != 0 ? "added to" : "written afresh", import->options->filesystem,
         import->options->threads);
}

static void count_scans_before(const struct import *import)
{
    size_t count;
    const struct writer_scan *scans = previous_scans(import->previous, &count);
    struct pipeline_report *report = import->report;
    for (size_t s = 0; s < count; s++)
        *(s < import->scans_before ? &report->files_before : &report->files_merged) +=
            scans[s].files;
    report->scans_before = import->scans_before;
    report->scans_merged = count - import->scans_before;
}

static bool holds_date(const struct writer_scan *scans, size_t count, int64_t instant)
{
    for (size_t s = 0; s < count; s++)
        if (scans[s].scan_instant == instant)
            return true;
    return count == 0;
}

/* The scans of the database that comes first: the old one, or an input. */
static size_t count_of_first_database(const struct import *import)
{
    size_t count;
    size_t first = 0;
    previous_scans(import->previous, &count);
    while (first < count &&
           previous_database(import->previous, first) == previous_database(import->previous, 0))
        first++;
    return first;
}

/* `held`: a scan of a database that comes before `path`. */
static int refuse_date(const struct import *import, const struct writer_scan *held,
                       const char *path, int64_t instant)
{
    char now[CLOCK_TEXT];
    char before[CLOCK_TEXT];
    size_t count;
    const struct writer_scan *scans = previous_scans(import->previous, &count);
    size_t s = (size_t)(held - scans);
    clock_format(instant, now);
    clock_format(held->scan_instant, before);
    return err_set(import->err, "%s: holds a scan of %.10s, and %s is of %.10s; %s",
                   previous_database(import->previous, s), before, path, now,
                   s < import->scans_before
                       ? "take its place with --replace, or add to it with --add"
                       : "if their figures are to be added up, use --add");
}

/* Adding a scan of another date gives the sum of both, which is seldom what was meant: a weekly job
 * that forgot --replace would double every figure. */
static int check_dates(const struct import *import)
{
    size_t count;
    const struct writer_scan *scans = previous_scans(import->previous, &count);
    size_t first = count_of_first_database(import);
    for (size_t s = first; s < count; s++)
        if (!holds_date(scans, first, scans[s].scan_instant))
            return refuse_date(import, &scans[first - 1], previous_database(import->previous, s),
                               scans[s].scan_instant);
    for (size_t i = 0; i < import->input_count; i++)
        if (!holds_date(scans, count, import->inputs[i].scan_instant))
            return refuse_date(import, &scans[count - 1], import->inputs[i].path,
                               import->inputs[i].scan_instant);
    return 0;
}

/* Several inputs are one scan in parts. Names with different dates are more likely two scans; dates
 * of files alone are not, as a scan may run past midnight. */
static void tell_different_dates(const struct import *import)
{
    int64_t first;
    int64_t other;
    if (import->options->has_scan_date || import->options->add || import->input_count == 0 ||
        !logname_date(import->inputs[0].path, &first))
        return;
    for (size_t i = 1; i < import->input_count; i++)
        if (logname_date(import->inputs[i].path, &other) && other != first) {
            tell(import,
                 "%s and %s: their names have different dates, and the figures are the sum of "
                 "both; if they are one scan, give its date with --scan-date",
                 import->inputs[0].path, import->inputs[i].path);
            return;
        }
}

/* Ages counted from different times do not add up. */
static int check_ages(const struct import *import)
{
    size_t count;
    const struct writer_scan *scans = previous_scans(import->previous, &count);
    const char *age_by = histogram_age_name(import->options->age_by);
    for (size_t s = 0; s < count; s++)
        if (scans[s].age_by != NULL && strcmp(scans[s].age_by, age_by) != 0)
            return err_set(import->err,
                           "%s: its ages are by %s, and those of this import by %s; use --age-by "
                           "%s%s",
                           previous_database(import->previous, s), scans[s].age_by, age_by,
                           scans[s].age_by,
                           s < import->scans_before ? ", or start afresh with --replace" : "");
    return 0;
}

/* Whether a log of an earlier import is one of this, by its name or by that of the file to which a
 * symbolic link leads. */
static bool is_same_log(const struct writer_scan *scan, const struct import *import, size_t i)
{
    const struct source *source = import->logs[i].source;
    const struct input *input = &import->inputs[i];
    bool same_name =
        slice_equal(scan->source_file, input->base) ||
        (input->target != NULL && slice_equal(scan->source_file, logname_base(input->target)));
    return same_name && scan->source_size == source_size(source) &&
           scan->source_mtime_ns == source_mtime_ns(source);
}

/* A log of the same name and size that was touched or copied is most likely still the same. */
static void tell_likely_again(const struct import *import)
{
    size_t count;
    const struct writer_scan *scans = previous_scans(import->previous, &count);
    for (size_t i = 0; i < import->input_count; i++)
        for (size_t s = 0; s < count; s++)
            if (slice_equal(scans[s].source_file, import->inputs[i].base) &&
                scans[s].source_size == source_size(import->logs[i].source))
                tell(import,
                     "%s: a log of this name and size is in %s already, with another mtime: if it "
                     "is the same, its figures count twice; to start afresh, use --replace",
                     import->inputs[i].path, previous_database(import->previous, s));
}

/* No two databases hold the same log. Within one they have been compared when it was made. */
static int check_not_in_both(const struct import *import)
{
    size_t count;
    const struct previous *previous = import->previous;
    const struct writer_scan *scans = previous_scans(previous, &count);
    for (size_t a = 0; a < count; a++)
        for (size_t b = a + 1; b < count; b++)
            if (previous_database(previous, a) != previous_database(previous, b) &&
                slice_equal(scans[a].source_file, scans[b].source_file) &&
                scans[a].source_size == scans[b].source_size &&
                scans[a].source_mtime_ns == scans[b].source_mtime_ns)
                return err_set(import->err,
                               "%s: holds the log %.*s, as %s does (same name, size and mtime): "
                               "leave one out",
                               previous_database(previous, b), (int)scans[b].source_file.len,
                               scans[b].source_file.ptr, previous_database(previous, a));
    return 0;
}

/* A log counts once: not again beside itself, nor in a later import. */
static int check_not_imported(const struct import *import)
{
    size_t count;
    const struct writer_scan *scans = previous_scans(import->previous, &count);
    for (size_t i = 0; i < import->input_count; i++) {
        for (size_t s = 0; s < count; s++)
            if (is_same_log(&scans[s], import, i))
                return err_set(import->err,
                               "%s: already imported into %s (same name, size and mtime): leave "
                               "it out%s",
                               import->inputs[i].path, previous_database(import->previous, s),
                               s < import->scans_before ? ", or start afresh with --replace" : "");
        for (size_t other = 0; other < i; other++)
            if (slice_equal(import->inputs[i].base, import->inputs[other].base) &&
                source_size(import->logs[i].source) == source_size(import->logs[other].source) &&
                source_mtime_ns(import->logs[i].source) ==
                    source_mtime_ns(import->logs[other].source))
                return err_set(import->err,
                               "%s: named twice (same name, size and mtime): leave one out",
                               import->inputs[i].path);
    }
    return 0;
}

/* Loads the database that is added to, if there is one. */
static int load_target(struct import *import)
{
    const char *database = import->options->database;
    if (import->options->replace)
        return previous_check_replaceable(database, import->err);
    int exists = previous_exists(database, import->err);
    if (exists != 1)
        return exists;
    int status = previous_load(import->previous, database, import->dirs, &import->state->cancelled,
                               import->err);
    previous_scans(import->previous, &import->scans_before);
    return status;
}

static int load_inputs(struct import *import)
{
    for (size_t i = 0; i < import->database_count; i++)
        if (previous_load(import->previous, import->databases[i], import->dirs,
                          &import->state->cancelled, import->err) != 0)
            return -1;
    return 0;
}

/* What else an import takes beside the directories: the program and its libraries, chunks, the
 * caches of workers, buffers, pages on their way to the file. */
static size_t bytes_beside(const struct import *import)
{
    enum { PROGRAM = 32 << 20, WORKER = 3 << 20 };
    const struct pipeline_options *options = import->options;
    return PROGRAM + options->threads * (WORKER + 2 * chunk_size(options));
}

/* From here on directories can be taken. */
static void begin_gathering(struct import *import)
{
    enum { LEAST = 8 << 20 };
    const struct pipeline_options *options = import->options;
    size_t beside = bytes_beside(import);
    uint64_t most = options->memory_most;
    if (most != 0)
        most = most > beside + LEAST ? most - beside : LEAST;
    if (options->directory_bytes != 0)
        most = options->directory_bytes;
    import->dirs = gather_new(&(struct gather_options){
        pathfilter_root(import->filter), most, buildfile_temporary(import->build), options->threads,
        &import->state->cancelled});
}

static int load(struct import *import)
{
    const char *database = import->options->database;
    if (buildfile_create(&import->build, database, import->err) != 0)
        return -1;
    atomic_store_explicit(&import->state->build, import->build, memory_order_release);
    begin_gathering(import);
    if (load_target(import) != 0 || load_inputs(import) != 0 || check_not_in_both(import) != 0 ||
        check_not_imported(import) != 0 || (!import->options->add && check_dates(import) != 0) ||
        check_ages(import) != 0 || open_rejects(import) != 0)
        return -1;
    tell_likely_again(import);
    tell_different_dates(import);
    count_scans_before(import);
    if (import->options->verbose)
        tell_choices(import);
    return 0;
}

/* `what`: lines or bytes; `rejected` of them, of all. */
static int too_many_rejects(const struct import *import, const char *what, uint64_t rejected,
                            uint64_t all)
{
    size_t worst = 0;
    for (size_t i = 1; i < import->input_count; i++)
        if (import->logs[i].counts.rejected > import->logs[worst].counts.rejected)
            worst = i;
    return err_status(
        import->err, ERR_REJECTS,
        "%s: too many rejected %s%s: %llu of %llu, allowed are %g%s; nothing was "
        "published: look at them with --rejects, allow them with --max-rejects",
        import->inputs[worst].path, what, import->input_count == 1 ? "" : ", all inputs together",
        (unsigned long long)rejected, (unsigned long long)all, import->options->max_rejects,
        import->options->max_rejects_is_percent ? "%" : "");
}

/* Rejected bytes are compared with the limit from here on (a page of a file): in a small log one
 * long line is not a damaged file. */
enum { REJECTED_BYTES_LEAST = 4096 };

static int check_rejects(const struct import *import)
{
    const struct scan_counts *counts = &import->report->counts;
    double allowed = import->options->max_rejects;
    double lines = (double)counts->rejected;
    double bytes = (double)counts->rejected_bytes;
    bool is_percent = import->options->max_rejects_is_percent;
    /* 7 of 1,000 lines are 0.7%: multiplied, because 0.7 / 100 * 1000 is less than 7. */
    if (is_percent ? lines * 100 > allowed * (double)counts->lines : lines > allowed)
        return too_many_rejects(import, "lines", counts->rejected, counts->lines);
    /* One line may be most of a log: a hole of NULs that a crash has left. */
    if (is_percent && counts->rejected_bytes >= REJECTED_BYTES_LEAST &&
        bytes * 100 > allowed * (double)import->report->bytes)
        return too_many_rejects(import, "bytes", counts->rejected_bytes, import->report->bytes);
    return 0;
}

static void sum_counts(struct import *import)
{
    struct scan_counts *sum = &import->report->counts;
    for (size_t i = 0; i < import->input_count; i++)
        scan_counts_add(sum, &import->logs[i].counts);
}

/* A scan that failed often leaves an empty log, whose database would say that nothing is there;
 * as a part of a scan beside others it may well be right. A log of which everything was left out
 * on request may start a database, but not take the place of one. */
static int check_not_empty(const struct import *import)
{
    const struct scan_counts *counts = &import->report->counts;
    const char *database = import->options->database;
    if (counts->files + counts->directories != 0 || import->input_count == 0)
        return 0;
    const char *name = import->inputs[0].path;
    bool has_data = counts->rejected + counts->excluded != 0;
    const char *what = "no data line";
    if (has_data)
        what = counts->rejected == 0   ? "every entry is excluded"
               : counts->excluded == 0 ? "every entry is rejected"
                                       : "every entry is rejected or excluded";
    const char *remedy = import->options->null_ended && !has_data
                             ? "; if its records end in newlines, leave out --null"
                             : "";
    int exists = previous_exists(database, import->err);
    if (exists < 0)
        return -1;
    if (import->options->replace && exists == 1 && import->database_count == 0)
        return err_set(import->err,
                       "%s: %s: %s is kept; to replace it nevertheless, remove it first", name,
                       what, database);
    if (!has_data && exists == 0 && import->database_count == 0)
        return err_set(import->err, "%s: %s: there is nothing to publish%s", name, what, remedy);
    tell(import, "%s: %s: nothing was counted%s", name, what, remedy);
    return 0;
}

/* Reports a last line without its newline: nothing else shows that a log was cut within a path. */
static int tell_of_ends(const struct import *import)
{
    for (size_t i = 0; i < import->input_count; i++) {
        bool whole;
        if (source_ends_whole(import->logs[i].source, &whole, import->err) != 0)
            return -1;
        if (!whole)
            tell(import, "%s: its last line does not end: the log may have been cut short there",
                 import->inputs[i].path);
    }
    return 0;
}

/* What the reader of the log should know, after the first lines have been reported one by one. */
static void tell_of_lines(const struct import *import)
{
    const struct scan_counts *counts = &import->report->counts;
    if (counts->rejected > REJECTLOG_TOLD && import->options->rejects_path == NULL)
        tell(import, "%llu more lines rejected: --rejects FILE writes them all down",
             (unsigned long long)counts->rejected - REJECTLOG_TOLD);
    if (counts->flawed > REJECTLOG_TOLD && import->options->rejects_path == NULL)
        tell(import, "%llu more lines flawed: --rejects FILE writes them all down",
             (unsigned long long)counts->flawed - REJECTLOG_TOLD);
    if (counts->scan_errors != 0)
        tell(import, "the scan reports %llu error%s of its own: its list may be incomplete",
             (unsigned long long)counts->scan_errors, counts->scan_errors == 1 ? "" : "s");
    for (size_t i = 0; i < import->input_count; i++) {
        const struct detect *detect = &import->inputs[i].detect;
        if (detect->is_relative)
            tell(import, "%s: its paths are relative; scan an absolute directory",
                 import->inputs[i].path);
        if (detect->found && !detect->layout.has_kind)
            tell(import, "%s: tells no kind of entry, so every entry counts as a file",
                 import->inputs[i].path);
    }
}

static int check_scan_errors(const struct import *import)
{
    uint64_t errors = import->report->counts.scan_errors;
    if (!import->options->has_max_scan_errors || errors <= import->options->max_scan_errors)
        return 0;
    size_t worst = 0;
    for (size_t i = 1; i < import->input_count; i++)
        if (import->logs[i].counts.scan_errors > import->logs[worst].counts.scan_errors)
            worst = i;
    return err_status(import->err, ERR_REJECTS,
                      "%s: the scan reports %llu error%s of its own, allowed are %llu; nothing was "
                      "published: scan again, or allow them with --max-scan-errors",
                      import->inputs[worst].path, (unsigned long long)errors,
                      errors == 1 ? "" : "s", (unsigned long long)import->options->max_scan_errors);
}

static int scan(struct import *import)
{
    const struct scan_options options = {import->options->threads, import->filter,
                                         &import->state->cancelled};
    int status = 0;
    if (import->input_count > 0)
        status = scan_run(import->logs, import->input_count, import->dirs, &options,
                          &import->state->progress, &import->report->thread_seconds, import->err);
    sum_counts(import);
    for (size_t i = 0; i < import->input_count && status == 0; i++)
        status = source_check_unchanged(import->logs[i].source, import->err);
    if (status != 0 || tell_of_ends(import) != 0)
        return -1;
    tell_of_lines(import);
    if (close_rejects(import) != 0 || check_rejects(import) != 0 || check_scan_errors(import) != 0)
        return -1;
    return check_not_empty(import);
}

/* Warns of sums that have passed 2^63-1, with the first line at which one did. */
static int tell_saturation(struct import *import, const struct rollup_sums *sums)
{
    if (!sums->saturated)
        return 0;
    import->report->saturated = true;
    char directory[512] = "/";
    if (sums->path.ptr != NULL)
        snprintf(directory, sizeof directory, "%.*s", (int)sums->path.len, sums->path.ptr);
    const struct scan_options options = {.filter = import->filter,
                                         .cancelled = &import->state->cancelled};
    struct scan_place place;
    int found = scan_find_saturation(import->logs, import->input_count, sums->path, &options,
                                     &place, import->err);
    if (found < 0)
        return -1;
    if (found == 1)
        tell(
            import,
            "%s: the sums below it pass 9223372036854775807, from %s line %llu on; they stay there",
            directory, import->inputs[place.log].path, (unsigned long long)place.line);
    else
        tell(import, "%s: the sums below it pass 9223372036854775807, and stay there", directory);
    return 0;
}

/* As the database has them, where a sum stays at INT64_MAX. */
static bool are_equal(const struct dirstat *a, const struct dirstat *b)
{
    return columns_sum(a->files) == columns_sum(b->files) &&
           columns_sum(a->size) == columns_sum(b->size) &&
           columns_sum(a->alloc) == columns_sum(b->alloc);
}

/* The tree must hold what the scans have counted, added up either way. What is stored of it is
 * checked again in the database, by writer_check_books. */
static int check_sums(const struct import *import, const struct rollup_sums *sums)
{
    size_t count;
    const struct writer_scan *scans = previous_scans(import->previous, &count);
    const struct scan_counts *counts = &import->report->counts;
    struct dirstat all = {counts->files, counts->size, counts->alloc, 0, 0};
    for (size_t s = 0; s < count; s++)
        dirstat_merge(&all, &(struct dirstat){scans[s].files, scans[s].size, scans[s].alloc, 0, 0});
    if (are_equal(&all, &sums->own) && are_equal(&all, &sums->roots))
        return 0;
    if (atomic_load_explicit(&import->state->cancelled, memory_order_relaxed))
        return err_set(import->err, "interrupted"); /* before all lines were folded */
    return err_set(
        import->err,
        "%s: the books do not balance: %llu files were counted, and the directories hold "
        "%llu; nothing was published: import all logs afresh with --replace, and report "
        "it where that fails",
        import->options->database, (unsigned long long)all.files,
        (unsigned long long)sums->own.files);
}

static int build_tree(struct import *import)
{
    struct rollup_sums sums;
    if (gather_finish(import->dirs, import->users, import->groups, &sums, import->err) != 0)
        return -1;
    import->report->directories = gather_rows(import->dirs)->dirs;
    import->accounts = accounts_begin(import->users, import->groups, NAMES_SECONDS);
    return check_sums(import, &sums) != 0 ? -1 : tell_saturation(import, &sums);
}

/* The scans of the old database and of this import, as rows; to be freed. */
static struct writer_scan *list_scans(const struct import *import, size_t *count)
{
    const struct pipeline_options *options = import->options;
    size_t old;
    const struct writer_scan *scans = previous_scans(import->previous, &old);
    struct writer_scan *all = mem_new((old + import->input_count) * sizeof *all);
    if (old != 0)
        memcpy(all, scans, old * sizeof *all);
    int64_t now = clock_instant();
    for (size_t i = 0; i < import->input_count; i++) {
        const struct scan_counts *counts = &import->logs[i].counts;
        all[old + i] = (struct writer_scan){
            .source_file = import->inputs[i].base,
            .scan_instant = import->inputs[i].scan_instant,
            .import_instant = now,
            .filesystem = options->filesystem,
            .format = import->inputs[i].format_name,
            .directories = counts->directories,
            .files = counts->files,
            .headers = counts->headers,
            .rejected = counts->rejected,
            .excluded = counts->excluded,
            .flawed = counts->flawed,
            .scan_errors = counts->scan_errors,
            .saturated = import->report->saturated,
            .lines = counts->lines,
            .size = counts->size,
            .alloc = counts->alloc,
            .source_size = source_size(import->logs[i].source),
            .source_mtime_ns = source_mtime_ns(import->logs[i].source),
            .age_by = histogram_age_name(options->age_by),
            .version = options->version,
        };
    }
    *count = old + import->input_count;
    return all;
}

static int put_names(struct import *import, struct writer *writer)
{
    size_t user_count;
    size_t group_count;
    const struct writer_account *users = accounts_users(import->accounts, &user_count);
    const struct writer_account *groups = accounts_groups(import->accounts, &group_count);
    return writer_put_accounts(writer, users, user_count, groups, group_count, import->err);
}

static void forget_directories(struct import *import)
{
    gather_free(import->dirs);
    import->dirs = NULL;
}

/* Stores what is not by directory. */
static int store_totals(struct import *import, struct writer *writer)
{
    accounts_wait(import->accounts);
    if (accounts_skipped(import->accounts) != 0)
        tell(import,
             "%zu users and groups have no name in the database: the name service did not answer "
             "for them within %d seconds",
             accounts_skipped(import->accounts), NAMES_SECONDS);
    if (writer_put_totals(writer, import->users, import->groups, import->err) != 0 ||
        put_names(import, writer) != 0)
        return -1;
    size_t count;
    struct writer_scan *scans = list_scans(import, &count);
    int status = writer_put_scans(writer, scans, count, import->err);
    free(scans);
    return status;
}

/* Begins a stage: the time so far goes to the one before. */
static void enter(struct import *import, enum pipeline_stage stage, uint64_t *since)
{
    int before = atomic_load_explicit(&import->state->stage, memory_order_relaxed);
    import->report->seconds[before] += clock_seconds_since(*since);
    *since = clock_now_ns();
    atomic_store_explicit(&import->state->stage, stage, memory_order_relaxed);
}

/* Stores the directories. */
static int store_rows(struct import *import, struct writer *writer, uint64_t *since)
{
    const struct rows *rows = gather_rows(import->dirs);
    if (writer_put_rows(writer, rows, import->err) != 0)
        return -1;
    enter(import, PIPELINE_INDEX, since);
    return writer_index(writer, rows, import->err);
}

static int publish(struct import *import, struct writer *writer)
{
    if (writer_check_books(writer, import->options->database, import->err) != 0) {
        writer_close(writer);
        return -1;
    }
    if (writer_finish(writer, import->err) != 0)
        return -1;
    struct stat info;
    if (fileinfo_look(&info, buildfile_path(import->build), import->err) != 1)
        return err_set(import->err, "%s: is gone", buildfile_path(import->build));
    import->report->database_bytes = (uint64_t)info.st_size;
    if (atomic_load_explicit(&import->state->cancelled, memory_order_relaxed))
        return err_set(import->err, "interrupted");
    return buildfile_publish(import->build, import->err);
}

static int write_database(struct import *import, uint64_t *since)
{
    const struct writer_options options = {.kind = import->options->writer,
                                           .batch_rows = import->options->batch_rows,
                                           .threads = import->options->threads,
                                           .page_size = import->options->page_size,
                                           .cancelled = &import->state->cancelled};
    struct writer *writer;
    enter(import, PIPELINE_STORE, since);
    if (writer_open(&writer, buildfile_path(import->build), &options, import->err) != 0)
        return -1;
    int status = store_rows(import, writer, since);
    if (status == 0)
        status = store_totals(import, writer);
    enter(import, PIPELINE_PUBLISH, since);
    forget_directories(import);
    if (status != 0) {
        writer_close(writer);
        return -1;
    }
    return publish(import, writer);
}

static int run_stages(struct import *import)
{
    uint64_t since = clock_now_ns();
    int status = open_inputs(import);
    if (status == 0)
        status = load(import);
    enter(import, PIPELINE_SCAN, &since);
    if (status == 0)
        status = scan(import);
    enter(import, PIPELINE_TREE, &since);
    if (status == 0)
        status = build_tree(import);
    if (status == 0)
        status = write_database(import, &since);
    enter(import, PIPELINE_PUBLISH, &since);
    return status;
}

/* Frees everything; the rejects file is complete only if it could be closed. */
static int import_free(struct import *import)
{
    forget_directories(import);
    accounts_free(import->accounts);
    ownermap_free(import->users);
    ownermap_free(import->groups);
    previous_free(import->previous);
    pathfilter_free(import->filter);
    for (size_t i = 0; i < import->input_count; i++) {
        source_close(import->logs[i].source);
        free(import->inputs[i].target);
    }
    free(import->logs);
    free(import->inputs);
    free(import->databases);
    return close_rejects(import);
}

static struct pathfilter *make_filter(const struct import *import)
{
    const struct pipeline_options *options = import->options;
    return pathfilter_new(&(struct pathfilter_options){options->under, options->root,
                                                       options->excludes, options->exclude_count});
}

int pipeline_run(const struct pipeline_options *options, struct pipeline_state *state,
                 struct pipeline_report *report, struct err *err)
{
    uint64_t begin = clock_now_ns();
    struct import import = {.options = options, .state = state, .report = report, .err = err};
    const struct logformat_options how = {options->format, options->fields, options->unescape,
                                          options->null_ended};
    if (logformat_init(&import.format, &how, err) != 0)
        return -1;
    import.inputs = mem_new(options->input_count * sizeof *import.inputs);
    import.logs = mem_new(options->input_count * sizeof *import.logs);
    import.databases = mem_new(options->input_count * sizeof *import.databases);
    import.previous = previous_new();
    import.filter = make_filter(&import);
    import.users = ownermap_new();
    import.groups = ownermap_new();
    int status = run_stages(&import);
    if (import_free(&import) != 0)
        status = -1;
    report->total_seconds = clock_seconds_since(begin);
    return status;
}

bool pipeline_abandon(struct pipeline_state *state)
{
    const struct buildfile *build = atomic_load_explicit(&state->build, memory_order_acquire);
    if (build == NULL)
        return false;
    buildfile_discard(build);
    return buildfile_is_published(build);
}

void pipeline_close(struct pipeline_state *state)
{
    buildfile_close(atomic_exchange(&state->build, NULL));
}
