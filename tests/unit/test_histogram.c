/* histogram: each bucket's border from both sides. */
#include "histogram.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "dirstat.h"

enum { BORDERS = 9 };

static const int64_t days[BORDERS] = {30, 90, 180, 365, 730, 1095, 1460, 2190, 2555};

static const int64_t bytes[BORDERS] = {
    1024,       10240,       102400,       /* 1, 10, 100 KiB */
    1048576,    10485760,    104857600,    /* 1, 10, 100 MiB */
    1073741824, 10737418240, 107374182400, /* 1, 10, 100 GiB */
};

/* An age of exactly N days is no longer `< N days`. */
static void access_borders_are_exact(void **state)
{
    (void)state;
    const int64_t scan = 1768089600; /* 2026-01-11 */
    struct histogram_ages ages;
    histogram_ages_init(&ages, scan, HISTOGRAM_BY_ATIME);
    for (unsigned i = 0; i < BORDERS; i++) {
        int64_t border = scan - days[i] * 86400;
        assert_int_equal(histogram_access_bucket(&ages, border + 1), i);
        assert_int_equal(histogram_access_bucket(&ages, border), i + 1);
        assert_int_equal(histogram_access_bucket(&ages, border - 1), i + 1);
    }
}

static void access_at_the_ends(void **state)
{
    (void)state;
    struct histogram_ages ages;
    histogram_ages_init(&ages, 0,
                        HISTOGRAM_BY_ATIME); /* a scan in 1970: all borders are negative */
    assert_int_equal(histogram_access_bucket(&ages, 0), 0);
    assert_int_equal(histogram_access_bucket(&ages, 86400 * 400), 0); /* after the scan */
    assert_int_equal(histogram_access_bucket(&ages, INT64_C(253402300799)), 0);
    assert_int_equal(histogram_access_bucket(&ages, -86400 * 31), 1);
    assert_int_equal(histogram_access_bucket(&ages, INT64_C(-62135596800)), 9);
    assert_int_equal(histogram_access_bucket(&ages, ENTRY_NO_TIME), 9);
    histogram_ages_init(&ages, INT64_C(-62135596800),
                        HISTOGRAM_BY_ATIME); /* the first day there is */
    assert_int_equal(histogram_access_bucket(&ages, INT64_C(-62135596800)), 0);
    assert_int_equal(histogram_access_bucket(&ages, ENTRY_NO_TIME), 9);
}

/* What a file's age is counted from, for each of its times missing or not. */
static void ages_by_any_time(void **state)
{
    (void)state;
    static const struct {
        int64_t atime;
        int64_t mtime;
        int64_t latest;
    } files[] = {
        {100, 200, 200},
        {200, 100, 200},
        {-200, -100, -100},
        {7, 7, 7},
        {100, ENTRY_NO_TIME, 100},
        {ENTRY_NO_TIME, -100, -100},
        {ENTRY_NO_TIME, ENTRY_NO_TIME, ENTRY_NO_TIME},
    };
    struct histogram_ages by_atime;
    struct histogram_ages by_mtime;
    struct histogram_ages by_latest;
    histogram_ages_init(&by_atime, 0, HISTOGRAM_BY_ATIME);
    histogram_ages_init(&by_mtime, 0, HISTOGRAM_BY_MTIME);
    histogram_ages_init(&by_latest, 0, HISTOGRAM_BY_LATEST);
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        const struct entry file = {.atime = files[i].atime, .mtime = files[i].mtime};
        assert_int_equal(histogram_age_time(&by_atime, &file), files[i].atime);
        assert_int_equal(histogram_age_time(&by_mtime, &file), files[i].mtime);
        assert_int_equal(histogram_age_time(&by_latest, &file), files[i].latest);
    }
    assert_string_equal(histogram_age_name(HISTOGRAM_BY_ATIME), "atime");
    assert_string_equal(histogram_age_name(HISTOGRAM_BY_MTIME), "mtime");
    assert_string_equal(histogram_age_name(HISTOGRAM_BY_LATEST), "latest");
}

static void size_borders_are_exact(void **state)
{
    (void)state;
    assert_int_equal(histogram_size_bucket(0), 0);
    for (unsigned i = 0; i < BORDERS; i++) {
        assert_int_equal(histogram_size_bucket(bytes[i] - 1), i);
        assert_int_equal(histogram_size_bucket(bytes[i]), i + 1);
    }
    assert_int_equal(histogram_size_bucket(INT64_MAX), 9);
}

