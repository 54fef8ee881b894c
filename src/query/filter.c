/* filter: options of the command line made sense of, and contradictions found before any database
 * is opened, so that a wrong question differs from an empty answer. */
#include "filter.h"

#include "err.h"
#include "pathname.h"

#include <stdlib.h>

void filter_init(struct filter *filter)
{
    *filter = (struct filter){
        .min_depth = FILTER_ANY,
        .max_depth = FILTER_ANY,
        .min_size = FILTER_ANY,
        .max_size = FILTER_ANY,
        .min_files = FILTER_ANY,
        .max_files = FILTER_ANY,
    };
}

void filter_free(struct filter *filter)
{
    free((char *)filter->path_prefix.ptr);
    for (size_t i = 0; i < filter->excluded_count; i++)
        free((char *)filter->excluded[i].ptr);
    free(filter->excluded);
    for (size_t i = 0; i < filter->mount_count; i++) {
        free((char *)filter->mounts[i].here.ptr);
        free((char *)filter->mounts[i].there.ptr);
    }
    free(filter->mounts);
    free(filter->patterns);
}

int filter_set_sort(struct filter *filter, const char *option, const char *name, struct err *err)
{
    static const char *const names[] = {
        [FILTER_SORT_SIZE_R] = "size_r",     [FILTER_SORT_SIZE_NR] = "size_nr",
        [FILTER_SORT_ALLOC_R] = "alloc_r",   [FILTER_SORT_FILES_R] = "files_r",
        [FILTER_SORT_FILES_NR] = "files_nr", [FILTER_SORT_DIRS_R] = "dirs_r",
        [FILTER_SORT_ATIME_R] = "atime_r",   [FILTER_SORT_PATH] = "path",
        [FILTER_SORT_DEPTH] = "depth",       [FILTER_SORT_OWNER_SIZE] = "owner_size",
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(name, names[i]) == 0) {
            filter->sort_by = (enum filter_sort)i;
            filter->sort_given = true;
            return 0;
        }
    }
    return err_usage(err,
                     "%s: '%s' is not a sort key; give one of size_r, size_nr, alloc_r, files_r, "
                     "files_nr, dirs_r, atime_r, path, depth, owner_size",
                     option, name);
}

int filter_set_group(struct filter *filter, const char *option, const char *name, struct err *err)
{
    if (strcmp(name, "owner") == 0)
        filter->group_by = FILTER_BY_OWNER;
    else if (strcmp(name, "group") == 0)
        filter->group_by = FILTER_BY_GROUP;
    else
        return err_usage(err, "%s: '%s' is unknown; give owner or group", option, name);
    return 0;
}

static int fold(struct slice *out, const char *option, const char *path, struct err *err)
{
    if (*path != '/')
        return err_usage(err, "%s: '%s' is not an absolute path; give it from / on", option, path);
    char *folded = malloc(strlen(path));
    if (folded == NULL)
        return err_set(err, "%s: out of memory", option);
    *out = (struct slice){folded, pathname_fold(slice_from(path), folded)};
    return 0;
}

int filter_set_prefix(struct filter *filter, const char *option, const char *path, struct err *err)
{
    struct slice folded;
    if (fold(&folded, option, path, err) != 0)
        return -1;
    free((char *)filter->path_prefix.ptr);
    filter->path_prefix = folded;
    return 0;
}

/* Makes room for one more slice in a list. */
static int grow(struct slice **list, size_t count, const char *option, struct err *err)
{
    struct slice *longer = realloc(*list, (count + 1) * sizeof *longer);
    if (longer == NULL)
        return err_set(err, "%s: out of memory", option);
    *list = longer;
    return 0;
}

int filter_add_exclude(struct filter *filter, const char *option, const char *path, struct err *err)
{
    struct slice folded;
    if (fold(&folded, option, path, err) != 0)
        return -1;
    if (grow(&filter->excluded, filter->excluded_count, option, err) != 0) {
        free((char *)folded.ptr);
        return -1;
    }
    filter->excluded[filter->excluded_count++] = folded;
    return 0;
}

