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
#include "mem.h"
#include "ownerpairs.h"
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
    struct buffer share_starts; /* uint32_t: a share's first cell */
    struct buffer cell_starts;  /* a directory's */
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
    return err_set(err, "%s: cannot read: %s", facts->path, engine_reason(facts->db));
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
    int code = engine_open(&facts->db, reader_file(reader), path);
    if (code == ENGINE_REPLACED)
        err_set(err, "%s: was replaced while it was read; ask again", path);
    else if (code != SQLITE_OK)
        fail(facts, code, err);
    if (code != SQLITE_OK) {
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
    free(facts->share_starts.bytes);
    free(facts->cell_starts.bytes);
    free(facts->path);
    free(facts);
}

int facts_pairs(struct ownerpairs_pair **out, size_t *count, struct reader *reader, struct err *err)
{
    struct reader_rows *rows;
    size_t room = 0;
    *out = NULL;
    *count = 0;
    if (reader_run(&rows, reader, "SELECT owner_uid, owner_gid FROM facts_owner ORDER BY pair",
                   NULL, 0, err) != 0)
        return -1;
    int more;
    while ((more = reader_rows_next(rows, err)) == 1) {
        struct ownerpairs_pair *longer = mem_grow(*out, &room, *count, sizeof *longer);
        if (longer == NULL) {
            more = err_no_memory(err, "%s: cannot read", reader_path(reader));
            break;
        }
        *out = longer;
        longer[(*count)++] =
            (struct ownerpairs_pair){reader_rows_integer(rows, 0), reader_rows_integer(rows, 1)};
    }
    reader_rows_close(rows);
    return more;
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
    /* Shares of one directory differ in their pair and cells of one share in their index, so each
     * but the first of them takes a bit at least. */
    uint64_t bits = UINT64_C(8) * facts->size;
    if (magic != FACTS_MAGIC || columns != FACTS_COLUMNS ||
        facts->count != (left < FACTS_BLOCK ? left : FACTS_BLOCK) ||
        facts->shares > facts->count + bits || facts->cells < facts->shares ||
        facts->cells > facts->shares + bits || !lies_in(facts, facts->names, facts->names_len))
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
    if (facts->read[column])
        return facts->values[column].bytes;
    const struct packed *packed = &facts->columns[column];
    size_t bytes = (size_t)packed_bytes(packed);
    int64_t *values = take(&facts->values[column],
                           ((size_t)packed->count + PACKED_MORE) * sizeof *values, facts, err);
    if (values == NULL)
        return NULL;
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

/* The shares' first cells, and where the last one's end. NULL: err is filled. */
static const uint32_t *start_shares(struct facts *facts, struct err *err)
{
    const int64_t *cells = facts_values(facts, FACTS_SHARE_CELLS, err);
    uint32_t *starts =
        take(&facts->share_starts, ((size_t)facts->shares + 1) * sizeof *starts, facts, err);
    if (cells == NULL || starts == NULL)
        return NULL;
    uint64_t at = 0;
    bool sound = true;
    for (uint32_t s = 0; s < facts->shares; s++) {
        starts[s] = (uint32_t)at;
        sound &= (uint64_t)cells[s] - 1 < CELLS;
        at += (uint64_t)cells[s] & 0xff;
    }
    starts[facts->shares] = facts->cells;
    if (sound && at == facts->cells)
        return starts;
    damaged(facts, err);
    return NULL;
}

/* Says of each share which directory it is of. Directories have one or none, but for a few: to
 * write the next one's and to step over it or not needs no branch, which could not be predicted.
 * There is room for one share more. */
static int place_shares(struct facts_share *shares, struct facts *facts, struct err *err)
{
    const int64_t *counts = facts_values(facts, FACTS_SHARES, err);
    uint64_t at = 0;
    if (counts == NULL)
        return -1;
    for (uint32_t i = 0; i < facts->count; i++) {
        uint64_t count = (uint64_t)counts[i];
        if (count > facts->shares - at)
            return damaged(facts, err);
        shares[at].directory = i;
        for (uint64_t s = 1; s < count; s++)
            shares[at + s].directory = i;
        at += count;
    }
    return at == facts->shares ? 0 : damaged(facts, err);
}

/* The columns that figures come from. */
struct figures {
    const int64_t *counts;
    const int64_t *own[FACTS_SHARE_FIGURES];     /* a directory's: of its only share */
    const int64_t *several[FACTS_SHARE_FIGURES]; /* of a share of several */
};

static int get_figures(struct figures *from, struct facts *facts, unsigned figures, struct err *err)
{
    static const enum facts_column own[FACTS_SHARE_FIGURES] = {FACTS_FILES_NR, FACTS_SIZE_NR,
                                                               FACTS_ALLOC_NR, FACTS_ATIME_NR};
    if ((from->counts = facts_values(facts, FACTS_SHARES, err)) == NULL)
        return -1;
    for (unsigned i = 0; i < figures; i++)
        if ((from->own[i] = facts_values(facts, own[i], err)) == NULL ||
            (from->several[i] = facts_values(facts, FACTS_SEVERAL_FILES + i, err)) == NULL)
            return -1;
    return 0;
}

/* Fills in the shares' figures. */
__attribute__((always_inline)) static inline int
fill_figures(struct facts_share *shares, struct facts *facts, unsigned figures, struct err *err)
{
    struct figures from;
    uint32_t several = 0;
    if (get_figures(&from, facts, figures, err) != 0)
        return -1;
    for (uint32_t s = 0; s < facts->shares; s++) {
        uint32_t directory = shares[s].directory;
        bool alone = from.counts[directory] == 1;
        if (!alone && several == facts->columns[FACTS_SEVERAL_FILES].count)
            return damaged(facts, err);
        for (unsigned f = 0; f < figures; f++)
            shares[s].figures[f] = alone ? from.own[f][directory] : from.several[f][several];
        several += !alone;
    }
    return 0;
}

static int fill_cells(struct facts_share *shares, struct facts *facts, struct err *err)
{
    const uint32_t *starts = start_shares(facts, err);
    if (starts == NULL)
        return -1;
    for (uint32_t s = 0; s < facts->shares; s++) {
        shares[s].cells_begin = starts[s];
        shares[s].cells_end = starts[s + 1];
    }
    return 0;
}

static int fill_pairs(struct facts_share *shares, struct facts *facts, size_t limit,
                      struct err *err)
{
    const int64_t *pairs = facts_values(facts, FACTS_SHARE_PAIR, err);
    bool sound = true;
    if (pairs == NULL)
        return -1;
    for (uint32_t s = 0; s < facts->shares; s++) {
        sound &= (uint64_t)pairs[s] < limit;
        shares[s].pair = (uint32_t)pairs[s];
    }
    return sound ? 0 : damaged(facts, err);
}

int facts_shares(const struct facts_share **out, size_t *count, struct facts *facts,
                 enum facts_want want, size_t pair_limit, struct err *err)
{
    struct facts_share *shares =
        take(&facts->share_list, ((size_t)facts->shares + 1) * sizeof *shares, facts, err);
    *out = shares;
    *count = facts->shares;
    if (shares == NULL || place_shares(shares, facts, err) != 0 ||
        fill_pairs(shares, facts, pair_limit, err) != 0 ||
        ((want == FACTS_WANT_CELLS || want == FACTS_WANT_ALL) &&
         fill_cells(shares, facts, err) != 0))
        return -1;
    if (want == FACTS_WANT_CELLS)
        return 0;
    /* The number of figures is a constant in each of these. */
    return want == FACTS_WANT_SIZE ? fill_figures(shares, facts, FACTS_SHARE_SIZE + 1, err)
                                   : fill_figures(shares, facts, FACTS_SHARE_FIGURES, err);
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

int facts_cell_starts(const uint32_t **out, struct facts *facts, struct err *err)
{
    const int64_t *shares = facts_values(facts, FACTS_SHARES, err);
    const uint32_t *share_starts = start_shares(facts, err);
    uint32_t *starts = take(&facts->cell_starts, (FACTS_BLOCK + 1) * sizeof *starts, facts, err);
    if (shares == NULL || share_starts == NULL || starts == NULL)
        return -1;
    uint64_t at = 0;
    for (uint32_t i = 0; i < facts->count; i++) {
        starts[i] = share_starts[at];
        if ((uint64_t)shares[i] > facts->shares - at)
            return damaged(facts, err);
        at += (uint64_t)shares[i];
    }
    starts[facts->count] = facts->cells;
    *out = starts;
    return at == facts->shares ? 0 : damaged(facts, err);
}
