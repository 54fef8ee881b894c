/* delimited: what fields look like when their bytes could be taken for the format's own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "delimited.h"
#include "err.h"

static const struct render_column columns[] = {
    {.name = "path"}, {.name = "size"}, {.name = "atime"}};

typedef struct render *maker(struct render_output *output, const struct render_column *columns,
                             size_t count);

/* What the renderer makes of a row of that path, that size and no atime. */
static char *render_one(maker *make, const char *path, size_t length, int64_t size)
{
    char *text = NULL;
    size_t text_length = 0;
    struct err err = {0};
    struct render_output output = {.file = open_memstream(&text, &text_length), .name = "memory"};
    struct render *render = make(&output, columns, 3);
    const struct render_cell cells[] = {
        {.type = RENDER_TEXT, .text = {path, length}},
        {.type = RENDER_INTEGER, .integer = size},
        {.type = RENDER_NULL},
    };
    assert_int_equal(render_row(render, cells, &err), 0);
    assert_int_equal(render_end(render, &err), 0);
    render_free(render);
    fclose(output.file);
    return text;
}

static void expect(maker *make, const char *path, int64_t size, const char *expected)
{
    char *text = render_one(make, path, strlen(path), size);
    assert_string_equal(text, expected);
    free(text);
}

static void tsv_escapes(void **state)
{
    (void)state;
    expect(delimited_tsv, "/a b", 5, "path\tsize\tatime\n/a b\t5\t\n");
    expect(delimited_tsv, "/a\tb\nc\rd\\e\x01\x7f", 0,
           "path\tsize\tatime\n/a\\tb\\nc\\rd\\\\e\\x01\\x7F\t0\t\n");
    expect(delimited_tsv, "/\xff\xc3\xa9", 0, "path\tsize\tatime\n/\xff\xc3\xa9\t0\t\n");
    expect(delimited_tsv, "", 0, "path\tsize\tatime\n\t0\t\n");
}

static void csv_quotes_only_where_it_must(void **state)
{
    (void)state;
    expect(delimited_csv, "/a b", 5, "path,size,atime\n/a b,5,\n");
    expect(delimited_csv, "/a,b", 5, "path,size,atime\n\"/a,b\",5,\n");
    expect(delimited_csv, "/a\"b", 5, "path,size,atime\n\"/a\"\"b\",5,\n");
    expect(delimited_csv, "/a\nb", 5, "path,size,atime\n\"/a\nb\",5,\n");
    expect(delimited_csv, "/a\rb", 5, "path,size,atime\n\"/a\rb\",5,\n");
    expect(delimited_csv, "/a\tb\\", 5, "path,size,atime\n/a\tb\\,5,\n");
}

static void integers_are_exact(void **state)
{
    (void)state;
    expect(delimited_csv, "/", INT64_MAX, "path,size,atime\n/,9223372036854775807,\n");
    expect(delimited_csv, "/", INT64_MIN, "path,size,atime\n/,-9223372036854775808,\n");
    expect(delimited_csv, "/", -1, "path,size,atime\n/,-1,\n");
}

static void a_full_disk_is_told(void **state)
{
    (void)state;
    struct err err = {0};
    struct render_output output = {.file = fopen("/dev/full", "w"), .name = "the list"};
    assert_non_null(output.file);
    setvbuf(output.file, NULL, _IONBF, 0);
    struct render *render = delimited_tsv(&output, columns, 3);
    const struct render_cell cells[3] = {{.type = RENDER_NULL}};
    assert_int_equal(render_row(render, cells, &err), -1);
    assert_int_equal(err.status, ERR_FAILED);
    assert_string_equal(err.text, "the list: cannot write: No space left on device");
    assert_false(output.broken_pipe);
    render_free(render);
    fclose(output.file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tsv_escapes),
        cmocka_unit_test(csv_quotes_only_where_it_must),
        cmocka_unit_test(integers_are_exact),
        cmocka_unit_test(a_full_disk_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
