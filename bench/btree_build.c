/* btree_build: a study of how fast a database can be made without SQLite.
 *
 *     btree-build DATABASE OUTPUT THREADS [PAGE_SIZE]
 *
 * Reads the rows of directories and directory_stats of DATABASE into memory, untimed. Then makes
 * OUTPUT, a database of these two tables and the index of the paths, straight from the rows after
 * SQLite's published file format (https://www.sqlite.org/fileformat2.html): sorts the paths, then
 * fills leaves run by run, in parallel, and writes each run while it is in the cache; puts the
 * levels above them, and syncs. Last, it writes and syncs as many bytes of no meaning to
 * OUTPUT.plain, which is removed: the least that a file of this size takes. Prints the seconds of
 * each part as one line of JSON: `write` is what the threads spent writing, on average, `build` the
 * rest of the time in which they build and write. PAGE_SIZE: 16384.
 *
 * The caller's thread makes all but the runs, which any thread makes. */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uv.h>

#include "btree_fail.h"
#include "btree_head.h"
#include "btree_order.h"
#include "btree_pages.h"
#include "btree_rows.h"
#include "btree_tree.h"
#include "btree_workers.h"
#include "clock.h"
#include "mem.h"

enum {
    TREES = 3,
    THREADS_MOST = 1024, /* beyond any machine: a slip of the keyboard */
    PIECE = 1 << 20,     /* bytes of a plain write */
};

/* OUTPUT while it is made. */
struct database {
    const char *path;
    int fd;
    size_t page_size;
    struct btree_tree trees[TREES]; /* as in sqlite_schema: directories, path index, stats */
    struct btree_pages *buffers;    /* a thread has one for the run that it lays out */
    double *writing;                /* seconds that a thread spent writing */
    uv_mutex_t turn;                /* guards the next two: runs take their places in order */
    uv_cond_t turned;
    size_t next_run;
    size_t next;        /* the first place of the file that is not taken */
    atomic_int failure; /* errno of a write; 0: none failed. Any thread sets and reads it */
};

struct seconds {
    double sort, build, write, sync, total;
};

/* Writes pages [begin, end), page 0 of which stands at `first`; nothing after a failure. Returns
 * the seconds it took. */
static double write_pages(struct database *database, const struct btree_pages *pages, size_t begin,
                          size_t end, size_t first)
{
    uint64_t since = clock_now_ns();
    /* Relaxed: the number is all, and threads are joined before it is reported. */
    if (atomic_load_explicit(&database->failure, memory_order_relaxed) == 0 &&
        btree_pages_write(pages, begin, end, first, database->fd) != 0)
        atomic_store_explicit(&database->failure, errno, memory_order_relaxed);
    return clock_seconds_since(since);
}

/* Takes `count` places for the run that is the index'th of all trees, when those before have
 * theirs. Returns the first. */
static size_t take_places(struct database *database, size_t index, size_t count)
{
    uv_mutex_lock(&database->turn);
    while (database->next_run != index)
        uv_cond_wait(&database->turned, &database->turn);
    size_t first = database->next;
    database->next += count;
    database->next_run++;
    uv_cond_broadcast(&database->turned);
    uv_mutex_unlock(&database->turn);
    return first;
}

/* Lays out the index'th run of all trees, and writes it. */
static void make_run(void *context, unsigned thread, size_t index)
{
    struct database *database = context;
    struct btree_tree *tree = database->trees;
    size_t i = index;
    for (; i >= tree->run_count; tree++)
        i -= tree->run_count;
    struct btree_pages *pages = &database->buffers[thread];
    btree_pages_reset(pages);
    btree_tree_lay_leaves(tree, &tree->runs[i], pages);
    size_t first = take_places(database, index, pages->count);
    btree_tree_place_leaves(&tree->runs[i], pages, first);
    database->writing[thread] += write_pages(database, pages, 0, pages->count, first);
}

/* Makes and writes the interior pages, then the first. Returns the seconds spent writing. */
static double make_upper_pages(struct database *database, const struct btree_rows *rows)
{
    double writing = 0;
    uint32_t roots[TREES];
    for (size_t i = 0; i < TREES; i++) {
        struct btree_tree *tree = &database->trees[i];
        size_t first = database->next;
        database->next = btree_tree_finish(tree, first);
        roots[i] = tree->root;
        writing += write_pages(database, &tree->interior, 0, tree->interior.count, first);
    }
    struct btree_pages head;
    btree_pages_init(&head, database->page_size);
    size_t first = database->next;
    database->next = btree_head_build(&head, rows, roots, first);
    writing += write_pages(database, &head, 0, 1, 0);
    writing += write_pages(database, &head, 1, head.count, first - 1);
    btree_pages_clear(&head);
    return writing;
}

static void begin_database(struct database *database, const struct btree_rows *rows,
                           const size_t *order, unsigned threads)
{
    btree_tree_init(&database->trees[0], &rows->directories, NULL, database->page_size);
    btree_tree_init(&database->trees[1], &rows->directories, order, database->page_size);
    btree_tree_init(&database->trees[2], &rows->stats, NULL, database->page_size);
    database->buffers = btree_fail_array(threads, sizeof *database->buffers);
    database->writing = btree_fail_array(threads, sizeof *database->writing);
    for (unsigned i = 0; i < threads; i++)
        btree_pages_init(&database->buffers[i], database->page_size);
    if (uv_mutex_init(&database->turn) != 0 || uv_cond_init(&database->turned) != 0)
        btree_fail("out of memory for a lock");
    database->next_run = 0;
    database->next = 1; /* the first page comes last: it tells the roots */
}

