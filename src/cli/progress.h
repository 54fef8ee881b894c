/* progress: how far a long run is, on standard error: one bar over all its stages on a terminal,
 * plain lines elsewhere. */
#ifndef FSTALLY_PROGRESS_H
#define FSTALLY_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct progress;

/* A stage of the run, and its usual share of the time. */
struct progress_stage {
    const char *name; /* static */
    double share;     /* of all stages, which add up to 1 */
};

/* What is shown of a moment. */
struct progress_moment {
    const char *stage;
    double fraction;  /* of the whole run, [0, 1] */
    double seconds;   /* since the run began */
    uint64_t lines;   /* read so far */
    double line_rate; /* a second, while lines were read; 0: none yet */
};

/* Lines come each `interval` lines of input where standard error is no terminal. `silent`: show
 * nothing. `stages` are borrowed. Never NULL. */
struct progress *progress_new(const char *program, const struct progress_stage *stages,
                              size_t stage_count, int64_t interval, bool silent);

/* Shows the state of stage number `stage`: `done` of `total` of its own measure, and the lines read
 * so far. A stage without a measure gives total 0: how far it is comes from the time that it
 * usually takes beside the others. Called some times a second by one thread. */
void progress_show(struct progress *progress, size_t stage, uint64_t done, uint64_t total,
                   uint64_t lines);

/* Takes the bar away before something else is written. */
void progress_clear(struct progress *progress);
void progress_free(struct progress *progress);

/* Arithmetic, for progress_show and its test. */

/* How far the whole run is where stage number `stage` is `in_stage` done, in [0, 1]. */
double progress_fraction(const struct progress_stage *stages, size_t stage, double in_stage);

/* How far a stage without a measure is, in [0, 1): `seconds` in it, after the stages before took
 * `seconds_before` for their shares. */
double progress_guess(const struct progress_stage *stages, size_t stage, double seconds,
                      double seconds_before);

/* "scan  ####....  62%  3,412,000 lines/s  0:07 left", at most `width` characters: the bar goes
 * first, then the end of the text. `text` has room for width + 1 bytes. */
void progress_line(char *text, unsigned width, const struct progress_moment *moment);

#endif
