/* verify: whether everything in a database agrees with everything else. */
#ifndef FSTALLY_VERIFY_H
#define FSTALLY_VERIFY_H

#include <stdint.h>

struct err;
struct reader;

struct verify_result {
    int64_t directories;
    int64_t files;
    int64_t size; /* logical bytes; 2^63-1: that or more */
    /* Of the content: directories, figures, owners, ages and sizes, and what the logs held. The same
     * for the same logs, whatever the number of threads, the writer or the order; names of users and
     * the time of the import are not in it. XXH3's 128 bits, the high half first. */
    uint64_t digest[2];
};

/* Checks the file as SQLite sees it (integrity_check), the numbering in preorder, paths, names and
 * depths, every sum over a subtree, the owners, the facts against the tables, the summaries and
 * histograms, and the books. Fails with the first fault. Several threads work; the reader belongs to
 * the caller's meanwhile. Memory: a few megabytes, and a record an owner. */
int verify_database(struct verify_result *out, struct reader *reader, struct err *err);

#endif
