/* rlimits: the limit that is set is the one that is named. Each test sets a soft limit for itself,
 * high enough to go on with, and lifts it again. */
#include "rlimits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/resource.h>

#include <cmocka.h>

static struct rlimit set(int resource, rlim_t value)
{
    struct rlimit before;
    assert_int_equal(getrlimit((__rlimit_resource_t)resource, &before), 0);
    const struct rlimit limit = {value, before.rlim_max};
    assert_int_equal(setrlimit((__rlimit_resource_t)resource, &limit), 0);
    return before;
}

static void address_space(void **state)
{
    (void)state;
    struct rlimit space;
    assert_int_equal(getrlimit(RLIMIT_AS, &space), 0);
    if (space.rlim_cur == RLIM_INFINITY)
        assert_null(rlimits_of_memory());
    struct rlimit before =
        set(RLIMIT_AS, space.rlim_max == RLIM_INFINITY ? (rlim_t)1 << 46 : space.rlim_max);
    assert_non_null(strstr(rlimits_of_threads(), "ulimit -v"));
    assert_non_null(strstr(rlimits_of_memory(), "ulimit -v"));
    assert_int_equal(setrlimit(RLIMIT_AS, &before), 0);
}

static void data(void **state)
{
    (void)state;
    struct rlimit space;
    struct rlimit most;
    assert_int_equal(getrlimit(RLIMIT_AS, &space), 0);
    assert_int_equal(getrlimit(RLIMIT_DATA, &most), 0);
    if (space.rlim_cur != RLIM_INFINITY)
        skip();
    struct rlimit before =
        set(RLIMIT_DATA, most.rlim_max == RLIM_INFINITY ? (rlim_t)1 << 46 : most.rlim_max);
    assert_non_null(strstr(rlimits_of_memory(), "ulimit -d"));
    assert_int_equal(setrlimit(RLIMIT_DATA, &before), 0);
}

/* Of processes only one that is set is named. Only root can lift a hard limit for the test. */
static void processes(void **state)
{
    (void)state;
    struct rlimit space;
    struct rlimit most;
    assert_int_equal(getrlimit(RLIMIT_AS, &space), 0);
    assert_int_equal(getrlimit(RLIMIT_NPROC, &most), 0);
    if (space.rlim_cur != RLIM_INFINITY)
        skip();
    struct rlimit before =
        set(RLIMIT_NPROC, most.rlim_max == RLIM_INFINITY ? (rlim_t)1 << 20 : most.rlim_max);
    assert_non_null(strstr(rlimits_of_threads(), "ulimit -u"));
    const struct rlimit none = {RLIM_INFINITY, RLIM_INFINITY};
    if (setrlimit(RLIMIT_NPROC, &none) == 0) {
        assert_null(strstr(rlimits_of_threads(), "ulimit"));
        assert_non_null(strstr(rlimits_of_threads(), "no room for another thread"));
    }
    assert_int_equal(setrlimit(RLIMIT_NPROC, &before), 0);
}

static void size_of_files(void **state)
{
    (void)state;
    struct rlimit size;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &size), 0);
    if (size.rlim_cur == RLIM_INFINITY)
        assert_null(rlimits_of_files());
    struct rlimit before =
        set(RLIMIT_FSIZE, size.rlim_max == RLIM_INFINITY ? (rlim_t)1 << 40 : size.rlim_max);
    assert_non_null(strstr(rlimits_of_files(), "ulimit -f"));
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(address_space),
        cmocka_unit_test(data),
        cmocka_unit_test(processes),
        cmocka_unit_test(size_of_files),
    };
    return cmocka_run_group_tests_name("rlimits", tests, NULL, NULL);
}
