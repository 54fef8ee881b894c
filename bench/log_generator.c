/*
 * log_generator.c: writes a full-filesystem scan log of any size, for benchmarks and tests.
 *
 * The idea: only the tree of directories is kept in memory. Everything else about a line (names,
 * sizes, times, owners) is derived from hash(seed, directory, index), so a line can be written
 * at any moment without having been stored, and the three orders are three walks over the same
 * set of lines. Shuffling needs no list either: a keyed permutation of [0, n) says which line
 * comes next, and its inverse gives every line its inode number.
 *
 * All arithmetic is on integers, no text passes through the locale, and nothing hangs on the order
 * in which a compiler draws the random numbers of one expression: the same command line gives the
 * same bytes on every machine. One thread.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Depths count slashes. The root of a tree has three components, a home directory is below it. */
#define ROOT_DEPTH 3U
#define HOME_DEPTH (ROOT_DEPTH + 1U)
#define DEEPEST    27U

/* The longest name any name_* function below makes is under 100 bytes, so the deepest path is
 * below 28 x 101 bytes and a line, even with a second record glued on, below 8 KiB. */
#define PATH_LIMIT 3072U
#define LINE_LIMIT 8192U
/* Large enough that a write call costs nothing per line (some 3,000 lines to a call). */
#define OUTPUT_SIZE (1024U * 1024U)

#define MOST_LINES  4294967295U
#define MOST_OWNERS 1000000U

/* A policy scan hands out a directory's files in runs of at most this many lines. */
#define LONGEST_RUN 48U
/* `lfs find` cuts a record here and loses its newline. */
#define LUSTRE_CUT 1023U

/* Dates: 2010-01-01 is the first day of the table, the scan ended on 2026-01-11 at 06:00. */
#define SECONDS_OF_DAY  86400U
#define FIRST_DAY_EPOCH 1262304000U
#define TABLE_DAYS      5855U
#define SCAN_END        (FIRST_DAY_EPOCH + (TABLE_DAYS - 1U) * SECONDS_OF_DAY + 6U * 3600U)
#define OLDEST_ACCESS   (3652U * SECONDS_OF_DAY)

enum status { STATUS_FAILED = 1, STATUS_USAGE = 2 };

enum format { FORMAT_GPFS, FORMAT_LUSTRE, FORMAT_FIND };
static const char *const format_names[] = {"gpfs", "lustre", "find", NULL};
static const char *const root_paths[] = {"/gpfs/csfs1/asp", "/lustre/desc1/gdex",
                                         "/export/data/home"};

enum order { ORDER_TREE, ORDER_INODE, ORDER_SHUFFLE };
static const char *const order_names[] = {"tree", "inode", "shuffle", NULL};

/* What the command line asks for. Percentages are of the directories, damage of all lines. */
struct wish {
    enum format format;
    enum order order;
    uint64_t lines;
    uint64_t directories;
    uint64_t seed;
    uint64_t owners;
    uint64_t largest_home_percent; /* 0: as it comes */
    uint64_t many_owners_percent;
    uint64_t left_out_percent;
    uint64_t damaged_permille;
    const char *output_name; /* NULL for standard output */
};

enum directory_flag {
    NUMBERED_CHILDREN = 1, /* a long run of siblings: run_0001, run_0002, ... */
    MANY_OWNERS = 2,       /* files of several owners and groups directly in it */
    LINE_LEFT_OUT = 4      /* the log holds no line for it */
};

/* One directory; directory 0 is the root, ids are in preorder. `ordinal` counts siblings. */
struct directory {
    uint32_t parent;
    uint32_t ordinal;
    uint32_t files;
    uint32_t owner; /* index of the owner, not the uid */
    uint32_t group; /* likewise */
    uint8_t depth;
    uint8_t flags;
};

/* A bijection of [0, size): see permutation_forward. */
#define PERMUTATION_ROUNDS 6U
struct permutation {
    uint64_t size;
    uint64_t left;
    uint64_t right;
    uint64_t key[PERMUTATION_ROUNDS];
};

/* The directory being written, with what all of its lines have in common. */
struct place {
    uint32_t directory;
    uint64_t style; /* hash that decides how its files are named */
    uint64_t access_age;
    uint32_t size_exponent;
    uint32_t uid;
    uint32_t gid;
    size_t path_length;
    uint8_t path[PATH_LIMIT];
};

struct output {
    int descriptor;
    const char *name;
    size_t used;
    uint8_t *bytes; /* OUTPUT_SIZE + LINE_LIMIT: a line may always be begun */
};

/* A unit is what the inode order moves as a whole: a directory's line, or one run of its files.
 * first_unit and first_line have a closing entry each, so that [d], [d + 1] is d's range. */
struct generator {
    struct wish wish;
    struct directory *directories;
    uint64_t *first_unit;
    uint64_t *first_line;
    struct permutation units;
    struct permutation lines;
    struct place place;
    struct output output;
    char days[TABLE_DAYS][10];
};

/* One line's attributes, before a format turns them into text. */
struct entry {
    uint64_t inode;
    uint32_t generation;
    uint32_t thread;
    char kind; /* as find prints it: d f l p s */
    uint32_t mode;
    uint64_t size;
    uint64_t allocated; /* bytes */
    uint32_t uid;
    uint32_t gid;
    uint32_t links;
    uint64_t accessed; /* seconds since the epoch, as are the next two */
    uint64_t modified;
    uint64_t created;
    uint32_t nanoseconds;
};

__attribute__((format(printf, 2, 3), noreturn)) static void die(enum status status,
                                                                const char *format, ...)
{
    va_list arguments;
    fputs("log-generator: ", stderr);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    exit((int)status);
}

/* ---- Randomness: splitmix64, as a stream and as a hash ---- */

enum purpose {
    FOR_TREE,
    FOR_HOME,
    FOR_USER_NAME,
    FOR_FILE_COUNT,
    FOR_MANY_OWNERS,
    FOR_LEFT_OUT,
    FOR_UNITS,
    FOR_LINES,
    FOR_CHILD_NAMES,
    FOR_DIRECTORY_NAME,
    FOR_FILE_NAMES,
    FOR_FILE_NAME,
    FOR_PLACE,
    FOR_ENTRY,
    FOR_RUN,
    FOR_UID,
    FOR_OTHER_OWNER,
    FOR_DAMAGE
};

struct random {
    uint64_t state;
};

/* The finaliser of splitmix64: a bijection, so different inputs never share an output. */
static inline uint64_t mix(uint64_t x)
{
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
    return x ^ (x >> 31);
}

static inline uint64_t hash(uint64_t seed, enum purpose purpose, uint64_t a, uint64_t b)
{
    uint64_t h = mix(seed + ((uint64_t)purpose + 1U) * 0x9e3779b97f4a7c15U);
    h = mix(h + a * 0x9e3779b97f4a7c15U);
    return mix(h + b * 0xd1b54a32d192ed03U);
}

static inline struct random random_for(uint64_t seed, enum purpose purpose, uint64_t a, uint64_t b)
{
    return (struct random){hash(seed, purpose, a, b)};
}

static inline uint64_t random_next(struct random *random)
{
    random->state += 0x9e3779b97f4a7c15U;
    return mix(random->state);
}

/* The upper half of h scaled to [0, limit), for limits up to 2^32. */
static inline uint64_t scale(uint64_t h, uint64_t limit)
{
    return ((h >> 32) * limit) >> 32;
}

static inline uint64_t random_below(struct random *random, uint64_t limit)
{
    return scale(random_next(random), limit);
}

/* Pareto with exponent 1, without a logarithm: P(value >= x) = 1 / x for 1 <= x <= most. */
static uint64_t random_pareto(struct random *random, uint64_t most)
{
    uint64_t value = (UINT64_C(1) << 32) / ((random_next(random) >> 32) + 1U);
    return value < most ? value : most;
}

