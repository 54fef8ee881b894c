/* query_options: the command line of fstally-query. */
#ifndef FSTALLY_QUERY_OPTIONS_H
#define FSTALLY_QUERY_OPTIONS_H

#include "config.h"
#include "filter.h"
#include "units.h"

#include <stdbool.h>

struct err;

enum query_format {
    QUERY_FORMAT_NONE,
    QUERY_FORMAT_TABLE,
    QUERY_FORMAT_TSV,
    QUERY_FORMAT_CSV,
    QUERY_FORMAT_JSON,
    QUERY_FORMAT_NDJSON,
    QUERY_FORMAT_NCDU,
};

struct query_options {
    struct filter filter;
    struct config config; /* the file of defaults; owned */
    char **what;          /* file systems, databases, `all`; none: all. Borrowed, as all texts */
    size_t what_count;
    const char *data_dir;
    const char *output;
    const char *report;       /* a file for the page; NULL: none */
    enum query_format format; /* never NONE once parsed */
    bool summary;
    const char *older;  /* what --diff compares with: a database or a file system; NULL: no diff */
    bool all;           /* --diff: no directory is left out */
    unsigned histogram; /* --histogram: its kinds, as distribution.h has them; 0: none */
    int64_t top;        /* --top, likewise; DISTRIBUTION_NO_OWNERS: not given */
    bool verbose;
    bool help;
    bool version;
    bool mine;
    const char *filtering; /* an option that --summary has no use for; NULL: none */
    bool topped;           /* --top, and */
    bool limited;          /* --limit, and */
    bool formatted;        /* --format, are arguments and not defaults of the configuration */
    const char *shaping;   /* the same of --format ncdu and --report */
    const char *narrowing; /* and of --histogram */
    char own_uid[UNITS_TEXT];
};

/* Takes the defaults of the configuration file (config.h), then the arguments. Fails, as wrong
 * usage, with one line. With help or version set, nothing else is checked. Texts are borrowed from
 * argv or the config. To be freed in any case. */
int query_options_parse(struct query_options *options, int argc, char **argv, struct err *err);
void query_options_free(struct query_options *options); /* what the options own */

/* The text of --help, in parts; NULL ends them. Static. */
const char *const *query_options_help(void);

#endif
