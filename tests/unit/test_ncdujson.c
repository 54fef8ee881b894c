/* ncdujson: the form that ncdu reads, to the byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "err.h"
#include "ncdujson.h"
#include "render.h"

static const struct ncdujson_info unknown = {-1, -1, -1};

static void a_tree_is_nested_arrays(void **state)
{
    (void)state;
    char *text = NULL;
    size_t length = 0;
    struct err err = {0};
    struct render_output output = {.file = open_memstream(&text, &length), .name = "memory"};
    ncdujson_begin(&output, "prog", "1.2", 99);
    ncdujson_open(&output, slice_from("/d"), &(struct ncdujson_info){0, 0, 0});
    ncdujson_entry(&output, slice_from("e"), 1, INT64_MAX,
                   &(struct ncdujson_info){INT32_MAX, 2, 3});
    ncdujson_open(&output, slice_from("a"), &unknown);
    ncdujson_close(&output);
    ncdujson_open(&output, slice_from("b"), &(struct ncdujson_info){INT32_MAX + 1LL, 4, -1});
    ncdujson_close(&output);
    ncdujson_close(&output);
    assert_int_equal(ncdujson_end(&output, &err), 0);
    fclose(output.file);
    assert_string_equal(text, "[1,2,{\"progname\":\"prog\",\"progver\":\"1.2\",\"timestamp\":99},\n"
                              "[{\"name\":\"/d\",\"uid\":0,\"gid\":0,\"mtime\":0},\n"
                              "{\"name\":\"e\",\"asize\":1,\"dsize\":9223372036854775807,"
                              "\"uid\":2147483647,\"gid\":2,\"mtime\":3},\n"
                              "[{\"name\":\"a\"}],\n"
                              "[{\"name\":\"b\",\"gid\":4}]]]\n");
    free(text);
}

static void names_are_bytes(void **state)
{
    (void)state;
    char *text = NULL;
    size_t length = 0;
    struct render_output output = {.file = open_memstream(&text, &length), .name = "memory"};
    ncdujson_open(&output, slice_from("\xff\xc3\xa9 \"\\/\x01\n\x7f"), &unknown);
    fclose(output.file);
    assert_string_equal(text,
                        ",\n[{\"name\":\"\xff\xc3\xa9 \\u0022\\u005c/\\u0001\\u000a\\u007f\"}");
    free(text);
}

static void a_full_disk_is_told_at_the_end(void **state)
{
    (void)state;
    struct err err = {0};
    struct render_output output = {.file = fopen("/dev/full", "w"), .name = "full"};
    assert_non_null(output.file);
    setvbuf(output.file, NULL, _IONBF, 0);
    ncdujson_begin(&output, "prog", "1.2", 99);
    assert_int_equal(ncdujson_end(&output, &err), -1);
    assert_false(output.broken_pipe);
    fclose(output.file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tree_is_nested_arrays),
        cmocka_unit_test(names_are_bytes),
        cmocka_unit_test(a_full_disk_is_told_at_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
