/* fstally-query: databases in, answers out.
 *
 * In this order: the command line becomes a filter and a kind of question; the databases are opened
 * and the question is put; only when that has succeeded is the output opened, so that a wrong
 * question leaves an old file alone; then a row after another goes through a view (which columns,
 * in which shape) to a renderer. This thread prints; others look through the databases' facts. */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <locale.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "datadir.h"
#include "delimited.h"
#include "diff.h"
#include "directories.h"
#include "distribution.h"
#include "err.h"
#include "federation.h"
#include "json.h"
#include "lastwords.h"
#include "processors.h"
#include "query_distribution.h"
#include "query_ncdu.h"
#include "query_options.h"
#include "query_output.h"
#include "query_report.h"
#include "query_view.h"
#include "summary.h"
#include "table.h"
#include "totals.h"
#include "verification.h"

static const char program[] = "fstally-query";

/* What a message calls the databases that are asked: one by its path. Set before they are
 * opened. */
static const char *asked = "a database";

/* Databases are mapped, and what cannot be read of them ends in a signal. Only system calls may be
 * made. */
static void on_bus_error(int number)
{
    (void)number;
    lastwords_exit(program, asked,
                   "cannot be read any more: it was cut short meanwhile, or its device fails",
                   ERR_FAILED);
}

