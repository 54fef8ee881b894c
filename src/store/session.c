/* session: SQLite's side of writing a database.
 *
 * The file is private until it is published, so nothing here is about durability or readers: no
 * sync until the end (buildfile_publish does it), no locks (the unix-none VFS; buildfile holds one
 * lock for all), no shared memory for the WAL's index (exclusive mode keeps it on the heap), no
 * zeroing of freed pages. One thread. */
#include "session.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "clock.h"
#include "columns.h"
#include "engine.h"
#include "err.h"
#include "rlimits.h"
#include "sqltext.h"

/* Virtual machine steps between two looks at the cancel flag: about a millisecond. */
enum { STEPS_PER_LOOK = 20000 };

/* Whether SQLite's directory for temporary files is another file system than the database's, and
 * has too little room for even a page of SQLite's, with some to spare. */
static bool is_elsewhere_and_full(const char *directory, const char *database)
{
    struct statvfs room;
    struct stat there;
    struct stat here;
    return stat(directory, &there) == 0 && stat(database, &here) == 0 &&
           there.st_dev != here.st_dev && statvfs(directory, &room) == 0 &&
           (uint64_t)room.f_bavail * (uint64_t)room.f_frsize < UINT64_C(1) << 20;
}

int session_fail(const struct session *session, const char *what, struct err *err)
{
    if (atomic_load_explicit(session->cancelled, memory_order_relaxed))
        return err_set(err, "interrupted");
    int code = sqlite3_errcode(session->db) & 0xff; /* without the extended part */
    const char *sorting = getenv("SQLITE_TMPDIR");
    if (code == SQLITE_FULL && sorting != NULL && is_elsewhere_and_full(sorting, session->path))
        return err_set(err,
                       "%s: cannot %s: the directory for temporary files, %s, is full; make room "
                       "there, or name another in SQLITE_TMPDIR",
                       session->path, what, sorting);
    if (code == SQLITE_FULL)
        return err_set(err, "%s: cannot %s: %s", session->path, what, strerror(ENOSPC));
    const char *limit = engine_errno(session->db) == EFBIG ? rlimits_of_files() : NULL;
    if (limit != NULL)
        return err_set(err, "%s: cannot %s: %s", session->path, what, limit);
    return err_set(err, "%s: cannot %s: %s", session->path, what, engine_reason(session->db));
}

int session_run(struct session *session, const char *sql, const char *what, struct err *err)
{
    if (sqlite3_exec(session->db, sql, NULL, NULL, NULL) != SQLITE_OK)
        return session_fail(session, what, err);
    return 0;
}

static int is_cancelled(void *context)
{
    const struct session *session = context;
    /* Relaxed: only the flag itself matters. */
    return atomic_load_explicit(session->cancelled, memory_order_relaxed);
}

int session_open(struct session *session, const char *journal_mode, struct err *err)
{
    engine_start();
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    if (sqlite3_open_v2(session->path, &session->db, flags, "unix-none") != SQLITE_OK)
        return session_fail(session, "open", err);
    sqlite3_progress_handler(session->db, STEPS_PER_LOOK, is_cancelled, session);
    char settings[512];
    snprintf(settings, sizeof settings,
             "PRAGMA locking_mode = EXCLUSIVE;"
             "PRAGMA synchronous = OFF;"
             "PRAGMA journal_mode = %s;"
             "PRAGMA secure_delete = OFF;"
             "PRAGMA foreign_keys = OFF;"
             "PRAGMA cache_size = -16384;",
             journal_mode);
    return session_run(session, settings, "set up", err);
}

int session_close(struct session *session, struct err *err)
{
    if (session_run(session, "PRAGMA wal_checkpoint(TRUNCATE)", "empty the write-ahead log", err) !=
            0 ||
        session_run(session, "PRAGMA journal_mode = DELETE", "leave WAL mode", err) != 0)
        return -1;
    if (sqlite3_close(session->db) != SQLITE_OK)
        return session_fail(session, "close", err);
    session->db = NULL;
    return 0;
}

void session_abandon(struct session *session)
{
    sqlite3_close(session->db);
    session->db = NULL;
}

int session_prepare(struct session *session, const char *sql, sqlite3_stmt **statement,
                    struct err *err)
{
    if (sqlite3_prepare_v3(session->db, sql, -1, SQLITE_PREPARE_PERSISTENT, statement, NULL) !=
        SQLITE_OK)
        return session_fail(session, "prepare a statement", err);
    return 0;
}

int session_commit(struct session *session, struct err *err)
{
    if (session->uncommitted == 0)
        return 0;
    session->uncommitted = 0;
    return session_run(session, "COMMIT", "commit", err);
}

int session_put(struct session *session, sqlite3_stmt *statement, struct err *err)
{
    if (session->uncommitted == 0 && session_run(session, "BEGIN", "begin a transaction", err) != 0)
        return -1;
    session->uncommitted++;
    if (sqlite3_step(statement) != SQLITE_DONE)
        return session_fail(session, "write a row", err);
    sqlite3_reset(statement);
    return session->uncommitted >= session->batch_rows ? session_commit(session, err) : 0;
}

static void note(struct session_binder *to, int status)
{
    if (to->status == SQLITE_OK)
        to->status = status;
}

void session_bind_integer(struct session_binder *to, int64_t value)
{
    note(to, sqlite3_bind_int64(to->statement, ++to->column, value));
}

void session_bind_sum(struct session_binder *to, uint64_t value)
{
    session_bind_integer(to, columns_sum(value));
}

void session_bind_null(struct session_binder *to)
{
    note(to, sqlite3_bind_null(to->statement, ++to->column));
}

void session_bind_bytes(struct session_binder *to, struct slice bytes)
{
    note(to, sqltext_bind(to->statement, ++to->column, bytes, SQLITE_STATIC));
}

void session_bind_blob(struct session_binder *to, struct slice bytes)
{
    note(to, sqlite3_bind_blob64(to->statement, ++to->column, bytes.ptr, bytes.len, SQLITE_STATIC));
}

void session_bind_text(struct session_binder *to, const char *text)
{
    if (text == NULL)
        session_bind_null(to);
    else
        session_bind_bytes(to, slice_from(text));
}

void session_bind_instant(struct session_binder *to, int64_t instant)
{
    if (instant == ENTRY_NO_TIME) {
        session_bind_null(to);
        return;
    }
    char text[CLOCK_TEXT];
    clock_format(instant, text);
    note(to,
         sqlite3_bind_text(to->statement, ++to->column, text, CLOCK_TEXT - 1, SQLITE_TRANSIENT));
}

int session_put_bound(struct session *session, const struct session_binder *row, struct err *err)
{
    if (row->status != SQLITE_OK)
        return session_fail(session, "write a row", err);
    return session_put(session, row->statement, err);
}
