/* query_options: one row an option, with the function that takes its value, so that a message can
 * name the option and say what it takes, and the questions that it goes with. What contradicts what
 * is checked once all are there. One thread. */
#include "query_options.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "distribution.h"
#include "err.h"
#include "mem.h"
#include "optiontable.h"

enum { DEFAULT_LIMIT = 50 };

/* ---- Values ---- */

typedef struct query_options *options_of;

static int take_min_depth(void *options, const char *option, const char *value, struct err *err)
{
    return units_parse_count(&((options_of)options)->filter.min_depth, option, value, err);
}

static int take_max_depth(void *options, const char *option, const char *value, struct err *err)
{
    return units_parse_count(&((options_of)options)->filter.max_depth, option, value, err);
}

static int take_single_owner(void *options, const char *option, const char *value, struct err *err)
{
    (void)option, (void)value, (void)err;
    ((options_of)options)->filter.single_owner = true;
    return 0;
}

/* Empty is mostly an unset variable of a shell. */
static int refuse_empty(const char *option, const char *value, const char *what, struct err *err)
{
    return *value == '\0' ? err_usage(err, "%s: an empty name; give %s", option, what) : 0;
}

static int take_owner(void *options, const char *option, const char *value, struct err *err)
{
    if (refuse_empty(option, value, "a user's name or number", err) != 0)
        return -1;
    return filter_add_owner(&((options_of)options)->filter, option, value, err);
}

static int take_group(void *options, const char *option, const char *value, struct err *err)
{
    if (refuse_empty(option, value, "a group's name or number", err) != 0)
        return -1;
    return filter_add_group(&((options_of)options)->filter, option, value, err);
}

static int take_mine(void *options, const char *option, const char *value, struct err *err)
{
    options_of to = options;
    (void)value;
    snprintf(to->own_uid, sizeof to->own_uid, "%lu", (unsigned long)getuid());
    return filter_add_owner(&to->filter, option, to->own_uid, err);
}

static int take_mygroup(void *options, const char *option, const char *value, struct err *err)
{
    options_of to = options;
    (void)value;
    snprintf(to->own_gid, sizeof to->own_gid, "%lu", (unsigned long)getgid());
    return filter_add_group(&to->filter, option, to->own_gid, err);
}

static int take_prefix(void *options, const char *option, const char *value, struct err *err)
{
    return filter_add_prefix(&((options_of)options)->filter, option, value, err);
}

static int take_exclude(void *options, const char *option, const char *value, struct err *err)
{
    return filter_add_exclude(&((options_of)options)->filter, option, value, err);
}

static int take_pattern(void *options, const char *option, const char *value, struct err *err)
{
    return filter_add_pattern(&((options_of)options)->filter, option, value, err);
}

static int take_ignore_case(void *options, const char *option, const char *value, struct err *err)
{
    (void)option, (void)value, (void)err;
    ((options_of)options)->filter.ignore_case = true;
    return 0;
}

static int take_min_size(void *options, const char *option, const char *value, struct err *err)
{
    return units_parse_size(&((options_of)options)->filter.min_size, option, value, err);
}

static int take_max_size(void *options, const char *option, const char *value, struct err *err)
{
    return units_parse_size(&((options_of)options)->filter.max_size, option, value, err);
}

static int take_min_alloc(void *options, const char *option, const char *value, struct err *err)
{
    return units_parse_size(&((options_of)options)->filter.min_alloc, option, value, err);
}

static int take_max_alloc(void *options, const char *option, const char *value, struct err *err)
{
    return units_parse_size(&((options_of)options)->filter.max_alloc, option, value, err);
}

static int take_min_avg(void *options, const char *option, const char *value, struct err *err)
{
    return units_parse_size(&((options_of)options)->filter.min_avg, option, value, err);
}

static int take_max_avg(void *options, const char *option, const char *value, struct err *err)
{
    return units_parse_size(&((options_of)options)->filter.max_avg, option, value, err);
}

static int take_min_files(void *options, const char *option, const char *value, struct err *err)
{
    return units_parse_count(&((options_of)options)->filter.min_files, option, value, err);
}

