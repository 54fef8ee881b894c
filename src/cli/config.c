/* config: inih cuts the lines; this file finds the file, counts the lines (inih gives a handler
 * no number) and turns settings into arguments.
 *
 * inih takes a line that begins with a blank as more of the value before, and cuts lines at a
 * length of its own: blanks are taken away before it sees them, and a line that does not fit is an
 * error rather than two settings. One thread, before any other starts. */
#include "config.h"

#include "err.h"
#include "mem.h"

#include <errno.h>
#include <getopt.h>
#include <ini.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct reading {
    struct config *config;
    const struct config_program *program;
    FILE *file;
    unsigned line; /* the one that inih got last, from 1 */
    struct err *err;
};

/* ---- Finding the file ---- */

static const char *setting(const char *name)
{
    const char *value = getenv(name);
    return value != NULL && *value != '\0' ? value : NULL;
}

/* The value of the last --config; NULL: none. *quiet: the command line asks for a text that needs
 * no file. argv is put in another order. */
static const char *scan_arguments(const struct config_program *program, int argc, char **argv,
                                  bool *quiet)
{
    const char *named = NULL;
    int code;
    opterr = 0;
    optind = 0; /* getopt's way to begin anew */
    while ((code = getopt_long(argc, argv, program->short_options, program->long_options, NULL)) !=
           -1) {
        if (code == program->config)
            named = optarg;
        *quiet = *quiet || code == program->help || code == program->version;
    }
    return named;
}

/* The same with the caller's argv left alone: in another order, `a --db` would not lack a value any
 * more. */
static int find_named(const char **out, bool *quiet, const struct reading *reading, int argc,
                      char **argv)
{
    char **copy = calloc((size_t)argc + 1, sizeof *copy);
    if (copy == NULL)
        return err_set(reading->err, "command line: out of memory");
    memcpy(copy, argv, (size_t)argc * sizeof *copy);
    *out = scan_arguments(reading->program, argc, copy, quiet);
    free(copy);
    return 0;
}

static int refuse_file(const char *path, struct err *err)
{
    return err_usage(err, "%s: cannot read the configuration: %s", path, strerror(errno));
}

/* Opens the path if there is such a file. False: there is, but it cannot be read. */
static bool try_path(struct reading *reading, bool named)
{
    reading->file = fopen(reading->config->path, "re");
    if (reading->file != NULL || (!named && (errno == ENOENT || errno == ENOTDIR)))
        return true;
    refuse_file(reading->config->path, reading->err);
    return false;
}

static bool put_path(struct config *config, const char *directory, const char *rest)
{
    int length = snprintf(config->path, sizeof config->path, "%s%s", directory, rest);
    return length >= 0 && (size_t)length < sizeof config->path;
}

static int open_named(struct reading *reading, const char *name)
{
    if (*name == '\0')
        return err_usage(reading->err, "--config: an empty name; give a file's");
    if (!put_path(reading->config, name, ""))
        return err_usage(reading->err,
                         "%.40s...: cannot read the configuration: the path is too "
                         "long",
                         name);
    return try_path(reading, true) ? 0 : -1;
}

/* No file is left in reading where there is none. */
static int open_usual(struct reading *reading)
{
    /* The XDG base directory specification has relative paths ignored. */
    const char *config_home = setting("XDG_CONFIG_HOME");
    const char *home = setting("HOME");
    bool named = false;
    if (config_home != NULL && *config_home == '/')
        named = put_path(reading->config, config_home, "/fstally/fstally.conf");
    else if (home != NULL)
        named = put_path(reading->config, home, "/.config/fstally/fstally.conf");
    if (named && !try_path(reading, false))
        return -1;
    if (reading->file != NULL)
        return 0;
    put_path(reading->config, "/etc/fstally.conf", "");
    return try_path(reading, false) ? 0 : -1;
}

static int open_file(struct reading *reading, int argc, char **argv)
{
    bool quiet = false;
    const char *name = NULL;
    if (find_named(&name, &quiet, reading, argc, argv) != 0)
        return -1;
    if (quiet)
        return 0;
    if (name == NULL)
        name = setting("FSTALLY_CONFIG");
    return name != NULL ? open_named(reading, name) : open_usual(reading);
}

/* ---- Reading it ---- */

static int refuse_line(const struct reading *reading, unsigned line)
{
    return err_usage(reading->err, "%s:%u: neither [SECTION] nor KEY = VALUE",
                     reading->config->path, line);
}

/* The next line for inih, as fgets would give it, without the blanks before it. */
static char *next_line(char *out, int room, void *context)
{
    struct reading *reading = context;
    if (reading->err->status != ERR_NONE || fgets(out, room, reading->file) == NULL)
        return NULL;
    reading->line++;
    size_t length = strlen(out);
    if (length + 1 == (size_t)room && out[length - 1] != '\n') {
        err_usage(reading->err, "%s:%u: the line is longer than %d bytes", reading->config->path,
                  reading->line, room - 2);
        return NULL;
    }
    size_t blanks = strspn(out, " \t");
    memmove(out, out + blanks, length - blanks + 1);
    /* inih would go on and take what follows for the section before. */
    if (*out == '[' && strchr(out, ']') == NULL) {
        refuse_line(reading, reading->line);
        return NULL;
    }
    return out;
}

/* Makes room for one more; NULL: out of memory. */
static void *grow(void *list, size_t count, size_t size, struct reading *reading)
{
    void *longer = realloc(list, (count + 1) * size);
    if (longer == NULL)
        err_set(reading->err, "%s: out of memory", reading->config->path);
    return longer;
}

