/* query_distribution: the answer to --histogram as people read it. */
#ifndef FSTALLY_QUERY_DISTRIBUTION_H
#define FSTALLY_QUERY_DISTRIBUTION_H

#include <stdint.h>

struct answer;
struct err;
struct query_options;
struct render_output;

/* Writes a table for each kind of histogram, all rows of the answer;
 * *count grows by their number. */
int query_distribution_print(struct answer *answer, const struct query_options *options,
                             struct render_output *output, uint64_t *count, struct err *err);

#endif
