/* blockpool: blocks are apart from each other, zeroed and aligned. */
#include "blockpool.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "parallel.h"

enum { BLOCK = 64 * 577, BLOCKS = 200 };

static void blocks_are_apart(void **state)
{
    (void)state;
    static char *blocks[BLOCKS];
    struct blockpool pool;
    assert_int_equal(blockpool_init(&pool, BLOCK), 0);
    for (int i = 0; i < BLOCKS; i++) {
        blocks[i] = blockpool_take(&pool);
        assert_non_null(blocks[i]);
        assert_int_equal((uintptr_t)blocks[i] % 64, 0);
        for (int at = 0; at < BLOCK; at++)
            if (blocks[i][at] != 0)
                fail_msg("block %d is not zeroed", i);
        memset(blocks[i], i + 1, BLOCK);
    }
    for (int i = 0; i < BLOCKS; i++)
        for (int at = 0; at < BLOCK; at++)
            if (blocks[i][at] != (char)(i + 1))
                fail_msg("block %d was overwritten", i);
    blockpool_dispose(&pool);
}

static int take_some(void *context, unsigned part, unsigned parts)
{
    (void)parts;
    for (int i = 0; i < BLOCKS; i++) {
        char *block = blockpool_take(context);
        if (block == NULL || block[0] != 0 || block[BLOCK - 1] != 0)
            return -1;
        memset(block, (int)part + 1, BLOCK);
    }
    return 0;
}

static void several_threads_take_different_ones(void **state)
{
    (void)state;
    struct blockpool pool;
    assert_int_equal(blockpool_init(&pool, BLOCK), 0);
    assert_int_equal(parallel_run(4, take_some, &pool), 0);
    blockpool_dispose(&pool);
}

static void a_pool_may_stay_empty(void **state)
{
    (void)state;
    struct blockpool pool;
    assert_int_equal(blockpool_init(&pool, 64), 0);
    blockpool_dispose(&pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_are_apart),
        cmocka_unit_test(several_threads_take_different_ones),
        cmocka_unit_test(a_pool_may_stay_empty),
    };
    return cmocka_run_group_tests_name("blockpool", tests, NULL, NULL);
}
