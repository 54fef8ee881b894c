/* pipeline: small imports in this process, from logs to a published database, and every way in
 * which one ends without: the old database must then be as it was. */
#include "pipeline.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <uv.h>

#include <cmocka.h>

#include "unit_database.h"
#include "unit_support.h"

static char last_told[1024];

static void tell(void *context, const char *text)
{
    (void)context;
    strncpy(last_told, text, sizeof last_told - 1);
}

static struct pipeline_options options_for(const char *const *inputs, size_t count)
{
    return (struct pipeline_options){.inputs = inputs,
                                     .input_count = count,
                                     .database = "x.db",
                                     .filesystem = "fs",
                                     .batch_rows = 100,
                                     .threads = 2,
                                     .max_rejects_is_percent = true,
                                     .max_rejects = 1,
                                     .version = "test",
                                     .tell = tell};
}

/* One import and what it left. */
static struct pipeline_report report;
static struct err err;

static int import(const struct pipeline_options *options)
{
    static struct pipeline_state state;
    memset(&state, 0, sizeof state);
    memset(&report, 0, sizeof report);
    memset(&err, 0, sizeof err);
    int status = pipeline_run(options, &state, &report, &err);
    pipeline_close(&state);
    return status;
}

static void import_one(const char *path)
{
    const char *const inputs[] = {path};
    struct pipeline_options options = options_for(inputs, 1);
    if (import(&options) != 0)
        fail_msg("%s", err.text);
}

static void expect_failure(const struct pipeline_options *options, enum err_status status,
                           const char *about)
{
    assert_int_equal(import(options), -1);
    assert_int_equal(err.status, status);
    if (strstr(err.text, about) == NULL)
        fail_msg("'%s' does not say %s", err.text, about);
}

static void expect(const char *sql, int columns, const char *expected)
{
    unit_database_expect("x.db", sql, columns, expected);
}

static const char a_log[] = "[I] header\n"
                            "1 s=10 b=2 u=5 g=6 type=f a=1767225600 -- /fs/a/one\n"
                            "2 s=0 u=5 g=6 type=d -- /fs/a\n"
                            "3 s=20 b=4 u=7 g=6 type=f a=0.5 -- /fs/b/two\n";
static const char b_log[] = "4 s=40 b=8 u=5 g=6 type=f -- /fs/a/three\n";

static const char figures[] =
    "SELECT path, file_count_nr, file_count_r, total_size_r, total_alloc_r, max_atime_r, "
    "owner_uid, owner_gid FROM directories JOIN directory_stats USING (dir_id) ORDER BY dir_id";

static const char of_a_log[] = "/fs|0|2|30|3072|2026-01-01 00:00:00|-|6\n"
                               "/fs/a|1|1|10|1024|2026-01-01 00:00:00|5|6\n"
                               "/fs/b|1|1|20|2048|1970-01-01 00:00:00|7|6\n";
static const char of_both_logs[] = "/fs|0|3|70|7168|2026-01-01 00:00:00|-|6\n"
                                   "/fs/a|2|2|50|5120|2026-01-01 00:00:00|5|6\n"
                                   "/fs/b|1|1|20|2048|1970-01-01 00:00:00|7|6\n";

static void a_first_import(void **state)
{
    (void)state;
    unit_support_write_text("20260111_h_fs.a", a_log);
    import_one("20260111_h_fs.a");
    expect(figures, 8, of_a_log);
    expect("SELECT source_file, scan_timestamp, filesystem, format, total_directories, "
           "total_files, total_size, total_alloc, lines, headers, rejected, fstally_version "
           "FROM scan_metadata",
           12, "20260111_h_fs.a|2026-01-11 00:00:00|fs|find|1|2|30|3072|4|1|0|test\n");
    /* Ten days old, and 56 years: the scan date is the name's. */
    expect("SELECT * FROM access_histogram", 4, "5|0|1|10\n7|9|1|20\n");
    assert_int_equal(report.counts.lines, 4);
    assert_int_equal(report.counts.headers, 1);
    assert_int_equal(report.counts.files, 2);
    assert_int_equal(report.counts.directories, 1);
    assert_int_equal(report.counts.rejected, 0);
    assert_int_equal(report.directories, 3);
    assert_int_equal(report.bytes, sizeof a_log - 1);
    assert_true(report.database_bytes > 0);
    assert_int_equal(unit_support_count_files(), 2); /* the log and the database */
}

