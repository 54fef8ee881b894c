/* tree: numbering and roll-up, linear but for the sorting of siblings.
 *
 * No path is ever compared with another whole one. Children are gathered by parent (counting sort),
 * each group is sorted by name, and one walk down hands out the numbers; so `a/x` comes before
 * `a-b`, as a tree has it and a plain sort of path strings has not. Since a parent's number is
 * smaller than its children's, a walk from the last number to the first adds every subtree up.
 *
 * The maps's records lie in the order in which the log named them, so every visit is a cache miss:
 * the loops look ahead and prefetch. One thread calls; sorting and
 * counting are shared out to several. */
#include "tree.h"

#include <endian.h>
#include <stdint.h>
#include <stdlib.h>

#include "dirmap.h"
#include "mem.h"
#include "parallel.h"
#include "pathname.h"

/* How many records ahead a loop prefetches: a miss takes some 100 ns, a step some 5. */
enum { AHEAD = 16 };

/* How many steps pass between two looks at the cancel flag: some milliseconds. */
enum { STEPS_PER_LOOK = 1 << 16 };

/* What a node's flags say: its subtree has files of several users or groups; the directory itself has
 * buckets of histograms. */
enum { UID_SEVERAL = 1, GID_SEVERAL = 2, SEVERAL = UID_SEVERAL | GID_SEVERAL, HAS_BUCKETS = 4 };

enum { DEPTH_UNKNOWN = UINT16_MAX };

/* A directory by preorder; node i has the number i + 1. One cache line. */
struct node {
    struct dirstat subtree;
    uint32_t dir;    /* its id in the map */
    uint32_t parent; /* its parent's node, or DIRMAP_NONE */
    uint32_t last;   /* the last node of its subtree */
    uint32_t own_dirs;
    uint32_t subtree_dirs;
    uint32_t uid; /* meaningful where subtree.files != 0 and it is not several */
    uint32_t gid;
    uint16_t flags;
    uint16_t depth;   /* DEPTH_UNKNOWN: too deep for this field */
};

/* The owners of one directory's own files. */
struct usages {
    struct rows_usage *row; /* to be freed */
    size_t count;
    size_t room;
};

struct tree {
    struct dirmap *map;
    const atomic_bool *cancelled;
    unsigned threads;
    size_t count;
    struct node *nodes;
    /* The iteration of tree_rows that is under way: the next node, and what is left of the rows of
     * the node before it. */
    size_t next_node;
    struct usages usages;
    struct rows_bucket *buckets;
    size_t bucket_room;
    size_t part_count; /* usages or buckets of that node */
    size_t part_next;
};

/* The children of all directories while they are being sorted. */
struct siblings {
    uint32_t *begin; /* id -> index of its first child; id + 1 -> behind its last */
    uint32_t limit;  /* ids are below */
    struct child {
        uint64_t key;      /* the name's first 8 bytes, big-endian: orders like the bytes */
        uint32_t more_key; /* its next 4 */
        uint32_t id;
    } *children;
    size_t count; /* all directories; the parentless ones come last, from `roots` */
    size_t roots;
};

static int out_of_memory(const struct tree *tree, struct err *err)
{
    return err_set(err, "cannot number %zu directories: out of memory", tree->count);
}

static struct slice name_of(const struct dirmap_dir *dir)
{
    size_t parent_len = pathname_parent((struct slice){dir->path, dir->path_len}).len;
    size_t begin = parent_len + (parent_len > 1); /* "/" ends in its slash already */
    return (struct slice){dir->path + begin, dir->path_len - begin};
}

/* Names of siblings often begin alike (run_0001, run_0002), so 12 bytes are at hand: with the id they
 * fill what 8 would take with padding. */
static void set_key(struct child *child, struct slice name)
{
    unsigned char first[12] = {0};
    memcpy(first, name.ptr, name.len < sizeof first ? name.len : sizeof first);
    memcpy(&child->key, first, 8);
    memcpy(&child->more_key, first + 8, 4);
    child->key = be64toh(child->key);
    child->more_key = be32toh(child->more_key);
}

