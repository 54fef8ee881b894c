/* ownermap: records by id, their order, histograms from many threads. */
#include "ownermap.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <uv.h>

#include <cmocka.h>

static void a_new_owner_has_nothing(void **state)
{
    (void)state;
    struct ownermap *map = ownermap_new();
    assert_null(ownermap_next(map, NULL));
    const struct ownermap_owner *owner = ownermap_get(map, 5);
    assert_int_equal(owner->id, 5);
    assert_int_equal(owner->stat.files, 0);
    assert_int_equal(owner->stat.max_atime, ENTRY_NO_TIME);
    assert_int_equal(owner->directories, 0);
    assert_ptr_equal(ownermap_get(map, 5), owner);
    ownermap_free(map);
    ownermap_free(NULL);
}

static void the_walk_is_by_ascending_id(void **state)
{
    (void)state;
    static const int64_t ids[] = {7, INT64_C(4294967294), 0, -1, 65534, 3, INT64_C(2147483648)};
    static const int64_t sorted[] = {-1, 0, 3, 7, 65534, INT64_C(2147483648), INT64_C(4294967294)};
    struct ownermap *map = ownermap_new();
    for (int i = 0; i < 7; i++)
        ownermap_get(map, ids[i])->directories = (uint64_t)i;
    for (int walk = 0; walk < 2; walk++) {
        const struct ownermap_owner *owner = NULL;
        for (int i = 0; i < 7; i++) {
            owner = ownermap_next(map, owner);
            assert_int_equal(owner->id, sorted[i]);
        }
        assert_null(ownermap_next(map, owner));
    }
    ownermap_get(map, 5); /* a later one finds its place in the next walk */
    const struct ownermap_owner *owner = NULL;
    for (int i = 0; i < 4; i++)
        owner = ownermap_next(map, owner);
    assert_int_equal(owner->id, 5);
    ownermap_free(map);
}

enum { THREADS = 4, ROUNDS = 2000, OWNERS = 50 };

static void merge(void *context)
{
    struct ownermap *map = context;
    for (int i = 0; i < ROUNDS; i++) {
        struct histogram histogram = {0};
        histogram_add(&histogram, 3, 4, 10);
        ownermap_merge_histogram(map, i % OWNERS, &histogram);
    }
}

static void threads_merge_histograms_at_once(void **state)
{
    (void)state;
    struct ownermap *map = ownermap_new();
    uv_thread_t threads[THREADS];
    for (int t = 0; t < THREADS; t++)
        assert_int_equal(uv_thread_create(&threads[t], merge, map), 0);
    for (int t = 0; t < THREADS; t++)
        uv_thread_join(&threads[t]);
    int count = 0;
    const struct ownermap_owner *owner = NULL;
    while ((owner = ownermap_next(map, owner)) != NULL) {
        assert_int_equal(owner->id, count++);
        assert_int_equal(owner->histogram.bucket[HISTOGRAM_ACCESS][3].files,
                         THREADS * ROUNDS / OWNERS);
        assert_int_equal(owner->histogram.bucket[HISTOGRAM_SIZE][4].size,
                         THREADS * ROUNDS / OWNERS * 10);
        assert_int_equal(owner->stat.files, 0);
    }
    assert_int_equal(count, OWNERS);
    ownermap_free(map);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_owner_has_nothing),
        cmocka_unit_test(the_walk_is_by_ascending_id),
        cmocka_unit_test(threads_merge_histograms_at_once),
    };
    return cmocka_run_group_tests_name("ownermap", tests, NULL, NULL);
}
