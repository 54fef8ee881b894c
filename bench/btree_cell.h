/* btree_cell: one cell of a b-tree page, as SQLite's file format has it
 * (https://www.sqlite.org/fileformat2.html, sections 1.6 and 2.1). */
#ifndef FSTALLY_BTREE_CELL_H
#define FSTALLY_BTREE_CELL_H

#include <stddef.h>
#include <stdint.h>

struct btree_rows_value;

/* A cell being put together, one after the other in the same memory. The payload is whole; what of
 * it goes to overflow pages is for the page to see to. */
struct btree_cell {
    size_t page_size;
    char *memory;
    size_t room;    /* bytes of memory */
    char *bytes;    /* prefix, then payload */
    size_t prefix;  /* bytes before the payload: child, payload length, rowid */
    size_t payload; /* bytes */
    size_t local;   /* bytes of the payload that stay in the cell; the first of them */
    size_t size;    /* bytes of the cell within its page */
};

/* For rows whose texts are `longest` bytes at most. */
void btree_cell_init(struct btree_cell *cell, size_t page_size, size_t longest);
void btree_cell_clear(struct btree_cell *cell);

/* A row: its record behind its rowid. */
void btree_cell_row(struct btree_cell *cell, int64_t rowid, const struct btree_rows_value *values,
                    size_t count);

/* An entry of an index: key and rowid as a record. `child`: the page of what comes before it; 0 in
 * a leaf. */
void btree_cell_entry(struct btree_cell *cell, uint32_t child, const struct btree_rows_value *key,
                      int64_t rowid);

/* In an interior page of a table: `rowid` is the last in the page `child`. */
void btree_cell_divider(struct btree_cell *cell, uint32_t child, int64_t rowid);

#endif
