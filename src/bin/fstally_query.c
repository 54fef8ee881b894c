/* fstally-query: databases in, answers out.
 *
 * In this order: the command line becomes a filter; the databases are opened and the question put;
 * only when that has succeeded is the output opened, so that a wrong question leaves an old file
 * alone; then a row after another goes through a view (which columns, in which shape) to a
 * renderer. One thread. */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <locale.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "datadir.h"
#include "delimited.h"
#include "diff.h"
#include "distribution.h"
#include "err.h"
#include "json.h"
#include "query.h"
#include "query_distribution.h"
#include "query_ncdu.h"
#include "query_options.h"
#include "query_output.h"
#include "query_report.h"
#include "query_view.h"
#include "table.h"

static const char program[] = "fstally-query";
static const char *const version[] = {"fstally-query " FSTALLY_VERSION "\n", NULL};

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

static int ask(struct query *query, const struct query_options *options, bool many, struct err *err)
{
    if (options->summary)
        return query_summary(query, options->format == QUERY_FORMAT_TABLE, err);
    if (options->filter.group_by != FILTER_DIRECTORIES)
        return query_total(query, &options->filter, options->verbose && many, err);
    return query_list(query, &options->filter, err);
}

/* Where the rows of an answer come from: as query_next has it. */
struct source {
    void *from;
    int (*next)(void *from, const struct reader_value **values, struct err *err);
};

static int next_of_query(void *from, const struct reader_value **values, struct err *err)
{
    return query_next(from, values, err);
}

static int next_of_diff(void *from, const struct reader_value **values, struct err *err)
{
    (void)err; /* a diff has read everything before its first row */
    return diff_next(from, values);
}

static int print_rows(const struct source *source, const struct query_view *view,
                      struct render *render, uint64_t *count, struct err *err)
{
    const struct reader_value *values;
    int status;
    while ((status = source->next(source->from, &values, err)) == 1) {
        if (query_view_row(view, render, values, err) != 0)
            return -1;
        ++*count;
    }
    return status != 0 ? -1 : render_end(render, err);
}

/* databases: those that the output may not be. */
static int print_answer(const struct source *source, const struct query_options *options,
                        const struct datadir_choice *databases, struct render_output *output,
                        struct err *err)
{
    static struct query_view view;
    uint64_t count = 0;
    if (query_output_open(output, options->output, databases, err) != 0)
        return -1;
    query_view_choose(&view, options, databases->count > 1);
    struct render *render = make_renderer(options->format, &view, output);
    int status = print_rows(source, &view, render, &count, err);
    render_free(render);
    if (query_output_close(output, err) != 0)
        status = -1;
    if (status == 0 && options->verbose)
        fprintf(stderr, "%s: %" PRIu64 " rows\n", program, count);
    return status;
}

static int print_diff(const struct query_options *options, const struct datadir_choice *databases,
                      const struct datadir_choice *older, struct render_output *output,
                      struct err *err)
{
    struct diff *diff;
    char *paths[] = {databases->paths[0], older->paths[0]};
    const struct datadir_choice both = {.paths = paths, .count = 2};
    if (options->verbose)
        note("comparing with %s", older->paths[0]);
    if (diff_open(&diff, older->paths[0], databases->paths[0], &options->filter, options->all,
                  err) != 0)
        return -1;
    if (diff_is_backwards(diff))
        note("--diff: %s was scanned after %s; name the older one after --diff, or read grown as "
             "shrunk",
             older->paths[0], databases->paths[0]);
    if (diff_is_apart(diff))
        note("--diff: %s and %s have no directory in common: are they of one file system?",
             older->paths[0], databases->paths[0]);
    const struct source source = {diff, next_of_diff};
    int status = print_answer(&source, options, &both, output, err);
    diff_close(diff);
    return status;
}

static int answer_diff(const struct query_options *options, const struct datadir_choice *databases,
                       struct render_output *output, struct err *err)
{
    struct datadir_choice older;
    char *name = (char *)options->older;
    if (datadir_choose(&older, options->data_dir, &name, 1, err) != 0)
        return -1;
    int status;
    if (databases->count != 1 || older.count != 1)
        status = err_usage(err, "--diff: compares two databases; name one beside the older one");
    else
        status = print_diff(options, databases, &older, output, err);
    datadir_forget(&older);
    return status;
}

