/* pages: pages that do not know their numbers yet.
 *
 * Pages that are laid out in parallel cannot know how many come before them, and to count them
 * beforehand would take most of the work of laying them out. But few pages hold numbers of others:
 * chains of overflow pages, and interior pages above the lowest. So a link is an index at first,
 * noted down, and becomes a number when the pages are written.
 *
 * The memory of pages that are written serves for the next: new memory costs page faults and its
 * zeroing by the kernel (1,000,000 rows, one thread: 0.36 s against 0.22 s without). */
#include "pages.h"

#include <assert.h>
#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "mem.h"
#include "pagesink.h"

/* Where SQLite locks a database. */
#define LOCK_BYTE (UINT64_C(1) << 30)

void pages_init(struct pages *pages, size_t page_size)
{
    assert(page_size >= PAGES_SIZE_LEAST && page_size <= PAGES_SIZE_MOST &&
           (page_size & (page_size - 1)) == 0);
    *pages = (struct pages){.page_size = page_size};
}

void pages_dispose(struct pages *pages)
{
    for (size_t i = 0; i < pages->block_count; i++)
        free(pages->blocks[i]);
    free(pages->blocks);
    free(pages->links);
    pages_init(pages, pages->page_size);
}

void pages_reset(struct pages *pages)
{
    pages->count = 0;
    pages->written = 0;
    pages->link_count = 0;
}

static int add_block(struct pages *pages)
{
    uint8_t **blocks =
        mem_grow(pages->blocks, &pages->block_room, pages->block_count, sizeof *blocks);
    if (blocks == NULL)
        return -1;
    pages->blocks = blocks;
    blocks[pages->block_count] = aligned_alloc(PAGES_ALIGNMENT, PAGES_BLOCK);
    if (blocks[pages->block_count] == NULL)
        return -1;
    pages->block_count++;
    return 0;
}

size_t pages_add(struct pages *pages)
{
    size_t room = pages->block_count * (PAGES_BLOCK / pages->page_size);
    if (pages->count - pages->written == room && add_block(pages) != 0)
        return PAGES_NONE;
    return pages->count++;
}

static void put_32(uint8_t *to, uint32_t value)
{
    uint32_t big_endian = htobe32(value);
    memcpy(to, &big_endian, sizeof big_endian);
}

int pages_link(struct pages *pages, size_t page, size_t offset, size_t target)
{
    size_t *links = mem_grow(pages->links, &pages->link_room, pages->link_count, sizeof *links);
    if (links == NULL)
        return -1;
    pages->links = links;
    links[pages->link_count++] = page * pages->page_size + offset;
    put_32(pages_at(pages, page) + offset, (uint32_t)target);
    return 0;
}

uint64_t pages_number(size_t page_size, uint64_t first, uint64_t count)
{
    uint64_t lock_page = LOCK_BYTE / page_size + 1;
    uint64_t number = first + count;
    return number + (first <= lock_page && number >= lock_page);
}

uint64_t pages_number_at(const struct pages *pages, const struct pages_place *place, size_t index)
{
    if (index == place->root_index)
        return place->root;
    size_t before = index - (index > place->root_index); /* the root takes no place here */
    return pages_number(pages->page_size, place->first, before);
}

static void settle_links(struct pages *pages, const struct pages_place *place)
{
    for (size_t i = 0; i < pages->link_count; i++) {
        size_t page = pages->links[i] / pages->page_size;
        uint8_t *link = pages_at(pages, page) + pages->links[i] % pages->page_size;
        uint32_t target;
        memcpy(&target, link, sizeof target);
        put_32(link, (uint32_t)pages_number_at(pages, place, be32toh(target)));
    }
    pages->link_count = 0;
}

int pages_write(struct pages *pages, const struct pages_place *place, const struct pagesink *sink,
                struct err *err)
{
    settle_links(pages, place);
    size_t in_block = PAGES_BLOCK / pages->page_size;
    size_t end;
    for (size_t begin = pages->written; begin < pages->count; begin = end) {
        /* As far as numbers follow each other, within a block. */
        uint64_t number = pages_number_at(pages, place, begin);
        size_t block_end = begin + in_block - (begin - pages->written) % in_block;
        end = begin + 1;
        while (end < block_end && end < pages->count &&
               pages_number_at(pages, place, end) == number + (end - begin))
            end++;
        assert(number + (end - begin) - 1 <= PAGES_NUMBER_MOST);
        if (sink->write(sink->context, pages_at(pages, begin), (end - begin) * pages->page_size,
                        (number - 1) * pages->page_size, err) != 0)
            return -1;
    }
    pages->written = pages->count;
    return 0;
}
