/* scan: logs into the shared maps, with as many threads as are asked for. */
#ifndef FSTALLY_SCAN_H
#define FSTALLY_SCAN_H

#include <stdatomic.h>
#include <stdint.h>

#include "err.h"
#include "gather.h"
#include "histogram.h"
#include "pathfilter.h"
#include "record.h"
#include "rejectlog.h"
#include "source.h"

/* What the lines of a log were. */
struct scan_counts {
    uint64_t lines; /* the sum of the next five */
    uint64_t headers;
    uint64_t files;
    uint64_t directories;
    uint64_t rejected;
    uint64_t rejected_bytes; /* of the rejected lines, without their ends */
    uint64_t excluded;       /* records left out on request */
    uint64_t flawed;      /* of the files and directories, those with a value that was unusable */
    uint64_t scan_errors; /* of the headers, those that report an error of the scan */
    uint64_t size;        /* logical bytes of the files */
    uint64_t alloc;       /* allocated bytes of the files */
};

/* Adds the counts of lines to others. */
void scan_counts_add(struct scan_counts *to, const struct scan_counts *from);

/* One log. The caller fills the first part, scan_run the second. */
struct scan_log {
    struct source *source;      /* borrowed */
    struct record_log format;   /* its layout is borrowed */
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
    unsigned threads;                /* parse workers, at least 1 */
    const struct pathfilter *filter; /* borrowed; NULL: every path counts */
    const atomic_bool *cancelled;    /* borrowed; once set the scan ends soon, as failed */
};

/* Reads all logs and folds them into `dirs`, which is relieved meanwhile. */
int scan_run(struct scan_log *logs, size_t count, struct gather *dirs,
             const struct scan_options *options, struct scan_progress *progress,
             struct scan_times *times, struct err *err);

/* A line of one of several logs. */
struct scan_place {
    size_t log;
    uint64_t line; /* from 1 */
};

/* Reads the logs once more, on this thread, for the line at which the bytes in `directory` (folded;
 * ptr NULL: of all) pass 2^63-1: 1 and *place; 0 where the logs alone do not pass it; -1 where they
 * cannot be read. For the rare case that sums have saturated. */
int scan_find_saturation(struct scan_log *logs, size_t count, struct slice directory,
                         const struct scan_options *options, struct scan_place *place,
                         struct err *err);

#endif
