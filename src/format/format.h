/* format: the scan logs that are understood. One line in, one entry out: no I/O, no threads, no
 * allocation. */
#ifndef FSTALLY_FORMAT_H
#define FSTALLY_FORMAT_H

#include <stdint.h>

#include "entry.h"
#include "linescan.h"
#include "reject.h"
#include "slice.h"

struct format;

enum format_line {
    FORMAT_HEADER, /* counted, not data */
    FORMAT_ENTRY,  /* *entry is filled */
    FORMAT_REJECT, /* *reject is filled */
};

/* What a parser keeps, so that it needs no memory of its own; zero-initialise one a thread. */
struct format_memo {
    int64_t day_begin;     /* the instant at which the last date read begins: dates repeat */
    char date[16];         /* that date, "YYYY-MM-DD"; empty at first */
    struct linescan marks; /* of the line at hand */
};

/* The format called `name` ("gpfs", "lustre", "find"), or NULL. */
const struct format *format_find(struct slice name);

/* Its name, static. */
const char *format_name(const struct format *format);

/* The names of all formats as a phrase for a message: "gpfs, lustre, find". Static. */
const char *format_names(void);

/* Tells the format from the first lines of a log (whole lines, or cut anywhere): the one that takes
 * the most data lines, judged on the first 1,000. NULL where no line is a
 * record of any; *only_headers then says whether there was no data line at all. */
const struct format *format_detect(struct slice head, bool *only_headers);

/* Takes the first line off *text, which is not empty, and parses it. *line is that line without its
 * line end (`\n`, or `\r\n`); the last line of a text may lack its newline. The entry's path
 * borrows from the text. */
enum format_line format_parse(const struct format *format, struct slice *text, struct slice *line,
                              struct format_memo *memo, struct entry *entry, struct reject *reject);

#endif
