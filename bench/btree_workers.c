/* btree_workers: threads that take the next piece of work until there is none. Pieces are small
 * against the whole, so nothing is shared out beforehand: a thread that is held up takes fewer. */
#include "btree_workers.h"

#include <stdatomic.h>
#include <uv.h>

#include "btree_fail.h"
#include "mem.h"

struct job {
    btree_workers_work *work;
    void *context;
    size_t count;
    atomic_size_t next; /* the first index that nobody has taken; every thread takes from it */
};

struct worker {
    struct job *job;
    unsigned number;
    uv_thread_t thread; /* of all but the first */
};

static void take_all(void *argument)
{
    const struct worker *worker = argument;
    struct job *job = worker->job;
    /* Relaxed: an index is all that is handed over; joining the threads orders the results. */
    for (;;) {
        size_t index = atomic_fetch_add_explicit(&job->next, 1, memory_order_relaxed);
        if (index >= job->count)
            return;
        job->work(job->context, worker->number, index);
    }
}

void btree_workers_each(unsigned threads, size_t count, btree_workers_work *work, void *context)
{
    struct job job = {.work = work, .context = context, .count = count};
    struct worker *workers = btree_fail_array(threads, sizeof *workers);
    for (unsigned i = 0; i < threads; i++) {
        workers[i].job = &job;
        workers[i].number = i;
        int status = i == 0 ? 0 : uv_thread_create(&workers[i].thread, take_all, &workers[i]);
        if (status != 0)
            btree_fail("cannot start a thread: %s", uv_strerror(status));
    }
    take_all(&workers[0]);
    for (unsigned i = 1; i < threads; i++)
        uv_thread_join(&workers[i].thread);
    mem_free_array(workers, threads, sizeof *workers);
}
