/* federation: the databases that a question is put to, and what it means in each.
 *
 * Of several, one that cannot be read hides none of the others: it is reported, and left out from
 * then on. Only when none is left, or there is but one, is that a failure. */
#ifndef FSTALLY_FEDERATION_H
#define FSTALLY_FEDERATION_H

#include <stdbool.h>
#include <stddef.h>

#include "scan.h"
#include "scope.h"

struct err;
struct filter;
struct reader;

/* Reports, in one line, what does not end the answer. The text is borrowed. */
typedef void federation_tell(void *context, const char *text);

struct federation_part {
    const char *path; /* borrowed, as the name */
    const char *name; /* what the file system is called in rows */
    struct reader *reader;
    struct scope scope;
    bool left_out; /* it cannot be read: that has been reported */
};

struct federation {
    struct federation_part *parts;
    size_t count;
    size_t left_out;
    bool all_needed;        /* one that cannot be read is a failure */
    bool apart;             /* each answers for itself: nothing is added together */
    unsigned threads;       /* that look through a database, at least 1 */
    size_t blocks_a_thread; /* as in struct scan */
    federation_tell *tell;
    void *context;
};

/* Opens databases; paths and names are borrowed as long as it is open. all_needed, threads, tell
 * and context have been set. To be closed in any case. Unless all are needed or each answers for
 * itself, databases of one file system are reported: their figures are added together. */
int federation_open(struct federation *federation, char *const *paths, char *const *names,
                    size_t count, struct err *err);
void federation_close(struct federation *federation);

/* Looks up a filter's names in all databases, in place of an earlier one's. Fails where no database
 * knows one of its paths, owners or groups; reports paths to exclude that none knows, and prefixes
 * that are beginnings of names. */
int federation_resolve(struct federation *federation, const struct filter *filter, struct err *err);

/* Reports err, which is about part i, clears it and leaves the part out. -1, with err filled: it
 * was the last one, or all are needed, or err is wrong usage. */
int federation_leave_out(struct federation *federation, size_t i, struct err *err);

/* Whether the part can hold anything that is asked for. */
bool federation_concerns(const struct federation *federation, size_t i);

/* What scan_run needs to look through part i. */
struct scan federation_scan(const struct federation *federation, size_t i,
                            const struct filter *filter);

#endif
