/* datadir: where a user's databases lie. */
#ifndef FSTALLY_DATADIR_H
#define FSTALLY_DATADIR_H

#include <limits.h>
#include <stddef.h>

struct err;

enum { DATADIR_PATH = PATH_MAX };

/* The directory: given (--data-dir; NULL or "": none), else $FSTALLY_DATA_DIR, else
 * $XDG_DATA_HOME/fstally, else $HOME/.local/share/fstally. It need not exist. */
int datadir_path(char out[DATADIR_PATH], const char *given, struct err *err);

/* DIRECTORY/FILESYSTEM.db. A name that could not be a file's there, or that means something else to
 * fstally-query (`all`), is a usage error. */
int datadir_database(char out[DATADIR_PATH], const char *directory, const char *filesystem,
                     struct err *err);

/* Databases to be read. */
struct datadir_choice {
    char **paths; /* owned */
    char **names; /* owned: of each path the last component without .db, the file system's name */
    size_t count;
};

/* What a user names, each of it: a database's path (it holds a slash or ends in .db), a file
 * system in the data directory, or "all", every database there in the order of the names' bytes:
 * hidden files are none, as an import builds there. There a file with several names, as
 * `latest.db` may be a link, counts once. No names mean "all". given: see datadir_path. That
 * there is none at all is an error, and a database named twice a usage error; that one named is
 * missing shows when it is opened. */
int datadir_choose(struct datadir_choice *out, const char *given, char *const *names, size_t count,
                   struct err *err);
void datadir_forget(struct datadir_choice *choice); /* what the choice owns */

#endif
