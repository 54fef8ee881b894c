/* progress: how far a long run is, on standard error: a bar on a terminal, plain lines
 * elsewhere. */
#ifndef FSTALLY_PROGRESS_H
#define FSTALLY_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress;

/* Lines come each `interval` lines of input where standard error is no terminal. `silent`: show
 * nothing. Never NULL. */
struct progress *progress_new(const char *program, int64_t interval, bool silent);

/* Shows the state of `stage`: `done` of `total` bytes and `lines` lines. Called some times a
 * second by one thread; a stage without a measure gives total 0. */
void progress_show(struct progress *progress, const char *stage, uint64_t done, uint64_t total,
                   uint64_t lines);

/* Takes the bar away before something else is written. */
void progress_clear(struct progress *progress);
void progress_free(struct progress *progress);

#endif
