/* micro: the importer's inner loops, each by itself, on one thread and in memory.
 *
 *     micro load LOG                 reads the log into memory, as the others do first
 *     micro linescan LOG             every line looked at, by each kind of vector
 *     micro parse LOG                every line into an entry
 *     micro described LOG            the same for a gpfs log, read by a template
 *     micro fold LOG                 and every entry into the maps
 *     micro hash LOG                 the hash of every entry's path
 *     micro glob LOG                 patterns compared with the last components of paths, by
 *                                    globmatch and by SQLite's GLOB
 *     micro dates                    GPFS time stamps: lines with one, less lines without
 *     micro map dirmap LOG COUNT     the first COUNT paths of a log put into the importer's map,
 *                                    and all of them found again
 *     micro map uthash LOG COUNT     the same with uthash as it comes
 *     micro map uthash-xxh3 ...      and with uthash given the hash that the importer uses
 *
 * Prints a JSON array, one object a figure: nanoseconds of each line, path or stamp, how many there
 * were, and a checksum that says the work was done. Under a tool that counts instructions, `parse`
 * less `load` is the parser and `fold` less `parse` the folding, whatever the compiler inlined. */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sqlite3.h>
#include <uthash.h>

#include "arena.h"
#include "clock.h"
#include "detect.h"
#include "dirmap.h"
#include "foldcache.h"
#include "globmatch.h"
#include "linescan.h"
#include "mem.h"
#include "pathname.h"
#include "source.h"

/* The importer folds once a chunk, 2 MiB or some 7,000 lines. */
enum { LINES_A_FLUSH = 7000 };

/* The importer's default. */

/* As many deltas at once as a foldcache holds. */
enum { BATCH = 4096 };

/* GPFS lines for the dates, and how often they are read: the least of several turns counts, because
 * a stamp is the small difference of two large figures. */
enum { DATE_LINES = 200000, DATE_LINE = 96, DATE_TURNS = 7 };

/* How often a batch of paths is hashed. They stay in the cache, where a path that has just been
 * parsed is too. */
enum { HASH_TURNS = 250, GLOB_TURNS = 100 };

static _Noreturn void die(const char *what, const char *why)
{
    fprintf(stderr, "micro: %s: %s\n", what, why);
    exit(1);
}

static void *room(size_t count, size_t size)
{
    void *array = mem_array(count, size);
    if (array == NULL)
        die("memory", "not enough");
    return array;
}

/* Touches every page, so that no turn that is timed pays for the kernel's mapping it. */
static void touch(const char *bytes, size_t len)
{
    volatile char sum = 0;
    for (size_t i = 0; i < len; i += 4096)
        sum = (char)(sum ^ bytes[i]);
}

static struct slice load(const char *path)
{
    struct source *source;
    struct err err = {0};
    if (source_open(&source, path, 1, '\n', &err) != 0)
        die("load", err.text);
    size_t size = (size_t)source_size(source);
    char *bytes = room(size + 1, 1);
    size_t len;
    if (source_peek(source, bytes, size, &len, &err) != 0)
        die("load", err.text);
    source_close(source);
    touch(bytes, len);
    return (struct slice){bytes, len};
}

/* What the generator's gpfs lines print, as a template. */
static const char gpfs_template[] =
    "s=%size a=%alloc_kb u=%uid g=%gid m=%* p=%mode ac=%atime mt=%mtime cr=%* %* nl=%* po=%* fs=%*";

/* A walk over the entries of a log; everything else in it is passed over. */
struct walk {
    struct detect detect;
    struct slice text;
    struct record_reader reader;
    uint64_t lines;
    uint64_t files;
    uint64_t size;
};

/* Begins a walk through a log, read as its content shows, or by a template in place of that: the
 * detection costs the same, so that `load` can be subtracted from either. */
static void walk_begin(struct walk *walk, struct slice log, const char *template_text)
{
    *walk = (struct walk){.text = log};
    struct slice head = {log.ptr, log.len < 1 << 20 ? log.len : 1 << 20};
    struct err err = {0};
    const struct layout_options options = {.head = LAYOUT_HEAD_GPFS};
    detect_log(&walk->detect, head, NULL, LAYOUT_PLAIN, false, 0);
    if (!walk->detect.found)
        die("format", "no line is a record");
    if (template_text != NULL && layout_compile(&walk->detect.layout, "template",
                                                slice_from(template_text), &options, &err) != 0)
        die("template", err.text);
}

