/* btree_build: a study of how fast a database can be made without SQLite.
 *
 *     btree-build DATABASE OUTPUT THREADS [PAGE_SIZE]
 *
 * Reads the rows of directories and directory_stats of DATABASE into memory, untimed. Then makes
 * OUTPUT, a database of these two tables and the index of the paths, straight from the rows after
 * SQLite's published file format (https://www.sqlite.org/fileformat2.html): sorts the paths,
 * fills leaves in parallel, puts the levels above them, writes and syncs. Last, it writes and syncs
 * as many bytes of no meaning to OUTPUT.plain, which is removed: the least that a file of this size
 * takes. Prints the seconds of each part as one line of JSON. PAGE_SIZE: 16384.
 *
 * The phases follow one another, so that each can be timed; a product would write while it
 * builds. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "btree_fail.h"
#include "btree_head.h"
#include "btree_order.h"
#include "btree_pages.h"
#include "btree_rows.h"
#include "btree_tree.h"
#include "btree_workers.h"
#include "clock.h"
#include "mem.h"

enum { TREES = 3, THREADS_MOST = 1024, PIECE = 1 << 20 /* bytes of a plain write */ };

/* All of OUTPUT, in memory. */
struct database {
    struct btree_tree trees[TREES]; /* as in sqlite_schema: directories, path index, stats */
    struct btree_pages head;
    size_t head_first; /* the place of the head's page 1, less one */
    size_t end;        /* places used */
    size_t page_size;
};

struct seconds {
    double sort, build, write, sync, total;
};

/* The run that is the index'th of all trees. */
static struct btree_tree_run *run_at(struct database *database, size_t index,
                                     struct btree_tree **tree)
{
    *tree = database->trees;
    while (index >= (*tree)->run_count)
        index -= (*tree)++->run_count;
    return &(*tree)->runs[index];
}

static void lay_run(void *context, size_t index)
{
    struct btree_tree *tree;
    struct btree_tree_run *run = run_at(context, index, &tree);
    btree_tree_lay_leaves(tree, run);
}

static void build(struct database *database, const struct btree_rows *rows, const size_t *order,
                  size_t page_size, unsigned threads)
{
    database->page_size = page_size;
    btree_tree_init(&database->trees[0], &rows->directories, NULL, page_size);
    btree_tree_init(&database->trees[1], &rows->directories, order, page_size);
    btree_tree_init(&database->trees[2], &rows->stats, NULL, page_size);
    btree_pages_init(&database->head, page_size);
    size_t runs = 0;
    for (size_t i = 0; i < TREES; i++)
        runs += database->trees[i].run_count;
    btree_workers_each(threads, runs, lay_run, database);

    uint32_t roots[TREES];
    size_t next = 1; /* the first page comes last: it tells the roots */
    for (size_t i = 0; i < TREES; i++) {
        next = btree_tree_finish(&database->trees[i], next);
        roots[i] = database->trees[i].root;
    }
    database->head_first = next - 1;
    database->end = btree_head_build(&database->head, rows, roots, next);
}

static void clear(struct database *database)
{
    for (size_t i = 0; i < TREES; i++)
        btree_tree_clear(&database->trees[i]);
    btree_pages_clear(&database->head);
}

static int write_pages(const struct btree_pages *pages, size_t first, int fd)
{
    return btree_pages_write(pages, 0, pages->count, first, fd);
}

static int write_tree(const struct btree_tree *tree, int fd)
{
    int status = 0;
    for (size_t i = 0; i < tree->run_count && status == 0; i++)
        status = write_pages(&tree->runs[i].pages, tree->runs[i].first, fd);
    return status != 0 ? status : write_pages(&tree->interior, tree->interior_first, fd);
}

/* One thread: the file system takes one writer of a file at a time. */
static int write_database(const struct database *database, int fd)
{
    const struct btree_pages *head = &database->head;
    if (btree_pages_write(head, 0, 1, 0, fd) != 0 ||
        btree_pages_write(head, 1, head->count, database->head_first, fd) != 0)
        return -1;
    int status = 0;
    for (size_t i = 0; i < TREES && status == 0; i++)
        status = write_tree(&database->trees[i], fd);
    return status;
}

