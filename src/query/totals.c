/* totals: shares of files are added up by the number of their owner and group, in each thread; the
 * few thousand sums are then named, joined over the databases and sorted. */
#include "totals.h"

#include <stdlib.h>

#include "answer.h"
#include "cells.h"
#include "clock.h"
#include "err.h"
#include "federation.h"
#include "filter.h"
#include "mem.h"
#include "scan.h"

/* ---- One database ---- */

struct sum {
    int64_t files;
    int64_t size;
    int64_t alloc;
    int64_t directories;
    int64_t atime;
    int64_t cold_size;
    int64_t cold_files;
    int64_t last_id; /* the directory that was counted last */
};

struct counting {
    const struct scan *scan;
    const uint32_t *group_of; /* by pair: the sum it belongs to */
    size_t group_count;
    struct sum **sums; /* one list a thread; NULL: it has had no block */
};

/* The cold ones of a share's files. */
static void add_cold(struct sum *sum, const struct facts_share *share,
                     const struct facts_cells *cells, int64_t first)
{
    for (uint32_t c = share->cells_begin; c < share->cells_end; c++) {
        if (cells->index[c] < first)
            continue;
        sum->cold_size = facts_sum(sum->cold_size, cells->size[c]);
        sum->cold_files = facts_sum(sum->cold_files, cells->files[c]);
    }
}

static void add_share(struct sum *sum, const struct facts_share *share, int64_t id)
{
    const int64_t *figures = share->figures;
    sum->files = facts_sum(sum->files, figures[FACTS_SHARE_FILES]);
    sum->size = facts_sum(sum->size, figures[FACTS_SHARE_SIZE]);
    sum->alloc = facts_sum(sum->alloc, figures[FACTS_SHARE_ALLOC]);
    if (figures[FACTS_SHARE_ATIME] > sum->atime)
        sum->atime = figures[FACTS_SHARE_ATIME];
    sum->directories += sum->last_id != id; /* it counts once, in however many groups */
    sum->last_id = id;
}

static struct sum *new_sums(size_t count)
{
    struct sum *sums = calloc(count + 1, sizeof *sums);
    for (size_t i = 0; sums != NULL && i < count; i++)
        sums[i].atime = FACTS_NULL;
    return sums;
}

/* A scan_visit. */
static int count_block(void *context, const struct scan_block *block, struct err *err)
{
    const struct counting *counting = context;
    const struct scope *scope = counting->scan->scope;
    bool cold = counting->scan->filter->cold_bucket != 0;
    int64_t first = cells_index((unsigned)counting->scan->filter->cold_bucket, 0); /* cell */
    const struct facts_share *shares;
    struct facts_cells cells;
    size_t count;
    struct sum **sums = &counting->sums[block->thread];
    if (*sums == NULL && (*sums = new_sums(counting->group_count)) == NULL)
        return err_set(err, "query: out of memory");
    if (facts_shares(&shares, &count, block->facts, cold ? FACTS_WANT_ALL : FACTS_WANT_FIGURES,
                     scope->pair_count, err) != 0 ||
        (cold && facts_cells(&cells, block->facts, err) != 0))
        return -1;
    for (size_t s = 0; s < count; s++) {
        const struct facts_share *share = &shares[s];
        if (!scan_has(block->bits, share->directory) ||
            (!scope->all_wanted && !scope->pairs[share->pair].wanted))
            continue;
        struct sum *sum = &(*sums)[counting->group_of[share->pair]];
        add_share(sum, share, block->first_id + share->directory);
        if (cold)
            add_cold(sum, share, &cells, first);
    }
    return 0;
}

static int by_gid(const void *left, const void *right)
{
    const int64_t *a = left;
    const int64_t *b = right;
    return (*a > *b) - (*a < *b);
}

