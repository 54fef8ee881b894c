/* blockwriter: the tables owner_usage_block and directory_names, which stand for blocks of
 * consecutive directories. */
#ifndef FSTALLY_BLOCKWRITER_H
#define FSTALLY_BLOCKWRITER_H

struct err;
struct rows;
struct session;

/* Gathers the blocks of all rows on `threads` threads, and writes them from this one. */
int blockwriter_put(struct session *session, const struct rows *rows, unsigned threads,
                    struct err *err);

#endif
