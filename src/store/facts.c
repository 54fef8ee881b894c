/* facts: blocks read through SQLite's incremental BLOBs.
 *
 * Only the columns that are asked for are copied out of the file's pages, which are mapped: a
 * question about three columns of twenty-six reads an eighth of the facts. What a block says about
 * itself is checked when it is turned to, so that no offset, count or width of a damaged file is
 * followed. */
#include "facts.h"

#include <endian.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "bytescan.h"
#include "cells.h"
#include "engine.h"
#include "err.h"
#include "factslayout.h"
#include "reader.h"

/* Some memory that grows and keeps nothing. */
struct buffer {
    void *bytes;
    size_t room;
};

struct facts {
    sqlite3 *db;
    sqlite3_blob *blob;
    char *path; /* owned */
    int64_t directories;
    size_t block;
    uint32_t size; /* bytes of the block */
    uint32_t count;
    uint32_t shares;
    uint32_t cells;
    uint32_t names;
    uint32_t names_len;
    struct packed columns[FACTS_COLUMNS];
    uint32_t offsets[FACTS_COLUMNS];
    bool read[FACTS_COLUMNS];            /* its values are this block's */
    struct buffer values[FACTS_COLUMNS]; /* int64_t */
    struct buffer packed;                /* a column's bytes on their way */
    struct buffer texts;                 /* the names */
    struct buffer share_list;
};

static int damaged(const struct facts *facts, struct err *err)
{
    return err_set(err,
                   "%s: damaged database: its facts are inconsistent; import its logs afresh with "
                   "--replace",
                   facts->path);
}

static int fail(const struct facts *facts, int code, struct err *err)
{
    if ((code & 0xff) == SQLITE_CORRUPT || code == SQLITE_ERROR)
        return damaged(facts, err);
    return err_set(err, "%s: cannot read: %s", facts->path, sqlite3_errstr(code));
}

/* `bytes` of memory. NULL: out of memory, and err is filled. */
static void *take(struct buffer *buffer, size_t bytes, const struct facts *facts, struct err *err)
{
    if (bytes > buffer->room) {
        free(buffer->bytes);
        buffer->room = 0;
        buffer->bytes = malloc(2 * bytes);
        if (buffer->bytes == NULL) {
            err_no_memory(err, "%s: cannot read", facts->path);
            return NULL;
        }
        buffer->room = 2 * bytes;
    }
    return buffer->bytes;
}

int facts_open(struct facts **out, const struct reader *reader, int64_t directories,
               struct err *err)
{
    const char *path = reader_path(reader);
    struct engine_file file;
    struct facts *facts = calloc(1, sizeof *facts);
    if (facts == NULL)
        return err_no_memory(err, "%s: cannot open", path);
    facts->directories = directories;
    facts->block = SIZE_MAX;
    facts->path = strdup(path);
    if (facts->path == NULL) {
        facts_close(facts);
        return err_no_memory(err, "%s: cannot open", path);
    }
    int code = engine_open(&facts->db, &file, path);
    bool replaced = code == SQLITE_OK && !engine_is_same(&file, reader_file(reader));
    if (replaced)
        err_set(err, "%s: was replaced while it was read; ask again", path);
    else if (code != SQLITE_OK)
        fail(facts, code, err);
    if (replaced || code != SQLITE_OK) {
        facts_close(facts);
        return -1;
    }
    *out = facts;
    return 0;
}

void facts_close(struct facts *facts)
{
    if (facts == NULL)
        return;
    sqlite3_blob_close(facts->blob);
    sqlite3_close(facts->db);
    for (size_t i = 0; i < FACTS_COLUMNS; i++)
        free(facts->values[i].bytes);
    free(facts->packed.bytes);
    free(facts->texts.bytes);
    free(facts->share_list.bytes);
    free(facts->path);
    free(facts);
}

size_t facts_blocks(const struct facts *facts)
{
    return (size_t)((facts->directories + FACTS_BLOCK - 1) / FACTS_BLOCK);
}

int64_t facts_first_id(const struct facts *facts)
{
    return (int64_t)facts->block * FACTS_BLOCK + 1;
}

uint32_t facts_count(const struct facts *facts)
{
    return facts->count;
}

/* ---- The header ---- */

static uint64_t get(const uint8_t **from, size_t size)
{
    uint64_t value = 0;
    memcpy(&value, *from, size);
    *from += size;
    return le64toh(value);
}

/* How many values a column of the block must have. */
static uint64_t length_of(const struct facts *facts, enum facts_column column, uint64_t several)
{
    if (column <= FACTS_SHARES)
        return facts->count;
    if (column <= FACTS_SHARE_CELLS)
        return facts->shares;
    if (column <= FACTS_SEVERAL_ATIME)
        return several;
    return facts->cells;
}