static void several_inputs_and_adding_are_the_same(void **state)
{
    (void)state;
    unit_support_write_text("20260111_h_fs.a", a_log);
    unit_support_write_text("20260111_h_fs.b", b_log);
    const char *const both[] = {"20260111_h_fs.a", "20260111_h_fs.b"};
    struct pipeline_options options = options_for(both, 2);
    assert_int_equal(import(&options), 0);
    expect(figures, 8, of_both_logs);
    char *histogram = unit_database_read("x.db", "SELECT * FROM access_histogram", 4);

    options.database = "y.db";
    options.input_count = 1;
    assert_int_equal(import(&options), 0);
    options.inputs = both + 1;
    assert_int_equal(import(&options), 0);
    unit_database_expect("y.db", figures, 8, of_both_logs);
    unit_database_expect("y.db", "SELECT * FROM access_histogram", 4, histogram);
    unit_database_expect("y.db", "SELECT scan_id, source_file, total_files FROM scan_metadata", 3,
                         "1|20260111_h_fs.a|2\n2|20260111_h_fs.b|1\n");
    free(histogram);
}

static void a_log_counts_once(void **state)
{
    (void)state;
    unit_support_write_text("20260111_h_fs.a", a_log);
    const char *const twice[] = {"20260111_h_fs.a", "./20260111_h_fs.a"};
    struct pipeline_options options = options_for(twice, 2);
    assert_int_equal(import(&options), 0);
    assert_non_null(strstr(last_told, "counts once"));
    options.input_count = 1;
    expect_failure(&options, ERR_FAILED, "already imported");
    expect(figures, 8, of_a_log);
    options.replace = true;
    assert_int_equal(import(&options), 0);
    expect(figures, 8, of_a_log);
    expect("SELECT count(*) FROM scan_metadata", 1, "1\n");
    assert_int_equal(unit_support_count_files(), 2);
}

static void replacing_drops_what_was_there(void **state)
{
    (void)state;
    unit_support_write_text("20260111_h_fs.a", a_log);
    unit_support_write_text("20260111_h_fs.b", b_log);
    import_one("20260111_h_fs.a");
    const char *const inputs[] = {"20260111_h_fs.b"};
    struct pipeline_options options = options_for(inputs, 1);
    options.replace = true;
    assert_int_equal(import(&options), 0);
    expect(figures, 8, "/fs|0|1|40|4096|-|5|6\n/fs/a|1|1|40|4096|-|5|6\n");
}

static void scan_dates(void **state)
{
    (void)state;
    unit_support_write_text("fs.find", a_log);
    const char *const inputs[] = {"fs.find"};
    struct pipeline_options options = options_for(inputs, 1);
    options.has_scan_date = true;
    options.scan_date = 951782400;
    assert_int_equal(import(&options), 0);
    expect("SELECT scan_timestamp FROM scan_metadata", 1, "2000-02-29 00:00:00\n");
    /* Without one, and none in the name: the day of the file's mtime, also before 1970. */
    options.has_scan_date = false;
    options.replace = true;
    uv_fs_t request;
    assert_int_equal(uv_fs_utime(NULL, &request, "fs.find", 0, 951782400 + 86399, NULL), 0);
    uv_fs_req_cleanup(&request);
    assert_int_equal(import(&options), 0);
    expect("SELECT scan_timestamp FROM scan_metadata", 1, "2000-02-29 00:00:00\n");
    assert_int_equal(uv_fs_utime(NULL, &request, "fs.find", 0, -86401, NULL), 0);
    uv_fs_req_cleanup(&request);
    assert_int_equal(import(&options), 0);
    expect("SELECT scan_timestamp FROM scan_metadata", 1, "1969-12-30 00:00:00\n");
}

static void empty_logs(void **state)
{
    (void)state;
    unit_support_write_text("fs.empty", "");
    unit_support_write_text("fs.headers", "# nothing\n\n[I] more\n");
    const char *const inputs[] = {"fs.empty", "fs.headers"};
    struct pipeline_options options = options_for(inputs, 2);
    assert_int_equal(import(&options), -1);
    assert_int_equal(unit_support_count_files(), 2); /* nothing is published */

    /* To a database that holds something they add nothing. */
    unit_support_write_text("20260111_h_fs.a", a_log);
    import_one("20260111_h_fs.a");
    options.add = true;
    assert_int_equal(import(&options), 0);
    expect("SELECT source_file, format, lines, headers FROM scan_metadata WHERE scan_id > 1 "
           "ORDER BY scan_id",
           4, "fs.empty|-|0|0\nfs.headers|-|3|3\n");
    expect("SELECT total_files > 0 FROM scan_metadata WHERE scan_id = 1", 1, "1\n");
}

