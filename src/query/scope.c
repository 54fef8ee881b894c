/* scope: a filter's names looked up, each by an index, before the question itself is put.
 *
 * Owners' names come from the database first: it was made where the file system is mounted, and the
 * host that asks may know other people by the same names. Only then is the system asked. */
#include "scope.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "err.h"
#include "facts.h"
#include "filter.h"
#include "mem.h"
#include "ownerpairs.h"
#include "pathname.h"
#include "reader.h"

/* Runs a question of one row at most. 1: there is one, and use() has had it; 0: none. */
static int ask(struct reader *reader, const char *sql, const struct reader_value *values,
               size_t count, void use(void *out, const struct reader_rows *rows), void *out,
               struct err *err)
{
    struct reader_rows *rows;
    if (reader_run(&rows, reader, sql, values, count, err) != 0)
        return -1;
    int found = reader_rows_next(rows, err);
    if (found == 1)
        use(out, rows);
    reader_rows_close(rows);
    return found;
}

static void use_integer(void *out, const struct reader_rows *rows)
{
    *(int64_t *)out = reader_rows_integer(rows, 0);
}

static void use_range(void *out, const struct reader_rows *rows)
{
    *(struct scope_range *)out =
        (struct scope_range){reader_rows_integer(rows, 0), reader_rows_integer(rows, 1)};
}

static void use_day(void *out, const struct reader_rows *rows)
{
    struct slice day = reader_rows_text(rows, 0);
    if (day.len == 10)
        snprintf(out, 11, "%.*s", (int)day.len, day.ptr);
}

static int find_range(struct scope_range *out, struct reader *reader, struct slice path,
                      struct err *err)
{
    struct reader_value value = {.type = READER_TEXT, .text = path};
    return ask(reader, "SELECT dir_id, last_id FROM directories WHERE path = ?1", &value, 1,
               use_range, out, err);
}

/* The path as given, else as a mount has it. 1: found; 0: not here. */
static int find_path(struct scope_range *out, struct reader *reader, const struct filter *filter,
                     struct slice path, struct err *err)
{
    struct slice mapped;
    int found = find_range(out, reader, path, err);
    if (found != 0)
        return found;
    if (filter_map(&mapped, filter, path, err) != 0)
        return -1;
    if (mapped.len == 1) { /* everything is below /, stored or not */
        *out = (struct scope_range){1, INT64_MAX};
        found = 1;
    } else if (mapped.len > 1) {
        found = find_range(out, reader, mapped, err);
    }
    free((char *)mapped.ptr);
    return found;
}

static int out_of_memory(const struct reader *reader, struct err *err)
{
    err_no_memory(err, "%s: cannot read", reader_path(reader));
    return -1;
}

/* Looks a path up: *found, and the range, which is empty where it is not. */
static int resolve_path(struct scope_range *range, bool *known, const struct scope *scope,
                        struct reader *reader, const struct filter *filter, struct slice path,
                        struct err *err)
{
    *range = (struct scope_range){1, scope->directories};
    *known = true;
    if (path.len <= 1) /* everything is below /, which is not always stored itself */
        return 0;
    int found = find_path(range, reader, filter, path, err);
    *known = found == 1;
    if (found != 1)
        *range = (struct scope_range){1, 0};
    if (range->last > scope->directories)
        range->last = scope->directories;
    return found < 0 ? -1 : 0;
}

/* Widens the range to a directory and what is below it. */
static void widen(struct scope_range *range, bool *known, int64_t first, int64_t last)
{
    range->first = *known && range->first < first ? range->first : first;
    range->last = *known && range->last > last ? range->last : last;
    *known = true;
}

/* Widens the range to the trees below a path that is above them, and is not stored. */
static int find_trees_below(struct scope_range *range, bool *known, struct reader *reader,
                            struct slice path, struct err *err)
{
    struct reader_rows *rows;
    int more;
    if (reader_run(&rows, reader,
                   "SELECT dir_id, last_id, path FROM directories WHERE parent_id IS NULL", NULL, 0,
                   err) != 0)
        return -1;
    while ((more = reader_rows_next(rows, err)) == 1)
        if (pathname_is_in(reader_rows_text(rows, 2), path))
            widen(range, known, reader_rows_integer(rows, 0), reader_rows_integer(rows, 1));
    reader_rows_close(rows);
    return more;
}

