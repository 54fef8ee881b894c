/* ncdu: rows in preorder become steps into directories and out of them.
 *
 * On the stack is every directory that is open, with what of its figures no step has shown yet:
 * first all that is below it, then less and less with every subdirectory shown. What is left when
 * it closes belongs to the directories that were left out. So memory is one level for each
 * component of the longest path. One thread. */
#include "ncdu.h"

#include <assert.h>
#include <stdlib.h>

#include "err.h"
#include "filter.h"
#include "reader.h"
#include "subtree.h"

/* An open directory. */
struct level {
    int64_t last_id; /* of its subtree */
    struct {
        int64_t directories;
        int64_t size;
        int64_t alloc;
    } hidden;          /* below it, and not shown so far */
    int64_t files_due; /* directly in it; 0: none, or shown */
    int64_t files_size;
    int64_t files_alloc;
    int64_t files_mtime;
    int64_t uid;
    int64_t gid;
};

struct ncdu {
    struct subtree subtree;
    bool waiting; /* the subtree has a directory that has not been opened */
    bool ended;   /* no rows any more */
    struct level *stack;
    size_t depth;
    size_t room;
};

int ncdu_open(struct ncdu **out, struct federation *federation, const struct filter *filter,
              struct err *err)
{
    struct ncdu *ncdu = calloc(1, sizeof *ncdu);
    if (ncdu == NULL)
        return err_set(err, "query: out of memory");
    if (subtree_open(&ncdu->subtree, federation, filter, err) != 0 ||
        subtree_skip_chain(&ncdu->subtree, err) != 0 ||
        subtree_begin(&ncdu->subtree, filter->limit, err) != 0) {
        ncdu_close(ncdu);
        return -1;
    }
    *out = ncdu;
    return 0;
}

void ncdu_close(struct ncdu *ncdu)
{
    if (ncdu == NULL)
        return;
    subtree_close(&ncdu->subtree);
    free(ncdu->stack);
    free(ncdu);
}

int64_t ncdu_scanned(const struct ncdu *ncdu)
{
    return ncdu->subtree.scanned;
}

static int push(struct ncdu *ncdu, struct level level, struct err *err)
{
    if (ncdu->depth == ncdu->room) {
        size_t room = ncdu->room == 0 ? 64 : 2 * ncdu->room; /* few paths go deeper than 64 */
        struct level *stack = realloc(ncdu->stack, room * sizeof *stack);
        if (stack == NULL)
            return err_set(err, "%s: cannot read: out of memory",
                           reader_path(ncdu->subtree.reader));
        ncdu->stack = stack;
        ncdu->room = room;
    }
    assert(ncdu->stack != NULL);
    ncdu->stack[ncdu->depth++] = level;
    return 1;
}

/* The parent of all, of which the scan has no directory or not all is asked for. */
static int open_common(struct ncdu *ncdu, struct ncdu_step *step, struct err *err)
{
    const struct subtree *subtree = &ncdu->subtree;
    *step = (struct ncdu_step){
        .kind = NCDU_OPEN, .name = subtree->above, .uid = -1, .gid = -1, .mtime = INT64_MIN};
    return push(ncdu,
                (struct level){.last_id = INT64_MAX,
                               .hidden = {subtree->directories, subtree->size, subtree->alloc}},
                err);
}

/* What is left of a sum; 0 where it is smaller than its parts, having stayed at INT64_MAX. */
static int64_t rest(int64_t sum, int64_t part)
{
    return sum > part ? sum - part : 0;
}

static int64_t known(const struct reader_rows *rows, enum subtree_column column, int64_t otherwise)
{
    return reader_rows_is_null(rows, (int)column) ? otherwise
                                                  : reader_rows_integer(rows, (int)column);
}

