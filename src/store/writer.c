/* writer: the order in which a database comes to be.
 *
 * The few rows of the small tables go in by bound statements. The many of the large ones are for
 * pagewriter or sqlwriter. pagewriter's tables and indexes are created first, by SQLite, and
 * filled while SQLite does not have the file open; sqlwriter's indexes are made after their rows.
 * The schema's text is the same either way. One thread calls. */
#include "writer.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "books.h"
#include "err.h"
#include "mem.h"
#include "ownerpairs.h"
#include "pagewriter.h"
#include "saturating.h"
#include "schema.h"
#include "session.h"
#include "sqlwriter.h"

/* Larger pages make flatter trees; smaller ones waste less on their last rows. */
enum { PAGE_SIZE = 16384 };

struct writer {
    struct session session;
    char *path;
    struct writer_options options;
    struct pagewriter *pages; /* until the indexes are filled; NULL: all through SQL */
};

/* Creates the database, empty. */
static int create(struct writer *writer, struct err *err)
{
    struct session *session = &writer->session;
    bool in_pages = writer->options.kind == WRITER_PAGES;
    char settings[160];
    snprintf(settings, sizeof settings,
             "PRAGMA page_size = %zu; PRAGMA application_id = %d; PRAGMA user_version = %d;",
             writer->options.page_size, SCHEMA_APPLICATION_ID, SCHEMA_VERSION);
    if (session_open(session, "OFF", err) != 0 ||
        session_run(session, settings, "set up", err) != 0 ||
        session_run(session, schema_tables(), "make the tables", err) != 0 ||
        session_run(session, schema_views(), "make the views", err) != 0)
        return -1;
    return in_pages ? session_run(session, schema_indexes(), "make the indexes", err) : 0;
}

/* From here on SQLite writes, in batches, or pagewriter does for the time being. */
static int begin(struct writer *writer, struct err *err)
{
    if (writer->options.kind == WRITER_SQL)
        return session_run(&writer->session, "PRAGMA journal_mode = WAL", "set up", err);
    if (session_close(&writer->session, err) != 0)
        return -1;
    const struct pagewriter_options options = {writer->options.threads, writer->options.page_size,
                                               writer->options.cancelled};
    return pagewriter_open(&writer->pages, writer->path, &options, err);
}

