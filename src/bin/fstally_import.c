/* fstally-import: scan logs in, a database out.
 *
 * The pipeline runs on a thread of its own. The main thread runs libuv's loop: signals, the
 * progress, and the word that the pipeline has ended; it alone prints, but for the first rejects,
 * which the workers tell as they find them. */
#include <errno.h>
#include <inttypes.h>
#include <libgen.h>
#include <limits.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include <uv.h>

#include "clock.h"
#include "datadir.h"
#include "descriptors.h"
#include "err.h"
#include "import_options.h"
#include "json.h"
#include "lastwords.h"
#include "logname.h"
#include "mem.h"
#include "pipeline.h"
#include "policy.h"
#include "previous.h"
#include "progress.h"
#include "rlimits.h"
#include "source.h"
#include "units.h"

static const char program[] = "fstally-import";

/* The progress is looked at ten times a second. A cancelled pipeline normally ends within
 * milliseconds; one that hangs in a slow device is left behind after 700, so that a signal always
 * ends the program within a second. */
enum { TICK_MS = 100, PATIENCE_MS = 700 };

enum { SIGNALS = 4 };
static const int signal_numbers[SIGNALS] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT}; /* end an import */

struct app {
    struct import_options options;
    char database[PATH_MAX];
    char filesystem[256];
    struct pipeline_options pipeline;
    struct pipeline_state state;
    struct pipeline_report report;
    struct err err;
    int status; /* of pipeline_run; set by its thread before uv_async_send, read after */
    int signal; /* the first that came; 0: none */
    bool published;
    struct progress *progress;
    uv_loop_t *loop;
    uv_timer_t tick;
    uv_timer_t patience;
    uv_async_t ended;
    uv_signal_t signals[SIGNALS];
    int last_stage;
};

/* For the handler of SIGBUS, which gets no context. Set before the pipeline starts. */
static struct pipeline_state *bus_error_state;

static int complain(const struct err *err)
{
    fprintf(stderr, "%s: %s\n", program, err->text);
    return (int)err->status;
}

/* One notice of the pipeline; from any of its threads, so only one call of stdio. */
static void tell(void *context, const char *text)
{
    const struct app *app = context;
    char line[1024];
    snprintf(line, sizeof line, "%s", text);
    err_make_printable(line);
    if (!app->options.quiet)
        fprintf(stderr, "%s%s: %s\n", isatty(STDERR_FILENO) ? "\r\033[K" : "", program, line);
}

/* A mapped input became shorter after its pages were checked. Nothing can be read on from here, and
 * nothing but system calls may be made. */
static void on_bus_error(int number)
{
    (void)number;
    const char *path = source_looked_at();
    pipeline_abandon(bus_error_state);
    lastwords_exit(program, path == NULL ? "the old database" : path, /* which is mapped too */
                   "cannot be read any more: it was cut short during the import; import it again "
                   "once it is complete",
                   ERR_FAILED);
}

/* For when memory is exhausted. */
static void abandon(void)
{
    pipeline_abandon(bus_error_state);
}

/* Signals that the loop does not handle. A closed pipe and a full quota become errors of the
 * call that met them. */
static void arrange_signals(struct pipeline_state *state)
{
    bus_error_state = state;
    mem_before_exhausted(abandon);
    struct sigaction action = {.sa_handler = on_bus_error};
    sigaction(SIGBUS, &action, NULL);
    action.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &action, NULL);
    sigaction(SIGXFSZ, &action, NULL);
}

/* A scan in a thousand parts needs as many descriptors. */
static void raise_descriptor_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

/* The shares of the stages in an import of 11 million lines and a million directories by two
 * threads; in the order of enum pipeline_stage. */
static const struct progress_stage stages[PIPELINE_STAGES] = {{"load", 0.01},  {"scan", 0.54},
                                                              {"tree", 0.10},  {"store", 0.12},
                                                              {"index", 0.20}, {"publish", 0.03}};

static void show(struct app *app)
{
    int stage = atomic_load_explicit(&app->state.stage, memory_order_relaxed);
    uint64_t total = atomic_load_explicit(&app->state.bytes_total, memory_order_relaxed);
    progress_show(app->progress, (size_t)stage,
                  atomic_load_explicit(&app->state.progress.bytes, memory_order_relaxed),
                  stage == PIPELINE_SCAN ? total : 0,
                  atomic_load_explicit(&app->state.progress.lines, memory_order_relaxed));
}

