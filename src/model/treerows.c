/* treerows: a rolled-up tree as the store takes it. The records lie in the order in which the log
 * named them, so the walk prefetches. One thread. */
#include "treerows.h"

#include <stdlib.h>

#include "mem.h"
#include "pathname.h"
#include "treenode.h"

/* Nodes that the walk looks ahead at a time: enough misses to keep the memory busy, few enough to
 * be still in the cache when their rows come. */
enum { BATCH = 16 };

/* The files directly in a directory, all owners together. */
static struct dirstat own_stat(const struct tree *tree, uint32_t id)
{
    struct dirstat stat = dirmap_at(tree->map, id)->stat;
    const struct dirmap_owner *owner = NULL;
    while ((owner = dirmap_next_owner(tree->map, id, owner)) != NULL)
        dirstat_merge(&stat, &owner->stat);
    return stat;
}

static void rewind_rows(void *state)
{
    struct tree *tree = state;
    tree->next_node = 0;
    tree->part_count = 0;
    tree->part_next = 0;
}

static int64_t owner_column(const struct treenode *node, uint16_t several, int64_t single)
{
    if (node->subtree.files == 0)
        return -1;
    return (node->flags & several) != 0 ? ROWS_SEVERAL : single;
}

/* Gets the records of the batch after the next on their way, and the paths of the next. A batch at
 * once, because between two rows the store does so much else that the misses of one row would be
 * over before those of the next begin: they add up instead of overlapping. */
static void look_ahead(const struct tree *tree)
{
    size_t begin = tree->next_node + BATCH;
    size_t middle = begin + BATCH < tree->count ? begin + BATCH : tree->count;
    size_t end = middle + BATCH < tree->count ? middle + BATCH : tree->count;
    for (size_t i = middle; i < end; i++)
        __builtin_prefetch(dirmap_at(tree->map, tree->nodes[i].dir));
    for (size_t i = begin; i < middle; i++) {
        const struct dirmap_dir *dir = dirmap_at(tree->map, tree->nodes[i].dir);
        __builtin_prefetch(dir->path);
        __builtin_prefetch(dir->path + 64);
    }
}

static int next_dir(void *state, struct rows_dir *row)
{
    struct tree *tree = state;
    if (tree->next_node == tree->count)
        return 0;
    if (tree->next_node % BATCH == 0)
        look_ahead(tree);
    const struct treenode *node = &tree->nodes[tree->next_node++];
    const struct dirmap_dir *dir = dirmap_at(tree->map, node->dir);
    row->id = (int64_t)tree->next_node;
    row->parent_id = node->parent == DIRMAP_NONE ? 0 : (int64_t)node->parent + 1;
    row->last_id = (int64_t)node->last + 1;
    row->path = (struct slice){dir->path, dir->path_len};
    row->depth = node->depth == TREENODE_DEPTH_UNKNOWN ? pathname_depth(row->path) : node->depth;
    row->own = own_stat(tree, node->dir);
    row->subtree = node->subtree;
    row->own_dirs = node->own_dirs;
    row->subtree_dirs = node->subtree_dirs;
    row->uid = owner_column(node, TREENODE_UID_SEVERAL, (int64_t)node->uid);
    row->gid = owner_column(node, TREENODE_GID_SEVERAL, treenode_group(node->gid));
    return 1;
}

static int next_usage(void *state, struct rows_usage *row)
{
    struct tree *tree = state;
    while (tree->part_next == tree->part_count) {
        while (tree->next_node < tree->count &&
               (tree->nodes[tree->next_node].flags & TREENODE_SEVERAL) == 0)
            tree->next_node++;
        if (tree->next_node == tree->count)
            return 0;
        if (treenode_usages(&tree->usages, tree, tree->next_node++) != 0)
            return -1;
        tree->part_count = tree->usages.count;
        tree->part_next = 0;
    }
    *row = tree->usages.row[tree->part_next++];
    return 1;
}

static int by_uid_gid_bucket(const void *left, const void *right)
{
    const struct rows_bucket *a = left;
    const struct rows_bucket *b = right;
    if (a->uid != b->uid)
        return a->uid < b->uid ? -1 : 1;
    if (a->gid != b->gid)
        return a->gid < b->gid ? -1 : 1;
    return (a->bucket > b->bucket) - (a->bucket < b->bucket);
}

/* Fills tree->buckets with a node's buckets of one histogram, in order. -1: out of memory. */
static int gather_buckets(struct tree *tree, size_t node, enum histogram_kind kind)
{
    uint32_t id = tree->nodes[node].dir;
    const struct dirmap_bucket *bucket = NULL;
    tree->part_count = 0;
    tree->part_next = 0;
    while ((bucket = dirmap_next_bucket(tree->map, id, bucket)) != NULL) {
        if (bucket->kind != kind)
            continue;
        struct rows_bucket *longer =
            mem_grow(tree->buckets, &tree->bucket_room, tree->part_count, sizeof *longer);
        if (longer == NULL)
            return -1;
        tree->buckets = longer;
        tree->buckets[tree->part_count++] =
            (struct rows_bucket){(int64_t)node + 1, bucket->uid, treenode_group(bucket->gid),
                                 bucket->index, bucket->counts};
    }
    if (tree->part_count > 1)
        qsort(tree->buckets, tree->part_count, sizeof *tree->buckets, by_uid_gid_bucket);
    return 0;
}

static int next_bucket(void *state, enum histogram_kind kind, struct rows_bucket *row)
{
    struct tree *tree = state;
    while (tree->part_next == tree->part_count) {
        while (tree->next_node < tree->count &&
               (tree->nodes[tree->next_node].flags & TREENODE_HAS_BUCKETS) == 0)
            tree->next_node++;
        if (tree->next_node == tree->count)
            return 0;
        if (gather_buckets(tree, tree->next_node++, kind) != 0)
            return -1;
    }
    *row = tree->buckets[tree->part_next++];
    return 1;
}

struct rows treerows_begin(struct tree *tree)
{
    rewind_rows(tree);
    return (struct rows){tree, rewind_rows, next_dir, next_usage, next_bucket};
}
