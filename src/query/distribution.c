/* distribution: sums over the tables of histograms.
 *
 * The whole of a database is in the tables by owner, a few thousand rows at most. A subtree, or a
 * group, is the sum over a range of the tables by directory: SQLite returns the rows in the order
 * of the file, and they are added here (388,000 rows in 75 ms; 180 ms with its GROUP BY, 290 ms by
 * owner). Below the depth to which a database has such rows nothing is estimated: it cannot answer.
 * One thread. */
#include "distribution.h"

#include "err.h"
#include "filter.h"
#include "mem.h"
#include "ownermap.h"
#include "reader.h"
#include "scope.h"

#include <stdlib.h>
#include <string.h>

enum { NOBODY = -1 }; /* in place of an owner: all of them */

struct bucket {
    char *label; /* owned; NULL: no database has said it yet */
    int64_t lower;
    int64_t upper; /* -1: no bound */
};

struct name {
    int64_t uid;
    size_t place; /* of the database that knows it */
    char *text;   /* owned */
};

struct row {
    enum histogram_kind kind;
    unsigned bucket;
    int64_t owner; /* NOBODY: the bucket's own row */
    struct histogram_bucket sum;
};

struct distribution {
    const struct distribution_question *question; /* while it is asked */
    struct bucket buckets[HISTOGRAM_KINDS][HISTOGRAM_BUCKETS];
    struct histogram sum;
    struct ownermap *owners; /* NULL: nobody asks for them */
    struct name *names;      /* by uid and place, once all have been asked */
    size_t name_count;
    struct row *rows; /* of the answer */
    size_t row_count;
    size_t given;
    struct reader_value values[DISTRIBUTION_COLUMNS];
    char *missing; /* owned; why a database cannot answer, where that is no failure */
    size_t left_out;
    size_t counted;            /* databases that have a part in the answer */
    enum histogram_age age_by; /* of those that say it; HISTOGRAM_AGES: none has yet */
    bool age_differs;          /* they say different ones */
    bool has_path;             /* one of them does, and so on */
    bool has_owner;
    bool has_group;
};

/* One database's part, which is added to the whole once it is there in full. */
struct part {
    struct reader *reader;
    struct scope scope;
    struct histogram sum;
    struct ownermap *owners;
};

static const char *const column_names[] = {
    [DISTRIBUTION_KIND] = "kind",       [DISTRIBUTION_BUCKET] = "bucket_index",
    [DISTRIBUTION_LABEL] = "label",     [DISTRIBUTION_LOWER] = "lower",
    [DISTRIBUTION_UPPER] = "upper",     [DISTRIBUTION_FILES] = "file_count",
    [DISTRIBUTION_SIZE] = "total_size", [DISTRIBUTION_OWNER] = "owner_uid",
    [DISTRIBUTION_NAME] = "username",
};

const char *distribution_column_name(enum distribution_column column)
{
    return column_names[column];
}

static bool asks_for(const struct distribution *distribution, enum histogram_kind kind)
{
    return (distribution->question->kinds >> kind & 1) != 0;
}

static int out_of_memory(struct err *err)
{
    return err_set(err, "histogram: out of memory");
}

static struct reader_value integer_value(int64_t integer)
{
    return (struct reader_value){.type = READER_INTEGER, .integer = integer};
}

/* A sum that has passed INT64_MAX stays there. */
static uint64_t stay(uint64_t sum)
{
    return sum > INT64_MAX ? INT64_MAX : sum;
}

static struct reader_value count_value(uint64_t count)
{
    return integer_value((int64_t)stay(count));
}

static struct reader_value text_value(const char *text)
{
    return (struct reader_value){.type = READER_TEXT, .text = slice_from(text)};
}

