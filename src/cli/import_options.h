/* import_options: the command line of fstally-import. */
#ifndef FSTALLY_IMPORT_OPTIONS_H
#define FSTALLY_IMPORT_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config.h"

struct err;

enum import_age { IMPORT_BY_ATIME, IMPORT_BY_MTIME, IMPORT_BY_LATEST };

/* Texts are borrowed from argv or the config; NULL where not given. */
struct import_options {
    const char *db;
    const char *data_dir;
    const char *filesystem;
    const char *format;
    const char *fields;
    const char *unescape;
    const char *print_policy; /* the name of a format; NULL: not asked for */
    const char *under;
    const char *root;
    const char **excludes; /* the array is owned */
    size_t exclude_count;
    size_t exclude_room;
    bool null_ended;
    bool add;
    enum import_age age_by;
    bool has_max_scan_errors;
    int64_t max_scan_errors;
    bool has_scan_date;
    int64_t scan_date; /* the instant at which the day begins */
    bool replace;
    int64_t batch_size;        /* at least 1 */
    int64_t progress_interval; /* lines, at least 1 */
    unsigned threads;          /* at least 1 */
    int64_t histogram_depth;   /* 0: none; INT32_MAX: all */
    const char *rejects;
    bool max_rejects_is_percent;
    double max_rejects;
    bool json;
    bool quiet;
    bool verbose;
    struct config config; /* the file of defaults; owned */
    bool help;
    bool version;
    char **inputs; /* borrowed from argv, which is put in order */
    size_t input_count;
};

/* Takes the defaults of the configuration file (config.h), then the arguments. Fails, as wrong
 * usage, with one line, and owns nothing then. With help or version set, nothing else is
 * checked. */
int import_options_parse(struct import_options *options, int argc, char **argv, struct err *err);
void import_options_free(struct import_options *options); /* what the options own */

/* The text of --help. Static. */
const char *import_options_help(void);

#endif
