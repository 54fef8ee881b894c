/* reportcost: how many bytes a value takes on a report's page, at the most. */
#ifndef FSTALLY_REPORTCOST_H
#define FSTALLY_REPORTCOST_H

#include <stddef.h>
#include <stdint.h>

#include "slice.h"

enum {
    REPORTCOST_ROW = 4,   /* brackets, comma and line end */
    REPORTCOST_DAY = 13,  /* a date with its quotes and comma */
    REPORTCOST_NULL = 5,  /* and its comma, as all that follow */
    REPORTCOST_BYTE = 3,  /* of a character of several: stray ones become U+FFFD */
    REPORTCOST_ESCAPE = 6 /* \u003c */
};

static inline size_t reportcost_integer(int64_t value)
{
    size_t bytes = value < 0 ? 3 : 2;
    for (value /= 10; value != 0; value /= 10)
        bytes++;
    return bytes;
}

static inline size_t reportcost_text(struct slice text)
{
    size_t bytes = 3;
    for (size_t i = 0; i < text.len; i++) {
        unsigned char byte = (unsigned char)text.ptr[i];
        bool escaped = byte < 0x20 || byte == 0x7f || strchr("\"\\<>&", byte) != NULL;
        bytes += byte >= 0x80 ? REPORTCOST_BYTE : escaped ? REPORTCOST_ESCAPE : 1;
    }
    return bytes;
}

#endif
