/* pages: the pages that one piece of work makes, in the order in which they lie in the file. They
 * have indexes, from 0, until their place in the file is known: pages_write then turns links into
 * page numbers and writes. One thread a set of pages. */
#ifndef FSTALLY_PAGES_H
#define FSTALLY_PAGES_H

#include <stddef.h>
#include <stdint.h>

struct err;
struct pagesink;

enum {
    PAGES_BLOCK = 1 << 20,   /* bytes of a write, at most */
    PAGES_ALIGNMENT = 4096,  /* of a write's memory: see pagesink.h */
    PAGES_SIZE_LEAST = 4096, /* bytes of a page: a power of two */
    PAGES_SIZE_MOST = 65536,
};

#define PAGES_NUMBER_MOST UINT32_C(0xfffffffe) /* file format, section 1.2: pages */
#define PAGES_NONE        SIZE_MAX

struct pages {
    size_t page_size;
    size_t count;     /* indexes given out */
    size_t written;   /* [written, count) are in memory */
    uint8_t **blocks; /* of PAGES_BLOCK bytes; they grow in number, none moves */
    size_t block_count;
    size_t block_room;
    size_t *links; /* where a link is: index x page_size + offset */
    size_t link_count;
    size_t link_room;
};

/* Where pages lie in the file: one after the other from number `first` on. */
struct pages_place {
    uint64_t first;    /* of index 0 */
    size_t root_index; /* this page is not among them but at `root`; PAGES_NONE: there is none */
    uint32_t root;
};

void pages_init(struct pages *pages, size_t page_size);
void pages_dispose(struct pages *pages);

/* Forgets all pages, keeps their memory for others. */
void pages_reset(struct pages *pages);

/* Adds a page, whose bytes are of any value. Returns its index; PAGES_NONE: out of memory. */
size_t pages_add(struct pages *pages);

/* The page, which is in memory still. */
static inline uint8_t *pages_at(const struct pages *pages, size_t index)
{
    size_t slot = index - pages->written;
    size_t in_block = PAGES_BLOCK / pages->page_size;
    return pages->blocks[slot / in_block] + slot % in_block * pages->page_size;
}

/* Has page number `index` of these pages written at byte `offset` of a page. Both are written at
 * the same time, or the target before. -1: out of memory. */
int pages_link(struct pages *pages, size_t page, size_t offset, size_t target);

/* The number that follows `count` numbers from `first` on, leaving out the page that holds byte
 * 2^30 (file format, section 1.4: the lock-byte page). May be more than PAGES_NUMBER_MOST. */
uint64_t pages_number(size_t page_size, uint64_t first, uint64_t count);

/* The number of a page. */
uint64_t pages_number_at(const struct pages *pages, const struct pages_place *place, size_t index);

/* Writes the pages in memory, and forgets them. Their numbers must exist. -1: err is filled. */
int pages_write(struct pages *pages, const struct pages_place *place, const struct pagesink *sink,
                struct err *err);

#endif
