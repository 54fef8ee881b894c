/* treerows: rows by number, put together when they are asked for.
 *
 * A directory's row is its node, its record in the map and its path. Records and paths lie in the
 * order in which the log named them, so each is a cache miss: whoever asks for rows one after the
 * other has those to come fetched ahead. Which usages there are is written down beforehand, by all
 * threads, each for a range of the nodes: where they are in the map, in their order. */
#include "treerows.h"

#include <stdlib.h>
#include <string.h>

#include "dirshares.h"
#include "mem.h"
#include "parallel.h"
#include "pathname.h"
#include "treenode.h"

/* Nodes that a walk looks ahead at a time: enough misses to keep the memory busy, few enough to be
 * still in the cache when their rows come. */
enum { BATCH = 16 };

/* The files of an owner in a directory. */
struct part {
    const struct dirstat *stat; /* in the map */
    uint32_t node;
    uint32_t uid;
    uint32_t gid;
};

struct list {
    struct part *items;
    size_t count;
    size_t room;
};

struct treerows {
    struct rows rows;
    const struct tree *tree;
    struct list usages;
};

/* What the threads of treerows_new work on: each fills its own list. */
struct gathering {
    const struct tree *tree;
    struct list *lists; /* a thread each */
};

static int64_t group_of(const struct part *part)
{
    return entry_group(part->gid);
}

static int by_owner(const void *left, const void *right)
{
    const struct part *a = left;
    const struct part *b = right;
    if (a->uid != b->uid)
        return a->uid < b->uid ? -1 : 1;
    return (group_of(a) > group_of(b)) - (group_of(a) < group_of(b));
}

static int append(struct list *list, struct part part)
{
    struct part *items = mem_grow(list->items, &list->room, list->count, sizeof *items);
    if (items == NULL)
        return -1;
    list->items = items;
    items[list->count++] = part;
    return 0;
}

/* Adds the owners of a node's own files, in order. */
static int gather_usages(struct list *list, const struct tree *tree, uint32_t node)
{
    uint32_t id = tree->nodes[node].dir;
    const struct dirmap_dir *dir = dirmap_at(tree->map, id);
    size_t first = list->count;
    if (dir->stat.files == 0)
        return 0;
    int status = append(list, (struct part){&dir->stat, node, dir->uid, dir->gid});
    const struct dirmap_owner *owner = NULL;
    while (status == 0 && (owner = dirmap_next_owner(tree->map, id, owner)) != NULL)
        status = append(list, (struct part){&owner->stat, node, owner->uid, owner->gid});
    if (list->count - first > 1)
        qsort(list->items + first, list->count - first, sizeof *list->items, by_owner);
    return status;
}

static int gather_part(void *context, unsigned part, unsigned parts)
{
    const struct gathering *gathering = context;
    const struct tree *tree = gathering->tree;
    size_t end = parallel_begin(tree->count, part + 1, parts);
    for (size_t i = parallel_begin(tree->count, part, parts); i < end; i++)
        if ((tree->nodes[i].flags & TREENODE_SEVERAL) != 0 &&
            gather_usages(&gathering->lists[part], tree, (uint32_t)i) != 0)
            return -1;
    return 0;
}

/* Joins the threads' lists, each in the order of the nodes, to one. */
static int join(struct list *into, const struct gathering *gathering, unsigned threads)
{
    for (unsigned i = 0; i < threads; i++)
        into->count += gathering->lists[i].count;
    into->room = into->count;
    into->items = mem_array(into->count, sizeof *into->items);
    if (into->items == NULL)
        return -1;
    struct part *to = into->items;
    for (unsigned i = 0; i < threads; i++) {
        const struct list *list = &gathering->lists[i];
        if (list->count != 0)
            memcpy(to, list->items, list->count * sizeof *to);
        to += list->count;
    }
    return 0;
}

static int gather(struct treerows *treerows)
{
    unsigned threads = treerows->tree->threads;
    struct gathering gathering = {treerows->tree, mem_new(threads * sizeof *gathering.lists)};
    int status = parallel_run(threads, gather_part, &gathering);
    if (status == 0)
        status = join(&treerows->usages, &gathering, threads);
    for (unsigned i = 0; i < threads; i++)
        free(gathering.lists[i].items);
    free(gathering.lists);
    return status;
}

static int64_t owner_column(const struct tree *tree, size_t i, unsigned several, int64_t single)
{
    if (tree->sums[i].subtree.files == 0)
        return -1;
    return (tree->nodes[i].flags & several) != 0 ? ROWS_SEVERAL : single;
}

/* The nodes of the batch after the next. A batch at once, because between two rows the store does so
 * much else that the misses of one row would be over before those of the next begin: they add up
 * instead of overlapping. */
static size_t ahead(const struct tree *tree, size_t node, size_t *end)
{
    size_t begin = node + BATCH < tree->count ? node + BATCH : tree->count;
    *end = begin + BATCH < tree->count ? begin + BATCH : tree->count;
    return begin;
}

