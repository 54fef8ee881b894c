/* query_options: getopt_long does the cutting; here each value is checked where it is read, so that
 * a message can name the option and say what it takes. What contradicts what is checked once all
 * are there. One thread. */
#include "query_options.h"

#include "distribution.h"
#include "err.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { DEFAULT_LIMIT = 50 };

enum option_code {
    MAX_DEPTH = 256,
    MINE,
    MIN_SIZE,
    MAX_SIZE,
    MIN_FILES,
    MAX_FILES,
    ACCESSED_BEFORE,
    ACCESSED_AFTER,
    LEAVES_ONLY,
    GROUP_BY,
    SORT_BY,
    REVERSE,
    SUMMARY,
    FORMAT,
    REPORT,
    DATA_DIR,
    CONFIG,
    DIFF,
    ALL,
    HISTOGRAM,
    TOP,
};

static const char short_options[] = ":d:su:g:P:E:N:in:o:vhV";

static const struct option long_options[] = {
    {"min-depth", required_argument, NULL, 'd'},
    {"max-depth", required_argument, NULL, MAX_DEPTH},
    {"single-owner", no_argument, NULL, 's'},
    {"owner-id", required_argument, NULL, 'u'},
    {"group-id", required_argument, NULL, 'g'},
    {"mine", no_argument, NULL, MINE},
    {"path-prefix", required_argument, NULL, 'P'},
    {"exclude", required_argument, NULL, 'E'},
    {"name-pattern", required_argument, NULL, 'N'},
    {"ignore-case", no_argument, NULL, 'i'},
    {"min-size", required_argument, NULL, MIN_SIZE},
    {"max-size", required_argument, NULL, MAX_SIZE},
    {"min-files", required_argument, NULL, MIN_FILES},
    {"max-files", required_argument, NULL, MAX_FILES},
    {"accessed-before", required_argument, NULL, ACCESSED_BEFORE},
    {"accessed-after", required_argument, NULL, ACCESSED_AFTER},
    {"leaves-only", no_argument, NULL, LEAVES_ONLY},
    {"group-by", required_argument, NULL, GROUP_BY},
    {"sort-by", required_argument, NULL, SORT_BY},
    {"reverse", no_argument, NULL, REVERSE},
    {"limit", required_argument, NULL, 'n'},
    {"summary", no_argument, NULL, SUMMARY},
    {"diff", required_argument, NULL, DIFF},
    {"all", no_argument, NULL, ALL},
    {"histogram", required_argument, NULL, HISTOGRAM},
    {"top", required_argument, NULL, TOP},
    {"format", required_argument, NULL, FORMAT},
    {"report", required_argument, NULL, REPORT},
    {"output", required_argument, NULL, 'o'},
    {"data-dir", required_argument, NULL, DATA_DIR},
    {"config", required_argument, NULL, CONFIG},
    {"verbose", no_argument, NULL, 'v'},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, 'V'},
    {NULL, 0, NULL, 0},
};

static const struct config_program program = {.section = "query",
                                              .short_options = short_options,
                                              .long_options = long_options,
                                              .config = CONFIG,
                                              .help = 'h',
                                              .version = 'V'};

