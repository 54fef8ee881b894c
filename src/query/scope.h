/* scope: what the names in a filter mean in one database: paths are ranges of dir_id, owners are
 * numbers, times before the scan are days. */
#ifndef FSTALLY_SCOPE_H
#define FSTALLY_SCOPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct filter;
struct reader;

/* A subtree: [first, last], both inclusive, as the table directories has them. */
struct scope_range {
    int64_t first;
    int64_t last;
};

struct scope {
    int64_t directories; /* in the database; its ids are 1 to that */
    bool has_path;       /* the database holds the filter's path prefix, or there is none */
    bool has_owner;      /* the owner is known here or to the system, or none is asked for */
    bool has_group;
    int64_t owner_uid; /* -1: any */
    int64_t owner_gid;
    struct scope_range under; /* everything, where there is no path prefix */
    bool *has_excluded;       /* owned; of each of the filter's, whether the database holds it */
    struct scope_range *excluded; /* owned; those of the filter's paths that the database holds */
    size_t excluded_count;
    bool by_name;  /* patterns are asked for: */
    int64_t named; /* how many directories under it they match: the reader's named ones */
    char accessed_before[16]; /* YYYY-MM-DD; "": no bound */
    char accessed_after[16];
};

/* Borrows the filter and the reader for the call. One scope a reader where names are asked for.
 * That a name is not known is no failure: see has_... */
int scope_resolve(struct scope *out, struct reader *reader, const struct filter *filter,
                  struct err *err);
void scope_free(struct scope *scope); /* what the scope owns */

#endif
