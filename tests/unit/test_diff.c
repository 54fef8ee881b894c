/* diff: two trees side by side, in the order of trees and not of bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "diff.h"
#include "err.h"
#include "filter.h"
#include "query_fixture.h"
#include "reader.h"

struct dir {
    const char *path;
    uint64_t size; /* of one file directly in it; 0: no file */
};

/* A database of these directories; NULL ends them. */
static void make(const char *path, const struct dir *dirs)
{
    struct store_fixture_files files[16];
    size_t count = 0;
    for (; dirs->path != NULL; dirs++)
        files[count++] = (struct store_fixture_files){.directory = dirs->path,
                                                      .uid = 5,
                                                      .gid = 5,
                                                      .files = dirs->size != 0,
                                                      .size = dirs->size,
                                                      .alloc = dirs->size};
    store_fixture_import(path, files, count);
}

#define MAKE(path, ...) make(path, (const struct dir[]){__VA_ARGS__{NULL, 0}})

/* The rows as "PATH STATUS CHANGE", a bar between. */
static void expect(const struct filter *filter, bool all, const char *expected)
{
    struct err err = {0};
    struct answer *answer;
    char lines[1024] = "";
    struct federation federation = {.all_needed = true, .threads = 1, .tell = query_fixture_tell};
    char newer[] = "new.db", older[] = "old.db", name[] = "fs";
    char *paths[] = {[DIFF_NEWER] = newer, [DIFF_OLDER] = older};
    char *names[] = {name, name};
    assert_int_equal(federation_open(&federation, paths, names, 2, &err), 0);
    if (diff_answer(&answer, &federation, filter, all, &err) != 0)
        fail_msg("%s", err.text);
    for (const char *c = expected; *c != '\0'; c++) { /* rows end, as query_fixture_expect has it */
        size_t len = strlen(lines);
        lines[len] = *c == '|' ? '\n' : *c == ' ' ? '|' : *c;
    }
    if (*expected != '\0')
        strcat(lines, "\n");
    query_fixture_expect(answer, (const size_t[]){0, 1, 4}, 3, lines);
    federation_close(&federation);
}

/* `/` comes before every byte: /a/x before /a!, as the trees have it. Merged in the order of bytes,
 * the two would miss each other. */
static void trees_are_matched_in_preorder(void **state)
{
    (void)state;
    struct filter filter;
    filter_init(&filter);
    MAKE("old.db", {"/", 0}, {"/a/x", 4}, {"/a!", 5}, {"/b", 0}, );
    MAKE("new.db", {"/", 0}, {"/a/x", 4}, {"/a\x01", 1}, {"/a!", 5}, {"/b", 0}, );
    expect(&filter, false, "/a\x01 appeared 1");
    expect(&filter, true, "/ grown 1|/a\x01 appeared 1");
    filter_free(&filter);
}

/* A BLOB comes where its bytes belong, not after all texts. */
static void paths_that_are_not_utf8_are_matched(void **state)
{
    (void)state;
    struct filter filter;
    filter_init(&filter);
    MAKE("old.db", {"/a/\x80/x", 4}, {"/a/\xc3\xa9", 5}, );
    MAKE("new.db", {"/a/\x80/x", 4}, {"/a/\x81", 1}, {"/a/\xc3\xa9", 5}, );
    expect(&filter, false, "/a/\x81 appeared 1");
    filter_free(&filter);
}

static void the_deepest_explains(void **state)
{
    (void)state;
    struct filter filter;
    filter_init(&filter);
    MAKE("old.db", {"/a/b/c", 10}, {"/a/d", 0}, );
    MAKE("new.db", {"/a/b", 5}, {"/a/b/c", 25}, {"/a/d", 0}, );
    expect(&filter, false, "/a/b grown 20|/a/b/c grown 15"); /* 5 more directly in /a/b */
    filter.max_depth = 1;
    expect(&filter, false, "/a grown 20");
    filter.max_depth = FILTER_ANY;
    filter.min_depth = 3;
    expect(&filter, false, "/a/b/c grown 15");
    filter_free(&filter);
}

/* The heap keeps the largest, whatever order they come in; equals keep the order of the tree. */
static void the_limit_keeps_the_largest(void **state)
{
    (void)state;
    struct filter filter;
    filter_init(&filter);
    MAKE("old.db", {"/a", 5}, {"/b", 5}, {"/c", 5}, {"/d", 5}, {"/e", 5}, {"/f", 5}, );
    MAKE("new.db", {"/a", 6}, {"/b", 0}, {"/c", 5}, {"/d", 9}, {"/e", 10}, {"/g", 4}, );
    static const char *const rows[] = {"/b shrunk -5",  "/f vanished -5", "/e grown 5",
                                       "/g appeared 4", "/d grown 4",     "/a grown 1"};
    char expected[256] = "";
    for (size_t limit = 1; limit <= 6; limit++) {
        strcat(strcat(expected, limit == 1 ? "" : "|"), rows[limit - 1]);
        filter.limit = (int64_t)limit;
        expect(&filter, false, expected);
    }
    filter.limit = 0;
    expect(&filter, false, expected);
    filter_free(&filter);
}

static void nothing_on_one_side_is_a_change_too(void **state)
{
    (void)state;
    struct filter filter;
    filter_init(&filter);
    MAKE("old.db", {"/a", 5}, );
    store_fixture_import("new.db", NULL, 0);
    expect(&filter, false, "/a vanished -5");
    store_fixture_import("old.db", NULL, 0);
    expect(&filter, false, "");
    filter_free(&filter);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trees_are_matched_in_preorder),
        cmocka_unit_test(paths_that_are_not_utf8_are_matched),
        cmocka_unit_test(the_deepest_explains),
        cmocka_unit_test(the_limit_keeps_the_largest),
        cmocka_unit_test(nothing_on_one_side_is_a_change_too),
    };
    return cmocka_run_group_tests(tests, unit_support_enter, unit_support_leave);
}