int writer_open(struct writer **out, const char *path, const struct writer_options *options,
                struct err *err)
{
    struct writer *writer = mem_new(sizeof *writer);
    writer->options = *options;
    if (options->page_size == 0)
        writer->options.page_size = PAGE_SIZE;
    writer->path = mem_text(path);
    writer->session = (struct session){
        .path = writer->path, .cancelled = options->cancelled, .batch_rows = options->batch_rows};
    int status = create(writer, err);
    if (status == 0)
        status = begin(writer, err);
    if (status != 0) {
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
    pagewriter_close(writer->pages);
    session_abandon(&writer->session);
    free(writer->path);
    free(writer);
}

int writer_put_rows(struct writer *writer, const struct rows *rows, struct err *err)
{
    return writer->pages != NULL ? pagewriter_put_rows(writer->pages, rows, err)
                                 : sqlwriter_put_rows(&writer->session, rows, err);
}

/* The owners and groups that the facts name by number. */
static int put_pairs(struct writer *writer, const struct ownerpairs *pairs, struct err *err)
{
    sqlite3_stmt *statement;
    if (session_prepare(&writer->session, "INSERT INTO facts_owner VALUES(?, ?, ?)", &statement,
                        err) != 0)
        return -1;
    int status = 0;
    for (size_t i = 0; i < pairs->count && status == 0; i++) {
        struct session_binder to = {.statement = statement};
        session_bind_integer(&to, (int64_t)i);
        session_bind_integer(&to, pairs->items[i].uid);
        session_bind_integer(&to, pairs->items[i].gid);
        status = session_put_bound(&writer->session, &to, err);
    }
    sqlite3_finalize(statement);
    return status != 0 ? status : session_commit(&writer->session, err);
}

/* Ends what pagewriter does: from here on SQLite writes. */
static int index_pages(struct writer *writer, const struct rows *rows, struct err *err)
{
    if (pagewriter_index(writer->pages, rows, err) != 0)
        return -1;
    struct pagewriter *pages = writer->pages;
    writer->pages = NULL;
    if (pagewriter_finish(pages, err) != 0)
        return -1;
    return session_open(&writer->session, "WAL", err);
}

int writer_index(struct writer *writer, const struct rows *rows, struct err *err)
{
    int status = writer->pages == NULL ? sqlwriter_index(&writer->session, err)
                                       : index_pages(writer, rows, err);
    return status == 0 ? put_pairs(writer, rows->pairs, err) : -1;
}

static int put_summary(struct writer *writer, const char *sql, struct ownermap *owners,
                       struct err *err)
{
    sqlite3_stmt *statement;
    if (session_prepare(&writer->session, sql, &statement, err) != 0)
        return -1;
    int status = 0;
    const struct ownermap_owner *owner = NULL;
    while (status == 0 && (owner = ownermap_next(owners, owner)) != NULL) {
        struct session_binder to = {.statement = statement};
        session_bind_integer(&to, owner->id);
        session_bind_sum(&to, owner->stat.size);
        session_bind_sum(&to, owner->stat.alloc);
        session_bind_sum(&to, owner->stat.files);
        session_bind_sum(&to, owner->directories);
        status = session_put_bound(&writer->session, &to, err);
    }
    sqlite3_finalize(statement);
    return status;
}

static int put_histogram(struct writer *writer, const char *sql, struct ownermap *users,
                         enum histogram_kind kind, struct err *err)
{
    sqlite3_stmt *statement;
    if (session_prepare(&writer->session, sql, &statement, err) != 0)
        return -1;
    int status = 0;
    const struct ownermap_owner *user = NULL;
    while (status == 0 && (user = ownermap_next(users, user)) != NULL) {
        for (unsigned i = 0; i < HISTOGRAM_BUCKETS && status == 0; i++) {
            const struct histogram_bucket *bucket = &user->histogram.bucket[kind][i];
            if (bucket->files == 0)
                continue;
            struct session_binder to = {.statement = statement};
            session_bind_integer(&to, user->id);
            session_bind_integer(&to, i);
            session_bind_sum(&to, bucket->files);
            session_bind_sum(&to, bucket->size);
            status = session_put_bound(&writer->session, &to, err);
        }
    }
    sqlite3_finalize(statement);
    return status;
}

static int put_buckets(struct writer *writer, struct err *err)
{
    sqlite3_stmt *statement;
    if (session_prepare(&writer->session, "INSERT INTO histogram_bucket VALUES(?, ?, ?, ?, ?)",
                        &statement, err) != 0)
        return -1;
    int status = 0;
    for (enum histogram_kind kind = 0; kind < HISTOGRAM_KINDS && status == 0; kind++) {
        for (unsigned i = 0; i < HISTOGRAM_BUCKETS && status == 0; i++) {
            struct session_binder to = {.statement = statement};
            session_bind_text(&to, histogram_kind_name(kind));
            session_bind_integer(&to, i);
            session_bind_text(&to, histogram_label(kind, i));
            session_bind_integer(&to, histogram_lower(kind, i));
            if (histogram_upper(kind, i) < 0)
                session_bind_null(&to);
            else
                session_bind_integer(&to, histogram_upper(kind, i));
            status = session_put_bound(&writer->session, &to, err);
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
    return session_commit(&writer->session, err);
}

int writer_put_scans(struct writer *writer, const struct writer_scan *scans, size_t count,
                     struct err *err)
{
    sqlite3_stmt *statement;
    if (session_prepare(
            &writer->session,
            "INSERT INTO scan_metadata(source_file, scan_timestamp, import_timestamp, "
            "filesystem, format, total_directories, total_files, total_size, total_alloc, "
            "lines, headers, rejected, flawed, scan_errors, saturated, age_by, "
            "fstally_version, source_size, source_mtime, excluded) "
            "VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            &statement, err) != 0)
        return -1;
    int status = 0;
    for (size_t i = 0; i < count && status == 0; i++) {
        const struct writer_scan *scan = &scans[i];
        struct session_binder to = {.statement = statement};
        session_bind_bytes(&to, scan->source_file);
        session_bind_instant(&to, scan->scan_instant);
        session_bind_instant(&to, scan->import_instant);
        session_bind_text(&to, scan->filesystem);
        session_bind_text(&to, scan->format);
        session_bind_sum(&to, scan->directories);
        session_bind_sum(&to, scan->files);
        session_bind_sum(&to, scan->size);
        session_bind_sum(&to, scan->alloc);
        session_bind_sum(&to, scan->lines);
        session_bind_sum(&to, scan->headers);
        session_bind_sum(&to, scan->rejected);
        session_bind_sum(&to, scan->flawed);
        session_bind_sum(&to, scan->scan_errors);
        session_bind_integer(&to, scan->saturated);
        session_bind_text(&to, scan->age_by);
        session_bind_text(&to, scan->version);
        session_bind_sum(&to, scan->source_size);
        session_bind_integer(&to, scan->source_mtime_ns);
        session_bind_sum(&to, scan->excluded);
        status = session_put_bound(&writer->session, &to, err);
    }
    sqlite3_finalize(statement);
    return status != 0 ? status : session_commit(&writer->session, err);
}

/* `columns` is 3 with a full name, 2 without. */
static int put_accounts(struct writer *writer, const char *sql, int columns,
                        const struct writer_account *accounts, size_t count, struct err *err)
{
    sqlite3_stmt *statement;
    if (session_prepare(&writer->session, sql, &statement, err) != 0)
        return -1;
    int status = 0;
    for (size_t i = 0; i < count && status == 0; i++) {
        struct session_binder to = {.statement = statement};
        session_bind_integer(&to, accounts[i].id);
        session_bind_text(&to, accounts[i].name);
        if (columns == 3)
            session_bind_text(&to, accounts[i].full_name);
        status = session_put_bound(&writer->session, &to, err);
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
    return session_commit(&writer->session, err);
}

int writer_check_books(struct writer *writer, const char *database, struct err *err)
{
    sqlite3 *db = writer->session.db;
    char fault[256];
    if (saturating_offer(db) != SQLITE_OK || books_check(db, fault, sizeof fault) != SQLITE_OK)
        return session_fail(&writer->session, "check the books", err);
    if (*fault == '\0')
        return 0;
    return err_set(err,
                   "%s: the books do not balance: %s; nothing was published: import all logs "
                   "afresh with --replace, and report it where that fails",
                   database, fault);
}

int writer_finish(struct writer *writer, struct err *err)
{
    int status = session_close(&writer->session, err);
    writer_close(writer);
    return status;
}
