/* pathfilter: paths are folded into a copy, which fnmatch(3) needs anyway, because it asks for a
 * NUL. Entries of one directory follow each other: where a directory and all above it are known not
 * to be excluded, only the whole path of the next entry in it is matched. */
#include "pathfilter.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "pathname.h"

enum kind { KIND_DIRECTORY, KIND_PATH_GLOB, KIND_NAME_GLOB };

struct pattern {
    enum kind kind;
    char *text; /* KIND_DIRECTORY: folded */
};

struct pathfilter {
    char *under; /* folded; NULL: none */
    char *root;
    size_t count;
    struct pattern pattern[];
};

/* A folded copy with a NUL. */
static char *fold(const char *path)
{
    char *copy = mem_new(strlen(path) + 1);
    copy[pathname_fold(slice_from(path), copy)] = '\0';
    return copy;
}

static struct pattern pattern_of(const char *text)
{
    char *pattern = mem_text(text);
    size_t len = strlen(pattern);
    while (len > 1 && pattern[len - 1] == '/') /* `.snapshots/` means the directory */
        pattern[--len] = '\0';
    if (strchr(pattern, '/') == NULL)
        return (struct pattern){KIND_NAME_GLOB, pattern};
    if (*pattern != '/' || strpbrk(pattern, "*?[\\") != NULL)
        return (struct pattern){KIND_PATH_GLOB, pattern};
    free(pattern);
    return (struct pattern){KIND_DIRECTORY, fold(text)};
}

struct pathfilter *pathfilter_new(const struct pathfilter_options *options)
{
    if (options->under == NULL && options->root == NULL && options->exclude_count == 0)
        return NULL;
    struct pathfilter *filter =
        mem_new(sizeof *filter + options->exclude_count * sizeof filter->pattern[0]);
    filter->under = options->under == NULL ? NULL : fold(options->under);
    filter->root = options->root == NULL ? NULL : fold(options->root);
    filter->count = options->exclude_count;
    for (size_t i = 0; i < filter->count; i++)
        filter->pattern[i] = pattern_of(options->excludes[i]);
    return filter;
}

void pathfilter_free(struct pathfilter *filter)
{
    if (filter == NULL)
        return;
    for (size_t i = 0; i < filter->count; i++)
        free(filter->pattern[i].text);
    free(filter->under);
    free(filter->root);
    free(filter);
}

struct slice pathfilter_root(const struct pathfilter *filter)
{
    if (filter == NULL || filter->root == NULL)
        return (struct slice){NULL, 0};
    return slice_from(filter->root);
}

/* `name` is NULL for `/`, which has none. */
static bool matches(const struct pattern *pattern, const char *path, const char *name)
{
    switch (pattern->kind) {
    case KIND_DIRECTORY:
        return strcmp(pattern->text, path) == 0;
    case KIND_PATH_GLOB:
        return fnmatch(pattern->text, path, 0) == 0;
    case KIND_NAME_GLOB:
        break;
    }
    return name != NULL && fnmatch(pattern->text, name, 0) == 0;
}

/* Whether a pattern matches exactly this path, whose last component is `name`. */
static bool any_matches(const struct pathfilter *filter, const char *path, const char *name)
{
    for (size_t i = 0; i < filter->count; i++)
        if (matches(&filter->pattern[i], path, name))
            return true;
    return false;
}

/* Whether the path or a directory above it is excluded, the first `known` bytes not looked at. The
 * path is temporarily cut, then restored. */
static bool is_excluded(const struct pathfilter *filter, char *path, size_t known)
{
    char *name = path + known + 1;
    if (known == 0 && any_matches(filter, "/", NULL))
        return true;
    for (char *slash = strchr(name, '/'); slash != NULL; slash = strchr(name, '/')) {
        *slash = '\0';
        bool matched = any_matches(filter, path, name);
        *slash = '/';
        if (matched)
            return true;
        name = slash + 1;
    }
    return *name != '\0' && any_matches(filter, path, name);
}

/* Whether an entry lies outside `top`, which may be NULL. */
static bool is_outside(const char *top, struct slice path, bool is_directory)
{
    return top != NULL && (!pathname_is_in(path, slice_from(top)) ||
                           (!is_directory && slice_equal(path, slice_from(top))));
}

enum pathfilter_answer pathfilter_ask(const struct pathfilter *filter, struct pathfilter_memo *memo,
                                      struct slice path, bool is_directory)
{
    if (memo->room <= path.len) {
        memo->room = path.len * 2 + 1;
        free(memo->path);
        memo->path = mem_new(memo->room);
        memo->parent_len = 0;
    }
    /* Where the entry lies in the directory of the one before, that is already in the copy. */
    size_t known = memo->parent_len;
    if (known == 0 || path.len <= known || memcmp(memo->path, path.ptr, known) != 0 ||
        path.ptr[known] != '/')
        known = 0;
    size_t len = pathname_fold(path, memo->path);
    memo->path[len] = '\0';
    memo->parent_len = 0;
    /* From here on only the copy counts: bytes of a mapped log may change at any time. */
    if (len <= known || memo->path[known] != '/')
        known = 0;
    struct slice folded = {memo->path, len};
    if (is_outside(filter->under, folded, is_directory))
        return PATHFILTER_OUTSIDE;
    if (is_outside(filter->root, folded, is_directory))
        return is_directory && pathname_is_in(slice_from(filter->root), folded)
                   ? PATHFILTER_ABOVE
                   : PATHFILTER_OUTSIDE;
    if (filter->count == 0)
        return PATHFILTER_COUNT;
    if (is_excluded(filter, memo->path, known))
        return PATHFILTER_EXCLUDED;
    const char *slash = strrchr(memo->path, '/');
    memo->parent_len = slash == NULL ? 0 : (size_t)(slash - memo->path);
    return PATHFILTER_COUNT;
}

void pathfilter_memo_dispose(struct pathfilter_memo *memo)
{
    free(memo->path);
    *memo = (struct pathfilter_memo){.path = NULL};
}
