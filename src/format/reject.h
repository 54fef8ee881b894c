/* reject: why a line is no record. */
#ifndef FSTALLY_REJECT_H
#define FSTALLY_REJECT_H

#include <stddef.h>

enum reject_reason {
    REJECT_NONE = 0,
    REJECT_NUL,
    REJECT_HEAD,
    REJECT_SEPARATOR,
    REJECT_NUMBER,
    REJECT_OVERFLOW,
    REJECT_OWNER,
    REJECT_KIND,
    REJECT_DATE_SHAPE,
    REJECT_DATE,
    REJECT_NO_SIZE,
    REJECT_NO_OWNER,
    REJECT_NO_KIND,
    REJECT_EMPTY_PATH,
    REJECT_RELATIVE_PATH,
    REJECT_ROOT,
    REJECT_TWO_RECORDS,
};

struct reject {
    enum reject_reason reason;
    size_t second; /* REJECT_TWO_RECORDS: bytes from the line's begin to the second record; 0 where
                    * only a key that comes twice tells of it */
};

/* A static phrase for a person, lower case, no full stop. */
const char *reject_text(enum reject_reason reason);

#endif