/* The old database, byte for byte, and nothing beside it. */
static char *old_bytes;
static size_t old_len;

static void keep_old(void)
{
    unit_support_write_text("20260111_h_fs.a", a_log);
    import_one("20260111_h_fs.a");
    old_bytes = unit_support_read("x.db", &old_len);
}

static void expect_old(size_t files)
{
    size_t len;
    char *bytes = unit_support_read("x.db", &len);
    assert_int_equal(len, old_len);
    assert_memory_equal(bytes, old_bytes, len);
    free(bytes);
    assert_int_equal(unit_support_count_files(), files);
}

static void failures_leave_the_old_database(void **state)
{
    (void)state;
    keep_old();
    unit_support_write_text("garbage", "this is\nno scan log\n");
    unit_support_write_text("good", b_log);
    const char *const missing[] = {"good", "missing"};
    const char *const garbage[] = {"good", "garbage"};
    const char *const good[] = {"good"};
    struct pipeline_options options = options_for(missing, 2);
    for (int replace = 0; replace < 2; replace++) {
        options.replace = replace != 0;
        options.inputs = missing;
        options.input_count = 2;
        expect_failure(&options, ERR_FAILED, "missing");
        expect_old(4);
        options.inputs = garbage;
        expect_failure(&options, ERR_FAILED, "garbage");
        expect_old(4);
    }
    /* A scan of another date would double the figures. */
    options = options_for(good, 1);
    expect_failure(&options, ERR_FAILED, "--add");
    expect_old(4);
    options.has_scan_date = true;
    options.scan_date = INT64_C(1768089600); /* 2026-01-11 */
    options.age_by = HISTOGRAM_BY_MTIME;
    expect_failure(&options, ERR_FAILED, "--age-by atime");
    expect_old(4);
    free(old_bytes);
}

static void sums_stay_at_the_most_there_is(void **state)
{
    (void)state;
    unit_support_write_text("fs.huge", "1 s=4611686018427387904 u=1 type=f -- /r/u/a\n"
                                       "2 s=4611686018427387904 u=1 type=f -- /r//u/b\n"
                                       "3 s=1000 u=2 type=f -- /r/ann/c\n");
    import_one("fs.huge");
    expect("SELECT path, total_size_r FROM directory "
           "ORDER BY dir_id",
           2, "/r|9223372036854775807\n/r/ann|1000\n/r/u|9223372036854775807\n");
    expect("SELECT saturated, total_size FROM scan_metadata", 2, "1|9223372036854775807\n");
    expect("SELECT owner_uid, total_size FROM owner_summary ORDER BY 1", 2,
           "1|9223372036854775807\n2|1000\n");
    assert_true(report.saturated);
    assert_non_null(strstr(last_told, "/r/u: "));
    assert_non_null(strstr(last_told, "fs.huge line 2 "));
}

/* Nothing above a root is stored, however deep it is. */
static void a_deep_root(void **state)
{
    (void)state;
    unit_support_write_text("fs.deep", "1 s=1 u=1 type=f -- /a/b/c/d/e/f/one\n"
                                       "2 s=2 u=1 type=f -- /a/b/c/d/e/f/g/two\n");
    const char *const inputs[] = {"fs.deep"};
    struct pipeline_options options = options_for(inputs, 1);
    options.root = "/a/b/c/d/e/f/";
    assert_int_equal(import(&options), 0);
    expect("SELECT dir_id, parent_id, path, depth, last_id FROM directories ORDER BY dir_id", 5,
           "1|-|/a/b/c/d/e/f|6|2\n2|1|/a/b/c/d/e/f/g|7|2\n");
    expect("SELECT owner_uid, sum(file_count), sum(total_size) FROM size_histogram", 3, "1|2|3\n");
    assert_int_equal(report.directories, 2);
}

static void errors_of_the_scan(void **state)
{
    (void)state;
    unit_support_write_text("fs.list", "1 s=1 u=1 type=f -- /a/b\n[E] node lost\n[X] y\n[W] z\n");
    const char *const inputs[] = {"fs.list"};
    struct pipeline_options options = options_for(inputs, 1);
    options.has_max_scan_errors = true;
    options.max_scan_errors = 1;
    expect_failure(&options, ERR_REJECTS, "--max-scan-errors");
    options.max_scan_errors = 2;
    assert_int_equal(import(&options), 0);
    expect("SELECT headers, scan_errors FROM scan_metadata", 2, "3|2\n");
}

