/* writer: builds a database file in batched WAL transactions. The many rows of the large tables go
 * in by INSERT ... SELECT from a virtual table, the few of the small ones by bound statements.
 *
 * The file is private until it is published, so nothing here is about durability or readers: no
 * sync until the end (buildfile_publish does it), no locks (the unix-none VFS; buildfile holds one
 * lock for all), no shared memory for the WAL's index (exclusive mode keeps it on the heap), no
 * zeroing of freed pages. Rows arrive in the order of their keys, so b-trees grow at their right
 * end. One thread. */
#include "writer.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

#include "clock.h"
#include "engine.h"
#include "incoming.h"
#include "mem.h"
#include "nameblock.h"
#include "ownerblock.h"
#include "rlimits.h"
#include "schema.h"
#include "sqltext.h"

/* Virtual machine steps between two looks at the cancel flag: about a millisecond. */
enum { STEPS_PER_LOOK = 20000 };

struct writer {
    sqlite3 *db;
    char *path;
    struct writer_options options;
    int64_t uncommitted; /* rows since the last commit; no transaction is open where it is 0 */
};

/* Too little room for even a page of SQLite's, with some to spare. */
static bool is_full(const char *directory)
{
    struct statvfs room;
    return statvfs(directory, &room) == 0 &&
           (uint64_t)room.f_bavail * (uint64_t)room.f_frsize < UINT64_C(1) << 20;
}

static int fail(const struct writer *writer, const char *what, struct err *err)
{
    if (atomic_load_explicit(writer->options.cancelled, memory_order_relaxed))
        return err_set(err, "interrupted");
    int code = sqlite3_errcode(writer->db) & 0xff; /* without the extended part */
    const char *sorting = getenv("SQLITE_TMPDIR");
    if (code == SQLITE_FULL && sorting != NULL && is_full(sorting))
        return err_set(err,
                       "%s: cannot %s: the directory for temporary files, %s, is full; make room "
                       "there, or name another in SQLITE_TMPDIR",
                       writer->path, what, sorting);
    const char *limit = code == SQLITE_IOERR ? rlimits_of_files() : NULL;
    if (limit != NULL)
        return err_set(err, "%s: cannot %s: %s", writer->path, what, limit);
    return err_set(err, "%s: cannot %s: %s", writer->path, what, sqlite3_errmsg(writer->db));
}

static int run(struct writer *writer, const char *sql, const char *what, struct err *err)
{
    if (sqlite3_exec(writer->db, sql, NULL, NULL, NULL) != SQLITE_OK)
        return fail(writer, what, err);
    return 0;
}

static int is_cancelled(void *context)
{
    const struct writer *writer = context;
    /* Relaxed: only the flag itself matters. */
    return atomic_load_explicit(writer->options.cancelled, memory_order_relaxed);
}

static int prepare(struct writer *writer, const char *sql, sqlite3_stmt **statement,
                   struct err *err)
{
    if (sqlite3_prepare_v3(writer->db, sql, -1, SQLITE_PREPARE_PERSISTENT, statement, NULL) !=
        SQLITE_OK)
        return fail(writer, "prepare a statement", err);
    return 0;
}

/* What does not fit into memory while indexes are sorted goes beside the database, where there
 * must be room, rather than to a small /tmp; $SQLITE_TMPDIR says otherwise. */
static void spill_beside(const char *path)
{
    if (getenv("SQLITE_TMPDIR") != NULL)
        return;
    const char *slash = strrchr(path, '/');
    sqlite3_free(sqlite3_temp_directory);
    sqlite3_temp_directory =
        slash == NULL ? sqlite3_mprintf(".") : sqlite3_mprintf("%.*s", (int)(slash - path), path);
}

