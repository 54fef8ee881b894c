/* siblings: a counting sort by parent, then a sort of each group by name.
 *
 * The map's records lie in the order in which the log named them, so a visit by parent is a
 * cache miss. Therefore records and paths are read in their own order, and what sorting needs of
 * a name is put beside the id where that belongs; only names that begin alike are looked up
 * again. All passes are shared out to the threads: the first two by records, the last by
 * parents. In which order the children of a parent arrive is left to chance; their names are
 * distinct, so sorting ends that. */
#include "siblings.h"

#include <assert.h>
#include <endian.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "dirmap.h"
#include "mem.h"
#include "parallel.h"
#include "pathname.h"
#include "slice.h"

/* Records whose places are looked up together, so that the cache misses overlap. */
enum { STEP = 32 };

/* How many children ahead a loop prefetches: a miss takes some 100 ns, a step some 5. */
enum { AHEAD = 32 };

/* How many parents pass between two looks at the cancel flag: some milliseconds. */
enum { PARENTS_PER_LOOK = 1 << 16 };

/* Groups up to here are sorted by insertion, in place. With 12, 32 or 64 the stage takes as many
 * instructions within 2.5 %: most groups are far smaller. */
enum { INSERTION_MOST = 32 };

/* Bytes of a name that are compared at once, and how often before whole names are compared: names
 * of file systems end before. */
enum { KEY = 12, LEVELS = 22 };

/* What the threads share. */
struct sorting {
    const struct dirmap *map;
    const atomic_bool *cancelled; /* set by anyone, read by all; relaxed: only the flag matters */
    bool alone;                   /* there is but one thread */
    /* [0, limit] by parent's id, `limit` for the parentless. First how many children each has;
     * then, in its place, where the next one goes, so that in the end place[p] is the end of p's
     * group and the begin of the next one's. Set by all threads, one pass after the other; relaxed,
     * because a number is all that passes between them within a pass. */
    _Atomic uint32_t *place;
    uint32_t limit;
    /* Each item is set by the thread that places it, then sorted by the one that has its group. */
    struct siblings_child *children;
};

/* Adds one and returns what was there. A lone thread saves the bus lock. */
static uint32_t take(const struct sorting *sorting, _Atomic uint32_t *counter)
{
    if (!sorting->alone)
        return atomic_fetch_add_explicit(counter, 1, memory_order_relaxed);
    uint32_t before = atomic_load_explicit(counter, memory_order_relaxed);
    atomic_store_explicit(counter, before + 1, memory_order_relaxed);
    return before;
}

static _Atomic uint32_t *place_of_parent(const struct sorting *sorting,
                                         const struct dirmap_dir *dir)
{
    return &sorting->place[dir->parent == DIRMAP_NONE ? sorting->limit : dir->parent];
}

/* The next at most STEP directories of a part, from *id on. */
static size_t next_step(const struct sorting *sorting, uint32_t *id, unsigned part, unsigned parts,
                        uint32_t ids[STEP], const struct dirmap_dir *dirs[STEP])
{
    size_t count = 0;
    while (count < STEP && (*id = dirmap_next(sorting->map, *id, part, parts)) != DIRMAP_NONE) {
        ids[count] = *id;
        dirs[count++] = dirmap_at(sorting->map, *id);
    }
    for (size_t i = 0; i < count; i++)
        __builtin_prefetch((const void *)place_of_parent(sorting, dirs[i]), 1);
    return count;
}

static int count_part(void *context, unsigned part, unsigned parts)
{
    const struct sorting *sorting = context;
    uint32_t id = DIRMAP_NONE;
    uint32_t ids[STEP];
    const struct dirmap_dir *dirs[STEP];
    size_t count;
    do {
        count = next_step(sorting, &id, part, parts, ids, dirs);
        for (size_t i = 0; i < count; i++)
            take(sorting, place_of_parent(sorting, dirs[i]));
    } while (count == STEP);
    return 0;
}

/* Turns the counts into the begins of groups. */
static void add_up(struct sorting *sorting)
{
    uint32_t sum = 0;
    for (uint32_t id = 0; id <= sorting->limit; id++) {
        uint32_t children = atomic_load_explicit(&sorting->place[id], memory_order_relaxed);
        atomic_store_explicit(&sorting->place[id], sum, memory_order_relaxed);
        sum += children;
    }
}

