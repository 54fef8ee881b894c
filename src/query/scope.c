/* scope: a filter's names looked up, each by an index, before the question itself is put.
 *
 * Owners' names come from the database first: it was made where the file system is mounted, and the
 * host that asks may know other people by the same names. Only then is the system asked. */
#include "scope.h"

#include "err.h"
#include "filter.h"
#include "names.h"
#include "reader.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>

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

static int resolve_prefix(struct scope *scope, struct reader *reader, const struct filter *filter,
                          struct err *err)
{
    scope->under = (struct scope_range){1, scope->directories};
    scope->has_path = true;
    /* Everything is below /, which is not always stored itself. */
    if (filter->path_prefix.len <= 1)
        return 0;
    int found = find_path(&scope->under, reader, filter, filter->path_prefix, err);
    scope->has_path = found == 1;
    if (scope->under.last > scope->directories)
        scope->under.last = scope->directories;
    return found < 0 ? -1 : 0;
}

static int resolve_excluded(struct scope *scope, struct reader *reader, const struct filter *filter,
                            struct err *err)
{
    if (filter->excluded_count == 0)
        return 0;
    scope->excluded = calloc(filter->excluded_count, sizeof *scope->excluded);
    scope->has_excluded = calloc(filter->excluded_count, sizeof *scope->has_excluded);
    if (scope->excluded == NULL || scope->has_excluded == NULL)
        return err_set(err, "%s: cannot read: out of memory", reader_path(reader));
    for (size_t i = 0; i < filter->excluded_count; i++) {
        int found = find_path(&scope->excluded[scope->excluded_count], reader, filter,
                              filter->excluded[i], err);
        if (found < 0)
            return -1;
        struct scope_range *range = &scope->excluded[scope->excluded_count];
        if (found == 1 && range->last > scope->directories)
            range->last = scope->directories;
        scope->has_excluded[i] = found == 1;
        scope->excluded_count += (size_t)found;
    }
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

/* 4294967295 is (uid_t)-1, which owns nothing. */
static int parse_number(int64_t *out, const char *option, const char *text, struct err *err)
{
    errno = 0;
    unsigned long long number = strtoull(text, NULL, 10);
    if (errno != 0 || number > 4294967294)
        return err_usage(err, "%s: %s is not an owner; the largest is 4294967294", option, text);
    *out = (int64_t)number;
    return 0;
}

/* known is set to whether anybody knows the name; text NULL: nobody is asked for. */
static int resolve_owner(int64_t *out, bool *known, struct reader *reader,
                         const struct names *names, const char *text, struct err *err)
{
    *out = -1;
    *known = true;
    if (text == NULL)
        return 0;
    if (*text != '\0' && text[strspn(text, "0123456789")] == '\0')
        return parse_number(out, names->option, text, err);
    struct reader_value value = {.type = READER_TEXT, .text = slice_from(text)};
    int found = ask(reader, names->sql, &value, 1, use_integer, out, err);
    if (found < 0)
        return -1;
    *known = found == 1 || names->system(out, text);
    return 0;
}

/* The day before the last scan that lies so far back; where the month has no such day, its last.
 * SQLite's own '-1 month' makes 3 March of 31 March: the second term is that month's last day. */
static const char day_before_scan[] =
    "WITH scan(day) AS (SELECT date(max(scan_timestamp), ?2) FROM scan_metadata) "
    "SELECT min(date(day, ?1), date(day, 'start of month', ?1, '+1 month', '-1 day')) FROM scan";

static int resolve_when(char out[16], struct reader *reader, const char *option,
                        const struct filter_when *when, struct err *err)
{
    out[0] = '\0';
    if (!when->given)
        return 0;
    if (when->date[0] != '\0') {
        snprintf(out, 16, "%s", when->date);
        return 0;
    }
    char months[32];
    char days[32];
    snprintf(months, sizeof months, "-%d months", when->months);
    snprintf(days, sizeof days, "-%d days", when->days);
    const struct reader_value values[] = {
        {.type = READER_TEXT, .text = slice_from(months)},
        {.type = READER_TEXT, .text = slice_from(days)},
    };
    if (ask(reader, day_before_scan, values, 2, use_day, out, err) < 0)
        return -1;
    if (out[0] == '\0')
        return err_set(err,
                       "%s: %s reaches before any date, or the database has no scan date; "
                       "give a date as YYYY-MM-DD",
                       reader_path(reader), option);
    return 0;
}

static int resolve_names(struct scope *scope, struct reader *reader, const struct filter *filter,
                         struct err *err)
{
    scope->by_name = filter->pattern_count > 0;
    if (!scope->by_name || !scope->has_path)
        return 0;
    return names_find(&scope->named, reader, filter, scope, err);
}

int scope_resolve(struct scope *out, struct reader *reader, const struct filter *filter,
                  struct err *err)
{
    *out = (struct scope){0};
    /* The ids are numbered from 1 without gaps, so the last is their number. */
    if (ask(reader, "SELECT ifnull(max(dir_id), 0) FROM directories", NULL, 0, use_integer,
            &out->directories, err) < 0 ||
        resolve_prefix(out, reader, filter, err) != 0 ||
        resolve_excluded(out, reader, filter, err) != 0 ||
        resolve_owner(&out->owner_uid, &out->has_owner, reader, &user_names, filter->owner, err) ||
        resolve_owner(&out->owner_gid, &out->has_group, reader, &group_names, filter->group, err) ||
        resolve_when(out->accessed_before, reader, "--accessed-before", &filter->accessed_before,
                     err) != 0 ||
        resolve_when(out->accessed_after, reader, "--accessed-after", &filter->accessed_after,
                     err) != 0 ||
        resolve_names(out, reader, filter, err) != 0) {
        scope_free(out);
        return -1;
    }
    return 0;
}

void scope_free(struct scope *scope)
{
    free(scope->excluded);
    free(scope->has_excluded);
    scope->excluded = NULL;
    scope->has_excluded = NULL;
    scope->excluded_count = 0;
}
