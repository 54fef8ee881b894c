/* cover: against a plain array that says of each id whether it is asked for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "cover.h"
#include "err.h"
#include "schema.h"

enum { BLOCK = SCHEMA_OWNER_BLOCK, MOST = 6 * BLOCK };

static void expect_cover(const struct scope *scope)
{
    static unsigned char covered[MOST + 1];
    struct cover cover;
    struct err err = {0};
    memset(covered, 0, sizeof covered);
    assert_int_equal(cover_make(&cover, scope, &err), 0);
    for (size_t i = 0; i < cover.block_count; i++) {
        const struct scope_range *range = &cover.blocks[i];
        assert_int_equal((range->first - 1) % BLOCK, 0);
        assert_true(range->last % BLOCK == 0 || range->last == scope->directories);
        for (int64_t id = range->first; id <= range->last; id++)
            covered[id]++;
    }
    for (size_t i = 0; i < cover.edge_count; i++) {
        const struct scope_range *range = &cover.edges[i];
        assert_true(range->first <= range->last);
        assert_true(range->last - range->first < 2 * BLOCK - 1);
        for (int64_t id = range->first; id <= range->last; id++)
            covered[id]++;
    }
    for (int64_t id = 1; id <= scope->directories; id++) {
        bool asked = id >= scope->under.first && id <= scope->under.last;
        for (size_t i = 0; i < scope->excluded_count; i++)
            asked = asked && (id < scope->excluded[i].first || id > scope->excluded[i].last);
        assert_int_equal(covered[id], asked);
    }
    cover_free(&cover);
}

static void ends_lie_anywhere(void **state)
{
    (void)state;
    static const int64_t firsts[] = {1, 2, BLOCK, BLOCK + 1, BLOCK + 2, 2 * BLOCK + 1, 3000};
    static const int64_t sizes[] = {1, 2, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK, 2500, MOST};
    static const int64_t totals[] = {1, BLOCK - 1, BLOCK, BLOCK + 1, 4 * BLOCK, 5000};
    for (size_t t = 0; t < sizeof totals / sizeof *totals; t++) {
        for (size_t f = 0; f < sizeof firsts / sizeof *firsts; f++) {
            for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
                int64_t last = firsts[f] + sizes[s] - 1;
                struct scope scope = {.directories = totals[t]};
                scope.under = (struct scope_range){firsts[f], last < totals[t] ? last : totals[t]};
                expect_cover(&scope);
            }
        }
    }
}

/* Subtrees: of two, one lies in the other, or they share nothing. */
static void excluded_subtrees_cut(void **state)
{
    (void)state;
    struct scope_range excluded[] = {
        {4 * BLOCK + 1, 4 * BLOCK + 1},
        {BLOCK - 5, 2 * BLOCK + 9},
        {BLOCK + 1, 2 * BLOCK},
        {BLOCK + 1, BLOCK + 1},
        {BLOCK - 5, BLOCK - 5},
        {1, 3},
        {5 * BLOCK, MOST},
        {BLOCK - 5, 2 * BLOCK + 9},
        {MOST, MOST},
    };
    const size_t count = sizeof excluded / sizeof *excluded;
    for (size_t begin = 0; begin < count; begin++) {
        for (size_t end = begin; end <= count; end++) {
            struct scope scope = {.directories = MOST,
                                  .under = {1, MOST},
                                  .excluded = excluded + begin,
                                  .excluded_count = end - begin};
            expect_cover(&scope);
            scope.under = (struct scope_range){BLOCK, 5 * BLOCK};
            expect_cover(&scope);
            scope.under = (struct scope_range){BLOCK + 1, BLOCK + 1};
            expect_cover(&scope);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ends_lie_anywhere),
        cmocka_unit_test(excluded_subtrees_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
