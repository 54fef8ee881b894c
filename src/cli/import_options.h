/* import_options: the command line of fstally-import. */
#ifndef FSTALLY_IMPORT_OPTIONS_H
#define FSTALLY_IMPORT_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config.h"

struct err;

/* Texts are borrowed from argv or the config; NULL where not given. */
struct import_options {
    const char *db;
    const char *data_dir;
    const char *filesystem;
    const char *format; /* a name, or the path of a format file */
    const char *fields;
    const char *unescape; /* "percent" or "backslash" */
    bool null_ended;
    const char *under;     /* absolute, as written */
    const char *root;      /* absolute, as written */
    const char **excludes; /* owned; the texts are borrowed */
    size_t exclude_count;
    const char *age_by; /* "atime", "mtime" or "latest" */
    bool has_scan_date;
    int64_t scan_date; /* the instant at which the day begins */
    bool replace;
    bool add;
    int64_t batch_size;        /* at least 1 */
    const char *writer;        /* "pages" or "sql" */
    int64_t progress_interval; /* lines, at least 1 */
    unsigned threads;          /* at least 1 */
    uint64_t memory_limit;     /* bytes */
    const char *rejects;
    bool max_rejects_is_percent;
    double max_rejects;
    bool has_max_scan_errors;
    uint64_t max_scan_errors;
    bool json;
    bool quiet;
    bool verbose;
    struct config config; /* the file of defaults; owned */
    bool help;
    bool version;
    const char *print_policy; /* the format's name, unchecked; nothing is imported then */
    char **inputs;            /* borrowed from argv, which is put in order */
    size_t input_count;
};

/* Takes the defaults of the configuration file (config.h), then the arguments. Fails, as wrong
 * usage, with one line, and owns nothing then. With help, version or print_policy set, nothing
 * else is checked. */
int import_options_parse(struct import_options *options, int argc, char **argv, struct err *err);
void import_options_free(struct import_options *options); /* what the options own */

/* The text of --help. Static; one thread. */
const char *import_options_help(void);

#endif
