/* import_options: getopt_long does the cutting; here each value is checked where it is read, so
 * that a message can name the option and say what it takes. One thread. */
#include "import_options.h"

#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "err.h"
#include "histogram.h"
#include "memory.h"
#include "optiontable.h"
#include "processors.h"
#include "units.h"

/* A transaction of some 100,000 rows is 10 to 20 MiB of log before it is moved into the file: small
 * beside the database, large beside a commit's fixed cost. */
enum { BATCH_SIZE = 100000, PROGRESS_INTERVAL = 1000000 };

enum { THREADS_MAX = 4096 };

enum { MEMORY_LEAST = 64 << 20 };

enum option_code {
    DB = 256,
    DATA_DIR,
    FORMAT,
    SCAN_DATE,
    REJECTS,
    MAX_REJECTS,
    JSON,
    CONFIG,
    ADD,
    ROOT,
    AGE_BY,
    MAX_SCAN_ERRORS,
    FIELDS,
    PRINT_POLICY,
    NULL_ENDED,
    MEMORY_LIMIT,
    UNDER,
    UNESCAPE,
    WRITER
};

static const char short_options[] = ":f:rb:p:j:E:qvhV";

static const struct option long_options[] = {
    {"db", required_argument, NULL, DB},
    {"data-dir", required_argument, NULL, DATA_DIR},
    {"filesystem", required_argument, NULL, 'f'},
    {"format", required_argument, NULL, FORMAT},
    {"fields", required_argument, NULL, FIELDS},
    {"print-policy", optional_argument, NULL, PRINT_POLICY},
    {"null", no_argument, NULL, NULL_ENDED},
    {"unescape", required_argument, NULL, UNESCAPE},
    {"under", required_argument, NULL, UNDER},
    {"exclude", required_argument, NULL, 'E'},
    {"root", required_argument, NULL, ROOT},
    {"age-by", required_argument, NULL, AGE_BY},
    {"scan-date", required_argument, NULL, SCAN_DATE},
    {"replace", no_argument, NULL, 'r'},
    {"add", no_argument, NULL, ADD},
    {"batch-size", required_argument, NULL, 'b'},
    {"writer", required_argument, NULL, WRITER},
    {"progress-interval", required_argument, NULL, 'p'},
    {"threads", required_argument, NULL, 'j'},
    {"memory-limit", required_argument, NULL, MEMORY_LIMIT},
    {"rejects", required_argument, NULL, REJECTS},
    {"max-rejects", required_argument, NULL, MAX_REJECTS},
    {"max-scan-errors", required_argument, NULL, MAX_SCAN_ERRORS},
    {"json", no_argument, NULL, JSON},
    {"config", required_argument, NULL, CONFIG},
    {"quiet", no_argument, NULL, 'q'},
    {"verbose", no_argument, NULL, 'v'},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, 'V'},
    {NULL, 0, NULL, 0},
};

static const struct config_program program = {.section = "import",
                                              .short_options = short_options,
                                              .long_options = long_options,
                                              .config = CONFIG,
                                              .help = 'h',
                                              .version = 'V',
                                              .prints = PRINT_POLICY};

