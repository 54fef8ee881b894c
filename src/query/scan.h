/* scan: all directories that a filter asks for, a block of facts at a time, in several threads.
 *
 * Every question is answered this way: ranges of ids and predicates over columns become a bitmap a
 * block, and whoever asks looks at the directories whose bits are set. */
#ifndef FSTALLY_SCAN_H
#define FSTALLY_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "facts.h"

struct err;
struct filter;
struct reader;
struct scope;

enum { SCAN_WORDS = FACTS_BLOCK / 64 };

/* One database, and what is asked of it; all borrowed. */
struct scan {
    const struct reader *reader;
    const struct filter *filter;
    const struct scope *scope; /* settled */
    unsigned threads;          /* at least 1 */
    size_t blocks_a_thread;    /* for which one more thread is started; 0: the default */
    bool by_files;             /* owners and groups choose files, which the caller does; else
                                  directories */
    bool everything;           /* every directory of the blocks that prefixes reach into, whatever
                                  else the filter says */
};

/* What owners have of a directory, where filter_holds. */
struct scan_held {
    int64_t size; /* all below a directory that is wholly theirs, else their files directly in it */
    int64_t files;
};

struct scan_block {
    unsigned thread; /* that looks at it, in [0, scan->threads) */
    struct facts *facts;
    int64_t first_id;
    uint32_t count;               /* directories */
    uint64_t bits[SCAN_WORDS];    /* bit i: directory first_id + i is asked for */
    const struct scan_held *held; /* a directory each, of those asked for; NULL: not asked for */
};

/* Called for each block in which a directory is asked for, by any of the threads; each thread sees
 * its blocks in ascending order. -1: err is filled, and the scan ends. */
typedef int scan_visit(void *context, const struct scan_block *block, struct err *err);

/* Whether the block at hand can be passed over, whichever of its directories are asked for. */
typedef bool scan_skip(void *context, unsigned thread, const struct facts *facts);

/* `skip` may be NULL. */
int scan_run(const struct scan *scan, scan_skip *skip, scan_visit *visit, void *context,
             struct err *err);

/* The first bit that is set at or after `i`, or FACTS_BLOCK. */
static inline uint32_t scan_next(const uint64_t bits[SCAN_WORDS], uint32_t i)
{
    uint32_t word = i / 64;
    if (word >= SCAN_WORDS)
        return FACTS_BLOCK;
    uint64_t left = bits[word] >> i % 64;
    if (left != 0)
        return i + (uint32_t)__builtin_ctzll(left);
    while (++word < SCAN_WORDS)
        if (bits[word] != 0)
            return word * 64 + (uint32_t)__builtin_ctzll(bits[word]);
    return FACTS_BLOCK;
}

static inline bool scan_has(const uint64_t bits[SCAN_WORDS], uint32_t i)
{
    return (bits[i / 64] >> i % 64 & 1) != 0;
}

/* Size over files, in whole bytes; FACTS_NULL without files. */
static inline int64_t scan_average(int64_t size, int64_t files)
{
    return files <= 0 ? FACTS_NULL : size / files;
}

#endif
