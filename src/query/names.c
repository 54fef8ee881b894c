/* names: patterns put to the names of directories a block at a time.
 *
 * A GLOB pattern costs 40 to 150 ns a name, most of it to find out that the name is not alike. So
 * the longest run of plain letters in it is looked for first, through a whole block as if it were
 * one text, and only a name that holds it is shown to the pattern: as SQLite's own function has it,
 * so that an answer is the one that SQL would give. Only ASCII counts as plain: SQLite takes
 * different bytes for the same character where they are not UTF-8. One thread. */
#include "names.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "filter.h"
#include "idset.h"
#include "reader.h"
#include "schema.h"
#include "scope.h"

struct pattern {
    char *glob;         /* owned; folded where case is ignored */
    struct slice plain; /* in glob: the longest run that a name must hold; none where it is empty */
    bool simple;        /* the pattern is that run, but for stars before and behind it: */
    bool open_begin;
    bool open_end;
    const char *tail; /* what follows a star that is the only one, all of it ASCII; else NULL */
    size_t tail_len;  /* the characters that it matches */
};

struct finder {
    struct pattern *patterns;
    size_t count;
    bool ignore_case;
    char *folded; /* the block in lower case */
    size_t room;
    struct idset found;
    int64_t next_id; /* the first directory whose name has not been seen */
};

static int out_of_memory(struct err *err)
{
    return err_set(err, "--name-pattern: out of memory");
}

/* ---- Patterns ---- */

/* As SQLite's lower(): ASCII letters only, whatever the locale. */
static void fold(char *out, const char *in, size_t len)
{
    for (size_t i = 0; i < len; i++)
        out[i] = (char)(in[i] >= 'A' && in[i] <= 'Z' ? in[i] + ('a' - 'A') : in[i]);
}

/* What follows the set that begins here: the first ] ends it, but one right behind [ or [^ does
 * not. */
static const char *skip_set(const char *at)
{
    at++;
    if (*at == '^')
        at++;
    if (*at == ']')
        at++;
    while (*at != '\0' && *at != ']')
        at++;
    return *at == '\0' ? at : at + 1;
}

static bool is_ascii_byte(char byte)
{
    return (unsigned char)byte < 0x80;
}

static bool is_plain(char byte)
{
    return byte != '\0' && is_ascii_byte(byte) && byte != '*' && byte != '?' && byte != '[';
}

static void find_plain(struct pattern *pattern)
{
    const char *at = pattern->glob;
    pattern->plain = (struct slice){at, 0};
    while (*at != '\0') {
        const char *begin = at;
        while (is_plain(*at))
            at++;
        if ((size_t)(at - begin) > pattern->plain.len)
            pattern->plain = (struct slice){begin, (size_t)(at - begin)};
        if (*at == '[')
            at = skip_set(at);
        else if (*at != '\0')
            at++;
    }
    const char *plain_end = pattern->plain.ptr + pattern->plain.len;
    size_t before = strspn(pattern->glob, "*");
    size_t behind = strspn(plain_end, "*");
    pattern->simple = pattern->plain.len > 0 && pattern->glob + before == pattern->plain.ptr &&
                      plain_end[behind] == '\0';
    pattern->open_begin = before > 0;
    pattern->open_end = behind > 0;
}

static void find_tail(struct pattern *pattern)
{
    const char *at = pattern->glob + strspn(pattern->glob, "*");
    if (at == pattern->glob)
        return;
    pattern->tail = at;
    for (; *at != '\0'; pattern->tail_len++) {
        if (*at == '*' || !is_ascii_byte(*at)) {
            pattern->tail = NULL;
            return;
        }
        at = *at == '[' ? skip_set(at) : at + 1;
    }
}

static bool is_ascii(const char *bytes, size_t len)
{
    unsigned char all = 0;
    for (size_t i = 0; i < len; i++)
        all |= (unsigned char)bytes[i];
    return all < 0x80;
}

/* As the pattern has it, but asks only for the end of the name where that is all that matters: a
 * star before tries the rest of the pattern at each byte, some 300 ns a name. */
static bool matches_glob(const struct pattern *pattern, struct slice name)
{
    if (pattern->tail == NULL)
        return reader_glob(pattern->glob, name.ptr);
    if (name.len < pattern->tail_len)
        return false;
    const char *end = name.ptr + name.len - pattern->tail_len;
    bool bytes_are_characters = is_ascii(end, pattern->tail_len);
    return reader_glob(bytes_are_characters ? pattern->tail : pattern->glob,
                       bytes_are_characters ? end : name.ptr);
}

/* The name holds the pattern's run, and has a NUL behind it. */
static bool matches(const struct pattern *pattern, struct slice name)
{
    const struct slice plain = pattern->plain;
    if (!pattern->simple)
        return matches_glob(pattern, name);
    if (pattern->open_begin && pattern->open_end)
        return true;
    if (!pattern->open_begin && !pattern->open_end)
        return name.len == plain.len;
    const char *at = pattern->open_begin ? name.ptr + name.len - plain.len : name.ptr;
    return memcmp(at, plain.ptr, plain.len) == 0;
}