static bool next_entry(struct walk *walk, struct entry *entry)
{
    while (walk->text.len != 0) {
        struct reject reject;
        walk->lines++;
        if (record_next(&walk->detect.log, &walk->reader, &walk->text, entry, &reject) !=
            RECORD_ENTRY)
            continue;
        if (!entry->is_directory) {
            walk->files++;
            walk->size += (uint64_t)entry->size;
        }
        return true;
    }
    return false;
}

static double ns_each(uint64_t begin, uint64_t count)
{
    return (double)(clock_now_ns() - begin) / (double)(count == 0 ? 1 : count);
}

static void print_walk(const char *name, const struct walk *walk, double ns)
{
    printf("[{\"name\":\"%s %s\",\"unit\":\"line\",\"count\":%" PRIu64 ",\"ns\":%.3f,"
           "\"files\":%" PRIu64 ",\"size\":%" PRIu64 "}]\n",
           name, walk->detect.layout.name, walk->lines, ns, walk->files, walk->size);
}

static void run_load(struct slice log)
{
    struct walk walk;
    walk_begin(&walk, log, NULL);
    printf("[{\"name\":\"load %s\",\"bytes\":%zu}]\n", walk.detect.layout.name, log.len);
}

static void parse_by(struct slice log, const char *template_text)
{
    struct walk walk;
    walk_begin(&walk, log, template_text);
    struct entry entry;
    uint64_t begin = clock_now_ns();
    while (next_entry(&walk, &entry))
        ;
    print_walk("parse", &walk, ns_each(begin, walk.lines));
}

static void run_parse(struct slice log)
{
    parse_by(log, NULL);
}

/* A gpfs log by a template that says the same. */
static void run_described(struct slice log)
{
    parse_by(log, gpfs_template);
}

/* What every line is looked at with, by each kind of vector that this processor has. */
static void run_linescan(struct slice log)
{
    printf("[");
    for (unsigned kind = 0; kind < linescan_kinds(); kind++) {
        linescan_use(kind);
        uint64_t lines = 0;
        uint64_t blanks = 0;
        uint64_t begin = clock_now_ns();
        for (const char *p = log.ptr; p < log.ptr + log.len; lines++) {
            struct linescan scan;
            bool nul;
            p = linescan_line(&scan, p, log.ptr + log.len, &nul) + 1;
            blanks += (uint64_t)__builtin_popcountll(scan.blank[0]);
        }
        printf("%s{\"name\":\"linescan, %u bytes at a time\",\"unit\":\"line\",\"count\":%" PRIu64
               ",\"ns\":%.3f,\"checksum\":%" PRIu64 "}",
               kind == 0 ? "" : ",", 16u << kind, lines, ns_each(begin, lines), blanks);
    }
    printf("]\n");
}

static void run_fold(struct slice log)
{
    struct walk walk;
    walk_begin(&walk, log, NULL);
    struct dirmap *dirs = dirmap_new();
    struct histogram_ages ages;
    const int64_t scan_day = clock_from_date(2026, 1, 11); /* the generator's */
    histogram_ages_init(&ages, scan_day, HISTOGRAM_BY_ATIME);
    struct foldcache *cache = foldcache_new(dirs);
    struct entry entry;
    uint64_t begin = clock_now_ns();
    uint64_t flush_at = LINES_A_FLUSH;
    int status = 0;
    while (status == 0 && next_entry(&walk, &entry)) {
        status = foldcache_add(cache, &entry, &ages);
        if (status == 0 && walk.lines >= flush_at) {
            status = foldcache_flush(cache);
            flush_at += LINES_A_FLUSH;
        }
    }
    if (status != 0 || foldcache_flush(cache) != 0)
        die("fold", "out of memory");
    foldcache_free(cache);
    print_walk("parse + fold", &walk, ns_each(begin, walk.lines));
    dirmap_free(dirs);
}

/* The paths of at most `most` entries, one behind the other in the order of the log. */
static struct slice *list_paths(struct slice log, size_t most, size_t *count)
{
    struct walk walk;
    walk_begin(&walk, log, NULL);
    struct slice *paths = room(most, sizeof *paths);
    struct entry entry;
    for (*count = 0; *count < most && next_entry(&walk, &entry);)
        paths[(*count)++] = entry.path;
    return paths;
}

/* Copies of the paths side by side. */
static void pack(struct slice *paths, size_t count)
{
    size_t bytes = 0;
    for (size_t i = 0; i < count; i++)
        bytes += paths[i].len;
    char *p = room(bytes + 1, 1);
    for (size_t i = 0; i < count; i++) {
        paths[i].ptr = memcpy(p, paths[i].ptr, paths[i].len);
        p += paths[i].len;
    }
}

