/* engine: what SQLite spends on generality that neither program needs, and how a published
 * database is opened.
 *
 * A connection is used by one thread, so no mutex is needed around every call; and nobody asks how
 * much memory SQLite has.
 *
 * A published file is never changed in place: an import renames a new one over it. So it is opened
 * as immutable, which asks for no lock and writes nothing, and therefore works from a read-only
 * directory and on a network file system whose locks do not. Only where somebody else has left a
 * journal beside the file is that promise off, and SQLite's usual caution on.
 *
 * A question has several connections, and all must see the same file. So the file is held open, and
 * connections open it by the name that Linux gives to what a process has open (proc(5),
 * /proc/self/fd), which is the same file when the path leads to another one. SQLite would look
 * where that name leads, and find the path; a VFS of its own keeps it from that. */
#include "engine.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Bytes of a file that are mapped instead of read: all of any file that there is. SQLite maps no
 * more than a file has. */
#define MAPPED "4398046511104"

/* The most bytes of a value: a path's line is at most 64 MiB long, and so may be the names of a
 * block of directories. */
enum { LONGEST_VALUE = 256 << 20 };

/* How SQLite names the files that this process holds, and the VFS that takes such names as they are. */
#define HELD "/proc/self/fd/"
static const char vfs_name[] = "fstally-held";

static int (*full_path_name)(sqlite3_vfs *vfs, const char *name, int room, char *full);

/* In place of open(2): SQLite follows no link in the last part of a name, which a held one is. */
static int open_held(const char *name, int flags, int mode)
{
    if (strncmp(name, HELD, strlen(HELD)) == 0)
        flags &= ~O_NOFOLLOW;
    return open(name, flags, mode);
}

/* A VFS's xFullPathname. */
static int keep_held_name(sqlite3_vfs *vfs, const char *name, int room, char *full)
{
    if (strncmp(name, HELD, strlen(HELD)) != 0)
        return full_path_name(vfs, name, room, full);
    sqlite3_snprintf(room, full, "%s", name);
    return SQLITE_OK;
}

void engine_start(void)
{
    static sqlite3_vfs held;
    /* Refused, as misuse, once SQLite runs: then this has been done before. */
    sqlite3_config(SQLITE_CONFIG_MULTITHREAD);
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    sqlite3_vfs *usual = sqlite3_vfs_find(NULL);
    if (usual == NULL || held.zName != NULL)
        return;
    usual->xSetSystemCall(usual, "open", (sqlite3_syscall_ptr)open_held);
    held = *usual;
    held.zName = vfs_name;
    held.pNext = NULL;
    full_path_name = usual->xFullPathname;
    held.xFullPathname = keep_held_name;
    sqlite3_vfs_register(&held, 0);
}

/* Whether the file of that name begins as one that SQLite writes beside a database: what else lies
 * there is ignored. */
static bool lies_beside(const char *path, const char *suffix, const char *magic, size_t len)
{
    char name[PATH_MAX];
    char begin[8];
    int length = snprintf(name, sizeof name, "%s%s", path, suffix);
    if (length < 0 || (size_t)length >= sizeof name)
        return false;
    int fd = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return errno != ENOENT; /* where nobody can tell, SQLite is to look for itself */
    ssize_t got = pread(fd, begin, len, 0);
    close(fd);
    return got < 0 || ((size_t)got == len && memcmp(begin, magic, len) == 0);
}

/* The file format's section 3 (the rollback journal) and section 4.1 (the WAL; its fourth byte says
 * how its checksums are written). */
static bool is_immutable(const char *path)
{
    return !lies_beside(path, "-journal", "\xd9\xd5\x05\xf9\x20\xa1\x63\xd7", 8) &&
           !lies_beside(path, "-wal", "\x37\x7f\x06", 3);
}

/* The URI for the path; everything but letters and digits is percent-encoded, slashes too, so that
 * a path like //host/x is no authority and `?` starts no parameter. NULL: out of memory. */