static int compare_children(const void *left, const void *right, void *context)
{
    const struct child *a = left;
    const struct child *b = right;
    if (a->key != b->key)
        return a->key < b->key ? -1 : 1;
    if (a->more_key != b->more_key)
        return a->more_key < b->more_key ? -1 : 1;
    const struct dirmap *map = context;
    return slice_compare(name_of(dirmap_at(map, a->id)), name_of(dirmap_at(map, b->id)));
}

/* Parts the ids by parent: a counting sort. */
static int gather(const struct tree *tree, struct siblings *siblings, struct err *err)
{
    const struct dirmap *map = tree->map;
    uint32_t limit = dirmap_id_limit(map);
    siblings->limit = limit;
    siblings->count = tree->count;
    siblings->begin = mem_array((size_t)limit + 2, sizeof *siblings->begin);
    siblings->children = mem_array(tree->count, sizeof *siblings->children);
    if (siblings->begin == NULL || siblings->children == NULL)
        return out_of_memory(tree, err);
    /* Slot `limit` is the parent of the parentless. */
    uint32_t *next = siblings->begin + 1;
    for (uint32_t id = DIRMAP_NONE; (id = dirmap_next(map, id)) != DIRMAP_NONE;) {
        uint32_t parent = dirmap_at(map, id)->parent;
        next[parent == DIRMAP_NONE ? limit : parent]++;
    }
    uint32_t sum = 0;
    for (uint32_t id = 0; id <= limit; id++) {
        uint32_t children = next[id];
        next[id] = sum;
        sum += children;
    }
    siblings->roots = next[limit];
    for (uint32_t id = DIRMAP_NONE; (id = dirmap_next(map, id)) != DIRMAP_NONE;) {
        uint32_t parent = dirmap_at(map, id)->parent;
        siblings->children[next[parent == DIRMAP_NONE ? limit : parent]++].id = id;
    }
    siblings->begin[0] = 0; /* next[] has moved on by one group: it now begins the following one */
    return 0;
}

static const struct dirmap_dir *child_at(const struct tree *tree, const struct siblings *siblings,
                                         size_t i)
{
    return dirmap_at(tree->map, siblings->children[i].id);
}

/* Reads the names of the children [begin, end) once, looking ahead, but not beyond: there another
 * thread sorts. */
static void read_keys(const struct tree *tree, struct siblings *siblings, size_t begin, size_t end)
{
    for (size_t i = begin; i < end; i++) {
        if (i + 2 * AHEAD < end)
            __builtin_prefetch(child_at(tree, siblings, i + 2 * AHEAD));
        if (i + AHEAD < end) {
            const struct dirmap_dir *soon = child_at(tree, siblings, i + AHEAD);
            __builtin_prefetch(soon->path + soon->path_len - 1);
        }
        set_key(&siblings->children[i], name_of(child_at(tree, siblings, i)));
    }
}

static void sort_group(const struct tree *tree, struct child *group, size_t count)
{
    enum { SMALL = 12 };
    if (count > SMALL) {
        qsort_r(group, count, sizeof *group, compare_children, tree->map);
        return;
    }
    for (size_t i = 1; i < count; i++) {
        struct child child = group[i];
        size_t at = i;
        for (; at > 0 && compare_children(&child, &group[at - 1], tree->map) < 0; at--)
            group[at] = group[at - 1];
        group[at] = child;
    }
}

static bool is_cancelled(const struct tree *tree, size_t step)
{
    /* Relaxed: only the flag itself matters, and a late look does no harm. */
    return step % STEPS_PER_LOOK == 0 &&
           atomic_load_explicit(tree->cancelled, memory_order_relaxed);
}

/* What the threads of sort_siblings share. */
struct sorting {
    const struct tree *tree;
    struct siblings *siblings;
};

