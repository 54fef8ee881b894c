/* distribution: how the files of one or several databases, of a subtree, an owner or a group are
 * spread over the buckets of age of last access and of size. Exact, or an error.
 *
 *     distribution_open, distribution_next until 0, distribution_close
 */
#ifndef FSTALLY_DISTRIBUTION_H
#define FSTALLY_DISTRIBUTION_H

#include "histogram.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct distribution;
struct err;
struct filter;
struct reader;
struct reader_value;

/* The columns of a row. A row is about a bucket, or, following it, about an owner's part of it. */
enum distribution_column {
    DISTRIBUTION_KIND, /* "access" or "size" */
    DISTRIBUTION_BUCKET,
    DISTRIBUTION_LABEL,
    DISTRIBUTION_LOWER, /* [lower, upper) in days before the scan or in bytes */
    DISTRIBUTION_UPPER, /* NULL: no bound */
    DISTRIBUTION_FILES,
    DISTRIBUTION_SIZE,  /* logical bytes */
    DISTRIBUTION_OWNER, /* NULL: of all owners that are asked for */
    DISTRIBUTION_NAME,  /* NULL: not known */
    DISTRIBUTION_COLUMNS,
};

enum { DISTRIBUTION_NO_OWNERS = -1 };

struct distribution_question {
    const struct filter *filter; /* its path prefix, mounts, owner and group count */
    unsigned kinds;              /* a bit for each: 1U << enum histogram_kind */
    int64_t top;  /* of each bucket the owners of most bytes, so many; 0: all of them */
    bool or_none; /* that the histograms do not go so deep is no failure: distribution_missing */
};

/* Reports a database that is left out; text is borrowed. */
typedef void distribution_tell(void *context, const char *text);

/* Asks all databases, and adds up; borrows everything for the call. Of several, one that cannot
 * answer is reported and left out; a failure where there is but one. Fails also where no database
 * knows the path, owner or group. A sum stays at INT64_MAX. */
int distribution_open(struct distribution **out, char *const *paths, size_t count,
                      const struct distribution_question *question, distribution_tell *tell,
                      void *context, struct err *err);

/* The same of the one database that `reader`, borrowed for the call, has open. */
int distribution_of(struct distribution **out, struct reader *reader,
                    const struct distribution_question *question, struct err *err);
void distribution_close(struct distribution *distribution);

/* How many databases have been left out. */
size_t distribution_left_out(const struct distribution *distribution);

/* The time that ages are counted from: "atime", "mtime" or "latest"; NULL where the databases that
 * answer have different ones, or none says. Lives as long as the distribution. */
const char *distribution_age_by(const struct distribution *distribution);

/* With or_none: why there are no rows; NULL: there are. */
const char *distribution_missing(const struct distribution *distribution);

/* The columns' names as programs know them. Static. */
const char *distribution_column_name(enum distribution_column column);

/* 1 a row, 0 no more. Every bucket of a kind has a row, the empty ones too; the kinds follow one
 * another. values[i] is column i's, borrowed until the next step. */
int distribution_next(struct distribution *distribution, const struct reader_value **values);

/* Files and bytes of all buckets of a kind, and those of its largest bucket, each by itself. */
struct histogram_bucket distribution_total(const struct distribution *distribution,
                                           enum histogram_kind kind);
struct histogram_bucket distribution_largest(const struct distribution *distribution,
                                             enum histogram_kind kind);

#endif
