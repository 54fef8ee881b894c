/* fstally-query: databases in, answers out.
 *
 * In this order: the command line becomes a filter; the databases are opened and the question put;
 * only when that has succeeded is the output opened, so that a wrong question leaves an old file
 * alone; then a row after another goes through a view (which columns, in which shape) to a
 * renderer. One thread. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "datadir.h"
#include "delimited.h"
#include "err.h"
#include "filter.h"
#include "json.h"
#include "query.h"
#include "reader.h"
#include "table.h"
#include "units.h"

static const char program[] = "fstally-query";

enum { DEFAULT_LIMIT = 50, OUTPUT_BUFFER = 1 << 16 };

/* ---- The command line ---- */

enum format { FORMAT_NONE, FORMAT_TABLE, FORMAT_TSV, FORMAT_CSV, FORMAT_JSON, FORMAT_NDJSON };

struct options {
    struct filter filter;
    const char *what; /* a file system, a database or `all`; NULL: all. Borrowed, as all texts */
    const char *output;
    enum format format;
    bool summary;
    bool verbose;
    bool help;
    bool version;
    bool mine;
    const char *filtering; /* an option that --summary has no use for; NULL: none */
    char own_uid[UNITS_TEXT];
};

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
    {"format", required_argument, NULL, FORMAT},
    {"output", required_argument, NULL, 'o'},
    {"verbose", no_argument, NULL, 'v'},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, 'V'},
    {NULL, 0, NULL, 0},
};

static const char help[] =
    "Usage: fstally-query [OPTION]... [FILESYSTEM | DATABASE.db | all]\n"
    "Answer questions from the databases that fstally-import makes. Without an argument: from all\n"
    "databases of the data directory ($FSTALLY_DATA_DIR, else $XDG_DATA_HOME/fstally, else\n"
    "~/.local/share/fstally).\n"
    "\n"
    "Which directories:\n"
    "  -d, --min-depth N           at depth N (the slashes in the path) and below\n"
    "      --max-depth N           at depth N and above\n"
    "  -s, --single-owner          all files below belong to one owner\n"
    "  -u, --owner-id UID|NAME     all files below belong to this owner\n"
    "  -g, --group-id GID|NAME     all files below belong to this group\n"
    "      --mine                  all files below belong to you\n"
    "  -P, --path-prefix PATH      that directory and below\n"
    "  -E, --exclude PATH          not that directory nor below (repeatable); the figures of\n"
    "                              directories above still include it\n"
    "  -N, --name-pattern GLOB     the last component matches (repeatable: one of them)\n"
    "  -i, --ignore-case           of ASCII letters, in -N\n"
    "      --min-size S            recursive size: 500M, 2GiB (powers of 1024), 10KB (of 1000)\n"
    "      --max-size S\n"
    "      --min-files N           recursive number of files: 1000, 10K (10,000)\n"
    "      --max-files N\n"
    "      --accessed-before WHEN  the last access to any file below is before that day:\n"
    "      --accessed-after WHEN   or on it or after it: YYYY-MM-DD; or 3yrs, 6mo, 8w, 90d before\n"
    "                              the scan date\n"
    "      --leaves-only           without subdirectories\n"
    "\n"
    "What is shown:\n"
    "      --group-by owner|group  totals by owner or group, of the files directly in the chosen\n"
    "                              directories; -u and -g then choose files\n"
    "      --sort-by KEY           size_r (default), size_nr, alloc_r, files_r, files_nr, dirs_r,\n"
    "                              atime_r: largest or latest first; path, depth: upwards\n"
    "      --reverse               the other way round\n"
    "  -n, --limit N               rows (default 50, 0 for all)\n"
    "      --summary               what the database holds: scan date, totals, inputs, rejects\n"
    "      --format FORMAT         table (default), tsv, csv, json, ndjson\n"
    "  -o, --output FILE           write here (TSV unless --format says otherwise)\n"
    "  -v, --verbose               say which databases are asked, and how many rows came\n"
    "  -h, --help                  this text\n"
    "  -V, --version               the version\n"
    "\n"
    "Exit status: 0 done, also when the reader of a pipe wants no more; 1 failed; 2 wrong usage;\n"
    "128+N ended by signal N.\n";

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

