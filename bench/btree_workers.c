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

static void take_all(void *argument)
{
    struct job *job = argument;
    /* Relaxed: an index is all that is handed over; joining the threads orders the results. */
    for (;;) {
        size_t index = atomic_fetch_add_explicit(&job->next, 1, memory_order_relaxed);
        if (index >= job->count)
            return;
        job->work(job->context, index);
    }
}

void btree_workers_each(unsigned threads, size_t count, btree_workers_work *work, void *context)
{
    struct job job = {.work = work, .context = context, .count = count};
    uv_thread_t *others = btree_fail_array(threads, sizeof *others);
    for (unsigned i = 1; i < threads; i++) {
        int status = uv_thread_create(&others[i], take_all, &job);
        if (status != 0)
            btree_fail("cannot start a thread: %s", uv_strerror(status));
    }
    take_all(&job);
    for (unsigned i = 1; i < threads; i++)
        uv_thread_join(&others[i]);
    mem_free_array(others, threads, sizeof *others);
}