/* Opens the directory that waits, and takes its figures out of its parent's. */
static int open_waiting(struct ncdu *ncdu, struct ncdu_step *step, struct err *err)
{
    const struct reader_rows *rows = ncdu->subtree.rows;
    int64_t directories = reader_rows_integer(rows, SUBTREE_DIRS_R);
    int64_t size = reader_rows_integer(rows, SUBTREE_SIZE_R);
    int64_t alloc = reader_rows_integer(rows, SUBTREE_ALLOC_R);
    if (ncdu->depth > 0) {
        assert(ncdu->stack != NULL);
        struct level *parent = &ncdu->stack[ncdu->depth - 1];
        parent->hidden.directories -= 1 + directories;
        parent->hidden.size = rest(parent->hidden.size, size);
        parent->hidden.alloc = rest(parent->hidden.alloc, alloc);
    }
    struct level level = {
        .last_id = reader_rows_integer(rows, SUBTREE_LAST_ID),
        .files_due = reader_rows_integer(rows, SUBTREE_FILES_NR),
        .files_size = reader_rows_integer(rows, SUBTREE_SIZE_NR),
        .files_alloc = reader_rows_integer(rows, SUBTREE_ALLOC_NR),
        .files_mtime = known(rows, SUBTREE_MTIME_NR, INT64_MIN),
        .uid = known(rows, SUBTREE_OWNER, -1),
        .gid = known(rows, SUBTREE_GROUP, -1),
    };
    level.hidden.directories = directories;
    level.hidden.size = rest(size, level.files_size);
    level.hidden.alloc = rest(alloc, level.files_alloc);
    struct slice name = reader_rows_text(rows, SUBTREE_NAME);
    if (ncdu->depth > 0 && *name.ptr == '/') /* one of several roots, below their common parent */
        name = (struct slice){name.ptr + 1, name.len - 1};
    ncdu->waiting = false;
    *step = (struct ncdu_step){.kind = NCDU_OPEN,
                               .name = name,
                               .uid = level.uid,
                               .gid = level.gid,
                               .mtime = known(rows, SUBTREE_MTIME_R, INT64_MIN)};
    return push(ncdu, level, err);
}

static int tell_files(struct level *level, struct ncdu_step *step)
{
    *step = (struct ncdu_step){.kind = NCDU_FILES,
                               .count = level->files_due,
                               .size = level->files_size,
                               .alloc = level->files_alloc,
                               .uid = level->uid,
                               .gid = level->gid,
                               .mtime = level->files_mtime};
    level->files_due = 0;
    return 1;
}

static int tell_hidden(struct level *level, struct ncdu_step *step)
{
    *step = (struct ncdu_step){.kind = NCDU_HIDDEN,
                               .count = level->hidden.directories,
                               .size = level->hidden.size,
                               .alloc = level->hidden.alloc,
                               .uid = -1,
                               .gid = -1,
                               .mtime = INT64_MIN};
    level->hidden.directories = 0;
    return 1;
}

static int await_row(struct ncdu *ncdu, struct err *err)
{
    if (ncdu->waiting || ncdu->ended)
        return 0;
    int status = subtree_next(&ncdu->subtree, err);
    ncdu->waiting = status == 1;
    ncdu->ended = status == 0;
    return status < 0 ? -1 : 0;
}

int ncdu_next(struct ncdu *ncdu, struct ncdu_step *step, struct err *err)
{
    struct level *level = ncdu->depth == 0 ? NULL : &ncdu->stack[ncdu->depth - 1];
    if (level != NULL && level->files_due > 0)
        return tell_files(level, step);
    bool begun = ncdu->stack != NULL;
    if (!begun && ncdu->subtree.roots != 1)
        return open_common(ncdu, step, err);
    if (await_row(ncdu, err) != 0)
        return -1;
    if (ncdu->waiting &&
        (level == NULL || reader_rows_integer(ncdu->subtree.rows, SUBTREE_ID) <= level->last_id))
        return open_waiting(ncdu, step, err);
    if (level == NULL)
        return 0;
    if (level->hidden.directories > 0)
        return tell_hidden(level, step);
    ncdu->depth--;
    *step = (struct ncdu_step){.kind = NCDU_CLOSE};
    return 1;
}
