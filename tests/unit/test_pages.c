/* pages: numbers and links, with a root apart and across the lock-byte page; what is written, and
 * where. */
#include "pages.h"

#include <endian.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "err.h"
#include "pagesink.h"

enum { SIZE = 4096, SLOTS = 1024 };

/* What was written: page `base` of the file is slot 0. */
struct written {
    uint64_t base;
    uint8_t root;          /* the byte that page 2 is full of; 0: it was not written */
    uint8_t bytes[SLOTS];  /* the byte that a page is full of, from its fourth on */
    uint32_t links[SLOTS]; /* its first four */
    bool present[SLOTS];
    size_t writes;
    size_t failing; /* this write fails; SIZE_MAX: none */
};

static int note(void *context, const void *bytes, size_t len, uint64_t offset, struct err *err)
{
    struct written *written = context;
    if (written->writes++ == written->failing)
        return err_set(err, "the disk is full");
    assert_true(len > 0 && len % SIZE == 0 && offset % SIZE == 0 && len <= PAGES_BLOCK);
    for (size_t i = 0; i < len / SIZE; i++) {
        const uint8_t *page = (const uint8_t *)bytes + i * SIZE;
        uint64_t number = offset / SIZE + 1 + i;
        if (number == 2) {
            assert_int_equal(written->root, 0);
            written->root = page[4];
            continue;
        }
        assert_in_range(number, written->base, written->base + SLOTS - 1);
        size_t slot = (size_t)(number - written->base);
        assert_false(written->present[slot]);
        written->present[slot] = true;
        written->bytes[slot] = page[4];
        uint32_t link;
        memcpy(&link, page, sizeof link);
        written->links[slot] = be32toh(link);
    }
    return 0;
}

static struct written *written_new(uint64_t base)
{
    struct written *written = calloc(1, sizeof *written);
    assert_non_null(written);
    written->base = base;
    written->failing = SIZE_MAX;
    return written;
}

static uint8_t fill_of(size_t index)
{
    return (uint8_t)(index % 255 + 1);
}

static void add(struct pages *pages, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t index = pages_add(pages);
        assert_int_not_equal(index, PAGES_NONE);
        memset(pages_at(pages, index), fill_of(index), SIZE);
    }
}

static void numbers_leave_out_the_lock_page(void **state)
{
    (void)state;
    for (size_t size = PAGES_SIZE_LEAST; size <= PAGES_SIZE_MOST; size *= 2) {
        uint64_t lock = (UINT64_C(1) << 30) / size + 1;
        assert_int_equal(pages_number(size, 2, 0), 2);
        assert_int_equal(pages_number(size, 2, lock - 3), lock - 1);
        assert_int_equal(pages_number(size, 2, lock - 2), lock + 1);
        assert_int_equal(pages_number(size, lock, 0), lock + 1);
        assert_int_equal(pages_number(size, lock + 1, 0), lock + 1);
        assert_int_equal(pages_number(size, lock + 1, 5), lock + 6);
        assert_int_equal(pages_number(size, 9, PAGES_NUMBER_MOST), UINT64_C(0x100000008));
    }
}

/* Every page goes to its number once, in writes of a block at most. */
static void pages_go_to_their_numbers(void **state)
{
    (void)state;
    uint64_t lock = (UINT64_C(1) << 30) / SIZE + 1;
    static const size_t roots[] = {PAGES_NONE, 0, 7, 255, 256, 599};
    for (size_t r = 0; r < 2 * (sizeof roots / sizeof roots[0]); r++) {
        size_t root = roots[r / 2];
        uint64_t first = r % 2 == 0 ? 10 : lock - 300;
        struct written *written = written_new(first);
        struct pagesink sink = {written, note};
        struct pages_place place = {.first = first, .root_index = root, .root = 2};
        struct err err = {0};
        struct pages pages;
        pages_init(&pages, SIZE);
        add(&pages, 600);
        /* From each page to the next, and from the last to the first. */
        for (size_t i = 0; i < 600; i++)
            assert_int_equal(pages_link(&pages, i, 0, (i + 1) % 600), 0);
        assert_int_equal(pages_write(&pages, &place, &sink, &err), 0);
        assert_int_equal(pages.written, 600);
        size_t seen = 0;
        for (size_t i = 0; i < 600; i++) {
            uint64_t number = pages_number_at(&pages, &place, i);
            if (i == root) {
                assert_int_equal(number, 2);
                assert_int_equal(written->root, fill_of(i));
                continue;
            }
            assert_int_equal(number, pages_number(SIZE, first, seen++));
            assert_true(written->present[number - first]);
            assert_int_equal(written->bytes[number - first], fill_of(i));
            assert_int_equal(written->links[number - first],
                             pages_number_at(&pages, &place, (i + 1) % 600));
        }
        assert_int_equal(written->root != 0, root != PAGES_NONE);
        /* 600 pages are three blocks; the root and the lock page part a block each. */
        assert_in_range(written->writes, 3, 6);
        pages_dispose(&pages);
        free(written);
    }
}

/* Pages that are written leave room, and the next indexes follow. */
static void pages_are_written_bit_by_bit(void **state)
{
    (void)state;
    struct written *written = written_new(3);
    struct pagesink sink = {written, note};
    struct pages_place place = {.first = 3, .root_index = PAGES_NONE};
    struct err err = {0};
    struct pages pages;
    pages_init(&pages, SIZE);
    for (size_t step = 0; step < 9; step++) {
        add(&pages, 100);
        /* Back to a page that is gone. */
        assert_int_equal(pages_link(&pages, pages.count - 1, 0, step), 0);
        if (step == 8)
            place.root_index = 850;
        place.root = 2;
        assert_int_equal(pages_write(&pages, &place, &sink, &err), 0);
        assert_int_equal(written->links[pages.count - 1 - (step == 8)], 3 + step);
    }
    assert_int_equal(pages.block_count, 1);
    assert_int_equal(written->root, fill_of(850));
    for (size_t i = 0; i < 900; i++)
        assert_int_equal(written->bytes[i], i == 899 ? 0 : fill_of(i < 850 ? i : i + 1));
    pages_reset(&pages);
    assert_int_equal(pages_add(&pages), 0);
    pages_dispose(&pages);
    free(written);
}

static void a_write_that_fails(void **state)
{
    (void)state;
    struct written *written = written_new(3);
    struct pagesink sink = {written, note};
    struct pages_place place = {.first = 3, .root_index = PAGES_NONE};
    struct err err = {0};
    struct pages pages;
    written->failing = 1;
    pages_init(&pages, SIZE);
    add(&pages, 600);
    assert_int_equal(pages_write(&pages, &place, &sink, &err), -1);
    assert_string_equal(err.text, "the disk is full");
    pages_dispose(&pages);
    free(written);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_leave_out_the_lock_page),
        cmocka_unit_test(pages_go_to_their_numbers),
        cmocka_unit_test(pages_are_written_bit_by_bit),
        cmocka_unit_test(a_write_that_fails),
    };
    return cmocka_run_group_tests_name("pages", tests, NULL, NULL);
}
