/* federation: everything that is said about names that nobody knows is said here, once. One thread.
 */
#include "federation.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "filter.h"
#include "reader.h"

__attribute__((format(printf, 2, 3))) static void tell(const struct federation *federation,
                                                       const char *format, ...)
{
    char line[4096];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    err_make_printable(line);
    federation->tell(federation->context, line);
}

static int no_memory(struct err *err)
{
    err_set(err, "query: out of memory");
    return -1;
}

int federation_leave_out(struct federation *federation, size_t i, struct err *err)
{
    if (federation->count == 1 || federation->all_needed || err->status == ERR_USAGE)
        return -1;
    federation->tell(federation->context, err->text);
    *err = (struct err){0};
    federation->parts[i].left_out = true;
    if (++federation->left_out == federation->count)
        return err_set(err, "all databases: none can be read");
    return 0;
}

static int read_filesystem(char **out, struct reader *reader, struct err *err)
{
    struct reader_rows *rows;
    *out = NULL;
    if (reader_run(&rows, reader, "SELECT max(filesystem) FROM scan_metadata", NULL, 0, err) != 0)
        return -1;
    int found = reader_rows_next(rows, err);
    if (found == 1 && !reader_rows_is_null(rows, 0)) {
        struct slice name = reader_rows_text(rows, 0);
        *out = strndup(name.ptr == NULL ? "" : name.ptr, name.len);
        if (*out == NULL)
            found = no_memory(err);
    }
    reader_rows_close(rows);
    return found < 0 ? -1 : 0;
}

/* Reports databases of one file system: what they hold is counted more than once. */
static int tell_doubles(struct federation *federation, struct err *err)
{
    char **names = calloc(federation->count, sizeof *names);
    int status = names == NULL ? no_memory(err) : 0;
    for (size_t i = 0; i < federation->count && status == 0; i++) {
        if (federation->parts[i].left_out)
            continue;
        if (read_filesystem(&names[i], federation->parts[i].reader, err) != 0)
            status = federation_leave_out(federation, i, err);
        for (size_t k = 0; k < i && status == 0; k++) {
            if (names[i] == NULL || names[k] == NULL || strcmp(names[i], names[k]) != 0)
                continue;
            tell(federation,
                 "%s and %s: both hold the file system %s, and their figures are added together; "
                 "name one of them",
                 federation->parts[k].path, federation->parts[i].path, names[i]);
            break;
        }
    }
    for (size_t i = 0; names != NULL && i < federation->count; i++)
        free(names[i]);
    free(names);
    return status;
}

int federation_open(struct federation *federation, char *const *paths, char *const *names,
                    size_t count, struct err *err)
{
    federation->parts = calloc(count, sizeof *federation->parts);
    if (federation->parts == NULL)
        return no_memory(err);
    federation->count = count;
    for (size_t i = 0; i < count; i++) {
        federation->parts[i].path = paths[i];
        federation->parts[i].name = names[i];
        if (reader_open(&federation->parts[i].reader, paths[i], err) != 0 &&
            federation_leave_out(federation, i, err) != 0)
            return -1;
    }
    return count > 1 && !federation->all_needed && !federation->apart
               ? tell_doubles(federation, err)
               : 0;
}

void federation_close(struct federation *federation)
{
    for (size_t i = 0; i < federation->count; i++) {
        scope_dispose(&federation->parts[i].scope);
        reader_close(federation->parts[i].reader);
    }
    free(federation->parts);
    *federation = (struct federation){0};
}

/* What the databases together are called in a message. */
static const char *asked(const struct federation *federation)
{
    return federation->count == 1 ? federation->parts[0].path : "all databases";
}

/* ---- Names that nobody knows ---- */

/* Which of a scope's names are known. */
typedef const bool *known_list(const struct scope *scope);

static const bool *known_prefixes(const struct scope *scope)
{
    return scope->has_prefix;
}

static const bool *known_excluded(const struct scope *scope)
{
    return scope->has_excluded;
}

static const bool *known_owners(const struct scope *scope)
{
    return scope->owners.known;
}

static const bool *known_groups(const struct scope *scope)
{
    return scope->groups.known;
}

