/* reject: what is wrong with a line. A rejected line is no record; a flawed one is counted
 * without the value that could not be used. */
#ifndef FSTALLY_REJECT_H
#define FSTALLY_REJECT_H

#include <stddef.h>

#include "slice.h"

enum reject_reason {
    REJECT_NONE = 0,
    /* Rejected. */
    REJECT_NUL,
    REJECT_LONG,
    REJECT_NUL_DECODED, /* a NUL that the path's escape stands for */
    REJECT_HEAD,
    REJECT_HEAD_NULL_ENDED, /* the same, where a newline cannot be the cause */
    REJECT_SEPARATOR,
    REJECT_TEMPLATE,
    REJECT_SIZE,
    REJECT_SIZE_OVERFLOW,
    REJECT_OWNER,
    REJECT_OWNER_OVERFLOW,
    REJECT_USER,
    REJECT_MODE,
    REJECT_TYPE,
    REJECT_NO_SIZE,
    REJECT_NO_OWNER,
    REJECT_NO_KIND,
    REJECT_EMPTY_PATH,
    REJECT_RELATIVE_PATH,
    REJECT_ROOT,
    REJECT_DEEP_PATH,
    REJECT_TWO_RECORDS,
    REJECT_NOT_UNDER,
    REJECT_REJECTED_END,
    /* Flawed. */
    REJECT_ALLOC,
    REJECT_ALLOC_OVERFLOW,
    REJECT_GROUP,
    REJECT_GROUP_OVERFLOW,
    REJECT_GROUP_NAME,
    REJECT_ATIME,
    REJECT_ATIME_DATE,
    REJECT_ATIME_RANGE,
    REJECT_MTIME,
    REJECT_MTIME_DATE,
    REJECT_MTIME_RANGE,
    REJECT_FLAWED_END,
    /* A header by which the scan says that it failed somewhere. */
    REJECT_SCAN_ERROR,
};

enum reject_class { REJECT_REJECTED, REJECT_FLAWED, REJECT_SCAN_ERRORS, REJECT_CLASSES };

struct reject {
    enum reject_reason reason;
    size_t second;      /* REJECT_TWO_RECORDS: bytes from the line's begin to the second record; 0
                         * where only a key that comes twice shows it */
    struct slice value; /* what could not be used; borrowed like the entry's path; may be empty */
};

/* Reasons below REJECT_REJECTED_END reject, those below REJECT_FLAWED_END are flaws. */
static inline enum reject_class reject_class(enum reject_reason reason)
{
    if (reason < REJECT_REJECTED_END)
        return REJECT_REJECTED;
    return reason < REJECT_FLAWED_END ? REJECT_FLAWED : REJECT_SCAN_ERRORS;
}

/* A static phrase for a person, lower case, no full stop. */
const char *reject_text(enum reject_reason reason);

#endif
