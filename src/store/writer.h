/* writer: rows into a new database file. The only way in which a database is ever written.
 *
 *     writer_open, writer_put_rows, writer_index, writer_put_totals, writer_put_scans,
 *     writer_put_accounts, writer_finish
 *
 * in this order, each once, by one thread. After a failure only writer_close is left. */
#ifndef FSTALLY_WRITER_H
#define FSTALLY_WRITER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "ownermap.h"
#include "rows.h"

struct writer;

/* How the large tables and their indexes are written. The database is the same either way. */
enum writer_kind {
    WRITER_PAGES, /* laid out as pages, by all threads */
    WRITER_SQL,   /* through SQL */
};

struct writer_options {
    enum writer_kind kind;
    int64_t batch_rows;           /* rows a transaction, at least 1 */
    unsigned threads;             /* at least 1 */
    size_t page_size;             /* bytes: 4096 to 65536, a power of two; 0: the default */
    const atomic_bool *cancelled; /* borrowed; once set, every step fails soon */
};

/* A row of scan_metadata: one log. All borrowed. */
struct writer_scan {
    struct slice source_file; /* its name as bytes */
    int64_t scan_instant;     /* the scan's day */
    int64_t import_instant;
    const char *filesystem;
    const char *format;   /* NULL: no data line told it */
    uint64_t directories; /* lines of the log, by what they are */
    uint64_t files;
    uint64_t headers;
    uint64_t rejected;
    uint64_t excluded;
    uint64_t lines;  /* the sum of those five */
    uint64_t flawed; /* of the files and directories: lines with a value that could not be used */
    uint64_t scan_errors; /* of the headers: lines that say the scan itself failed */
    bool saturated;       /* a sum of the import passed INT64_MAX */
    const char *age_by;   /* the time that access_histogram goes by: "atime", "mtime" or "latest" */
    uint64_t size;        /* bytes of all files */
    uint64_t alloc;
    uint64_t source_size;
    int64_t source_mtime_ns;
    const char *version; /* of the fstally that imported it */
};

/* A row of user_info or group_info. All borrowed. */
struct writer_account {
    int64_t id;
    const char *name;
    const char *full_name; /* users; may be NULL */
};

/* `path` names an empty file that nobody else opens. */
int writer_open(struct writer **out, const char *path, const struct writer_options *options,
                struct err *err);

/* Tables directories, directory_stats, owner_usage, and the facts of all of them. */
int writer_put_rows(struct writer *writer, const struct rows *rows, struct err *err);

/* Their indexes; of the same rows, which are not needed any more after that. */
int writer_index(struct writer *writer, const struct rows *rows, struct err *err);

/* The summaries, the histograms and their buckets. */
int writer_put_totals(struct writer *writer, struct ownermap *users, struct ownermap *groups,
                      struct err *err);

/* Numbered in their order, from 1. */
int writer_put_scans(struct writer *writer, const struct writer_scan *scans, size_t count,
                     struct err *err);

int writer_put_accounts(struct writer *writer, const struct writer_account *users,
                        size_t user_count, const struct writer_account *groups, size_t group_count,
                        struct err *err);

/* Checks that what is stored agrees with itself (books.h); after everything is. `database`: how to
 * call it. */
int writer_check_books(struct writer *writer, const char *database, struct err *err);

/* Moves everything from the log into the file, which is then in rollback-journal mode and needs
 * nothing beside it; it is not synced. Closes and frees the writer, also on failure. */
int writer_finish(struct writer *writer, struct err *err);

/* Gives up. The file is of no use. */
void writer_close(struct writer *writer);

#endif
