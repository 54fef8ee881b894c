/* logname: sites name their logs DATE_HOST_FILESYSTEM.what.ever. Reentrant. */
#include "logname.h"

#include "clock.h"
#include "num.h"

enum { DATE_LEN = 8 }; /* YYYYMMDD */

struct slice logname_base(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slice_from(slash == NULL ? path : slash + 1);
}

static bool begins_with_date(struct slice name)
{
    if (name.len <= DATE_LEN || name.ptr[DATE_LEN] != '_')
        return false;
    for (int i = 0; i < DATE_LEN; i++)
        if (!num_is_digit(name.ptr[i]))
            return false;
    return true;
}

static struct slice without_first(struct slice text, size_t bytes)
{
    return (struct slice){text.ptr + bytes, text.len - bytes};
}

struct slice logname_filesystem(const char *path)
{
    struct slice name = logname_base(path);
    const char *dot = memchr(name.ptr, '.', name.len);
    if (dot != NULL)
        name.len = (size_t)(dot - name.ptr);
    if (!begins_with_date(name))
        return name;
    name = without_first(name, DATE_LEN + 1);
    const char *underscore = memchr(name.ptr, '_', name.len);
    return underscore == NULL ? name : without_first(name, (size_t)(underscore - name.ptr) + 1);
}

static int digits(const char *at, int count)
{
    int value = 0;
    for (int i = 0; i < count; i++)
        value = value * 10 + (at[i] - '0');
    return value;
}

bool logname_date(const char *path, int64_t *instant)
{
    struct slice name = logname_base(path);
    if (!begins_with_date(name))
        return false;
    int year = digits(name.ptr, 4);
    int month = digits(name.ptr + 4, 2);
    int day = digits(name.ptr + 6, 2);
    if (!clock_date_exists(year, month, day))
        return false;
    *instant = clock_from_date(year, month, day);
    return true;
}
