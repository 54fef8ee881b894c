/* source: whatever the size of the chunks, they are the file, cut at lines. */
#include "source.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <uv.h>

#include <cmocka.h>

#include "unit_support.h"

static struct source *open_file(const char *path, size_t chunk_size)
{
    struct source *source = NULL;
    struct err err = {0};
    if (source_open(&source, path, chunk_size, '\n', &err) != 0)
        fail_msg("%s", err.text);
    return source;
}

/* Takes all chunks of the file "log", which holds `text`, and compares them with it. */
static void expect_chunks(const char *text, size_t len, size_t chunk_size)
{
    struct source *source = open_file("log", chunk_size);
    struct chunk chunk;
    struct err err = {0};
    size_t done = 0;
    uint64_t count = 0;
    int more;
    while ((more = source_next(source, &chunk, &err)) == 1) {
        assert_ptr_equal(chunk.source, source);
        assert_int_equal(chunk.sequence, count++);
        if (chunk.bytes.len != 0) {
            assert_int_equal(chunk.offset, done);
            assert_true(done + chunk.bytes.len <= len);
            assert_memory_equal(chunk.bytes.ptr, text + done, chunk.bytes.len);
            assert_true(done == 0 || text[done - 1] == '\n');
            done += chunk.bytes.len;
            assert_true(done == len || text[done - 1] == '\n');
        }
        chunk_release(&chunk);
        chunk_release(&chunk); /* a second time does no harm */
    }
    assert_int_equal(more, 0);
    assert_int_equal(done, len);
    assert_int_equal(source_chunks(source), count);
    assert_int_equal(source_next(source, &chunk, &err), 0);
    source_close(source);
}

static void every_chunk_size_on_small_texts(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "a\n",
        "a",
        "\n",
        "\n\n\n",
        "ab\ncd\nef\n",
        "ab\ncd\nef", /* no newline at the end */
        "a\r\n\r\nb\r\n",
        "\nab\n\ncdefghijklmnopqrstuvwxyz\n\n1\n22\n333\n4444\n55555",
        "a line longer than most chunks are, with nothing behind it",
        "a line longer than most chunks are, with a newline behind it\n",
        "x\na line longer than most chunks are, in between\ny\n",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        size_t len = strlen(texts[i]);
        unit_support_write("log", texts[i], len);
        for (size_t chunk_size = 1; chunk_size <= len + 2; chunk_size++)
            expect_chunks(texts[i], len, chunk_size);
        expect_chunks(texts[i], len, SIZE_MAX);
    }
}

static void an_empty_file_has_no_chunk(void **state)
{
    (void)state;
    unit_support_write("log", "", 0);
    expect_chunks("", 0, 1);
    expect_chunks("", 0, 4096);
}

/* Lines of all lengths around a page and around what is mapped at first; chunks of odd sizes. */
static void every_kind_of_line_on_larger_texts(void **state)
{
    (void)state;
    enum { LEN = 200000 };
    char *text = malloc(LEN);
    uint32_t random = 99;
    for (int kind = 0; kind < 4; kind++) {
        memset(text, 'x', LEN);
        for (size_t i = 0; i < LEN;) {
            random = random * 1664525u + 1013904223u;
            static const uint32_t longest[] = {20, 5000, 30000, LEN};
            i += (random >> 8) % longest[kind];
            if (i < LEN)
                text[i++] = '\n';
        }
        unit_support_write("log", text, LEN);
        static const size_t sizes[] = {1000, 4095, 4096, 4097, 8192, 12345, 65536, LEN - 1, LEN};
        for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
            expect_chunks(text, LEN, sizes[i]);
    }
    free(text);
}

