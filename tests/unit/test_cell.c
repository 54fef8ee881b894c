/* cell: records and prefixes byte by byte, as sections 1.6 and 2.1 of the file format have them. */
#include "cell.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

static int set_up(void **state)
{
    static struct cell cell;
    *state = &cell;
    return cell_init(&cell);
}

static int tear_down(void **state)
{
    cell_dispose(*state);
    return 0;
}

/* The finished cell is these bytes, of which `prefix` precede the record. */
static void expect(const struct cell *cell, size_t prefix, const char *hex)
{
    char text[256] = "";
    assert_true(cell->prefix + cell->payload < sizeof text / 2);
    for (size_t i = 0; i < cell->prefix + cell->payload; i++)
        snprintf(text + 2 * i, 3, "%02x", cell->bytes[i]);
    assert_string_equal(text, hex);
    assert_int_equal(cell->prefix, prefix);
}

static void integers_take_the_narrowest_type(void **state)
{
    struct cell *cell = *state;
    static const struct {
        int64_t value;
        const char *entry; /* payload length, header size, type, value */
    } cases[] = {
        {0, "020208"},
        {1, "020209"},
        {2, "03020102"},
        {-1, "030201ff"},
        {INT8_MAX, "0302017f"},
        {INT8_MIN, "03020180"},
        {INT8_MAX + 1, "0402020080"},
        {INT8_MIN - 1, "040202ff7f"},
        {INT16_MAX, "0402027fff"},
        {INT16_MIN, "0402028000"},
        {INT16_MAX + 1, "050203008000"},
        {INT16_MIN - 1, "050203ff7fff"},
        {0x7fffff, "0502037fffff"},
        {-0x800000, "050203800000"},
        {0x800000, "06020400800000"},
        {-0x800001, "060204ff7fffff"},
        {INT32_MAX, "0602047fffffff"},
        {INT32_MIN, "06020480000000"},
        {INT64_C(0x80000000), "080205000080000000"},
        {INT64_C(-0x80000001), "080205ffff7fffffff"},
        {INT64_C(0x7fffffffffff), "0802057fffffffffff"},
        {INT64_C(-0x800000000000), "080205800000000000"},
        {INT64_C(0x800000000000), "0a02060000800000000000"},
        {INT64_C(-0x800000000001), "0a0206ffff7fffffffffff"},
        {INT64_MAX, "0a02067fffffffffffffff"},
        {INT64_MIN, "0a02068000000000000000"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        cell_begin_entry(cell);
        cell_integer(cell, cases[i].value);
        assert_int_equal(cell_finish(cell), 0);
        expect(cell, 1, cases[i].entry);
    }
}

static void a_row_of_every_kind(void **state)
{
    struct cell *cell = *state;
    cell_begin_row(cell, 5);
    cell_null(cell);
    cell_integer(cell, 300);
    cell_text(cell, slice_from("ab"));
    cell_integer(cell, 1);
    cell_blob(cell, (struct slice){"\0\xff\1", 3});
    cell_text(cell, (struct slice){NULL, 0});
    cell_blob(cell, (struct slice){NULL, 0});
    assert_int_equal(cell_finish(cell), 0);
    expect(cell, 2,
           "0f05"
           "08000211"
           "09120d0c"
           "012c"
           "6162"
           "00ff01");
}

static void rowids_are_varints(void **state)
{
    struct cell *cell = *state;
    static const struct {
        int64_t rowid;
        const char *row;
    } cases[] = {
        {0, "02000200"},
        {127, "027f0200"},
        {128, "0281000200"},
        {16383, "02ff7f0200"},
        {16384, "028180000200"},
        {INT64_C(0x00ffffffffffffff), "02ffffffffffffff7f0200"},
        {INT64_C(0x0100000000000000), "0280c0808080808080000200"},
        {INT64_MAX, "02bfffffffffffffffff0200"},
        {-1, "02ffffffffffffffffff0200"},
        {INT64_MIN, "02c080808080808080000200"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        cell_begin_row(cell, cases[i].rowid);
        cell_null(cell);
        assert_int_equal(cell_finish(cell), 0);
        expect(cell, strlen(cases[i].row) / 2 - 2, cases[i].row);
        cell_divider(cell, cases[i].rowid); /* a rowid and nothing else */
        assert_int_equal(cell->payload, 0);
        assert_memory_equal(cell->bytes, cell->body - cell->prefix, cell->prefix);
        assert_int_equal(cell->prefix, strlen(cases[i].row) / 2 - 3);
    }
}

/* A header of 127 bytes says so in one byte, a longer one in two. */
static void headers_longer_than_a_byte_says(void **state)
{
    struct cell *cell = *state;
    char text[10000];
    memset(text, 't', sizeof text);
    for (size_t nulls = 0; nulls <= 20; nulls++) {
        cell_begin_entry(cell);
        for (size_t i = 0; i < 40; i++) /* types of three bytes */
            cell_text(cell, (struct slice){text, 9000 + i});
        for (size_t i = 0; i < nulls; i++)
            cell_null(cell);
        assert_int_equal(cell_finish(cell), 0);
        const uint8_t *record = cell->bytes + cell->prefix;
        size_t header = 40 * 3 + nulls + 1;
        if (header < 128) {
            assert_int_equal(record[0], header);
        } else {
            header++;
            assert_int_equal(record[0], 0x81);
            assert_int_equal(record[1], header - 128);
        }
        size_t texts = 40 * 9000 + 39 * 40 / 2;
        assert_int_equal(cell->payload, header + texts);
        assert_int_equal(record[header], 't');
        assert_int_equal(record[header + texts - 1], 't');
    }
}

/* The memory grows under a row that has columns already, and keeps room for those to come. */
static void long_texts(void **state)
{
    struct cell *cell = *state;
    for (size_t len = 1; len < 5000000; len = len * 5 / 2 + 1) {
        char *text = malloc(len);
        memset(text, 'x', len);
        cell_begin_row(cell, 9);
        cell_text(cell, slice_from("begin"));
        cell_blob(cell, (struct slice){text, len});
        for (size_t i = 2; i < CELL_COLUMNS; i++)
            cell_integer(cell, INT64_MIN + (int64_t)i);
        assert_int_equal(cell_finish(cell), 0);
        size_t integers = 8 * (CELL_COLUMNS - 2);
        const uint8_t *end = cell->bytes + cell->prefix + cell->payload;
        assert_memory_equal(end - integers - len - 5, "begin", 5);
        assert_memory_equal(end - integers - len, text, len);
        assert_memory_equal(end - 8, "\x80\0\0\0\0\0\0\x1f", 8);
        free(text);
    }
}

static void a_text_too_long_is_an_error(void **state)
{
    struct cell *cell = *state;
    static const size_t lengths[] = {(size_t)CELL_LONGEST, (size_t)CELL_LONGEST + 1, SIZE_MAX};
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        cell_begin_row(cell, 1);
        cell_text(cell, slice_from("one"));
        cell_text(cell, (struct slice){"", lengths[i]});
        cell_integer(cell, 7);
        assert_int_equal(cell_finish(cell), -1);
        assert_int_equal(cell->flaw, CELL_TOO_LONG);
    }
    cell_begin_row(cell, 1); /* the cell is good for the next row */
    cell_integer(cell, 7);
    assert_int_equal(cell_finish(cell), 0);
    expect(cell, 2,
           "0301"
           "020107");
}

static void no_memory_is_an_error(void **state)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    (void)state;
    skip(); /* the sanitizers need address space, and end the process where there is none */
#else
    struct cell *cell = *state;
    struct rlimit before, little;
    assert_int_equal(getrlimit(RLIMIT_AS, &before), 0);
    little = (struct rlimit){(rlim_t)1 << 28, before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_AS, &little), 0);
    cell_begin_row(cell, 1);
    cell_text(cell, (struct slice){"", 1 << 29});
    cell_integer(cell, 7);
    int status = cell_finish(cell);
    assert_int_equal(setrlimit(RLIMIT_AS, &before), 0);
    assert_int_equal(status, -1);
    assert_int_equal(cell->flaw, CELL_NO_MEMORY);
    cell_begin_entry(cell);
    cell_text(cell, slice_from("again"));
    assert_int_equal(cell_finish(cell), 0);
    expect(cell, 1, "070217616761696e");
#endif
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(integers_take_the_narrowest_type, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_row_of_every_kind, set_up, tear_down),
        cmocka_unit_test_setup_teardown(rowids_are_varints, set_up, tear_down),
        cmocka_unit_test_setup_teardown(headers_longer_than_a_byte_says, set_up, tear_down),
        cmocka_unit_test_setup_teardown(long_texts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_text_too_long_is_an_error, set_up, tear_down),
        cmocka_unit_test_setup_teardown(no_memory_is_an_error, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("cell", tests, NULL, NULL);
}
