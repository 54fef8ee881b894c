/* distribution: both histograms of any set of files are sums over its cells, which each thread adds
 * up by cell, and by owner where owners are asked for. */
#include "distribution.h"

#include <stdlib.h>

#include "answer.h"
#include "cells.h"
#include "dirstat.h"
#include "err.h"
#include "federation.h"
#include "filter.h"
#include "mem.h"
#include "ownermap.h"

enum { NOBODY = -1 }; /* in place of an owner: all of them */

struct row {
    enum histogram_kind kind;
    unsigned bucket;
    int64_t owner; /* NOBODY: the bucket's own row */
    struct histogram_bucket sum;
};

/* What a database calls an owner. */
struct name {
    int64_t uid;
    size_t place; /* of the database */
    char *text;   /* owned */
};

struct distribution {
    struct answer answer; /* first: a pointer to one is a pointer to the other */
    unsigned kinds;
    int64_t top;
    struct histogram sum;
    struct ownermap *owners; /* NULL: not asked for */
    struct name *names;      /* by uid and place, once all have been asked */
    size_t name_count;
    size_t name_room;
    struct row *rows; /* of the answer */
    size_t row_count;
    size_t row_room;
    size_t given;
    enum histogram_age age_by; /* of the databases that say it; HISTOGRAM_AGES: none has yet */
    bool age_differs;          /* they say different ones */
    struct reader_value values[ANSWER_COLUMNS];
};

static int out_of_memory(struct err *err)
{
    return err_set(err, "histogram: out of memory");
}

/* ---- One database ---- */

/* One thread's cells: of all, and by owner. */
struct counts {
    struct histogram_bucket cells[CELLS];
    struct histogram_bucket (*of_owner)[CELLS]; /* by the owner's place; NULL: not asked for */
};

struct counting {
    const struct scan *scan;
    const uint32_t *owner_of; /* by pair: the place of its owner; NULL: owners are not asked for */
    size_t owner_count;
    struct counts **counts; /* one a thread; NULL: it has had no block */
};

static void free_counts(struct counts *counts)
{
    if (counts != NULL)
        free(counts->of_owner);
    free(counts);
}

static struct counts *new_counts(const struct counting *counting)
{
    struct counts *counts = calloc(1, sizeof *counts);
    if (counts == NULL || counting->owner_of == NULL)
        return counts;
    counts->of_owner = calloc(counting->owner_count + 1, sizeof *counts->of_owner);
    if (counts->of_owner != NULL)
        return counts;
    free(counts);
    return NULL;
}

/* Adds cells [begin, end). */
static void add_counts(struct histogram_bucket *into, const struct facts_cells *cells,
                       uint32_t begin, uint32_t end)
{
    for (uint32_t c = begin; c < end; c++)
        histogram_count(&into[cells->index[c]], (uint64_t)cells->files[c],
                        (uint64_t)cells->size[c]);
}

/* Whether all directories of a block are asked for. */
static bool is_whole(const struct scan_block *block)
{
    for (uint32_t i = 0; i < block->count; i += 64) {
        uint32_t count = block->count - i < 64 ? block->count - i : 64;
        if (block->bits[i / 64] != UINT64_MAX >> (64 - count))
            return false;
    }
    return true;
}

/* A scan_visit. */
static int count_block(void *context, const struct scan_block *block, struct err *err)
{
    const struct counting *counting = context;
    const struct scope *scope = counting->scan->scope;
    const struct facts_share *shares;
    struct facts_cells cells;
    size_t count;
    struct counts **counts = &counting->counts[block->thread];
    if (*counts == NULL && (*counts = new_counts(counting)) == NULL)
        return out_of_memory(err);
    if (facts_cells(&cells, block->facts, err) != 0)
        return -1;
    if (scope->all_wanted && counting->owner_of == NULL && is_whole(block)) {
        add_counts((*counts)->cells, &cells, 0, cells.count);
        return 0;
    }
    if (facts_shares(&shares, &count, block->facts, FACTS_WANT_CELLS, scope->pair_count, err) != 0)
        return -1;
    for (size_t s = 0; s < count; s++) {
        const struct facts_share *share = &shares[s];
        if (!scan_has(block->bits, share->directory) ||
            (!scope->all_wanted && !scope->pairs[share->pair].wanted))
            continue;
        struct histogram_bucket *into = counting->owner_of == NULL
                                            ? (*counts)->cells
                                            : (*counts)->of_owner[counting->owner_of[share->pair]];
        add_counts(into, &cells, share->cells_begin, share->cells_end);
    }
    return 0;
}