/* The path as given, else as a mount has it. */
static int resolve_above(struct scope *scope, size_t i, struct reader *reader,
                         const struct filter *filter, struct err *err)
{
    struct scope_range *range = &scope->excluded[i];
    bool *known = &scope->has_excluded[i];
    struct slice mapped;
    if (find_trees_below(range, known, reader, filter->excluded[i], err) != 0)
        return -1;
    if (!*known) {
        if (filter_map(&mapped, filter, filter->excluded[i], err) != 0)
            return -1;
        int status = mapped.len > 1 ? find_trees_below(range, known, reader, mapped, err) : 0;
        free((char *)mapped.ptr);
        if (status != 0)
            return -1;
    }
    if (range->last > scope->directories)
        range->last = scope->directories;
    return 0;
}

static int resolve_excluded(struct scope *scope, struct reader *reader, const struct filter *filter,
                            struct err *err)
{
    for (size_t i = 0; i < filter->excluded_count; i++)
        if (!scope->has_excluded[i] && resolve_above(scope, i, reader, filter, err) != 0)
            return -1;
    return 0;
}

static int resolve_paths(struct scope_range **ranges, bool **known, const struct scope *scope,
                         struct reader *reader, const struct filter *filter,
                         const struct slice *paths, size_t count, struct err *err)
{
    *ranges = calloc(count + 1, sizeof **ranges);
    *known = calloc(count + 1, sizeof **known);
    if (*ranges == NULL || *known == NULL)
        return out_of_memory(reader, err);
    for (size_t i = 0; i < count; i++)
        if (resolve_path(&(*ranges)[i], &(*known)[i], scope, reader, filter, paths[i], err) != 0)
            return -1;
    return 0;
}

/* Where a kind of owner's names are found. */
struct names {
    const char *option;
    const char *sql; /* the smallest number of that name in the database */
    bool (*system)(int64_t *out, const char *name);
};

static bool find_user(int64_t *out, const char *name)
{
    const struct passwd *entry = getpwnam(name);
    if (entry != NULL)
        *out = (int64_t)entry->pw_uid;
    return entry != NULL;
}

static bool find_group(int64_t *out, const char *name)
{
    const struct group *entry = getgrnam(name);
    if (entry != NULL)
        *out = (int64_t)entry->gr_gid;
    return entry != NULL;
}

static const struct names user_names = {
    "--owner-id",
    "SELECT uid FROM user_info WHERE username = ?1 ORDER BY uid LIMIT 1",
    find_user,
};
static const struct names group_names = {
    "--group-id",
    "SELECT gid FROM group_info WHERE groupname = ?1 ORDER BY gid LIMIT 1",
    find_group,
};

/* 4294967295 is no user's: files whose log records no owner have it, and the name `unknown`. */
static int parse_number(int64_t *out, const char *option, const char *text, struct err *err)
{
    errno = 0;
    unsigned long long number = strtoull(text, NULL, 10);
    if (errno != 0 || number > 4294967294)
        return err_usage(err, "%s: %s is not an owner; the largest is 4294967294", option, text);
    *out = (int64_t)number;
    return 0;
}

/* One name's number; *known: the database or this host knows it. */
static int resolve_owner(int64_t *out, bool *known, struct reader *reader,
                         const struct names *names, const char *text, struct err *err)
{
    *out = -1;
    *known = true;
    if (*text != '\0' && text[strspn(text, "0123456789")] == '\0')
        return parse_number(out, names->option, text, err);
    struct reader_value value = {.type = READER_TEXT, .text = slice_from(text)};
    int found = ask(reader, names->sql, &value, 1, use_integer, out, err);
    if (found < 0)
        return -1;
    *known = found == 1 || names->system(out, text);
    return 0;
}

static int resolve_owners(struct scope_ids *out, struct reader *reader, const struct names *names,
                          const char *const *texts, size_t count, struct err *err)
{
    out->ids = calloc(count + 1, sizeof *out->ids);
    out->known = calloc(count + 1, sizeof *out->known);
    if (out->ids == NULL || out->known == NULL)
        return out_of_memory(reader, err);
    out->count = count;
    for (size_t i = 0; i < count; i++)
        if (resolve_owner(&out->ids[i], &out->known[i], reader, names, texts[i], err) != 0)
            return -1;
    return 0;
}

/* Whether the filter asks for this one, or for nobody in particular. */
static bool asks_for(const struct scope_ids *ids, int64_t id)
{
    for (size_t i = 0; i < ids->count; i++)
        if (ids->known[i] && ids->ids[i] == id)
            return true;
    return ids->count == 0;
}