/* Sorts the groups of a share of the parents: nobody else touches these. */
static int sort_part(void *context, unsigned part, unsigned parts)
{
    const struct sorting *sorting = context;
    const struct tree *tree = sorting->tree;
    struct siblings *siblings = sorting->siblings;
    size_t groups = (size_t)siblings->limit + 1; /* the last one: the parentless */
    size_t first = parallel_begin(groups, part, parts);
    size_t behind = parallel_begin(groups, part + 1, parts);
    read_keys(tree, siblings, siblings->begin[first], siblings->begin[behind]);
    for (size_t id = first; id < behind; id++) {
        if (is_cancelled(tree, id))
            return -1;
        size_t begin = siblings->begin[id];
        size_t end = siblings->begin[id + 1];
        if (end - begin > 1)
            sort_group(tree, siblings->children + begin, end - begin);
    }
    return 0;
}

static int sort_siblings(const struct tree *tree, struct siblings *siblings, struct err *err)
{
    struct sorting sorting = {tree, siblings};
    if (parallel_run(tree->threads, sort_part, &sorting) != 0)
        return err_set(err, "interrupted");
    return 0;
}

/* A node's depth, from its parent's or, at the top, from its path. */
static uint16_t depth_below(const struct tree *tree, uint32_t parent, uint32_t id)
{
    if (parent != DIRMAP_NONE) {
        uint16_t depth = tree->nodes[parent].depth;
        return depth < DEPTH_UNKNOWN - 1 ? (uint16_t)(depth + 1) : DEPTH_UNKNOWN;
    }
    const struct dirmap_dir *dir = dirmap_at(tree->map, id);
    unsigned depth = pathname_depth((struct slice){dir->path, dir->path_len});
    return depth < DEPTH_UNKNOWN ? (uint16_t)depth : DEPTH_UNKNOWN;
}

/* Gets the groups below the next siblings on their way while this one's subtree is walked. */
static void look_ahead(const struct siblings *siblings, uint32_t next, uint32_t end)
{
    const struct child *children = siblings->children;
    if (next + 4 < end)
        __builtin_prefetch(&siblings->begin[children[next + 4].id]);
    if (next < end)
        __builtin_prefetch(&children[siblings->begin[children[next].id]]);
}

