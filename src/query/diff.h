/* diff: what changed between two scans of a file system.
 *
 * Directories are matched by path. One is left out where a single one of its subdirectories
 * changed, and by as much: the deepest directory that explains a change is shown in place of those
 * above it. */
#ifndef FSTALLY_DIFF_H
#define FSTALLY_DIFF_H

#include <stdbool.h>
#include <stddef.h>

struct diff;
struct err;
struct filter;
struct reader_value;

/* The columns of a row. Figures are of the subtree, or of the owner's (group's) files. */
enum diff_column {
    DIFF_PATH,   /* NULL where the filter groups, and the next two are NULL where it does not */
    DIFF_ID,     /* uid or gid */
    DIFF_NAME,   /* NULL: neither database knows it */
    DIFF_STATUS, /* appeared, vanished; else grown, shrunk in bytes; else changed */
    DIFF_SIZE_OLDER,
    DIFF_SIZE_NEWER,
    DIFF_SIZE_CHANGE,
    DIFF_ALLOC_OLDER,
    DIFF_ALLOC_NEWER,
    DIFF_ALLOC_CHANGE,
    DIFF_FILES_OLDER,
    DIFF_FILES_NEWER,
    DIFF_FILES_CHANGE,
    DIFF_COLUMNS,
};

/* Compares two databases; rows come with the largest change of bytes first. Of the filter, which
 * has been checked, only paths, depths, limit, group_by and with it owner and group matter; it is
 * borrowed for the call. all: no directory is left out. A path or an owner that neither database
 * knows is an error. */
int diff_open(struct diff **out, const char *older, const char *newer, const struct filter *filter,
              bool all, struct err *err);
void diff_close(struct diff *diff);

/* Whether the database given as the older one was scanned on a later day than the other. */
bool diff_is_backwards(const struct diff *diff);

/* Whether both have directories to compare, and not one in common. */
bool diff_is_apart(const struct diff *diff);

/* 1 a row, its values borrowed until the next step; 0 no more. */
int diff_next(struct diff *diff, const struct reader_value **values);

/* The column's name as programs know it; by_owner: of DIFF_ID and DIFF_NAME. Static. */
const char *diff_column_name(enum diff_column column, bool by_owner);

#endif
