/* turns: a counter under a lock. Pieces take milliseconds and a turn microseconds, so a waiter is
 * rare, and waking all of them costs less than to know which one is next. Any thread. */
#include "turns.h"

int turns_init(struct turns *turns)
{
    *turns = (struct turns){0};
    if (uv_mutex_init(&turns->lock) != 0)
        return -1;
    if (uv_cond_init(&turns->turned) == 0)
        return 0;
    uv_mutex_destroy(&turns->lock);
    return -1;
}

void turns_dispose(struct turns *turns)
{
    uv_cond_destroy(&turns->turned);
    uv_mutex_destroy(&turns->lock);
}

bool turns_wait(struct turns *turns, size_t piece)
{
    uv_mutex_lock(&turns->lock);
    while (turns->passed < piece && !turns->ended)
        uv_cond_wait(&turns->turned, &turns->lock);
    bool ended = turns->ended;
    uv_mutex_unlock(&turns->lock);
    return !ended;
}

void turns_pass(struct turns *turns)
{
    uv_mutex_lock(&turns->lock);
    turns->passed++;
    uv_cond_broadcast(&turns->turned);
    uv_mutex_unlock(&turns->lock);
}

bool turns_end(struct turns *turns)
{
    uv_mutex_lock(&turns->lock);
    bool first = !turns->ended;
    turns->ended = true;
    uv_cond_broadcast(&turns->turned);
    uv_mutex_unlock(&turns->lock);
    return first;
}
