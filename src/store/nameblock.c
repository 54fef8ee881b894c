/* nameblock: one run of bytes, and where in it the blocks begin. The last component of a path is
 * all that a name pattern is asked about: of a million directories 10 MB, where their paths with
 * what a table's rows hold besides are 100 MB. One thread. */
#include "nameblock.h"

#include <stdlib.h>

#include "mem.h"
#include "pathname.h"
#include "schema.h"

struct nameblock {
    char *bytes;
    size_t len;
    size_t room;
    struct nameblock_row *rows; /* the last is the block begun, where one is open */
    size_t count;
    size_t row_room;
    size_t complete;
};

struct nameblock *nameblock_new(void)
{
    return mem_new(sizeof(struct nameblock));
}

void nameblock_free(struct nameblock *blocks)
{
    if (blocks == NULL)
        return;
    free(blocks->bytes);
    free(blocks->rows);
    free(blocks);
}

void nameblock_end(struct nameblock *blocks)
{
    blocks->complete = blocks->count;
}

static int begin_block(struct nameblock *blocks, int64_t first_id)
{
    nameblock_end(blocks);
    struct nameblock_row *longer =
        mem_grow(blocks->rows, &blocks->row_room, blocks->count, sizeof *longer);
    if (longer == NULL)
        return -1;
    blocks->rows = longer;
    blocks->rows[blocks->count++] = (struct nameblock_row){first_id, blocks->len, 0};
    return 0;
}

/* Room for `more` bytes. */
static int make_room(struct nameblock *blocks, size_t more)
{
    if (blocks->room - blocks->len >= more)
        return 0;
    size_t room = 2 * blocks->room + more + 65536;
    char *longer = realloc(blocks->bytes, room);
    if (longer == NULL)
        return -1;
    blocks->bytes = longer;
    blocks->room = room;
    return 0;
}

int nameblock_add(struct nameblock *blocks, int64_t dir_id, struct slice path)
{
    bool begins = (dir_id - 1) % SCHEMA_NAME_BLOCK == 0;
    if ((begins || blocks->count == blocks->complete) && begin_block(blocks, dir_id) != 0)
        return -1;
    struct slice name = pathname_last(path);
    if (make_room(blocks, name.len + 1) != 0)
        return -1;
    char *end = blocks->bytes + blocks->len;
    if (name.len > 0)
        memcpy(end, name.ptr, name.len);
    end[name.len] = '\0';
    blocks->len += name.len + 1;
    blocks->rows[blocks->count - 1].len += name.len + 1;
    return 0;
}

const struct nameblock_row *nameblock_rows(const struct nameblock *blocks, size_t *count)
{
    *count = blocks->complete;
    return blocks->rows;
}

const char *nameblock_bytes(const struct nameblock *blocks)
{
    return blocks->bytes;
}

void nameblock_clear(struct nameblock *blocks)
{
    if (blocks->complete == blocks->count) {
        blocks->len = 0;
    } else {
        size_t begin = blocks->rows[blocks->complete].begin;
        blocks->len -= begin;
        memmove(blocks->bytes, blocks->bytes + begin, blocks->len);
        blocks->rows[0] = blocks->rows[blocks->complete];
        blocks->rows[0].begin = 0;
    }
    blocks->count -= blocks->complete;
    blocks->complete = 0;
}
