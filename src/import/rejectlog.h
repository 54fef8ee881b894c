/* rejectlog: rejected and flawed lines and scan errors, reported in the order of the log although
 * chunks are parsed in any. */
#ifndef FSTALLY_REJECTLOG_H
#define FSTALLY_REJECTLOG_H

#include <stdbool.h>
#include <stdint.h>

#include "err.h"
#include "reject.h"
#include "slice.h"

/* Where rejects go: the file of --rejects, and the first few to a callback. Shared by the logs
 * of one import. */
struct rejectlog_sink;

/* Called with one line of text, without its newline, for the first rejects of an import; from any
 * thread, one at a time. */
typedef void rejectlog_tell(void *context, const char *text);

/* How many rejected and how many flawed lines the callback receives, besides one scan error; all
 * rejected and flawed lines are in the file. */
enum { REJECTLOG_TOLD = 10 };

/* `path` NULL: no file. */
int rejectlog_open(struct rejectlog_sink **out, const char *path, rejectlog_tell *tell,
                   void *context, struct err *err);

/* Ends the file; fails where not all of it could be written. Frees the sink. */
int rejectlog_close(struct rejectlog_sink *sink, struct err *err);

/* The rejects of one chunk while it is being parsed; one thread. */
struct rejectlog_chunk;
struct rejectlog_chunk *rejectlog_begin(void); /* never NULL */

/* `line`: number within the chunk, from 0. `offset`: of the line's first byte in the input.
 * `text` and the reject's value are copied. */
void rejectlog_add(struct rejectlog_chunk *chunk, uint64_t line, uint64_t offset,
                   const struct reject *reject, struct slice text);

/* A log's rejects, in the order of its chunks; logs of one sink in the order in which they were
 * made. Lives as long as the sink. */
struct rejectlog;
struct rejectlog *rejectlog_new(struct rejectlog_sink *sink, const char *source); /* never NULL */

/* Whether lines of this class are still of interest: there is a file, or few were reported. Any
 * thread. */
bool rejectlog_hears(const struct rejectlog *log, enum reject_class class);

/* Hands over a finished chunk (consumed; NULL: none were rejected), which held `lines` lines.
 * What is now complete from the beginning is reported. Any thread. */
void rejectlog_deliver(struct rejectlog *log, uint64_t sequence, uint64_t lines,
                       struct rejectlog_chunk *chunk);

/* Says how many chunks the log has: once they are delivered it is the next log's turn. Any thread,
 * any number of times. */
void rejectlog_end(struct rejectlog *log, uint64_t chunks);

#endif
