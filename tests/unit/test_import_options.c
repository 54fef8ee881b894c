/* import_options: every option, the defaults, and what is refused. */
#include "import_options.h"

#include <getopt.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "err.h"
#include "unit_support.h"

static struct import_options options;
static struct err err;

/* Parses a command line, its words parted by blanks. */
static int parse(const char *line)
{
    enum { WORDS = 32 };
    static char copy[512];
    static char *words[WORDS];
    int count = 1;
    static char program[] = "fstally-import";
    words[0] = program;
    strcpy(copy, line);
    for (char *word = strtok(copy, " "); word != NULL; word = strtok(NULL, " "))
        words[count++] = word;
    words[count] = NULL;
    /* getopt keeps its place inside a word that was refused; this has it forget. */
    optind = 0;
    getopt_long(1, words, "", (const struct option[]){{NULL, 0, NULL, 0}}, NULL);
    err = (struct err){0};
    return import_options_parse(&options, count, words, &err);
}

static void accept(const char *line)
{
    if (parse(line) != 0)
        fail_msg("%s: %s", line, err.text);
    assert_int_equal(err.status, ERR_NONE);
}

/* A usage error of one line that says `about`. */
static void refuse(const char *line, const char *about)
{
    if (parse(line) == 0)
        fail_msg("%s: was accepted", line);
    assert_int_equal(err.status, ERR_USAGE);
    if (strstr(err.text, about) == NULL)
        fail_msg("%s: '%s' does not name %s", line, err.text, about);
}

static void the_defaults(void **state)
{
    (void)state;
    accept("a.log");
    assert_null(options.db);
    assert_null(options.data_dir);
    assert_null(options.filesystem);
    assert_null(options.format);
    assert_null(options.rejects);
    assert_false(options.has_scan_date);
    assert_false(options.replace || options.json || options.quiet || options.verbose ||
                 options.help || options.version);
    assert_true(options.batch_size >= 1);
    assert_int_equal(options.progress_interval, 1000000);
    assert_true(options.threads >= 1);
    assert_true(options.max_rejects_is_percent);
    assert_true(options.max_rejects == 1);
    assert_false(options.add || options.null_ended || options.has_max_scan_errors);
    assert_null(options.root);
    assert_null(options.under);
    assert_null(options.fields);
    assert_null(options.unescape);
    assert_null(options.print_policy);
    assert_int_equal(options.exclude_count, 0);
    assert_string_equal(options.age_by, "atime");
    assert_int_equal(options.input_count, 1);
    assert_string_equal(options.inputs[0], "a.log");
}

static void what_a_log_looks_like(void **state)
{
    (void)state;
    accept("--format ./x.conf --fields s=%size --null --unescape backslash a.log");
    assert_string_equal(options.format, "./x.conf");
    assert_string_equal(options.fields, "s=%size");
    assert_true(options.null_ended);
    assert_string_equal(options.unescape, "backslash");
    accept("--unescape=percent a.log");
    assert_string_equal(options.unescape, "percent");
    refuse("--unescape=url a.log", "--unescape url: must be percent or backslash");
    refuse("--fields= a.log", "--fields");
}

static void what_is_counted(void **state)
{
    (void)state;
    accept("--add --root /gpfs/ --under //gpfs/asp --age-by latest --max-scan-errors 2K "
           "-E /gpfs/tmp --exclude=*/.snapshots a.log");
    assert_true(options.add);
    assert_string_equal(options.root, "/gpfs/");
    assert_string_equal(options.under, "//gpfs/asp");
    assert_string_equal(options.age_by, "latest");
    assert_true(options.has_max_scan_errors);
    assert_int_equal(options.max_scan_errors, 2000);
    assert_int_equal(options.exclude_count, 2);
    assert_string_equal(options.excludes[0], "/gpfs/tmp");
    assert_string_equal(options.excludes[1], "*/.snapshots");
    import_options_free(&options);
    accept("--age-by mtime --max-scan-errors 0 a.log");
    assert_string_equal(options.age_by, "mtime");
    assert_int_equal(options.max_scan_errors, 0);
    refuse("--age-by ctime a.log", "--age-by ctime: must be atime, mtime or latest");
    refuse("--root gpfs a.log", "--root gpfs: is not absolute");
    refuse("--root= a.log", "--root");
    refuse("--under ./gpfs a.log", "--under ./gpfs: is not absolute");
    refuse("--max-scan-errors -1 a.log", "--max-scan-errors");
    refuse("--max-scan-errors 1% a.log", "--max-scan-errors");
    refuse("-E /x --exclude= a.log", "--exclude");
    refuse("--add -r a.log", "--replace and --add: choose one");
}

