/* diff: the answer to --diff: what changed between two scans of a file system.
 *
 * Directories are matched by path. One is left out where a single one of its subdirectories
 * changed, and by as much: the deepest directory that explains a change is shown in place of those
 * above it. */
#ifndef FSTALLY_DIFF_H
#define FSTALLY_DIFF_H

#include <stdbool.h>

struct answer;
struct err;
struct federation;
struct filter;

enum { DIFF_NEWER, DIFF_OLDER }; /* the parts of the federation */

/* Compares the two databases of a federation; rows come with the largest change of bytes first. Of
 * the filter, which has been checked, only paths, depths, limit, group_by (owner or group) and with
 * it owners and groups matter. `all`: no directory is left out. Status: appeared, vanished; else
 * grown, shrunk in bytes; else changed. Borrows as directories_answer. */
int diff_answer(struct answer **out, struct federation *federation, const struct filter *filter,
                bool all, struct err *err);

#endif
