/* level: the pages of one level of a b-tree, or a run of them, laid out from left to right. One
 * thread a level. */
#ifndef FSTALLY_LEVEL_H
#define FSTALLY_LEVEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cell.h"
#include "page.h"

struct err;
struct pages;

/* A page of a level, and what divides it from the next one. */
struct level_child {
    int64_t key;   /* in a table the last rowid of the page; in an index the row between the two */
    uint32_t page; /* its index in `pages`, or its number */
};

/* Zero-initialise. */
struct level_list {
    struct level_child *items;
    size_t count;
    size_t room;
};

void level_list_dispose(struct level_list *list);

/* -1: out of memory. */
int level_list_add(struct level_list *list, struct level_child child);

/* The first members are set by the caller. What it points to is borrowed. */
struct level {
    bool index; /* of an index, or of a WITHOUT ROWID table; else of a table */
    cell_put *put;
    const void *context;
    struct pages *pages; /* where the pages go */
    struct cell *cell;
    struct level_list *made; /* the pages, by their indexes; empty at first */
    /* Called before each page, when `pages` may be written. NULL: no need. -1 ends the level. */
    int (*before_page)(void *context, struct err *err);
    void *before_page_context;
    /* An interior level: the level below, at least two pages. NULL: these are leaves. */
    const struct level_list *below;
    bool below_numbered; /* its pages have their numbers; else they are indexes in `pages` */
    struct page page;    /* the level's own: the page being filled */
};

/* Lays out the leaves of rows [begin, end). An index's run of leaves that another one follows ends
 * with the row that divides the two, which lies in no leaf: `divided`, and there are two rows at
 * least. Without rows there is one empty page. -1: err is filled. */
int level_lay_leaves(struct level *level, size_t begin, size_t end, bool divided, struct err *err);

/* About how many bytes of the file row `row` takes. -1: err is filled. */
int level_measure(size_t *bytes, struct level *level, size_t row, struct err *err);

/* Lays out the pages above level->below. -1: err is filled. */
int level_lay_interior(struct level *level, struct err *err);

#endif
