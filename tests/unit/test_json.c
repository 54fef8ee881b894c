/* json: RFC 8259 text from any bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "json.h"

static const struct render_column columns[] = {{.name = "path"}, {.name = "size"}};

typedef struct render *maker(struct render_output *output, const struct render_column *columns,
                             size_t count);

/* What the renderer makes of rows of these paths, each with its number as size. */
static char *render_paths(maker *make, const char *const *paths, size_t count)
{
    char *text = NULL;
    size_t length = 0;
    struct err err = {0};
    struct render_output output = {.file = open_memstream(&text, &length), .name = "memory"};
    struct render *render = make(&output, columns, 2);
    for (size_t i = 0; i < count; i++) {
        const struct render_cell cells[] = {
            {.type = RENDER_TEXT, .text = slice_from(paths[i])},
            {.type = RENDER_INTEGER, .integer = (int64_t)i},
        };
        assert_int_equal(render_row(render, cells, &err), 0);
    }
    assert_int_equal(render_end(render, &err), 0);
    render_free(render);
    fclose(output.file);
    return text;
}

static void expect_text(const char *path, const char *expected)
{
    char *text = render_paths(json_lines, &path, 1);
    char whole[256];
    snprintf(whole, sizeof whole, "{\"path\":%s,\"size\":0}\n", expected);
    assert_string_equal(text, whole);
    free(text);
}

static void an_array_is_whole_for_any_number_of_rows(void **state)
{
    (void)state;
    const char *const paths[] = {"/a", "/b"};
    const char *const expected[] = {
        "[]\n",
        "[\n{\"path\":\"/a\",\"size\":0}\n]\n",
        "[\n{\"path\":\"/a\",\"size\":0},\n{\"path\":\"/b\",\"size\":1}\n]\n",
    };
    for (size_t i = 0; i < 3; i++) {
        char *text = render_paths(json_array, paths, i);
        assert_string_equal(text, expected[i]);
        free(text);
    }
}

static void lines_are_an_object_each(void **state)
{
    (void)state;
    const char *const paths[] = {"/a", "/b"};
    char *text = render_paths(json_lines, paths, 2);
    assert_string_equal(text, "{\"path\":\"/a\",\"size\":0}\n{\"path\":\"/b\",\"size\":1}\n");
    free(text);
}

static void characters_are_escaped(void **state)
{
    (void)state;
    expect_text("/a\"b\\c", "\"/a\\\"b\\\\c\"");
    expect_text("\t\n\r\x01\x1f\x7f", "\"\\t\\n\\r\\u0001\\u001f\\u007f\"");
    expect_text("/\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80",
                "\"/\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"");
}

/* The replacements are those of the Unicode standard, chapter 3.9 (and of Python's decoder); base64
 * worked out by hand or by coreutils. */
static void what_is_not_utf8_keeps_its_bytes(void **state)
{
    (void)state;
    expect_text("/\xff", "\"/\xef\xbf\xbd\",\"path_base64\":\"L/8=\"");
    expect_text("\xff", "\"\xef\xbf\xbd\",\"path_base64\":\"/w==\"");
    expect_text("/a\xff", "\"/a\xef\xbf\xbd\",\"path_base64\":\"L2H/\"");
    /* F0 9F 98 could have begun a character: one replacement; C0 and AF never: one each. */
    expect_text("\xf0\x9f\x98/", "\"\xef\xbf\xbd/\",\"path_base64\":\"8J+YLw==\"");
    expect_text("\xc0\xaf", "\"\xef\xbf\xbd\xef\xbf\xbd\",\"path_base64\":\"wK8=\"");
    /* A surrogate: ED A0 80 is three. */
    expect_text("\xed\xa0\x80",
                "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\",\"path_base64\":\"7aCA\"");
    /* Above U+10FFFF: F4 90 80 80 is four. */
    expect_text("\xf4\x90\x80\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\","
                                    "\"path_base64\":\"9JCAgA==\"");
}

static void null_is_null(void **state)
{
    (void)state;
    char *text = NULL;
    size_t length = 0;
    struct err err = {0};
    struct render_output output = {.file = open_memstream(&text, &length), .name = "memory"};
    struct render *render = json_lines(&output, columns, 2);
    const struct render_cell cells[2] = {{.type = RENDER_NULL}, {.type = RENDER_NULL}};
    assert_int_equal(render_row(render, cells, &err), 0);
    render_free(render);
    fclose(output.file);
    assert_string_equal(text, "{\"path\":null,\"size\":null}\n");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_array_is_whole_for_any_number_of_rows),
        cmocka_unit_test(lines_are_an_object_each),
        cmocka_unit_test(characters_are_escaped),
        cmocka_unit_test(what_is_not_utf8_keeps_its_bytes),
        cmocka_unit_test(null_is_null),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