static void too_many_rejects(void **state)
{
    (void)state;
    keep_old();
    /* 2 of 5 lines */
    unit_support_write_text("fs.bad", "1 s=1 u=1 type=f -- /a\nx\n1 s=1 u=1 type=f -- /a\n\ny\n");
    const char *const inputs[] = {"fs.bad"};
    struct pipeline_options options = options_for(inputs, 1);
    options.add = true;
    static const struct {
        bool is_percent;
        double most;
        bool fails;
    } cases[] = {{true, 1, true},  {true, 39.9, true}, {false, 0, true},
                 {false, 1, true}, {true, 40, false},  {false, 2, false}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        options.max_rejects_is_percent = cases[i].is_percent;
        options.max_rejects = cases[i].most;
        options.database = cases[i].fails ? "x.db" : "y.db";
        options.replace = !cases[i].fails;
        options.rejects_path = "rejects";
        if (cases[i].fails) {
            expect_failure(&options, ERR_REJECTS, "fs.bad");
            expect_old(4); /* log, log, database, rejects */
        } else {
            assert_int_equal(import(&options), 0);
        }
    }
    char *text = unit_support_read("rejects", NULL);
    assert_string_equal(
        text,
        "fs.bad\t2\t23\tdoes not begin like a record: perhaps the rest of a name that holds a newline, which --null or a policy's ESCAPE avoids\tx\n"
        "fs.bad\t5\t49\tdoes not begin like a record: perhaps the rest of a name that holds a newline, which --null or a policy's ESCAPE avoids\ty\n");
    free(text);
    free(old_bytes);
}

static void a_database_that_is_none(void **state)
{
    (void)state;
    unit_support_write_text("20260111_h_fs.a", a_log);
    unit_support_write_text("x.db", "a letter to somebody, which nobody wants to lose, and which "
                                    "is longer than the header of a database\n");
    const char *const inputs[] = {"20260111_h_fs.a"};
    struct pipeline_options options = options_for(inputs, 1);
    expect_failure(&options, ERR_FAILED, "x.db");
    options.replace = true;
    expect_failure(&options, ERR_FAILED, "x.db");
    char *text = unit_support_read("x.db", NULL);
    assert_int_equal(strncmp(text, "a letter", 8), 0);
    free(text);
    assert_int_equal(unit_support_count_files(), 2);
}

/* Pulls the plug when the pipeline reaches `stage`, or after it has ended. */
struct plug {
    struct pipeline_state state;
    int stage;
    atomic_bool ended;
};

static void pull(void *context)
{
    struct plug *plug = context;
    while (!atomic_load(&plug->ended) && atomic_load(&plug->state.stage) < plug->stage)
        uv_sleep(0);
    atomic_store(&plug->state.cancelled, true);
}

/* At whatever moment: either the old database, or the new one, whole; never anything beside it. */
static void cancelled_at_any_stage(void **state)
{
    (void)state;
    enum { LINES = 3000 };
    keep_old();
    FILE *file = fopen("fs.large", "w");
    for (int i = 0; i < LINES; i++)
        fprintf(file, "%d s=1 u=%d type=f -- /fs/d%d/f\n", i, i % 50, i);
    fclose(file);
    const char *const inputs[] = {"fs.large"};
    struct pipeline_options options = options_for(inputs, 1);
    options.add = true;
    options.chunk_size = 1000;
    options.batch_rows = 50;
    for (int stage = -1; stage <= PIPELINE_PUBLISH; stage++) {
        struct plug plug = {.stage = stage};
        uv_thread_t thread;
        memset(&err, 0, sizeof err);
        memset(&report, 0, sizeof report);
        if (stage < 0)
            atomic_store(&plug.state.cancelled, true); /* before it begins */
        assert_int_equal(uv_thread_create(&thread, pull, &plug), 0);
        int status = pipeline_run(&options, &plug.state, &report, &err);
        atomic_store(&plug.ended, true);
        uv_thread_join(&thread);
        pipeline_close(&plug.state);
        if (stage < 0)
            assert_int_equal(status, -1);
        if (status != 0) {
            assert_string_equal(err.text, "interrupted");
            expect_old(3);
        } else { /* the plug came too late */
            expect("SELECT file_count_r FROM directory_stats WHERE dir_id = 1", 1, "3002\n");
            assert_int_equal(unit_support_count_files(), 3);
            unit_support_write("x.db", old_bytes, old_len);
        }
    }
    free(old_bytes);
}

/* A second import of the same database is refused while the first one runs: here the first one
 * waits in its notice of a reject. */
struct first {
    uv_sem_t is_running;
    uv_sem_t may_end;
    struct pipeline_options options;
    struct pipeline_state state;
    struct pipeline_report report;
    struct err err;
    int status;
};