/* One line on standard error, whatever bytes the names hold. */
__attribute__((format(printf, 1, 2))) static void note(const char *format, ...)
{
    char line[2 * PATH_MAX + 256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    err_make_printable(line);
    fprintf(stderr, "%s: %s\n", program, line);
}

/* A federation_tell. */
static void tell(void *context, const char *text)
{
    (void)context;
    note("%s", text);
}

/* Puts the question. */
static int make_answer(struct answer **out, struct federation *federation,
                       const struct query_options *options, struct err *err)
{
    const struct filter *filter = &options->filter;
    const struct distribution_question question = {
        .filter = filter, .kinds = options->histogram, .top = options->top};
    switch (options->kind) {
    case QUERY_SUMMARY:
        return summary_answer(out, federation, options->format == QUERY_FORMAT_TABLE, err);
    case QUERY_VERIFY:
        return verification_answer(out, federation, err);
    case QUERY_TOTALS:
        return totals_answer(out, federation, filter, options->verbose, err);
    case QUERY_HISTOGRAM:
        return distribution_answer(out, federation, &question, err);
    case QUERY_DIFF:
    case QUERY_DIFF_TOTALS:
        return diff_answer(out, federation, filter, options->all, err);
    default:
        return directories_answer(out, federation, filter, err);
    }
}

/* ---- Rows ---- */

static struct render *make_renderer(enum query_format format, const struct query_view *view,
                                    struct render_output *output)
{
    switch (format) {
    case QUERY_FORMAT_TSV:
        return delimited_tsv(output, view->heads, view->count);
    case QUERY_FORMAT_CSV:
        return delimited_csv(output, view->heads, view->count);
    case QUERY_FORMAT_JSON:
        return json_array(output, view->heads, view->count);
    case QUERY_FORMAT_NDJSON:
        return json_lines(output, view->heads, view->count);
    default:
        return table_new(output, view->heads, view->count, query_output_width(output));
    }
}

static int render_rows(struct answer *answer, const struct query_view *view, struct render *render,
                       uint64_t *count, struct err *err)
{
    const struct reader_value *values;
    int status;
    while ((status = answer->next(answer, &values, err)) == 1) {
        if (query_view_row(view, render, values, err) != 0)
            return -1;
        ++*count;
    }
    return status != 0 ? -1 : render_end(render, err);
}

static int print_rows(struct answer *answer, const struct query_options *options,
                      struct render_output *output, uint64_t *count, struct err *err)
{
    struct query_view view;
    bool people = options->format == QUERY_FORMAT_TABLE;
    if (people && options->kind == QUERY_HISTOGRAM)
        return query_distribution_print(answer, options, output, count, err);
    query_view_choose(&view, answer, people);
    struct render *render = make_renderer(options->format, &view, output);
    int status = render_rows(answer, &view, render, count, err);
    render_free(render);
    if (status == 0 && answer->cut && people)
        fprintf(output->file, "(the first %" PRId64 "; --limit 0 shows all)\n",
                options->filter.limit);
    return status;
}

/* databases: those that the output may not be. */
static int print_answer(struct answer *answer, const struct query_options *options,
                        const struct datadir_choice *databases, struct render_output *output,
                        struct err *err)
{
    uint64_t count = 0;
    if (query_output_open(output, options->output, databases, err) != 0)
        return -1;
    int status = print_rows(answer, options, output, &count, err);
    if (query_output_close(output, err) != 0)
        status = -1;
    if (status == 0 && answer->cut && options->limit_unasked && options->output != NULL &&
        strcmp(options->output, "-") != 0 && options->format != QUERY_FORMAT_TABLE)
        note("%s: the first %" PRId64 " rows; --limit 0 writes all", options->output,
             options->filter.limit);
    if (status == 0 && options->verbose)
        fprintf(stderr, "%s: %" PRIu64 " rows\n", program, count);
    else if (status == 0 && count == 0)
        note("%s", options->kind == QUERY_DIFF || options->kind == QUERY_DIFF_TOTALS
                       ? "nothing has changed"
                       : "nothing matches");
    return status;
}

/* Asks the databases of an open federation. */
static int answer_rows(struct federation *federation, const struct query_options *options,
                       const struct datadir_choice *databases, struct render_output *output,
                       struct err *err)
{
    struct answer *answer;
    if (make_answer(&answer, federation, options, err) != 0)
        return -1;
    int status = print_answer(answer, options, databases, output, err);
    answer_close(answer);
    return status;
}

/* For tests: how many blocks a thread must have to look at. 0: the default. */
static size_t blocks_from_environment(void)
{
    const char *text = getenv("FSTALLY_BLOCKS_A_THREAD");
    return text == NULL ? 0 : (size_t)strtoull(text, NULL, 10);
}

/* 0, -1, or, where the answer is there but not all databases have part in it, ERR_FAILED. */
static int answer(const struct query_options *options, const struct datadir_choice *databases,
                  struct render_output *output, struct err *err)
{
    struct federation federation = {.all_needed = options->older != NULL,
                                    .apart = options->kind == QUERY_VERIFY,
                                    .threads = processors_available(),
                                    .blocks_a_thread = blocks_from_environment(),
                                    .tell = tell};
    for (size_t i = 0; options->verbose && i < databases->count; i++)
        note("asking %s", databases->paths[i]);
    int status =
        federation_open(&federation, databases->paths, databases->names, databases->count, err);
    if (status == 0 && options->kind == QUERY_REPORT)
        status = query_report_answer(&federation, options, databases, output, err);
    else if (status == 0 && options->kind == QUERY_NCDU)
        status = query_ncdu_answer(&federation, options, databases, output, err);
    else if (status == 0)
        status = answer_rows(&federation, options, databases, output, err);
    if (status == 0 && federation.left_out > 0)
        status = ERR_FAILED;
    federation_close(&federation);
    return status;
}

/* The newer database and the older one, as one choice: diff.h. */
static int answer_diff(const struct query_options *options, const struct datadir_choice *newer,
                       struct render_output *output, struct err *err)
{
    struct datadir_choice older;
    char *name = (char *)options->older;
    if (datadir_choose(&older, options->data_dir, &name, 1, err) != 0)
        return -1;
    int status;
    if (newer->count != 1 || older.count != 1) {
        status = err_usage(err, "--diff: compares two databases; name one beside the older one");
    } else {
        char *paths[] = {[DIFF_NEWER] = newer->paths[0], [DIFF_OLDER] = older.paths[0]};
        char *names[] = {[DIFF_NEWER] = newer->names[0], [DIFF_OLDER] = older.names[0]};
        const struct datadir_choice both = {paths, names, 2};
        status = answer(options, &both, output, err);
    }
    datadir_forget(&older);
    return status;
}

/* What shows one tree cannot show several. */
static int check_count(const struct query_options *options, size_t count, struct err *err)
{
    if (count == 1 || (options->kind != QUERY_REPORT && options->kind != QUERY_NCDU))
        return 0;
    return err_usage(err, "%s: one tree at a time, here are %zu databases; name one",
                     options->kind == QUERY_REPORT ? "--report" : "--format ncdu", count);
}

static int ask(const struct query_options *options, struct render_output *output, struct err *err)
{
    struct datadir_choice databases;
    if (datadir_choose(&databases, options->data_dir, options->what, options->what_count, err) != 0)
        return -1;
    if (databases.count == 1 && options->older == NULL)
        asked = databases.paths[0];
    int status = check_count(options, databases.count, err);
    if (status == 0)
        status = options->older != NULL ? answer_diff(options, &databases, output, err)
                                        : answer(options, &databases, output, err);
    datadir_forget(&databases);
    return status;
}

/* ---- The program ---- */

/* A shell would understand it otherwise, and the answer would be the opposite. */
static void note_shell_sets(const struct filter *filter)
{
    for (size_t i = 0; i < filter->pattern_count; i++) {
        struct slice glob = filter->patterns[i];
        if (memmem(glob.ptr, glob.len, "[!", 2) != NULL)
            note(
                "--name-pattern: '%.*s': [! begins a set that holds a '!'; for all that a set does "
                "not hold, write [^",
                (int)glob.len, glob.ptr);
    }
}

static int complain(const struct err *err)
{
    fprintf(stderr, "%s: %s\n", program, err->text);
    return (int)err->status;
}

static int print_text(const struct query_options *options)
{
    if (options->help)
        query_options_print_help(stdout);
    else
        fputs("fstally-query " FSTALLY_VERSION "\n", stdout);
    if ((fflush(stdout) == 0 && !ferror(stdout)) || errno == EPIPE)
        return 0;
    fprintf(stderr, "%s: standard output: cannot write: %s\n", program, strerror(errno));
    return ERR_FAILED;
}

int main(int argc, char **argv)
{
    static struct query_options options;
    struct err err = {0};
    struct render_output output = {0};

    setlocale(LC_CTYPE, "");  /* for the width of characters in a table, and for nothing else */
    signal(SIGPIPE, SIG_IGN); /* EPIPE: whoever reads has seen enough, which is no failure */
    signal(SIGXFSZ, SIG_IGN); /* EFBIG: a full quota, which is named as such */
    sigaction(SIGBUS, &(struct sigaction){.sa_handler = on_bus_error}, NULL);
    if (query_options_parse(&options, argc, argv, &err) != 0)
        return complain(&err);
    if (options.help || options.version)
        return print_text(&options);
    note_shell_sets(&options.filter);
    int status = ask(&options, &output, &err);
    query_options_free(&options);
    if (status >= 0 || output.broken_pipe)
        return output.broken_pipe ? 0 : status;
    return complain(&err);
}