static size_t bytes_of(const struct database *database)
{
    return btree_pages_number(database->page_size, database->end - 1) * database->page_size;
}

/* As many bytes as the database has. */
static int write_plain(const struct database *database, int fd)
{
    size_t left = bytes_of(database);
    char *piece = btree_fail_array(PIECE, 1);
    memset(piece, 'p', PIECE);
    int status = 0;
    while (left > 0 && status == 0) {
        ssize_t written = write(fd, piece, left < PIECE ? left : PIECE);
        if (written < 0 && errno != EINTR)
            status = -1;
        left -= written > 0 ? (size_t)written : 0;
    }
    mem_free_array(piece, PIECE, 1);
    return status;
}

/* A new file at `path`: what was there is removed, outside the time. */
static int create(const char *path)
{
    unlink(path);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0)
        btree_fail("%s: cannot create: %s", path, strerror(errno));
    return fd;
}

/* Writes and syncs a file by `write_bytes`; removes it and ends where that fails. */
static void write_file(const char *path, int fd, const struct database *database,
                       int (*write_bytes)(const struct database *, int), struct seconds *seconds)
{
    uint64_t begin = clock_now_ns();
    int status = write_bytes(database, fd);
    seconds->write = clock_seconds_since(begin);
    if (status == 0)
        status = fsync(fd);
    seconds->sync = clock_seconds_since(begin) - seconds->write;
    if (status != 0) {
        int cause = errno;
        unlink(path);
        btree_fail("%s: cannot write: %s", path, strerror(cause));
    }
    close(fd);
}

/* Makes `output` of the rows. */
static void make(struct database *database, const struct btree_rows *rows, const char *output,
                 unsigned threads, size_t page_size, struct seconds *seconds)
{
    int fd = create(output);
    uint64_t begin = clock_now_ns();
    size_t *order = btree_order_by_path(&rows->directories, threads);
    seconds->sort = clock_seconds_since(begin);
    build(database, rows, order, page_size, threads);
    seconds->build = clock_seconds_since(begin) - seconds->sort;
    write_file(output, fd, database, write_database, seconds);
    seconds->total = clock_seconds_since(begin);
    mem_free_array(order, rows->directories.rows, sizeof *order);
}

static void measure_plain(const struct database *database, const char *output,
                          struct seconds *seconds)
{
    char path[4096];
    if (snprintf(path, sizeof path, "%s.plain", output) >= (int)sizeof path)
        btree_fail("%s: the name is too long", output);
    int fd = create(path);
    write_file(path, fd, database, write_plain, seconds);
    unlink(path);
}

/* A decimal number in [least, most], or 0. */
static size_t number_of(const char *text, unsigned long least, unsigned long most)
{
    char *end;
    unsigned long number = strtoul(text, &end, 10);
    return *text >= '0' && *text <= '9' && *end == '\0' && number >= least && number <= most
               ? number
               : 0;
}

int main(int argc, char **argv)
{
    size_t threads = argc < 4 ? 0 : number_of(argv[3], 1, THREADS_MOST);
    size_t page_size = argc < 5 ? 16384 : number_of(argv[4], 512, 65536);
    if (argc < 4 || argc > 5 || threads == 0 || page_size == 0 ||
        (page_size & (page_size - 1)) != 0) {
        fprintf(stderr, "usage: btree-build DATABASE OUTPUT THREADS [PAGE_SIZE]\n");
        return 2;
    }
    struct btree_rows rows;
    btree_rows_read(&rows, argv[1]);
    struct database database;
    struct seconds seconds, plain;
    make(&database, &rows, argv[2], (unsigned)threads, page_size, &seconds);
    measure_plain(&database, argv[2], &plain);
    printf("{\"threads\":%zu,\"rows\":%zu,\"pages\":%zu,\"bytes\":%zu,"
           "\"seconds\":{\"sort\":%.6f,\"build\":%.6f,\"write\":%.6f,\"sync\":%.6f,"
           "\"total\":%.6f},\"plain_write\":{\"write\":%.6f,\"sync\":%.6f}}\n",
           threads, rows.directories.rows, database.end, bytes_of(&database), seconds.sort,
           seconds.build, seconds.write, seconds.sync, seconds.total, plain.write, plain.sync);
    clear(&database);
    btree_rows_clear(&rows);
    return 0;
}
