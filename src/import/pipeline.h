/* pipeline: a whole import, from logs to a published database. */
#ifndef FSTALLY_PIPELINE_H
#define FSTALLY_PIPELINE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "err.h"
#include "rejectlog.h"
#include "scan.h"
#include "writer.h"

/* All borrowed. */
struct pipeline_options {
    const char *const *inputs; /* logs, and databases to be added up */
    size_t input_count;        /* at least 1 */
    const char *database;      /* the file to write */
    const char *filesystem;    /* its name in scan_metadata */
    const char *format;        /* see logformat.h, like the next three */
    const char *fields;
    const char *unescape;
    bool null_ended;
    const char *under; /* see pathfilter.h, like the next three */
    const char *root;
    const char *const *excludes;
    size_t exclude_count;
    bool has_scan_date; /* else from each input's name or mtime */
    int64_t scan_date;  /* the instant at which the day begins */
    bool replace;
    bool add;                  /* also where the database holds a scan of another date */
    enum histogram_age age_by; /* the time that the ages of files are counted from */
    bool has_max_scan_errors;  /* more errors of the scan are too many; else any number is fine */
    uint64_t max_scan_errors;
    int64_t batch_rows;
    unsigned threads;
    uint64_t memory_most;     /* bytes that the import may take, about; 0: no limit */
    const char *rejects_path; /* NULL: none */
    /* More rejected lines than this are too many: a number, or percent of all lines. */
    bool max_rejects_is_percent;
    double max_rejects;
    size_t chunk_size;      /* bytes; 0: the default */
    size_t directory_bytes; /* that directories may take in memory; 0: by memory_most */
    enum writer_kind writer;
    size_t page_size; /* of the database: bytes; 0: the default */
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
    uint64_t scans_merged;     /* the same of the databases among the inputs */
    uint64_t files_merged;
    bool saturated;       /* a sum has passed 2^63-1 and stays there */
    uint64_t directories; /* stored, those of an earlier import included */
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
