/* summary: the answer to --summary: a row for each log that the databases were made from. */
#ifndef FSTALLY_SUMMARY_H
#define FSTALLY_SUMMARY_H

#include <stdbool.h>

struct answer;
struct err;
struct federation;

/* `totals`: where a database was made from several logs, a row of all its logs follows theirs, with
 * their number in place of a name. The federation is borrowed as long as the answer is open. */
int summary_answer(struct answer **out, struct federation *federation, bool totals,
                   struct err *err);

#endif
