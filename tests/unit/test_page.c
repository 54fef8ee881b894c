/* page: header, places and cells byte by byte; what of a payload stays in the page, by the formulas
 * of section 1.6; chains of overflow pages. */
#include "page.h"

#include <endian.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cell.h"
#include "pages.h"

static const enum page_kind kinds[] = {PAGE_INDEX_INTERIOR, PAGE_TABLE_INTERIOR, PAGE_INDEX_LEAF,
                                       PAGE_TABLE_LEAF};
enum { KINDS = 4, DIRTY = 6 };

static size_t get_16(const uint8_t *from)
{
    return (size_t)from[0] << 8 | from[1];
}

static uint32_t get_32(const uint8_t *from)
{
    return (uint32_t)from[0] << 24 | (uint32_t)from[1] << 16 | (uint32_t)from[2] << 8 | from[3];
}

/* [begin, end) of the page holds nothing. */
static void expect_zeros(const uint8_t *page, size_t begin, size_t end)
{
    size_t others = 0;
    for (size_t i = begin; i < end; i++)
        others += page[i] != 0;
    assert_int_equal(others, 0);
}

/* A cell with a record of `payload` (at least 3) bytes, each of them another. */
static void make_cell(struct cell *cell, enum page_kind kind, size_t payload)
{
    size_t len = payload - 2;
    for (;; len--) { /* the header grows with the text */
        char *text = malloc(len + 1);
        for (size_t i = 0; i < len; i++)
            text[i] = (char)(i * 7 % 251);
        if (kind == PAGE_TABLE_LEAF)
            cell_begin_row(cell, 77);
        else
            cell_begin_entry(cell);
        cell_blob(cell, (struct slice){text, len});
        /* Where no text makes up the size exactly, a second column does. */
        assert_int_equal(cell_finish(cell), 0);
        free(text);
        if (cell->payload <= payload)
            break;
    }
    while (cell->payload < payload) {
        cell_integer(cell, 0);
        assert_int_equal(cell_finish(cell), 0);
    }
    assert_int_equal(cell->payload, payload);
}

/* Pages whose memory is dirty. */
static void init(struct pages *pages, struct cell *cell, size_t page_size)
{
    pages_init(pages, page_size);
    assert_int_equal(cell_init(cell), 0);
    for (size_t i = 0; i < DIRTY; i++)
        assert_int_not_equal(pages_add(pages), PAGES_NONE);
    for (size_t i = 0; i < DIRTY; i++)
        memset(pages_at(pages, i), 0xee, page_size);
    pages_reset(pages);
}

static void dispose(struct pages *pages, struct cell *cell)
{
    pages_dispose(pages);
    cell_dispose(cell);
}

static void begin(struct page *page, struct pages *pages, enum page_kind kind)
{
    if (page_begin(page, pages, kind) != 0)
        abort(); /* the compiler knows that this does not return */
}

static void an_empty_page(void **state)
{
    (void)state;
    for (size_t size = PAGES_SIZE_LEAST; size <= PAGES_SIZE_MOST; size *= 2) {
        struct pages pages;
        struct cell cell;
        struct page page;
        init(&pages, &cell, size);
        begin(&page, &pages, PAGE_TABLE_LEAF);
        page_end(&page);
        const uint8_t expected[8] = {13, 0, 0, 0, 0, (uint8_t)(size >> 8), 0, 0};
        assert_memory_equal(page.bytes, expected, 8); /* 65536 is written as 0 */
        expect_zeros(page.bytes, 8, size);
        dispose(&pages, &cell);
    }
}

static void cells_lie_from_the_back(void **state)
{
    (void)state;
    for (size_t k = 0; k < KINDS; k++) {
        struct pages pages;
        struct cell cell;
        struct page page;
        init(&pages, &cell, 4096);
        begin(&page, &pages, kinds[k]);
        size_t child = page_is_leaf(kinds[k]) ? 0 : 4;
        size_t header = 8 + child;
        size_t at[3], content = 4096;
        for (size_t i = 0; i < 3; i++) {
            if (kinds[k] == PAGE_TABLE_INTERIOR)
                cell_divider(&cell, (int64_t)(1000 * i));
            else
                make_cell(&cell, kinds[k], 20 + i);
            size_t size = child + cell.prefix + cell.payload;
            assert_int_equal(page_cell_size(&page, &cell), size + 2);
            assert_int_equal(page_add(&page, &cell), 0);
            at[i] = content -= size;
            assert_int_equal(page.content, at[i]);
            assert_memory_equal(page.bytes + at[i] + child, cell.bytes, size - child);
        }
        page_end(&page);
        assert_int_equal(page.bytes[0], kinds[k]);
        assert_int_equal(get_16(page.bytes + 1), 0); /* no free blocks */
        assert_int_equal(get_16(page.bytes + 3), 3);
        assert_int_equal(get_16(page.bytes + 5), content);
        assert_int_equal(page.bytes[7], 0); /* no fragments */
        for (size_t i = 0; i < 3; i++)
            assert_int_equal(get_16(page.bytes + header + 2 * i), at[i]);
        expect_zeros(page.bytes, header + 6, content);
        dispose(&pages, &cell);
    }
}

