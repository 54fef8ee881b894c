/* verification: the answer to --verify: a row for each database in which everything agrees. */
#ifndef FSTALLY_VERIFICATION_H
#define FSTALLY_VERIFICATION_H

struct answer;
struct err;
struct federation;

/* A database with a fault is reported, and has no row. The federation is borrowed as long as the
 * answer is open. */
int verification_answer(struct answer **out, struct federation *federation, struct err *err);

#endif
