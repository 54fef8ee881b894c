/* filter: options of the command line made sense of, and contradictions found before any database
 * is opened, so that a wrong question differs from an empty answer. */
#include "filter.h"

#include <errno.h>
#include <stdlib.h>

#include "err.h"
#include "globmatch.h"
#include "histogram.h"
#include "pathname.h"

void filter_init(struct filter *filter)
{
    *filter = (struct filter){
        .min_depth = FILTER_ANY,
        .max_depth = FILTER_ANY,
        .min_size = FILTER_ANY,
        .max_size = FILTER_ANY,
        .min_files = FILTER_ANY,
        .max_files = FILTER_ANY,
        .min_alloc = FILTER_ANY,
        .max_alloc = FILTER_ANY,
        .min_avg = FILTER_ANY,
        .max_avg = FILTER_ANY,
    };
}

void filter_free(struct filter *filter)
{
    free(filter->owners);
    free(filter->groups);
    for (size_t i = 0; i < filter->prefix_count; i++)
        free((char *)filter->prefixes[i].ptr);
    free(filter->prefixes);
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
    static const struct {
        const char *name;
        enum filter_sort sort;
    } keys[] = {
        {"size_r", FILTER_SORT_SIZE_R},       {"size", FILTER_SORT_SIZE_R},
        {"size_nr", FILTER_SORT_SIZE_NR},     {"alloc_r", FILTER_SORT_ALLOC_R},
        {"alloc", FILTER_SORT_ALLOC_R},       {"alloc_nr", FILTER_SORT_ALLOC_NR},
        {"files_r", FILTER_SORT_FILES_R},     {"files", FILTER_SORT_FILES_R},
        {"files_nr", FILTER_SORT_FILES_NR},   {"dirs_r", FILTER_SORT_DIRS_R},
        {"dirs", FILTER_SORT_DIRS_R},         {"dirs_nr", FILTER_SORT_DIRS_NR},
        {"atime_r", FILTER_SORT_ATIME_R},     {"atime", FILTER_SORT_ATIME_R},
        {"mtime_r", FILTER_SORT_MTIME_R},     {"mtime", FILTER_SORT_MTIME_R},
        {"avg_size", FILTER_SORT_AVG},        {"path", FILTER_SORT_PATH},
        {"depth", FILTER_SORT_DEPTH},         {"owner_size", FILTER_SORT_OWNER_SIZE},
        {"cold_size", FILTER_SORT_COLD_SIZE},
    };
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        if (strcmp(name, keys[i].name) == 0) {
            filter->sort_by = keys[i].sort;
            filter->sort_given = true;
            return 0;
        }
    }
    return err_usage(err,
                     "%s: '%s' is not a sort key; give one of size_r, size_nr, alloc_r, alloc_nr, "
                     "files_r, files_nr, dirs_r, dirs_nr, atime_r, mtime_r, avg_size, path, depth, "
                     "owner_size, cold_size",
                     option, name);
}

int filter_set_group(struct filter *filter, const char *option, const char *name, struct err *err)
{
    if (strcmp(name, "owner") == 0)
        filter->group_by = FILTER_BY_OWNER;
    else if (strcmp(name, "group") == 0)
        filter->group_by = FILTER_BY_GROUP;
    else if (strcmp(name, "owner,group") == 0)
        filter->group_by = FILTER_BY_BOTH;
    else
        return err_usage(err, "%s: '%s' is unknown; give owner, group or owner,group", option,
                         name);
    return 0;
}

int filter_set_cold(struct filter *filter, const char *option, const char *age, struct err *err)
{
    char *end;
    errno = 0;
    unsigned long count = strtoul(age, &end, 10);
    bool digits = end > age && age[0] >= '0' && age[0] <= '9' && errno == 0 && count <= 10000;
    int64_t days = -1;
    if (digits && strcmp(end, "d") == 0)
        days = (int64_t)count;
    else if (digits && (strcmp(end, "y") == 0 || strcmp(end, "yr") == 0 || strcmp(end, "yrs") == 0))
        days = 365 * (int64_t)count;
    for (unsigned i = 1; i < HISTOGRAM_BUCKETS; i++) {
        if (histogram_lower(HISTOGRAM_ACCESS, i) == days) {
            filter->cold_bucket = (int)i;
            return 0;
        }
    }
    return err_usage(err,
                     "%s: '%s' is not an age that parts the access buckets; give one of 30d, 90d, "
                     "180d, 1y, 2y, 3y, 4y, 6y, 7y",
                     option, age);
}

int filter_set_hot_spots(struct filter *filter, const char *option, const char *percent,
                         struct err *err)
{
    char *end;
    filter->hot_spots = 90;
    if (percent == NULL)
        return 0;
    unsigned long value = strtoul(percent, &end, 10);
    if (percent[0] < '0' || percent[0] > '9' || (*end != '\0' && strcmp(end, "%") != 0) ||
        value < 1 || value > 100)
        return err_usage(err, "%s: '%s' is not a percentage; give one from 1 to 100", option,
                         percent);
    filter->hot_spots = (int)value;
    return 0;
}

/* Appends a text to a list. */
static int add_text(const char ***list, size_t *count, const char *option, const char *text,
                    struct err *err)
{
    const char **longer = realloc(*list, (*count + 1) * sizeof *longer);
    if (longer == NULL)
        return err_set(err, "%s: out of memory", option);
    *list = longer;
    longer[(*count)++] = text;
    return 0;
}

int filter_add_owner(struct filter *filter, const char *option, const char *owner, struct err *err)
{
    return add_text(&filter->owners, &filter->owner_count, option, owner, err);
}

