/* logname: what a scan log's file name says. */
#ifndef FSTALLY_LOGNAME_H
#define FSTALLY_LOGNAME_H

#include <stdbool.h>
#include <stdint.h>

#include "slice.h"

/* The last component of a path; borrows from it. */
struct slice logname_base(const char *path);

/* The file system: the base name up to its first `.`, without `YYYYMMDD_` and then without what
 * goes to the next `_`. 20260111_csfs1_asp.list.list_all.log -> asp; usr.find -> usr. Borrows
 * from the path; may be empty. */
struct slice logname_filesystem(const char *path);

/* The scan date of a name that begins `YYYYMMDD_`, as the instant at which the day begins. False
 * where there is none or no such day. */
bool logname_date(const char *path, int64_t *instant);

#endif
