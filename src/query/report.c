/* report: everything is gathered when it is opened, but for names and paths, which are fetched when
 * their row's turn comes.
 *
 * The page has to stay small whatever names it shows. So each table has a number of bytes, and
 * ends where the next row would pass it. The tree is cut before that (reporttree.h), and so are
 * the parts: the largest directories come first, and one whose lists do not fit is left out with
 * all after it, so that a part that is there is complete. One thread; scans take more. */
#include "report.h"

#include <stdlib.h>
#include <string.h>

#include "answer.h"
#include "clock.h"
#include "cold.h"
#include "diff.h"
#include "err.h"
#include "federation.h"
#include "filter.h"
#include "hotspots.h"
#include "mem.h"
#include "reportcost.h"
#include "reportparts.h"
#include "reporttree.h"

enum {
    KB = 1000,
    TREE_ROWS = 6000, /* more tiles than a reader opens; 10 ms to lay out in a browser */
    TREE_BYTES = 950 * KB,
    PARTS = 300,
    PARTS_BYTES = 650 * KB, /* of all tables about parts together */
    AT = 6,                 /* bytes of the number of a row of the tree */
    COLD_ROW = REPORTCOST_ROW + 2 * AT,
    TEXT_BYTES = 2 * KB, /* of a text that is on the page in any case, before it is escaped */
    COLD_BUCKET = 4,     /* a year and more */
    CHANGES = 40,
    MOST_COLUMNS = 20,
    DAYS = 2, /* in a row */
};

/* A directory that is not in the tree. */
struct place {
    int64_t id;
    int64_t size;
    int64_t owner; /* FACTS_NULL: several */
    int64_t atime;
    int64_t cold; /* bytes */
    int64_t cold_files;
    char *path; /* owned */
    size_t path_length;
};

/* All of the database that the page is about. */
struct totals {
    int64_t roots;
    int64_t directories;
    int64_t files;
    int64_t size;
    int64_t alloc;
    int64_t cold;
};

struct report {
    struct federation *federation;
    struct filter place; /* the path prefix and the mounts, borrowed; and what is cold */
    struct scope_range range;
    struct totals totals;
    struct reporttree tree;
    struct cold *cold;
    struct reportparts parts;
    size_t *shown; /* the parts that there is room for, in preorder */
    size_t shown_count;
    struct place *places; /* by id */
    size_t place_count;
    size_t place_room;
    int64_t *people; /* those to be named, by uid */
    size_t people_count;
    /* The table begun, and what gives its rows. */
    enum report_table table;
    int64_t left;             /* bytes */
    size_t part;              /* of those shown */
    size_t item;              /* of the part, or the table's row */
    struct reader_rows *rows; /* of a statement */
    struct answer *answer;
    char days[DAYS][CLOCK_TEXT];
    size_t day_count;
    size_t count; /* values of the row at hand */
    struct reader_value values[MOST_COLUMNS];
};

static int out_of_memory(struct err *err)
{
    return err_set(err, "--report: out of memory");
}

static struct reader *reader_of(const struct report *report)
{
    return report->federation->parts[DIFF_NEWER].reader;
}

/* NULL: there is no older scan. */
static struct reader *older_of(const struct report *report)
{
    return report->federation->count > 1 ? report->federation->parts[DIFF_OLDER].reader : NULL;
}

/* ---- What the page is about ---- */

/* The subtree of a root; last < first: it is none. */
static struct scope_range subtree_of(const struct report *report, int64_t id, int64_t below)
{
    bool known = below >= 0 && below <= report->range.last - id;
    return (struct scope_range){id, known ? id + below : id - 1};
}

