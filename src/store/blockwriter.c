/* blockwriter: a window of directories at a time, so that what is gathered stays small. All threads
 * gather, each a range of whole blocks; then this one writes. */
#include "blockwriter.h"

#include <sqlite3.h>
#include <stdbool.h>
#include <stdlib.h>

#include "err.h"
#include "mem.h"
#include "nameblock.h"
#include "ownerblock.h"
#include "parallel.h"
#include "rows.h"
#include "schema.h"
#include "session.h"

/* Blocks of names that a thread gathers in a window: some 300 KB, and the owners'. */
enum { BLOCKS_A_THREAD = 8 };

_Static_assert(SCHEMA_NAME_BLOCK % SCHEMA_OWNER_BLOCK == 0, "blocks of names are whole blocks");

/* What a thread has gathered. */
struct gathered {
    struct ownerblock *owners;
    struct nameblock *names;
};

struct window {
    const struct rows *rows;
    size_t begin; /* directories, from 0 */
    size_t end;
    struct gathered *gathered; /* a thread each */
};

/* Gathers directory `i`, whose usages begin with *usage or later. */
static int gather_directory(struct gathered *gathered, const struct rows *rows, size_t i,
                            size_t *usage)
{
    struct rows_dir dir;
    rows->dir(rows->state, i, &dir);
    if (nameblock_add(gathered->names, dir.id, rows->path(rows->state, i)) != 0)
        return -1;
    if (dir.uid != ROWS_SEVERAL && dir.gid != ROWS_SEVERAL)
        return dir.own.files == 0 ? 0 : ownerblock_add_directory(gathered->owners, &dir);
    for (; *usage < rows->usages; ++*usage) {
        struct rows_usage row;
        rows->usage(rows->state, *usage, &row);
        if (row.dir_id != dir.id)
            break;
        if (ownerblock_add_usage(gathered->owners, &row) != 0)
            return -1;
    }
    return 0;
}

static int gather_part(void *context, unsigned part, unsigned parts)
{
    const struct window *window = context;
    struct gathered *gathered = &window->gathered[part];
    size_t blocks = (window->end - window->begin - 1) / SCHEMA_NAME_BLOCK + 1;
    size_t begin = window->begin + parallel_begin(blocks, part, parts) * SCHEMA_NAME_BLOCK;
    size_t end = window->begin + parallel_begin(blocks, part + 1, parts) * SCHEMA_NAME_BLOCK;
    end = end < window->end ? end : window->end;
    size_t usage = rows_first_usage(window->rows, (int64_t)begin + 1);
    for (size_t i = begin; i < end; i++)
        if (gather_directory(gathered, window->rows, i, &usage) != 0)
            return -1;
    ownerblock_end(gathered->owners);
    nameblock_end(gathered->names);
    return 0;
}

static int put_names(struct session *session, sqlite3_stmt *statement,
                     const struct nameblock *names, struct err *err)
{
    size_t count;
    const struct nameblock_row *row = nameblock_rows(names, &count);
    int status = 0;
    for (; count > 0 && status == 0; count--, row++) {
        struct session_binder to = {.statement = statement};
        session_bind_integer(&to, row->first_id);
        session_bind_blob(&to, (struct slice){nameblock_bytes(names) + row->begin, row->len});
        status = session_put_bound(session, &to, err);
    }
    return status;
}

static int put_owners(struct session *session, sqlite3_stmt *statement,
                      const struct ownerblock *owners, struct err *err)
{
    size_t count;
    const struct ownerblock_row *row = ownerblock_rows(owners, &count);
    int status = 0;
    for (; count > 0 && status == 0; count--, row++) {
        struct session_binder to = {.statement = statement};
        session_bind_integer(&to, row->first_id);
        session_bind_integer(&to, row->uid);
        session_bind_integer(&to, row->gid);
        session_bind_sum(&to, row->stat.files);
        session_bind_sum(&to, row->stat.size);
        session_bind_sum(&to, row->stat.alloc);
        session_bind_instant(&to, row->stat.max_atime);
        session_bind_sum(&to, row->directories);
        session_bind_sum(&to, row->owner_directories);
        session_bind_sum(&to, row->group_directories);
        status = session_put_bound(session, &to, err);
    }
    return status;
}

/* Writes the blocks of a window, and forgets them. */
static int put_window(struct session *session, const struct window *window, unsigned threads,
                      sqlite3_stmt *owners, sqlite3_stmt *names, struct err *err)
{
    int status = 0;
    for (unsigned i = 0; i < threads && status == 0; i++) {
        status = put_owners(session, owners, window->gathered[i].owners, err);
        if (status == 0)
            status = put_names(session, names, window->gathered[i].names, err);
        ownerblock_clear(window->gathered[i].owners);
        nameblock_clear(window->gathered[i].names);
    }
    return status;
}

static int put_windows(struct session *session, struct window *window, unsigned threads,
                       sqlite3_stmt *owners, sqlite3_stmt *names, struct err *err)
{
    const size_t most = (size_t)threads * BLOCKS_A_THREAD * SCHEMA_NAME_BLOCK;
    size_t dirs = window->rows->dirs;
    for (; window->begin < dirs; window->begin = window->end) {
        window->end = dirs - window->begin < most ? dirs : window->begin + most;
        if (atomic_load_explicit(session->cancelled, memory_order_relaxed))
            return err_set(err, "interrupted");
        if (parallel_run(threads, gather_part, window) != 0)
            return err_no_memory(err, "%s: cannot hold the names of directories", session->path);
        if (put_window(session, window, threads, owners, names, err) != 0)
            return -1;
    }
    return session_commit(session, err);
}

int blockwriter_put(struct session *session, const struct rows *rows, unsigned threads,
                    struct err *err)
{
    sqlite3_stmt *owners = NULL;
    sqlite3_stmt *names = NULL;
    struct window window = {.rows = rows};
    window.gathered = mem_new(threads * sizeof *window.gathered);
    for (unsigned i = 0; i < threads; i++)
        window.gathered[i] = (struct gathered){ownerblock_new(), nameblock_new()};
    int status = -1;
    if (session_prepare(session,
                        "INSERT INTO owner_usage_block VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                        &owners, err) == 0 &&
        session_prepare(session, "INSERT INTO directory_names VALUES(?, ?)", &names, err) == 0)
        status = put_windows(session, &window, threads, owners, names, err);
    sqlite3_finalize(owners);
    sqlite3_finalize(names);
    for (unsigned i = 0; i < threads; i++) {
        ownerblock_free(window.gathered[i].owners);
        nameblock_free(window.gathered[i].names);
    }
    free(window.gathered);
    return status;
}