/* Its format is attached, or the only word. */
static void policies(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        const char *name;
    } good[] = {{"--print-policy", "gpfs"},
                {"--print-policy=lustre", "lustre"},
                {"--print-policy find", "find"},
                {"-q --print-policy zfs", "zfs"}};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        accept(good[i].line);
        assert_string_equal(options.print_policy, good[i].name);
    }
    refuse("--print-policy=lustre a.log", "--print-policy");
    refuse("--print-policy gpfs a.log", "--print-policy");
}

static void every_option(void **state)
{
    (void)state;
    accept("--db x.db --data-dir dir -f asp --format gpfs --scan-date 2026-01-11 -r -b 500 -p 10K "
           "-j 7 --rejects rej --max-rejects 5 --json -v a.log b.log");
    assert_string_equal(options.db, "x.db");
    assert_string_equal(options.data_dir, "dir");
    assert_string_equal(options.filesystem, "asp");
    assert_string_equal(options.format, "gpfs");
    assert_true(options.has_scan_date);
    assert_int_equal(options.scan_date, 1768089600);
    assert_true(options.replace);
    assert_int_equal(options.batch_size, 500);
    assert_int_equal(options.progress_interval, 10000);
    assert_int_equal(options.threads, 7);
    assert_string_equal(options.rejects, "rej");
    assert_false(options.max_rejects_is_percent);
    assert_true(options.max_rejects == 5);
    assert_true(options.json);
    assert_true(options.verbose);
    assert_int_equal(options.input_count, 2);
    assert_string_equal(options.inputs[0], "a.log");
    assert_string_equal(options.inputs[1], "b.log");
}

static void long_names_mean_the_same(void **state)
{
    (void)state;
    accept("--filesystem=asp --replace --batch-size=5 --progress-interval=6 --threads=7 --quiet a");
    assert_string_equal(options.filesystem, "asp");
    assert_true(options.replace && options.quiet);
    assert_int_equal(options.batch_size, 5);
    assert_int_equal(options.progress_interval, 6);
    assert_int_equal(options.threads, 7);
}

static void options_may_follow_inputs(void **state)
{
    (void)state;
    accept("a.log -r b.log --quiet -- -c.log");
    assert_true(options.replace && options.quiet);
    assert_int_equal(options.input_count, 3);
    assert_string_equal(options.inputs[0], "a.log");
    assert_string_equal(options.inputs[1], "b.log");
    assert_string_equal(options.inputs[2], "-c.log");
}

static void most_rejects(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        bool is_percent;
        double value;
    } good[] = {
        {"--max-rejects 0 a", false, 0},     {"--max-rejects 1K a", false, 1000},
        {"--max-rejects 0% a", true, 0},     {"--max-rejects 100% a", true, 100},
        {"--max-rejects 0.5% a", true, 0.5}, {"--max-rejects=3% a", true, 3},
    };
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        accept(good[i].line);
        assert_int_equal(options.max_rejects_is_percent, good[i].is_percent);
        assert_true(options.max_rejects == good[i].value);
    }
    static const char *const wrong[] = {"", "x", "-1", "%", "101%", "-1%", "1%%", "nan%"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        char line[64] = "--max-rejects=";
        strcat(line, wrong[i]);
        strcat(line, " a");
        refuse(line, "--max-rejects");
    }
}

static void numbers_out_of_range(void **state)
{
    (void)state;
    accept("-b 1 -p 1 -j 1 a");
    accept("-j 4096 a");
    refuse("-j 4097 a", "--threads");
    refuse("-j 0 a", "--threads");
    refuse("-j -1 a", "--threads");
    refuse("-j x a", "--threads");
    refuse("--threads= a", "--threads");
    refuse("-b 0 a", "--batch-size");
    refuse("-b 1x a", "--batch-size");
    refuse("-b 9223372036854775808 a", "--batch-size");
    refuse("-p 0 a", "--progress-interval");
}

static void dates(void **state)
{
    (void)state;
    accept("--scan-date 2024-02-29 a");
    accept("--scan-date 0001-01-01 a");
    assert_int_equal(options.scan_date, INT64_C(-62135596800));
    refuse("--scan-date 2025-02-29 a", "--scan-date");
    refuse("--scan-date 20260111 a", "--scan-date");
    refuse("--scan-date 2026-1-11 a", "--scan-date");
    refuse("--scan-date today a", "--scan-date");
    refuse("--scan-date= a", "--scan-date");
}

static void what_is_missing_or_contradicts(void **state)
{
    (void)state;
    refuse("", "input");
    refuse("-r", "input");
    refuse("--db= a", "--db");
    refuse("-q -v a", "--quiet");
}

