/* entry: one data line of a scan log, parsed. What every format delivers and nothing more. */
#ifndef FSTALLY_ENTRY_H
#define FSTALLY_ENTRY_H

#include <stdbool.h>
#include <stdint.h>

#include "slice.h"

#define ENTRY_NO_TIME  INT64_MIN            /* the log records no such time */
#define ENTRY_NO_GROUP UINT32_MAX           /* the log records no group; -1 in the database */
#define ENTRY_ID_MAX   UINT32_C(4294967294) /* the largest uid or gid: (uid_t)-1 is none */

struct entry {
    struct slice path; /* borrowed from the line; absolute, slashes as written, no NUL */
    size_t slash;      /* where in the path its last slash is */
    int64_t size;      /* logical bytes, [0, INT64_MAX] */
    int64_t alloc;     /* allocated bytes, [0, INT64_MAX] */
    int64_t atime;     /* instant in [CLOCK_MIN, CLOCK_MAX], or ENTRY_NO_TIME */
    int64_t mtime;     /* likewise */
    uint32_t uid;      /* [0, ENTRY_ID_MAX] */
    uint32_t gid;      /* [0, ENTRY_ID_MAX], or ENTRY_NO_GROUP */
    bool is_directory;
};

/* A group as the database has it: -1 where the log does not record it. */
static inline int64_t entry_group(uint32_t gid)
{
    return gid == ENTRY_NO_GROUP ? -1 : (int64_t)gid;
}

#endif
