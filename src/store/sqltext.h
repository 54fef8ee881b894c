/* sqltext: bytes as SQL values. What is valid UTF-8 is TEXT, anything else a BLOB of the same
 * bytes, so that every reader of the file gets a value that it can show. The rows of the file and
 * the values that they are compared with go through here, so equal bytes are equal values. For the
 * files of store/ only; reentrant. */
#ifndef FSTALLY_SQLTEXT_H
#define FSTALLY_SQLTEXT_H

#include <sqlite3.h>

#include "slice.h"

/* Binds the bytes to the statement's parameter `place`, from 1. `lifetime` is SQLite's:
 * SQLITE_STATIC or SQLITE_TRANSIENT. Returns an SQLite status. */
int sqltext_bind(sqlite3_stmt *statement, int place, struct slice bytes,
                 sqlite3_destructor_type lifetime);

/* Makes the bytes the result of a function or the value of a column; they are not copied. */
void sqltext_result(sqlite3_context *to, struct slice bytes);

#endif
