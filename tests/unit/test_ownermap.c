/* ownermap: records by id, their order, histograms from many threads. */
#include "ownermap.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

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

static void the_same_owner_is_the_same_record(void **state)
{
    (void)state;
    struct ownermap *map = ownermap_new();
    struct ownermap_owner *seven = ownermap_get(map, 7);
    seven->directories = 1;
    ownermap_get(map, 8)->directories = 2;
    assert_ptr_equal(ownermap_get(map, 7), seven);
    assert_int_equal(ownermap_get(map, 7)->directories, 1);
    assert_int_equal(ownermap_get(map, 8)->directories, 2);
    ownermap_free(map);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_owner_has_nothing),
        cmocka_unit_test(the_walk_is_by_ascending_id),
        cmocka_unit_test(the_same_owner_is_the_same_record),
    };
    return cmocka_run_group_tests_name("ownermap", tests, NULL, NULL);
}
