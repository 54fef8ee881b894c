/* engine: SQLite as this process uses it. For the files of store/ only. */
#ifndef FSTALLY_ENGINE_H
#define FSTALLY_ENGINE_H

#include <sqlite3.h>
#include <stdbool.h>
#include <sys/types.h>

/* Sets SQLite up, the first time; does nothing later. To be called before any database is opened.
 * A connection belongs to one thread; those of different threads share nothing. */
void engine_start(void);

/* The file that a path led to when it was opened: an import may put another one in its place at any
 * time. */
struct engine_file {
    int fd; /* holds it */
    dev_t device;
    ino_t inode;
};

/* Opens the file; starts the engine. -1: errno says why. */
int engine_hold(struct engine_file *file, const char *path);
void engine_release(struct engine_file *file);

/* The errno of the last call, where it was one of the system's that failed; else 0. */
int engine_errno(sqlite3 *db);

/* What SQLite, or where it was a call of the system's that failed, the system says of the failure of
 * the last call. Valid until the next one. */
const char *engine_reason(sqlite3 *db);

/* What engine_open returns where another file has taken the place of that one, which is out of reach. */
#define ENGINE_REPLACED SQLITE_PROTOCOL

/* Opens a published database to read: `file`, to which `path` led. Returns SQLite's status, or
 * ENGINE_REPLACED; *db, which may be NULL, is to be closed in any case. Any number of threads, for a
 * connection each. */
int engine_open(sqlite3 **db, const struct engine_file *file, const char *path);

#endif