/* In parts: a compiler need take no string of more than 4095 bytes. */
static const char *const help[] = {
    "Usage: fstally-query [OPTION]... [FILESYSTEM | DATABASE.db | all]...\n"
    "Answer questions from the databases that fstally-import makes; without an argument from all\n"
    "databases of the data directory. Several answer as one: one sorted list, one limit, owners\n"
    "added up. Unreadable databases are reported and skipped (exit status 1).\n"
    "\n"
    "Which directories:\n"
    "  -d, --min-depth N           at depth N (the slashes in the path) and below\n"
    "      --max-depth N           at depth N and above\n"
    "  -s, --single-owner          all files below belong to one owner\n"
    "  -u, --owner-id UID|NAME     all files below belong to this owner; and, of directories of\n"
    "                              several owners (not with -s), those in which some lie directly.\n"
    "                              What the owner holds so is shown (HELD; owner_total_size,\n"
    "                              owner_file_count): all below the former, the files in the\n"
    "                              latter. Both kinds add up to all that the owner has, but for\n"
    "                              the former that lie in one another; --group-by owner shows it\n"
    "  -g, --group-id GID|NAME     all files below belong to this group\n"
    "      --mine                  -u with yourself\n"
    "  -P, --path-prefix PATH      that directory and below. Where the database has no such path,\n"
    "                              the configuration's [mounts] are tried, as they are for -E\n"
    "  -E, --exclude PATH          not that directory nor below (repeatable); the figures of\n"
    "                              directories above still include it\n"
    "  -N, --name-pattern GLOB     the last component matches; * ? [ab] [^ab] (repeatable)\n"
    "  -i, --ignore-case           of ASCII letters, in -N\n"
    "      --min-size S            recursive size in bytes: 4096; 500M, 2GB (powers of 1000);\n"
    "      --max-size S            512Mi, 2GiB (powers of 1024)\n"
    "      --min-files N           recursive number of files: 1000, 10K (10,000)\n"
    "      --max-files N\n"
    "      --accessed-before WHEN  the last access to any file below is before that day:\n"
    "      --accessed-after WHEN   or on it or after it: YYYY-MM-DD; or 3yrs, 6mo, 8w, 90d before\n"
    "                              the scan date\n"
    "      --leaves-only           without subdirectories\n"
    "\n",
    "What is shown:\n"
    "      --group-by owner|group  totals by owner or group, of the files directly in the chosen\n"
    "                              directories; -u and -g then choose files\n"
    "      --sort-by KEY           size_r (default), size_nr, alloc_r, files_r, files_nr, dirs_r,\n"
    "                              atime_r: largest or latest first; path, depth: upwards; with\n"
    "                              -u, owner_size (default then): what the owner holds\n"
    "      --reverse               the other way round\n"
    "  -n, --limit N               rows (default 50, 0 for all)\n"
    "      --summary               what the database holds: scan date, totals, and of each log\n"
    "                              how many lines were rejected, flawed (counted without a value\n"
    "                              that could not be used), excluded, or errors of the scan\n"
    "      --diff OLDER.db         what grew, shrank, appeared, vanished or else changed since\n"
    "                              that database of the same file system, the largest change of\n"
    "                              bytes first. A directory is left out where exactly one of its\n"
    "                              subdirectories changed, and by as much (bytes, allocated,\n"
    "                              files): that one shows more. With -P, -E, -d, --max-depth and\n"
    "                              -n; by owner or group with --group-by\n"
    "      --all                   with --diff: every directory that changed\n"
    "      --histogram KIND        how files and bytes are spread over ages (access: days from\n"
    "                              the last access to the scan, or from the time that the import\n"
    "                              chose with --age-by), over sizes (size), or both. With -u, -g\n"
    "                              and -P, down to fstally-import's --histogram-depth\n"
    "      --top N                 with --histogram: of each bucket the N owners of most bytes too\n"
    "                              (0 for all)\n"
    "      --format FORMAT         table (default), tsv, csv, json, ndjson; or ncdu: the tree\n"
    "                              (-P: a part of it; -n: its largest directories, all by default)\n"
    "                              for `ncdu -f FILE`\n"
    "      --report FILE           a page to look at in a browser: the tree as a map (-P: a part\n"
    "                              of it), owners, ages and sizes of files, what lies untouched\n"
    "  -o, --output FILE           write here (TSV unless --format says otherwise)\n"
    "      --data-dir DIR          where the databases lie (default: $FSTALLY_DATA_DIR, else\n"
    "                              $XDG_DATA_HOME/fstally, else ~/.local/share/fstally)\n"
    "      --config FILE           defaults of these options, and [mounts] (default:\n"
    "                              $FSTALLY_CONFIG, else $XDG_CONFIG_HOME/fstally/fstally.conf\n"
    "                              (~/.config/...), else /etc/fstally.conf)\n"
    "  -v, --verbose               say which databases are asked, and how many rows came; with\n"
    "                              --group-by and several databases, each total's parts follow it\n"
    "  -h, --help                  this text\n"
    "  -V, --version               the version\n"
    "\n"
    "Exit status: 0 done, also when the reader of a pipe wants no more; 1 failed; 2 wrong usage;\n"
    "128+N ended by signal N.\n",
    NULL,
};

const char *const *query_options_help(void)
{
    return help;
}

static int parse_when(struct filter_when *out, const char *option, const char *text,
                      struct err *err)
{
    struct units_when when;
    if (units_parse_when(&when, option, text, err) != 0)
        return -1;
    *out = (struct filter_when){.given = true, .months = when.months, .days = when.days};
    memcpy(out->date, when.date, sizeof out->date);
    return 0;
}

