/* table: columns in line, paths that fit, nothing that drives a terminal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "table.h"

static const struct render_column columns[] = {
    {.name = "SIZE", .right = true}, {.name = "OWNER"}, {.name = "PATH"}};

struct row {
    const char *size;
    const char *owner;
    const char *path;
};

static char *render_rows(const struct row *rows, size_t count, size_t width)
{
    char *text = NULL;
    size_t length = 0;
    struct err err = {0};
    struct render_output output = {.file = open_memstream(&text, &length), .name = "memory"};
    struct render *render = table_new(&output, columns, 3, width);
    for (size_t i = 0; i < count; i++) {
        const struct render_cell cells[] = {
            {.type = RENDER_TEXT, .text = slice_from(rows[i].size)},
            {.type = RENDER_TEXT, .text = slice_from(rows[i].owner)},
            {.type = RENDER_TEXT, .text = slice_from(rows[i].path)},
        };
        assert_int_equal(render_row(render, cells, &err), 0);
    }
    assert_int_equal(render_end(render, &err), 0);
    render_free(render);
    fclose(output.file);
    return text;
}

static void expect(const struct row *rows, size_t count, size_t width, const char *expected)
{
    char *text = render_rows(rows, count, width);
    assert_string_equal(text, expected);
    free(text);
}

static void columns_are_in_line(void **state)
{
    (void)state;
    const struct row rows[] = {{"1.5 GiB", "alice", "/a"}, {"17 B", "bob", "/a/b"}};
    expect(rows, 2, 0,
           "   SIZE  OWNER  PATH\n"
           "1.5 GiB  alice  /a\n"
           "   17 B  bob    /a/b\n");
}

static void no_rows_make_no_table(void **state)
{
    (void)state;
    expect(NULL, 0, 0, "");
}

/* 4 + 2 + 5 + 2 columns go before the path, so 40 leave 27: a third of what is left of them beside
 * the mark is the beginning, the rest the end. */
static void a_long_path_loses_its_middle(void **state)
{
    (void)state;
    const struct row rows[] = {{"17 B", "bob", "/gpfs/project/run/abcdefghijklmnopqrstuvwxyz"},
                               {"17 B", "bob", "/gpfs/exactly/27/characters"}};
    expect(rows, 2, 40,
           "SIZE  OWNER  PATH\n"
           "17 B  bob    /gpfs/pr\xe2\x80\xa6ijklmnopqrstuvwxyz\n"
           "17 B  bob    /gpfs/exactly/27/characters\n");
}

static void a_path_is_never_shorter_than_8_columns(void **state)
{
    (void)state;
    const struct row rows[] = {{"17 B", "bob", "/gpfs/project/run/abcdefghijklmnopqrstuvwxyz"}};
    expect(rows, 1, 10, "SIZE  OWNER  PATH\n17 B  bob    /g\xe2\x80\xa6vwxyz\n");
}

/* The column of the highest rank gives way first, and its heading with it; whole texts are not cut. */
static void columns_give_way_by_rank(void **state)
{
    (void)state;
    static const struct render_column ranked[] = {{.name = "A", .whole = true},
                                                  {.name = "B", .rank = 1},
                                                  {.name = "C", .rank = 2},
                                                  {.name = "PATH"}};
    static const struct {
        size_t width;
        const char *expected;
    } cases[] = {
        {44, "A         B         C         PATH\naaaaaaaa  bbbbbbbb  cccccccc  /ab/cd/ef/gh\n"},
        {40, "A         B         PATH\naaaaaaaa  bbbbbbbb  /ab/cd/ef/gh\n"},
        {30, "A         PATH\naaaaaaaa  /ab/cd/ef/gh\n"},
        {21, "A         PATH\naaaaaaaa  /a.../ef/gh\n"},
    };
    assert_non_null(setlocale(LC_CTYPE, "C"));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *text = NULL;
        size_t length = 0;
        struct err err = {0};
        struct render_output output = {.file = open_memstream(&text, &length), .name = "memory"};
        struct render *render = table_new(&output, ranked, 4, cases[i].width);
        const struct render_cell cells[] = {
            {.type = RENDER_TEXT, .text = slice_from("aaaaaaaa")},
            {.type = RENDER_TEXT, .text = slice_from("bbbbbbbb")},
            {.type = RENDER_TEXT, .text = slice_from("cccccccc")},
            {.type = RENDER_TEXT, .text = slice_from("/ab/cd/ef/gh")},
        };
        assert_int_equal(render_row(render, cells, &err), 0);
        assert_int_equal(render_end(render, &err), 0);
        render_free(render);
        fclose(output.file);
        assert_string_equal(text, cases[i].expected);
        free(text);
    }
    assert_non_null(setlocale(LC_CTYPE, "C.UTF-8"));
}

