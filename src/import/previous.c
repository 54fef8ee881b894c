/* previous: an existing database as a stream of deltas.
 *
 * The non-recursive figures and owner_usage say everything: a directory with one owner below it has
 * all its own files from that owner, any other has a row for each owner of its own files, and the
 * time of last change over all of them. Numbers and recursive figures are made anew from the union.
 * One thread, before the scan begins. */
#include "previous.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "arena.h"
#include "clock.h"
#include "mem.h"
#include "reader.h"
#include "schema.h"

/* Deltas folded together; their paths are copied meanwhile. */
enum { BATCH = 1024 };

struct previous {
    struct writer_scan *scans;
    size_t count;
    struct arena texts;
};

/* What a row function works on. */
struct loading {
    struct previous *previous;
    struct dirmap *dirs;
    struct ownermap *users;
    struct dirmap_delta delta[BATCH];
    size_t deltas;
    struct arena paths;
};

static struct slice text_at(const struct reader_rows *rows, int column)
{
    return reader_rows_text(rows, column);
}

static int64_t instant_at(const struct reader_rows *rows, int column)
{
    int64_t instant;
    return clock_parse(text_at(rows, column), &instant) ? instant : ENTRY_NO_TIME;
}

/* A sum. INT64_MAX says that it is at least that: what is added to it changes nothing. */
static uint64_t sum_at(const struct reader_rows *rows, int column)
{
    int64_t sum = reader_rows_integer(rows, column);
    return sum == INT64_MAX ? DIRSTAT_OVERFLOW : (uint64_t)sum;
}

static struct dirstat stat_at(const struct reader_rows *rows, int column)
{
    return (struct dirstat){sum_at(rows, column), sum_at(rows, column + 1),
                            sum_at(rows, column + 2), instant_at(rows, column + 3),
                            instant_at(rows, column + 4)};
}

static int flush(struct loading *loading)
{
    int status = dirmap_fold(loading->dirs, loading->delta, loading->deltas);
    loading->deltas = 0;
    arena_clear(&loading->paths);
    return status;
}

/* Columns: path, uid, gid, files, size, alloc, atime, mtime. */
static int take_directory(struct loading *loading, const struct reader_rows *rows)
{
    struct slice path = text_at(rows, 0);
    if (path.len == 0 || path.ptr[0] != '/')
        return 0; /* no path of ours: the database's own checks are the reader's business */
    const char *copy = arena_copy(&loading->paths, path.ptr, path.len);
    if (copy == NULL)
        return -1;
    int64_t gid = reader_rows_integer(rows, 2);
    loading->delta[loading->deltas++] =
        (struct dirmap_delta){.hash = dirmap_hash(path),
                              .path = copy,
                              .path_len = (uint32_t)path.len,
                              .uid = (uint32_t)reader_rows_integer(rows, 1),
                              .gid = gid < 0 ? ENTRY_NO_GROUP : (uint32_t)gid,
                              .stat = stat_at(rows, 3)};
    return loading->deltas == BATCH ? flush(loading) : 0;
}

/* Columns: uid, bucket, files, size. */
static int take_bucket(struct loading *loading, const struct reader_rows *rows,
                       enum histogram_kind kind)
{
    int64_t bucket = reader_rows_integer(rows, 1);
    if (bucket < 0 || bucket >= HISTOGRAM_BUCKETS)
        return 0;
    struct ownermap_owner *user = ownermap_get(loading->users, reader_rows_integer(rows, 0));
    histogram_count(&user->histogram.bucket[kind][bucket], sum_at(rows, 2), sum_at(rows, 3));
    return 0;
}

static int take_access(struct loading *loading, const struct reader_rows *rows)
{
    return take_bucket(loading, rows, HISTOGRAM_ACCESS);
}

static int take_size(struct loading *loading, const struct reader_rows *rows)
{
    return take_bucket(loading, rows, HISTOGRAM_SIZE);
}

/* Columns: uid, bucket, files, size, gid, path. */
static int take_subtree_bucket(struct loading *loading, const struct reader_rows *rows,
                               enum histogram_kind kind)
{
    int64_t bucket = reader_rows_integer(rows, 1);
    struct slice path = text_at(rows, 5);
    if (bucket < 0 || bucket >= HISTOGRAM_BUCKETS || path.len == 0 || path.ptr[0] != '/')
        return 0;
    struct histogram one = {0};
    one.bucket[kind][bucket] = (struct histogram_bucket){sum_at(rows, 2), sum_at(rows, 3)};
    int64_t gid = reader_rows_integer(rows, 4);
    return dirmap_fold_histogram(loading->dirs, dirmap_hash(path), path,
                                 (uint32_t)reader_rows_integer(rows, 0),
                                 gid < 0 ? ENTRY_NO_GROUP : (uint32_t)gid, &one);
}

