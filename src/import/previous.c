/* previous: existing databases as streams of deltas.
 *
 * A database's facts say who holds which files directly in each directory, by age and size; the
 * tables add the paths. Numbers and recursive figures are made anew from the union. One thread,
 * before the scan begins. */
#include "previous.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "arena.h"
#include "cells.h"
#include "clock.h"
#include "dirmap.h"
#include "facts.h"
#include "fileinfo.h"
#include "mem.h"
#include "ownerpairs.h"
#include "pathname.h"
#include "reader.h"
#include "schema.h"

/* Deltas folded together; their paths are copied meanwhile. Their cells have room for as many as
 * there are in BATCH shares of some size, and for one share more of all. */
enum { BATCH = 1024, BATCH_CELLS = 4 * BATCH + CELLS };

struct previous {
    struct writer_scan *scans;
    const char **databases; /* of each scan; borrowed */
    size_t count;
    size_t scan_room;
    size_t database_room;
    struct arena texts;
};

/* What a row function works on. */
struct loading {
    struct previous *previous;
    const char *path;
    struct gather *dirs;
    struct err *err;
    struct facts *facts;
    struct ownerpairs_pair *pairs; /* that the facts name by number */
    size_t pair_count;
    const struct facts_share *shares; /* of the block at hand, from the directory at hand on */
    size_t share_count;
    struct facts_cells share_cells;
    int64_t next_id; /* the directory whose row comes next */
    size_t deltas;
    uint32_t cell_count;
    struct arena paths;
    struct dirmap_delta delta[BATCH];
    struct cells_count cells[BATCH_CELLS];
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
static uint64_t sum_of(int64_t sum)
{
    return sum == INT64_MAX ? DIRSTAT_OVERFLOW : (uint64_t)sum;
}

static uint64_t sum_at(const struct reader_rows *rows, int column)
{
    return sum_of(reader_rows_integer(rows, column));
}

static int no_memory(const struct loading *loading, const struct reader_rows *rows)
{
    return err_no_memory(loading->err, "%s: cannot hold all directories", reader_rows_path(rows));
}

static int flush(struct loading *loading)
{
    int status =
        dirmap_fold(gather_map(loading->dirs), loading->delta, loading->deltas, loading->cells);
    loading->deltas = 0;
    loading->cell_count = 0;
    arena_clear(&loading->paths);
    if (status == 0 && gather_is_full(loading->dirs))
        status = gather_relieve(loading->dirs, loading->err);
    return status;
}

/* A delta for a directory, without files. NULL: out of memory. */
static struct dirmap_delta *begin_delta(struct loading *loading, struct slice path)
{
    if ((loading->deltas == BATCH || loading->cell_count > BATCH_CELLS - CELLS) &&
        flush(loading) != 0)
        return NULL;
    const char *copy = arena_copy(&loading->paths, path.ptr, path.len);
    if (copy == NULL)
        return NULL;
    struct dirmap_delta *delta = &loading->delta[loading->deltas++];
    *delta = (struct dirmap_delta){.hash = dirmap_hash(path),
                                   .path = copy,
                                   .path_len = (uint32_t)path.len,
                                   .stat = DIRSTAT_NONE,
                                   .cells_begin = loading->cell_count};
    return delta;
}

static int take_share(struct loading *loading, struct slice path, const struct facts_share *share)
{
    struct dirmap_delta *delta = begin_delta(loading, path);
    if (delta == NULL)
        return -1;
    int64_t gid = loading->pairs[share->pair].gid;
    delta->uid = (uint32_t)loading->pairs[share->pair].uid;
    delta->gid = gid < 0 ? ENTRY_NO_GROUP : (uint32_t)gid;
    delta->stat = (struct dirstat){sum_of(share->figures[FACTS_SHARE_FILES]),
                                   sum_of(share->figures[FACTS_SHARE_SIZE]),
                                   sum_of(share->figures[FACTS_SHARE_ALLOC]),
                                   share->figures[FACTS_SHARE_ATIME], ENTRY_NO_TIME};
    delta->cell_count = share->cells_end - share->cells_begin;
    for (uint32_t i = 0; i < delta->cell_count; i++) {
        const struct facts_cells *from = &loading->share_cells;
        uint32_t at = share->cells_begin + i;
        loading->cells[loading->cell_count++] = (struct cells_count){
            sum_of(from->files[at]), sum_of(from->size[at]), (unsigned)from->index[at]};
    }
    return 0;
}

/* Columns: dir_id, path, max_mtime_nr; by dir_id. */
static int take_directory(struct loading *loading, const struct reader_rows *rows)
{
    struct slice path = text_at(rows, 1);
    int64_t place = loading->next_id - 1;
    bool is_path = path.len != 0 && path.ptr[0] == '/' && pathname_is_folded(path) &&
                   memchr(path.ptr, '\0', path.len) == NULL;
    if (reader_rows_integer(rows, 0) != loading->next_id++ || !is_path)
        return err_set(loading->err,
                       "%s: damaged database: its directories are not numbered from 1; import its "
                       "logs afresh with --replace",
                       reader_rows_path(rows));
    if (place % FACTS_BLOCK == 0 &&
        (facts_turn(loading->facts, (size_t)(place / FACTS_BLOCK), loading->err) != 0 ||
         facts_shares(&loading->shares, &loading->share_count, loading->facts, FACTS_WANT_ALL,
                      loading->pair_count, loading->err) != 0 ||
         facts_cells(&loading->share_cells, loading->facts, loading->err) != 0))
        return -1;
    gather_widen(loading->dirs, path);
    struct dirmap_delta *delta = begin_delta(loading, path);
    if (delta == NULL)
        return no_memory(loading, rows);
    delta->stat.max_mtime = instant_at(rows, 2);
    for (; loading->share_count > 0 && loading->shares->directory == place % FACTS_BLOCK;
         loading->shares++, loading->share_count--)
        if (take_share(loading, path, loading->shares) != 0)
            return no_memory(loading, rows);
    return 0;
}

/* A copy that lives as long as the previous, with a NUL after it. They are few. */
static struct slice keep_bytes(struct loading *loading, const struct reader_rows *rows, int column)
{
    struct slice text = text_at(rows, column);
    char *copy = arena_alloc(&loading->previous->texts, text.len + 1, 1);
    if (copy == NULL)
        mem_exhausted();
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
    struct writer_scan *scans =
        mem_grow(previous->scans, &previous->scan_room, previous->count, sizeof *scans);
    if (scans == NULL)
        return no_memory(loading, rows);
    previous->scans = scans;
    const char **databases =
        mem_grow(previous->databases, &previous->database_room, previous->count, sizeof *databases);
    if (databases == NULL)
        return no_memory(loading, rows);
    previous->databases = databases;
    databases[previous->count] = loading->path;
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
        .flawed = (uint64_t)reader_rows_integer(rows, 15),
        .scan_errors = (uint64_t)reader_rows_integer(rows, 16),
        .saturated = reader_rows_integer(rows, 17) != 0,
        .age_by = keep_text(loading, rows, 18),
        .excluded = (uint64_t)reader_rows_integer(rows, 19),
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
        else
            status = take(loading, rows);
    }
    reader_rows_close(rows);
    return status != 0 || more < 0 ? -1 : 0;
}

