/* btree_workers: the same work for every index, on several threads. */
#ifndef FSTALLY_BTREE_WORKERS_H
#define FSTALLY_BTREE_WORKERS_H

#include <stddef.h>

typedef void btree_workers_work(void *context, unsigned thread, size_t index);

/* Calls work(context, thread, i) once for each i in [0, count), on `threads` (>= 1) threads of
 * which the caller's is number 0. Indexes are taken in ascending order, so one may wait for those
 * before it. Returns when all is done. */
void btree_workers_each(unsigned threads, size_t count, btree_workers_work *work, void *context);

#endif