static void on_tick(uv_timer_t *timer)
{
    show(timer->data);
}

static void close_handle(uv_handle_t *handle, void *context)
{
    (void)context;
    if (!uv_is_closing(handle))
        uv_close(handle, NULL);
}

/* For the calling thread. */
static void block_signals(sigset_t *before)
{
    sigset_t set;
    sigemptyset(&set);
    for (int i = 0; i < SIGNALS; i++)
        sigaddset(&set, signal_numbers[i]);
    pthread_sigmask(SIG_BLOCK, &set, before);
}

/* The import has ended, and libuv will not catch signals any more: until take_late_signals, none
 * may end the process as if nothing had been published. */
static void on_ended(uv_async_t *async)
{
    struct app *app = async->data;
    block_signals(NULL);
    uv_walk(app->loop, close_handle, NULL);
}

/* For the handler of late signals, which gets no context. */
static const struct app *ended_app;

/* The import has ended, but not the program: it may wait for whoever reads its summary. */
static void on_late_signal(int number)
{
    if (ended_app->published)
        lastwords_exit(program, ended_app->database, "interrupted; it had been published already",
                       128 + number);
    lastwords_exit(program, "interrupted", "nothing was published", 128 + number);
}

static void take_late_signals(const struct app *app, const sigset_t *mask)
{
    const struct sigaction action = {.sa_handler = on_late_signal};
    ended_app = app;
    for (int i = 0; i < SIGNALS; i++)
        if (app->signals[i].data != NULL)
            sigaction(signal_numbers[i], &action, NULL);
    pthread_sigmask(SIG_SETMASK, mask, NULL);
}

static _Noreturn void exit_interrupted(const struct app *app, bool published)
{
    if (published)
        fprintf(stderr, "%s: interrupted by signal %d: %s had been published already\n", program,
                app->signal, app->database);
    else
        fprintf(stderr, "%s: interrupted by signal %d: nothing was published\n", program,
                app->signal);
    _exit(128 + app->signal);
}

/* The pipeline did not end in time. */
static void on_impatient(uv_timer_t *timer)
{
    struct app *app = timer->data;
    bool published = pipeline_abandon(&app->state);
    progress_clear(app->progress);
    exit_interrupted(app, published);
}

static void on_signal(uv_signal_t *handle, int number)
{
    struct app *app = handle->data;
    if (app->signal != 0)
        on_impatient(&app->patience);
    app->signal = number;
    atomic_store_explicit(&app->state.cancelled, true, memory_order_relaxed);
    uv_timer_start(&app->patience, on_impatient, PATIENCE_MS, 0);
}

static void pipeline_main(void *context)
{
    struct app *app = context;
    app->status = pipeline_run(&app->pipeline, &app->state, &app->report, &app->err);
    uv_async_send(&app->ended);
}

static void on_abort(int number)
{
    (void)number;
    lastwords_exit(program, "cannot start the event loop",
                   "out of memory, or of open files (ulimit -n)", ERR_FAILED);
}

/* libuv aborts without a word where it has no memory, or no descriptors, to begin with. NULL:
 * another reason. */
static uv_loop_t *make_loop(void)
{
    struct sigaction before;
    const struct sigaction ours = {.sa_handler = on_abort};
    sigaction(SIGABRT, &ours, &before);
    uv_loop_t *loop = uv_default_loop();
    sigaction(SIGABRT, &before, NULL);
    return loop;
}

static int start_loop(struct app *app)
{
    app->loop = make_loop();
    if (app->loop == NULL)
        return err_set(&app->err, "cannot start the event loop: raise the limit on open files "
                                  "(ulimit -n)");
    app->tick.data = app->patience.data = app->ended.data = app;
    int status = uv_timer_init(app->loop, &app->tick);
    status |= uv_timer_init(app->loop, &app->patience);
    status |= uv_async_init(app->loop, &app->ended, on_ended);
    for (int i = 0; i < SIGNALS; i++) {
        struct sigaction inherited;
        if (sigaction(signal_numbers[i], NULL, &inherited) == 0 && inherited.sa_handler == SIG_IGN)
            continue; /* nohup, or a script's background job */
        app->signals[i].data = app;
        status |= uv_signal_init(app->loop, &app->signals[i]);
        status |= uv_signal_start(&app->signals[i], on_signal, signal_numbers[i]);
    }
    status |= uv_timer_start(&app->tick, on_tick, TICK_MS, TICK_MS);
    return status == 0 ? 0 : err_set(&app->err, "cannot start the event loop");
}