static int parse_format(struct query_options *options, const char *text, struct err *err)
{
    static const char *const names[] = {
        [QUERY_FORMAT_TABLE] = "table",   [QUERY_FORMAT_TSV] = "tsv",
        [QUERY_FORMAT_CSV] = "csv",       [QUERY_FORMAT_JSON] = "json",
        [QUERY_FORMAT_NDJSON] = "ndjson", [QUERY_FORMAT_NCDU] = "ncdu",
    };
    for (enum query_format i = QUERY_FORMAT_TABLE; i <= QUERY_FORMAT_NCDU; i++) {
        if (strcmp(text, names[i]) == 0) {
            options->format = i;
            return 0;
        }
    }
    return err_usage(err, "--format: '%s' is unknown; give table, tsv, csv, json, ndjson or ncdu",
                     text);
}

static int parse_histogram(unsigned *out, const char *text, struct err *err)
{
    const unsigned access = 1U << HISTOGRAM_ACCESS;
    const unsigned size = 1U << HISTOGRAM_SIZE;
    if (strcmp(text, "access") == 0)
        *out = access;
    else if (strcmp(text, "size") == 0)
        *out = size;
    else if (strcmp(text, "both") == 0)
        *out = access | size;
    else
        return err_usage(err, "--histogram: '%s' is unknown; give access, size or both", text);
    return 0;
}

/* An option that chooses, sorts or counts directories. */
static int take_filter_option(struct filter *filter, int code, struct err *err)
{
    switch (code) {
    case 'd':
        return units_parse_count(&filter->min_depth, "--min-depth", optarg, err);
    case MAX_DEPTH:
        return units_parse_count(&filter->max_depth, "--max-depth", optarg, err);
    case 's':
        filter->single_owner = true;
        return 0;
    case 'u':
        filter->owner = optarg;
        return 0;
    case 'g':
        filter->group = optarg;
        return 0;
    case 'P':
        return filter_set_prefix(filter, "--path-prefix", optarg, err);
    case 'E':
        return filter_add_exclude(filter, "--exclude", optarg, err);
    case 'N':
        return filter_add_pattern(filter, "--name-pattern", optarg, err);
    case 'i':
        filter->ignore_case = true;
        return 0;
    case MIN_SIZE:
        return units_parse_size(&filter->min_size, "--min-size", optarg, err);
    case MAX_SIZE:
        return units_parse_size(&filter->max_size, "--max-size", optarg, err);
    case MIN_FILES:
        return units_parse_count(&filter->min_files, "--min-files", optarg, err);
    case MAX_FILES:
        return units_parse_count(&filter->max_files, "--max-files", optarg, err);
    case ACCESSED_BEFORE:
        return parse_when(&filter->accessed_before, "--accessed-before", optarg, err);
    case ACCESSED_AFTER:
        return parse_when(&filter->accessed_after, "--accessed-after", optarg, err);
    case LEAVES_ONLY:
        filter->leaves_only = true;
        return 0;
    case GROUP_BY:
        return filter_set_group(filter, "--group-by", optarg, err);
    case SORT_BY:
        return filter_set_sort(filter, "--sort-by", optarg, err);
    case REVERSE:
        filter->reverse = true;
        return 0;
    default:
        return units_parse_count(&filter->limit, "--limit", optarg, err);
    }
}

static const char *long_name(int code)
{
    const struct option *option = long_options;
    while (option->name != NULL && option->val != code)
        option++;
    return option->name;
}

static int take_option(struct query_options *options, int code, struct err *err)
{
    switch (code) {
    case SUMMARY:
        options->summary = true;
        return 0;
    case FORMAT:
        options->formatted = true;
        return parse_format(options, optarg, err);
    case REPORT:
        options->report = optarg;
        return 0;
    case 'o':
        options->output = optarg;
        return 0;
    case DIFF:
        options->older = optarg;
        return 0;
    case ALL:
        options->all = true;
        return 0;
    case HISTOGRAM:
        return parse_histogram(&options->histogram, optarg, err);
    case TOP:
        options->topped = true;
        return units_parse_count(&options->top, "--top", optarg, err);
    case DATA_DIR:
        options->data_dir = optarg;
        return 0;
    case CONFIG:
        return 0; /* config_read has read it */
    case 'v':
        options->verbose = true;
        return 0;
    case 'h':
        options->help = true;
        return 0;
    case 'V':
        options->version = true;
        return 0;
    case MINE:
        options->mine = true;
        options->filtering = options->shaping = "mine";
        return 0;
    default:
        options->filtering = long_name(code);
        if (code == 'n')
            options->limited = true;
        else if (code != 'P')
            options->shaping = options->filtering;
        if (code != 'P' && code != 'u' && code != 'g')
            options->narrowing = options->filtering;
        return take_filter_option(&options->filter, code, err);
    }
}