int writer_open(struct writer **out, const char *path, const struct writer_options *options,
                struct err *err)
{
    struct writer *writer = mem_new(sizeof *writer);
    writer->path = strdup(path);
    writer->options = *options;
    engine_start();
    spill_beside(path);
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    if (sqlite3_open_v2(path, &writer->db, flags, "unix-none") != SQLITE_OK) {
        fail(writer, "open", err);
        writer_close(writer);
        return -1;
    }
    sqlite3_progress_handler(writer->db, STEPS_PER_LOOK, is_cancelled, writer);
    char settings[512];
    snprintf(settings, sizeof settings,
             "PRAGMA page_size = 16384;"
             "PRAGMA application_id = %d;"
             "PRAGMA user_version = %d;"
             "PRAGMA locking_mode = EXCLUSIVE;"
             "PRAGMA journal_mode = WAL;"
             "PRAGMA synchronous = OFF;"
             "PRAGMA secure_delete = OFF;"
             "PRAGMA foreign_keys = OFF;"
             "PRAGMA cache_size = -16384;",
             SCHEMA_APPLICATION_ID, SCHEMA_VERSION);
    if (run(writer, settings, "set up", err) != 0 ||
        run(writer, schema_tables(), "make the tables", err) != 0 ||
        run(writer, schema_views(), "make the views", err) != 0) {
        writer_close(writer);
        return -1;
    }
    *out = writer;
    return 0;
}

void writer_close(struct writer *writer)
{
    if (writer == NULL)
        return;
    sqlite3_close(writer->db);
    free(writer->path);
    free(writer);
}

static int commit(struct writer *writer, struct err *err)
{
    if (writer->uncommitted == 0)
        return 0;
    writer->uncommitted = 0;
    return run(writer, "COMMIT", "commit", err);
}

/* Runs a statement whose values are bound, once, within the current batch. */
static int put(struct writer *writer, sqlite3_stmt *statement, struct err *err)
{
    if (writer->uncommitted == 0 && run(writer, "BEGIN", "begin a transaction", err) != 0)
        return -1;
    writer->uncommitted++;
    if (sqlite3_step(statement) != SQLITE_DONE)
        return fail(writer, "write a row", err);
    sqlite3_reset(statement);
    if (writer->uncommitted >= writer->options.batch_rows)
        return commit(writer, err);
    return 0;
}

/* The values of one row, bound from left to right. */
struct binder {
    sqlite3_stmt *statement;
    int column;
};

static void bind_integer(struct binder *to, int64_t value)
{
    sqlite3_bind_int64(to->statement, ++to->column, value);
}

/* A sum that has passed INT64_MAX stays there. */
static void bind_count(struct binder *to, uint64_t value)
{
    bind_integer(to, value > INT64_MAX ? INT64_MAX : (int64_t)value);
}

static void bind_null(struct binder *to)
{
    sqlite3_bind_null(to->statement, ++to->column);
}

/* The bytes stay readable until the row is put. */
static void bind_bytes(struct binder *to, struct slice bytes)
{
    sqltext_bind(to->statement, ++to->column, bytes, SQLITE_STATIC);
}

/* Likewise. NULL: NULL. */
static void bind_text(struct binder *to, const char *text)
{
    if (text == NULL)
        bind_null(to);
    else
        bind_bytes(to, slice_from(text));
}

static void bind_instant(struct binder *to, int64_t instant)
{
    if (instant == ENTRY_NO_TIME) {
        bind_null(to);
        return;
    }
    char text[CLOCK_TEXT];
    clock_format(instant, text);
    sqlite3_bind_text(to->statement, ++to->column, text, CLOCK_TEXT - 1, SQLITE_TRANSIENT);
}

/* The rows on their way into a table, looked at as they pass. */
struct passing {
    const struct rows *rows; /* borrowed, as the blocks */
    struct ownerblock *owners;
    struct nameblock *names;
};

static void rewind_passing(void *state)
{
    const struct rows *rows = ((struct passing *)state)->rows;
    rows->rewind(rows->state);
}