static void add_cells(struct histogram *histogram, const struct histogram_bucket cells[CELLS])
{
    for (unsigned i = 0; i < CELLS; i++) {
        const struct cells_count cell = {cells[i].files, cells[i].size, i};
        if (cell.files != 0)
            cells_add_to(histogram, &cell);
    }
}

/* Adds the threads' counts to the whole. */
static void take_counts(struct distribution *distribution, const struct counting *counting)
{
    const struct scope *scope = counting->scan->scope;
    for (unsigned t = 0; t < counting->scan->threads; t++) {
        const struct counts *counts = counting->counts[t];
        if (counts == NULL)
            continue;
        add_cells(&distribution->sum, counts->cells);
        for (size_t i = 0; counts->of_owner != NULL && i < scope->pair_count; i++) {
            uint32_t owner = counting->owner_of[i];
            if (i > 0 && counting->owner_of[i - 1] == owner)
                continue;
            struct histogram one = {0};
            add_cells(&one, counts->of_owner[owner]);
            histogram_merge(&distribution->sum, &one);
            histogram_merge(&ownermap_get(distribution->owners, scope->pairs[i].uid)->histogram,
                            &one);
        }
    }
}

/* Numbers the owners of the pairs, which come by owner. */
static size_t number_owners(uint32_t *owner_of, const struct scope *scope)
{
    size_t count = 0;
    for (size_t i = 0; i < scope->pair_count; i++) {
        count += i == 0 || scope->pairs[i].uid != scope->pairs[i - 1].uid;
        owner_of[i] = (uint32_t)count - 1;
    }
    return count;
}

static int count_part(struct distribution *distribution, const struct scan *scan, struct err *err)
{
    uint32_t *owner_of = calloc(scan->scope->pair_count + 1, sizeof *owner_of);
    struct counting counting = {.scan = scan};
    /* NOLINTNEXTLINE(bugprone-sizeof-expression): an array of pointers is meant. */
    counting.counts = calloc(scan->threads, sizeof *counting.counts);
    int status = -1;
    if (owner_of == NULL || counting.counts == NULL) {
        out_of_memory(err);
    } else {
        counting.owner_count = number_owners(owner_of, scan->scope);
        if (distribution->owners != NULL)
            counting.owner_of = owner_of;
        status = scan_run(scan, NULL, count_block, &counting, err);
        if (status == 0)
            take_counts(distribution, &counting);
    }
    for (unsigned i = 0; counting.counts != NULL && i < scan->threads; i++)
        free_counts(counting.counts[i]);
    free(counting.counts);
    free(owner_of);
    return status;
}

static int add_name(struct distribution *distribution, size_t place, const struct reader_rows *rows)
{
    struct name *longer = mem_grow(distribution->names, &distribution->name_room,
                                   distribution->name_count, sizeof *longer);
    if (longer == NULL)
        return -1;
    distribution->names = longer;
    struct slice text = reader_rows_text(rows, 1);
    struct name name = {reader_rows_integer(rows, 0), place,
                        strndup(text.len == 0 ? "" : text.ptr, text.len)};
    if (name.text == NULL)
        return -1;
    longer[distribution->name_count++] = name;
    return 0;
}

static int read_names(struct distribution *distribution, struct reader *reader, size_t place,
                      struct err *err)
{
    struct reader_rows *rows;
    if (reader_run(&rows, reader, "SELECT uid, username FROM user_info", NULL, 0, err) != 0)
        return -1;
    int status;
    while ((status = reader_rows_next(rows, err)) == 1) {
        if (add_name(distribution, place, rows) != 0) {
            status = out_of_memory(err);
            break;
        }
    }
    reader_rows_close(rows);
    return status;
}

/* Notes what the database's ages are counted from, which is the same for all its logs. */
static int read_age_by(struct distribution *distribution, struct reader *reader, struct err *err)
{
    struct reader_rows *rows;
    if (reader_run(&rows, reader, "SELECT max(age_by) FROM scan_metadata", NULL, 0, err) != 0)
        return -1;
    int found = reader_rows_next(rows, err);
    if (found == 1 && !reader_rows_is_null(rows, 0)) {
        enum histogram_age age_by = histogram_age_find(reader_rows_text(rows, 0));
        if (distribution->age_by == HISTOGRAM_AGES)
            distribution->age_by = age_by;
        distribution->age_differs = distribution->age_differs || distribution->age_by != age_by;
    }
    reader_rows_close(rows);
    return found < 0 ? -1 : 0;
}