/* What getopt_long could not take: an unknown option, or one without its value. */
static int complain_option(int code, char **argv, struct err *err)
{
    const char *word = argv[optind - 1];
    if (code == ':' && optopt < 256 && strncmp(word, "--", 2) != 0)
        return err_usage(err, "-%c: needs a value; see --help", optopt);
    if (code == ':')
        return err_usage(err, "%s: needs a value; see --help", word);
    /* A letter that is none of ours; a long option with a value too many leaves its own. */
    if (optopt != 0 && optopt < 256 && strchr(short_options, optopt) == NULL)
        return err_usage(err, "-%c: unknown option; see --help", optopt);
    if (optopt != 0)
        return err_usage(err, "%s: takes no value; see --help", word);
    return err_usage(err, "%s: unknown or ambiguous option; see --help", word);
}

/* A tree is drawn whole, from one directory on, or from what is largest in it. */
static int check_tree(struct query_options *options, const char *what, struct err *err)
{
    if (options->summary)
        return err_usage(err, "--summary: not with %s, which shows a tree", what);
    if (options->shaping != NULL)
        return err_usage(err,
                         "--%s: not with %s, which shows a whole tree; --path-prefix chooses its "
                         "part",
                         options->shaping, what);
    if (!options->limited)
        options->filter.limit = 0;
    return 0;
}

static int check_report(struct query_options *options, struct err *err)
{
    if (*options->report == '\0')
        return err_usage(err, "--report: an empty name; give a file's");
    if (options->output != NULL)
        return err_usage(err, "--report: not with --output; it names its file itself");
    if (options->formatted)
        return err_usage(err, "--report: not with --format; it is a page");
    if (options->limited)
        return err_usage(err, "--report: not with --limit; it shows what a page has room for");
    return check_tree(options, "--report", err);
}

/* A diff is of directories in a place, or of owners' totals. */
static int check_diff(const struct query_options *options, struct err *err)
{
    const struct filter *filter = &options->filter;
    bool listing = filter->group_by == FILTER_DIRECTORIES;
    const struct {
        bool given;
        const char *option;
    } useless[] = {
        {options->summary, "--summary"},
        {options->format == QUERY_FORMAT_NCDU, "--format ncdu"},
        {options->report != NULL, "--report"},
        {options->histogram != 0, "--histogram"},
        {filter->single_owner, "--single-owner"},
        {options->mine && listing, "--mine"},
        {filter->owner != NULL && listing, "--owner-id"},
        {filter->group != NULL && listing, "--group-id"},
        {filter->pattern_count > 0, "--name-pattern"},
        {filter->min_size != FILTER_ANY, "--min-size"},
        {filter->max_size != FILTER_ANY, "--max-size"},
        {filter->min_files != FILTER_ANY, "--min-files"},
        {filter->max_files != FILTER_ANY, "--max-files"},
        {filter->accessed_before.given, "--accessed-before"},
        {filter->accessed_after.given, "--accessed-after"},
        {filter->leaves_only, "--leaves-only"},
        {filter->sort_given, "--sort-by"},
        {filter->reverse, "--reverse"},
    };
    if (options->older == NULL)
        return options->all ? err_usage(err, "--all: only with --diff") : 0;
    if (*options->older == '\0')
        return err_usage(err, "--diff: an empty name; give the older database");
    for (size_t i = 0; i < sizeof useless / sizeof *useless; i++)
        if (useless[i].given)
            return err_usage(err, "%s: not with --diff", useless[i].option);
    return 0;
}

/* A histogram is of a whole subtree, or of what an owner or a group has in it. */
static int check_histogram(const struct query_options *options, struct err *err)
{
    const char *other = options->summary                       ? "--summary"
                        : options->report != NULL              ? "--report"
                        : options->format == QUERY_FORMAT_NCDU ? "--format ncdu"
                                                               : NULL;
    if (options->histogram == 0)
        return options->topped ? err_usage(err, "--top: only with --histogram") : 0;
    if (other != NULL)
        return err_usage(err, "%s: not with --histogram", other);
    if (options->limited)
        return err_usage(err, "--limit: not with --histogram; --top says how many owners a bucket "
                              "shows");
    if (options->narrowing != NULL)
        return err_usage(err,
                         "--%s: not with --histogram, which is of whole subtrees; --path-prefix, "
                         "--owner-id and --group-id choose its files",
                         options->narrowing);
    return 0;
}

