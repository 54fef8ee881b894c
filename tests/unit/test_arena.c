/* arena: alignment, no overlap, large pieces beside small ones, use after arena_clear. */
#include "arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* Every piece is filled with a byte of its own; whoever overlaps changes another one's. */
static void pieces_do_not_overlap_and_are_aligned(void **state)
{
    (void)state;
    enum { PIECES = 3000 };
    static unsigned char *piece[PIECES];
    static size_t size[PIECES];
    struct arena arena = {0};
    uint32_t random = 12345;
    for (int i = 0; i < PIECES; i++) {
        random = random * 1664525u + 1013904223u;
        size_t align = (size_t)1 << (random >> 29) % 7; /* 1 to 64 */
        size[i] = i % 100 == 0 ? 20000 + (random >> 16) : (random >> 16) % 300;
        piece[i] = arena_alloc(&arena, size[i], align);
        assert_non_null(piece[i]);
        assert_int_equal((uintptr_t)piece[i] % align, 0);
        memset(piece[i], i % 251, size[i]);
    }
    for (int i = 0; i < PIECES; i++)
        for (size_t b = 0; b < size[i]; b++)
            if (piece[i][b] != i % 251)
                fail_msg("byte %zu of piece %d was overwritten", b, i);
    arena_clear(&arena);
}

static void a_copy_is_the_same_bytes(void **state)
{
    (void)state;
    struct arena arena = {0};
    char text[] = "a\0b";
    char *copy = arena_copy(&arena, text, 3);
    text[0] = 'x';
    assert_memory_equal(copy, "a\0b", 3);
    assert_non_null(arena_copy(&arena, NULL, 0));
    arena_clear(&arena);
}

/* A piece of more than a quarter block stands alone and leaves the block in use. */
static void a_large_piece_does_not_end_the_block(void **state)
{
    (void)state;
    struct arena arena = {.block_size = 4096};
    char *before = arena_alloc(&arena, 8, 1);
    char *large = arena_alloc(&arena, 5000, 64);
    char *behind = arena_alloc(&arena, 8, 1);
    assert_ptr_equal(behind, before + 8);
    assert_int_equal((uintptr_t)large % 64, 0);
    memset(large, 1, 5000);
    arena_clear(&arena);
}

static void a_large_piece_may_come_first(void **state)
{
    (void)state;
    struct arena arena = {.block_size = 4096};
    memset(arena_alloc(&arena, 1 << 20, 64), 1, 1 << 20);
    memset(arena_alloc(&arena, 100, 8), 2, 100);
    memset(arena_alloc(&arena, 1 << 20, 64), 3, 1 << 20);
    arena_clear(&arena);
    assert_null(arena.blocks);
}

static void a_cleared_arena_can_be_used_again(void **state)
{
    (void)state;
    struct arena arena = {0};
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 5000; i++)
            memset(arena_alloc(&arena, 50, 2), round, 50);
        arena_clear(&arena);
        assert_null(arena.blocks);
        assert_null(arena.next);
    }
    arena_clear(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_do_not_overlap_and_are_aligned),
        cmocka_unit_test(a_copy_is_the_same_bytes),
        cmocka_unit_test(a_large_piece_does_not_end_the_block),
        cmocka_unit_test(a_large_piece_may_come_first),
        cmocka_unit_test(a_cleared_arena_can_be_used_again),
    };
    return cmocka_run_group_tests_name("arena", tests, NULL, NULL);
}
