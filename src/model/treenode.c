/* treenode: what roll-up and rows both ask of a node. One thread for each `usages`. */
#include "treenode.h"

#include <stdlib.h>

#include "mem.h"

static int by_uid_then_gid(const void *left, const void *right)
{
    const struct rows_usage *a = left;
    const struct rows_usage *b = right;
    if (a->uid != b->uid)
        return a->uid < b->uid ? -1 : 1;
    return (a->gid > b->gid) - (a->gid < b->gid);
}

static int add_usage(struct treenode_usages *usages, size_t node, const struct dirstat *stat,
                     uint32_t uid, uint32_t gid)
{
    struct rows_usage *longer = mem_grow(usages->row, &usages->room, usages->count, sizeof *longer);
    if (longer == NULL)
        return -1;
    usages->row = longer;
    usages->row[usages->count++] =
        (struct rows_usage){(int64_t)node + 1, uid, treenode_group(gid), *stat};
    return 0;
}

int treenode_usages(struct treenode_usages *usages, const struct tree *tree, size_t node)
{
    uint32_t id = tree->nodes[node].dir;
    const struct dirmap_dir *dir = dirmap_at(tree->map, id);
    usages->count = 0;
    if (dir->stat.files == 0)
        return 0;
    int status = add_usage(usages, node, &dir->stat, dir->uid, dir->gid);
    const struct dirmap_owner *owner = NULL;
    while (status == 0 && (owner = dirmap_next_owner(tree->map, id, owner)) != NULL)
        status = add_usage(usages, node, &owner->stat, owner->uid, owner->gid);
    if (usages->count > 1)
        qsort(usages->row, usages->count, sizeof *usages->row, by_uid_then_gid);
    return status;
}
