/* buildfile: the private file in which a database is built, beside its target, and the one step in
 * which it takes the target's place. */
#ifndef FSTALLY_BUILDFILE_H
#define FSTALLY_BUILDFILE_H

#include <stdbool.h>

#include "err.h"

struct buildfile;

/* Makes an empty build file, private to this user, for the database `target` (which need not exist;
 * its directory is made where it is missing). It is also the lock: fails while another process
 * builds the same database. What a dead process of this user has left is removed. Before other
 * threads are started: it looks at the process's umask. */
int buildfile_create(struct buildfile **out, const char *target, struct err *err);

/* The build file's path; lives as long as the buildfile. */
const char *buildfile_path(const struct buildfile *build);

/* A name beside the build file for temporary files (see spool.h); lives as long as the
 * buildfile. What is left there is removed with the build file, or by the next import. */
const char *buildfile_temporary(const struct buildfile *build);

/* The target, symbolic links resolved; lives as long as the buildfile. */
const char *buildfile_target(const struct buildfile *build);

/* 1: `path` names the target or the build file; 0: neither; -1: that cannot be told. */
int buildfile_is_target(const struct buildfile *build, const char *path, struct err *err);

/* Gives the file the target's mode, group and, where this user may, owner; syncs it, renames it
 * over the target and syncs the directory. Readers of the old database keep it. On failure the
 * target is as it was, unless the message says that it is published. */
int buildfile_publish(struct buildfile *build, struct err *err);

/* Whether the build file has taken the target's place. Any thread. */
bool buildfile_is_published(const struct buildfile *build);

/* Removes what has not been published. May be called from another thread or a signal handler while
 * the file is being written, if the process ends right after. */
void buildfile_discard(const struct buildfile *build);

/* Discards what has not been published, and frees. */
void buildfile_close(struct buildfile *build);

#endif
