/* policy: what writes the lists that the built-in layouts read. */
#ifndef FSTALLY_POLICY_H
#define FSTALLY_POLICY_H

#include "slice.h"

/* For gpfs a policy for mmapplypolicy, for lustre and find a command; each with comments that say
 * how to run it. Static; NULL for any other name. */
const char *policy_text(struct slice format);

#endif