/* One number; `otherwise` where there is no row. */
static int ask_integer(int64_t *out, struct reader *reader, const char *sql,
                       const struct reader_value *value, size_t count, struct err *err)
{
    struct reader_rows *rows;
    if (reader_run(&rows, reader, sql, value, count, err) != 0)
        return -1;
    int found = reader_rows_next(rows, err);
    *out = found == 1 ? reader_rows_integer(rows, 0) : 0;
    reader_rows_close(rows);
    return found < 0 ? -1 : 0;
}

/* ---- what the buckets are ------------------------------------------------------------------- */

static int strange_buckets(const struct part *part, struct err *err)
{
    return err_set(err,
                   "%s: its histograms have other buckets; ask it with the version of fstally "
                   "that imported it",
                   reader_path(part->reader));
}

/* Takes the description of one bucket, or sees that it is what another database has said. */
static int describe(struct distribution *distribution, const struct part *part,
                    enum histogram_kind kind, const struct reader_rows *rows, struct err *err)
{
    int64_t index = reader_rows_integer(rows, 0);
    if (index < 0 || index >= HISTOGRAM_BUCKETS)
        return strange_buckets(part, err);
    struct bucket *bucket = &distribution->buckets[kind][index];
    int64_t lower = reader_rows_integer(rows, 2);
    int64_t upper = reader_rows_is_null(rows, 3) ? -1 : reader_rows_integer(rows, 3);
    if (bucket->label != NULL)
        return bucket->lower == lower && bucket->upper == upper ? 0 : strange_buckets(part, err);
    struct slice label = reader_rows_text(rows, 1);
    *bucket = (struct bucket){strndup(label.len == 0 ? "" : label.ptr, label.len), lower, upper};
    return bucket->label == NULL ? out_of_memory(err) : 0;
}

static int read_buckets(struct distribution *distribution, const struct part *part,
                        enum histogram_kind kind, struct err *err)
{
    const struct reader_value value = text_value(histogram_kind_name(kind));
    struct reader_rows *rows;
    if (reader_run(&rows, part->reader,
                   "SELECT bucket_index, label, lower, upper FROM histogram_bucket WHERE kind = ?1",
                   &value, 1, err) != 0)
        return -1;
    int status;
    int count = 0;
    while ((status = reader_rows_next(rows, err)) == 1 &&
           describe(distribution, part, kind, rows, err) == 0)
        count++;
    reader_rows_close(rows);
    if (status == 0 && count != HISTOGRAM_BUCKETS)
        return strange_buckets(part, err);
    return status == 0 ? 0 : -1;
}

/* ---- one database --------------------------------------------------------------------------- */

/* ?1: the owner, NOBODY for all; ?2: the group likewise; [?3, ?4]: the subtree. */
#define BY_OWNER(table)                                                                            \
    "SELECT owner_uid, bucket_index, file_count, total_size FROM " table                           \
    " WHERE ?1 < 0 OR owner_uid = ?1"
#define BY_DIRECTORY(table)                                                                        \
    "SELECT owner_uid, bucket_index, file_count, total_size FROM " table                           \
    " WHERE dir_id BETWEEN ?3 AND ?4 AND (?1 < 0 OR owner_uid = ?1) "                              \
    "AND (?2 < 0 OR owner_gid = ?2)"

static const char *const by_owner_sql[] = {
    [HISTOGRAM_ACCESS] = BY_OWNER("access_histogram"),
    [HISTOGRAM_SIZE] = BY_OWNER("size_histogram"),
};
static const char *const by_directory_sql[] = {
    [HISTOGRAM_ACCESS] = BY_DIRECTORY("access_histogram_subtree"),
    [HISTOGRAM_SIZE] = BY_DIRECTORY("size_histogram_subtree"),
};

/* A directory in which all others lie is the whole as well. */
static bool is_whole(const struct part *part)
{
    return part->scope.under.first <= 1 && part->scope.under.last >= part->scope.directories;
}

static bool needs_directories(const struct part *part)
{
    return !is_whole(part) || part->scope.owner_gid >= 0;
}

