/* tree_fixture: one small tree for the tests of what draws trees.
 *
 *     /d        1 file of 1 byte, 10 allocated    ids 1 to 5
 *       a       2 files, 20 bytes, 200 allocated
 *         b     3 files, 300 bytes, 3000 allocated
 *       c       nothing
 *       e       4 files, 20 bytes, 400 allocated
 */
#ifndef FSTALLY_TREE_FIXTURE_H
#define FSTALLY_TREE_FIXTURE_H

#include "query_fixture.h"

/* 2020-01-01 01:02:03 and 2021-02-03 04:05:06; those of /d/a and /d/e are unknown. */
static inline void tree_fixture_make(void)
{
    static const struct store_fixture_files files[] = {
        {"/d", 7, 7, 1, 1, 10, 1577840523, 0},         {"/d/a", 7, 7, 2, 20, 200, ENTRY_NO_TIME, 9},
        {"/d/a/b", 7, 7, 3, 300, 3000, 1612325106, 0}, {"/d/c", 0, 0, 0, 0, 0, 0, 0},
        {"/d/e", 7, 7, 4, 20, 400, ENTRY_NO_TIME, 9},
    };
    store_fixture_import("x.db", files, sizeof files / sizeof *files);
}

/* Two roots, of 5 and 6 bytes in one file each. */
static inline void tree_fixture_make_two_roots(void)
{
    static const struct store_fixture_files files[] = {
        {"/x", 7, 7, 1, 5, 50, ENTRY_NO_TIME, 0},
        {"/y", 7, 7, 1, 6, 60, ENTRY_NO_TIME, 0},
    };
    store_fixture_import("x.db", files, 2);
}

#endif