static int next_dir_named(void *state, struct rows_dir *dir)
{
    struct passing *passing = state;
    int more = passing->rows->next_dir(passing->rows->state, dir);
    return more == 1 && nameblock_add(passing->names, dir->id, dir->path) != 0 ? -1 : more;
}

/* Where a directory's files are of several owners or groups, they come as usages. */
static int next_dir_owned(void *state, struct rows_dir *dir)
{
    struct passing *passing = state;
    int more = passing->rows->next_dir(passing->rows->state, dir);
    bool wanted =
        more == 1 && dir->own.files > 0 && dir->uid != ROWS_SEVERAL && dir->gid != ROWS_SEVERAL;
    return wanted && ownerblock_add_directory(passing->owners, dir) != 0 ? -1 : more;
}

static int next_usage_owned(void *state, struct rows_usage *usage)
{
    struct passing *passing = state;
    int more = passing->rows->next_usage(passing->rows->state, usage);
    return more == 1 && ownerblock_add_usage(passing->owners, usage) != 0 ? -1 : more;
}

static int next_bucket_passing(void *state, enum histogram_kind kind, struct rows_bucket *bucket)
{
    const struct rows *rows = ((struct passing *)state)->rows;
    return rows->next_bucket(rows->state, kind, bucket);
}

static int put_names(struct writer *writer, sqlite3_stmt *statement, struct passing *passing,
                     bool all, struct err *err)
{
    if (all)
        nameblock_end(passing->names);
    size_t count;
    const struct nameblock_row *row = nameblock_rows(passing->names, &count);
    const char *bytes = nameblock_bytes(passing->names);
    for (; count > 0; count--, row++) {
        sqlite3_bind_int64(statement, 1, row->first_id);
        if (sqlite3_bind_blob64(statement, 2, bytes + row->begin, row->len, SQLITE_STATIC) !=
                SQLITE_OK ||
            sqlite3_step(statement) != SQLITE_DONE)
            return fail(writer, "write names", err);
        sqlite3_reset(statement);
    }
    nameblock_clear(passing->names);
    return 0;
}

static int put_owners(struct writer *writer, sqlite3_stmt *statement, struct passing *passing,
                      bool all, struct err *err)
{
    if (all)
        ownerblock_end(passing->owners);
    size_t count;
    const struct ownerblock_row *row = ownerblock_rows(passing->owners, &count);
    for (; count > 0; count--, row++) {
        struct binder to = {statement, 0};
        bind_integer(&to, row->first_id);
        bind_integer(&to, row->uid);
        bind_integer(&to, row->gid);
        bind_count(&to, row->stat.files);
        bind_count(&to, row->stat.size);
        bind_count(&to, row->stat.alloc);
        bind_instant(&to, row->stat.max_atime);
        bind_count(&to, row->directories);
        bind_count(&to, row->owner_directories);
        bind_count(&to, row->group_directories);
        if (sqlite3_step(statement) != SQLITE_DONE)
            return fail(writer, "write owners", err);
        sqlite3_reset(statement);
    }
    ownerblock_clear(passing->owners);
    return 0;
}

/* A table, and what is gathered on the way into it, in blocks. */
struct part {
    enum incoming_table table;
    const char *sql;
    const char *blocks_sql; /* NULL: nothing */
    int (*put_blocks)(struct writer *writer, sqlite3_stmt *statement, struct passing *passing,
                      bool all, struct err *err);
};

/* Rows that are moved at once: as many as leave the fixed costs of a statement nowhere to be seen,
 * while what is gathered of them in blocks, some 20 bytes each, stays small. */
enum { ROWS_A_STEP = 50000 };

/* Moves the next rows of one table. The blocks that they have completed follow them: what is
 * gathered is never more than of a step and a block. */
static int put_step(struct writer *writer, const struct part *part, const struct incoming *incoming,
                    struct passing *passing, sqlite3_stmt *statement, sqlite3_stmt *blocks,
                    struct err *err)
{
    bool failed = sqlite3_step(statement) != SQLITE_DONE;
    if (failed)
        fail(writer, "write rows", err);
    sqlite3_reset(statement);
    if (failed)
        return -1;
    if (blocks == NULL)
        return 0;
    return part->put_blocks(writer, blocks, passing, incoming_is_done(incoming), err);
}

