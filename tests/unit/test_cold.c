/* cold: what is cold below each directory, worked out by hand; hot spots by it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cold.h"
#include "filter.h"
#include "hotspots.h"
#include "query_fixture.h"

/* In preorder: /d, /d/a, /d/a/x, /d/b, /d/c. Bucket 6 is three years and more. */
static const struct store_fixture_files files[] = {
    {"/d", 7, 1, 1, 100, 10, 1, 0},    {"/d/a", 7, 1, 2, 50, 10, 1, 6},
    {"/d/a/x", 7, 1, 3, 30, 10, 1, 9}, {"/d/a/x", 8, 2, 1, 5, 10, 1, 5},
    {"/d/b", 8, 2, 4, 1000, 10, 1, 7}, {"/d/c", 7, 1, 0, 0, 0, 1, 0},
};

/* What has been found, a directory each. */
struct found {
    struct cold *cold;
    int64_t size[2 * FACTS_BLOCK + 1];
    int64_t files[2 * FACTS_BLOCK + 1];
};

static int note(void *context, const struct scan_block *block, struct err *err)
{
    struct found *found = context;
    return cold_below(found->size + block->first_id - 1, found->files + block->first_id - 1,
                      found->cold, block, err);
}

static void find(struct found *found, const struct filter *filter, struct federation *federation)
{
    struct err err = {0};
    if (federation_resolve(federation, filter, &err) != 0)
        fail_msg("%s", err.text);
    struct scan scan = federation_scan(federation, 0, filter);
    scan.by_files = true;
    memset(found, 0, sizeof *found);
    if (cold_new(&found->cold, &scan, &err) != 0 || scan_run(&scan, NULL, note, found, &err) != 0)
        fail_msg("%s", err.text);
}

static void expect(const struct filter *filter, size_t count, const int64_t *sizes,
                   const int64_t *counts)
{
    static struct found found;
    for (unsigned threads = 1; threads <= 7; threads += 6) {
        struct federation federation;
        query_fixture_federate(&federation, 1, threads);
        find(&found, filter, &federation);
        for (size_t i = 0; i < count; i++) {
            assert_int_equal(found.size[i], sizes[i]);
            assert_int_equal(found.files[i], counts[i]);
        }
        cold_free(found.cold);
        federation_close(&federation);
    }
}

static void all_and_of_an_owner(void **state)
{
    (void)state;
    struct filter filter;
    struct err err = {0};
    store_fixture_import("x.db", files, sizeof files / sizeof *files);
    filter_init(&filter);
    filter.cold_bucket = 6;
    expect(&filter, 5, (const int64_t[]){1080, 80, 30, 1000, 0}, (const int64_t[]){9, 5, 3, 4, 0});
    filter.cold_bucket = 5;
    expect(&filter, 5, (const int64_t[]){1085, 85, 35, 1000, 0}, (const int64_t[]){10, 6, 4, 4, 0});
    assert_int_equal(filter_add_owner(&filter, "-u", "8", &err), 0);
    expect(&filter, 5, (const int64_t[]){1005, 5, 5, 1000, 0}, (const int64_t[]){5, 1, 1, 4, 0});
    assert_int_equal(filter_add_group(&filter, "-g", "1", &err), 0);
    expect(&filter, 5, (const int64_t[]){0, 0, 0, 0, 0}, (const int64_t[]){0, 0, 0, 0, 0});
    filter_free(&filter);
}

/* A sum stays at 2^63-1, and takes nothing away from what lies beside it. */
static void sums_that_are_full(void **state)
{
    (void)state;
    static const struct store_fixture_files full[] = {
        {"/d/a", 7, 1, 1, INT64_MAX, 1, 1, 9}, {"/d/b/x", 7, 1, 1, INT64_MAX, 1, 1, 9},
        {"/d/b/y", 7, 1, 1, 5, 1, 1, 9},       {"/d/c", 7, 1, 1, INT64_MAX, 1, 1, 9},
        {"/d/e", 7, 1, 2, 6, 1, 1, 9},
    };
    struct filter filter;
    store_fixture_import("x.db", full, 5);
    filter_init(&filter);
    filter.cold_bucket = 9;
    /* /d, /d/a, /d/b, /d/b/x, /d/b/y, /d/c, /d/e */
    expect(&filter, 7,
           (const int64_t[]){INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX, 5, INT64_MAX, 6},
           (const int64_t[]){6, 1, 2, 1, 1, 1, 2});
}

/* More directories than two blocks, all in the first: /d/0001 ... below /d. */
static void subtrees_over_blocks(void **state)
{
    (void)state;
    enum { MANY = 2 * FACTS_BLOCK };
    static struct store_fixture_files many[MANY];
    static char names[MANY][16];
    static int64_t sizes[MANY + 1];
    static int64_t counts[MANY + 1];
    struct filter filter;
    for (int i = 0; i < MANY; i++) {
        snprintf(names[i], sizeof names[i], "/d/%05d", i);
        many[i] =
            (struct store_fixture_files){names[i], 7, 1, 1, (uint64_t)i, 1, 1, i % 2 == 0 ? 0 : 9};
        sizes[i + 1] = i % 2 == 0 ? 0 : i;
        counts[i + 1] = i % 2;
        sizes[0] += sizes[i + 1];
        counts[0] += counts[i + 1];
    }
    store_fixture_import("x.db", many, MANY);
    filter_init(&filter);
    filter.cold_bucket = 9;
    expect(&filter, MANY + 1, sizes, counts);
}

/* Of two parts of 80 and 1000 the larger has 92.6 %, and within /d/a that of 30 has 37.5 %. */
static void hot_spots_by_share(void **state)
{
    (void)state;
    static const struct {
        int share;
        bool passes_on[5];
    } cases[] = {{1, {1, 1, 0, 0, 0}},  {37, {1, 1, 0, 0, 0}}, {38, {1, 0, 0, 0, 0}},
                 {92, {1, 0, 0, 0, 0}}, {93, {0, 0, 0, 0, 0}}, {100, {0, 0, 0, 0, 0}}};
    store_fixture_import("x.db", files, sizeof files / sizeof *files);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        static struct found found;
        struct federation federation;
        struct hotspots *hotspots;
        struct filter filter;
        struct err err = {0};
        filter_init(&filter);
        filter.cold_bucket = 6;
        filter.hot_spots = cases[i].share;
        query_fixture_federate(&federation, 1, 1);
        find(&found, &filter, &federation);
        struct scan scan = federation_scan(&federation, 0, &filter);
        if (hotspots_new(&hotspots, &scan, found.cold, &err) != 0)
            fail_msg("%s", err.text);
        for (int64_t id = 1; id <= 5; id++)
            assert_int_equal(hotspots_passes_on(hotspots, id), cases[i].passes_on[id - 1]);
        hotspots_free(hotspots);
        cold_free(found.cold);
        federation_close(&federation);
    }
}

int main(void)
{
#define IN_FOLDER(test)                                                                            \
    cmocka_unit_test_setup_teardown(test, unit_support_enter, unit_support_leave)
    const struct CMUnitTest tests[] = {
        IN_FOLDER(all_and_of_an_owner),
        IN_FOLDER(sums_that_are_full),
        IN_FOLDER(subtrees_over_blocks),
        IN_FOLDER(hot_spots_by_share),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
