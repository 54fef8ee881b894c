/* cold: for every directory of a database the bytes and files below it that were not accessed for
 * some time, or of any age: all of them, or those of some owners and groups. */
#ifndef FSTALLY_COLD_H
#define FSTALLY_COLD_H

#include <stdint.h>

#include "scope.h"

struct cold;
struct err;
struct scan;
struct scan_block;

/* For the files that the scan's filter and scope ask for: cold_bucket (0: any age), owners,
 * groups. Takes 24 bytes a directory. */
int cold_new(struct cold **out, const struct scan *scan, struct err *err);
void cold_free(struct cold *cold);

/* What is cold below each directory of a block, in logical bytes and files: room for FACTS_BLOCK of
 * each. Any thread. */
int cold_below(int64_t *size, int64_t *files, const struct cold *cold,
               const struct scan_block *block, struct err *err);

/* The same in the directories of a range, which prefixes of the scan reach into. */
void cold_in(int64_t *size, int64_t *files, const struct cold *cold, struct scope_range range);

#endif