/* Moves one table's rows from the incoming ones, a batch a transaction, in steps. */
static int put_batches(struct writer *writer, const struct part *part, struct incoming *incoming,
                       struct passing *passing, sqlite3_stmt *statement, sqlite3_stmt *blocks,
                       struct err *err)
{
    int status = 0;
    while (status == 0 && !incoming_is_done(incoming)) {
        int64_t left = writer->options.batch_rows;
        status = run(writer, "BEGIN", "begin a transaction", err);
        while (status == 0 && left > 0 && !incoming_is_done(incoming)) {
            incoming->batch = left < ROWS_A_STEP ? left : ROWS_A_STEP;
            left -= incoming->batch;
            status = put_step(writer, part, incoming, passing, statement, blocks, err);
        }
        if (status == 0)
            status = run(writer, "COMMIT", "commit", err);
    }
    return status;
}

static int put_part(struct writer *writer, const struct part *part, struct passing *passing,
                    struct err *err)
{
    const struct rows rows = {
        .state = passing,
        .rewind = rewind_passing,
        .next_dir = part->table == INCOMING_DIRECTORIES ? next_dir_named : next_dir_owned,
        .next_usage = next_usage_owned,
        .next_bucket = next_bucket_passing,
    };
    struct incoming incoming;
    if (incoming_begin(&incoming, writer->db, part->table, &rows, writer->options.batch_rows) !=
        SQLITE_OK)
        return fail(writer, "prepare the rows", err);
    sqlite3_stmt *statement = NULL;
    sqlite3_stmt *blocks = NULL;
    int status = prepare(writer, part->sql, &statement, err);
    if (status == 0 && part->blocks_sql != NULL)
        status = prepare(writer, part->blocks_sql, &blocks, err);
    if (status == 0)
        status = put_batches(writer, part, &incoming, passing, statement, blocks, err);
    sqlite3_finalize(statement);
    sqlite3_finalize(blocks);
    return status;
}

/* The sum of what is there and what comes, but no more than INT64_MAX. */
#define SATURATE(column)                                                                           \
    column " = CASE WHEN " column " > 9223372036854775807 - excluded." column                      \
           " THEN 9223372036854775807 ELSE " column " + excluded." column " END, "
/* Usages come first: they make most of the blocks' rows, and a row that has to be looked for and
 * added to costs twice what one behind all others does. */
#define INSERT_OWNERS "INSERT INTO owner_usage_block VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
/* clang-format off */
#define ADD_OWNERS                                                                                 \
    INSERT_OWNERS " ON CONFLICT(first_id, owner_uid, owner_gid) DO UPDATE SET "                    \
    "file_count = file_count + excluded.file_count, "                                              \
    SATURATE("total_size")                                                                         \
    SATURATE("total_alloc")                                                                        \
    "max_atime = coalesce(max(max_atime, excluded.max_atime), max_atime, excluded.max_atime), "    \
    "directory_count = directory_count + excluded.directory_count, "                               \
    "directory_count_owner = directory_count_owner + excluded.directory_count_owner, "             \
    "directory_count_group = directory_count_group + excluded.directory_count_group"
/* clang-format on */

