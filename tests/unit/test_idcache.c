/* idcache: names that this host has, numbers, and names that it has not. */
#include "idcache.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "entry.h"

static void users_and_groups(void **state)
{
    (void)state;
    struct idcache cache = {NULL, NULL};
    uint32_t id = 7;
    for (int again = 0; again < 2; again++) {
        assert_true(idcache_user(&cache, slice_from("root"), &id));
        assert_int_equal(id, 0);
        assert_true(idcache_group(&cache, slice_from("root"), &id));
        assert_int_equal(id, 0);
        assert_true(idcache_user(&cache, slice_from("4294967294"), &id));
        assert_int_equal(id, ENTRY_ID_MAX);
        assert_false(idcache_user(&cache, slice_from("4294967295"), &id));
        assert_false(idcache_user(&cache, slice_from("no-such-user"), &id));
        assert_false(idcache_group(&cache, slice_from("1x"), &id));
        assert_false(idcache_user(&cache, slice_from(""), &id));
    }
    char name[300];
    memset(name, 'a', sizeof name);
    assert_false(idcache_user(&cache, (struct slice){name, sizeof name}, &id));
    idcache_dispose(&cache);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(users_and_groups)};
    return cmocka_run_group_tests_name("idcache", tests, NULL, NULL);
}