static int take_max_files(void *options, const char *option, const char *value, struct err *err)
{
    return units_parse_count(&((options_of)options)->filter.max_files, option, value, err);
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

static int take_before(void *options, const char *option, const char *value, struct err *err)
{
    return parse_when(&((options_of)options)->filter.accessed_before, option, value, err);
}

static int take_after(void *options, const char *option, const char *value, struct err *err)
{
    return parse_when(&((options_of)options)->filter.accessed_after, option, value, err);
}

static int take_atime_of_own(void *options, const char *option, const char *value, struct err *err)
{
    (void)option, (void)value, (void)err;
    ((options_of)options)->filter.atime_of_own = true;
    return 0;
}

static int take_leaves_only(void *options, const char *option, const char *value, struct err *err)
{
    (void)option, (void)value, (void)err;
    ((options_of)options)->filter.leaves_only = true;
    return 0;
}

static int take_hot_spots(void *options, const char *option, const char *value, struct err *err)
{
    return filter_set_hot_spots(&((options_of)options)->filter, option, value, err);
}

static int take_cold(void *options, const char *option, const char *value, struct err *err)
{
    return filter_set_cold(&((options_of)options)->filter, option, value, err);
}

static int take_group_by(void *options, const char *option, const char *value, struct err *err)
{
    return filter_set_group(&((options_of)options)->filter, option, value, err);
}

static int take_sort_by(void *options, const char *option, const char *value, struct err *err)
{
    return filter_set_sort(&((options_of)options)->filter, option, value, err);
}

static int take_reverse(void *options, const char *option, const char *value, struct err *err)
{
    (void)option, (void)value, (void)err;
    ((options_of)options)->filter.reverse = true;
    return 0;
}

static int take_limit(void *options, const char *option, const char *value, struct err *err)
{
    ((options_of)options)->limited = true;
    return units_parse_count(&((options_of)options)->filter.limit, option, value, err);
}

static int take_verify(void *options, const char *option, const char *value, struct err *err)
{
    (void)option, (void)value, (void)err;
    ((options_of)options)->verify = true;
    return 0;
}

static int take_summary(void *options, const char *option, const char *value, struct err *err)
{
    (void)option, (void)value, (void)err;
    ((options_of)options)->summary = true;
    return 0;
}

static int take_histogram(void *options, const char *option, const char *value, struct err *err)
{
    const unsigned access = 1U << HISTOGRAM_ACCESS;
    const unsigned size = 1U << HISTOGRAM_SIZE;
    unsigned *kinds = &((options_of)options)->histogram;
    if (strcmp(value, "access") == 0)
        *kinds = access;
    else if (strcmp(value, "size") == 0)
        *kinds = size;
    else if (strcmp(value, "both") == 0)
        *kinds = access | size;
    else
        return err_usage(err, "%s: '%s' is unknown; give access, size or both", option, value);
    return 0;
}

static int take_top(void *options, const char *option, const char *value, struct err *err)
{
    return units_parse_count(&((options_of)options)->top, option, value, err);
}

/* A text that may not be empty. */
static int take_text(const char **out, const char *option, const char *value, const char *what,
                     struct err *err)
{
    *out = value;
    return refuse_empty(option, value, what, err);
}

static int take_diff(void *options, const char *option, const char *value, struct err *err)
{
    return take_text(&((options_of)options)->older, option, value, "the older database", err);
}

static int take_all(void *options, const char *option, const char *value, struct err *err)
{
    (void)option, (void)value, (void)err;
    ((options_of)options)->all = true;
    return 0;
}

static int take_report(void *options, const char *option, const char *value, struct err *err)
{
    return take_text(&((options_of)options)->report, option, value, "a file's", err);
}

static int take_output(void *options, const char *option, const char *value, struct err *err)
{
    return take_text(&((options_of)options)->output, option, value, "a file's", err);
}

static int take_format(void *options, const char *option, const char *value, struct err *err)
{
    static const char *const names[] = {
        [QUERY_FORMAT_TABLE] = "table",   [QUERY_FORMAT_TSV] = "tsv",
        [QUERY_FORMAT_CSV] = "csv",       [QUERY_FORMAT_JSON] = "json",
        [QUERY_FORMAT_NDJSON] = "ndjson", [QUERY_FORMAT_NCDU] = "ncdu",
    };
    for (enum query_format i = QUERY_FORMAT_TABLE; i <= QUERY_FORMAT_NCDU; i++) {
        if (strcmp(value, names[i]) == 0) {
            ((options_of)options)->format = i;
            ((options_of)options)->format_given = true;
            return 0;
        }
    }
    return err_usage(err, "%s: '%s' is unknown; give table, tsv, csv, json, ndjson or ncdu", option,
                     value);
}

static int take_data_dir(void *options, const char *option, const char *value, struct err *err)
{
    ((options_of)options)->data_dir = value;
    return refuse_empty(option, value, "a directory", err);
}

static int take_config(void *options, const char *option, const char *value, struct err *err)
{
    (void)options, (void)option, (void)value, (void)err; /* config_read has read it */
    return 0;
}

static int take_verbose(void *options, const char *option, const char *value, struct err *err)
{
    (void)option, (void)value, (void)err;
    ((options_of)options)->verbose = true;
    return 0;
}

static int take_help(void *options, const char *option, const char *value, struct err *err)
{
    (void)option, (void)value, (void)err;
    ((options_of)options)->help = true;
    return 0;
}

static int take_version(void *options, const char *option, const char *value, struct err *err)
{
    (void)option, (void)value, (void)err;
    ((options_of)options)->version = true;
    return 0;
}

/* ---- The table ---- */

#define KIND(kind) (1U << QUERY_##kind)

enum {
    ANY = (1U << QUERY_KINDS) - 1,
    FILTERED = KIND(LISTING) | KIND(TOTALS) | KIND(HISTOGRAM),
    SORTED = KIND(LISTING) | KIND(TOTALS),
    DIFFS = KIND(DIFF) | KIND(DIFF_TOTALS),
    TREES = KIND(REPORT) | KIND(NCDU),
    ROWS = ANY & ~TREES,              /* questions whose answers are rows */
    MAPPED = FILTERED | KIND(REPORT), /* true of a directory only where it is of the one above */
};

#define NONE     OPTIONTABLE_NONE, NULL
#define VALUE(x) OPTIONTABLE_REQUIRED, x

static const struct optiontable_row rows[] = {
    {NULL, 0, NONE, NULL, 0, "Which directories"},
    {"min-depth", 'd', VALUE("N"), take_min_depth, FILTERED | DIFFS,
     "at depth N (the slashes in the path) and below"},
    {"max-depth", 0, VALUE("N"), take_max_depth, MAPPED | DIFFS, "at depth N and above"},
    {"single-owner", 's', NONE, take_single_owner, FILTERED, "all files below belong to one owner"},
    {"owner-id", 'u', VALUE("UID|NAME"), take_owner, FILTERED | KIND(DIFF_TOTALS),
     "all files below belong to this owner (repeatable: any\n"
     "of them); and, of directories of several owners (not\n"
     "with -s), those in which some lie directly. What the\n"
     "owner holds so is shown (HELD; owner_total_size,\n"
     "owner_file_count): all below the former, the files in\n"
     "the latter. With --group-by, --histogram and --cold:\n"
     "files of this owner"},
    {"group-id", 'g', VALUE("GID|NAME"), take_group, FILTERED | KIND(DIFF_TOTALS),
     "all files below belong to this group (repeatable); with\n"
     "--group-by, --histogram and --cold: files of this group"},
    {"mine", 0, NONE, take_mine, FILTERED | KIND(DIFF_TOTALS), "-u with yourself"},
    {"mygroup", 0, NONE, take_mygroup, FILTERED | KIND(DIFF_TOTALS), "-g with your group"},
    {"path-prefix", 'P', VALUE("PATH"), take_prefix, FILTERED | DIFFS | TREES,
     "that directory and below (repeatable). Where no database\n"
     "has it, the configuration's [mounts] are tried, as they\n"
     "are for -E, then directories whose paths begin so"},
    {"exclude", 'E', VALUE("PATH"), take_exclude, FILTERED | DIFFS,
     "not that directory nor below (repeatable); the figures\n"
     "of directories above still include it"},
    {"name-pattern", 'N', VALUE("GLOB"), take_pattern, FILTERED,
     "the last component matches; * ? [ab] [^ab] (repeatable)"},
    {"ignore-case", 'i', NONE, take_ignore_case, FILTERED, "of ASCII letters, in -N"},
    {"min-size", 0, VALUE("S"), take_min_size, MAPPED,
     "recursive size in bytes: 4096; 500M, 2GB (powers of\n"
     "1000); 512Mi, 2GiB (powers of 1024)"},
    {"max-size", 0, VALUE("S"), take_max_size, FILTERED, ""},
    {"min-alloc", 0, VALUE("S"), take_min_alloc, MAPPED, "recursive allocated bytes"},
    {"max-alloc", 0, VALUE("S"), take_max_alloc, FILTERED, ""},
    {"min-avg-size", 0, VALUE("S"), take_min_avg, FILTERED,
     "recursive size over recursive files, in whole bytes"},
    {"max-avg-size", 0, VALUE("S"), take_max_avg, FILTERED, ""},
    {"min-files", 0, VALUE("N"), take_min_files, MAPPED,
     "recursive number of files: 1000, 10K (10,000)"},
    {"max-files", 0, VALUE("N"), take_max_files, FILTERED, ""},
    {"accessed-before", 0, VALUE("WHEN"), take_before, FILTERED,
     "the last access to any file below is before that day:\n"
     "YYYY-MM-DD; or 3yrs, 6mo, 8w, 90d before the scan date"},
    {"accessed-after", 0, VALUE("WHEN"), take_after, FILTERED, "or on it or after it"},
    {"atime-non-recursive", 0, NONE, take_atime_of_own, FILTERED,
     "these two look at files directly in the directory"},
    {"leaves-only", 0, NONE, take_leaves_only, FILTERED, "without subdirectories"},
    {"hot-spots", 0, OPTIONTABLE_OPTIONAL, "PERCENT", take_hot_spots, KIND(LISTING),
     "not where a single subdirectory holds at least that\n"
     "share (default 90) of the cold bytes with --cold, else\n"
     "of what it is sorted by (bytes, allocated bytes, files,\n"
     "an owner's bytes):\n"
     "what remains is where the data really is"},

    {NULL, 0, NONE, NULL, 0, "What is shown"},
    {"cold", 0, VALUE("AGE"), take_cold, SORTED,
     "the bytes and files below that were not accessed for\n"
     "AGE before the scan, most first: 30d, 90d, 180d, 1y,\n"
     "2y, 3y, 4y, 6y or 7y. (Or not modified, or neither, as\n"
     "the import's --age-by chose)"},
    {"group-by", 0, VALUE("WHAT"), take_group_by, KIND(LISTING) | KIND(TOTALS) | DIFFS,
     "totals by owner, group or owner,group, of the files\n"
     "directly in the chosen directories"},
    {"sort-by", 0, VALUE("KEY"), take_sort_by, SORTED,
     "size_r (default), size_nr, alloc_r, alloc_nr, files_r,\n"
     "files_nr, dirs_r, dirs_nr, atime_r, mtime_r, avg_size:\n"
     "largest or latest first; path, depth: upwards; with -u,\n"
     "owner_size (default then): what the owner holds; with\n"
     "--cold, cold_size (default then). _r may be left out"},
    {"reverse", 0, NONE, take_reverse, SORTED, "the other way round"},
    {"limit", 'n', VALUE("N"), take_limit, KIND(LISTING) | KIND(TOTALS) | DIFFS | KIND(NCDU),
     "rows (default 50, in files too, 0 for all)"},
    {"summary", 0, NONE, take_summary, KIND(SUMMARY),
     "what the database holds: scan date, totals, and of each\n"
     "log how many lines were rejected, flawed (counted\n"
     "without a value that could not be used), excluded, or\n"
     "errors of the scan"},
    {"verify", 0, NONE, take_verify, KIND(VERIFY),
     "check that everything in the database agrees: the file\n"
     "as SQLite sees it, every sum, the owners, the ages and\n"
     "sizes, the logs' books. The digest is of the content:\n"
     "the same for the same logs, however they were imported"},
    {"diff", 0, VALUE("OLDER.db"), take_diff, DIFFS | KIND(REPORT),
     "what grew, shrank, appeared, vanished or else changed\n"
     "since that database of the same file system, the\n"
     "largest change of bytes first. A directory is left out\n"
     "where exactly one of its subdirectories changed, and by\n"
     "as much (bytes, allocated, files): that one shows more.\n"
     "With --report: the page shows growth too"},
    {"all", 0, NONE, take_all, DIFFS, "with --diff: every directory that changed"},
    {"histogram", 0, VALUE("KIND"), take_histogram, KIND(HISTOGRAM),
     "how the files directly in the chosen directories are\n"
     "spread over ages (access: days from the last access to\n"
     "the scan, or from the time that the import chose with\n"
     "--age-by), over sizes (size), or both"},
    {"top", 0, VALUE("N"), take_top, KIND(HISTOGRAM),
     "with --histogram: of each bucket the N owners of most\n"
     "bytes too (0 for all)"},
    {"format", 0, VALUE("FORMAT"), take_format, ROWS | KIND(NCDU),
     "table (default), tsv, csv, json, ndjson; or ncdu: the\n"
     "tree (-P: a part of it; -n: its largest directories, all\n"
     "by default) for `ncdu -f FILE`"},
    {"report", 0, VALUE("FILE"), take_report, KIND(REPORT),
     "a page to look at in a browser: the tree as a map (-P: a\n"
     "part of it), owners, ages and sizes of files, cold data;\n"
     "--max-depth, --min-size, --min-alloc, --min-files: what\n"
     "the map shows, while sums are of all files"},
    {"output", 'o', VALUE("FILE"), take_output, ROWS | KIND(NCDU) | KIND(REPORT),
     "write here, as .tsv .csv .json .ndjson or .html (the\n"
     "report) says, unless --format does; else TSV"},

    {NULL, 0, NONE, NULL, 0, "Everything else"},
    {"data-dir", 0, VALUE("DIR"), take_data_dir, ANY,
     "where the databases lie (default: $FSTALLY_DATA_DIR,\n"
     "else $XDG_DATA_HOME/fstally, else\n"
     "~/.local/share/fstally)"},
    {"config", 0, VALUE("FILE"), take_config, ANY,
     "defaults of these options, and [mounts] (default:\n"
     "$FSTALLY_CONFIG, else $XDG_CONFIG_HOME/fstally/\n"
     "fstally.conf (~/.config/...), else /etc/fstally.conf)"},
    {"verbose", 'v', NONE, take_verbose, ANY,
     "say which databases are asked, and how many rows came;\n"
     "with --group-by each total's parts by file system follow\n"
     "it"},
    {"help", 'h', NONE, take_help, ANY, "this text"},
    {"version", 'V', NONE, take_version, ANY, "the version"},
};

static const struct optiontable table = {rows, sizeof rows / sizeof *rows};

void query_options_print_help(FILE *file)
{
    fputs(
        "Usage: fstally-query [OPTION]... [FILESYSTEM | DATABASE.db | all]...\n"
        "Answer questions from the databases that fstally-import makes; without an argument from\n"
        "all databases of the data directory. Several answer as one: one sorted list, one limit,\n"
        "owners added up. Unreadable databases are reported and skipped (exit status 1).\n",
        file);
    optiontable_print(file, &table);
    fputs("\nExit status: 0 done, also when the reader of a pipe wants no more; 1 failed; 2 wrong\n"
          "usage; 128+N ended by signal N.\n",
          file);
}

/* ---- What goes together ---- */

/* What a question is called, and why it does not take every option. */
static const struct {
    const char *name;
    const char *why;
} kinds[QUERY_KINDS] = {
    [QUERY_LISTING] = {"a listing", ""},
    [QUERY_TOTALS] = {"--group-by", ", which is about files, not directories"},
    [QUERY_HISTOGRAM] = {"--histogram", ", which has a row for each bucket"},
    [QUERY_DIFF] = {"--diff", ", which compares all directories of a place"},
    [QUERY_DIFF_TOTALS] = {"--diff", ", which compares all files of a place"},
    [QUERY_SUMMARY] = {"--summary", ", which shows the whole database"},
    [QUERY_VERIFY] = {"--verify", ", which looks at the whole database"},
    [QUERY_REPORT] = {"--report", ", whose map shows a directory only with all above it; "
                                  "--path-prefix chooses a part"},
    [QUERY_NCDU] = {"--format ncdu", ", which shows a whole tree; --path-prefix chooses its part"},
};

/* For options that make no sense without another one. */
static const char *needed_for(const char *name)
{
    if (strcmp(name, "top") == 0)
        return "--histogram";
    return strcmp(name, "all") == 0 ? "--diff" : NULL;
}

static enum query_kind find_kind(const struct query_options *options)
{
    bool grouped = options->filter.group_by != FILTER_DIRECTORIES;
    if (options->summary)
        return QUERY_SUMMARY;
    if (options->verify)
        return QUERY_VERIFY;
    if (options->older != NULL && options->report == NULL)
        return grouped ? QUERY_DIFF_TOTALS : QUERY_DIFF;
    if (options->histogram != 0)
        return QUERY_HISTOGRAM;
    if (options->report != NULL)
        return QUERY_REPORT;
    if (options->format == QUERY_FORMAT_NCDU)
        return QUERY_NCDU;
    return grouped ? QUERY_TOTALS : QUERY_LISTING;
}

/* The arguments, by their rows; defaults of the configuration are not among them: those that
 * another kind of question has no use for do not forbid it. */
struct given {
    bool rows[sizeof rows / sizeof *rows];
};

static int check_given(const struct query_options *options, const struct given *given,
                       struct err *err)
{
    for (size_t i = 0; i < table.count; i++) {
        if (!given->rows[i] || (rows[i].kinds >> options->kind & 1) != 0)
            continue;
        const char *needed = needed_for(rows[i].name);
        if (options->kind == QUERY_LISTING && needed != NULL)
            return err_usage(err, "--%s: only with %s", rows[i].name, needed);
        return err_usage(err, "--%s: not with %s%s", rows[i].name, kinds[options->kind].name,
                         kinds[options->kind].why);
    }
    if ((1U << options->kind & TREES) != 0 && options->filter.prefix_count > 1)
        return err_usage(err, "--path-prefix: only once with %s, which shows one tree",
                         kinds[options->kind].name);
    return 0;
}

/* The format that a file's name ends in; NONE: none of ours. */
static enum query_format format_of(const char *name)
{
    static const struct {
        const char *suffix;
        enum query_format format;
    } suffixes[] = {
        {".tsv", QUERY_FORMAT_TSV},   {".csv", QUERY_FORMAT_CSV},
        {".json", QUERY_FORMAT_JSON}, {".ndjson", QUERY_FORMAT_NDJSON},
        {".html", QUERY_FORMAT_HTML},
    };
    size_t len = strlen(name);
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        size_t suffix = strlen(suffixes[i].suffix);
        if (len > suffix && strcmp(name + len - suffix, suffixes[i].suffix) == 0)
            return suffixes[i].format;
    }
    return QUERY_FORMAT_NONE;
}

