/* fields: the values of a line between HEAD and path, by the line's layout. */
#ifndef FSTALLY_FIELDS_H
#define FSTALLY_FIELDS_H

#include <stdint.h>

#include "entry.h"
#include "idcache.h"
#include "instant.h"
#include "layout.h"
#include "linescan.h"
#include "reject.h"

/* More equals signs than the fields of a line have. */
enum { FIELDS_SIGNS_MAX = 24 };

/* What comes before an equals sign: of the eight bytes before it, the bits in `mask` are `word`. */
struct fields_key {
    uint64_t mask;
    uint64_t word;
};

/* The keys of a line in any order, in its order, unknown ones too. They name no field twice, and all
 * that a record needs. */
struct fields_shape {
    unsigned signs; /* equals signs before the separator; 0: no shape */
    struct fields_key key[FIELDS_SIGNS_MAX];
    const struct layout_field *field[LAYOUT_VALUES]; /* by value; NULL: the line has none */
    unsigned sign[LAYOUT_VALUES];                    /* the equals sign before it, in [0, signs) */
    unsigned last;                                   /* the last of these */
};

/* What one thread keeps from line to line. Zero-initialise; `layout` is the one that `shape` is of:
 * with another one, the shape is cleared. */
struct fields_reader {
    struct linescan marks;     /* of the line, or of its rest from a HEAD on */
    struct instant_day day[2]; /* of access, of modification */
    struct idcache ids;
    const struct layout *layout;
    struct fields_shape shape; /* learned from the last record that had another one */
};

/* A line's fields: what they are read by, and where they go. All borrowed. */
struct fields {
    const struct layout *layout;
    enum layout_escape escape; /* of the path, where it is one of the fields */
    int64_t scan_day;          /* the instant at which the day of the scan begins */
    const char *floor;         /* the bytes from here to those being read are readable */
    struct fields_reader *reader;
    struct entry *entry;
    struct reject *reject;
};

/* Reads the fields from *at on, where HEAD has ended, and the separator if the layout's path comes
 * after one: *at is left after its `--`. to->reader->marks are of bytes up to `end`, from *at or
 * before. Returns REJECT_NONE, with the first flaw or none in *to->reject, or why the line is
 * rejected, with the value that is wrong in *to->reject. */
enum reject_reason fields_take(const struct fields *to, const char **at, const char *end);

/* The first ` -- ` in [p, end), at its first hyphen; NULL: none. p[-1] is readable. */
const char *fields_separator(const char *p, const char *end);

#endif
