/* reportparts: what lies below some directories of a report's tree: histograms, the owners of most
 * bytes, and where the cold bytes are. The page shows them for the directory that its reader has
 * zoomed to, or for the nearest above it that has them.
 *
 *     reportparts_make; reportparts_dispose
 */
#ifndef FSTALLY_REPORTPARTS_H
#define FSTALLY_REPORTPARTS_H

#include <stddef.h>
#include <stdint.h>

#include "histogram.h"
#include "scope.h"

struct err;
struct hotspots;
struct reporttree;
struct scan;

enum {
    REPORTPARTS_COLD = 40,   /* directories, of the whole */
    REPORTPARTS_OWNERS = 100 /* of the whole */
};

/* What an owner has below a directory. Sums stay at INT64_MAX. */
struct reportparts_owner {
    int64_t uid;
    int64_t files;
    int64_t size;
    int64_t alloc;
    int64_t directories; /* that hold at least one of the files */
    int64_t atime;       /* an instant; FACTS_NULL: not known */
    int64_t cold;        /* bytes */
};

struct reportparts_part {
    struct scope_range range; /* of dir_id */
    size_t row;   /* the directory's place in the tree; of the whole one past the last */
    size_t above; /* the next part on the way up; the whole's own is itself */
    struct histogram histogram;
    struct reportparts_owner *owners; /* owned; most bytes first */
    size_t owner_count;
    /* Directories with most cold bytes first, without those of which a single subdirectory has
     * nearly all: numbers. */
    int64_t cold[REPORTPARTS_COLD];
    size_t cold_count;
};

/* Zero-initialise. */
struct reportparts {
    struct reportparts_part *parts; /* in preorder: the first is the whole */
    size_t count;
};

/* The whole range, and the `most` largest directories of the tree. The scan's filter says which
 * files are meant and from which age on they are cold; `hotspots` are those of their cold bytes. */
int reportparts_make(struct reportparts *out, const struct scan *scan,
                     const struct hotspots *hotspots, const struct reporttree *tree, size_t most,
                     struct err *err);
void reportparts_dispose(struct reportparts *parts);

#endif
