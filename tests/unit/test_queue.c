/* queue: order, the bound, closing, and many threads at once. */
#include "queue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>

#include <uv.h>

#include <cmocka.h>

static void items_come_out_in_order_around_the_ring(void **state)
{
    (void)state;
    int item[10];
    struct queue *queue = queue_new(3);
    int in = 0;
    int out = 0;
    assert_true(queue_push(queue, &item[in++]));
    for (int round = 0; round < 4; round++) { /* never more than three inside */
        assert_true(queue_push(queue, &item[in++]));
        assert_true(queue_push(queue, &item[in++]));
        assert_ptr_equal(queue_pop(queue), &item[out++]);
        assert_ptr_equal(queue_pop(queue), &item[out++]);
    }
    assert_ptr_equal(queue_pop(queue), &item[out++]);
    assert_int_equal(in, out);
    queue_close(queue);
    queue_free(queue);
    queue_free(NULL);
}

static void a_closed_queue_takes_nothing_and_gives_what_it_has(void **state)
{
    (void)state;
    int a;
    int b;
    struct queue *queue = queue_new(2);
    assert_true(queue_push(queue, &a));
    assert_true(queue_push(queue, &b));
    queue_close(queue);
    assert_false(queue_push(queue, &a)); /* although it is full: no waiting */
    assert_ptr_equal(queue_pop(queue), &a);
    assert_false(queue_push(queue, &a)); /* although there is room */
    assert_ptr_equal(queue_pop(queue), &b);
    assert_null(queue_pop(queue));
    assert_null(queue_pop(queue));
    queue_close(queue);
    queue_free(queue);
}

enum { PRODUCERS = 3, CONSUMERS = 4, ITEMS = 2000, CAPACITY = 5 };

/* One producer's items carry rising numbers. */
struct item {
    int producer;
    int number;
};

struct crowd {
    struct queue *queue;
    struct item items[PRODUCERS][ITEMS];
    atomic_int next_producer;
    atomic_int seen[PRODUCERS][ITEMS];
    atomic_int disorder; /* an earlier item of a producer came later to one consumer */
    atomic_int refused;
};

static void produce(void *context)
{
    struct crowd *crowd = context;
    int producer = atomic_fetch_add(&crowd->next_producer, 1);
    for (int i = 0; i < ITEMS; i++) {
        crowd->items[producer][i] = (struct item){producer, i};
        if (!queue_push(crowd->queue, &crowd->items[producer][i]))
            atomic_fetch_add(&crowd->refused, 1);
    }
}

static void consume(void *context)
{
    struct crowd *crowd = context;
    int last[PRODUCERS];
    for (int i = 0; i < PRODUCERS; i++)
        last[i] = -1;
    const struct item *item;
    while ((item = queue_pop(crowd->queue)) != NULL) {
        atomic_fetch_add(&crowd->seen[item->producer][item->number], 1);
        if (item->number <= last[item->producer])
            atomic_fetch_add(&crowd->disorder, 1);
        last[item->producer] = item->number;
    }
}

static void every_item_arrives_once(void **state)
{
    (void)state;
    static struct crowd crowd;
    crowd.queue = queue_new(CAPACITY);
    uv_thread_t producers[PRODUCERS];
    uv_thread_t consumers[CONSUMERS];
    for (int i = 0; i < CONSUMERS; i++)
        assert_int_equal(uv_thread_create(&consumers[i], consume, &crowd), 0);
    for (int i = 0; i < PRODUCERS; i++)
        assert_int_equal(uv_thread_create(&producers[i], produce, &crowd), 0);
    for (int i = 0; i < PRODUCERS; i++)
        uv_thread_join(&producers[i]);
    queue_close(crowd.queue);
    for (int i = 0; i < CONSUMERS; i++)
        uv_thread_join(&consumers[i]);
    queue_free(crowd.queue);
    for (int p = 0; p < PRODUCERS; p++)
        for (int i = 0; i < ITEMS; i++)
            assert_int_equal(atomic_load(&crowd.seen[p][i]), 1);
    assert_int_equal(atomic_load(&crowd.disorder), 0);
    assert_int_equal(atomic_load(&crowd.refused), 0);
}

struct waiter {
    struct queue *queue;
    atomic_bool pushed;
    bool accepted;
    void *popped;
};

static void push_and_wait(void *context)
{
    struct waiter *waiter = context;
    waiter->accepted = queue_push(waiter->queue, waiter);
    atomic_store(&waiter->pushed, true);
}

static void pop_and_wait(void *context)
{
    struct waiter *waiter = context;
    waiter->popped = queue_pop(waiter->queue);
}

/* A third item does not go into a queue of two: whoever brings it is let in by the first pop. The
 * thread may not have come to wait yet when we look; then the look proves nothing, but never
 * fails. */
static void a_full_queue_holds_the_pusher_back(void **state)
{
    (void)state;
    int item;
    struct waiter waiter = {.queue = queue_new(2)};
    assert_true(queue_push(waiter.queue, &item));
    assert_true(queue_push(waiter.queue, &item));
    uv_thread_t thread;
    assert_int_equal(uv_thread_create(&thread, push_and_wait, &waiter), 0);
    uv_sleep(20);
    assert_false(atomic_load(&waiter.pushed));
    assert_ptr_equal(queue_pop(waiter.queue), &item);
    uv_thread_join(&thread);
    assert_true(waiter.accepted);
    assert_ptr_equal(queue_pop(waiter.queue), &item);
    assert_ptr_equal(queue_pop(waiter.queue), &waiter);
    queue_close(waiter.queue);
    queue_free(waiter.queue);
}

/* Closing wakes all of them, however many wait on either side. */
static void closing_wakes_every_waiter(void **state)
{
    (void)state;
    enum { WAITERS = 3 };
    int item;
    struct queue *full = queue_new(1);
    struct queue *empty = queue_new(1);
    assert_true(queue_push(full, &item));
    struct waiter waiters[2 * WAITERS] = {0};
    uv_thread_t threads[2 * WAITERS];
    for (int i = 0; i < 2 * WAITERS; i++) {
        waiters[i].queue = i < WAITERS ? full : empty;
        waiters[i].popped = &item;
        waiters[i].accepted = true;
        assert_int_equal(
            uv_thread_create(&threads[i], i < WAITERS ? push_and_wait : pop_and_wait, &waiters[i]),
            0);
    }
    uv_sleep(20); /* so that they do wait; correct either way */
    queue_close(full);
    queue_close(empty);
    for (int i = 0; i < 2 * WAITERS; i++)
        uv_thread_join(&threads[i]);
    for (int i = 0; i < WAITERS; i++) {
        assert_false(waiters[i].accepted);
        assert_null(waiters[WAITERS + i].popped);
    }
    assert_ptr_equal(queue_pop(full), &item);
    queue_free(full);
    queue_free(empty);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(items_come_out_in_order_around_the_ring),
        cmocka_unit_test(a_closed_queue_takes_nothing_and_gives_what_it_has),
        cmocka_unit_test(every_item_arrives_once),
        cmocka_unit_test(a_full_queue_holds_the_pusher_back),
        cmocka_unit_test(closing_wakes_every_waiter),
    };
    return cmocka_run_group_tests_name("queue", tests, NULL, NULL);
}
