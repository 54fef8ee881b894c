/* config: the file of defaults, which both programs read.
 *
 *     [mounts]  /here = /there     a path of this host, and how the scan had it
 *     [import]  OPTION = VALUE     defaults of fstally-import's long options
 *     [query]   OPTION = VALUE     defaults of fstally-query's
 *
 * A default becomes an argument like those of the command line, so that it is read by the same
 * code; the program takes them before its real arguments, which therefore win. */
#ifndef FSTALLY_CONFIG_H
#define FSTALLY_CONFIG_H

#include <limits.h>
#include <stddef.h>

struct err;
struct option;

struct config_default {
    char *argument; /* owned: "--limit=20", "--quiet" */
    unsigned line;  /* of the file, from 1 */
};

struct config_mount {
    char *here; /* owned, absolute, as written */
    char *there;
};

struct config {
    char path[PATH_MAX]; /* "": there is no file */
    struct config_default *defaults;
    size_t default_count;
    struct config_mount *mounts;
    size_t mount_count;
};

/* One program's command line: what getopt_long takes, and the codes of the options that the file
 * can have no default for. */
struct config_program {
    const char *section; /* "import" or "query" */
    const char *short_options;
    const struct option *long_options;
    int config; /* --config FILE */
    int help;
    int version;
    int prints; /* one more option that prints a text and ends; 0: none */
};

/* Reads the file that the command line names with --config, else $FSTALLY_CONFIG, else the first
 * that exists of $XDG_CONFIG_HOME/fstally/fstally.conf (~/.config/...) and /etc/fstally.conf; none
 * at all is no failure. Nothing is read where the command line asks for --help or --version. Usage
 * errors, with file and line: a file named that cannot be read; a section, key or flag's value that
 * is unknown; a mount that is no absolute path. The program's own section alone is looked into. */
int config_read(struct config *out, const struct config_program *program, int argc, char **argv,
                struct err *err);
void config_free(struct config *config); /* what the config owns */

/* The message is about defaults[i]: puts file and line before it. Returns -1. */
int config_blame(const struct config *config, size_t i, struct err *err);

/* The message is about what contradicts what: says that the file's defaults, if there are any, do.
 * Returns -1. */
int config_remark(const struct config *config, struct err *err);

#endif
