/* datadir: which setting wins, and what a user's word for a database means. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "datadir.h"
#include "err.h"
#include "unit_support.h"

static void set(const char *name, const char *value)
{
    assert_int_equal(value == NULL ? unsetenv(name) : setenv(name, value, 1), 0);
}

static void expect_path(const char *given, const char *own, const char *xdg, const char *home,
                        const char *expected)
{
    char path[DATADIR_PATH];
    struct err err = {0};
    set("FSTALLY_DATA_DIR", own);
    set("XDG_DATA_HOME", xdg);
    set("HOME", home);
    int status = datadir_path(path, given, &err);
    assert_int_equal(status, expected == NULL ? -1 : 0);
    if (expected != NULL)
        assert_string_equal(path, expected);
}

static void the_first_setting_wins(void **state)
{
    (void)state;
    expect_path("/given", "/own", "/xdg", "/home/a", "/given");
    expect_path(NULL, "/own", "/xdg", "/home/a", "/own");
    expect_path("", "", "/xdg", "/home/a", "/xdg/fstally");
    expect_path(NULL, NULL, NULL, "/home/a", "/home/a/.local/share/fstally");
    expect_path(NULL, NULL, "relative", "/home/a", "/home/a/.local/share/fstally");
    expect_path(NULL, NULL, "", "/home/a", "/home/a/.local/share/fstally");
    expect_path(NULL, NULL, NULL, NULL, NULL);
}

static void some_names_are_no_file_systems(void **state)
{
    (void)state;
    char path[DATADIR_PATH];
    struct err good = {0};
    assert_int_equal(datadir_database(path, "/d", "asp", &good), 0);
    assert_string_equal(path, "/d/asp.db");
    const char *const wrong[] = {"", ".hidden", "a/b", "all"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct err err = {0};
        assert_int_equal(datadir_database(path, "/d", wrong[i], &err), -1);
        assert_int_equal(err.status, ERR_USAGE);
    }
}

static void expect_choice(char *what, const char *const *paths, const char *const *names,
                          size_t count)
{
    struct datadir_choice choice;
    struct err err = {0};
    assert_int_equal(datadir_choose(&choice, NULL, &what, what != NULL, &err), 0);
    assert_int_equal(choice.count, count);
    for (size_t i = 0; i < count; i++) {
        assert_string_equal(choice.paths[i], paths[i]);
        assert_string_equal(choice.names[i], names[i]);
    }
    datadir_forget(&choice);
}

static void a_word_names_databases(void **state)
{
    (void)state;
    set("FSTALLY_DATA_DIR", "data");
    assert_int_equal(mkdir("data", 0700), 0);
    unit_support_write_text("data/a.db", "x");
    unit_support_write_text("data/a-b.db", "x");
    unit_support_write_text("data/.a.db", "x");
    unit_support_write_text("data/a.db.old", "x");
    unit_support_write_text("data/.db", "x");
    const char *const all[] = {"data/a.db", "data/a-b.db"};
    const char *const all_names[] = {"a", "a-b"};
    expect_choice(NULL, all, all_names, 2);
    expect_choice("all", all, all_names, 2);
    expect_choice("a", all, all_names, 1);
    expect_choice("none", (const char *const[]){"data/none.db"}, (const char *const[]){"none"}, 1);
    expect_choice("x.db", (const char *const[]){"x.db"}, (const char *const[]){"x"}, 1);
    expect_choice("d/x", (const char *const[]){"d/x"}, (const char *const[]){"x"}, 1);
}

/* The file counts, not a link to it; of two files that are one, the first. */
static void a_link_is_no_second_database(void **state)
{
    (void)state;
    assert_int_equal(mkdir("data", 0700), 0);
    unit_support_write_text("data/b.db", "x");
    unit_support_write_text("data/c.db", "y");
    assert_int_equal(symlink("b.db", "data/a.db"), 0);
    assert_int_equal(symlink("b.db", "data/latest.db"), 0);
    assert_int_equal(symlink("../elsewhere.db", "data/e.db"), 0);
    assert_int_equal(link("data/c.db", "data/d.db"), 0);
    const char *const all[] = {"data/b.db", "data/c.db", "data/e.db"};
    const char *const all_names[] = {"b", "c", "e"};
    expect_choice(NULL, all, all_names, 3);
}

static void several_may_be_named(void **state)
{
    (void)state;
    struct datadir_choice choice;
    struct err err = {0};
    char all[] = "all", other[] = "d/b.db", again[] = "given/../given/a.db";
    assert_int_equal(mkdir("given", 0700), 0);
    unit_support_write_text("given/a.db", "x");
    assert_int_equal(datadir_choose(&choice, "given", (char *const[]){other, all}, 2, &err), 0);
    assert_int_equal(choice.count, 2);
    assert_string_equal(choice.paths[0], "d/b.db");
    assert_string_equal(choice.paths[1], "given/a.db");
    assert_string_equal(choice.names[1], "a");
    datadir_forget(&choice);
    assert_int_equal(datadir_choose(&choice, "given", (char *const[]){all, again}, 2, &err), -1);
    assert_int_equal(err.status, ERR_USAGE);
    assert_string_equal(err.text, "given/../given/a.db: is named twice");
}

static void no_database_at_all_is_told(void **state)
{
    (void)state;
    struct datadir_choice choice;
    struct err missing = {0}, empty = {0};
    set("FSTALLY_DATA_DIR", "data");
    assert_int_equal(datadir_choose(&choice, "data", NULL, 0, &missing), -1);
    assert_string_equal(missing.text, "data: no databases; make one with fstally-import");
    assert_int_equal(mkdir("data", 0700), 0);
    assert_int_equal(datadir_choose(&choice, NULL, NULL, 0, &empty), -1);
    assert_string_equal(empty.text, missing.text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_setting_wins),
        cmocka_unit_test(some_names_are_no_file_systems),
        cmocka_unit_test_setup_teardown(a_word_names_databases, unit_support_enter,
                                        unit_support_leave),
        cmocka_unit_test_setup_teardown(a_link_is_no_second_database, unit_support_enter,
                                        unit_support_leave),
        cmocka_unit_test_setup_teardown(several_may_be_named, unit_support_enter,
                                        unit_support_leave),
        cmocka_unit_test_setup_teardown(no_database_at_all_is_told, unit_support_enter,
                                        unit_support_leave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
