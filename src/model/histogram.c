/* histogram: the buckets and what falls into them.
 *
 * Both scales are short and fixed, so a bucket is found by counting the bounds that lie below: nine
 * comparisons without a branch, which the compiler turns into vectors. Reentrant. */
#include "histogram.h"

#include "clock.h"
#include "dirstat.h"

enum { BOUNDS = HISTOGRAM_BUCKETS - 1 };

static const int64_t bounds[HISTOGRAM_KINDS][BOUNDS] = {
    /* days since the last access */
    {30, 90, 180, 365, 730, 1095, 1460, 2190, 2555},
    /* bytes: 1 KiB to 100 GiB */
    {INT64_C(1) << 10, 10 * (INT64_C(1) << 10), 100 * (INT64_C(1) << 10), INT64_C(1) << 20,
     10 * (INT64_C(1) << 20), 100 * (INT64_C(1) << 20), INT64_C(1) << 30, 10 * (INT64_C(1) << 30),
     100 * (INT64_C(1) << 30)},
};

static const char *const labels[HISTOGRAM_KINDS][HISTOGRAM_BUCKETS] = {
    {"< 30 days", "30-90 days", "90-180 days", "180 days-1 year", "1-2 years", "2-3 years",
     "3-4 years", "4-6 years", "6-7 years", ">= 7 years"},
    {"< 1 KiB", "1-10 KiB", "10-100 KiB", "100 KiB-1 MiB", "1-10 MiB", "10-100 MiB",
     "100 MiB-1 GiB", "1-10 GiB", "10-100 GiB", ">= 100 GiB"},
};

static const char *const age_names[HISTOGRAM_AGES] = {"atime", "mtime", "latest"};

void histogram_ages_init(struct histogram_ages *ages, int64_t scan, enum histogram_age by)
{
    ages->by = by;
    for (int i = 0; i < BOUNDS; i++)
        ages->since[i] = scan - bounds[HISTOGRAM_ACCESS][i] * CLOCK_DAY;
}

unsigned histogram_access_bucket(const struct histogram_ages *ages, int64_t time)
{
    unsigned bucket = 0;
    for (int i = 0; i < BOUNDS; i++)
        bucket += time <= ages->since[i];
    return bucket;
}

unsigned histogram_size_bucket(int64_t size)
{
    unsigned bucket = 0;
    for (int i = 0; i < BOUNDS; i++)
        bucket += size >= bounds[HISTOGRAM_SIZE][i];
    return bucket;
}

void histogram_count(struct histogram_bucket *bucket, uint64_t files, uint64_t size)
{
    bucket->files = dirstat_sum(bucket->files, files);
    bucket->size = dirstat_sum(bucket->size, size);
}

void histogram_add(struct histogram *histogram, unsigned access_bucket, unsigned size_bucket,
                   int64_t size)
{
    histogram_count(&histogram->bucket[HISTOGRAM_ACCESS][access_bucket], 1, (uint64_t)size);
    histogram_count(&histogram->bucket[HISTOGRAM_SIZE][size_bucket], 1, (uint64_t)size);
}

void histogram_merge(struct histogram *into, const struct histogram *from)
{
    for (int kind = 0; kind < HISTOGRAM_KINDS; kind++)
        for (int i = 0; i < HISTOGRAM_BUCKETS; i++)
            histogram_count(&into->bucket[kind][i], from->bucket[kind][i].files,
                            from->bucket[kind][i].size);
}

const char *histogram_age_name(enum histogram_age by)
{
    return age_names[by];
}

enum histogram_age histogram_age_find(struct slice name)
{
    enum histogram_age by = 0;
    while (by < HISTOGRAM_AGES && !slice_equal(name, slice_from(age_names[by])))
        by++;
    return by;
}

const char *histogram_kind_name(enum histogram_kind kind)
{
    return kind == HISTOGRAM_ACCESS ? "access" : "size";
}

const char *histogram_label(enum histogram_kind kind, unsigned bucket)
{
    return labels[kind][bucket];
}

int64_t histogram_lower(enum histogram_kind kind, unsigned bucket)
{
    return bucket == 0 ? 0 : bounds[kind][bucket - 1];
}

int64_t histogram_upper(enum histogram_kind kind, unsigned bucket)
{
    return bucket == BOUNDS ? -1 : bounds[kind][bucket];
}