/* Settles the format, which a file's name may tell, and with it the kind of question. */
static int settle_format(struct query_options *options, struct err *err)
{
    if (options->report != NULL && options->output != NULL)
        return err_usage(err, "--output: not with --report, which names its file itself");
    if (!options->format_given && options->output != NULL && options->report == NULL &&
        format_of(options->output) != QUERY_FORMAT_NONE)
        options->format = format_of(options->output);
    if (options->format == QUERY_FORMAT_HTML)
        options->report = options->output;
    if (options->format == QUERY_FORMAT_NONE)
        options->format = options->output == NULL ? QUERY_FORMAT_TABLE : QUERY_FORMAT_TSV;
    return 0;
}

/* Formats that are questions of their own. */
static int check_format(const struct query_options *options, struct err *err)
{
    if (options->format == QUERY_FORMAT_NCDU && options->kind != QUERY_NCDU)
        return err_usage(err, "--format ncdu: not with %s%s", kinds[options->kind].name,
                         kinds[options->kind].why);
    if (options->report != NULL && options->kind != QUERY_REPORT)
        return err_usage(err, "--report: not with %s%s", kinds[options->kind].name,
                         kinds[options->kind].why);
    return 0;
}

static void settle_tree(struct query_options *options)
{
    if (options->kind != QUERY_REPORT && options->kind != QUERY_NCDU)
        return;
    if (!options->limited)
        options->filter.limit = 0;
}

