/* dirshares: the files directly in a directory of a map, by owner and by age and size. */
#ifndef FSTALLY_DIRSHARES_H
#define FSTALLY_DIRSHARES_H

#include <stdint.h>

#include "dirstat.h"
#include "rows.h"

struct dirmap;

/* Appends the shares of the directory with this id in a linked map, whose row has the number `dir_id`.
 * Any number of threads at once. -1: out of memory. */
int dirshares_add(struct rows_shares *shares, const struct dirmap *map, uint32_t id,
                  int64_t dir_id);

/* The files of all owners together. */
struct dirstat dirshares_sum(const struct dirmap *map, uint32_t id);

#endif
