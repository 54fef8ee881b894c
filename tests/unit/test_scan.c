/* scan: logs into maps, with one and several threads, in chunks of every kind; how it ends
 * early. */
#include "scan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <uv.h>

#include <cmocka.h>

#include "unit_histogram.h"

#include "unit_support.h"

/* Nothing is said in these tests. */
static void tell(void *context, const char *text)
{
    (void)text;
    ++*(int *)context;
}

/* A scan of the files "a.log" and, where there is one, "b.log". */
struct run {
    struct scan_log logs[2];
    struct layout layout[2];
    size_t count;
    struct gather *dirs;
    struct rejectlog_sink *rejects;
    struct scan_progress progress;
    struct scan_times times;
    atomic_bool cancelled;
    struct err err;
    int told;
    int status;
};

static void open_log(struct run *run, const char *path, const char *format, size_t chunk_size)
{
    struct layout *layout = &run->layout[run->count];
    struct scan_log *log = &run->logs[run->count++];
    assert_int_equal(source_open(&log->source, path, chunk_size, '\n', &run->err), 0);
    assert_true(layout_find(layout, slice_from(format)));
    log->format = (struct record_log){.layout = layout};
    histogram_ages_init(&log->ages, 0, HISTOGRAM_BY_ATIME);
    log->rejects = rejectlog_new(run->rejects, path);
}

static struct run *begin(void)
{
    struct run *run = calloc(1, sizeof *run);
    run->dirs = gather_new(&(struct gather_options){.threads = 1, .cancelled = &run->cancelled});
    assert_int_equal(rejectlog_open(&run->rejects, "rejects", tell, &run->told, &run->err), 0);
    return run;
}

static void go(struct run *run, unsigned threads)
{
    const struct scan_options options = {threads, NULL, &run->cancelled};
    run->status = scan_run(run->logs, run->count, run->dirs, &options, &run->progress, &run->times,
                           &run->err);
}

static void end(struct run *run)
{
    for (size_t i = 0; i < run->count; i++)
        source_close(run->logs[i].source);
    assert_int_equal(rejectlog_close(run->rejects, &run->err), 0);
    gather_free(run->dirs);
    free(run);
}

/* Files and bytes of a directory, over all its owners. */
static struct dirstat stat_of(const struct dirmap *dirs, const char *path)
{
    for (uint32_t id = 0; id < dirmap_id_limit(dirs); id++) {
        const struct dirmap_dir *dir = dirmap_at(dirs, id);
        if (dir == NULL || !slice_equal(slice_from(path), (struct slice){dir->path, dir->path_len}))
            continue;
        struct dirstat stat = dir->stat;
        const struct dirmap_owner *owner = NULL;
        while ((owner = dirmap_next_owner(dirs, id, owner)) != NULL)
            dirstat_merge(&stat, &owner->stat);
        return stat;
    }
    fail_msg("%s is not in the map", path);
    return DIRSTAT_NONE;
}

/* 3 headers, 4 files (1111 bytes), 2 directories, 2 rejected. */
static const char a_log[] = "# header\n"
                            "1 s=1 u=1 type=f -- /d/one\r\n"
                            "\n"
                            "2 s=10 b=1 u=2 type=f -- /d/two\n"
                            "nonsense\n"
                            "3 s=4096 u=1 type=d -- /d\n"
                            "4 s=4096 u=1 type=d -- /d/e/\n"
                            "   \n"
                            "5 s=100 u=1 type=l -- /d/e//three\n"
                            "6 s=1000 u=1 type=f -- /d/e/four\n"
                            "7 s=x u=1 type=f -- /d/last";
static const char b_log[] = "0x1:0x1:0x0 s=10000 u=1 type=f -- /d/one\n"
                            "0x1:0x1:0x0 s=20000 u=1 type=f -- relative\n"
                            "[I] header\n";

static void expect_both_logs(struct run *run)
{
    assert_int_equal(run->status, 0);
    const struct scan_counts *a = &run->logs[0].counts;
    assert_int_equal(a->lines, 11);
    assert_int_equal(a->headers, 3);
    assert_int_equal(a->files, 4);
    assert_int_equal(a->directories, 2);
    assert_int_equal(a->rejected, 2);
    assert_int_equal(a->size, 1111);
    assert_int_equal(a->alloc, 512);
    const struct scan_counts *b = &run->logs[1].counts;
    assert_int_equal(b->lines, 3);
    assert_int_equal(b->headers, 1);
    assert_int_equal(b->files, 1);
    assert_int_equal(b->directories, 0);
    assert_int_equal(b->rejected, 1);
    assert_int_equal(b->size, 10000);
    assert_int_equal(dirmap_count(gather_map(run->dirs)), 2); /* /d and /d/e, not / */
    struct dirstat d = stat_of(gather_map(run->dirs), "/d");
    assert_int_equal(d.files, 3);
    assert_int_equal(d.size, 10011);
    struct dirstat e = stat_of(gather_map(run->dirs), "/d/e");
    assert_int_equal(e.files, 2);
    assert_int_equal(e.size, 1100);
    const struct histogram one = unit_histogram(gather_map(run->dirs), 1);
    assert_int_equal(one.bucket[HISTOGRAM_SIZE][0].files, 3); /* 1, 100 and 1000 bytes */
    assert_int_equal(one.bucket[HISTOGRAM_SIZE][0].size, 1101);
    assert_int_equal(one.bucket[HISTOGRAM_SIZE][1].files, 1); /* 10000 */
    assert_int_equal(one.bucket[HISTOGRAM_ACCESS][9].files, 4);
    const struct histogram two = unit_histogram(gather_map(run->dirs), 2);
    assert_int_equal(two.bucket[HISTOGRAM_SIZE][0].files, 1);
    assert_int_equal(atomic_load(&run->progress.bytes), sizeof a_log - 1 + sizeof b_log - 1);
    assert_int_equal(atomic_load(&run->progress.lines), 14);
    assert_int_equal(run->told, 3);
}

