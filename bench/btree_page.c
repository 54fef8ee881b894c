/* btree_page: fills a page, the cells' places from the front and the cells from the back, until
 * they meet. A payload that a page may not hold whole goes on in a chain of overflow pages, each
 * with the next one's number before its bytes. One thread a page. */
#include "btree_page.h"

#include <assert.h>
#include <endian.h>
#include <string.h>

#include "btree_cell.h"
#include "btree_pages.h"

/* Offsets in a page's header. */
enum { CELLS = 3, CONTENT = 5, LAST_CHILD = 8, LEAF_HEADER = 8, INTERIOR_HEADER = 12 };

static void put_16(char *to, size_t value)
{
    uint16_t big_endian = htobe16((uint16_t)value); /* 65536 is written as 0 */
    memcpy(to, &big_endian, sizeof big_endian);
}

static void put_counts(struct btree_page *page)
{
    put_16(page->header + CELLS, page->cells);
    put_16(page->header + CONTENT, page->content);
}

void btree_page_begin(struct btree_page *page, struct btree_pages *pages, size_t index,
                      enum btree_page_kind kind, size_t offset)
{
    bool leaf = kind == BTREE_PAGE_INDEX_LEAF || kind == BTREE_PAGE_TABLE_LEAF;
    page->pages = pages;
    page->index = index;
    page->bytes = btree_pages_at(pages, index);
    page->header = page->bytes + offset;
    page->pointers = offset + (leaf ? LEAF_HEADER : INTERIOR_HEADER);
    page->content = pages->page_size;
    page->cells = 0;
    page->header[0] = (char)kind;
    put_counts(page);
}

bool btree_page_fits(const struct btree_page *page, size_t cell_size)
{
    return page->pointers + 2 + cell_size <= page->content;
}

/* Writes what is left of a payload to new pages; their first number belongs at byte `at` of the
 * page. */
static void put_overflow(struct btree_page *page, size_t at, const char *from, size_t left)
{
    struct btree_pages *pages = page->pages;
    size_t room = pages->page_size - 4;
    size_t index = page->index;
    while (left > 0) {
        size_t next = btree_pages_add(pages);
        btree_pages_link(pages, index, at, next);
        size_t part = left < room ? left : room;
        memcpy(btree_pages_at(pages, next) + 4, from, part);
        from += part;
        left -= part;
        index = next;
        at = 0;
    }
}

void btree_page_add(struct btree_page *page, const struct btree_cell *cell)
{
    assert(btree_page_fits(page, cell->size));
    page->content -= cell->size;
    size_t within = cell->prefix + cell->local;
    memcpy(page->bytes + page->content, cell->bytes, within);
    if (cell->local < cell->payload)
        put_overflow(page, page->content + within, cell->bytes + within,
                     cell->payload - cell->local);
    put_16(page->bytes + page->pointers, page->content);
    page->pointers += 2;
    page->cells++;
    put_counts(page);
}

void btree_page_set_last_child(struct btree_page *page, uint32_t child)
{
    uint32_t big_endian = htobe32(child);
    memcpy(page->header + LAST_CHILD, &big_endian, sizeof big_endian);
}
