/* spool: a temporary file without a name: appended to, then read. One thread appends; any number of
 * threads read. */
#ifndef FSTALLY_SPOOL_H
#define FSTALLY_SPOOL_H

#include <stddef.h>
#include <stdint.h>

#include "err.h"

struct spool;

/* Makes an empty one, private to this user. `path` names it until it has been opened and in messages;
 * what a process that died meanwhile has left there is removed. */
int spool_open(struct spool **out, const char *path, struct err *err);

/* Its space goes back to the file system. NULL is nothing. */
void spool_close(struct spool *spool);

/* Bytes that have been appended. */
uint64_t spool_size(const struct spool *spool);

int spool_append(struct spool *spool, const void *bytes, size_t len, struct err *err);

/* Replaces bytes that have been appended. */
int spool_patch(struct spool *spool, const void *bytes, size_t len, uint64_t offset,
                struct err *err);

/* Reads exactly `len` bytes, of which none was appended after the last spool_flush. */
int spool_read(const struct spool *spool, void *bytes, size_t len, uint64_t offset,
               struct err *err);
int spool_flush(struct spool *spool, struct err *err);

/* Flushes and maps all of it; *bytes lives as long as the spool and may be NULL where that is empty.
 * Nothing may be appended or replaced afterwards. */
int spool_map(struct spool *spool, const void **bytes, struct err *err);

/* Gives back the memory of mapped bytes [from, to): who looks at them again waits for the file.
 * Pages that belong to others, too, stay. Any thread. */
void spool_forget(const struct spool *spool, uint64_t from, uint64_t to);

#endif
