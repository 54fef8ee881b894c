/* rejectlog: chunks delivered in any order, by any thread, are reported in the order of the log;
 * logs in the order in which they were made. */
#include "rejectlog.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <uv.h>

#include <cmocka.h>

#include "unit_support.h"

/* What has been reported, a line each. */
struct heard {
    char text[8192];
    int lines;
};

static void hear(void *context, const char *text)
{
    struct heard *heard = context;
    strcat(heard->text, text);
    strcat(heard->text, "\n");
    heard->lines++;
}

static struct rejectlog_sink *open_sink(const char *path, struct heard *heard)
{
    struct rejectlog_sink *sink = NULL;
    struct err err = {0};
    if (rejectlog_open(&sink, path, hear, heard, &err) != 0)
        fail_msg("%s", err.text);
    return sink;
}

static void close_sink(struct rejectlog_sink *sink)
{
    struct err err = {0};
    assert_int_equal(rejectlog_close(sink, &err), 0);
}

static void expect_file(const char *expected)
{
    char *text = unit_support_read("rejects", NULL);
    assert_string_equal(text, expected);
    free(text);
}

/* A chunk with one reject in its `line`. */
static struct rejectlog_chunk *chunk_of(uint64_t line, uint64_t offset, const char *text)
{
    const struct reject reject = {REJECT_SIZE, 0, {"xy", 2}};
    struct rejectlog_chunk *chunk = rejectlog_begin();
    rejectlog_add(chunk, line, offset, &reject, slice_from(text));
    return chunk;
}

static void chunks_out_of_order(void **state)
{
    (void)state;
    struct heard heard = {0};
    struct rejectlog_sink *sink = open_sink("rejects", &heard);
    struct rejectlog *log = rejectlog_new(sink, "a.log");
    /* Lines in the chunks 0 to 4: 10, 20, 0, 5, 7. */
    rejectlog_deliver(log, 4, 7, chunk_of(6, 400, "in four"));
    rejectlog_deliver(log, 1, 20, chunk_of(0, 100, "in one"));
    rejectlog_deliver(log, 2, 0, NULL);
    assert_int_equal(heard.lines, 0);
    struct rejectlog_chunk *first = chunk_of(2, 33, "in zero");
    const struct reject date = {REJECT_ATIME_DATE, 0, {NULL, 0}};
    rejectlog_add(first, 9, 77, &date, slice_from(""));
    rejectlog_deliver(log, 0, 10, first);
    assert_int_equal(heard.lines, 3); /* all that is complete from the beginning */
    rejectlog_deliver(log, 3, 5, NULL);
    assert_int_equal(heard.lines, 4);
    rejectlog_end(log, 5);
    close_sink(sink);
    expect_file("a.log\t3\t33\tsize is not a number: xy\tin zero\n"
                "a.log\t10\t77\tflawed: access time does not exist\t\n"
                "a.log\t11\t100\tsize is not a number: xy\tin one\n"
                "a.log\t42\t400\tsize is not a number: xy\tin four\n");
    assert_string_equal(heard.text,
                        "a.log: line 3, byte 33: rejected: size is not a number: xy\n"
                        "a.log: line 10, byte 77: flawed: access time does not exist\n"
                        "a.log: line 11, byte 100: rejected: size is not a number: xy\n"
                        "a.log: line 42, byte 400: rejected: size is not a number: xy\n");
}

/* The second log is ready long before the first. */
static void logs_in_their_order(void **state)
{
    (void)state;
    struct heard heard = {0};
    struct rejectlog_sink *sink = open_sink("rejects", &heard);
    struct rejectlog *a = rejectlog_new(sink, "a");
    struct rejectlog *b = rejectlog_new(sink, "b");
    struct rejectlog *c = rejectlog_new(sink, "c");
    rejectlog_deliver(c, 0, 1, chunk_of(0, 0, "in c"));
    rejectlog_end(c, 1);
    rejectlog_end(b, 0); /* an empty one */
    rejectlog_deliver(a, 1, 1, chunk_of(0, 5, "late in a"));
    rejectlog_end(a, 2);
    rejectlog_end(a, 2);
    assert_int_equal(heard.lines, 0);
    rejectlog_deliver(a, 0, 3, chunk_of(1, 2, "in a"));
    assert_int_equal(heard.lines, 3);
    close_sink(sink);
    expect_file("a\t2\t2\tsize is not a number: xy\tin a\n"
                "a\t4\t5\tsize is not a number: xy\tlate in a\n"
                "c\t1\t0\tsize is not a number: xy\tin c\n");
}

static void the_text_is_copied_and_kept_as_it_is(void **state)
{
    (void)state;
    struct heard heard = {0};
    struct rejectlog_sink *sink = open_sink("rejects", &heard);
    struct rejectlog *log = rejectlog_new(sink, "a");
    const struct reject nul = {REJECT_NUL, 0, {NULL, 0}};
    char text[] = "\t\xff\0\r ";
    struct rejectlog_chunk *chunk = rejectlog_begin();
    rejectlog_add(chunk, 0, 0, &nul, (struct slice){text, 5});
    memset(text, 'x', 5);
    rejectlog_deliver(log, 0, 1, chunk);
    rejectlog_end(log, 1);
    close_sink(sink);
    size_t len;
    char *written = unit_support_read("rejects", &len);
    static const char expected[] =
        "a\t1\t0\tNUL byte in the line; if records end in NUL, import with --null\t\t\xff\0\r \n";
    assert_int_equal(len, sizeof expected - 1);
    assert_memory_equal(written, expected, len);
    free(written);
}

