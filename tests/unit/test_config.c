/* config: where the file is looked for, what its lines become, and how each fault is reported. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "config.h"
#include "err.h"
#include "unit_support.h"

static const struct option long_options[] = {
    {"limit", required_argument, NULL, 'n'},
    {"quiet", no_argument, NULL, 'q'},
    {"config", required_argument, NULL, 'c'},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, 'V'},
    {"print", no_argument, NULL, 'p'},
    {NULL, 0, NULL, 0},
};
static const struct config_program program = {.section = "query",
                                              .short_options = ":n:qhV",
                                              .long_options = long_options,
                                              .config = 'c',
                                              .help = 'h',
                                              .version = 'V',
                                              .prints = 'p'};

/* A folder of the test's own, in which nothing is found unless a test puts it there. */
static int enter(void **state)
{
    unsetenv("FSTALLY_CONFIG");
    unsetenv("XDG_CONFIG_HOME");
    setenv("HOME", "home", 1);
    return unit_support_enter(state);
}

static int read_with(struct config *config, struct err *err, int argc, char **argv)
{
    *err = (struct err){0};
    return config_read(config, &program, argc, argv, err);
}

static int read_file(struct config *config, struct err *err)
{
    char name[] = "fstally-query", option[] = "--config", file[] = "x.conf";
    char *argv[] = {name, option, file, NULL};
    return read_with(config, err, 3, argv);
}

static void expect_arguments(const char *text, const char *expected)
{
    struct config config;
    struct err err;
    char found[256] = "";
    unit_support_write_text("x.conf", text);
    if (read_file(&config, &err) != 0)
        fail_msg("%s", err.text);
    for (size_t i = 0; i < config.default_count; i++) {
        strcat(found, config.defaults[i].argument);
        strcat(found, "|");
    }
    assert_string_equal(found, expected);
    config_free(&config);
}

static void settings_become_arguments(void **state)
{
    (void)state;
    expect_arguments("", "");
    expect_arguments("# nothing\n; nothing\n\n", "");
    expect_arguments("[query]\nlimit = 20\nquiet = yes\n", "--limit=20|--quiet|");
    expect_arguments("[query]\r\n  limit=a b \r\n\tquiet: ON\n", "--limit=a b|--quiet|");
    expect_arguments("[query]\nlimit = 1\nlimit = 2 ; the last\n", "--limit=1|--limit=2|");
    expect_arguments("[query]\nquiet = no\nquiet = 0\nquiet = False\nquiet = off\n", "");
    expect_arguments("[query]\nlimit =", "--limit=|");
    expect_arguments("[import]\nthreads = 4\n[query]\nlimit = 3\n", "--limit=3|");
    expect_arguments("[query]\nlimit = a=b\n", "--limit=a=b|");
}

static void mounts_are_kept(void **state)
{
    (void)state;
    struct config config;
    struct err err;
    unit_support_write_text("x.conf", "[mounts]\n/glade/campaign = /gpfs/csfs1\n/a b = /c d\n");
    assert_int_equal(read_file(&config, &err), 0);
    assert_int_equal(config.mount_count, 2);
    assert_string_equal(config.mounts[0].here, "/glade/campaign");
    assert_string_equal(config.mounts[0].there, "/gpfs/csfs1");
    assert_string_equal(config.mounts[1].here, "/a b");
    assert_string_equal(config.mounts[1].there, "/c d");
    config_free(&config);
}

static void expect_refused(const char *text, const char *message)
{
    struct config config;
    struct err err;
    unit_support_write_text("x.conf", text);
    assert_int_equal(read_file(&config, &err), -1);
    assert_int_equal(err.status, ERR_USAGE);
    assert_string_equal(err.text, message);
}

static void each_fault_is_reported_with_its_line(void **state)
{
    (void)state;
    expect_refused("[query]\n\nlimt = 3\n",
                   "x.conf:3: 'limt' is not an option that fstally-query takes a default for; see "
                   "its --help");
    expect_refused("[query]\nlim = 3\n", /* no abbreviations here */
                   "x.conf:2: 'lim' is not an option that fstally-query takes a default for; see "
                   "its --help");
    expect_refused("[query]\nhelp = yes\n",
                   "x.conf:2: 'help' is not an option that fstally-query takes a default for; see "
                   "its --help");
    expect_refused("[query]\nprint = yes\n",
                   "x.conf:2: 'print' is not an option that fstally-query takes a default for; see "
                   "its --help");
    expect_refused("[query]\nquiet = maybe\n", "x.conf:2: quiet: 'maybe' is neither yes nor no");
    expect_refused("# x\nlimit = 3\n",
                   "x.conf:2: no section: settings belong in [mounts], [import] or [query]");
    expect_refused("[other]\nlimit = 3\n",
                   "x.conf:2: [other]: settings belong in [mounts], [import] or [query]");
    expect_refused("[query]\nlimit\n", "x.conf:2: neither [SECTION] nor KEY = VALUE");
    expect_refused("[query\nlimit = 3\n", "x.conf:1: neither [SECTION] nor KEY = VALUE");
    expect_refused("[mounts]\nhere = /there\n", "x.conf:2: 'here' is not an absolute path; give "
                                                "PATH HERE = PATH THERE");
    expect_refused("[mounts]\n/here = there\n", "x.conf:2: 'there' is not an absolute path; give "
                                                "PATH HERE = PATH THERE");
}