static void get_descriptor(struct facts *facts, size_t i, const uint8_t **from)
{
    struct packed *column = &facts->columns[i];
    column->low = (int64_t)get(from, 8);
    column->high = (int64_t)get(from, 8);
    facts->offsets[i] = (uint32_t)get(from, 4);
    column->count = (uint32_t)get(from, 4);
    column->exceptions = (uint32_t)get(from, 4);
    column->width = (uint8_t)get(from, 1);
    column->shift = (uint8_t)get(from, 1);
    column->nulls = get(from, 1) != 0;
    get(from, 1);
}

/* Whether a part of the block lies in it, after the header. */
static bool lies_in(const struct facts *facts, uint64_t offset, uint64_t bytes)
{
    return offset >= FACTS_HEADER && bytes <= facts->size && offset <= facts->size - bytes;
}

static int get_header(struct facts *facts, const uint8_t *from, struct err *err)
{
    int64_t left = facts->directories - (int64_t)facts->block * FACTS_BLOCK;
    uint64_t magic = get(&from, 4);
    facts->count = (uint32_t)get(&from, 4);
    facts->shares = (uint32_t)get(&from, 4);
    facts->cells = (uint32_t)get(&from, 4);
    facts->names = (uint32_t)get(&from, 4);
    facts->names_len = (uint32_t)get(&from, 4);
    uint64_t columns = get(&from, 4);
    if (magic != FACTS_MAGIC || columns != FACTS_COLUMNS ||
        facts->count != (left < FACTS_BLOCK ? left : FACTS_BLOCK) || facts->cells < facts->shares ||
        !lies_in(facts, facts->names, facts->names_len))
        return damaged(facts, err);
    for (size_t i = 0; i < FACTS_COLUMNS; i++)
        get_descriptor(facts, i, &from);
    uint64_t several = facts->columns[FACTS_SEVERAL_FILES].count;
    for (enum facts_column i = 0; i < FACTS_COLUMNS; i++) {
        const struct packed *column = &facts->columns[i];
        if (column->count != length_of(facts, i, several) || !packed_is_sound(column) ||
            !lies_in(facts, facts->offsets[i], packed_bytes(column)))
            return damaged(facts, err);
    }
    return 0;
}

int facts_turn(struct facts *facts, size_t block, struct err *err)
{
    uint8_t header[FACTS_HEADER];
    if (block == facts->block)
        return 0;
    facts->block = SIZE_MAX;
    memset(facts->read, 0, sizeof facts->read);
    int code = facts->blob == NULL ? sqlite3_blob_open(facts->db, "main", "facts", "data",
                                                       (sqlite3_int64)block, 0, &facts->blob)
                                   : sqlite3_blob_reopen(facts->blob, (sqlite3_int64)block);
    if (code != SQLITE_OK)
        return fail(facts, code, err);
    facts->size = (uint32_t)sqlite3_blob_bytes(facts->blob);
    if (facts->size < FACTS_HEADER)
        return damaged(facts, err);
    code = sqlite3_blob_read(facts->blob, header, FACTS_HEADER, 0);
    if (code != SQLITE_OK)
        return fail(facts, code, err);
    facts->block = block;
    if (get_header(facts, header, err) == 0)
        return 0;
    facts->block = SIZE_MAX;
    return -1;
}

/* ---- Columns ---- */

const struct packed *facts_bounds(const struct facts *facts, enum facts_column column)
{
    return &facts->columns[column];
}

const int64_t *facts_values(struct facts *facts, enum facts_column column, struct err *err)
{
    const struct packed *packed = &facts->columns[column];
    size_t bytes = (size_t)packed_bytes(packed);
    int64_t *values = take(&facts->values[column],
                           ((size_t)packed->count + PACKED_MORE) * sizeof *values, facts, err);
    if (values == NULL || facts->read[column])
        return values;
    uint8_t *from = take(&facts->packed, bytes + PACKED_SLACK, facts, err);
    if (from == NULL)
        return NULL;
    memset(from + bytes, 0, PACKED_SLACK);
    int code = sqlite3_blob_read(facts->blob, from, (int)bytes, (int)facts->offsets[column]);
    if (code != SQLITE_OK) {
        fail(facts, code, err);
        return NULL;
    }
    if (packed_take(values, packed, from) != 0) {
        damaged(facts, err);
        return NULL;
    }
    facts->read[column] = true;
    return values;
}

int facts_names(struct slice *out, struct facts *facts, struct err *err)
{
    size_t len = facts->names_len;
    char *names = take(&facts->texts, len + 1, facts, err);
    if (names == NULL)
        return -1;
    int code = sqlite3_blob_read(facts->blob, names, (int)len, (int)facts->names);
    if (code != SQLITE_OK)
        return fail(facts, code, err);
    if (bytescan_count(names, names + len, '\0') != facts->count ||
        (len > 0 && names[len - 1] != '\0'))
        return damaged(facts, err);
    *out = (struct slice){names, len};
    return 0;
}