/* ---- A permutation that needs no memory ---- */

static struct permutation permutation_make(uint64_t seed, enum purpose purpose, uint64_t size)
{
    struct permutation made = {.size = size, .left = 1};
    while (made.left * made.left < size) {
        made.left++;
    }
    made.right = size / made.left + 1U;
    for (unsigned i = 0; i < PERMUTATION_ROUNDS; i++) {
        made.key[i] = hash(seed, purpose, i, 0);
    }
    return made;
}

static inline uint64_t permutation_shift(const struct permutation *p, unsigned round,
                                         uint64_t other, uint64_t limit)
{
    return scale(mix(p->key[round] + other * 0x9e3779b97f4a7c15U), limit);
}

/* A Feistel network over pairs (l, r) of [0, left) x [0, right): each round adds a hash of one
 * half to the other. The pairs number slightly more than `size`; a result beyond it is put
 * through again, which keeps the whole a bijection. */
static uint64_t permutation_forward(const struct permutation *p, uint64_t x)
{
    do {
        uint64_t l = x / p->right;
        uint64_t r = x % p->right;
        for (unsigned i = 0; i < PERMUTATION_ROUNDS; i += 2) {
            l += permutation_shift(p, i, r, p->left);
            l -= l >= p->left ? p->left : 0U;
            r += permutation_shift(p, i + 1U, l, p->right);
            r -= r >= p->right ? p->right : 0U;
        }
        x = l * p->right + r;
    } while (x >= p->size);
    return x;
}

static uint64_t permutation_inverse(const struct permutation *p, uint64_t x)
{
    do {
        uint64_t l = x / p->right;
        uint64_t r = x % p->right;
        for (unsigned i = PERMUTATION_ROUNDS; i > 0; i -= 2) {
            r += p->right - permutation_shift(p, i - 1U, l, p->right);
            r -= r >= p->right ? p->right : 0U;
            l += p->left - permutation_shift(p, i - 2U, r, p->left);
            l -= l >= p->left ? p->left : 0U;
        }
        x = l * p->right + r;
    } while (x >= p->size);
    return x;
}

/* ---- Output ---- */

static void output_flush(struct output *out)
{
    size_t done = 0;
    while (done < out->used) {
        ssize_t wrote = write(out->descriptor, out->bytes + done, out->used - done);
        if (wrote < 0 && errno != EINTR) {
            die(STATUS_FAILED, "%s: cannot write: %s", out->name, strerror(errno));
        }
        done += wrote > 0 ? (size_t)wrote : 0U;
    }
    out->used = 0;
}

/* Where the next line begins; there is room for LINE_LIMIT bytes. */
static inline uint8_t *output_begin(struct output *out)
{
    return out->bytes + out->used;
}

static inline void output_end(struct output *out, const uint8_t *end)
{
    out->used = (size_t)(end - out->bytes);
    if (out->used >= OUTPUT_SIZE) {
        output_flush(out);
    }
}

/* ---- Text: each put_ function writes at `p` and returns the end of what it wrote ---- */

static const char digit_pairs[] = "00010203040506070809101112131415161718192021222324"
                                  "25262728293031323334353637383940414243444546474849"
                                  "50515253545556575859606162636465666768697071727374"
                                  "75767778798081828384858687888990919293949596979899";

static inline uint8_t *put_bytes(uint8_t *p, const void *bytes, size_t length)
{
    memcpy(p, bytes, length);
    return p + length;
}

static inline uint8_t *put_text(uint8_t *p, const char *text)
{
    return put_bytes(p, text, strlen(text));
}

static inline uint8_t *put_char(uint8_t *p, char c)
{
    *p = (uint8_t)c;
    return p + 1;
}

static inline uint8_t *put_pair(uint8_t *p, uint64_t below_hundred)
{
    return put_bytes(p, digit_pairs + 2U * below_hundred, 2);
}

static inline uint8_t *put_decimal(uint8_t *p, uint64_t value)
{
    char digits[20];
    size_t at = sizeof digits;
    while (value >= 100) {
        at -= 2;
        memcpy(digits + at, digit_pairs + 2U * (value % 100U), 2);
        value /= 100U;
    }
    if (value >= 10) {
        at -= 2;
        memcpy(digits + at, digit_pairs + 2U * value, 2);
    } else {
        digits[--at] = (char)('0' + value);
    }
    return put_bytes(p, digits + at, sizeof digits - at);
}

/* At least `width` digits; a value that needs more gets more, so no two values look alike. */
static uint8_t *put_padded(uint8_t *p, uint64_t value, unsigned width)
{
    uint64_t least = 10;
    for (unsigned i = 1; i < width; i++, least *= 10U) {
        if (value < least) {
            p = put_char(p, '0');
        }
    }
    return put_decimal(p, value);
}

static uint8_t *put_hex(uint8_t *p, uint64_t value, unsigned width)
{
    unsigned digits = 1;
    while (digits < 16 && value >> (4U * digits) != 0) {
        digits++;
    }
    digits = digits > width ? digits : width;
    for (unsigned i = digits; i > 0; i--) {
        p = put_char(p, "0123456789abcdef"[(value >> (4U * (i - 1U))) & 15U]);
    }
    return p;
}

static uint8_t *put_octal_mode(uint8_t *p, uint32_t mode)
{
    for (unsigned shift = 12; shift > 0; shift -= 3) {
        p = put_char(p, (char)('0' + ((mode >> (shift - 3U)) & 7U)));
    }
    return p;
}

/* ---- Dates ---- */

static void days_fill(char days[TABLE_DAYS][10])
{
    static const unsigned lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    unsigned year = 2010;
    unsigned month = 0;
    unsigned day = 0;
    for (unsigned i = 0; i < TABLE_DAYS; i++) {
        uint8_t *p = (uint8_t *)days[i];
        p = put_pair(put_pair(p, year / 100U), year % 100U);
        p = put_pair(put_char(p, '-'), month + 1U);
        put_pair(put_char(p, '-'), day + 1U);
        /* No century year lies in the table, so every fourth year is a leap year. */
        if (++day == lengths[month] + (month == 1 && year % 4U == 0)) {
            day = 0;
            month = (month + 1U) % 12U;
            year += month == 0;
        }
    }
}

static uint8_t *put_date_time(uint8_t *p, const struct generator *g, uint64_t seconds,
                              uint32_t microseconds)
{
    uint64_t since = seconds - FIRST_DAY_EPOCH;
    uint32_t of_day = (uint32_t)(since % SECONDS_OF_DAY);
    p = put_bytes(p, g->days[since / SECONDS_OF_DAY], 10);
    p = put_pair(put_char(p, ' '), of_day / 3600U);
    p = put_pair(put_char(p, ':'), of_day / 60U % 60U);
    p = put_pair(put_char(p, ':'), of_day % 60U);
    p = put_pair(put_char(p, '.'), microseconds / 10000U);
    return put_pair(put_pair(p, microseconds / 100U % 100U), microseconds % 100U);
}

/* ---- Owners and groups ---- */

/* Distinct for distinct owners: each has a gap of its own between 1000 and 60000, and one in
 * fifty is one of the large numbers that directory services hand out, from 4294967294 down.
 * More owners than there are gaps run on past 60000. */
static uint32_t owner_uid(const struct wish *wish, uint64_t owner)
{
    if (owner % 50U == 7) {
        return (uint32_t)(4294967294U - owner / 50U * 7919U);
    }
    uint64_t gap = 59000U / wish->owners;
    if (gap == 0) {
        return (uint32_t)(1000U + owner);
    }
    uint64_t within = scale(hash(wish->seed, FOR_UID, owner, 0), gap);
    return (uint32_t)(1000U + owner * 59000U / wish->owners + within);
}

static uint64_t group_count(const struct wish *wish)
{
    return wish->owners / 6U + 2U;
}

static uint32_t group_gid(uint64_t group)
{
    return (uint32_t)(500U + group * 37U);
}

