/* turns: pieces of work that are done in any order, and of which one part is done in order: piece 0
 * first, then piece 1. */
#ifndef FSTALLY_TURNS_H
#define FSTALLY_TURNS_H

#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

struct turns {
    uv_mutex_t lock; /* guards the other members */
    uv_cond_t turned;
    size_t passed; /* pieces [0, passed) have had their turn */
    bool ended;
};

/* -1: out of memory. */
int turns_init(struct turns *turns);
void turns_dispose(struct turns *turns);

/* Waits until pieces [0, piece) have had their turn; what their threads wrote before is seen from
 * then on. False: the turns have ended. */
bool turns_wait(struct turns *turns, size_t piece);

/* Ends the turn of the piece that has it. */
void turns_pass(struct turns *turns);

/* Ends all turns, and wakes every waiter. True for the first who does. */
bool turns_end(struct turns *turns);

#endif