static char *make_uri(const char *path, bool immutable)
{
    static const char digits[] = "0123456789ABCDEF";
    static const char head[] = "file:";
    const char *tail = immutable ? "?mode=ro&immutable=1" : "?mode=ro";

    char *uri = malloc(sizeof head + 3 * strlen(path) + strlen(tail));
    if (uri == NULL)
        return NULL;
    memcpy(uri, head, sizeof head - 1);
    char *out = uri + sizeof head - 1;
    for (const char *in = path; *in != '\0'; in++) {
        unsigned char byte = (unsigned char)*in;
        bool plain = (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') ||
                     (byte >= 'a' && byte <= 'z');
        if (plain) {
            *out++ = *in;
        } else {
            *out++ = '%';
            *out++ = digits[byte >> 4];
            *out++ = digits[byte & 15];
        }
    }
    memcpy(out, tail, strlen(tail) + 1);
    return uri;
}

static int open_file(sqlite3 **db, const char *path, bool immutable)
{
    char *uri = make_uri(path, immutable);
    if (uri == NULL)
        return SQLITE_NOMEM;
    int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX;
    int code = sqlite3_open_v2(uri, db, flags, vfs_name);
    free(uri);
    return code;
}

/* Of a file that anybody may have written: what it defines is not run, and no value is longer than
 * anything that an import writes. Not cell_size_check, which looks at all cells of a page each time
 * that a mapped page is read: listing a million paths took 10.8 seconds instead of 2.8. */
static int prepare(sqlite3 *db)
{
#ifdef SQLITE_DBCONFIG_DEFENSIVE
    sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
#endif
#ifdef SQLITE_DBCONFIG_TRUSTED_SCHEMA
    sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
#endif
    sqlite3_limit(db, SQLITE_LIMIT_ATTACHED, 0);
    sqlite3_limit(db, SQLITE_LIMIT_LENGTH, LONGEST_VALUE);
    return sqlite3_exec(db, "PRAGMA mmap_size = " MAPPED, NULL, NULL, NULL);
}

int engine_errno(sqlite3 *db)
{
    int code = sqlite3_errcode(db) & 0xff;
    int cause = 0;
    if (code != SQLITE_IOERR && code != SQLITE_CANTOPEN)
        return 0;
    /* Of the database itself; of a file beside it SQLite keeps no more than the last errno. */
    if (sqlite3_file_control(db, "main", SQLITE_FCNTL_LAST_ERRNO, &cause) != SQLITE_OK ||
        cause == 0)
        cause = sqlite3_system_errno(db);
    return cause;
}

const char *engine_reason(sqlite3 *db)
{
    int cause = engine_errno(db);
    return cause != 0 ? strerror(cause) : sqlite3_errmsg(db);
}

int engine_hold(struct engine_file *file, const char *path)
{
    struct stat status;
    engine_start();
    file->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file->fd < 0)
        return -1;
    if (fstat(file->fd, &status) != 0) {
        int error = errno;
        engine_release(file);
        errno = error;
        return -1;
    }
    file->device = status.st_dev;
    file->inode = status.st_ino;
    return 0;
}

void engine_release(struct engine_file *file)
{
    if (file->fd >= 0)
        close(file->fd);
    file->fd = -1;
}

static bool is_still(const struct engine_file *file, const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && status.st_dev == file->device &&
           status.st_ino == file->inode;
}

int engine_open(sqlite3 **db, const struct engine_file *file, const char *path)
{
    char held[64];
    *db = NULL;
    snprintf(held, sizeof held, HELD "%d", file->fd);
    bool immutable = is_immutable(path);
    /* Not where a journal lies beside the path, nor without /proc. */
    bool by_number = immutable && access(held, R_OK) == 0;
    int code = open_file(db, by_number ? held : path, immutable);
    if (code == SQLITE_OK)
        code = prepare(*db);
    return code == SQLITE_OK && !by_number && !is_still(file, path) ? ENGINE_REPLACED : code;
}
