/* histogram: files and logical bytes by age of last access and by size, each in ten fixed buckets
 * (the bounds are in histogram.c, and in each database's table histogram_bucket). Merging is
 * associative and commutative. */
#ifndef FSTALLY_HISTOGRAM_H
#define FSTALLY_HISTOGRAM_H

#include <stdint.h>

#include "entry.h"
#include "slice.h"

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

/* Which time of a file its age is counted from. */
enum histogram_age { HISTOGRAM_BY_ATIME, HISTOGRAM_BY_MTIME, HISTOGRAM_BY_LATEST, HISTOGRAM_AGES };

/* The instants that part the access buckets of a log, from its scan date. */
struct histogram_ages {
    enum histogram_age by;
    /* Bucket i holds times > since[i], and not > since[i - 1]. */
    int64_t since[HISTOGRAM_BUCKETS - 1];
};

/* `scan` is the instant at which the scan's day begins. */
void histogram_ages_init(struct histogram_ages *ages, int64_t scan, enum histogram_age by);

/* The time that the age of a file is counted from; ENTRY_NO_TIME where it is not recorded. */
static inline int64_t histogram_age_time(const struct histogram_ages *ages,
                                         const struct entry *file)
{
    if (ages->by == HISTOGRAM_BY_ATIME)
        return file->atime;
    if (ages->by == HISTOGRAM_BY_MTIME || file->mtime > file->atime)
        return file->mtime;
    return file->atime;
}

/* The bucket of a file of that time (ENTRY_NO_TIME: the last), in [0, HISTOGRAM_BUCKETS). */
unsigned histogram_access_bucket(const struct histogram_ages *ages, int64_t time);

/* "atime", "mtime" or "latest". Static. */
const char *histogram_age_name(enum histogram_age by);

/* The age of that name; HISTOGRAM_AGES: there is none. */
enum histogram_age histogram_age_find(struct slice name);

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
