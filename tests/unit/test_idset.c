/* idset: against a plain array of booleans, at the ends of words and of the range. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "idset.h"

enum { LAST = 400 };

static void expect_same(const struct idset *set, const bool *members)
{
    int64_t count = 0;
    int64_t next = set->first;
    for (int64_t id = 0; id <= LAST + 1; id++) {
        bool member = id >= set->first && id <= set->last && members[id];
        assert_int_equal(idset_has(set, id), member);
        if (!member)
            continue;
        next = idset_next(set, next);
        assert_int_equal(next++, id);
        count++;
    }
    assert_int_equal(idset_next(set, next), set->last + 1);
    assert_int_equal(set->count, count);
}

static void members_are_those_added(void **state)
{
    (void)state;
    static const struct {
        int64_t first;
        int64_t last;
    } ranges[] = {{1, 1}, {1, 64}, {1, 65}, {64, 128}, {3, 300}, {100, LAST}};
    for (size_t r = 0; r < sizeof ranges / sizeof *ranges; r++) {
        for (int64_t step = 1; step < 130; step++) {
            bool members[LAST + 2] = {false};
            struct idset set;
            assert_int_equal(idset_init(&set, ranges[r].first, ranges[r].last), 0);
            for (int64_t id = 0; id <= LAST; id += step) {
                idset_add(&set, id); /* outside of the range, too */
                idset_add(&set, id);
                members[id] = true;
            }
            expect_same(&set, members);
            idset_free(&set);
        }
    }
}

static void an_empty_range_has_no_members(void **state)
{
    (void)state;
    struct idset set;
    assert_int_equal(idset_init(&set, 1, 0), 0);
    idset_add(&set, 0);
    idset_add(&set, 1);
    assert_int_equal(set.count, 0);
    assert_false(idset_has(&set, 1));
    assert_int_equal(idset_next(&set, 1), 1);
    idset_free(&set);
    assert_false(idset_has(&set, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_are_those_added),
        cmocka_unit_test(an_empty_range_has_no_members),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