/* A line begins in the first chunk and goes on through many: all of it is in the first one. */
static void a_line_longer_than_many_chunks(void **state)
{
    (void)state;
    enum { LEN = 100000 };
    char *text = malloc(LEN);
    memset(text, 'x', LEN);
    text[9] = '\n';
    text[LEN - 5] = '\n';
    unit_support_write("log", text, LEN);
    expect_chunks(text, LEN, 1000);
    struct source *source = open_file("log", 1000);
    struct chunk chunk;
    struct err err = {0};
    assert_int_equal(source_next(source, &chunk, &err), 1);
    assert_int_equal(chunk.bytes.len, LEN - 4);
    chunk_release(&chunk);
    for (int i = 1; i < 99; i++) {
        assert_int_equal(source_next(source, &chunk, &err), 1);
        assert_int_equal(chunk.bytes.len, 0);
        chunk_release(&chunk);
    }
    assert_int_equal(source_next(source, &chunk, &err), 1);
    assert_int_equal(chunk.bytes.len, 4);
    chunk_release(&chunk);
    assert_int_equal(source_next(source, &chunk, &err), 0);
    source_close(source);
    free(text);
}

struct takers {
    struct source *source;
    atomic_uint_fast64_t bytes;
    atomic_uint_fast64_t sum; /* of all bytes: each is taken once, whoever takes it */
    atomic_int failures;
    atomic_int chunks;
};

static void take(void *context)
{
    struct takers *takers = context;
    struct chunk chunk;
    struct err err = {0};
    int more;
    while ((more = source_next(takers->source, &chunk, &err)) == 1) {
        uint64_t sum = 0;
        for (size_t i = 0; i < chunk.bytes.len; i++)
            sum += (unsigned char)chunk.bytes.ptr[i];
        atomic_fetch_add(&takers->bytes, chunk.bytes.len);
        atomic_fetch_add(&takers->sum, sum);
        atomic_fetch_add(&takers->chunks, 1);
        chunk_release(&chunk);
    }
    atomic_fetch_add(&takers->failures, more != 0);
}

static void many_threads_take_each_chunk_once(void **state)
{
    (void)state;
    enum { LEN = 60000, THREADS = 4 };
    char *text = malloc(LEN);
    uint64_t sum = 0;
    for (int i = 0; i < LEN; i++) {
        text[i] = (char)(i % 37 == 0 ? '\n' : 'a' + i % 26);
        sum += (unsigned char)text[i];
    }
    unit_support_write("log", text, LEN);
    free(text);
    static struct takers takers;
    takers.source = open_file("log", 256);
    uv_thread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(uv_thread_create(&threads[i], take, &takers), 0);
    for (int i = 0; i < THREADS; i++)
        uv_thread_join(&threads[i]);
    assert_int_equal(atomic_load(&takers.failures), 0);
    assert_int_equal(atomic_load(&takers.bytes), LEN);
    assert_int_equal(atomic_load(&takers.sum), sum);
    assert_int_equal(atomic_load(&takers.chunks), source_chunks(takers.source));
    source_close(takers.source);
}

static void what_a_source_tells(void **state)
{
    (void)state;
    unit_support_write_text("log", "0123456789");
    struct stat info;
    assert_int_equal(stat("log", &info), 0);
    struct source *source = open_file("log", 3);
    assert_string_equal(source_path(source), "log");
    assert_int_equal(source_size(source), 10);
    assert_int_equal(source_mtime_ns(source),
                     (int64_t)info.st_mtim.tv_sec * 1000000000 + info.st_mtim.tv_nsec);
    source_close(source);
    source_close(NULL);
}

static void peeking_leaves_the_chunks_alone(void **state)
{
    (void)state;
    unit_support_write_text("log", "0123456789\n");
    struct source *source = open_file("log", 100);
    struct err err = {0};
    char buffer[20];
    size_t len;
    assert_int_equal(source_peek(source, buffer, 4, &len, &err), 0);
    assert_int_equal(len, 4);
    assert_memory_equal(buffer, "0123", 4);
    assert_int_equal(source_peek(source, buffer, 20, &len, &err), 0);
    assert_int_equal(len, 11);
    assert_memory_equal(buffer, "0123456789\n", 11);
    struct chunk chunk;
    assert_int_equal(source_next(source, &chunk, &err), 1);
    assert_int_equal(chunk.bytes.len, 11);
    chunk_release(&chunk);
    source_close(source);
}

