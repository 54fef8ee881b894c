/* pagewriter: rows to cells.
 *
 * A table's row is put together from the columns when its leaf is laid out. An index is sorted
 * first, one after the other, so that there is memory for one order at a time: of numbers and
 * directories, 12 bytes each, or of directories alone where they are ordered by path.
 *
 * SQLite has made the file's header, its schema and the empty roots. What follows them is written
 * here; last of all the number of pages in the header. Pages go past the kernel's cache (O_DIRECT)
 * where the file system can: nobody reads them soon, copying them there took a fourth of the time
 * after the scan, and two threads that did it waited for each other (1,000,000 directories, two
 * threads: 0.67 + 1.12 s, with O_DIRECT 0.38 + 0.67 s; a third thread, to write while two lay out,
 * gained nothing). The writer's thread calls; btree's threads
 * share what is in struct pagewriter and in the rows, to read. */
#include "pagewriter.h"

#include <assert.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "btree.h"
#include "columns.h"
#include "engine.h"
#include "err.h"
#include "factsblock.h"
#include "mem.h"
#include "orders.h"
#include "rlimits.h"

/* File format, section 1.3.7: the number of pages, in the file's header. */
enum { HEADER_PAGES = 28 };

/* About what a block of facts takes, so that the first blocks need not be made twice to find out. */
enum { FACTS_BYTES = 256 * 1024 };

struct pagewriter {
    char *path;
    int fd;
    struct pagewriter_options options;
    uint32_t pages; /* of the file so far */
    uint32_t table_roots[COLUMNS_TABLES];
    uint32_t facts_root;
    uint32_t index_roots[COLUMNS_INDEXES];
};

static int fail_write(const struct pagewriter *writer, int error, struct err *err)
{
    const char *limit = error == EFBIG ? rlimits_of_files() : NULL;
    return err_set(err, "%s: cannot write: %s", writer->path,
                   limit != NULL ? limit : strerror(error));
}

/* From now on the kernel copies what is written: for what is not whole pages, or where a file
 * system has no O_DIRECT. */
static void stop_direct(const struct pagewriter *writer)
{
    int flags = fcntl(writer->fd, F_GETFL);
    if (flags >= 0)
        fcntl(writer->fd, F_SETFL, flags & ~O_DIRECT);
}

/* A pagesink's write. */
static int write_pages(void *context, const void *bytes, size_t len, uint64_t offset,
                       struct err *err)
{
    const struct pagewriter *writer = context;
    const char *from = bytes;
    while (len > 0) {
        ssize_t written = pwrite(writer->fd, from, len, (off_t)offset);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0 && errno == EINVAL && (fcntl(writer->fd, F_GETFL) & O_DIRECT) != 0) {
            stop_direct(writer);
            continue;
        }
        if (written <= 0)
            return fail_write(writer, written < 0 ? errno : ENOSPC, err);
        from += written;
        len -= (size_t)written;
        offset += (uint64_t)written;
    }
    return 0;
}

/* Finds the page on which the table or index begins. */
static int find_root(uint32_t *root, sqlite3_stmt *statement, const char *name)
{
    if (sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC) != SQLITE_OK ||
        sqlite3_step(statement) != SQLITE_ROW)
        return -1;
    *root = (uint32_t)sqlite3_column_int64(statement, 0);
    return sqlite3_reset(statement) == SQLITE_OK ? 0 : -1;
}

static int find_roots(struct pagewriter *writer, sqlite3 *db)
{
    sqlite3_stmt *statement;
    if (sqlite3_prepare_v2(db, "SELECT rootpage FROM sqlite_master WHERE name = ?", -1, &statement,
                           NULL) != SQLITE_OK)
        return -1;
    int status = 0;
    for (size_t i = 0; i < COLUMNS_TABLES && status == 0; i++)
        status = find_root(&writer->table_roots[i], statement, columns_tables[i].table);
    if (status == 0)
        status = find_root(&writer->facts_root, statement, "facts");
    for (size_t i = 0; i < COLUMNS_INDEXES && status == 0; i++)
        status = find_root(&writer->index_roots[i], statement, columns_indexes[i].name);
    sqlite3_finalize(statement);
    return status;
}

/* Reads from the database where its trees begin. */
static int read_schema(struct pagewriter *writer, struct err *err)
{
    sqlite3 *db = NULL;
    engine_start();
    int status = -1;
    if (sqlite3_open_v2(writer->path, &db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX,
                        "unix-none") == SQLITE_OK)
        status = find_roots(writer, db);
    if (status != 0)
        err_set(err, "%s: cannot read its schema: %s", writer->path, sqlite3_errmsg(db));
    sqlite3_close(db);
    return status;
}

