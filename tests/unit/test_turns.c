/* turns: pieces taken by any thread have their turns in order; an end wakes those who wait. */
#include "turns.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>

#include <cmocka.h>

#include "parallel.h"

enum { PIECES = 3000, THREADS = 5 };

struct job {
    struct turns turns;
    atomic_size_t next;
    size_t order[PIECES]; /* written in turn, without a lock */
    size_t done;
    size_t failing;     /* the thread that gets this piece ends the turns */
    atomic_size_t ends; /* threads that were the first to end them */
};

static int take_turns(void *context, unsigned part, unsigned parts)
{
    (void)part;
    (void)parts;
    struct job *job = context;
    for (;;) {
        size_t piece = atomic_fetch_add(&job->next, 1);
        if (piece >= PIECES)
            return 0;
        if (piece == job->failing) {
            if (turns_end(&job->turns))
                atomic_fetch_add(&job->ends, 1);
            return -1;
        }
        if (!turns_wait(&job->turns, piece))
            return -1;
        job->order[job->done++] = piece;
        turns_pass(&job->turns);
    }
}

static void pieces_have_their_turns_in_order(void **state)
{
    (void)state;
    static struct job job;
    job = (struct job){.failing = SIZE_MAX};
    assert_int_equal(turns_init(&job.turns), 0);
    assert_int_equal(parallel_run(THREADS, take_turns, &job), 0);
    assert_int_equal(job.done, PIECES);
    for (size_t i = 0; i < PIECES; i++)
        assert_int_equal(job.order[i], i);
    assert_true(turns_wait(&job.turns, PIECES));
    turns_dispose(&job.turns);
}

static void an_end_wakes_the_others(void **state)
{
    (void)state;
    for (size_t failing = 0; failing < PIECES; failing += 501) {
        static struct job job;
        job = (struct job){.failing = failing};
        assert_int_equal(turns_init(&job.turns), 0);
        assert_int_equal(parallel_run(THREADS, take_turns, &job), -1);
        assert_in_range(job.done, 0, failing);
        assert_int_equal(atomic_load(&job.ends), 1);
        assert_false(turns_end(&job.turns));
        assert_false(turns_wait(&job.turns, 0));
        turns_dispose(&job.turns);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_have_their_turns_in_order),
        cmocka_unit_test(an_end_wakes_the_others),
    };
    return cmocka_run_group_tests_name("turns", tests, NULL, NULL);
}
