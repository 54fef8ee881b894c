/* progress: how far a long run is, on standard error: one bar over all its stages on a terminal,
 * plain lines elsewhere. */
#ifndef FSTALLY_PROGRESS_H
#define FSTALLY_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A stage and its usual share of the run's time, in any unit that all stages have in common. */
struct progress_stage {
    const char *name;
    double weight; /* at least 0; their sum is above 0 */
};

/* Where a run is. */
struct progress_state {
    size_t stage;
    uint64_t done;  /* of the stage's work, in units of its own; at most total */
    uint64_t total; /* 0: the stage cannot tell */
    uint64_t lines; /* of input, so far */
    bool reading;   /* the stage reads lines, so that a rate says something */
};

enum { PROGRESS_ROOM = 512 }; /* bytes of the longest text below, with its NUL */

/* The share of the run that is done, from 0 to 1. */
double progress_fraction(const struct progress_stage *stages, size_t count,
                         const struct progress_state *state);

/* The share of a stage without a measure that is likely done after `seconds`, where the run so far
 * lets it take `expected`: from 0 to 0.95. */
double progress_guess(double seconds, double expected);

/* The seconds left, where `fraction` has taken `seconds`; -1 where it is too early to tell. */
int64_t progress_left(double fraction, double seconds);

/* One line for a terminal of `width` columns, always narrower than that. What does not fit is left
 * out: first the rate, then the time left, then the stage; the bar takes the room that is left.
 * `rate` (lines a second) and `left` (seconds) are negative where they are unknown. */
void progress_text(char out[PROGRESS_ROOM], const char *stage, double fraction, int64_t rate,
                   int64_t left, unsigned width);

struct progress;

/* Lines come each `interval` lines of input where standard error is no terminal. `silent`: show
 * nothing. The stages are borrowed. Never NULL. */
struct progress *progress_new(const char *program, const struct progress_stage *stages,
                              size_t count, int64_t interval, bool silent);

/* Shows the state. Called some times a second by one thread. */
void progress_show(struct progress *progress, const struct progress_state *state);

/* Takes the bar away before something else is written. */
void progress_clear(struct progress *progress);
void progress_free(struct progress *progress);

#endif
