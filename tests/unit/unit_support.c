/* unit_support: files for tests. A test that works inside its own folder cannot meet another one's
 * files, nor leave any behind. The thread that runs the test. */
#include "unit_support.h"

#include <dirent.h>
#include <ftw.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

int unit_support_enter(void **state)
{
    const char *temporary = getenv("TMPDIR");
    char *folder = malloc(PATH_MAX);
    if (folder == NULL)
        return -1;
    snprintf(folder, PATH_MAX, "%s/fstally-unit-XXXXXX", temporary == NULL ? "/tmp" : temporary);
    *state = folder;
    return mkdtemp(folder) != NULL && chdir(folder) == 0 ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *walk)
{
    (void)info;
    (void)kind;
    (void)walk;
    return remove(path);
}

int unit_support_leave(void **state)
{
    enum { OPEN_FOLDERS = 16 };
    int status = chdir("/");
    status |= nftw(*state, remove_one, OPEN_FOLDERS, FTW_DEPTH | FTW_PHYS);
    free(*state);
    return status;
}

void unit_support_write(const char *path, const char *bytes, size_t len)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
}

void unit_support_write_text(const char *path, const char *text)
{
    unit_support_write(path, text, strlen(text));
}

char *unit_support_read(const char *path, size_t *len)
{
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    size_t size = (size_t)ftell(file);
    rewind(file);
    char *bytes = malloc(size + 1);
    assert_non_null(bytes);
    assert_int_equal(fread(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
    bytes[size] = '\0';
    if (len != NULL)
        *len = size;
    return bytes;
}

int unit_support_exists(const char *path)
{
    return access(path, F_OK) == 0;
}

size_t unit_support_count_files(void)
{
    DIR *folder = opendir(".");
    assert_non_null(folder);
    size_t count = 0;
    for (const struct dirent *entry; (entry = readdir(folder)) != NULL;)
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    closedir(folder);
    return count;
}
