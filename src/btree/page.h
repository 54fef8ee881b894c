/* page: one b-tree page being filled (file format, section 1.6: b-tree pages). No bytes of it are
 * reserved. One thread a page. */
#ifndef FSTALLY_PAGE_H
#define FSTALLY_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cell;
struct pages;

/* By their numbers in the file. */
enum page_kind {
    PAGE_INDEX_INTERIOR = 2,
    PAGE_TABLE_INTERIOR = 5,
    PAGE_INDEX_LEAF = 10,
    PAGE_TABLE_LEAF = 13,
};

enum {
    PAGE_CHILD = 4, /* bytes of a page number: a cell of an interior page begins with its child */
    PAGE_LAST_CHILD = 8, /* offset in an interior page of the child after all cells */
};

struct page {
    struct pages *pages; /* where the page lies and its overflow pages go */
    enum page_kind kind;
    size_t index;    /* of the page in `pages` */
    uint8_t *bytes;  /* of the page */
    size_t child;    /* bytes before a cell: PAGE_CHILD, or 0 in a leaf */
    size_t pointers; /* [0, pointers) are the header and the cells' places */
    size_t content;  /* [content, page size) are the cells; between the two it is free */
    unsigned cells;
    size_t most;  /* bytes of a payload that stay in the page */
    size_t least; /* bytes that do at least when some do not */
};

static inline bool page_is_leaf(enum page_kind kind)
{
    return kind == PAGE_INDEX_LEAF || kind == PAGE_TABLE_LEAF;
}

/* Begins a new page of `pages`. -1: out of memory. */
int page_begin(struct page *page, struct pages *pages, enum page_kind kind);

/* Bytes that a finished cell takes in the page, its place in the header included. */
size_t page_cell_size(const struct page *page, const struct cell *cell);

/* Whether a cell of that size fits. An empty page takes any cell, and three of an
 * index. */
static inline bool page_fits(const struct page *page, size_t cell_size)
{
    return page->pointers + cell_size <= page->content;
}

/* Adds a cell, which fits, after the others; adds the overflow pages it needs to `pages`. It begins
 * at byte page->content then; in an interior page its child is yet to be written there. -1: out of
 * memory. */
int page_add(struct page *page, const struct cell *cell);

/* Completes the page, less the children of an interior one. */
void page_end(struct page *page);

#endif