/* Of a database that is left out. */
static void tell(void *context, const char *text)
{
    (void)context;
    fprintf(stderr, "%s: %s\n", program, text);
}

static int next_of_distribution(void *from, const struct reader_value **values, struct err *err)
{
    (void)err; /* as a diff */
    return distribution_next(from, values);
}

static int print_histogram_tables(struct distribution *distribution,
                                  const struct query_options *options,
                                  const struct datadir_choice *databases,
                                  struct render_output *output, struct err *err)
{
    uint64_t count = 0;
    if (query_output_open(output, options->output, databases, err) != 0)
        return -1;
    int status = query_distribution_print(distribution, options, output, &count, err);
    if (query_output_close(output, err) != 0)
        status = -1;
    if (status == 0 && options->verbose)
        fprintf(stderr, "%s: %" PRIu64 " rows\n", program, count);
    return status;
}

/* As answer. */
static int answer_histogram(const struct query_options *options,
                            const struct datadir_choice *databases, struct render_output *output,
                            struct err *err)
{
    struct distribution *distribution;
    const struct distribution_question question = {
        .filter = &options->filter, .kinds = options->histogram, .top = options->top};
    if (distribution_open(&distribution, databases->paths, databases->count, &question, tell, NULL,
                          err) != 0)
        return -1;
    const struct source source = {distribution, next_of_distribution};
    int status = options->format == QUERY_FORMAT_TABLE
                     ? print_histogram_tables(distribution, options, databases, output, err)
                     : print_answer(&source, options, databases, output, err);
    if (status == 0 && distribution_left_out(distribution) > 0)
        status = ERR_FAILED;
    distribution_close(distribution);
    return status;
}

/* 0, -1, or, where the answer is there but not all databases have part in it, ERR_FAILED. */
static int answer(const struct query_options *options, const struct datadir_choice *databases,
                  struct render_output *output, struct err *err)
{
    struct query *query;
    for (size_t i = 0; options->verbose && i < databases->count; i++)
        note("asking %s", databases->paths[i]);
    if (options->older != NULL)
        return answer_diff(options, databases, output, err);
    if (options->histogram != 0)
        return answer_histogram(options, databases, output, err);
    if (options->report != NULL)
        return query_report_answer(options, databases, output, err);
    if (options->format == QUERY_FORMAT_NCDU)
        return query_ncdu_answer(options, databases, output, err);
    if (query_open(&query, databases->paths, databases->names, databases->count, tell, NULL, err) !=
        0)
        return -1;
    int status = ask(query, options, databases->count > 1, err);
    const struct source source = {query, next_of_query};
    if (status == 0)
        status = print_answer(&source, options, databases, output, err);
    if (status == 0 && query_left_out(query) > 0)
        status = ERR_FAILED;
    query_close(query);
    return status;
}

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

static int print_text(const char *const *parts)
{
    while (*parts != NULL && fputs(*parts, stdout) >= 0)
        parts++;
    if (*parts == NULL && fflush(stdout) == 0)
        return 0;
    if (errno == EPIPE)
        return 0;
    fprintf(stderr, "%s: standard output: cannot write: %s\n", program, strerror(errno));
    return ERR_FAILED;
}

int main(int argc, char **argv)
{
    static struct query_options options;
    struct err err = {0};
    struct render_output output = {0};
    struct datadir_choice databases;

    setlocale(LC_CTYPE, ""); /* for the width of characters in a table, and for nothing else */
    signal(SIGPIPE,
           SIG_IGN); /* seen as EPIPE: whoever reads has seen enough, which is no failure */
    if (query_options_parse(&options, argc, argv, &err) != 0)
        return complain(&err);
    if (options.help || options.version)
        return print_text(options.help ? query_options_help() : version);
    note_shell_sets(&options.filter);

    int status =
        datadir_choose(&databases, options.data_dir, options.what, options.what_count, &err);
    if (status == 0) {
        status = answer(&options, &databases, &output, &err);
        datadir_forget(&databases);
    }
    query_options_free(&options);
    if (status >= 0 || output.broken_pipe)
        return output.broken_pipe ? 0 : status;
    return complain(&err);
}
