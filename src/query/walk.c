/* walk: a path is its parent's path and a name, so the names of the facts and a stack of the
 * directories above are enough; only the first directory of a range and directories without a
 * stored parent have theirs fetched from the tables. */
#include "walk.h"

#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "mem.h"
#include "reader.h"
#include "scope.h"

int walk_open(struct walk *walk, struct reader *reader, const struct scope *scope, struct err *err)
{
    *walk = (struct walk){.reader = reader, .scope = scope};
    return facts_open(&walk->facts, reader, scope->directories, err);
}

void walk_close(struct walk *walk)
{
    facts_close(walk->facts);
    free(walk->levels);
    free(walk->bytes);
    *walk = (struct walk){0};
}

static int damaged(const struct walk *walk, struct err *err)
{
    return err_set(err,
                   "%s: damaged database: its directories are inconsistent; import its logs afresh "
                   "with --replace",
                   reader_path(walk->reader));
}

static int make_room(struct walk *walk, size_t length, struct err *err)
{
    if (length <= walk->room)
        return 0;
    char *longer = realloc(walk->bytes, 2 * length);
    if (longer == NULL)
        return err_no_memory(err, "%s: cannot read", reader_path(walk->reader));
    walk->bytes = longer;
    walk->room = 2 * length;
    return 0;
}

/* The directory's path from the tables. */
static int fetch_path(struct walk *walk, struct err *err)
{
    const struct reader_value id = {.type = READER_INTEGER, .integer = walk->id};
    struct reader_rows *rows;
    if (reader_run(&rows, walk->reader, "SELECT path FROM directories WHERE dir_id = ?1", &id, 1,
                   err) != 0)
        return -1;
    int found = reader_rows_next(rows, err);
    if (found == 1) {
        struct slice path = reader_rows_text(rows, 0);
        found = make_room(walk, path.len + 1, err);
        if (found == 0) {
            memcpy(walk->bytes, path.len == 0 ? "" : path.ptr, path.len);
            walk->path = (struct slice){walk->bytes, path.len};
        }
    } else if (found == 0) {
        found = damaged(walk, err);
    }
    reader_rows_close(rows);
    return found;
}

/* Its parent's path and its name. */
static int join_path(struct walk *walk, size_t parent, const char *name, struct err *err)
{
    size_t len = strlen(name);
    if (make_room(walk, parent + 1 + len, err) != 0)
        return -1;
    size_t end = parent;
    if (end != 1) /* below `/`, whose slash is enough */
        walk->bytes[end++] = '/';
    memcpy(walk->bytes + end, name, len);
    walk->path = (struct slice){walk->bytes, end + len};
    return 0;
}

static int turn_to(struct walk *walk, struct err *err)
{
    size_t block = (size_t)(walk->id - 1) / FACTS_BLOCK;
    struct slice names;
    if (facts_turn(walk->facts, block, err) != 0 ||
        (walk->parents = facts_values(walk->facts, FACTS_PARENT, err)) == NULL ||
        facts_names(&names, walk->facts, err) != 0)
        return -1;
    walk->name = names.ptr;
    uint32_t before = (uint32_t)(walk->id - facts_first_id(walk->facts));
    while (before-- > 0)
        walk->name += strlen(walk->name) + 1;
    return 0;
}

/* The number of the directory after the current one; 0: there is none. */
static int64_t next_id(struct walk *walk)
{
    const struct scope *scope = walk->scope;
    if (walk->range == scope->range_count)
        return 0;
    if (walk->id < scope->ranges[walk->range].first)
        return scope->ranges[walk->range].first;
    if (walk->id < scope->ranges[walk->range].last)
        return walk->id + 1;
    return ++walk->range == scope->range_count ? 0 : scope->ranges[walk->range].first;
}

static int enter(struct walk *walk, struct err *err)
{
    struct walk_level *levels =
        mem_grow(walk->levels, &walk->level_room, walk->depth, sizeof *levels);
    if (levels == NULL)
        return err_no_memory(err, "%s: cannot read", reader_path(walk->reader));
    walk->levels = levels;
    levels[walk->depth++] = (struct walk_level){walk->id, walk->path.len};
    return 1;
}

int walk_next(struct walk *walk, struct err *err)
{
    int64_t before = walk->id;
    int64_t id = next_id(walk);
    if (id == 0)
        return 0;
    walk->id = id;
    bool follows = before > 0 && id == before + 1 && (id - 1) % FACTS_BLOCK != 0;
    if (!follows && turn_to(walk, err) != 0)
        return -1;
    walk->place = (uint32_t)(id - facts_first_id(walk->facts));
    const char *name = walk->name;
    walk->name += strlen(name) + 1;
    int64_t distance = walk->parents[walk->place];
    int64_t parent = distance == FACTS_NULL ? 0 : id - distance;
    while (walk->depth > 0 && walk->levels[walk->depth - 1].id != parent)
        walk->depth--;
    int status = walk->depth == 0
                     ? fetch_path(walk, err)
                     : join_path(walk, walk->levels[walk->depth - 1].length, name, err);
    return status != 0 ? -1 : enter(walk, err);
}