static int load_all(struct loading *loading, struct reader *reader, const atomic_bool *cancelled,
                    struct err *err)
{
    static const struct {
        const char *sql;
        int (*take)(struct loading *, const struct reader_rows *);
    } parts[] = {
        {"SELECT source_file, scan_timestamp, import_timestamp, filesystem, format, "
         "total_directories, total_files, total_size, total_alloc, lines, headers, rejected, "
         "fstally_version, source_size, source_mtime, flawed, scan_errors, saturated, age_by, "
         "excluded FROM scan_metadata ORDER BY scan_id",
         take_scan},
        {"SELECT d.dir_id, path, max_mtime_nr FROM directories d "
         "CROSS JOIN directory_stats s ON s.dir_id = d.dir_id ORDER BY d.dir_id",
         take_directory},
    };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (for_each(loading, reader, parts[i].sql, parts[i].take, cancelled, err) != 0)
            return -1;
    if (flush(loading) != 0)
        return err_no_memory(err, "%s: cannot hold all directories", reader_path(reader));
    return 0;
}

struct previous *previous_new(void)
{
    return mem_new(sizeof(struct previous));
}

int previous_load(struct previous *previous, const char *path, struct gather *dirs,
                  const atomic_bool *cancelled, struct err *err)
{
    struct reader *reader;
    if (reader_open(&reader, path, err) != 0)
        return -1;
    struct loading *loading = mem_new(sizeof *loading);
    loading->previous = previous;
    loading->path = path;
    loading->dirs = dirs;
    loading->err = err;
    loading->next_id = 1;
    int64_t directories = 0;
    int status = reader_check_cells(reader, err);
    if (status == 0)
        status = reader_count(&directories, reader, err);
    if (status == 0)
        status = reader_check_books(reader, err);
    if (status == 0)
        status = facts_open(&loading->facts, reader, directories, err);
    if (status == 0)
        status = facts_pairs(&loading->pairs, &loading->pair_count, reader, err);
    if (status == 0)
        status = load_all(loading, reader, cancelled, err);
    facts_close(loading->facts);
    reader_close(reader);
    arena_clear(&loading->paths);
    free(loading->pairs);
    free(loading);
    return status;
}

