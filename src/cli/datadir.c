/* datadir: the data directory, which both programs must find in the same place. */
#include "datadir.h"

#include "err.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int join(char out[DATADIR_PATH], const char *directory, const char *rest, struct err *err)
{
    int length = snprintf(out, DATADIR_PATH, "%s%s", directory, rest);
    if (length < 0 || length >= DATADIR_PATH)
        return err_set(err, "%s%s: the path is too long", directory, rest);
    return 0;
}

static const char *setting(const char *name)
{
    const char *value = getenv(name);
    return value != NULL && *value != '\0' ? value : NULL;
}

int datadir_path(char out[DATADIR_PATH], const char *given, struct err *err)
{
    if (given != NULL && *given != '\0')
        return join(out, given, "", err);
    const char *own = setting("FSTALLY_DATA_DIR");
    if (own != NULL)
        return join(out, own, "", err);
    /* The XDG base directory specification has relative paths ignored. */
    const char *data_home = setting("XDG_DATA_HOME");
    if (data_home != NULL && *data_home == '/')
        return join(out, data_home, "/fstally", err);
    const char *home = setting("HOME");
    if (home != NULL)
        return join(out, home, "/.local/share/fstally", err);
    return err_set(err, "data directory: neither HOME nor XDG_DATA_HOME is set; "
                        "set FSTALLY_DATA_DIR");
}

int datadir_database(char out[DATADIR_PATH], const char *directory, const char *filesystem,
                     struct err *err)
{
    if (*filesystem == '\0' || *filesystem == '.' || strchr(filesystem, '/') != NULL)
        return err_usage(err,
                         "'%s': not a file system's name; it may not be empty, begin with a "
                         "dot or hold a slash",
                         filesystem);
    if (strcmp(filesystem, "all") == 0)
        return err_usage(err, "'all': not a file system's name; it stands for all databases");
    int length = snprintf(out, DATADIR_PATH, "%s/%s.db", directory, filesystem);
    if (length < 0 || length >= DATADIR_PATH)
        return err_set(err, "%s/%s.db: the path is too long", directory, filesystem);
    return 0;
}

static bool is_database(const char *name)
{
    size_t length = strlen(name);
    return *name != '.' && length > 3 && strcmp(name + length - 3, ".db") == 0;
}

static int by_bytes(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static int append(char ***list, size_t *count, const char *directory, const char *name)
{
    char **longer = realloc(*list, (*count + 1) * sizeof *longer);
    if (longer == NULL)
        return -1;
    *list = longer;
    size_t size = strlen(directory) + strlen(name) + 2;
    char *path = malloc(size);
    if (path == NULL)
        return -1;
    snprintf(path, size, "%s/%s", directory, name);
    longer[(*count)++] = path;
    return 0;
}

static int read_names(char ***list, size_t *count, const char *directory, DIR *stream,
                      struct err *err)
{
    for (;;) {
        errno = 0;
        const struct dirent *entry = readdir(stream);
        if (entry == NULL && errno != 0)
            return err_set(err, "%s: cannot list: %s", directory, strerror(errno));
        if (entry == NULL)
            return 0;
        if (is_database(entry->d_name) && append(list, count, directory, entry->d_name) != 0)
            return err_set(err, "%s: cannot list: out of memory", directory);
    }
}

int datadir_list(char ***out, size_t *count, const char *directory, struct err *err)
{
    char **list = NULL;
    size_t found = 0;
    DIR *stream = opendir(directory);
    if (stream == NULL && errno != ENOENT)
        return err_set(err, "%s: cannot list: %s", directory, strerror(errno));
    int status = stream == NULL ? 0 : read_names(&list, &found, directory, stream, err);
    if (stream != NULL)
        closedir(stream);
    if (status == 0 && found == 0)
        status = err_set(err, "%s: no databases; make one with fstally-import", directory);
    if (status != 0) {
        datadir_free(list, found);
        return -1;
    }
    qsort(list, found, sizeof *list, by_bytes);
    *out = list;
    *count = found;
    return 0;
}

void datadir_free(char **list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(list[i]);
    free(list);
}
