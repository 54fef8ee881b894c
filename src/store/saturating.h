/* saturating: the SQL aggregate saturating_sum(X). A stored figure of 2^63-1 means that much or
 * more, and SQLite's own sum() fails beyond it. For the files of store/ only. */
#ifndef FSTALLY_SATURATING_H
#define FSTALLY_SATURATING_H

#include <sqlite3.h>

/* Adds saturating_sum(X) to the connection: the sum of integers that are not negative, which stays
 * at 2^63-1 once it has passed that; NULL where there are none, as sum() has it. Returns an SQLite
 * status. */
int saturating_offer(sqlite3 *db);

#endif