/* Whether the tables by directory go down to the one that is asked about: 0, or 1 and err says that
 * they do not, or -1. A database without any row of logs is empty, and has them all. */
static int check_depth(const struct distribution *distribution, const struct part *part,
                       struct err *err)
{
    const struct filter *filter = distribution->question->filter;
    const struct reader_value first = integer_value(part->scope.under.first);
    const char *path = reader_path(part->reader);
    int64_t stored;
    int64_t depth = 1; /* the tables have files above it in rows of their own */
    if (ask_integer(&stored, part->reader,
                    "SELECT ifnull(min(histogram_depth), 2147483647) FROM scan_metadata", NULL, 0,
                    err) != 0)
        return -1;
    if (!is_whole(part) &&
        ask_integer(&depth, part->reader, "SELECT depth FROM directories WHERE dir_id = ?1", &first,
                    1, err) != 0)
        return -1;
    if (depth <= stored)
        return 0;
    if (is_whole(part))
        err_set(err,
                "%s: has no histograms by group; import its logs again with --replace "
                "--histogram-depth 1",
                path);
    else
        err_set(err,
                "%s: has histograms down to depth %lld, and %.*s is at depth %lld; import its "
                "logs again with --replace --histogram-depth %lld",
                path, (long long)stored, (int)filter->path_prefix.len, filter->path_prefix.ptr,
                (long long)depth, (long long)depth);
    return 1;
}

/* Notes why there is no answer, in place of a failure. */
static int note_missing(struct distribution *distribution, struct err *err)
{
    distribution->missing = strdup(err->text);
    *err = (struct err){0};
    return distribution->missing == NULL ? out_of_memory(err) : 0;
}

static int add_row(struct part *part, enum histogram_kind kind, const struct reader_rows *rows,
                   struct err *err)
{
    int64_t bucket = reader_rows_integer(rows, 1);
    int64_t files = reader_rows_integer(rows, 2);
    int64_t size = reader_rows_integer(rows, 3);
    if (bucket < 0 || bucket >= HISTOGRAM_BUCKETS || files < 0 || size < 0)
        return err_set(err,
                       "%s: damaged database: a histogram that cannot be; import its logs afresh "
                       "with --replace",
                       reader_path(part->reader));
    histogram_count(&part->sum.bucket[kind][bucket], (uint64_t)files, (uint64_t)size);
    if (part->owners != NULL) {
        struct ownermap_owner *owner = ownermap_get(part->owners, reader_rows_integer(rows, 0));
        histogram_count(&owner->histogram.bucket[kind][bucket], (uint64_t)files, (uint64_t)size);
    }
    return 0;
}

static int add_rows(struct part *part, enum histogram_kind kind, struct err *err)
{
    const struct reader_value values[] = {
        integer_value(part->scope.owner_uid),
        integer_value(part->scope.owner_gid),
        integer_value(part->scope.under.first),
        integer_value(part->scope.under.last),
    };
    bool by_directory = needs_directories(part);
    struct reader_rows *rows;
    if (reader_run(&rows, part->reader, (by_directory ? by_directory_sql : by_owner_sql)[kind],
                   values, by_directory ? 4 : 1, err) != 0)
        return -1;
    int status;
    while ((status = reader_rows_next(rows, err)) == 1)
        if (add_row(part, kind, rows, err) != 0)
            break;
    reader_rows_close(rows);
    return status == 0 ? 0 : -1;
}

