/* page: fills a page, the cells' places from the front and the cells from the back, until they
 * meet. A payload that a page may not hold whole goes on in a chain of overflow pages, each with
 * the next one's number before its bytes (file format, section 1.7: cell payload overflow pages).
 *
 * The header is written when the page is full, and zeros where nothing is: pages are not cleared
 * before. */
#include "page.h"

#include <assert.h>
#include <endian.h>
#include <string.h>

#include "cell.h"
#include "pages.h"

enum {
    /* Offsets in a page's header. */
    CELLS = 3,
    CONTENT = 5,
    LEAF_HEADER = 8,
    INTERIOR_HEADER = 12,
    POINTER = 2, /* bytes of a cell's place in the header */
    CELL_LEAST =
        4, /* bytes of a cell: a freed one becomes a block of the free list, of 4 at least */
};

static void put_16(uint8_t *to, size_t value)
{
    uint16_t big_endian = htobe16((uint16_t)value); /* 65536 is written as 0 */
    memcpy(to, &big_endian, sizeof big_endian);
}

int page_begin(struct page *page, struct pages *pages, enum page_kind kind)
{
    size_t size = pages->page_size;
    *page = (struct page){.pages = pages,
                          .kind = kind,
                          .index = pages_add(pages),
                          .child = page_is_leaf(kind) ? 0 : PAGE_CHILD,
                          .pointers = page_is_leaf(kind) ? LEAF_HEADER : INTERIOR_HEADER,
                          .content = size,
                          .most = kind == PAGE_TABLE_LEAF ? size - 35 : (size - 12) * 64 / 255 - 23,
                          .least = (size - 12) * 32 / 255 - 23};
    if (page->index == PAGES_NONE)
        return -1;
    page->bytes = pages_at(pages, page->index);
    return 0;
}

/* How much of a payload stays in the page. */
static size_t local_bytes(const struct page *page, size_t payload)
{
    if (payload <= page->most)
        return payload;
    size_t room = page->pages->page_size - PAGE_CHILD;
    size_t local = page->least + (payload - page->least) % room;
    return local <= page->most ? local : page->least;
}

/* Bytes of a cell in the page. */
static size_t content_size(const struct page *page, const struct cell *cell, size_t local)
{
    size_t link = local < cell->payload ? PAGE_CHILD : 0;
    size_t size = page->child + cell->prefix + local + link;
    return size < CELL_LEAST ? CELL_LEAST : size;
}

size_t page_cell_size(const struct page *page, const struct cell *cell)
{
    return content_size(page, cell, local_bytes(page, cell->payload)) + POINTER;
}

/* Writes what is left of a payload to new pages; the first one's number belongs at byte `at` of the
 * page. */
static int put_overflow(const struct page *page, size_t at, const uint8_t *from, size_t left)
{
    struct pages *pages = page->pages;
    size_t room = pages->page_size - PAGE_CHILD;
    size_t index = page->index;
    while (left > 0) {
        size_t next = pages_add(pages);
        if (next == PAGES_NONE || pages_link(pages, index, at, next) != 0)
            return -1;
        size_t part = left < room ? left : room;
        uint8_t *to = pages_at(pages, next);
        memcpy(to + PAGE_CHILD, from, part);
        memset(to + PAGE_CHILD + part, 0, room - part);
        from += part;
        left -= part;
        index = next;
        at = 0;
    }
    memset(pages_at(pages, index), 0, PAGE_CHILD); /* the chain's end */
    return 0;
}

int page_add(struct page *page, const struct cell *cell)
{
    size_t local = local_bytes(page, cell->payload);
    size_t size = content_size(page, cell, local);
    assert(page_fits(page, size + POINTER));
    page->content -= size;
    size_t at = page->content + page->child;
    size_t within = cell->prefix + local;
    memcpy(page->bytes + at, cell->bytes, within);
    put_16(page->bytes + page->pointers, page->content);
    page->pointers += POINTER;
    page->cells++;
    if (local < cell->payload)
        return put_overflow(page, at + within, cell->bytes + within, cell->payload - local);
    if (size > page->child + within) /* a cell of three bytes */
        memset(page->bytes + at + within, 0, size - page->child - within);
    return 0;
}

void page_end(struct page *page)
{
    uint8_t *bytes = page->bytes;
    memset(bytes, 0, LEAF_HEADER);
    bytes[0] = (uint8_t)page->kind;
    put_16(bytes + CELLS, page->cells);
    put_16(bytes + CONTENT, page->content);
    memset(bytes + page->pointers, 0, page->content - page->pointers);
}
