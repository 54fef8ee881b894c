/* render: rows of cells in, bytes out. The renderers (table, delimited, json) are made by their own
 * files and all driven from here. One thread. */
#ifndef FSTALLY_RENDER_H
#define FSTALLY_RENDER_H

#include "slice.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct err;

enum render_type { RENDER_NULL, RENDER_INTEGER, RENDER_TEXT };

struct render_cell {
    enum render_type type;
    int64_t integer;   /* RENDER_INTEGER */
    struct slice text; /* RENDER_TEXT: any bytes; borrowed for the call */
};

struct render_column {
    const char *name; /* static; a table's heading */
    bool right;       /* table: aligned to the right, as numbers are */
    unsigned rank;    /* table: on a narrow terminal columns of the highest rank are left out
                         first; 0: never */
    bool whole;       /* table: its texts are short, and are never cut */
};

/* Where the bytes go. */
struct render_output {
    FILE *file;
    const char *name; /* for messages */
    bool broken_pipe; /* set by render_check: nobody reads any more */
};

/* A renderer: an object whose first member is this. */
struct render {
    int (*row)(struct render *render, const struct render_cell *cells, struct err *err);
    int (*end)(struct render *render, struct err *err);
    void (*free)(struct render *render);
};

/* cells holds one cell for each column that the renderer was made with. Both fail when the output
 * cannot be written. */
int render_row(struct render *render, const struct render_cell *cells, struct err *err);
int render_end(struct render *render, struct err *err);
void render_free(struct render *render);

/* For the renderers: whether all bytes could be written so far. Notes a broken pipe. */
int render_check(struct render_output *output, struct err *err);

/* For the renderers. */
void render_bytes(FILE *file, struct slice bytes);
void render_integer(FILE *file, int64_t value);

/* For the renderers: bytes in the form that keeps a path on one line, \t \n \r \\ and \xHH for
 * other control bytes; and one byte in that form, whatever it is. */
void render_escaped(FILE *file, struct slice text);
void render_escape(FILE *file, char byte);

#endif