/* Numbers what is grouped by: pairs come by owner, then group. Returns how many there are. */
static size_t number_groups(uint32_t *group_of, int64_t *gids, const struct scope *scope,
                            enum filter_group group_by)
{
    size_t count = 0;
    for (size_t i = 0; i < scope->pair_count; i++) {
        bool starts =
            i == 0 || group_by == FILTER_BY_BOTH || scope->pairs[i].uid != scope->pairs[i - 1].uid;
        count += starts;
        group_of[i] = (uint32_t)count - 1;
        gids[i] = scope->pairs[i].gid;
    }
    if (group_by != FILTER_BY_GROUP)
        return count;
    qsort(gids, scope->pair_count, sizeof *gids, by_gid);
    count = 0;
    for (size_t i = 0; i < scope->pair_count; i++)
        if (count == 0 || gids[count - 1] != gids[i])
            gids[count++] = gids[i];
    for (size_t i = 0; i < scope->pair_count; i++) {
        const int64_t *found = bsearch(&scope->pairs[i].gid, gids, count, sizeof *gids, by_gid);
        group_of[i] = (uint32_t)(found - gids);
    }
    return count;
}

static int append(struct totals *totals, const struct totals_entry *entry)
{
    struct totals_entry *longer =
        mem_grow(totals->entries, &totals->room, totals->count, sizeof *longer);
    if (longer == NULL)
        return -1;
    totals->entries = longer;
    longer[totals->count++] = *entry;
    return 0;
}

/* Adds a thread's sum to an entry. */
static void add_sum(struct totals_entry *entry, const struct sum *sum)
{
    entry->files = facts_sum(entry->files, sum->files);
    entry->size = facts_sum(entry->size, sum->size);
    entry->alloc = facts_sum(entry->alloc, sum->alloc);
    entry->directories = facts_sum(entry->directories, sum->directories);
    entry->atime = sum->atime > entry->atime ? sum->atime : entry->atime;
    entry->cold_size = facts_sum(entry->cold_size, sum->cold_size);
    entry->cold_files = facts_sum(entry->cold_files, sum->cold_files);
}

/* Joins the threads' sums of group `g`, of which `pair` is one, to an entry. */
static int take_group(struct totals *totals, const struct counting *counting, size_t g,
                      const struct scope_pair *pair, size_t source)
{
    enum filter_group group_by = counting->scan->filter->group_by;
    struct totals_entry entry = {.uid = group_by == FILTER_BY_GROUP ? -1 : pair->uid,
                                 .gid = group_by == FILTER_BY_OWNER ? -1 : pair->gid,
                                 .atime = FACTS_NULL,
                                 .source = source};
    for (unsigned i = 0; i < counting->scan->threads; i++)
        if (counting->sums[i] != NULL)
            add_sum(&entry, &counting->sums[i][g]);
    return entry.directories == 0 ? 0 : append(totals, &entry);
}

static int take_groups(struct totals *totals, const struct counting *counting, size_t source)
{
    const struct scope *scope = counting->scan->scope;
    bool *taken = calloc(counting->group_count + 1, sizeof *taken);
    int status = taken == NULL ? -1 : 0;
    for (size_t i = 0; i < scope->pair_count && status == 0; i++) {
        uint32_t g = counting->group_of[i];
        if (!taken[g])
            status = take_group(totals, counting, g, &scope->pairs[i], source);
        taken[g] = true;
    }
    free(taken);
    return status;
}

static int count_part(struct totals *totals, const struct scan *scan, size_t source,
                      struct err *err)
{
    size_t pairs = scan->scope->pair_count;
    uint32_t *group_of = calloc(pairs + 1, sizeof *group_of);
    int64_t *gids = calloc(pairs + 1, sizeof *gids);
    struct counting counting = {.scan = scan, .group_of = group_of};
    /* NOLINTNEXTLINE(bugprone-sizeof-expression): an array of pointers is meant. */
    counting.sums = calloc(scan->threads, sizeof *counting.sums);
    int status = -1;
    if (group_of == NULL || gids == NULL || counting.sums == NULL) {
        err_set(err, "query: out of memory");
    } else {
        counting.group_count = number_groups(group_of, gids, scan->scope, scan->filter->group_by);
        status = scan_run(scan, NULL, count_block, &counting, err);
        if (status == 0 && take_groups(totals, &counting, source) != 0)
            status = err_set(err, "query: out of memory");
    }
    for (unsigned i = 0; counting.sums != NULL && i < scan->threads; i++)
        free(counting.sums[i]);
    free(counting.sums);
    free(gids);
    free(group_of);
    return status;
}

