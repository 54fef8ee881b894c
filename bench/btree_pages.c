/* btree_pages: the pages that one piece of work makes, before anyone knows their numbers.
 *
 * Pages that are laid out in parallel cannot know how many stand before them. A dry run that counts
 * would cost what it saves: to count pages, every cell must be measured, and measuring is most of
 * encoding. But only a chain of overflow pages links pages of one piece (leaves hold no page
 * numbers), and few paths are that long: so links are indexes at first, noted down, and are turned
 * into numbers when the pieces before are done.
 *
 * The memory of pages that are written serves for the next: to touch new memory costs page faults
 * and its zeroing by the kernel (1,000,000 rows, one thread: 0.36 s against 0.22 s without).
 *
 * The kernel is asked to put on the disk at once what is written: left to itself it begins when the
 * file is synced, and 261 MB then take 0.12 s by themselves (one thread: 0.38 s in all against
 * 0.30 s, two: 0.28 s against 0.21 s). One thread a set of pages. */
#include "btree_pages.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "btree_fail.h"
#include "mem.h"

/* Where SQLite locks bytes in a database of more than 1 GiB. */
#define LOCK_BYTE ((size_t)1 << 30)

void btree_pages_init(struct btree_pages *pages, size_t page_size)
{
    *pages = (struct btree_pages){.page_size = page_size};
}

void btree_pages_clear(struct btree_pages *pages)
{
    for (size_t i = 0; i < pages->block_count; i++)
        mem_free_array(pages->blocks[i], BTREE_PAGES_BLOCK, 1);
    free(pages->blocks);
    btree_list_clear(&pages->links);
}

void btree_pages_reset(struct btree_pages *pages)
{
    pages->count = 0;
    pages->links.count = 0;
}

static size_t pages_of_block(const struct btree_pages *pages)
{
    return BTREE_PAGES_BLOCK / pages->page_size;
}

size_t btree_pages_add(struct btree_pages *pages)
{
    if (pages->count == pages->block_count * pages_of_block(pages)) {
        char **blocks = realloc(pages->blocks, (pages->block_count + 1) * sizeof *blocks);
        if (blocks == NULL)
            btree_fail("out of memory for pages");
        pages->blocks = blocks;
        pages->blocks[pages->block_count++] = btree_fail_array(BTREE_PAGES_BLOCK, 1);
    }
    memset(btree_pages_at(pages, pages->count), 0, pages->page_size);
    return pages->count++;
}

char *btree_pages_at(const struct btree_pages *pages, size_t index)
{
    size_t in_block = pages_of_block(pages);
    return pages->blocks[index / in_block] + index % in_block * pages->page_size;
}

static void put_32(char *to, uint32_t value)
{
    uint32_t big_endian = htobe32(value);
    memcpy(to, &big_endian, sizeof big_endian);
}

void btree_pages_link(struct btree_pages *pages, size_t index, size_t offset, size_t target)
{
    put_32(btree_pages_at(pages, index) + offset, (uint32_t)target);
    btree_list_add(&pages->links, index * pages->page_size + offset);
}

uint32_t btree_pages_number(size_t page_size, size_t place)
{
    size_t lock_place = LOCK_BYTE / page_size;
    size_t number = place + 1 + (place >= lock_place);
    if (number >= UINT32_MAX)
        btree_fail("the database has more pages than SQLite allows; use larger ones");
    return (uint32_t)number;
}

void btree_pages_place(struct btree_pages *pages, size_t first)
{
    for (size_t i = 0; i < pages->links.count; i++) {
        size_t at = pages->links.items[i];
        char *link = btree_pages_at(pages, at / pages->page_size) + at % pages->page_size;
        uint32_t target;
        memcpy(&target, link, sizeof target);
        put_32(link, btree_pages_number(pages->page_size, first + be32toh(target)));
    }
}

static int write_all(int fd, const char *bytes, size_t count, size_t offset)
{
    while (count > 0) {
        ssize_t written = pwrite(fd, bytes, count, (off_t)offset);
        if (written < 0 && errno != EINTR)
            return -1;
        if (written > 0) {
            bytes += written;
            count -= (size_t)written;
            offset += (size_t)written;
        }
    }
    return 0;
}

int btree_pages_write(const struct btree_pages *pages, size_t begin, size_t end, size_t first,
                      int fd)
{
    size_t lock_place = LOCK_BYTE / pages->page_size;
    while (begin < end) {
        /* Up to the end of the block, or to the page that is left out. */
        size_t until = (begin / pages_of_block(pages) + 1) * pages_of_block(pages);
        until = until < end ? until : end;
        if (first + begin < lock_place && first + until > lock_place)
            until = lock_place - first;
        size_t bytes = (until - begin) * pages->page_size;
        size_t offset =
            (size_t)(btree_pages_number(pages->page_size, first + begin) - 1) * pages->page_size;
        if (write_all(fd, btree_pages_at(pages, begin), bytes, offset) != 0)
            return -1;
        /* Advice: what comes of it, the sync at the end tells. */
        sync_file_range(fd, (off_t)offset, (off_t)bytes, SYNC_FILE_RANGE_WRITE);
        begin = until;
    }
    return 0;
}
