/* query_ncdu: the answer to --format ncdu. */
#ifndef FSTALLY_QUERY_NCDU_H
#define FSTALLY_QUERY_NCDU_H

struct datadir_choice;
struct err;
struct federation;
struct query_options;
struct render_output;

/* Writes the tree of the one database of a federation. The output is opened here,
 * once the question has been understood. */
int query_ncdu_answer(struct federation *federation, const struct query_options *options,
                      const struct datadir_choice *databases, struct render_output *output,
                      struct err *err);

#endif
