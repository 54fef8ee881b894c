/* query_options: which question a command line asks, and which options do not go with it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "distribution.h"
#include "err.h"
#include "query_options.h"
#include "unit_support.h"

enum { MOST_WORDS = 40 };

/* The words of a line; the options borrow them. */
static char text[512];
static char *argv[MOST_WORDS];

static int parse(struct query_options *options, const char *line, struct err *err)
{
    int argc = 0;
    argv[argc++] = (char[]){"fstally-query"};
    snprintf(text, sizeof text, "%s", line);
    for (char *word = strtok(text, " "); word != NULL; word = strtok(NULL, " "))
        argv[argc++] = word;
    argv[argc] = NULL;
    return query_options_parse(options, argc, argv, err);
}

static void accept(struct query_options *options, const char *line)
{
    struct err err = {0};
    if (parse(options, line, &err) != 0)
        fail_msg("%s: %s", line, err.text);
}

static void refuse(const char *line, const char *why)
{
    struct query_options options;
    struct err err = {0};
    if (parse(&options, line, &err) == 0)
        fail_msg("%s: accepted", line);
    assert_int_equal(err.status, ERR_USAGE);
    if (strncmp(err.text, why, strlen(why)) != 0)
        fail_msg("%s: '%s' does not begin with '%s'", line, err.text, why);
    query_options_free(&options);
}

static void kinds_of_questions(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        enum query_kind kind;
        enum query_format format;
    } cases[] = {
        {"x", QUERY_LISTING, QUERY_FORMAT_TABLE},
        {"--cold 3y --hot-spots x", QUERY_LISTING, QUERY_FORMAT_TABLE},
        {"--group-by owner --cold 1y -d 3 -N a* --min-avg-size 1K", QUERY_TOTALS,
         QUERY_FORMAT_TABLE},
        {"--histogram both --top 3 -u 7 -P /a -E /a/b", QUERY_HISTOGRAM, QUERY_FORMAT_TABLE},
        {"--diff y.db --all --format csv x.db", QUERY_DIFF, QUERY_FORMAT_CSV},
        {"--diff y.db --group-by group x.db", QUERY_DIFF_TOTALS, QUERY_FORMAT_TABLE},
        {"--summary --format json", QUERY_SUMMARY, QUERY_FORMAT_JSON},
        {"--report r.html x", QUERY_REPORT, QUERY_FORMAT_TABLE},
        {"--report r.html --diff y.db --max-depth 4 x", QUERY_REPORT, QUERY_FORMAT_TABLE},
        {"-o r.html x", QUERY_REPORT, QUERY_FORMAT_HTML},
        {"-o r.tsv x", QUERY_LISTING, QUERY_FORMAT_TSV},
        {"-o r.ndjson --format csv x", QUERY_LISTING, QUERY_FORMAT_CSV},
        {"-o r.txt x", QUERY_LISTING, QUERY_FORMAT_TSV},
        {"--format ncdu -n 5 -P /a x", QUERY_NCDU, QUERY_FORMAT_NCDU},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct query_options options;
        accept(&options, cases[i].line);
        if (options.kind != cases[i].kind || options.format != cases[i].format)
            fail_msg("%s: kind %d, format %d", cases[i].line, options.kind, options.format);
        query_options_free(&options);
    }
}

static void what_does_not_go_together(void **state)
{
    (void)state;
    refuse("--top 3", "--top: only with --histogram");
    refuse("--all", "--all: only with --diff");
    refuse("--summary -d 3", "--min-depth: not with --summary");
    refuse("--histogram size -n 3", "--limit: not with --histogram");
    refuse("--diff y -N a*", "--name-pattern: not with --diff");
    refuse("--report r.html -o x.tsv", "--output: not with --report");
    refuse("--report r.html -u 7", "--owner-id: not with --report");
    refuse("--report r.html -P /a -P /b", "--path-prefix: only once with --report");
    refuse("--format ncdu -P /a -P /b", "--path-prefix: only once with --format ncdu");
    refuse("--format ncdu -s", "--single-owner: not with --format ncdu");
    refuse("--group-by owner --hot-spots", "--hot-spots: not with --group-by");
    refuse("--sort-by cold_size", "--sort-by: ");
    refuse("--cold 5y", "--cold: '5y' is not an age");
    refuse("--limit -1", "--limit: ");
    refuse("--min-size 5Q", "--min-size: ");
    refuse("--format yaml", "--format: ");
    refuse("--ownr 7", "--ownr: unknown option; did you mean --owner-id?");
}

static void values(void **state)
{
    (void)state;
    struct query_options options;
    accept(&options,
           "x -P /a -P /b/ -u 1 -u ann -g 2 -N a -N b -E /c -n 7 --min-size 2Ki --max-alloc 1G "
           "--accessed-before 3yrs y");
    const struct filter *filter = &options.filter;
    assert_int_equal(filter->prefix_count, 2);
    assert_true(slice_equal(filter->prefixes[1], slice_from("/b")));
    assert_int_equal(filter->owner_count, 2);
    assert_string_equal(filter->owners[1], "ann");
    assert_int_equal(filter->group_count, 1);
    assert_int_equal(filter->pattern_count, 2);
    assert_int_equal(filter->excluded_count, 1);
    assert_int_equal(filter->limit, 7);
    assert_int_equal(filter->min_size, 2048);
    assert_int_equal(filter->max_alloc, 1000000000);
    assert_int_equal(filter->accessed_before.months, 36);
    assert_int_equal(options.what_count, 2);
    query_options_free(&options);

    accept(&options, "");
    assert_int_equal(options.filter.limit, 50);
    assert_int_equal(options.top, DISTRIBUTION_NO_OWNERS);
    query_options_free(&options);
}

/* With an owner or cold bytes a listing is sorted by these, unless --sort-by says otherwise. */
static void sorted_by_what_is_asked(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        enum filter_sort sort;
    } cases[] = {
        {"", FILTER_SORT_SIZE_R},
        {"-u 7", FILTER_SORT_OWNER_SIZE},
        {"-u 7 -s", FILTER_SORT_SIZE_R},
        {"-u 7 --sort-by files", FILTER_SORT_FILES_R},
        {"--cold 1y", FILTER_SORT_COLD_SIZE},
        {"--cold 1y -u 7", FILTER_SORT_COLD_SIZE},
        {"--cold 1y --sort-by path", FILTER_SORT_PATH},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct query_options options;
        accept(&options, cases[i].line);
        if (options.filter.sort_by != cases[i].sort)
            fail_msg("%s: sorted by %d", cases[i].line, options.filter.sort_by);
        query_options_free(&options);
    }
}

static int no_configuration(void **state)
{
    (void)state;
    return setenv("FSTALLY_CONFIG", "/dev/null", 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kinds_of_questions),
        cmocka_unit_test(what_does_not_go_together),
        cmocka_unit_test(values),
        cmocka_unit_test(sorted_by_what_is_asked),
    };
    return cmocka_run_group_tests(tests, no_configuration, NULL);
}