static int add_part(struct distribution *distribution, const struct federation *federation,
                    size_t i, const struct filter *filter, struct err *err)
{
    struct reader *reader = federation->parts[i].reader;
    struct scan scan = federation_scan(federation, i, filter);
    scan.by_files = true;
    if (distribution->owners != NULL && read_names(distribution, reader, i, err) != 0)
        return -1;
    if (read_age_by(distribution, reader, err) != 0)
        return -1;
    return count_part(distribution, &scan, err);
}

/* ---- The answer ---- */

static int by_uid_and_place(const void *left, const void *right)
{
    const struct name *a = left;
    const struct name *b = right;
    if (a->uid != b->uid)
        return a->uid < b->uid ? -1 : 1;
    return (a->place > b->place) - (a->place < b->place);
}

/* What the first of the databases that know the owner calls it; NULL: none does. */
static const char *find_name(const struct distribution *distribution, int64_t uid)
{
    size_t low = 0;
    size_t high = distribution->name_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (distribution->names[middle].uid < uid)
            low = middle + 1;
        else
            high = middle;
    }
    bool found = low < distribution->name_count && distribution->names[low].uid == uid;
    return found ? distribution->names[low].text : NULL;
}

/* Most bytes first; equals by the owner's number. */
static int by_size(const void *left, const void *right)
{
    const struct row *a = left;
    const struct row *b = right;
    if (a->sum.size != b->sum.size)
        return a->sum.size > b->sum.size ? -1 : 1;
    return (a->owner > b->owner) - (a->owner < b->owner);
}

static int put_row(struct distribution *distribution, struct row row)
{
    struct row *longer = mem_grow(distribution->rows, &distribution->row_room,
                                  distribution->row_count, sizeof *longer);
    if (longer == NULL)
        return -1;
    distribution->rows = longer;
    longer[distribution->row_count++] = row;
    return 0;
}

/* The owners of a bucket, as many as are asked for. */
static int put_owners(struct distribution *distribution, enum histogram_kind kind, unsigned bucket)
{
    size_t first = distribution->row_count;
    const struct ownermap_owner *owner = NULL;
    while ((owner = ownermap_next(distribution->owners, owner)) != NULL) {
        struct histogram_bucket sum = owner->histogram.bucket[kind][bucket];
        if (sum.files > 0 && put_row(distribution, (struct row){kind, bucket, owner->id, sum}) != 0)
            return -1;
    }
    size_t count = distribution->row_count - first;
    if (count > 0)
        qsort(distribution->rows + first, count, sizeof(struct row), by_size);
    if (distribution->top > 0 && (uint64_t)distribution->top < count)
        distribution->row_count = first + (size_t)distribution->top;
    return 0;
}

static int put_rows(struct distribution *distribution, struct err *err)
{
    for (enum histogram_kind kind = 0; kind < HISTOGRAM_KINDS; kind++) {
        for (unsigned i = 0; (distribution->kinds >> kind & 1) != 0 && i < HISTOGRAM_BUCKETS; i++) {
            struct row row = {kind, i, NOBODY, distribution->sum.bucket[kind][i]};
            if (put_row(distribution, row) != 0 ||
                (distribution->owners != NULL && put_owners(distribution, kind, i) != 0))
                return out_of_memory(err);
        }
    }
    return 0;
}

/* A sum that has passed INT64_MAX stays there. */
static uint64_t stay(uint64_t sum)
{
    return sum > INT64_MAX ? INT64_MAX : sum;
}

static int next(struct answer *answer, const struct reader_value **values, struct err *err)
{
    (void)err; /* all has been read before the first row */
    struct distribution *distribution = (struct distribution *)answer;
    if (distribution->given == distribution->row_count)
        return 0;
    const struct row *row = &distribution->rows[distribution->given++];
    bool whole = row->owner == NOBODY;
    int64_t upper = histogram_upper(row->kind, row->bucket);
    struct reader_value *value = distribution->values;
    value[DISTRIBUTION_KIND] = answer_text(histogram_kind_name(row->kind));
    value[DISTRIBUTION_BUCKET] = answer_integer((int64_t)row->bucket);
    value[DISTRIBUTION_LABEL] = answer_text(histogram_label(row->kind, row->bucket));
    value[DISTRIBUTION_LOWER] = answer_integer(histogram_lower(row->kind, row->bucket));
    value[DISTRIBUTION_UPPER] = upper < 0 ? answer_null() : answer_integer(upper);
    value[DISTRIBUTION_FILES] = answer_integer((int64_t)stay(row->sum.files));
    value[DISTRIBUTION_SIZE] = answer_integer((int64_t)stay(row->sum.size));
    value[DISTRIBUTION_OWNER] = whole ? answer_null() : answer_integer(row->owner);
    value[DISTRIBUTION_NAME] = answer_text(whole ? NULL : find_name(distribution, row->owner));
    *values = value;
    return 1;
}

