/* ncdu: a database as a walk through a tree of directories and their contents, as ncdu wants it.
 *
 *     ncdu_open, ncdu_next until 0, ncdu_close
 *
 * A database knows no single files: those directly in a directory are one step. So are the
 * directories that a limit leaves out: their bytes are in their nearest shown ancestor's one
 * NCDU_HIDDEN step, so that the figures of every directory add up to what the database says. */
#ifndef FSTALLY_NCDU_H
#define FSTALLY_NCDU_H

#include "slice.h"

#include <stdint.h>

struct err;
struct federation;
struct filter;
struct ncdu;

enum ncdu_kind {
    NCDU_OPEN,   /* a directory: what follows lies in it, until its NCDU_CLOSE */
    NCDU_FILES,  /* the files directly in it */
    NCDU_HIDDEN, /* directories below it that are not shown */
    NCDU_CLOSE,
};

struct ncdu_step {
    enum ncdu_kind kind;
    struct slice name; /* NCDU_OPEN: of the outermost directory the path; it is the first that
                          has files or several subdirectories. Borrowed until the next */
    int64_t count;     /* NCDU_FILES, NCDU_HIDDEN: at least 1 */
    int64_t size;      /* bytes; of NCDU_FILES and NCDU_HIDDEN only */
    int64_t alloc;     /* bytes */
    int64_t uid;       /* NCDU_OPEN and NCDU_FILES, as the next two; -1: none, several, not known */
    int64_t gid;
    int64_t mtime; /* the latest of the files, seconds since 1970; INT64_MIN: not known */
};

/* Of the one database of a federation, which is borrowed. Of the filter (borrowed for the call)
 * only the path prefix and the limit count; a limit of N shows the N directories of most bytes,
 * 0 shows all. */
int ncdu_open(struct ncdu **out, struct federation *federation, const struct filter *filter,
              struct err *err);
void ncdu_close(struct ncdu *ncdu);

/* When the file system was scanned: seconds since 1970-01-01 UTC; 0: not known. */
int64_t ncdu_scanned(const struct ncdu *ncdu);

/* The next step: 1 there is one, 0 no more, -1 the database could not be read. The first directory
 * opened is the only outermost one. */
int ncdu_next(struct ncdu *ncdu, struct ncdu_step *step, struct err *err);

#endif
