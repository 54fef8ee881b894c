/* btree_pages: pages that stand one after the other in the file, numbered when it is known where.
 */
#ifndef FSTALLY_BTREE_PAGES_H
#define FSTALLY_BTREE_PAGES_H

#include <stddef.h>
#include <stdint.h>

#include "btree_list.h"

struct btree_pages {
    size_t page_size;
    size_t count;
    char **blocks; /* of BTREE_PAGES_BLOCK bytes; they grow in number, none moves */
    size_t block_count;
    struct btree_list links; /* where a link stands (page x page_size + offset); links hold indexes
                                of this struct until btree_pages_place */
};

enum { BTREE_PAGES_BLOCK = 1 << 20 }; /* bytes; pages are powers of two of at most 65536 bytes */

void btree_pages_init(struct btree_pages *pages, size_t page_size);
void btree_pages_clear(struct btree_pages *pages);

/* Forgets all pages, keeps their memory for others. */
void btree_pages_reset(struct btree_pages *pages);

/* Adds a page of zeros. Returns its index. */
size_t btree_pages_add(struct btree_pages *pages);

char *btree_pages_at(const struct btree_pages *pages, size_t index);

/* Writes a link to page `target` at byte `offset` of page `index`. */
void btree_pages_link(struct btree_pages *pages, size_t index, size_t offset, size_t target);

/* The number that SQLite gives to the page at a place in the file's order of used pages, from 0.
 * The page that holds byte 2^30 is never used (section 1.4). */
uint32_t btree_pages_number(size_t page_size, size_t place);

/* Settles that page 0 stands at `first`, and turns the links into page numbers. Once. */
void btree_pages_place(struct btree_pages *pages, size_t first);

/* Writes pages [begin, end) to a file in which page 0 stands, or would stand, at place `first`.
 * They are on their way to the disk then, but not synced. Returns 0, or -1 with errno. */
int btree_pages_write(const struct btree_pages *pages, size_t begin, size_t end, size_t first,
                      int fd);

#endif
