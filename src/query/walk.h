/* walk: the directories of a scope in preorder, each with its path, from the facts. One thread. */
#ifndef FSTALLY_WALK_H
#define FSTALLY_WALK_H

#include <stddef.h>
#include <stdint.h>

#include "facts.h"
#include "slice.h"

struct err;
struct reader;
struct scope;

/* A directory on the way down to the current one. */
struct walk_level {
    int64_t id;
    size_t length; /* of its path */
};

/* The first members are for the caller to read. */
struct walk {
    int64_t id;                /* of the current directory */
    uint32_t place;            /* its place in the block */
    struct slice path;         /* valid until the next */
    struct facts *facts;       /* turned to its block */
    struct reader *reader;     /* borrowed, as the scope */
    const struct scope *scope; /* settled */
    const int64_t *parents;    /* of the block */
    const char *name;          /* of the next directory in the block */
    size_t range;              /* of the scope: the one at hand */
    struct walk_level *levels;
    size_t depth;
    size_t level_room;
    char *bytes; /* of the path */
    size_t room;
};

/* To be closed in any case. */
int walk_open(struct walk *walk, struct reader *reader, const struct scope *scope, struct err *err);
void walk_close(struct walk *walk);

/* 1: the next directory; 0: there is none; -1: err is filled. */
int walk_next(struct walk *walk, struct err *err);

#endif