static void wait_in_notice(void *context, const char *text)
{
    struct first *first = context;
    (void)text;
    uv_sem_post(&first->is_running);
    uv_sem_wait(&first->may_end);
}

static void run_first(void *context)
{
    struct first *first = context;
    first->status = pipeline_run(&first->options, &first->state, &first->report, &first->err);
    pipeline_close(&first->state);
}

static void only_one_at_a_time(void **state)
{
    (void)state;
    unit_support_write_text("fs.bad", "1 s=1 u=1 type=f -- /a/f\nnonsense\n");
    unit_support_write_text("fs.good", b_log);
    const char *const bad[] = {"fs.bad"};
    const char *const good[] = {"fs.good"};
    static struct first first;
    uv_sem_init(&first.is_running, 0);
    uv_sem_init(&first.may_end, 0);
    first.options = options_for(bad, 1);
    first.options.max_rejects = 100;
    first.options.tell = wait_in_notice;
    first.options.tell_context = &first;
    uv_thread_t thread;
    assert_int_equal(uv_thread_create(&thread, run_first, &first), 0);
    uv_sem_wait(&first.is_running);
    struct pipeline_options second = options_for(good, 1);
    expect_failure(&second, ERR_FAILED, "x.db");
    uv_sem_post(&first.may_end);
    uv_thread_join(&thread);
    assert_int_equal(first.status, 0);
    assert_int_equal(import(&second), 0);
    expect("SELECT source_file FROM scan_metadata ORDER BY scan_id", 1, "fs.bad\nfs.good\n");
    uv_sem_destroy(&first.is_running);
    uv_sem_destroy(&first.may_end);
}

/* What a signal handler does for a process that ends at once. */
static void abandoning_removes_the_build_file(void **state)
{
    (void)state;
    unit_support_write_text("fs.bad", "1 s=1 u=1 type=f -- /a/f\nnonsense\n");
    const char *const bad[] = {"fs.bad"};
    static struct first first;
    memset(&first, 0, sizeof first);
    uv_sem_init(&first.is_running, 0);
    uv_sem_init(&first.may_end, 0);
    first.options = options_for(bad, 1);
    first.options.tell = wait_in_notice;
    first.options.tell_context = &first;
    uv_thread_t thread;
    assert_int_equal(uv_thread_create(&thread, run_first, &first), 0);
    uv_sem_wait(&first.is_running);
    assert_int_equal(unit_support_count_files(), 2); /* the log and the build file */
    assert_false(pipeline_abandon(&first.state));
    assert_int_equal(unit_support_count_files(), 1);
    atomic_store(&first.state.cancelled, true);
    uv_sem_post(&first.may_end);
    uv_thread_join(&thread);
    assert_int_equal(first.status, -1);
    assert_int_equal(unit_support_count_files(), 1);
    assert_false(pipeline_abandon(&first.state)); /* when there is nothing any more */
    uv_sem_destroy(&first.is_running);
    uv_sem_destroy(&first.may_end);
}

static void stages_have_names(void **state)
{
    (void)state;
    static const char *const names[] = {"load", "scan", "tree", "store", "index", "publish"};
    for (int stage = 0; stage < PIPELINE_STAGES; stage++)
        assert_string_equal(pipeline_stage_name((enum pipeline_stage)stage), names[stage]);
}

int main(void)
{
#define IN_A_FOLDER(test)                                                                          \
    cmocka_unit_test_setup_teardown(test, unit_support_enter, unit_support_leave)
    const struct CMUnitTest tests[] = {
        IN_A_FOLDER(a_first_import),
        IN_A_FOLDER(several_inputs_and_adding_are_the_same),
        IN_A_FOLDER(a_log_counts_once),
        IN_A_FOLDER(replacing_drops_what_was_there),
        IN_A_FOLDER(scan_dates),
        IN_A_FOLDER(empty_logs),
        IN_A_FOLDER(failures_leave_the_old_database),
        IN_A_FOLDER(sums_stay_at_the_most_there_is),
        IN_A_FOLDER(a_deep_root),
        IN_A_FOLDER(errors_of_the_scan),
        IN_A_FOLDER(too_many_rejects),
        IN_A_FOLDER(a_database_that_is_none),
        IN_A_FOLDER(cancelled_at_any_stage),
        IN_A_FOLDER(only_one_at_a_time),
        IN_A_FOLDER(abandoning_removes_the_build_file),
        cmocka_unit_test(stages_have_names),
    };
    return cmocka_run_group_tests_name("pipeline", tests, NULL, NULL);
}