static void look_ahead_for_paths(const struct tree *tree, size_t node)
{
    size_t end;
    for (size_t i = ahead(tree, node, &end); i < end; i++) {
        __builtin_prefetch(tree->sums[i].path);
        __builtin_prefetch(tree->sums[i].path + 64);
    }
}

static void look_ahead_for_records(const struct tree *tree, size_t node)
{
    size_t end;
    for (size_t i = ahead(tree, node, &end); i < end; i++)
        dirmap_prefetch(tree->map, tree->nodes[i].dir);
}

static struct slice path_of(const struct tree *tree, size_t i)
{
    return (struct slice){tree->sums[i].path, tree->sums[i].path_len};
}

static struct slice path_at(const void *state, size_t i)
{
    const struct tree *tree = ((const struct treerows *)state)->tree;
    if (i % BATCH == 0)
        look_ahead_for_paths(tree, i);
    return path_of(tree, i);
}

static void place_at(const void *state, size_t i, struct rows_place *row)
{
    const struct tree *tree = ((const struct treerows *)state)->tree;
    const struct treenode *node = &tree->nodes[i];
    const struct treesum *sum = &tree->sums[i];
    row->parent_id = node->parent == DIRMAP_NONE ? 0 : (int64_t)node->parent + 1;
    row->last_id = (int64_t)node->last + 1;
    row->path_is_blob = (node->flags & TREENODE_PATH_IS_BLOB) != 0;
    row->below_follows = (node->flags & TREENODE_BELOW_FOLLOWS) != 0;
    row->depth =
        node->depth == TREENODE_DEPTH_UNKNOWN ? pathname_depth(path_of(tree, i)) : node->depth;
    row->subtree_files = sum->subtree.files;
    row->subtree_size = sum->subtree.size;
    row->uid = owner_column(tree, i, TREENODE_UID_SEVERAL, (int64_t)sum->uid);
}

static void dir_at(const void *state, size_t i, struct rows_dir *row)
{
    const struct tree *tree = ((const struct treerows *)state)->tree;
    if (i % BATCH == 0)
        look_ahead_for_records(tree, i);
    const struct treesum *sum = &tree->sums[i];
    struct rows_place place;
    place_at(state, i, &place);
    row->id = (int64_t)i + 1;
    row->parent_id = place.parent_id;
    row->last_id = place.last_id;
    row->path = path_of(tree, i);
    row->depth = place.depth;
    row->own = dirshares_sum(tree->map, tree->nodes[i].dir);
    row->subtree = sum->subtree;
    row->own_dirs = tree->nodes[i].own_dirs;
    row->subtree_dirs = sum->subtree_dirs;
    row->uid = place.uid;
    row->gid = owner_column(tree, i, TREENODE_GID_SEVERAL, entry_group(sum->gid));
}

static void usage_at(const void *state, size_t i, struct rows_usage *row)
{
    const struct part *part = &((const struct treerows *)state)->usages.items[i];
    *row = (struct rows_usage){(int64_t)part->node + 1, part->uid, group_of(part), *part->stat};
}

/* Half a batch after their records were sent for. */
static void look_ahead_for_cells(const struct tree *tree, size_t node)
{
    size_t begin = node + BATCH / 2 < tree->count ? node + BATCH / 2 : tree->count;
    size_t end = begin + BATCH < tree->count ? begin + BATCH : tree->count;
    for (size_t i = begin; i < end; i++)
        dirmap_prefetch_cells(tree->map, tree->nodes[i].dir);
}

static int shares_at(const void *state, size_t i, struct rows_shares *shares)
{
    const struct tree *tree = ((const struct treerows *)state)->tree;
    if (i % BATCH == BATCH / 2)
        look_ahead_for_cells(tree, i);
    return dirshares_add(shares, tree->map, tree->nodes[i].dir, (int64_t)i + 1);
}

int treerows_new(struct treerows **out, const struct tree *tree)
{
    struct treerows *treerows = mem_new(sizeof *treerows);
    treerows->tree = tree;
    if (gather(treerows) != 0) {
        treerows_free(treerows);
        return -1;
    }
    treerows->rows = (struct rows){.state = treerows,
                                   .dirs = tree->count,
                                   .usages = treerows->usages.count,
                                   .pairs = &tree->pairs,
                                   .dir = dir_at,
                                   .place = place_at,
                                   .path = path_at,
                                   .usage = usage_at,
                                   .shares = shares_at};
    *out = treerows;
    return 0;
}

void treerows_free(struct treerows *treerows)
{
    if (treerows == NULL)
        return;
    mem_free_array(treerows->usages.items, treerows->usages.room, sizeof *treerows->usages.items);
    free(treerows);
}

const struct rows *treerows_rows(const struct treerows *treerows)
{
    return &treerows->rows;
}