static int read_pairs(struct scope *scope, struct reader *reader, struct err *err)
{
    struct ownerpairs_pair *pairs;
    int status = facts_pairs(&pairs, &scope->pair_count, reader, err);
    if (status == 0) {
        scope->pairs = calloc(scope->pair_count + 1, sizeof *scope->pairs);
        status = scope->pairs == NULL ? out_of_memory(reader, err) : 0;
    }
    for (size_t i = 0; i < scope->pair_count && status == 0; i++) {
        bool owned = asks_for(&scope->owners, pairs[i].uid);
        scope->pairs[i] = (struct scope_pair){
            pairs[i].uid, pairs[i].gid, owned && asks_for(&scope->groups, pairs[i].gid), owned};
    }
    free(pairs);
    return status;
}

/* The day before the last scan that lies so far back; where the month has no such day, its last.
 * SQLite's own '-1 month' makes 3 March of 31 March: the second term is that month's last day. */
static const char day_before_scan[] =
    "WITH scan(day) AS (SELECT date(max(scan_timestamp), ?2) FROM scan_metadata) "
    "SELECT min(date(day, ?1), date(day, 'start of month', ?1, '+1 month', '-1 day')) FROM scan";

static int resolve_when(int64_t *out, struct reader *reader, const char *option,
                        const struct filter_when *when, struct err *err)
{
    char day[16] = "";
    if (!when->given)
        return 0;
    if (when->date[0] != '\0') {
        snprintf(day, sizeof day, "%s", when->date);
    } else {
        char months[32];
        char days[32];
        snprintf(months, sizeof months, "-%d months", when->months);
        snprintf(days, sizeof days, "-%d days", when->days);
        const struct reader_value values[] = {
            {.type = READER_TEXT, .text = slice_from(months)},
            {.type = READER_TEXT, .text = slice_from(days)},
        };
        if (ask(reader, day_before_scan, values, 2, use_day, day, err) < 0)
            return -1;
    }
    if (!clock_parse(slice_from(day), out))
        return err_set(err,
                       "%s: %s reaches before any date, or the database has no scan date; "
                       "give a date as YYYY-MM-DD",
                       reader_path(reader), option);
    return 0;
}

int scope_resolve(struct scope *scope, struct reader *reader, const struct filter *filter,
                  struct err *err)
{
    scope->accessed_before = INT64_MAX;
    scope->accessed_after = INT64_MIN;
    if (reader_count(&scope->directories, reader, err) != 0 ||
        resolve_paths(&scope->prefixes, &scope->has_prefix, scope, reader, filter, filter->prefixes,
                      filter->prefix_count, err) != 0 ||
        resolve_paths(&scope->excluded, &scope->has_excluded, scope, reader, filter,
                      filter->excluded, filter->excluded_count, err) != 0 ||
        resolve_excluded(scope, reader, filter, err) != 0 ||
        resolve_owners(&scope->owners, reader, &user_names, filter->owners, filter->owner_count,
                       err) != 0 ||
        resolve_owners(&scope->groups, reader, &group_names, filter->groups, filter->group_count,
                       err) != 0 ||
        resolve_when(&scope->accessed_before, reader, "--accessed-before", &filter->accessed_before,
                     err) != 0 ||
        resolve_when(&scope->accessed_after, reader, "--accessed-after", &filter->accessed_after,
                     err) != 0)
        return -1;
    scope->all_wanted = filter->owner_count == 0 && filter->group_count == 0;
    return read_pairs(scope, reader, err);
}

/* ---- Paths that begin alike ---- */

/* Siblings are in the order of their names' bytes, so that those whose names begin alike follow
 * each other, and are one range with all that is below them. */
static int find_beginning(struct scope_range *range, bool *known, struct reader *reader,
                          struct slice path, struct err *err)
{
    struct scope_range parent;
    struct slice above = pathname_parent(path);
    int found = above.len <= 1 ? 0 : find_range(&parent, reader, above, err);
    if (found < 0)
        return -1;
    const struct reader_value value = {.type = READER_INTEGER,
                                       .integer = found == 1 ? parent.first : 0};
    struct reader_rows *rows;
    if (reader_run(&rows, reader,
                   found == 1
                       ? "SELECT dir_id, last_id, path FROM directories WHERE parent_id = ?1"
                       : "SELECT dir_id, last_id, path FROM directories WHERE parent_id IS NULL "
                         "OR parent_id IN (SELECT dir_id FROM directories WHERE depth = ?1)",
                   &value, 1, err) != 0)
        return -1;
    while ((found = reader_rows_next(rows, err)) == 1) {
        struct slice one = reader_rows_text(rows, 2);
        if (one.len >= path.len && memcmp(one.ptr, path.ptr, path.len) == 0)
            widen(range, known, reader_rows_integer(rows, 0), reader_rows_integer(rows, 1));
    }
    reader_rows_close(rows);
    return found;
}

