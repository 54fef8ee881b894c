/* queue: a ring under one mutex and two conditions.
 *
 * An item is a chunk of some megabytes, so a few hundred pass in a second: a lock is invisible here
 * and a lock-free ring would buy nothing. Any thread may call any function but queue_free.
 * Invariants under the lock: count <= capacity; items live at ring[(first + i) % capacity], i <
 * count; once closed, count only falls. */
#include "queue.h"

#include <stdlib.h>
#include <uv.h>

#include "mem.h"

struct queue {
    uv_mutex_t lock;
    uv_cond_t not_empty;
    uv_cond_t not_full;
    size_t capacity;
    size_t first;
    size_t count;
    bool closed;
    void *ring[];
};

struct queue *queue_new(size_t capacity)
{
    struct queue *queue = mem_new(sizeof *queue + capacity * sizeof queue->ring[0]);
    queue->capacity = capacity;
    if (uv_mutex_init(&queue->lock) != 0 || uv_cond_init(&queue->not_empty) != 0 ||
        uv_cond_init(&queue->not_full) != 0)
        mem_exhausted();
    return queue;
}

bool queue_push(struct queue *queue, void *item)
{
    uv_mutex_lock(&queue->lock);
    while (queue->count == queue->capacity && !queue->closed)
        uv_cond_wait(&queue->not_full, &queue->lock);
    bool open = !queue->closed;
    if (open) {
        queue->ring[(queue->first + queue->count) % queue->capacity] = item;
        queue->count++;
        uv_cond_signal(&queue->not_empty);
    }
    uv_mutex_unlock(&queue->lock);
    return open;
}

void *queue_pop(struct queue *queue)
{
    uv_mutex_lock(&queue->lock);
    while (queue->count == 0 && !queue->closed)
        uv_cond_wait(&queue->not_empty, &queue->lock);
    void *item = NULL;
    if (queue->count != 0) {
        item = queue->ring[queue->first];
        queue->first = (queue->first + 1) % queue->capacity;
        queue->count--;
        uv_cond_signal(&queue->not_full);
    }
    uv_mutex_unlock(&queue->lock);
    return item;
}

void queue_close(struct queue *queue)
{
    uv_mutex_lock(&queue->lock);
    queue->closed = true;
    uv_cond_broadcast(&queue->not_empty);
    uv_cond_broadcast(&queue->not_full);
    uv_mutex_unlock(&queue->lock);
}

void queue_free(struct queue *queue)
{
    if (queue == NULL)
        return;
    uv_cond_destroy(&queue->not_full);
    uv_cond_destroy(&queue->not_empty);
    uv_mutex_destroy(&queue->lock);
    free(queue);
}
