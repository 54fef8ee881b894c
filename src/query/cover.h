/* cover: the ids that a question is about, as whole blocks of owner_usage_block and the directories
 * that lie in no whole one. */
#ifndef FSTALLY_COVER_H
#define FSTALLY_COVER_H

#include <stddef.h>

#include "scope.h"

struct err;

/* Ranges in ascending order, which share nothing. */
struct cover {
    struct scope_range *blocks; /* owned; from the first id of a block to the last of one */
    size_t block_count;
    struct scope_range *edges; /* owned */
    size_t edge_count;
};

/* What lies under the scope and is not excluded. Without blocks where the database has none. */
int cover_make(struct cover *out, const struct scope *scope, struct err *err);
void cover_free(struct cover *cover); /* what the cover owns */

#endif
