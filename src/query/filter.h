/* filter: what the user asks: which directories, in what order, how many. Nothing here knows a
 * database: scope.h says what a filter means in one. */
#ifndef FSTALLY_FILTER_H
#define FSTALLY_FILTER_H

#include "slice.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;

enum filter_sort {
    FILTER_SORT_SIZE_R, /* largest first, as all that follow but path and depth */
    FILTER_SORT_SIZE_NR,
    FILTER_SORT_ALLOC_R,
    FILTER_SORT_ALLOC_NR,
    FILTER_SORT_FILES_R,
    FILTER_SORT_FILES_NR,
    FILTER_SORT_DIRS_R,
    FILTER_SORT_DIRS_NR,
    FILTER_SORT_ATIME_R, /* most recent first; unknown last, also when reversed */
    FILTER_SORT_MTIME_R, /* likewise */
    FILTER_SORT_AVG,     /* bytes a file, recursive, whole bytes; without files last, likewise */
    FILTER_SORT_PATH,    /* preorder: a directory, then what is below it */
    FILTER_SORT_DEPTH,
    FILTER_SORT_OWNER_SIZE, /* what the owner asked for holds: see filter_holds */
    FILTER_SORT_COLD_SIZE,  /* with cold_bucket */
};

enum filter_group {
    FILTER_DIRECTORIES,
    FILTER_BY_OWNER,
    FILTER_BY_GROUP,
    FILTER_BY_BOTH, /* each owner and group that have files together */
};

/* A day, or a time before the scan's day. */
struct filter_when {
    bool given;
    char date[11]; /* YYYY-MM-DD; "" where relative */
    int32_t months;
    int32_t days;
};

/* A place of the scanned file system that is mounted elsewhere where the user asks. */
struct filter_mount {
    struct slice here; /* folded, owned */
    struct slice there;
};

enum { FILTER_ANY = -1 }; /* a bound that is not set */

struct filter {
    int64_t min_depth; /* bounds are inclusive; FILTER_ANY: none */
    int64_t max_depth;
    int64_t min_size; /* bytes, recursive */
    int64_t max_size;
    int64_t min_files; /* recursive */
    int64_t max_files;
    int64_t min_alloc; /* bytes, recursive */
    int64_t max_alloc;
    int64_t min_avg; /* bytes a file, as FILTER_SORT_AVG */
    int64_t max_avg;
    bool single_owner;
    bool leaves_only;
    bool ignore_case;    /* of ASCII letters, in patterns */
    bool atime_of_own;   /* the two times below are of files directly in the directory */
    const char **owners; /* each a name or a number; any of them. The texts are borrowed */
    size_t owner_count;
    const char **groups;
    size_t group_count;
    struct slice *prefixes; /* folded, owned; any of them */
    size_t prefix_count;
    struct slice *excluded; /* folded, owned */
    size_t excluded_count;
    /* The first N come from the configuration file, so no warning if unknown. */
    size_t standing_count;
    struct filter_mount *mounts; /* owned */
    size_t mount_count;
    struct slice *patterns; /* borrowed texts */
    size_t pattern_count;
    struct filter_when accessed_before;
    struct filter_when accessed_after;
    enum filter_group group_by;
    int cold_bucket; /* the access bucket from which on files are cold; 0: not asked for */
    int hot_spots;   /* percent, 1 to 100: see filter_set_hot_spots; 0: not asked for */
    enum filter_sort sort_by;
    bool sort_given;
    bool reverse;
    int64_t limit; /* rows; 0: all */
};

/* Everything, as a program without options asks it, but for the limit: 0. */
void filter_init(struct filter *filter);
void filter_free(struct filter *filter); /* what the filter owns */

/* Each takes a text from the command line (borrowed; a path is folded into a copy). Usage errors:
 * not a sort key, a kind of owner, or an age that parts access buckets; not an absolute path; a
 * pattern that no name can match. */
int filter_set_sort(struct filter *filter, const char *option, const char *name, struct err *err);
int filter_set_group(struct filter *filter, const char *option, const char *name, struct err *err);
int filter_set_cold(struct filter *filter, const char *option, const char *age, struct err *err);
int filter_add_owner(struct filter *filter, const char *option, const char *owner, struct err *err);
int filter_add_group(struct filter *filter, const char *option, const char *group, struct err *err);
int filter_add_prefix(struct filter *filter, const char *option, const char *path, struct err *err);
int filter_add_exclude(struct filter *filter, const char *option, const char *path,
                       struct err *err);
int filter_add_pattern(struct filter *filter, const char *option, const char *glob,
                       struct err *err);

/* Leaves out directories of which a single subdirectory holds at least that share: of cold bytes,
 * where these are asked for; of allocated bytes or files, or with owner_size of the owners' bytes,
 * where the listing is sorted by them; else of bytes. All are those of whole subtrees. `percent`
 * may be NULL: 90. */
int filter_set_hot_spots(struct filter *filter, const char *option, const char *percent,
                         struct err *err);

/* A path below `here` (absolute, borrowed) that a database does not hold means the same below
 * `there`. */
int filter_add_mount(struct filter *filter, const char *here, const char *there, struct err *err);

/* The path (folded) as the scan had it, by the mount whose `here` is the longest that it lies in,
 * on whole components: a folded path to be freed. out->ptr is NULL where it lies in none, or there
 * is no memory, which is an error. */
int filter_map(struct slice *out, const struct filter *filter, struct slice path, struct err *err);

/* Whether a listing is of what owners hold: beside the directories that are wholly theirs,
 * those of several owners in which they hold files directly. */
bool filter_holds(const struct filter *filter);

/* Options that contradict one another, or that nothing can match, are a usage error. */
int filter_check(const struct filter *filter, struct err *err);

#endif