/* Walks down from the roots and hands out the numbers. A frame is what is left of one group. */
static int number(struct tree *tree, const struct siblings *siblings, struct err *err)
{
    struct frame {
        uint32_t next;
        uint32_t end;
        uint32_t parent;
    };
    size_t room = 64;
    size_t depth = 1;
    struct frame *frames = malloc(room * sizeof *frames);
    if (frames == NULL)
        return out_of_memory(tree, err);
    frames[0] = (struct frame){(uint32_t)siblings->roots, (uint32_t)siblings->count, DIRMAP_NONE};
    for (uint32_t node = 0; depth != 0;) {
        struct frame *top = &frames[depth - 1];
        if (top->next == top->end) {
            if (top->parent != DIRMAP_NONE)
                tree->nodes[top->parent].last = node - 1;
            depth--;
            continue;
        }
        uint32_t id = siblings->children[top->next++].id;
        look_ahead(siblings, top->next, top->end);
        tree->nodes[node].dir = id;
        tree->nodes[node].parent = top->parent;
        tree->nodes[node].depth = depth_below(tree, top->parent, id);
        if (depth == room) {
            struct frame *more = realloc(frames, 2 * room * sizeof *frames);
            if (more == NULL) {
                free(frames);
                return out_of_memory(tree, err);
            }
            frames = more;
            room *= 2;
        }
        uint32_t begin = siblings->begin[id];
        uint32_t end = siblings->begin[id + 1];
        tree->nodes[node].own_dirs = end - begin;
        frames[depth++] = (struct frame){begin, end, node};
        node++;
    }
    free(frames);
    return 0;
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
    tree->nodes = mem_array(tree->count, sizeof *tree->nodes);
    int status = -1;
    if (tree->nodes == NULL)
        out_of_memory(tree, err);
    else if (gather(tree, &siblings, err) == 0 && sort_siblings(tree, &siblings, err) == 0)
        status = number(tree, &siblings, err);
    mem_free_array(siblings.begin, (size_t)siblings.limit + 2, sizeof *siblings.begin);
    mem_free_array(siblings.children, tree->count, sizeof *siblings.children);
    if (status != 0) {
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
    free(tree->usages.row);
    free(tree->buckets);
    free(tree);
}

size_t tree_count(const struct tree *tree)
{
    return tree->count;
}

/* Adds the files of one owner to what is known of a set: its counters and whether it has one owner. */
static void merge_owned(struct node *into, const struct dirstat *stat, uint32_t uid, uint32_t gid,
                        unsigned several)
{
    if (stat->files == 0)
        return;
    if (into->subtree.files == 0) {
        into->uid = uid;
        into->gid = gid;
    }
    several |= (into->uid != uid ? UID_SEVERAL : 0) | (into->gid != gid ? GID_SEVERAL : 0);
    into->flags |= (uint16_t)several;
    dirstat_merge(&into->subtree, stat);
}

/* The files directly in a directory, all owners together. */
static struct dirstat own_stat(const struct tree *tree, uint32_t id)
{
    struct dirstat stat = dirmap_at(tree->map, id)->stat;
    const struct dirmap_owner *owner = NULL;
    while ((owner = dirmap_next_owner(tree->map, id, owner)) != NULL)
        dirstat_merge(&stat, &owner->stat);
    return stat;
}

static int64_t group_id(uint32_t gid)
{
    return gid == ENTRY_NO_GROUP ? -1 : (int64_t)gid;
}

static int by_uid_then_gid(const void *left, const void *right)
{
    const struct rows_usage *a = left;
    const struct rows_usage *b = right;
    if (a->uid != b->uid)
        return a->uid < b->uid ? -1 : 1;
    return (a->gid > b->gid) - (a->gid < b->gid);
}

static int by_gid(const void *left, const void *right)
{
    const struct rows_usage *a = left;
    const struct rows_usage *b = right;
    return (a->gid > b->gid) - (a->gid < b->gid);
}

/* Makes room for one more in an array of `size`-byte items. -1: out of memory. */
static int make_room(void **items, size_t *room, size_t count, size_t size)
{
    if (count < *room)
        return 0;
    size_t more = *room == 0 ? 16 : 2 * *room;
    void *longer = realloc(*items, more * size);
    if (longer == NULL)
        return -1;
    *items = longer;
    *room = more;
    return 0;
}

static int add_usage(struct usages *usages, size_t node, const struct dirstat *stat, uint32_t uid,
                     uint32_t gid)
{
    if (make_room((void **)&usages->row, &usages->room, usages->count, sizeof *usages->row) != 0)
        return -1;
    usages->row[usages->count++] =
        (struct rows_usage){(int64_t)node + 1, uid, group_id(gid), *stat};
    return 0;
}

/* Fills `usages` with the owners of a node's own files, by uid and gid. -1: out of memory. */
static int gather_usages(const struct tree *tree, size_t node, struct usages *usages)
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

/* Adds usages, sorted by uid, to the users; a directory counts once for each. */
static void add_to_users(const struct usages *usages, struct ownermap *users)
{
    for (size_t i = 0; i < usages->count; i++) {
        const struct rows_usage *usage = &usages->row[i];
        struct ownermap_owner *user = ownermap_get(users, usage->uid);
        dirstat_merge(&user->stat, &usage->stat);
        user->directories += i == 0 || usage[-1].uid != usage->uid;
    }
}

/* The same by gid. */
static void add_to_groups(const struct usages *usages, struct ownermap *groups)
{
    for (size_t i = 0; i < usages->count; i++) {
        const struct rows_usage *usage = &usages->row[i];
        struct ownermap_owner *group = ownermap_get(groups, usage->gid);
        dirstat_merge(&group->stat, &usage->stat);
        group->directories += i == 0 || usage[-1].gid != usage->gid;
    }
}

/* A directory's histograms, into those of the users. */
static void count_buckets(const struct tree *tree, size_t i, struct ownermap *users)
{
    struct node *node = &tree->nodes[i];
    const struct dirmap_bucket *bucket = NULL;
    if (dirmap_next_bucket(tree->map, node->dir, NULL) != NULL)
        node->flags |= HAS_BUCKETS;
    while ((bucket = dirmap_next_bucket(tree->map, node->dir, bucket)) != NULL)
        histogram_count(
            &ownermap_get(users, bucket->uid)->histogram.bucket[bucket->kind][bucket->index],
            bucket->counts.files, bucket->counts.size);
}

/* What one thread counts of the directories' own files. */
struct counting {
    struct ownermap *users;
    struct ownermap *groups;
    struct usages usages;
};

/* A directory's own files: into its node, and into the totals of their owners. */
static int count_own(const struct tree *tree, size_t i, struct counting *counting)
{
    struct node *node = &tree->nodes[i];
    struct usages *usages = &counting->usages;
    node->subtree = DIRSTAT_NONE;
    if (gather_usages(tree, i, usages) != 0)
        return -1;
    for (size_t u = 0; u < usages->count; u++) {
        const struct rows_usage *usage = &usages->row[u];
        /* A gid of -1 becomes ENTRY_NO_GROUP again. */
        merge_owned(node, &usage->stat, (uint32_t)usage->uid, (uint32_t)usage->gid, 0);
    }
    add_to_users(usages, counting->users);
    count_buckets(tree, i, counting->users);
    if (usages->count > 1)
        qsort(usages->row, usages->count, sizeof *usages->row, by_gid);
    add_to_groups(usages, counting->groups);
    return 0;
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
    for (size_t i = parallel_begin(tree->count, part, parts); i < end; i++) {
        if (is_cancelled(tree, i))
            return -1;
        if (i + AHEAD < end)
            __builtin_prefetch(dirmap_at(tree->map, tree->nodes[i + AHEAD].dir));
        if (count_own(tree, i, &all->counting[part]) != 0)
            return -1;
    }
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

/* Counts every directory's own files: each thread a range of nodes, the first into the given maps. */
static int count_all(const struct tree *tree, struct ownermap *users, struct ownermap *groups,
                     unsigned threads)
{
    struct counting *counting = mem_new(threads * sizeof *counting);
    for (unsigned i = 0; i < threads; i++) {
        counting[i].users = i == 0 ? users : ownermap_new();
        counting[i].groups = i == 0 ? groups : ownermap_new();
    }
    struct counting_all all = {tree, counting};
    int status = parallel_run(threads, count_part, &all);
    for (unsigned i = 0; i < threads; i++) {
        free(counting[i].usages.row);
        if (i == 0)
            continue;
        merge_owners(users, counting[i].users);
        merge_owners(groups, counting[i].groups);
        ownermap_free(counting[i].users);
        ownermap_free(counting[i].groups);
    }
    free(counting);
    return status;
}

static int check_overflow(const struct tree *tree, struct err *err)
{
    struct dirstat all = DIRSTAT_NONE;
    for (size_t i = 0; i < tree->count; i++) {
        const struct node *node = &tree->nodes[i];
        if (node->parent == DIRMAP_NONE)
            dirstat_merge(&all, &node->subtree);
        if (!dirstat_overflowed(&all))
            continue;
        const struct dirmap_dir *dir = dirmap_at(tree->map, node->dir);
        return err_set(err,
                       "%.*s: the sizes below add up to more than 9223372036854775807 bytes; take "
                       "the lines with impossible sizes out of the log",
                       (int)dir->path_len, dir->path);
    }
    return 0;
}

int tree_roll_up(struct tree *tree, struct ownermap *users, struct ownermap *groups,
                 struct err *err)
{
    if (count_all(tree, users, groups, tree->threads) != 0)
        return atomic_load_explicit(tree->cancelled, memory_order_relaxed)
                   ? err_set(err, "interrupted")
                   : out_of_memory(tree, err);
    for (size_t i = tree->count; i-- > 0;) {
        const struct node *node = &tree->nodes[i];
        if (node->parent == DIRMAP_NONE)
            continue;
        struct node *parent = &tree->nodes[node->parent];
        merge_owned(parent, &node->subtree, node->uid, node->gid, node->flags & SEVERAL);
        parent->subtree_dirs += node->subtree_dirs + 1;
    }
    return check_overflow(tree, err);
}

static void rewind_rows(void *state)
{
    struct tree *tree = state;
    tree->next_node = 0;
    tree->part_count = 0;
    tree->part_next = 0;
}

static int64_t owner_column(const struct node *node, uint16_t several, int64_t single)
{
    if (node->subtree.files == 0)
        return -1;
    return (node->flags & several) != 0 ? ROWS_SEVERAL : single;
}

static int next_dir(void *state, struct rows_dir *row)
{
    struct tree *tree = state;
    if (tree->next_node == tree->count)
        return 0;
    if (tree->next_node + 2 * AHEAD < tree->count) {
        __builtin_prefetch(dirmap_at(tree->map, tree->nodes[tree->next_node + 2 * AHEAD].dir));
        const struct dirmap_dir *soon =
            dirmap_at(tree->map, tree->nodes[tree->next_node + AHEAD].dir);
        __builtin_prefetch(soon->path);
        __builtin_prefetch(soon->path + 64);
    }
    const struct node *node = &tree->nodes[tree->next_node++];
    const struct dirmap_dir *dir = dirmap_at(tree->map, node->dir);
    row->id = (int64_t)tree->next_node;
    row->parent_id = node->parent == DIRMAP_NONE ? 0 : (int64_t)node->parent + 1;
    row->last_id = (int64_t)node->last + 1;
    row->path = (struct slice){dir->path, dir->path_len};
    row->depth = node->depth == DEPTH_UNKNOWN ? pathname_depth(row->path) : node->depth;
    row->own = own_stat(tree, node->dir);
    row->subtree = node->subtree;
    row->own_dirs = node->own_dirs;
    row->subtree_dirs = node->subtree_dirs;
    row->uid = owner_column(node, UID_SEVERAL, (int64_t)node->uid);
    row->gid = owner_column(node, GID_SEVERAL, group_id(node->gid));
    return 1;
}

static int next_usage(void *state, struct rows_usage *row)
{
    struct tree *tree = state;
    while (tree->part_next == tree->part_count) {
        while (tree->next_node < tree->count &&
               (tree->nodes[tree->next_node].flags & SEVERAL) == 0)
            tree->next_node++;
        if (tree->next_node == tree->count)
            return 0;
        if (gather_usages(tree, tree->next_node++, &tree->usages) != 0)
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
        if (make_room((void **)&tree->buckets, &tree->bucket_room, tree->part_count,
                      sizeof *tree->buckets) != 0)
            return -1;
        tree->buckets[tree->part_count++] =
            (struct rows_bucket){(int64_t)node + 1, bucket->uid, group_id(bucket->gid),
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
               (tree->nodes[tree->next_node].flags & HAS_BUCKETS) == 0)
            tree->next_node++;
        if (tree->next_node == tree->count)
            return 0;
        if (gather_buckets(tree, tree->next_node++, kind) != 0)
            return -1;
    }
    *row = tree->buckets[tree->part_next++];
    return 1;
}

struct rows tree_rows(struct tree *tree)
{
    rewind_rows(tree);
    return (struct rows){tree, rewind_rows, next_dir, next_usage, next_bucket};
}
