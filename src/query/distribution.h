/* distribution: the answer to --histogram: how the files directly in the directories that a filter
 * asks for are spread over the buckets of age and of size, of several databases added up. */
#ifndef FSTALLY_DISTRIBUTION_H
#define FSTALLY_DISTRIBUTION_H

#include <stdint.h>

#include "histogram.h"

struct answer;
struct err;
struct federation;
struct filter;

/* The columns of a row. A row is about a bucket, or, following it, about an owner's part of it. */
enum distribution_column {
    DISTRIBUTION_KIND, /* "access" or "size" */
    DISTRIBUTION_BUCKET,
    DISTRIBUTION_LABEL,
    DISTRIBUTION_LOWER, /* [lower, upper) in days before the scan or in bytes */
    DISTRIBUTION_UPPER, /* NULL: no bound */
    DISTRIBUTION_FILES,
    DISTRIBUTION_SIZE,  /* logical bytes */
    DISTRIBUTION_OWNER, /* these two where owners are asked for; NULL: all that are asked for */
    DISTRIBUTION_NAME,  /* NULL: not known */
};

enum { DISTRIBUTION_NO_OWNERS = -1 };

struct distribution_question {
    const struct filter *filter; /* owners and groups choose files */
    unsigned kinds;              /* a bit for each: 1U << enum histogram_kind */
    int64_t top; /* of each bucket the owners of most bytes, so many; 0: all of them;
                                    DISTRIBUTION_NO_OWNERS */
};

/* Every bucket of a kind has a row, the empty ones too; the kinds follow one another. A sum stays
 * at INT64_MAX. The question is borrowed for the call. */
int distribution_answer(struct answer **out, struct federation *federation,
                        const struct distribution_question *question, struct err *err);

/* Of an answer made here: the time that ages are counted from, "atime", "mtime" or "latest"; NULL
 * where the databases have different ones, or none says. Static. */
const char *distribution_age_by(const struct answer *answer);

/* Files and bytes of all buckets of a kind, and those of its largest bucket, each by itself. */
struct histogram_bucket distribution_total(const struct answer *answer, enum histogram_kind kind);
struct histogram_bucket distribution_largest(const struct answer *answer, enum histogram_kind kind);

#endif