static void settle_sort(struct filter *filter)
{
    if (filter->sort_given)
        return;
    if (filter->cold_bucket != 0)
        filter->sort_by = FILTER_SORT_COLD_SIZE;
    else if (filter_holds(filter))
        filter->sort_by = FILTER_SORT_OWNER_SIZE;
}

static int check_options(struct query_options *options, const struct given *given, int argc,
                         char **argv, struct err *err)
{
    options->what = argv + optind;
    options->what_count = (size_t)(argc - optind);
    for (size_t i = 0; i < options->what_count; i++)
        if (*options->what[i] == '\0')
            return err_usage(err, "'': not a file system's name; give one, a DATABASE.db or `all`");
    if (settle_format(options, err) != 0)
        return -1;
    options->kind = find_kind(options);
    if (check_given(options, given, err) != 0 || check_format(options, err) != 0)
        return -1;
    settle_tree(options);
    if (((DIFFS | KIND(REPORT)) >> options->kind & 1) == 0)
        options->older = NULL; /* a default, which the question has no use for */
    if (options->kind == QUERY_DIFF_TOTALS && options->filter.group_by == FILTER_BY_BOTH)
        return err_usage(err, "--group-by: owner or group with --diff, not both");
    options->limit_unasked = options->filter.limit == FILTER_ANY;
    if (options->limit_unasked)
        options->filter.limit = DEFAULT_LIMIT;
    settle_sort(&options->filter);
    bool is_filtered = (FILTERED | DIFFS) >> options->kind & 1;
    return is_filtered ? filter_check(&options->filter, err) : 0;
}