/* Asks for the name of an id. */
static int read_name(char **out, struct reader_rows **rows, struct reader *reader, const char *sql,
                     int64_t id, struct err *err)
{
    const struct reader_value value = answer_integer(id);
    int found = reader_look_up(rows, reader, sql, &value, err);
    if (found != 1)
        return found;
    struct slice name = reader_rows_text(*rows, 0);
    *out = strndup(name.len == 0 ? "" : name.ptr, name.len);
    return *out == NULL ? err_set(err, "query: out of memory") : 0;
}

/* Names the entries from `from` on, in the words of their database. */
static int name_entries(struct totals *totals, size_t from, struct reader *reader,
                        const struct filter *filter, struct err *err)
{
    struct reader_rows *users = NULL;
    struct reader_rows *groups = NULL;
    int status = 0;
    for (size_t i = from; i < totals->count && status == 0; i++) {
        struct totals_entry *entry = &totals->entries[i];
        if (filter->group_by != FILTER_BY_GROUP)
            status = read_name(&entry->username, &users, reader,
                               "SELECT username FROM user_info WHERE uid = ?1", entry->uid, err);
        if (status == 0 && filter->group_by != FILTER_BY_OWNER)
            status = read_name(&entry->groupname, &groups, reader,
                               "SELECT groupname FROM group_info WHERE gid = ?1", entry->gid, err);
    }
    reader_rows_close(users);
    reader_rows_close(groups);
    return status;
}

int totals_add(struct totals *totals, const struct federation *federation, size_t i,
               const struct filter *filter, struct err *err)
{
    size_t before = totals->count;
    struct scan scan = federation_scan(federation, i, filter);
    scan.by_files = true;
    if (count_part(totals, &scan, i, err) != 0)
        return -1;
    return name_entries(totals, before, federation->parts[i].reader, filter, err);
}

static void free_names(struct totals_entry *entry)
{
    free(entry->username);
    free(entry->groupname);
}

void totals_cut(struct totals *totals, size_t count)
{
    while (totals->count > count)
        free_names(&totals->entries[--totals->count]);
}

/* ---- All together ---- */

/* Keeps the sorted entries as they are, before they are folded. */
static int keep_parts(struct totals *totals)
{
    totals->parts = malloc(totals->count * sizeof *totals->parts);
    if (totals->parts == NULL)
        return -1;
    memcpy(totals->parts, totals->entries, totals->count * sizeof *totals->parts);
    for (size_t i = 0; i < totals->count; i++) {
        totals->parts[i].username = totals->parts[i].groupname = NULL;
        totals->entries[i].first = i;
        totals->entries[i].part_count = 1;
    }
    return 0;
}

static void take_name(char **name, char **other)
{
    if (*name == NULL)
        *name = *other;
    else
        free(*other);
    *other = NULL;
}

/* Adds what `other`, of the same owner and group, holds, and empties it. */
static void fold(struct totals_entry *entry, struct totals_entry *other)
{
    const struct sum sum = {.files = other->files,
                            .size = other->size,
                            .alloc = other->alloc,
                            .directories = other->directories,
                            .atime = other->atime,
                            .cold_size = other->cold_size,
                            .cold_files = other->cold_files};
    add_sum(entry, &sum);
    entry->part_count++;
    take_name(&entry->username, &other->username);
    take_name(&entry->groupname, &other->groupname);
}

static int by_ids(const void *left, const void *right)
{
    const struct totals_entry *a = left;
    const struct totals_entry *b = right;
    if (a->uid != b->uid)
        return a->uid < b->uid ? -1 : 1;
    if (a->gid != b->gid)
        return a->gid < b->gid ? -1 : 1;
    return (a->source > b->source) - (a->source < b->source);
}

