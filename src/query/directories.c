/* directories: each database makes its own listing, so none gives more rows than are wanted; the
 * best of the entries on top comes next. Equals go in the order of the databases. A row's
 * columns are fetched from the tables, by its number, when it is printed, or compared with
 * another database's by path. One thread. */
#include "directories.h"

#include <stdlib.h>

#include "answer.h"
#include "cold.h"
#include "err.h"
#include "federation.h"
#include "filter.h"
#include "hotspots.h"
#include "listing.h"
#include "pathname.h"

/* In this order for programs. Which of them people see, and the last four, is up to the filter. */
enum column {
    FILESYSTEM,
    PATH,
    DEPTH,
    FILES_R,
    DIRS_R,
    SIZE_R,
    ALLOC_R,
    ATIME_R,
    MTIME_R,
    FILES_NR,
    DIRS_NR,
    SIZE_NR,
    ALLOC_NR,
    ATIME_NR,
    MTIME_NR,
    OWNER,
    USERNAME,
    GROUP,
    GROUPNAME,
    COLUMNS, /* of every listing */
    EXTRA = COLUMNS,
};

/* The columns from PATH to GROUPNAME, and its number, of the directories from one on. */
static const char row_sql[] =
    "SELECT d.path, d.depth, s.file_count_r, s.dir_count_r, s.total_size_r, s.total_alloc_r, "
    "s.max_atime_r, s.max_mtime_r, s.file_count_nr, s.dir_count_nr, s.total_size_nr, "
    "s.total_alloc_nr, s.max_atime_nr, s.max_mtime_nr, s.owner_uid, u.username, s.owner_gid, "
    "g.groupname, d.dir_id FROM directories d CROSS JOIN directory_stats s ON s.dir_id = d.dir_id "
    "LEFT JOIN user_info u ON u.uid = s.owner_uid "
    "LEFT JOIN group_info g ON g.gid = s.owner_gid WHERE d.dir_id >= ?1 ORDER BY d.dir_id";

/* Rows that are stepped over rather than looked up anew. */
enum { NEAR = 8 };

/* One database's listing, and how far it has been given out. */
struct part {
    struct listing listing;
    size_t given;
    struct reader_rows *rows; /* NULL: not asked yet */
    int64_t id;               /* the directory that they are at; 0: at none */
};

struct directories {
    struct answer answer; /* first: a pointer to one is a pointer to the other */
    struct federation *federation;
    const struct filter *filter;
    struct part *parts; /* one a database */
    int64_t left;       /* rows still to give; -1: no limit */
    struct reader_value values[ANSWER_COLUMNS];
};

/* ---- Columns ---- */

static void add_columns(struct answer *answer)
{
    answer_add(answer, "filesystem", NULL, ANSWER_TEXT);
    answer_add(answer, "path", NULL, ANSWER_PATH);
    answer_add(answer, "depth", NULL, ANSWER_NUMBER);
    answer_add(answer, "file_count_r", NULL, ANSWER_COUNT);
    answer_add(answer, "dir_count_r", NULL, ANSWER_COUNT);
    answer_add(answer, "total_size_r", NULL, ANSWER_BYTES);
    answer_add(answer, "total_alloc_r", NULL, ANSWER_BYTES);
    answer_add(answer, "max_atime_r", NULL, ANSWER_DAY);
    answer_add(answer, "max_mtime_r", NULL, ANSWER_DAY);
    answer_add(answer, "file_count_nr", NULL, ANSWER_COUNT);
    answer_add(answer, "dir_count_nr", NULL, ANSWER_COUNT);
    answer_add(answer, "total_size_nr", NULL, ANSWER_BYTES);
    answer_add(answer, "total_alloc_nr", NULL, ANSWER_BYTES);
    answer_add(answer, "max_atime_nr", NULL, ANSWER_DAY);
    answer_add(answer, "max_mtime_nr", NULL, ANSWER_DAY);
    answer_add(answer, "owner_uid", NULL, ANSWER_OWNER);
    answer_add(answer, "username", NULL, ANSWER_TEXT);
    answer_add(answer, "owner_gid", NULL, ANSWER_OWNER);
    answer_add(answer, "groupname", NULL, ANSWER_TEXT);
    answer->columns[OWNER].beside = USERNAME;
    answer->columns[GROUP].beside = GROUPNAME;
}

