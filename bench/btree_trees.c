/* btree_trees: how fast src/btree writes the trees of a database.
 *
 *     btree-trees OUTPUT THREADS [ROWS] [PAGE_SIZE]
 *
 * Makes OUTPUT, a database of six trees, from ROWS (1000000) rows that are made up on the way: a
 * table of an 80 byte path and 5 integers, a table of 14 integers and a text of 19 bytes, an index
 * of the paths and three of integers. Prints one line of JSON: the bytes, the seconds by the clock,
 * and those of the processors, of all threads: `user` is what it takes to make up rows and lay them
 * out, `system` is the kernel's copying. PAGE_SIZE: 16384. OUTPUT is not synced; PRAGMA
 * integrity_check takes it for sound. */
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "btree.h"
#include "clock.h"
#include "err.h"

enum { PATH = 80, DATE = 19, TREES = 6 };

static const char schema[] =
    "CREATE TABLE paths(id INTEGER PRIMARY KEY, path, a, b, c, d, e);"
    "CREATE TABLE stats(id INTEGER PRIMARY KEY, c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11, c12, "
    "c13, c14, date);"
    "CREATE INDEX by_path ON paths(path);"
    "CREATE INDEX by_a ON paths(a);"
    "CREATE INDEX by_b ON paths(b);"
    "CREATE INDEX by_c1 ON stats(c1);";

/* A pagesink's write; the context is a file descriptor. */
static int write_pages(void *context, const void *bytes, size_t len, uint64_t offset,
                       struct err *err)
{
    const int *fd = context;
    if (pwrite(*fd, bytes, len, (off_t)offset) != (ssize_t)len)
        return err_set(err, "cannot write: %s", strerror(errno));
    return 0;
}

/* Seconds between two readings of a clock of the process. */
static double seconds_of(struct timeval begin, struct timeval end)
{
    return (double)(end.tv_sec - begin.tv_sec) + (double)(end.tv_usec - begin.tv_usec) / 1e6;
}

/* Ascends with the row. */
static struct slice path_of(char text[PATH], size_t row)
{
    memset(text, 'p', PATH);
    for (size_t i = 0; i < 10; i++, row /= 10)
        text[60 - i] = (char)('0' + row % 10);
    return (struct slice){text, PATH};
}

/* Some number of up to `bits` bits. */
static int64_t number_of(size_t row, unsigned column, unsigned bits)
{
    uint64_t mixed = (row * 16 + column + 1) * UINT64_C(0x9e3779b97f4a7c15);
    return (int64_t)(mixed >> (64 - bits));
}

static int put_path(const void *context, size_t row, struct cell *cell)
{
    (void)context;
    char text[PATH];
    cell_begin_row(cell, (int64_t)row + 1);
    cell_null(cell);
    cell_text(cell, path_of(text, row));
    cell_integer(cell, (int64_t)row / 8);
    cell_integer(cell, (int64_t)row / 3);
    cell_integer(cell, number_of(row, 0, 10));
    cell_integer(cell, number_of(row, 1, 34));
    cell_integer(cell, number_of(row, 2, 3));
    return 0;
}

static int put_stats(const void *context, size_t row, struct cell *cell)
{
    (void)context;
    static const unsigned char bits[13] = {3, 40, 33, 7, 12, 1, 31, 31, 31, 20, 0, 9, 44};
    cell_begin_row(cell, (int64_t)row + 1);
    cell_null(cell);
    cell_integer(cell, (int64_t)row / 5);
    for (unsigned i = 0; i < sizeof bits; i++)
        cell_integer(cell, bits[i] == 0 ? 0 : number_of(row, i, bits[i]));
    cell_text(cell, (struct slice){"2024-05-01 12:30:59", DATE});
    return 0;
}

static int put_path_entry(const void *context, size_t row, struct cell *cell)
{
    (void)context;
    char text[PATH];
    cell_begin_entry(cell);
    cell_text(cell, path_of(text, row));
    cell_integer(cell, (int64_t)row + 1);
    return 0;
}

/* The context is what the row is divided by. */
static int put_integer_entry(const void *context, size_t row, struct cell *cell)
{
    const size_t *divisor = context;
    cell_begin_entry(cell);
    cell_integer(cell, (int64_t)(row / *divisor));
    cell_integer(cell, (int64_t)row + 1);
    return 0;
}

static _Noreturn void fail(const char *what, const char *why)
{
    fprintf(stderr, "btree-trees: %s: %s\n", what, why);
    exit(1);
}

/* Has SQLite make the empty trees, in the order of the schema: their roots are pages 2 to 7. */
static void create(const char *path, size_t page_size)
{
    sqlite3 *db = NULL;
    char pragma[64];
    unlink(path);
    snprintf(pragma, sizeof pragma, "PRAGMA page_size=%zu", page_size);
    if (sqlite3_open(path, &db) != SQLITE_OK ||
        sqlite3_exec(db, pragma, NULL, NULL, NULL) != SQLITE_OK ||
        sqlite3_exec(db, schema, NULL, NULL, NULL) != SQLITE_OK)
        fail(path, sqlite3_errmsg(db));
    sqlite3_close(db);
}

int main(int argc, char **argv)
{
    if (argc < 3)
        fail("usage", "btree-trees OUTPUT THREADS [ROWS] [PAGE_SIZE]");
    unsigned threads = (unsigned)strtoul(argv[2], NULL, 10);
    size_t rows = argc > 3 ? strtoul(argv[3], NULL, 10) : 1000000;
    size_t page_size = argc > 4 ? strtoul(argv[4], NULL, 10) : 16384;
    static const size_t divisors[] = {8, 3, 5};
    const struct btree trees[TREES] = {
        {BTREE_TABLE, rows, put_path, NULL, 2, 0},
        {BTREE_TABLE, rows, put_stats, NULL, 3, 0},
        {BTREE_INDEX, rows, put_path_entry, NULL, 4, 0},
        {BTREE_INDEX, rows, put_integer_entry, &divisors[0], 5, 0},
        {BTREE_INDEX, rows, put_integer_entry, &divisors[1], 6, 0},
        {BTREE_INDEX, rows, put_integer_entry, &divisors[2], 7, 0},
    };
    create(argv[1], page_size);
    int fd = open(argv[1], O_RDWR | O_CLOEXEC);
    if (fd < 0)
        fail(argv[1], strerror(errno));
    struct btree_file file = {.page_size = page_size,
                              .first_page = TREES + 2,
                              .sink = {&fd, write_pages},
                              .threads = threads};
    struct err err = {0};
    uint32_t end_page = 0;
    struct rusage before, after;
    getrusage(RUSAGE_SELF, &before);
    uint64_t begin = clock_now_ns();
    if (btree_write(&end_page, trees, TREES, &file, &err) != 0)
        fail(argv[1], err.text);
    double seconds = clock_seconds_since(begin);
    getrusage(RUSAGE_SELF, &after);
    uint32_t pages = htobe32(end_page);
    if (pwrite(fd, &pages, sizeof pages, 28) != (ssize_t)sizeof pages)
        fail(argv[1], strerror(errno));
    printf("{\"threads\":%u,\"rows\":%zu,\"bytes\":%" PRIu64
           ",\"seconds\":%.6f,\"user\":%.6f,\"system\":%.6f,\"peak_memory\":%ld}\n",
           threads, rows, (uint64_t)end_page * page_size, seconds,
           seconds_of(before.ru_utime, after.ru_utime), seconds_of(before.ru_stime, after.ru_stime),
           after.ru_maxrss * 1024);
    return 0;
}
