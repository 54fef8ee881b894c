/* render: the pieces that every renderer writes with. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "err.h"
#include "render.h"

static void expect_integer(int64_t value, const char *expected)
{
    char *text = NULL;
    size_t length = 0;
    FILE *file = open_memstream(&text, &length);
    render_integer(file, value);
    fclose(file);
    assert_string_equal(text, expected);
    free(text);
}

static void integers_are_whole(void **state)
{
    (void)state;
    expect_integer(0, "0");
    expect_integer(10, "10");
    expect_integer(-1, "-1");
    expect_integer(INT64_MAX, "9223372036854775807");
    expect_integer(INT64_MIN, "-9223372036854775808");
}

static void every_control_byte_is_escaped(void **state)
{
    (void)state;
    for (int byte = 0; byte < 256; byte++) {
        char *text = NULL;
        size_t length = 0;
        FILE *file = open_memstream(&text, &length);
        const char bytes[] = {'a', (char)byte, 'b'};
        render_escaped(file, (struct slice){bytes, sizeof bytes});
        fclose(file);
        bool control = byte < 0x20 || byte == 0x7f || byte == '\\';
        assert_int_equal(length > 3, control);
        for (size_t i = 0; i < length; i++)
            assert_true((unsigned char)text[i] >= 0x20 && text[i] != 0x7f);
        assert_true(text[0] == 'a' && text[length - 1] == 'b');
        free(text);
    }
}

/* A write to a pipe that nobody reads. */
static void a_broken_pipe_is_noted(void **state)
{
    (void)state;
    int ends[2];
    struct err err = {0};
    signal(SIGPIPE, SIG_IGN);
    assert_int_equal(pipe(ends), 0);
    close(ends[0]);
    struct render_output output = {.file = fdopen(ends[1], "w"), .name = "the pipe"};
    setvbuf(output.file, NULL, _IONBF, 0);
    assert_int_equal(render_check(&output, &err), 0);
    render_bytes(output.file, slice_from("x"));
    assert_int_equal(render_check(&output, &err), -1);
    assert_true(output.broken_pipe);
    fclose(output.file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(integers_are_whole),
        cmocka_unit_test(every_control_byte_is_escaped),
        cmocka_unit_test(a_broken_pipe_is_noted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