void previous_free(struct previous *previous)
{
    if (previous == NULL)
        return;
    free(previous->scans);
    free(previous->databases);
    arena_clear(&previous->texts);
    free(previous);
}

const struct writer_scan *previous_scans(const struct previous *previous, size_t *count)
{
    *count = previous->count;
    return previous->scans;
}

const char *previous_database(const struct previous *previous, size_t i)
{
    return previous->databases[i];
}

/* SQLite's header: the magic text at byte 0, application_id at 68, big-endian
 * (https://www.sqlite.org/fileformat2.html, section 1.3). */
enum { HEADER = 72 };

/* Reads it. Zero is what a shorter file lacks, and all of what is no regular file: that is not
 * opened, because whoever writes to a FIFO would notice. */
static int read_header(unsigned char header[HEADER], const char *path, struct err *err)
{
    struct stat info;
    memset(header, 0, HEADER);
    if (stat(path, &info) == 0 && !S_ISREG(info.st_mode))
        return 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    ssize_t got = fd < 0 ? -1 : read(fd, header, HEADER);
    if (got < 0)
        err_set(err, "%s: cannot read: %s", path, strerror(errno));
    if (fd >= 0)
        close(fd);
    return got < 0 ? -1 : 0;
}

int previous_is_database(const char *path, struct err *err)
{
    unsigned char header[HEADER];
    return read_header(header, path, err) != 0 ? -1 : reader_is_sqlite(header);
}

int previous_exists(const char *path, struct err *err)
{
    struct stat info;
    int there = fileinfo_look(&info, path, err);
    return there == 1 ? info.st_size != 0 : there;
}

int previous_check_replaceable(const char *path, struct err *err)
{
    int exists = previous_exists(path, err);
    if (exists != 1)
        return exists;
    unsigned char header[HEADER];
    if (read_header(header, path, err) != 0)
        return -1;
    uint32_t id = (uint32_t)header[68] << 24 | (uint32_t)header[69] << 16 |
                  (uint32_t)header[70] << 8 | header[71];
    if (!reader_is_sqlite(header) || id != SCHEMA_APPLICATION_ID)
        return err_set(err,
                       "%s: not replaced, because it is not a fstally database: name another "
                       "file with --db",
                       path);
    return 0;
}
