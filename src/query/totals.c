/* totals: a row an owner and database, which are few: thousands, not millions. So they are all
 * kept, sorted by id, folded, and sorted again as asked. */
#include "totals.h"

#include "err.h"
#include "filter.h"
#include "mem.h"
#include "reader.h"
#include "statement.h"

#include <stdlib.h>

static int grow(struct totals *totals)
{
    struct totals_entry *longer =
        mem_grow(totals->entries, &totals->room, totals->count, sizeof *longer);
    if (longer == NULL)
        return -1;
    totals->entries = longer;
    return 0;
}

static char *copy_name(const struct reader_rows *rows)
{
    struct slice name = reader_rows_text(rows, STATEMENT_TOTAL_NAME);
    return strndup(name.len == 0 ? "" : name.ptr, name.len);
}

int totals_add(struct totals *totals, const struct reader_rows *rows, size_t source,
               struct err *err)
{
    struct totals_entry entry = {
        .source = source,
        .id = reader_rows_integer(rows, STATEMENT_TOTAL_ID),
        .files = reader_rows_integer(rows, STATEMENT_TOTAL_FILES),
        .size = reader_rows_integer(rows, STATEMENT_TOTAL_SIZE),
        .alloc = reader_rows_integer(rows, STATEMENT_TOTAL_ALLOC),
        .directories = reader_rows_integer(rows, STATEMENT_TOTAL_DIRECTORIES),
    };
    struct slice atime = reader_rows_text(rows, STATEMENT_TOTAL_ATIME);
    if (atime.len > 0 && atime.len < sizeof entry.atime)
        memcpy(entry.atime, atime.ptr, atime.len);
    bool named = !reader_rows_is_null(rows, STATEMENT_TOTAL_NAME);
    entry.name = named ? copy_name(rows) : NULL;
    if ((named && entry.name == NULL) || grow(totals) != 0) {
        free(entry.name);
        return err_set(err, "query: out of memory");
    }
    totals->entries[totals->count++] = entry;
    return 0;
}

void totals_cut(struct totals *totals, size_t count)
{
    while (totals->count > count)
        free(totals->entries[--totals->count].name);
}

/* Keeps the sorted entries as they are, before they are folded. */
static int keep_parts(struct totals *totals)
{
    totals->parts = malloc(totals->count * sizeof *totals->parts);
    if (totals->parts == NULL)
        return -1;
    memcpy(totals->parts, totals->entries, totals->count * sizeof *totals->parts);
    for (size_t i = 0; i < totals->count; i++) {
        totals->parts[i].name = NULL;
        totals->entries[i].first = i;
        totals->entries[i].part_count = 1;
    }
    return 0;
}

/* A sum that passes INT64_MAX stays there, as in a database. */
static void add(int64_t *sum, int64_t more)
{
    if (__builtin_add_overflow(*sum, more, sum))
        *sum = INT64_MAX;
}

/* Adds what `other`, of the same id, holds, and empties it. */
static void fold(struct totals_entry *entry, struct totals_entry *other)
{
    add(&entry->files, other->files);
    add(&entry->size, other->size);
    add(&entry->alloc, other->alloc);
    add(&entry->directories, other->directories);
    entry->part_count++;
    if (strcmp(other->atime, entry->atime) > 0)
        memcpy(entry->atime, other->atime, sizeof entry->atime);
    if (entry->name == NULL)
        entry->name = other->name;
    else
        free(other->name);
    other->name = NULL;
}

static int by_id(const void *left, const void *right)
{
    const struct totals_entry *a = left;
    const struct totals_entry *b = right;
    if (a->id != b->id)
        return a->id < b->id ? -1 : 1;
    return (a->source > b->source) - (a->source < b->source);
}

static int64_t sort_key(const struct totals_entry *entry, enum filter_sort sort)
{
    switch (sort) {
    case FILTER_SORT_FILES_R:
    case FILTER_SORT_FILES_NR:
        return entry->files;
    case FILTER_SORT_ALLOC_R:
        return entry->alloc;
    case FILTER_SORT_DIRS_R:
        return entry->directories;
    default:
        return entry->size;
    }
}

/* Most recent first; unknown last, also when reversed. */
static int compare_atime(const char *a, const char *b, bool reverse)
{
    if (*a == '\0' || *b == '\0')
        return (*a == '\0') - (*b == '\0');
    return reverse ? strcmp(a, b) : strcmp(b, a);
}

static int as_asked(const void *left, const void *right, void *context)
{
    const struct totals_entry *a = left;
    const struct totals_entry *b = right;
    const struct filter *filter = context;
    int order;
    if (filter->sort_by == FILTER_SORT_ATIME_R) {
        order = compare_atime(a->atime, b->atime, filter->reverse);
    } else {
        int64_t key_a = sort_key(a, filter->sort_by);
        int64_t key_b = sort_key(b, filter->sort_by);
        order = (key_b > key_a) - (key_b < key_a);
        order = filter->reverse ? -order : order;
    }
    return order != 0 ? order : by_id(a, b);
}

int totals_finish(struct totals *totals, const struct filter *filter, struct err *err)
{
    if (totals->count == 0)
        return 0;
    qsort(totals->entries, totals->count, sizeof *totals->entries, by_id);
    if (keep_parts(totals) != 0)
        return err_set(err, "query: out of memory");
    size_t last = 0;
    for (size_t i = 1; i < totals->count; i++) {
        if (totals->entries[i].id != totals->entries[last].id) {
            totals->entries[++last] = totals->entries[i];
            if (last != i)
                totals->entries[i].name = NULL;
        } else {
            fold(&totals->entries[last], &totals->entries[i]);
        }
    }
    totals->count = last + 1;
    qsort_r(totals->entries, totals->count, sizeof *totals->entries, as_asked, (void *)filter);
    if (filter->limit > 0)
        totals_cut(totals, (size_t)filter->limit);
    return 0;
}

void totals_free(struct totals *totals)
{
    totals_cut(totals, 0);
    free(totals->entries);
    free(totals->parts);
    *totals = (struct totals){0};
}