static uint64_t sum_lengths(const struct slice *paths, size_t count)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < count; i++)
        bytes += paths[i].len;
    return bytes;
}

static void run_hash(struct slice log)
{
    size_t count;
    struct slice *paths = list_paths(log, BATCH, &count);
    pack(paths, count);
    uint64_t sum = 0;
    uint64_t begin = clock_now_ns();
    for (int turn = 0; turn < HASH_TURNS; turn++)
        for (size_t i = 0; i < count; i++)
            sum += dirmap_hash(paths[i]);
    double ns = ns_each(begin, HASH_TURNS * count);
    printf("[{\"name\":\"path hash\",\"unit\":\"path\",\"count\":%zu,\"ns\":%.3f,"
           "\"path_bytes_each\":%.1f,\"checksum\":%" PRIu64 "}]\n",
           HASH_TURNS * count, ns,
           (double)sum_lengths(paths, count) / (double)(count == 0 ? 1 : count), sum);
}

/* The paths' last components, each with a NUL. */
static char **list_names(const struct slice *paths, size_t count)
{
    char **names = room(count + 1, sizeof *names);
    for (size_t i = 0; i < count; i++) {
        struct slice name = pathname_last(paths[i]);
        names[i] = strndup(name.ptr, name.len);
        if (names[i] == NULL)
            die("glob", "out of memory");
    }
    return names;
}

static bool match_as_sqlite(const char *pattern, const char *name)
{
    return sqlite3_strglob(pattern, name) == 0;
}

static bool match_as_query(const char *pattern, const char *name)
{
    return globmatch_name(slice_from(pattern), slice_from(name), false);
}

static double ns_a_name(bool match(const char *pattern, const char *name), const char *pattern,
                        char *const *names, size_t count, size_t *matched)
{
    uint64_t begin = clock_now_ns();
    *matched = 0;
    for (int turn = 0; turn < GLOB_TURNS; turn++)
        for (size_t i = 0; i < count; i++)
            *matched += match(pattern, names[i]);
    return ns_each(begin, GLOB_TURNS * count);
}

static void run_glob(struct slice log)
{
    static const char *const patterns[] = {"*a*e*", "?[a-m]*[0-9]", "*_*_*.nc", "*\xc3\xa9*"};
    size_t count;
    struct slice *paths = list_paths(log, BATCH, &count);
    char **names = list_names(paths, count);
    const char *comma = "[";
    for (size_t p = 0; p < sizeof patterns / sizeof *patterns; p++) {
        size_t ours, theirs;
        double ns = ns_a_name(match_as_query, patterns[p], names, count, &ours);
        double sqlite_ns = ns_a_name(match_as_sqlite, patterns[p], names, count, &theirs);
        if (ours != theirs)
            die("glob", "globmatch and SQLite disagree");
        printf("%s{\"name\":\"glob %s\",\"unit\":\"name\",\"count\":%zu,\"ns\":%.3f},"
               "{\"name\":\"glob %s by SQLite\",\"unit\":\"name\",\"count\":%zu,\"ns\":%.3f}",
               comma, patterns[p], GLOB_TURNS * count, ns, patterns[p], GLOB_TURNS * count,
               sqlite_ns);
        comma = ",";
    }
    puts("]");
}

enum stamps { STAMPS_NONE, STAMPS_ONE_DAY, STAMPS_OTHER_DAYS, STAMPS_KINDS };

/* Minimal GPFS lines. With other days, each stamp is of another day than the last, 2016 to 2025. */
static struct slice make_stamp_lines(enum stamps stamps)
{
    char *buffer = room(DATE_LINES, DATE_LINE);
    char *p = buffer;
    for (unsigned i = 0; i < DATE_LINES; i++) {
        char stamp[DATE_LINE] = "";
        unsigned day = stamps == STAMPS_OTHER_DAYS ? i * 1009 : 0;
        if (stamps != STAMPS_NONE)
            snprintf(stamp, sizeof stamp, "ac=%04u-%02u-%02u %02u:%02u:%02u.123456 ",
                     2016 + day % 10, 1 + day % 12, 1 + day % 28, i % 24, i % 60, i * 7 % 60);
        p += snprintf(p, DATE_LINE, "1 2 0 s=1 u=1 g=1 p=-rw %s-- /d/f\n", stamp);
    }
    return (struct slice){buffer, (size_t)(p - buffer)};
}

