/* books: whether the figures of a database that are kept in several places agree. For the files of
 * store/ only. */
#ifndef FSTALLY_BOOKS_H
#define FSTALLY_BOOKS_H

#include <sqlite3.h>
#include <stddef.h>

/* Compares, in each log, its lines with the sum of what they were; and the files and bytes of all
 * logs with those of the owners, the groups, both histograms, and the directories without a stored
 * parent. `fault`, of `room` bytes, says what does not agree; empty: everything does. Needs
 * saturating_sum. Returns an SQLite status. */
int books_check(sqlite3 *db, char *fault, size_t room);

#endif
