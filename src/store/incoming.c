/* incoming: rows that SQLite fetches itself.
 *
 * A bound statement costs a bind a column and a start and stop of SQLite's machine a row; from a
 * virtual table the machine runs through a whole batch (1,000,000 rows of directories: 0.54 s
 * against 1.0 s). SQLite may only read the table front to back, once a batch. */
#include "incoming.h"

#include "nameblock.h"
#include "sequence.h"
#include "sqltext.h"

static struct incoming *incoming_of(const sqlite3_vtab_cursor *cursor)
{
    return sequence_context(cursor);
}

#define BUCKET_COLUMNS                                                                             \
    "CREATE TABLE x(dir_id, owner_uid, owner_gid, bucket_index, file_count, total_size)"

static int on_connect(sqlite3 *db, void *context, int argc, const char *const *argv,
                      sqlite3_vtab **out, char **message)
{
    (void)argc;
    (void)argv;
    (void)message;
    static const char *const columns[] = {
        [INCOMING_DIRECTORIES] = "CREATE TABLE x(dir_id, parent_id, path, depth, last_id, name)",
        [INCOMING_STATS] = "CREATE TABLE x(dir_id, file_count_nr, dir_count_nr, total_size_nr, "
                           "total_alloc_nr, max_atime_nr, max_mtime_nr, file_count_r, "
                           "dir_count_r, total_size_r, total_alloc_r, max_atime_r, max_mtime_r, "
                           "owner_uid, owner_gid)",
        [INCOMING_USAGE] = "CREATE TABLE x(dir_id, owner_uid, owner_gid, file_count, total_size, "
                           "total_alloc, max_atime)",
        [INCOMING_ACCESS] = BUCKET_COLUMNS,
        [INCOMING_SIZE] = BUCKET_COLUMNS,
    };
    const struct incoming *incoming = context;
    return sequence_connect(out, db, columns[incoming->table], context);
}

/* The current instant as text in `text`, or "" for none. */
static void format_instant(char text[CLOCK_TEXT], int64_t instant)
{
    if (instant == ENTRY_NO_TIME)
        text[0] = '\0';
    else
        clock_format(instant, text);
}

/* Gets the next row ready, or finds that there is none. */
static int fetch(struct incoming *incoming)
{
    const struct rows *rows = incoming->rows;
    int more = 0;
    switch (incoming->table) {
    case INCOMING_DIRECTORIES:
        more = rows->next_dir(rows->state, &incoming->dir);
        break;
    case INCOMING_STATS:
        more = rows->next_dir(rows->state, &incoming->dir);
        if (more == 1) {
            format_instant(incoming->own_atime, incoming->dir.own.max_atime);
            format_instant(incoming->own_mtime, incoming->dir.own.max_mtime);
            format_instant(incoming->subtree_atime, incoming->dir.subtree.max_atime);
            format_instant(incoming->subtree_mtime, incoming->dir.subtree.max_mtime);
        }
        break;
    case INCOMING_USAGE:
        more = rows->next_usage(rows->state, &incoming->usage);
        if (more == 1)
            format_instant(incoming->own_atime, incoming->usage.stat.max_atime);
        break;
    case INCOMING_ACCESS:
        more = rows->next_bucket(rows->state, HISTOGRAM_ACCESS, &incoming->bucket);
        break;
    case INCOMING_SIZE:
        more = rows->next_bucket(rows->state, HISTOGRAM_SIZE, &incoming->bucket);
        break;
    }
    incoming->done = more != 1;
    return more < 0 ? SQLITE_NOMEM : SQLITE_OK;
}

static int on_filter(sqlite3_vtab_cursor *cursor, int plan, const char *plan_text, int argc,
                     sqlite3_value **argv)
{
    (void)plan;
    (void)plan_text;
    (void)argc;
    (void)argv;
    struct incoming *incoming = incoming_of(cursor);
    incoming->left = incoming->batch;
    return SQLITE_OK;
}

static int on_next(sqlite3_vtab_cursor *cursor)
{
    struct incoming *incoming = incoming_of(cursor);
    incoming->left--;
    return fetch(incoming);
}

static int on_eof(sqlite3_vtab_cursor *cursor)
{
    const struct incoming *incoming = incoming_of(cursor);
    return incoming->done || incoming->left == 0;
}

static int on_rowid(sqlite3_vtab_cursor *cursor, sqlite3_int64 *rowid)
{
    *rowid = incoming_of(cursor)->dir.id;
    return SQLITE_OK;
}

/* A sum that has passed INT64_MAX stays there. */
static void give_count(sqlite3_context *to, uint64_t count)
{
    sqlite3_result_int64(to, count > INT64_MAX ? INT64_MAX : (int64_t)count);
}

static void give_owner(sqlite3_context *to, int64_t id)
{
    if (id == ROWS_SEVERAL)
        sqlite3_result_null(to);
    else
        sqlite3_result_int64(to, id);
}

