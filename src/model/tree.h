/* tree: a linked dirmap, numbered in preorder and rolled up. */
#ifndef FSTALLY_TREE_H
#define FSTALLY_TREE_H

#include <stdatomic.h>
#include <stdbool.h>

#include "err.h"
#include "ownermap.h"
#include "rows.h"

struct dirmap;
struct tree;

/* Numbers the directories of `map` (after dirmap_link; borrowed until tree_free): preorder, siblings
 * by the bytes of their names, from 1. Works on `threads` threads. Stops early, as failed, once
 * *cancelled is set (any thread may set it). */
int tree_new(struct tree **out, struct dirmap *map, unsigned threads, const atomic_bool *cancelled,
             struct err *err);
void tree_free(struct tree *tree);

/* Adds up every subtree, and the totals of every user and group with the users' histograms, into maps
 * that may already hold some. Fails where a total passes INT64_MAX. */
int tree_roll_up(struct tree *tree, struct ownermap *users, struct ownermap *groups,
                 struct err *err);

/* Directories. */
size_t tree_count(const struct tree *tree);

/* The rolled-up tree as rows. Borrows from the tree; one iteration of each kind at a time. */
struct rows tree_rows(struct tree *tree);

#endif