/* Adds up the range, from one root to the next. */
static int add_roots(struct report *report, struct err *err)
{
    struct totals *totals = &report->totals;
    struct reader_rows *rows = NULL;
    struct scope_range root = {report->range.first, report->range.last};
    int found = 1;
    while (found == 1 && root.first <= report->range.last) {
        const struct reader_value id = answer_integer(root.first);
        found = reader_look_up(&rows, reader_of(report),
                               "SELECT dir_count_r, file_count_r, total_size_r, total_alloc_r "
                               "FROM directory_stats WHERE dir_id = ?1",
                               &id, err);
        if (found != 1)
            break;
        root = subtree_of(report, root.first, reader_rows_integer(rows, 0));
        if (root.last < root.first)
            break;
        int64_t size;
        int64_t files;
        cold_in(&size, &files, report->cold, root);
        totals->roots++;
        totals->files = facts_sum(totals->files, reader_rows_integer(rows, 1));
        totals->size = facts_sum(totals->size, reader_rows_integer(rows, 2));
        totals->alloc = facts_sum(totals->alloc, reader_rows_integer(rows, 3));
        totals->cold = facts_sum(totals->cold, size);
        root.first = root.last + 1;
    }
    totals->directories = report->range.last - report->range.first + 1;
    reader_rows_close(rows);
    if (found == 1 && root.first > report->range.last)
        return 0;
    return found < 0 ? -1
                     : err_set(err,
                               "%s: damaged database: directory %lld is none; import its logs "
                               "afresh with --replace",
                               reader_path(reader_of(report)), (long long)root.first);
}

static void set_place(struct filter *out, const struct filter *filter)
{
    filter_init(out);
    out->prefixes = filter->prefixes; /* borrowed, as the mounts: it is not freed */
    out->prefix_count = filter->prefix_count;
    out->mounts = filter->mounts;
    out->mount_count = filter->mount_count;
}

static int make_tree(struct report *report, const struct filter *filter, struct err *err)
{
    struct filter directories = report->place;
    directories.min_size = filter->min_size;
    directories.min_alloc = filter->min_alloc;
    directories.min_files = filter->min_files;
    directories.max_depth = filter->max_depth;
    struct scan scan = federation_scan(report->federation, DIFF_NEWER, &directories);
    if (reporttree_make(&report->tree, &scan, report->cold, TREE_ROWS, TREE_BYTES, err) != 0)
        return -1;
    struct reader *older = older_of(report);
    return older == NULL ? 0 : reporttree_compare(&report->tree, older, err);
}

static int gather(struct report *report, const struct filter *filter, struct err *err)
{
    struct filter *place = &report->place;
    set_place(place, filter);
    place->cold_bucket = COLD_BUCKET;
    if (filter_set_hot_spots(place, "--hot-spots", NULL, err) != 0 ||
        federation_resolve(report->federation, place, err) != 0)
        return -1;
    const struct scope *scope = &report->federation->parts[DIFF_NEWER].scope;
    report->range = scope->range_count == 0 ? (struct scope_range){1, 0} : scope->ranges[0];
    struct scan files = federation_scan(report->federation, DIFF_NEWER, place);
    files.by_files = true;
    struct hotspots *hotspots = NULL;
    int status = -1;
    if (cold_new(&report->cold, &files, err) == 0 && add_roots(report, err) == 0 &&
        make_tree(report, filter, err) == 0 &&
        hotspots_new(&hotspots, &files, report->cold, err) == 0)
        status = reportparts_make(&report->parts, &files, hotspots, &report->tree, PARTS, err);
    hotspots_free(hotspots);
    return status;
}

/* ---- Places ---- */

