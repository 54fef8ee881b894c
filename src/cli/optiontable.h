/* optiontable: a program's options, one row each: what getopt_long takes, what --help prints, which
 * questions an option goes with, and the function that takes its value. */
#ifndef FSTALLY_OPTIONTABLE_H
#define FSTALLY_OPTIONTABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct err;
struct option;

enum optiontable_argument { OPTIONTABLE_NONE, OPTIONTABLE_REQUIRED, OPTIONTABLE_OPTIONAL };

struct optiontable_row {
    const char *name; /* NULL: a heading of the help, which is `help` */
    char letter;      /* 0: none */
    enum optiontable_argument takes;
    const char *value; /* what the help calls its value */
    /* Takes a value (NULL: none was given) into the program's options. `option` is "--name". */
    int (*take)(void *options, const char *option, const char *value, struct err *err);
    unsigned kinds;   /* the questions it goes with, a bit each */
    const char *help; /* lines; what follows the first is indented likewise */
};

/* All borrowed. */
struct optiontable {
    const struct optiontable_row *rows;
    size_t count;
};

enum { OPTIONTABLE_MOST = 96, OPTIONTABLE_FIRST_CODE = 256 };

/* The same for getopt_long; an option's code is its letter, or, without one,
 * OPTIONTABLE_FIRST_CODE plus its row's number: see optiontable_find. */
struct optiontable_getopt {
    char letters[2 * OPTIONTABLE_MOST + 2]; /* begins with `:` */
    struct option *names;                   /* owned; ends with an empty one */
};

void optiontable_make_getopt(struct optiontable_getopt *out, const struct optiontable *table);
void optiontable_free_getopt(struct optiontable_getopt *getopt);

/* The row of a code that getopt_long returned. */
size_t optiontable_find(const struct optiontable *table, int code);

/* After getopt_long has returned `:` or `?`: says what is wrong with the word, and what may be
 * meant. Returns -1. */
int optiontable_complain(const struct option *names, const char *letters, int code,
                         const char *word, int letter, struct err *err);

/* Writes the rows' part of --help. */
void optiontable_print(FILE *file, const struct optiontable *table);

#endif
