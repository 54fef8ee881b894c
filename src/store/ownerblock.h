/* ownerblock: what owners hold directly in SCHEMA_OWNER_BLOCK consecutive directories together,
 * gathered while the directories' own figures pass, in the order of dir_id. One thread. */
#ifndef FSTALLY_OWNERBLOCK_H
#define FSTALLY_OWNERBLOCK_H

#include <stddef.h>

#include "rows.h"

/* A row of the table owner_usage_block. */
struct ownerblock_row {
    int64_t first_id; /* of the block */
    int64_t uid;
    int64_t gid; /* -1: not recorded */
    struct dirstat stat;
    uint64_t directories;       /* that hold such files directly */
    uint64_t owner_directories; /* of these, those counted under no smaller group of this owner */
    uint64_t group_directories; /* of these, those counted under no smaller owner of this group */
};

struct ownerblock;

struct ownerblock *ownerblock_new(void);
void ownerblock_free(struct ownerblock *blocks); /* NULL is nothing */

/* Takes all files directly in a directory, of one owner and group. -1: out of memory. */
int ownerblock_add_directory(struct ownerblock *blocks, const struct rows_dir *dir);

/* Takes the files of one owner and group directly in a directory; in the order of (dir_id, uid,
 * gid). -1: out of memory. */
int ownerblock_add_usage(struct ownerblock *blocks, const struct rows_usage *usage);

/* No more is added to the block begun. */
void ownerblock_end(struct ownerblock *blocks);

/* The rows of the blocks that are complete: those before the one begun. Borrowed until the next
 * call. */
const struct ownerblock_row *ownerblock_rows(const struct ownerblock *blocks, size_t *count);

/* Forgets those rows. */
void ownerblock_clear(struct ownerblock *blocks);

#endif