int pagewriter_open(struct pagewriter **out, const char *path,
                    const struct pagewriter_options *options, struct err *err)
{
    struct pagewriter *writer = mem_new(sizeof *writer);
    struct stat info;
    writer->options = *options;
    writer->path = mem_text(path);
    writer->fd = open(path, O_WRONLY | O_DIRECT | O_CLOEXEC);
    if (writer->fd < 0 && errno == EINVAL)
        writer->fd = open(path, O_WRONLY | O_CLOEXEC);
    int status = -1;
    if (writer->fd < 0 || fstat(writer->fd, &info) != 0)
        fail_write(writer, errno, err);
    else
        status = read_schema(writer, err);
    if (status != 0) {
        pagewriter_close(writer);
        return -1;
    }
    writer->pages = (uint32_t)((size_t)info.st_size / options->page_size);
    *out = writer;
    return 0;
}

void pagewriter_close(struct pagewriter *writer)
{
    if (writer == NULL)
        return;
    if (writer->fd >= 0)
        close(writer->fd);
    free(writer->path);
    free(writer);
}

int pagewriter_finish(struct pagewriter *writer, struct err *err)
{
    uint32_t pages = htobe32(writer->pages);
    stop_direct(writer);
    int status = write_pages(writer, &pages, sizeof pages, HEADER_PAGES, err);
    if (close(writer->fd) != 0 && status == 0)
        status = fail_write(writer, errno, err);
    writer->fd = -1;
    pagewriter_close(writer);
    return status;
}

/* Writes trees behind what the file has. */
static int write_trees(struct pagewriter *writer, const struct btree *trees, size_t count,
                       struct err *err)
{
    const struct btree_file file = {
        .page_size = writer->options.page_size,
        .first_page = writer->pages + 1,
        .sink = {writer, write_pages},
        .threads = writer->options.threads,
        .cancelled = writer->options.cancelled,
    };
    return btree_write(&writer->pages, trees, count, &file, err);
}

static void put_value(struct cell *cell, const struct columns_value *value)
{
    switch (value->type) {
    case COLUMNS_NULL:
        cell_null(cell);
        break;
    case COLUMNS_INTEGER:
        cell_integer(cell, value->integer);
        break;
    case COLUMNS_TEXT:
        cell_text(cell, value->bytes);
        break;
    case COLUMNS_BLOB:
        cell_blob(cell, value->bytes);
        break;
    }
}

/* What put_row is asked about. */
struct table {
    const struct rows *rows;
    enum columns_table which;
};

static int put_row(const void *context, size_t i, struct cell *cell)
{
    const struct table *table = context;
    const struct columns *columns = &columns_tables[table->which];
    struct columns_row row;
    columns_fetch(&row, table->rows, table->which, i);
    size_t first = 0;
    if (columns->primary_key != NULL) {
        cell_begin_entry(cell);
    } else {
        cell_begin_row(cell, columns_value(&row, columns->items[first++].source).integer);
        cell_null(cell); /* the rowid's column */
    }
    for (size_t c = first; c < columns->count; c++) {
        struct columns_value value = columns_value(&row, columns->items[c].source);
        put_value(cell, &value);
    }
    return 0;
}

/* A row of the facts: a block, made when it is asked for. */
static int put_block(const void *context, size_t i, struct cell *cell)
{
    struct factsblock *block = factsblock_new();
    struct slice bytes;
    int status = block == NULL ? -1 : factsblock_make(&bytes, block, context, i);
    if (status == 0) {
        cell_begin_row(cell, (int64_t)i);
        cell_null(cell); /* the rowid's column */
        cell_blob(cell, bytes);
    }
    factsblock_free(block);
    return status;
}

int pagewriter_put_rows(struct pagewriter *writer, const struct rows *rows, struct err *err)
{
    struct table tables[COLUMNS_TABLES];
    struct btree trees[COLUMNS_TABLES + 1];
    trees[COLUMNS_TABLES] = (struct btree){.kind = BTREE_TABLE,
                                           .rows = factsblock_count(rows),
                                           .put = put_block,
                                           .context = rows,
                                           .root = writer->facts_root,
                                           .row_bytes = FACTS_BYTES};
    for (enum columns_table i = 0; i < COLUMNS_TABLES; i++) {
        tables[i] = (struct table){rows, i};
        trees[i] = (struct btree){
            .kind = columns_tables[i].primary_key == NULL ? BTREE_TABLE : BTREE_INDEX,
            .rows = columns_count(rows, i),
            .put = put_row,
            .context = &tables[i],
            .root = writer->table_roots[i],
        };
    }
    return write_trees(writer, trees, COLUMNS_TABLES + 1, err);
}

/* Keys of numbers: NULL is 0, where a column may be NULL; others are not negative. */

static struct rows_place place_of(const struct rows *rows, size_t dir)
{
    struct rows_place place;
    rows->place(rows->state, dir, &place);
    return place;
}