/* Where the directory is among the places, or would be. */
static size_t find_place(const struct report *report, int64_t id)
{
    size_t low = 0;
    size_t high = report->place_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (report->places[middle].id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool has_place(const struct report *report, int64_t id)
{
    size_t at = find_place(report, id);
    return at < report->place_count && report->places[at].id == id;
}

static int read_place(struct place *out, const struct report *report,
                      const struct reader_rows *rows, int64_t id, struct err *err)
{
    struct slice path = reader_rows_text(rows, 0);
    *out = (struct place){
        .id = id,
        .size = reader_rows_integer(rows, 1),
        .owner = reader_rows_is_null(rows, 2) ? FACTS_NULL : reader_rows_integer(rows, 2),
        .atime = reader_rows_is_null(rows, 3) ? FACTS_NULL : reader_rows_integer(rows, 3),
        .path = malloc(path.len + 1),
        .path_length = path.len};
    if (out->path == NULL)
        return out_of_memory(err);
    if (path.len > 0)
        memcpy(out->path, path.ptr, path.len);
    cold_in(&out->cold, &out->cold_files, report->cold,
            subtree_of(report, id, reader_rows_integer(rows, 4)));
    return 0;
}

static int insert_place(struct report *report, const struct place *place, struct err *err)
{
    struct place *longer =
        mem_grow(report->places, &report->place_room, report->place_count, sizeof *longer);
    if (longer == NULL)
        return out_of_memory(err);
    report->places = longer;
    size_t at = find_place(report, place->id);
    memmove(longer + at + 1, longer + at, (report->place_count - at) * sizeof *longer);
    longer[at] = *place;
    report->place_count++;
    return 0;
}

/* Adds a directory to the places if there is room for its row: 1; 0: there is none. */
static int take_place(struct report *report, struct reader_rows **rows, int64_t id, int64_t *left,
                      struct err *err)
{
    struct place place;
    const struct reader_value value = answer_integer(id);
    int found = reader_look_up(
        rows, reader_of(report),
        "SELECT d.path, s.total_size_r, s.owner_uid, "
        "CAST(strftime('%s', s.max_atime_r) AS INTEGER), s.dir_count_r FROM directories d "
        "JOIN directory_stats s ON s.dir_id = d.dir_id WHERE d.dir_id = ?1",
        &value, err);
    if (found != 1 || read_place(&place, report, *rows, id, err) != 0)
        return found != 1 ? found : -1;
    size_t cost = REPORTCOST_ROW + REPORTCOST_DAY + reportcost_integer(place.owner) +
                  2 * reportcost_integer(place.size) + reportcost_integer(place.cold_files) +
                  reportcost_text((struct slice){place.path, place.path_length});
    if ((int64_t)cost > *left || insert_place(report, &place, err) != 0) {
        free(place.path);
        return (int64_t)cost > *left ? 0 : -1;
    }
    *left -= (int64_t)cost;
    return 1;
}

/* ---- What there is room for ---- */

/* Bytes of the part's owners and histograms. */
static size_t cost_of_part(const struct reportparts_part *part)
{
    size_t bytes = 0;
    for (size_t i = 0; i < part->owner_count; i++) {
        const struct reportparts_owner *owner = &part->owners[i];
        bytes += REPORTCOST_ROW + AT + REPORTCOST_DAY + reportcost_integer(owner->uid) +
                 reportcost_integer(owner->files) + reportcost_integer(owner->size) +
                 reportcost_integer(owner->alloc) + reportcost_integer(owner->directories) +
                 reportcost_integer(owner->cold);
    }
    for (size_t i = 0; i < (size_t)HISTOGRAM_KINDS * HISTOGRAM_BUCKETS; i++) {
        const struct histogram_bucket *bucket =
            &part->histogram.bucket[i / HISTOGRAM_BUCKETS][i % HISTOGRAM_BUCKETS];
        if (bucket->files > 0)
            bytes += REPORTCOST_ROW + AT + reportcost_integer(HISTOGRAM_BUCKETS) +
                     reportcost_integer((int64_t)bucket->files) +
                     reportcost_integer((int64_t)bucket->size);
    }
    return bytes;
}

/* How many of the part's cold directories there is room for. */
static int fit_cold(size_t *count, struct report *report, const struct reportparts_part *part,
                    struct reader_rows **rows, int64_t *left, struct err *err)
{
    for (*count = 0; *count < part->cold_count; ++*count) {
        int64_t id = part->cold[*count];
        bool known =
            reporttree_find(&report->tree, id) < report->tree.count || has_place(report, id);
        int status = *left < COLD_ROW ? 0 : known ? 1 : take_place(report, rows, id, left, err);
        if (status != 1)
            return status;
        *left -= COLD_ROW;
    }
    return 0;
}

/* The parts by size of their directories: the whole, then those of the tree's rows. NULL: no
 * memory. */
static size_t *order_parts(const struct report *report)
{
    const struct reporttree *tree = &report->tree;
    size_t *of_row = calloc(tree->count + 1, sizeof *of_row); /* 0: the row has no part */
    size_t *order = calloc(report->parts.count, sizeof *order);
    if (of_row == NULL || order == NULL) {
        free(of_row);
        free(order);
        return NULL;
    }
    for (size_t i = 1; i < report->parts.count; i++)
        of_row[report->parts.parts[i].row] = i;
    size_t count = 1;
    for (size_t i = 0; i < tree->count; i++)
        if (of_row[tree->by_size[i]] != 0)
            order[count++] = of_row[tree->by_size[i]];
    free(of_row);
    return order;
}

static int by_number(const void *left, const void *right)
{
    const size_t *a = left;
    const size_t *b = right;
    return (*a > *b) - (*a < *b);
}

/* Chooses the parts that the page shows. */
static int fit_parts(struct report *report, struct err *err)
{
    int64_t left = PARTS_BYTES;
    struct reader_rows *rows = NULL;
    int status = 0;
    report->shown = order_parts(report);
    if (report->shown == NULL)
        return out_of_memory(err);
    for (; report->shown_count < report->parts.count; report->shown_count++) {
        struct reportparts_part *part = &report->parts.parts[report->shown[report->shown_count]];
        size_t cold;
        left -= (int64_t)cost_of_part(part);
        status = fit_cold(&cold, report, part, &rows, &left, err);
        bool fits = left >= 0 && cold == part->cold_count;
        if (status != 0 || (!fits && report->shown_count > 0))
            break;
        part->cold_count = cold;
    }
    qsort(report->shown, report->shown_count, sizeof *report->shown, by_number);
    reader_rows_close(rows);
    return status;
}

static int by_uid(const void *left, const void *right)
{
    const int64_t *a = left;
    const int64_t *b = right;
    return (*a > *b) - (*a < *b);
}

/* Who is to be named. */
static int gather_people(struct report *report, struct err *err)
{
    size_t count = report->tree.count + report->place_count;
    for (size_t i = 0; i < report->shown_count; i++)
        count += report->parts.parts[report->shown[i]].owner_count;
    int64_t *people = calloc(count + 1, sizeof *people);
    if (people == NULL)
        return out_of_memory(err);
    report->people = people;
    count = 0;
    for (size_t i = 0; i < report->tree.count; i++)
        people[count++] = report->tree.rows[i].owner;
    for (size_t i = 0; i < report->place_count; i++)
        people[count++] = report->places[i].owner;
    for (size_t i = 0; i < report->shown_count; i++) {
        const struct reportparts_part *part = &report->parts.parts[report->shown[i]];
        for (size_t k = 0; k < part->owner_count; k++)
            people[count++] = part->owners[k].uid;
    }
    qsort(people, count, sizeof *people, by_uid);
    report->people_count = count;
    return 0;
}

int report_open(struct report **out, struct federation *federation, const struct filter *filter,
                struct err *err)
{
    struct report *report = calloc(1, sizeof *report);
    if (report == NULL)
        return out_of_memory(err);
    report->federation = federation;
    if (gather(report, filter, err) != 0 || fit_parts(report, err) != 0 ||
        gather_people(report, err) != 0) {
        report_close(report);
        return -1;
    }
    *out = report;
    return 0;
}

void report_close(struct report *report)
{
    if (report == NULL)
        return;
    reader_rows_close(report->rows);
    answer_close(report->answer);
    for (size_t i = 0; i < report->place_count; i++)
        free(report->places[i].path);
    free(report->places);
    free(report->people);
    free(report->shown);
    reportparts_dispose(&report->parts);
    reporttree_dispose(&report->tree);
    cold_free(report->cold);
    free(report);
}

/* ---- Rows ---- */

static void put(struct report *report, struct reader_value value)
{
    report->values[report->count++] = value;
}

static void put_integer(struct report *report, int64_t value)
{
    put(report, value == FACTS_NULL ? answer_null() : answer_integer(value));
}

static void put_day(struct report *report, int64_t instant)
{
    if (instant == FACTS_NULL) {
        put(report, answer_null());
        return;
    }
    char *text = report->days[report->day_count++];
    clock_format(instant, text);
    put(report,
        (struct reader_value){.type = READER_TEXT, .text = {text, sizeof "YYYY-MM-DD" - 1}});
}

static void put_text(struct report *report, const char *text, size_t length)
{
    put(report, (struct reader_value){.type = READER_TEXT, .text = {text, length}});
}

static void put_column(struct report *report, const struct reader_rows *rows, int column)
{
    struct slice text = reader_rows_text(rows, column);
    if (reader_rows_is_null(rows, column))
        put(report, answer_null());
    else if (reader_rows_is_integer(rows, column))
        put_integer(report, reader_rows_integer(rows, column));
    else
        put_text(report, text.ptr, text.len);
}

/* As put_column; a text is on the page in any case, and so it is cut. */
static void put_short(struct report *report, const struct reader_rows *rows, int column)
{
    put_column(report, rows, column);
    struct slice *text = &report->values[report->count - 1].text;
    text->len = text->len > TEXT_BYTES ? TEXT_BYTES : text->len;
}

/* The scan that the page is compared with: its day and its size, of the directories that the page
 * is about. */
static int put_older(struct report *report, struct err *err)
{
    struct reader_rows *rows;
    struct reader *older = older_of(report);
    if (older == NULL) {
        put(report, answer_null());
        put(report, answer_null());
        return 1;
    }
    const struct scope *scope = &report->federation->parts[DIFF_OLDER].scope;
    struct scope_range range =
        scope->range_count == 0 ? (struct scope_range){1, 0} : scope->ranges[0];
    const struct reader_value values[] = {answer_integer(range.first), answer_integer(range.last)};
    if (reader_run(&rows, older,
                   "WITH RECURSIVE root(id, last) AS ("
                   "SELECT dir_id, last_id FROM directories WHERE dir_id = ?1 AND ?1 <= ?2 "
                   "UNION ALL SELECT d.dir_id, d.last_id FROM root CROSS JOIN directories d "
                   "ON d.dir_id = root.last + 1 WHERE root.last >= root.id AND root.last < ?2) "
                   "SELECT CAST(strftime('%s', (SELECT max(scan_timestamp) FROM scan_metadata)) "
                   "AS INTEGER), ifnull(saturating_sum(total_size_r), 0) FROM root "
                   "CROSS JOIN directory_stats s ON s.dir_id = root.id",
                   values, 2, err) != 0)
        return -1;
    int found = reader_rows_next(rows, err);
    if (found == 1) {
        put_day(report, reader_rows_is_null(rows, 0) ? FACTS_NULL : reader_rows_integer(rows, 0));
        put_column(report, rows, 1);
    }
    reader_rows_close(rows);
    return found;
}

static int next_about(struct report *report, struct err *err)
{
    const struct totals *totals = &report->totals;
    if (report->item++ > 0)
        return 0;
    int found = reader_rows_next(report->rows, err);
    if (found != 1)
        return found;
    for (int column = 0; column < 3; column++)
        put_short(report, report->rows, column);
    put_integer(report, totals->roots);
    put_integer(report,
                totals->directories == report->federation->parts[DIFF_NEWER].scope.directories);
    put_integer(report, totals->directories);
    put_integer(report, totals->files);
    put_integer(report, totals->size);
    put_integer(report, totals->alloc);
    put_integer(report, totals->cold);
    put_short(report, report->rows, 3);
    return put_older(report, err);
}

static int next_statement(struct report *report, struct err *err)
{
    int found = reader_rows_next(report->rows, err);
    for (size_t i = 0; found == 1 && i < report_column_count(report->table); i++)
        put_column(report, report->rows, (int)i);
    return found;
}

static int next_tree(struct report *report, struct err *err)
{
    (void)err;
    if (report->item == report->tree.count)
        return 0;
    const struct reporttree_row *row = &report->tree.rows[report->item++];
    put_integer(report, row->depth);
    put_text(report, row->name, row->name_length);
    put_integer(report, row->files);
    put_integer(report, row->directories);
    put_integer(report, row->size);
    put_integer(report, row->alloc);
    put_day(report, row->atime);
    put_integer(report, row->files_here);
    put_integer(report, row->size_here);
    put_integer(report, row->alloc_here);
    put_day(report, row->atime_here);
    put_integer(report, row->owner);
    put_integer(report, row->cold);
    put_integer(report, row->cold_files);
    put_integer(report, row->cold_here);
    put_integer(report, row->before);
    put_integer(report, row->before_here);
    return 1;
}

static void put_part(struct report *report, const struct reportparts_part *part)
{
    put_integer(report, part->row == report->tree.count ? FACTS_NULL : (int64_t)part->row);
}

/* The next part, with the item of its list that is to come; `length` says how long lists are. */
static const struct reportparts_part *next_part(struct report *report,
                                                size_t length(const struct reportparts_part *part))
{
    while (report->part < report->shown_count) {
        const struct reportparts_part *part = &report->parts.parts[report->shown[report->part]];
        if (report->item < length(part))
            return part;
        report->part++;
        report->item = 0;
    }
    return NULL;
}

static size_t owners_length(const struct reportparts_part *part)
{
    return part->owner_count;
}

static size_t cold_length(const struct reportparts_part *part)
{
    return part->cold_count;
}

static size_t buckets_length(const struct reportparts_part *part)
{
    (void)part;
    return HISTOGRAM_BUCKETS;
}

static int next_owner(struct report *report, struct err *err)
{
    (void)err;
    const struct reportparts_part *part = next_part(report, owners_length);
    if (part == NULL)
        return 0;
    const struct reportparts_owner *owner = &part->owners[report->item++];
    put_part(report, part);
    put_integer(report, owner->uid);
    put_integer(report, owner->files);
    put_integer(report, owner->size);
    put_integer(report, owner->alloc);
    put_integer(report, owner->directories);
    put_day(report, owner->atime);
    put_integer(report, owner->cold);
    return 1;
}

static int next_bucket(struct report *report, struct err *err)
{
    (void)err;
    enum histogram_kind kind = report->table == REPORT_ACCESS ? HISTOGRAM_ACCESS : HISTOGRAM_SIZE;
    const struct reportparts_part *part;
    while ((part = next_part(report, buckets_length)) != NULL) {
        size_t i = report->item++;
        const struct histogram_bucket *bucket = &part->histogram.bucket[kind][i];
        if (bucket->files == 0)
            continue;
        put_part(report, part);
        put_integer(report, (int64_t)i);
        put_integer(report, (int64_t)(bucket->files > INT64_MAX ? INT64_MAX : bucket->files));
        put_integer(report, (int64_t)(bucket->size > INT64_MAX ? INT64_MAX : bucket->size));
        return 1;
    }
    return 0;
}

static int next_cold(struct report *report, struct err *err)
{
    (void)err;
    const struct reportparts_part *part = next_part(report, cold_length);
    if (part == NULL)
        return 0;
    int64_t id = part->cold[report->item++];
    size_t row = reporttree_find(&report->tree, id);
    put_part(report, part);
    put_integer(report,
                row < report->tree.count ? (int64_t)row : -1 - (int64_t)find_place(report, id));
    return 1;
}

static int next_place(struct report *report, struct err *err)
{
    (void)err;
    if (report->item == report->place_count)
        return 0;
    const struct place *place = &report->places[report->item++];
    put_text(report, place->path, place->path_length);
    put_integer(report, place->cold);
    put_integer(report, place->cold_files);
    put_integer(report, place->size);
    put_day(report, place->atime);
    put_integer(report, place->owner);
    return 1;
}

/* Columns of a row of diff.h. */
enum { CHANGE_PATH, CHANGE_STATUS, CHANGE_OLDER, CHANGE_NEWER };

static int next_change(struct report *report, struct err *err)
{
    const struct reader_value *values;
    if (report->answer == NULL)
        return 0;
    int status = report->answer->next(report->answer, &values, err);
    for (size_t i = CHANGE_PATH; status == 1 && i <= CHANGE_NEWER; i++)
        put(report, values[i]);
    return status;
}

static int next_label(struct report *report, struct err *err)
{
    (void)err;
    if (report->item == HISTOGRAM_BUCKETS)
        return 0;
    unsigned i = (unsigned)report->item++;
    put(report, answer_text(histogram_label(HISTOGRAM_ACCESS, i)));
    put(report, answer_text(histogram_label(HISTOGRAM_SIZE, i)));
    return 1;
}

static int next_person(struct report *report, struct err *err)
{
    int found;
    while ((found = reader_rows_next(report->rows, err)) == 1) {
        int64_t uid = reader_rows_integer(report->rows, 0);
        if (bsearch(&uid, report->people, report->people_count, sizeof uid, by_uid) == NULL)
            continue;
        put_integer(report, uid);
        put_column(report, report->rows, 1);
        return 1;
    }
    return found;
}

/* ---- Tables ---- */

static const struct {
    const char *name;
    int bytes;       /* 0: it has been cut already */
    const char *sql; /* NULL: none; it gets the range */
    int (*next)(struct report *report, struct err *err);
    const char *columns[MOST_COLUMNS];
} tables[] = {
    [REPORT_ABOUT] = {"about",
                      0,
                      "SELECT (SELECT max(filesystem) FROM scan_metadata), "
                      "(SELECT date(max(scan_timestamp)) FROM scan_metadata), "
                      "CASE WHEN ?3 = 1 THEN (SELECT path FROM directories WHERE dir_id = ?1) "
                      "ELSE '/' END, (SELECT max(age_by) FROM scan_metadata)",
                      next_about,
                      {"filesystem", "scanned", "path", "roots", "whole", "directories", "files",
                       "size", "alloc", "cold", "age_by", "older", "before"}},
    [REPORT_LOGS] = {"logs",
                     90 * KB,
                     "SELECT source_file, date(scan_timestamp), format, lines, rejected, flawed, "
                     "scan_errors, excluded FROM scan_metadata ORDER BY scan_id DESC LIMIT 50",
                     next_statement,
                     {"source_file", "scanned", "format", "lines", "rejected", "flawed",
                      "scan_errors", "excluded"}},
    [REPORT_TREE] = {"tree",
                     0,
                     NULL,
                     next_tree,
                     {"depth", "name", "files", "directories", "size", "alloc", "accessed",
                      "files_here", "size_here", "alloc_here", "accessed_here", "owner", "cold",
                      "cold_files", "cold_here", "before", "before_here"}},
    [REPORT_OWNERS] = {"owners",
                       0,
                       NULL,
                       next_owner,
                       {"at", "owner", "files", "size", "alloc", "directories", "accessed",
                        "cold"}},
    [REPORT_ACCESS] = {"access", 0, NULL, next_bucket, {"at", "bucket", "files", "size"}},
    [REPORT_SIZES] = {"sizes", 0, NULL, next_bucket, {"at", "bucket", "files", "size"}},
    [REPORT_COLD] = {"cold", 0, NULL, next_cold, {"at", "of"}},
    [REPORT_PLACES] = {"places",
                       0,
                       NULL,
                       next_place,
                       {"path", "cold", "cold_files", "size", "accessed", "owner"}},
    [REPORT_CHANGES] =
        {"changes", 60 * KB, NULL, next_change, {"path", "status", "before", "size"}},
    [REPORT_BUCKETS] = {"buckets", 0, NULL, next_label, {"access", "sizes"}},
    [REPORT_PEOPLE] = {"people",
                       60 * KB,
                       "SELECT uid, username FROM user_info ORDER BY uid",
                       next_person,
                       {"owner", "name"}},
};

const char *report_table_name(enum report_table table)
{
    return tables[table].name;
}

size_t report_column_count(enum report_table table)
{
    size_t count = 0;
    while (count < MOST_COLUMNS && tables[table].columns[count] != NULL)
        count++;
    return count;
}

const char *report_column_name(enum report_table table, size_t column)
{
    return tables[table].columns[column];
}

static int start_changes(struct report *report, struct err *err)
{
    if (older_of(report) == NULL)
        return 0;
    struct filter *filter = &report->place;
    const struct filter kept = *filter;
    set_place(filter, &kept);
    filter->limit = CHANGES;
    return diff_answer(&report->answer, report->federation, filter, false, err);
}

int report_start(struct report *report, enum report_table table, struct err *err)
{
    reader_rows_close(report->rows);
    answer_close(report->answer);
    report->rows = NULL;
    report->answer = NULL;
    report->table = table;
    report->left = tables[table].bytes == 0 ? INT64_MAX : tables[table].bytes;
    report->part = report->item = 0;
    if (table == REPORT_CHANGES)
        return start_changes(report, err);
    if (tables[table].sql == NULL)
        return 0;
    const struct reader_value values[] = {answer_integer(report->range.first),
                                          answer_integer(report->range.last),
                                          answer_integer(report->totals.roots)};
    return reader_run(&report->rows, reader_of(report), tables[table].sql, values,
                      table == REPORT_ABOUT ? 3 : 0, err);
}

static int64_t cost(const struct report *report)
{
    size_t bytes = REPORTCOST_ROW;
    for (size_t i = 0; i < report->count; i++) {
        const struct reader_value *value = &report->values[i];
        bytes += value->type == READER_INTEGER ? reportcost_integer(value->integer)
                 : value->type == READER_TEXT  ? reportcost_text(value->text)
                                               : (size_t)REPORTCOST_NULL;
    }
    return (int64_t)bytes;
}

int report_next(struct report *report, const struct reader_value **values, struct err *err)
{
    report->count = report->day_count = 0;
    int status = tables[report->table].next(report, err);
    if (status != 1)
        return status;
    if (report->left != INT64_MAX && (report->left -= cost(report)) < 0)
        return 0;
    *values = report->values;
    return 1;
}
