/* gather: when the map becomes too large.
 *
 * The ancestors that a log does not name come when a map is linked, and may take more memory
 * than all it names. So they are added each time the map has grown by a part of what is granted,
 * and then it is decided whether there is room for one part more. What threads share: the map,
 * which locks itself; all else is for the one thread that calls. */
#include "gather.h"

#include <stdint.h>
#include <stdlib.h>

#include "dirmap.h"
#include "mem.h"
#include "mergedrows.h"
#include "pathname.h"
#include "runs.h"
#include "tree.h"
#include "treerows.h"

/* Bytes that a directory takes beside the map: while it is numbered, to be written; and while
 * rows are stored, with an order of the directories. */
enum { BYTES_NUMBERED = 44, BYTES_STORED = 112 };

/* A map grows by a part of what is granted before its ancestors are looked at: by a 64th at
 * first, then by an 8th or less, down to a 512th where ancestors take much. */
enum { PARTS_FIRST = 64, PARTS_LEAST = 8, PARTS_MOST = 512 };

struct gather {
    struct gather_options options;
    struct slice root; /* empty where there is none, or none any more */
    struct dirmap *map;
    size_t part;       /* bytes that it may grow by */
    size_t bytes_next; /* it is full when it has as many; SIZE_MAX: never */
    struct runs *runs; /* NULL: all is in the map */
    struct tree *tree;
    struct treerows *rows; /* of all in the map; else: */
    struct mergedrows *merged;
};

/* A map of its own, for the first part. */
static void begin_map(struct gather *gather)
{
    gather->map = dirmap_new();
    gather->bytes_next = gather->options.bytes_most == 0 ? SIZE_MAX : gather->part;
}

struct gather *gather_new(const struct gather_options *options)
{
    struct gather *gather = mem_new(sizeof *gather);
    gather->options = *options;
    gather->root = options->root;
    gather->part = options->bytes_most / PARTS_FIRST;
    begin_map(gather);
    return gather;
}

void gather_free(struct gather *gather)
{
    if (gather == NULL)
        return;
    mergedrows_free(gather->merged);
    treerows_free(gather->rows);
    tree_free(gather->tree);
    runs_free(gather->runs);
    dirmap_free(gather->map);
    free(gather);
}

struct dirmap *gather_map(struct gather *gather)
{
    return gather->map;
}

/* Bytes of the map when `each` are added for a directory. */
static size_t bytes_with(const struct gather *gather, size_t each)
{
    size_t dirs;
    size_t bytes = dirmap_bytes(gather->map, &dirs);
    return bytes + dirs * each;
}

bool gather_is_full(const struct gather *gather)
{
    return gather->bytes_next != SIZE_MAX &&
           bytes_with(gather, BYTES_NUMBERED) >= gather->bytes_next;
}

void gather_widen(struct gather *gather, struct slice path)
{
    if (gather->root.len != 0 && !pathname_is_in(path, gather->root))
        gather->root.len = 0;
}

static int no_memory(struct err *err)
{
    return err_no_memory(err, "cannot hold all directories");
}

/* Numbers what the map holds. */
static int number(struct gather *gather, struct err *err)
{
    const struct gather_options *options = &gather->options;
    if (dirmap_link(gather->map, gather->root, options->threads) != 0)
        return no_memory(err);
    return tree_new(&gather->tree, gather->map, options->threads, options->cancelled, err);
}

/* Writes the map down as a run, and begins another. */
static int write_run(struct gather *gather, struct err *err)
{
    if (gather->runs == NULL &&
        runs_new(&gather->runs, gather->options.temporary, gather->options.cancelled, err) != 0)
        return -1;
    if (number(gather, err) != 0 || runs_add(gather->runs, gather->map, gather->tree, err) != 0)
        return -1;
    tree_free(gather->tree);
    gather->tree = NULL;
    dirmap_free(gather->map);
    begin_map(gather);
    return 0;
}

/* Sets the part to that after which the map will have grown by the largest one, ancestors
 * included, if they take as much as they did now: `ancestors` bytes beside the last part. */
static void adapt_part(struct gather *gather, size_t ancestors)
{
    size_t most = gather->options.bytes_most;
    size_t largest = most / PARTS_LEAST;
    size_t least = most / PARTS_MOST;
    double share = (double)gather->part / ((double)gather->part + (double)ancestors + 1);
    size_t part = (size_t)((double)largest * share);
    gather->part = part < least ? least : part;
}

int gather_relieve(struct gather *gather, struct err *err)
{
    size_t most = gather->options.bytes_most;
    size_t before = bytes_with(gather, BYTES_NUMBERED);
    if (dirmap_add_ancestors(gather->map, gather->root, gather->options.threads) != 0)
        return no_memory(err);
    size_t bytes = bytes_with(gather, BYTES_NUMBERED);
    adapt_part(gather, bytes - before);
    if (bytes > most - most / PARTS_LEAST)
        return write_run(gather, err);
    gather->bytes_next = bytes + gather->part;
    return 0;
}

/* Everything is in the map. */
static int finish_in_memory(struct gather *gather, struct ownermap *users, struct ownermap *groups,
                            struct rollup_sums *sums, struct err *err)
{
    if (number(gather, err) != 0 || rollup_tree(gather->tree, users, groups, sums, err) != 0)
        return -1;
    if (treerows_new(&gather->rows, gather->tree) != 0)
        return err_no_memory(err, "cannot hold all owners of directories");
    return 0;
}

int gather_finish(struct gather *gather, struct ownermap *users, struct ownermap *groups,
                  struct rollup_sums *sums, struct err *err)
{
    const struct gather_options *options = &gather->options;
    bool has_room =
        options->bytes_most == 0 || bytes_with(gather, BYTES_STORED) <= options->bytes_most;
    if (gather->runs == NULL && has_room)
        return finish_in_memory(gather, users, groups, sums, err);
    if (write_run(gather, err) != 0)
        return -1;
    dirmap_free(gather->map);
    gather->map = NULL;
    const struct mergedrows_options merging = {options->temporary, gather->root,
                                               options->cancelled};
    int status = mergedrows_new(&gather->merged, gather->runs, &merging, users, groups, sums, err);
    runs_free(gather->runs);
    gather->runs = NULL;
    return status;
}

const struct rows *gather_rows(const struct gather *gather)
{
    return gather->merged != NULL ? mergedrows_rows(gather->merged) : treerows_rows(gather->rows);
}
