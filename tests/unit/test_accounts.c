/* accounts: names for ids that the host knows (root is known everywhere), none for others. */
#include "accounts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const int64_t UNKNOWN = 4123456789; /* an id that no host gives */

static void known_and_unknown_ids(void **state)
{
    (void)state;
    struct ownermap *users = ownermap_new();
    struct ownermap *groups = ownermap_new();
    ownermap_get(users, UNKNOWN);
    ownermap_get(users, 0);
    ownermap_get(groups, 0);
    ownermap_get(groups, -1);
    ownermap_get(groups, UNKNOWN);
    struct accounts *accounts = accounts_begin(users, groups, 600);
    accounts_wait(accounts);
    size_t count;
    const struct writer_account *found = accounts_users(accounts, &count);
    assert_int_equal(count, 1);
    assert_int_equal(found[0].id, 0);
    assert_string_equal(found[0].name, "root");
    found = accounts_groups(accounts, &count);
    assert_int_equal(count, 1);
    assert_int_equal(found[0].id, 0);
    assert_string_equal(found[0].name, "root");
    assert_null(found[0].full_name);
    accounts_free(accounts);
    ownermap_free(users);
    ownermap_free(groups);
    accounts_free(NULL);
}

/* The host is not asked for that number. */
static void unknown_owner_has_a_name(void **state)
{
    (void)state;
    struct ownermap *users = ownermap_new();
    struct ownermap *groups = ownermap_new();
    ownermap_get(users, UINT32_MAX);
    struct accounts *accounts = accounts_begin(users, groups, 600);
    accounts_wait(accounts);
    size_t count;
    const struct writer_account *found = accounts_users(accounts, &count);
    assert_int_equal(count, 1);
    assert_int_equal(found[0].id, UINT32_MAX);
    assert_string_equal(found[0].name, "unknown");
    assert_null(found[0].full_name);
    accounts_free(accounts);
    ownermap_free(users);
    ownermap_free(groups);
}

static void nobody_to_look_up(void **state)
{
    (void)state;
    struct ownermap *none = ownermap_new();
    struct accounts *accounts = accounts_begin(none, none, 600);
    accounts_wait(accounts);
    size_t count = 7;
    accounts_users(accounts, &count);
    assert_int_equal(count, 0);
    count = 7;
    accounts_groups(accounts, &count);
    assert_int_equal(count, 0);
    accounts_free(accounts);
    ownermap_free(none);
}

/* Whoever comes too late has no name; the unknown owner needs no asking. */
static void no_time_is_left(void **state)
{
    (void)state;
    struct ownermap *users = ownermap_new();
    struct ownermap *groups = ownermap_new();
    ownermap_get(users, 0);
    ownermap_get(users, 1);
    ownermap_get(users, UINT32_MAX);
    ownermap_get(groups, -1);
    ownermap_get(groups, 0);
    struct accounts *accounts = accounts_begin(users, groups, 0);
    accounts_wait(accounts);
    size_t count;
    assert_int_equal(accounts_skipped(accounts), 3);
    const struct writer_account *found = accounts_users(accounts, &count);
    assert_int_equal(count, 1);
    assert_int_equal(found[0].id, UINT32_MAX);
    accounts_groups(accounts, &count);
    assert_int_equal(count, 0);
    accounts_free(accounts);
    ownermap_free(users);
    ownermap_free(groups);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_and_unknown_ids),
        cmocka_unit_test(unknown_owner_has_a_name),
        cmocka_unit_test(nobody_to_look_up),
        cmocka_unit_test(no_time_is_left),
    };
    return cmocka_run_group_tests_name("accounts", tests, NULL, NULL);
}