/* ---- The command line ---- */

static struct optiontable_getopt ours;

/* A percentage after --hot-spots is a word of its own, where it is one. */
static const char *find_percent(int argc, char **argv)
{
    const char *word = optind < argc ? argv[optind] : "";
    size_t digits = strspn(word, "0123456789");
    bool is_percent =
        digits > 0 && digits <= 3 && (word[digits] == '\0' || strcmp(word + digits, "%") == 0);
    return is_percent ? argv[optind++] : NULL;
}

static int take_arguments(struct query_options *options, struct given *given, int argc, char **argv,
                          struct err *err)
{
    optind = 0; /* getopt's way to begin anew */
    opterr = 0;
    int code;
    while ((code = getopt_long(argc, argv, ours.letters, ours.names, NULL)) != -1) {
        if (code == ':' || code == '?')
            return optiontable_complain(ours.names, ours.letters, code, argv[optind - 1], optopt,
                                        err);
        size_t i = optiontable_find(&table, code);
        char option[64];
        snprintf(option, sizeof option, "--%s", rows[i].name);
        const char *value = optarg;
        if (value == NULL && rows[i].takes == OPTIONTABLE_OPTIONAL)
            value = find_percent(argc, argv);
        given->rows[i] = true;
        if (rows[i].take(options, option, value, err) != 0)
            return -1;
        if (options->help || options->version)
            return 0;
    }
    return 0;
}