static uint64_t key_of_parent(const struct rows *rows, size_t dir)
{
    return (uint64_t)place_of(rows, dir).parent_id; /* 0: none */
}

static uint64_t key_of_depth(const struct rows *rows, size_t dir)
{
    return place_of(rows, dir).depth;
}

enum { OWNER_BIAS = 2 }; /* what is added to an owner, who may be -1 */

static uint64_t key_of_owner(const struct rows *rows, size_t dir)
{
    int64_t uid = place_of(rows, dir).uid;
    return uid == ROWS_SEVERAL ? 0 : (uint64_t)(uid + OWNER_BIAS);
}

static uint64_t key_of_size(const struct rows *rows, size_t dir)
{
    return (uint64_t)columns_sum(place_of(rows, dir).subtree_size);
}

static uint64_t key_of_files(const struct rows *rows, size_t dir)
{
    return (uint64_t)columns_sum(place_of(rows, dir).subtree_files);
}

/* How an index of numbers is sorted, and what its keys stand for. */
struct number_key {
    orders_key_of *of;
    bool zero_is_null;
    unsigned bias; /* the value is the key less this */
};

static const struct number_key number_keys[COLUMNS_INDEXES] = {
    [COLUMNS_BY_PARENT] = {key_of_parent, true, 0},
    [COLUMNS_BY_DEPTH] = {key_of_depth, false, 0},
    [COLUMNS_BY_OWNER] = {key_of_owner, true, OWNER_BIAS},
    [COLUMNS_BY_SIZE] = {key_of_size, false, 0},
    [COLUMNS_BY_FILES] = {key_of_files, false, 0},
};

/* What put_number is asked about. */
struct number_index {
    const struct orders_item *items;
    const struct number_key *key;
};

static int put_number(const void *context, size_t i, struct cell *cell)
{
    const struct number_index *index = context;
    uint64_t key = orders_key(&index->items[i]);
    cell_begin_entry(cell);
    if (key == 0 && index->key->zero_is_null)
        cell_null(cell);
    else
        cell_integer(cell, (int64_t)key - index->key->bias);
    cell_integer(cell, (int64_t)index->items[i].dir + 1);
    return 0;
}

static int fail_order(const struct pagewriter *writer, struct err *err)
{
    if (atomic_load_explicit(writer->options.cancelled, memory_order_relaxed))
        return err_set(err, "interrupted");
    return err_no_memory(err, "%s: cannot sort its indexes", writer->path);
}

static int write_number_index(struct pagewriter *writer, const struct rows *rows,
                              enum columns_index_name which, struct err *err)
{
    struct orders_item *items;
    const struct number_key *key = &number_keys[which];
    if (orders_by_key(&items, rows, key->of, writer->options.threads, writer->options.cancelled) !=
        0)
        return fail_order(writer, err);
    const struct number_index index = {items, key};
    const struct btree tree = {.kind = BTREE_INDEX,
                               .rows = rows->dirs,
                               .put = put_number,
                               .context = &index,
                               .root = writer->index_roots[which]};
    int status = write_trees(writer, &tree, 1, err);
    orders_free_items(items, rows->dirs);
    return status;
}

/* What put_path is asked about. */
struct path_index {
    const struct rows *rows;
    const uint32_t *dirs;
    size_t texts; /* the first so many are UTF-8 */
};

static int put_path(const void *context, size_t i, struct cell *cell)
{
    const struct path_index *index = context;
    uint32_t dir = index->dirs[i];
    struct slice path = index->rows->path(index->rows->state, dir);
    cell_begin_entry(cell);
    if (i < index->texts)
        cell_text(cell, path);
    else
        cell_blob(cell, path);
    cell_integer(cell, (int64_t)dir + 1);
    return 0;
}

static int write_path_index(struct pagewriter *writer, const struct rows *rows, struct err *err)
{
    uint32_t *dirs;
    struct path_index index = {.rows = rows};
    if (orders_by_path(&dirs, &index.texts, rows, writer->options.threads,
                       writer->options.cancelled) != 0)
        return fail_order(writer, err);
    index.dirs = dirs;
    const struct btree tree = {.kind = BTREE_INDEX,
                               .rows = rows->dirs,
                               .put = put_path,
                               .context = &index,
                               .root = writer->index_roots[COLUMNS_BY_PATH]};
    int status = write_trees(writer, &tree, 1, err);
    orders_free_dirs(dirs, rows->dirs);
    return status;
}

int pagewriter_index(struct pagewriter *writer, const struct rows *rows, struct err *err)
{
    int status = write_path_index(writer, rows, err);
    for (enum columns_index_name i = 0; i < COLUMNS_INDEXES && status == 0; i++)
        if (i != COLUMNS_BY_PATH)
            status = write_number_index(writer, rows, i, err);
    return status;
}
