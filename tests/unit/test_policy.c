/* policy: each text names every field that its format reads, in the shape in which it reads it. */
#include "policy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void expect(const char *name, const char *const *parts)
{
    const char *at = policy_text(slice_from(name));
    assert_non_null(at);
    for (; *parts != NULL; parts++) {
        const char *found = strstr(at, *parts);
        if (found == NULL)
            fail_msg("%s: no '%s' in its place", name, *parts);
        at = found + strlen(*parts);
    }
}

static void every_field_in_order(void **state)
{
    (void)state;
    expect("gpfs",
           (const char *[]){"mmapplypolicy", "EXTERNAL LIST 'all'", "DIRECTORIES_PLUS",
                            "'s=' || VARCHAR(FILE_SIZE)", "' a=' || VARCHAR(KB_ALLOCATED)",
                            "' u=' || VARCHAR(USER_ID)", "' g=' || VARCHAR(GROUP_ID)",
                            "' p=' || VARCHAR(MODE)", "' ac=' || VARCHAR(ACCESS_TIME)",
                            "' mt=' || VARCHAR(MODIFICATION_TIME)",
                            "' cr=' || VARCHAR(CREATION_TIME)", "' nl=' || VARCHAR(NLINK)", NULL});
    expect("lustre", (const char *[]){"lfs find DIR -printf '%LF s=%s b=%b u=%U g=%G type=%y "
                                      "perm=%m a=%A@ m=%T@ c=%C@ -- %p\\n'",
                                      NULL});
    expect("find", (const char *[]){"\nfind DIR -printf '%i s=%s b=%b u=%U g=%G type=%y perm=%m "
                                    "a=%A@ m=%T@ c=%C@ -- %p\\n'",
                                    NULL});
}

static void no_other_name(void **state)
{
    (void)state;
    assert_null(policy_text(slice_from("")));
    assert_null(policy_text(slice_from("GPFS")));
    assert_null(policy_text(slice_from("zfs")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_field_in_order),
        cmocka_unit_test(no_other_name),
    };
    return cmocka_run_group_tests_name("policy", tests, NULL, NULL);
}
