/* datadir: the data directory, which both programs must find in the same place. */
#include "datadir.h"

#include "err.h"
#include "slice.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* directory + middle + end. */
static int join(char out[DATADIR_PATH], const char *directory, const char *middle, const char *end,
                struct err *err)
{
    int length = snprintf(out, DATADIR_PATH, "%s%s%s", directory, middle, end);
    if (length < 0 || length >= DATADIR_PATH)
        return err_set(err, "%s%s%s: the path is too long", directory, middle, end);
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
        return join(out, given, "", "", err);
    const char *own = setting("FSTALLY_DATA_DIR");
    if (own != NULL)
        return join(out, own, "", "", err);
    /* The XDG base directory specification has relative paths ignored. */
    const char *data_home = setting("XDG_DATA_HOME");
    if (data_home != NULL && *data_home == '/')
        return join(out, data_home, "/fstally", "", err);
    const char *home = setting("HOME");
    if (home != NULL)
        return join(out, home, "/.local/share/fstally", "", err);
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
        return err_usage(err, "'all': not a file system's name; it means all databases");
    int length = snprintf(out, DATADIR_PATH, "%s/%s.db", directory, filesystem);
    if (length < 0 || length >= DATADIR_PATH)
        return err_set(err, "%s/%s.db: the path is too long", directory, filesystem);
    return 0;
}

static bool ends_in_db(const char *name)
{
    size_t length = strlen(name);
    return length > 3 && strcmp(name + length - 3, ".db") == 0;
}

static char *name_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *base = slash == NULL ? path : slash + 1;
    size_t length = strlen(base);
    return strndup(base, ends_in_db(base) ? length - 3 : length);
}

/* Adds a database, with a copy of its path. */
static int append(struct datadir_choice *choice, const char *path, struct err *err)
{
    char **paths = realloc(choice->paths, (choice->count + 1) * sizeof *paths);
    if (paths != NULL)
        choice->paths = paths;
    char **names = realloc(choice->names, (choice->count + 1) * sizeof *names);
    if (names != NULL)
        choice->names = names;
    char *copy = strdup(path);
    char *name = name_of(path);
    if (paths == NULL || names == NULL || copy == NULL || name == NULL) {
        free(copy);
        free(name);
        return err_set(err, "%s: out of memory", path);
    }
    paths[choice->count] = copy;
    names[choice->count++] = name;
    return 0;
}

static int is_listed(const struct dirent *entry)
{
    return entry->d_name[0] != '.' && ends_in_db(entry->d_name);
}

/* By the names without .db: with it `a-b.db` would come before `a.db`. */
static int by_name(const struct dirent **a, const struct dirent **b)
{
    struct slice left = slice_from((*a)->d_name);
    struct slice right = slice_from((*b)->d_name);
    left.len -= 3;
    right.len -= 3;
    return slice_compare(left, right);
}

/* A name of a file. */
struct name {
    struct stat file; /* st_nlink 0: there is none; reported when it is opened */
    bool is_link;
};

static bool is_same_file(const struct stat *a, const struct stat *b)
{
    return a->st_nlink > 0 && b->st_nlink > 0 && a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

static int look_at_names(struct name **out, char *const *paths, size_t count, struct err *err)
{
    struct name *names = calloc(count + 1, sizeof *names);
    if (names == NULL) {
        err_set(err, "databases: out of memory");
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        struct stat link;
        if (stat(paths[i], &names[i].file) != 0)
            names[i].file.st_nlink = 0;
        names[i].is_link = lstat(paths[i], &link) == 0 && S_ISLNK(link.st_mode);
    }
    *out = names;
    return 0;
}

/* Whether a file has another name that counts: one that is no link, or the first. */
static bool has_better_name(const struct name *names, size_t count, size_t i)
{
    for (size_t j = 0; j < count; j++)
        if (j != i && is_same_file(&names[i].file, &names[j].file) &&
            (names[i].is_link == names[j].is_link ? j < i : names[i].is_link))
            return true;
    return false;
}

/* Keeps one name of each file among the databases from `begin` on. */
static int keep_one_name(struct datadir_choice *choice, size_t begin, struct err *err)
{
    struct name *names;
    size_t count = choice->count - begin;
    size_t kept = begin;
    if (look_at_names(&names, choice->paths + begin, count, err) != 0)
        return -1;
    for (size_t i = 0; i < count; i++) {
        if (has_better_name(names, count, i)) {
            free(choice->paths[begin + i]);
            free(choice->names[begin + i]);
            continue;
        }
        choice->paths[kept] = choice->paths[begin + i];
        choice->names[kept++] = choice->names[begin + i];
    }
    choice->count = kept;
    free(names);
    return 0;
}

static int choose_all(struct datadir_choice *choice, const char *directory, struct err *err)
{
    struct dirent **entries;
    int count = scandir(directory, &entries, is_listed, by_name);
    if (count == 0 || (count < 0 && errno == ENOENT)) {
        if (count == 0)
            free(entries);
        return err_set(err, "%s: no databases; make one with fstally-import", directory);
    }
    if (count < 0)
        return err_set(err, "%s: cannot list: %s", directory, strerror(errno));
    int status = 0;
    size_t begin = choice->count;
    for (int i = 0; i < count; i++) {
        char path[DATADIR_PATH];
        if (status == 0)
            status = join(path, directory, "/", entries[i]->d_name, err);
        if (status == 0)
            status = append(choice, path, err);
        free(entries[i]);
    }
    free(entries);
    return status != 0 ? -1 : keep_one_name(choice, begin, err);
}

static int choose_named(struct datadir_choice *choice, const char *directory, const char *what,
                        struct err *err)
{
    char path[DATADIR_PATH];
    if (datadir_database(path, directory, what, err) != 0)
        return -1;
    return append(choice, path, err);
}

static int choose_one(struct datadir_choice *choice, const char *given, const char *name,
                      struct err *err)
{
    char directory[DATADIR_PATH];
    if (strchr(name, '/') != NULL || ends_in_db(name))
        return append(choice, name, err);
    if (datadir_path(directory, given, err) != 0)
        return -1;
    if (strcmp(name, "all") == 0)
        return choose_all(choice, directory, err);
    return choose_named(choice, directory, name, err);
}

/* Two names of one file would have it counted twice. */
static int refuse_twice(const struct datadir_choice *choice, struct err *err)
{
    struct name *names;
    int status = 0;
    if (look_at_names(&names, choice->paths, choice->count, err) != 0)
        return -1;
    for (size_t i = 0; i < choice->count && status == 0; i++)
        for (size_t j = 0; j < i && status == 0; j++)
            if (is_same_file(&names[i].file, &names[j].file))
                status = err_usage(err, "%s: is named twice", choice->paths[i]);
    free(names);
    return status;
}

int datadir_choose(struct datadir_choice *out, const char *given, char *const *names, size_t count,
                   struct err *err)
{
    static char all[] = "all";
    char *const everything[] = {all};
    *out = (struct datadir_choice){0};
    if (count == 0) {
        names = everything;
        count = 1;
    }
    int status = 0;
    for (size_t i = 0; i < count && status == 0; i++)
        status = choose_one(out, given, names[i], err);
    if (status == 0)
        status = refuse_twice(out, err);
    if (status != 0)
        datadir_forget(out);
    return status;
}

void datadir_forget(struct datadir_choice *choice)
{
    for (size_t i = 0; i < choice->count; i++) {
        free(choice->paths[i]);
        free(choice->names[i]);
    }
    free(choice->paths);
    free(choice->names);
    *choice = (struct datadir_choice){0};
}
