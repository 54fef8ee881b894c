/* scan: logs into the shared maps, with as many threads as are asked for. */
#ifndef FSTALLY_SCAN_H
#define FSTALLY_SCAN_H

#include <stdatomic.h>
#include <stdint.h>

#include "dirmap.h"
#include "err.h"
#include "format.h"
#include "histogram.h"
#include "rejectlog.h"
#include "source.h"

/* What the lines of a log were. */
struct scan_counts {
    uint64_t lines; /* the sum of the next five */
    uint64_t headers;
    uint64_t files;
    uint64_t directories;
    uint64_t rejected;
    uint64_t excluded;
    uint64_t flawed;      /* of the files and directories */
    uint64_t scan_errors; /* of the headers */
    uint64_t size;        /* logical bytes of the files */
    uint64_t alloc;       /* allocated bytes of the files */
};

/* One log. The caller fills the first part, scan_run the second. */
struct scan_log {
    struct source *source; /* borrowed */
    const struct format *format;
    struct histogram_ages ages; /* of its scan date */
    struct rejectlog *rejects;  /* borrowed */
    struct scan_counts counts;
};

/* How far the scan is. Set by the workers after each chunk, read by whoever shows it; relaxed: an
 * older figure does no harm. */
struct scan_progress {
    atomic_uint_fast64_t bytes;
    atomic_uint_fast64_t lines;
};

/* What the threads did, added up over all of them, in seconds. */
struct scan_times {
    double read;  /* mapping and cutting */
    double parse; /* lines into deltas */
    double fold;  /* deltas into the maps */
};

struct scan_options {
    unsigned threads;             /* parse workers, at least 1 */
    unsigned histogram_depth;     /* see foldcache_new */
    const atomic_bool *cancelled; /* borrowed; once set the scan ends soon, as failed */
};

/* Reads all logs and folds them into `dirs`. */
int scan_run(struct scan_log *logs, size_t count, struct dirmap *dirs,
             const struct scan_options *options, struct scan_progress *progress,
             struct scan_times *times, struct err *err);

#endif
