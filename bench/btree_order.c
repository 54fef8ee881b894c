/* btree_order: sorts paths by a merge sort that leaves alone what is sorted already.
 *
 * Rows come in preorder, which is nearly the order of bytes: /a, /a/x, /a-b by the tree, but
 * /a, /a-b, /a/x by bytes, for the few bytes below '/'. So two sorted halves mostly need no
 * merging, or only around the cut between them. Pieces are sorted in parallel, then merged level by
 * level, pairs in parallel. */
#include "btree_order.h"

#include <stdbool.h>
#include <string.h>

#include "btree_fail.h"
#include "btree_rows.h"
#include "btree_workers.h"
#include "mem.h"
#include "slice.h"

enum {
    PIECE = 1 << 14, /* rows of a piece: a hundred pieces and more for the threads to take */
    SHORT = 16,      /* rows that are as well sorted by insertion */
};

struct sort {
    const struct btree_rows_table *directories;
    size_t *order;
    size_t *spare; /* as long as order: where the left side waits while it is merged */
    size_t width;  /* rows of the sorted pieces that the current level merges */
};

static bool is_before(const struct sort *sort, size_t a, size_t b)
{
    const struct btree_rows_value *left = btree_rows_at(sort->directories, a) + BTREE_ROWS_PATH;
    const struct btree_rows_value *right = btree_rows_at(sort->directories, b) + BTREE_ROWS_PATH;
    if (left->kind != right->kind)
        return left->kind < right->kind;
    return slice_compare((struct slice){left->text, left->len},
                         (struct slice){right->text, right->len}) < 0;
}

static void insert_all(const struct sort *sort, size_t begin, size_t end)
{
    size_t *order = sort->order;
    for (size_t i = begin + 1; i < end; i++) {
        size_t row = order[i];
        size_t at = i;
        for (; at > begin && is_before(sort, row, order[at - 1]); at--)
            order[at] = order[at - 1];
        order[at] = row;
    }
}

/* The first place of [begin, end) whose row does not come before `row`. */
static size_t place_of(const struct sort *sort, size_t begin, size_t end, size_t row)
{
    while (begin < end) {
        size_t middle = begin + (end - begin) / 2;
        if (is_before(sort, sort->order[middle], row))
            begin = middle + 1;
        else
            end = middle;
    }
    return begin;
}

/* Merges the sorted [begin, middle) and [middle, end), neither empty. */
static void merge(const struct sort *sort, size_t begin, size_t middle, size_t end)
{
    size_t *order = sort->order;
    if (is_before(sort, order[middle - 1], order[middle]))
        return;
    begin = place_of(sort, begin, middle, order[middle]);
    end = place_of(sort, middle, end, order[middle - 1]);
    size_t *left = sort->spare + begin;
    const size_t *left_end = sort->spare + middle;
    memcpy(left, order + begin, (middle - begin) * sizeof *order);
    size_t *to = order + begin;
    for (size_t right = middle; right < end; to++)
        *to = left < left_end && is_before(sort, *left, order[right]) ? *left++ : order[right++];
    memcpy(to, left, (size_t)(left_end - left) * sizeof *order);
}

static void sort_range(const struct sort *sort, size_t begin, size_t end)
{
    if (end - begin <= SHORT) {
        insert_all(sort, begin, end);
        return;
    }
    size_t middle = begin + (end - begin) / 2;
    sort_range(sort, begin, middle);
    sort_range(sort, middle, end);
    merge(sort, begin, middle, end);
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static void sort_piece(void *context, unsigned thread, size_t index)
{
    (void)thread;
    const struct sort *sort = context;
    size_t begin = index * PIECE;
    size_t end = least(begin + PIECE, sort->directories->rows);
    for (size_t i = begin; i < end; i++)
        sort->order[i] = i;
    sort_range(sort, begin, end);
}

static void merge_pair(void *context, unsigned thread, size_t index)
{
    (void)thread;
    const struct sort *sort = context;
    size_t rows = sort->directories->rows;
    size_t begin = index * 2 * sort->width;
    size_t middle = begin + sort->width;
    if (middle < rows)
        merge(sort, begin, middle, least(middle + sort->width, rows));
}

size_t *btree_order_by_path(const struct btree_rows_table *directories, unsigned threads)
{
    size_t rows = directories->rows;
    struct sort sort = {
        .directories = directories,
        .order = btree_fail_array(rows, sizeof *sort.order),
        .spare = btree_fail_array(rows, sizeof *sort.spare),
    };
    btree_workers_each(threads, (rows + PIECE - 1) / PIECE, sort_piece, &sort);
    for (sort.width = PIECE; sort.width < rows; sort.width *= 2)
        btree_workers_each(threads, (rows - 1) / (2 * sort.width) + 1, merge_pair, &sort);
    mem_free_array(sort.spare, rows, sizeof *sort.spare);
    return sort.order;
}