int filter_add_group(struct filter *filter, const char *option, const char *group, struct err *err)
{
    return add_text(&filter->groups, &filter->group_count, option, group, err);
}

static int fold(struct slice *out, const char *option, const char *path, struct err *err)
{
    if (*path != '/') {
        err_usage(err, "%s: '%s' is not an absolute path; give it from / on", option, path);
        return -1;
    }
    char *folded = malloc(strlen(path));
    if (folded == NULL) {
        err_set(err, "%s: out of memory", option);
        return -1;
    }
    *out = (struct slice){folded, pathname_fold(slice_from(path), folded)};
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

/* Appends a path, folded. */
static int add_path(struct slice **list, size_t *count, const char *option, const char *path,
                    struct err *err)
{
    struct slice folded;
    if (fold(&folded, option, path, err) != 0)
        return -1;
    if (grow(list, *count, option, err) != 0) {
        free((char *)folded.ptr);
        return -1;
    }
    (*list)[(*count)++] = folded;
    return 0;
}

int filter_add_prefix(struct filter *filter, const char *option, const char *path, struct err *err)
{
    return add_path(&filter->prefixes, &filter->prefix_count, option, path, err);
}

int filter_add_exclude(struct filter *filter, const char *option, const char *path, struct err *err)
{
    return add_path(&filter->excluded, &filter->excluded_count, option, path, err);
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

/* The mount whose place here is the longest that the path lies in; NULL: none. */
static const struct filter_mount *find_mount(const struct filter *filter, struct slice path)
{
    const struct filter_mount *best = NULL;
    for (size_t i = 0; i < filter->mount_count; i++) {
        const struct filter_mount *mount = &filter->mounts[i];
        if (pathname_is_in(path, mount->here) && (best == NULL || mount->here.len > best->here.len))
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
    if (crossed(filter->min_alloc, filter->max_alloc))
        return err_usage(err, "--min-alloc: more than --max-alloc; no directory can match");
    if (crossed(filter->min_avg, filter->max_avg))
        return err_usage(err, "--min-avg-size: more than --max-avg-size; no directory can match");
    if (empty_span(&filter->accessed_after, &filter->accessed_before))
        return err_usage(err, "--accessed-after: not before --accessed-before; "
                              "no directory can match");
    return 0;
}

static bool has_open_set(const char *glob)
{
    while ((glob = strchr(glob, '[')) != NULL)
        if ((glob = globmatch_set_end(glob)) == NULL)
            return true;
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

/* Whether all that a prefix (no bytes: everything) asks for is excluded. */
static const struct slice *find_holder(const struct filter *filter, struct slice top)
{
    for (size_t i = 0; i < filter->excluded_count; i++)
        if (pathname_is_in(top, filter->excluded[i]))
            return &filter->excluded[i];
    return NULL;
}

/* What can be said of a prefix without a database. Where there are several, one that matches
 * nothing does no harm. */
static int check_prefix(const struct filter *filter, struct slice top, struct err *err)
{
    int64_t depth = (int64_t)pathname_depth(top);
    /* A path of another mount may lie higher in the scan. */
    if (filter->max_depth != FILTER_ANY && filter->max_depth < depth &&
        find_mount(filter, top) == NULL)
        return err_usage(err, "--max-depth: %.*s is at depth %lld already; no directory can match",
                         (int)top.len, top.ptr, (long long)depth);
    const struct slice *holder = find_holder(filter, top);
    if (holder != NULL)
        return err_usage(err,
                         "--exclude: %.*s holds all that is asked for; "
                         "no directory can match",
                         (int)holder->len, holder->ptr);
    return 0;
}

static int check_paths(const struct filter *filter, struct err *err)
{
    if (filter->prefix_count == 0)
        return check_prefix(filter, slice_from("/"), err);
    for (size_t i = 0; i < filter->prefix_count; i++) {
        *err = (struct err){0};
        if (check_prefix(filter, filter->prefixes[i], err) == 0)
            return 0;
    }
    return -1;
}

static int check_totals(const struct filter *filter, struct err *err)
{
    if (filter->group_by == FILTER_DIRECTORIES)
        return 0;
    if (filter->hot_spots != 0)
        return err_usage(err, "--hot-spots: not with --group-by; it is about directories, and "
                              "totals have none");
    if (filter->sort_by == FILTER_SORT_PATH || filter->sort_by == FILTER_SORT_DEPTH ||
        filter->sort_by == FILTER_SORT_MTIME_R)
        return err_usage(err,
                         "--sort-by: owners' totals have no %s; use size_r, alloc_r, files_r, "
                         "dirs_r, atime_r or avg_size",
                         filter->sort_by == FILTER_SORT_PATH    ? "path"
                         : filter->sort_by == FILTER_SORT_DEPTH ? "depth"
                                                                : "mtime");
    return 0;
}

bool filter_holds(const struct filter *filter)
{
    return filter->owner_count > 0 && !filter->single_owner && filter->cold_bucket == 0 &&
           filter->group_by == FILTER_DIRECTORIES;
}

int filter_check(const struct filter *filter, struct err *err)
{
    if (filter->sort_by == FILTER_SORT_OWNER_SIZE && !filter_holds(filter))
        return err_usage(err, "--sort-by: owner_size is of listings with --owner-id or --mine, and "
                              "not with --single-owner or --cold; use size_r");
    if (filter->sort_by == FILTER_SORT_COLD_SIZE && filter->cold_bucket == 0)
        return err_usage(err, "--sort-by: cold_size is of answers with --cold; use size_r");
    if (check_bounds(filter, err) != 0 || check_paths(filter, err) != 0 ||
        check_patterns(filter, err) != 0)
        return -1;
    return check_totals(filter, err);
}
