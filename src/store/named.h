/* named: a set of directories as SQL sees it: the table named(dir_id), in ascending order, and the
 * function is_named(dir_id). For reader.c only; one thread. */
#ifndef FSTALLY_NAMED_H
#define FSTALLY_NAMED_H

#include <sqlite3.h>

#include "idset.h"

/* The set is borrowed until the database is closed; what it holds may change between statements. An
 * SQLite status. */
int named_offer(sqlite3 *db, struct idset *set);

#endif
