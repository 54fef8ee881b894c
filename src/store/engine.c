/* engine: what SQLite spends on generality that neither program needs, and how a published
 * database is opened.
 *
 * A connection is used by one thread, so no mutex is needed around every call; and nobody asks how
 * much memory SQLite has.
 *
 * A published file is never changed in place: an import renames a new one over it. So it is opened
 * as immutable, which asks for no lock and writes nothing, and therefore works from a read-only
 * directory and on a network file system whose locks do not. Only where somebody else has left a
 * journal beside the file is that promise off, and SQLite's usual caution on. */
#include "engine.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Bytes of a file that are mapped instead of read: all of any file that there is. SQLite maps no
 * more than a file has. */
#define MAPPED "4398046511104"

void engine_start(void)
{
    /* Refused, as misuse, once SQLite runs: then this has been done before. */
    sqlite3_config(SQLITE_CONFIG_MULTITHREAD);
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

static bool lies_beside(const char *path, const char *suffix)
{
    char name[PATH_MAX];
    struct stat status;
    int length = snprintf(name, sizeof name, "%s%s", path, suffix);
    if (length < 0 || (size_t)length >= sizeof name)
        return false;
    /* Where nobody can tell, SQLite is to look for itself. */
    return stat(name, &status) == 0 ? status.st_size > 0 : errno != ENOENT;
}

/* The URI for the path; everything but letters and digits is percent-encoded, slashes too, so that
 * a path like //host/x is no authority and `?` starts no parameter. NULL: out of memory. */
static char *make_uri(const char *path)
{
    static const char digits[] = "0123456789ABCDEF";
    static const char head[] = "file:";
    bool immutable = !lies_beside(path, "-journal") && !lies_beside(path, "-wal");
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

static int open_file(sqlite3 **db, const char *path)
{
    char *uri = make_uri(path);
    if (uri == NULL)
        return SQLITE_NOMEM;
    int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX;
    int code = sqlite3_open_v2(uri, db, flags, NULL);
    free(uri);
    return code;
}

static bool identify(struct engine_file *file, const char *path)
{
    struct stat status;
    if (stat(path, &status) != 0)
        return false;
    *file = (struct engine_file){status.st_dev, status.st_ino};
    return true;
}

int engine_open(sqlite3 **db, struct engine_file *file, const char *path)
{
    struct engine_file after;
    int code;
    *db = NULL;
    engine_start();
    /* Again where the file was replaced meanwhile: nobody knows which of the two is open. */
    do {
        sqlite3_close(*db);
        *db = NULL;
        if (!identify(file, path))
            return SQLITE_CANTOPEN;
        code = open_file(db, path);
        if (code == SQLITE_OK)
            code = sqlite3_exec(*db, "PRAGMA mmap_size = " MAPPED, NULL, NULL, NULL);
    } while (code == SQLITE_OK && identify(&after, path) && !engine_is_same(file, &after));
    return code;
}