/* ---- The tree ---- */

/* The growing tip of the tree: the directory last made at each depth, and its children so far. */
struct growth {
    struct generator *g;
    struct random random;
    uint64_t count;
    uint32_t open[DEEPEST + 1U];
    uint32_t children[DEEPEST + 1U];
};

static struct directory *growth_add(struct growth *growth, unsigned depth)
{
    uint32_t id = (uint32_t)growth->count++;
    struct directory *made = &growth->g->directories[id];
    *made = (struct directory){.depth = (uint8_t)depth};
    if (depth > ROOT_DEPTH) {
        made->parent = growth->open[depth - 1U];
        made->ordinal = growth->children[depth - 1U]++;
        made->owner = growth->g->directories[made->parent].owner;
        made->group = growth->g->directories[made->parent].group;
    }
    growth->open[depth] = id;
    growth->children[depth] = 0;
    return made;
}

/* How deep this part of a home tends to be: mostly 6 to 13, now and then 20 to 25. */
static unsigned growth_draw_target(struct growth *growth)
{
    struct random *random = &growth->random;
    if (random_below(random, 100) < 2) {
        return (unsigned)(20U + random_below(random, 6));
    }
    unsigned target = 6U + (unsigned)random_below(random, 5);
    return target + (unsigned)random_below(random, 4);
}

/* The depth of the next directory in preorder: at most one deeper than the last, drawn to the
 * target and, once there, mostly a sibling or a way back up. */
static unsigned growth_step(struct growth *growth, unsigned depth, unsigned target)
{
    struct random *random = &growth->random;
    uint64_t roll = random_below(random, 100);
    unsigned up = 1U + (unsigned)random_below(random, 3);
    unsigned deeper = depth < target ? 65 : 8;
    unsigned level = depth < target ? 88 : 62;
    unsigned next = roll < deeper ? depth + 1U : roll < level ? depth : depth - up;
    next = next < HOME_DEPTH + 1U ? HOME_DEPTH + 1U : next;
    return next > DEEPEST ? DEEPEST : next;
}

/* A home is a row of projects of some sixty directories, each with a depth of its own. Without
 * the way back to the top, one deep target would hold the rest of a large home. */
static void growth_home(struct growth *growth, uint64_t owner, uint64_t size)
{
    const struct wish *wish = &growth->g->wish;
    struct random *random = &growth->random;
    struct directory *home = growth_add(growth, HOME_DEPTH);
    home->owner = (uint32_t)owner;
    home->group = (uint32_t)random_below(random, group_count(wish));
    unsigned depth = HOME_DEPTH;
    unsigned target = growth_draw_target(growth);
    uint64_t siblings = 0; /* how many of a long run of siblings are still to come */
    for (uint64_t i = 1; i < size; i++) {
        if (siblings > 0) {
            siblings--;
        } else if (random_below(random, 60) == 0) {
            depth = HOME_DEPTH + 1U;
            target = growth_draw_target(growth);
        } else {
            depth = growth_step(growth, depth, target);
            if (random_below(random, 100) == 0) {
                siblings = 3U * random_pareto(random, 1000);
                growth->g->directories[growth->open[depth - 1U]].flags |= NUMBERED_CHILDREN;
            }
        }
        struct directory *made = growth_add(growth, depth);
        if (depth == HOME_DEPTH + 1U && random_below(random, 100) < 15) {
            made->group = (uint32_t)random_below(random, group_count(wish));
        }
    }
}

/* Homes differ in size as users do: the largest has some forty times what most have. Each takes
 * its share of what is left, not of the whole, so that the sizes add up exactly. */
static void tree_grow(struct generator *g)
{
    const struct wish *wish = &g->wish;
    struct growth growth = {.g = g, .random = random_for(wish->seed, FOR_TREE, 0, 0)};
    growth_add(&growth, ROOT_DEPTH);
    uint64_t left = wish->directories - 1U;
    /* A log too small to give every owner ten directories has fewer homes, not shallower ones. */
    uint64_t most_homes = (left + 9U) / 10U;
    uint64_t homes = wish->owners < most_homes ? wish->owners : most_homes;
    uint64_t weight_left = 0;
    struct random sizes = random_for(wish->seed, FOR_HOME, 0, 0);
    for (uint64_t i = 0; i < homes; i++) {
        weight_left += random_pareto(&sizes, 40);
    }
    sizes = random_for(wish->seed, FOR_HOME, 0, 0);
    for (uint64_t i = 0; i < homes; i++) {
        uint64_t weight = random_pareto(&sizes, 40);
        uint64_t spare = left - (homes - i); /* beyond the one that every home has */
        uint64_t size = 1U + spare * weight / weight_left;
        if (i == 0 && homes > 1 && wish->largest_home_percent > 0) {
            uint64_t wanted = left * wish->largest_home_percent / 100U;
            size = 1U + (wanted < spare ? wanted : spare);
        }
        growth_home(&growth, i, size);
        left -= size;
        weight_left -= weight;
    }
}

/* Deals `files` out to the directories: three in ten hold none, the others in proportion to
 * Pareto weights. Rounding the running total makes the sum exact. */
static void tree_deal_files(struct generator *g, uint64_t files)
{
    __extension__ typedef unsigned __int128 wide;
    uint64_t count = g->wish.directories;
    /* Where the tail ends, so that one directory does not take most of a small log. With the
     * default number of directories a weight of one comes out at a little over one file. */
    uint64_t most = files / 32U + 16U < 50000 ? files / 32U + 16U : 50000;
    uint64_t total = 0;
    for (uint64_t d = 0; d < count; d++) {
        struct random random = random_for(g->wish.seed, FOR_FILE_COUNT, d, 0);
        bool empty = random_below(&random, 10) < 3 && d > 0;
        g->directories[d].files = empty ? 0U : (uint32_t)random_pareto(&random, most);
        total += g->directories[d].files;
    }
    uint64_t weight = 0;
    uint64_t dealt = 0;
    for (uint64_t d = 0; d < count; d++) {
        weight += g->directories[d].files;
        uint64_t due = (uint64_t)((wide)files * weight / total);
        g->directories[d].files = (uint32_t)(due - dealt);
        dealt = due;
    }
}

/* Sets `flag` on exactly `wanted` directories, evenly drawn from those that hold at least
 * `least_files` files (on all of these where there are fewer). */
static void tree_choose(struct generator *g, enum purpose purpose, uint64_t wanted,
                        uint64_t least_files, enum directory_flag flag)
{
    uint64_t count = g->wish.directories;
    uint64_t candidates = 0;
    for (uint64_t d = 0; d < count; d++) {
        candidates += g->directories[d].files >= least_files;
    }
    struct random random = random_for(g->wish.seed, purpose, 0, 0);
    for (uint64_t d = 0; d < count && wanted > 0; d++) {
        if (g->directories[d].files < least_files) {
            continue;
        }
        if (random_below(&random, candidates) < wanted) {
            g->directories[d].flags |= (uint8_t)flag;
            wanted--;
        }
        candidates--;
    }
}

/* ---- Runs: how a directory's files are cut up for the inode order ---- */

/* Every 49 files make two runs, cut at a random place, so that lengths are even over 1 to 48 and
 * the place of a run is known without walking there. The last 1 to 48 files are a run. */
#define RUN_PAIR (LONGEST_RUN + 1U)

static uint64_t run_count(uint64_t files)
{
    return files / RUN_PAIR * 2U + (files % RUN_PAIR != 0);
}

static uint64_t run_cut(const struct generator *g, uint32_t directory, uint64_t pair)
{
    return 1U + scale(hash(g->wish.seed, FOR_RUN, directory, pair), LONGEST_RUN);
}

struct run {
    uint64_t begin;
    uint64_t end;
};