int writer_put_rows(struct writer *writer, const struct rows *rows, struct err *err)
{
    static const struct part parts[] = {
        {INCOMING_DIRECTORIES, "INSERT INTO directories SELECT * FROM incoming_directories",
         "INSERT INTO directory_names VALUES(?, ?)", put_names},
        {INCOMING_USAGE, "INSERT INTO owner_usage SELECT * FROM incoming_usage", INSERT_OWNERS,
         put_owners},
        {INCOMING_STATS, "INSERT INTO directory_stats SELECT * FROM incoming_stats", ADD_OWNERS,
         put_owners},
        {INCOMING_ACCESS, "INSERT INTO access_histogram_subtree SELECT * FROM incoming_access",
         NULL, NULL},
        {INCOMING_SIZE, "INSERT INTO size_histogram_subtree SELECT * FROM incoming_size", NULL,
         NULL},
    };
    size_t count = sizeof parts / sizeof parts[0] - (writer->options.subtree_histograms ? 0 : 2);
    struct passing passing = {rows, ownerblock_new(), nameblock_new()};
    int status = 0;
    for (size_t i = 0; i < count && status == 0; i++)
        status = put_part(writer, &parts[i], &passing, err);
    ownerblock_free(passing.owners);
    nameblock_free(passing.names);
    return status;
}

static int put_summary(struct writer *writer, const char *sql, struct ownermap *owners,
                       struct err *err)
{
    sqlite3_stmt *statement;
    if (prepare(writer, sql, &statement, err) != 0)
        return -1;
    int status = 0;
    const struct ownermap_owner *owner = NULL;
    while (status == 0 && (owner = ownermap_next(owners, owner)) != NULL) {
        struct binder to = {statement, 0};
        bind_integer(&to, owner->id);
        bind_count(&to, owner->stat.size);
        bind_count(&to, owner->stat.alloc);
        bind_count(&to, owner->stat.files);
        bind_count(&to, owner->directories);
        status = put(writer, statement, err);
    }
    sqlite3_finalize(statement);
    return status;
}

static int put_histogram(struct writer *writer, const char *sql, struct ownermap *users,
                         enum histogram_kind kind, struct err *err)
{
    sqlite3_stmt *statement;
    if (prepare(writer, sql, &statement, err) != 0)
        return -1;
    int status = 0;
    const struct ownermap_owner *user = NULL;
    while (status == 0 && (user = ownermap_next(users, user)) != NULL) {
        for (unsigned i = 0; i < HISTOGRAM_BUCKETS && status == 0; i++) {
            const struct histogram_bucket *bucket = &user->histogram.bucket[kind][i];
            if (bucket->files == 0)
                continue;
            struct binder to = {statement, 0};
            bind_integer(&to, user->id);
            bind_integer(&to, i);
            bind_count(&to, bucket->files);
            bind_count(&to, bucket->size);
            status = put(writer, statement, err);
        }
    }
    sqlite3_finalize(statement);
    return status;
}

static int put_buckets(struct writer *writer, struct err *err)
{
    sqlite3_stmt *statement;
    if (prepare(writer, "INSERT INTO histogram_bucket VALUES(?, ?, ?, ?, ?)", &statement, err) != 0)
        return -1;
    int status = 0;
    for (enum histogram_kind kind = 0; kind < HISTOGRAM_KINDS && status == 0; kind++) {
        for (unsigned i = 0; i < HISTOGRAM_BUCKETS && status == 0; i++) {
            struct binder to = {statement, 0};
            bind_text(&to, histogram_kind_name(kind));
            bind_integer(&to, i);
            bind_text(&to, histogram_label(kind, i));
            bind_integer(&to, histogram_lower(kind, i));
            if (histogram_upper(kind, i) < 0)
                bind_null(&to);
            else
                bind_integer(&to, histogram_upper(kind, i));
            status = put(writer, statement, err);
        }
    }
    sqlite3_finalize(statement);
    return status;
}

int writer_put_totals(struct writer *writer, struct ownermap *users, struct ownermap *groups,
                      struct err *err)
{
    if (put_summary(writer, "INSERT INTO owner_summary VALUES(?, ?, ?, ?, ?)", users, err) != 0 ||
        put_summary(writer, "INSERT INTO group_summary VALUES(?, ?, ?, ?, ?)", groups, err) != 0 ||
        put_histogram(writer, "INSERT INTO access_histogram VALUES(?, ?, ?, ?)", users,
                      HISTOGRAM_ACCESS, err) != 0 ||
        put_histogram(writer, "INSERT INTO size_histogram VALUES(?, ?, ?, ?)", users,
                      HISTOGRAM_SIZE, err) != 0 ||
        put_buckets(writer, err) != 0)
        return -1;
    return commit(writer, err);
}