int scope_resolve_beginning(struct scope *scope, struct reader *reader, const struct filter *filter,
                            size_t i, struct err *err)
{
    struct slice mapped;
    if (find_beginning(&scope->prefixes[i], &scope->has_prefix[i], reader, filter->prefixes[i],
                       err) != 0)
        return -1;
    if (scope->has_prefix[i])
        return 0;
    if (filter_map(&mapped, filter, filter->prefixes[i], err) != 0)
        return -1;
    int status = 0;
    if (mapped.len > 1)
        status = find_beginning(&scope->prefixes[i], &scope->has_prefix[i], reader, mapped, err);
    free((char *)mapped.ptr);
    return status;
}

int scope_nearest(struct slice *out, struct reader *reader, struct slice path, struct err *err)
{
    *out = (struct slice){NULL, 0};
    for (path = pathname_parent(path); path.len > 1; path = pathname_parent(path)) {
        struct scope_range range;
        int found = find_range(&range, reader, path, err);
        if (found < 0)
            return -1;
        if (found == 0)
            continue;
        char *copy = malloc(path.len);
        if (copy == NULL)
            return out_of_memory(reader, err);
        memcpy(copy, path.ptr, path.len);
        *out = (struct slice){copy, path.len};
        return 0;
    }
    return 0;
}

/* ---- Ranges ---- */

static int by_first(const void *left, const void *right)
{
    const struct scope_range *a = left;
    const struct scope_range *b = right;
    if (a->first != b->first)
        return a->first < b->first ? -1 : 1;
    return (a->last < b->last) - (a->last > b->last);
}

/* Sorts ranges, and joins those that overlap. Returns how many are left. */
static size_t unite(struct scope_range *ranges, size_t count)
{
    size_t kept = 0;
    qsort(ranges, count, sizeof *ranges, by_first);
    for (size_t i = 0; i < count; i++) {
        if (ranges[i].first > ranges[i].last)
            continue;
        if (kept > 0 && ranges[i].first <= ranges[kept - 1].last) {
            if (ranges[i].last > ranges[kept - 1].last)
                ranges[kept - 1].last = ranges[i].last;
            continue;
        }
        ranges[kept++] = ranges[i];
    }
    return kept;
}

/* What is in `from` but not in `less`: both in order and apart. `out` has room for all of both. */
static size_t subtract(struct scope_range *out, const struct scope_range *from, size_t from_count,
                       const struct scope_range *less, size_t less_count)
{
    size_t count = 0;
    size_t l = 0;
    for (size_t i = 0; i < from_count; i++) {
        int64_t first = from[i].first;
        while (l < less_count && less[l].last < first)
            l++;
        for (size_t k = l; k < less_count && less[k].first <= from[i].last; k++) {
            if (less[k].first > first)
                out[count++] = (struct scope_range){first, less[k].first - 1};
            first = less[k].last + 1;
        }
        if (first <= from[i].last)
            out[count++] = (struct scope_range){first, from[i].last};
    }
    return count;
}

int scope_settle(struct scope *scope, const struct filter *filter, struct err *err)
{
    size_t prefixes = filter->prefix_count == 0 ? 1 : filter->prefix_count;
    size_t excluded = filter->excluded_count;
    struct scope_range *parts = calloc(prefixes + excluded, sizeof *parts);
    free(scope->ranges);
    scope->ranges = calloc(prefixes + excluded, sizeof *scope->ranges);
    if (parts == NULL || scope->ranges == NULL) {
        free(parts);
        return err_set(err, "query: out of memory");
    }
    parts[0] = (struct scope_range){1, scope->directories};
    if (filter->prefix_count > 0)
        memcpy(parts, scope->prefixes, prefixes * sizeof *parts);
    if (excluded > 0)
        memcpy(parts + prefixes, scope->excluded, excluded * sizeof *parts);
    size_t asked = unite(parts, prefixes);
    size_t less = unite(parts + prefixes, excluded);
    scope->range_count = subtract(scope->ranges, parts, asked, parts + prefixes, less);
    free(parts);
    return 0;
}

static bool knows_any(const struct scope_ids *ids)
{
    for (size_t i = 0; i < ids->count; i++)
        if (ids->known[i])
            return true;
    return ids->count == 0;
}

bool scope_concerns(const struct scope *scope)
{
    return scope->range_count > 0 && knows_any(&scope->owners) && knows_any(&scope->groups);
}

void scope_dispose(struct scope *scope)
{
    free(scope->prefixes);
    free(scope->has_prefix);
    free(scope->excluded);
    free(scope->has_excluded);
    free(scope->ranges);
    free(scope->owners.ids);
    free(scope->owners.known);
    free(scope->groups.ids);
    free(scope->groups.known);
    free(scope->pairs);
    *scope = (struct scope){0};
}
