/* btree_page: one b-tree page being filled (https://www.sqlite.org/fileformat2.html, section 1.6).
 */
#ifndef FSTALLY_BTREE_PAGE_H
#define FSTALLY_BTREE_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct btree_cell;
struct btree_pages;

/* The kinds of page, by their numbers in the file. */
enum btree_page_kind {
    BTREE_PAGE_INDEX_INTERIOR = 2,
    BTREE_PAGE_TABLE_INTERIOR = 5,
    BTREE_PAGE_INDEX_LEAF = 10,
    BTREE_PAGE_TABLE_LEAF = 13,
};

struct btree_page {
    struct btree_pages *pages; /* where the page lies and its overflow pages go */
    size_t index;              /* of the page in `pages` */
    char *bytes;
    char *header;
    size_t pointers; /* [.., pointers) is the header and the cells' places */
    size_t content;  /* [content, page size) are the cells; between the two it is free */
    unsigned cells;
};

/* Begins page `index` of `pages`, still zero. Its header stands `offset` bytes from its begin (100
 * in the first page of a file, else 0). The page is valid at once and stays so. */
void btree_page_begin(struct btree_page *page, struct btree_pages *pages, size_t index,
                      enum btree_page_kind kind, size_t offset);

bool btree_page_fits(const struct btree_page *page, size_t cell_size);

/* Adds a cell, which fits, behind the others; adds the overflow pages it needs to `pages`. */
void btree_page_add(struct btree_page *page, const struct btree_cell *cell);

/* The child of an interior page for what comes after its last cell. */
void btree_page_set_last_child(struct btree_page *page, uint32_t child);

#endif