/* In parts: a compiler need take no string of more than 4095 bytes. */
static const char help_begin[] =
    "Usage: fstally-import [OPTION]... INPUT...\n"
    "Turn full-filesystem scan logs into a database of per-directory statistics.\n"
    "\n"
    "    fstally-import 20260111_csfs1_asp.list.list_all.log\n"
    "    fstally-import -f gdex --replace --rejects bad.tsv part-*.lfs-scan\n"
    "\n"
    "Several inputs are one scan in parts; databases of fstally are added up with\n"
    "them: a.db b.db c.log --db all.db. A database that holds a scan of the same\n"
    "date is added to; for another date, choose --replace or --add. What logs look\n"
    "like, and how to make them: docs/LOGS.md.\n"
    "\n"
    "      --db PATH              database to write\n"
    "                             (default: DATA_DIR/FILESYSTEM.db)\n"
    "      --data-dir DIR         default: $FSTALLY_DATA_DIR,\n"
    "                             else $XDG_DATA_HOME/fstally,\n"
    "                             else ~/.local/share/fstally\n"
    "  -f, --filesystem NAME      default: from the input's name,\n"
    "                             20260111_csfs1_asp.list.list_all.log -> asp\n"
    "      --scan-date DATE       YYYY-MM-DD (default: from the input's name, else\n"
    "                             its mtime)\n"
    "  -r, --replace              drop what the database holds, import afresh\n"
    "      --add                  add a log of another scan date to what the\n"
    "                             database holds\n"
    "  -b, --batch-size N         rows per transaction (default 100000)\n"
    "      --writer pages|sql     how the large tables are written: laid out as pages\n"
    "                             by all threads (default), or through SQL\n"
    "  -p, --progress-interval N  lines between progress reports where standard\n"
    "                             error is no terminal (default 1M)\n"
    "  -j, --threads N            parse workers (default: the processors this\n"
    "                             process may use)\n"
    "      --memory-limit SIZE    about the most memory to take, at least 64MiB; what\n"
    "                             does not fit is sorted in a temporary file beside\n"
    "                             the database (default: three quarters of what the\n"
    "                             process may have)\n"
    "\n"
    "What the logs look like:\n"
    "      --format NAME|FILE     gpfs, lustre or find, or a format file, which has a\n"
    "                             / in its path or ends in .conf (default: detected\n"
    "                             from the content). With --fields: what comes\n"
    "                             before the fields, as in gpfs (default), lustre or\n"
    "                             find lists, or none\n"
    "      --fields TEMPLATE      the fields as the log has them, each value replaced\n"
    "                             by %size %alloc %alloc_kb %alloc_blocks %uid %gid\n"
    "                             %user %group %mode %type %atime %mtime %atime_days\n"
    "                             %mtime_days %path, or %* to skip it\n"
    "      --null                 records end in NUL instead of a newline\n"
    "      --unescape MODE        decode paths: percent or backslash\n"
    "      --print-policy [NAME]  print the command or policy that writes a log of\n"
    "                             the format: gpfs (default), lustre or find\n"
    "\n";
static const char help_end[] =
    "What is counted:\n"
    "      --under PATH           reject every entry that is not below PATH\n"
    "  -E, --exclude PATH|GLOB    leave these entries out (may be repeated)\n"
    "      --root PATH            store nothing above PATH and reject every entry\n"
    "                             outside it\n"
    "      --age-by TIME          the time that access ages are counted from: atime\n"
    "                             (default), mtime, or latest, the later of the two\n"
    "\n"
    "What may go wrong:\n"
    "      --rejects FILE         write every rejected and every flawed line here,\n"
    "                             with its number and reason. A flawed line counts,\n"
    "                             but without its unusable group, allocated size or\n"
    "                             time\n"
    "      --max-rejects N|P%     more rejected lines than this (with %: or bytes),\n"
    "                             and nothing is published (default 1%)\n"
    "      --max-scan-errors N    more errors of the scan itself than this, and\n"
    "                             nothing is published (default: no bound)\n"
    "\n"
    "      --json                 the summary as JSON on standard output\n"
    "      --config FILE          defaults of these options (default:\n"
    "                             $FSTALLY_CONFIG,\n"
    "                             else $XDG_CONFIG_HOME/fstally/fstally.conf\n"
    "                             (~/.config/...), else /etc/fstally.conf)\n"
    "  -q, --quiet                errors only\n"
    "  -v, --verbose              also what was chosen and each stage's time\n"
    "  -h, --help                 this text\n"
    "  -V, --version              the version\n"
    "\n"
    "Exit status: 0 done; 1 failed; 2 wrong usage; 3 too many rejected lines or scan\n"
    "errors; 128+N ended by signal N. After a failure the database is as it was.\n";

const char *import_options_help(void)
{
    static char text[sizeof help_begin + sizeof help_end];
    snprintf(text, sizeof text, "%s%s", help_begin, help_end);
    return text;
}

static int parse_positive(int64_t *out, const char *option, const char *text, int64_t most,
                          struct err *err)
{
    if (units_parse_count(out, option, text, err) != 0)
        return -1;
    if (*out >= 1 && *out <= most)
        return 0;
    if (most == INT64_MAX)
        return err_usage(err, "%s %s: must be at least 1", option, text);
    return err_usage(err, "%s %s: must be from 1 to %lld", option, text, (long long)most);
}

static int parse_max_rejects(struct import_options *options, const char *text, struct err *err)
{
    size_t len = strlen(text);
    if (len != 0 && text[len - 1] != '%') {
        int64_t lines;
        if (units_parse_count(&lines, "--max-rejects", text, err) != 0)
            return -1;
        options->max_rejects_is_percent = false;
        options->max_rejects = (double)lines;
        return 0;
    }
    char *end;
    double percent = strtod(text, &end);
    if (end == text || strcmp(end, "%") != 0 || !(percent >= 0 && percent <= 100))
        return err_usage(err,
                         "--max-rejects %s: must be a number of lines, or a percentage from 0%% "
                         "to 100%%",
                         text);
    options->max_rejects_is_percent = true;
    options->max_rejects = percent;
    return 0;
}

