/* nameblock: names come out as they went in, whenever the blocks are taken away. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "nameblock.h"
#include "schema.h"

static void add(struct nameblock *blocks, int64_t id, const char *path)
{
    assert_int_equal(nameblock_add(blocks, id, slice_from(path)), 0);
}

static void names_are_last_components(void **state)
{
    (void)state;
    static const char expected[] = "/\0a\0b c\0\xff--\0";
    struct nameblock *blocks = nameblock_new();
    size_t count;
    add(blocks, 1, "/");
    add(blocks, 2, "/a");
    add(blocks, 3, "/a/b c");
    add(blocks, 4, "/a/b c/\xff--");
    nameblock_rows(blocks, &count);
    assert_int_equal(count, 0);
    nameblock_end(blocks);
    const struct nameblock_row *row = nameblock_rows(blocks, &count);
    assert_int_equal(count, 1);
    assert_int_equal(row->first_id, 1);
    assert_int_equal(row->len, sizeof expected - 1);
    assert_memory_equal(nameblock_bytes(blocks) + row->begin, expected, row->len);
    nameblock_free(blocks);
    nameblock_free(NULL);
}

/* Sees that the complete blocks hold the names 1, 2, ... from *next on, and takes them away. */
static void expect_numbers(struct nameblock *blocks, int64_t *next)
{
    size_t count;
    const struct nameblock_row *row = nameblock_rows(blocks, &count);
    for (; count > 0; count--, row++) {
        assert_int_equal(row->first_id, *next);
        const char *name = nameblock_bytes(blocks) + row->begin;
        const char *end = name + row->len;
        for (; name < end; name += strlen(name) + 1) {
            char number[32];
            snprintf(number, sizeof number, "%d", (int)(*next)++);
            assert_string_equal(name, number);
        }
    }
    nameblock_clear(blocks);
}

static void blocks_may_be_taken_away_at_any_time(void **state)
{
    (void)state;
    enum { COUNT = 3 * SCHEMA_NAME_BLOCK + 7 };
    static const int64_t steps[] = {1, 1000, SCHEMA_NAME_BLOCK, COUNT};
    for (size_t s = 0; s < sizeof steps / sizeof *steps; s++) {
        struct nameblock *blocks = nameblock_new();
        int64_t next = 1;
        for (int64_t id = 1; id <= COUNT; id++) {
            char path[32];
            snprintf(path, sizeof path, "/x/%d", (int)id);
            add(blocks, id, path);
            if (id % steps[s] == 0)
                expect_numbers(blocks, &next);
        }
        assert_int_equal((next - 1) % SCHEMA_NAME_BLOCK, 0); /* never a part of a block */
        nameblock_end(blocks);
        expect_numbers(blocks, &next);
        assert_int_equal(next, COUNT + 1);
        nameblock_free(blocks);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_last_components),
        cmocka_unit_test(blocks_may_be_taken_away_at_any_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