static void end_database(struct database *database, unsigned threads)
{
    uv_cond_destroy(&database->turned);
    uv_mutex_destroy(&database->turn);
    for (unsigned i = 0; i < threads; i++)
        btree_pages_clear(&database->buffers[i]);
    mem_free_array(database->writing, threads, sizeof *database->writing);
    mem_free_array(database->buffers, threads, sizeof *database->buffers);
    for (size_t i = 0; i < TREES; i++)
        btree_tree_clear(&database->trees[i]);
}

/* Makes all pages and writes them. Returns the seconds spent writing, as a mean of the threads. */
static double make_pages(struct database *database, const struct btree_rows *rows,
                         const size_t *order, unsigned threads)
{
    begin_database(database, rows, order, threads);
    size_t runs = 0;
    for (size_t i = 0; i < TREES; i++)
        runs += database->trees[i].run_count;
    btree_workers_each(threads, runs, make_run, database);
    double writing = 0;
    for (unsigned i = 0; i < threads; i++)
        writing += database->writing[i] / threads;
    writing += make_upper_pages(database, rows);
    end_database(database, threads);
    if (database->failure != 0)
        btree_fail("%s: cannot write: %s", database->path, strerror(database->failure));
    return writing;
}

static size_t bytes_of(const struct database *database)
{
    return btree_pages_number(database->page_size, database->next - 1) * database->page_size;
}

/* A new file at `path`: what was there is removed, outside the time. */
static int create(const char *path)
{
    unlink(path);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0)
        btree_fail("%s: cannot create: %s", path, strerror(errno));
    btree_fail_removes(path);
    return fd;
}

/* Syncs and closes a file. Returns the seconds it took. */
static double sync_file(const char *path, int fd)
{
    uint64_t since = clock_now_ns();
    if (fsync(fd) != 0 || close(fd) != 0)
        btree_fail("%s: cannot sync: %s", path, strerror(errno));
    btree_fail_removes(NULL);
    return clock_seconds_since(since);
}

/* Makes the database of the rows. */
static void make(struct database *database, const struct btree_rows *rows, unsigned threads,
                 struct seconds *seconds)
{
    database->fd = create(database->path);
    uint64_t begin = clock_now_ns();
    size_t *order = btree_order_by_path(&rows->directories, threads);
    seconds->sort = clock_seconds_since(begin);
    seconds->write = make_pages(database, rows, order, threads);
    seconds->build = clock_seconds_since(begin) - seconds->sort - seconds->write;
    seconds->sync = sync_file(database->path, database->fd);
    seconds->total = clock_seconds_since(begin);
    mem_free_array(order, rows->directories.rows, sizeof *order);
}

static void write_plain(const char *path, int fd, size_t left)
{
    char *piece = btree_fail_array(PIECE, 1);
    memset(piece, 'p', PIECE);
    while (left > 0) {
        ssize_t written = write(fd, piece, left < PIECE ? left : PIECE);
        if (written < 0 && errno != EINTR)
            btree_fail("%s: cannot write: %s", path, strerror(errno));
        left -= written > 0 ? (size_t)written : 0;
    }
    mem_free_array(piece, PIECE, 1);
}

/* Writes and syncs so many bytes beside the output. */
static void measure_plain(const char *output, size_t bytes, struct seconds *seconds)
{
    char path[4096];
    if (snprintf(path, sizeof path, "%s.plain", output) >= (int)sizeof path)
        btree_fail("%s: the name is too long", output);
    int fd = create(path);
    uint64_t begin = clock_now_ns();
    write_plain(path, fd, bytes);
    seconds->write = clock_seconds_since(begin);
    seconds->sync = sync_file(path, fd);
    unlink(path);
}

static void print(const struct database *database, const struct btree_rows *rows, unsigned threads,
                  const struct seconds *seconds, const struct seconds *plain)
{
    size_t bytes = bytes_of(database);
    printf("{\"threads\":%u,\"rows\":%zu,\"pages\":%zu,\"bytes\":%zu,"
           "\"seconds\":{\"sort\":%.6f,\"build\":%.6f,\"write\":%.6f,\"sync\":%.6f,"
           "\"total\":%.6f},\"plain_write\":{\"write\":%.6f,\"sync\":%.6f,\"total\":%.6f}}\n",
           threads, rows->directories.rows, bytes / database->page_size, bytes, seconds->sort,
           seconds->build, seconds->write, seconds->sync, seconds->total, plain->write, plain->sync,
           plain->write + plain->sync);
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

static bool is_same_file(const char *a, const char *b)
{
    struct stat x, y;
    return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
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
    if (is_same_file(argv[1], argv[2]))
        btree_fail("%s: this is the database to read; name another output", argv[2]);
    struct database database = {.path = argv[2], .page_size = page_size};
    struct seconds seconds, plain;
    make(&database, &rows, (unsigned)threads, &seconds);
    measure_plain(argv[2], bytes_of(&database), &plain);
    print(&database, &rows, (unsigned)threads, &seconds, &plain);
    btree_rows_clear(&rows);
    return 0;
}