static void give_instant(sqlite3_context *to, const char *text)
{
    if (text[0] == '\0')
        sqlite3_result_null(to);
    else
        sqlite3_result_text(to, text, CLOCK_TEXT - 1, SQLITE_STATIC);
}

static void give_directory(sqlite3_context *to, const struct rows_dir *dir, int column)
{
    switch (column) {
    case 0:
        sqlite3_result_int64(to, dir->id);
        break;
    case 1:
        if (dir->parent_id == 0)
            sqlite3_result_null(to);
        else
            sqlite3_result_int64(to, dir->parent_id);
        break;
    case 2:
        sqltext_result(to, dir->path);
        break;
    case 3:
        sqlite3_result_int64(to, dir->depth);
        break;
    case 4:
        sqlite3_result_int64(to, dir->last_id);
        break;
    default:
        sqltext_result(to, nameblock_name(dir->path));
    }
}

/* The counters, the number of directories and the times of a set, in the order of
 * directory_stats. */
static void give_stat(sqlite3_context *to, const struct dirstat *stat, uint64_t dirs,
                      const char *atime, const char *mtime, int column)
{
    switch (column) {
    case 0:
        give_count(to, stat->files);
        break;
    case 1:
        give_count(to, dirs);
        break;
    case 2:
        give_count(to, stat->size);
        break;
    case 3:
        give_count(to, stat->alloc);
        break;
    case 4:
        give_instant(to, atime);
        break;
    default:
        give_instant(to, mtime);
    }
}

static void give_stats(sqlite3_context *to, const struct incoming *incoming, int column)
{
    const struct rows_dir *dir = &incoming->dir;
    if (column == 0)
        sqlite3_result_int64(to, dir->id);
    else if (column < 7)
        give_stat(to, &dir->own, dir->own_dirs, incoming->own_atime, incoming->own_mtime,
                  column - 1);
    else if (column < 13)
        give_stat(to, &dir->subtree, dir->subtree_dirs, incoming->subtree_atime,
                  incoming->subtree_mtime, column - 7);
    else
        give_owner(to, column == 13 ? dir->uid : dir->gid);
}

static void give_usage(sqlite3_context *to, const struct incoming *incoming, int column)
{
    const struct rows_usage *usage = &incoming->usage;
    switch (column) {
    case 0:
        sqlite3_result_int64(to, usage->dir_id);
        break;
    case 1:
        sqlite3_result_int64(to, usage->uid);
        break;
    case 2:
        sqlite3_result_int64(to, usage->gid);
        break;
    case 3:
        give_count(to, usage->stat.files);
        break;
    case 4:
        give_count(to, usage->stat.size);
        break;
    case 5:
        give_count(to, usage->stat.alloc);
        break;
    default:
        give_instant(to, incoming->own_atime);
    }
}

static void give_bucket(sqlite3_context *to, const struct rows_bucket *bucket, int column)
{
    switch (column) {
    case 0:
        sqlite3_result_int64(to, bucket->dir_id);
        break;
    case 1:
        sqlite3_result_int64(to, bucket->uid);
        break;
    case 2:
        sqlite3_result_int64(to, bucket->gid);
        break;
    case 3:
        sqlite3_result_int(to, (int)bucket->bucket);
        break;
    case 4:
        give_count(to, bucket->counts.files);
        break;
    default:
        give_count(to, bucket->counts.size);
    }
}

static int on_column(sqlite3_vtab_cursor *cursor, sqlite3_context *to, int column)
{
    const struct incoming *incoming = incoming_of(cursor);
    switch (incoming->table) {
    case INCOMING_DIRECTORIES:
        give_directory(to, &incoming->dir, column);
        break;
    case INCOMING_STATS:
        give_stats(to, incoming, column);
        break;
    case INCOMING_USAGE:
        give_usage(to, incoming, column);
        break;
    case INCOMING_ACCESS:
    case INCOMING_SIZE:
        give_bucket(to, &incoming->bucket, column);
        break;
    }
    return SQLITE_OK;
}

static const sqlite3_module module = {
    SEQUENCE_MODULE, .xConnect = on_connect, .xFilter = on_filter, .xNext = on_next,
    .xEof = on_eof,  .xColumn = on_column,   .xRowid = on_rowid,
};

int incoming_begin(struct incoming *incoming, sqlite3 *db, enum incoming_table table,
                   const struct rows *rows, int64_t batch)
{
    static const char *const names[] = {
        [INCOMING_DIRECTORIES] = "incoming_directories",
        [INCOMING_STATS] = "incoming_stats",
        [INCOMING_USAGE] = "incoming_usage",
        [INCOMING_ACCESS] = "incoming_access",
        [INCOMING_SIZE] = "incoming_size",
    };
    incoming->table = table;
    incoming->rows = rows;
    incoming->batch = batch;
    rows->rewind(rows->state);
    int status = fetch(incoming);
    return status != SQLITE_OK ? status
                               : sqlite3_create_module(db, names[table], &module, incoming);
}

bool incoming_is_done(const struct incoming *incoming)
{
    return incoming->done;
}
