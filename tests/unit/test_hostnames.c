/* hostnames: users and groups of this host, by name and by number; and a buffer that is too small
 * for the entry, which is what a group of many members meets. */
#include "hostnames.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const uint32_t NOBODYS = 4123456789; /* a number that no host gives */

static void by_name_and_by_number(void **state)
{
    (void)state;
    struct hostnames hostnames = {.buffer = NULL};
    const struct passwd *user = hostnames_user(&hostnames, "root");
    assert_non_null(user);
    assert_int_equal(user->pw_uid, 0);
    user = hostnames_user_of(&hostnames, 0);
    assert_non_null(user);
    assert_string_equal(user->pw_name, "root");
    const struct group *group = hostnames_group(&hostnames, "root");
    assert_non_null(group);
    assert_int_equal(group->gr_gid, 0);
    group = hostnames_group_of(&hostnames, 0);
    assert_non_null(group);
    assert_string_equal(group->gr_name, "root");
    hostnames_dispose(&hostnames);
}

static void unknown_ones(void **state)
{
    (void)state;
    struct hostnames hostnames = {.buffer = NULL};
    assert_null(hostnames_user(&hostnames, "no-such-user"));
    assert_null(hostnames_user_of(&hostnames, NOBODYS));
    assert_null(hostnames_group(&hostnames, "no-such-group"));
    assert_null(hostnames_group_of(&hostnames, NOBODYS));
    hostnames_dispose(&hostnames);
    hostnames_dispose(&hostnames);
}

/* From one byte on the buffer doubles until root's entry fits. */
static void buffer_grows(void **state)
{
    (void)state;
    for (int question = 0; question < 4; question++) {
        struct hostnames hostnames = {.buffer = malloc(1), .size = 1};
        const char *name = NULL;
        switch (question) {
        case 0:
            name = hostnames_user(&hostnames, "root")->pw_name;
            break;
        case 1:
            name = hostnames_user_of(&hostnames, 0)->pw_name;
            break;
        case 2:
            name = hostnames_group(&hostnames, "root")->gr_name;
            break;
        default:
            name = hostnames_group_of(&hostnames, 0)->gr_name;
        }
        assert_string_equal(name, "root");
        assert_in_range(hostnames.size, sizeof "root", 1 << 20);
        hostnames_dispose(&hostnames);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_name_and_by_number),
        cmocka_unit_test(unknown_ones),
        cmocka_unit_test(buffer_grows),
    };
    return cmocka_run_group_tests_name("hostnames", tests, NULL, NULL);
}