/* Runs the pipeline beside the loop until both have ended. */
static int run(struct app *app)
{
    uv_thread_t thread;
    arrange_signals(&app->state);
    raise_descriptor_limit();
    if (start_loop(app) != 0)
        return -1;
    sigset_t mask;
    block_signals(&mask); /* of the threads, this one alone takes them */
    int created = uv_thread_create(&thread, pipeline_main, app);
    pthread_sigmask(SIG_SETMASK, &mask, NULL);
    if (created != 0)
        return err_set(&app->err, "cannot start threads: %s", rlimits_of_threads());
    uv_run(app->loop, UV_RUN_DEFAULT);
    uv_thread_join(&thread);
    uv_loop_close(app->loop);
    app->published = pipeline_abandon(&app->state);
    pipeline_close(&app->state);
    take_late_signals(app, &mask);
    return app->status;
}

/* The file system that the logs' names tell, and the first log. There is none among databases
 * alone, whose logs have been given theirs. */
static int name_by_logs(struct slice *name, const char **log, struct app *app)
{
    const struct import_options *options = &app->options;
    for (size_t i = 0; i < options->input_count; i++) {
        int is_database = previous_is_database(options->inputs[i], &app->err);
        if (is_database < 0)
            return -1;
        if (is_database == 1)
            continue;
        struct slice other = logname_filesystem(options->inputs[i]);
        if (*log != NULL && !slice_equal(*name, other))
            return err_usage(&app->err,
                             "%s and %s: of different file systems by their names: name one with "
                             "--filesystem",
                             *log, options->inputs[i]);
        if (*log == NULL)
            *log = options->inputs[i];
        *name = other;
    }
    return 0;
}

static int name_filesystem(struct app *app)
{
    const struct import_options *options = &app->options;
    const char *named = NULL;
    struct slice name = {NULL, 0};
    if (options->filesystem != NULL)
        name = slice_from(options->filesystem);
    else if (name_by_logs(&name, &named, app) != 0)
        return -1;
    if (options->filesystem != NULL && name.len == 0)
        return err_usage(&app->err, "--filesystem: the name is empty");
    if (name.ptr == NULL && options->db == NULL)
        return err_usage(&app->err,
                         "%s: is a database, and no log says which file system it is: name the "
                         "new database with --db, or the file system with --filesystem",
                         options->inputs[0]);
    if (name.ptr == NULL)
        name = logname_filesystem(named = options->db);
    if (name.len == 0)
        return err_usage(&app->err, "%s: its name tells no file system: name it with --filesystem",
                         named);
    if (name.len >= sizeof app->filesystem)
        return err_usage(&app->err,
                         "%.40s...: too long for the name of a file system: name one with "
                         "--filesystem",
                         name.ptr);
    memcpy(app->filesystem, name.ptr, name.len);
    app->filesystem[name.len] = '\0';
    return 0;
}

static int name_database(struct app *app)
{
    const struct import_options *options = &app->options;
    if (options->db != NULL) {
        if (strlen(options->db) >= sizeof app->database)
            return err_usage(&app->err, "--db: the path is too long");
        snprintf(app->database, sizeof app->database, "%s", options->db);
        return 0;
    }
    char directory[DATADIR_PATH];
    if (datadir_path(directory, options->data_dir, &app->err) != 0)
        return -1;
    return datadir_database(app->database, directory, app->filesystem, &app->err);
}

/* A size for tests: FSTALLY_CHUNK_SIZE puts a cut of the log on any byte, FSTALLY_PAGE_SIZE is that
 * of the database, FSTALLY_DIRECTORY_BYTES what directories may take in memory. 0: the default. */
static size_t size_from_environment(const char *name)
{
    const char *text = getenv(name);
    return text == NULL ? 0 : (size_t)strtoull(text, NULL, 10);
}

/* What SQLite takes no page size for is left to its default here too. */
static size_t page_size_from_environment(void)
{
    size_t size = size_from_environment("FSTALLY_PAGE_SIZE");
    return size >= 4096 && size <= 65536 && (size & (size - 1)) == 0 ? size : 0;
}

static enum histogram_age age_by(const char *name)
{
    if (strcmp(name, "mtime") == 0)
        return HISTOGRAM_BY_MTIME;
    return strcmp(name, "latest") == 0 ? HISTOGRAM_BY_LATEST : HISTOGRAM_BY_ATIME;
}