static void close(struct answer *answer)
{
    struct distribution *distribution = (struct distribution *)answer;
    for (size_t i = 0; i < distribution->name_count; i++)
        free(distribution->names[i].text);
    free(distribution->names);
    free(distribution->rows);
    ownermap_free(distribution->owners);
    free(distribution);
}

static void choose_columns(struct answer *answer, bool owners)
{
    answer_add(answer, "kind", "KIND", ANSWER_TEXT);
    answer_add(answer, "bucket_index", NULL, ANSWER_NUMBER);
    answer_add(answer, "label", "BUCKET", ANSWER_TEXT);
    answer_add(answer, "lower", NULL, ANSWER_NUMBER);
    answer_add(answer, "upper", NULL, ANSWER_NUMBER);
    answer_add(answer, "file_count", "FILES", ANSWER_COUNT);
    answer_add(answer, "total_size", "SIZE", ANSWER_BYTES);
    if (!owners)
        return;
    answer_add(answer, "owner_uid", "OWNER", ANSWER_OWNER);
    answer_add(answer, "username", NULL, ANSWER_TEXT);
    answer->columns[DISTRIBUTION_OWNER].beside = DISTRIBUTION_NAME;
}

static int add_all(struct distribution *distribution, struct federation *federation,
                   const struct filter *filter, struct err *err)
{
    if (federation_resolve(federation, filter, err) != 0)
        return -1;
    for (size_t i = 0; i < federation->count; i++)
        if (federation_concerns(federation, i) &&
            add_part(distribution, federation, i, filter, err) != 0 &&
            federation_leave_out(federation, i, err) != 0)
            return -1;
    if (distribution->name_count > 0)
        qsort(distribution->names, distribution->name_count, sizeof *distribution->names,
              by_uid_and_place);
    return put_rows(distribution, err);
}

int distribution_answer(struct answer **out, struct federation *federation,
                        const struct distribution_question *question, struct err *err)
{
    struct distribution *distribution = calloc(1, sizeof *distribution);
    if (distribution == NULL)
        return out_of_memory(err);
    bool owners = question->top != DISTRIBUTION_NO_OWNERS;
    distribution->answer.next = next;
    distribution->answer.close = close;
    distribution->kinds = question->kinds;
    distribution->top = question->top;
    distribution->age_by = HISTOGRAM_AGES;
    distribution->owners = owners ? ownermap_new() : NULL;
    choose_columns(&distribution->answer, owners);
    if (add_all(distribution, federation, question->filter, err) != 0) {
        close(&distribution->answer);
        return -1;
    }
    *out = &distribution->answer;
    return 0;
}

const char *distribution_age_by(const struct answer *answer)
{
    const struct distribution *distribution = (const struct distribution *)answer;
    bool is_known = distribution->age_by < HISTOGRAM_AGES && !distribution->age_differs;
    return is_known ? histogram_age_name(distribution->age_by) : NULL;
}

struct histogram_bucket distribution_total(const struct answer *answer, enum histogram_kind kind)
{
    const struct distribution *distribution = (const struct distribution *)answer;
    struct histogram_bucket total = {0};
    for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++)
        histogram_count(&total, distribution->sum.bucket[kind][i].files,
                        distribution->sum.bucket[kind][i].size);
    return (struct histogram_bucket){stay(total.files), stay(total.size)};
}

struct histogram_bucket distribution_largest(const struct answer *answer, enum histogram_kind kind)
{
    const struct distribution *distribution = (const struct distribution *)answer;
    struct histogram_bucket largest = {0};
    for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++) {
        const struct histogram_bucket *bucket = &distribution->sum.bucket[kind][i];
        largest.files = bucket->files > largest.files ? bucket->files : largest.files;
        largest.size = bucket->size > largest.size ? bucket->size : largest.size;
    }
    return (struct histogram_bucket){stay(largest.files), stay(largest.size)};
}
