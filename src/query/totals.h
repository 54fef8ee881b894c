/* totals: the answer to --group-by: what owners, groups, or owners in groups have directly in the
 * directories that a filter asks for, of several databases added up. */
#ifndef FSTALLY_TOTALS_H
#define FSTALLY_TOTALS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct answer;
struct err;
struct federation;
struct filter;

/* What one owner, group, or both together have. Sums stay at INT64_MAX. */
struct totals_entry {
    int64_t uid; /* -1: not what is grouped by */
    int64_t gid;
    char *username; /* owned; NULL: no database knows it */
    char *groupname;
    int64_t files;
    int64_t size;
    int64_t alloc;
    int64_t directories; /* that hold at least one of the files */
    int64_t atime;       /* an instant; FACTS_NULL: none */
    int64_t cold_size;   /* where the filter asks for it, as the next */
    int64_t cold_files;
    size_t source; /* the database's place; of a sum the first's */
    size_t first;  /* of a sum: its parts are parts[first] and the part_count - 1 that follow */
    size_t part_count;
};

/* Zero-initialise. */
struct totals {
    struct totals_entry *entries; /* owned */
    size_t count;
    size_t room;
    struct totals_entry
        *parts; /* once finished: what was added, by ids and source, without names */
};

/* Adds the totals of database `i` of the federation, which has been resolved. */
int totals_add(struct totals *totals, const struct federation *federation, size_t i,
               const struct filter *filter, struct err *err);

/* Forgets the entries added last, so that `count` are left. Not once finished. */
void totals_cut(struct totals *totals, size_t count);

/* After the last database: folds entries of one owner and group into one and sorts them as the
 * filter asks. */
int totals_finish(struct totals *totals, const struct filter *filter, struct err *err);

void totals_dispose(struct totals *totals);

/* The answer. `split`: after each sum a row for each database that has part in it; the limit is for
 * the sums. Borrows as directories_answer. */
int totals_answer(struct answer **out, struct federation *federation, const struct filter *filter,
                  bool split, struct err *err);

#endif
