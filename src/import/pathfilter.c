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

static char *copy_text(const char *text)
{
    char *copy = mem_new(strlen(text) + 1);
    memcpy(copy, text, strlen(text));
    return copy;
}

static struct pattern pattern_of(const char *text)
{
    if (strchr(text, '/') == NULL)
        return (struct pattern){KIND_NAME_GLOB, copy_text(text)};
    if (*text == '/' && strpbrk(text, "*?[\\") == NULL)
        return (struct pattern){KIND_DIRECTORY, fold(text)};
    return (struct pattern){KIND_PATH_GLOB, copy_text(text)};
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

/* Whether the folded path is the folded directory or below it. */
static bool is_in(const char *directory, const char *path)
{
    size_t len = strlen(directory);
    if (len == 1)
        return true; /* all is in `/` */
    return strncmp(path, directory, len) == 0 && (path[len] == '/' || path[len] == '\0');
}

static bool matches(const struct pattern *pattern, const char *path, const char *name)
{
    if (pattern->kind == KIND_DIRECTORY)
        return strcmp(pattern->text, path) == 0;
    return fnmatch(pattern->text, pattern->kind == KIND_NAME_GLOB ? name : path, 0) == 0;
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
 * path is cut and mended on the way. */
static bool is_excluded(const struct pathfilter *filter, char *path, size_t known)
{
    char *name = path + known + 1;
    if (known == 0 && any_matches(filter, "/", "/"))
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

enum pathfilter_answer pathfilter_ask(const struct pathfilter *filter, struct pathfilter_memo *memo,
                                      struct slice path)
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
    if (filter->root != NULL && !is_in(filter->root, memo->path)) {
        /* Above the root is what the root is in, and what lies directly in such a directory. */
        bool is_above = is_in(memo->path, filter->root);
        return is_above ? PATHFILTER_ABOVE : PATHFILTER_OUTSIDE;
    }
    if (filter->under != NULL && !is_in(filter->under, memo->path))
        return PATHFILTER_OUTSIDE;
    if (filter->count == 0)
        return PATHFILTER_COUNT;
    if (is_excluded(filter, memo->path, known))
        return PATHFILTER_EXCLUDED;
    memo->parent_len = (size_t)(strrchr(memo->path, '/') - memo->path);
    return PATHFILTER_COUNT;
}

void pathfilter_memo_dispose(struct pathfilter_memo *memo)
{
    free(memo->path);
    *memo = (struct pathfilter_memo){.path = NULL};
}
