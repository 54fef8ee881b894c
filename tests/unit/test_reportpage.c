/* reportpage: data between the two halves of a page, and no name that could become part of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "reportpage.h"

static const char *const columns[] = {"name", "size"};

/* The data of a page with one table, whose rows have these names; to be freed. */
static char *render_names(const char *const *names, size_t count)
{
    char *text = NULL;
    size_t length = 0;
    struct err err = {0};
    struct render_output output = {.file = open_memstream(&text, &length), .name = "memory"};
    struct reportpage page = {.output = &output};
    reportpage_begin(&page, "1.2");
    reportpage_table(&page, "t", columns, 2);
    for (size_t i = 0; i < count; i++) {
        const struct render_cell cells[] = {{.type = RENDER_TEXT, .text = slice_from(names[i])},
                                            {.type = RENDER_INTEGER, .integer = (int64_t)i}};
        assert_int_equal(reportpage_row(&page, cells, 2, &err), 0);
    }
    assert_int_equal(reportpage_end(&page, &err), 0);
    fclose(output.file);

    static const char before[] = "id=\"data\">";
    const char *begin = strstr(text, before);
    assert_non_null(begin);
    begin += strlen(before);
    const char *end = strstr(begin, "</script>");
    assert_non_null(end);
    char *data = strndup(begin, (size_t)(end - begin));
    free(text);
    return data;
}

static void expect_name(const char *name, const char *expected)
{
    char whole[256];
    char *data = render_names(&name, 1);
    snprintf(
        whole, sizeof whole,
        "{\"version\":\"1.2\",\n\"t\":{\"columns\":[\"name\",\"size\"],\"rows\":[\n[\"%s\",0]]}}\n",
        expected);
    assert_string_equal(data, whole);
    free(data);
}

static void a_table_is_columns_and_rows(void **state)
{
    (void)state;
    const char *const names[] = {"a", "b"};
    char *data = render_names(names, 2);
    assert_string_equal(data, "{\"version\":\"1.2\",\n\"t\":{\"columns\":[\"name\",\"size\"],"
                              "\"rows\":[\n[\"a\",0],\n[\"b\",1]]}}\n");
    free(data);
    data = render_names(NULL, 0);
    assert_string_equal(
        data, "{\"version\":\"1.2\",\n\"t\":{\"columns\":[\"name\",\"size\"],\"rows\":[]}}\n");
    free(data);
}

static void names_cannot_become_markup(void **state)
{
    (void)state;
    expect_name("</script><img>", "\\u003c/script\\u003e\\u003cimg\\u003e");
    expect_name("<!-- &amp;", "\\u003c!-- \\u0026amp;");
    expect_name("\"\\\t\x7f", "\\u0022\\u005c\\u0009\\u007f");
    expect_name("a\xe2\x80\xa8 b\xe2\x80\xa9", "a\\u2028 b\\u2029");
    expect_name("caf\xc3\xa9 \xe2\x80\xa7 \xf0\x9f\x98\x80",
                "caf\xc3\xa9 \xe2\x80\xa7 \xf0\x9f\x98\x80");
    expect_name("\xff<\xc3", "\xef\xbf\xbd\\u003c\xef\xbf\xbd");
}

static void the_page_allows_one_script_only(void **state)
{
    (void)state;
    char *text = NULL;
    size_t length = 0;
    struct err err = {0};
    struct render_output output = {.file = open_memstream(&text, &length), .name = "memory"};
    struct reportpage page = {.output = &output};
    reportpage_begin(&page, "1.2");
    assert_int_equal(reportpage_end(&page, &err), 0);
    fclose(output.file);
    assert_non_null(strstr(text, "default-src 'none'"));
    assert_non_null(strstr(text, "script-src 'sha256-"));
    assert_null(strstr(text, "@SCRIPT"));
    assert_null(strstr(text, "@STYLE"));
    assert_null(strstr(text, "http://"));
    assert_null(strstr(text, "https://"));
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_table_is_columns_and_rows),
        cmocka_unit_test(names_cannot_become_markup),
        cmocka_unit_test(the_page_allows_one_script_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
