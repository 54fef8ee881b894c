/* ncdujson: a tree in the form that ncdu reads with -f (https://dev.yorhel.nl/ncdu/jsonfmt, format
 * 1.2, understood since ncdu 1.9).
 *
 *     ncdujson_begin, ncdujson_open ... ncdujson_entry ... ncdujson_close, ncdujson_end
 *
 * Names are written as the bytes that they are, UTF-8 or not: that is what ncdu itself writes and
 * expects. Only control bytes, quotes and backslashes are escaped. */
#ifndef FSTALLY_NCDUJSON_H
#define FSTALLY_NCDUJSON_H

#include "slice.h"

#include <stdint.h>

struct err;
struct render_output;

/* What ncdu shows of an entry with -e. Left out where ncdu 1 refuses the whole file: an owner or
 * group below 0 or above INT32_MAX, a negative time. */
struct ncdujson_info {
    int64_t uid;
    int64_t gid;
    int64_t mtime; /* seconds since 1970-01-01 UTC */
};

/* scanned: seconds since 1970-01-01 UTC. The texts are borrowed for the call, as all that follow.
 * Only the last call returns whether the bytes were written. */
void ncdujson_begin(struct render_output *output, const char *program, const char *version,
                    int64_t scanned);
void ncdujson_open(struct render_output *output, struct slice name,
                   const struct ncdujson_info *info);
/* size and alloc in bytes. */
void ncdujson_entry(struct render_output *output, struct slice name, int64_t size, int64_t alloc,
                    const struct ncdujson_info *info);
void ncdujson_close(struct render_output *output);
int ncdujson_end(struct render_output *output, struct err *err);

#endif
