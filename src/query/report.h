/* report: what a page about one database shows, as a few small tables.
 *
 *     report_open, for each table report_start and report_next until 0, report_close
 *
 * Whatever files and directories are called, all tables together take less than 1.9 MB on the page. */
#ifndef FSTALLY_REPORT_H
#define FSTALLY_REPORT_H

#include <stddef.h>

struct err;
struct federation;
struct filter;
struct reader_value;
struct report;

enum report_table {
    REPORT_ABOUT, /* one row: what was scanned, and its totals */
    REPORT_LOGS,  /* the logs that the database was made from */
    REPORT_TREE,  /* the largest directories in preorder, each with its parent before it */
    /* What lies below the largest of them. `at` is a row of the tree, from 0; NULL: all together.
     * Buckets without files have no row. */
    REPORT_OWNERS, /* who holds most bytes */
    REPORT_ACCESS, /* the histograms */
    REPORT_SIZES,
    REPORT_COLD,   /* where most bytes are that nobody has accessed for a year. `of` is a row of the
                       tree; -1 is the first row of the places, -2 the second */
    REPORT_PLACES, /* directories with cold bytes that are not in the tree */
    REPORT_CHANGES, /* the largest since the older scan */
    REPORT_BUCKETS, /* of the histograms: what they are called */
    REPORT_PEOPLE,  /* the owners' names, where they are known */
    REPORT_TABLES,
};

/* Of the first database of a federation; a second one is an older scan of the same file system, to
 * compare it with. Borrows the federation and the filter: its path prefix chooses the part that the
 * page is about, least figures and the greatest depth which directories the tree has. Fails where a
 * database cannot be read or the first does not hold that path. */
int report_open(struct report **out, struct federation *federation, const struct filter *filter,
                struct err *err);
void report_close(struct report *report);

/* The tables' and their columns' names, for programs. Static. */
const char *report_table_name(enum report_table table);
size_t report_column_count(enum report_table table);
const char *report_column_name(enum report_table table, size_t column);

/* Begins a table; the one before is done with. */
int report_start(struct report *report, enum report_table table, struct err *err);

/* 1 a row, 0 no more, -1 the database could not be read. values has one for each of the table's
 * columns, borrowed until the next step. */
int report_next(struct report *report, const struct reader_value **values, struct err *err);

#endif
