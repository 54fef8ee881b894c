/* rollup: adding up.
 *
 * First each directory's own files are counted, on all threads, each a range of nodes; then, as a
 * parent's number is smaller than its children's, one walk from the last number to the first adds
 * every subtree up. */
#include "rollup.h"

#include <stdlib.h>

#include "dirshares.h"
#include "mem.h"
#include "ownertotals.h"
#include "parallel.h"
#include "pathname.h"
#include "treenode.h"

/* How many records ahead a loop prefetches: a miss takes some 100 ns, a step some 5. */
enum { AHEAD = 16 };

/* How many steps pass between two looks at the cancel flag: some milliseconds. */
enum { STEPS_PER_LOOK = 1 << 16 };

static bool is_cancelled(const struct tree *tree, size_t step)
{
    /* Relaxed: only the flag itself matters, and a late look does no harm. */
    return step % STEPS_PER_LOOK == 0 &&
           atomic_load_explicit(tree->cancelled, memory_order_relaxed);
}

/* Adds the files of one owner to what is known of node `i`: counters, and whether it has one
 * owner. */
static void merge_owned(const struct tree *tree, size_t i, const struct dirstat *stat, uint32_t uid,
                        uint32_t gid, unsigned several)
{
    struct treesum *into = &tree->sums[i];
    if (stat->files == 0) {
        dirstat_merge(&into->subtree, stat); /* a directory may have a max_mtime alone */
        return;
    }
    if (into->subtree.files == 0) {
        into->uid = uid;
        into->gid = gid;
    }
    several |= (into->uid != uid ? TREENODE_UID_SEVERAL : 0) |
               (into->gid != gid ? TREENODE_GID_SEVERAL : 0);
    tree->nodes[i].flags |= (uint16_t)several;
    dirstat_merge(&into->subtree, stat);
}

/* What one thread counts of the directories' own files. */
struct counting {
    struct ownertotals totals;
    struct rows_shares shares; /* of the directory at hand */
    struct dirstat own;        /* of all its directories */
};

/* The files of an owner in directory `id`, by age and size, into the histograms of the user. */
static void count_cells(const struct tree *tree, uint32_t id, const struct dirmap_owner *owner,
                        struct ownermap_owner *user)
{
    struct cells_count cells[CELLS];
    size_t count = dirmap_cells(tree->map, id, owner, cells);
    for (size_t i = 0; i < count; i++)
        cells_add_to(&user->histogram, &cells[i]);
}

/* The files of a directory that has one owner and group. */
static int count_single(const struct tree *tree, size_t i, const struct dirmap_dir *dir,
                        struct counting *counting)
{
    struct treesum *sum = &tree->sums[i];
    sum->subtree = dir->stat;
    if (dir->stat.files == 0)
        return 0;
    sum->uid = dir->uid;
    sum->gid = dir->gid;
    struct ownermap_owner *user = ownermap_get(counting->totals.users, dir->uid);
    dirstat_merge(&user->stat, &dir->stat);
    user->directories++;
    count_cells(tree, tree->nodes[i].dir, NULL, user);
    struct ownermap_owner *group = ownermap_get(counting->totals.groups, entry_group(dir->gid));
    dirstat_merge(&group->stat, &dir->stat);
    group->directories++;
    return ownerpairs_add(&counting->totals.pairs, dir->uid, entry_group(dir->gid));
}

/* The files of a directory that has several. */
static int count_several(const struct tree *tree, size_t i, struct counting *counting)
{
    struct rows_shares *shares = &counting->shares;
    rows_shares_clear(shares);
    if (dirshares_add(shares, tree->map, tree->nodes[i].dir, 0) != 0)
        return -1;
    for (size_t s = 0; s < shares->count; s++) {
        const struct rows_usage *usage = &shares->items[s].usage;
        /* A gid of -1 becomes ENTRY_NO_GROUP again. */
        merge_owned(tree, i, &usage->stat, (uint32_t)usage->uid, (uint32_t)usage->gid, 0);
    }
    return ownertotals_add(&counting->totals, shares);
}

/* A directory's own files: into its node, and into the totals of their owners. */
static int count_own(const struct tree *tree, size_t i, struct counting *counting)
{
    struct treenode *node = &tree->nodes[i];
    const struct dirmap_dir *dir = dirmap_at(tree->map, node->dir);
    struct treesum *sum = &tree->sums[i];
    *sum = (struct treesum){.subtree = DIRSTAT_NONE, .path = dir->path, .path_len = dir->path_len};
    if (dir->path_is_blob)
        node->flags |= TREENODE_PATH_IS_BLOB;
    return dir->owners != 0 ? count_several(tree, i, counting)
                            : count_single(tree, i, dir, counting);
}