/* ---- Blocks ---- */

/* Puts a pattern to the names from first_id on. `names` ends with a NUL. */
static void search(struct finder *finder, const struct pattern *pattern, struct slice names,
                   int64_t first_id)
{
    const char *at = names.ptr;
    const char *end = names.ptr + names.len;
    for (int64_t id = first_id; at < end && id <= finder->found.last; id++) {
        const char *nul = memchr(at, '\0', (size_t)(end - at));
        if (pattern->plain.len > 0) {
            const char *hit =
                memmem(at, (size_t)(end - at), pattern->plain.ptr, pattern->plain.len);
            if (hit == NULL)
                return;
            for (; nul < hit; id++) {
                at = nul + 1;
                nul = memchr(at, '\0', (size_t)(end - at));
            }
        }
        if (matches(pattern, (struct slice){at, (size_t)(nul - at)}))
            idset_add(&finder->found, id);
        at = nul + 1;
    }
}

static int fold_block(struct finder *finder, struct slice *names, struct err *err)
{
    if (names->len > finder->room) {
        char *longer = realloc(finder->folded, 2 * names->len);
        if (longer == NULL)
            return out_of_memory(err);
        finder->folded = longer;
        finder->room = 2 * names->len;
    }
    fold(finder->folded, names->ptr, names->len);
    names->ptr = finder->folded;
    return 0;
}

static int damaged(const char *path, struct err *err)
{
    return err_set(err,
                   "%s: damaged database: its names are incomplete; import its logs afresh with "
                   "--replace",
                   path);
}

static int64_t count_names(struct slice names)
{
    int64_t count = 0;
    for (size_t i = 0; i < names.len; i++)
        count += names.ptr[i] == '\0';
    return count;
}

static int search_block(struct finder *finder, const struct reader_rows *rows, struct err *err)
{
    int64_t first_id = reader_rows_integer(rows, 0);
    struct slice names = reader_rows_bytes(rows, 1);
    if (first_id != finder->next_id || names.len == 0 || names.ptr[names.len - 1] != '\0')
        return damaged(reader_rows_path(rows), err);
    finder->next_id += count_names(names);
    if (finder->ignore_case && fold_block(finder, &names, err) != 0)
        return -1;
    for (size_t i = 0; i < finder->count; i++)
        search(finder, &finder->patterns[i], names, first_id);
    return 0;
}

static int search_all(struct finder *finder, struct reader *reader, const struct scope *scope,
                      struct err *err)
{
    static const char sql[] = "SELECT first_id, names FROM directory_names "
                              "WHERE first_id BETWEEN ?1 AND ?2";
    int64_t first = scope->under.first - (scope->under.first - 1) % SCHEMA_NAME_BLOCK;
    const struct reader_value values[] = {
        {.type = READER_INTEGER, .integer = first},
        {.type = READER_INTEGER, .integer = scope->under.last},
    };
    finder->next_id = values[0].integer;
    struct reader_rows *rows;
    if (reader_run(&rows, reader, sql, values, 2, err) != 0)
        return -1;
    int status;
    while ((status = reader_rows_next(rows, err)) == 1)
        if (search_block(finder, rows, err) != 0)
            break;
    reader_rows_close(rows);
    if (status == 0 && finder->next_id <= scope->under.last)
        return damaged(reader_path(reader), err);
    return status == 0 ? 0 : -1;
}

/* ---- The whole ---- */

static int take_patterns(struct finder *finder, const struct filter *filter, struct err *err)
{
    finder->ignore_case = filter->ignore_case;
    finder->patterns = calloc(filter->pattern_count, sizeof *finder->patterns);
    if (finder->patterns == NULL)
        return out_of_memory(err);
    for (size_t i = 0; i < filter->pattern_count; i++) {
        const struct slice text = filter->patterns[i];
        struct pattern *pattern = &finder->patterns[finder->count++];
        pattern->glob = strndup(text.ptr, text.len);
        if (pattern->glob == NULL)
            return out_of_memory(err);
        if (filter->ignore_case)
            fold(pattern->glob, pattern->glob, text.len);
        find_plain(pattern);
        find_tail(pattern);
    }
    return 0;
}

int names_find(int64_t *count, struct reader *reader, const struct filter *filter,
               const struct scope *scope, struct err *err)
{
    struct finder finder = {0};
    int status = take_patterns(&finder, filter, err);
    if (status == 0 && idset_init(&finder.found, scope->under.first, scope->under.last) != 0)
        status = out_of_memory(err);
    if (status == 0)
        status = search_all(&finder, reader, scope, err);
    *count = finder.found.count;
    if (status == 0)
        reader_set_named(reader, &finder.found);
    else
        idset_free(&finder.found);
    for (size_t i = 0; i < finder.count; i++)
        free(finder.patterns[i].glob);
    free(finder.patterns);
    free(finder.folded);
    return status;
}