static void bytes_that_drive_a_terminal_are_shown(void **state)
{
    (void)state;
    const struct row rows[] = {{"17 B", "bob", "/a\x1b[2J\n\t\\x\xff"},
                               {"17 B", "bob",
                                "/\xc2\x9b"
                                "31m"}, /* U+009B, a C1 control */
                               {"17 B", "bob", "/\xc3\xa9t\xc3\xa9"}};
    expect(rows, 3, 0,
           "SIZE  OWNER  PATH\n"
           "17 B  bob    /a\\x1B[2J\\n\\t\\\\x\\xFF\n"
           "17 B  bob    /\\xC2\\x9B31m\n"
           "17 B  bob    /\xc3\xa9t\xc3\xa9\n");
}

/* A character counts for the columns it takes: two for a wide one, none for a combining one. */
static void width_is_counted_on_the_screen(void **state)
{
    (void)state;
    const struct row rows[] = {{"1 B", "\xe6\x97\xa5\xe6\x9c\xac", "/a"},
                               {"1 B", "e\xcc\x81", "/b"},
                               {"1 B", "abcd", "/c"}};
    expect(rows, 3, 0,
           "SIZE  OWNER  PATH\n"
           " 1 B  \xe6\x97\xa5\xe6\x9c\xac   /a\n"
           " 1 B  e\xcc\x81      /b\n"
           " 1 B  abcd   /c\n");
}

/* More rows than a page: one heading, and the later pages in line with the first. */
static void pages_are_one_table(void **state)
{
    (void)state;
    enum { ROWS = 10000 };
    struct row *rows = calloc(ROWS, sizeof *rows);
    assert_non_null(rows);
    for (size_t i = 0; i < ROWS; i++)
        rows[i] = (struct row){i == 0 ? "1023.9 KiB" : "7 B", "bob", "/a"};
    char *text = render_rows(rows, ROWS, 0);
    const char *line = strchr(text, '\n') + 1;
    assert_memory_equal(line, "1023.9 KiB  bob    /a\n", 22);
    size_t lines = 1;
    for (line += 22; *line != '\0'; line += 22, lines++)
        assert_memory_equal(line, "       7 B  bob    /a\n", 22);
    assert_int_equal(lines, ROWS);
    free(text);
    free(rows);
}

static int use_utf8(void **state)
{
    (void)state;
    return setlocale(LC_CTYPE, "C.UTF-8") == NULL ? -1 : 0;
}

static void other_locales_get_ascii(void **state)
{
    (void)state;
    assert_non_null(setlocale(LC_CTYPE, "C"));
    const struct row rows[] = {{"1 B", "bob", "/\xc3\xa9"},
                               {"1 B", "bob", "/gpfs/project/run/abcdefghijklmnopqrstuvwxyz"}};
    expect(rows, 2, 40,
           "SIZE  OWNER  PATH\n"
           " 1 B  bob    /\\xC3\\xA9\n"
           " 1 B  bob    /gpfs/pr...klmnopqrstuvwxyz\n");
    assert_non_null(setlocale(LC_CTYPE, "C.UTF-8"));
}

static void expect_bars(size_t width, const char *expected)
{
    static const struct render_column two[] = {{.name = "NAME"}, {.name = ""}};
    static const int64_t sizes[] = {30, 10, 0};
    char *text = NULL;
    size_t length = 0;
    struct err err = {0};
    struct render_output output = {.file = open_memstream(&text, &length), .name = "memory"};
    struct render *render = table_new(&output, two, 2, width);
    table_bars(render, 60);
    for (size_t i = 0; i < 3; i++) {
        const struct render_cell cells[] = {{.type = RENDER_TEXT, .text = slice_from("x")},
                                            {.type = RENDER_INTEGER, .integer = sizes[i]}};
        assert_int_equal(render_row(render, cells, &err), 0);
    }
    assert_int_equal(render_end(render, &err), 0);
    render_free(render);
    fclose(output.file);
    assert_string_equal(text, expected);
    free(text);
}

static void bars_fill_what_is_left(void **state)
{
    (void)state;
    setlocale(LC_CTYPE, "C");
    expect_bars(18, "NAME  \nx     ######\nx     ##\nx\n");
    expect_bars(0, "NAME  \nx     ####################\nx     #######\nx\n");
    expect_bars(6, "NAME  \nx\nx\nx\n");
    expect_bars(3, "NAME  \nx\nx\nx\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_are_in_line),
        cmocka_unit_test(no_rows_make_no_table),
        cmocka_unit_test(a_long_path_loses_its_middle),
        cmocka_unit_test(a_path_is_never_shorter_than_8_columns),
        cmocka_unit_test(columns_give_way_by_rank),
        cmocka_unit_test(bytes_that_drive_a_terminal_are_shown),
        cmocka_unit_test(width_is_counted_on_the_screen),
        cmocka_unit_test(pages_are_one_table),
        cmocka_unit_test(other_locales_get_ascii),
        cmocka_unit_test(bars_fill_what_is_left),
    };
    return cmocka_run_group_tests(tests, use_utf8, NULL);
}
