/* record: one record of a log in, one entry out, by a layout. No I/O but the lookup of names. */
#ifndef FSTALLY_RECORD_H
#define FSTALLY_RECORD_H

#include <stdint.h>

#include "arena.h"
#include "entry.h"
#include "fields.h"
#include "layout.h"
#include "reject.h"
#include "slice.h"

/* How the records of one log are read. */
struct record_log {
    const struct layout *layout;    /* borrowed */
    enum layout_escape path_escape; /* the layout's own, or what was detected or asked for */
    bool fields_are_escaped;        /* all between HEAD and ` -- ` is percent-encoded */
    bool null_ended;                /* records end in NUL, and names may hold newlines */
    bool drops_return;              /* a CRLF log: a return before the newline is not data */
    int64_t scan_day;               /* the instant at which the day of the scan begins */
};

enum record_kind {
    RECORD_HEADER,     /* counted, not data */
    RECORD_SCAN_ERROR, /* a header by which the scan says that it failed; *reject is filled */
    RECORD_ENTRY,      /* *entry is filled; reject->reason is a flaw or REJECT_NONE */
    RECORD_REJECT,     /* *reject is filled */
    RECORD_NO_MEMORY,
};

/* What one thread keeps from record to record. Zero-initialise. */
struct record_reader {
    struct slice line; /* the record at hand, without its end */
    const char *floor; /* where the text at hand begins */
    const char *next;  /* where its next record begins; NULL: it has ended */
    struct fields_reader fields;
    struct arena decoded; /* what was decoded since the last record_reader_forget */
};

/* Takes the first record off *text, which is not empty. reader->line is the record without its
 * newline, NUL or return; the last record of a text may lack its end. A text stays readable until its
 * last record has been taken, or no more are. The entry's path and
 * reject->value borrow from the text or from the reader. */
enum record_kind record_next(const struct record_log *log, struct record_reader *reader,
                             struct slice *text, struct entry *entry, struct reject *reject);

/* Gives back what decoded paths take: the entries since the last call lose their paths. */
void record_reader_forget(struct record_reader *reader);

void record_reader_dispose(struct record_reader *reader);

/* Whether a record is a header in every layout: blank, a comment, or a message of the policy engine
 * (a capital letter in brackets). Of a record that holds newlines, each line must be one: messages
 * end in newlines even where records end in NUL. */
bool record_is_header(struct slice record);

#endif