static double ns_a_stamp_line(struct slice text, uint64_t *checksum)
{
    struct walk walk;
    walk_begin(&walk, text, NULL);
    struct entry entry;
    uint64_t begin = clock_now_ns();
    while (next_entry(&walk, &entry))
        *checksum += (uint64_t)entry.atime;
    if (walk.files != DATE_LINES)
        die("dates", "a line was rejected");
    return ns_each(begin, DATE_LINES);
}

static void run_dates(void)
{
    struct slice text[STAMPS_KINDS];
    double least[STAMPS_KINDS];
    uint64_t checksum = 0;
    for (int i = 0; i < STAMPS_KINDS; i++)
        text[i] = make_stamp_lines((enum stamps)i);
    for (int turn = 0; turn < DATE_TURNS; turn++) {
        for (int i = 0; i < STAMPS_KINDS; i++) {
            double ns = ns_a_stamp_line(text[i], &checksum);
            least[i] = turn == 0 || ns < least[i] ? ns : least[i];
        }
    }
    printf("[{\"name\":\"date, same day as the last\",\"unit\":\"stamp\",\"count\":%d,"
           "\"ns\":%.3f},{\"name\":\"date, another day\",\"unit\":\"stamp\",\"count\":%d,"
           "\"ns\":%.3f,\"checksum\":%" PRIu64 "}]\n",
           DATE_LINES, least[STAMPS_ONE_DAY] - least[STAMPS_NONE], DATE_LINES,
           least[STAMPS_OTHER_DAYS] - least[STAMPS_NONE], checksum);
}

/* Copies of the paths in a random order: a reader meets its keys one after the other in fresh
 * memory, and the records all over the place. */
static struct slice *shuffle(const struct slice *paths, size_t count)
{
    struct slice *shuffled = room(count, sizeof *shuffled);
    memcpy(shuffled, paths, count * sizeof *shuffled);
    uint64_t x = 1;
    for (size_t i = 0; i < count; i++) {
        x = x * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        size_t other = i + (size_t)((x >> 33) % (count - i));
        struct slice path = shuffled[other];
        shuffled[other] = shuffled[i];
        shuffled[i] = path;
    }
    pack(shuffled, count);
    return shuffled;
}

/* One file of one owner for each path: the importer's map. */
static void fold_dirmap(void *context, const struct slice *paths, size_t count)
{
    static struct dirmap_delta deltas[BATCH];
    for (size_t done = 0; done < count;) {
        size_t batch = count - done < BATCH ? count - done : BATCH;
        for (size_t i = 0; i < batch; i++)
            deltas[i] = (struct dirmap_delta){.hash = dirmap_hash(paths[done + i]),
                                              .path = paths[done + i].ptr,
                                              .path_len = (uint32_t)paths[done + i].len,
                                              .uid = 1,
                                              .gid = 1,
                                              .stat = {1, 1, 1, 1}};
        if (dirmap_fold(context, deltas, batch, NULL) != 0)
            die("dirmap", "out of memory");
        done += batch;
    }
}

/* What the same map looks like with uthash: the record that dirmap keeps, less what uthash's handle
 * already holds, in the same kind of memory. */
struct record {
    struct dirstat stat;
    uint32_t uid;
    uint32_t gid;
    UT_hash_handle hh;
};

struct records {
    struct record *head;
    struct arena arena;
    bool by_xxh3;
};

static struct record *add_record(struct records *records, struct slice path, unsigned hash)
{
    struct record *record = arena_alloc(&records->arena, sizeof *record, _Alignof(struct record));
    char *copy = arena_copy(&records->arena, path.ptr, path.len);
    if (record == NULL || copy == NULL)
        die("uthash", "out of memory");
    *record = (struct record){.stat = DIRSTAT_NONE, .uid = 1, .gid = 1};
    HASH_ADD_KEYPTR_BYHASHVALUE(hh, records->head, copy, (unsigned)path.len, hash, record);
    return record;
}

static void fold_uthash(void *context, const struct slice *paths, size_t count)
{
    struct records *records = context;
    const struct dirstat one = {1, 1, 1, 1, 0};
    for (size_t i = 0; i < count; i++) {
        struct record *record = NULL;
        unsigned hash;
        if (records->by_xxh3)
            hash = (unsigned)(dirmap_hash(paths[i]) >> 32);
        else
            HASH_VALUE(paths[i].ptr, (unsigned)paths[i].len, hash);
        HASH_FIND_BYHASHVALUE(hh, records->head, paths[i].ptr, (unsigned)paths[i].len, hash,
                              record);
        if (record == NULL)
            record = add_record(records, paths[i], hash);
        dirstat_merge(&record->stat, &one);
    }
}