static int check_options(struct query_options *options, int argc, char **argv, struct err *err)
{
    options->what = argv + optind;
    options->what_count = (size_t)(argc - optind);
    for (size_t i = 0; i < options->what_count; i++)
        if (*options->what[i] == '\0')
            return err_usage(err, "'': not a file system's name; give one, a DATABASE.db or `all`");
    if (options->output != NULL && *options->output == '\0')
        return err_usage(err, "--output: an empty name; give a file's");
    if (check_diff(options, err) != 0 || check_histogram(options, err) != 0)
        return -1;
    if (options->mine && options->filter.owner != NULL)
        return err_usage(err, "--mine: not with --owner-id, which names an owner already");
    if (options->summary && options->filtering != NULL)
        return err_usage(err, "--summary: not with --%s; it shows the whole database",
                         options->filtering);
    if (options->mine) {
        snprintf(options->own_uid, sizeof options->own_uid, "%lu", (unsigned long)getuid());
        options->filter.owner = options->own_uid;
    }
    if (options->report != NULL && check_report(options, err) != 0)
        return -1;
    if (options->format == QUERY_FORMAT_NONE)
        options->format = options->output == NULL ? QUERY_FORMAT_TABLE : QUERY_FORMAT_TSV;
    if (options->format == QUERY_FORMAT_NCDU && check_tree(options, "--format ncdu", err) != 0)
        return -1;
    if (options->filter.limit == FILTER_ANY)
        options->filter.limit = DEFAULT_LIMIT;
    if (!options->filter.sort_given && filter_holds(&options->filter))
        options->filter.sort_by = FILTER_SORT_OWNER_SIZE;
    /* What narrows a histogram's filter can only be defaults here, which it passes over. */
    return options->histogram != 0 ? 0 : filter_check(&options->filter, err);
}

static int take_arguments(struct query_options *options, int argc, char **argv, struct err *err)
{
    optind = 0; /* getopt's way to begin anew */
    opterr = 0;
    int code;
    while ((code = getopt_long(argc, argv, short_options, long_options, NULL)) != -1) {
        if (code == ':' || code == '?')
            return complain_option(code, argv, err);
        if (take_option(options, code, err) != 0)
            return -1;
        if (options->help || options->version)
            return 0;
    }
    return 0;
}

/* Each default by itself, so that an error in it can be reported with its line. */
static int take_defaults(struct query_options *options, struct err *err)
{
    static char name[] = "fstally-query";
    for (size_t i = 0; i < options->config.default_count; i++) {
        char *argv[] = {name, options->config.defaults[i].argument, NULL};
        if (take_arguments(options, 2, argv, err) != 0)
            return config_blame(&options->config, i, err);
    }
    /* Defaults that another kind of question has no use for do not forbid it. */
    options->filtering = options->shaping = options->narrowing = NULL;
    options->filter.standing_count = options->filter.excluded_count;
    options->topped = options->limited = options->formatted = false;
    return 0;
}

/* Of --mine and --owner-id, a default gives way to an argument. */
static void settle_owner(struct query_options *options, bool mine, const char *owner)
{
    if (mine && options->filter.owner != owner)
        options->mine = false;
    else if (!mine && options->mine && options->filter.owner == owner)
        options->filter.owner = NULL;
}

static int add_mounts(struct query_options *options, struct err *err)
{
    const struct config *config = &options->config;
    for (size_t i = 0; i < config->mount_count; i++)
        if (filter_add_mount(&options->filter, config->mounts[i].here, config->mounts[i].there,
                             err) != 0)
            return -1;
    return 0;
}

int query_options_parse(struct query_options *options, int argc, char **argv, struct err *err)
{
    *options = (struct query_options){0};
    filter_init(&options->filter);
    options->filter.limit = FILTER_ANY;
    options->top = DISTRIBUTION_NO_OWNERS;
    if (config_read(&options->config, &program, argc, argv, err) != 0 ||
        add_mounts(options, err) != 0 || take_defaults(options, err) != 0)
        return -1;
    bool mine = options->mine;
    const char *owner = options->filter.owner;
    if (take_arguments(options, argc, argv, err) != 0)
        return -1;
    if (options->help || options->version)
        return 0;
    settle_owner(options, mine, owner);
    return check_options(options, argc, argv, err) == 0 ? 0 : config_remark(&options->config, err);
}

void query_options_free(struct query_options *options)
{
    filter_free(&options->filter);
    config_free(&options->config);
}