static void a_line_is_never_cut_in_two(void **state)
{
    (void)state;
    enum { LENGTH = 100000 };
    struct config config;
    struct err err;
    char *text = malloc(LENGTH + 32);
    assert_non_null(text);
    strcpy(text, "[query]\nlimit = ");
    memset(text + 16, '7', LENGTH);
    strcpy(text + 16 + LENGTH, "\n");
    unit_support_write_text("x.conf", text);
    free(text);
    assert_int_equal(read_file(&config, &err), -1);
    assert_int_equal(err.status, ERR_USAGE);
    assert_memory_equal(err.text, "x.conf:2: the line is longer than ", 34);
}

/* Which file is read shows in the limit it sets. */
static void expect_found(int argc, char **argv, const char *argument)
{
    struct config config;
    struct err err;
    if (read_with(&config, &err, argc, argv) != 0)
        fail_msg("%s", err.text);
    assert_int_equal(config.default_count, argument != NULL);
    if (argument != NULL)
        assert_string_equal(config.defaults[0].argument, argument);
    assert_int_equal(*config.path != '\0', argument != NULL);
    config_free(&config);
}

static void the_first_that_exists_is_read(void **state)
{
    (void)state;
    char name[] = "fstally-query", more[] = "-q", unknown[] = "--unknown";
    char first[] = "--config=other.conf", last[] = "--config=given.conf", help[] = "--help";
    char *argv[] = {name, more, NULL};
    char *given[] = {name, first, unknown, more, last, NULL};
    char *wants_help[] = {name, last, help, NULL};
    expect_found(2, argv, NULL);
    mkdir("home", 0700);
    mkdir("home/.config", 0700);
    mkdir("home/.config/fstally", 0700);
    unit_support_write_text("home/.config/fstally/fstally.conf", "[query]\nlimit = 1\n");
    expect_found(2, argv, "--limit=1");
    setenv("XDG_CONFIG_HOME", "relative: not looked at", 1);
    expect_found(2, argv, "--limit=1");
    setenv("XDG_CONFIG_HOME", "/no/such/folder", 1);
    expect_found(2, argv, NULL);
    unit_support_write_text("own.conf", "[query]\nlimit = 2\n");
    setenv("FSTALLY_CONFIG", "own.conf", 1);
    expect_found(2, argv, "--limit=2");
    unit_support_write_text("given.conf", "[query]\nlimit = 3\n");
    expect_found(5, given, "--limit=3");
    unit_support_write_text("given.conf", "nonsense");
    expect_found(3, wants_help, NULL);
}

static void a_file_that_is_named_must_be_readable(void **state)
{
    (void)state;
    struct config config;
    struct err err;
    char name[] = "fstally-query", missing[] = "--config=none.conf", folder[] = "--config=.";
    char *argv[] = {name, missing, NULL};
    char *directory[] = {name, folder, NULL};
    char *plain[] = {name, NULL};
    assert_int_equal(read_with(&config, &err, 2, argv), -1);
    assert_int_equal(err.status, ERR_USAGE);
    assert_string_equal(err.text,
                        "none.conf: cannot read the configuration: No such file or directory");
    assert_int_equal(read_with(&config, &err, 2, directory), -1);
    assert_string_equal(err.text, ".: cannot read the configuration: Is a directory");
    char empty[] = "--config=";
    char *nothing[] = {name, empty, NULL};
    assert_int_equal(read_with(&config, &err, 2, nothing), -1);
    assert_string_equal(err.text, "--config: an empty name; give a file's");
    setenv("FSTALLY_CONFIG", "none.conf", 1);
    assert_int_equal(read_with(&config, &err, 1, plain), -1);
    assert_int_equal(err.status, ERR_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(settings_become_arguments, enter, unit_support_leave),
        cmocka_unit_test_setup_teardown(mounts_are_kept, enter, unit_support_leave),
        cmocka_unit_test_setup_teardown(each_fault_is_reported_with_its_line, enter,
                                        unit_support_leave),
        cmocka_unit_test_setup_teardown(a_line_is_never_cut_in_two, enter, unit_support_leave),
        cmocka_unit_test_setup_teardown(the_first_that_exists_is_read, enter, unit_support_leave),
        cmocka_unit_test_setup_teardown(a_file_that_is_named_must_be_readable, enter,
                                        unit_support_leave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
