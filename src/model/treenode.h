/* treenode: a numbered tree as tree, rollup and treerows share it; for these three only. */
#ifndef FSTALLY_TREENODE_H
#define FSTALLY_TREENODE_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "dirmap.h"
#include "dirstat.h"
#include "rows.h"

/* What a node's flags say: its subtree has files of several users or groups; the directory itself
 * has buckets of histograms. */
enum {
    TREENODE_UID_SEVERAL = 1,
    TREENODE_GID_SEVERAL = 2,
    TREENODE_SEVERAL = TREENODE_UID_SEVERAL | TREENODE_GID_SEVERAL,
    TREENODE_HAS_BUCKETS = 4,
};

enum { TREENODE_DEPTH_UNKNOWN = UINT16_MAX };

/* A directory by preorder; node i has the number i + 1. 72 bytes. */
struct treenode {
    struct dirstat subtree;
    uint32_t dir;    /* its id in the map */
    uint32_t parent; /* its parent's node, or DIRMAP_NONE */
    uint32_t last;   /* the last node of its subtree */
    uint32_t own_dirs;
    uint32_t subtree_dirs;
    uint32_t uid; /* meaningful where subtree.files != 0 and it is not several */
    uint32_t gid;
    uint16_t flags;
    uint16_t depth; /* slashes, or TREENODE_DEPTH_UNKNOWN: too deep for this field */
};

/* The owners of one directory's own files. */
struct treenode_usages {
    struct rows_usage *row; /* to be freed */
    size_t count;
    size_t room;
};

struct tree {
    struct dirmap *map;
    const atomic_bool *cancelled;
    unsigned threads;
    size_t count;
    struct treenode *nodes;
    /* The iteration of treerows that is under way: the next node, and what is left of the rows of
     * the node before it. */
    size_t next_node;
    struct treenode_usages usages;
    struct rows_bucket *buckets;
    size_t bucket_room;
    size_t part_count; /* usages or buckets of that node */
    size_t part_next;
};

/* -1 for a group that the log does not record. */
static inline int64_t treenode_group(uint32_t gid)
{
    return gid == ENTRY_NO_GROUP ? -1 : (int64_t)gid;
}

/* Fills `usages` with the owners of a node's own files, by uid and gid. -1: out of memory. */
int treenode_usages(struct treenode_usages *usages, const struct tree *tree, size_t node);

#endif