/* Bytes that come after the opening are not of this input. */
static void a_file_that_grows(void **state)
{
    (void)state;
    unit_support_write_text("log", "one\ntwo\n");
    struct source *source = open_file("log", 5);
    FILE *file = fopen("log", "a");
    fputs("three\n", file);
    fclose(file);
    struct chunk chunk;
    struct err err = {0};
    size_t bytes = 0;
    while (source_next(source, &chunk, &err) == 1) {
        bytes += chunk.bytes.len;
        chunk_release(&chunk);
    }
    assert_int_equal(bytes, 8);
    source_close(source);
}

#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ 22
#endif

/* Whether this kernel (Linux 5.14 and later) can fill pages on request. */
static int kernel_populates(void)
{
    void *page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    int status = madvise(page, 4096, MADV_POPULATE_READ);
    munmap(page, 4096);
    return status == 0;
}

static void a_file_that_shrinks(void **state)
{
    (void)state;
    if (!kernel_populates())
        skip(); /* there the program's handler of SIGBUS has to tell it */
    enum { LEN = 1 << 20 };
    char *text = malloc(LEN);
    memset(text, '\n', LEN);
    unit_support_write("log", text, LEN);
    free(text);
    struct source *source = open_file("log", LEN / 4);
    struct chunk chunk;
    struct err err = {0};
    assert_int_equal(source_next(source, &chunk, &err), 1);
    chunk_release(&chunk);
    assert_int_equal(truncate("log", LEN / 2), 0);
    int more;
    while ((more = source_next(source, &chunk, &err)) == 1)
        chunk_release(&chunk);
    assert_int_equal(more, -1);
    assert_int_equal(err.status, ERR_FAILED);
    assert_non_null(strstr(err.text, "log: "));
    source_close(source);
}

static void expect_no_source(const char *path)
{
    struct source *source = NULL;
    struct err err = {0};
    assert_int_equal(source_open(&source, path, 1, '\n', &err), -1);
    assert_null(source);
    assert_int_equal(err.status, ERR_FAILED);
    assert_int_equal(strncmp(err.text, path, strlen(path)), 0);
}

static void what_is_no_regular_file(void **state)
{
    (void)state;
    assert_int_equal(mkdir("folder", 0777), 0);
    assert_int_equal(symlink("nowhere", "dangling"), 0);
    expect_no_source("missing");
    expect_no_source("folder");
    expect_no_source("dangling");
}

/* The length stays the same. */
static void a_file_that_is_written_to(void **state)
{
    (void)state;
    unit_support_write_text("log", "one\ntwo\n");
    assert_int_equal(utimensat(AT_FDCWD, "log", (struct timespec[]){{1, 1}, {1, 1}}, 0), 0);
    struct source *source = open_file("log", 4096);
    struct err err = {0};
    assert_int_equal(source_check_unchanged(source, &err), 0);
    assert_int_equal(rename("log", "moved"), 0);
    assert_int_equal(source_check_unchanged(source, &err), 0);
    unit_support_write_text("moved", "ONE\nTWO\n");
    assert_int_equal(source_check_unchanged(source, &err), -1);
    assert_non_null(strstr(err.text, "was written to during the import"));
    source_close(source);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_chunk_size_on_small_texts),
        cmocka_unit_test(an_empty_file_has_no_chunk),
        cmocka_unit_test(every_kind_of_line_on_larger_texts),
        cmocka_unit_test(a_line_longer_than_many_chunks),
        cmocka_unit_test(many_threads_take_each_chunk_once),
        cmocka_unit_test(what_a_source_tells),
        cmocka_unit_test(peeking_leaves_the_chunks_alone),
        cmocka_unit_test(a_file_that_grows),
        cmocka_unit_test(a_file_that_shrinks),
        cmocka_unit_test(a_file_that_is_written_to),
        cmocka_unit_test(what_is_no_regular_file),
    };
    return cmocka_run_group_tests_name("source", tests, unit_support_enter, unit_support_leave);
}