/* Both records are named by their first column and where they begin. */
static void two_records(void **state)
{
    (void)state;
    struct heard heard = {0};
    struct rejectlog_sink *sink = open_sink("rejects", &heard);
    struct rejectlog *log = rejectlog_new(sink, "a");
    const struct reject reject = {REJECT_TWO_RECORDS, 17, {NULL, 0}};
    struct rejectlog_chunk *chunk = rejectlog_begin();
    rejectlog_add(chunk, 0, 0, &reject, slice_from("0x1:0x2:0x0 s=1 u0x3:0x4:0x0\ts=2"));
    rejectlog_deliver(log, 0, 1, chunk);
    rejectlog_end(log, 1);
    close_sink(sink);
    assert_string_equal(heard.text, "a: line 1, byte 0: rejected: two records on one line: "
                                    "0x1:0x2:0x0 at byte 0 and 0x3:0x4:0x0 at byte 17\n");
}

static void only_the_first_ten_are_told(void **state)
{
    (void)state;
    struct heard heard = {0};
    struct rejectlog_sink *sink = open_sink("rejects", &heard);
    for (int i = 0; i < 3; i++) {
        struct rejectlog *log = rejectlog_new(sink, "a");
        for (uint64_t chunk = 0; chunk < 5; chunk++)
            rejectlog_deliver(log, chunk, 1, chunk_of(0, chunk, "x"));
        rejectlog_end(log, 5);
    }
    close_sink(sink);
    assert_int_equal(heard.lines, 10);
    char *text = unit_support_read("rejects", NULL);
    int lines = 0;
    for (const char *c = text; *c != '\0'; c++)
        lines += *c == '\n';
    assert_int_equal(lines, 15);
    free(text);
}

/* An import that ends early leaves chunks waiting: they are freed, and not reported. */
static void what_is_left_is_freed(void **state)
{
    (void)state;
    struct heard heard = {0};
    struct rejectlog_sink *sink = open_sink(NULL, &heard);
    struct rejectlog *log = rejectlog_new(sink, "a");
    rejectlog_new(sink, "b");
    rejectlog_deliver(log, 1, 1, chunk_of(0, 0, "x"));
    rejectlog_deliver(log, 2, 1, NULL);
    close_sink(sink);
    assert_int_equal(heard.lines, 0);
    assert_int_equal(rejectlog_close(NULL, &(struct err){0}), 0);
}

enum { THREADS = 4, CHUNKS = 400 };

struct deliverer {
    struct rejectlog *log;
    uint64_t first;
};

/* Each thread has every fourth chunk, the last one first. */
static void deliver(void *context)
{
    const struct deliverer *deliverer = context;
    for (uint64_t i = CHUNKS / THREADS; i-- > 0;) {
        uint64_t sequence = i * THREADS + deliverer->first;
        rejectlog_deliver(deliverer->log, sequence, 3, chunk_of(1, sequence, "x"));
    }
}

static void many_threads_deliver(void **state)
{
    (void)state;
    struct heard heard = {0};
    struct rejectlog_sink *sink = open_sink("rejects", &heard);
    struct rejectlog *log = rejectlog_new(sink, "a");
    struct deliverer deliverers[THREADS];
    uv_thread_t threads[THREADS];
    for (uint64_t t = 0; t < THREADS; t++) {
        deliverers[t] = (struct deliverer){log, t};
        assert_int_equal(uv_thread_create(&threads[t], deliver, &deliverers[t]), 0);
    }
    rejectlog_end(log, CHUNKS);
    for (int t = 0; t < THREADS; t++)
        uv_thread_join(&threads[t]);
    close_sink(sink);
    char *text = unit_support_read("rejects", NULL);
    const char *at = text;
    for (int i = 0; i < CHUNKS; i++) {
        char expected[64];
        int len = snprintf(expected, sizeof expected, "a\t%d\t%d\tsize is not a number: xy\tx\n",
                           3 * i + 2, i);
        assert_int_equal(strncmp(at, expected, (size_t)len), 0);
        at += len;
    }
    assert_int_equal(*at, '\0');
    assert_int_equal(heard.lines, 10);
    free(text);
}

static void a_file_that_cannot_be_written(void **state)
{
    (void)state;
    struct heard heard = {0};
    struct rejectlog_sink *sink = NULL;
    struct err err = {0};
    assert_int_equal(rejectlog_open(&sink, "missing/rejects", hear, &heard, &err), -1);
    assert_null(sink);
    assert_int_equal(err.status, ERR_FAILED);
    assert_non_null(strstr(err.text, "missing/rejects"));
}

/* Every write to /dev/full fails: the loss shows when the file is closed. */
static void a_full_disk_is_a_failure(void **state)
{
    (void)state;
    if (!unit_support_exists("/dev/full"))
        skip();
    struct heard heard = {0};
    struct rejectlog_sink *sink = open_sink("/dev/full", &heard);
    struct rejectlog *log = rejectlog_new(sink, "a");
    rejectlog_deliver(log, 0, 1, chunk_of(0, 0, "x"));
    struct err err = {0};
    assert_int_equal(rejectlog_close(sink, &err), -1);
    assert_non_null(strstr(err.text, "/dev/full"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chunks_out_of_order),
        cmocka_unit_test(logs_in_their_order),
        cmocka_unit_test(the_text_is_copied_and_kept_as_it_is),
        cmocka_unit_test(two_records),
        cmocka_unit_test(only_the_first_ten_are_told),
        cmocka_unit_test(what_is_left_is_freed),
        cmocka_unit_test(many_threads_deliver),
        cmocka_unit_test(a_file_that_cannot_be_written),
        cmocka_unit_test(a_full_disk_is_a_failure),
    };
    return cmocka_run_group_tests_name("rejectlog", tests, unit_support_enter, unit_support_leave);
}