/* People see what a listing is sorted by first, where it is not among what they see anyway. */
static void show_sorted(struct answer *answer, enum filter_sort sort)
{
    static const struct {
        enum filter_sort sort;
        enum column column;
        const char *heading;
    } shown[] = {
        {FILTER_SORT_SIZE_NR, SIZE_NR, "SIZE HERE"},
        {FILTER_SORT_ALLOC_NR, ALLOC_NR, "ALLOCATED HERE"},
        {FILTER_SORT_FILES_NR, FILES_NR, "FILES HERE"},
        {FILTER_SORT_DIRS_NR, DIRS_NR, "DIRS HERE"},
        {FILTER_SORT_MTIME_R, MTIME_R, "MODIFIED"},
        {FILTER_SORT_DEPTH, DEPTH, "DEPTH"},
    };
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++)
        if (shown[i].sort == sort)
            answer_show(answer, shown[i].column, shown[i].heading);
}

/* The path is last: it is what a narrow terminal cuts. */
static void choose_columns(struct answer *answer, const struct filter *filter, bool many)
{
    add_columns(answer);
    if (many)
        answer_show(answer, FILESYSTEM, "FILESYSTEM");
    if (filter_holds(filter)) {
        answer_add(answer, "owner_total_size", "HELD", ANSWER_BYTES);
        answer_add(answer, "owner_file_count", NULL, ANSWER_COUNT);
    }
    if (filter->cold_bucket != 0) {
        answer_add(answer, "cold_size", "COLD", ANSWER_BYTES);
        answer_add(answer, "cold_files", "COLD FILES", ANSWER_COUNT);
    }
    if (filter->sort_by == FILTER_SORT_AVG)
        answer_add(answer, "avg_size", "AVERAGE", ANSWER_BYTES);
    show_sorted(answer, filter->sort_by);
    answer_show(answer, SIZE_R, "SIZE");
    answer_show(answer, ALLOC_R, "ALLOCATED");
    answer_show(answer, FILES_R, "FILES");
    answer_show(answer, DIRS_R, "DIRS");
    answer_show(answer, ATIME_R, "ACCESSED");
    answer_show(answer, OWNER, "OWNER");
    answer_show(answer, PATH, "PATH");
}

/* ---- Listings ---- */

static int list_part(struct directories *directories, size_t i, struct err *err)
{
    const struct filter *filter = directories->filter;
    struct scan scan = federation_scan(directories->federation, i, filter);
    struct cold *below = NULL; /* what is cold, or of any age what owners have */
    struct hotspots *hotspots = NULL;
    bool is_cold = filter->cold_bucket != 0;
    int status = 0;
    scan.by_files = is_cold;
    if (is_cold || (filter->hot_spots != 0 && filter->sort_by == FILTER_SORT_OWNER_SIZE))
        status = cold_new(&below, &scan, err);
    if (status == 0 && filter->hot_spots != 0)
        status = hotspots_new(&hotspots, &scan, below, err);
    if (status == 0)
        status = listing_make(&directories->parts[i].listing, &scan, is_cold ? below : NULL,
                              hotspots, err);
    hotspots_free(hotspots);
    cold_free(below);
    return status;
}

/* ---- Rows ---- */

static struct reader_value read_value(const struct reader_rows *rows, int column,
                                      enum answer_kind kind)
{
    if (reader_rows_is_null(rows, column))
        return answer_null();
    if (kind == ANSWER_TEXT || kind == ANSWER_PATH || kind == ANSWER_DAY)
        return (struct reader_value){.type = READER_TEXT, .text = reader_rows_text(rows, column)};
    return answer_integer(reader_rows_integer(rows, column));
}

static int fail_row(const struct federation_part *database, struct err *err)
{
    return err_set(err,
                   "%s: damaged database: a directory of its facts is not in its tables; import "
                   "its logs afresh with --replace",
                   database->path);
}

static const struct listing_entry *top_of(const struct part *part)
{
    return part->given < part->listing.count ? &part->listing.entries[part->given] : NULL;
}

/* Steps or jumps to a directory's row. 1: there is a row. */
static int step_to(struct part *part, struct reader *reader, int64_t id, struct err *err)
{
    const struct reader_value value = answer_integer(id);
    int found = 1;
    if (part->id == 0 || id < part->id || id - part->id > NEAR)
        return reader_look_up(&part->rows, reader, row_sql, &value, err);
    for (int64_t at = part->id; at < id && found == 1; at++)
        found = reader_rows_next(part->rows, err);
    return found;
}

/* Moves to the row of the entry on top of a part. */
static int seek(struct directories *directories, size_t i, struct err *err)
{
    const struct federation_part *database = &directories->federation->parts[i];
    struct part *part = &directories->parts[i];
    int64_t id = top_of(part)->id;
    int found = step_to(part, database->reader, id, err);
    part->id = 0;
    if (found < 0)
        return -1;
    if (found == 0 || reader_rows_integer(part->rows, COLUMNS - PATH) != id)
        return fail_row(database, err);
    part->id = id;
    return 0;
}