static struct run run_at(const struct generator *g, uint32_t directory, uint64_t number)
{
    uint64_t files = g->directories[directory].files;
    uint64_t base = number / 2U * RUN_PAIR;
    if (files - base < RUN_PAIR) {
        return (struct run){base, files};
    }
    uint64_t middle = base + run_cut(g, directory, number / 2U);
    return number % 2U == 0 ? (struct run){base, middle} : (struct run){middle, base + RUN_PAIR};
}

static uint64_t run_of_file(const struct generator *g, uint32_t directory, uint64_t index)
{
    uint64_t pair = index / RUN_PAIR;
    bool whole = g->directories[directory].files - pair * RUN_PAIR < RUN_PAIR;
    bool second = !whole && index % RUN_PAIR >= run_cut(g, directory, pair);
    return pair * 2U + second;
}

static inline uint64_t has_line(const struct directory *directory)
{
    return (directory->flags & LINE_LEFT_OUT) == 0;
}

static void tree_number_lines(struct generator *g)
{
    uint64_t units = 0;
    uint64_t lines = 0;
    for (uint64_t d = 0; d < g->wish.directories; d++) {
        const struct directory *directory = &g->directories[d];
        g->first_unit[d] = units;
        g->first_line[d] = lines;
        units += has_line(directory) + run_count(directory->files);
        lines += has_line(directory) + directory->files;
    }
    g->first_unit[g->wish.directories] = units;
    g->first_line[g->wish.directories] = lines;
    g->units = permutation_make(g->wish.seed, FOR_UNITS, units);
    g->lines = permutation_make(g->wish.seed, FOR_LINES, lines);
}

/* The directory whose range of `first` holds x: the last one that begins at or before x. One
 * with an empty range shares its beginning with the next, which is the one to find. */