/* What entries are sorted by; FACTS_NULL: not known. */
static int64_t sort_key(const struct totals_entry *entry, enum filter_sort sort)
{
    switch (sort) {
    case FILTER_SORT_FILES_R:
    case FILTER_SORT_FILES_NR:
        return entry->files;
    case FILTER_SORT_ALLOC_R:
    case FILTER_SORT_ALLOC_NR:
        return entry->alloc;
    case FILTER_SORT_DIRS_R:
    case FILTER_SORT_DIRS_NR:
        return entry->directories;
    case FILTER_SORT_ATIME_R:
        return entry->atime;
    case FILTER_SORT_AVG:
        return scan_average(entry->size, entry->files);
    case FILTER_SORT_COLD_SIZE:
        return entry->cold_size;
    default:
        return entry->size;
    }
}

static int as_asked(const void *left, const void *right, void *context)
{
    const struct totals_entry *a = left;
    const struct totals_entry *b = right;
    const struct filter *filter = context;
    int64_t key_a = sort_key(a, filter->sort_by);
    int64_t key_b = sort_key(b, filter->sort_by);
    if ((key_a == FACTS_NULL) != (key_b == FACTS_NULL)) /* last, also when reversed */
        return key_a == FACTS_NULL ? 1 : -1;
    int order = (key_b > key_a) - (key_b < key_a);
    order = filter->reverse ? -order : order;
    return order != 0 ? order : by_ids(a, b);
}

int totals_finish(struct totals *totals, const struct filter *filter, struct err *err)
{
    if (totals->count == 0)
        return 0;
    qsort(totals->entries, totals->count, sizeof *totals->entries, by_ids);
    if (keep_parts(totals) != 0)
        return err_set(err, "query: out of memory");
    size_t last = 0;
    for (size_t i = 1; i < totals->count; i++) {
        struct totals_entry *entry = &totals->entries[i];
        if (entry->uid == totals->entries[last].uid && entry->gid == totals->entries[last].gid) {
            fold(&totals->entries[last], entry);
        } else if (++last != i) {
            totals->entries[last] = *entry;
            entry->username = entry->groupname = NULL;
        }
    }
    totals->count = last + 1;
    qsort_r(totals->entries, totals->count, sizeof *totals->entries, as_asked, (void *)filter);
    return 0;
}

void totals_dispose(struct totals *totals)
{
    totals_cut(totals, 0);
    free(totals->entries);
    free(totals->parts);
    *totals = (struct totals){0};
}

/* ---- The answer ---- */

struct owners {
    struct answer answer; /* first: a pointer to one is a pointer to the other */
    const struct federation *federation;
    const struct filter *filter;
    bool split;
    struct totals totals;
    size_t given;       /* sums */
    size_t parts_given; /* of the sum given last */
    struct reader_value values[ANSWER_COLUMNS];
    char time[CLOCK_TEXT];
};

static void add_ids(struct answer *answer, const char *id, const char *name)
{
    size_t column = answer_add(answer, id, NULL, ANSWER_OWNER);
    answer->columns[column].beside = answer_add(answer, name, NULL, ANSWER_TEXT);
}

static void choose_columns(struct answer *answer, const struct filter *filter, bool split)
{
    bool by_owner = filter->group_by != FILTER_BY_GROUP;
    bool by_group = filter->group_by != FILTER_BY_OWNER;
    if (split)
        answer_add(answer, "filesystem", "FILESYSTEM", ANSWER_PART);
    size_t ids = answer->count;
    if (by_owner)
        add_ids(answer, "owner_uid", "username");
    if (by_group)
        add_ids(answer, "owner_gid", "groupname");
    size_t figures = answer->count;
    answer_add(answer, "file_count", NULL, ANSWER_COUNT);
    answer_add(answer, "total_size", NULL, ANSWER_BYTES);
    answer_add(answer, "total_alloc", NULL, ANSWER_BYTES);
    answer_add(answer, "directory_count", NULL, ANSWER_COUNT);
    answer_add(answer, "max_atime", NULL, ANSWER_DAY);
    if (filter->cold_bucket != 0) {
        answer_add(answer, "cold_size", "COLD", ANSWER_BYTES);
        answer_add(answer, "cold_files", "COLD FILES", ANSWER_COUNT);
    }
    answer_show(answer, figures + 1, "SIZE");
    answer_show(answer, figures + 2, "ALLOCATED");
    answer_show(answer, figures, "FILES");
    answer_show(answer, figures + 3, "DIRS");
    answer_show(answer, figures + 4, "ACCESSED");
    if (by_owner)
        answer_show(answer, ids, "OWNER");
    if (by_group)
        answer_show(answer, by_owner ? ids + 2 : ids, "GROUP");
}

