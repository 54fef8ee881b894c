/* listing: the best rows in order, the same for one thread and for several. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "directories.h"
#include "filter.h"
#include "listing.h"
#include "query_fixture.h"

/* In preorder: /d, /d/a, /d/a/x, /d/b, /d/c, /d/e; the last two are equal but for their paths. */
static const struct store_fixture_files files[] = {
    {"/d/a", 7, 1, 2, 50, 400, 946684800, 0},
    {"/d/a/x", 7, 1, 3, 30, 10, 946598400, 9},
    {"/d/b", 8, 2, 4, 1000, 20, 946512000, 7},
    {"/d/c", 7, 1, 0, 0, 0, 1, 0},
    {"/d/e", 7, 1, 0, 0, 0, 1, 0},
};

static void expect(const char *key, bool reverse, int64_t limit, const char *paths)
{
    static const size_t path[] = {1};
    struct err err = {0};
    for (unsigned threads = 1; threads <= 7; threads += 6) {
        struct federation federation;
        struct filter filter;
        struct answer *answer;
        filter_init(&filter);
        assert_int_equal(filter_set_sort(&filter, "--sort-by", key, &err), 0);
        filter.reverse = reverse;
        filter.limit = limit;
        query_fixture_federate(&federation, 1, threads);
        federation.blocks_a_thread = 1;
        if (directories_answer(&answer, &federation, &filter, &err) != 0)
            fail_msg("%s", err.text);
        query_fixture_expect(answer, path, 1, paths);
        federation_close(&federation);
    }
}

#define ALL(a, b, c, d, e, f) a "\n" b "\n" c "\n" d "\n" e "\n" f "\n"

/* Equals in the order of paths, also when reversed; what is not known comes last, likewise. */
static void each_key(void **state)
{
    (void)state;
    store_fixture_import("x.db", files, sizeof files / sizeof *files);
    expect("size_r", false, 0, ALL("/d", "/d/b", "/d/a", "/d/a/x", "/d/c", "/d/e"));
    expect("size", true, 0, ALL("/d/c", "/d/e", "/d/a/x", "/d/a", "/d/b", "/d"));
    expect("size_nr", false, 0, ALL("/d/b", "/d/a", "/d/a/x", "/d", "/d/c", "/d/e"));
    expect("alloc_r", false, 0, ALL("/d", "/d/a", "/d/b", "/d/a/x", "/d/c", "/d/e"));
    expect("alloc_nr", true, 0, ALL("/d", "/d/c", "/d/e", "/d/a/x", "/d/b", "/d/a"));
    expect("files_r", false, 0, ALL("/d", "/d/a", "/d/b", "/d/a/x", "/d/c", "/d/e"));
    expect("files_nr", false, 0, ALL("/d/b", "/d/a/x", "/d/a", "/d", "/d/c", "/d/e"));
    expect("dirs_r", false, 2, "/d\n/d/a\n");
    expect("dirs_nr", false, 2, "/d\n/d/a\n");
    expect("atime_r", false, 0, ALL("/d", "/d/a", "/d/a/x", "/d/b", "/d/c", "/d/e"));
    expect("atime", true, 0, ALL("/d/b", "/d/a/x", "/d", "/d/a", "/d/c", "/d/e"));
    expect("mtime_r", true, 0, ALL("/d/b", "/d/a/x", "/d", "/d/a", "/d/c", "/d/e"));
    expect("avg_size", false, 0, ALL("/d/b", "/d", "/d/a", "/d/a/x", "/d/c", "/d/e"));
    expect("avg_size", true, 0, ALL("/d/a/x", "/d/a", "/d", "/d/b", "/d/c", "/d/e"));
    expect("path", false, 0, ALL("/d", "/d/a", "/d/a/x", "/d/b", "/d/c", "/d/e"));
    expect("path", true, 0, ALL("/d/e", "/d/c", "/d/b", "/d/a/x", "/d/a", "/d"));
    expect("depth", false, 0, ALL("/d", "/d/a", "/d/b", "/d/c", "/d/e", "/d/a/x"));
    expect("depth", true, 1, "/d/a/x\n");
}

/* Many equals over several blocks: the limit takes the first by path, whatever thread has them. */
static void the_limit_over_blocks(void **state)
{
    (void)state;
    enum { MANY = 3 * FACTS_BLOCK };
    static struct store_fixture_files many[MANY];
    static char names[MANY][16];
    for (int i = 0; i < MANY; i++) {
        snprintf(names[i], sizeof names[i], "/d/%05d", i);
        many[i] = (struct store_fixture_files){names[i], 7, 1, 1, i == 9000 ? 9 : 5, 1, 1, 0};
    }
    store_fixture_import("x.db", many, MANY);
    expect("size_r", false, 4, "/d\n/d/09000\n/d/00000\n/d/00001\n");
    expect("size_r", true, 3, "/d/00000\n/d/00001\n/d/00002\n");
    expect("path", false, 2, "/d\n/d/00000\n");
    expect("path", true, 2, "/d/12287\n/d/12286\n");
    expect("atime", false, 2, "/d\n/d/00000\n");
}

int main(void)
{
#define IN_FOLDER(test)                                                                            \
    cmocka_unit_test_setup_teardown(test, unit_support_enter, unit_support_leave)
    const struct CMUnitTest tests[] = {
        IN_FOLDER(each_key),
        IN_FOLDER(the_limit_over_blocks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