static struct slice name_of(const struct dirmap_dir *dir)
{
    return pathname_last((struct slice){dir->path, dir->path_len});
}

/* Puts the KEY bytes of a name from `from` on where they are compared. Names often begin alike
 * (run_0001, run_0002), so 12 are at hand: with the id they fill what 8 would take with padding.
 * Behind a name come zeros, which no name holds: who has the same key has KEY bytes more. */
static void set_key(struct siblings_child *child, struct slice name, size_t from)
{
    unsigned char bytes[KEY] = {0};
    assert(from <= name.len);
    size_t left = name.len - from;
    memcpy(bytes, name.ptr + from, left < KEY ? left : KEY);
    memcpy(&child->key, bytes, 8);
    memcpy(&child->more_key, bytes + 8, 4);
    child->key = be64toh(child->key);
    child->more_key = be32toh(child->more_key);
}

static int place_part(void *context, unsigned part, unsigned parts)
{
    const struct sorting *sorting = context;
    uint32_t id = DIRMAP_NONE;
    uint32_t ids[STEP];
    const struct dirmap_dir *dirs[STEP];
    uint32_t places[STEP];
    size_t count;
    do {
        count = next_step(sorting, &id, part, parts, ids, dirs);
        for (size_t i = 0; i < count; i++) {
            places[i] = take(sorting, place_of_parent(sorting, dirs[i]));
            __builtin_prefetch(&sorting->children[places[i]], 1);
        }
        for (size_t i = 0; i < count; i++) {
            struct siblings_child *child = &sorting->children[places[i]];
            child->id = ids[i];
            set_key(child, name_of(dirs[i]), 0);
        }
    } while (count == STEP);
    return 0;
}

static int compare_keys(const void *left, const void *right)
{
    const struct siblings_child *a = left;
    const struct siblings_child *b = right;
    if (a->key != b->key)
        return a->key < b->key ? -1 : 1;
    return (a->more_key > b->more_key) - (a->more_key < b->more_key);
}

static int compare_names(const void *left, const void *right, void *map)
{
    const struct siblings_child *a = left;
    const struct siblings_child *b = right;
    return slice_compare(name_of(dirmap_at(map, a->id)), name_of(dirmap_at(map, b->id)));
}

static void sort_by_keys(struct siblings_child *group, size_t count)
{
    if (count > INSERTION_MOST) {
        qsort(group, count, sizeof *group, compare_keys);
        return;
    }
    for (size_t i = 1; i < count; i++) {
        struct siblings_child child = group[i];
        size_t at = i;
        for (; at > 0 && compare_keys(&child, &group[at - 1]) < 0; at--)
            group[at] = group[at - 1];
        group[at] = child;
    }
}

/* Takes the keys of some children from a later place of their names. */
static void read_keys(const struct sorting *sorting, struct siblings_child *group, size_t count,
                      size_t from)
{
    for (size_t begin = 0; begin < count; begin += STEP) {
        size_t end = count - begin < STEP ? count : begin + STEP;
        for (size_t i = begin; i < end; i++)
            __builtin_prefetch(dirmap_at(sorting->map, group[i].id));
        for (size_t i = begin; i < end; i++) {
            const struct dirmap_dir *dir = dirmap_at(sorting->map, group[i].id);
            __builtin_prefetch(dir->path + dir->path_len - 1);
        }
        for (size_t i = begin; i < end; i++)
            set_key(&group[i], name_of(dirmap_at(sorting->map, group[i].id)), from);
    }
}

/* The byte at `place` of the KEY that are known of a name; 0: there is none. */
static unsigned key_byte(const struct siblings_child *child, unsigned place)
{
    return place < 8 ? (unsigned)(child->key >> (56 - 8 * place)) & 0xff
                     : child->more_key >> (24 - 8 * (place - 8)) & 0xff;
}

/* Whether `next`, whose key is another one, comes before what is below `child` when paths are
 * sorted by their bytes: its name is the child's, then a byte below '/'. */
static bool is_overtaken(const struct siblings_child *child, const struct siblings_child *next)
{
    unsigned place = 0;
    while (place < KEY && key_byte(child, place) == key_byte(next, place))
        place++;
    return key_byte(child, place) == 0 && key_byte(next, place) < '/';
}