/* A freed cell takes four bytes, so none has less. */
static void the_smallest_cell(void **state)
{
    (void)state;
    struct pages pages;
    struct cell cell;
    struct page page;
    init(&pages, &cell, 4096);
    begin(&page, &pages, PAGE_INDEX_LEAF);
    cell_begin_entry(&cell);
    cell_integer(&cell, 1);
    assert_int_equal(cell_finish(&cell), 0);
    assert_int_equal(page_cell_size(&page, &cell), 6);
    assert_int_equal(page_add(&page, &cell), 0);
    assert_memory_equal(page.bytes + 4092, "\2\2\11\0", 4);
    dispose(&pages, &cell);
}

/* Section 1.6: P is the payload, U the page's size. */
static size_t local_by_the_book(enum page_kind kind, size_t P, size_t U)
{
    size_t X = kind == PAGE_TABLE_LEAF ? U - 35 : (U - 12) * 64 / 255 - 23;
    size_t M = (U - 12) * 32 / 255 - 23;
    size_t K = M + (P - M) % (U - 4);
    if (P <= X)
        return P;
    return K <= X ? K : M;
}

/* The cell at byte `at` of the page holds the payload: its begin here, the rest in a chain. */
static void check_chain(const struct pages *pages, const struct page *page, const struct cell *cell)
{
    size_t local = local_by_the_book(page->kind, cell->payload, pages->page_size);
    const uint8_t *within = page->bytes + page->content + page->child;
    const uint8_t *whole = cell->bytes + cell->prefix;
    assert_memory_equal(within, cell->bytes, cell->prefix + local);
    size_t done = local;
    const uint8_t *link = within + cell->prefix + local;
    while (done < cell->payload) {
        uint32_t next = get_32(link);
        assert_in_range(next, 1, pages->count - 1);
        const uint8_t *bytes = pages_at(pages, next);
        size_t room = pages->page_size - 4;
        size_t part = cell->payload - done < room ? cell->payload - done : room;
        assert_memory_equal(bytes + 4, whole + done, part);
        expect_zeros(bytes, 4 + part, pages->page_size);
        done += part;
        link = bytes;
    }
    if (local < cell->payload)
        assert_int_equal(get_32(link), 0);
}

static void long_payloads_overflow(void **state)
{
    (void)state;
    for (size_t size = PAGES_SIZE_LEAST; size <= PAGES_SIZE_MOST; size *= 2) {
        for (size_t k = 0; k < KINDS; k++) {
            if (kinds[k] == PAGE_TABLE_INTERIOR)
                continue;
            size_t most = kinds[k] == PAGE_TABLE_LEAF ? size - 35 : (size - 12) * 64 / 255 - 23;
            size_t least = (size - 12) * 32 / 255 - 23;
            const size_t payloads[] = {3,
                                       most - 1,
                                       most,
                                       most + 1,
                                       least + size - 5,
                                       least + size - 4,
                                       least + size - 3,
                                       most + size - 4,
                                       most + size - 3,
                                       3 * size,
                                       least + 5 * (size - 4) - 1,
                                       least + 5 * (size - 4),
                                       least + 5 * (size - 4) + 1};
            for (size_t p = 0; p < sizeof payloads / sizeof payloads[0]; p++) {
                struct pages pages;
                struct cell cell;
                struct page page;
                init(&pages, &cell, size);
                make_cell(&cell, kinds[k], payloads[p]);
                begin(&page, &pages, kinds[k]);
                size_t local = local_by_the_book(kinds[k], payloads[p], size);
                size_t bytes = page.child + cell.prefix + local + (local < payloads[p] ? 4 : 0);
                assert_int_equal(page_cell_size(&page, &cell), (bytes < 4 ? 4 : bytes) + 2);
                assert_int_equal(page_add(&page, &cell), 0);
                size_t overflow = (payloads[p] - local + size - 5) / (size - 4);
                assert_int_equal(pages.count, 1 + overflow);
                check_chain(&pages, &page, &cell);
                dispose(&pages, &cell);
            }
        }
    }
}

/* No page of an index that is full has fewer than three cells, however long they are. */
static void three_cells_fit(void **state)
{
    (void)state;
    for (size_t size = PAGES_SIZE_LEAST; size <= PAGES_SIZE_MOST; size *= 2) {
        for (size_t k = 0; k < KINDS; k++) {
            if (kinds[k] != PAGE_INDEX_LEAF && kinds[k] != PAGE_INDEX_INTERIOR)
                continue;
            size_t most = (size - 12) * 64 / 255 - 23;
            struct pages pages;
            struct cell cell;
            struct page page;
            init(&pages, &cell, size);
            begin(&page, &pages, kinds[k]);
            for (size_t i = 0; i < 3; i++) {
                make_cell(&cell, kinds[k], i % 2 == 0 ? most : most + size - 4);
                assert_true(page_fits(&page, page_cell_size(&page, &cell)));
                assert_int_equal(page_add(&page, &cell), 0);
            }
            dispose(&pages, &cell);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_page),     cmocka_unit_test(cells_lie_from_the_back),
        cmocka_unit_test(the_smallest_cell), cmocka_unit_test(long_payloads_overflow),
        cmocka_unit_test(three_cells_fit),
    };
    return cmocka_run_group_tests_name("page", tests, NULL, NULL);
}