/* SQLite sorts in files of its own, as large as an index: they go where the database goes, which
 * has the room, and not to a small /tmp. It reads the setting once, before its first use. */
static void choose_sort_directory(const char *database)
{
    char directory[PATH_MAX];
    snprintf(directory, sizeof directory, "%s", database);
    setenv("SQLITE_TMPDIR", dirname(directory), 0);
}

static int configure(struct app *app)
{
    const struct import_options *options = &app->options;
    if (name_filesystem(app) != 0 || name_database(app) != 0)
        return -1;
    choose_sort_directory(app->database);
    app->pipeline = (struct pipeline_options){
        .inputs = (const char *const *)options->inputs,
        .input_count = options->input_count,
        .database = app->database,
        .filesystem = app->filesystem,
        .format = options->format,
        .fields = options->fields,
        .unescape = options->unescape,
        .null_ended = options->null_ended,
        .under = options->under,
        .root = options->root,
        .excludes = options->excludes,
        .exclude_count = options->exclude_count,
        .add = options->add,
        .age_by = age_by(options->age_by),
        .has_max_scan_errors = options->has_max_scan_errors,
        .max_scan_errors = options->max_scan_errors,
        .has_scan_date = options->has_scan_date,
        .scan_date = options->scan_date,
        .replace = options->replace,
        .batch_rows = options->batch_size,
        .threads = options->threads,
        .memory_most = options->memory_limit,
        .rejects_path = options->rejects,
        .max_rejects_is_percent = options->max_rejects_is_percent,
        .max_rejects = options->max_rejects,
        .chunk_size = size_from_environment("FSTALLY_CHUNK_SIZE"),
        .directory_bytes = size_from_environment("FSTALLY_DIRECTORY_BYTES"),
        .writer = strcmp(options->writer, "sql") == 0 ? WRITER_SQL : WRITER_PAGES,
        .page_size = page_size_from_environment(),
        .version = FSTALLY_VERSION,
        .verbose = options->verbose,
        .tell = tell,
        .tell_context = app,
    };
    app->progress =
        progress_new(program, stages, PIPELINE_STAGES, options->progress_interval, options->quiet);
    return 0;
}

static uint64_t peak_memory(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (uint64_t)usage.ru_maxrss * 1024;
}

static void print_stages(FILE *to, const struct pipeline_report *report)
{
    for (enum pipeline_stage stage = 0; stage < PIPELINE_STAGES; stage++)
        fprintf(to, "%s%s %.2f", stage == 0 ? "" : ", ", pipeline_stage_name(stage),
                report->seconds[stage]);
}

/* A sum that may have saturated. */
static int64_t at_most(uint64_t sum)
{
    return sum > INT64_MAX ? INT64_MAX : (int64_t)sum;
}

static void print_size(const char *label, uint64_t bytes)
{
    char text[UNITS_TEXT];
    units_size(text, at_most(bytes));
    printf("%-12s %s\n", label, text);
}

/* With separators between thousands. */
static void print_count(const char *label, uint64_t count)
{
    char text[UNITS_TEXT];
    units_count(text, (int64_t)count);
    printf("%-12s %s\n", label, text);
}

static void print_summary(const struct app *app)
{
    const struct pipeline_report *report = &app->report;
    const struct scan_counts *counts = &report->counts;
    char size[UNITS_TEXT];
    char rate[UNITS_TEXT];
    units_size(size, (int64_t)report->database_bytes);
    units_count(rate, (int64_t)((double)counts->lines / report->total_seconds));
    if (app->published)
        printf("%-12s %s (%s)\n", "database", app->database, size);
    if (report->scans_before != 0)
        printf("%-12s %" PRIu64 " logs with %" PRIu64 " files that it held\n", "added to",
               report->scans_before, report->files_before);
    if (report->scans_merged != 0)
        printf("%-12s %" PRIu64 " logs with %" PRIu64 " files of other databases\n", "merged",
               report->scans_merged, report->files_merged);
    print_count("lines", counts->lines);
    print_count("headers", counts->headers);
    print_count("files", counts->files);
    print_count("directories", counts->directories);
    if (app->published)
        print_count("stored", report->directories);
    print_count("rejected", counts->rejected);
    if (counts->excluded != 0)
        print_count("excluded", counts->excluded);
    if (counts->flawed != 0)
        print_count("flawed", counts->flawed);
    if (counts->scan_errors != 0)
        print_count("scan errors", counts->scan_errors);
    print_size("size", counts->size);
    print_size("allocated", counts->alloc);
    printf("%-12s %.2f s, %s lines/s (", "time", report->total_seconds, rate);
    print_stages(stdout, report);
    printf(")\n");
    print_size("peak memory", peak_memory());
}

