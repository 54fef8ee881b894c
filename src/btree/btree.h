/* btree: whole b-trees of a SQLite database, laid out without SQLite from rows that are in order
 * (https://www.sqlite.org/fileformat2.html).
 *
 * SQLite first creates the tables and indexes, empty, in a new file without reserved bytes and
 * without auto-vacuum, whose encoding is UTF-8. btree_write then fills them; last, the caller
 * writes the number of pages to the file's header (section 1.3.7: byte 28, big-endian), when
 * nobody has the file open. */
#ifndef FSTALLY_BTREE_H
#define FSTALLY_BTREE_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "cell.h"
#include "pagesink.h"

struct err;

enum btree_kind {
    BTREE_TABLE, /* rows have rowids */
    BTREE_INDEX, /* an index, whose entries end with the rowid or the primary key; or a WITHOUT
                    ROWID table, whose rows begin with the primary key */
};

/* One tree. Rows are in the order of their keys, no key twice: rowids ascend in a table, records in
 * an index as the BINARY collation has them: NULL, integers, TEXT, BLOB. */
struct btree {
    enum btree_kind kind;
    size_t rows;
    cell_put
        *put; /* puts row `row` of [0, rows), with cell_begin_row or cell_begin_entry by kind */
    const void *context;
    uint32_t root;    /* the page that holds the root: it exists already and is overwritten */
    size_t row_bytes; /* about how long a row is; 0: some are put to find out */
};

/* How and where. What it points to is borrowed. */
struct btree_file {
    size_t page_size;    /* bytes: 4096 to 65536, a power of two */
    uint32_t first_page; /* the first number that is free: those of the roots are less */
    struct pagesink sink;
    unsigned threads;             /* at least 1 */
    const atomic_bool *cancelled; /* set by any thread, read by all: it ends soon, as failed. May be
                                     NULL */
    size_t run_bytes; /* nominal size of what a thread takes at a time; the file's layout depends on
                         it. 0: BTREE_RUN_BYTES, and nothing else but in tests */
};

enum { BTREE_RUN_BYTES = 2 << 20 };

/* Writes all pages of the trees: their roots, and the others from first_page on. *end_page is the
 * number of pages that the file has then. The file is the same for any number of threads. Memory is
 * some MiB a thread, what the rows of one page take, and up to 32 bytes a leaf. -1: err is filled;
 * out of memory, a row that could not be put, a write that failed, more pages than SQLite has
 * numbers for, or cancelled. */
int btree_write(uint32_t *end_page, const struct btree *trees, size_t count,
                const struct btree_file *file, struct err *err);

#endif
