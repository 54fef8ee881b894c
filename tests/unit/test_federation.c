/* federation: what is said of databases that cannot be read, and of names that nobody knows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "federation.h"
#include "filter.h"
#include "query_fixture.h"

static const struct store_fixture_files in_x[] = {{"/d/alpha/a", 7, 1, 1, 1, 1, 1, 0},
                                                  {"/d/alps", 8, 2, 1, 1, 1, 1, 0}};
static const struct store_fixture_files in_y[] = {{"/e/beta", 9, 3, 1, 1, 1, 1, 0}};

static int make_databases(void **state)
{
    if (unit_support_enter(state) != 0)
        return -1;
    store_fixture_import("x.db", in_x, 2);
    store_fixture_import("y.db", in_y, 1);
    return 0;
}

/* Resolves a filter over both databases. NULL: it must work; else what the failure begins with. */
static void expect(struct filter *filter, const char *failure, const char *told)
{
    struct federation federation;
    struct err err = {0};
    query_fixture_federate(&federation, 2, 1);
    query_fixture_told[0] = '\0'; /* both are of one file system, which has been reported */
    int status = federation_resolve(&federation, filter, &err);
    if (failure == NULL && status != 0)
        fail_msg("%s", err.text);
    if (failure != NULL) {
        assert_int_equal(status, -1);
        assert_memory_equal(err.text, failure, strlen(failure));
    }
    assert_string_equal(query_fixture_told, told);
    federation_close(&federation);
    filter_free(filter);
}

static void prefix(struct filter *filter, const char *path)
{
    struct err err = {0};
    filter_init(filter);
    assert_int_equal(filter_add_prefix(filter, "-P", path, &err), 0);
}

static void paths(void **state)
{
    (void)state;
    struct filter filter;
    struct err err = {0};
    prefix(&filter, "/e/beta"); /* one of them knows it */
    expect(&filter, NULL, "");
    prefix(&filter, "/d/al");
    expect(&filter, NULL, "--path-prefix: no directory /d/al; taking those whose paths begin so\n");
    prefix(&filter, "/d/alpha/b/c");
    expect(&filter,
           "all databases: no directory /d/alpha/b/c; it is in none of them, the nearest above it "
           "is /d/alpha",
           "");
    prefix(&filter, "/d/alps");
    assert_int_equal(filter_add_prefix(&filter, "-P", "/nowhere", &err), 0);
    expect(&filter, "all databases: no directory /nowhere; it is in none of them", "");
}

static void excluded_paths(void **state)
{
    (void)state;
    struct filter filter;
    struct err err = {0};
    filter_init(&filter);
    assert_int_equal(filter_add_exclude(&filter, "-E", "/e/beta", &err), 0);
    assert_int_equal(filter_add_exclude(&filter, "-E", "/e/gamma", &err), 0);
    struct filter standing = filter;
    standing.standing_count = 2; /* both come from the configuration file */
    struct federation federation;
    query_fixture_federate(&federation, 2, 1);
    query_fixture_told[0] = '\0';
    assert_int_equal(federation_resolve(&federation, &standing, &err), 0);
    assert_string_equal(query_fixture_told, "");
    assert_int_equal(federation_resolve(&federation, &filter, &err), 0);
    assert_non_null(strstr(query_fixture_told, "/e/gamma"));
    assert_null(strstr(query_fixture_told, "/e/beta"));
    federation_close(&federation);
    filter_free(&filter);
}

static void owners(void **state)
{
    (void)state;
    struct filter filter;
    struct err err = {0};
    filter_init(&filter);
    assert_int_equal(filter_add_owner(&filter, "-u", "seven", &err), 0);
    assert_int_equal(filter_add_owner(&filter, "-u", "4000000000", &err),
                     0); /* a number is known */
    expect(&filter, NULL, "");
    filter_init(&filter);
    assert_int_equal(filter_add_owner(&filter, "-u", "no-such-user", &err), 0);
    expect(&filter, "all databases: no user no-such-user", "");
    filter_init(&filter);
    assert_int_equal(filter_add_group(&filter, "-g", "no-such-group", &err), 0);
    expect(&filter, "all databases: no group no-such-group", "");
}

static int open_three(struct federation *federation, bool all_needed, struct err *err)
{
    static char a[] = "x.db", b[] = "text", c[] = "y.db", name[] = "n";
    static char *files[] = {a, b, c};
    static char *names[] = {name, name, name};
    *federation =
        (struct federation){.threads = 1, .tell = query_fixture_tell, .all_needed = all_needed};
    query_fixture_told[0] = '\0';
    unit_support_write_text("text", "no database");
    return federation_open(federation, files, names, 3, err);
}

static void one_that_cannot_be_read(void **state)
{
    (void)state;
    struct federation federation;
    struct filter filter;
    struct err err = {0};
    assert_int_equal(open_three(&federation, false, &err), 0);
    assert_non_null(strstr(query_fixture_told, "text: "));
    assert_int_equal(federation.left_out, 1);
    filter_init(&filter);
    assert_int_equal(federation_resolve(&federation, &filter, &err), 0);
    assert_true(federation_concerns(&federation, 0));
    assert_false(federation_concerns(&federation, 1));
    assert_true(federation_concerns(&federation, 2));
    /* The others, one by one; the last is a failure. */
    err = (struct err){.status = ERR_FAILED, .text = "gone"};
    assert_int_equal(federation_leave_out(&federation, 0, &err), 0);
    assert_int_equal(err.status, ERR_NONE);
    assert_non_null(strstr(query_fixture_told, "gone"));
    err = (struct err){.status = ERR_FAILED, .text = "gone too"};
    assert_int_equal(federation_leave_out(&federation, 2, &err), -1);
    federation_close(&federation);

    err = (struct err){0};
    assert_int_equal(open_three(&federation, true, &err), -1);
    assert_memory_equal(err.text, "text: ", 6);
    federation_close(&federation);
}

static void two_of_one_file_system(void **state)
{
    (void)state;
    struct federation federation;
    query_fixture_federate(&federation, 2, 1);
    assert_non_null(strstr(query_fixture_told, "y.db"));
    assert_non_null(strstr(query_fixture_told, "x.db"));
    federation_close(&federation);
}

int main(void)
{
#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_databases, unit_support_leave)
    const struct CMUnitTest tests[] = {
        IN_FOLDER(paths),
        IN_FOLDER(excluded_paths),
        IN_FOLDER(owners),
        IN_FOLDER(one_that_cannot_be_read),
        IN_FOLDER(two_of_one_file_system),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
