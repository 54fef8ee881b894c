/* parallel: fork and join. Each part writes only to its own place, so starting and joining a thread
 * is all the order that the parts need. Any thread. */
#include "parallel.h"

#include <stdbool.h>
#include <stdlib.h>
#include <uv.h>

#include "mem.h"

struct part {
    parallel_part *run;
    void *context;
    unsigned part;
    unsigned parts;
    int status;
    bool started; /* on a thread of its own */
    uv_thread_t thread;
};

static void run_part(void *argument)
{
    struct part *part = argument;
    part->status = part->run(part->context, part->part, part->parts);
}

int parallel_run(unsigned threads, parallel_part *run, void *context)
{
    if (threads <= 1)
        return run(context, 0, 1);
    struct part *parts = mem_new(threads * sizeof *parts);
    for (unsigned i = 0; i < threads; i++) {
        parts[i] = (struct part){run, context, i, threads, 0, false, 0};
        parts[i].started = i != 0 && uv_thread_create(&parts[i].thread, run_part, &parts[i]) == 0;
    }
    int status = 0;
    for (unsigned i = 0; i < threads; i++)
        if (!parts[i].started)
            run_part(&parts[i]);
    for (unsigned i = 0; i < threads; i++) {
        if (parts[i].started)
            uv_thread_join(&parts[i].thread);
        status |= parts[i].status;
    }
    free(parts);
    return status == 0 ? 0 : -1;
}