static int add_name(struct distribution *distribution, size_t place, const struct reader_rows *rows)
{
    struct name *longer =
        realloc(distribution->names, (distribution->name_count + 1) * sizeof *longer);
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

static int read_names(struct distribution *distribution, const struct part *part, size_t place,
                      struct err *err)
{
    struct reader_rows *rows;
    if (reader_run(&rows, part->reader, "SELECT uid, username FROM user_info", NULL, 0, err) != 0)
        return -1;
    int status;
    while ((status = reader_rows_next(rows, err)) == 1) {
        if (add_name(distribution, place, rows) != 0) {
            out_of_memory(err);
            break;
        }
    }
    reader_rows_close(rows);
    return status == 0 ? 0 : -1;
}

/* Notes what the database's ages are counted from, which is the same for all its logs. */
static int read_age_by(struct distribution *distribution, const struct part *part, struct err *err)
{
    struct reader_rows *rows;
    if (reader_run(&rows, part->reader, "SELECT max(age_by) FROM scan_metadata", NULL, 0, err) != 0)
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

static int count_part(struct distribution *distribution, struct part *part, size_t place,
                      struct err *err)
{
    int missing = needs_directories(part) ? check_depth(distribution, part, err) : 0;
    if (missing == 1 && distribution->question->or_none)
        return note_missing(distribution, err);
    if (missing != 0)
        return -1;
    for (enum histogram_kind kind = 0; kind < HISTOGRAM_KINDS; kind++)
        if (asks_for(distribution, kind) && add_rows(part, kind, err) != 0)
            return -1;
    if (part->owners != NULL && read_names(distribution, part, place, err) != 0)
        return -1;
    if (read_age_by(distribution, part, err) != 0)
        return -1;
    histogram_merge(&distribution->sum, &part->sum);
    const struct ownermap_owner *owner = NULL;
    while (part->owners != NULL && (owner = ownermap_next(part->owners, owner)) != NULL)
        histogram_merge(&ownermap_get(distribution->owners, owner->id)->histogram,
                        &owner->histogram);
    distribution->counted++;
    return 0;
}

static int ask_part(struct distribution *distribution, struct part *part, size_t place,
                    struct err *err)
{
    const struct filter *asked = distribution->question->filter;
    struct filter filter;
    filter_init(&filter);
    filter.path_prefix = asked->path_prefix;
    filter.mounts = asked->mounts;
    filter.mount_count = asked->mount_count;
    filter.owner = asked->owner;
    filter.group = asked->group;
    if (scope_resolve(&part->scope, part->reader, &filter, err) != 0)
        return -1;
    for (enum histogram_kind kind = 0; kind < HISTOGRAM_KINDS; kind++)
        if (asks_for(distribution, kind) && read_buckets(distribution, part, kind, err) != 0)
            return -1;
    const struct scope *scope = &part->scope;
    distribution->has_path = distribution->has_path || scope->has_path;
    distribution->has_owner = distribution->has_owner || scope->has_owner;
    distribution->has_group = distribution->has_group || scope->has_group;
    if (!scope->has_path || !scope->has_owner || !scope->has_group)
        return 0;
    return count_part(distribution, part, place, err);
}

static int ask_reader(struct distribution *distribution, struct reader *reader, size_t place,
                      struct err *err)
{
    struct part part = {.reader = reader,
                        .owners = distribution->owners == NULL ? NULL : ownermap_new()};
    int status = ask_part(distribution, &part, place, err);
    scope_free(&part.scope);
    ownermap_free(part.owners);
    return status;
}

static int ask_database(struct distribution *distribution, const char *path, size_t place,
                        struct err *err)
{
    struct reader *reader;
    if (reader_open(&reader, path, err) != 0)
        return -1;
    int status = ask_reader(distribution, reader, place, err);
    reader_close(reader);
    return status;
}

/* ---- the answer ----------------------------------------------------------------------------- */

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

static int put_row(struct distribution *distribution, size_t *room, struct row row)
{
    struct row *longer =
        mem_grow(distribution->rows, room, distribution->row_count, sizeof *longer);
    if (longer == NULL)
        return -1;
    distribution->rows = longer;
    distribution->rows[distribution->row_count++] = row;
    return 0;
}

/* The owners of a bucket, as many as are asked for. */
static int put_owners(struct distribution *distribution, size_t *room, enum histogram_kind kind,
                      unsigned bucket)
{
    size_t first = distribution->row_count;
    int64_t top = distribution->question->top;
    const struct ownermap_owner *owner = NULL;
    while ((owner = ownermap_next(distribution->owners, owner)) != NULL) {
        struct histogram_bucket sum = owner->histogram.bucket[kind][bucket];
        if (sum.files > 0 &&
            put_row(distribution, room, (struct row){kind, bucket, owner->id, sum}) != 0)
            return -1;
    }
    size_t count = distribution->row_count - first;
    if (count > 0)
        qsort(distribution->rows + first, count, sizeof(struct row), by_size);
    if (top > 0 && (uint64_t)top < count)
        distribution->row_count = first + (size_t)top;
    return 0;
}

static int put_rows(struct distribution *distribution, struct err *err)
{
    size_t room = 0;
    for (enum histogram_kind kind = 0; kind < HISTOGRAM_KINDS; kind++) {
        for (unsigned i = 0; asks_for(distribution, kind) && i < HISTOGRAM_BUCKETS; i++) {
            struct row row = {kind, i, NOBODY, distribution->sum.bucket[kind][i]};
            if (put_row(distribution, &room, row) != 0 ||
                (distribution->owners != NULL && put_owners(distribution, &room, kind, i) != 0))
                return out_of_memory(err);
        }
    }
    return 0;
}

/* `path` is the first database's. */
static int check_answer(const struct distribution *distribution, const char *path, size_t count,
                        struct err *err)
{
    const struct filter *filter = distribution->question->filter;
    const char *asked = count == 1 ? path : "all databases";
    if (distribution->counted == 0 && distribution->left_out > 0)
        return err_set(err, "all databases: none can answer");
    if (!distribution->has_path)
        return err_set(err, "%s: no directory %.*s; it is %s", asked, (int)filter->path_prefix.len,
                       filter->path_prefix.ptr,
                       count == 1 ? "not in this database" : "in none of them");
    if (!distribution->has_owner)
        return err_set(err, "%s: no user %s, and this host has none either; give the number", asked,
                       filter->owner);
    if (!distribution->has_group)
        return err_set(err, "%s: no group %s, and this host has none either; give the number",
                       asked, filter->group);
    return 0;
}

/* Of `count` databases that have been asked, puts the rows in order. */
static int finish(struct distribution *distribution, const char *path, size_t count,
                  struct err *err)
{
    if (check_answer(distribution, path, count, err) != 0)
        return -1;
    if (distribution->name_count > 0)
        qsort(distribution->names, distribution->name_count, sizeof *distribution->names,
              by_uid_and_place);
    return distribution->missing == NULL ? put_rows(distribution, err) : 0;
}

static int ask_all(struct distribution *distribution, char *const *paths, size_t count,
                   distribution_tell *tell, void *context, struct err *err)
{
    for (size_t i = 0; i < count; i++) {
        if (ask_database(distribution, paths[i], i, err) == 0)
            continue;
        if (count == 1 || err->status == ERR_USAGE)
            return -1;
        tell(context, err->text);
        *err = (struct err){0};
        distribution->left_out++;
    }
    return finish(distribution, paths[0], count, err);
}

static struct distribution *begin(const struct distribution_question *question)
{
    struct distribution *distribution = calloc(1, sizeof *distribution);
    if (distribution == NULL)
        return NULL;
    distribution->question = question;
    distribution->age_by = HISTOGRAM_AGES;
    distribution->owners = question->top == DISTRIBUTION_NO_OWNERS ? NULL : ownermap_new();
    return distribution;
}

/* Returns the distribution, or, with another status than 0, closes it. */
static int end(struct distribution **out, struct distribution *distribution, int status)
{
    distribution->question = NULL;
    *out = distribution;
    if (status != 0)
        distribution_close(distribution);
    return status;
}

int distribution_open(struct distribution **out, char *const *paths, size_t count,
                      const struct distribution_question *question, distribution_tell *tell,
                      void *context, struct err *err)
{
    struct distribution *distribution = begin(question);
    if (distribution == NULL)
        return out_of_memory(err);
    return end(out, distribution, ask_all(distribution, paths, count, tell, context, err));
}

int distribution_of(struct distribution **out, struct reader *reader,
                    const struct distribution_question *question, struct err *err)
{
    struct distribution *distribution = begin(question);
    if (distribution == NULL)
        return out_of_memory(err);
    int status = ask_reader(distribution, reader, 0, err);
    if (status == 0)
        status = finish(distribution, reader_path(reader), 1, err);
    return end(out, distribution, status);
}

void distribution_close(struct distribution *distribution)
{
    if (distribution == NULL)
        return;
    for (enum histogram_kind kind = 0; kind < HISTOGRAM_KINDS; kind++)
        for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++)
            free(distribution->buckets[kind][i].label);
    for (size_t i = 0; i < distribution->name_count; i++)
        free(distribution->names[i].text);
    free(distribution->names);
    free(distribution->rows);
    free(distribution->missing);
    ownermap_free(distribution->owners);
    free(distribution);
}

size_t distribution_left_out(const struct distribution *distribution)
{
    return distribution->left_out;
}

const char *distribution_age_by(const struct distribution *distribution)
{
    bool is_known = distribution->age_by != HISTOGRAM_AGES && !distribution->age_differs;
    return is_known ? histogram_age_name(distribution->age_by) : NULL;
}

const char *distribution_missing(const struct distribution *distribution)
{
    return distribution->missing;
}

int distribution_next(struct distribution *distribution, const struct reader_value **values)
{
    if (distribution->given == distribution->row_count)
        return 0;
    const struct reader_value null = {.type = READER_NULL};
    const struct row *row = &distribution->rows[distribution->given++];
    const struct bucket *bucket = &distribution->buckets[row->kind][row->bucket];
    const char *name = row->owner == NOBODY ? NULL : find_name(distribution, row->owner);
    struct reader_value *value = distribution->values;
    value[DISTRIBUTION_KIND] = text_value(histogram_kind_name(row->kind));
    value[DISTRIBUTION_BUCKET] = integer_value((int64_t)row->bucket);
    value[DISTRIBUTION_LABEL] = text_value(bucket->label);
    value[DISTRIBUTION_LOWER] = integer_value(bucket->lower);
    value[DISTRIBUTION_UPPER] = bucket->upper < 0 ? null : integer_value(bucket->upper);
    value[DISTRIBUTION_FILES] = count_value(row->sum.files);
    value[DISTRIBUTION_SIZE] = count_value(row->sum.size);
    value[DISTRIBUTION_OWNER] = row->owner == NOBODY ? null : integer_value(row->owner);
    value[DISTRIBUTION_NAME] = name == NULL ? null : text_value(name);
    *values = value;
    return 1;
}

struct histogram_bucket distribution_total(const struct distribution *distribution,
                                           enum histogram_kind kind)
{
    struct histogram_bucket total = {0};
    for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++)
        histogram_count(&total, distribution->sum.bucket[kind][i].files,
                        distribution->sum.bucket[kind][i].size);
    return (struct histogram_bucket){stay(total.files), stay(total.size)};
}

struct histogram_bucket distribution_largest(const struct distribution *distribution,
                                             enum histogram_kind kind)
{
    struct histogram_bucket largest = {0};
    for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++) {
        const struct histogram_bucket *bucket = &distribution->sum.bucket[kind][i];
        largest.files = bucket->files > largest.files ? bucket->files : largest.files;
        largest.size = bucket->size > largest.size ? bucket->size : largest.size;
    }
    return (struct histogram_bucket){stay(largest.files), stay(largest.size)};
}