int filter_add_pattern(struct filter *filter, const char *option, const char *glob, struct err *err)
{
    if (*glob == '\0')
        return err_usage(err, "%s: an empty pattern matches no name; give one like 'run_*'",
                         option);
    if (strchr(glob, '/') != NULL)
        return err_usage(err,
                         "%s: '%s' holds a slash, so it matches no name; a pattern is for the last "
                         "component of a path, use --path-prefix for what comes before it",
                         option, glob);
    if (grow(&filter->patterns, filter->pattern_count, option, err) != 0)
        return -1;
    filter->patterns[filter->pattern_count++] = slice_from(glob); /* ends with a NUL */
    return 0;
}

int filter_add_mount(struct filter *filter, const char *here, const char *there, struct err *err)
{
    struct filter_mount mount = {0};
    struct filter_mount *longer =
        realloc(filter->mounts, (filter->mount_count + 1) * sizeof *longer);
    if (longer == NULL)
        return err_set(err, "[mounts]: out of memory");
    filter->mounts = longer;
    if (fold(&mount.here, "[mounts]", here, err) != 0 ||
        fold(&mount.there, "[mounts]", there, err) != 0) {
        free((char *)mount.here.ptr);
        return -1;
    }
    filter->mounts[filter->mount_count++] = mount;
    return 0;
}

static bool crossed(int64_t least, int64_t most)
{
    return least != FILTER_ANY && most != FILTER_ANY && least > most;
}

/* Whether the path is the subtree's top, or lies in it. */
static bool lies_in(struct slice path, struct slice top)
{
    if (path.len < top.len || !slice_equal((struct slice){path.ptr, top.len}, top))
        return false;
    return top.len == 1 || path.len == top.len || path.ptr[top.len] == '/';
}

/* The mount whose place here is the longest that the path lies in; NULL: none. */
static const struct filter_mount *find_mount(const struct filter *filter, struct slice path)
{
    const struct filter_mount *best = NULL;
    for (size_t i = 0; i < filter->mount_count; i++) {
        const struct filter_mount *mount = &filter->mounts[i];
        if (lies_in(path, mount->here) && (best == NULL || mount->here.len > best->here.len))
            best = mount;
    }
    return best;
}

int filter_map(struct slice *out, const struct filter *filter, struct slice path, struct err *err)
{
    *out = (struct slice){0};
    const struct filter_mount *mount = find_mount(filter, path);
    if (mount == NULL)
        return 0;
    char *joined = malloc(mount->there.len + 1 + path.len);
    if (joined == NULL)
        return err_set(err, "%.*s: out of memory", (int)path.len, path.ptr);
    /* Joined with a slash too many, where one of them is / or nothing is left: folding takes it. */
    size_t skip = mount->here.len;
    size_t rest = path.len - skip;
    memcpy(joined, mount->there.ptr, mount->there.len);
    joined[mount->there.len] = '/';
    memcpy(joined + mount->there.len + 1, path.ptr + skip, rest);
    *out = (struct slice){
        joined, pathname_fold((struct slice){joined, mount->there.len + 1 + rest}, joined)};
    return 0;
}

/* Whether no time is both at or after `after` and before `before`, as far as that can be told
 * without the scan's day. */
static bool empty_span(const struct filter_when *after, const struct filter_when *before)
{
    if (!after->given || !before->given)
        return false;
    bool dates = after->date[0] != '\0' && before->date[0] != '\0';
    bool spans = after->date[0] == '\0' && before->date[0] == '\0';
    if (dates)
        return strcmp(after->date, before->date) >= 0;
    return spans && after->months <= before->months && after->days <= before->days;
}

static int check_bounds(const struct filter *filter, struct err *err)
{
    if (crossed(filter->min_depth, filter->max_depth))
        return err_usage(err, "--min-depth: more than --max-depth; no directory can match");
    if (crossed(filter->min_size, filter->max_size))
        return err_usage(err, "--min-size: more than --max-size; no directory can match");
    if (crossed(filter->min_files, filter->max_files))
        return err_usage(err, "--min-files: more than --max-files; no directory can match");
    if (empty_span(&filter->accessed_after, &filter->accessed_before))
        return err_usage(err, "--accessed-after: not before --accessed-before; "
                              "no directory can match");
    return 0;
}