/* Fetches the row of the entry on top of a part. */
static int fetch(struct directories *directories, size_t i, struct err *err)
{
    const struct federation_part *database = &directories->federation->parts[i];
    struct part *part = &directories->parts[i];
    const struct answer *answer = &directories->answer;
    const struct listing_entry *entry = top_of(part);
    struct reader_value *values = directories->values;
    if (seek(directories, i, err) != 0)
        return -1;
    values[FILESYSTEM] = answer_text(database->name);
    for (size_t c = PATH; c < COLUMNS; c++)
        values[c] = read_value(part->rows, (int)(c - PATH), answer->columns[c].kind);
    size_t extra = EXTRA;
    if (filter_holds(directories->filter) || directories->filter->cold_bucket != 0) {
        values[extra++] = answer_integer(entry->size);
        values[extra++] = answer_integer(entry->files);
    }
    if (directories->filter->sort_by == FILTER_SORT_AVG) {
        int64_t average = scan_average(values[SIZE_R].integer, values[FILES_R].integer);
        values[extra++] = average == FACTS_NULL ? answer_null() : answer_integer(average);
    }
    return 0;
}

/* Skips a database that failed; -1 where the whole answer fails. */
static int leave_out(struct directories *directories, size_t i, struct err *err)
{
    struct part *part = &directories->parts[i];
    part->given = part->listing.count;
    return federation_leave_out(directories->federation, i, err);
}

/* Moves all databases to the rows of their entries, whose paths are compared. */
static int seek_all(struct directories *directories, struct err *err)
{
    for (size_t i = 0; i < directories->federation->count; i++)
        if (top_of(&directories->parts[i]) != NULL && seek(directories, i, err) != 0 &&
            leave_out(directories, i, err) != 0)
            return -1;
    return 0;
}

/* Whether the entry of a later database comes before that of an earlier one. */
static bool comes_first(const struct directories *directories, const struct part *later,
                        const struct part *earlier)
{
    if (directories->filter->sort_by != FILTER_SORT_PATH)
        return listing_compare(top_of(later), top_of(earlier)) < 0;
    int order =
        pathname_compare(reader_rows_text(later->rows, 0), reader_rows_text(earlier->rows, 0));
    return directories->filter->reverse ? order > 0 : order < 0;
}

/* The database whose entry comes next; as many as there are: no entry is left. */
static size_t find_next(const struct directories *directories)
{
    size_t count = directories->federation->count;
    size_t best = count;
    for (size_t i = 0; i < count; i++) {
        const struct part *part = &directories->parts[i];
        if (top_of(part) != NULL &&
            (best == count || comes_first(directories, part, &directories->parts[best])))
            best = i;
    }
    return best;
}

static int next(struct answer *answer, const struct reader_value **values, struct err *err)
{
    struct directories *directories = (struct directories *)answer;
    bool by_path =
        directories->filter->sort_by == FILTER_SORT_PATH && directories->federation->count > 1;
    for (;;) {
        if (by_path && seek_all(directories, err) != 0)
            return -1;
        size_t i = find_next(directories);
        if (i == directories->federation->count)
            return 0;
        if (directories->left == 0) {
            answer->cut = true;
            return 0;
        }
        if (fetch(directories, i, err) == 0) {
            directories->parts[i].given++;
            if (directories->left > 0)
                directories->left--;
            *values = directories->values;
            return 1;
        }
        if (leave_out(directories, i, err) != 0)
            return -1;
    }
}

static void close(struct answer *answer)
{
    struct directories *directories = (struct directories *)answer;
    for (size_t i = 0; directories->parts != NULL && i < directories->federation->count; i++) {
        reader_rows_close(directories->parts[i].rows);
        listing_dispose(&directories->parts[i].listing);
    }
    free(directories->parts);
    free(directories);
}

static int list_all(struct directories *directories, struct err *err)
{
    struct federation *federation = directories->federation;
    for (size_t i = 0; i < federation->count; i++)
        if (federation_concerns(federation, i) && list_part(directories, i, err) != 0 &&
            federation_leave_out(federation, i, err) != 0)
            return -1;
    return 0;
}

int directories_answer(struct answer **out, struct federation *federation,
                       const struct filter *filter, struct err *err)
{
    struct directories *directories = calloc(1, sizeof *directories);
    if (directories == NULL)
        return err_set(err, "query: out of memory");
    directories->answer.next = next;
    directories->answer.close = close;
    directories->federation = federation;
    directories->filter = filter;
    directories->left = filter->limit > 0 ? filter->limit : -1;
    directories->parts = calloc(federation->count, sizeof *directories->parts);
    choose_columns(&directories->answer, filter, federation->count > 1);
    if (directories->parts == NULL)
        err_set(err, "query: out of memory");
    if (directories->parts == NULL || federation_resolve(federation, filter, err) != 0 ||
        list_all(directories, err) != 0) {
        close(&directories->answer);
        return -1;
    }
    *out = &directories->answer;
    return 0;
}