int writer_put_scans(struct writer *writer, const struct writer_scan *scans, size_t count,
                     struct err *err)
{
    sqlite3_stmt *statement;
    if (prepare(writer,
                "INSERT INTO scan_metadata(source_file, scan_timestamp, import_timestamp, "
                "filesystem, format, total_directories, total_files, total_size, total_alloc, "
                "lines, headers, rejected, flawed, scan_errors, saturated, age_by, "
                "fstally_version, source_size, source_mtime, histogram_depth, excluded) "
                "VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                &statement, err) != 0)
        return -1;
    int status = 0;
    for (size_t i = 0; i < count && status == 0; i++) {
        const struct writer_scan *scan = &scans[i];
        struct binder to = {statement, 0};
        bind_bytes(&to, scan->source_file);
        bind_instant(&to, scan->scan_instant);
        bind_instant(&to, scan->import_instant);
        bind_text(&to, scan->filesystem);
        bind_text(&to, scan->format);
        bind_count(&to, scan->directories);
        bind_count(&to, scan->files);
        bind_count(&to, scan->size);
        bind_count(&to, scan->alloc);
        bind_count(&to, scan->lines);
        bind_count(&to, scan->headers);
        bind_count(&to, scan->rejected);
        bind_count(&to, scan->flawed);
        bind_count(&to, scan->scan_errors);
        bind_integer(&to, scan->saturated);
        bind_text(&to, scan->age_by);
        bind_text(&to, scan->version);
        bind_count(&to, scan->source_size);
        bind_integer(&to, scan->source_mtime_ns);
        bind_integer(&to, scan->histogram_depth);
        bind_count(&to, scan->excluded);
        status = put(writer, statement, err);
    }
    sqlite3_finalize(statement);
    return status != 0 ? status : commit(writer, err);
}

/* `columns` is 3 with a full name, 2 without. */
static int put_accounts(struct writer *writer, const char *sql, int columns,
                        const struct writer_account *accounts, size_t count, struct err *err)
{
    sqlite3_stmt *statement;
    if (prepare(writer, sql, &statement, err) != 0)
        return -1;
    int status = 0;
    for (size_t i = 0; i < count && status == 0; i++) {
        struct binder to = {statement, 0};
        bind_integer(&to, accounts[i].id);
        bind_text(&to, accounts[i].name);
        if (columns == 3)
            bind_text(&to, accounts[i].full_name);
        status = put(writer, statement, err);
    }
    sqlite3_finalize(statement);
    return status;
}

int writer_put_accounts(struct writer *writer, const struct writer_account *users,
                        size_t user_count, const struct writer_account *groups, size_t group_count,
                        struct err *err)
{
    if (put_accounts(writer, "INSERT INTO user_info VALUES(?, ?, ?)", 3, users, user_count, err) !=
            0 ||
        put_accounts(writer, "INSERT INTO group_info VALUES(?, ?)", 2, groups, group_count, err) !=
            0)
        return -1;
    return commit(writer, err);
}

int writer_index(struct writer *writer, struct err *err)
{
    return run(writer, schema_indexes(), "make the indexes", err);
}

int writer_finish(struct writer *writer, struct err *err)
{
    int status = run(writer, "PRAGMA wal_checkpoint(TRUNCATE)", "empty the write-ahead log", err);
    if (status == 0)
        status = run(writer, "PRAGMA journal_mode = DELETE", "leave WAL mode", err);
    if (status == 0 && sqlite3_close(writer->db) != SQLITE_OK)
        status = fail(writer, "close", err);
    else if (status == 0)
        writer->db = NULL;
    writer_close(writer);
    return status;
}
