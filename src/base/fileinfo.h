/* fileinfo: looks at files by their names. Only ENOENT means that there is none: a network file
 * system that fails for a moment must not make a database vanish. */
#ifndef FSTALLY_FILEINFO_H
#define FSTALLY_FILEINFO_H

#include <sys/stat.h>

struct err;

/* 1: there is a file, links followed; 0: none; -1: that cannot be told. */
int fileinfo_look(struct stat *out, const char *path, struct err *err);

/* 1: the path names that file; 0: another, or none; -1: that cannot be told. */
int fileinfo_names(const char *path, const struct stat *file, struct err *err);

#endif
