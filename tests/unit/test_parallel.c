/* parallel: every part is done once, whatever the number of threads; shares cover the whole. */
#include "parallel.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { MOST = 100, ITEMS = 1000 };

struct job {
    atomic_int parts;        /* as told to the parts; 0: none has come */
    atomic_int disagreement; /* a part was told another number */
    atomic_int done[MOST];
    int item[ITEMS]; /* each is written by the part that has it in its share */
    int failing;     /* this part fails; -1: none */
};

static int do_part(void *context, unsigned part, unsigned parts)
{
    struct job *job = context;
    int before = atomic_exchange(&job->parts, (int)parts);
    if (before != 0 && before != (int)parts)
        atomic_fetch_add(&job->disagreement, 1);
    atomic_fetch_add(&job->done[part], 1);
    for (size_t i = parallel_begin(ITEMS, part, parts); i < parallel_begin(ITEMS, part + 1, parts);
         i++)
        job->item[i]++;
    return job->failing == (int)part ? -1 : 0;
}

static void every_part_is_done_once(void **state)
{
    (void)state;
    static const unsigned threads[] = {1, 2, 3, 7, MOST};
    for (size_t t = 0; t < sizeof threads / sizeof threads[0]; t++) {
        static struct job job;
        memset(&job, 0, sizeof job);
        job.failing = -1;
        assert_int_equal(parallel_run(threads[t], do_part, &job), 0);
        int parts = atomic_load(&job.parts);
        assert_true(parts >= 1 && parts <= (int)threads[t]);
        assert_int_equal(atomic_load(&job.disagreement), 0);
        for (int i = 0; i < MOST; i++)
            assert_int_equal(atomic_load(&job.done[i]), i < parts);
        for (int i = 0; i < ITEMS; i++)
            assert_int_equal(job.item[i], 1);
    }
}

/* The others are done all the same, and have ended. */
static void a_part_that_fails(void **state)
{
    (void)state;
    for (int failing = 0; failing < 4; failing++) {
        static struct job job;
        memset(&job, 0, sizeof job);
        job.failing = failing;
        assert_int_equal(parallel_run(4, do_part, &job), -1);
        for (int i = 0; i < ITEMS; i++)
            assert_int_equal(job.item[i], 1);
    }
    static struct job alone;
    alone.failing = 0;
    assert_int_equal(parallel_run(1, do_part, &alone), -1);
}

/* Shares join without a gap and differ by one at most. */
static void shares_are_even(void **state)
{
    (void)state;
    for (size_t count = 0; count < 200; count++) {
        for (unsigned parts = 1; parts < 50; parts++) {
            assert_int_equal(parallel_begin(count, 0, parts), 0);
            assert_int_equal(parallel_begin(count, parts, parts), count);
            for (unsigned part = 0; part < parts; part++) {
                size_t share =
                    parallel_begin(count, part + 1, parts) - parallel_begin(count, part, parts);
                assert_true(share == count / parts || share == count / parts + 1);
            }
        }
    }
    assert_int_equal(parallel_begin(SIZE_MAX, 3, 3), SIZE_MAX); /* no overflow on the way */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_part_is_done_once),
        cmocka_unit_test(a_part_that_fails),
        cmocka_unit_test(shares_are_even),
    };
    return cmocka_run_group_tests_name("parallel", tests, NULL, NULL);
}