static bool add_mount(struct reading *reading, const char *here, const char *there)
{
    struct config *config = reading->config;
    if (*here != '/' || *there != '/') {
        err_usage(reading->err, "%s:%u: '%s' is not an absolute path; give PATH HERE = PATH THERE",
                  config->path, reading->line, *here == '/' ? there : here);
        return false;
    }
    void *longer = grow(config->mounts, config->mount_count, sizeof *config->mounts, reading);
    if (longer == NULL)
        return false;
    config->mounts = longer;
    config->mounts[config->mount_count++] =
        (struct config_mount){.here = mem_text(here), .there = mem_text(there)};
    return true;
}

/* 1: on; 0: off; -1: neither. 0 and 1 are no flags for an option that may have a value. */
static int read_flag(const char *text, bool has_value)
{
    static const char *const words[2][4] = {{"no", "false", "off", "0"},
                                            {"yes", "true", "on", "1"}};
    for (int value = 0; value < 2; value++)
        for (size_t i = 0; i < (has_value ? 3 : 4); i++)
            if (strcasecmp(text, words[value][i]) == 0)
                return value;
    return -1;
}

static const struct option *find_option(const struct config_program *program, const char *name)
{
    for (const struct option *option = program->long_options; option->name != NULL; option++) {
        bool of_the_command_line = option->val == program->config || option->val == program->help ||
                                   option->val == program->version ||
                                   option->val == program->prints;
        if (!of_the_command_line && strcmp(option->name, name) == 0)
            return option;
    }
    return NULL;
}

static bool add_argument(struct reading *reading, const char *name, const char *equals,
                         const char *value)
{
    struct config *config = reading->config;
    void *longer = grow(config->defaults, config->default_count, sizeof *config->defaults, reading);
    if (longer == NULL)
        return false;
    config->defaults = longer;
    struct config_default *added = &config->defaults[config->default_count];
    added->line = reading->line;
    if (asprintf(&added->argument, "--%s%s%s", name, equals, value) < 0) {
        err_set(reading->err, "%s: out of memory", config->path);
        return false;
    }
    config->default_count++;
    return true;
}

static bool add_default(struct reading *reading, const char *name, const char *value)
{
    const struct option *option = find_option(reading->program, name);
    if (option == NULL) {
        err_usage(reading->err,
                  "%s:%u: '%s' is not an option that fstally-%s takes a default for; "
                  "see its --help",
                  reading->config->path, reading->line, name, reading->program->section);
        return false;
    }
    if (option->has_arg == required_argument)
        return add_argument(reading, name, "=", value);
    bool has_value = option->has_arg == optional_argument;
    int flag = read_flag(value, has_value);
    if (flag < 0 && has_value)
        return add_argument(reading, name, "=", value);
    if (flag < 0)
        err_usage(reading->err, "%s:%u: %s: '%s' is neither yes nor no", reading->config->path,
                  reading->line, name, value);
    return flag > 0 ? add_argument(reading, name, "", "") : flag == 0;
}

static int take(void *context, const char *section, const char *name, const char *value)
{
    struct reading *reading = context;
    if (strcmp(section, "mounts") == 0)
        return add_mount(reading, name, value);
    if (strcmp(section, reading->program->section) == 0)
        return add_default(reading, name, value);
    if (strcmp(section, "import") == 0 || strcmp(section, "query") == 0)
        return 1; /* the other program's */
    err_usage(reading->err, "%s:%u: %s%s%s: settings belong in [mounts], [import] or [query]",
              reading->config->path, reading->line, *section == '\0' ? "no section" : "[", section,
              *section == '\0' ? "" : "]");
    return 0;
}

int config_read(struct config *out, const struct config_program *program, int argc, char **argv,
                struct err *err)
{
    *out = (struct config){0};
    struct reading reading = {.config = out, .program = program, .err = err};
    int status = open_file(&reading, argc, argv);
    if (status == 0 && reading.file == NULL)
        out->path[0] = '\0';
    if (reading.file != NULL) {
        int wrong = ini_parse_stream(next_line, &reading, take, &reading);
        if (ferror(reading.file))
            status = refuse_file(out->path, err);
        else if (err->status == ERR_NONE && wrong != 0)
            refuse_line(&reading, (unsigned)wrong);
        fclose(reading.file);
    }
    if (status == 0 && err->status == ERR_NONE)
        return 0;
    config_free(out);
    return -1;
}

void config_free(struct config *config)
{
    for (size_t i = 0; i < config->default_count; i++)
        free(config->defaults[i].argument);
    for (size_t i = 0; i < config->mount_count; i++) {
        free(config->mounts[i].here);
        free(config->mounts[i].there);
    }
    free(config->defaults);
    free(config->mounts);
    *config = (struct config){0};
}

int config_remark(const struct config *config, struct err *err)
{
    if (config->default_count == 0)
        return -1;
    struct err cause = *err;
    *err = (struct err){0};
    return err_status(err, cause.status,
                      "%s (with the defaults of %s; --config /dev/null does without)", cause.text,
                      config->path);
}

int config_blame(const struct config *config, size_t i, struct err *err)
{
    struct err cause = *err;
    *err = (struct err){0};
    return err_status(err, cause.status, "%s:%u: %s", config->path, config->defaults[i].line,
                      cause.text);
}
