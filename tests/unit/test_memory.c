/* memory: what the batch system and the shell grant bounds it, and nothing else changes it. */
#include "memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/resource.h>

#include <cmocka.h>

static uint64_t with(const char *per_node, const char *per_processor, const char *processors)
{
    static const char *const names[] = {"SLURM_MEM_PER_NODE", "SLURM_MEM_PER_CPU",
                                        "SLURM_CPUS_PER_TASK"};
    const char *const values[] = {per_node, per_processor, processors};
    for (size_t i = 0; i < 3; i++)
        if (values[i] == NULL)
            assert_int_equal(unsetenv(names[i]), 0);
        else
            assert_int_equal(setenv(names[i], values[i], 1), 0);
    return memory_available();
}

static void slurm_bounds_it(void **state)
{
    (void)state;
    uint64_t machine = with(NULL, NULL, NULL);
    assert_true(machine > 100 << 20);
    assert_int_equal(with("100", NULL, NULL), 100 << 20);
    assert_int_equal(with(NULL, "10", NULL), 10 << 20);
    assert_int_equal(with(NULL, "10", "3"), 30 << 20);
    assert_int_equal(with("50", "10", "3"), 50 << 20);
    assert_true(with("2000000000", NULL, NULL) == machine);
}

static void what_slurm_does_not_mean_is_ignored(void **state)
{
    (void)state;
    uint64_t machine = with(NULL, NULL, NULL);
    static const char *const odd[] = {"", "0", "-1", "much", "x2", "99999999999999999999"};
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
        assert_true(with(odd[i], NULL, NULL) == machine);
        assert_true(with(NULL, odd[i], NULL) == machine);
        assert_true(with(NULL, "10", odd[i]) == 10 << 20);
    }
}

static void address_space_bounds_it(void **state)
{
    (void)state;
    with(NULL, NULL, NULL);
    struct rlimit before;
    assert_int_equal(getrlimit(RLIMIT_AS, &before), 0);
    const struct rlimit less = {UINT64_C(90) << 20, before.rlim_max};
    if (setrlimit(RLIMIT_AS, &less) != 0)
        skip(); /* a sanitizer's address space */
    uint64_t found = memory_available();
    assert_int_equal(setrlimit(RLIMIT_AS, &before), 0);
    assert_int_equal(found, 30 << 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slurm_bounds_it),
        cmocka_unit_test(what_slurm_does_not_mean_is_ignored),
        cmocka_unit_test(address_space_bounds_it),
    };
    return cmocka_run_group_tests_name("memory", tests, NULL, NULL);
}
