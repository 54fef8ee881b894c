/* engine: SQLite as this process uses it. For the files of store/ only. */
#ifndef FSTALLY_ENGINE_H
#define FSTALLY_ENGINE_H

#include <sqlite3.h>
#include <stdbool.h>
#include <sys/types.h>

/* Sets SQLite up, the first time; does nothing later. To be called before any database is opened.
 * A connection belongs to one thread; those of different threads share nothing. */
void engine_start(void);

/* Which file a path led to: an import may put another one in its place at any time. */
struct engine_file {
    dev_t device;
    ino_t inode;
};

static inline bool engine_is_same(const struct engine_file *a, const struct engine_file *b)
{
    return a->device == b->device && a->inode == b->inode;
}

/* The errno of the last call, where it was one of the system's that failed; else 0. */
int engine_errno(sqlite3 *db);

/* What SQLite, or where it was a call of the system's that failed, the system says of the failure of
 * the last call. Valid until the next one. */
const char *engine_reason(sqlite3 *db);

/* Opens a published database to read; starts the engine. Returns SQLite's status; *db, which may be
 * NULL, is to be closed in any case. */
int engine_open(sqlite3 **db, struct engine_file *file, const char *path);

#endif
