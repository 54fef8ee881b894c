/* session: a database file while it is written through SQLite, private until it is published, and
 * what can go wrong there. For the files of store/ only; one thread. */
#ifndef FSTALLY_SESSION_H
#define FSTALLY_SESSION_H

#include <sqlite3.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "slice.h"

struct err;

struct session {
    sqlite3 *db;
    const char *path;             /* borrowed */
    const atomic_bool *cancelled; /* borrowed; once set, every step fails soon */
    int64_t batch_rows;           /* rows a transaction, at least 1 */
    int64_t uncommitted; /* rows since the last commit; no transaction is open where it is 0 */
};

/* Opens the file at session->path; the other members that are borrowed and the batch are set by the
 * caller, the rest zero. `journal_mode` is SQLite's. -1: err is filled, and session_close is due. */
int session_open(struct session *session, const char *journal_mode, struct err *err);

/* Closes the file, which needs nothing beside it then. -1: err is filled. */
int session_close(struct session *session, struct err *err);

/* Closes a file that is of no use. */
void session_abandon(struct session *session);

/* Fills err with SQLite's reason why `what` could not be done, or with what stands behind it.
 * Returns -1. */
int session_fail(const struct session *session, const char *what, struct err *err);

/* Runs statements without rows. `what` they do, for the message. */
int session_run(struct session *session, const char *sql, const char *what, struct err *err);

int session_prepare(struct session *session, const char *sql, sqlite3_stmt **statement,
                    struct err *err);

/* Runs a statement whose values are bound, once, within the current batch. */
int session_put(struct session *session, sqlite3_stmt *statement, struct err *err);

/* Ends the current batch. */
int session_commit(struct session *session, struct err *err);

/* The values of one row, bound from left to right. What goes wrong is noted, and reported by
 * session_put_bound. */
struct session_binder {
    sqlite3_stmt *statement;
    int column;
    int status; /* SQLite's: of the first bind that failed */
};

void session_bind_integer(struct session_binder *to, int64_t value);
void session_bind_sum(struct session_binder *to, uint64_t value); /* sticks at INT64_MAX */
void session_bind_null(struct session_binder *to);
void session_bind_bytes(struct session_binder *to, struct slice bytes); /* read until put */
void session_bind_blob(struct session_binder *to, struct slice bytes);  /* read until put */
void session_bind_text(struct session_binder *to, const char *text);    /* likewise; NULL: NULL */
void session_bind_instant(struct session_binder *to, int64_t instant);

/* session_put of the row that was bound. */
int session_put_bound(struct session *session, const struct session_binder *row, struct err *err);

#endif