static int parse_format(struct options *options, const char *text, struct err *err)
{
    static const char *const names[] = {
        [FORMAT_TABLE] = "table", [FORMAT_TSV] = "tsv",       [FORMAT_CSV] = "csv",
        [FORMAT_JSON] = "json",   [FORMAT_NDJSON] = "ndjson",
    };
    for (enum format i = FORMAT_TABLE; i <= FORMAT_NDJSON; i++) {
        if (strcmp(text, names[i]) == 0) {
            options->format = i;
            return 0;
        }
    }
    return err_usage(err, "--format: '%s' is unknown; give table, tsv, csv, json or ndjson", text);
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

static int take_option(struct options *options, int code, struct err *err)
{
    switch (code) {
    case SUMMARY:
        options->summary = true;
        return 0;
    case FORMAT:
        return parse_format(options, optarg, err);
    case 'o':
        options->output = optarg;
        return 0;
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
        options->filtering = "mine";
        return 0;
    default:
        options->filtering = long_name(code);
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
    if (optopt != 0 && optopt < 256 && strncmp(word, "--", 2) != 0)
        return err_usage(err, "-%c: unknown option; see --help", optopt);
    if (optopt != 0)
        return err_usage(err, "%s: takes no value; see --help", word);
    return err_usage(err, "%s: unknown or ambiguous option; see --help", word);
}

static int check_options(struct options *options, int argc, char **argv, struct err *err)
{
    if (argc - optind > 1)
        return err_usage(err, "'%s': one file system or database at a time; or `all`",
                         argv[optind + 1]);
    options->what = argc > optind ? argv[optind] : NULL;
    if (options->what != NULL && *options->what == '\0')
        return err_usage(err, "'': not a file system's name; give one, a DATABASE.db or `all`");
    if (options->output != NULL && *options->output == '\0')
        return err_usage(err, "--output: an empty name; give a file's");
    if (options->mine && options->filter.owner != NULL)
        return err_usage(err, "--mine: not with --owner-id, which names an owner already");
    if (options->summary && options->filtering != NULL)
        return err_usage(err, "--summary: not with --%s; it tells of the whole database",
                         options->filtering);
    if (options->mine) {
        snprintf(options->own_uid, sizeof options->own_uid, "%lu", (unsigned long)getuid());
        options->filter.owner = options->own_uid;
    }
    if (options->format == FORMAT_NONE)
        options->format = options->output == NULL ? FORMAT_TABLE : FORMAT_TSV;
    return filter_check(&options->filter, err);
}

static int parse_options(struct options *options, int argc, char **argv, struct err *err)
{
    filter_init(&options->filter);
    options->filter.limit = DEFAULT_LIMIT;
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
    return check_options(options, argc, argv, err);
}

/* ---- The view: which columns, in which shape ---- */

enum shape { SHAPE_AS_IS, SHAPE_BYTES, SHAPE_COUNT, SHAPE_DAY, SHAPE_OWNER };

struct view_column {
    struct render_column head;
    enum shape shape;
    size_t column; /* of the query's row */
    size_t name;   /* SHAPE_OWNER: the column of the owner's name */
};

enum { VIEW_COLUMNS = 32 };
_Static_assert((int)QUERY_LISTING_COLUMNS < (int)VIEW_COLUMNS,
               "a view holds any question's columns");

struct view {
    struct view_column columns[VIEW_COLUMNS];
    struct render_column heads[VIEW_COLUMNS];
    size_t count;
};

static void add_column(struct view *view, struct view_column column)
{
    view->heads[view->count] = column.head;
    view->columns[view->count++] = column;
}

static void add_plain(struct view *view, const char *name, size_t column)
{
    add_column(view, (struct view_column){{name, false}, SHAPE_AS_IS, column, 0});
}

static void add_figure(struct view *view, const char *name, enum shape shape, size_t column)
{
    add_column(view, (struct view_column){{name, true}, shape, column, 0});
}

static void view_for_programs(struct view *view, const struct options *options, bool many)
{
    const struct filter *filter = &options->filter;
    if (options->summary) {
        for (enum query_summary i = 0; i < QUERY_LOG_COLUMNS; i++)
            add_plain(view, query_summary_name(i), i);
    } else if (filter->group_by != FILTER_DIRECTORIES) {
        for (enum statement_total i = 0; i < STATEMENT_TOTALS; i++)
            add_plain(view, statement_total_name(i, filter->group_by), i);
    } else {
        for (size_t i = many ? QUERY_FILESYSTEM : QUERY_LISTING;
             i < QUERY_LISTING + STATEMENT_USERNAME; i++)
            add_plain(view, query_listing_name(i), i);
    }
}

/* The last column is the one that a narrow terminal cuts. */
static void view_listing(struct view *view, enum filter_sort sort, bool many)
{
    if (many)
        add_plain(view, "FILESYSTEM", QUERY_FILESYSTEM);
    if (sort == FILTER_SORT_SIZE_NR)
        add_figure(view, "SIZE HERE", SHAPE_BYTES, QUERY_LISTING + STATEMENT_SIZE_NR);
    if (sort == FILTER_SORT_FILES_NR)
        add_figure(view, "FILES HERE", SHAPE_COUNT, QUERY_LISTING + STATEMENT_FILES_NR);
    if (sort == FILTER_SORT_DEPTH)
        add_figure(view, "DEPTH", SHAPE_COUNT, QUERY_LISTING + STATEMENT_DEPTH);
    add_figure(view, "SIZE", SHAPE_BYTES, QUERY_LISTING + STATEMENT_SIZE_R);
    add_figure(view, "ALLOCATED", SHAPE_BYTES, QUERY_LISTING + STATEMENT_ALLOC_R);
    add_figure(view, "FILES", SHAPE_COUNT, QUERY_LISTING + STATEMENT_FILES_R);
    add_figure(view, "DIRS", SHAPE_COUNT, QUERY_LISTING + STATEMENT_DIRS_R);
    add_figure(view, "ACCESSED", SHAPE_DAY, QUERY_LISTING + STATEMENT_ATIME_R);
    add_column(view, (struct view_column){{"OWNER", false},
                                          SHAPE_OWNER,
                                          QUERY_LISTING + STATEMENT_OWNER_UID,
                                          QUERY_LISTING + STATEMENT_USERNAME});
    add_plain(view, "PATH", QUERY_LISTING + STATEMENT_PATH);
}

static void view_totals(struct view *view, enum filter_group group_by)
{
    add_figure(view, "SIZE", SHAPE_BYTES, STATEMENT_TOTAL_SIZE);
    add_figure(view, "ALLOCATED", SHAPE_BYTES, STATEMENT_TOTAL_ALLOC);
    add_figure(view, "FILES", SHAPE_COUNT, STATEMENT_TOTAL_FILES);
    add_figure(view, "DIRS", SHAPE_COUNT, STATEMENT_TOTAL_DIRECTORIES);
    add_figure(view, "ACCESSED", SHAPE_DAY, STATEMENT_TOTAL_ATIME);
    const char *heading = group_by == FILTER_BY_OWNER ? "OWNER" : "GROUP";
    add_column(view, (struct view_column){
                         {heading, false}, SHAPE_OWNER, STATEMENT_TOTAL_ID, STATEMENT_TOTAL_NAME});
}

static void view_summary(struct view *view)
{
    add_plain(view, "FILESYSTEM", QUERY_LOG_FILESYSTEM);
    add_figure(view, "SCANNED", SHAPE_DAY, QUERY_LOG_SCANNED);
    add_figure(view, "FILES", SHAPE_COUNT, QUERY_LOG_FILES);
    add_figure(view, "DIRS", SHAPE_COUNT, QUERY_STORED_DIRECTORIES);
    add_figure(view, "SIZE", SHAPE_BYTES, QUERY_LOG_SIZE);
    add_figure(view, "ALLOCATED", SHAPE_BYTES, QUERY_LOG_ALLOC);
    add_figure(view, "LINES", SHAPE_COUNT, QUERY_LOG_LINES);
    add_figure(view, "REJECTED", SHAPE_COUNT, QUERY_LOG_REJECTED);
    add_figure(view, "IMPORTED", SHAPE_DAY, QUERY_LOG_IMPORTED);
    add_plain(view, "FORMAT", QUERY_LOG_FORMAT);
    add_plain(view, "INPUT", QUERY_LOG_SOURCE);
}

static void view_for_people(struct view *view, const struct options *options, bool many)
{
    if (options->summary)
        view_summary(view);
    else if (options->filter.group_by != FILTER_DIRECTORIES)
        view_totals(view, options->filter.group_by);
    else
        view_listing(view, options->filter.sort_by, many);
}

static struct render_cell text_cell(const char *text)
{
    return (struct render_cell){.type = RENDER_TEXT, .text = slice_from(text)};
}

static struct render_cell plain_cell(const struct reader_value *value)
{
    switch (value->type) {
    case READER_INTEGER:
        return (struct render_cell){.type = RENDER_INTEGER, .integer = value->integer};
    case READER_TEXT:
        return (struct render_cell){.type = RENDER_TEXT, .text = value->text};
    case READER_NULL:
        break;
    }
    return (struct render_cell){.type = RENDER_NULL};
}

static struct render_cell owner_cell(const struct reader_value *owner,
                                     const struct reader_value *name)
{
    if (owner->type == READER_NULL)
        return text_cell("several");
    if (owner->integer < 0)
        return text_cell("-"); /* no files, or a group that the log does not tell */
    return plain_cell(name->type == READER_NULL ? owner : name);
}

/* scratch holds what the cell points to. */
static struct render_cell shape_cell(const struct view_column *column,
                                     const struct reader_value *values, char scratch[UNITS_TEXT])
{
    const struct reader_value *value = &values[column->column];
    switch (column->shape) {
    case SHAPE_BYTES:
        units_size(scratch, value->integer);
        return text_cell(scratch);
    case SHAPE_COUNT:
        units_count(scratch, value->integer);
        return text_cell(scratch);
    case SHAPE_DAY:
        snprintf(scratch, UNITS_TEXT, "%.*s", (int)(value->text.len < 10 ? value->text.len : 10),
                 value->text.ptr == NULL ? "" : value->text.ptr);
        return text_cell(value->type == READER_NULL ? "-" : scratch);
    case SHAPE_OWNER:
        return owner_cell(value, &values[column->name]);
    case SHAPE_AS_IS:
        break;
    }
    return plain_cell(value);
}

static int view_row(const struct view *view, struct render *render,
                    const struct reader_value *values, struct err *err)
{
    struct render_cell cells[VIEW_COLUMNS];
    char scratch[VIEW_COLUMNS][UNITS_TEXT];
    for (size_t i = 0; i < view->count; i++)
        cells[i] = shape_cell(&view->columns[i], values, scratch[i]);
    return render_row(render, cells, err);
}

/* ---- The output ---- */

static int refuse_database(int file, const char *name, const struct datadir_choice *databases,
                           struct err *err)
{
    struct stat output;
    struct stat database;
    if (fstat(file, &output) != 0)
        return err_set(err, "%s: cannot write: %s", name, strerror(errno));
    for (size_t i = 0; i < databases->count; i++)
        if (stat(databases->paths[i], &database) == 0 && database.st_dev == output.st_dev &&
            database.st_ino == output.st_ino)
            return err_usage(err, "--output: %s is the database itself; name another file", name);
    return 0;
}

/* Opens the file and empties it, unless it is one of the databases. */
static int open_file(struct render_output *out, const char *name,
                     const struct datadir_choice *databases, struct err *err)
{
    int file = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    if (file < 0)
        return err_set(err, "%s: cannot open for writing: %s", name, strerror(errno));
    if (refuse_database(file, name, databases, err) != 0) {
        close(file);
        return -1;
    }
    /* A pipe or a device has nothing to cut; for a file it would be strange to fail. */
    if (ftruncate(file, 0) != 0 && errno != EINVAL) {
        err_set(err, "%s: cannot write: %s", name, strerror(errno));
        close(file);
        return -1;
    }
    out->name = name;
    out->file = fdopen(file, "w");
    if (out->file == NULL) {
        close(file);
        return err_set(err, "%s: cannot write: out of memory", name);
    }
    return 0;
}

static int open_output(struct render_output *out, const struct options *options,
                       const struct datadir_choice *databases, struct err *err)
{
    *out = (struct render_output){.file = stdout, .name = "standard output"};
    if (options->output != NULL && strcmp(options->output, "-") != 0 &&
        open_file(out, options->output, databases, err) != 0)
        return -1;
    setvbuf(out->file, NULL, _IOFBF, OUTPUT_BUFFER);
    return 0;
}

static int close_output(struct render_output *output, struct err *err)
{
    if (fflush(output->file) != 0 && render_check(output, err) != 0)
        return -1;
    /* Some file systems tell only now that the disk is full. */
    if (output->file != stdout && fclose(output->file) != 0)
        return err_set(err, "%s: cannot write: %s", output->name, strerror(errno));
    return 0;
}

/* Columns of the terminal that the output goes to; 0: it is none. */
static size_t terminal_width(const struct render_output *output)
{
    if (!isatty(fileno(output->file)))
        return 0;
    const char *text = getenv("COLUMNS");
    long columns = text == NULL ? 0 : strtol(text, NULL, 10);
    struct winsize size;
    if (columns > 0 && columns < 100000)
        return (size_t)columns;
    return ioctl(fileno(output->file), TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

static struct render *make_renderer(enum format format, const struct view *view,
                                    struct render_output *output)
{
    switch (format) {
    case FORMAT_TSV:
        return delimited_tsv(output, view->heads, view->count);
    case FORMAT_CSV:
        return delimited_csv(output, view->heads, view->count);
    case FORMAT_JSON:
        return json_array(output, view->heads, view->count);
    case FORMAT_NDJSON:
        return json_lines(output, view->heads, view->count);
    default:
        return table_new(output, view->heads, view->count, terminal_width(output));
    }
}

/* ---- The whole ---- */

static int ask(struct query *query, const struct options *options, struct err *err)
{
    if (options->summary)
        return query_summary(query, options->format == FORMAT_TABLE, err);
    if (options->filter.group_by != FILTER_DIRECTORIES)
        return query_total(query, &options->filter, err);
    return query_list(query, &options->filter, err);
}

static int print_rows(struct query *query, const struct view *view, struct render *render,
                      uint64_t *count, struct err *err)
{
    const struct reader_value *values;
    int status;
    while ((status = query_next(query, &values, err)) == 1) {
        if (view_row(view, render, values, err) != 0)
            return -1;
        ++*count;
    }
    return status != 0 ? -1 : render_end(render, err);
}

static int print_answer(struct query *query, const struct options *options,
                        const struct datadir_choice *databases, struct render_output *output,
                        struct err *err)
{
    static struct view view;
    uint64_t count = 0;
    if (options->format == FORMAT_TABLE)
        view_for_people(&view, options, databases->count > 1);
    else
        view_for_programs(&view, options, databases->count > 1);
    struct render *render = make_renderer(options->format, &view, output);
    int status = print_rows(query, &view, render, &count, err);
    render_free(render);
    if (close_output(output, err) != 0)
        status = -1;
    if (status == 0 && options->verbose)
        fprintf(stderr, "%s: %" PRIu64 " rows\n", program, count);
    return status;
}

static int answer(const struct options *options, const struct datadir_choice *databases,
                  struct render_output *output, struct err *err)
{
    struct query *query;
    for (size_t i = 0; options->verbose && i < databases->count; i++)
        fprintf(stderr, "%s: asking %s\n", program, databases->paths[i]);
    if (query_open(&query, databases->paths, databases->names, databases->count, err) != 0)
        return -1;
    int status = ask(query, options, err);
    if (status == 0)
        status = open_output(output, options, databases, err);
    if (status == 0)
        status = print_answer(query, options, databases, output, err);
    query_close(query);
    return status;
}

static int complain(const struct err *err)
{
    fprintf(stderr, "%s: %s\n", program, err->text);
    return (int)err->status;
}

static int print_text(const char *text)
{
    if (fputs(text, stdout) >= 0 && fflush(stdout) == 0)
        return 0;
    if (errno == EPIPE)
        return 0;
    fprintf(stderr, "%s: standard output: cannot write: %s\n", program, strerror(errno));
    return ERR_FAILED;
}

int main(int argc, char **argv)
{
    static struct options options;
    struct err err = {0};
    struct render_output output = {0};
    struct datadir_choice databases;

    setlocale(LC_CTYPE, ""); /* for the width of characters in a table, and for nothing else */
    signal(SIGPIPE,
           SIG_IGN); /* seen as EPIPE: whoever reads has seen enough, which is no failure */
    if (parse_options(&options, argc, argv, &err) != 0)
        return complain(&err);
    if (options.help || options.version)
        return print_text(options.help ? help : "fstally-query " FSTALLY_VERSION "\n");

    int status = datadir_choose(&databases, options.what, &err);
    if (status == 0) {
        status = answer(&options, &databases, &output, &err);
        datadir_forget(&databases);
    }
    filter_free(&options.filter);
    if (status == 0 || output.broken_pipe)
        return 0;
    return complain(&err);
}