/* Each default by itself, so that an error in it can be reported with its line. */
static int take_defaults(struct query_options *options, const bool *is_used, struct err *err)
{
    static char name[] = "fstally-query";
    struct given given = {{0}};
    for (size_t i = 0; i < options->config.default_count; i++) {
        char *argv[] = {name, options->config.defaults[i].argument, NULL};
        if (!is_used[i])
            continue;
        if (take_arguments(options, &given, 2, argv, err) != 0)
            return config_blame(&options->config, i, err);
    }
    options->filter.standing_count = options->filter.excluded_count;
    options->limited = false;
    options->format_given = false;
    return 0;
}

/* What of a list comes from the configuration gives way to arguments. */
static void drop_defaults(void *list, size_t *count, size_t defaults, size_t size)
{
    if (defaults == 0 || *count == defaults)
        return;
    memmove(list, (char *)list + defaults * size, (*count - defaults) * size);
    *count -= defaults;
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

static int read_config(struct query_options *options, int argc, char **argv, struct err *err)
{
    struct config_program program = {.section = "query",
                                     .short_options = ours.letters,
                                     .long_options = ours.names,
                                     .help = 'h',
                                     .version = 'V'};
    for (size_t i = 0; i < table.count; i++)
        if (rows[i].take == take_config)
            program.config = OPTIONTABLE_FIRST_CODE + (int)i;
    return config_read(&options->config, &program, argc, argv, err);
}

/* Parses everything but the configuration again, with those of its defaults that are used. */
static int parse(struct query_options *options, const bool *is_used, int argc, char **argv,
                 struct err *err)
{
    struct filter *filter = &options->filter;
    struct given given = {{0}};
    struct config config = options->config;
    filter_free(filter);
    *options = (struct query_options){.config = config};
    filter_init(filter);
    filter->limit = FILTER_ANY;
    options->top = DISTRIBUTION_NO_OWNERS;
    if (add_mounts(options, err) != 0 || take_defaults(options, is_used, err) != 0)
        return -1;
    size_t prefixes = filter->prefix_count;
    size_t owners = filter->owner_count;
    size_t groups = filter->group_count;
    if (take_arguments(options, &given, argc, argv, err) != 0)
        return -1;
    if (options->help || options->version)
        return 0;
    for (size_t i = 0; i < prefixes && filter->prefix_count > prefixes; i++)
        free((char *)filter->prefixes[i].ptr);
    drop_defaults(filter->prefixes, &filter->prefix_count, prefixes, sizeof *filter->prefixes);
    drop_defaults(filter->owners, &filter->owner_count, owners, sizeof *filter->owners);
    drop_defaults(filter->groups, &filter->group_count, groups, sizeof *filter->groups);
    return check_options(options, &given, argc, argv, err);
}

/* The arguments are right alone: takes the defaults, in their order, that go with them. Those
 * that do, and contradict each other, are an error. */
static int parse_with_some(struct query_options *options, bool *is_used, int argc, char **argv,
                           struct err *err)
{
    size_t count = options->config.default_count;
    bool *one = mem_new(count + 1);
    int status = 0;
    for (size_t i = 0; i < count && status == 0; i++) {
        struct err ignored = {0};
        one[i] = true;
        is_used[i] = parse(options, one, argc, argv, &ignored) == 0;
        one[i] = false;
        if (is_used[i] && parse(options, is_used, argc, argv, err) != 0)
            status = config_remark(&options->config, err);
    }
    free(one);
    return status != 0 ? -1 : parse(options, is_used, argc, argv, err);
}

static int parse_all(struct query_options *options, bool *is_used, int argc, char **argv,
                     struct err *err)
{
    size_t count = options->config.default_count;
    memset(is_used, true, count);
    if (take_defaults(options, is_used, err) !=
        0) /* a value is wrong, whatever the arguments are */
        return -1;
    struct err ignored = {0};
    if (parse(options, is_used, argc, argv, &ignored) == 0)
        return 0;
    memset(is_used, false, count);
    return parse(options, is_used, argc, argv, err) != 0
               ? -1
               : parse_with_some(options, is_used, argc, argv, err);
}

int query_options_parse(struct query_options *options, int argc, char **argv, struct err *err)
{
    *options = (struct query_options){0};
    filter_init(&options->filter);
    optiontable_make_getopt(&ours, &table);
    if (read_config(options, argc, argv, err) != 0)
        return -1;
    bool *is_used = mem_new(options->config.default_count + 1);
    int status = parse_all(options, is_used, argc, argv, err);
    free(is_used);
    return status;
}

void query_options_free(struct query_options *options)
{
    filter_free(&options->filter);
    config_free(&options->config);
    optiontable_free_getopt(&ours);
}
