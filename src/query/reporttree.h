/* reporttree: the directories that a report's page draws: the largest of one database, with their
 * figures, in preorder, as many as there is room for.
 *
 *     reporttree_make; reporttree_compare where there is an older scan; reporttree_dispose
 */
#ifndef FSTALLY_REPORTTREE_H
#define FSTALLY_REPORTTREE_H

#include <stddef.h>
#include <stdint.h>

struct cold;
struct err;
struct reader;
struct scan;

/* Of a directory and all below it, but for what ends in _here: of the files directly in it. Times
 * are instants or FACTS_NULL. */
struct reporttree_row {
    int64_t id;
    int64_t depth;
    int64_t directories; /* below it: the last has the id id + directories */
    int64_t files;
    int64_t size;
    int64_t alloc;
    int64_t atime;
    int64_t files_here;
    int64_t size_here;
    int64_t alloc_here;
    int64_t atime_here;
    int64_t owner; /* -1: no files; FACTS_NULL: several */
    int64_t cold;  /* bytes */
    int64_t cold_files;
    int64_t cold_here;
    int64_t before; /* the size that an older scan has; FACTS_NULL: it has no such directory */
    int64_t before_here;
    size_t name_length;
    char *name; /* owned; of a root the path */
};

/* Zero-initialise. */
struct reporttree {
    struct reporttree_row *rows;
    size_t count;
    uint32_t *by_size; /* places of the rows, the largest first */
};

/* The directories that the scan's filter asks for, `most` at the most, as far as they take no more
 * than `bytes` on the page. The filter may ask only for what holds for a directory's parent too:
 * places, a least size, a greatest depth. `cold` is of the same database. */
int reporttree_make(struct reporttree *out, const struct scan *scan, const struct cold *cold,
                    size_t most, size_t bytes, struct err *err);
void reporttree_dispose(struct reporttree *tree);

/* Looks each directory up, by its path, in an older database. */
int reporttree_compare(struct reporttree *tree, struct reader *older, struct err *err);

/* The place of a directory's row, or as many as there are: it has none. */
size_t reporttree_find(const struct reporttree *tree, int64_t id);

#endif
