/* detect: how a log is to be read, from its first lines. */
#ifndef FSTALLY_DETECT_H
#define FSTALLY_DETECT_H

#include "layout.h"
#include "record.h"
#include "slice.h"

/* What lines look like that no layout at hand reads. */
enum detect_guess {
    DETECT_NOTHING,      /* nothing that is known */
    DETECT_OTHER_SHOW,   /* a HEAD, a ` -- ` and a path, but not the fields: see `missing` */
    DETECT_OTHER_LAYOUT, /* a built-in layout other than the one that was asked for: see `name` */
    DETECT_PATHS,        /* paths and nothing else */
    DETECT_WRSTAT,       /* wrstat's stats */
    DETECT_GUFI,         /* a trace file of GUFI */
    DETECT_ROBINHOOD,    /* rbh-find -ls */
};

struct detect {
    bool found;        /* `layout` and `log` are filled; else `guess` is */
    bool only_headers; /* there is no data line */
    bool is_relative;  /* most data lines have relative paths, which are rejected */
    struct layout layout;
    struct record_log log; /* its layout borrows from `layout`, so do not copy the struct */
    enum detect_guess guess;
    char name[LAYOUT_NAME_MAX]; /* of the layout that the lines look like; "" for none */
    char missing[32];           /* DETECT_OTHER_SHOW: the keys that are not there, `s=, u=, p=` */
};

/* Looks at the first 1,000 data lines of `head`, the beginning of a log (whole lines, or cut
 * anywhere). `given`: the layout that was asked for; NULL: any built-in one. `asked`: how paths
 * are escaped, LAYOUT_PLAIN where nothing was asked for. A percent-encoded log is recognised. */
void detect_log(struct detect *detect, struct slice head, const struct layout *given,
                enum layout_escape asked, bool null_ended, int64_t scan_day);

/* The bytes of a UTF-8 byte order mark at the beginning of a log: 3 or 0. */
size_t detect_mark(struct slice head);

#endif