/* Notes of the children [begin, end), whose names begin with the same KEY bytes, which of them may
 * be overtaken. Their keys are not needed any more. */
static void note_overtaking(struct siblings_child *group, size_t begin, size_t end, size_t count)
{
    if (end - begin == 1) {
        group[begin].may_be_overtaken = end < count && is_overtaken(&group[begin], &group[end]);
        return;
    }
    for (size_t i = begin; i < end; i++)
        group[i].may_be_overtaken = true;
}

/* Sorts children that have one parent, and the same `level` * KEY bytes at the begin of their
 * names. Those that have the same key too are sorted by the next: so each name is visited once a
 * level, and not once a comparison. */
static void sort_group(const struct sorting *sorting, struct siblings_child *group, size_t count,
                       unsigned level)
{
    if (level == LEVELS) {
        qsort_r(group, count, sizeof *group, compare_names, (void *)sorting->map);
        return;
    }
    sort_by_keys(group, count);
    for (size_t begin = 0, end; begin < count; begin = end) {
        for (end = begin + 1; end < count && compare_keys(&group[begin], &group[end]) == 0; end++)
            ;
        if (end - begin > 1) {
            read_keys(sorting, group + begin, end - begin, (size_t)(level + 1) * KEY);
            sort_group(sorting, group + begin, end - begin, level + 1);
        }
        if (level == 0)
            note_overtaking(group, begin, end, count);
    }
}

/* Where the group of parent `id` begins: where that of the one before ends. */
static uint32_t begin_of(const struct sorting *sorting, size_t id)
{
    return id == 0 ? 0 : atomic_load_explicit(&sorting->place[id - 1], memory_order_relaxed);
}

/* Sorts the groups of a share of the parents, which nobody else touches, and notes where the group
 * of each child lies. */
static int sort_part(void *context, unsigned part, unsigned parts)
{
    const struct sorting *sorting = context;
    size_t groups = (size_t)sorting->limit + 1; /* the last one: the parentless */
    size_t last = parallel_begin(groups, part + 1, parts);
    uint32_t part_end = begin_of(sorting, last);
    for (size_t id = parallel_begin(groups, part, parts); id < last; id++) {
        if (id % PARENTS_PER_LOOK == 0 &&
            atomic_load_explicit(sorting->cancelled, memory_order_relaxed))
            return -1;
        uint32_t begin = begin_of(sorting, id);
        uint32_t end = begin_of(sorting, id + 1);
        sort_group(sorting, sorting->children + begin, end - begin, 0);
        for (uint32_t i = begin; i < end; i++) {
            struct siblings_child *child = &sorting->children[i];
            if (i + AHEAD < part_end)
                __builtin_prefetch((const void *)&sorting->place[child[AHEAD].id]);
            child->below.begin = begin_of(sorting, child->id);
            child->below.end = begin_of(sorting, (size_t)child->id + 1);
        }
    }
    return 0;
}

int siblings_sort(struct siblings *out, const struct dirmap *map, unsigned threads,
                  const atomic_bool *cancelled)
{
    size_t count = dirmap_count(map);
    struct sorting sorting = {
        .map = map, .cancelled = cancelled, .alone = threads == 1, .limit = dirmap_id_limit(map)};
    *out = (struct siblings){.children = mem_table(count, sizeof *out->children), .count = count};
    sorting.place = mem_table((size_t)sorting.limit + 1, sizeof *sorting.place);
    sorting.children = out->children;
    int status = -1;
    if (sorting.place != NULL && sorting.children != NULL) {
        parallel_run(threads, count_part, &sorting);
        add_up(&sorting);
        parallel_run(threads, place_part, &sorting);
        out->roots = begin_of(&sorting, sorting.limit);
        status = parallel_run(threads, sort_part, &sorting);
    }
    mem_free_array(sorting.place, (size_t)sorting.limit + 1, sizeof *sorting.place);
    if (status != 0)
        siblings_free(out);
    return status;
}

void siblings_free(struct siblings *siblings)
{
    mem_free_array(siblings->children, siblings->count, sizeof *siblings->children);
    siblings->children = NULL;
}
