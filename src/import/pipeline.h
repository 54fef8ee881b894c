/* pipeline: a whole import, from logs to a published database. */
#ifndef FSTALLY_PIPELINE_H
#define FSTALLY_PIPELINE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "err.h"
#include "rejectlog.h"
#include "scan.h"

/* All borrowed. */
struct pipeline_options {
    const char *const *inputs;
    size_t input_count;     /* at least 1 */
    const char *database;   /* the file to write */
    const char *filesystem; /* its name in scan_metadata */
    const char *format;     /* a name or a format file; NULL: detected from each input's content */
    const char *fields;     /* a template; NULL: none */
    const char *unescape;   /* "percent" or "backslash"; NULL: as the log says */
    bool null_ended;        /* records end in NUL */
    const char *under;      /* entries elsewhere are rejected; NULL: anywhere */
    const char *const *excludes; /* paths or globs */
    size_t exclude_count;
    const char *root; /* no directory above is stored; NULL: all are */
    enum histogram_age age_by;
    bool has_scan_date; /* else from each input's name or mtime */
    int64_t scan_date;  /* the instant at which the day begins */
    bool replace;       /* at most one of replace and add */
    bool add;           /* to scans of another date */
    int64_t batch_rows;
    unsigned threads;
    int64_t histogram_depth;  /* subtree histograms down to this depth; 0: none, INT32_MAX: all */
    const char *rejects_path; /* NULL: none */
    /* More rejected lines than this are too many: a number, or percent of all lines. */
    bool max_rejects_is_percent;
    double max_rejects;
    bool has_max_scan_errors; /* else there is no bound */
    uint64_t max_scan_errors;
    size_t chunk_size; /* bytes; 0: the default */
    const char *version;
    bool verbose;         /* tell what was chosen */
    rejectlog_tell *tell; /* hears the first rejects and other notices, a line each */
    void *tell_context;
};

enum pipeline_stage {
    PIPELINE_LOAD,  /* read the existing database back */
    PIPELINE_SCAN,  /* read, parse and fold the logs */
    PIPELINE_TREE,  /* number and roll up */
    PIPELINE_STORE, /* write the rows */
    PIPELINE_INDEX,
    PIPELINE_PUBLISH, /* checkpoint, sync, rename */
    PIPELINE_STAGES,
};

/* Shared while the pipeline runs. */
struct pipeline_state {
    atomic_bool cancelled; /* set by whoever wants the end; read by every stage; relaxed */
    atomic_int stage;      /* set by the pipeline; shown by the progress; relaxed */
    atomic_uint_fast64_t bytes_total; /* of all inputs; set once by the pipeline; relaxed */
    struct scan_progress progress;
    /* The build file once there is one. Set by the pipeline with release, read with acquire by
     * pipeline_abandon; freed by pipeline_close alone. */
    _Atomic(struct buildfile *) build;
};

/* What an import did. */
struct pipeline_report {
    struct scan_counts counts; /* all inputs together */
    uint64_t bytes;            /* of all inputs */
    uint64_t scans_before;     /* logs that the database already held */
    uint64_t files_before;     /* and the files in them */
    bool saturated;            /* a sum passed INT64_MAX and stays there */
    uint64_t directories;      /* stored, those of an earlier import included */
    uint64_t database_bytes;
    double seconds[PIPELINE_STAGES];
    struct scan_times thread_seconds;
    double total_seconds;
};

/* A stage's name, static: "load", "scan", "tree", "store", "index", "publish". */
const char *pipeline_stage_name(enum pipeline_stage stage);

/* Imports. Zero-initialise state and report. On failure nothing has been published; the report
 * holds what was counted until then. */
int pipeline_run(const struct pipeline_options *options, struct pipeline_state *state,
                 struct pipeline_report *report, struct err *err);

/* Removes the build file of a running import from another thread or a signal handler, for a process
 * that ends at once. Whether the database had been published already. */
bool pipeline_abandon(struct pipeline_state *state);

/* Lets go of the build file, which is removed unless it has been published. To be called once
 * pipeline_run has returned and nobody calls pipeline_abandon any more. */
void pipeline_close(struct pipeline_state *state);

#endif
