/* scope: what the names in a filter mean in one database: paths are ranges of dir_id, owners are
 * numbers, times before the scan are instants. */
#ifndef FSTALLY_SCOPE_H
#define FSTALLY_SCOPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "slice.h"

struct err;
struct filter;
struct reader;

/* A subtree: [first, last], both inclusive, as the table directories has them. */
struct scope_range {
    int64_t first;
    int64_t last;
};

/* An owner and group that files have together; a row of facts_owner. */
struct scope_pair {
    int64_t uid;
    int64_t gid;
    bool wanted; /* files of these are asked for: the owner and the group are */
    bool owned;  /* the owner is */
};

/* Numbers of owners or groups, and which of the filter's names are known here. */
struct scope_ids {
    int64_t *ids;
    bool *known;
    size_t count;
};

struct scope {
    int64_t directories;          /* in the database; its ids are 1 to that */
    struct scope_range *prefixes; /* one for each of the filter's; first > last: not here */
    bool *has_prefix;
    struct scope_range *excluded; /* likewise */
    bool *has_excluded;
    struct scope_range *ranges; /* once settled: what is asked for, in order, apart */
    size_t range_count;
    struct scope_ids owners;
    struct scope_ids groups;
    struct scope_pair *pairs; /* all of the database, by their numbers */
    size_t pair_count;
    bool all_wanted;         /* no owner or group is asked for: a look at the pairs is saved */
    int64_t accessed_before; /* an instant; INT64_MAX: no bound */
    int64_t accessed_after;  /* INT64_MIN: no bound */
};

/* Borrows the filter and the reader for the call. That a name is not known is no failure: see the
 * members. Zero-initialise; to be disposed in any case. */
int scope_resolve(struct scope *scope, struct reader *reader, const struct filter *filter,
                  struct err *err);

/* Looks for directories whose paths begin like prefix i of the filter, which the database does not
 * have itself; sets has_prefix and the range. */
int scope_resolve_beginning(struct scope *scope, struct reader *reader, const struct filter *filter,
                            size_t i, struct err *err);

/* The nearest directory above a path that the database holds: owned by the caller; ptr NULL: none.
 */
int scope_nearest(struct slice *out, struct reader *reader, struct slice path, struct err *err);

/* Puts the ranges together, once all prefixes have been looked for. */
int scope_settle(struct scope *scope, const struct filter *filter, struct err *err);

/* Whether the database can hold anything that is asked for; once settled. */
bool scope_concerns(const struct scope *scope);

void scope_dispose(struct scope *scope);

#endif
