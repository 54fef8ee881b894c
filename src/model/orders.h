/* orders: in which order the directories of a tree come in an index. */
#ifndef FSTALLY_ORDERS_H
#define FSTALLY_ORDERS_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

struct rows;

/* A directory and its key: 12 bytes. */
struct orders_item {
    uint32_t key_high;
    uint32_t key_low;
    uint32_t dir; /* from 0 */
};

static inline uint64_t orders_key(const struct orders_item *item)
{
    return (uint64_t)item->key_high << 32 | item->key_low;
}

/* Returns the key of a directory. Any number of threads at once. */
typedef uint64_t orders_key_of(const struct rows *rows, size_t dir);

/* Makes *items the directories by their keys, those of one key by number, on `threads` threads. -1:
 * out of memory, or *cancelled was seen to be set. */
int orders_by_key(struct orders_item **items, const struct rows *rows, orders_key_of *key_of,
                  unsigned threads, const atomic_bool *cancelled);

/* Makes *dirs the directories (from 0) in the order in which SQLite compares their paths: those
 * that are UTF-8, *texts of them, by their bytes, then the others by theirs. -1: as above. */
int orders_by_path(uint32_t **dirs, size_t *texts, const struct rows *rows, unsigned threads,
                   const atomic_bool *cancelled);

/* Of `count` directories. NULL is nothing. */
void orders_free_items(struct orders_item *items, size_t count);
void orders_free_dirs(uint32_t *dirs, size_t count);

#endif
