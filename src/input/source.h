/* source: an input as a sequence of chunks of whole lines. Whatever it is made of (today a mapped
 * file), readers only ask for the next chunk. */
#ifndef FSTALLY_SOURCE_H
#define FSTALLY_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "chunk.h"
#include "err.h"
#include "slice.h"

struct source;

/* Opens a regular file. Fails where it is missing, unreadable or no regular file. `chunk_size`: the
 * nominal bytes of a chunk, at least 1. `record_end`: the byte that ends a record, '\n' or '\0'. */
int source_open(struct source **out, const char *path, size_t chunk_size, char record_end,
                struct err *err);
void source_close(struct source *source);

/* As given to source_open; lives as long as the source. */
const char *source_path(const struct source *source);

uint64_t source_size(const struct source *source);    /* bytes, when it was opened */
int64_t source_mtime_ns(const struct source *source); /* since 1970-01-01 UTC */

/* Copies the first bytes, at most `room`, to `buffer`; the chunks are not affected. Sets *len. */
int source_peek(const struct source *source, char *buffer, size_t room, size_t *len,
                struct err *err);

/* Fails where the file has been written to or cut since it was opened, by its length and mtime. */
int source_check_unchanged(const struct source *source, struct err *err);

/* *whole: the file is empty or ends with the end of a record. */
int source_ends_whole(const struct source *source, bool *whole, struct err *err);

/* Notes that this thread looks at bytes of the source from now on, or of none (NULL). A mapped file
 * that is cut short ends the process by SIGBUS, in the thread that looks at it. */
void source_look_at(const struct source *source);

/* The path of what this thread looks at, or NULL. For the handler of that signal. */
const char *source_looked_at(void);

/* Whether the source is that file. */
bool source_is_file(const struct source *source, const struct stat *file);

/* Whether both are the same file, under whatever names. */
bool source_is_same(const struct source *a, const struct source *b);

/* Begins with the first chunk again. No thread may be in source_next. */
void source_rewind(struct source *source);

/* How many chunks there are. Known once source_next has returned 0. */
uint64_t source_chunks(const struct source *source);

/* Takes the next chunk: 1 and *chunk (to be given to chunk_release), 0 when all have been taken, -1
 * when the input cannot be read or has become shorter. Any number of threads at once. */
int source_next(struct source *source, struct chunk *chunk, struct err *err);

#endif