static uint32_t tree_find(const struct generator *g, const uint64_t *first, uint64_t x)
{
    uint64_t low = 0;
    uint64_t high = g->wish.directories;
    while (high - low > 1) {
        uint64_t middle = low + (high - low) / 2U;
        if (first[middle] <= x) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return (uint32_t)low;
}

/* Inode numbers ascend in the inode order, with gaps where a run is shorter than the longest. */
static uint64_t unit_first_inode(const struct generator *g, uint64_t unit)
{
    return 65536U + permutation_inverse(&g->units, unit) * LONGEST_RUN;
}

/* ---- Names ---- */

/* Letters only and all different: a name's leading letters tell which word made it. */
#define WORD_COUNT 128U
static const char *const words[WORD_COUNT] = {
    "analysis",      "archive",     "atm",       "backup",      "baseline",    "bin",
    "boundary",      "build",       "cache",     "calibration", "cases",       "checkpoint",
    "climatology",   "code",        "config",    "control",     "coupled",     "daily",
    "data",          "debug",       "derived",   "diag",        "docs",        "domain",
    "download",      "ensemble",    "era",       "evaluation",  "exp",         "export",
    "figures",       "final",       "forcing",   "forecast",    "geometry",    "global",
    "grid",          "hindcast",    "hist",      "hourly",      "ice",         "include",
    "init",          "input",       "install",   "jobs",        "land",        "lib",
    "logs",          "manuscript",  "mask",      "matlab",      "merged",      "mesh",
    "misc",          "model",       "monthly",   "namelists",   "notebooks",   "observations",
    "ocean",         "old",         "output",    "parameters",  "plots",       "post",
    "precipitation", "preprocess",  "processed", "project",     "python",      "radar",
    "raw",           "reanalysis",  "reference", "regional",    "remap",       "rerun",
    "restart",       "results",     "rof",       "runs",        "samples",     "satellite",
    "scenario",      "scratch",     "scripts",   "seasonal",    "sensitivity", "settings",
    "share",         "simulation",  "snapshots", "soundings",   "source",      "spinup",
    "src",           "stage",       "station",   "statistics",  "subset",      "surface",
    "tables",        "temperature", "temporary", "test",        "timeseries",  "tmp",
    "tools",         "topography",  "training",  "transfer",    "tropics",     "tuning",
    "upper",         "validation",  "variables", "vertical",    "video",       "virtualenv",
    "wave",          "weights",     "wind",      "work",        "workflow",    "yearly",
    "zonal",         "zarr",
};

static const char *const extensions[16] = {
    ".nc", ".nc",  ".nc4", ".grib2", ".dat", ".txt", ".log",    ".py",
    ".h5", ".csv", ".png", ".bin",   ".f90", ".c",   ".tar.gz", ".pdf",
};

/* One name in a thousand ends in one of these. No other name holds their first byte, so a name
 * that gets one stays unique. They bring in what breaks parsers and orders: blanks inside and at
 * the end, the separator itself, bytes below '/', UTF-8, Latin-1, escapes that must stay. */
static const char *const odd_endings[16] = {
    " (copy)",   " -- final", "~",   " ",          " 2",          "\xc3\xa9t\xc3\xa9",
    "\xe9t\xe9", "%20x%41",   "#1#", "\\n",        " -- s=1 u=2", "\tcolumn",
    "!",         "+new",      ",v",  " draft  v2",
};

static const char *word_at(uint64_t number)
{
    return words[number % WORD_COUNT];
}

static uint8_t *put_odd_ending(uint8_t *p, uint64_t h)
{
    return h % 1024U == 0 ? put_text(p, odd_endings[h >> 60]) : p;
}

/* Three of 100 syllables spell each of a million users; the walk through them is a bijection
 * because 618033 has no factor 2 or 5. */
static uint8_t *name_user(uint8_t *p, const struct generator *g, uint64_t user)
{
    uint64_t start = hash(g->wish.seed, FOR_USER_NAME, 0, 0) % 1000000U;
    uint64_t number = (start + user * 618033U) % 1000000U;
    for (unsigned i = 0; i < 3; i++, number /= 100U) {
        p = put_char(p, "bcdfghjklmnprstvwxyz"[number % 100U / 5U]);
        p = put_char(p, "aeiou"[number % 5U]);
    }
    return p;
}

/* One of a long run of siblings; `style` is common to them, `k` is what tells them apart. */
static uint8_t *name_numbered(uint8_t *p, uint64_t style, uint64_t k)
{
    const char *word = word_at(style >> 8);
    switch (style >> 16 & 7U) {
    case 0:
        return put_decimal(p, 1850U + k);
    case 1:
        p = put_text(put_text(p, "b.e21.BHIST.f09_g17."), word);
        return put_padded(put_char(p, '.'), k + 1U, 3);
    case 2:
        p = put_decimal(put_char(put_text(p, word), '_'), 1950U + k / 12U);
        return put_padded(p, k % 12U + 1U, 2);
    case 3:
        return put_decimal(put_text(p, "job."), 1000000U + style % 5000000U + k);
    case 4:
        return put_padded(put_text(p, "mem"), k, 3);
    case 5:
        p = put_text(put_char(put_text(p, word), '-'), word_at(style >> 24));
        return put_padded(put_char(p, '-'), k, 5);
    default:
        return put_padded(put_char(put_text(p, word), '_'), k, 4);
    }
}

/* One of a few siblings, or a loose file: the k-th word of a walk through all words (an odd step
 * visits each once), a number on later rounds, then something that only makes it look lived-in. */
static uint8_t *name_by_word(uint8_t *p, uint64_t style, uint64_t k, uint64_t own)
{
    p = put_text(p, word_at((style >> 8) + k * (style | 1U)));
    if (k >= WORD_COUNT) {
        p = put_decimal(p, k / WORD_COUNT);
    }
    switch (own >> 8 & 7U) {
    case 0:
        return put_text(put_char(p, '_'), word_at(own >> 16));
    case 1:
        p = put_decimal(put_char(p, '-'), 2010U + (own >> 16) % 16U);
        return put_padded(put_padded(p, 1U + (own >> 24) % 12U, 2), 1U + (own >> 32) % 28U, 2);
    case 2:
        return put_decimal(put_text(p, "_v"), 1U + (own >> 16) % 9U);
    case 3:
        p = put_text(put_char(p, '_'), word_at(own >> 16));
        p = put_text(put_char(p, '_'), word_at(own >> 24));
        return put_padded(put_char(p, '_'), (own >> 32) % 1000U, 3);
    default:
        return p;
    }
}

static uint8_t *name_directory(uint8_t *p, const struct generator *g, uint32_t id)
{
    const struct directory *directory = &g->directories[id];
    if (directory->depth == HOME_DEPTH) {
        return name_user(p, g, directory->ordinal);
    }
    uint64_t style = hash(g->wish.seed, FOR_CHILD_NAMES, directory->parent, 0);
    uint64_t own = hash(g->wish.seed, FOR_DIRECTORY_NAME, id, 0);
    if ((g->directories[directory->parent].flags & NUMBERED_CHILDREN) != 0 || style >> 61 == 0) {
        p = name_numbered(p, style, directory->ordinal);
    } else {
        p = name_by_word(p, style, directory->ordinal, own);
    }
    return put_odd_ending(p, own);
}

/* History files of a climate model, a month each. */
static uint8_t *name_history(uint8_t *p, uint64_t style, uint64_t index)
{
    static const char *const streams[] = {".cam.h0.", ".clm2.h1.",   ".pop.h.", ".cice.h.",
                                          ".cam.h2.", ".mosart.h0.", ".cam.r.", ".cpl.hi."};
    p = put_text(put_text(p, "b.e21.B1850.f09_g17."), word_at(style >> 8));
    p = put_text(put_padded(put_char(p, '.'), style >> 16 & 63U, 3), streams[style >> 24 & 7U]);
    p = put_padded(p, style % 1500U + index / 12U, 4);
    p = put_padded(put_char(p, '-'), index % 12U + 1U, 2);
    return put_text(p, ".nc");
}

/* Output of a weather model, a file for every six hours (in months of 28 days). */
static uint8_t *name_weather(uint8_t *p, uint64_t style, uint64_t index)
{
    p = put_decimal(put_text(p, "wrfout_d0"), 1U + style % 3U);
    p = put_decimal(put_char(p, '_'), 1979U + index / (4U * 28U * 12U));
    p = put_padded(put_char(p, '-'), index / (4U * 28U) % 12U + 1U, 2);
    p = put_padded(put_char(p, '-'), index / 4U % 28U + 1U, 2);
    p = put_padded(put_char(p, '_'), index % 4U * 6U, 2);
    return put_text(p, ":00:00");
}

/* Names within a directory differ because `index` can be read back from each of them; none ends
 * as a subdirectory's name does, so that no path is both a file and a directory. */
static uint8_t *name_file(uint8_t *p, const struct generator *g, uint64_t index)
{
    uint64_t style = g->place.style;
    uint64_t own = hash(g->wish.seed, FOR_FILE_NAME, g->place.directory, index);
    switch (style >> 32 & 15U) {
    case 0:
    case 1:
    case 2:
    case 3:
        p = name_history(p, style, index);
        break;
    case 4:
    case 5:
        p = name_weather(p, style, index);
        break;
    case 6: /* named by content, as object stores and caches do: mix is a bijection of index */
        p = put_hex(put_hex(p, mix(style + index), 16), own, 16);
        p = put_hex(p, style >> 40, 6);
        break;
    case 7:
        p = put_padded(put_text(p, "slurm-"), style % 9000000U + index, 8);
        p = put_text(p, ".out");
        break;
    case 8:
    case 9:
    case 10:
    case 11:
        p = put_text(put_char(put_text(p, word_at(style >> 8)), '_'), word_at(style >> 16));
        p = put_padded(put_char(p, '_'), index, 6);
        p = put_text(p, extensions[style >> 40 & 15U]);
        break;
    default:
        p = name_by_word(p, style, index, own);
        p = put_text(p, extensions[own >> 40 & 15U]);
        break;
    }
    return put_odd_ending(p, own);
}

/* ---- The place: the directory whose lines are being written ---- */

static void place_put_path(struct generator *g, uint32_t id)
{
    uint32_t chain[DEEPEST + 1U];
    unsigned links = 0;
    for (uint32_t at = id; at != 0; at = g->directories[at].parent) {
        chain[links++] = at;
    }
    uint8_t *p = put_text(g->place.path, root_paths[g->wish.format]);
    while (links > 0) {
        p = name_directory(put_char(p, '/'), g, chain[--links]);
    }
    g->place.path_length = (size_t)(p - g->place.path);
}

static void place_move(struct generator *g, uint32_t id)
{
    if (id == g->place.directory) {
        return;
    }
    const struct directory *directory = &g->directories[id];
    struct random random = random_for(g->wish.seed, FOR_PLACE, id, 0);
    g->place.directory = id;
    g->place.style = hash(g->wish.seed, FOR_FILE_NAMES, id, 0);
    g->place.access_age = random_below(&random, random_below(&random, OLDEST_ACCESS) + 1U);
    g->place.size_exponent = (uint32_t)(6U + random_below(&random, 8) + random_below(&random, 8) +
                                        random_below(&random, 8));
    /* The root of the file system is the administrator's. */
    g->place.uid = id == 0 ? 0U : owner_uid(&g->wish, directory->owner);
    g->place.gid = id == 0 ? 0U : group_gid(directory->group);
    place_put_path(g, id);
}

/* ---- Attributes ---- */

/* In a directory of several owners the first file is the directory owner's, the second another's
 * and another group's, and the rest are spread over two to seven. */
static void entry_draw_owner(struct entry *entry, const struct generator *g, uint64_t index,
                             struct random *random)
{
    const struct directory *directory = &g->directories[g->place.directory];
    entry->uid = g->place.uid;
    entry->gid = g->place.gid;
    if ((directory->flags & MANY_OWNERS) == 0) {
        return;
    }
    uint64_t slot = index < 2 ? index : random_below(random, 2U + g->place.style % 6U);
    if (slot == 0) {
        return;
    }
    uint64_t h = hash(g->wish.seed, FOR_OTHER_OWNER, g->place.directory, slot);
    uint64_t others = g->wish.owners - 1U;
    uint64_t groups = group_count(&g->wish);
    if (others > 0) {
        uint64_t other = (directory->owner + 1U + h % others) % g->wish.owners;
        entry->uid = owner_uid(&g->wish, other);
    }
    entry->gid = group_gid((directory->group + 1U + scale(h, groups - 1U)) % groups);
}

/* Files of one directory are mostly of one age. Everything lies within ten years of access and
 * three more of writing before the scan. */
static void entry_draw_times(struct entry *entry, const struct generator *g, struct random *random)
{
    uint64_t age = g->place.access_age;
    if (random_below(random, 8) == 0) {
        age = random_below(random, random_below(random, OLDEST_ACCESS) + 1U);
    }
    age -= random_below(random, age / 8U + 1U);
    entry->accessed = SCAN_END - age;
    entry->modified = entry->accessed - random_below(random, 2U * 365U * SECONDS_OF_DAY);
    entry->created = entry->modified - random_below(random, 30U * SECONDS_OF_DAY);
    entry->nanoseconds = (uint32_t)random_below(random, 1000000000);
}

/* Heavy-tailed: the directory sets the order of magnitude, the file a few powers of two around
 * it, one file in a hundred and twenty-eight ten powers above. */
static uint64_t entry_draw_size(const struct generator *g, struct random *random)
{
    uint64_t h = random_next(random);
    if ((h & 31U) == 0) {
        return 0;
    }
    uint64_t exponent = g->place.size_exponent + scale(h, 5);
    exponent -= 2;
    exponent += (h >> 8 & 127U) == 0 ? 10U : 0U;
    return (UINT64_C(1) << exponent) + (random_next(random) & ((UINT64_C(1) << exponent) - 1U));
}

/* GPFS keeps small files in the inode and rounds others to subblocks of 8 KiB; some are
 * compressed, or moved to tape and hold nothing on disk. The others round to 4 KiB blocks. */
static uint64_t entry_allocation(enum format format, uint64_t size, uint64_t h)
{
    if (format != FORMAT_GPFS) {
        return (size + 4095U) / 4096U * 4096U;
    }
    if (size <= 3500 || (h & 127U) == 0) {
        return 0;
    }
    uint64_t stored = (h & 127U) == 1 ? size / 2U : size;
    return (stored + 8191U) / 8192U * 8192U;
}

static void entry_draw_file(struct entry *entry, const struct generator *g, uint64_t index,
                            struct random *random)
{
    static const uint32_t modes[8] = {0644, 0644, 0644, 0640, 0664, 0600, 0755, 0444};
    uint64_t h = random_next(random);
    entry->kind = (h & 63U) != 0 ? 'f' : (h >> 6 & 63U) != 0 ? 'l' : (h >> 12 & 1U) ? 'p' : 's';
    entry->mode = entry->kind == 'l' ? 0777U : modes[h >> 16 & 7U];
    entry->links = (h >> 24 & 127U) == 0 ? 2U : 1U;
    uint64_t size = entry_draw_size(g, random);
    if (entry->kind == 'f') {
        entry->size = size;
        entry->allocated = entry_allocation(g->wish.format, size, h >> 32);
    } else {
        entry->size = entry->kind == 'l' ? 8U + (size & 63U) : 0U;
        entry->allocated = 0;
    }
    entry_draw_owner(entry, g, index, random);
}

static void entry_draw_directory(struct entry *entry, const struct generator *g,
                                 struct random *random)
{
    static const uint32_t modes[4] = {0755, 0750, 0770, 02775};
    uint64_t h = random_next(random);
    entry->kind = 'd';
    entry->mode = modes[h & 3U];
    entry->links = (uint32_t)(2U + (h >> 8 & 7U));
    uint64_t files = g->directories[g->place.directory].files;
    entry->size = (files / 64U + 1U) * 4096U;
    entry->allocated = g->wish.format == FORMAT_GPFS && files == 0 ? 0U : entry->size;
    entry->uid = g->place.uid;
    entry->gid = g->place.gid;
}

/* The index that stands for a directory's own line; files have indices from 0. */
#define OWN_LINE UINT64_MAX

static struct entry entry_draw(const struct generator *g, uint64_t index, uint64_t inode)
{
    struct random random = random_for(g->wish.seed, FOR_ENTRY, g->place.directory, index);
    uint64_t h = random_next(&random);
    struct entry entry = {.inode = inode, .generation = (uint32_t)h, .thread = (uint32_t)(h >> 60)};
    if (index == OWN_LINE) {
        entry_draw_directory(&entry, g, &random);
    } else {
        entry_draw_file(&entry, g, index, &random);
    }
    entry_draw_times(&entry, g, &random);
    return entry;
}

/* ---- Lines ---- */

static uint8_t *put_mode_string(uint8_t *p, char kind, uint32_t mode)
{
    static const char triples[] = "-----x-w--wxr--r-xrw-rwx";
    p = put_char(p, kind == 'f' ? '-' : kind);
    p = put_bytes(p, triples + 3U * (mode >> 6 & 7U), 3);
    p = put_bytes(p, triples + 3U * (mode >> 3 & 7U), 3);
    return put_bytes(p, triples + 3U * (mode & 7U), 3);
}

static uint8_t *put_field(uint8_t *p, const char *key, uint64_t value)
{
    return put_decimal(put_text(p, key), value);
}

static uint8_t *put_gpfs_fields(uint8_t *p, const struct generator *g, const struct entry *entry)
{
    uint32_t microseconds = entry->nanoseconds / 1000U;
    p = put_text(put_decimal(put_char(p, '<'), entry->thread), "> ");
    p = put_char(put_decimal(p, entry->inode), ' ');
    p = put_text(put_decimal(p, entry->generation), " 0 ");
    p = put_field(p, " s=", entry->size);
    p = put_field(p, " a=", entry->allocated / 1024U);
    p = put_field(p, " u=", entry->uid);
    p = put_field(p, " g=", entry->gid);
    p = put_text(p, entry->kind == 'f' ? " m=FAu" : entry->kind == 'd' ? " m=DAu" : " m=OAu");
    p = put_mode_string(put_text(p, " p="), entry->kind, entry->mode);
    p = put_date_time(put_text(p, " ac="), g, entry->accessed, microseconds);
    p = put_date_time(put_text(p, " mt="), g, entry->modified, microseconds);
    p = put_date_time(put_text(p, " cr="), g, entry->created, microseconds);
    p = put_field(p, " nl=", entry->links);
    p = put_text(p, entry->kind == 'd' ? " po=system" : " po=data1");
    return put_text(p, " fs=root -- ");
}

static uint8_t *put_lustre_fields(uint8_t *p, const struct generator *g, const struct entry *entry)
{
    /* A client is handed a sequence of 2^17 object numbers at a time. */
    p = put_hex(put_text(p, "0x"), UINT64_C(0x200000402) + (entry->inode >> 17), 1);
    p = put_hex(put_text(p, ":0x"), 1U + (entry->inode & 0x1ffffU), 1);
    p = put_field(put_text(p, ":0x0"), " s=", entry->size);
    p = put_field(p, " b=", entry->allocated / 512U);
    p = put_field(p, " u=", entry->uid);
    p = put_field(p, " g=", entry->gid);
    p = put_text(p, " p="); /* the project, where the site has projects */
    if (g->directories[g->place.directory].owner % 3U == 0) {
        p = put_decimal(p, 1000U + g->directories[g->place.directory].owner);
    }
    p = put_char(put_text(p, " type="), entry->kind);
    p = put_octal_mode(put_text(p, " perm="), entry->mode);
    p = put_field(p, " a=", entry->accessed);
    p = put_field(p, " m=", entry->modified);
    p = put_field(p, " c=", entry->created);
    return put_text(p, " -- ");
}

/* As `find -printf '%A@'` writes it: ten digits after the point, the last always 0. */
static uint8_t *put_epoch(uint8_t *p, const char *key, uint64_t seconds, uint32_t nanoseconds)
{
    p = put_char(put_field(p, key, seconds), '.');
    return put_char(put_padded(p, nanoseconds, 9), '0');
}

static uint8_t *put_find_fields(uint8_t *p, const struct entry *entry)
{
    p = put_field(put_decimal(p, entry->inode), " s=", entry->size);
    p = put_field(p, " b=", entry->allocated / 512U);
    p = put_field(p, " u=", entry->uid);
    p = put_field(p, " g=", entry->gid);
    p = put_char(put_text(p, " type="), entry->kind);
    p = put_octal_mode(put_text(p, " perm="), entry->mode);
    p = put_epoch(p, " a=", entry->accessed, entry->nanoseconds);
    p = put_epoch(p, " m=", entry->modified, entry->nanoseconds);
    p = put_epoch(p, " c=", entry->created, entry->nanoseconds);
    return put_text(p, " -- ");
}

/* A whole record without its newline; *path_at is where its path begins. */
static uint8_t *put_record(uint8_t *p, const struct generator *g, uint64_t index, uint64_t inode,
                           uint8_t **path_at)
{
    struct entry entry = entry_draw(g, index, inode);
    switch (g->wish.format) {
    case FORMAT_GPFS:
        p = put_gpfs_fields(p, g, &entry);
        break;
    case FORMAT_LUSTRE:
        p = put_lustre_fields(p, g, &entry);
        break;
    case FORMAT_FIND:
        p = put_find_fields(p, &entry);
        break;
    }
    *path_at = p;
    p = put_bytes(p, g->place.path, g->place.path_length);
    return index == OWN_LINE ? p : name_file(put_char(p, '/'), g, index);
}

/* ---- Damage: every kind makes a line that must be rejected ---- */

struct line {
    uint8_t *begin;
    uint8_t *path;
    uint8_t *end;
};

/* Puts `value` in the place of what stands after `key`; `key` is " s=" or the like. */
static void damage_replace(struct line *line, const char *key, const char *value)
{
    size_t fields = (size_t)(line->path - line->begin);
    uint8_t *at = memmem(line->begin, fields, key, strlen(key));
    if (at == NULL) {
        return;
    }
    at += strlen(key);
    uint8_t *rest = memchr(at, ' ', (size_t)(line->path - at));
    size_t rest_length = (size_t)(line->end - rest);
    memmove(at + strlen(value), rest, rest_length);
    memcpy(at, value, strlen(value));
    line->end = at + strlen(value) + rest_length;
}

/* Two records on one line, as lfs find leaves them: the first, made longer than a record may be
 * by repeating its path, is cut and the next follows at once. One in four is cut
 * among its fields instead. The second record is a file that the directory does not hold. */
static void damage_glue(struct line *line, const struct generator *g, uint64_t index,
                        uint64_t inode, struct random *random)
{
    const struct directory *directory = &g->directories[g->place.directory];
    size_t fields = (size_t)(line->path - line->begin);
    size_t cut = LUSTRE_CUT;
    if (random_below(random, 4) == 0) {
        cut = fields - random_below(random, fields / 2U);
    }
    size_t length = (size_t)(line->end - line->begin);
    while (length < cut) {
        size_t piece = length - fields < cut - length ? length - fields : cut - length;
        memcpy(line->begin + length, line->path, piece);
        length += piece;
    }
    uint64_t next = directory->files + (index == OWN_LINE ? 0U : index + 1U);
    uint8_t *path;
    line->end = put_record(line->begin + cut, g, next, inode + 1U, &path);
}

static void damage_date(struct line *line, enum format format, struct random *random)
{
    static const char *const dates[] = {"2025-02-30", "2023-02-29", "2024-13-01", "2024-00-10",
                                        "2024-04-31", "0000-01-01", "2024-1-1",   "yesterday"};
    static const char *const epochs[] = {"253402300800", "99999999999999999999", "12:30", ""};
    if (format == FORMAT_GPFS) {
        damage_replace(line, " ac=", dates[random_below(random, 8)]);
    } else {
        damage_replace(line, " a=", epochs[random_below(random, 4)]);
    }
}

static void damage_number(struct line *line, struct random *random)
{
    static const char *const values[] = {"-1", "", "12x45", "0x10", "1.5", "1e9"};
    static const char *const keys[] = {" s=", " u=", " g="};
    const char *key = keys[random_below(random, 3)];
    damage_replace(line, key, values[random_below(random, 6)]);
}

static void damage_overflow(struct line *line, struct random *random)
{
    if (random_below(random, 2) == 0) {
        damage_replace(line, " s=", "9223372036854775808");
    } else {
        damage_replace(line, " u=", "4294967295");
    }
}

static void damage_line(struct line *line, const struct generator *g, uint64_t index,
                        uint64_t inode, struct random *random)
{
    size_t fields = (size_t)(line->path - line->begin);
    size_t length = (size_t)(line->end - line->begin);
    switch (random_below(random, g->wish.format == FORMAT_LUSTRE ? 9 : 8)) {
    case 0: /* cut among the fields, or just before the path */
        line->end = line->begin + 1U + random_below(random, fields);
        break;
    case 1:
        damage_number(line, random);
        break;
    case 2:
        damage_overflow(line, random);
        break;
    case 3:
        damage_date(line, g->wish.format, random);
        break;
    case 4:
        line->begin[random_below(random, length)] = '\0';
        break;
    case 5: /* a relative path */
        memmove(line->path, line->path + 1, length - fields - 1U);
        line->end--;
        break;
    case 6: /* the owner is missing: its key becomes one that nobody knows */
        ((uint8_t *)memmem(line->begin, fields, " u=", 3))[1] = 'x';
        break;
    case 7: /* the second byte of every HEAD is a digit or an x */
        line->begin[1] = 'z';
        break;
    default:
        damage_glue(line, g, index, inode, random);
        break;
    }
}

/* ---- The log ---- */

static void log_line(struct generator *g, uint64_t index, uint64_t inode)
{
    struct line line = {.begin = output_begin(&g->output)};
    line.end = put_record(line.begin, g, index, inode, &line.path);
    if (g->wish.damaged_permille > 0) {
        struct random random = random_for(g->wish.seed, FOR_DAMAGE, g->place.directory, index);
        if (random_below(&random, 1000) < g->wish.damaged_permille) {
            damage_line(&line, g, index, inode, &random);
        }
    }
    output_end(&g->output, put_char(line.end, '\n'));
}

static void log_unit(struct generator *g, uint64_t unit)
{
    uint32_t id = tree_find(g, g->first_unit, unit);
    uint64_t within = unit - g->first_unit[id];
    uint64_t own = has_line(&g->directories[id]);
    uint64_t inode = unit_first_inode(g, unit);
    place_move(g, id);
    if (within < own) {
        log_line(g, OWN_LINE, inode);
        return;
    }
    struct run run = run_at(g, id, within - own);
    for (uint64_t index = run.begin; index < run.end; index++) {
        log_line(g, index, inode + (index - run.begin));
    }
}

static void log_single_line(struct generator *g, uint64_t number)
{
    uint32_t id = tree_find(g, g->first_line, number);
    uint64_t within = number - g->first_line[id];
    uint64_t own = has_line(&g->directories[id]);
    place_move(g, id);
    if (within < own) {
        log_line(g, OWN_LINE, unit_first_inode(g, g->first_unit[id]));
        return;
    }
    uint64_t index = within - own;
    uint64_t run = run_of_file(g, id, index);
    uint64_t inode = unit_first_inode(g, g->first_unit[id] + own + run);
    log_line(g, index, inode + (index - run_at(g, id, run).begin));
}

static void log_headers(struct generator *g)
{
    uint64_t lines = g->wish.lines;
    uint64_t directories = g->wish.directories;
    uint8_t *p = output_begin(&g->output);
    p = put_text(p, "[I] Pool utilization in KB and %\n[I] system 20971520 52428800 40.000%\n");
    p = put_text(p, "[I] data1 7516192768 10737418240 70.000%\n");
    p = put_field(p, "[I] ", lines);
    p = put_text(put_field(p, " of ", 2U * lines), " inodes used: 50.000%.\n");
    p = put_text(p, "[I] Loaded policy rules from list_all.pol.\n");
    p = put_text(put_field(p, "[I] Directories scan: ", directories), " directories.\n");
    output_end(&g->output, p);
}

static void log_write(struct generator *g)
{
    uint64_t units = g->units.size;
    if (g->wish.format == FORMAT_GPFS) {
        log_headers(g);
    }
    switch (g->wish.order) {
    case ORDER_TREE:
        for (uint64_t i = 0; i < units; i++) {
            log_unit(g, i);
        }
        break;
    case ORDER_INODE:
        for (uint64_t i = 0; i < units; i++) {
            log_unit(g, permutation_forward(&g->units, i));
        }
        break;
    case ORDER_SHUFFLE:
        for (uint64_t i = 0; i < g->lines.size; i++) {
            log_single_line(g, permutation_forward(&g->lines, i));
        }
        break;
    }
    output_flush(&g->output);
}

static void *allocate(size_t count, size_t size)
{
    void *made = calloc(count, size);
    if (made == NULL) {
        die(STATUS_FAILED, "out of memory: fewer --directories need less");
    }
    return made;
}

static void generator_prepare(struct generator *g)
{
    uint64_t count = g->wish.directories;
    uint64_t left_out = count * g->wish.left_out_percent / 100U;
    uint64_t many_owners = count * g->wish.many_owners_percent / 100U;
    g->directories = allocate(count, sizeof *g->directories);
    g->first_unit = allocate(count + 1U, sizeof *g->first_unit);
    g->first_line = allocate(count + 1U, sizeof *g->first_line);
    g->output.bytes = allocate(OUTPUT_SIZE + LINE_LIMIT, 1);
    g->place.directory = UINT32_MAX; /* nowhere yet */
    days_fill(g->days);
    tree_grow(g);
    tree_deal_files(g, g->wish.lines - (count - left_out));
    tree_choose(g, FOR_MANY_OWNERS, many_owners, 2, MANY_OWNERS);
    tree_choose(g, FOR_LEFT_OUT, left_out, 0, LINE_LEFT_OUT);
    tree_number_lines(g);
}

static void generator_free(struct generator *g)
{
    free(g->directories);
    free(g->first_unit);
    free(g->first_line);
    free(g->output.bytes);
    free(g);
}

/* ---- Command line ---- */

static const char help_text[] =
    "Usage: log-generator --format gpfs|lustre|find --lines N [OPTION]...\n"
    "Write a synthetic full-filesystem scan log of N lines; the same options give the same bytes.\n"
    "\n"
    "      --format NAME                  gpfs, lustre or find\n"
    "      --lines N                      data lines, files and directories together\n"
    "      --directories N                directories (default: a line in eleven)\n"
    "      --order NAME                   tree, inode or shuffle: the same lines (default: tree)\n"
    "      --seed N                       (default: 1)\n"
    "      --owners N                     owners of files (default: 200)\n"
    "      --largest-home PERCENT         directories of the first home (default: as it comes)\n"
    "      --multi-owner PERCENT          directories with files of several owners (default: 2)\n"
    "      --missing-directories PERCENT  directories without a line (default: 0)\n"
    "      --damaged PERMILLE             lines that must be rejected (default: 0)\n"
    "  -o, --output FILE                  (default: standard output)\n"
    "  -h, --help\n";

static uint64_t parse_number(const char *option, const char *text, uint64_t least, uint64_t most)
{
    uint64_t value = 0;
    const char *p = text;
    for (; *p >= '0' && *p <= '9' && value <= most; p++) {
        uint64_t digit = (uint64_t)(*p - '0');
        if (value > (UINT64_MAX - digit) / 10U) {
            break;
        }
        value = value * 10U + digit;
    }
    if (p == text || *p != '\0' || value < least || value > most) {
        die(STATUS_USAGE, "--%s: '%s' is not a number from %llu to %llu", option, text,
            (unsigned long long)least, (unsigned long long)most);
    }
    return value;
}

static unsigned parse_name(const char *option, const char *text, const char *const *names)
{
    for (unsigned i = 0; names[i] != NULL; i++) {
        if (strcmp(text, names[i]) == 0) {
            return i;
        }
    }
    die(STATUS_USAGE, "--%s: '%s' is none of %s, %s, %s", option, text, names[0], names[1],
        names[2]);
}

enum option_code {
    OPTION_FORMAT = 256,
    OPTION_LINES,
    OPTION_DIRECTORIES,
    OPTION_ORDER,
    OPTION_SEED,
    OPTION_OWNERS,
    OPTION_LARGEST_HOME,
    OPTION_MULTI_OWNER,
    OPTION_MISSING_DIRECTORIES,
    OPTION_DAMAGED
};

static const struct option options[] = {
    {"format", required_argument, NULL, OPTION_FORMAT},
    {"lines", required_argument, NULL, OPTION_LINES},
    {"directories", required_argument, NULL, OPTION_DIRECTORIES},
    {"order", required_argument, NULL, OPTION_ORDER},
    {"seed", required_argument, NULL, OPTION_SEED},
    {"owners", required_argument, NULL, OPTION_OWNERS},
    {"largest-home", required_argument, NULL, OPTION_LARGEST_HOME},
    {"multi-owner", required_argument, NULL, OPTION_MULTI_OWNER},
    {"missing-directories", required_argument, NULL, OPTION_MISSING_DIRECTORIES},
    {"damaged", required_argument, NULL, OPTION_DAMAGED},
    {"output", required_argument, NULL, 'o'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static void take_option(struct wish *wish, bool *format_given, int code, const char *name)
{
    switch (code) {
    case OPTION_FORMAT:
        wish->format = (enum format)parse_name(name, optarg, format_names);
        *format_given = true;
        break;
    case OPTION_LINES:
        wish->lines = parse_number(name, optarg, 1, MOST_LINES);
        break;
    case OPTION_DIRECTORIES:
        wish->directories = parse_number(name, optarg, 1, MOST_LINES);
        break;
    case OPTION_ORDER:
        wish->order = (enum order)parse_name(name, optarg, order_names);
        break;
    case OPTION_SEED:
        wish->seed = parse_number(name, optarg, 0, UINT64_MAX);
        break;
    case OPTION_OWNERS:
        wish->owners = parse_number(name, optarg, 1, MOST_OWNERS);
        break;
    case OPTION_LARGEST_HOME:
        wish->largest_home_percent = parse_number(name, optarg, 0, 100);
        break;
    case OPTION_MULTI_OWNER:
        wish->many_owners_percent = parse_number(name, optarg, 0, 100);
        break;
    case OPTION_MISSING_DIRECTORIES:
        wish->left_out_percent = parse_number(name, optarg, 0, 100);
        break;
    case OPTION_DAMAGED:
        wish->damaged_permille = parse_number(name, optarg, 0, 1000);
        break;
    case 'o':
        wish->output_name = optarg;
        break;
    case 'h':
        fputs(help_text, stdout);
        if (fflush(stdout) != 0) {
            die(STATUS_FAILED, "standard output: cannot write: %s", strerror(errno));
        }
        exit(0);
    default:
        break;
    }
}

static struct wish parse_arguments(int argc, char **argv)
{
    struct wish wish = {.seed = 1, .owners = 200, .many_owners_percent = 2};
    bool format_given = false;
    int code;
    int which = 0;
    while ((code = getopt_long(argc, argv, ":o:h", options, &which)) != -1) {
        if (code == ':') {
            die(STATUS_USAGE, "%s: needs a value (see --help)", argv[optind - 1]);
        }
        if (code == '?') {
            die(STATUS_USAGE, "%s: no such option (see --help)", argv[optind - 1]);
        }
        take_option(&wish, &format_given, code, options[which].name);
    }
    if (optind < argc) {
        die(STATUS_USAGE, "%s: takes no arguments beside its options (see --help)", argv[optind]);
    }
    if (!format_given || wish.lines == 0) {
        die(STATUS_USAGE, "--format and --lines are needed (see --help)");
    }
    if (wish.directories == 0) {
        wish.directories = wish.lines < 11 ? 1U : wish.lines / 11U;
    }
    if (wish.directories > wish.lines) {
        die(STATUS_USAGE, "--directories: more than --lines");
    }
    return wish;
}

int main(int argc, char **argv)
{
    opterr = 0;
    struct wish wish = parse_arguments(argc, argv);
    struct generator *g = allocate(1, sizeof *g);
    g->wish = wish;
    g->output.descriptor = STDOUT_FILENO;
    g->output.name = "standard output";
    /* A closed pipe is then an error of write, with a line that says so. */
    signal(SIGPIPE, SIG_IGN);
    if (wish.output_name != NULL) {
        g->output.name = wish.output_name;
        g->output.descriptor =
            open(wish.output_name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
        if (g->output.descriptor < 0) {
            die(STATUS_FAILED, "%s: cannot create: %s", wish.output_name, strerror(errno));
        }
    }
    generator_prepare(g);
    log_write(g);
    if (close(g->output.descriptor) != 0) {
        die(STATUS_FAILED, "%s: cannot write: %s", g->output.name, strerror(errno));
    }
    generator_free(g);
    return 0;
}
