/* processors: what the batch system grants bounds the number, and nothing makes it less than
 * one. */
#include "processors.h"

#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static unsigned with_slurm(const char *value)
{
    if (value == NULL)
        assert_int_equal(unsetenv("SLURM_CPUS_PER_TASK"), 0);
    else
        assert_int_equal(setenv("SLURM_CPUS_PER_TASK", value, 1), 0);
    return processors_available();
}

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

static void slurm_bounds_the_number(void **state)
{
    (void)state;
    unsigned machine = with_slurm(NULL);
    assert_true(machine >= 1);
    assert_int_equal(with_slurm("1"), 1);
    assert_int_equal(with_slurm("2"), least(2, machine));
    assert_int_equal(with_slurm("1000000"), machine);
}

static void what_slurm_does_not_mean_is_ignored(void **state)
{
    (void)state;
    unsigned machine = with_slurm(NULL);
    static const char *const odd[] = {
        "", "0", "-1", "many", "x2", "4294967296", "99999999999999999999"};
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++)
        assert_int_equal(with_slurm(odd[i]), machine);
}

static void the_affinity_mask_bounds_the_number(void **state)
{
    (void)state;
    with_slurm(NULL);
    cpu_set_t before;
    assert_int_equal(sched_getaffinity(0, sizeof before, &before), 0);
    size_t cpu = 0;
    while (!CPU_ISSET(cpu, &before))
        cpu++;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    assert_int_equal(sched_setaffinity(0, sizeof one, &one), 0);
    assert_int_equal(processors_available(), 1);
    assert_int_equal(sched_setaffinity(0, sizeof before, &before), 0);
    assert_true(processors_available() <= (unsigned)CPU_COUNT(&before));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slurm_bounds_the_number),
        cmocka_unit_test(what_slurm_does_not_mean_is_ignored),
        cmocka_unit_test(the_affinity_mask_bounds_the_number),
    };
    return cmocka_run_group_tests_name("processors", tests, NULL, NULL);
}