/* ---- Shares ---- */

/* The columns that shares are put together from. */
struct parts {
    const int64_t *shares; /* a directory */
    const int64_t *figures[FACTS_SHARE_FIGURES];
    const int64_t *pair; /* a share */
    const int64_t *cells;
    const int64_t *several[FACTS_SHARE_FIGURES]; /* a share of several */
};

static int get_parts(struct parts *parts, struct facts *facts, unsigned figures, struct err *err)
{
    static const enum facts_column own[FACTS_SHARE_FIGURES] = {FACTS_FILES_NR, FACTS_SIZE_NR,
                                                               FACTS_ALLOC_NR, FACTS_ATIME_NR};
    if ((parts->shares = facts_values(facts, FACTS_SHARES, err)) == NULL ||
        (parts->pair = facts_values(facts, FACTS_SHARE_PAIR, err)) == NULL ||
        (parts->cells = facts_values(facts, FACTS_SHARE_CELLS, err)) == NULL)
        return -1;
    for (unsigned i = 0; i < figures; i++)
        if ((parts->figures[i] = facts_values(facts, own[i], err)) == NULL ||
            (parts->several[i] = facts_values(facts, FACTS_SEVERAL_FILES + i, err)) == NULL)
            return -1;
    return 0;
}

/* Where the next share's values are. */
struct cursor {
    uint32_t share;
    uint32_t several;
    uint32_t cell;
};

/* Puts the share at the cursor together, which is one of directory `i`. -1: it cannot be. */
static int join_share(struct facts_share *share, struct cursor *at, const struct facts *facts,
                      const struct parts *parts, unsigned figures, uint32_t i, bool alone,
                      size_t pair_limit)
{
    int64_t cells = parts->cells[at->share];
    int64_t pair = parts->pair[at->share];
    if (cells < 1 || cells > CELLS || cells > facts->cells - at->cell || pair < 0 ||
        (uint64_t)pair >= pair_limit)
        return -1;
    share->directory = i;
    share->pair = (uint32_t)pair;
    share->cells_begin = at->cell;
    share->cell_count = (uint32_t)cells;
    for (unsigned f = 0; f < figures; f++)
        share->figures[f] = alone ? parts->figures[f][i] : parts->several[f][at->several];
    at->share++;
    at->cell += (uint32_t)cells;
    at->several += !alone;
    return 0;
}

/* Joins the columns to shares. Sums that must be those of the header are checked at the end. */
__attribute__((always_inline)) static inline int join_shares(struct facts_share *shares,
                                                             struct facts *facts, unsigned figures,
                                                             size_t pair_limit, struct err *err)
{
    struct parts parts;
    struct cursor at = {0, 0, 0};
    if (get_parts(&parts, facts, figures, err) != 0)
        return -1;
    for (uint32_t i = 0; i < facts->count; i++) {
        int64_t count = parts.shares[i];
        if (count == 0)
            continue;
        if (count < 0 || count > facts->shares - at.share ||
            (count > 1 && count > facts->columns[FACTS_SEVERAL_FILES].count - at.several))
            return damaged(facts, err);
        for (int64_t s = 0; s < count; s++)
            if (join_share(&shares[at.share], &at, facts, &parts, figures, i, count == 1,
                           pair_limit) != 0)
                return damaged(facts, err);
    }
    return at.share == facts->shares && at.cell == facts->cells ? 0 : damaged(facts, err);
}

int facts_shares(const struct facts_share **out, size_t *count, struct facts *facts,
                 unsigned figures, size_t pair_limit, struct err *err)
{
    struct facts_share *shares =
        take(&facts->share_list, ((size_t)facts->shares + 1) * sizeof *shares, facts, err);
    if (shares == NULL)
        return -1;
    /* The number of figures is a constant in each of these. */
    int status = figures == 0 ? join_shares(shares, facts, 0, pair_limit, err)
                 : figures == FACTS_SHARE_SIZE + 1
                     ? join_shares(shares, facts, FACTS_SHARE_SIZE + 1, pair_limit, err)
                     : join_shares(shares, facts, FACTS_SHARE_FIGURES, pair_limit, err);
    *out = shares;
    *count = facts->shares;
    return status;
}

int facts_cells(struct facts_cells *out, struct facts *facts, struct err *err)
{
    if ((out->index = facts_values(facts, FACTS_CELL, err)) == NULL ||
        (out->files = facts_values(facts, FACTS_CELL_FILES, err)) == NULL ||
        (out->size = facts_values(facts, FACTS_CELL_SIZE, err)) == NULL)
        return -1;
    uint64_t most = 0;
    for (uint32_t c = 0; c < facts->cells; c++)
        most = (uint64_t)out->index[c] > most ? (uint64_t)out->index[c] : most;
    out->count = facts->cells;
    return most < CELLS ? 0 : damaged(facts, err);
}
