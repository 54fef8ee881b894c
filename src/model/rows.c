/* rows: looking for a place among them. Any thread. */
#include "rows.h"

size_t rows_first_usage(const struct rows *rows, int64_t dir_id)
{
    size_t begin = 0;
    size_t end = rows->usages;
    while (begin < end) {
        size_t middle = begin + (end - begin) / 2;
        struct rows_usage usage;
        rows->usage(rows->state, middle, &usage);
        if (usage.dir_id < dir_id)
            begin = middle + 1;
        else
            end = middle;
    }
    return begin;
}