/* The message names the very word, and of several letters the one. */
static void unknown_options(void **state)
{
    (void)state;
    refuse("-z a", "-z");
    refuse("-qz a", "-z");
    refuse("--quiet -zr a", "-z");
    refuse("--unknown a", "--unknown");
    refuse("--re a", "--re"); /* --replace or --rejects */
    refuse("a --db", "--db");
    refuse("a -j", "-j");
    refuse("a -qj", "-j");
    refuse("--replace=yes a", "--replace=yes");
}

static void help_and_version_need_nothing_else(void **state)
{
    (void)state;
    accept("-h");
    assert_true(options.help && !options.version);
    accept("--version");
    assert_true(options.version && !options.help);
    accept("-q -v -h");
    assert_true(options.help);
    accept("--help --unknown");
    assert_true(options.help);
}

/* Every option is in the text of --help, which fits a terminal. */
static void help_tells_every_option(void **state)
{
    (void)state;
    static const char *const names[] = {
        "--db",          "--data-dir",    "-f, --filesystem", "--format",
        "--scan-date",   "-r, --replace", "-b, --batch-size", "-p, --progress-interval",
        "-j, --threads", "--rejects",     "--max-rejects",    "--json",
        "--config",      "-q, --quiet",   "-v, --verbose",    "-h, --help",
        "-V, --version", "--add",         "--root",           "--age-by",
        "--null",        "--fields",      "--print-policy",   "--max-scan-errors",
        "--under",       "--unescape",    "-E, --exclude",
    };
    const char *help = import_options_help();
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strstr(help, names[i]) == NULL)
            fail_msg("%s is not in --help", names[i]);
    for (const char *line = help; *line != '\0'; line += strcspn(line, "\n") + 1)
        assert_true(strcspn(line, "\n") <= 80);
}

/* A second command line in one process starts from nothing. */
static void nothing_is_left_from_before(void **state)
{
    (void)state;
    accept("-r --db x.db --json a b");
    accept("c");
    assert_false(options.replace || options.json);
    assert_null(options.db);
    assert_int_equal(options.input_count, 1);
    assert_string_equal(options.inputs[0], "c");
}

/* A default is read like an option, its faults have its line, and the command line wins. */
static void defaults_come_first(void **state)
{
    (void)state;
    unit_support_write_text("x.conf", "[import]\nthreads = 4\nbatch-size = 7\nquiet = yes\n");
    accept("--config x.conf -j 2 a");
    assert_int_equal(options.threads, 2);
    assert_int_equal(options.batch_size, 7);
    assert_true(options.quiet);
    import_options_free(&options);
    accept("--config x.conf -v a");
    assert_true(options.verbose && !options.quiet);
    import_options_free(&options);
    unit_support_write_text("x.conf", "[import]\n\nthreads = none\n");
    refuse("--config x.conf a", "x.conf:3: --threads: 'none'");
    unit_support_write_text("x.conf", "[import]\nbatch-size = 0\n");
    refuse("--config x.conf a", "x.conf:2: --batch-size 0: must be");
    unit_support_write_text("x.conf", "[import]\nexclude = /a\nexclude = /b\nadd = yes\n");
    accept("--config x.conf -E /c -r a");
    assert_int_equal(options.exclude_count, 3);
    assert_string_equal(options.excludes[1], "/b");
    assert_string_equal(options.excludes[2], "/c");
    assert_true(options.replace && !options.add); /* the command line wins */
    import_options_free(&options);
    unit_support_write_text("x.conf", "[import]\nprint-policy = yes\n");
    refuse("--config x.conf a", "x.conf:2: 'print-policy' is not an option");
}

int main(void)
{
    setenv("FSTALLY_CONFIG", "/dev/null", 1); /* not what the user of this machine has */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_defaults),
        cmocka_unit_test(every_option),
        cmocka_unit_test(what_a_log_looks_like),
        cmocka_unit_test(what_is_counted),
        cmocka_unit_test(policies),
        cmocka_unit_test(long_names_mean_the_same),
        cmocka_unit_test(options_may_follow_inputs),
        cmocka_unit_test(most_rejects),
        cmocka_unit_test(numbers_out_of_range),
        cmocka_unit_test(dates),
        cmocka_unit_test(what_is_missing_or_contradicts),
        cmocka_unit_test(unknown_options),
        cmocka_unit_test(help_and_version_need_nothing_else),
        cmocka_unit_test(help_tells_every_option),
        cmocka_unit_test(nothing_is_left_from_before),
        cmocka_unit_test_setup_teardown(defaults_come_first, unit_support_enter,
                                        unit_support_leave),
    };
    return cmocka_run_group_tests_name("import_options", tests, NULL, NULL);
}
