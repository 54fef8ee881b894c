/* pathfilter: what is below, above and outside; excluded directories, paths and names. */
#include "pathfilter.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct pathfilter *filter;
static struct pathfilter_memo memo;

static void begin(const struct pathfilter_options *options)
{
    filter = pathfilter_new(options);
    assert_non_null(filter);
}

static void end(void)
{
    pathfilter_free(filter);
    pathfilter_memo_dispose(&memo);
}

static void expect_kind(const char *path, bool is_directory, enum pathfilter_answer answer)
{
    /* A copy of exactly this length: nothing may depend on a NUL. */
    char *copy = malloc(strlen(path));
    memcpy(copy, path, strlen(path));
    enum pathfilter_answer got =
        pathfilter_ask(filter, &memo, (struct slice){copy, strlen(path)}, is_directory);
    free(copy);
    if (got != answer)
        fail_msg("%s: %d instead of %d", path, got, answer);
}

/* Of a directory. */
static void expect(const char *path, enum pathfilter_answer answer)
{
    expect_kind(path, true, answer);
}

static void nothing_asked(void **state)
{
    (void)state;
    assert_null(pathfilter_new(&(struct pathfilter_options){.under = NULL}));
}

static void below_a_directory(void **state)
{
    (void)state;
    begin(&(struct pathfilter_options){.under = "//home/ann/"});
    expect("/home/ann", PATHFILTER_COUNT);
    expect("/home//ann/x", PATHFILTER_COUNT);
    expect("/home/ann2/x", PATHFILTER_OUTSIDE);
    expect("/home", PATHFILTER_OUTSIDE);
    /* A file of that path lies in the directory above. */
    expect_kind("/home/ann", false, PATHFILTER_OUTSIDE);
    expect_kind("/home//ann//", false, PATHFILTER_OUTSIDE);
    expect_kind("/home/ann/x", false, PATHFILTER_COUNT);
    expect("/etc/evil", PATHFILTER_OUTSIDE);
    expect("/", PATHFILTER_OUTSIDE);
    end();
    begin(&(struct pathfilter_options){.under = "/"});
    expect("/etc", PATHFILTER_COUNT);
    end();
}

static void above_the_root(void **state)
{
    (void)state;
    begin(&(struct pathfilter_options){.root = "/gpfs/fs1"});
    expect("/gpfs/fs1", PATHFILTER_COUNT);
    expect("/gpfs/fs1/a", PATHFILTER_COUNT);
    expect_kind("/gpfs/fs1", false, PATHFILTER_OUTSIDE);
    expect_kind("/gpfs/fs1/f", false, PATHFILTER_COUNT);
    expect_kind("/gpfs", false, PATHFILTER_OUTSIDE);
    expect("/gpfs", PATHFILTER_ABOVE);
    expect("/", PATHFILTER_ABOVE);
    expect("/gpfs/fs2", PATHFILTER_OUTSIDE);
    expect("/gpfs/f", PATHFILTER_OUTSIDE);
    end();
}

static void excludes(void **state)
{
    (void)state;
    static const char *const patterns[] = {"/home/old//", "*/.snapshots", "*.o", "/w/?/tmp", "[x"};
    begin(&(struct pathfilter_options){.excludes = patterns, .exclude_count = 5});
    expect("/home/old", PATHFILTER_EXCLUDED);
    expect("/home/old/a/b", PATHFILTER_EXCLUDED);
    expect("/home/older", PATHFILTER_COUNT);
    expect("/home/.snapshots/s1/ann/f", PATHFILTER_EXCLUDED);
    expect("/a/b/.snapshots", PATHFILTER_EXCLUDED);
    expect("/a/b/.snapshots2", PATHFILTER_COUNT);
    expect("/a/b/c.o", PATHFILTER_EXCLUDED);
    expect("/a/b/d.c", PATHFILTER_COUNT);
    expect("/a/b/d.o", PATHFILTER_EXCLUDED); /* its directory is known to count */
    expect("/a/b.o/c", PATHFILTER_EXCLUDED);
    expect("/a/b/c/d", PATHFILTER_COUNT);
    expect("/a/b/c/.snapshots", PATHFILTER_EXCLUDED);
    expect("/w/1/tmp/x", PATHFILTER_EXCLUDED);
    expect("/w/12/tmp/x", PATHFILTER_COUNT);
    expect("//w//1//tmp//x", PATHFILTER_EXCLUDED);
    expect("/", PATHFILTER_COUNT);
    end();
}

/* `/` has no name that a pattern could match, and is above everything. */
static void patterns_of_single_names(void **state)
{
    (void)state;
    static const char *const patterns[] = {"?", "[!a-z]"};
    begin(&(struct pathfilter_options){.excludes = patterns, .exclude_count = 2});
    expect("/hh/ii", PATHFILTER_COUNT);
    expect("/", PATHFILTER_COUNT);
    expect("/hh/i", PATHFILTER_EXCLUDED);
    expect("/9/ii", PATHFILTER_EXCLUDED);
    end();
    static const char *const all[] = {"//"};
    begin(&(struct pathfilter_options){.excludes = all, .exclude_count = 1});
    expect("/hh/ii", PATHFILTER_EXCLUDED);
    end();
}

static void a_slash_at_the_end_is_dropped(void **state)
{
    (void)state;
    static const char *const patterns[] = {".snap/", "/h/.s*//", "*/old/"};
    begin(&(struct pathfilter_options){.excludes = patterns, .exclude_count = 3});
    expect("/a/.snap", PATHFILTER_EXCLUDED);
    expect("/a/.snap/x", PATHFILTER_EXCLUDED);
    expect("/h/.scratch/x", PATHFILTER_EXCLUDED);
    expect("/b/old/x", PATHFILTER_EXCLUDED);
    expect("/b/older", PATHFILTER_COUNT);
    end();
}

/* What is above the root is no fault, unless it is not below `under` either. */
static void under_and_root(void **state)
{
    (void)state;
    begin(&(struct pathfilter_options){.under = "/a/b", .root = "/a"});
    expect("/", PATHFILTER_OUTSIDE);
    expect("/a", PATHFILTER_OUTSIDE);
    expect("/a/b", PATHFILTER_COUNT);
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_asked),
        cmocka_unit_test(below_a_directory),
        cmocka_unit_test(above_the_root),
        cmocka_unit_test(excludes),
        cmocka_unit_test(patterns_of_single_names),
        cmocka_unit_test(a_slash_at_the_end_is_dropped),
        cmocka_unit_test(under_and_root),
    };
    return cmocka_run_group_tests_name("pathfilter", tests, NULL, NULL);
}
