/* tree: numbering.
 *
 * No path is ever compared with another whole one. Siblings are sorted by name, and one walk down
 * hands out the numbers; so `a/x` comes before `a-b`, as a tree has it and a plain sort of path
 * strings has not. One thread walks; sorting is shared out to several. */
#include "tree.h"

#include <stdint.h>
#include <stdlib.h>

#include "mem.h"
#include "pathname.h"
#include "siblings.h"
#include "treenode.h"

/* A group of siblings that the walk is in. */
struct frame {
    uint32_t next; /* the first of them that has no number yet */
    uint32_t end;
    uint32_t parent; /* their parent's node, or DIRMAP_NONE */
};

/* The groups from the root down to where the walk is. */
struct walk {
    struct tree *tree;
    const struct siblings_child *children;
    struct frame *frames; /* to be freed */
    size_t depth;
    size_t room;
};

static int out_of_memory(const struct tree *tree, struct err *err)
{
    return err_no_memory(err, "cannot number %zu directories", tree->count);
}

/* A root's depth, from its path. */
static uint16_t root_depth(const struct tree *tree, uint32_t id)
{
    const struct dirmap_dir *dir = dirmap_at(tree->map, id);
    unsigned depth = pathname_depth((struct slice){dir->path, dir->path_len});
    return depth < TREENODE_DEPTH_UNKNOWN ? (uint16_t)depth : TREENODE_DEPTH_UNKNOWN;
}

static uint16_t depth_below(uint16_t parent)
{
    return parent < TREENODE_DEPTH_UNKNOWN - 1 ? (uint16_t)(parent + 1) : TREENODE_DEPTH_UNKNOWN;
}

/* Siblings whose children are on their way while those before are walked. */
enum { AHEAD = 8 };

/* Gets a directory's children on their way, where it has any. */
static void look_ahead(const struct siblings_child *children, uint32_t i)
{
    if (children[i].below.begin != children[i].below.end)
        __builtin_prefetch(&children[children[i].below.begin]);
}

static int enter(struct walk *walk, uint32_t begin, uint32_t end, uint32_t parent)
{
    struct frame *longer = mem_grow(walk->frames, &walk->room, walk->depth, sizeof *longer);
    if (longer == NULL)
        return -1;
    walk->frames = longer;
    walk->frames[walk->depth++] = (struct frame){begin, end, parent};
    for (uint32_t i = begin; i < end && i < begin + AHEAD; i++)
        look_ahead(walk->children, i);
    return 0;
}

/* Numbers the next of the innermost group's siblings `node`, and enters its children. */
static int number_next(struct walk *walk, uint32_t node)
{
    struct tree *tree = walk->tree;
    struct frame *top = &walk->frames[walk->depth - 1];
    uint32_t parent = top->parent;
    const struct siblings_child *child = &walk->children[top->next];
    if (++top->next + AHEAD <= top->end)
        look_ahead(walk->children, top->next + AHEAD - 1);
    uint16_t depth = parent == DIRMAP_NONE ? root_depth(tree, child->id)
                                           : depth_below(tree->nodes[parent].depth);
    uint32_t begin = child->below.begin;
    uint32_t end = child->below.end;
    tree->nodes[node] = (struct treenode){
        .dir = child->id,
        .parent = parent,
        .last = node,
        .own_dirs = end - begin,
        .flags = child->may_be_overtaken ? 0 : TREENODE_BELOW_FOLLOWS,
        .depth = depth,
    };
    return begin == end ? 0 : enter(walk, begin, end, node);
}

/* Walks down from the roots and hands out the numbers. */
static int number(struct tree *tree, const struct siblings *siblings)
{
    struct walk walk = {.tree = tree, .children = siblings->children};
    uint32_t node = 0;
    int status = enter(&walk, (uint32_t)siblings->roots, (uint32_t)siblings->count, DIRMAP_NONE);
    while (status == 0 && walk.depth != 0) {
        const struct frame *top = &walk.frames[walk.depth - 1];
        if (top->next != top->end) {
            status = number_next(&walk, node++);
            continue;
        }
        if (top->parent != DIRMAP_NONE)
            tree->nodes[top->parent].last = node - 1;
        walk.depth--;
    }
    free(walk.frames);
    return status;
}

int tree_new(struct tree **out, struct dirmap *map, unsigned threads, const atomic_bool *cancelled,
             struct err *err)
{
    struct tree *tree = mem_new(sizeof *tree);
    struct siblings siblings = {0};
    tree->map = map;
    tree->cancelled = cancelled;
    tree->threads = threads;
    tree->count = dirmap_count(map);
    tree->nodes = mem_table(tree->count, sizeof *tree->nodes);
    int status = tree->nodes == NULL ? -1 : siblings_sort(&siblings, map, threads, cancelled);
    if (status == 0)
        status = number(tree, &siblings);
    siblings_free(&siblings);
    if (status != 0) {
        /* Relaxed: only the flag itself matters. */
        if (atomic_load_explicit(cancelled, memory_order_relaxed))
            err_set(err, "interrupted");
        else
            out_of_memory(tree, err);
        tree_free(tree);
        return -1;
    }
    *out = tree;
    return 0;
}

void tree_free(struct tree *tree)
{
    if (tree == NULL)
        return;
    mem_free_array(tree->nodes, tree->count, sizeof *tree->nodes);
    mem_free_array(tree->sums, tree->count, sizeof *tree->sums);
    ownerpairs_dispose(&tree->pairs);
    free(tree);
}

size_t tree_count(const struct tree *tree)
{
    return tree->count;
}

uint32_t tree_directory(const struct tree *tree, size_t i)
{
    return tree->nodes[i].dir;
}
