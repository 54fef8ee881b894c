/* layout: what the lines of a log look like, as data: the HEAD, the fields and how each value is
 * written. The formats that are built in are descriptions like those of a format file; record.h
 * reads lines by them.
 *
 * A description is a template, the text between HEAD and ` -- ` with each value replaced by %NAME:
 *
 *     %size %alloc %alloc_kb %alloc_blocks   bytes, bytes, KiB, blocks of 512 bytes
 *     %uid %gid %user %group                 numbers; names, which are looked up
 *     %mode %type                            `-rw-r--r--`; `f`, `d`, ... or a word such as `dir`
 *     %atime %mtime                          date and time, or seconds since 1970
 *     %atime_days %mtime_days                age in days before the scan
 *     %path                                  then there is no ` -- `
 *     %*                                     skipped
 *     %%                                     a percent sign
 *
 * A blank matches one or more blanks (spaces or tabs). A value ends at the template's next
 * character. In a layout of any order the words KEY=%NAME may come in any order, with others
 * between them. */
#ifndef FSTALLY_LAYOUT_H
#define FSTALLY_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "slice.h"

struct err;

enum layout_head {
    LAYOUT_HEAD_GPFS,   /* `[<thread> ]inode generation snapshot`: mmapplypolicy -I defer */
    LAYOUT_HEAD_LUSTRE, /* `0xSEQ:0xOID:0xVER`, the file identifier */
    LAYOUT_HEAD_FIND,   /* the inode number */
    LAYOUT_HEAD_NONE,   /* the line begins with the fields */
};

enum layout_value {
    LAYOUT_SKIP,
    LAYOUT_SIZE,
    LAYOUT_ALLOC,
    LAYOUT_UID,
    LAYOUT_GID,
    LAYOUT_MODE,
    LAYOUT_TYPE,
    LAYOUT_ATIME,
    LAYOUT_MTIME,
    LAYOUT_USER,
    LAYOUT_GROUP,
    LAYOUT_ATIME_DAYS,
    LAYOUT_MTIME_DAYS,
    LAYOUT_PATH,
    LAYOUT_VALUES, /* how many there are */
};

/* How %atime and %mtime are written. */
enum layout_times { LAYOUT_TIMES_EITHER, LAYOUT_TIMES_DATE, LAYOUT_TIMES_EPOCH };

enum layout_escape {
    LAYOUT_PLAIN,
    LAYOUT_PERCENT,   /* %2F is `/` */
    LAYOUT_BACKSLASH, /* \n, \\, \", \101, \x41 */
};

enum { LAYOUT_FIELDS_MAX = 32, LAYOUT_TEXT_MAX = 256, LAYOUT_KEY_MAX = 8, LAYOUT_NAME_MAX = 64 };

struct layout_field {
    enum layout_value value;
    int64_t unit;        /* bytes that a LAYOUT_SIZE or LAYOUT_ALLOC counts in */
    uint64_t key;        /* any order: the letters before `=`, the first the lowest byte */
    unsigned text_begin; /* fixed order: what comes before the value, in layout.text */
    unsigned text_len;
    char stop; /* fixed order: the character that ends the value, ' ' for any blank */
};

struct layout {
    char name[LAYOUT_NAME_MAX];
    enum layout_head head;
    enum layout_times times;
    enum layout_escape escape; /* of paths */
    bool any_order;
    bool null_ended; /* records end in NUL */
    bool has_path;   /* one of the fields is %path */
    bool has_owner;  /* else the owner of every entry is LAYOUT_UNKNOWN_OWNER */
    bool has_kind;   /* else every entry is a file */
    unsigned count;
    struct layout_field field[LAYOUT_FIELDS_MAX];
    unsigned tail_begin; /* fixed order: what comes after the last value, in text */
    unsigned tail_len;
    char text[LAYOUT_TEXT_MAX + 8]; /* eight bytes are readable from any place of it */
};

/* What a description says besides the template. Zero: a GPFS list in fixed order. */
struct layout_options {
    enum layout_head head;
    enum layout_times times;
    enum layout_escape escape;
    bool any_order;
    bool null_ended;
};

#define LAYOUT_UNKNOWN_OWNER UINT32_MAX /* 4294967295, which no user has */

enum { LAYOUT_BUILTINS = 3 };

/* The built-in layout number `i`, in [0, LAYOUT_BUILTINS): gpfs, lustre, find. */
void layout_builtin(struct layout *layout, unsigned i);

/* The built-in layout of that name. False: there is none. */
bool layout_find(struct layout *layout, struct slice name);

/* "gpfs, lustre, find". Static. */
const char *layout_names(void);

/* The HEAD called `name`: gpfs, lustre, find or none. False: there is none of that name. */
bool layout_head_find(enum layout_head *head, struct slice name);

/* The escape called `name`: percent, backslash or none. */
bool layout_escape_find(enum layout_escape *escape, struct slice name);

/* Compiles a template. Fails, as wrong usage, with one line that begins with `where` and quotes
 * the template. */
int layout_compile(struct layout *layout, const char *where, struct slice template_text,
                   const struct layout_options *options, struct err *err);

/* Reads the format file at `path`: an INI file whose section [format] has the keys name, head,
 * fields, and optionally order (fixed or any), times (either, date or epoch), unescape (none,
 * percent or backslash) and records (newline or null). A template may go on in indented lines, each
 * of which counts as a blank and what it holds. ` ;` begins a comment. */
int layout_load(struct layout *layout, const char *path, struct err *err);

#endif
