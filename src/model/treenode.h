/* treenode: a numbered tree as tree, rollup and treerows share it; for these three only. */
#ifndef FSTALLY_TREENODE_H
#define FSTALLY_TREENODE_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "dirmap.h"
#include "dirstat.h"
#include "ownerpairs.h"
#include "rows.h"

/* What a node's flags say: its subtree has files of several users or groups; its path is not UTF-8; no sibling comes between it and the directories
 * below it when paths are sorted by their bytes. */
enum {
    TREENODE_UID_SEVERAL = 1,
    TREENODE_GID_SEVERAL = 2,
    TREENODE_SEVERAL = TREENODE_UID_SEVERAL | TREENODE_GID_SEVERAL,
    TREENODE_PATH_IS_BLOB = 4,
    TREENODE_BELOW_FOLLOWS = 8,
};

enum { TREENODE_DEPTH_UNKNOWN = UINT16_MAX };

/* A directory by preorder; node i has the number i + 1. 20 bytes. */
struct treenode {
    uint32_t dir;    /* its id in the map */
    uint32_t parent; /* its parent's node, or DIRMAP_NONE */
    uint32_t last;   /* the last node of its subtree */
    uint32_t own_dirs;
    uint16_t flags;
    uint16_t depth; /* slashes, or TREENODE_DEPTH_UNKNOWN: too deep for this field */
};

/* What is added up below it, and its path, which is here so that it costs no visit to the map. Of
 * its own, because one thread numbers and all of them add up: whoever touches new memory first has
 * to wait for it. 64 bytes. */
struct treesum {
    struct dirstat subtree;
    const char *path; /* borrowed from the map */
    uint32_t path_len;
    uint32_t subtree_dirs;
    uint32_t uid; /* meaningful where subtree.files != 0 and it is not several */
    uint32_t gid;
};

struct tree {
    struct dirmap *map;
    const atomic_bool *cancelled;
    unsigned threads;
    size_t count;
    struct treenode *nodes;  /* `count` of them */
    struct treesum *sums;    /* likewise; NULL before the roll-up */
    struct ownerpairs pairs; /* of all files, sorted; none before the roll-up */
};

#endif