static int parse_scan_date(struct import_options *options, const char *text, struct err *err)
{
    if (strlen(text) != 10 || !clock_parse(slice_from(text), &options->scan_date))
        return err_usage(err, "--scan-date %s: must be a date that exists, YYYY-MM-DD", text);
    options->has_scan_date = true;
    return 0;
}

static int parse_threads(struct import_options *options, const char *text, struct err *err)
{
    int64_t threads;
    if (parse_positive(&threads, "--threads", text, THREADS_MAX, err) != 0)
        return -1;
    options->threads = (unsigned)threads;
    return 0;
}

static int parse_memory_limit(struct import_options *options, const char *text, struct err *err)
{
    int64_t bytes;
    if (units_parse_size(&bytes, "--memory-limit", text, err) != 0)
        return -1;
    if (bytes < MEMORY_LEAST)
        return err_usage(err, "--memory-limit %s: too little to work with; give 64MiB or more",
                         text);
    options->memory_limit = (uint64_t)bytes;
    return 0;
}

static int parse_max_scan_errors(struct import_options *options, const char *text, struct err *err)
{
    int64_t errors;
    if (units_parse_count(&errors, "--max-scan-errors", text, err) != 0)
        return -1;
    options->has_max_scan_errors = true;
    options->max_scan_errors = (uint64_t)errors;
    return 0;
}

static int parse_age_by(struct import_options *options, const char *text, struct err *err)
{
    enum histogram_age by = histogram_age_find(slice_from(text));
    if (by == HISTOGRAM_AGES)
        return err_usage(err, "--age-by %s: must be atime, mtime or latest", text);
    options->age_by = histogram_age_name(by);
    return 0;
}

static int parse_writer(struct import_options *options, const char *text, struct err *err)
{
    if (strcmp(text, "pages") != 0 && strcmp(text, "sql") != 0)
        return err_usage(err, "--writer %s: must be pages or sql", text);
    options->writer = text;
    return 0;
}

static int parse_unescape(struct import_options *options, const char *text, struct err *err)
{
    if (strcmp(text, "percent") != 0 && strcmp(text, "backslash") != 0)
        return err_usage(err, "--unescape %s: must be percent or backslash", text);
    options->unescape = text;
    return 0;
}

static int parse_absolute(const char **out, const char *option, const char *text, struct err *err)
{
    if (*text != '/')
        return err_usage(err, "%s %s: is not absolute; give the path from / as the log has it",
                         option, text);
    *out = text;
    return 0;
}

static int parse_fields(struct import_options *options, const char *text, struct err *err)
{
    if (*text == '\0')
        return err_usage(err, "--fields: the template is empty; give the fields as the log has "
                              "them, like 's=%%size u=%%uid'");
    options->fields = text;
    return 0;
}

static int add_exclude(struct import_options *options, const char *text, struct err *err)
{
    if (*text == '\0')
        return err_usage(err, "--exclude: the pattern is empty; give a path or a glob");
    const char **longer =
        realloc(options->excludes, (options->exclude_count + 1) * sizeof *options->excludes);
    if (longer == NULL)
        return err_set(err, "--exclude: out of memory");
    longer[options->exclude_count++] = text;
    options->excludes = longer;
    return 0;
}

static int take_option(struct import_options *options, int code, struct err *err)
{
    switch (code) {
    case DB:
        options->db = optarg;
        return 0;
    case DATA_DIR:
        options->data_dir = optarg;
        return 0;
    case 'f':
        options->filesystem = optarg;
        return 0;
    case FORMAT:
        options->format = optarg;
        return 0;
    case SCAN_DATE:
        return parse_scan_date(options, optarg, err);
    case 'r':
        options->replace = true;
        return 0;
    case 'b':
        return parse_positive(&options->batch_size, "--batch-size", optarg, INT64_MAX, err);
    case 'p':
        return parse_positive(&options->progress_interval, "--progress-interval", optarg, INT64_MAX,
                              err);
    case 'j':
        return parse_threads(options, optarg, err);
    case MEMORY_LIMIT:
        return parse_memory_limit(options, optarg, err);
    case REJECTS:
        options->rejects = optarg;
        return 0;
    case MAX_REJECTS:
        return parse_max_rejects(options, optarg, err);
    case JSON:
        options->json = true;
        return 0;
    case CONFIG:
        return 0; /* config_read has read it */
    case ADD:
        options->add = true;
        return 0;
    case ROOT:
        return parse_absolute(&options->root, "--root", optarg, err);
    case UNDER:
        return parse_absolute(&options->under, "--under", optarg, err);
    case AGE_BY:
        return parse_age_by(options, optarg, err);
    case MAX_SCAN_ERRORS:
        return parse_max_scan_errors(options, optarg, err);
    case FIELDS:
        return parse_fields(options, optarg, err);
    case WRITER:
        return parse_writer(options, optarg, err);
    case UNESCAPE:
        return parse_unescape(options, optarg, err);
    case NULL_ENDED:
        options->null_ended = true;
        return 0;
    case 'E':
        return add_exclude(options, optarg, err);
    case PRINT_POLICY:
        options->print_policy = optarg == NULL ? "" : optarg;
        return 0;
    case 'q':
        options->quiet = true;
        return 0;
    case 'v':
        options->verbose = true;
        return 0;
    case 'h':
        options->help = true;
        return 0;
    default:
        options->version = true;
        return 0;
    }
}

