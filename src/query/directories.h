/* directories: the answer to what a filter asks of directories, from one database or several:
 * merged in its order, and cut to its limit. */
#ifndef FSTALLY_DIRECTORIES_H
#define FSTALLY_DIRECTORIES_H

struct answer;
struct err;
struct federation;
struct filter;

/* The federation and the filter, which is checked, are borrowed as long as the answer is open. */
int directories_answer(struct answer **out, struct federation *federation,
                       const struct filter *filter, struct err *err);

#endif