static int take_subtree_access(struct loading *loading, const struct reader_rows *rows)
{
    return take_subtree_bucket(loading, rows, HISTOGRAM_ACCESS);
}

static int take_subtree_size(struct loading *loading, const struct reader_rows *rows)
{
    return take_subtree_bucket(loading, rows, HISTOGRAM_SIZE);
}

/* A copy that lives as long as the previous, with a NUL after it. */
static struct slice keep_bytes(struct loading *loading, const struct reader_rows *rows, int column)
{
    struct slice text = text_at(rows, column);
    char *copy = arena_alloc(&loading->previous->texts, text.len + 1, 1);
    if (copy == NULL)
        return slice_from("");
    if (text.len > 0)
        memcpy(copy, text.ptr, text.len);
    copy[text.len] = '\0';
    return (struct slice){copy, text.len};
}

static const char *keep_text(struct loading *loading, const struct reader_rows *rows, int column)
{
    return reader_rows_is_null(rows, column) ? NULL : keep_bytes(loading, rows, column).ptr;
}

static int take_scan(struct loading *loading, const struct reader_rows *rows)
{
    struct previous *previous = loading->previous;
    struct writer_scan *more =
        realloc(previous->scans, (previous->count + 1) * sizeof *previous->scans);
    if (more == NULL)
        return -1;
    previous->scans = more;
    previous->scans[previous->count++] = (struct writer_scan){
        .source_file = keep_bytes(loading, rows, 0),
        .scan_instant = instant_at(rows, 1),
        .import_instant = instant_at(rows, 2),
        .filesystem = keep_text(loading, rows, 3),
        .format = keep_text(loading, rows, 4),
        .directories = (uint64_t)reader_rows_integer(rows, 5),
        .files = (uint64_t)reader_rows_integer(rows, 6),
        .size = sum_at(rows, 7),
        .alloc = sum_at(rows, 8),
        .lines = (uint64_t)reader_rows_integer(rows, 9),
        .headers = (uint64_t)reader_rows_integer(rows, 10),
        .rejected = (uint64_t)reader_rows_integer(rows, 11),
        .version = keep_text(loading, rows, 12),
        .source_size = (uint64_t)reader_rows_integer(rows, 13),
        .source_mtime_ns = reader_rows_integer(rows, 14),
        .histogram_depth = reader_rows_integer(rows, 15),
        .flawed = (uint64_t)reader_rows_integer(rows, 16),
        .scan_errors = (uint64_t)reader_rows_integer(rows, 17),
        .saturated = reader_rows_integer(rows, 18) != 0,
        .age_by = keep_text(loading, rows, 19),
        .excluded = (uint64_t)reader_rows_integer(rows, 20),
    };
    return 0;
}

static int for_each(struct loading *loading, struct reader *reader, const char *sql,
                    int (*take)(struct loading *, const struct reader_rows *),
                    const atomic_bool *cancelled, struct err *err)
{
    struct reader_rows *rows;
    if (reader_run(&rows, reader, sql, NULL, 0, err) != 0)
        return -1;
    int more;
    int status = 0;
    while (status == 0 && (more = reader_rows_next(rows, err)) == 1) {
        if (atomic_load_explicit(cancelled, memory_order_relaxed))
            status = err_set(err, "interrupted");
        else if (take(loading, rows) != 0)
            status = err_no_memory(err, "%s: cannot hold all directories", reader_path(reader));
    }
    reader_rows_close(rows);
    return status != 0 || more < 0 ? -1 : 0;
}

struct part {
    const char *sql;
    int (*take)(struct loading *, const struct reader_rows *);
};

static int load_parts(struct loading *loading, struct reader *reader, const struct part *parts,
                      size_t count, const atomic_bool *cancelled, struct err *err)
{
    for (size_t i = 0; i < count; i++)
        if (for_each(loading, reader, parts[i].sql, parts[i].take, cancelled, err) != 0)
            return -1;
    return 0;
}

/* The scans; then directories with one owner below them; then the others, with the times of last
 * change that owner_usage does not have, and their files by owner; then the histograms, of the
 * subtrees where there are any (they add up to the owners'), else of the owners. */
