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

/* Every database in the directory, in the order of the names' bytes. None at all is an error.
 * Hidden files are none: an import builds there. The caller gives the list back with datadir_free.
 */
int datadir_list(char ***out, size_t *count, const char *directory, struct err *err);
void datadir_free(char **list, size_t count);

#endif