static void the_buckets_describe_themselves(void **state)
{
    (void)state;
    for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++) {
        assert_int_equal(histogram_lower(HISTOGRAM_ACCESS, i), i == 0 ? 0 : days[i - 1]);
        assert_int_equal(histogram_upper(HISTOGRAM_ACCESS, i), i == BORDERS ? -1 : days[i]);
        assert_int_equal(histogram_lower(HISTOGRAM_SIZE, i), i == 0 ? 0 : bytes[i - 1]);
        assert_int_equal(histogram_upper(HISTOGRAM_SIZE, i), i == BORDERS ? -1 : bytes[i]);
        for (unsigned j = 0; j < i; j++) { /* a label names one bucket */
            assert_string_not_equal(histogram_label(HISTOGRAM_ACCESS, i),
                                    histogram_label(HISTOGRAM_ACCESS, j));
            assert_string_not_equal(histogram_label(HISTOGRAM_SIZE, i),
                                    histogram_label(HISTOGRAM_SIZE, j));
        }
    }
    assert_string_equal(histogram_kind_name(HISTOGRAM_ACCESS), "access");
    assert_string_equal(histogram_kind_name(HISTOGRAM_SIZE), "size");
}

static void a_file_counts_once_in_each_kind(void **state)
{
    (void)state;
    struct histogram a = {0};
    struct histogram b = {0};
    histogram_add(&a, 2, 5, 100);
    histogram_add(&a, 2, 4, 11);
    histogram_add(&b, 9, 5, 1000);
    histogram_merge(&a, &b);
    assert_int_equal(a.bucket[HISTOGRAM_ACCESS][2].files, 2);
    assert_int_equal(a.bucket[HISTOGRAM_ACCESS][2].size, 111);
    assert_int_equal(a.bucket[HISTOGRAM_ACCESS][9].files, 1);
    assert_int_equal(a.bucket[HISTOGRAM_ACCESS][9].size, 1000);
    assert_int_equal(a.bucket[HISTOGRAM_SIZE][4].files, 1);
    assert_int_equal(a.bucket[HISTOGRAM_SIZE][4].size, 11);
    assert_int_equal(a.bucket[HISTOGRAM_SIZE][5].files, 2);
    assert_int_equal(a.bucket[HISTOGRAM_SIZE][5].size, 1100);
    uint64_t files = 0;
    for (int kind = 0; kind < HISTOGRAM_KINDS; kind++)
        for (int i = 0; i < HISTOGRAM_BUCKETS; i++)
            files += a.bucket[kind][i].files;
    assert_int_equal(files, 2 * 3);
}

static void a_bucket_sticks_when_it_overflows(void **state)
{
    (void)state;
    struct histogram_bucket bucket = {0};
    histogram_count(&bucket, INT64_MAX - 1, INT64_C(1) << 62);
    histogram_count(&bucket, 1, (INT64_C(1) << 62) - 1);
    assert_int_equal(bucket.files, INT64_MAX); /* as much as there can be */
    assert_int_equal(bucket.size, INT64_MAX);
    for (int i = 0; i < 3; i++) {
        histogram_count(&bucket, 1, 1);
        assert_int_equal(bucket.files, DIRSTAT_OVERFLOW);
        assert_int_equal(bucket.size, DIRSTAT_OVERFLOW);
    }
    struct histogram histogram = {0};
    for (int i = 0; i < 4; i++) /* 4 x (2^63 - 1) wraps to 2^64 - 4 */
        histogram_add(&histogram, 0, 9, INT64_MAX);
    assert_int_equal(histogram.bucket[HISTOGRAM_SIZE][9].size, DIRSTAT_OVERFLOW);
    struct histogram sum = histogram;
    histogram_merge(&sum, &histogram);
    assert_int_equal(sum.bucket[HISTOGRAM_SIZE][9].size, DIRSTAT_OVERFLOW);
    assert_int_equal(sum.bucket[HISTOGRAM_SIZE][9].files, 8);
}

static void ages_by_name(void **state)
{
    (void)state;
    for (enum histogram_age by = 0; by < HISTOGRAM_AGES; by++)
        assert_int_equal(histogram_age_find(slice_from(histogram_age_name(by))), by);
    assert_int_equal(histogram_age_find(slice_from("ctime")), HISTOGRAM_AGES);
    assert_int_equal(histogram_age_find(slice_from("")), HISTOGRAM_AGES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(access_borders_are_exact),
        cmocka_unit_test(access_at_the_ends),
        cmocka_unit_test(ages_by_any_time),
        cmocka_unit_test(ages_by_name),
        cmocka_unit_test(size_borders_are_exact),
        cmocka_unit_test(the_buckets_describe_themselves),
        cmocka_unit_test(a_file_counts_once_in_each_kind),
        cmocka_unit_test(a_bucket_sticks_when_it_overflows),
    };
    return cmocka_run_group_tests_name("histogram", tests, NULL, NULL);
}
