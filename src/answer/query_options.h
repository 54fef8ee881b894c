/* query_options: the command line of fstally-query. */
#ifndef FSTALLY_QUERY_OPTIONS_H
#define FSTALLY_QUERY_OPTIONS_H

#include <stdbool.h>
#include <stdio.h>

#include "config.h"
#include "filter.h"
#include "units.h"

struct err;

enum query_format {
    QUERY_FORMAT_NONE,
    QUERY_FORMAT_TABLE,
    QUERY_FORMAT_TSV,
    QUERY_FORMAT_CSV,
    QUERY_FORMAT_JSON,
    QUERY_FORMAT_NDJSON,
    QUERY_FORMAT_NCDU,
    QUERY_FORMAT_HTML, /* the report */
};

/* What is asked. */
enum query_kind {
    QUERY_LISTING,
    QUERY_TOTALS,
    QUERY_HISTOGRAM,
    QUERY_DIFF,
    QUERY_DIFF_TOTALS,
    QUERY_SUMMARY,
    QUERY_VERIFY,
    QUERY_REPORT,
    QUERY_NCDU,
    QUERY_KINDS,
};

struct query_options {
    enum query_kind kind;
    struct filter filter;
    struct config config; /* the file of defaults; owned */
    char **what;          /* file systems, databases, `all`; none: all. Borrowed, as all texts */
    size_t what_count;
    const char *data_dir;
    const char *output;
    const char *report;       /* a file for the page; NULL: none */
    enum query_format format; /* never NONE once parsed */
    bool summary;
    bool verify;
    const char *older;  /* what --diff compares with: a database or a file system; NULL: no diff */
    bool all;           /* --diff: no directory is left out */
    unsigned histogram; /* --histogram: its kinds, as distribution.h has them; 0: none */
    int64_t top;        /* --top, likewise; DISTRIBUTION_NO_OWNERS: not given */
    bool verbose;
    bool help;
    bool version;
    bool limited;       /* --limit is an argument and not a default of the configuration */
    bool format_given;  /* likewise --format */
    bool limit_unasked; /* neither an argument nor a default gave --limit */
    char own_uid[UNITS_TEXT];
    char own_gid[UNITS_TEXT];
};

/* Takes the defaults of the configuration file (config.h) that go with the arguments, then
 * these. Fails, as wrong usage, with one line. With help or version set, nothing else is
 * checked. Texts are borrowed from argv or the config. To be freed in any case. */
int query_options_parse(struct query_options *options, int argc, char **argv, struct err *err);
void query_options_free(struct query_options *options); /* what the options own */

void query_options_print_help(FILE *file);

#endif