/* The files counted in a map: each path twice, if the map is right. */
static uint64_t sum_dirmap(const void *context, size_t *count)
{
    const struct dirmap *map = context;
    uint64_t files = 0;
    *count = dirmap_count(map);
    for (uint32_t id = 0; id < dirmap_id_limit(map); id++) {
        const struct dirmap_dir *dir = dirmap_at(map, id);
        files += dir == NULL ? 0 : dir->stat.files;
    }
    return files;
}

static uint64_t sum_uthash(const void *context, size_t *count)
{
    const struct records *records = context;
    uint64_t files = 0;
    *count = HASH_COUNT(records->head);
    for (const struct record *record = records->head; record != NULL; record = record->hh.next)
        files += record->stat.files;
    return files;
}

static size_t resident_bytes(void)
{
    size_t total = 0;
    size_t resident = 0;
    FILE *file = fopen("/proc/self/statm", "re");
    if (file == NULL || fscanf(file, "%zu %zu", &total, &resident) != 2)
        die("/proc/self/statm", "cannot read");
    fclose(file);
    return resident * (size_t)sysconf(_SC_PAGESIZE);
}

struct kind {
    const char *name;
    void *map;
    void (*fold)(void *map, const struct slice *paths, size_t count);
    uint64_t (*sum)(const void *map, size_t *count);
};

static void run_map(const struct kind *kind, struct slice log, size_t most)
{
    size_t count;
    struct slice *paths = list_paths(log, most, &count);
    struct slice *again = shuffle(paths, count);
    size_t before = resident_bytes();
    uint64_t begin = clock_now_ns();
    kind->fold(kind->map, paths, count);
    double insert = ns_each(begin, count);
    size_t bytes = resident_bytes() - before;
    begin = clock_now_ns();
    kind->fold(kind->map, again, count);
    double lookup = ns_each(begin, count);

    size_t found;
    if (kind->sum(kind->map, &found) != 2 * (uint64_t)count || found != count)
        die(kind->name, "the map does not hold what was put in");
    double each = (double)(count == 0 ? 1 : count);
    printf("[{\"name\":\"%s insert\",\"unit\":\"path\",\"count\":%zu,\"ns\":%.3f,"
           "\"bytes_each\":%.1f,\"path_bytes_each\":%.1f},"
           "{\"name\":\"%s lookup\",\"unit\":\"path\",\"count\":%zu,\"ns\":%.3f}]\n",
           kind->name, count, insert, (double)bytes / each,
           (double)sum_lengths(paths, count) / each, kind->name, count, lookup);
}

static int choose_map(const char *name, struct slice log, size_t most)
{
    struct records records = {.by_xxh3 = strcmp(name, "uthash-xxh3") == 0};
    struct kind kind = {name, &records, fold_uthash, sum_uthash};
    if (strcmp(name, "dirmap") == 0)
        kind = (struct kind){name, dirmap_new(), fold_dirmap, sum_dirmap};
    else if (strcmp(name, "uthash") != 0 && !records.by_xxh3)
        return 2;
    run_map(&kind, log, most);
    return 0;
}

static int run(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*run)(struct slice log);
    } modes[] = {{"load", run_load},   {"linescan", run_linescan},
                 {"parse", run_parse}, {"described", run_described},
                 {"fold", run_fold},   {"hash", run_hash},
                 {"glob", run_glob}};

    if (argc == 2 && strcmp(argv[1], "dates") == 0) {
        run_dates();
        return 0;
    }
    if (argc == 5 && strcmp(argv[1], "map") == 0)
        return choose_map(argv[2], load(argv[3]), (size_t)strtoull(argv[4], NULL, 10));
    for (size_t i = 0; argc == 3 && i < sizeof modes / sizeof modes[0]; i++) {
        if (strcmp(argv[1], modes[i].name) == 0) {
            modes[i].run(load(argv[2]));
            return 0;
        }
    }
    return 2;
}

int main(int argc, char **argv)
{
    int status = run(argc, argv);
    if (status == 2)
        fprintf(stderr,
                "usage: micro load|linescan|parse|described|fold|hash|glob LOG | micro dates |\n"
                "       micro map dirmap|uthash|uthash-xxh3 LOG COUNT\n");
    return status;
}