static void print_json(const struct app *app)
{
    const struct pipeline_report *report = &app->report;
    const struct scan_counts *counts = &report->counts;
    printf("{\"database\":");
    json_string(stdout, slice_from(app->database));
    printf(",\"filesystem\":");
    json_string(stdout, slice_from(app->filesystem));
    printf(",\"published\":%s", app->published ? "true" : "false");
    printf(",\"lines\":%" PRIu64 ",\"headers\":%" PRIu64 ",\"files\":%" PRIu64
           ",\"directories\":%" PRIu64 ",\"rejected\":%" PRIu64 ",\"excluded\":%" PRIu64
           ",\"flawed\":%" PRIu64 ",\"scan_errors\":%" PRIu64 ",\"saturated\":%s"
           ",\"total_size\":%" PRId64 ",\"total_alloc\":%" PRId64,
           counts->lines, counts->headers, counts->files, counts->directories, counts->rejected,
           counts->excluded, counts->flawed, counts->scan_errors,
           report->saturated ? "true" : "false", at_most(counts->size), at_most(counts->alloc));
    printf(",\"merged_logs\":%" PRIu64 ",\"merged_files\":%" PRIu64, report->scans_merged,
           report->files_merged);
    printf(",\"stored_directories\":%" PRIu64 ",\"input_bytes\":%" PRIu64
           ",\"database_bytes\":%" PRIu64 ",\"threads\":%u,\"seconds\":{",
           report->directories, report->bytes, report->database_bytes, app->options.threads);
    for (enum pipeline_stage stage = 0; stage < PIPELINE_STAGES; stage++)
        printf("\"%s\":%.6f,", pipeline_stage_name(stage), report->seconds[stage]);
    printf("\"total\":%.6f},\"thread_seconds\":{\"read\":%.6f,\"parse\":%.6f,\"fold\":%.6f},"
           "\"peak_memory_bytes\":%" PRIu64 "}\n",
           report->total_seconds, report->thread_seconds.read, report->thread_seconds.parse,
           report->thread_seconds.fold, peak_memory());
}

static int print_result(const struct app *app)
{
    if (app->options.json)
        print_json(app);
    else if (!app->options.quiet)
        print_summary(app);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        fprintf(stderr, "%s: standard output: cannot write the summary; %s is complete\n", program,
                app->database);
        return ERR_FAILED;
    }
    return 0;
}

static int finish(struct app *app)
{
    progress_free(app->progress);
    if (app->status == 0) {
        if (app->options.verbose) {
            fprintf(stderr, "%s: seconds: ", program);
            print_stages(stderr, &app->report);
            fputc('\n', stderr);
        }
        return print_result(app);
    }
    if (app->signal != 0)
        exit_interrupted(app, app->published);
    int status = complain(&app->err);
    if (status == ERR_REJECTS) /* the counts say how bad it is */
        print_result(app);
    return status;
}

/* Prints what was asked for in place of an import. */
static int print_text(const char *text)
{
    if (fputs(text, stdout) >= 0 && fflush(stdout) == 0)
        return 0;
    fprintf(stderr, "%s: standard output: cannot write: %s\n", program, strerror(errno));
    return ERR_FAILED;
}

static int print_policy(const char *name)
{
    const char *text = policy_text(slice_from(name));
    if (text == NULL) {
        fprintf(stderr, "%s: --print-policy %s: unknown, must be one of gpfs, lustre, find\n",
                program, name);
        return ERR_USAGE;
    }
    return print_text(text);
}

int main(int argc, char **argv)
{
    static struct app app;
    descriptors_complete();
    if (import_options_parse(&app.options, argc, argv, &app.err) != 0)
        return complain(&app.err);
    if (app.options.help || app.options.version)
        return print_text(app.options.help ? import_options_help()
                                           : "fstally-import " FSTALLY_VERSION "\n");
    if (app.options.print_policy != NULL)
        return print_policy(app.options.print_policy);
    if (configure(&app) != 0)
        return complain(&app.err);
    if (run(&app) != 0)
        app.status = -1;
    int status = finish(&app);
    import_options_free(&app.options);
    return status;
}