static int load_all(struct loading *loading, struct reader *reader, const atomic_bool *cancelled,
                    struct err *err)
{
    static const struct part counters[] = {
        {"SELECT source_file, scan_timestamp, import_timestamp, filesystem, format, "
         "total_directories, total_files, total_size, total_alloc, lines, headers, rejected, "
         "fstally_version, source_size, source_mtime, histogram_depth, flawed, scan_errors, "
         "saturated, age_by, excluded "
         "FROM scan_metadata ORDER BY scan_id",
         take_scan},
        {"SELECT path, owner_uid, owner_gid, file_count_nr, total_size_nr, total_alloc_nr, "
         "max_atime_nr, max_mtime_nr FROM directories JOIN directory_stats USING (dir_id) "
         "WHERE owner_uid IS NOT NULL AND owner_gid IS NOT NULL ORDER BY dir_id",
         take_directory},
        {"SELECT path, 0, 0, 0, 0, 0, NULL, max_mtime_nr "
         "FROM directories JOIN directory_stats USING (dir_id) "
         "WHERE owner_uid IS NULL OR owner_gid IS NULL ORDER BY dir_id",
         take_directory},
        {"SELECT path, owner_uid, owner_gid, file_count, total_size, total_alloc, max_atime, NULL "
         "FROM owner_usage JOIN directories USING (dir_id)",
         take_directory},
    };
    static const struct part of_subtrees[] = {
        {"SELECT owner_uid, bucket_index, file_count, total_size, owner_gid, path "
         "FROM access_histogram_subtree JOIN directories USING (dir_id)",
         take_subtree_access},
        {"SELECT owner_uid, bucket_index, file_count, total_size, owner_gid, path "
         "FROM size_histogram_subtree JOIN directories USING (dir_id)",
         take_subtree_size},
    };
    static const struct part of_owners[] = {
        {"SELECT owner_uid, bucket_index, file_count, total_size FROM access_histogram",
         take_access},
        {"SELECT owner_uid, bucket_index, file_count, total_size FROM size_histogram", take_size},
    };
    if (load_parts(loading, reader, counters, sizeof counters / sizeof counters[0], cancelled,
                   err) != 0)
        return -1;
    bool has_subtrees = previous_histogram_depth(loading->previous) > 0;
    if (load_parts(loading, reader, has_subtrees ? of_subtrees : of_owners, 2, cancelled, err) != 0)
        return -1;
    if (flush(loading) != 0)
        return err_no_memory(err, "%s: cannot hold all directories", reader_path(reader));
    return 0;
}

int64_t previous_histogram_depth(const struct previous *previous)
{
    int64_t least = INT64_MAX;
    for (size_t i = 0; previous != NULL && i < previous->count; i++)
        if (previous->scans[i].histogram_depth < least)
            least = previous->scans[i].histogram_depth;
    return least;
}

int previous_load(struct previous **out, const char *path, struct dirmap *dirs,
                  struct ownermap *users, const atomic_bool *cancelled, struct err *err)
{
    struct reader *reader;
    if (reader_open(&reader, path, err) != 0)
        return -1;
    struct loading *loading = mem_new(sizeof *loading);
    loading->previous = mem_new(sizeof *loading->previous);
    loading->dirs = dirs;
    loading->users = users;
    int status = load_all(loading, reader, cancelled, err);
    reader_close(reader);
    arena_clear(&loading->paths);
    if (status == 0)
        *out = loading->previous;
    else
        previous_free(loading->previous);
    free(loading);
    return status;
}

void previous_free(struct previous *previous)
{
    if (previous == NULL)
        return;
    free(previous->scans);
    arena_clear(&previous->texts);
    free(previous);
}

const struct writer_scan *previous_scans(const struct previous *previous, size_t *count)
{
    *count = previous == NULL ? 0 : previous->count;
    return previous == NULL ? NULL : previous->scans;
}

bool previous_exists(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && info.st_size != 0;
}

int previous_check_replaceable(const char *path, struct err *err)
{
    if (!previous_exists(path))
        return 0;
    /* SQLite's header: the magic text at byte 0, application_id at 68, big-endian
     * (https://www.sqlite.org/fileformat2.html, section 1.3). */
    unsigned char header[72] = {0};
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_set(err, "%s: cannot read: %s", path, strerror(errno));
    ssize_t got = read(fd, header, sizeof header);
    close(fd);
    uint32_t id = (uint32_t)header[68] << 24 | (uint32_t)header[69] << 16 |
                  (uint32_t)header[70] << 8 | header[71];
    if (got != sizeof header || memcmp(header, "SQLite format 3", 16) != 0 ||
        id != SCHEMA_APPLICATION_ID)
        return err_set(err,
                       "%s: not replaced, because it is not a fstally database: name another "
                       "file with --db",
                       path);
    return 0;
}
