/* tree: the directories of a linked dirmap, numbered in preorder. */
#ifndef FSTALLY_TREE_H
#define FSTALLY_TREE_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"

struct dirmap;
struct tree;

/* Numbers the directories of `map` (after dirmap_link; borrowed until tree_free): preorder,
 * siblings by the bytes of their names, from 1. Works on `threads` threads. Stops early, as failed,
 * once *cancelled is set (any thread may set it). */
int tree_new(struct tree **out, struct dirmap *map, unsigned threads, const atomic_bool *cancelled,
             struct err *err);
void tree_free(struct tree *tree);

/* Directories. */
size_t tree_count(const struct tree *tree);

/* The id in the map of the directory with number i + 1. */
uint32_t tree_directory(const struct tree *tree, size_t i);

#endif
