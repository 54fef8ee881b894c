/* runcode: the files of a directory as few bytes, in temporary files. Integers are in base 128, the
 * lowest digits first, with a bit in each byte that says whether one follows. */
#ifndef FSTALLY_RUNCODE_H
#define FSTALLY_RUNCODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rows.h"
#include "slice.h"

/* Bytes that grow. Zero-initialise; free `bytes`. */
struct runcode {
    unsigned char *bytes;
    size_t count;
    size_t room;
};

enum { RUNCODE_INTEGER = 10 }; /* bytes that an integer takes at most */

/* Each appends. -1: out of memory. */
int runcode_put_integer(struct runcode *code, uint64_t value);
int runcode_put_instant(struct runcode *code, int64_t instant); /* or ENTRY_NO_TIME */
int runcode_put_bytes(struct runcode *code, struct slice bytes);
int runcode_put_shares(struct runcode *code, const struct rows_shares *shares);

/* Each takes from the begin of *from. False: it is not what was put there. */
bool runcode_integer(uint64_t *value, struct slice *from);
bool runcode_instant(int64_t *instant, struct slice *from);

enum runcode_result { RUNCODE_OK, RUNCODE_DAMAGED, RUNCODE_NO_MEMORY };

/* Appends the shares, those of the directory with the number `dir_id`. */
enum runcode_result runcode_shares(struct rows_shares *shares, int64_t dir_id, struct slice *from);

#endif
