/* queue: a bounded first-in first-out of pointers between threads. */
#ifndef FSTALLY_QUEUE_H
#define FSTALLY_QUEUE_H

#include <stdbool.h>
#include <stddef.h>

struct queue;

/* A queue that holds at most `capacity` (>= 1) pointers. Never NULL. */
struct queue *queue_new(size_t capacity);

/* Waits for room. False: the queue is closed and the caller keeps the item. */
bool queue_push(struct queue *queue, void *item);

/* Waits for an item, oldest first. NULL: closed and empty. */
void *queue_pop(struct queue *queue);

/* No more items go in; those inside still come out. Wakes every waiter. */
void queue_close(struct queue *queue);

/* No thread may be inside. Items left are the caller's to free first (queue_pop until NULL). */
void queue_free(struct queue *queue);

#endif