/* The format may follow as a word of its own: getopt_long takes an optional value only with `=`. */
static int name_policy(struct import_options *options, struct err *err)
{
    size_t words = options->input_count + (*options->print_policy != '\0');
    if (words > 1)
        return err_usage(err, "--print-policy: takes one format and no input; see --help");
    if (options->input_count == 1)
        options->print_policy = options->inputs[0];
    if (*options->print_policy == '\0')
        options->print_policy = "gpfs";
    return 0;
}

static int check(const struct import_options *options, struct err *err)
{
    if (options->input_count == 0)
        return err_usage(err, "no input: name the scan logs to import; see --help");
    if (options->db != NULL && *options->db == '\0')
        return err_usage(err, "--db: the path is empty");
    if (options->replace && options->add)
        return err_usage(err, "--replace and --add: choose one");
    if (options->quiet && options->verbose)
        return err_usage(err, "--quiet and --verbose: choose one");
    return 0;
}

static int take_arguments(struct import_options *options, int argc, char **argv, struct err *err)
{
    optind = 0; /* getopt's way to begin anew */
    opterr = 0;
    int code;
    while ((code = getopt_long(argc, argv, short_options, long_options, NULL)) != -1) {
        if (code == ':' || code == '?')
            return optiontable_complain(long_options, short_options, code, argv[optind - 1], optopt,
                                        err);
        if (take_option(options, code, err) != 0)
            return -1;
        if (options->help || options->version)
            return 0;
    }
    options->inputs = argv + optind;
    options->input_count = (size_t)(argc - optind);
    return 0;
}

/* Each default by itself, so that an error in it can be reported with its line. */
static int take_defaults(struct import_options *options, struct err *err)
{
    static char name[] = "fstally-import";
    for (size_t i = 0; i < options->config.default_count; i++) {
        char *argv[] = {name, options->config.defaults[i].argument, NULL};
        if (take_arguments(options, 2, argv, err) != 0)
            return config_blame(&options->config, i, err);
    }
    return 0;
}

static int take_all(struct import_options *options, int argc, char **argv, struct err *err)
{
    if (take_defaults(options, err) != 0)
        return -1;
    bool quiet = options->quiet;
    bool verbose = options->verbose;
    bool replace = options->replace;
    bool add = options->add;
    if (take_arguments(options, argc, argv, err) != 0 || options->help || options->version)
        return err->status == ERR_NONE ? 0 : -1;
    if (options->quiet && options->verbose && quiet != verbose) { /* a default gives way */
        options->quiet = verbose;
        options->verbose = quiet;
    }
    if (replace != add && options->replace && options->add) {
        options->replace = add;
        options->add = replace;
    }
    if (options->print_policy != NULL)
        return name_policy(options, err);
    if (options->threads == 0)
        options->threads = processors_available();
    if (options->memory_limit == 0)
        options->memory_limit = memory_available() / 4 * 3;
    return check(options, err);
}

int import_options_parse(struct import_options *options, int argc, char **argv, struct err *err)
{
    *options = (struct import_options){.batch_size = BATCH_SIZE,
                                       .progress_interval = PROGRESS_INTERVAL,
                                       .max_rejects_is_percent = true,
                                       .max_rejects = 1,
                                       .age_by = histogram_age_name(HISTOGRAM_BY_ATIME),
                                       .writer = "pages"};
    if (config_read(&options->config, &program, argc, argv, err) != 0)
        return -1;
    if (take_all(options, argc, argv, err) == 0)
        return 0;
    import_options_free(options);
    return -1;
}

void import_options_free(struct import_options *options)
{
    config_free(&options->config);
    free(options->excludes);
    options->excludes = NULL;
    options->exclude_count = 0;
}
