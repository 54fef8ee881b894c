/* listing: the directories of one database that a filter asks for, in its order, as many as it
 * wants. */
#ifndef FSTALLY_LISTING_H
#define FSTALLY_LISTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cold;
struct err;
struct hotspots;
struct scan;

/* A directory and its place in the order. */
struct listing_entry {
    uint64_t rank; /* the least comes first; equals by id */
    int64_t id;
    bool unknown; /* the value that the listing is sorted by is NULL: after all others */
    /* What the owners hold (filter_holds) or what is cold (cold_bucket): bytes and files. */
    int64_t size;
    int64_t files;
};

/* Zero-initialise. */
struct listing {
    struct listing_entry *entries; /* in order; one more than the limit, where there are more */
    size_t count;
};

/* `cold` and `hotspots` are those of the database where the filter asks for them, else NULL. A scan
 * of everything is a mistake here. */
int listing_make(struct listing *out, const struct scan *scan, const struct cold *cold,
                 const struct hotspots *hotspots, struct err *err);
void listing_dispose(struct listing *listing);

/* <0: a comes before b in the filter's order, be they of one database or of two. 0: equals. */
int listing_compare(const struct listing_entry *a, const struct listing_entry *b);

#endif
