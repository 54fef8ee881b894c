/* cells: few are there at a time, most often at the end. Any thread. */
#include "cells.h"

#include <string.h>

#include "dirstat.h"

size_t cells_add(struct cells_count *cells, size_t count, const struct cells_count *more)
{
    size_t at = count;
    while (at > 0 && cells[at - 1].index > more->index)
        at--;
    if (at == 0 || cells[at - 1].index != more->index) {
        memmove(&cells[at + 1], &cells[at], (count - at) * sizeof *cells);
        cells[at] = *more;
        return count + 1;
    }
    struct cells_count *into = &cells[at - 1];
    into->files = dirstat_sum(into->files, more->files);
    into->size = dirstat_sum(into->size, more->size);
    return count;
}