static bool is_known(const struct federation *federation, known_list *list, size_t name)
{
    for (size_t i = 0; i < federation->count; i++)
        if (!federation->parts[i].left_out && list(&federation->parts[i].scope)[name])
            return true;
    return false;
}

static int check_accounts(const struct federation *federation, known_list *list, const char *kind,
                          const char *const *names, size_t count, struct err *err)
{
    for (size_t i = 0; i < count; i++)
        if (!is_known(federation, list, i))
            return err_set(err, "%s: no %s %s, and this host has none either; give the number",
                           asked(federation), kind, names[i]);
    return 0;
}

/* A path to leave out that was mistyped leaves nothing out. */
static void tell_unknown_excluded(const struct federation *federation, const struct filter *filter)
{
    for (size_t i = filter->standing_count; i < filter->excluded_count; i++)
        if (!is_known(federation, known_excluded, i))
            tell(federation, "%s: no directory %.*s to exclude", asked(federation),
                 (int)filter->excluded[i].len, filter->excluded[i].ptr);
}

static int fail_unknown_prefix(struct federation *federation, struct slice path, struct err *err)
{
    struct slice nearest = {NULL, 0};
    const char *where = federation->count == 1 ? "not in this database" : "in none of them";
    for (size_t i = 0; i < federation->count && nearest.ptr == NULL; i++)
        if (!federation->parts[i].left_out &&
            scope_nearest(&nearest, federation->parts[i].reader, path, err) != 0)
            return -1;
    if (nearest.ptr == NULL)
        err_set(err, "%s: no directory %.*s; it is %s", asked(federation), (int)path.len, path.ptr,
                where);
    else
        err_set(err, "%s: no directory %.*s; it is %s, the nearest above it is %.*s",
                asked(federation), (int)path.len, path.ptr, where, (int)nearest.len, nearest.ptr);
    free((char *)nearest.ptr);
    return -1;
}

/* A prefix that is no directory's path may be the beginning of some. */
static int resolve_beginning(struct federation *federation, const struct filter *filter, size_t p,
                             struct err *err)
{
    struct slice path = filter->prefixes[p];
    for (size_t i = 0; i < federation->count; i++) {
        struct federation_part *part = &federation->parts[i];
        if (!part->left_out &&
            scope_resolve_beginning(&part->scope, part->reader, filter, p, err) != 0 &&
            federation_leave_out(federation, i, err) != 0)
            return -1;
    }
    if (!is_known(federation, known_prefixes, p))
        return fail_unknown_prefix(federation, path, err);
    tell(federation, "--path-prefix: no directory %.*s; taking those whose paths begin so",
         (int)path.len, path.ptr);
    return 0;
}

int federation_resolve(struct federation *federation, const struct filter *filter, struct err *err)
{
    for (size_t i = 0; i < federation->count; i++) {
        struct federation_part *part = &federation->parts[i];
        scope_dispose(&part->scope);
        if (!part->left_out && scope_resolve(&part->scope, part->reader, filter, err) != 0 &&
            federation_leave_out(federation, i, err) != 0)
            return -1;
    }
    for (size_t p = 0; p < filter->prefix_count; p++)
        if (!is_known(federation, known_prefixes, p) &&
            resolve_beginning(federation, filter, p, err) != 0)
            return -1;
    if (check_accounts(federation, known_owners, "user", filter->owners, filter->owner_count,
                       err) != 0 ||
        check_accounts(federation, known_groups, "group", filter->groups, filter->group_count,
                       err) != 0)
        return -1;
    tell_unknown_excluded(federation, filter);
    for (size_t i = 0; i < federation->count; i++)
        if (!federation->parts[i].left_out &&
            scope_settle(&federation->parts[i].scope, filter, err) != 0)
            return -1;
    return 0;
}

bool federation_concerns(const struct federation *federation, size_t i)
{
    const struct federation_part *part = &federation->parts[i];
    return !part->left_out && scope_concerns(&part->scope);
}

struct scan federation_scan(const struct federation *federation, size_t i,
                            const struct filter *filter)
{
    const struct federation_part *part = &federation->parts[i];
    return (struct scan){.reader = part->reader,
                         .filter = filter,
                         .scope = &part->scope,
                         .threads = federation->threads,
                         .blocks_a_thread = federation->blocks_a_thread};
}