/* Whether a set is begun that no `]` ends: one that stands first in it is a member. */
static bool has_open_set(const char *glob)
{
    while ((glob = strchr(glob, '[')) != NULL) {
        glob += glob[1] == '^' ? 2 : 1;
        if (*glob == '\0' || (glob = strchr(glob + 1, ']')) == NULL)
            return true;
    }
    return false;
}

/* One pattern of several that matches nothing does no harm. */
static int check_patterns(const struct filter *filter, struct err *err)
{
    size_t open = 0;
    while (open < filter->pattern_count && has_open_set(filter->patterns[open].ptr))
        open++;
    if (open == 0 || open < filter->pattern_count)
        return 0;
    return err_usage(err,
                     "--name-pattern: '%s' begins a set that no ']' ends (a '[' itself is [[]); no "
                     "directory can match",
                     filter->patterns[0].ptr);
}

static int check_paths(const struct filter *filter, struct err *err)
{
    /* Without a prefix the top is /, in which everything lies. */
    struct slice top = filter->path_prefix.len > 0 ? filter->path_prefix : slice_from("/");
    int64_t top_depth = (int64_t)pathname_depth(top);
    /* A path of another mount may lie higher in the scan. */
    if (filter->max_depth != FILTER_ANY && filter->max_depth < top_depth &&
        find_mount(filter, top) == NULL)
        return err_usage(err, "--max-depth: %.*s is at depth %lld already; no directory can match",
                         (int)top.len, top.ptr, (long long)top_depth);
    for (size_t i = 0; i < filter->excluded_count; i++)
        if (lies_in(top, filter->excluded[i]))
            return err_usage(err,
                             "--exclude: %.*s holds all that is asked for; "
                             "no directory can match",
                             (int)filter->excluded[i].len, filter->excluded[i].ptr);
    return 0;
}

static int check_totals(const struct filter *filter, struct err *err)
{
    const struct {
        bool given;
        const char *option;
    } about_subtrees[] = {
        {filter->single_owner, "--single-owner"},
        {filter->leaves_only, "--leaves-only"},
        {filter->min_size != FILTER_ANY, "--min-size"},
        {filter->max_size != FILTER_ANY, "--max-size"},
        {filter->min_files != FILTER_ANY, "--min-files"},
        {filter->max_files != FILTER_ANY, "--max-files"},
        {filter->accessed_before.given, "--accessed-before"},
        {filter->accessed_after.given, "--accessed-after"},
    };
    if (filter->group_by == FILTER_DIRECTORIES)
        return 0;
    for (size_t i = 0; i < sizeof about_subtrees / sizeof *about_subtrees; i++)
        if (about_subtrees[i].given)
            return err_usage(err,
                             "%s: not with --group-by; it asks about whole subtrees, while owners' "
                             "totals are counted from the files of each directory",
                             about_subtrees[i].option);
    if (filter->sort_by == FILTER_SORT_PATH || filter->sort_by == FILTER_SORT_DEPTH)
        return err_usage(err,
                         "--sort-by: owners' totals have no %s; use size_r, alloc_r, files_r, "
                         "dirs_r or atime_r",
                         filter->sort_by == FILTER_SORT_PATH ? "path" : "depth");
    return 0;
}

bool filter_holds(const struct filter *filter)
{
    return filter->owner != NULL && !filter->single_owner && filter->group_by == FILTER_DIRECTORIES;
}

int filter_check(const struct filter *filter, struct err *err)
{
    if (filter->sort_by == FILTER_SORT_OWNER_SIZE && !filter_holds(filter))
        return err_usage(err, "--sort-by: owner_size is of listings with --owner-id or --mine, and "
                              "not with --single-owner; use size_r");
    if (check_bounds(filter, err) != 0 || check_paths(filter, err) != 0 ||
        check_patterns(filter, err) != 0)
        return -1;
    return check_totals(filter, err);
}
