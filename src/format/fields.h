/* fields: what the formats have in common, for the parsers of this folder only: cutting columns at
 * blanks and reading `key=value`. Inline, because a line is parsed in some hundred cycles. */
#ifndef FSTALLY_FIELDS_H
#define FSTALLY_FIELDS_H

#include "bytescan.h"
#include "entry.h"
#include "format.h"
#include "linescan.h"
#include "num.h"
#include "reject.h"

enum fields_key {
    FIELDS_SIZE = 1,
    FIELDS_ALLOC = 2,
    FIELDS_UID = 4,
    FIELDS_GID = 8,
    FIELDS_KIND = 16,
    FIELDS_ATIME = 32,
};

/* A format: how its lines begin and how its records are read. */
struct format {
    const char *name;
    bool head_is_distinct; /* no run of fields can be taken for a HEAD */
    /* Reads HEAD and the blanks behind it; *at is left at the first field. */
    enum reject_reason (*head)(const char **at, const char *end);
    /* Reads the fields and the ` -- ` that ends them; *at is left behind the `--`, or, on a
     * reject, where it was. The entry is filled but for its path. */
    enum reject_reason (*fields)(const char **at, const char *end, struct format_memo *memo,
                                 struct entry *entry);
    /* Whether [token, end) is a well-formed field that tells the kind of entry. */
    bool (*is_kind)(const char *token, const char *end);
};

/* Each lives in the file of its name. */
extern const struct format gpfs_format;
extern const struct format lustre_format;
extern const struct format find_format;

static inline bool fields_is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static inline const char *fields_skip_blanks(const char *p, const char *end)
{
    while (p < end && fields_is_blank(*p))
        p++;
    return p;
}

static inline const char *fields_skip_token(const char *p, const char *end)
{
    return bytescan_blank(p, end);
}

/* A walk through the fields of a line, over the marks that linescan has made of it: it stops at
 * each token that may be a field with a one-letter key, one with a key of `key_length` letters, or
 * the separator, and passes over all others. */
struct fields_walk {
    struct linescan *marks;
    const char *end; /* the line's */
    unsigned key_length;
    unsigned block;
    bool after_blank; /* a blank stands before the marks' first byte */
    uint64_t stops;   /* of the block; those still to come */
};

/* Where tokens begin in the walk's block that are worth a stop. What the next block would have to
 * decide is a stop. */
static inline uint64_t fields_stops(const struct fields_walk *walk)
{
    const struct linescan *marks = walk->marks;
    unsigned i = walk->block;
    uint64_t blank = marks->blank[i];
    uint64_t before = i == 0 ? walk->after_blank : marks->blank[i - 1] >> (LINESCAN_BLOCK - 1);
    uint64_t equal = marks->equal[i];
    uint64_t last = ~(UINT64_MAX >> walk->key_length);
    uint64_t wanted =
        equal >> 1 | equal >> walk->key_length | (marks->hyphen[i] & marks->hyphen[i] >> 1) | last;
    return ~blank & (blank << 1 | before) & wanted;
}

/* Has the marks made anew from p on, where there is a byte before it and behind it. */
static inline void fields_walk_to(struct fields_walk *walk, const char *p)
{
    linescan_window(walk->marks, p, walk->end);
    walk->block = 0;
    walk->after_blank = fields_is_blank(p[-1]);
    walk->stops = fields_stops(walk);
}

/* Begins a walk through [p, end) of a line whose marks from its beginning are in *marks; p follows
 * a blank, `key_length` is in [2, LINESCAN_BLOCK). */
static inline struct fields_walk fields_walk_begin(struct linescan *marks, const char *p,
                                                   const char *end, unsigned key_length)
{
    struct fields_walk walk = {.marks = marks, .end = end, .key_length = key_length};
    size_t at = (size_t)(p - marks->begin);
    walk.block = (unsigned)(at / LINESCAN_BLOCK);
    if (walk.block < marks->blocks)
        walk.stops = fields_stops(&walk) & UINT64_MAX << at % LINESCAN_BLOCK;
    else if (p != end)
        fields_walk_to(&walk, p);
    return walk;
}

/* The next stop, or `end` or behind it where there is none. */
static inline const char *fields_walk_next(struct fields_walk *walk)
{
    while (walk->stops == 0) {
        if (++walk->block < walk->marks->blocks) {
            walk->stops = fields_stops(walk);
            continue;
        }
        size_t marked = (size_t)walk->marks->blocks * LINESCAN_BLOCK;
        if ((size_t)(walk->end - walk->marks->begin) <= marked)
            return walk->end;
        fields_walk_to(walk, walk->marks->begin + marked);
    }
    const char *token =
        walk->marks->begin + (size_t)walk->block * LINESCAN_BLOCK + __builtin_ctzll(walk->stops);
    walk->stops &= walk->stops - 1;
    return token;
}

/* Whether the token at p is `--`: blanks stand on both its sides (p follows one). */
static inline bool fields_at_separator(const char *p, const char *end)
{
    return end - p >= 3 && p[0] == '-' && p[1] == '-' && fields_is_blank(p[2]);
}

/* Whether the token at p begins with the one-letter key `key` and an equals sign. */
static inline bool fields_at_key(const char *p, const char *end, char key)
{
    return end - p >= 2 && p[0] == key && p[1] == '=';
}

/* The digits from p to the next blank. */
static inline enum reject_reason fields_number(const char *p, const char *end, int64_t *value)
{
    enum num_status status = num_decimal(&p, end, value);
    if (status == NUM_SHAPE || (p < end && !fields_is_blank(*p)))
        return REJECT_NUMBER;
    return status == NUM_OVERFLOW ? REJECT_OVERFLOW : REJECT_NONE;
}

/* The same, times `unit` bytes. */
static inline enum reject_reason fields_bytes(const char *p, const char *end, int64_t unit,
                                              int64_t *value)
{
    enum reject_reason reason = fields_number(p, end, value);
    if (reason == REJECT_NONE && __builtin_mul_overflow(*value, unit, value))
        return REJECT_OVERFLOW;
    return reason;
}

/* The same, for a uid or gid. */
static inline enum reject_reason fields_id(const char *p, const char *end, uint32_t *id)
{
    int64_t value = 0;
    enum reject_reason reason = fields_number(p, end, &value);
    if (reason == REJECT_NONE && value > ENTRY_ID_MAX)
        return REJECT_OWNER;
    *id = (uint32_t)value;
    return reason;
}

/* The shortest that can stand between a blank and a path: ` -- `, or a key with its value. */
enum { FIELDS_SHORTEST = 3 };

/* Notes a key; what reading its value gave, unless the key has come before. */
static inline enum reject_reason fields_once(unsigned *seen, enum fields_key key,
                                             enum reject_reason reason)
{
    if ((*seen & key) != 0)
        return REJECT_TWO_RECORDS;
    *seen |= key;
    return reason;
}

/* What a record must have is there. */
static inline enum reject_reason fields_complete(unsigned seen)
{
    if ((seen & FIELDS_SIZE) == 0)
        return REJECT_NO_SIZE;
    if ((seen & FIELDS_UID) == 0)
        return REJECT_NO_OWNER;
    if ((seen & FIELDS_KIND) == 0)
        return REJECT_NO_KIND;
    return REJECT_NONE;
}

/* The fields of the stat-like formats: s= b= u= g= type= a=, `kinds` being the letters that type=
 * may take. For lustre.c and find.c. */
enum reject_reason fields_stat(const char **at, const char *end, struct linescan *marks,
                               const char *kinds, struct entry *entry);
bool fields_stat_is_kind(const char *token, const char *end, const char *kinds);

#endif
