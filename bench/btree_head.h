/* btree_head: the first page of a database, with the file's header and sqlite_schema. */
#ifndef FSTALLY_BTREE_HEAD_H
#define FSTALLY_BTREE_HEAD_H

#include <stddef.h>
#include <stdint.h>

struct btree_pages;
struct btree_rows;

/* Makes the file's first page, which is page 0 of the empty `pages`, and the pages that it needs
 * besides, which are placed from `next` on: page 1 of `pages` stands at place `next` of the file.
 * `roots`: the root page of each row of rows->schema. Returns the place behind the last page. */
size_t btree_head_build(struct btree_pages *pages, const struct btree_rows *rows,
                        const uint32_t *roots, size_t next);

#endif
