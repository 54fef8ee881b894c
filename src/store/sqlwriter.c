/* sqlwriter: INSERT ... SELECT from a virtual table, then CREATE INDEX.
 *
 * Rows come in the order of their keys, so b-trees grow at their right end; indexes that are made
 * after them cost less than those kept in order row by row. One thread. */
#include "sqlwriter.h"

#include <sqlite3.h>
#include <stdio.h>

#include "columns.h"
#include "err.h"
#include "factsblock.h"
#include "incoming.h"
#include "rows.h"
#include "schema.h"
#include "session.h"

/* Moves the rows of one table, a batch a transaction. */
static int put_table(struct session *session, struct incoming *incoming, enum columns_table table,
                     struct err *err)
{
    char sql[192];
    sqlite3_stmt *statement = NULL;
    snprintf(sql, sizeof sql, "INSERT INTO %s SELECT * FROM %s", columns_tables[table].table,
             incoming->name);
    int status = session_prepare(session, sql, &statement, err);
    while (status == 0 && !incoming_is_done(incoming)) {
        status = session_run(session, "BEGIN", "begin a transaction", err);
        if (status == 0 && sqlite3_step(statement) != SQLITE_DONE)
            status = session_fail(session, "write rows", err);
        sqlite3_reset(statement);
        if (status == 0)
            status = session_run(session, "COMMIT", "commit", err);
    }
    sqlite3_finalize(statement);
    return status;
}

static int put_blocks(struct session *session, sqlite3_stmt *statement, const struct rows *rows,
                      struct err *err)
{
    struct factsblock *block = factsblock_new();
    int status = block == NULL ? -1 : 0;
    for (size_t i = 0; i < factsblock_count(rows) && status == 0; i++) {
        struct slice bytes;
        status = factsblock_make(&bytes, block, rows, i);
        if (status != 0)
            break;
        struct session_binder to = {.statement = statement};
        session_bind_integer(&to, (int64_t)i);
        session_bind_blob(&to, bytes);
        if (session_put_bound(session, &to, err) != 0) {
            factsblock_free(block);
            return -1;
        }
    }
    factsblock_free(block);
    if (status != 0)
        return err_no_memory(err, "%s: cannot hold a block of facts", session->path);
    return session_commit(session, err);
}

static int put_facts(struct session *session, const struct rows *rows, struct err *err)
{
    sqlite3_stmt *statement;
    if (session_prepare(session, "INSERT INTO facts VALUES(?, ?)", &statement, err) != 0)
        return -1;
    int status = put_blocks(session, statement, rows, err);
    sqlite3_finalize(statement);
    return status;
}

int sqlwriter_put_rows(struct session *session, const struct rows *rows, struct err *err)
{
    int status = 0;
    for (enum columns_table table = 0; table < COLUMNS_TABLES && status == 0; table++) {
        struct incoming incoming;
        status =
            incoming_begin(&incoming, session->db, table, rows, session->batch_rows) == SQLITE_OK
                ? put_table(session, &incoming, table, err)
                : session_fail(session, "prepare the rows", err);
    }
    return status == 0 ? put_facts(session, rows, err) : -1;
}

int sqlwriter_index(struct session *session, struct err *err)
{
    return session_run(session, schema_indexes(), "make the indexes", err);
}