/* What the threads of count_all share; each has a counting of its own. */
struct counting_all {
    const struct tree *tree;
    struct counting *counting;
};

static int count_part(void *context, unsigned part, unsigned parts)
{
    const struct counting_all *all = context;
    const struct tree *tree = all->tree;
    size_t end = parallel_begin(tree->count, part + 1, parts);
    struct dirstat own = DIRSTAT_NONE;
    for (size_t i = parallel_begin(tree->count, part, parts); i < end; i++) {
        if (is_cancelled(tree, i))
            return -1;
        if (i + AHEAD < end)
            dirmap_prefetch(tree->map, tree->nodes[i + AHEAD].dir);
        if (i + AHEAD / 2 < end)
            dirmap_prefetch_cells(tree->map, tree->nodes[i + AHEAD / 2].dir);
        if (count_own(tree, i, &all->counting[part]) != 0)
            return -1;
        dirstat_merge(&own, &tree->sums[i].subtree); /* so far without what is below */
    }
    all->counting[part].own = own;
    return 0;
}

static void merge_owners(struct ownermap *into, struct ownermap *from)
{
    const struct ownermap_owner *owner = NULL;
    while ((owner = ownermap_next(from, owner)) != NULL) {
        struct ownermap_owner *sum = ownermap_get(into, owner->id);
        dirstat_merge(&sum->stat, &owner->stat);
        sum->directories += owner->directories;
        histogram_merge(&sum->histogram, &owner->histogram);
    }
}

/* Counts every directory's own files: each thread a range of nodes, the first into the maps
 * given. *own: the sum. */
static int count_all(struct tree *tree, struct ownermap *users, struct ownermap *groups,
                     struct dirstat *own)
{
    unsigned threads = tree->threads;
    struct counting *counting = mem_new(threads * sizeof *counting);
    for (unsigned i = 0; i < threads; i++) {
        counting[i].totals.users = i == 0 ? users : ownermap_new();
        counting[i].totals.groups = i == 0 ? groups : ownermap_new();
    }
    struct counting_all all = {tree, counting};
    int status = parallel_run(threads, count_part, &all);
    for (unsigned i = 0; i < threads; i++) {
        dirstat_merge(own, &counting[i].own);
        if (ownerpairs_merge(&tree->pairs, &counting[i].totals.pairs) != 0)
            status = -1;
        ownerpairs_dispose(&counting[i].totals.pairs);
        rows_shares_dispose(&counting[i].shares);
        if (i == 0)
            continue;
        merge_owners(users, counting[i].totals.users);
        merge_owners(groups, counting[i].totals.groups);
        ownermap_free(counting[i].totals.users);
        ownermap_free(counting[i].totals.groups);
    }
    ownerpairs_sort(&tree->pairs);
    free(counting);
    return status;
}

/* Finds out whether any sum has saturated, and the deepest directory of which one has. */
static void find_saturation(const struct tree *tree, struct rollup_sums *sums)
{
    unsigned deepest = 0;
    for (size_t i = 0; i < tree->count; i++) {
        const struct treenode *node = &tree->nodes[i];
        const struct treesum *sum = &tree->sums[i];
        if (node->parent == DIRMAP_NONE)
            dirstat_merge(&sums->roots, &sum->subtree);
        if (!dirstat_overflowed(&sum->subtree))
            continue;
        struct slice path = {sum->path, sum->path_len};
        unsigned depth = node->depth == TREENODE_DEPTH_UNKNOWN ? pathname_depth(path) : node->depth;
        if (sums->path.ptr != NULL && depth <= deepest)
            continue;
        sums->path = path;
        deepest = depth;
    }
    sums->saturated = dirstat_overflowed(&sums->roots);
}

int rollup_tree(struct tree *tree, struct ownermap *users, struct ownermap *groups,
                struct rollup_sums *sums, struct err *err)
{
    *sums = (struct rollup_sums){.own = DIRSTAT_NONE, .roots = DIRSTAT_NONE};
    tree->sums = mem_table(tree->count, sizeof *tree->sums);
    if (tree->sums == NULL || count_all(tree, users, groups, &sums->own) != 0) {
        if (atomic_load_explicit(tree->cancelled, memory_order_relaxed))
            return err_set(err, "interrupted");
        return err_no_memory(err, "cannot add up %zu directories", tree->count);
    }
    for (size_t i = tree->count; i-- > 0;) {
        const struct treenode *node = &tree->nodes[i];
        if (node->parent == DIRMAP_NONE)
            continue;
        const struct treesum *sum = &tree->sums[i];
        merge_owned(tree, node->parent, &sum->subtree, sum->uid, sum->gid,
                    node->flags & TREENODE_SEVERAL);
        tree->sums[node->parent].subtree_dirs += sum->subtree_dirs + 1;
    }
    find_saturation(tree, sums);
    return 0;
}
