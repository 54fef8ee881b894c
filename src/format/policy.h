/* policy: what to run on a file system so that a built-in format reads the result. */
#ifndef FSTALLY_POLICY_H
#define FSTALLY_POLICY_H

#include "slice.h"

/* The GPFS policy, the `lfs find` or the GNU find command that writes a log of the format `gpfs`,
 * `lustre` or `find`, with a comment that says how to run it. Static; NULL for another name. */
const char *policy_text(struct slice name);

#endif
