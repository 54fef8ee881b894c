/* pagewriter: the large tables and their indexes as pages, laid out by all threads and written
 * without SQLite (see btree.h). */
#ifndef FSTALLY_PAGEWRITER_H
#define FSTALLY_PAGEWRITER_H

#include <stdatomic.h>
#include <stddef.h>

struct err;
struct rows;
struct pagewriter;

struct pagewriter_options {
    unsigned threads;
    size_t page_size;             /* bytes: 4096 to 65536, a power of two */
    const atomic_bool *cancelled; /* borrowed; once set, every step fails soon */
};

/* Begins to fill the tables of the database at `path`, which SQLite has just created, with all
 * tables and indexes and without rows, and which nobody has open. */
int pagewriter_open(struct pagewriter **out, const char *path,
                    const struct pagewriter_options *options, struct err *err);

/* Writes the rows into the tables of columns.h. Once. */
int pagewriter_put_rows(struct pagewriter *writer, const struct rows *rows, struct err *err);

/* Fills the indexes of the same rows. Once. */
int pagewriter_index(struct pagewriter *writer, const struct rows *rows, struct err *err);

/* Completes the file, which SQLite may open then. Closes and frees the writer, also on failure. */
int pagewriter_finish(struct pagewriter *writer, struct err *err);

/* Gives up. NULL is nothing. */
void pagewriter_close(struct pagewriter *writer);

#endif