static void expect_rejects(void)
{
    char *text = unit_support_read("rejects", NULL);
    assert_string_equal(
        text,
        "a.log\t5\t70\tdoes not begin like a record: perhaps the rest of a name that holds a newline, which "
        "--null or a policy's ESCAPE avoids\tnonsense\n"
        "a.log\t11\t205\tsize is not a number: x\t7 s=x u=1 type=f -- /d/last\n"
        "b.log\t2\t41\trelative path\t0x1:0x1:0x0 s=20000 u=1 type=f -- relative\n");
    free(text);
}

/* Two logs of different formats, wherever they are cut and by however many threads. */
static void any_cut_and_any_number_of_threads(void **state)
{
    (void)state;
    static const size_t chunk_sizes[] = {1, 2, 7, 30, 64, 100, 1000};
    static const unsigned threads[] = {1, 2, 5, 20};
    unit_support_write_text("a.log", a_log);
    unit_support_write_text("b.log", b_log);
    for (size_t c = 0; c < sizeof chunk_sizes / sizeof chunk_sizes[0]; c++) {
        for (size_t t = 0; t < sizeof threads / sizeof threads[0]; t++) {
            struct run *run = begin();
            open_log(run, "a.log", "find", chunk_sizes[c]);
            open_log(run, "b.log", "lustre", chunk_sizes[c]);
            go(run, threads[t]);
            expect_both_logs(run);
            end(run);
            expect_rejects();
        }
    }
}

static void empty_logs(void **state)
{
    (void)state;
    unit_support_write("a.log", "", 0);
    unit_support_write("b.log", "", 0);
    struct run *run = begin();
    open_log(run, "a.log", "gpfs", 100);
    open_log(run, "b.log", "gpfs", 100);
    go(run, 3);
    assert_int_equal(run->status, 0);
    assert_int_equal(run->logs[0].counts.lines + run->logs[1].counts.lines, 0);
    assert_int_equal(dirmap_count(gather_map(run->dirs)), 0);
    end(run);
}

static void cancelled_before_it_begins(void **state)
{
    (void)state;
    unit_support_write_text("a.log", a_log);
    struct run *run = begin();
    open_log(run, "a.log", "find", 1);
    atomic_store(&run->cancelled, true);
    go(run, 4);
    assert_int_equal(run->status, -1);
    assert_int_equal(run->err.status, ERR_FAILED);
    end(run);
}

/* The first reject pulls the plug, from whichever worker meets it. Far more lines are left than
 * the queue holds; the pause lets the reader fill it, so that it is waiting for room when no
 * worker comes any more. */
static void cancel_at_the_first(void *context, const char *text)
{
    (void)text;
    uv_sleep(20);
    atomic_store(&((struct run *)context)->cancelled, true);
}

static void cancelled_on_the_way(void **state)
{
    (void)state;
    enum { LINES = 20000 };
    FILE *file = fopen("a.log", "w");
    for (int i = 0; i < LINES; i++)
        fprintf(file, i == 500 ? "nonsense\n" : "%d s=1 u=1 type=f -- /d/%d/f\n", i, i);
    fclose(file);
    for (unsigned threads = 1; threads <= 4; threads += 3) {
        struct run *run = begin();
        assert_int_equal(rejectlog_close(run->rejects, &run->err), 0);
        assert_int_equal(rejectlog_open(&run->rejects, NULL, cancel_at_the_first, run, &run->err),
                         0);
        open_log(run, "a.log", "find", 100);
        go(run, threads);
        assert_int_equal(run->status, -1);
        assert_string_equal(run->err.text, "interrupted");
        assert_true(run->logs[0].counts.lines < LINES);
        end(run);
    }
}

/* What is counted passes 2^63: it sticks, and does not wrap. */
static void sizes_that_overflow(void **state)
{
    (void)state;
    unit_support_write_text("a.log", "1 s=9223372036854775807 u=1 type=f -- /a/f\n"
                                     "2 s=9223372036854775807 u=1 type=f -- /b/f\n"
                                     "3 s=9223372036854775807 u=1 type=f -- /c/f\n");
    struct run *run = begin();
    open_log(run, "a.log", "find", 10);
    go(run, 2);
    assert_int_equal(run->status, 0);
    assert_int_equal(run->logs[0].counts.size, DIRSTAT_OVERFLOW);
    end(run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_cut_and_any_number_of_threads),
        cmocka_unit_test(empty_logs),
        cmocka_unit_test(cancelled_before_it_begins),
        cmocka_unit_test(cancelled_on_the_way),
        cmocka_unit_test(sizes_that_overflow),
    };
    return cmocka_run_group_tests_name("scan", tests, unit_support_enter, unit_support_leave);
}
