/* histogram: files and logical bytes by age of last access and by size, in the fixed buckets of the
 * contract (section 3). Merging is associative and commutative. */
#ifndef FSTALLY_HISTOGRAM_H
#define FSTALLY_HISTOGRAM_H

#include <stdint.h>

/* The time that an age is counted from. */
enum histogram_age { HISTOGRAM_BY_ATIME, HISTOGRAM_BY_MTIME, HISTOGRAM_BY_LATEST };

enum { HISTOGRAM_BUCKETS = 10 };

enum histogram_kind { HISTOGRAM_ACCESS, HISTOGRAM_SIZE, HISTOGRAM_KINDS };

struct histogram_bucket {
    uint64_t files;
    uint64_t size; /* logical bytes; sticks like a dirstat counter */
};

/* One owner's two histograms. Zero-initialise. */
struct histogram {
    struct histogram_bucket bucket[HISTOGRAM_KINDS][HISTOGRAM_BUCKETS];
};

/* The instants that part the access buckets of a log, from its scan date. */
struct histogram_ages {
    /* Bucket i holds atime > since[i], and not > since[i - 1]. */
    int64_t since[HISTOGRAM_BUCKETS - 1];
};

/* `scan` is the instant at which the scan's day begins. */
void histogram_ages_init(struct histogram_ages *ages, int64_t scan);

/* The bucket of a file last read at `atime` (ENTRY_NO_TIME: the last), in
 * [0, HISTOGRAM_BUCKETS). */
unsigned histogram_access_bucket(const struct histogram_ages *ages, int64_t atime);

/* The bucket of a file of `size` bytes. */
unsigned histogram_size_bucket(int64_t size);

/* Counts one file, by its buckets. */
void histogram_add(struct histogram *histogram, unsigned access_bucket, unsigned size_bucket,
                   int64_t size);

/* Adds to one bucket; the sums stick like a dirstat counter's. */
void histogram_count(struct histogram_bucket *bucket, uint64_t files, uint64_t size);

void histogram_merge(struct histogram *into, const struct histogram *from);

/* The buckets' own description. Static: "access" or "size"; "<30d". */
const char *histogram_kind_name(enum histogram_kind kind);
const char *histogram_label(enum histogram_kind kind, unsigned bucket);

/* The bounds [lower, upper) in days or bytes; upper is -1 where there is none. */
int64_t histogram_lower(enum histogram_kind kind, unsigned bucket);
int64_t histogram_upper(enum histogram_kind kind, unsigned bucket);

#endif