/* `sum` has the names. */
static const struct reader_value *make_row(struct owners *owners, const struct totals_entry *entry,
                                           const struct totals_entry *sum, const char *filesystem)
{
    struct reader_value *value = owners->values;
    enum filter_group group_by = owners->filter->group_by;
    if (owners->split)
        *value++ = answer_text(filesystem);
    if (group_by != FILTER_BY_GROUP) {
        *value++ = answer_integer(entry->uid);
        *value++ = answer_text(sum->username);
    }
    if (group_by != FILTER_BY_OWNER) {
        *value++ = answer_integer(entry->gid);
        *value++ = answer_text(sum->groupname);
    }
    *value++ = answer_integer(entry->files);
    *value++ = answer_integer(entry->size);
    *value++ = answer_integer(entry->alloc);
    *value++ = answer_integer(entry->directories);
    bool known = entry->atime >= CLOCK_MIN && entry->atime <= CLOCK_MAX;
    if (known)
        clock_format(entry->atime, owners->time);
    *value++ = answer_text(known ? owners->time : NULL);
    if (owners->filter->cold_bucket != 0) {
        *value++ = answer_integer(entry->cold_size);
        *value++ = answer_integer(entry->cold_files);
    }
    return owners->values;
}

/* A sum, and where it is to be split its parts after it. */
static int next(struct answer *answer, const struct reader_value **values, struct err *err)
{
    (void)err; /* all has been read before the first row */
    struct owners *owners = (struct owners *)answer;
    const struct totals *totals = &owners->totals;
    if (owners->split && owners->given > 0) {
        const struct totals_entry *sum = &totals->entries[owners->given - 1];
        if (owners->parts_given < sum->part_count) {
            const struct totals_entry *part = &totals->parts[sum->first + owners->parts_given++];
            *values = make_row(owners, part, sum, owners->federation->parts[part->source].name);
            return 1;
        }
    }
    int64_t limit = owners->filter->limit;
    bool over = limit > 0 && owners->given == (size_t)limit;
    answer->cut = over && owners->given < totals->count;
    if (over || owners->given == totals->count)
        return 0;
    owners->parts_given = 0;
    const struct totals_entry *sum = &totals->entries[owners->given++];
    *values = make_row(owners, sum, sum, NULL);
    return 1;
}

static void close(struct answer *answer)
{
    struct owners *owners = (struct owners *)answer;
    totals_dispose(&owners->totals);
    free(owners);
}

static int add_all(struct totals *totals, struct federation *federation,
                   const struct filter *filter, struct err *err)
{
    if (federation_resolve(federation, filter, err) != 0)
        return -1;
    for (size_t i = 0; i < federation->count; i++) {
        size_t before = totals->count;
        if (!federation_concerns(federation, i) ||
            totals_add(totals, federation, i, filter, err) == 0)
            continue;
        totals_cut(totals, before);
        if (federation_leave_out(federation, i, err) != 0)
            return -1;
    }
    return totals_finish(totals, filter, err);
}

int totals_answer(struct answer **out, struct federation *federation, const struct filter *filter,
                  bool split, struct err *err)
{
    struct owners *owners = calloc(1, sizeof *owners);
    if (owners == NULL)
        return err_set(err, "query: out of memory");
    owners->answer.next = next;
    owners->answer.close = close;
    owners->federation = federation;
    owners->filter = filter;
    owners->split = split;
    choose_columns(&owners->answer, filter, split);
    if (add_all(&owners->totals, federation, filter, err) != 0) {
        close(&owners->answer);
        return -1;
    }
    *out = &owners->answer;
    return 0;
}
